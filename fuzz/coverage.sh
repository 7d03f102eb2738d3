#!/bin/sh
# coverage.sh: which lines and branches of hand-written code of the libraries the seeds reach on all
# targets; a table by file.  Needs the build fuzz-coverage (fuzz/builds.sh fuzz-coverage).
set -eu
cd "$(dirname "$0")/.."
build=build/fuzz-coverage
work=$build/profiles
compiler=$(sed -n 's/^CMAKE_C_COMPILER:[A-Z]*=//p' $build/CMakeCache.txt)
suffix=$(basename "$compiler" | sed -n 's/^clang\(-[0-9]*\)$/\1/p')

rm -rf "$work"
mkdir -p "$work"
fuzz/seeds.sh --pack build/release "$work/packs" >/dev/null
objects=""
for target in $(awk '!/^#/ { print $1 }' fuzz/targets.list); do
    LLVM_PROFILE_FILE="$work/$target.profraw" "$build/fuzz/bin/$target" "$work/packs/$target.pack" \
        >"$work/$target.log"
    objects="$objects -object $build/fuzz/bin/$target"
done
"llvm-profdata$suffix" merge -o "$work/all" "$work"/*.profraw
# shellcheck disable=SC2086 # words on purpose
"llvm-cov$suffix" report $objects -instr-profile "$work/all" \
    -ignore-filename-regex '(^|/)(fuzz|tools)/|\.gen\.' >"$work/report"
awk '/\.c / { printf "%7s of lines, %7s of branches  %s\n", $10, $13, $1 }
    /^TOTAL/ { printf "%7s of lines, %7s of branches  all\n", $10, $13 }' "$work/report"
