#!/bin/sh
# build.sh: builds all fuzz targets as OSS-Fuzz and ClusterFuzzLite want them; both use this script.
#
# They set CC, CXX, CFLAGS, CXXFLAGS and LIB_FUZZING_ENGINE, and everything for the targets is
# compiled and linked with exactly these.  For each target there come into $OUT: the program,
# <target>_seed_corpus.zip, <target>.dict and <target>.options.  What only runs here, abnfc and the
# makers of seeds, is built by the machine's own compiler and stays in $WORK.
#
# The machine that runs the targets may have no OpenSSL: libcrypto becomes part of them.  It is
# built from $SRC/openssl if that is there, else that of this machine is taken.
#
# SIPVET_HERE is for check.sh: a build folder of this tree and this machine; what only runs here is
# configured and tried dry then, but taken from there.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
: "${OUT:?}" "${WORK:=$root/build/oss-fuzz}" "${SRC:=$root/..}"
: "${CC:=clang}" "${CXX:=clang++}" "${CFLAGS:=}" "${CXXFLAGS:=}"
: "${LIB_FUZZING_ENGINE:=-fsanitize=fuzzer}"
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
mkdir -p "$OUT" "$WORK"
if [ -z "${CMAKE_GENERATOR:-}" ] && command -v ninja >/dev/null; then
    export CMAKE_GENERATOR=Ninja
fi

# ---- libcrypto ------------------------------------------------------------------------------------

crypto=
if [ -d "$SRC/openssl" ]; then
    crypto=$WORK/openssl
    if [ ! -e "$crypto/lib/libcrypto.a" ]; then
        mkdir -p "$WORK/openssl-build"
        # shellcheck disable=SC2086 # words on purpose
        (cd "$WORK/openssl-build" &&
            CC=$CC CXX=$CXX "$SRC/openssl/Configure" no-shared no-asm no-tests no-apps no-docs \
                --prefix="$crypto" --libdir=lib $CFLAGS &&
            make -s -j"$jobs" build_libs && make -s install_dev)
    fi
fi

# ---- What runs here -------------------------------------------------------------------------------

for compiler in cc clang gcc; do
    command -v $compiler >/dev/null && break
done
env -u CFLAGS -u CXXFLAGS -u CC -u CXX cmake -S "$root" -B "$WORK/here" \
    -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_FLAGS_RELEASE=-O1 -DSIPVET_COMPONENTS=fuzz \
    -DCMAKE_C_COMPILER=$compiler \
    ${crypto:+-DOPENSSL_ROOT_DIR="$crypto" -DOPENSSL_USE_STATIC_LIBS=ON}
here=$WORK/here
set -- --target sipvet fuzz-seeds fuzz-dicts
if [ -n "${SIPVET_HERE:-}" ]; then
    cmake --build "$here" "$@" -- -n >/dev/null
    here=$SIPVET_HERE
else
    cmake --build "$here" -j"$jobs" "$@"
fi
"$root/fuzz/seeds.sh" "$here" "$WORK/seeds"

# ---- Targets --------------------------------------------------------------------------------------

# CMake links C with the C compiler; the engines are C++ and want $CXX.
cmake -S "$root" -B "$WORK/targets" -DCMAKE_BUILD_TYPE=None -DSIPVET_COMPONENTS=fuzz \
    -DCMAKE_C_COMPILER="$CC" -DCMAKE_C_FLAGS="$CFLAGS" -DSIPVET_FUZZ_ENGINE="$LIB_FUZZING_ENGINE" \
    -DSIPVET_ABNFC="$here/bin/abnfc" \
    -DCMAKE_C_LINK_EXECUTABLE="$CXX $CXXFLAGS <LINK_FLAGS> <OBJECTS> -o <TARGET> <LINK_LIBRARIES>" \
    -DOPENSSL_USE_STATIC_LIBS=ON ${crypto:+-DOPENSSL_ROOT_DIR="$crypto"}
sed -n 's/^\(fuzz_[a-z_0-9]*\)[ 	].*/\1/p' "$root/fuzz/targets.list" |
    xargs cmake --build "$WORK/targets" -j"$jobs" --target

# zip_folder FOLDER ZIP
zip_folder() {
    rm -f "$2"
    if command -v zip >/dev/null; then
        (cd "$1" && find . -type f | zip -q -@ "$2")
    else
        (cd "$1" && python3 -m zipfile -c "$2" ./*)
    fi
}

while read -r target _ dictionary longest _; do
    case $target in fuzz_*) ;; *) continue ;; esac
    cp "$WORK/targets/fuzz/bin/$target" "$OUT/"
    mkdir -p "$WORK/seeds/$target"
    zip_folder "$WORK/seeds/$target" "$OUT/${target}_seed_corpus.zip"
    printf '[libfuzzer]\nmax_len = %s\ntimeout = 25\n' "$longest" >"$OUT/$target.options"
    if [ "$dictionary" != - ]; then
        cp "$here/fuzz/dict/$dictionary" "$OUT/$target.dict"
        printf 'dict = %s.dict\n' "$target" >>"$OUT/$target.options"
    fi
done <"$root/fuzz/targets.list"
