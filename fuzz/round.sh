#!/bin/sh
# round.sh SECONDS [TARGET...]: a round of libFuzzer over all targets, or those named, which share the
# time.  What is found new is kept in build/fuzz-corpus/<target>, and the next round begins with it.
# Then the runner of the release build goes over it: an oracle that never ran fails the round.
# A finding is kept in build/fuzz-findings.  Exit: 0 none; 1 a finding; 2 usage.
set -eu
cd "$(dirname "$0")/.."

seconds=${1:-}
case $seconds in
'' | *[!0-9]* | 0?*) # which the shell reads as octal
    echo "usage: fuzz/round.sh SECONDS [TARGET...]" >&2
    exit 2
    ;;
esac
shift
if [ $# -eq 0 ]; then
    # shellcheck disable=SC2046 # words on purpose
    set -- $(awk '!/^#/ { print $1 }' fuzz/targets.list)
fi
share=$((seconds / $#))
[ $share -gt 0 ] || share=1

column() { # TARGET NUMBER
    awk -v name="$1" -v n="$2" '$1 == name { print $n }' fuzz/targets.list
}

seeds=build/fuzz-seeds
fuzz/seeds.sh build/release "$seeds" >/dev/null
found=0
for target in "$@"; do
    program=build/fuzz-libfuzzer/fuzz/bin/$target
    [ -x "$program" ] || {
        echo "round.sh: no target $target" >&2
        exit 2
    }
    corpus=build/fuzz-corpus/$target
    findings=build/fuzz-findings/$target
    mkdir -p "$corpus" "$findings"
    result=0
    # The first folder is written to.
    "$program" -max_total_time=$share -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -max_len="$(column "$target" 4)" -dict="build/release/fuzz/dict/$(column "$target" 3)" \
        -artifact_prefix="$findings/" "$corpus" "$seeds/$target" >"$findings/log" 2>&1 || result=$?
    runs=$(awk '/number_of_executed_units/ { print $2 }' "$findings/log")
    edges=$(awk '/ cov: / { for (i = 1; i < NF; i++) if ($i == "cov:") n = $(i + 1) } END { print n }' \
        "$findings/log")
    if [ $result -ne 0 ]; then
        found=1
        echo "$target: FOUND SOMETHING, see $findings"
        grep -a -m 3 -e '^oracle ' -e 'ERROR: ' -e 'runtime error' "$findings/log" || true
        continue
    fi
    "build/release/fuzz/bin/$target" --require "$corpus" "$seeds/$target" >"$findings/replay" || {
        found=1
        echo "$target: the replay failed"
        cat "$findings/replay"
        continue
    }
    echo "$target: nothing in ${runs:-?} executions, ${edges:-?} edges"
done
exit $found
