#!/bin/sh
# tests/interop/kamailio.sh SIPVET FREE-PORTS: our user agent registers at Kamailio and calls through
# two of them.
# shellcheck source=tests/interop/lib.sh
. "$(dirname "$0")/lib.sh"
needs kamailio kamailio

secret=secret
wrong=wrong
export secret wrong
# shellcheck disable=SC2046 # a word for each port
set -- $("$free_ports" 5)

# ---- Registering -----------------------------------------------------------------------------------

routes='
if (is_method("OPTIONS")) { sl_send_reply("200", "OK"); exit; }
if (!is_method("REGISTER")) { sl_send_reply("405", "Method Not Allowed"); exit; }
if (!www_authorize("k.test", "subscriber")) { www_challenge("k.test", "1"); exit; }
save("location");'
for algorithm in MD5 SHA-256; do
    port=$1
    shift
    name=k_$(echo $algorithm | tr -d -)
    start_kamailio "$name" "$port" k.test $algorithm "$routes"
    for transport in udp tcp; do
        expect 0 ua register --as sip:alice@k.test --next "sip:127.0.0.1:$port;transport=$transport" \
            --password-env secret --unregister --trace k.ndjson sip:k.test
        out_has '^registered 200 '
        out_has '^unregistered 200 '
        expect 0 trace digest --password secret k.ndjson
        out_has verified
        expect 0 trace show k.ndjson
        out_has "Authenticate: .*algorithm=$algorithm"
    done
    expect 1 ua register --as sip:alice@k.test --next "sip:127.0.0.1:$port" \
        --password-env wrong sip:k.test
    out_has '^not registered 401 '
done

# ---- Calling through two proxies that ask for credentials ------------------------------------------

if ! command -v sipp >/dev/null; then
    skip "no call through two proxies: there is no sipp (Debian package sip-tester)"
    conclude
    exit
fi

# proxy REALM NEXT-PORT
proxy_routes() {
    cat <<ROUTES
if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
if (is_method("OPTIONS")) { sl_send_reply("200", "OK"); exit; }
if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
if (has_totag()) {
  if (!loose_route()) { if (!is_method("ACK") || !t_check_trans()) { sl_send_reply("404", "No"); exit; } }
  t_relay(); exit;
}
if (!proxy_authorize("$1", "subscriber")) { proxy_challenge("$1", "1"); exit; }
record_route();
\$du = "sip:127.0.0.1:$2";
t_relay();
ROUTES
}
start_kamailio p1 "$1" one.test MD5 "$(proxy_routes one.test "$2")"
start_kamailio p2 "$2" two.test SHA-256 "$(proxy_routes two.test "$3")"
background uas sipp -sn uas -i 127.0.0.1 -p "$3" -m 1 -nostdin
bound uas "$3"
expect 0 ua call --as sip:alice@one.test --next "sip:127.0.0.1:$1" --password-env secret \
    --hang-up-after 0.2 --trace call.ndjson --timeout 20 sip:service@two.test
out_has '^progress 180 '
out_has '^established'
expect 0 trace show call.ndjson
for realm in one.test two.test; do
    out_has "Proxy-Authenticate: .*realm=\"$realm\""
    out_has "Proxy-Authorization: .*realm=\"$realm\""
done
ended uas 0
for each in k_MD5 k_SHA256 p1 p2; do
    stop_other $each
done
conclude
