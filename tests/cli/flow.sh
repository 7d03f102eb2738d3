#!/bin/sh
# tests/cli/flow.sh SIPVET: `sipvet flow` and `sipvet demo`.  Prints what failed, and a count; exits 1
# if something failed.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# ---- Command lines ---------------------------------------------------------------------------------

expect 2 flow
complains
expect 2 flow frob
complains
for command in 'flow list' 'flow show' 'flow run' demo; do
    # shellcheck disable=SC2086 # two words
    expect 0 help $command
    quiet
    out_has "^usage: sipvet $command"
    # shellcheck disable=SC2086
    expect 2 $command --frobnicate session
    complains
done
expect 2 flow show
complains
expect 2 flow show nonsense
complains
expect 2 flow run session nonsense
complains
expect 2 flow run --loss 101 session
complains
err_has '^sipvet flow run: --loss takes a number up to 100, not .101.'
expect 2 flow run --seeds x session
complains
expect 2 flow run --style rfc2543 rfc3665-3.1
complains
expect 2 flow run --live --loss 10 session
complains
expect 2 flow run --live --seeds 10 session
complains
expect 2 flow run --live --style rfc2543 session
complains
expect 2 flow run -f xml session
complains

# ---- list and show ---------------------------------------------------------------------------------

expect 0 flow list
quiet
out_has '^registration '
out_has '^session '
for section in 2.1 2.2 2.3 2.4 2.5 3.1 3.2 3.3 3.4 3.5 3.6 3.7 3.8 3.9 3.10 3.11; do
    out_has "^rfc3665-$section "
done
flows=$(cut -d ' ' -f 1 out)
lines=$(wc -l <out)
expect 0 flow list -f ndjson
out_lines "$lines"
json_true 'all(x["schema"] == "sipvet.flow-definition/1" and x["expectations"] > 0 for x in rs)'
for flow in $flows; do
    expect 0 flow show "$flow"
    quiet
    out_has "^$flow: "
    expect 0 flow show -f json "$flow"
    json_true 'r["elements"] and r["steps"] and r["messages"] and r["expectations"]'
done
expect 0 flow show session
out_has '^  client1 .* user agent, sip:ua1@sipcenter.com, sends by way of pstest$'
out_has '^ *5  client1 > pstest INVITE$'
out_has '^  each hop pushes its Via: 1, 2, 3$'

# ---- All flows in the simulator --------------------------------------------------------------------

expect 0 flow run
quiet
out_has '^session: [0-9]* expectations met, 0 not$'
for flow in $flows; do
    out_has "^$flow: [0-9]* expectations met, 0 not$"
done
checks=$((checks + 1))
grep -q '^FAILED' out && fail "$ran: $(grep '^FAILED' out)"

expect 0 flow run session
out_has '  client1 10.20.30.10:5060 .* pstest 10.20.30.30:5060 .* server 10.20.30.40:5060 .* client2 10.20.30.20:5060$'
out_has '^ok      each hop pushes its Via: 1, 2, 3$'
cp out first
expect 0 flow run session
cmp -s out first || fail "$ran: the same seed gives something else"
expect 0 flow run --style rfc2543 registration
out_has '^registration-rfc2543: [0-9]* expectations met, 0 not$'
expect 0 flow run -f ndjson registration session
out_lines 2
json_true 'r["schema"] == "sipvet.flow/1" and r["network"] == "the simulator" and r["failed"] == 0'
json_true 'rs[1]["messages"] == 18 and all(x["met"] for x in rs[1]["expectations"])'

# ---- What is broken is named -----------------------------------------------------------------------

expect 1 flow run --break password registration
out_has '^FAILED  the response is right for the password: expected .*; seen: the response is wrong$'
out_has '^FAILED  granted expires at most 3600: '
expect 1 flow run --break password -f json registration
json_true 'r["failed"] > 0 and any(not x["met"] and x["seen"] for x in r["expectations"])'
expect 1 flow run --break via session
out_has '^FAILED  180 comes back with 3, 2, 1 Via: '
expect 1 flow run --break subject session
out_has '^FAILED  Subject as printed, over all hops: expected Subject no subject; seen: no subject, none, none$'
out_has '^session: [0-9]* expectations met, 1 not$'
expect 1 flow run --break trying session
out_has '^FAILED  the proxy sends 100: expected 1 times pstest > client1 100 INVITE; seen: 0$'
expect 1 flow run --break trying --seeds 2 session
out_has '^FAILED  session: 2 seeds.*, 2 failed, the first with seed 1: '

# ---- Networks that lose ----------------------------------------------------------------------------

expect 0 flow run --seeds 20
quiet
out_lines "$lines"
expect 0 flow run --seeds 20 --loss 40 --delay 300 --duplication 5 -f ndjson
quiet
json_true 'all(x["schema"] == "sipvet.flow-seeds/1" and x["seeds"] == 20 and x["failed"] == 0 for x in rs)'
expect 0 flow run --loss 40 --seed 4 session
out_has '  lost$'
out_has '^ok      no timer and no table entry is left$'

# ---- Files -----------------------------------------------------------------------------------------

# files_of FOLDER MESSAGES: what was written there agrees with itself.
files_of() {
    for file in ladder.html ladder.svg trace.pcap trace.ndjson; do
        checks=$((checks + 1))
        [ -s "$1/$file" ] || fail "$ran: no $1/$file"
    done
    checks=$((checks + 3))
    grep -q '<script' "$1/ladder.html" && fail "ladder.html has a script"
    grep -E 'href="[^#]|src=|url\(|@import' "$1/ladder.html" && fail "ladder.html needs something else"
    n=$(grep -o 'href="#m' "$1/ladder.html" | wc -l)
    [ "$n" -eq "$2" ] || fail "ladder.html has $n arrows, not $2"
    n=$(grep -c '<section id="m' "$1/ladder.html")
    [ "$n" -eq "$2" ] || fail "ladder.html has $n messages, not $2"
    expect 0 trace show -f ndjson "$1/trace.ndjson"
    out_lines "$2"
    cut -d , -f 4- out >records
    if "$sipvet" trace show -f ndjson "$1/trace.pcap" 2>err | cut -d , -f 4- >packets; then
        checks=$((checks + 1))
        if ! grep -q 'built without libpcap' err; then
            cmp -s packets records || fail "trace.pcap and trace.ndjson have other messages"
        fi
    fi
    if command -v tshark >/dev/null 2>&1; then
        checks=$((checks + 2))
        n=$(tshark -r "$1/trace.pcap" -Y sip -d udp.port==1024-65535,sip 2>/dev/null | wc -l)
        [ "$n" -eq "$2" ] || fail "tshark finds $n SIP messages in trace.pcap, not $2"
        tshark -r "$1/trace.pcap" -Y _ws.malformed 2>/dev/null | grep . &&
            fail "tshark finds something malformed in trace.pcap"
    else
        skip "trace.pcap is not read by tshark: it is not installed"
    fi
}

expect 0 flow run --out session session
files_of session 18
expect 0 flow run --out session rfc3665-2.1
files_of session 4
: >file
expect 5 flow run --out file session
complains_beside() { [ "$(wc -l <err)" -eq 1 ] || fail "$ran: not one line on standard error: $(cat err)"; }
complains_beside

# ---- Over sockets ----------------------------------------------------------------------------------

# live STATUS ARGUMENT...: as expect.  A program that a busy machine lets stand still for half a second
# (T1) sends something again, which is no message of the flow; then it is played once more.
live() {
    expected=$1
    shift
    ran="sipvet $*"
    checks=$((checks + 1))
    for _ in 1 2 3 4 5; do
        "$sipvet" "$@" >out 2>err
        status=$?
        grep -q '^FAILED .* nothing else: ' out || break
        echo "once more: $ran: something was sent again: $(grep '^FAILED' out | head -n 1)"
    done
    [ "$status" -eq "$expected" ] ||
        fail "$ran: exit status $status, not $expected: $(grep '^FAILED' out) $(head -c 200 err)"
}

"$sipvet" demo --out demo >out 2>err
status=$?
ran='sipvet demo --out demo'
if grep -q 'built without libuv' err; then
    [ $status -eq 2 ] || fail "$ran: exit status $status, not 2"
    expect 2 flow run --live session
    complains
    skip "nothing is played over sockets: sipvet was built without libuv"
    conclude
    exit
fi
# It waits for none of the timers that end a transaction, which last 64*T1 = 32 s.
begin=$(date +%s)
live 0 demo --out demo
quiet
end=$(date +%s)
checks=$((checks + 1))
[ $((end - begin)) -lt 30 ] || fail "$ran: took $((end - begin)) s"
out_has '^1. Registration$'
out_has '^ok      the client chooses qop=auth-int$'
out_has '^2. Session$'
out_has '^ok      ACK is not seen by the servers$'
out_has '^0 expectations not met$'
out_has '  client1 127.0.0.1:[1-9][0-9]* .*  client2 127.0.0.1:[1-9][0-9]*$'
files_of demo 18

# It ends with status 1 if something is wrong, and says what; also if messages never come.
expect 1 demo --out demo --break password
out_has '^FAILED  granted expires at most 3600: '
live 1 demo --out demo --break subject
out_has '^FAILED  Subject as printed, over all hops: '
out_has '^1 expectation not met$'
begin=$(date +%s)
expect 1 demo --out demo --break via
end=$(date +%s)
checks=$((checks + 1))
[ $((end - begin)) -lt 30 ] || fail "$ran: took $((end - begin)) s"
out_has '^FAILED  200 comes back with 3, 2, 1 Via: '
expect 5 demo --out file
complains_beside

live 0 flow run --live rfc3665-2.5 rfc3665-3.3 rfc3665-3.7 rfc3665-3.8
quiet
out_has '^rfc3665-3.8: [0-9]* expectations met, 0 not$'
out_has '; loopback)$'

# ---- Through somebody else's proxy -----------------------------------------------------------------

# shellcheck source=tests/cli/servers.sh
. "$tree/tests/cli/servers.sh"

expect 2 flow run --via x:y session
complains
expect 2 flow run --via 192.0.2.1:5060 session
complains
err_has 'i-may-test-this-host'
start one proxy --listen udp:127.0.0.1:0 --domain elm.example
via=$(address one udp)
expect 2 flow run --via "$via" rfc3665-3.6
complains
live 0 flow run --via "$via" --domain elm.example rfc3665-3.8
quiet
out_has "; $via)$"
out_has '^ok      CANCEL has the branch of its INVITE$'
expect 1 flow run --via "$via" --domain elm.example session
quiet
out_has '^ok      ACK is not seen by the servers$'
out_has '^FAILED  each hop pushes its Via: 1, 2, 3: expected Via.count 1 3; seen: 1, 2$'
expect 1 flow run --via "$via" --domain elm.example
out_has '^FAILED  realm as printed: '
expect 1 flow run --via "$via" session
out_has '^FAILED  the flow comes to its end: '
stop one
expect 4 flow run --via "$via" rfc3665-2.5

conclude
