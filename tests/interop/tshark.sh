#!/bin/sh
# tests/interop/tshark.sh SIPVET FREE-PORTS: our reader of captures and tshark see the same messages,
# in what our proxy has written and in what a network interface has seen.
# shellcheck source=tests/interop/lib.sh
. "$(dirname "$0")/lib.sh"
needs tshark tshark

# agree FILE LEAST: for each Call-ID the same number of messages, LEAST or more in all.
agree() {
    ran="both of $1"
    checks=$((checks + 1))
    "$sipvet" trace ls "$1" 2>err | awk '{ n[$NF] += $3 } END { for (id in n) print n[id], id }' |
        sort >ours
    tshark -r "$1" -Y sip -T fields -E occurrence=a -E aggregator=, -e sip.Call-ID 2>tshark.err |
        tr ',' '\n' | sort | uniq -c | awk 'NF == 2 { print $1, $2 }' | sort >theirs
    cmp -s ours theirs || fail "$ran differ: $(diff ours theirs | head -n 5)"
    total=$(awk '{ n += $1 } END { print n + 0 }' ours)
    [ "$total" -ge "$2" ] || fail "$ran: $total messages, not $2: $(head -c 300 err)"
    echo "$1: $total messages in $(wc -l <ours) calls"
}

start callee ua answer --listen udp:127.0.0.1:0 --calls 0
start proxy proxy --listen udp:127.0.0.1:0 --trace proxy.pcap
proxy=$(address proxy udp)
captures=yes
background capture tshark -q -i lo -f "port ${proxy##*:}" -w real.pcapng
least=200

# How many messages there are in the capture so far; what it writes comes in lumps.
captured() { [ "$(tshark -r real.pcapng -Y sip 2>/dev/null | wc -l)" -ge "$1" ]; }
# It says that it captures before it does, so it is asked until it has seen something.
has_begun() { "$sipvet" ua options "sip:$proxy" && captured 1; }
until_true 20 grep -q 'Capturing on' capture.err && until_true 60 has_begun || captures=""
[ -n "$captures" ] || skip "no interface is captured: $(head -n 1 capture.err)"

expect 0 ua options "sip:$proxy"
for transport in udp tcp; do
    expect 0 ua call --next "sip:$proxy;transport=$transport" --hang-up-after 0 \
        "sip:bob@$(address callee udp)"
    if command -v sipp >/dev/null; then
        expect_other 0 sipp sipp -sn uac -t ${transport%??}1 -i 127.0.0.1 -m 25 -r 50 -d 10 -nostdin \
            -timeout 20 -timeout_error -rsa "$proxy" "$(address callee udp)"
    else
        skip "fewer messages: there is no sipp (Debian package sip-tester)"
        least=20
    fi
done
stop callee
stop proxy
[ -z "$captures" ] || until_true 60 captured $least
stop_other capture
agree proxy.pcap $least
[ -z "$captures" ] || agree real.pcapng $least

# Over IPv6.
if [ -e /proc/net/if_inet6 ] && grep -q '^0*1 ' /proc/net/if_inet6; then
    start callee ua answer --listen 'udp:[::1]:0' --trace six.pcap
    expect 0 ua call --hang-up-after 0 "sip:bob@$(address callee udp);transport=tcp"
    ended callee 0
    agree six.pcap 5
else
    skip "nothing over IPv6: there is none"
fi
conclude
