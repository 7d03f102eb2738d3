#!/bin/sh
# tests/cli/serve.sh SIPVET: `sipvet registrar` and `sipvet proxy`.  Prints what failed, and a count;
# exits 1 if something failed.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/servers.sh
. "$tree/tests/cli/servers.sh"

# ---- Command lines ---------------------------------------------------------------------------------

for command in registrar proxy; do
    expect 0 help $command
    quiet
    out_has "^usage: sipvet $command"
    expect 2 $command extra
    complains
    expect 2 $command --frobnicate
    complains
    for address in 127.0.0.1:5060 udp: udp:127.0.0.1:99999 sctp:127.0.0.1 x; do
        expect 2 $command --listen $address
        complains
    done
    expect 2 $command --listen udp:127.0.0.1:0 --qop auth,none
    complains
    expect 2 $command --listen udp:127.0.0.1:0 --algorithm MD6
    complains
    expect 2 $command --listen udp:127.0.0.1:0 --keep-alive x
    complains
    expect 3 $command --listen udp:127.0.0.1:0 --users not-there
    complains
    expect 4 $command --listen udp:0.0.0.0:0
    complains
    err_has 'not a loopback address'
    expect 4 $command --listen tls:127.0.0.1:0
    complains
    err_has 'certificate is needed'
    expect 5 $command --listen udp:127.0.0.1:0 --trace not/there.pcap
    complains
    : >empty
    expect 3 $command --listen udp:127.0.0.1:0 --users empty
    complains
    err_has 'no user of the realm'
done
expect 2 proxy --listen udp:127.0.0.1:0 --next tel:1
complains

# ---- Beginning and end -----------------------------------------------------------------------------

start one registrar --listen udp:127.0.0.1:0,tcp:127.0.0.1:0 --listen tls:127.0.0.1:0 --self-signed
grep -q '^listening udp:127.0.0.1:[1-9][0-9]* tcp:127.0.0.1:[1-9][0-9]* ' one.out ||
    fail "listening: $(cat one.out)"
start two proxy --listen udp:127.0.0.1:0 -f ndjson
mv two.out out
json_true 'r["schema"] == "sipvet.listening/1" and len(r["addresses"]) == 2'
json_true 'r["addresses"][0].replace("udp", "tcp") == r["addresses"][1]'
expect 4 proxy --listen "udp:$(address one udp)"
complains
err_has 'address already in use'
stop one
stop two INT
start one proxy --listen udp:127.0.0.1:0 --timeout 1
ended one 4

# ---- Registering by hand ---------------------------------------------------------------------------

if [ -z "$python" ]; then
    conclude
    exit
fi

# ask ADDRESS METHOD URI MORE: sends a request over UDP; the answer is in `out`.
ask() {
    ran="asking $2 $3"
    "$python" - "$@" >out 2>err <<'PY' || fail "$ran: $(tail -n 1 err)"
import socket, sys
address, method, uri, more = sys.argv[1:5]
host, port = address.rsplit(":", 1)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
s.settimeout(60)
here = "127.0.0.1:%d" % s.getsockname()[1]
s.sendto(("%s %s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%s\r\nMax-Forwards: 70\r\n"
          "From: <sip:alice@example.com>;tag=1\r\nTo: <sip:alice@example.com>\r\nCall-ID: %s\r\n"
          "CSeq: 1 %s\r\n%sContent-Length: 0\r\n\r\n"
          % (method, uri, here, here[-5:], here, method, more)).encode(), (host, int(port)))
print(s.recv(65536).decode().replace("\r", ""), end="")
PY
}

contact=$(printf 'Contact: <sip:alice@127.0.0.1:9>;expires=1000\r')
start one registrar --domain example.com --listen udp:127.0.0.1:0 --trace one.pcap
to=$(address one udp)
ask "$to" REGISTER sip:example.com "$contact
"
out_has '^SIP/2.0 200 '
out_has '^Contact: <sip:alice@127.0.0.1:9>;expires=1000'
ask "$to" REGISTER sip:127.0.0.2:9 "$contact
"
out_has '^SIP/2.0 5'
ask "$to" OPTIONS "sip:$to" ""
out_has '^SIP/2.0 200 '
stop one
expect 0 trace ls one.pcap
quiet
out_lines 3

# With users: challenges as the options say.
cat >users <<'USERS'
alice:secret
bob:example.com:0123456789abcdef0123456789abcdef
carol:another.example:0123456789abcdef0123456789abcdef
USERS
grep -v alice users >md5
start one registrar --domain example.com --listen udp:127.0.0.1:0 --users users \
    --qop auth,auth-int --trace one.ndjson
ask "$(address one udp)" REGISTER sip:example.com ""
out_has '^SIP/2.0 401 '
out_has '^WWW-Authenticate: Digest realm="example.com",.*algorithm=SHA-256.*qop="auth,auth-int"'
out_has '^WWW-Authenticate: Digest .*algorithm=MD5'
start two registrar --domain example.com --listen udp:127.0.0.1:0 --users md5 --realm example.com
ask "$(address two udp)" REGISTER sip:example.com ""
out_has '^WWW-Authenticate: Digest .*algorithm=MD5'
checks=$((checks + 1))
[ "$(grep -c '^WWW-Authenticate' out)" -eq 1 ] || fail "a challenge for which there are no users"
start three proxy --domain example.com --listen udp:127.0.0.1:0 --users users --algorithm SHA-256
ask "$(address three udp)" INVITE sip:bob@example.com ""
out_has '^SIP/2.0 \(100\|407\) '
stop one
stop two
stop three
expect 0 trace show one.ndjson
out_has 'REGISTER sip:example.com'

conclude
