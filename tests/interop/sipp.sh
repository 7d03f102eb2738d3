#!/bin/sh
# tests/interop/sipp.sh SIPVET FREE-PORTS: sipp registers at our registrar and calls through our
# proxy, with auth and auth-int; our user agent calls sipp and is called by it.
# shellcheck source=tests/interop/lib.sh
. "$(dirname "$0")/lib.sh"
needs sipp sip-tester

scenarios=$tree/tests/interop/sipp
secret=secret
export secret
printf 'alice:secret\nbob:hush\n' >users

# sipp_run STATUS NAME SCENARIO ADDRESS ARGUMENT...: plays a scenario of ours once.
sipp_run() {
    wanted=$1 scenario=$2 to=$3
    shift 3
    expect_other "$wanted" sipp sipp -sf "$scenarios/$scenario.xml" -m 1 -i 127.0.0.1 -nostdin \
        -timeout 20 -timeout_error -inf fields "$@" "$to"
}

# ---- At our registrar and proxy --------------------------------------------------------------------

for qop in auth auth-int; do
    for transport in u1 t1; do
        # shellcheck disable=SC2046 # a word for each port
        set -- $("$free_ports" 2)
        start registrar registrar --domain example.com --listen udp:127.0.0.1:0 --users users \
            --qop $qop --algorithm MD5
        start proxy proxy --domain proxy.test --realm example.com --listen udp:127.0.0.1:0 \
            --users users --qop $qop --algorithm MD5 --record-route --trace proxy.ndjson \
            --next "sip:$(address registrar udp)"
        printf 'SEQUENTIAL\nbob;hush;%s;[authentication username=bob password=hush]\n' "$1" >fields
        sipp_run 0 register "$(address registrar udp)" -t $transport -p "$2" -auth_uri example.com
        background uas sipp -sn uas -i 127.0.0.1 -p "$1" -m 1 -nostdin -timeout 60
        bound uas "$1"
        printf 'SEQUENTIAL\nalice;secret;%s;[authentication username=alice password=secret]\n' "$2" \
            >fields
        sipp_run 0 call "$(address proxy udp)" -t $transport -p "$2" -auth_uri bob@example.com
        ended uas 0
        stop proxy
        stop registrar
        expect 0 trace digest --password secret proxy.ndjson
        out_has verified
        expect 0 trace show proxy.ndjson
        out_has "qop=$qop"
    done
done

# shellcheck disable=SC2046
set -- $("$free_ports" 1)
printf 'SEQUENTIAL\nbob;wrong;1;[authentication username=bob password=wrong]\n' >fields
start registrar registrar --domain example.com --listen udp:127.0.0.1:0 --users users --algorithm MD5
sipp_run 1 register "$(address registrar udp)" -p "$1" -auth_uri example.com
grep -q 'received .SIP/2.0 401' sipp.err || fail "a wrong password: $(tail -n 3 sipp.err)"
stop registrar

# ---- Our user agent and sipp -----------------------------------------------------------------------

for qop in auth auth-int; do
    # shellcheck disable=SC2046
    set -- $("$free_ports" 1)
    printf 'SEQUENTIAL\n%s\n' $qop >fields
    background uas sipp -sf "$scenarios/challenge.xml" -inf fields -i 127.0.0.1 -p "$1" -m 1 -nostdin \
        -timeout 60
    bound uas "$1"
    expect 0 ua call --as sip:alice@a.test --password-env secret --hang-up-after 0 \
        --trace call.ndjson "sip:bob@127.0.0.1:$1"
    out_has '^established'
    ended uas 0
    expect 0 trace show call.ndjson
    out_has "qop=$qop"
    # An ACK repeats the credentials of its INVITE, whose body it does not have (auth-int).
    "$sipvet" trace digest --password secret call.ndjson >out 2>err
    out_has '^call.ndjson#[0-9]*: INVITE of alice.*: verified'
done
start callee ua answer --listen udp:127.0.0.1:0 --calls 20 --ring 0.05
expect_other 0 sipp sipp -sn uac -i 127.0.0.1 -m 20 -r 20 -d 50 -nostdin -timeout 20 -timeout_error \
    "$(address callee udp)"
ended callee 0
conclude
