#!/bin/sh
# Calls by SIPp through `sipvet proxy`, at a rate and for a time, alone and with noise mixed in.
#
#     load.sh SIPVET FREE-PORTS NOISE [CALLS_PER_SECOND [SECONDS]]          500 for 60 s
#
# Everything is on 127.0.0.1, at ports that the kernel has chosen.  Three rounds: calls alone; calls
# and one message in ten that is damaged, oversized or replayed; calls alone again.  Checked: no call
# is lost in any of them, a request costs less than 100 microseconds of CPU in the first, the memory of the
# proxy does not grow from the end of the second round to that of the third, and it ends when asked to.  Needs sipp
# (Debian: sip-tester); without it the test is skipped.
set -u

usage='usage: load.sh SIPVET FREE-PORTS NOISE [CALLS_PER_SECOND [SECONDS]]'
sipvet=$(realpath "${1:?$usage}") || exit 1
free_ports=$(realpath "${2:?$usage}") || exit 1
noise=$(realpath "${3:?$usage}") || exit 1
rate=${4:-500}
seconds=${5:-60}
calls=$((rate * seconds))
tree=$(cd "$(dirname "$0")/../.." && pwd)
ticks=$(getconf CLK_TCK)
failures=0

if ! command -v sipp >/dev/null; then
    echo "skipped: sipp is not installed (apt-get install sip-tester)"
    exit 77
fi

work=$(mktemp -d) || exit 1
proxy=''
callee=''
# Ends what this script has begun, and nothing else.
# shellcheck disable=SC2317 # called by trap
finish() {
    for process in $proxy $callee; do kill "$process" 2>/dev/null; done
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM
cd "$work" || exit 1

check() {
    if [ "$2" -le "$3" ]; then
        printf '      ok: %s: %s (at most %s)\n' "$1" "$2" "$3"
    else
        printf '  FAILED: %s: %s, more than %s\n' "$1" "$2" "$3"
        failures=$((failures + 1))
    fi
}

wait_for() {
    tries=0
    while [ ! -s "$1" ] && [ "$tries" -lt 50 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
}

# CPU of the proxy so far, in milliseconds; its memory in KiB.
cpu_ms() { awk -v t="$ticks" '{print int(($14 + $15) * 1000 / t)}' "/proc/$proxy/stat"; }
memory_kib() { awk '/^VmRSS/ {print $2}' "/proc/$proxy/status"; }

# drops PORT: datagrams that the kernel had no room for at a socket.
drops() {
    awk -v at="$(printf ':%04X' "$1")" 'index($2, at) {n += $NF} END {print n + 0}' /proc/net/udp
}

# value NAME: a column of the last line of SIPp's statistics.
value() {
    awk -F';' -v name="$1" 'NR == 1 {for (i = 1; i <= NF; i++) if ($i == name) at = i}
                            {last = $at} END {print last + 0}' statistics.csv
}

# round NAME: calls through the proxy.
round() {
    rm -f statistics.csv
    before=$(cpu_ms)
    timeout $((seconds + 90)) sipp -sn uac -rsa "127.0.0.1:$proxy_port" -i 127.0.0.1 \
        -p "$caller_port" -r "$rate" -m "$calls" -l 100000 -nostdin -buff_size 4194304 -trace_stat \
        -stf statistics.csv -fd 1 "127.0.0.1:$callee_port" >caller.out 2>&1
    status=$?
    spent=$(($(cpu_ms) - before))
    printf '%s: %s calls at %s per second\n' "$1" "$calls" "$rate"
    [ "$status" -eq 0 ] || [ "$status" -eq 1 ] || {
        printf '  FAILED: sipp ended with %s: %s\n' "$status" "$(tail -n 2 caller.out)"
        failures=$((failures + 1))
    }
    check "calls lost" $((calls - $(value 'SuccessfulCall(C)'))) 0
    printf '          retransmissions of SIPp: %s; CPU of the proxy: %s ms, %s us a call\n' \
        "$(value 'Retransmissions(C)')" "$spent" $((spent * 1000 / calls))
    printf '          datagrams for which the kernel had no room: proxy %s, callee %s\n' \
        "$(drops "$proxy_port")" "$(drops "$callee_port")"
    # Until the last transaction is forgotten: 64*T1 after the last final response, and some more.
    sleep 40
    printf '          memory afterwards: %s KiB\n' "$(memory_kib)"
}

# shellcheck disable=SC2046 # a word for each port
set -- $("$free_ports" 2)
callee_port=$1
caller_port=$2
"$sipvet" proxy --listen udp:127.0.0.1:0 --record-route --timeout 0 >proxy.out 2>proxy.err &
proxy=$!
wait_for proxy.out
proxy_port=$(sed -n 's/.*udp:127\.0\.0\.1:\([0-9]*\).*/\1/p' proxy.out | head -n 1)
[ -n "$proxy_port" ] || {
    printf 'FAILED: the proxy does not begin: %s\n' "$(cat proxy.err)"
    exit 1
}
sipp -sn uas -i 127.0.0.1 -p "$callee_port" -nostdin -buff_size 4194304 >callee.out 2>&1 &
callee=$!
sleep 1
printf 'memory before: %s KiB\n' "$(memory_kib)"

round "calls alone"
# A call is INVITE, ACK and BYE.
check "CPU of a request in microseconds" $((spent * 1000 / calls / 3)) 99

# Of seven messages that the proxy gets for a call; and it begins before and ends behind the calls.
"$noise" "$proxy_port" $((rate * 6 / 10)) $((seconds + 5)) "$tree"/corpus/torture/*.sip \
    "$tree"/corpus/documented/*.sip >noise.out &
noisy=$!
round "with noise"
wait "$noisy" || failures=$((failures + 1))
printf '          %s\n' "$(cat noise.out)"

second=$(memory_kib)
round "calls alone"
check "memory at the end in KiB" "$(memory_kib)" $((second + second / 20))

kill "$proxy"
wait "$proxy"
status=$?
proxy=
check "exit status of the proxy" "$status" 0
# Hosts that it does not reach are the noise's; what a sanitizer says is not.
if grep -E 'runtime error|Sanitizer|internal' proxy.err; then
    failures=$((failures + 1))
fi
exit "$((failures > 0))"
