#!/usr/bin/env bash
# Finds TinyGo or builds it, and prints the path of a `tinygo` to call.
#
#   install-tinygo.sh           any tinygo on PATH from 0.39 on, else the pinned one
#   install-tinygo.sh --pinned  only the pinned one, which dist/ is built with
#
# The pinned one is built from Go modules (scripts/tinygo/go.mod and go.sum) against Debian's LLVM
# 19. It goes to ${PROTIUM_TOOLCHAIN:-${XDG_CACHE_HOME:-~/.cache}/protium}/tinygo-VERSION, where the
# next run finds it. Messages go to stderr, only the path to stdout.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/toolchain.env"
packages=(llvm-$llvm-dev libclang-$llvm-dev clang-$llvm lld-$llvm liblld-$llvm-dev binaryen)

say() { printf 'install-tinygo: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

pinned=false
case "${1:-}" in
  '') ;;
  --pinned) pinned=true ;;
  *) die "unknown argument '$1' (the only one is --pinned)" ;;
esac

if ! $pinned && found=$(command -v tinygo); then
  # "tinygo version 0.41.1 linux/amd64 (using go version go1.26.8 and LLVM version 19.1.7)"
  if [[ $("$found" version 2>/dev/null) =~ ^tinygo\ version\ ([0-9]+)\.([0-9]+) ]] &&
    ((BASH_REMATCH[1] > 0 || BASH_REMATCH[2] >= tinygo_oldest_minor)); then
    printf '%s\n' "$found"
    exit 0
  fi
  say "$found is older than 0.$tinygo_oldest_minor, it is not used"
fi

if [[ -z ${PROTIUM_TOOLCHAIN:-} ]]; then
  home=${HOME:?HOME is not set; set PROTIUM_TOOLCHAIN to a folder}
  PROTIUM_TOOLCHAIN=${XDG_CACHE_HOME:-$home/.cache}/protium
fi
cache=$PROTIUM_TOOLCHAIN
install=$cache/tinygo-$tinygo_version
tinygo=$install/bin/tinygo

# TinyGo's target without an operating system prints nothing. This makes its runtime write the
# message of a panic into a buffer of the kit (say.go); the build tag protium_say says that it does.
keep_messages() {
  local runtime=$install/root/src/runtime file
  file=$runtime/runtime_tinygowasm_unknown.go
  if cmp -s "$here/tinygo/say.go" "$runtime/protium_say.go" && grep -q '^	say(c)$' "$file"; then
    return
  fi
  # After each step the runtime still builds: another build may be using it.
  cp "$here/tinygo/say.go" "$runtime/.protium_say.go" &&
    mv "$runtime/.protium_say.go" "$runtime/protium_say.go"
  if ! grep -q '^	say(c)$' "$file"; then
    sed 's/^func putchar(c byte) {$/&\n\tsay(c)/' "$file" >"$runtime/.unknown.go" &&
      mv "$runtime/.unknown.go" "$file"
    grep -q '^	say(c)$' "$file" ||
      die "the runtime of TinyGo $tinygo_version is not as expected: $file"
  fi
}

missing=()
if command -v dpkg-query >/dev/null; then
  for package in "${packages[@]}"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
      missing+=("$package")
  done
fi

if [[ ${#missing[@]} -eq 0 && -x $tinygo ]] && "$tinygo" version >/dev/null 2>&1; then
  keep_messages
  printf '%s\n' "$tinygo"
  exit 0
fi

[[ $(uname -s) == Linux ]] && command -v apt-get >/dev/null && command -v dpkg-query >/dev/null ||
  die "this machine has no TinyGo and no apt-get to build one with:" \
    "install TinyGo $tinygo_version and put it on PATH"
command -v go >/dev/null ||
  die "Go is not on PATH: install Go 1.$go_newest_minor, TinyGo is built with it and needs it"

mkdir -p "$cache"
# Two runs at once (a test run beside CI) wait for each other; the second finds the work done.
exec 9>"$cache/tinygo-$tinygo_version.lock"
flock 9

if ((${#missing[@]})); then
  as_root=()
  if [[ $(id -u) != 0 ]]; then
    command -v sudo >/dev/null ||
      die "needs the Debian packages ${missing[*]}: install them, or run as root"
    as_root=(sudo -n)
  fi
  say "installing ${missing[*]}"
  apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -qq)
  "${apt[@]}" update >&2 </dev/null ||
    say "apt-get update failed; trying with the old package lists"
  "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >&2 </dev/null ||
    die "apt-get could not install ${missing[*]}"
fi

if [[ ! -x $tinygo ]] || ! "$tinygo" version >/dev/null 2>&1; then
  go_minor=$(go env GOVERSION | sed -nE 's/^go1\.([0-9]+).*/\1/p')
  if ((${go_minor:-0} > go_newest_minor)); then
    export GOTOOLCHAIN=$go_pinned
  fi
  say "building TinyGo $tinygo_version (about a minute)"
  work=$(mktemp -d "$cache/.building-XXXXXX")
  trap 'chmod -R u+w "$work" 2>/dev/null; rm -rf "$work"' EXIT
  mkdir -p "$work/tinygo/bin" "$work/tinygo/libexec"
  (
    cd "$here/tinygo"
    # The flags are those of the machine's Go, not of a module file or a vendor folder nearby.
    export GOFLAGS=-buildvcs=false GOWORK=off CGO_ENABLED=1
    unset GOOS GOARCH
    go mod download github.com/tinygo-org/tinygo
    go build -trimpath -tags "llvm$llvm" -ldflags '-s -w' \
      -o "$work/tinygo/libexec/tinygo" github.com/tinygo-org/tinygo
    cp -R "$(go list -m -f '{{.Dir}}' github.com/tinygo-org/tinygo)" "$work/tinygo/root"
  ) >&2 </dev/null || die "TinyGo $tinygo_version did not build, see above"
  chmod -R u+w "$work/tinygo/root"
  # The module has no git submodules; this one must exist, even empty.
  mkdir -p "$work/tinygo/root/src/net"
  cat >"$work/tinygo/bin/tinygo" <<WRAPPER
#!/bin/sh
# Runs TinyGo $tinygo_version with its own sources and LLVM $llvm, and with a Go that it accepts.
here=\$(cd "\$(dirname "\$(readlink -f "\$0")")/.." && pwd)
export TINYGOROOT="\$here/root" PATH="/usr/lib/llvm-$llvm/bin:\$PATH"
minor=\$(go env GOVERSION | sed -nE 's/^go1\.([0-9]+).*/\1/p')
if [ "\${minor:-0}" -gt $go_newest_minor ]; then
  export GOTOOLCHAIN=$go_pinned
fi
exec "\$here/libexec/tinygo" "\$@"
WRAPPER
  chmod +x "$work/tinygo/bin/tinygo"
  "$work/tinygo/bin/tinygo" version >&2 || die "the TinyGo that was built does not run"
  rm -rf "$install"
  mv "$work/tinygo" "$install"
fi

keep_messages
printf '%s\n' "$tinygo"
