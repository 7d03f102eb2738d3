#!/bin/sh
# builds.sh [PRESET...]: builds the fuzz targets in every way that this machine has the tools for, or
# in the ways that are named; says what is missing.  fuzz-clang14 is built only where it is named.
# docs/fuzzing.md says what each is for.
# Exit: 0 all that was asked for is there, or nothing was named; 1 a build failed; 2 one that was named
# is not possible here, or is none.
set -eu
cd "$(dirname "$0")/.."

all="fuzz-libfuzzer fuzz-plain fuzz-asan fuzz-msan fuzz-afl fuzz-cmplog fuzz-coverage \
    fuzz-coverage-portable fuzz-blocks fuzz-32"
case ${1:-} in
-h | --help)
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0"
    exit 0
    ;;
-*)
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
named=$#
[ $# -gt 0 ] || eval "set -- $all"

# The newest clang that there is.
clang=""
for name in clang-19 clang-18 clang-17 clang-16 clang-15 clang-14 clang; do
    if [ -z "$clang" ] && command -v "$name" >/dev/null; then
        clang=$name
    fi
done

# Does a program compile and link with these flags?
links() {
    probe=$(mktemp -d)
    printf '%s\n' '#include <stddef.h>' '#include <stdint.h>' "$1" >"$probe/t.c"
    shift
    result=0
    "$@" "$probe/t.c" -o "$probe/t" >/dev/null 2>&1 || result=1
    rm -rf "$probe"
    return $result
}

main='int main(void) { return 0; }'
target='int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n) { (void)p; (void)n; return 0; }'

# ---- OpenSSL for 32 bits ----------------------------------------------------------------------------

# Debian's packages of two architectures can only be installed in one version, and that of i386 may
# lag behind.  Where the machine has none they are unpacked here, nothing is installed.
i386=$(pwd)/build/i386

own_crypto_32() {
    links '#include <openssl/evp.h>
        int main(void) { return EVP_MD_CTX_new() == NULL; }' cc -m32 -lcrypto
}

unpacked_crypto_32() {
    [ ! -e "$i386/usr/lib/i386-linux-gnu/libcrypto.so" ] || return 0
    runtime=$(apt-cache depends libssl-dev:i386 2>/dev/null | sed -n 's/^ *Depends: \(libssl[^ ]*\)$/\1/p')
    [ -n "$runtime" ] || return 1
    mkdir -p "$i386/packages"
    (cd "$i386/packages" && apt-get download libssl-dev:i386 "$runtime") >"$i386/log" 2>&1 || return 1
    for package in "$i386/packages"/*.deb; do
        dpkg-deb -x "$package" "$i386" || return 1
    done
}

# configure PRESET: what runs finds those libraries by the path that CMake writes into it.
configure() {
    if [ "$1" = fuzz-32 ] && ! own_crypto_32; then
        export PKG_CONFIG_LIBDIR="$i386/usr/lib/i386-linux-gnu/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$i386"
        set -- "$1" -DOPENSSL_ROOT_DIR="$i386/usr" \
            -DCMAKE_C_FLAGS="-m32 -isystem $i386/usr/include/i386-linux-gnu"
    fi
    cmake --preset "$@"
}

# ---- What there is ----------------------------------------------------------------------------------

# What is missing for a preset; nothing if it can be built.
missing() {
    case $1 in
    fuzz-libfuzzer | fuzz-plain)
        [ -n "$clang" ] || { echo "clang" && return; }
        links "$target" "$clang" -fsanitize=fuzzer || echo "libFuzzer of $clang (libclang-rt)"
        ;;
    fuzz-clang14)
        command -v clang-14 >/dev/null || { echo "clang-14" && return; }
        links "$target" clang-14 -fsanitize=fuzzer || echo "libFuzzer of clang-14 (libclang-rt-14-dev)"
        ;;
    fuzz-msan)
        [ -n "$clang" ] || { echo "clang" && return; }
        links "$main" "$clang" -fsanitize=memory || echo "MemorySanitizer of $clang (libclang-rt)"
        ;;
    fuzz-afl | fuzz-cmplog)
        command -v afl-clang-fast >/dev/null || { echo "afl++" && return; }
        links "$target" afl-clang-fast -fsanitize=fuzzer || echo "the driver of afl++"
        ;;
    fuzz-asan)
        [ -n "$clang" ] || { echo "clang" && return; }
        links "$main" "$clang" -fsanitize=address,undefined || echo "AddressSanitizer of $clang (libclang-rt)"
        ;;
    fuzz-coverage | fuzz-coverage-portable) [ -n "$clang" ] || echo "clang" ;;
    fuzz-32)
        links "$main" cc -m32 || { echo "gcc-multilib" && return; }
        own_crypto_32 || unpacked_crypto_32 ||
            echo "libssl-dev:i386, nor can apt-get download it (dpkg --add-architecture i386, apt-get update)"
        ;;
    esac
}

# Names that are none are refused before anything is built.
for preset in "$@"; do
    case " $all fuzz-clang14 " in
    *" $preset "*) ;;
    *)
        echo "builds.sh: there is no preset $preset" >&2
        exit 2
        ;;
    esac
done

compiler_of() {
    case $1 in
    fuzz-libfuzzer | fuzz-plain | fuzz-asan | fuzz-msan | fuzz-coverage | fuzz-coverage-portable)
        echo "$clang"
        ;;
    fuzz-clang14) echo clang-14 ;;
    fuzz-afl | fuzz-cmplog) echo afl-clang-fast ;;
    *) echo cc ;;
    esac
}

failed=0
impossible=0
for preset in "$@"; do
    lacks=$(missing "$preset")
    if [ -n "$lacks" ]; then
        echo "$preset: skipped, there is no $lacks"
        impossible=1
        continue
    fi
    mkdir -p build
    begin=$(date +%s)
    if (CC=$(compiler_of "$preset") && export CC && configure "$preset") >build/fuzz.log 2>&1 &&
        cmake --build --preset "$preset" >>build/fuzz.log 2>&1; then
        echo "$preset: built with $(compiler_of "$preset") in $(($(date +%s) - begin)) s"
    else
        tail -n 20 build/fuzz.log >&2
        echo "$preset: FAILED" >&2
        failed=1
    fi
done
[ $failed -eq 0 ] || exit 1
[ "$named" -eq 0 ] || [ $impossible -eq 0 ] || exit 2
