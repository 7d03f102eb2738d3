#!/bin/sh
# tests/cli/trace.sh SIPVET MAKE-CAPTURE: `sipvet trace`.  Prints what failed, and a count; exits 1 if
# something failed.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make=${2:?usage: trace.sh SIPVET MAKE-CAPTURE}

# ---- Command lines ---------------------------------------------------------------------------------

expect 2 trace
complains
expect 2 trace frob
complains
for command in ls show ladder lint digest; do
    expect 0 help trace $command
    quiet
    out_has "^usage: sipvet trace $command"
    expect 2 trace $command --frobnicate x
    complains
    expect 2 trace $command -f xml x
    complains
done
expect 3 trace ls not-there
complains
: >empty
expect 3 trace ls empty
complains
err_has 'it is empty'
printf 'no capture at all, but text' >garbage
expect 3 trace ls garbage
complains
printf '{"schema":"another"}\n{]\n' >other.ndjson
expect 3 trace ls other.ndjson
err_has 'its schema is another one'
err_has 'there is no record'

# ---- Our own records -------------------------------------------------------------------------------

record() {
    printf '{"schema":"sipvet.trace/1","frame":%s,"time":"2026-01-02T03:04:05.6Z","source":"a:1","destination":"b:2","transport":"UDP","damage":null,"octets":0,"message":"%s"}\n' "$1" "$2"
}
{
    record 1 'OPTIONS sip:a@b SIP/2.0\r\n\r\n'
    record 2 '\ud83d\ude00 \u00e9'
    printf '\n'
    printf '{"later":{"a":["]}",1]},"message_b64":"AAH/","message":"x","schema":"sipvet.trace/1","time":"2026-01-02T03:04:05Z","source":"a:1","destination":"b:2","transport":"TCP"}\n'
} >mine.ndjson
expect 0 trace show -f ndjson mine.ndjson
quiet
out_lines 3
json_true 'r["message"] == "OPTIONS sip:a@b SIP/2.0\r\n\r\n" and r["time"] == "2026-01-02T03:04:05.600000000Z"'
json_true 'rs[1]["message"] == "\U0001f600 \u00e9" and rs[1]["octets"] == 7'
json_true 'base64.b64decode(rs[2]["message_b64"]) == b"\0\1\377" and rs[2]["frame"] == 4'
cp out again.ndjson
expect 0 trace show -f ndjson again.ndjson
cmp -s out again.ndjson || fail "$ran: records change when they are read back"
"$sipvet" trace show -f ndjson <again.ndjson >out 2>err
cmp -s out again.ndjson || fail "records on standard input are read otherwise"
mkfifo some
exec 7<>some
cat again.ndjson >&7
"$sipvet" trace show --timeout 1 -f ndjson <some >out 2>err && fail "records that stop coming: status 0"
exec 7>&-
grep -q 'nothing came in time' err || fail "records that stop coming: $(cat err)"
cmp -s out again.ndjson || fail "records that stop coming are not shown"
checks=$((checks + 4))
for bad in '{' '{}' '{"a"}' '{"a":}' '{"a":1,}' '{"a":"\\x"}' '{"a":"\\ud800"}' '{"a":"\\u12"}' '{"a":[}' \
    "$(printf '{"a":"\377"}')" '{"a":"' '{"a":1} x' '{"schema":"sipvet.trace/1","schema":"sipvet.trace/1"}' \
    '{"schema":"sipvet.trace/1","time":"now"}'; do
    { record 1 'OPTIONS sip:a@b SIP/2.0'; printf '%s\n' "$bad"; record 3 x; } >bad.ndjson
    expect 1 trace show -f ndjson bad.ndjson
    complains_beside() { [ "$(wc -l <err)" -eq 1 ] || fail "$ran: $bad: $(cat err)"; }
    complains_beside
    err_has 'line 2'
    out_lines 2
done

# ---- Ladders of records: limits, an address that talks to itself -----------------------------------

i=0
while [ $i -lt 70 ]; do
    record 1 'OPTIONS sip:a@b SIP/2.0\r\n\r\n' | sed "s/a:1/host$i:1/"
    i=$((i + 1))
done >columns.ndjson
expect 1 trace ladder -f json columns.ndjson
err_has 'too many addresses'
json_true 'len(r["columns"]) == 64 and len(r["messages"]) == 63'
expect 1 trace ladder columns.ndjson
expect 1 trace ladder -f svg columns.ndjson

record 1 'OPTIONS sip:a@b SIP/2.0\r\n\r\n' | sed 's/b:2/a:1/' >self.ndjson
expect 0 trace ladder self.ndjson
out_has '^   0.000000  |<> OPTIONS  #1 UDP  [0-9]* errors$'
for format in svg html mermaid json; do
    expect 0 trace ladder -f $format self.ndjson
    out_has OPTIONS
done
expect 0 trace ladder --call-id none self.ndjson
out_lines 0

record 1 'x' | sed 's/UDP/TLS/; s/"x"/"OPTIONS sip:a@b SIP\/2.0\\r\\n\\r\\n"/' >tls.ndjson
expect 1 trace lint -f json tls.ndjson
json_true 'any("content-length" in d["name"] and d["severity"] == "error" for d in r["diagnostics"])'

i=0
while [ $i -lt 10 ]; do
    record 1 'OPTIONS sip:a@b SIP/2.0\r\n\r\n'
    i=$((i + 1))
done >ten
i=0
while [ $i -lt 1000 ]; do
    cat ten
    i=$((i + 1))
done >many.ndjson
cat ten >>many.ndjson
expect 1 trace ladder many.ndjson
out_lines 10001
err_has 'too many messages'
err_has '9 more: too many messages'

# ---- What is found in captures ---------------------------------------------------------------------

"$make" call >call.pcap || fail 'make-capture call'
if "$sipvet" trace ls call.pcap 2>&1 | grep -q 'built without libpcap'; then
    expect 3 trace ls call.pcap
    complains
    skip "captures are not read: sipvet was built without libpcap"
    conclude
    exit
fi

for name in call ng:call s:call ns:call n:call; do
    "$make" $name >$name.pcap || {
        fail "make-capture $name"
        continue
    }
    "$make" $name | "$sipvet" trace show -f ndjson >pipe.out 2>pipe.err || fail "$name over a pipe: $(cat pipe.err)"
    expect 0 trace ls -f ndjson $name.pcap
    quiet
    out_lines 2
    json_true 'r["call_id"] == "call-1" and r["messages"] == 10 and r["final_status"] == 200'
    json_true 'r["first"] == "2026-01-02T03:01:00.123456000Z" and r["last"] == "2026-01-02T03:01:00.134456000Z"'
    json_true 'r["method"] == "INVITE" and r["methods"] == ["ACK", "BYE", "INVITE"] and r["provisional_status"] == 180'
    json_true 'r["from"] == "sip:ida@elm.example" and r["source"] == "192.0.2.1:5070"'
    json_true 'rs[1]["call_id"] == "ping-1" and rs[1]["messages"] == 2'
    expect 0 trace show -f ndjson $name.pcap
    out_lines 12
    cmp -s out pipe.out || fail "$name: a pipe gives something else than a file"
    cp out shown.ndjson
    expect 0 trace show -f ndjson shown.ndjson
    cmp -s out shown.ndjson || fail "$name: records change when they are read back"
done
cp call.pcap first.pcap

for name in vlan cooked cooked2 null raw raw6; do
    "$make" $name >link.pcap
    expect 0 trace ls -f json link.pcap
    quiet
    json_true 'len(rs) == 1 and r["call_id"] == "link" and r["final_status"] is None'
done
"$make" unknown >unknown.pcap
expect 3 trace ls unknown.pcap
complains
err_has 'link type is 127'

"$make" stream >stream.pcap
expect 0 trace show -f ndjson stream.pcap
quiet
json_true '[m["message"].split("Call-ID: ")[1][:5] for m in rs] == ["tcp-1", "tcp-2", "tcp-1"]'
json_true 'all(m["transport"] == "TCP" and m["damage"] is None for m in rs)'
json_true 'r["message"].endswith("some body") and r["frame"] == 6'
"$make" fragments >fragments.pcap
expect 0 trace show -f ndjson fragments.pcap
quiet
json_true 'len(rs) == 2 and all(m["message"].endswith("b" * 3000) for m in rs)'
json_true 'rs[1]["source"] == "[2001:db8::1]:5070"'
"$make" cut >cut.pcap
expect 0 trace show -f ndjson cut.pcap
err_has 'frame 2: a packet was captured in part only'
json_true 'r["damage"] is None and "in part" in rs[1]["damage"] and rs[1]["octets"] == 138'

# Every truncation of a capture: what was read so far comes out, and the status says so.
for name in call ng:call; do
    size=$(wc -c <$name.pcap)
    at=20
    while [ $at -lt "$size" ]; do
        head -c $at $name.pcap >part.pcap
        "$sipvet" trace show -f ndjson part.pcap >out 2>err
        status=$?
        checks=$((checks + 1))
        case $status in
        0 | 1) head -n "$(wc -l <out)" shown.ndjson | cmp -s - out ||
            fail "$name cut at $at: other messages" ;;
        3) [ ! -s out ] || fail "$name cut at $at: status 3, but messages" ;;
        *) fail "$name cut at $at: status $status" ;;
        esac
        at=$((at + 211))
    done
done
head -c 1000 first.pcap >part.pcap
expect 1 trace ls part.pcap
err_has 'the capture cannot be read further'
out_has 'call-1'

expect 0 trace show first.pcap
out_has '^frame 12  2026-01-02T03:01:00.134456000Z  192.0.2.2:5090 -> 192.0.2.1:5070  UDP  [0-9]* octets$'
out_has '^    SIP/2.0 200 OK$'
expect 0 trace show --call-id ping-1 -f ndjson first.pcap
out_lines 2
expect 0 trace ls first.pcap stream.pcap
out_lines 4
expect 3 trace ls first.pcap not-there
out_lines 2

# ---- Ladders ---------------------------------------------------------------------------------------

expect 0 trace ladder first.pcap
quiet
out_lines 13
out_has '^             192.0.2.1:5070 *192.0.2.2:5090 *192.0.2.3:5060$'
out_has '^   0.000000  |-* INVITE -*>| *|  #1 UDP$'
out_has '^   0.007000  | *|<-* 200 OK -*|  #8 UDP$'
expect 0 trace ladder -f json --call-id ping-1 first.pcap
json_true 'r["columns"] == ["192.0.2.1:5070", "192.0.2.2:5090"]'
json_true '[(m["label"], m["from_column"], m["to_column"], m["frame"]) for m in r["messages"]] == [("OPTIONS", 0, 1, 4), ("200 OK", 1, 0, 7)]'
expect 0 trace ladder -f mermaid first.pcap
out_has '^    participant p2 as 192.0.2.3#58;5060$'
out_has '^    p0->>p1: INVITE$'
out_has '^    p1-->>p0: 200 OK$'
expect 0 trace ladder -f html first.pcap
quiet
for i in 1 12; do
    out_has "<a href=\"#m$i\">"
    out_has "<section id=\"m$i\">"
done
expect 0 trace ladder -f svg first.pcap
out_has '<svg xmlns'

# Nothing that a message says becomes part of a page, a drawing, a diagram or a terminal's commands.
"$make" hostile >hostile.pcap
expect 0 trace ladder -f html hostile.pcap
cp out page.html
expect 0 trace ladder -f svg hostile.pcap
cp out page.svg
expect 0 trace ladder -f mermaid hostile.pcap
out_lines 11
if LC_ALL=C grep -v -E '^(sequenceDiagram|    participant p[0-9]+ as [A-Za-z0-9.#; ]+|    p[0-9]+--?>>p[0-9]+: ([A-Za-z0-9./ ]|#[0-9]+;)+)$' out >odd; then
    fail "$ran: $(cat odd)"
fi
for format in text json; do
    expect 0 trace ladder -f $format hostile.pcap
    if LC_ALL=C grep -q "$(printf '[\001-\011\013-\037\177]')" out; then
        fail "$ran: control characters"
    fi
done
for command in show ls; do
    expect 0 trace $command hostile.pcap
    if LC_ALL=C grep -q "$(printf '[\001-\011\013-\037\177]')" out; then
        fail "$ran: control characters"
    fi
done
if [ -n "$python" ]; then
    checks=$((checks + 1))
    "$python" - page.html page.svg >json.err 2>&1 <<'PY' || fail "hostile pages: $(tail -n 3 json.err)"
import sys
import xml.dom.minidom
from html.parser import HTMLParser

known = {
    "html": {"lang"}, "head": set(), "meta": {"charset", "http-equiv", "content"}, "title": set(),
    "style": set(), "body": set(), "div": {"id"}, "a": {"href"}, "section": {"id"}, "h2": set(),
    "p": {"id"}, "br": set(), "pre": set(), "mark": {"class", "title"}, "ul": set(),
    "li": {"class"}, "b": set(), "svg": {"xmlns", "width", "height", "viewbox"},
    "text": {"class", "x", "y"}, "line": {"class", "x1", "y1", "x2", "y2"}, "g": {"class"},
    "rect": {"x", "y", "width", "height"}, "path": {"d"},
}
open_tags = []

class Page(HTMLParser):
    def handle_starttag(self, tag, attrs):
        assert tag in known, tag
        for name, value in attrs:
            assert name in known[tag], (tag, name)
            if name == "href":
                assert value[:2] == "#m" and value[2:].isdigit(), value
        if tag not in ("meta", "br"):
            open_tags.append(tag)
    def handle_startendtag(self, tag, attrs):
        assert tag in known and all(n in known[tag] for n, v in attrs), (tag, attrs)
    def handle_endtag(self, tag):
        assert open_tags.pop() == tag, tag
    def handle_comment(self, data):
        raise AssertionError("a comment")

data = open(sys.argv[1], "rb").read().decode("utf-8")
assert not any(ord(c) < 32 and c != "\n" for c in data)
assert "\u202e" not in data
page = Page(convert_charrefs=True)
page.feed(data)
page.close()
assert not open_tags, open_tags
assert data.count("<section ") == 8 and data.count("<mark ") > 8
assert "<script>alert(3)</script>" in "".join(__import__("html").unescape(data))
svg = xml.dom.minidom.parse(sys.argv[2])
assert {n.tagName for n in svg.getElementsByTagName("*")} <= {
    "svg", "style", "text", "line", "g", "title", "rect", "path"}
assert len(svg.getElementsByTagName("g")) == 8
PY
fi
expect 0 trace show -f ndjson hostile.pcap
json_true 'base64.b64decode(rs[5]["message_b64"]).startswith(b"SIP/2.0 200 \xff\xfe")'
cp out shown.ndjson
expect 0 trace show -f ndjson shown.ndjson
cmp -s out shown.ndjson || fail "hostile: records change when they are read back"

# ---- Findings --------------------------------------------------------------------------------------

expect 0 trace lint first.pcap
quiet
out_has '^12 messages: 0 errors, '
expect 1 trace lint hostile.pcap
out_has '^hostile.pcap#1:[0-9]*:[0-9]*: error\[SV[0-9]*\]: '
expect 1 trace lint -f ndjson hostile.pcap
out_lines 8
json_true 'r["schema"] == "sipvet.trace-lint/1" and r["frame"] == 1 and r["verdict"] == "reject"'
json_true 'any(d["name"] == "from-missing" or d["header"] == "From" for d in r["diagnostics"])'
expect 0 trace lint -f ndjson --call-id ping-1 first.pcap
out_lines 2

# ---- Credentials -----------------------------------------------------------------------------------

expect 2 trace digest first.pcap
printf swordfish >right
printf other >wrong
if "$sipvet" help trace digest >/dev/null 2>&1; then
    digest=$tree/corpus/digest
    (
        cd "$digest" || exit 1
        "$make" files register-md5-auth/1-register.sip register-md5-auth/2-unauthorized.sip \
            register-md5-auth/3-register.sip register-md5-auth/4-ok.sip \
            invite-sha256-auth-int/1-invite.sip \
            invite-sha256-auth-int/2-proxy-authentication-required.sip \
            invite-sha256-auth-int/4-invite.sip bye-two-realms/1-bye.sip register-rfc2069/1-unauthorized.sip register-rfc2069/2-register.sip
    ) >digest.pcap
    expect 0 trace digest --password-file right digest.pcap
    quiet
    out_lines 5
    out_has '^digest.pcap#3: REGISTER of ida at .*, challenge #2: Authorization: verified$'
    out_has '^digest.pcap#7: INVITE of .*, challenge #6: Proxy-Authorization: verified$'
    out_has '^digest.pcap#8: BYE of .*, no challenge in the capture: '
    expect 0 trace digest -f ndjson --password-file right digest.pcap
    json_true 'len(rs) == 5 and r["schema"] == "sipvet.trace-digest/1"'
    json_true '[m["challenge_frame"] for m in rs] == [2, 6, None, None, 9]'
    json_true 'all(m["verdict"] == "verified" and m["computed"] == m["received"] for m in rs)'
    expect 1 trace digest -f ndjson --password-file wrong digest.pcap
    json_true 'all(m["reason"] == "response-wrong" for m in rs)'
    expect 0 trace show -f ndjson digest.pcap
    cp out digest.ndjson
    expect 0 trace digest --password-file right digest.ndjson
    out_lines 5
    # a challenge that is there, and another algorithm, realm or nonce
    (cd "$digest" && "$make" files mistakes/401.sip mistakes/qop-list.sip refused/opaque-other.sip) >mistakes.pcap
    expect 1 trace digest --password-file right mistakes.pcap
    out_has '#2: .*, challenge #1: Authorization: mismatch: '
    out_has '#3: .*: Authorization: refused: '
    expect 1 trace digest --password-file right first.pcap
    complains
    err_has 'no credentials'
    expect 1 trace digest --ha1 00000000000000000000000000000000 digest.pcap
    out_has 'ha1 is for another algorithm'
    if grep -q swordfish out err; then
        fail "$ran: the password is shown"
    fi
fi

# ---- Damaged captures ------------------------------------------------------------------------------

# Octets at random are changed; nothing may crash, hang, or give another status than 0, 1 and 3.
if [ -n "$python" ]; then
    for name in call stream fragments hostile; do
        "$python" - $name.pcap <<'PY'
import random, sys
data = open(sys.argv[1], "rb").read()
r = random.Random(7)
for i in range(8):
    d = bytearray(data)
    for _ in range(r.choice([1, 3, 10, 40])):
        d[r.randrange(24, len(d))] = r.choice([0, 255, 127, 128, r.randrange(256)])
    open("damaged%d.pcap" % i, "wb").write(d)
PY
        for i in 0 1 2 3 4 5 6 7; do
            for command in ls 'ladder -f html' lint; do
                checks=$((checks + 1))
                # shellcheck disable=SC2086
                "$sipvet" trace $command damaged$i.pcap >out 2>err
                case $? in
                0 | 1 | 3) ;;
                *) fail "trace $command of damaged $name $i: $(tail -n 3 err)" ;;
                esac
            done
        done
    done
fi

# ---- The same as tshark finds ----------------------------------------------------------------------

if command -v tshark >/dev/null 2>&1; then
    # (It does not find a message behind a keep-alive.)
    "$make" plain-stream >plain.pcap
    for name in first plain fragments; do
        ports="-d udp.port==5060-5090,sip -d tcp.port==5060-5090,sip"
        # shellcheck disable=SC2086
        tshark -n -o tcp.reassemble_out_of_order:TRUE $ports -r $name.pcap -Y sip -T fields -e sip.Call-ID -E occurrence=a -E aggregator=' ' \
            2>tshark.err | tr ' ' '\n' | sort >tshark.out
        expect 0 trace show -f ndjson $name.pcap
        checks=$((checks + 1))
        sed 's/.*Call-ID: \([^\\]*\)\\r.*/\1/' out | sort >ours
        [ -s ours ] || fail "$name: nothing to compare"
        cmp -s ours tshark.out || fail "$name: tshark has other messages: $(diff ours tshark.out | head -n 5) $(head -n 2 tshark.err)"
    done
else
    skip "nothing is compared with tshark: it is not installed"
fi

conclude
