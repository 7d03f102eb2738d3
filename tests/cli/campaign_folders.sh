#!/bin/sh
# tests/cli/campaign_folders.sh SIPVET: what campaigns do with folders, tables and command lines, well
# and ill.  The targets and engines are scripts that end at once.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# engine FOLDER/TARGET: a target as triage and merge see it.  An input with BUG in it fails; merging
# copies all inputs, named by their content.
engine() {
    mkdir -p "$(dirname "$1")"
    cat >"$1" <<'SH2'
#!/bin/sh
merge= into=
for word in "$@"; do
    case $word in
    -help=1) echo set_cover_merge; exit 0 ;;
    -set_cover_merge=1) merge=yes ;;
    -minimize_crash=1) exit 0 ;;
    -*) ;;
    *)
        if [ -n "$merge" ] && [ -z "$into" ]; then
            into=$word
        elif [ -n "$merge" ]; then
            find "$word" -type f | while read -r file; do
                cp "$file" "$into/$(sha1sum <"$file" | cut -c 1-40)"
            done
        elif grep -q BUG "$word"; then
            sed 's/^/oracle digest: /' "$word"
            exit 77
        fi
        ;;
    esac
done
SH2
    chmod +x "$1"
}

# names COMMAND...: is it so?
holds() {
    checks=$((checks + 1))
    "$@" || fail "$ran: not so: $*"
}
# files FOLDER: how many there are in it and below.
files() {
    find "$1" -type f | wc -l
}

engine engine/tiny
engine engine/other
{
    echo 'tiny tiny.c - 64 none'
    echo 'other other.c - 64 none'
} >tiny.list
kit="--list tiny.list --libfuzzer engine --runner nowhere --afl nowhere"
tiny="$kit --target tiny"

# ---- Many entries -----------------------------------------------------------------------------------

mkdir -p many/tiny/crashes many/tiny/corpus
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 \
    35 36 37 38 39 40; do
    echo "BUG $((i % 2))" >many/tiny/crashes/$i
    echo $i >many/tiny/corpus/$i
    mkdir -p many/tiny/afl/main-h$i/queue
    echo "of $i" >many/tiny/afl/main-h$i/queue/id:000000
done
# shellcheck disable=SC2086 # words on purpose, here and below
expect 1 fuzz triage $tiny --dir many -f ndjson
json_true 'len(rs) == 2 and sum(r["crashes"] for r in rs) == 40'
mkdir with
expect 0 fuzz sync $tiny --dir many --with with
out_has '^40 inputs copied$'
expect 0 fuzz merge $tiny --dir many --into merged
out_has '^tiny  *80 inputs$'

conclude
