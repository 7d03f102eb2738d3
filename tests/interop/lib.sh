#!/bin/sh
# What the tests with programs of others share.  They begin as those of tests/cli:
#
#     . "$(dirname "$0")/lib.sh"
#
# The first argument is sipvet, the second free-ports.  Everything runs on loopback, and whatever was
# started is stopped at the end.  Where a program is missing the test is skipped (status 77).
# shellcheck shell=sh disable=SC2034,SC2154 # what is used here and there is set there and here
case ${2:?usage: NAME.sh SIPVET FREE-PORTS} in
/*) free_ports=$2 ;;
*) free_ports=$(pwd)/$2 ;;
esac
# Debian has Kamailio where only root looks.
PATH=$PATH:/usr/sbin
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/../cli/lib.sh"
# shellcheck source=tests/cli/servers.sh
. "$tree/tests/cli/servers.sh"

# needs PROGRAM PACKAGE: what follows is for it.
needs() {
    command -v "$1" >/dev/null 2>&1 && return
    [ $failures -eq 0 ] || exit 1
    echo "skipped: there is no $1 (Debian package $2)"
    exit 77
}

# background NAME PROGRAM ARGUMENT...: as start(), for other programs; does not wait for anything.
background() {
    name=$1
    shift
    : >"$name.out" # nobody takes what an earlier one said for what this one says
    "$@" >"$name.out" 2>"$name.err" </dev/null &
    eval "${name}_pid=\$!"
    started="$started $!"
}

# bound NAME PORT: waits until somebody, which should be NAME, receives datagrams there.  Before, the
# first one of a call would be told that nobody is there.
bound() {
    checks=$((checks + 1))
    place=$(printf ':%04X 00000000:0000' "$2")
    until_true 20 grep -q "$place" /proc/net/udp ||
        fail "$1 does not come to its port $2: $(tail -n 5 "$1.err")"
}

# ended and stop of servers.sh, for programs whose status by a signal is anything.
stop_other() {
    eval "pid=\$${1}_pid"
    kill -TERM "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
    left=""
    for one in $started; do
        [ "$one" = "$pid" ] || left="$left $one"
    done
    started=$left
}

# expect_other STATUS NAME PROGRAM ARGUMENT...: runs it to its end, no longer than a minute.
expect_other() {
    expected=$1 name=$2
    shift 2
    ran=$*
    checks=$((checks + 1))
    timeout 60 "$@" >"$name.out" 2>"$name.err" </dev/null
    status=$?
    [ $status -eq "$expected" ] ||
        fail "$ran: exit status $status, not $expected: $(tail -c 600 "$name.err" "$name.out")"
}

# ---- Kamailio --------------------------------------------------------------------------------------

# start_kamailio NAME PORT REALM ALGORITHM ROUTES: starts one with users of that realm in a text database;
# ROUTES is what its request_route does; $nonce_count 0: it does not look at nc.
start_kamailio() {
    mkdir -p "$1.db" "$1.run"
    printf 'table_name(str) table_version(int)\nsubscriber:7\nlocation:9\n' >"$1.db/version"
    {
        echo 'id(int,auto) username(str) domain(str) password(str) ha1(str) ha1b(str)'
        echo "1:alice:$3:secret:-:-"
    } >"$1.db/subscriber"
    cat >"$1.cfg" <<CFG
#!KAMAILIO
debug=1
log_stderror=yes
children=1
tcp_children=1
auto_aliases=no
alias="$3"
listen=udp:127.0.0.1:$2
listen=tcp:127.0.0.1:$2
$(for m in tm sl pv rr maxfwd textops siputils usrloc registrar db_text auth auth_db; do
        echo "loadmodule \"$m.so\""
    done)
modparam("auth_db", "db_url", "text://$work/$1.db")
modparam("auth_db", "calculate_ha1", 1)
modparam("auth_db", "password_column", "password")
modparam("auth", "nonce_count", ${nonce_count:-1})
modparam("auth", "qop", "auth")
modparam("auth", "algorithm", "$4")
modparam("usrloc", "db_mode", 0)
request_route {
$5
}
CFG
    background "$1" kamailio -f "$work/$1.cfg" -DD -E -m 32 -M 8 -Y "$work/$1.run"
    checks=$((checks + 1))
    until_true 20 "$sipvet" ua options --timeout 1 "sip:127.0.0.1:$2" ||
        fail "kamailio $1 does not answer: $(tail -n 5 "$1.err")"
}
