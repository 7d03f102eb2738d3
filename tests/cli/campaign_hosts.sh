#!/bin/sh
# tests/cli/campaign_hosts.sh SIPVET: campaigns of AFL++ on two hosts, what is left behind by engines,
# and what a report says of coverage, with small targets of its own.  What is not installed is left out.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# ---- AFL++, two hosts as two folders ------------------------------------------------------------------

cat >tiny.c <<'C'
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(void)
{
    char in[64] = "";
    long n = read(0, in, sizeof in - 1);
    if (n > 3 && memcmp(in, "sip", 3) == 0 && in[3] == '!')
        abort();
    return 0;
}
C
if command -v afl-fuzz >/dev/null && mkdir afl &&
    afl-clang-fast -O1 tiny.c -o afl/tiny >afl.log 2>&1; then
    echo 'tiny tiny.c - 64 none' >tiny.list
    mkdir -p seeds/tiny
    printf 'sip?' >seeds/tiny/1
    tiny="--list tiny.list --afl afl --libfuzzer nowhere --runner nowhere"
    for host in one two; do
        expect 0 fuzz start $tiny --seeds seeds --mutator nowhere --engine afl --host $host --dir $host --time 4s
    done
    checks=$((checks + 1))
    [ -d one/tiny/afl/main-one/queue ] || fail "no instance of the first host: $(cat one/tiny/*.log)"
    expect 0 fuzz sync $tiny --dir one --with two --dry-run
    out_has 'would be copied$'
    checks=$((checks + 2))
    [ ! -e one/tiny/afl/main-two ] || fail "$ran: a dry run copied"
    expect 0 fuzz sync $tiny --dir one --with two
    [ -n "$(ls one/tiny/afl/main-two/queue)" ] && [ -n "$(ls two/tiny/afl/main-one/queue)" ] ||
        fail "$ran: nothing was exchanged"
    expect 0 fuzz sync $tiny --dir one --with two
    out_has '^0 inputs copied$'
    # It goes on, and sums up.  How much CPU time there is in a second is a matter of the machine's load,
    # so it goes on until it has had some.
    expect 0 fuzz status $tiny --dir one -f ndjson
    json_true 'r["edges_afl"] > 0 and r["executions"] > 0'
    executions=$(sed 's/.*"executions":\([0-9]*\).*/\1/' out)
    cpu=$(sed 's/.*"cpu_s_afl":\([0-9]*\).*/\1/' out)
    expect 0 fuzz start $tiny --seeds seeds --mutator nowhere --engine afl --host one --dir one --time 3s \
        --cpu $((cpu + 1))s
    expect 0 fuzz status $tiny --dir one -f ndjson
    json_true "r['executions'] > $executions and r['cpu_s'] == r['cpu_s_afl'] > $cpu"
else
    skip "no AFL++: hosts exchange nothing"
fi

# ---- An engine leaves processes behind ------------------------------------------------------------------

# One in its group, one in a session of its own that has begun another.
mkdir -p leaver seeds/tiny
cat >leaver/tiny <<'SH'
#!/bin/sh
sleep 1000 & echo $! >>left
setsid sh -c 'sleep 1000 & echo $! $$ >>left; wait' &
i=0
while [ $i -lt 40000 ]; do i=$((i + 1)); done
while [ "$(wc -w <left)" -lt 3 ]; do sleep 0.1; done
SH
chmod +x leaver/tiny
echo 'tiny tiny.c - 64 none' >tiny.list
: >left
expect 0 fuzz start --list tiny.list --libfuzzer leaver --runner nowhere --seeds seeds --dir left-behind --time 60s
checks=$((checks + 1))
[ "$(wc -w <left)" -eq 3 ] || fail "$ran: the engine has begun: $(cat left)"
for pid in $(cat left); do
    checks=$((checks + 1))
    ! kill -0 "$pid" 2>/dev/null || {
        fail "$ran: a process was left behind: $(ps -o args= -p "$pid" 2>/dev/null)"
        kill -9 "$pid"
    }
done

# ---- Coverage of what is kept ------------------------------------------------------------------------

clang=
for name in clang-19 clang-18 clang-17 clang-16 clang-15 clang-14; do
    if [ -z "$clang" ] && command -v $name llvm-profdata${name#clang} llvm-cov${name#clang} >/dev/null; then
        clang=$name
    fi
done
mkdir -p profiled covered/tiny/corpus
if [ -n "$clang" ] &&
    $clang -fprofile-instr-generate -fcoverage-mapping tiny.c -o profiled/tiny >clang.log 2>&1; then
    echo 'tiny tiny.c - 64 none' >tiny.list
    echo 'sip?' >covered/tiny/corpus/1
    expect 0 fuzz report --list tiny.list --runner nowhere --dir covered --coverage profiled
    out_has 'tiny.c  .*%'
    expect 0 fuzz report --list tiny.list --runner nowhere --dir covered --coverage nowhere
    out_has 'class="bad">No target there has run'
else
    skip "no clang with llvm-cov: no coverage is measured"
fi

conclude
