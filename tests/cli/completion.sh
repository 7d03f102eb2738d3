#!/bin/sh
# tests/cli/completion.sh SIPVET: the completion scripts in the shells they are for.  A shell that is
# not there is skipped.  Prints what failed, and a count; exits 1 if something failed.
set -u
LC_ALL=C
export LC_ALL
case ${1:?usage: completion.sh SIPVET} in
/*) sipvet=$1 ;;
*) sipvet=$(pwd)/$1 ;;
esac
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work" || exit 1
: >call.sip

checks=0
failures=0
skips=0

# What the shell offers behind a line, into the file offers.
offer_bash() {
    bash -c '. ./script
        read -r -a COMP_WORDS <<<"$1"
        case $1 in *" ") COMP_WORDS+=("") ;; esac
        # "=" is a word of its own for bash
        case ${COMP_WORDS[-1]} in
        --*=*) last=${COMP_WORDS[-1]}; unset "COMP_WORDS[-1]"
               COMP_WORDS+=("${last%%=*}" =)
               [ -n "${last#*=}" ] && COMP_WORDS+=("${last#*=}") ;;
        esac
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$1 COMP_POINT=${#1}
        _sipvet
        printf "%s\n" "${COMPREPLY[@]}"' bash "$1"
}
offer_fish() {
    # The first column is the word; --name=value comes whole.
    fish --no-config -c 'source ./script; complete -C "$argv[1]"' "$1" | cut -f 1 | sed 's/^--[a-z-]*=//'
}
offer_zsh() {
    zsh -f "$here/complete.zsh" "$work/script" "$1"
}

# offers LINE WORD...: these are among what is offered behind the line.
offers() {
    line=$1
    shift
    "offer_$shell" "$line" >offered 2>err
    for word; do
        checks=$((checks + 1))
        grep -q -x -F -e "$word" offered && continue
        failures=$((failures + 1))
        printf "FAILED: %s: no '%s' behind '%s' but: %s\n" "$shell" "$word" "$line" \
            "$(head -n 5 offered | tr '\n' ' ')$(head -n 2 err)"
    done
}
# only LINE WORD...: these and no others.
only() {
    offers "$@"
    shift
    checks=$((checks + 1))
    [ "$(sort -u offered | grep -c .)" -eq $# ] && return
    failures=$((failures + 1))
    printf "FAILED: %s: behind '%s': %s\n" "$shell" "$line" "$(sort -u offered | tr '\n' ' ')"
}

for shell in bash zsh fish; do
    if ! command -v $shell >/dev/null 2>&1; then
        skips=$((skips + 1))
        printf 'skipped: the completion for %s: there is no %s\n' $shell $shell
        continue
    fi
    "$sipvet" completion $shell >script || failures=$((failures + 1))
    offers 'sipvet ' parse lint match uri gen explain completion version help
    only 'sipvet pa' parse
    only 'sipvet uri ' parse compare
    offers 'sipvet trace ' ls show ladder lint
    only 'sipvet trace ladder -f ' text svg html mermaid json
    offers 'sipvet trace ls --call-id x ca' call.sip
    offers 'sipvet parse --' --profile --format --stream --stats --color --help
    only 'sipvet parse --prof' --profile
    only 'sipvet parse --profile=' strict interop
    only 'sipvet lint --profile i' interop
    only 'sipvet parse -f ' text json ndjson spans
    only 'sipvet lint -f s' sarif
    offers 'sipvet uri compare --' --format --color
    offers 'sipvet parse ca' call.sip
    offers 'sipvet lint --profile strict ca' call.sip
    offers 'sipvet match host' host hostport hostname
    only 'sipvet match --format j' json
    offers 'sipvet gen Max' Max-Forwards Max-Breadth
    offers 'sipvet gen --near' --near-miss
    offers 'sipvet explain SV011' SV0111 SV0112
    only 'sipvet completion ' bash zsh fish
    if "$sipvet" digest calc --help >/dev/null 2>&1; then
        audit=""
        "$sipvet" digest audit --help >/dev/null 2>&1 && audit=audit
        # shellcheck disable=SC2086 # a word or none
        only 'sipvet digest ' calc verify explain $audit
        only 'sipvet digest calc --qop ' auth auth-int
        offers 'sipvet digest verify --' --msg --challenge --password-env --response
        offers 'sipvet digest verify --msg ca' call.sip
        offers 'sipvet digest explain --challenge=ca' call.sip
    fi
    offers 'sipvet help ' parse lint uri
done

printf '%s checks, %s failed, %s skipped\n' $checks $failures $skips
[ $failures -eq 0 ]
