#!/bin/sh
# tests/cli/audit.sh SIPVET WEAK-SERVER: `sipvet digest audit` against our own registrar and against
# servers that let one thing pass each.  Prints what failed, and a count; exits 1 if something failed.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/servers.sh
. "$tree/tests/cli/servers.sh"
weak=$2

right=wonder
wrong=rabbit
export right wrong
printf 'alice:%s\n' "$right" >users

# ---- Command lines ---------------------------------------------------------------------------------

expect 0 help digest audit
quiet
out_has '^usage: sipvet digest audit'
for line in '' '--target udp:127.0.0.1:9' '--username alice' '--target 127.0.0.1 --username alice' \
    '--target udp:127.0.0.1:9 --username alice --method INVITE' \
    '--target udp:127.0.0.1:9 --username alice --uri tel:1' \
    '--target udp:127.0.0.1:9 --username a<b' \
    '--target udp:127.0.0.1:9 --username alice --i-may-test-this-host' \
    '--target udp:127.0.0.1:9 --username alice --password-env not_there' \
    '--target udp:127.0.0.1:9 --username alice operand'; do
    # shellcheck disable=SC2086 # words
    expect 2 digest audit --password-env right $line
    complains
done
expect 3 digest audit --target udp:127.0.0.1:9 --username alice --password-file not-there
complains

# ---- Who is not there, and who is not ours ---------------------------------------------------------

expect 4 digest audit --target udp:127.0.0.1:9 --username alice --password-env right
err_has 'does not answer'
out_has '^no-credentials     no answer'
expect 4 digest audit --target tcp:127.0.0.1:9 --username alice --password-env right
expect 4 digest audit --target udp:192.0.2.1:5060 --username alice --password-env right
err_has 'i-may-test-this-host'

# ---- Our registrar ---------------------------------------------------------------------------------

audit() {
    status_wanted=$1
    shift
    expect "$status_wanted" digest audit --username alice --password-env right --uri sip:a.example "$@"
}

for form in 'auth SHA-256,MD5' 'auth MD5' 'auth-int SHA-256' 'auth,auth-int SHA-512-256' 'none SHA-256'; do
    # shellcheck disable=SC2086 # two words
    set -- $form
    start registrar registrar --listen udp:127.0.0.1:0 --domain a.example --users users \
        --qop "$1" --algorithm "$2"
    for transport in udp tcp; do
        audit 0 --target "$transport:$(address registrar $transport)"
        quiet
        out_has '^right-credentials  accepted   200'
        out_has '^foreign-nonce      refused    401'
        out_has '^0 findings'
    done
    stop registrar
done

start registrar registrar --listen udp:127.0.0.1:0 --domain a.example --users users
target=udp:$(address registrar udp)
expect 1 digest audit --target "$target" --uri sip:a.example --username alice --password-env wrong
err_has 'right credentials are refused'
out_has '^replayed-nc        not asked'
expect 1 digest audit --target "$target" --uri sip:b.example --username alice --password-env right
err_has 'no challenge'
audit 0 --target "$target" -f ndjson
quiet
out_has '^{"schema":"sipvet.digest-audit/1","target":"udp:'
out_has '"challenges":\[{"algorithm":"SHA-256","qop":\["auth"\]},{"algorithm":"MD5"'
out_has '{"name":"replayed-nc","verdict":"refused","finding":false,"status":401'
out_has '"reason":"auth-int is not offered"'
out_has '"findings":0}$'
audit 0 --target "$target" -f json
out_has '^  "findings": 0'
# It answers OPTIONS itself and asks nobody.
audit 1 --target "$target" --method OPTIONS
stop registrar

# Nobody is asked for credentials.
start registrar registrar --listen udp:127.0.0.1:0 --domain a.example
audit 1 --target "udp:$(address registrar udp)"
out_has '^no-credentials     ACCEPTED   200  .*RFC 3261 section 22.2'
out_has '^1 finding$'
stop registrar

# ---- Weak servers ----------------------------------------------------------------------------------

# weak CHECK: starts one that lets this pass.
weak() {
    : >weak.out
    "$weak" "$1" >weak.out 2>weak.err &
    weak_pid=$!
    started="$started $weak_pid"
    says weak listening
}

end_weak() {
    kill "$weak_pid"
    wait "$weak_pid" 2>/dev/null
}

for check in no-credentials wrong-password replayed-nc lower-nc foreign-nonce altered-nonce no-qop \
    auth-for-auth-int altered-body md5-for-sha; do
    weak $check
    for transport in udp tcp; do
        audit 1 --target "$transport:$(address weak $transport)"
        out_has "^$check *ACCEPTED   200  .*\\[RFC"
        out_has '^1 finding$'
    done
    end_weak
done

weak none
audit 0 --target "udp:$(address weak udp)"
out_has '^0 findings'
end_weak

conclude
