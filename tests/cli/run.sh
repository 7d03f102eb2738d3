#!/bin/sh
# tests/cli/run.sh SIPVET: what users may rely on in the program: exit statuses, where output goes,
# the shape of JSON.  Prints what failed, and a count; exits 1 if something failed.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# ---- Messages -------------------------------------------------------------------------------------

cat >lf.sip <<'SIP'
INVITE sip:bob@example.com SIP/2.0
v: SIP/2.0/UDP pc33.example.com:5060;branch=z9hG4bK77, SIP / 2.0 / TCP [2001:db8::1] : 5070;branch=z9hG4bK78
From: "Al \"A\" Ice" <sip:alice@example.com>;tag=1928301774;lr
To: Bob <sip:bob@example.com>
Call-ID: a84b@pc33
CSeq: 0314159 INVITE
Max-Forwards: 070
Route: <sip:p1.example.com;lr>
Contact: <sip:alice@pc33.example.com>;q=0.5
X-Odd:   some thing
Content-Type: text / plain;charset=utf-8
Content-Length: 4

SIP
sed 's/$/\r/' lf.sip >good.sip
printf 'body' >>good.sip
sed 's/^To: .*/To: "bob <sip:bob@c>\r/' good.sip >quote.sip
sed 's/^To: .*/To: Bob sip:bob@c\r/' good.sip >brackets.sip
sed 's/^Call-ID: .*/Call-ID: a b\r/' good.sip >callid.sip
sed '/^Max-Forwards/d' good.sip >warning.sip
printf 'X-Odd: a\377\303\251b\r\n' >odd
sed '/^X-Odd/{
r odd
d
}' good.sip >bytes.sip
: >empty.sip

# ---- Command lines ---------------------------------------------------------------------------------

expect 2
complains
expect 2 frobnicate
complains
err_has "no command 'frobnicate'"
for later in digest sdp trace flow ua fuzz; do
    expect 2 $later
    complains
done
expect 2 --profile strict parse good.sip
complains
expect 2 parse --frobnicate good.sip
complains
err_has "'--frobnicate'"
expect 2 parse -x good.sip
complains
expect 2 parse --prof strict good.sip
complains
expect 2 parse --profile
complains
err_has 'needs an argument'
expect 2 parse --profile lax good.sip
complains
err_has "'strict' or 'interop', not 'lax'"
expect 2 parse -f xml good.sip
complains
expect 2 parse --stats=yes good.sip
complains
expect 2 lint -W good.sip
complains
expect 2 lint -W SV9999=off good.sip
complains
expect 2 lint -W SV0101=loud good.sip
complains
expect 2 match
complains
expect 2 match no-such-rule x
complains
expect 2 match token x y
complains
expect 2 uri
complains
expect 2 uri frob
complains
expect 2 uri parse
complains
expect 2 uri compare sip:a@b
complains
expect 2 gen
complains
expect 2 gen no-such-rule
complains
expect 2 gen token -n many
complains
expect 2 gen token --seed -1
complains
expect 2 explain SV9999
complains
expect 2 explain no-such-diagnostic
complains
expect 2 completion tcsh
complains
expect 2 version extra
complains
expect 2 help frobnicate
complains

expect 0 help
quiet
expect 0 --help
expect 0 --version
for command in parse lint match 'uri parse' 'uri compare' gen 'sdp parse' 'sdp lint' 'sdp answer' 'sdp check' 'trace ls' 'trace show' 'trace ladder' 'trace lint' explain completion version help; do
    # shellcheck disable=SC2086
    expect 0 help $command
    quiet
    out_has "^usage: sipvet $command"
    out_has '--help'
    cp out help.out
    # shellcheck disable=SC2086
    expect 0 $command --help
    cmp -s out help.out || fail "$ran: not the same as 'sipvet help $command'"
    # shellcheck disable=SC2086
    expect 0 help --man $command
    out_has '^# SYNOPSIS'
done
expect 0 help --man
if command -v scdoc >/dev/null 2>&1; then
    for command in '' parse lint match 'uri parse' 'uri compare' gen 'sdp parse' 'sdp lint' 'sdp answer' 'sdp check' 'trace ls' 'trace show' 'trace ladder' 'trace lint' explain completion version help; do
        # shellcheck disable=SC2086
        expect 0 help --man $command
        checks=$((checks + 1))
        scdoc <out >page 2>err && grep -q '^[.]SH EXIT STATUS' page || fail "$ran: scdoc says $(head -n 1 err)"
    done
else
    skip 'manual pages are not made: there is no scdoc'
fi

for form in '--profile strict' '--profile=strict' '-f json' '-fjson' '--format json' '--format=json'; do
    # shellcheck disable=SC2086
    expect 0 parse $form good.sip
    # shellcheck disable=SC2086
    expect 0 parse good.sip $form
done
cp good.sip ./-f
expect 0 parse -- -f
expect 3 parse -- --stats
expect 0 parse --color=never good.sip
expect 2 parse --color=maybe good.sip

# ---- Inputs ----------------------------------------------------------------------------------------

expect 3 parse no-such-file.sip
complains
expect 3 lint no-such-file.sip
complains
expect 3 parse .
complains
expect 3 parse -f ndjson no-such-file.sip good.sip
out_lines 1
expect 3 lint -f sarif no-such-file.sip good.sip
json_true 'r["version"] == "2.1.0"'
"$sipvet" parse -f json <good.sip >out 2>err || fail 'sipvet parse <good.sip'
json_true 'r["source"] == "-" and r["verdict"] == "accept"'
"$sipvet" parse -f json - <good.sip >out 2>err || fail 'sipvet parse - <good.sip'
json_true 'r["source"] == "-" and r["verdict"] == "accept"'

# An input that brings nothing; progress of long work.
checks=$((checks + 1))
mkfifo never
exec 7<>never
"$sipvet" parse --timeout 1 <never >out 2>err
[ $? -eq 3 ] || fail 'parse --timeout 1 does not end with 3'
exec 7>&-
ran='sipvet parse --timeout 1'
complains
expect 0 parse --timeout=0 good.sip
expect 2 parse --timeout=soon good.sip
complains
expect 0 gen SIP-message -n 3 --progress=none
quiet
checks=$((checks + 1))
"$sipvet" gen SIP-message -n 4000000000 --progress=json >/dev/null 2>err &
until_true 60 grep -q '}$' err
kill $!
wait $! 2>/dev/null
ran='sipvet gen --progress=json'
err_has '^{"schema":"sipvet.progress/1","command":"gen","done":[0-9]*,"total":4000000000,"elapsed_s":[0-9.]*}$'

# ---- parse ------------------------------------------------------------------------------------------

expect 0 parse good.sip
quiet
out_has 'accept'
expect 0 parse --stats good.sip good.sip
out_has '^2 messages: 2 accepted, 0 rejected'
expect 0 parse -f spans good.sip
out_has '^0	6	method	INVITE$'
expect 1 parse quote.sip
expect 1 parse empty.sip
expect 1 parse good.sip quote.sip
expect 0 parse -f ndjson good.sip good.sip
out_lines 2
expect 0 parse -f json good.sip good.sip
json_true 'len(rs) == 2 and rs[1] == r'
json_true 'set(r) == set("schema source profile octets verdict suggested_status kind version method request_uri status reason call_id cseq from to via route record_route contact contact_wildcard max_forwards content_length content_type headers body trailing_octets diagnostics".split())'
json_true 'r["schema"] == "sipvet.message/1" and r["source"] == "good.sip" and r["profile"] == "strict"'
json_true '(r["kind"], r["version"], r["method"], r["request_uri"]) == ("request", "SIP/2.0", "INVITE", "sip:bob@example.com")'
json_true 'r["status"] is None and r["reason"] is None and r["suggested_status"] is None'
json_true 'r["call_id"] == "a84b@pc33" and r["cseq"] == {"number": 314159, "method": "INVITE"}'
json_true 'r["from"] == {"display_name": "Al \"A\" Ice", "uri": "sip:alice@example.com", "tag": "1928301774", "params": [{"name": "tag", "value": "1928301774"}, {"name": "lr", "value": None}]}'
json_true 'r["to"] == {"display_name": "Bob", "uri": "sip:bob@example.com", "tag": None, "params": []}'
json_true 'r["via"][0] == {"version": "SIP/2.0", "transport": "UDP", "host": "pc33.example.com", "port": 5060, "sent_by": "pc33.example.com:5060", "branch": "z9hG4bK77", "params": [{"name": "branch", "value": "z9hG4bK77"}]}'
json_true 'r["via"][1]["version"] == "SIP/2.0" and r["via"][1]["sent_by"] == "[2001:db8::1]:5070" and r["via"][1]["host"] == "[2001:db8::1]"'
json_true 'r["route"] == [{"display_name": None, "uri": "sip:p1.example.com;lr", "params": []}]'
json_true 'r["record_route"] == [] and r["contact_wildcard"] is False'
json_true 'r["contact"] == [{"display_name": None, "uri": "sip:alice@pc33.example.com", "params": [{"name": "q", "value": "0.5"}]}]'
json_true 'r["max_forwards"] == 70 and r["content_length"] == 4 and r["content_type"] == "text/plain"'
json_true 'r["octets"] == len(open("good.sip", "rb").read()) and r["body"] == {"offset": r["octets"] - 4, "octets": 4}'
json_true 'all(set(h) == {"name", "as_written", "known", "offset", "octets", "value"} for h in r["headers"])'
json_true '(r["headers"][0]["name"], r["headers"][0]["as_written"], r["headers"][0]["known"]) == ("Via", "v", True)'
json_true '[h["value"] for h in r["headers"] if h["name"] == "X-Odd" and not h["known"]] == ["some thing"]'
json_true 'all(open("good.sip", "rb").read()[h["offset"]:h["offset"] + h["octets"]].decode().startswith(h["as_written"]) for h in r["headers"])'
expect 0 parse -f json bytes.sip
json_true '[base64.b64decode(h["value_b64"]) for h in r["headers"] if h["name"] == "X-Odd"] == [b"a\xff\xc3\xa9b"]'
json_true '[h["value"] for h in r["headers"] if h["name"] == "X-Odd"] == ["a\ufffd\u00e9b"]'
expect 1 parse -f json empty.sip
json_true 'r["kind"] is None and r["verdict"] == "reject" and r["octets"] == 0 and r["via"] == [] and r["body"] is None'
expect 1 parse -f json quote.sip
json_true 'r["to"] is None and r["from"]["tag"] == "1928301774" and r["suggested_status"] == 400'
json_true 'set(r["diagnostics"][0]) == set("code name severity offset octets line column header rule expected rfc status message".split())'
json_true '[(d["code"], d["name"], d["header"], d["line"], d["column"]) for d in r["diagnostics"] if d["severity"] == "error"] == [("SV0112", "quoted-string-open", "To", 4, 5)]'
json_true '[open("quote.sip", "rb").read()[d["offset"]:d["offset"] + d["octets"]] for d in r["diagnostics"] if d["severity"] == "error"] == [b"\"bob <sip:bob@c>"]'
expect_in 1 '\000\001\002' parse -f json
json_true 'r["kind"] is None'
# A datagram that goes on, a Contact that is a wildcard.
(cat good.sip && printf 'more') >trailing.sip
expect 0 parse -f json trailing.sip
json_true 'r["trailing_octets"] == 4 and r["octets"] == len(open("good.sip", "rb").read())'
sed 's/^Contact: .*/Contact: *\r/' good.sip >star.sip
expect 0 parse -f json star.sip
json_true 'r["contact"] == [] and r["contact_wildcard"] is True'

# Empty lines in front belong to no message.
(printf '\r\n\r\n' && cat good.sip) >late.sip
expect 0 parse -f json --profile interop late.sip
json_true 'r["octets"] == len(open("good.sip", "rb").read()) and r["headers"][0]["as_written"] == "v"'
json_true 'open("late.sip", "rb").read()[r["headers"][0]["offset"]:].startswith(b"v:")'
# Numbers out of range are null, the rest of the value is there.
sed 's/^CSeq: .*/CSeq: 4294967296 INVITE\r/; s/^v: .*/v: SIP\/2.0\/UDP a.example.com:65536;branch=z9hG4bK7\r/' good.sip >range.sip
expect 1 parse -f json range.sip
json_true 'r["cseq"] == {"number": None, "method": "INVITE"}'
json_true '[(v["host"], v["port"], v["branch"]) for v in r["via"]] == [("a.example.com", None, "z9hG4bK7")]'

# Findings in a body: offsets of the whole message, no say in the verdict.
part='Content-Type: message/sipfrag\r\n\r\nSIP/2.0 180 Ringing\r\nTo: x\r\n'
# shellcheck disable=SC2059
printf -- "--b\r\n$part\r\n--b\r\nno colon\r\n\r\n--b--\r\n" >body
sed "s/^Content-Type: .*/Content-Type: multipart\/mixed;boundary=b\r/; s/^Content-Length: .*/l: $(wc -c <body)\r/" lf.sip |
    sed 's/\r*$/\r/' >multipart.sip
cat body >>multipart.sip
for command in 'parse -f json' 'lint -f json'; do
    case $command in parse*) status=0 ;; *) status=1 ;; esac
    # shellcheck disable=SC2086
    expect $status $command multipart.sip
    json_true 'r["verdict"] == "accept" and r["suggested_status"] is None'
    json_true '[(d["name"], d["header"], d["severity"]) for d in r["diagnostics"] if d.get("in") == "body"] == [("syntax", "To", "error"), ("header-line", None, "error")]'
    json_true 'all(open("multipart.sip", "rb").read()[d["offset"]:][:1] in b"xn" for d in r["diagnostics"] if d.get("in") == "body")'
done
expect 0 lint -W syntax=off -W header-line=warning multipart.sip
expect 1 lint multipart.sip
out_has '^multipart.sip:18:5: error\[SV0101\]'
sed 's/;boundary=b//' multipart.sip >unbounded.sip
expect 1 lint -f json unbounded.sip
json_true '[(d["name"], d["in"], d["status"]) for d in r["diagnostics"] if d["severity"] == "error"] == [("multipart-boundary", "body", 400)]'

# Streams.
(printf '\r\n\r\n' && cat good.sip quote.sip && printf '\r\n\r\n') >two.stream
expect 1 parse --stream -f ndjson two.stream
out_lines 3
json_true '[x["schema"] for x in rs] == ["sipvet.message/1"] * 2 + ["sipvet.stream/1"]'
json_true '[x["verdict"] for x in rs[:2]] == ["accept", "reject"] and [x["stream_offset"] for x in rs[:2]] == [4, 4 + r["octets"]]'
json_true 'rs[2]["end"] == "complete" and rs[2]["diagnostics"] == []'
(cat good.sip && head -c 60 good.sip) >half.stream
expect 1 parse --stream -f ndjson half.stream
json_true 'len(rs) == 2 and rs[1]["end"] == "incomplete" and rs[1]["end_offset"] == r["octets"]'
(cat good.sip && printf 'GET / HTTP/1.1\r\n\r\n') >http.stream
expect 1 parse --stream -f ndjson http.stream
json_true 'len(rs) == 2 and rs[1]["end"] == "error" and rs[1]["end_offset"] == r["octets"] and len(rs[1]["diagnostics"]) == 1'
expect 0 parse --stream -f json empty.sip
json_true 'r["schema"] == "sipvet.stream/1" and r["end"] == "complete" and r["end_offset"] == 0'

# ---- lint -------------------------------------------------------------------------------------------

expect 0 lint warning.sip
out_has 'warning\[SV'
expect 1 lint quote.sip
quiet
out_has '^quote.sip:4:5: error\[SV0112\]: .* (byte [0-9]*)$'
out_has '^    4 | To: "bob <sip:bob@c>$'
out_has '^      |     ^~~~~~~~~~~~~~~~'
out_has '^      = RFC 3261 section 25.1'
expect 1 lint brackets.sip
to=$(grep -b '^To: ' brackets.sip | cut -d: -f1)
out_has "^      = as name-addr: byte $((to + 11)), .*; as bare-addr-spec: byte $((to + 7)), .*"
expect 0 lint -W SV0112=warning quote.sip
out_has 'warning\[SV0112\]'
expect 0 lint -W 112=off quote.sip
! grep -q SV0112 out || fail "$ran: SV0112 is off"
expect 0 lint -Wquoted-string-open=warning quote.sip
expect 1 lint -W quoted-string-open=off --severity SV0112=error quote.sip
expect 1 lint -f ndjson quote.sip callid.sip
out_lines 2
json_true 'r["schema"] == "sipvet.lint/1" and r["verdict"] == "reject" and r["diagnostics"][0]["code"]'
expect 1 lint -f json --profile=interop quote.sip
expect 1 lint -f sarif quote.sip callid.sip
json_true 'r["version"] == "2.1.0" and len(r["runs"]) == 1 and r["runs"][0]["tool"]["driver"]["name"] == "sipvet"'
json_true 'all(r["runs"][0]["tool"]["driver"]["rules"][x["ruleIndex"]]["id"] == x["ruleId"] for x in r["runs"][0]["results"])'
json_true 'all(x["locations"][0]["physicalLocation"]["region"]["startLine"] >= 1 for x in r["runs"][0]["results"])'
# SARIF: what the schema of 2.1.0 asks of the members that are written, and offsets that are right.
cp quote.sip 'odd name%.sip'
expect 1 lint -f sarif 'odd name%.sip' "$work/range.sip" bytes.sip
json_true 'r["$schema"].startswith("https://") and r["version"] == "2.1.0" and set(r) == {"$schema", "version", "runs"}'
json_true 'set(r["runs"][0]) == {"tool", "columnKind", "results"} and r["runs"][0]["columnKind"] in ("unicodeCodePoints", "utf16CodeUnits")'
json_true 'all(set(x) <= {"id", "name", "shortDescription", "fullDescription", "help", "defaultConfiguration", "properties"} and x["shortDescription"]["text"] and x["help"]["text"] for x in r["runs"][0]["tool"]["driver"]["rules"])'
json_true 'len({x["id"] for x in r["runs"][0]["tool"]["driver"]["rules"]}) == len(r["runs"][0]["tool"]["driver"]["rules"])'
json_true 'all(set(x) <= {"ruleId", "ruleIndex", "level", "message", "locations", "fixes"} and x["level"] in ("none", "note", "warning", "error") and x["message"]["text"] for x in r["runs"][0]["results"])'
json_true 'all(min(l["region"][k] for k in ("startLine", "startColumn", "endLine", "endColumn")) >= 1 and l["region"]["byteOffset"] >= 0 and l["region"]["byteLength"] >= 0 for x in r["runs"][0]["results"] for l in [x["locations"][0]["physicalLocation"]])'
json_true 'r["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "odd%20name%25.sip"'
json_true 'any(x["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].startswith("file:///") for x in r["runs"][0]["results"])'
json_true 'r["runs"][0]["results"][0]["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"] == "\"bob\" <sip:bob@c>"'
json_true 'all(x["description"]["text"] and x["artifactChanges"][0]["artifactLocation"]["uri"] for y in r["runs"][0]["results"] for x in y.get("fixes", []))'

# A fix is what to write instead, or what to do.
expect 1 lint quote.sip
out_has '^      = RFC 3261 section 25.1 (quoted-string), 20.10   answer: 400   fix: "bob" <sip:bob@c>$'
out_has '^      |     ^~~~~~~~~~~~~~~~ the line ends before the closing quote$'
expect 1 lint -f json quote.sip
json_true 'r["diagnostics"][0]["fix"] == "\"bob\" <sip:bob@c>"'
json_true 'all(d["fix"] and "replacement" in d for d in r["diagnostics"])'
# fix_is HEADER VALUE TEXT, and with --profile interop: FIX_PROFILE=interop
fix_is() {
    sed "s/^$1: .*/$1: $2\r/" good.sip >broken.sip
    "$sipvet" lint --profile "${FIX_PROFILE:-strict}" broken.sip >out 2>err
    ran="sipvet lint ($1: $2)"
    checks=$((checks + 1))
    grep -q -F -e "   fix: $3" out || fail "$ran: no '$3' in: $(cat out)"
}
fix_is To 'Bob (M.) <sip:bob@c>' '"Bob (M.)" <sip:bob@c>'
fix_is To '<sip:bob@c' '<sip:bob@c>'
fix_is To '<sip:b b@c>' '<sip:b%20b@c>'
fix_is To '<sip:b@c>;;tag=1' '<sip:b@c>;tag=1'
fix_is To '<sip:b@c>;tag=1;tag=2' '<sip:b@c>;tag=1'
fix_is To '<tel:7042>' 'Write the number with "+"'
fix_is CSeq '1INVITE' '1 INVITE'
fix_is CSeq '1 BYE' '1 INVITE'
fix_is Max-Forwards '300' '70'
fix_is Content-Length '0004x' '4'
fix_is Content-Length '9' '4'
FIX_PROFILE=interop
fix_is To '< sip:b@c >' '<sip:b@c>'
fix_is Contact 'sip:b@c?x=y' '<sip:b@c?x=y>'
fix_is From 'Bell, Alexander <sip:a@b>;tag=1' '"Bell, Alexander" <sip:a@b>;tag=1'
FIX_PROFILE=strict
sed '1s/ /  /' good.sip >broken.sip
expect 1 lint broken.sip
out_has 'fix: INVITE sip:bob@example.com SIP/2.0$'
sed '/^Call-ID/d' good.sip >broken.sip
expect 1 lint broken.sip
out_has 'fix: Add the header Call-ID.$'
# A replacement is one that works.
expect 1 lint -f json quote.sip
if [ -n "$python" ]; then
    "$python" - quote.sip out >mended.sip <<'PY'
import json, sys
data = open(sys.argv[1], "rb").read()
x = json.load(open(sys.argv[2]))["diagnostics"][0]["replacement"]
sys.stdout.buffer.write(data[:x["offset"]] + x["text"].encode() + data[x["offset"] + x["octets"]:])
PY
    expect 0 parse mended.sip
fi

expect 1 lint --color=always quote.sip
out_has "$(printf '\033')"
expect 1 lint --color=never quote.sip
! grep -q "$(printf '\033')" out || fail "$ran: colours"

# ---- match ------------------------------------------------------------------------------------------

expect 0 match hostport example.com:5060
out_has accept
expect 1 match hostport foo:x
out_has 'byte 4'
expect 1 match SIP-URI sip:foo:x
out_has "  as userinfo-body: byte 9, '@'; as host-body: byte 8, DIGIT"
expect 1 match -f json hostport foo:x
json_true 'r == {"schema": "sipvet.match/1", "rule": "hostport", "verdict": "reject", "error_offset": 4, "expected": ["DIGIT"], "captures": [{"name": "host", "offset": 0, "octets": 3, "value": "foo"}]}'
expect 0 match -f json HOSTPORT foo
json_true 'r["rule"] == "hostport" and r["verdict"] == "accept" and r["error_offset"] is None and r["expected"] == []'
expect_in 0 'example.com' match hostport
expect 0 match rtpmap-value '96 opus/48000/2'
out_has '^  clock_rate  *8  *5  48000'
expect 1 match --grammar sdp token 'a:'
expect 1 match --grammar sdp token 'a(b'
expect 0 match --grammar sdp token 'a{b'
expect 1 match --grammar sip token 'a{b'
expect 2 match --grammar sip rtpmap-value x
expect_in 1 'example.com\n' match hostport
expect_in 1 'a\000b' match -f json token
json_true 'r["error_offset"] == 1'
expect 0 match Via 'SIP/2.0/UDP example.com;branch=z9hG4bK1'
expect 0 match Via 'Via: SIP/2.0/UDP example.com;branch=z9hG4bK1'
expect 0 match Via 'v : SIP/2.0/UDP example.com'
expect 1 match Max-Forwards 'Max-Forwards: x'
out_has 'byte 14'
expect 1 match Max-Forwards 'x'
out_has 'byte 0'
expect 1 match To 'To:x'
out_has 'byte 4'
expect 0 match To 'x:y'
expect 1 match token -- -a,b
expect 0 match token -- -a

# ---- uri --------------------------------------------------------------------------------------------

expect 0 uri parse 'sip:alice@example.com:5060;transport=tcp?subject=x'
out_has 'host  *example.com'
expect 0 uri parse -f json 'sip:alice@example.com:5060;transport=tcp?subject=x'
json_true 'r["schema"] == "sipvet.uri/1" and r["verdict"] == "accept" and r["diagnostics"] == []'
json_true '(r["scheme"], r["user"], r["password"], r["host"], r["port"]) == ("sip", "alice", None, "example.com", 5060)'
json_true 'r["params"] == [{"name": "transport", "value": "tcp"}] and r["headers"] == [{"name": "subject", "value": "x"}]'
expect 0 uri parse -f json 'sips:a:b@[2001:db8::1];lr'
json_true '(r["password"], r["host"], r["port"], r["params"]) == ("b", "[2001:db8::1]", None, [{"name": "lr", "value": None}])'
expect 0 uri parse 'tel:+1-212-555-0101'
expect 0 uri parse 'urn:service:sos'
for bad in 'sip:' 'sip:alice@' 'sip:@h' 'sip://h' 'sip:a@h:65536' 'sip:a@h:x' 'sip:a@h%zz' '' 'a b' 'sip:a@h;x=1;x=2'; do
    expect 1 uri parse -f json "$bad"
    json_true 'r["verdict"] == "reject" and len(r["diagnostics"]) >= 1 and r["diagnostics"][0]["code"].startswith("SV")'
done
expect 0 uri compare 'sip:%61lice@atlanta.com;transport=TCP' 'sip:alice@AtLanTa.CoM;Transport=tcp'
out_has '^equal$'
expect 1 uri compare 'sip:bob@biloxi.com' 'sip:bob@biloxi.com:5060'
out_has port
expect 1 uri compare 'sip:alice@biloxi.com' 'sip:ALICE@biloxi.com'
out_has user
expect 1 uri compare 'sip:a@b;transport=udp' 'sip:a@b'
out_has transport
expect 2 uri compare 'sip:a@b' 'sip:a@'
complains
expect 1 uri compare -f json 'sip:a@b' 'sips:a@b'
json_true 'r["equal"] is False and r["differs"] == "scheme"'

# ---- gen --------------------------------------------------------------------------------------------

# The build with sanitizers, in which each start of a program takes long, tries the first ones only.
tried=${SIPVET_TEST_SENTENCES:-20}
for rule in token hostport SIP-URI Via Contact Call-ID User-Agent; do
    expect 0 gen $rule -n 20 --seed 7
    out_lines 20
    cp out sentences
    expect 0 gen $rule -n 20 --seed 7
    cmp -s out sentences || fail "$ran: not the same sentences for the same seed"
    head -n "$tried" out >sentences
    while IFS= read -r line; do
        "$sipvet" match $rule -- "$line" >out 2>err || fail "sipvet match $rule -- '$line' (from gen)"
    done <sentences
    expect 0 gen $rule --near-miss -n 20 --seed 7
    out_lines 20
    head -n "$tried" out >misses
    while IFS= read -r line; do
        text=$(printf '%s\n' "$line" | cut -f 1)
        offset=$(printf '%s\n' "$line" | cut -f 2)
        "$sipvet" match $rule -- "$text" >out 2>err
        [ $? -eq 1 ] || fail "sipvet match $rule -- '$text' (a near miss) is not rejected"
        grep -q "byte ${offset}[:;]" out || fail "sipvet match $rule -- '$text': not byte $offset: $(cat out)"
    done <misses
    expect 0 gen $rule --near-miss -n 20 -f ndjson
    out_lines 20
    json_true 'all(x["near_miss"] and x["broken"] and x["repaired"] != x["value"] for x in rs)'
done
expect 0 gen token -n 3 -f raw
expect 0 gen CRLF -n 2
out_has '^\\r\\n$'
expect 0 gen SIP-message -n 20 --seed 3
"$sipvet" parse --stream -f ndjson <out >parsed 2>err || fail 'gen SIP-message: a message is rejected'
[ "$(wc -l <parsed)" -eq 21 ] || fail 'gen SIP-message: not 20 messages'
expect 0 gen SIP-message --near-miss -n 10 --seed 3 -f ndjson
out_lines 10
json_true 'all(x["broken"] and x["value"] != x["repaired"] for x in rs)'
expect 0 gen SIP-message --near-miss -f raw --seed 5
"$sipvet" parse <out >parsed 2>err
[ $? -eq 1 ] || fail 'gen SIP-message --near-miss: the message is not rejected'

# Coverage: behind the sentences, on standard error or as a record.
expect 0 gen hostport -n 3 --coverage
out_lines 3
err_has '^sipvet gen: 3 of hostport: [0-9]* of 16 rules, '
err_has '^  + rule hostport$'
err_has '^  - alternative [0-9]*[.][12] of IPv6address: h16$'
cp out sentences
expect 0 gen hostport -n 3
cmp -s out sentences || fail 'gen --coverage: other sentences than without'
expect 0 gen Via -n 3000 -f ndjson --coverage
out_lines 3001
json_true 'rs[-1]["schema"] == "sipvet.coverage/1" and rs[-1]["sentences"] == 3000'
json_true 'all(rs[-1][k]["covered"] <= rs[-1][k]["total"] for k in ("rules", "alternatives", "names"))'
json_true 'rs[-1]["rules"]["covered"] == rs[-1]["rules"]["total"] and rs[-1]["names"]["covered"] == rs[-1]["names"]["total"]'
json_true 'sum(rs[-1][k]["covered"] for k in ("rules", "alternatives", "names")) == len(rs[-1]["covered"])'
json_true 'sum(rs[-1][k]["total"] for k in ("rules", "alternatives", "names")) == len(rs[-1]["covered"] + rs[-1]["missing"])'
# A small rule can be covered whole.
expect 0 gen comment -n 3000 -f ndjson --coverage
json_true 'rs[-1]["missing"] == []'
expect 0 gen SIP-message -n 50 --coverage
err_has '^sipvet gen: 50 of SIP-message: '
expect 2 gen Via --coverage --near-miss
complains

# ---- explain, version, completion ---------------------------------------------------------------------

expect 0 explain
out_has '^SV0112'
for code in SV0112 112 0112 quoted-string-open; do
    expect 0 explain $code
    out_has '^SV0112  quoted-string-open'
done
expect 0 explain -f ndjson
json_true 'all(x["schema"] == "sipvet.explain/1" and x["message"] for x in rs)'
# Every diagnostic has an example, and that causes it: in one of the profiles, or in a stream.
"$sipvet" explain >codes 2>err
while read -r code rest; do
    case $rest in *limit-storage* | *' sdp-empty '*) expect 2 explain --example "$code"; continue ;; esac
    expect 0 explain --example "$code"
    mv out example
    checks=$((checks + 1))
    case $code in
    SV14*) # two descriptions
        awk 'there { print > "second"; next } /^\r$/ { there = 1; next } { print > "first" }' example
        "$sipvet" sdp check -f ndjson --offer first --answer second
        "$sipvet" sdp check -f ndjson --previous first --next second
        ;;
    SV1*)
        "$sipvet" sdp lint -f ndjson example
        "$sipvet" sdp lint -f ndjson --profile interop example
        ;;
    *)
        "$sipvet" lint -f ndjson example
        "$sipvet" lint -f ndjson --profile interop example
        "$sipvet" parse -f ndjson --stream example
        ;;
    esac >out 2>err
    grep -q "\"$code\"" out || fail "explain --example $code: does not cause it"
    [ ! -s err ] || fail "explain --example $code: lint says $(head -n 1 err)"
    expect 0 explain -f markdown "$code"
    out_has "^# $code "
    out_has '^## Example'
done <codes
expect 2 explain --example
expect 0 explain -f markdown
out_has '^| \[SV0112\](SV0112.md) |'

expect 0 version
out_has '^sipvet [0-9]*\.[0-9]*\.[0-9]*$'
expect 0 version -f json
json_true 'r["schema"] == "sipvet.version/1" and r["version"]'
for shell in bash zsh fish; do
    expect 0 completion $shell
    quiet
    if command -v $shell >/dev/null 2>&1; then
        checks=$((checks + 1))
        $shell -n out 2>err || fail "completion $shell: $(head -n 1 err)"
    else
        skip "the completion of $shell is not checked: there is no $shell"
    fi
done

# ---- sdp -------------------------------------------------------------------------------------------------

printf 'v=0\r\no=jo 12 3 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 224.2.1.1/63/2\r\nb=AS:64\r\nt=0 0\r\na=group:BUNDLE a\r\nm=audio 9/2 RTP/AVP 0 96\r\na=mid:a\r\na=rtpmap:96 opus/48000/2\r\na=fmtp:96 x=1;y\r\na=recvonly\r\na=x-own\r\n' >good.sdp
printf 'v=0\r\no=bo 1 1 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\nm=audio 9 RTP/AVP 0 8\r\na=sendonly\r\n' >offer.sdp
printf 'v=0\r\no=al 1 1 IN IP4 192.0.2.3\r\ns=-\r\nc=IN IP4 192.0.2.3\r\nt=0 0\r\nm=audio 9 RTP/AVP 8\r\na=recvonly\r\n' >fits.sdp
sed 's/recvonly/sendrecv/' fits.sdp >unfit.sdp
printf 'v=0\r\no=bo 1 2 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\n' >shorter.sdp
printf 'v=0\r\no=- 1 1 IN IP4 192.0.2.2\r\ns=-\r\nt=0 0\r\nm=audio 70000 RTP/AVP 0\r\nc=IN IP4 999.0.2.1\r\n' >bad.sdp

expect 0 sdp parse -f ndjson good.sdp
out_has '^{"schema":"sipvet.sdp/1","source":"good.sdp","profile":"strict"'
out_has '"verdict":"accept","version":0,"origin":{"username":"jo","sess_id":"12","sess_version":"3","nettype":"IN","addrtype":"IP4","address":"192.0.2.1"},"session_name":"-","information":null,"uri":null,"emails":\[\],"phones":\[\],"connection":{"nettype":"IN","addrtype":"IP4","address":"224.2.1.1","ttl":63,"count":2},"bandwidth":\[{"bwtype":"AS","bandwidth":64}\],"timing":\[{"start":"0","stop":"0"}\],"repeats":\[\],"zones":\[\],"key":null,"attributes":\[{"name":"group","value":"BUNDLE a","parsed":{"semantics":"BUNDLE","mids":\["a"\]}}\]'
out_has '"media":\[{"media":"audio","port":9,"port_count":2,"proto":"RTP/AVP","formats":\["0","96"\],"information":null,"connection":null,"connections":\[\],"direction":"recvonly"'
out_has '{"name":"rtpmap","value":"96 opus/48000/2","parsed":{"payload_type":96,"encoding":"opus","clock_rate":48000,"channels":2}}'
out_has '{"name":"fmtp","value":"96 x=1;y","parsed":{"format":"96","parameters":\[{"name":"x","value":"1"},{"name":"y","value":null}\]}}'
out_has '{"name":"x-own","value":null}\],*'
out_has '"diagnostics":\[\]}$'
expect 0 sdp parse good.sdp
out_has '^good.sdp: session description, [0-9]* octets, 1 media, strict: accept'
out_has '^ *clock_rate  *48000'
expect_in 1 '' sdp parse -f ndjson
out_has '"source":"-".*"verdict":"reject","version":null,"origin":null.*"name":"sdp-empty"'
expect 1 sdp parse -f ndjson bad.sdp good.sdp
out_lines 2
out_has '"port":null,"port_count":1.*"connection":null'
printf 'v=0\r\no=- 1 1 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 239.255.255.255/1/2\r\nt=0 0\r\nm=audio 65535/2 RTP/AVP 0\r\n' >counts.sdp
expect 1 sdp parse -f ndjson counts.sdp
out_has '"address":"239.255.255.255","ttl":1,"count":null.*"port":65535,"port_count":null'
expect 3 sdp parse no-such.sdp
complains
expect 2 sdp
expect 2 sdp nothing
expect 1 sdp lint bad.sdp
out_has '^bad.sdp:5:9: error.SV1013.: the number is out of range (byte 51)'
out_has '^bad.sdp:6:10: error.SV1009.: the address'
out_has "\\^~ expected '.' at byte"
expect 0 sdp lint good.sdp
expect 1 sdp lint -f ndjson bad.sdp
out_has '"schema":"sipvet.lint/1".*"suggested_status":null.*"header":"m=".*"header":"c=","rule":"IP4-address","expected":\["'"'.'"'"\]'
expect 0 sdp lint -W SV1009=off -W sdp-range=warning bad.sdp
expect 1 sdp lint -f sarif bad.sdp
out_has '"ruleId": "SV1009"'
expect_in 0 'v=0\no=- 1 1 IN IP4 192.0.2.2\ns=\nt=0 1\n' sdp lint --profile interop
out_has 'SV1201'
out_has 'SV1205'
out_has 'SV1213'

expect 0 sdp answer --address 192.0.2.9 --port 4000 --codecs PCMA offer.sdp
out_has '^m=audio 4000 RTP/AVP 8'
out_has '^a=recvonly'
out_has '^c=IN IP4 192.0.2.9'
cp out answer.sdp
expect 0 sdp check --offer offer.sdp --answer answer.sdp
out_has '^offer/answer: allowed'
expect 0 sdp answer --reject 1 offer.sdp
out_has '^m=audio 0 RTP/AVP 0'
expect 1 sdp answer bad.sdp
out_has 'SV1013'
for wrong in '--reject 0' '--port 0' '--codecs opus/x' '--ice x' '--address 1.2.3.999'; do
    # shellcheck disable=SC2086
    expect 2 sdp answer $wrong offer.sdp
    [ ! -s out ] || fail "$ran: something on standard output"
done
expect 0 sdp check --offer offer.sdp --answer fits.sdp
expect 1 sdp check --offer offer.sdp --answer unfit.sdp
out_has '^unfit.sdp:7:1: error.SV1405.: the direction does not fit'
out_has 'RFC 3264 section 6.1'
out_has '^offer/answer: not allowed'
expect 1 sdp check -f ndjson --offer offer.sdp --answer shorter.sdp
out_has '"schema":"sipvet.sdp-check/1","relation":"offer/answer","first":"offer.sdp","second":"shorter.sdp","verdict":"reject","diagnostics":\[{"code":"SV1401","name":"answer-media-count"'
expect 1 sdp check --previous offer.sdp --next shorter.sdp
out_has 'SV1423'
expect 0 sdp check --previous offer.sdp --next offer.sdp
expect 1 sdp check --offer offer.sdp --answer bad.sdp
expect 3 sdp check --offer offer.sdp --answer no-such.sdp
expect 2 sdp check --offer offer.sdp
expect 2 sdp check --offer offer.sdp --next fits.sdp

# A description in a message: offsets count in the message, the verdict is not changed.
printf 'v=0\r\no=- 1 1 IN IP4 192.0.2.2\r\ns=-\r\nt=0 0\r\nm=audio 70000 RTP/AVP 0\r\nc=IN IP4 192.0.2.1\r\n' >body.sdp
{
    printf 'OPTIONS sip:b@example.com SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@example.com>;tag=1\r\nTo: <sip:b@example.com>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Type: application/sdp\r\nContent-Length: %d\r\n\r\n' "$(wc -c <body.sdp)"
    cat body.sdp
} >with-sdp.sip
at=$(($(wc -c <with-sdp.sip) - $(wc -c <body.sdp) + 51))
expect 0 parse -f ndjson with-sdp.sip
out_has '"verdict":"accept".*"code":"SV1013","name":"sdp-range","severity":"error","offset":'"$at"',"octets":5,.*"in":"body"'
expect 1 lint with-sdp.sip
out_has 'SV1013'
expect 0 explain SV1013
out_has '^SV1013  sdp-range  (error)'
expect 0 explain --example SV1013
cp out example.sdp
expect 1 sdp lint -f ndjson example.sdp
out_has '"code":"SV1013"'
expect 0 explain --example SV1405

# ---- Output that cannot be written -----------------------------------------------------------------------

for command in 'explain' 'gen token -n 100000' 'completion bash' 'parse -f json good.sip good.sip'; do
    checks=$((checks + 1))
    # The status is written to a file: the pipe's own is that of its last command.
    # shellcheck disable=SC2086
    { "$sipvet" $command 2>err; echo $? >status; } | :
    [ "$(cat status)" -eq 0 ] || fail "sipvet $command | : ends with $(cat status)"
    [ ! -s err ] || fail "sipvet $command | : says $(head -n 1 err)"
done
if [ -w /dev/full ]; then
    checks=$((checks + 1))
    "$sipvet" explain >/dev/full 2>err
    [ $? -eq 5 ] || fail 'sipvet explain >/dev/full does not end with 5'
    [ -s err ] || fail 'sipvet explain >/dev/full says nothing'
else
    skip 'a full device: there is no /dev/full'
fi

conclude
