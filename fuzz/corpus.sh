#!/bin/sh
# corpus.sh [--index] CAMPAIGN [TARGETS]: makes the committed corpora, fuzz/corpus/<target>/<hash>, and their
# indexes, fuzz/corpus/<target>.tsv, anew: of what they have, of the seeds, and of what the campaign in
# the folder CAMPAIGN has found, libFuzzer chooses few inputs that reach every edge that all of them
# reach.  TARGETS: a list with commas (all).
#
# An index has for each file: name, octets, origin, what it exercises, verdicts of the strict and the
# interop profile.  The origin is a file of this tree, a rule that was sampled, or the engine that
# found it; it is kept from then on.  --index leaves the files as they are and makes the indexes anew,
# where verdicts or findings have changed.
#
# Needs build/release and build/fuzz-plain (fuzz/builds.sh fuzz-plain).
set -eu
LC_ALL=C
export LC_ALL
cd "$(dirname "$0")/.."
only_index=no
if [ "${1:-}" = --index ]; then
    only_index=yes
    shift
fi
campaign=${1:?usage: corpus.sh [--index] CAMPAIGN [TARGETS]}
chosen=${2:-all}
seeds=build/fuzz-seeds
tab=$(printf '\t')
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# hashes_of FOLDER ORIGIN: a line "hash, origin" for each file of a folder.
hashes_of() {
    [ ! -d "$1" ] || find "$1" -maxdepth 1 -type f ! -name '.*' -exec sha1sum {} + |
        awk -v origin="$2" '{ print $1 "\t" origin }'
}

# seed_origins TARGET: the same for its seeds, each with its own origin.
seed_origins() {
    [ ! -d "$seeds/$1" ] || find "$seeds/$1" -type f -exec sha1sum {} + |
        awk -v target="$1" 'BEGIN { FS = "\t" }
            FNR == NR { if ($1 == target) origin[$2] = $3; next }
            { n = split($0, part, /[ \/]+/); if (part[n] in origin) print part[1] "\t" origin[part[n]] }' \
            "$work/origins" -
}

# Where inputs of a target come from, the first that is known: what the index says, seeds, AFL++.  The
# rest was in the corpus of libFuzzer, which exchanges files for smaller ones while it runs.
origins_of() { # TARGET
    [ ! -e "fuzz/corpus/$1.tsv" ] || awk -F '\t' 'NR > 1 && $3 != "" { print $1 "\t" $3 }' "fuzz/corpus/$1.tsv"
    seed_origins "$1"
    for queue in "$campaign/$1"/afl/*/queue; do
        hashes_of "$queue" AFL++
    done
}

fuzz/seeds.sh --origins "$work/origins" build/release "$seeds" >/dev/null
[ $only_index = yes ] ||
    build/release/bin/sipvet fuzz merge --target "$chosen" --dir "$campaign" --into fuzz/corpus \
        --edges --libfuzzer build/fuzz-plain/fuzz/bin "$seeds"

for target in $(awk '!/^#/ { print $1 }' fuzz/targets.list); do
    case ",$chosen," in
    ,all, | *,"$target",*) ;;
    *) continue ;;
    esac
    [ -d "fuzz/corpus/$target" ] || continue
    origins_of "$target" >"$work/known"
    {
        printf 'file\toctets\torigin\texercises\tstrict\tinterop\n'
        build/release/fuzz/bin/fuzz-index "$target" "fuzz/corpus/$target" |
            awk 'BEGIN { FS = OFS = "\t" }
                FNR == NR { if (!($1 in origin)) origin[$1] = $2; next }
                { print $1, $2, $1 in origin ? origin[$1] : "libFuzzer", $3, $4, $5 }' "$work/known" -
    } >"$work/index"
    mv "$work/index" "fuzz/corpus/$target.tsv"
    echo "$target: $(($(wc -l <"fuzz/corpus/$target.tsv") - 1)) files," \
        "$(awk -F "$tab" '{ n += $2 } END { print n }' "fuzz/corpus/$target.tsv") octets"
done
