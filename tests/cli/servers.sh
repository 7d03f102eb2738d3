#!/bin/sh
# Servers of sipvet in tests, which begin with this file behind lib.sh.
# shellcheck shell=sh disable=SC2034,SC2154 # variables are those of lib.sh

started=""

# start NAME ARGUMENT...: runs `sipvet ARGUMENT...` in the background until it says where it listens;
# $NAME_pid is its process then, NAME.out and NAME.err what it writes.
start() {
    name=$1
    shift
    : >"$name.out"
    "$sipvet" "$@" >"$name.out" 2>"$name.err" &
    eval "${name}_pid=\$!"
    started="$started $!"
    ran="sipvet $*"
    says "$name" ".*listening"
}

# says NAME PATTERN: waits until a line of its output begins so.
says() {
    checks=$((checks + 1))
    until_true 60 grep -q "^$2" "$1.out" || {
        fail "$1 does not say '$2': $(head -c 400 "$1.out" "$1.err")"
        return 1
    }
}

# ended NAME STATUS: it ends by itself, with that status.
ended() {
    eval "pid=\$${1}_pid"
    # shellcheck disable=SC2154 # set by eval
    wait "$pid"
    got=$?
    checks=$((checks + 1))
    [ $got -eq "$2" ] || fail "$1: exit status $got, not $2: $(head -c 200 "$1.err")"
    left=""
    for one in $started; do
        [ "$one" = "$pid" ] || left="$left $one"
    done
    started=$left
}

# stop NAME [SIGNAL]: ends it by a signal, with status 0.
stop() {
    eval "kill -${2:-TERM} \$${1}_pid"
    ended "$1" 0
}

# address NAME TRANSPORT: HOST:PORT at which it listens.
address() {
    sed -n "1s/.* $2:\\([^ ]*\\).*/\\1/p" "$1.out"
}

trap 'for one in $started; do kill "$one" 2>/dev/null; done; rm -rf "$work"' EXIT
