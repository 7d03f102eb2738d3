#!/bin/sh
# instructions.sh PROGRAM [FILTER [FILE...]]: instructions per message, by valgrind's callgrind.
# They repeat to a few parts in ten thousand, whatever else the machine does.
# FILTER as of sipvet-bench; by default the index and full parses of the varied messages.
set -u

if [ $# -lt 1 ] || [ ! -x "$1" ]; then
    echo "usage: instructions.sh PROGRAM [FILTER [FILE...]]" >&2
    exit 2
fi
if ! command -v valgrind >/dev/null; then
    echo "instructions.sh: valgrind is not installed" >&2
    exit 3
fi
program=$1
shift
filter=/varied
all=no
if [ $# -gt 0 ]; then
    filter=$1
    all=yes
    shift
fi

folder=$(mktemp -d) || exit 3
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM

"$program" --list --filter "$filter" "$@" >"$folder/list" || exit $?
failed=0
printf '%-44s %14s\n' bench/subject/input instructions
while read -r name; do
    case $all$name in
    noparse.*) ;;
    no*) continue ;;
    esac
    # Only the one function is counted, and with it the operations it calls.
    if ! timeout 300 valgrind --tool=callgrind --callgrind-out-file="$folder/out" \
        --toggle-collect=bench_counted \
        "$program" --callgrind --filter "$name" "$@" >"$folder/said" 2>"$folder/log" </dev/null; then
        echo "instructions.sh: $name failed" >&2
        tail -n 5 "$folder/log" >&2
        failed=1
        continue
    fi
    total=$(sed -n -e 's/^summary: \([0-9]*\).*/\1/p' -e 's/^totals: \([0-9]*\).*/\1/p' "$folder/out" | head -n 1)
    # A filter that is part of other names has run those too: their instructions are in the sum.
    awk -v name="$name" -v total="$total" '
        { operations += $NF }
        END { printf "%-44s %14.0f%s\n", name, total / operations, (NR > 1 ? " (mixed)" : "") }
    ' "$folder/said"
done <"$folder/list"
exit $failed
