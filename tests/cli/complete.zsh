#!/usr/bin/env zsh
# complete.zsh SCRIPT LINE: what zsh offers behind LINE with the completion of SCRIPT, a word a line.
# An interactive zsh runs on a pseudo terminal; its compadd prints what it is given.
zmodload zsh/zpty || { print -u2 'complete.zsh: zsh has no module zsh/zpty'; exit 1 }
zpty z zsh -f -i

feed() { zpty -w z "$1" }

feed 'PROMPT=; unsetopt zle_bracketed_paste; autoload -Uz compinit; compinit -u -D'
feed "source ${(q)1}"
feed 'bindkey "^I" complete-word; stty -echo'
feed 'mark() { print -r -- "@@@" }; compprefuncs=(mark); comppostfuncs=(mark exit)'
feed 'compadd() {
    if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return; fi
    local -a hits
    builtin compadd -A hits "$@"
    (( $#hits )) && print -rl -- $hits
    return 0
}'
zpty -w -n z "$2"$'\t'

integer inside=0
while zpty -r z line; do
    line=${${line%$'\n'}%$'\r'}
    [[ $line == *@@@ ]] && { (( inside++ )) && break; continue }
    (( inside )) && print -r -- $line
done
zpty -d z
