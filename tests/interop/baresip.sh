#!/bin/sh
# tests/interop/baresip.sh SIPVET FREE-PORTS: baresip registers at our registrar, is called and calls
# through our proxy, by our user agent and by another baresip.
# shellcheck source=tests/interop/lib.sh
. "$(dirname "$0")/lib.sh"
needs baresip baresip-core

modules=$(find /usr/lib /usr/local/lib -name g711.so -path '*baresip*' 2>/dev/null | head -n 1)
secret=secret
export secret
printf 'alice:secret\nbob:hush\ncarol:quiet\n' >users

# start_baresip NAME PORT PASSWORD PROXY ARGUMENT...: registers NAME@example.com.
start_baresip() {
    user=$1 password=$3 proxy=$4
    mkdir -p "$user"
    cat >"$user/config" <<CONFIG
module_path ${modules%/*}
sip_listen 127.0.0.1:$2
net_interface 127.0.0.1
audio_source aubridge,nobody
audio_player aubridge,nobody
module g711.so
module aubridge.so
module_tmp account.so
module_app menu.so
CONFIG
    echo "<sip:$user@example.com;transport=$transport>;auth_user=$user;auth_pass=$password;\
outbound=\"sip:$proxy;transport=$transport\";regint=600;answermode=auto" >"$user/accounts"
    shift 4
    background "$user" baresip -f "$user" -t 250 "$@"
    checks=$((checks + 1))
    until_true 60 grep -q '200 OK' "$user.out" || fail "baresip $user does not register: $(tail -n 5 "$user.out")"
}

for transport in udp tcp; do
    # shellcheck disable=SC2046 # a word for each port
    set -- $("$free_ports" 2)
    start proxy proxy --domain example.com --listen udp:127.0.0.1:0 --users users --algorithm MD5 \
        --record-route --trace proxy.ndjson
    proxy=$(address proxy udp)
    start_baresip bob "$1" hush "$proxy"

    # Ours calls theirs.
    expect 0 ua call --as sip:alice@example.com --next "sip:$proxy;transport=$transport" \
        --password-env secret --hang-up-after 0.3 sip:bob@example.com
    out_has '^established'

    # Theirs calls theirs, and hangs up.
    start_baresip carol "$2" quiet "$proxy" -e '/dial sip:bob@example.com'
    checks=$((checks + 1))
    until_true 60 grep -q 'established' carol.out || fail "carol does not reach bob: $(tail -n 5 carol.out)"
    stop_other carol

    # Theirs calls ours.
    start callee ua answer --as sip:alice@example.com --next "sip:$proxy;transport=$transport" \
        --password-env secret --register sip:example.com --hang-up-after 0.3
    says callee registered
    start_baresip carol "$2" quiet "$proxy" -e '/dial sip:alice@example.com'
    ended callee 0
    grep -q '^established' callee.out || fail "ours was not called: $(cat callee.out)"
    stop_other carol
    stop_other bob
    stop proxy
    expect 0 trace ls proxy.ndjson
    out_has 'INVITE 200 '
done
conclude
