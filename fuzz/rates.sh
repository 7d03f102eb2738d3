#!/bin/sh
# rates.sh [SECONDS]: executions per second of CPU time of every fuzz target over its seeds, by the
# runner of the release build and of the build with AddressSanitizer and UndefinedBehaviorSanitizer
# (-O1).  A table, with the machine it was measured on.  SECONDS of CPU time for each target and
# build; 3 if not given.  docs/fuzzing.md says what to reach.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-3}

packs=build/fuzz-packs
fuzz/seeds.sh --pack build/release "$packs" >/dev/null

rate() { # BUILD TARGET
    program=build/$1/fuzz/bin/$2
    [ -x "$program" ] || { echo - && return; }
    "$program" --time "$seconds" --json - "$packs/$2.pack" |
        sed 's/.*"executions":\([0-9]*\),"seconds":\([0-9.]*\).*/\1 \2/' |
        awk '{ printf "%.0f\n", $1 / $2 }'
}

echo "$(awk -F ': ' '/^model name/ { print $2; exit }' /proc/cpuinfo), $(date +%F)"
printf '%-20s %10s %10s\n' target plain asan+ubsan
awk '!/^#/ { print $1 }' fuzz/targets.list | while read -r target; do
    printf '%-20s %10s %10s\n' "$target" "$(rate release "$target")" "$(rate asan "$target")"
done
