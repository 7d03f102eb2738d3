#!/bin/sh
# tests/interop/audit.sh SIPVET FREE-PORTS: what `sipvet digest audit` finds at Kamailio, which refuses
# a replayed nc if it counts (nonce_count) and takes it if not; and at our own registrar.
# shellcheck source=tests/interop/lib.sh
. "$(dirname "$0")/lib.sh"

secret=secret
export secret
printf 'alice:secret\n' >users

# audit STATUS ADDRESS URI
audit() {
    expect "$1" digest audit --target "udp:$2" --uri "$3" --username alice --password-env secret
    quiet
    out_has '^no-credentials *refused'
    out_has '^right-credentials *accepted *200'
    out_has '^wrong-password *refused'
    out_has '^foreign-nonce *refused'
}

for qop in auth auth-int auth,auth-int; do
    start registrar registrar --domain k.test --listen udp:127.0.0.1:0 --users users --qop $qop
    audit 0 "$(address registrar udp)" sip:k.test
    stop registrar
done

needs kamailio kamailio
routes='
if (is_method("OPTIONS")) { sl_send_reply("200", "OK"); exit; }
if (!www_authorize("k.test", "subscriber")) { www_challenge("k.test", "1"); exit; }
save("location");'
# shellcheck disable=SC2046 # a word for each port
set -- $("$free_ports" 2)
for nonce_count in 1 0; do
    start_kamailio "k$nonce_count" "$1" k.test MD5 "$routes"
    audit 1 "127.0.0.1:$1" sip:k.test # a response without qop is taken
    verdict=refused
    [ $nonce_count -eq 1 ] || verdict=ACCEPTED
    out_has "^replayed-nc *$verdict"
    out_has "^lower-nc *$verdict"
    stop_other "k$nonce_count"
    shift
done
conclude
