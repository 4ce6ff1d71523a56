#!/bin/sh
# One origin and two edge nodes on this machine, which share nothing but a Redis where there is one.
#
#   cargo build --release -p example-store && example-store/scripts/regions.sh
#
# PROTIUM         the program (target/release/example-store, else target/debug/example-store)
# REGIONS_DATA    where data is kept (a temporary directory)
# REGIONS_PORTS   ports of the origin, of eu-1, of us-1 and of Redis (3000 3001 3002 6390)
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
target=${CARGO_TARGET_DIR:-$here/../target}
program=${PROTIUM:-$target/release/example-store}
[ -x "$program" ] || program=$target/debug/example-store
if [ ! -x "$program" ]; then
    echo "there is no program yet: cargo build --release -p example-store" >&2
    exit 1
fi
# shellcheck disable=SC2086
set -- ${REGIONS_PORTS:-3000 3001 3002 6390}
origin=$1 eu=$2 us=$3 redis=$4

pids=
data=${REGIONS_DATA:-}
stop() {
    trap - EXIT INT TERM
    for pid in $pids; do kill "$pid" 2>/dev/null || true; done
    wait
    [ -n "${REGIONS_DATA:-}" ] || rm -rf "$data"
}
trap stop EXIT
trap 'exit 0' INT TERM
[ -n "$data" ] || data=$(mktemp -d)

random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
PROTIUM_OPERATOR_TOKEN=$(random) PROTIUM_SECRET=$(random)
export PROTIUM_OPERATOR_TOKEN PROTIUM_SECRET

if command -v redis-server >/dev/null; then
    redis-server --port "$redis" --bind 127.0.0.1 --save "" --dir "$data" >"$data/redis.log" &
    pids="$pids $!"
    PROTIUM_REDIS_URL=redis://127.0.0.1:$redis/
    export PROTIUM_REDIS_URL
    purges="Redis carries purges from the origin to the regions."
else
    purges="redis-server is not on PATH: regions get no purges, and ask again after 10 s."
fi

start() { # name, port, arguments
    name=$1 port=$2
    shift 2
    mkdir -p "$data/$name"
    chmod 700 "$data/$name"
    "$program" "$@" --data "$data/$name" --listen "127.0.0.1:$port" >"$data/$name.log" 2>&1 &
    pid=$!
    pids="$pids $pid"
    until curl -fs -o /dev/null "http://127.0.0.1:$port/healthz"; do
        if ! kill -0 "$pid" 2>/dev/null; then
            cat "$data/$name.log" >&2
            exit 1
        fi
        sleep 0.1
    done
}
start origin "$origin" --shop "$here"
for region in "eu-1 $eu" "us-1 $us"; do
    # shellcheck disable=SC2086
    set -- $region
    start "$1" "$2" edge --shop "$data" --origin "http://127.0.0.1:$origin" --region "$1"
    # The first start of a node compiles the components; until then it passes everything on.
    until curl -sI "http://127.0.0.1:$2/" | grep -q "Protium-$1; hit"; do sleep 0.1; done
done

cat <<EOF
origin  http://127.0.0.1:$origin
eu-1    http://127.0.0.1:$eu
us-1    http://127.0.0.1:$us

$purges Try:

  curl -sI http://127.0.0.1:$eu/products/hand-fork | grep -i cache-status
  # Twice: a miss, then a hit.
  curl -sI 'http://127.0.0.1:$us/collections/all?sort=price-asc' | grep -i cache-status
  curl -X POST -H 'Authorization: Bearer $PROTIUM_OPERATOR_TOKEN' \\
       'http://127.0.0.1:$origin/_protium/purge?prefix=/products/'

Logs are in $data. Ctrl-C ends all of them.
EOF
wait
