#!/bin/sh
# tests/cli/torture.sh SIPVET MORTAL-SERVER: `sipvet fuzz torture` against a server that dies of one
# message.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
server=$2
pid=

# serve HOW WHEN TEXT: a server; its port is in $port.
serve() {
    "$server" "$@" >port &
    pid=$!
    until_true 60 test -s port
    port=$(cat port)
}

# The server goes, if it has not gone.
unserve() {
    kill "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
    pid=
    : >port
}
silent=
trap 'kill $pid $silent 2>/dev/null; rm -rf "$work"' EXIT

mkdir -p cases/sub cases/.hidden
printf 'OPTIONS sip:a@b SIP/2.0\r\nX: one\r\n\r\n' >cases/1.sip
printf '\r\n\r\n' >cases/2.sip
printf 'INVITE sip:a@b SIP/2.0\r\nX: deadly\r\n\r\n' >cases/sub/3.sip
printf '' >cases/sub/4.sip
echo hidden >cases/.hidden/5.sip
# Nothing is behind these that has not been read.
ln -s . cases/self
ln -s .. cases/sub/above

# ---- Command lines --------------------------------------------------------------------------------

for target in 127.0.0.1:5060 sctp:127.0.0.1 udp: udp:127.0.0.1: udp:127.0.0.1:0 udp:127.0.0.1:65536 \
    udp:127.0.0.1:x udp:[::1 'udp:[::1]5060' udp::5060 udp:::1; do
    expect 2 fuzz torture --target "$target"
    complains
done
expect 2 fuzz torture
complains
expect 2 fuzz torture --target udp:192.0.2.1
err_has 'i-may-test-this-host'
expect 2 fuzz torture --target 'tcp:[2001:db8::1]:5060'
err_has 'i-may-test-this-host'
expect 2 fuzz torture --target udp:127.0.0.1 -n x
expect 2 fuzz torture --target udp:127.0.0.1 -n 1 --first 2
expect 3 fuzz torture --target udp:127.0.0.1 nowhere
complains

# A dry run needs nobody there.
expect 0 fuzz torture --target 'udp:[::1]' --dry-run -n 3 cases
out_lines 7
out_has '^0	35	cases/1.sip$'
out_has '^3	0	cases/sub/4.sip$'
out_has '^5	[0-9]*	near miss 1 ('
cp out first
expect 0 fuzz torture --target udp:127.0.0.1 --dry-run -n 3 cases
checks=$((checks + 1))
cmp -s out first || fail "$ran: other cases the second time"
expect 0 fuzz torture --target udp:127.0.0.1 --dry-run -n 3 --seed 2 cases
checks=$((checks + 1))
! cmp -s out first || fail "$ran: another seed gives the same cases"
expect 0 fuzz torture --target udp:127.0.0.1 --dry-run -n 3 --first 5 --only cases
out_lines 1
out_has '^5	'

# ---- The suite --------------------------------------------------------------------------------------

expect 0 gen torture
cp out suite
checks=$((checks + 3))
[ "$(wc -l <suite)" -gt 4527 ] || fail "$ran: fewer cases than the suite of 2002 had"
[ "$(cut -f 1 suite | cut -d / -f 1 | uniq | wc -l)" -gt 54 ] || fail "$ran: fewer groups"
[ "$(cut -f 1 suite | sort | uniq -d | wc -l)" -eq 0 ] || fail "$ran: two cases of one name"
out_has '^valid/0	accept	accept	accept	[0-9]*	as it is$'
out_has '^framing/0	complete	-	-	'
for name in via-host/0 max-forwards/0 sdp-session/5 from-displayname/9; do
    expect 0 gen -f raw torture/$name
    cp out case.sip
    expect 0 gen -f ndjson torture/$name
    json_true 'r["schema"] == "sipvet.torture-case/1" and r["octets"] > 300'
    for profile in strict interop; do
        said=$(sed "s/.*\"$profile\":\([^,]*\),.*/\1/" out | tr -d '"')
        got=accept
        "$sipvet" parse --profile $profile case.sip >parsed || got=reject
        checks=$((checks + 1))
        [ "$said" = null ] || [ "$said" = $got ] || fail "$name is announced with $said, not $got"
    done
done
expect 0 gen -n 3 torture/digest-nonce
out_lines 3
expect 2 gen torture/nowhere
expect 2 gen torture/via-host/9999
expect 2 gen torture/via-host/x
expect 2 gen -f raw torture
expect 2 gen --seed 2 torture
expect 2 gen --near-miss torture

# ---- Nobody there, or nobody who answers -----------------------------------------------------------

serve udp exit deadly
unserve
expect 4 fuzz torture --target "udp:127.0.0.1:$port" -n 1
expect 4 fuzz torture --target "tcp:127.0.0.1:$port" -n 1
serve udp hang OPTIONS
expect 4 fuzz torture --target "udp:127.0.0.1:$port" -n 1 --timeout 1
err_has 'does not answer'
unserve

# ---- It dies of one message -------------------------------------------------------------------------

# Of one that exits the kernel tells at once.  One that hangs is waited for, and so is one that lives
# on a machine that has other things to do: seconds tell them apart.

for how in udp tcp; do
    for when in exit hang; do
        serve $how $when 'X: deadly'
        expect 1 fuzz torture --target "$how:127.0.0.1:$port" --timeout 4 --save it.sip -n 2 cases
        out_has '^stopped answering after case 2: cases/sub/3.sip, 37 octets'
        checks=$((checks + 1))
        cmp -s it.sip cases/sub/3.sip || fail "$ran: it.sip is another message"
        unserve
    done
done
serve udp exit 'X: deadly'
expect 1 fuzz torture --target "udp:127.0.0.1:$port" -f ndjson -n 2 cases
json_true 'r["schema"] == "sipvet.torture/1" and not r["alive"] and r["played"] == 3'
json_true 'r["stopped_after"]["case"] == 2 and r["stopped_after"]["name"] == "cases/sub/3.sip"'
json_true 'base64.b64decode(r["stopped_after"]["message_b64"]).endswith(b"X: deadly\r\n\r\n")'
unserve

# A generated message, in the middle of others.
serve udp exit ' REGISTER'
expect 1 fuzz torture --target "udp:127.0.0.1:$port" -n 30
out_has '^stopped answering after case [0-9]*: '
unserve

# With --timeout 0 it is waited for, longer than the 5 seconds of the default; looked at below.
"$server" udp hang OPTIONS >silent-port &
silent=$!
until_true 60 test -s silent-port
timeout 7 "$sipvet" fuzz torture --target "udp:127.0.0.1:$(cat silent-port)" -n 1 --timeout 0 >silent 2>&1 &
waiting=$!

# ---- It lives ----------------------------------------------------------------------------------------

head -c 65508 /dev/zero >long.sip
serve udp exit 'nobody sends this'
expect 0 fuzz torture --target "udp:127.0.0.1:$port" -f ndjson -n 40 cases long.sip
json_true 'r["alive"] and r["played"] == 45 and r["reason"] is None'
json_true 'r["too_long_for_a_datagram"] == 1 and r["stopped_after"] is None'
expect 0 fuzz torture --target "udp:127.0.0.1:$port" --first 3 --only -n 40 cases
out_has ': 1 cases from 3, still answering'
unserve
serve tcp exit 'nobody sends this'
expect 0 fuzz torture --target "tcp:localhost:$port" -n 40 cases long.sip
out_has ': 45 cases from 0, still answering'
unserve

serve udp exit 'To: Bob <sip:192.0.2.1.5>'
expect 1 fuzz torture --target "udp:127.0.0.1:$port" --suite -n 0
out_has '^stopped answering after case [0-9]*: to/[0-9]* (an IPv4 address of five numbers), '
unserve

# ---- Going on ----------------------------------------------------------------------------------------

serve udp exit 'X: deadly'
expect 1 fuzz torture --target "udp:127.0.0.1:$port" --resume state -n 2 cases
unserve
serve udp exit 'X: deadly'
expect 0 fuzz torture --target "udp:127.0.0.1:$port" --resume state -n 2 cases
out_has ': 3 cases from 3, still answering'
expect 0 fuzz torture --target "udp:127.0.0.1:$port" --resume state -n 2 cases
out_has ': 0 cases from 6, still answering'
expect 3 fuzz torture --target "udp:127.0.0.1:$port" --resume state -n 3 cases
err_has 'other cases'
unserve
echo nonsense >state
expect 3 fuzz torture --target udp:127.0.0.1 --resume state -n 3 cases

ran="fuzz torture --timeout 0"
checks=$((checks + 1))
wait $waiting
[ $? -eq 124 ] || fail "$ran: gave up: $(cat silent)"
kill $silent

conclude
