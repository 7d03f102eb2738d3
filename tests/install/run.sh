#!/bin/sh
# run.sh BUILD COMPONENT NEEDED...: installs one component and what it stands on, moves the tree to
# another place, and builds and runs an outside program against it, in C and in C++, by pkg-config
# and by find_package, with the shared library and with the archive.
set -eu
build=$1 component=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
program=$here/use_$component.c
cc=${CC:-cc} cxx=${CXX:-c++}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for part in "$@" "$component"; do
    cmake --install "$build" --prefix "$work/first" --component "$part" >"$work/log"
done
mv "$work/first" "$work/moved"
prefix=$work/moved
pc=$(find "$prefix" -name "sipvet-$component.pc")
PKG_CONFIG_PATH=$(dirname "$pc")
export PKG_CONFIG_PATH
libdir=$(pkg-config --variable=libdir "sipvet-$component")

fail() {
    echo "install: $component: $*" >&2
    exit 1
}

# What is there, and nothing of other components.
for file in "include/sipvet/$component.h" "lib/libsipvet-$component.a"; do
    find "$prefix" -path "*/${file##*/}" | grep -q . || fail "no $file"
done
for library in "$libdir"/*.so; do
    name=$(basename "$library" .so)
    case " $component $* " in
    *" ${name#libsipvet-} "*) ;;
    *) fail "$name does not belong here" ;;
    esac
    # Hidden visibility: only the interface can be seen.
    seen=$(nm -D --defined-only "$library" | awk '$2 != "A" { print $3 }' | grep -v '^sipv_' || true)
    [ -z "$seen" ] || fail "$name shows" "$seen"
    # Each stands on sipvet libraries and libc only; auth also on libcrypto.
    readelf -d "$library" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' >"$work/needed"
    while read -r needed; do
        case $needed in
        libc.so.* | ld-linux*.so.* | libsipvet-*) ;;
        libcrypto.so.*) [ "$name" = libsipvet-auth ] || fail "$name needs $needed" ;;
        *) fail "$name needs $needed" ;;
        esac
    done <"$work/needed"
    readelf -d "$library" | grep -q 'SONAME.*\.so\.[0-9]' || fail "$name has no version"
done

strict="-Wall -Wextra -Wpedantic -Werror"
# pkg-config, shared and archive.
flags=$(pkg-config --cflags "sipvet-$component")
libs=$(pkg-config --libs "sipvet-$component")
archives=$libdir/libsipvet-$component.a
# Of what an archive stands on besides, pkg-config knows.
outside=$(pkg-config --libs --static "sipvet-$component" | tr ' ' '\n' |
    grep -v -e '^-L' -e sipvet | tr '\n' ' ')
for part in "$@"; do
    archives="$archives $libdir/libsipvet-$part.a"
done
for language in c c++; do
    case $language in
    c) compile="$cc -std=c11" ;;
    c++) compile="$cxx -std=c++17" ;;
    esac
    $compile $strict $flags -x $language "$program" -x none $libs -o "$work/shared"
    LD_LIBRARY_PATH=$libdir "$work/shared" || fail "$language program, shared library"
    $compile $strict $flags -x $language "$program" -x none $archives $outside -o "$work/static"
    "$work/static" || fail "$language program, archive"
done

# find_package.
cmake -S "$here/package" -B "$work/outside" -DCMAKE_PREFIX_PATH="$prefix" \
    -DCOMPONENT="$component" -DPROGRAM="$program" >"$work/log" || {
    cat "$work/log"
    fail "find_package"
}
cmake --build "$work/outside" >"$work/log" || {
    cat "$work/log"
    fail "build by find_package"
}
for run in shared-c shared-cpp static-c static-cpp; do
    "$work/outside/$run" || fail "$run by find_package"
done

# A component that is not installed is reported as such.
if cmake -S "$here/package" -B "$work/none" -DCMAKE_PREFIX_PATH="$prefix" -DCOMPONENT=nothing \
    -DPROGRAM="$program" >"$work/log" 2>&1; then
    fail "find_package finds a component that does not exist"
fi
echo "install: $component: C and C++, pkg-config and find_package, shared and archive"
