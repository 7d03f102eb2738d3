#!/bin/sh
# tests/cli/ua.sh SIPVET: `sipvet ua`, among its own registrar and proxy.  Prints what failed, and a
# count; exits 1 if something failed.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/servers.sh
. "$tree/tests/cli/servers.sh"

alice=secret
bob='other secret'
wrong=wrong
export alice bob wrong
printf 'alice:%s\nbob:%s\n' "$alice" "$bob" >users

# ---- Command lines ---------------------------------------------------------------------------------

expect 2 ua
complains
expect 2 ua frob
complains
for command in register call answer options; do
    expect 0 help ua $command
    quiet
    out_has "^usage: sipvet ua $command"
    expect 2 ua $command a b
    complains
    expect 2 ua $command --frobnicate x
    complains
done
expect 2 ua call
complains
expect 2 ua call --hang-up-after x sip:127.0.0.1
complains
expect 2 ua call --header 'no header' sip:127.0.0.1
complains
expect 2 ua answer --status 100
complains
expect 2 ua call --password-env not_there sip:127.0.0.1
complains
expect 2 ua call --password x --ha1 00000000000000000000000000000000 sip:127.0.0.1
err_has 'exclude each other'
expect 2 ua call --as tel:1 sip:127.0.0.1
err_has 'not what it should be'
expect 3 ua call --sdp not-there sip:127.0.0.1
complains
expect 4 ua options 'sips:127.0.0.1:1'
complains
err_has 'certificate is needed'

# ---- Who is not there ------------------------------------------------------------------------------

expect 4 ua options sip:127.0.0.1:9
out_has '^response 503 (no answer)'
expect 4 ua call 'sip:127.0.0.1:9;transport=tcp'
out_has '^ended 503 (no answer)'
expect 4 ua register sip:192.0.2.1
err_has 'no way to get there'

# ---- One to one, over each transport ---------------------------------------------------------------

for transport in udp tcp tls; do
    start callee ua answer --listen "$transport:127.0.0.1:0" --self-signed --ring 0.1
    to="sip:bob@$(address callee $transport);transport=$transport"
    expect 0 ua call --insecure --self-signed --hang-up-after 0.1 --trace call.ndjson \
        --header 'Subject: tests' "$to"
    quiet
    out_has '^listening '
    out_has '^progress 180 Ringing'
    out_has '^established'
    out_has '^ended$'
    ended callee 0
    checks=$((checks + 1))
    [ "$(tail -n +2 callee.out | tr '\n' ' ')" = "incoming established ended " ] ||
        fail "callee over $transport: $(cat callee.out)"
    expect 0 trace show call.ndjson
    out_has '^ *Subject: tests'
    expect 0 trace lint call.ndjson
done

# A server that nobody knows is not trusted.
start callee ua answer --listen tls:127.0.0.1:0 --self-signed
expect 4 ua call --self-signed "sips:bob@$(address callee tls)"
err_has 'certificate'
stop callee

# ---- Refusals --------------------------------------------------------------------------------------

start callee ua answer --listen udp:127.0.0.1:0 --status 486
expect 1 ua call "sip:bob@$(address callee udp)"
out_has '^ended 486 Busy Here'
ended callee 0
start callee ua answer --listen udp:127.0.0.1:0 --calls 0
expect 0 ua options -f ndjson "sip:$(address callee udp)"
quiet
out_lines 2
json_true 'r["schema"] == "sipvet.listening/1"'
json_true 'rs[1]["schema"] == "sipvet.ua/1" and rs[1]["event"] == "response"'
json_true 'rs[1]["status"] == 200 and rs[1]["reason"] == "OK" and "Allow: " in rs[1]["message"]'
expect 0 ua call --hang-up-after 0 "sip:bob@$(address callee udp)"
expect 0 ua call --hang-up-after 0 "sip:bob@$(address callee udp)"
stop callee INT

# ---- Through a proxy that asks for credentials -----------------------------------------------------

for qop in auth auth-int; do
    start proxy proxy --domain example.com --listen udp:127.0.0.1:0 --users users --qop $qop \
        --record-route
    next="sip:$(address proxy udp)"
    expect 0 ua register --as sip:alice@example.com --next "$next" --password-env alice \
        --unregister sip:example.com
    out_has '^registered 200 OK'
    out_has '^unregistered 200 OK'
    expect 1 ua register --as sip:alice@example.com --next "$next" --password-env wrong sip:example.com
    out_has '^not registered 401 Unauthorized'
    expect 1 ua register --as sip:alice@example.com --next "$next" --username bob --password-env bob \
        sip:example.com
    out_has '^not registered 403 Forbidden'
    start callee ua answer --as sip:bob@example.com --next "$next" --password-env bob \
        --register sip:example.com
    says callee registered
    expect 0 ua call --as sip:alice@example.com --next "$next;transport=tcp" --password-env alice \
        --qop $qop --hang-up-after 0 sip:bob@example.com
    out_has '^established'
    ended callee 0
    expect 1 ua call --as sip:alice@example.com --next "$next" --password-env alice \
        sip:bob@example.com
    out_has '^ended 480 '
    stop proxy
done

# ---- The end by signal -----------------------------------------------------------------------------

start callee ua answer --listen udp:127.0.0.1:0
start caller ua call --hang-up-after 1000 "sip:bob@$(address callee udp)"
says callee established
stop caller INT
ended callee 0
start callee ua answer --listen udp:127.0.0.1:0 --ring 1000
start caller ua call "sip:bob@$(address callee udp)"
says caller 'progress 180'
eval "kill -INT \$caller_pid"
ended caller 1
ended callee 0
grep -q '^ended 487' callee.out || fail "a call that is given up: $(cat callee.out)"

conclude
