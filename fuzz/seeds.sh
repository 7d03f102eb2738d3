#!/bin/sh
# seeds.sh [--pack] [--origins FILE] BUILD OUT: makes the seeds of every fuzz target,
# OUT/<target>/<hash>, or OUT/<target>.pack, with the programs of the build folder BUILD: from corpus/,
# the spec pages, fuzz/seeds, and samples of `sipvet gen`.  In folders there is also what fuzz/corpus
# has; packs leave it out.  FILE gets a line for each seed: target, name, where it comes from.
# Exit: 0 they are there; 2 usage; 3 BUILD has not got the programs, and OUT is as it was.
set -eu
pack="" origins=""
if [ "${1:-}" = --pack ]; then
    pack=--pack
    shift
fi
if [ "${1:-}" = --origins ] && [ $# -gt 1 ]; then
    origins=$2
    shift 2
fi
[ $# -eq 2 ] && [ -n "$1" ] && [ -n "$2" ] || {
    echo "usage: fuzz/seeds.sh [--pack] [--origins FILE] BUILD OUT" >&2
    exit 2
}
build=$1
out=$2
for program in "$build/bin/sipvet" "$build/fuzz/bin/fuzz-seeds"; do
    [ -x "$program" ] || {
        echo "seeds.sh: there is no program $program" >&2
        exit 3
    }
done
root=$(cd "$(dirname "$0")/.." && pwd)

rm -rf "$out"
mkdir -p "$out/samples"
"$build/bin/sipvet" gen -f raw -n 60 --seed 1 SIP-message >"$out/samples/messages.raw"
"$build/bin/sipvet" gen -f raw -n 60 --seed 1 --near-miss SIP-message \
    >"$out/samples/near-misses.raw" 2>"$out/samples/near-misses.txt"
"$build/fuzz/bin/fuzz-seeds" $pack ${origins:+--origins "$origins"} "$out" "$root/corpus" \
    "$root/tests/spec" "$root/fuzz/seeds" "$out/samples"
rm -r "$out/samples"
[ -z "$pack$origins" ] || exit 0
for target in $(awk '!/^#/ { print $1 }' "$root/fuzz/targets.list"); do
    [ ! -d "$root/fuzz/corpus/$target" ] || cp "$root/fuzz/corpus/$target"/* "$out/$target/"
done
