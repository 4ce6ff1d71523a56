#!/usr/bin/env bash
# Builds components-go/dist: the TinyGo modules that a machine without Go or TinyGo runs from.
#
#   build-dist.sh           builds into components-go/dist
#   build-dist.sh --check   builds into a temporary folder and fails when dist differs from it
#
# dist/manifest.json says what each module was built from and with. Its `sources` is a digest that
# the server computes too, to see whether a module is still current:
#
#   1. Of the module's inputs (files and folders) take each input that is a file, and of each
#      folder, recursively, the files ending in `.go`, without those ending in `_test.go`, without
#      anything whose name begins with `.` or `_`, without folders named `testdata`, and without
#      symbolic links. A missing input has no files.
#   2. Paths are relative to components-go, with `/`, sorted by their bytes.
#   3. Each file is one line: SHA-256 of its bytes in lower-case hex, two spaces, path, line feed.
#   4. The digest is the SHA-256 of these lines, in lower-case hex.
set -euo pipefail
export LC_ALL=C

# Module (a folder with a main package), then everything it is built from, sorted.
modules=(
  "edge/filter edge/filter go.mod tinygo-target-simd.json tinygo-target.json"
  "edge/inventory edge/inventory edge/kit go.mod tinygo-target.json"
  "edge/price edge/kit edge/price go.mod tinygo-target.json"
  "store go.mod store theme tinygo-target.json ui"
)
flags=(-no-debug -tags=protium_say)
# Built with SIMD too.
with_simd=" edge/filter "
# Every browser downloads the components: they are built for size, edge modules for speed.
optimisation() { case $1 in edge/*) echo -opt=2 ;; *) echo -opt=s ;; esac; }
# The modules are downloaded by every browser: names and notes of the tools stay out.
strip=(--strip-debug --strip-producers --strip-target-features)

say() { printf 'build-dist: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/.."
. scripts/toolchain.env

check=false
case "${1:-}" in
  '') ;;
  --check) check=true ;;
  *) die "unknown argument '$1' (the only one is --check)" ;;
esac

command -v node >/dev/null || die "node is not on PATH: it measures the compressed sizes"
tinygo=$(scripts/install-tinygo.sh --pinned)
if [[ $(go env GOVERSION) != "$go_pinned" ]]; then
  export GOTOOLCHAIN=$go_pinned
fi
# "tinygo version 0.41.1 linux/amd64 (using go version go1.26.8 and LLVM version 19.1.7)"
versions='^tinygo version ([^ ]+) .* go version ([^ ]+) and LLVM version ([^)]+)'
[[ $("$tinygo" version) =~ $versions ]] ||
  die "cannot read the version of $tinygo"
used_tinygo=${BASH_REMATCH[1]} used_go=${BASH_REMATCH[2]} used_llvm=${BASH_REMATCH[3]}
used_wasm_opt=$(wasm-opt --version | sed -nE 's/^wasm-opt version ([0-9]+).*/\1/p')
[[ $used_tinygo == "$tinygo_version" && $used_go == "$go_pinned" &&
  $used_llvm == "$llvm".* && $used_wasm_opt == "$wasm_opt" ]] ||
  die "dist is built with TinyGo $tinygo_version, $go_pinned, LLVM $llvm and wasm-opt $wasm_opt;" \
    "here are TinyGo $used_tinygo, $used_go, LLVM $used_llvm and" \
    "wasm-opt ${used_wasm_opt:-none}: the bytes would differ"

sha256() { sha256sum <"$1" | cut -d' ' -f1; }

sources() {
  local input
  for input in "$@"; do
    if [[ -L $input ]]; then
      continue
    elif [[ -f $input ]]; then
      printf '%s\0' "$input"
    elif [[ -d $input ]]; then
      find "$input" -mindepth 1 \( -name '.*' -o -name '_*' -o -type d -name testdata \) -prune -o \
        -type f -name '*.go' ! -name '*_test.go' -print0
    fi
  done | sort -z | xargs -0r sha256sum | sha256sum | cut -d' ' -f1
}

brotli_size() {
  node -e 'const bytes = require("fs").readFileSync(process.argv[1]);
    console.log(require("zlib").brotliCompressSync(bytes).length);' "$1"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# build NAME FILE TARGET: builds a module and sets its digest and sizes.
build() {
  "$tinygo" build -o "$work/built.wasm" "$(optimisation "$1")" -target="$3" "${flags[@]}" "./$1" ||
    die "$1 did not build"
  wasm-opt --all-features "${strip[@]}" "$work/built.wasm" -o "$work/$2"
  rm "$work/built.wasm"
  digest=$(sha256 "$work/$2") bytes=$(stat -c %s "$work/$2") brotli=$(brotli_size "$work/$2")
  say "$2: $bytes bytes, $brotli brotli"
}

entries=()
file_format='"sha256": "%s",\n      "bytes": %d,\n      "brotli": %d'
simd_format=',\n      "simd": {\n        "file": "%s",\n        "sha256": "%s",
        "bytes": %d,\n        "brotli": %d\n      }'
entry_format='    "%s": {\n      "file": "%s",\n      "package": "./%s",\n      "inputs": [%s],
      "sources": "%s",\n      %s%s\n    }'
for row in "${modules[@]}"; do
  read -ra inputs <<<"$row"
  name=${inputs[0]} inputs=("${inputs[@]:1}")
  file=${name##*/} simd=
  # shellcheck disable=SC2059
  if [[ $with_simd == *" $name "* ]]; then
    build "$name" "$file-simd.wasm" tinygo-target-simd.json
    simd=$(printf "$simd_format" "$file-simd.wasm" "$digest" "$bytes" "$brotli")
  fi
  build "$name" "$file.wasm" tinygo-target.json
  # shellcheck disable=SC2059
  entries+=("$(printf "$entry_format" \
    "$name" "$file.wasm" "$name" "$(printf ', "%s"' "${inputs[@]}" | cut -c3-)" \
    "$(sources "${inputs[@]}")" "$(printf "$file_format" "$digest" "$bytes" "$brotli")" "$simd")")
done

{
  printf '{\n  "format": 1,\n  "toolchain": {\n'
  printf '    "tinygo": "%s",\n    "go": "%s",\n    "llvm": "%s",\n' \
    "$used_tinygo" "$used_go" "$used_llvm"
  printf '    "wasm_opt": "%s",\n    "flags": "%s"\n' "$used_wasm_opt" \
    "-opt=s (edge: -opt=2) -target=tinygo-target.json ${flags[*]}"
  printf '  },\n  "modules": {\n'
  separator=
  for entry in "${entries[@]}"; do
    printf '%s%s' "$separator" "$entry"
    separator=$',\n'
  done
  printf '\n  }\n}\n'
} >"$work/manifest.json"

if $check; then
  # The compressed size is for people; it may differ with the version of the compressor.
  differing=$(diff -rq -I '"brotli":' "$work" dist) ||
    die "dist is not what its sources make; run scripts/build-dist.sh:"$'\n'"$differing"
  say "dist is what its sources make"
else
  mkdir -p dist
  find dist -type f \( -name '*.wasm' -o -name manifest.json \) -delete
  mv "$work"/* dist/
fi
