//! What happens in the server, each in one step. Keys of one shop share a hash tag, so that a cluster keeps them together.
//!
//! `gen` is the shop's book of purges: `run` (the server process it was begun in), `epoch` (a random name for it), `seq` (how
//! many purges), `hard`, `soft` (the last purge of all), `h:TAG`, `s:TAG` (the last purge of a tag). An entry carries the
//! epoch and the `seq` it was loaded at. A book that is lost, or comes back older than it was (a restart from a snapshot),
//! gets a new epoch: entries of the old one are none.

use std::sync::LazyLock;

use redis::Script;

/// Tags that the book has at most; then it forgets them, and with them all entries.
pub(super) const MAX_TAGS: usize = 100_000;
/// Prefixes likewise.
pub(super) const MAX_PREFIXES: usize = 64;
/// Purges that a node which was away can catch up with.
pub(super) const LOG: usize = 4_096;

/// How far an entry may be from the future, in milliseconds: clocks are set back a little all the time.
const AHEAD_MS: u64 = 5_000;

/// What purges since `stamp` left of an entry: 0 all, 1 stale, 2 nothing.
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

/// KEYS gen pre log; ARGV run, new epoch. Returns epoch, seq.
pub(super) static HELLO: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
if redis.call('HGET', KEYS[1], 'run') ~= ARGV[1] then
  redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
  redis.call('HSET', KEYS[1], 'run', ARGV[1], 'epoch', ARGV[2], 'seq', 0)
end
return redis.call('HMGET', KEYS[1], 'epoch', 'seq')",
    )
});

/// KEYS gen log; ARGV last seq. Returns epoch, seq, then scope, soft, name, node of each purge since, one after the other.
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

/// KEYS gen pre log; ARGV scope, soft, name, node, channel. Returns seq, or -1 without a book.
pub(super) static PURGE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(&format!(
        r"
local gen, pre, log = KEYS[1], KEYS[2], KEYS[3]
if redis.call('HEXISTS', gen, 'epoch') == 0 then return -1 end
local seq = redis.call('HINCRBY', gen, 'seq', 1)
local soft = ARGV[2] == '1'
local mark = soft and 's:' or 'h:'
if ARGV[1] == 'tag' then
  if redis.call('HLEN', gen) >= {MAX_TAGS} then
    local book = redis.call('HMGET', gen, 'run', 'epoch')
    redis.call('DEL', gen)
    redis.call('HSET', gen, 'run', book[1], 'epoch', book[2], 'seq', seq, 'hard', seq)
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
redis.call('XADD', log, 'MAXLEN', '~', {LOG}, seq .. '-0', 'k', ARGV[1], 's', ARGV[2], 'n', ARGV[3], 'b', ARGV[4])
redis.call('PUBLISH', ARGV[5], seq)
return seq"
    ))
});

/// KEYS gen pre entry lease; ARGV key, token, lease in ms, stale is welcome. Returns epoch (empty without a book), seq, leased,
/// found, body, tags, age, softened, fresh, stale while revalidate, stale if error (times in ms).
///
/// An entry from the future is none: the server's date jumped back, and it would not age until it is there again.
///
/// The lease is given when there is nothing welcome, nobody else has it, and it is wanted for more than 0 ms.
pub(super) static FETCH: LazyLock<Script> = LazyLock::new(|| {
    Script::new(&format!(
        r"{STANDING}
local book = redis.call('HMGET', KEYS[1], 'epoch', 'seq')
local epoch, seq = book[1], tonumber(book[2] or 0)
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
if ARGV[3] ~= '0' and redis.call('SET', KEYS[4], ARGV[2], 'NX', 'PX', ARGV[3]) then leased = 1 end
return {{epoch, seq, leased, 0, '', '', 0, 0, 0, 0, 0}}"
    ))
});

/// KEYS gen pre entry lease; ARGV key, token, epoch, seq, tags, fresh, swr, sie, lifetime, body. Gives the lease back. Stores
/// nothing that was purged while it was loaded. Returns whether it was stored.
pub(super) static PUT: LazyLock<Script> = LazyLock::new(|| {
    Script::new(&format!(
        r"{STANDING}
if redis.call('GET', KEYS[4]) == ARGV[2] then redis.call('DEL', KEYS[4]) end
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[3] then return 0 end
if standing(KEYS[1], KEYS[2], ARGV[1], ARGV[5], tonumber(ARGV[4])) == 2 then return 0 end
redis.call('HSET', KEYS[3], 'epoch', ARGV[3], 'seq', ARGV[4], 'tags', ARGV[5], 'at', millis(),
  'fresh', ARGV[6], 'swr', ARGV[7], 'sie', ARGV[8], 'body', ARGV[10])
redis.call('PEXPIRE', KEYS[3], ARGV[9])
return 1"
    ))
});

/// KEYS lease; ARGV token. Gives a lease back.
pub(super) static RELEASE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end return 0",
    )
});
