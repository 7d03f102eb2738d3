#!/bin/sh
# check.sh WORK [BUILD]: does build.sh keep to what OSS-Fuzz and ClusterFuzzLite ask for?  Without
# containers: the compilers are wrapped by scripts that write down how they were called, the
# environment is that of a libFuzzer build with AddressSanitizer, and what came into $OUT is looked at
# and run elsewhere.
#
#   - the sources of targets and libraries are compiled with all of $CFLAGS and no other sanitizer
#   - targets are linked by $CXX with $CXXFLAGS and $LIB_FUZZING_ENGINE
#   - each line of targets.list has a program, seeds as zip, options, and its dictionary
#   - a program needs no shared library beyond those of C and C++
#   - it runs in another folder, over seeds out of the zip, reaches 100 edges, and reads its dictionary
#
# WORK keeps the builds, so that a second run is quick.  BUILD is a build folder of this tree: abnfc,
# seeds and dictionaries, which are no part of the contract, are made with what it has, and not
# compiled once more.  Exit: 0 kept, 1 not, 77 no clang with libFuzzer.
set -eu
LC_ALL=C
export LC_ALL
root=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "${1:?usage: check.sh WORK [BUILD]}"
work=$(cd "$1" && pwd)
build=${2:+$(cd "$2" && pwd)}
failures=0
fail() {
    failures=$((failures + 1))
    echo "oss-fuzz: $*"
}

# ---- The environment ------------------------------------------------------------------------------

suffix=none
for s in -19 -14 ''; do
    command -v "clang$s" >/dev/null && command -v "clang++$s" >/dev/null || continue
    echo 'int LLVMFuzzerTestOneInput(const char *p, unsigned long n) { return n > 9 && !p; }' \
        >"$work/try.c"
    "clang$s" -fsanitize=fuzzer,address "$work/try.c" -o "$work/try" 2>/dev/null || continue
    suffix=$s
    break
done
[ "$suffix" != none ] || {
    echo "oss-fuzz: skipped, there is no clang with libFuzzer"
    exit 77
}

# wrapper NAME COMPILER: passes everything on, and writes it down.
wrapper() {
    printf '#!/bin/sh\nprintf "%%s " "$@" >>"%s"\necho >>"%s"\nexec %s "$@"\n' \
        "$work/$1.log" "$work/$1.log" "$2" >"$work/$1.new"
    cmp -s "$work/$1.new" "$work/$1" || cp "$work/$1.new" "$work/$1"
    chmod +x "$work/$1"
    : >"$work/$1.log"
}
wrapper cc "clang$suffix"
wrapper cxx "clang++$suffix"
out=$work/out
rm -rf "$out"
mkdir -p "$out"
rm -f "$work"/build/targets/fuzz/bin/fuzz_* # so that all of them are linked again
sanitize="-fsanitize=address -fsanitize-address-use-after-scope -fsanitize=fuzzer-no-link"
flags="-O1 -fno-omit-frame-pointer -gline-tables-only -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION $sanitize"
if ! env SIPVET_HERE="$build" SRC="$work/src" WORK="$work/build" OUT="$out" CC="$work/cc" CXX="$work/cxx" CFLAGS="$flags" \
    CXXFLAGS="$flags" LIB_FUZZING_ENGINE=-fsanitize=fuzzer CCACHE_COMPILERCHECK=content \
    SANITIZER=address FUZZING_ENGINE=libfuzzer ARCHITECTURE=x86_64 \
    "$root/fuzz/oss-fuzz/build.sh" >"$work/log" 2>&1; then
    tail -n 20 "$work/log"
    echo "oss-fuzz: build.sh failed"
    exit 1
fi

# ---- How it was built -------------------------------------------------------------------------------

# Compilers are tried out by CMake, in folders of its own.
grep -e '-c ' "$work/cc.log" | grep -v CMakeFiles/CMakeScratch | grep -v CMakeCCompilerId \
    >"$work/compiled" || true
grep -e ' -o fuzz/bin/fuzz_' -e ' -o bin/fuzz_' "$work/cxx.log" >"$work/linked" || true
# A compiler cache may have put the words in another order.
while read -r line; do
    for flag in $flags; do
        case " $line " in
        *" $flag "*) ;;
        *) fail "compiled without $flag: $line" ;;
        esac
    done
    for word in $line; do
        case " $flags $word" in
        *" $word "*) ;;
        *" -fsanitize"* | *" -fno-sanitize"*) case $word in
            -f*sanitize*) fail "a sanitizer of our own, $word: $line" ;;
            esac ;;
        esac
    done
done <"$work/compiled"
while read -r line; do
    case " $line " in
    *" $flags -fsanitize=fuzzer "* | *" $flags "*" -fsanitize=fuzzer "*) ;;
    *) fail "not linked with \$CXXFLAGS and \$LIB_FUZZING_ENGINE: $line" ;;
    esac
done <"$work/linked"

# ---- What there is ----------------------------------------------------------------------------------

mkdir -p "$work/elsewhere"
count=0
while read -r target _ dictionary longest _; do
    case $target in fuzz_*) ;; *) continue ;; esac
    count=$((count + 1))
    if [ ! -x "$out/$target" ]; then
        fail "no program $target"
        continue
    fi
    ldd "$out/$target" | sed 's/^[ 	]*//;s/ .*//' |
        grep -v -e '^linux-vdso' -e '^lib\(c\|m\|dl\|rt\|pthread\|resolv\|stdc++\|gcc_s\)\.so' -e 'ld-linux' \
            >"$work/foreign" && fail "$target needs $(tr '\n' ' ' <"$work/foreign")"
    grep -q "^max_len = $longest$" "$out/$target.options" || fail "$target.options has no max_len"
    if [ "$dictionary" != - ]; then
        [ -s "$out/$target.dict" ] || fail "no $target.dict"
        grep -q "^dict = $target.dict$" "$out/$target.options" || fail "$target.options has no dict"
    fi
    rm -rf "$work/elsewhere/$target"
    mkdir "$work/elsewhere/$target"
    if command -v unzip >/dev/null; then
        unzip -q "$out/${target}_seed_corpus.zip" -d "$work/elsewhere/$target" || fail "$target: bad zip"
    else
        python3 -m zipfile -e "$out/${target}_seed_corpus.zip" "$work/elsewhere/$target" ||
            fail "$target: bad zip"
    fi
    seeds=$(find "$work/elsewhere/$target" -type f | wc -l)
    [ "$seeds" -gt 0 ] || fail "$target has no seeds"
    # A thousand show that it runs: all are replayed by the build with sanitizers.  Their names are
    # hashes, so these are any of them.
    find "$work/elsewhere/$target" -type f | sort | tail -n +1001 | xargs -r rm -f
    set --
    [ ! -e "$out/$target.dict" ] || set -- -dict="$out/$target.dict"
    if ! (cd "$work/elsewhere" && timeout 300 "$out/$target" "$@" -runs=0 -timeout=60 \
        -max_len="$longest" "$target") >"$work/$target.log" 2>&1; then
        tail -n 5 "$work/$target.log"
        fail "$target fails on its seeds"
        continue
    fi
    edges=$(sed -n 's/.*INITED cov: \([0-9]*\).*/\1/p' "$work/$target.log" | tail -n 1)
    [ "${edges:-0}" -ge 100 ] || fail "$target reaches ${edges:-no} edges, less than 100"
    echo "$target: $seeds seeds, ${edges:-0} edges"
done <"$root/fuzz/targets.list"
linked=$(wc -l <"$work/linked")
[ "$linked" -ge "$count" ] || fail "$linked of $count targets were linked by \$CXX"
[ -s "$work/compiled" ] || echo "oss-fuzz: nothing was compiled this time, an earlier run has looked"
for file in fuzz/oss-fuzz/Dockerfile fuzz/oss-fuzz/project.yaml .clusterfuzzlite/Dockerfile \
    .clusterfuzzlite/project.yaml .clusterfuzzlite/build.sh; do
    [ -s "$root/$file" ] || fail "no $file"
done
grep -q '^language: c$' "$root/.clusterfuzzlite/project.yaml" || fail "ClusterFuzzLite knows no language"
grep -q '^language: c$' "$root/fuzz/oss-fuzz/project.yaml" || fail "OSS-Fuzz knows no language"
echo "oss-fuzz: $count targets, $failures failures"
[ $failures -eq 0 ] && [ $count -gt 0 ]
