#!/bin/sh
# coverage.sh [-s] [-v] [PATH...]: which lines and branches of the libraries' hand-written code the seeds
# and the committed corpora reach on all targets; a table by file, and totals by component.  -v lists
# what is missed, of files below a PATH if one is given (parser/src/edit.c).  -s: the seeds alone.
#
# Hand-written is what stands in src/ and include/ of grammar, parser, sdp and auth.  What abnfc writes
# is not, nor is abnfc itself, which is a build tool.
#
# Needs the builds release and fuzz-coverage (fuzz/builds.sh fuzz-coverage); what stands in place of
# vector code is counted in fuzz-coverage-portable, if that is there too.
#
# Exit: 0 every component has at least 99 % of its lines and 95 % of its branches; 1 one has not, which
# is said; else something failed.
set -eu
cd "$(dirname "$0")/.."
verbose="" alone=""
while getopts sv option; do
    case $option in
    s) alone=1 ;;
    v) verbose=1 ;;
    *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))
builds=build/fuzz-coverage
if [ -d build/fuzz-coverage-portable/fuzz/bin ]; then
    builds="$builds build/fuzz-coverage-portable"
else
    echo "coverage.sh: without fuzz-coverage-portable, portable code counts as missed" >&2
fi
packs=build/fuzz-coverage/packs
fuzz/seeds.sh --pack build/release $packs >/dev/null

# Runs all targets of a build.  BUILD/profiles/lines and branches tell what came of it, as llvm-cov
# exports it: lcov has the lines, but each copy of an inline function in it has branches of its own.
run() {
    work=$1/profiles
    compiler=$(sed -n 's/^CMAKE_C_COMPILER:[A-Z]*=//p' "$1/CMakeCache.txt")
    suffix=$(basename "$compiler" | sed -n 's/^clang\(-[0-9]*\)$/\1/p')
    rm -rf "$work"
    mkdir -p "$work"
    objects=""
    for target in $(awk '!/^#/ { print $1 }' fuzz/targets.list); do
        corpus=""
        [ -n "$alone" ] || [ ! -d "fuzz/corpus/$target" ] || corpus=fuzz/corpus/$target
        LLVM_PROFILE_FILE="$work/$target.profraw" "$1/fuzz/bin/$target" "$packs/$target.pack" \
            corpus $corpus >"$work/$target.log"
        objects="$objects -object $1/fuzz/bin/$target"
    done
    "llvm-profdata$suffix" merge -o "$work/all" "$work"/*.profraw
    # shellcheck disable=SC2086 # words on purpose
    set -- $objects -instr-profile "$work/all" -ignore-filename-regex '(^|/)(fuzz|tools)/|\.gen\.'
    "llvm-cov$suffix" export -format=lcov "$@" >"$work/lines" 2>"$work/log"
    "llvm-cov$suffix" export -skip-functions -skip-expansions "$@" 2>>"$work/log" |
        awk 'BEGIN { RS = "\\{\"branches\":" }
            NR > 1 && /^\[\[/ {
                file = $0; sub(/.*"filename":"/, "", file); sub(/".*/, "", file)
                sub(/\]\].*/, "", $0); gsub(/\[/, "", $0)
                n = split($0, regions, /\],?/)
                for (i = 1; i <= n; i++)
                    if (split(regions[i], f, ",") > 5)
                        print "BRANCH " file " " f[1] ":" f[2] " " f[3] ":" f[4] " " f[5] " " f[6]
            }' >"$work/branches"
}

lists=""
for build in $builds; do
    run "$build"
    lists="$lists $build/profiles/lines $build/profiles/branches"
done

# A line or a branch is reached if it is in one of the builds.
# shellcheck disable=SC2086 # words on purpose
awk -v verbose="$verbose" -v paths="$*" -v root="$(pwd)/" '
function name_of(path) {
    sub("^" root, "", path)
    sub(/^build\/[^\/]*\/\.\.\/\.\.\//, "", path)
    return path
}
function wanted(file, i) {
    for (i in below)
        if (index(file, below[i]) == 1)
            return 1
    return n_below == 0
}
function portion(part, all) { return all ? sprintf("%7.2f%% of %5d", 100 * part / all, all) : sprintf("%17s", "-") }
function print_counts(name, key) {
    printf "%s lines %s branches  %s\n", portion(hit["line", key], all["line", key]),
        portion(hit["branch", key], all["branch", key]), name
}
# Says what has fewer lines or branches than it must, in percent.
function judge(name, what, least) {
    if (all[what, name] && 100 * hit[what, name] >= least * all[what, name])
        return 0
    printf "coverage.sh: MISSED: %s has %.2f%% of its %s, %d%% are wanted\n", name,
        all[what, name] ? 100 * hit[what, name] / all[what, name] : 0,
        what == "line" ? "lines" : "branches", least >"/dev/stderr"
    return 1
}
function count(what, key, file, component, reached) {
    component = file; sub(/\/.*/, "", component)
    all[what, file]++; all[what, component]++; all[what, "all"]++
    hit[what, file] += reached; hit[what, component] += reached; hit[what, "all"] += reached
}
BEGIN { n_below = split(paths, below, " ") }
/^SF:/ {
    file = name_of(substr($0, 4))
    if (!(file in seen)) { seen[file] = 1; files[++n_files] = file }
}
/^DA:/ {
    split(substr($0, 4), f, ",")
    if (!((file, f[1]) in lines)) { order[++n_lines] = file SUBSEP f[1]; lines[file, f[1]] = 0 }
    lines[file, f[1]] += f[2]
}
/^BRANCH / {
    file = name_of($2)
    for (way = 0; way < 2; way++) {
        key = file SUBSEP $3 SUBSEP $4 SUBSEP way
        if (!(key in branches)) { branch_order[++n_branches] = key; branches[key] = 0 }
        branches[key] += way ? $5 : $6
    }
}
END {
    for (i = 1; i <= n_lines; i++) {
        split(order[i], f, SUBSEP)
        count("line", order[i], f[1], "", lines[order[i]] > 0)
        if (verbose && !lines[order[i]] && wanted(f[1]))
            print f[1] ":" f[2] ": line"
    }
    for (i = 1; i <= n_branches; i++) {
        split(branch_order[i], f, SUBSEP)
        count("branch", branch_order[i], f[1], "", branches[branch_order[i]] > 0)
        if (verbose && !branches[branch_order[i]] && wanted(f[1]))
            print f[1] ":" f[2] "-" f[3] ": never " (f[4] ? "true" : "false")
    }
    for (i = 1; i <= n_files; i++)
        if (wanted(files[i]))
            print_counts(files[i], files[i])
    n = split("grammar parser sdp auth all", names, " ")
    for (i = 1; i <= n; i++)
        print_counts(names[i], names[i])
    for (i = 1; i < n; i++)
        missed += judge(names[i], "line", 99) + judge(names[i], "branch", 95)
    exit missed > 0
}' $lists
