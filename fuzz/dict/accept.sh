#!/bin/sh
# accept.sh DICT...: is each a dictionary that libFuzzer and AFL++ take?  The form is always looked
# at; each engine is asked where it is installed.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "accept.sh: $*" >&2
    exit 1
}

# Lines are empty, comments, or one quoted token of 1 to 128 octets with no escape but \\ \" \xHH.
check_form() {
    awk '
    /^#/ || /^$/ { next }
    {
        token = $0
        if (token !~ /^"([^"\\]|\\["\\]|\\x[0-9A-Fa-f][0-9A-Fa-f])+"$/) { print "no token: " $0; bad = 1 }
        gsub(/\\x[0-9A-Fa-f][0-9A-Fa-f]|\\["\\]/, "x", token)
        if (length(token) - 2 > 128) { print "too long: " $0; bad = 1 }
        n++
    }
    END { exit bad || !n }' "$1" || fail "$1: not a dictionary"
}

cat >"$work/target.c" <<'END'
#include <stddef.h>
#include <stdint.h>
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    volatile int taken = size > 1 && data[0] == 'S' && data[1] == 'I';
    (void)taken;
    return 0;
}
END
mkdir "$work/in"
printf 'SIP' >"$work/in/seed"

ask_libfuzzer() {
    for clang in clang-19 clang-14 clang; do
        command -v "$clang" >/dev/null || continue
        "$clang" -fsanitize=fuzzer "$work/target.c" -o "$work/target" 2>"$work/log" || continue
        for dict in "$@"; do
            "$work/target" -dict="$dict" -runs=10 >"$work/log" 2>&1 || {
                cat "$work/log" >&2
                fail "$dict: libFuzzer refuses it"
            }
            grep -q '^Dictionary: [1-9]' "$work/log" || fail "$dict: libFuzzer takes nothing of it"
        done
        echo "libFuzzer of $clang takes all of them"
        return
    done
    echo "libFuzzer is not installed: not asked"
}

ask_afl() {
    if ! command -v afl-fuzz >/dev/null || ! afl-clang-fast -fsanitize=fuzzer "$work/target.c" \
        -o "$work/target-afl" >"$work/log" 2>&1; then
        echo "AFL++ is not installed: not asked"
        return
    fi
    for dict in "$@"; do
        AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_AFFINITY=1 AFL_NO_UI=1 \
            afl-fuzz -V 1 -x "$dict" -i "$work/in" -o "$work/out" -- "$work/target-afl" \
            >"$work/log" 2>&1 || {
            cat "$work/log" >&2
            fail "$dict: AFL++ refuses it"
        }
        rm -rf "$work/out"
    done
    echo "AFL++ takes all of them"
}

for dict in "$@"; do
    check_form "$dict"
done
ask_libfuzzer "$@"
ask_afl "$@"
