#!/bin/sh
# check_corpus.sh BUILD: is fuzz/corpus what its indexes say?  Every target has a corpus, every file is
# named by the SHA-1 of its content, every index has a line for each file and no other, with an origin
# and the verdicts and findings that fuzz-index of the build folder BUILD gives today.
# Exit: 0 it is, 1 not, 2 usage, 3 BUILD has no fuzz-index.
set -eu
LC_ALL=C
export LC_ALL
[ $# -eq 1 ] && [ -n "$1" ] || {
    echo "usage: fuzz/check_corpus.sh BUILD" >&2
    exit 2
}
[ -x "$1/fuzz/bin/fuzz-index" ] || {
    echo "check_corpus.sh: there is no program $1/fuzz/bin/fuzz-index" >&2
    exit 3
}
root=$(cd "$(dirname "$0")/.." && pwd)
index=$(cd "$1" && pwd)/fuzz/bin/fuzz-index
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
files=0

fail() {
    echo "fuzz/corpus: $*" >&2
    failed=1
}

cd "$root/fuzz/corpus"
for target in $(awk '!/^#/ { print $1 }' ../targets.list); do
    [ -d "$target" ] && [ -e "$target.tsv" ] || {
        fail "$target has no corpus"
        continue
    }
    (cd "$target" && find . -type f -exec sha1sum {} +) | sed 's|\./||' >"$work/sums"
    awk '$1 != $2 { print; wrong = 1 } END { exit wrong }' "$work/sums" >&2 ||
        fail "$target: files that are not named by their content"
    awk -F '\t' 'NR > 1 && ($3 == "" || $3 == "-") { print; wrong = 1 } END { exit wrong }' \
        "$target.tsv" >&2 || fail "$target: files without an origin"
    "$index" "$target" "$target" >"$work/is" || fail "$target: fuzz-index fails"
    sed 1d "$target.tsv" | cut -f 1,2,4- >"$work/says"
    diff "$work/says" "$work/is" >"$work/difference" || {
        head -n 20 "$work/difference" >&2
        fail "$target.tsv is not what fuzz-index says"
    }
    files=$((files + $(wc -l <"$work/is")))
done
echo "fuzz/corpus: $files files"
exit $failed
