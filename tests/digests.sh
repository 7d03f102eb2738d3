#!/bin/sh
# digests.sh SIPVET: verifies the credentials of corpus/digest and compares with its index what is
# decided, for which reason, and which mistake is found.  A line for each that differs, and a count;
# exit status 1 if there is any.
set -eu
sipvet=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
cd "$(dirname "$0")/../corpus/digest"
tab=$(printf '\t')

# member NAME FILE: the value of the first member of that name, "-" for null.
member() {
    sed -n "s/.*\"$1\":\(null\|\"[^\"]*\"\).*/\1/p" "$2" | sed -e 's/"//g' -e 's/^null$/-/'
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
count=0
wrong=0
sed 1d index.tsv >"$work/index"
while IFS="$tab" read -r path challenge username password verdict reason mistake _; do
    set -- --msg "$path" --password-env DIGEST_PASSWORD -f ndjson
    [ "$challenge" = - ] || set -- "$@" --challenge "$challenge"
    [ "$username" = - ] || set -- "$@" --username "$username"
    [ "$password" != - ] || password=
    status=0
    DIGEST_PASSWORD=$password "$sipvet" digest explain "$@" >"$work/out" 2>"$work/err" || status=$?
    want=0
    [ "$verdict" = verified ] || want=1
    # Of several credentials the first one that is refused counts.
    sed 's/.*"results":\[//; s/},{"header"/}\n{"header"/g' "$work/out" >"$work/results"
    grep -m 1 '"verdict":"refused"' "$work/results" >"$work/one" || head -n 1 "$work/results" >"$work/one"
    sed 's/.*"mistake":{"name"/"mistake"/' "$work/one" >"$work/mistake"
    got="$status $(member verdict "$work/one") $(member reason "$work/one") $(member mistake "$work/mistake")"
    count=$((count + 1))
    if [ "$got" != "$want $verdict $reason $mistake" ]; then
        wrong=$((wrong + 1))
        echo "! $path: $got, not $want $verdict $reason $mistake $(cat "$work/err")"
    fi
    status=0
    DIGEST_PASSWORD=$password "$sipvet" digest verify "$@" >"$work/out" 2>&1 || status=$?
    if [ "$status" -ne "$want" ]; then
        wrong=$((wrong + 1))
        echo "! $path: verify ends with $status: $(cat "$work/out")"
    fi
done <"$work/index"
echo "digests: $count credentials, $wrong differ"
[ "$count" -gt 0 ] && [ "$wrong" -eq 0 ]
