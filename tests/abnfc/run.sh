#!/bin/sh
# run.sh ABNFC: what abnfc says to small grammars, good and bad.
#
# Every case is a grammar, perhaps a view file, the exit code and a text that must be among the
# messages.
set -u
abnfc=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0
count=0
name=
echo 'token = 1*VCHAR' > "$dir/token.abnf" # every grammar must have this rule

# grammar TEXT: begins a case with one grammar file.
grammar() {
    name=$1
    cat > "$dir/g.abnf"
    : > "$dir/g.view"
    rm -f "$dir/more.abnf" "$dir/usual.txt"
}
usual() { cat > "$dir/usual.txt"; }
more() { cat > "$dir/more.abnf"; }
view() { cat > "$dir/g.view"; }

compile() {
    (cd "$dir" && "$abnfc" --name t --out out --abnf token.abnf --abnf g.abnf "$@" --view g.view --report)
}

# expect CODE [TEXT]: runs abnfc on the case.
expect() {
    count=$((count + 1))
    rm -rf "$dir/out"
    mkdir "$dir/out"
    code=0
    if [ -f "$dir/usual.txt" ]; then
        compile --usual usual.txt > "$dir/said" 2>&1 || code=$?
    elif [ -f "$dir/more.abnf" ]; then
        compile --abnf more.abnf > "$dir/said" 2>&1 || code=$?
    else
        compile > "$dir/said" 2>&1 || code=$?
    fi
    if [ "$code" -ne "$1" ] || ! grep -qF -e "$2" "$dir/said"; then
        failed=$((failed + 1))
        echo "FAILED: $name"
        echo "  wanted exit $1 and: $2"
        echo "  exit $code:"
        sed 's/^/  /' "$dir/said" | head -5
    fi
}

case $abnfc in
/*) ;;
*) abnfc=$PWD/$abnfc ;;
esac

# ---- reading ---------------------------------------------------------------------------------------

grammar "a prose value" <<'ABNF'
a = "x" /
    <any octet>
ABNF
expect 1 "g.abnf:2:5: a prose value cannot be compiled"

grammar "an undefined rule" <<'ABNF'
a = "x" b
c = 2d
ABNF
expect 1 "g.abnf:1:9: b is not defined"
expect 1 "g.abnf:2:6: d is not defined"

grammar "an undefined rule in an added alternative" <<'ABNF'
a = "x"
ABNF
more <<'ABNF'

a =/ nowhere
ABNF
expect 1 "more.abnf:2:6: nowhere is not defined"

grammar "a rule defined twice" <<'ABNF'
a = "x"
b = "y"
A = "z"
ABNF
expect 1 "g.abnf:3:1: a is already defined in g.abnf:1"

grammar "an alternative added to nothing" <<'ABNF'
a =/ "x"
ABNF
expect 1 "g.abnf:1:1: =/ extends a, which has no definition yet"

grammar "an impossible repetition" <<'ABNF'
a = 3*2"x"
ABNF
expect 1 "g.abnf:1:5: the repetition is impossible"

grammar "an enormous repetition" <<'ABNF'
a = 5000"x"
ABNF
expect 1 "g.abnf:1:5: more than 1024 repetitions"

grammar "a repetition of nothing" <<'ABNF'
a = "x" *( *"y" )
ABNF
expect 1 "g.abnf:1:9: what is repeated may be empty"

grammar "a repetition of nothing by way of a rule" <<'ABNF'
a = 1*3b
b = [ "x" ] c
c = ""
ABNF
expect 1 "g.abnf:1:5: what is repeated may be empty"

grammar "an octet above 255" <<'ABNF'
a = %x100
ABNF
expect 1 "g.abnf:1:10: a value above 255 is no octet"

grammar "an empty range" <<'ABNF'
a = %x39-30
ABNF
expect 1 "the range is empty"

grammar "a quoted string without an end" <<'ABNF'
a = "x
ABNF
expect 1 "a quoted string is not closed"

grammar "a bracket without an end" <<'ABNF'
a = ( "x" / "y"
b = "z"
ABNF
expect 1 "')' is wanted"

grammar "a bracket of the wrong kind" <<'ABNF'
a = [ "x" )
ABNF
expect 1 "g.abnf:1:11: ']' is wanted"

grammar "a number in no base" <<'ABNF'
a = "x" / %q41
ABNF
expect 1 "g.abnf:1:13: %x, %d, %b, %s\" or %i\" is wanted"

grammar "a digit that the base has not" <<'ABNF'
a = %b2
ABNF
expect 1 "g.abnf:1:7: a number in base 2 is wanted"

grammar "a number without end" <<'ABNF'
a = %xFFFFFFFFFFFFFFFFFFFFFFFF
ABNF
expect 1 "number too large"

grammar "a range of three" <<'ABNF'
a = %x41-42-43
ABNF
expect 1 "g.abnf:1:12: unexpected '-' behind the rule"

grammar "a closing parenthesis too many" <<'ABNF'
a = "x")
ABNF
expect 1 "g.abnf:1:8: unexpected ')' behind the rule"

grammar "no alternative" <<'ABNF'
a = "x" /
ABNF
expect 1 "an element is wanted"

printf 'a = "x" ; \000\n' | grammar "a NUL in a comment"
expect 1 "g.abnf:1:11: a NUL"

printf 'a = "x"\nb = "\303\251"\n' | grammar "eight bits in a quoted string"
expect 1 "g.abnf:2:6: a quoted string is not closed"

printf 'a = "x" ; \303\251\n' | grammar "eight bits in a comment"
view <<'VIEW'
root a
VIEW
expect 0 "t: "

# repeat COUNT TEXT
repeat() { awk -v n="$1" -v t="$2" 'BEGIN { for (i = 0; i < n; i++) printf "%s", t }'; }

{ printf 'a = '; repeat 10000 '('; printf '"x"'; repeat 10000 ')'; echo; } | grammar "deep groups"
expect 1 "g.abnf:1:55: groups nest more than 50 deep"

{ printf 'a = '; repeat 40 '[ "x" '; repeat 40 ']'; echo; } | grammar "groups that are not too deep"
view <<'VIEW'
root a
VIEW
expect 0 "t: "

{ printf 'a = '; repeat 250000 '"x" '; echo; } | grammar "a megabyte of elements"
expect 1 "g.abnf:1:5: too large: more than 65520 ops"

{ printf 'a = "'; repeat 1048576 'x'; echo '"'; } | grammar "a megabyte of text"
expect 1 "g.abnf:1:5: too large: more than 65520 ops"

{ printf 'a = "x"'; repeat 170000 ' / "x"'; echo; } | grammar "a megabyte of alternatives"
expect 1 "g.abnf:1:5: too large: more than 65520 ops"

grammar "repetitions inside each other" <<'ABNF'
a = "y" / 1000( 1000( 1000"x" ) )
ABNF
expect 1 "g.abnf:1:17: too large: more than 65520 ops"

awk 'BEGIN { for (i = 0; i < 5000; i++) printf "a%d = a%d\n", i, i + 1; print "a5000 = \"x\"" }' |
    grammar "a long chain of rules"
expect 1 ":1: a100: rules call each other more than 100 deep"

grammar "rules that cannot end" <<'ABNF'
b = "x"
a = "y" a
ABNF
view <<'VIEW'
root a
VIEW
expect 1 "g.abnf:2:1: a: it has no sentence"

grammar "rules that call themselves" <<'ABNF'
a = "x" / "(" b ")"
b = a [ "!" ]
ABNF
view <<'VIEW'
root a
root b
VIEW
expect 0 "t: "

grammar "a rule that does not begin in the first column" <<'ABNF'

   a = "x"
ABNF
expect 1 "g.abnf:2:1: a rule begins in the first column"

grammar "strings as RFC 5234 and RFC 7405 have them" <<'ABNF'
a = %x49.4E / %d13.10 / %b1010 / %x30-39
b = %s"Case" / %i"any"
c = "" / 2*3( a / b ) ; a comment
  / [ a ] *b
ABNF
view <<'VIEW'
root c
VIEW
expect 0 "t: "

grammar "a rule that nothing uses" <<'ABNF'
a = "x"
lonely = "y"
ABNF
view <<'VIEW'
root a
VIEW
expect 0 "g.abnf:2: note: nothing uses lonely"

# ---- views -----------------------------------------------------------------------------------------

grammar "a view of an unknown rule" <<'ABNF'
a = "x"
ABNF
view <<'VIEW'

root b
VIEW
expect 1 "g.view:2:1: there is no rule b"

grammar "an unknown directive" <<'ABNF'
a = "x"
ABNF
view <<'VIEW'
root a
cuts a "x"
VIEW
expect 1 "g.view:2:1: cut, split, except, root, "

grammar "a view file with a NUL" <<'ABNF'
a = "x"
ABNF
printf 'root a\n; \000\n' | view
expect 1 "g.view:2:3: a NUL"

grammar "fields that are none" <<'ABNF'
a = 1*DIGIT
ABNF
printf '  n slice a\n' | view
expect 1 "g.view:1:1: view before a field is wanted"
printf 'view :\n' | view
expect 1 "g.view:1:1: a name is wanted"
printf 'view v: a\n  n slice\n' | view
expect 1 "g.view:2:1: NAME TYPE PATH is wanted"
printf 'view v: a\n  n blob a\n' | view
expect 1 "g.view:2:1: slice, number, flag, uri, params or list is wanted"
printf 'view v: a\n  n number a a\n' | view
expect 1 "g.view:2:1: the largest number is wanted"
printf 'view v: a\n  n number 18446744073709551616 a\n' | view
expect 1 "g.view:2:1: the largest number is wanted"
printf 'view v: a\n  n number 18446744073709551615 a\n' | view
expect 0 "t: "
printf 'view v: a\n  n slice .a\n' | view
expect 1 "g.view:2:1: path .a has an empty name"
printf 'view v: a\n  n slice a..a\n' | view
expect 1 "g.view:2:1: path a..a has an empty name"
printf 'view v: a\n  n slice a.a.a.a.a\n' | view
expect 1 "g.view:2:1: path a.a.a.a.a is too long"
printf 'except a\n' | view
expect 1 "g.view:1:1: what is taken away is wanted"
printf 'except a a\n' | view
expect 1 'g.abnf:1:1: a: `except` takes away from a rule what depends on the rule'
printf 'select a by\n' | view
expect 1 "g.view:1:1: a rule, and perhaps"
printf 'split a "1"\n' | view
expect 1 "g.abnf:1:1: a: a split needs two alternatives"

grammar "a difference that depends on itself" <<'ABNF'
a = "x" / b
b = 1*ALPHA
c = a
ABNF
view <<'VIEW'
except b c
root a
VIEW
expect 1 'g.abnf:2:1: b: `except` takes away from a rule what depends on the rule'

grammar "an exact cut" <<'ABNF'
list = item *( COMMA item )
item = 1*ALPHA
COMMA = ","
ABNF
view <<'VIEW'
cut COMMA ","
view list: list
  each COMMA
  item slice item
root list
VIEW
expect 0 "t: "

grammar "a cut that may be another byte" <<'ABNF'
list = item *( COMMA item )
item = 1*( ALPHA / "," )
COMMA = ","
ABNF
view <<'VIEW'
cut COMMA ","
root list
VIEW
expect 1 "list: the cut ',' is not exact, it may also be another byte: \",,\""

grammar "a capture with two readings" <<'ABNF'
pair = [ blank ] left [ blank ] right
left = 1*ALPHA
right = 1*( ALPHA / DIGIT )
blank = " "
ABNF
view <<'VIEW'
view pair: pair
  left slice left
  right slice right
root pair
VIEW
expect 1 "g.abnf:1:1: pair: the end of left is ambiguous after \""

grammar "a choice by a byte that both alternatives may have" <<'ABNF'
whole = ":" body
body = with / without
with = 1*ALPHA "@" 1*ALPHA
without = 1*ALPHA *( "@" DIGIT )
ABNF
view <<'VIEW'
cut whole ":"
cut with "@"
split body "@"
root whole
VIEW
expect 1 "the alternative without '@' can reach it"

grammar "a choice by a byte that the first alternative may lack" <<'ABNF'
whole = ":" body
body = with / without
with = 1*ALPHA [ "@" 1*ALPHA ]
without = 1*DIGIT
ABNF
view <<'VIEW'
cut whole ":"
split body "@"
root whole
VIEW
expect 1 "g.abnf:2:1: body: the first alternative can do without '@'"

grammar "a choice by a byte that decides" <<'ABNF'
whole = ":" body
body = with / without
with = 1*ALPHA "@" 1*ALPHA
without = 1*ALPHA
ABNF
view <<'VIEW'
cut whole ":"
cut with "@"
split body "@"
root whole
VIEW
expect 0 "t: "

# ---- parameters chosen by name ---------------------------------------------------------------------

grammar "parameters without a general form" <<'ABNF'
list = ";" par
par = "a" "=" 1*DIGIT
ABNF
view <<'VIEW'
select par
root list
VIEW
expect 1 "g.abnf:2:1: par: a select rule without a generic alternative"

grammar "a parameter twice" <<'ABNF'
list = ";" par
par = "a" "=" 1*DIGIT / "A" / any
any = 1*ALPHA [ "=" 1*( ALPHA / DIGIT ) ]
ABNF
view <<'VIEW'
cut list ";"
select par
root list
VIEW
expect 1 "g.abnf:2:1: par: it has the parameter A twice"

grammar "parameters with their own values" <<'ABNF'
list = 1*( ";" par )
par = "a" "=" number / "b" / any
number = 1*DIGIT
any = 1*ALPHA [ "=" 1*( ALPHA / DIGIT ) ]
ABNF
view <<'VIEW'
cut list ";"
select par
root list
VIEW
expect 0 "t: "

grammar "parameters three levels deep" <<'ABNF'
list = ";" par
par = "a" "=" second / any
second = "(" par2 ")"
par2 = "b" "=" third / any
third = "[" par3 "]"
par3 = "c" "=" 1*DIGIT / any
any = 1*ALPHA "=" 1*( %x21-7E )
ABNF
view <<'VIEW'
cut list ";"
select par
select par2
select par3
root list
VIEW
expect 1 "has parameters chosen by name: par3"

# ---- files that end anywhere -----------------------------------------------------------------------

# A grammar or a view file cut off at any byte is read, or refused at a place; it is never a crash.
cut_off() {
    size=$(wc -c < "$dir/$1")
    cp "$dir/$1" "$dir/whole"
    at=0
    while [ "$at" -lt "$size" ]; do
        head -c "$at" "$dir/whole" > "$dir/$1"
        code=0
        compile > "$dir/said" 2>&1 || code=$?
        count=$((count + 1))
        if [ "$code" -gt 1 ] || { [ "$code" -eq 1 ] && ! grep -qE '^[a-z.]+:[0-9]+:[0-9]+: ' "$dir/said"; }; then
            failed=$((failed + 1))
            echo "FAILED: $1 cut off at byte $at: exit $code:"
            sed 's/^/  /' "$dir/said" | head -5
        fi
        at=$((at + 1))
    done
    cp "$dir/whole" "$dir/$1"
}

grammar "all that can be written" <<'ABNF'
list = ":" item *( COMMA item ) ; a comment
item = body *( ";" par ) [ tail ]
tail = "!" %s"Case" %x41-42
     / "?" %d13.10 %b1010
body = with / without
with = 1*ALPHA "@" 2*3DIGIT
without = *ALPHA
COMMA = ","
par = "a" "=" 1*DIGIT / 1*ALPHA [ "=" 1*ALPHA ]
ABNF
view <<'VIEW'
cut COMMA ","
cut list ":"
cut item ";"
split body "@"
except without COMMA
select par as par
view list: list ; a list
  each COMMA
  user slice with | without
  n number 99 body.with
  params params par
root list, body
VIEW
expect 0 "t: "
cut_off g.abnf
cut_off g.view

# ---- the proof of equal languages ------------------------------------------------------------------

grammar "a list with choices, comments and parameters" <<'ABNF'
list = item *( COMMA item )
item = ":" body *( ";" par ) [ comment ]
body = with / without
with = 1*ALPHA "@" name
without = name
name = 1*ALPHA [ "." 2*3DIGIT ]
comment = "(" *( "x" / comment ) ")"
COMMA = ","
par = "a" "=" number / "b" / "c" "=" "[" 1*"1" "]" / any
number = 1*DIGIT
any = 1*ALPHA [ "=" 1*( ALPHA / DIGIT ) ]
ABNF
view <<'VIEW'
cut COMMA ","
cut item ":"
cut item ";"
cut with "@"
split body "@"
select par
view list: list
  each COMMA
  user slice with.name | without.name
  params params par
root list
VIEW
expect 0 "t: "

# Whatever is made wrong in the matchers, the proof finds it.
spoilt=0
while compile --spoil "$spoilt" > "$dir/said" 2>&1 || ! grep -q 'no state to spoil' "$dir/said"; do
    if ! grep -qE ': its matcher (does not take|takes|ends at|goes on behind) "' "$dir/said"; then
        failed=$((failed + 1))
        echo "FAILED: $name: not noticed: --spoil $spoilt"
        sed 's/^/  /' "$dir/said" | head -5
    fi
    spoilt=$((spoilt + 1))
    count=$((count + 1))
done
if [ "$spoilt" -lt 60 ]; then
    failed=$((failed + 1))
    echo "FAILED: only $spoilt ways to spoil the matchers"
fi
expect_spoilt() {
    count=$((count + 1))
    if compile --spoil-rule "$1" > "$dir/said" 2>&1 || ! grep -qF -e "$2" "$dir/said"; then
        failed=$((failed + 1))
        echo "FAILED: --spoil-rule $1, wanted: $2"
        sed 's/^/  /' "$dir/said" | head -5
    fi
}
expect_spoilt COMMA 'COMMA: its minimal automaton takes "", the rule does not'
expect_spoilt comment 'comment: its minimal automaton takes "", the rule does not'

# ---- examples of what is usual ----------------------------------------------------------------------

# usual_case NAME: a small grammar, for examples from standard input.
usual_case() {
    grammar "$1" <<'ABNF'
pair = word "=" word
word = 1*ALPHA
other = word
ABNF
    view <<'VIEW'
root pair
VIEW
    usual
}
usual_case "examples" <<'EOF'
# a comment, and an empty line

$w: ab
$w: c
pair: $w=$w
~pair: a=b
EOF
expect 0 "t: "
if ! grep -q '^static sipv_event \*express_' "$dir/out/t_express.gen.c"; then
    failed=$((failed + 1))
    echo "FAILED: $name: they make no code"
fi
usual_case "an example that is no sentence" <<'EOF'
pair: a=b
pair: a=1
EOF
expect 1 'usual.txt:2:1: "a=1" is no pair'
usual_case "an example that ends too early" <<'EOF'
pair: a=
EOF
expect 1 'usual.txt:1:1: "a=" is no pair'
usual_case "a word that is not defined" <<'EOF'
pair: a=$b
EOF
expect 1 'usual.txt:1:1: $b is not defined'
usual_case "an example of an unknown rule" <<'EOF'
nothing: a
EOF
expect 1 'usual.txt:1:'
usual_case "an example of a rule without a matcher" <<'EOF'
other: a
EOF
expect 1 'usual.txt:1:1: other has no matcher'
usual_case "a line that is no example" <<'EOF'
pair
EOF
expect 1 'usual.txt:1:1: expected RULE: TEXT'
usual_case "a beginning of the wrong length" <<'EOF'
^pair: ab
EOF
expect 1 'usual.txt:1:1: a beginning has eight bytes'
printf 'pair: a=b' > "$dir/usual.txt"
name="a line without its end"
expect 1 'usual.txt:1:1: the line does not end'
printf 'pair: a=b\npair: a\000=b\n' > "$dir/usual.txt"
name="a NUL in an example"
expect 1 'usual.txt:2:8: a NUL'

echo "$count cases, $failed failed"
[ "$failed" -eq 0 ]
