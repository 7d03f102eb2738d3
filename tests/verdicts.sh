#!/bin/sh
# verdicts.sh SIPVET [FOLDER...]: parses and lints the messages and descriptions of the corpus (all,
# or those of these folders) and compares verdicts and status with its indexes.  A line for each message, `!` in
# front of what differs; exit status 1 if anything does.
set -eu
sipvet=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
shift
cd "$(dirname "$0")/../corpus"
tab=$(printf '\t')

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

folders=$(echo "${*:-.*}" | tr ' ' '|')
for index in index.tsv sdp/index.tsv; do
    sed 1d "$index"
done | grep -E "^($folders)/" >"$work/index"

# One start of the program for all messages.  1 means that some are rejected.
run() {
    status=0
    # shellcheck disable=SC2046 # no path has white space
    "$sipvet" "$@" $(cat "$work/paths") >"$work/out" </dev/null || status=$?
    if [ $status -gt 1 ]; then
        echo "verdicts: sipvet $* ended with status $status" >&2
        exit 1
    fi
}
# records KIND GROUP: those of files *.KIND, by the commands of GROUP.
records() {
    grep -o "^[^$tab]*[.]$1" "$work/index" >"$work/paths" || return 0
    for profile in strict interop; do
        # shellcheck disable=SC2086 # a word or none
        run $2 parse -f ndjson --profile $profile
        sed "s/^/$profile$tab/" "$work/out"
    done
    # shellcheck disable=SC2086
    run $2 lint -f ndjson
    sed "s/^/lint$tab/" "$work/out"
}
{
    records sip ''
    records sdp sdp
} >"$work/records"

awk -F '\t' '
function key(record, name,    value) {
    if (!match(record, "\"" name "\":(\"[^\"]*\"|[^,}]*)"))
        return "?"
    value = substr(record, RSTART + length(name) + 3, RLENGTH - length(name) - 3)
    gsub("\"", "", value)
    return value == "null" ? "-" : value
}
function count(record, what,    rest, n) {
    rest = record
    n = gsub("\"severity\":\"" what "\"", "", rest)
    return n
}
function compare(wanted, found) {
    if (wanted == found)
        return found
    wrong = 1
    return found " for " wanted
}
FILENAME != ARGV[2] {
    source = key($2, "source")
    verdict[$1, source] = key($2, "verdict")
    # A description has none.
    status[$1, source] = index($2, "\"suggested_status\"") ? key($2, "suggested_status") : "-"
    if ($1 == "lint") {
        # Findings stand behind the last key of the message itself.
        # Findings of a body have no say in the verdict.
        rejecting[source] = 0
        n = split($2, finding, "{\"code\":")
        for (i = 2; i <= n; i++)
            if (!index(finding[i], "\"in\":\"body\""))
                rejecting[source] += count(finding[i], "error")
        errors[source] = count($2, "error")
        warnings[source] = count($2, "warning")
        notes[source] = count($2, "note")
        sub(/.*"diagnostics":/, "", $2)
        first[source] = $2 == "[]}" ? "" : key($2, "name")
    }
    next
}
FNR == 1 {
    printf "  %-46s %-8s %-8s %-6s %3s %3s %3s  %s\n", "file", "strict", "interop", "status",
        "err", "wrn", "nte", "first finding"
}
{
    wrong = 0
    line = sprintf("%-46s %-8s %-8s %-6s %3d %3d %3d  %s", $1, compare($4, verdict["strict", $1]),
        compare($5, verdict["interop", $1]), compare($6, status["strict", $1]), errors[$1],
        warnings[$1], notes[$1], first[$1])
    compare(verdict["strict", $1], verdict["lint", $1])
    compare($4 == "accept", rejecting[$1] == 0)
    print (wrong ? "! " : "  ") line
    total++
    differ += wrong
}
END {
    printf "%d files, %d as the index says, %d not\n", total, total - differ, differ
    exit total == 0 || differ > 0
}' "$work/records" "$work/index"
