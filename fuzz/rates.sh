#!/bin/sh
# rates.sh [OPTION]... [TARGET...]: executions per second of every fuzz target, or of those named,
# beside what is to be reached, with the machine they were measured on.
#
#   plain      the runner of the release build: no instrumentation, copies against fence pages
#   asan+ubsan the runner of fuzz-asan: compiler, optimisation and sanitizers of fuzz-libfuzzer, with
#              which campaigns run, but without the engine and what it instruments
#   libfuzzer  fuzz-libfuzzer, mutating: what a campaign makes, all its costs included
#   afl        fuzz-afl under afl-fuzz, mutating, as afl-fuzz counts: by the clock, not CPU time; beside
#              what it makes of a target that does nothing
#
# The runners go over the seeds, then over the corpus fuzz/corpus/TARGET where there is one, again and
# again, and count by CPU time.  Inputs longer than a campaign runs (fuzz/targets.list) are cut, as the
# engines cut them.  Rounds are interleaved: all builds of a target once, then all of the next, so
# that a machine that is slow for a while is slow for all.  Shown are the median of the rounds and the
# best one; other programs on the machine make both smaller, the best one less.
#
#   --time S     seconds for each measurement (1); the engines get five times as many
#   --rounds N   (3); the engines run once
#   --runner     leave the engines out
#   --tsv FILE   every measurement as a line: target, build, inputs, rate
#
# What is not built is left out; fuzz/builds.sh builds it.
set -eu
LC_ALL=C
export LC_ALL
cd "$(dirname "$0")/.."
seconds=1 rounds=3 engines=yes tsv=''

while [ $# -gt 0 ]; do
    case $1 in
    --time) seconds=${2:?} && shift ;;
    --rounds) rounds=${2:?} && shift ;;
    --runner) engines=no ;;
    --tsv) tsv=${2:?} && shift ;;
    --*)
        sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
        exit 2
        ;;
    *) break ;;
    esac
    shift
done
if [ $# -eq 0 ]; then
    # shellcheck disable=SC2046 # words on purpose
    set -- $(awk '!/^#/ { print $1 }' fuzz/targets.list)
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# ---- What is to be reached -----------------------------------------------------------------------

# Target, plain, with sanitizers: on one idle core.  AFL++ is to reach afl_goal without sanitizers.
cat >"$work/goals" <<'GOALS'
fuzz_uri 200000 60000
fuzz_message 100000 25000
fuzz_sdp 100000 25000
fuzz_digest_verify 30000 10000
fuzz_roundtrip 50000 12000
fuzz_transaction 20000 5000
fuzz_ua 10000 3000
fuzz_proxy 10000 3000
GOALS
afl_goal=15000

# ---- The machine ---------------------------------------------------------------------------------

cache() { # BUILD NAME: a setting of a build folder
    sed -n "s/^$2:[A-Z]*=//p" "build/$1/CMakeCache.txt"
}

describe() { # COLUMN BUILD
    [ -e "build/$2/CMakeCache.txt" ] || {
        echo "$1: not built ($2)"
        return
    }
    kind=$(cache "$2" CMAKE_BUILD_TYPE | tr '[:lower:]' '[:upper:]')
    sanitize=$(cache "$2" SIPVET_SANITIZE)
    # afl-clang-fast has a banner of its own before the version
    compiler=$("$(cache "$2" CMAKE_C_COMPILER)" --version 2>/dev/null | grep -m 1 '[0-9]\.[0-9]')
    echo "$1: $compiler, $(cache "$2" "CMAKE_C_FLAGS_$kind")${sanitize:+ -fsanitize=$sanitize}"
}

load() { cut -d ' ' -f 1-3 /proc/loadavg 2>/dev/null || echo unknown; }

echo "machine: $(awk -F ': ' '/^model name/ { print $2; exit }' /proc/cpuinfo), $(getconf _NPROCESSORS_ONLN) processors, $(uname -srm), $(date -u +%F)"
echo "load before: $(load); $rounds rounds of $seconds s of CPU time"
describe plain release
describe asan+ubsan fuzz-asan
[ $engines = no ] || {
    describe libfuzzer fuzz-libfuzzer
    describe afl fuzz-afl
    afl-fuzz -h 2>&1 | grep -m 1 -o 'afl-fuzz[+0-9].*' | sed 's/\x1b\[[0-9;]*m//g' || true
}

# ---- Measurements --------------------------------------------------------------------------------

column() { # TARGET NUMBER
    awk -v name="$1" -v n="$2" '$1 == name { print $n }' fuzz/targets.list
}

note() { # TARGET BUILD INPUTS RATE
    [ -n "$4" ] || echo "rates.sh: $1, $2: no rate: $(tail -n 1 "$work/log" 2>/dev/null)" >&2
    [ -z "$4" ] || printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" >>"$work/rates"
}

runner() { # TARGET COLUMN BUILD INPUTS PATH
    program=build/$3/fuzz/bin/$1
    [ -x "$program" ] && [ -e "$5" ] || return 0
    note "$1" "$2" "$4" "$("$program" --longest "$(column "$1" 4)" --time "$seconds" --json - "$5" |
        sed 's/.*"executions":\([0-9]*\),"seconds":\([0-9.]*\).*/\1 \2/' |
        awk '{ printf "%.0f\n", $1 / $2 }')"
}

# Seconds of CPU time of the children so far, from what the shell's `times` says.
spent() { sed -n '2s/m/ /g;2s/s//gp' "$1" | awk '{ printf "%.2f\n", $1 * 60 + $2 + $3 * 60 + $4 }'; }

libfuzzer() { # TARGET
    program=build/fuzz-libfuzzer/fuzz/bin/$1
    [ -x "$program" ] || return 0
    mkdir -p "$work/new"
    (
        "$program" -max_total_time=$((5 * seconds)) -max_len="$(column "$1" 4)" -print_final_stats=1 \
            -artifact_prefix="$work/" "$work/new" "$work/seeds/$1" >"$work/log" 2>&1 ||
            echo "rates.sh: $1: libFuzzer ended with $?" >&2
        times >"$work/times"
    )
    note "$1" libfuzzer mutated "$(awk -v cpu="$(spent "$work/times")" \
        '/number_of_executed_units/ { printf "%.0f\n", $2 / cpu }' "$work/log")"
    rm -rf "$work/new"
}

# Prints what afl-fuzz makes of a program.
afl_rate() { # LONGEST SEEDS PROGRAM
    AFL_SKIP_CPUFREQ=1 AFL_NO_UI=1 AFL_NO_AFFINITY=1 AFL_FAST_CAL=1 \
        AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 \
        afl-fuzz -V $((5 * seconds)) -G "$1" -t 1000+ -i "$2" -o "$work/afl" -- "$3" \
        >"$work/log" 2>&1 || echo "rates.sh: $3: afl-fuzz ended with $?" >&2
    awk -F ' *: ' '$1 == "execs_per_sec" { printf "%.0f\n", $2 }' \
        "$work/afl/default/fuzzer_stats" || echo "rates.sh: $3: no statistics, see above" >&2
    rm -rf "$work/afl"
}

afl() { # TARGET
    program=build/fuzz-afl/fuzz/bin/$1
    if [ ! -x "$program" ] || ! command -v afl-fuzz >/dev/null; then
        echo "rates.sh: $1, afl: left out, there is no $program or no afl-fuzz" >&2
        return 0
    fi
    note "$1" afl mutated "$(afl_rate "$(column "$1" 4)" "$work/seeds/$1" "$program")"
}

# What afl-fuzz makes of a target that does nothing: the most that any can reach on this machine.
afl_ceiling() { # WHEN
    if ! command -v afl-fuzz >/dev/null || ! command -v afl-clang-fast >/dev/null; then
        echo "rates.sh: a target that does nothing: left out, there is no AFL++" >&2
        return 0
    fi
    if [ ! -x "$work/nothing" ]; then
        mkdir "$work/one"
        echo sip >"$work/one/sip"
        echo 'int LLVMFuzzerTestOneInput(const unsigned char *p, unsigned long n);
            int LLVMFuzzerTestOneInput(const unsigned char *p, unsigned long n)
            { return n && *p == 0xff ? -1 : 0; }' >"$work/nothing.c"
        if ! afl-clang-fast -O2 -fsanitize=fuzzer "$work/nothing.c" -o "$work/nothing" \
            >"$work/log" 2>&1; then
            echo "rates.sh: a target that does nothing: $(tail -n 1 "$work/log")" >&2
            return 0
        fi
    fi
    echo "afl-fuzz, a target that does nothing, $1: $(afl_rate 64 "$work/one" "$work/nothing")"
}

: >"$work/rates"
fuzz/seeds.sh --pack build/release "$work/packs" >/dev/null
round=0
while [ $round -lt "$rounds" ]; do
    for target in "$@"; do
        runner "$target" plain release seeds "$work/packs/$target.pack"
        runner "$target" asan+ubsan fuzz-asan seeds "$work/packs/$target.pack"
        runner "$target" plain release corpus "fuzz/corpus/$target"
        runner "$target" asan+ubsan fuzz-asan corpus "fuzz/corpus/$target"
    done
    round=$((round + 1))
done
if [ $engines = yes ]; then
    fuzz/seeds.sh build/release "$work/seeds" >/dev/null
    afl_ceiling before
    for target in "$@"; do
        libfuzzer "$target"
        afl "$target"
    done
    afl_ceiling after
fi
echo "load after: $(load)"
[ -z "$tsv" ] || {
    printf 'target\tbuild\tinputs\trate\n'
    cat "$work/rates"
} >"$tsv"

# ---- The table -----------------------------------------------------------------------------------

sort -t '	' -k 1,3 -k 4,4n "$work/rates" | awk -F '\t' -v afl_goal=$afl_goal -v order="$*" '
    function key(target, build, inputs) { return target SUBSEP build SUBSEP inputs }
    measured { k = key($1, $2, $3); value[k, ++count[k]] = $4; next }
    { split($0, field, " "); goals[field[1], "plain"] = field[2]; goals[field[1], "asan+ubsan"] = field[3] }
    function median(k) { return count[k] ? value[k, int((count[k] + 1) / 2)] : "-" }
    function best(k) { return count[k] ? value[k, count[k]] : "-" }
    function judge(goal, k) {
        if (!goal || !count[k])
            return ""
        if (median(k) >= goal)
            return "reached"
        if (best(k) >= goal)
            return "at best"
        missed = missed " " target "/" build
        return "MISSED"
    }
    END {
        line = "%-20s %-10s %8s %8s %8s %8s %8s  %s\n"
        printf "\n" line, "target", "build", "goal", "seeds", "best", "corpus", "best", ""
        n = split(order, targets, " ")
        builds = split("plain asan+ubsan libfuzzer afl", names, " ")
        for (i = 1; i <= n; i++)
            for (b = 1; b <= builds; b++) {
                target = targets[i]
                build = names[b]
                goal = build == "afl" ? afl_goal : goals[target, build]
                k = key(target, build, b > 2 ? "mutated" : "seeds")
                c = key(target, build, "corpus")
                if (count[k])
                    printf line, target, build, goal ? goal : "", median(k), best(k), median(c), best(c),
                        judge(goal, k)
            }
        print missed ? "missed:" missed : "all goals reached"
    }' "$work/goals" measured=1 -
