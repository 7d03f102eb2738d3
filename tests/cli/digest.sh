#!/bin/sh
# tests/cli/digest.sh SIPVET: `sipvet digest`.  Prints what failed, and a count; exits 1 if something
# failed.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
unset DIGEST_PASSWORD

md5="--username ida --realm elm.example --method INVITE --uri sip:ivo@oak.example --nonce c29t"
counted="--nc 0000001b --cnonce 5c1ee4d0"
printf 'swordfish\n' >secret

# ---- Calculation against the openssl command ------------------------------------------------------

openssl=
if command -v openssl >/dev/null 2>&1 && printf x | openssl dgst -sha512-256 >/dev/null 2>&1; then
    openssl=openssl
else
    skip "nothing is computed a second time: there is no openssl command"
fi

# hash ALGORITHM: of standard input, in hex.
hash() {
    case $1 in
    MD5*) name=md5 ;;
    SHA-256*) name=sha256 ;;
    *) name=sha512-256 ;;
    esac
    "$openssl" dgst -$name | sed 's/.*= //'
}

# digest_of ALGORITHM QOP METHOD BODY: the response of $md5 and $counted by openssl.
digest_of() {
    ha1=$(printf 'ida:elm.example:swordfish' | hash "$1")
    case $1 in *-sess) ha1=$(printf '%s:c29t:5c1ee4d0' "$ha1" | hash "$1") ;; esac
    a2=$3:sip:ivo@oak.example
    [ "$2" != auth-int ] || a2=$a2:$(hash "$1" <"$4")
    ha2=$(printf '%s' "$a2" | hash "$1")
    middle=c29t
    [ "$2" = none ] || middle=c29t:0000001b:5c1ee4d0:$2
    printf '%s:%s:%s' "$ha1" "$middle" "$ha2" | hash "$1"
}

: >empty.body
printf 'a\0b\0\0' >nul.body
printf 'v=0\r\ns=-\r\n' >sdp.body
printf -- '--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n' >multipart.body
dd if=/dev/zero bs=1024 count=1024 2>/dev/null | tr '\0' 'x' >large.body

# Every algorithm, qop and role: calc gives what openssl gives, verify takes it, and nothing else.
for algorithm in MD5 MD5-sess SHA-256 SHA-256-sess SHA-512-256 SHA-512-256-sess; do
    for qop in none auth auth-int; do
        words="--algorithm $algorithm"
        [ $qop = none ] || words="$words --qop $qop"
        for role in response rspauth; do
            [ $role = response ] || words="$words --rspauth"
            for body in empty nul sdp multipart large; do
                [ $qop = auth-int ] || [ $body = empty ] || continue
                # shellcheck disable=SC2086 # words
                expect 0 digest calc $md5 $counted $words --body $body.body --password-file secret
                quiet
                out_lines 1
                value=$(cat out)
                if [ -n "$openssl" ]; then
                    method=INVITE
                    [ $role = response ] || method=
                    checks=$((checks + 1))
                    [ "$value" = "$(digest_of $algorithm $qop "$method" $body.body)" ] ||
                        fail "$ran: openssl has another value than $value"
                fi
                # shellcheck disable=SC2086
                expect 0 digest verify $md5 $counted $words --body $body.body --password-file secret \
                    --response "$value"
                out_has '^verified$'
                case $value in
                0*) other=1${value#?} ;;
                *) other=0${value#?} ;;
                esac
                # shellcheck disable=SC2086
                expect 1 digest verify $md5 $counted $words --body $body.body --password-file secret \
                    --response "$other"
                out_has '^mismatch: .*response-wrong'
            done
        done
    done
done

# The vectors whose octets a command line can have.
if [ -n "$openssl" ]; then
    vectors=0
    tab=$(printf '\t')
    # shellcheck disable=SC2094
    while IFS="$tab" read -r _ algorithm qop username realm password method uri nonce nc cnonce \
        body want _ ha1 rspauth _; do
        case $username$realm$password$body in *\\*) continue ;; esac
        [ "$body" = - ] || [ "$body" = '""' ] || continue
        [ "$username" != '""' ] || username=
        [ "$password" != '""' ] || password=
        vectors=$((vectors + 1))
        checks=$((checks + 1))
        got=$(printf '%s:%s:%s' "$username" "$realm" "$password" | hash "$(echo "$algorithm" | tr a-z A-Z)")
        [ "$got" = "$ha1" ] || fail "vectors.tsv: HA1 of $username is $got"
        a1=$ha1
        case $algorithm in *-sess) a1=$(printf '%s:%s:%s' "$ha1" "$nonce" "$cnonce" | hash "$algorithm") ;; esac
        more=
        [ "$qop" != auth-int ] || more=:$(hash "$algorithm" </dev/null)
        middle=$nonce
        [ "$qop" = - ] || middle=$nonce:$nc:$cnonce:$qop
        for pair in "$method $want" " $rspauth"; do
            a2=$(printf '%s:%s%s' "${pair% *}" "$uri" "$more" | hash "$(echo "$algorithm" | tr a-z A-Z)")
            got=$(printf '%s:%s:%s' "$a1" "$middle" "$a2" | hash "$(echo "$algorithm" | tr a-z A-Z)")
            [ "$got" = "${pair#* }" ] || fail "vectors.tsv: $algorithm $qop of $username is $got"
        done
    done <"$tree/corpus/digest/vectors.tsv"
    checks=$((checks + 1))
    [ $vectors -gt 20 ] || fail "only $vectors vectors were computed again"
fi

# ---- Where passwords come from --------------------------------------------------------------------

want=$("$sipvet" digest calc $md5 --password-file secret)
same() {
    checks=$((checks + 1))
    [ "$(cat out)" = "$want" ] || fail "$ran: $(cat out), not $want"
}
ha1=$(printf 'ida:elm.example:swordfish' | { [ -z "$openssl" ] || hash MD5; })
[ -n "$ha1" ] || ha1=5a0c8c6b1f4b3a9ad3e5a0f2c0a7d5f4
printf 'swordfish' >bare
printf 'swordfish\r\n' >crlf
for file in secret bare crlf; do
    expect 0 digest calc $md5 --password-file $file
    same
    quiet
done
printf 'swordfish\n\n' >two
expect 0 digest calc $md5 --password-file two
checks=$((checks + 1))
[ "$(cat out)" != "$want" ] || fail "$ran: two line ends were taken off"
expect 0 digest calc $md5 --password swordfish
same
checks=$((checks + 1))
[ "$(wc -l <err)" -eq 1 ] || fail "$ran: not one line of warning"
err_has 'warning: --password'
PW=swordfish
export PW
expect 0 digest calc $md5 --password-env PW
same
quiet
if [ -n "$openssl" ]; then
    expect 0 digest calc $md5 --ha1 "$ha1"
    same
    expect 0 digest calc --method INVITE --uri sip:ivo@oak.example --nonce c29t --ha1 "$ha1"
    same
    printf '# users\nivo:elm.example:00112233445566778899aabbccddeeff\nida:elm.example:%s\r\n' "$ha1" >users
    expect 0 digest calc $md5 --htdigest users
    same
    expect 3 digest calc $md5 --htdigest users --algorithm SHA-256
    complains
    expect 3 digest calc $md5 --username eve --htdigest users
    complains
    expect 1 digest verify $md5 --username eve --htdigest users --response "$want"
    out_has 'user-unknown'
fi
PW=
expect 0 digest calc $md5 --password-env PW
quiet
expect 0 digest calc $md5 --username '' --password-env PW
expect 0 digest calc $md5 --algorithm sha-512-256-SESS --cnonce x --password-env PW
PW=swordfish

# On a terminal it is asked for, and not shown while it is typed.
if [ -n "$python" ]; then
    checks=$((checks + 1))
    # shellcheck disable=SC2086
    timeout 60 "$python" - "$sipvet" digest calc $md5 >out 2>&1 <<'PY' || fail "the prompt: $(cat out)"
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
seen = b""
while b"Password: " not in seen:
    seen += os.read(fd, 100)
os.write(fd, b"swordfish\n")
try:
    while True:
        more = os.read(fd, 100)
        if not more:
            break
        seen += more
except OSError:
    pass
status = os.waitpid(pid, 0)[1]
print(seen)
print(seen.decode().split()[-1])
sys.exit(status or b"swordfish" in seen)
PY
    checks=$((checks + 1))
    [ "$(tail -n 1 out)" = "$want" ] || fail "the prompt: $(cat out), not $want"
    checks=$((checks + 1))
    # shellcheck disable=SC2086
    timeout 60 "$python" - "$sipvet" digest calc $md5 >out 2>&1 <<'PY' || fail "Control-C at the prompt: $(cat out)"
import os, pty, sys, termios
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
seen = b""
while b"Password: " not in seen:
    seen += os.read(fd, 100)
os.write(fd, b"swordf\3")
status = os.waitpid(pid, 0)[1]
try:
    seen += os.read(fd, 1000)
except OSError:
    pass
print(status, seen)
sys.exit(not (os.WIFEXITED(status) and os.WEXITSTATUS(status) == 2 and b"swordf" not in seen))
PY
fi

# No secret is ever printed unasked.
expect 0 digest calc $md5 --qop auth $counted -f json --password-env PW
json_true 'r["schema"] == "sipvet.digest/1" and r["response"] == r["value"] and r["ha1"] is None'
expect 1 digest explain $md5 --qop auth $counted --response 00112233445566778899aabbccddeeff --password-env PW
for format in text json ndjson; do
    for algorithm in MD5 SHA-256-sess; do
        for command in calc verify explain; do
            response="--response 00112233445566778899aabbccddeeff"
            [ $command != calc ] || response=
            # shellcheck disable=SC2086
            "$sipvet" digest $command $md5 $counted --qop auth-int --algorithm $algorithm $response \
                -f $format --password-env PW >>all 2>&1
        done
    done
done
checks=$((checks + 1))
if grep -q -e swordfish -e "$ha1" all; then
    fail "a password or HA1 was printed"
fi
expect 1 digest explain $md5 --response 00112233445566778899aabbccddeeff --password-env PW --show-secrets
out_has '  A1         ida:elm.example:swordfish'
[ -z "$openssl" ] || out_has "= $ha1   H(A1)"
expect 0 digest calc $md5 --show-secrets -f ndjson --password-env PW
[ -z "$openssl" ] || json_true "r['ha1'] == '$ha1'"

expect 0 digest calc $md5 --userhash --qop auth $counted -f json --password-env PW
json_true 'r["response"] and "username=\"%s\"" % r["userhash"] in r["credentials"] and "userhash=true" in r["credentials"]'
expect 0 digest calc $md5 --userhash --password-env PW
same
expect 0 digest calc $md5 --username 'a"b\c' -f json --password-env PW
json_true 'r["credentials"].startswith("Digest username=\"a\\\"b\\\\c\", ")'

# ---- Messages -------------------------------------------------------------------------------------

d=$tree/corpus/digest
expect 0 digest verify --msg "$d/register-md5-auth/3-register.sip" --password-env PW
out_has '^Authorization: verified$'
quiet
expect 0 digest verify --msg - --password-env PW --challenge "$d/register-md5-auth/2-unauthorized.sip" \
    <"$d/register-md5-auth/3-register.sip"
sed -n 's/\r$//; s/^WWW-Authenticate: //p' "$d/register-md5-auth/2-unauthorized.sip" >value
expect 0 digest verify --msg "$d/register-md5-auth/3-register.sip" --password-env PW --challenge value
sed -n 's/\r$//; /^WWW-Authenticate: /p' "$d/register-md5-auth/2-unauthorized.sip" >value
expect 0 digest verify --msg "$d/register-md5-auth/3-register.sip" --password-env PW --challenge value
expect 0 digest verify --msg "$d/bye-two-realms/1-bye.sip" --password-env PW
out_lines 2
expect 0 digest verify --msg "$d/bye-two-realms/1-bye.sip" --password-env PW --realm proxy.elm.example -f json
json_true 'len(r["results"]) == 1 and r["results"][0]["header"] == "Proxy-Authorization" and r["verdict"] == "verified"'
expect 3 digest verify --msg "$d/bye-two-realms/1-bye.sip" --password-env PW --realm none
complains
printf 'Digest realm="proxy.elm.example", nonce="e1", qop="auth"' >value
expect 0 digest verify --msg "$d/bye-two-realms/1-bye.sip" --password-env PW --challenge value
out_lines 1
sed 's/^Authorization: .*/Authorization: Basic aWRhOnN3b3JkZmlzaA==\r/' "$d/bye-two-realms/1-bye.sip" >basic.sip
expect 0 digest verify --msg basic.sip --password-env PW
out_lines 1
out_has '^Proxy-Authorization: verified$'
PW='test'
expect 0 digest verify --password-env PW --msg "$tree/corpus/documented/03-register-credentials.repaired.sip" \
    --challenge "$tree/corpus/documented/02-401-unauthorized.repaired.sip"
PW=swordfish
expect 1 digest explain --msg "$d/mistakes/nc-unpadded.sip" --challenge "$d/mistakes/401.sip" --password-env PW
out_has '^  nc         "0000000a"   8 octets   Authorization, byte [0-9]*$'
out_has '^  method     "MESSAGE"   7 octets   start line, byte 0$'
out_has '^  A2         MESSAGE:sip:ivo@oak.example$'
out_has '^mistake: nc-unpadded: '
quiet
expect 1 digest explain --msg "$d/mistakes/nc-unpadded.sip" --challenge "$d/mistakes/401.sip" --password-env PW -f json
json_true 'r["results"][0]["mistake"]["name"] == "nc-unpadded"'
json_true 'all(i["value"] is None or i["octets"] == len(i["value"].encode()) for i in r["results"][0]["inputs"])'
cp "$d/mistakes/nc-unpadded.sip" m.sip
json_true 'all(open("m.sip", "rb").read()[i["offset"]:].lstrip(b"\"").startswith(i["value"].encode()) for i in r["results"][0]["inputs"] if i["offset"] is not None)'

# A proxy may have changed the Request-URI.
expect 0 digest verify --msg "$d/message-forwarded/1-message.sip" --password-env PW
out_has '^Authorization: verified; uri is not the Request-URI'
expect 0 digest verify --msg "$d/message-forwarded/1-message.sip" --password-env PW -f json
json_true 'r["results"][0]["uri_is_request_uri"] is False and r["verdict"] == "verified"'
expect 0 digest verify --msg "$d/register-md5-auth/3-register.sip" --password-env PW -f json
json_true 'r["results"][0]["uri_is_request_uri"] is True'

# A hashed name: the clear one from an option, or from the htdigest file.
m=$d/message-sha512-256-sess-userhash/2-message.sip
expect 0 digest verify --msg "$m" --username ida --password-env PW
expect 1 digest verify --msg "$m" --password-env PW
out_has 'user-unknown'
if [ -n "$openssl" ]; then
    printf 'ida:registrar.elm.example:%s\n' \
        "$(printf 'ida:registrar.elm.example:swordfish' | hash SHA-512-256)" >users
    expect 0 digest verify --msg "$m" --htdigest users
fi

# ---- Wrong command lines and inputs ---------------------------------------------------------------

expect 2 digest
complains
expect 2 digest audit
complains
expect 2 digest calc --password-env PW
complains
err_has "option '--username' is needed"
expect 2 digest calc $md5 --qop auth --password-env PW
complains
expect 2 digest calc $md5 --qop both $counted --password-env PW
complains
expect 2 digest calc $md5 --algorithm SHA-1 --password-env PW
complains
expect 2 digest calc $md5 --algorithm MD5-sess --password-env PW
complains
for nc in 1 0000000g 0000000A 000000010; do
    expect 2 digest calc $md5 --qop auth --nc $nc --cnonce x --password-env PW
    complains
done
expect 2 digest calc $md5 --ha1 1234
complains
expect 2 digest calc $md5 --ha1 00112233445566778899aabbccddeeff --algorithm SHA-256
complains
expect 2 digest calc $md5 --ha1 00112233445566778899aabbccddeeff --password-env PW
complains
expect 2 digest calc $md5 --password-env NOT_THERE_AT_ALL
complains
expect_in 2 '' digest calc $md5
complains
expect 2 digest verify $md5 --password-env PW
complains
expect 2 digest verify $md5 --password-env PW --response xyz
complains
expect 1 digest verify $md5 --password-env PW --response 0011
out_has 'response-length'
expect 2 digest verify --msg "$m" --nonce x --password-env PW
complains
expect 2 digest verify $md5 --challenge x --response 00 --password-env PW
complains
expect 2 digest calc $md5 more --password-env PW
complains
expect 3 digest calc $md5 --password-file not/there
complains
expect 3 digest calc $md5 --body not/there --password-env PW
complains
expect 3 digest verify --msg not/there --password-env PW
complains
expect 3 digest verify --msg secret --password-env PW
complains
expect 3 digest verify --msg "$d/register-md5-auth/1-register.sip" --password-env PW
complains
expect 3 digest verify --msg "$m" --challenge secret --username ida --password-env PW
complains
expect 1 digest verify --msg "$d/refused/scheme-digestn.sip" --password-env PW
out_has 'not-digest'
expect 1 digest verify --msg "$d/refused/parameter-without-value.sip" --password-env PW
out_has "(byte 501: expected '=') .syntax"
expect 1 digest verify --msg "$d/refused/nc-short.sip" --password-env PW
out_has '(nc, byte 422) .parameter-form'
expect 0 help digest
for command in calc verify explain; do
    expect 0 digest $command --help
    out_has '^Examples:'
done

# Where OpenSSL refuses a hash, as in FIPS mode, that is said.
cat >fips.cnf <<'CNF'
openssl_conf = init
[init]
alg_section = algorithms
[algorithms]
default_properties = fips=yes
CNF
OPENSSL_CONF=$work/fips.cnf
export OPENSSL_CONF
expect 3 digest calc $md5 --password-env PW
complains
err_has 'OpenSSL has not got the hash of MD5'
unset OPENSSL_CONF

# ---- The corpus -----------------------------------------------------------------------------------

checks=$((checks + 1))
"$tree/tests/digests.sh" "$sipvet" >out 2>&1 || fail "digests.sh: $(cat out)"

conclude
