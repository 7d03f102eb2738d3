#!/bin/sh
# seeds.sh [--pack] BUILD OUT: makes the seeds of every fuzz target, OUT/<target>/<hash>, or
# OUT/<target>.pack, with the programs of the build folder BUILD: from corpus/, the spec pages, the
# pages and scenarios of fuzz/seeds, and samples of `sipvet gen`.
set -eu
pack=""
if [ "$1" = --pack ]; then
    pack=--pack
    shift
fi
build=$1
out=$2
root=$(cd "$(dirname "$0")/.." && pwd)

rm -rf "$out"
mkdir -p "$out/samples"
"$build/bin/sipvet" gen -f raw -n 60 --seed 1 SIP-message >"$out/samples/messages.raw"
"$build/bin/sipvet" gen -f raw -n 60 --seed 1 --near-miss SIP-message \
    >"$out/samples/near-misses.raw" 2>"$out/samples/near-misses.txt"
"$build/fuzz/bin/fuzz-seeds" $pack "$out" "$root/corpus" "$root/tests/spec" \
    "$root/fuzz/seeds" "$out/samples"
rm -r "$out/samples"
