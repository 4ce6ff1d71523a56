//! Lua scripts: what happens in the server, each in one atomic step.
//!
//! A server without free memory refuses every command that may need some. Purges are recorded and
//! published nevertheless: their scripts are allowed to use a little (`allow-oom`, Redis 7 and
//! Valkey), because the record has a bounded size.
//!
//! `gen` is the shop's record of purges: `run` (the server process in which it began), `epoch` (its
//! random name), `seq` (the number of purges), `hard` and `soft` (the last purge of all), `h:TAG`
//! and `s:TAG` (the last purge of a tag). An entry has the epoch and the `seq` at which it was
//! loaded. A record that is lost, or is older than it was (a restart from a snapshot), gets a new
//! epoch: entries of the old epoch are ignored.
//!
//! Pages count in a budget of bytes: `order` has their keys by expiry, `sizes` the size of each,
//! `used` in `gen` the sum. A page that the server evicted by itself is counted until it is the
//! next to expire, so the sum is never too low.

use std::sync::LazyLock;

use redis::Script;

/// The flag of a script that may run without free memory, in servers that have it.
const ALLOW_OOM: &str = "#!lua flags=allow-oom\n";

/// A script, in two versions: with and without that flag.
pub(super) struct WhenFull {
    plain: Script,
    allowed: Script,
}

impl WhenFull {
    fn new(code: &str) -> Self {
        Self {
            plain: Script::new(code),
            allowed: Script::new(&[ALLOW_OOM, code].concat()),
        }
    }

    /// The version for a server that knows the flag, or for one that does not.
    pub(super) fn of(&self, knows_flag: bool) -> &Script {
        match knows_flag {
            true => &self.allowed,
            false => &self.plain,
        }
    }
}

/// The most tags in the record. More of them begin a new record, which invalidates all entries.
pub(super) const MAX_TAGS: usize = 100_000;
/// The same for prefixes.
pub(super) const MAX_PREFIXES: usize = 64;
/// The number of last purges that a node which was disconnected can catch up on.
pub(super) const LOG: usize = 4_096;

/// How far in the future an entry's date may be, in milliseconds, since clocks are adjusted a
/// little all the time.
const AHEAD_MS: u64 = 5_000;

/// What purges since `stamp` left of an entry: 0 all of it, 1 a stale entry, 2 nothing.
const STANDING: &str = r"
local function standing(gen, pre, key, tags, stamp)
  local all = redis.call('HMGET', gen, 'hard', 'soft')
  if tonumber(all[1] or 0) > stamp then return 2 end
  local worst = 0
  if tonumber(all[2] or 0) > stamp then worst = 1 end
  for tag in string.gmatch(tags, '[^\n]+') do
    local at = redis.call('HMGET', gen, 'h:' .. tag, 's:' .. tag)
    if tonumber(at[1] or 0) > stamp then return 2 end
    if tonumber(at[2] or 0) > stamp then worst = 1 end
  end
  local prefixes = redis.call('HGETALL', pre)
  for i = 1, #prefixes, 2 do
    local prefix = string.sub(prefixes[i], 3)
    if tonumber(prefixes[i + 1]) > stamp and string.sub(key, 1, #prefix) == prefix then
      if string.sub(prefixes[i], 1, 1) == 'h' then return 2 end
      worst = 1
    end
  end
  return worst
end
local function millis()
  local now = redis.call('TIME')
  return tonumber(now[1]) * 1000 + math.floor(tonumber(now[2]) / 1000)
end
";

/// KEYS gen pre log order sizes counting; ARGV run, new epoch. Returns whether a new record was
/// begun, or the sum of bytes is missing.
pub(super) static HELLO: LazyLock<WhenFull> = LazyLock::new(|| {
    WhenFull::new(
        r"
if redis.call('HGET', KEYS[1], 'run') ~= ARGV[1] then
  redis.call('DEL', KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6])
  redis.call('HSET', KEYS[1], 'run', ARGV[1], 'epoch', ARGV[2], 'seq', 0)
  return 1
end
return 1 - redis.call('HEXISTS', KEYS[1], 'used')",
    )
});

/// KEYS gen log; ARGV last seq. Returns epoch, seq, then scope, soft, name, node of each later
/// purge.
pub(super) static SINCE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
local at = redis.call('HMGET', KEYS[1], 'epoch', 'seq')
local reply = {at[1] or '', at[2] or '0'}
local expected = tonumber(ARGV[1]) + 1
if not at[2] or tonumber(at[2]) < expected then return reply end
for _, item in ipairs(redis.call('XRANGE', KEYS[2], expected .. '-0', '+')) do
  if item[1] ~= expected .. '-0' then return {reply[1], reply[2], 'gap', '', '', ''} end
  expected = expected + 1
  for i = 2, 8, 2 do reply[#reply + 1] = item[2][i] end
end
if expected ~= tonumber(at[2]) + 1 then return {reply[1], reply[2], 'gap', '', '', ''} end
return reply",
    )
});

/// KEYS gen pre log; ARGV scope, soft, name, node, channel. Returns seq, or -1 without a record.
pub(super) static PURGE: LazyLock<WhenFull> = LazyLock::new(|| {
    WhenFull::new(&format!(
        r"
local gen, pre, log = KEYS[1], KEYS[2], KEYS[3]
if redis.call('HEXISTS', gen, 'epoch') == 0 then return -1 end
local seq = redis.call('HINCRBY', gen, 'seq', 1)
local soft = ARGV[2] == '1'
local mark = soft and 's:' or 'h:'
if ARGV[1] == 'tag' then
  if redis.call('HLEN', gen) >= {MAX_TAGS} then
    local record = redis.call('HMGET', gen, 'run', 'epoch', 'used')
    redis.call('DEL', gen)
    redis.call('HSET', gen, 'run', record[1], 'epoch', record[2], 'seq', seq, 'hard', seq)
    if record[3] then redis.call('HSET', gen, 'used', record[3]) end
  else
    redis.call('HSET', gen, mark .. ARGV[3], seq)
  end
elseif ARGV[1] == 'prefix' and redis.call('HLEN', pre) < {MAX_PREFIXES} then
  redis.call('HSET', pre, mark .. ARGV[3], seq)
elseif ARGV[1] == 'prefix' then
  redis.call('DEL', pre)
  redis.call('HSET', gen, 'hard', seq)
else
  redis.call('HSET', gen, soft and 'soft' or 'hard', seq)
end
redis.call('XADD', log, 'MAXLEN', '~', {LOG}, seq .. '-0',
  'k', ARGV[1], 's', ARGV[2], 'n', ARGV[3], 'b', ARGV[4])
redis.call('PUBLISH', ARGV[5], seq)
return seq"
    ))
});

/// KEYS gen pre entry lease; ARGV key, token, lease in ms, whether a stale entry will do. Returns
/// epoch (empty without a record), seq, leased, found, body, tags, age, softened, fresh, stale
/// while revalidate, stale if error (times in ms).
///
/// An entry from the future is ignored: the server's clock was set back, and the entry would not
/// age until that time is reached.
///
/// The lease is granted (`leased` is 1) if there is no usable entry, no other node has it, and it
/// is requested for more than 0 ms. 2: the server has no memory for it.
pub(super) static FETCH: LazyLock<Script> = LazyLock::new(|| {
    Script::new(&format!(
        r"{STANDING}
local record = redis.call('HMGET', KEYS[1], 'epoch', 'seq')
local epoch, seq = record[1], tonumber(record[2] or 0)
if not epoch then return {{'', 0, 0, 0, '', '', 0, 0, 0, 0, 0}} end
local e = redis.call('HMGET', KEYS[3], 'epoch', 'seq', 'tags', 'at', 'fresh', 'swr', 'sie', 'body')
local age = e[1] == epoch and millis() - tonumber(e[4])
if age and age > -{AHEAD_MS} then
  local left = standing(KEYS[1], KEYS[2], ARGV[1], e[3], tonumber(e[2]))
  age = math.max(0, age)
  local fresh, swr = tonumber(e[5]), tonumber(e[6])
  local is_fresh = left == 0 and age < fresh
  local is_stale = left < 2 and age < fresh + swr
  if is_fresh or (is_stale and ARGV[4] == '1') then
    return {{epoch, seq, 0, 1, e[8], e[3], age, left, fresh, swr, tonumber(e[7])}}
  end
end
local leased = 0
if ARGV[3] ~= '0' then
  local set = redis.pcall('SET', KEYS[4], ARGV[2], 'NX', 'PX', ARGV[3])
  if set then leased = set.err and 2 or 1 end
end
return {{epoch, seq, leased, 0, '', '', 0, 0, 0, 0, 0}}"
    ))
});

/// The memory of a value besides itself and its key, which is stored three times.
const ENTRY: usize = 512;
/// The most pages that are removed to make room for one.
const STEPS: usize = 512;

/// Removes one value from the sum, and returns its size.
const FORGET: &str = r"
local function forget(order, sizes, key, used)
  local size = tonumber(redis.call('HGET', sizes, key) or 0)
  redis.call('ZREM', order, key)
  redis.call('HDEL', sizes, key)
  redis.call('DEL', key)
  return math.max(0, used - size)
end
";

/// KEYS gen pre entry lease order sizes; ARGV key, token, epoch, seq, tags, fresh, swr, sie,
/// lifetime, age, budget, body (times in ms). Releases the lease. Does not store what was purged
/// while it was loaded.
///
/// With a budget other than 0 the value counts in it, and those that expire first are removed to
/// make room. Returns 1 when it was stored, 0 when not, -1 when the sum of bytes is lost, -2 when
/// the server has no free memory; and the sum.
pub(super) static PUT: LazyLock<Script> = LazyLock::new(|| {
    Script::new(&format!(
        r"{STANDING}{FORGET}
local gen, entry, order, sizes = KEYS[1], KEYS[3], KEYS[5], KEYS[6]
local budget, lifetime = tonumber(ARGV[11]), tonumber(ARGV[9])
local now = millis()
if redis.call('GET', KEYS[4]) == ARGV[2] then redis.call('DEL', KEYS[4]) end
local record = redis.call('HMGET', gen, 'epoch', 'used')
local used = tonumber(record[2] or -1)
if record[1] ~= ARGV[3] then return {{0, math.max(0, used)}} end
if standing(gen, KEYS[2], ARGV[1], ARGV[5], tonumber(ARGV[4])) == 2 then
  return {{0, math.max(0, used)}}
end
-- A server without memory says so to the first command that needs some, before anything is changed.
local probe = redis.pcall('HSET', gen, 'epoch', record[1])
if type(probe) == 'table' and probe.err then return {{-2, math.max(0, used)}} end
local size = 0
if budget > 0 then
  if used < 0 or redis.call('ZCARD', order) ~= redis.call('HLEN', sizes) then return {{-1, 0}} end
  size = #ARGV[12] + #ARGV[5] + 3 * #entry + {ENTRY}
  if size > budget then return {{0, used}} end
  used = forget(order, sizes, entry, used)
  for _, key in ipairs(redis.call('ZRANGEBYSCORE', order, '-inf', now, 'LIMIT', 0, 64)) do
    used = forget(order, sizes, key, used)
  end
  local steps = 0
  while used + size > budget and steps < {STEPS} do
    local first = redis.call('ZRANGE', order, 0, 0)[1]
    if not first then used = 0 break end
    used = forget(order, sizes, first, used)
    steps = steps + 1
  end
  if used + size > budget then
    redis.call('HSET', gen, 'used', used)
    return {{0, used}}
  end
  used = used + size
  redis.call('ZADD', order, now + lifetime, entry)
  redis.call('HSET', sizes, entry, size)
  redis.call('HSET', gen, 'used', used)
end
redis.call('DEL', entry)
redis.call('HSET', entry, 'epoch', ARGV[3], 'seq', ARGV[4], 'tags', ARGV[5],
  'at', now - tonumber(ARGV[10]),
  'fresh', ARGV[6], 'swr', ARGV[7], 'sie', ARGV[8], 'body', ARGV[12])
if budget > 0 then redis.call('HSET', entry, 'size', size) end
redis.call('PEXPIRE', entry, lifetime)
return {{1, math.max(0, used)}}"
    ))
});

/// KEYS gen order sizes. Resets the sum of bytes, for [`COUNT`].
pub(super) static COUNT_ANEW: LazyLock<WhenFull> = LazyLock::new(|| {
    WhenFull::new(
        r"
if redis.call('HEXISTS', KEYS[1], 'epoch') == 0 then return 0 end
redis.call('DEL', KEYS[2], KEYS[3])
redis.call('HSET', KEYS[1], 'used', 0)
return 1",
    )
});

/// KEYS gen order sizes entry...; adds entries that are not counted, and removes those of an old
/// epoch.
pub(super) static COUNT: LazyLock<WhenFull> = LazyLock::new(|| {
    WhenFull::new(
        r"
local gen, order, sizes = KEYS[1], KEYS[2], KEYS[3]
local epoch = redis.call('HGET', gen, 'epoch')
if not epoch then return 0 end
local now = redis.call('TIME')
now = tonumber(now[1]) * 1000 + math.floor(tonumber(now[2]) / 1000)
for at = 4, #KEYS do
  local entry = KEYS[at]
  local e = redis.call('HMGET', entry, 'epoch', 'size')
  if e[1] and e[1] ~= epoch then
    redis.call('DEL', entry)
  elseif e[1] and e[2] and redis.call('HEXISTS', sizes, entry) == 0 then
    redis.call('ZADD', order, now + math.max(0, redis.call('PTTL', entry)), entry)
    redis.call('HSET', sizes, entry, e[2])
    redis.call('HINCRBY', gen, 'used', e[2])
  end
end
return 1",
    )
});

/// KEYS lease; ARGV token. Releases a lease.
pub(super) static RELEASE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end return 0",
    )
});
