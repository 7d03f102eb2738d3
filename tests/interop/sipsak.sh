#!/bin/sh
# tests/interop/sipsak.sh SIPVET FREE-PORTS: sipsak asks our registrar what it can do, and registers.
# shellcheck source=tests/interop/lib.sh
. "$(dirname "$0")/lib.sh"
needs sipsak sipsak

printf 'alice:secret\n' >users
start registrar registrar --domain 127.0.0.1 --listen udp:127.0.0.1:0 --users users --algorithm MD5 \
    --trace sipsak.ndjson
to=$(address registrar udp)
expect_other 0 options sipsak -p "$to" -s sip:127.0.0.1
expect_other 0 register sipsak -U -C sip:alice@127.0.0.1:9 -x 60 -p "$to" -s sip:alice@127.0.0.1 \
    -u alice -a secret
expect_other 2 register sipsak -U -C sip:alice@127.0.0.1:9 -x 60 -p "$to" -s sip:alice@127.0.0.1 \
    -u alice -a wrong
stop registrar
expect 0 trace ls sipsak.ndjson
out_has 'OPTIONS 200 '
out_has 'REGISTER 200 '
out_has 'REGISTER 401 '
conclude
