#!/bin/sh
# What the tests of the program share; they begin with it:
#
#     . "$(dirname "$0")/lib.sh"
#
# and end with `conclude`.  The first argument is the program, $tree is this tree; the working
# directory is an empty one that goes away.
set -u
LC_ALL=C
export LC_ALL
unset NO_COLOR

case ${1:?usage: NAME.sh SIPVET} in
/*) sipvet=$1 ;;
*) sipvet=$(pwd)/$1 ;;
esac
# shellcheck disable=SC2034 # for those that read files
tree=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work" || exit 1

checks=0
failures=0
skips=0

fail() {
    failures=$((failures + 1))
    printf 'FAILED: %s\n' "$1"
}

skip() {
    skips=$((skips + 1))
    printf 'skipped: %s\n' "$1"
}

# expect STATUS ARGUMENT...: runs sipvet; its output is in out and err then, its words in $ran.
expect() {
    expected=$1
    shift
    ran="sipvet $*"
    checks=$((checks + 1))
    "$sipvet" "$@" >out 2>err
    status=$?
    [ "$status" -eq "$expected" ] || fail "$ran: exit status $status, not $expected: $(head -c 200 err)"
}

# The same with the text on standard input.
expect_in() {
    printf "$2" >in
    expected=$1
    shift 2
    ran="sipvet $* <in"
    checks=$((checks + 1))
    "$sipvet" "$@" <in >out 2>err
    status=$?
    [ "$status" -eq "$expected" ] || fail "$ran: exit status $status, not $expected: $(head -c 200 err)"
}

# out_has PATTERN, err_has PATTERN: a line of the last run matches a basic regular expression.
out_has() {
    checks=$((checks + 1))
    grep -q -e "$1" out || fail "$ran: no line '$1' in: $(head -c 400 out)"
}
err_has() {
    checks=$((checks + 1))
    grep -q -e "$1" err || fail "$ran: standard error has no line '$1' but: $(head -c 400 err)"
}
# until_true SECONDS COMMAND...: tries again until it is so.
until_true() {
    patience=$(($(date +%s) + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$(date +%s)" -lt $patience ] || return 1
        sleep 0.05
    done
}
# Nothing on standard output, one line on standard error.
complains() {
    checks=$((checks + 1))
    [ ! -s out ] || fail "$ran: something on standard output"
    [ "$(wc -l <err)" -eq 1 ] || fail "$ran: not one line on standard error: $(head -c 400 err)"
}
quiet() {
    checks=$((checks + 1))
    [ ! -s err ] || fail "$ran: standard error has: $(head -c 400 err)"
}
out_lines() {
    checks=$((checks + 1))
    [ "$(wc -l <out)" -eq "$1" ] || fail "$ran: $(wc -l <out) lines, not $1"
}

python=
if command -v python3 >/dev/null 2>&1 && python3 -c 'import json' 2>/dev/null; then
    python=python3
else
    skip "JSON is not read back: there is no python3"
fi

# One process reads all JSON of a test: starting python3 takes longer than most of what is tested.
if [ -n "$python" ]; then
    mkdir "$work/.judge" && mkfifo "$work/.judge/asked" "$work/.judge/said" || exit 1
    "$python" "$tree/tests/cli/judge.py" "$work/.judge/expression" \
        <"$work/.judge/asked" >"$work/.judge/said" &
    exec 8>"$work/.judge/asked" 9<"$work/.judge/said"
fi

# json_true EXPRESSION: the last output is JSON and the expression about it (r) is true; of several
# records (rs) r is the first.
json_true() {
    [ -n "$python" ] || return 0
    checks=$((checks + 1))
    printf '%s' "$1" >"$work/.judge/expression"
    pwd >&8
    read -r verdict <&9 || verdict="python3 has ended"
    [ "$verdict" = true ] || fail "$ran: not so: $1: $verdict"
}

conclude() {
    printf '%s checks, %s failed, %s skipped\n' $checks $failures $skips
    [ $failures -eq 0 ]
}
