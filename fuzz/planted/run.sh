#!/bin/sh
# run.sh [OPTION]... BUILD [NAME...]: proves that the fuzz targets catch the planted bugs.
#
# BUILD is a build folder of this tree with everything built.  For each bug the patched files alone
# are compiled, as BUILD compiles them, and linked before the libraries into a copy of the bug's
# target; no source and nothing in BUILD is changed.  The copy replays the seeds and the
# corpus, and must die by the oracle that planted.tsv names: "memory" stands for a sanitizer's
# finding or a signal other than that of an oracle.
#
#   --engine DIR    a build folder with libFuzzer: bugs that the replay does not show are fuzzed for;
#                   without it those are left out of which planted.tsv says that only fuzzing shows them
#   --with KIND=DIR a build folder for bugs that only this kind of build shows: memory for
#                   MemorySanitizer, blocks for one that counts work; without it they are left out
#   --time S        so many seconds each (60)
#   --rotate N      only N of the bugs, others every day
#   --within S      begin no other bug after so many seconds
#   --tsv FILE      write the result as a table
#   --apply         only look whether every patch applies; BUILD may be left out
#   --make FILE     only build the target of the one NAME, with the bug and libFuzzer, as FILE
#
# Exit: 0 all caught, 1 not all, 2 usage, 77 BUILD cannot serve, or there is no patch.
set -eu
LC_ALL=C
export LC_ALL
root=$(cd "$(dirname "$0")/../.." && pwd)
here=$root/fuzz/planted
engine='' seconds=60 rotate=0 within=0 tsv='' apply=no make='' kinds=''

usage() {
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 2
}

while [ $# -gt 0 ]; do
    case $1 in
    --engine) engine=$(cd "${2:?}" && pwd) && shift ;;
    --with) kinds="$kinds ${2:?}" && shift ;;
    --time) seconds=${2:?} && shift ;;
    --rotate) rotate=${2:?} && shift ;;
    --within) within=${2:?} && shift ;;
    --tsv) tsv=${2:?} && shift ;;
    --apply) apply=yes ;;
    --make) make=${2:?} && shift ;;
    --*) usage ;;
    *) break ;;
    esac
    shift
done
[ $apply = yes ] || [ $# -gt 0 ] || usage
command -v patch >/dev/null || {
    echo "planted: skipped, there is no patch (Debian package patch)"
    exit 77
}
if [ $apply = yes ]; then # a folder is no NAME
    [ ! -d "${1:-}" ] || shift
else
    build=$(cd "$1" && pwd)
    shift
    [ -e "$build/compile_commands.json" ] || {
        echo "planted: skipped, $build does not say how it was built"
        exit 77
    }
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# The files that a patch changes.
files_of() { sed -n 's|^+++ b/\([^	 ]*\).*|\1|p' "$1"; }

# apply_patch NAME: copies of the files it changes, changed, in $work/tree.
apply_patch() {
    rm -rf "$work/tree"
    for file in $(files_of "$here/$1.patch"); do
        mkdir -p "$work/tree/$(dirname "$file")"
        cp "$root/$file" "$work/tree/$file"
    done
    patch -d "$work/tree" -p1 -s -N --no-backup-if-mismatch -r - <"$here/$1.patch" >"$work/log" 2>&1
}

# compile FILE OBJECT DIR: the changed FILE as the build folder DIR compiles it, warnings aside.
compile() {
    line=$(grep -F -e "-c $root/$1" "$work/commands" | head -n 1)
    [ -n "$line" ] || {
        echo "no command compiles $1" >"$work/log"
        return 1
    }
    line=$(printf '%s\n' "$line" | sed -e "s| -MF [^ ]*| -MF $work/d|" -e "s| -MT [^ ]*||" \
        -e "s| -o [^ ]*| -w -iquote $root/$(dirname "$1") -o $2|" \
        -e "s| -c $root/$1| -c $work/tree/$1|")
    (cd "$3" && eval "$line") >"$work/log" 2>&1
}

# commands_of TARGET DIR: what compiles the build folder DIR in $work/commands, the last line links the
# target, in the folder $link.
commands_of() {
    if [ -e "$2/build.ninja" ]; then
        link=$2
        ninja -C "$2" -t commands "$1" >"$work/commands" 2>"$work/log"
        return
    fi
    link=$2/fuzz
    {
        sed -n 's/^ *"command": "\(.*\)",$/\1/p' "$2/compile_commands.json" | sed 's/\\"/"/g;s/\\\\/\\/g'
        cat "$2/fuzz/CMakeFiles/$1.dir/link.txt"
    } >"$work/commands" 2>"$work/log"
}

# make_target NAME TARGET DIR OUT: the target of DIR with the patch in it.
make_target() {
    objects=
    commands_of "$2" "$3" || return 1
    for file in $(files_of "$here/$1.patch"); do
        object=$work/$(basename "$file" .c).o
        compile "$file" "$object" "$3" || return 1
        objects="$objects $object"
    done
    # The linker takes the first definition, and leaves out the library's object of the same symbols.
    line=$(tail -n 1 "$work/commands" | sed -e "s| -o [^ ]*|$objects -o $4|")
    (cd "$link" && eval "$line") >"$work/log" 2>&1
}

# By which oracle did the last run die?  $1: its exit status.
catcher() {
    oracle=$(sed -n 's/^oracle \([a-z_]*\): .*/\1/p' "$work/log" | tail -n 1)
    if [ -n "$oracle" ]; then
        echo "$oracle"
    elif grep -q 'takes too long' "$work/log"; then
        echo linear
    elif [ "$1" -gt 128 ] || grep -q -e 'Sanitizer' -e 'runtime error' "$work/log"; then
        echo memory
    else
        echo none
    fi
}

run() { # COMMAND...: its exit status in $status
    status=0
    "$@" >"$work/log" 2>&1 || status=$?
}

# replay TARGET PROGRAM
replay() {
    if [ "$1" = fuzz-linear ]; then # reads nothing, and says by its status what it found
        run timeout 300 "$2"
        [ $status -eq 1 ] && echo linear || catcher $status
        return
    fi
    [ -e "$build/fuzz/packs/$1.pack" ] ||
        "$root/fuzz/seeds.sh" --pack "$build" "$build/fuzz/packs" >"$work/log" 2>&1
    [ ! -d "$root/fuzz/corpus/$1" ] || set -- "$1" "$2" "$root/fuzz/corpus/$1"
    run timeout 300 "$2" "$build/fuzz/packs/$1.pack" "$root/corpus" ${3:+"$3"}
    [ $status -ne 3 ] && catcher $status || echo broken
}

# fuzz NAME TARGET: until it is found, or $seconds.
fuzz() {
    [ -d "$work/seeds" ] || "$root/fuzz/seeds.sh" "$build" "$work/seeds" >"$work/log" 2>&1
    make_target "$1" "$2" "$engine" "$work/fuzzed" || {
        echo broken
        return
    }
    rm -rf "$work/corpus"
    mkdir "$work/corpus"
    run "$work/fuzzed" -max_total_time="$seconds" -artifact_prefix="$work/" -print_final_stats=0 \
        "$work/corpus" "$work/seeds/$2"
    catcher $status
}

# The build folder of a kind of build, if one was named.
folder_of() {
    for pair in $kinds; do
        case $pair in
        "$1="*) (cd "${pair#*=}" && pwd) ;;
        esac
    done
}

# prove NAME TARGET ORACLE SHOWN: a line; false if it is not caught as it must be.
prove() {
    begin=$(date +%s)
    how=replay
    folder=$build
    case $4 in
    memory | blocks)
        folder=$(folder_of "$4")
        how=$4
        ;;
    esac
    if ! apply_patch "$1"; then
        by=broken how=patch
    elif ! make_target "$1" "$2" "$folder" "$work/program"; then
        by=broken how=build
    else
        by=$(replay "$2" "$work/program")
        if [ "$by" = none ] && [ "$how" = replay ] && [ -n "$engine" ]; then
            how=fuzz
            by=$(fuzz "$1" "$2")
        fi
    fi
    took=$(($(date +%s) - begin))
    verdict=caught
    case ",$3," in
    *",$by,"*) ;;
    *) verdict=MISSED ;;
    esac
    printf '%-34s %-20s %-20s %s by %s (%s, %s s)\n' "$1" "$2" "$3" $verdict "$by" "$how" $took
    [ -z "$tsv" ] || printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$by" "$how" $took >>"$tsv"
    [ $verdict = caught ] || {
        [ "$by" != broken ] || sed 's/^/    /' "$work/log"
        return 1
    }
}

grep -v '^name	' "$here/planted.tsv" >"$work/list"
# Those that can be shown with what is there.
[ $apply = yes ] || {
    while IFS='	' read -r name target oracle how text; do
        case $how in
        fuzz) [ -n "$engine" ] || [ $# -gt 0 ] || continue ;;
        memory | blocks) [ -n "$(folder_of "$how")" ] || continue ;;
        esac
        printf '%s\t%s\t%s\t%s\t%s\n' "$name" "$target" "$oracle" "$how" "$text"
    done <"$work/list" >"$work/possible"
    mv "$work/possible" "$work/list"
}
for name in "$@"; do
    grep -q "^$name	" "$work/list" || {
        echo "planted: there is no bug '$name', or nothing here that shows it" >&2
        exit 2
    }
done
if [ -n "$make" ]; then
    target=$(grep "^${1:?}	" "$here/planted.tsv" | cut -f 2)
    apply_patch "$1" && make_target "$1" "$target" "${engine:?}" "$work/program" || {
        cat "$work/log" >&2
        exit 1
    }
    cp "$work/program" "$make"
    exit 0
fi
total=$(wc -l <"$work/list")
first=$((($(date +%s) / 86400 * rotate) % total))
begun=$(date +%s)
[ -z "$tsv" ] || printf 'name\ttarget\toracle\tcaught by\thow\tseconds\n' >"$tsv"
count=0 missed=0 at=0
while IFS='	' read -r name target oracle how _; do
    place=$(((at - first + total) % total))
    at=$((at + 1))
    case " $* " in
    "  ") ;;
    *" $name "*) ;;
    *) continue ;;
    esac
    [ "$rotate" -eq 0 ] || [ $place -lt "$rotate" ] || continue
    if [ $apply = yes ]; then
        apply_patch "$name" || {
            echo "$name does not apply:"
            cat "$work/log"
            missed=$((missed + 1))
        }
    else
        [ "$within" -eq 0 ] || [ $(($(date +%s) - begun)) -lt "$within" ] || break
        prove "$name" "$target" "$oracle" "$how" || missed=$((missed + 1))
    fi
    count=$((count + 1))
done <"$work/list"
echo "planted: $count bugs, $missed missed"
[ $missed -eq 0 ] && [ $count -gt 0 ]
