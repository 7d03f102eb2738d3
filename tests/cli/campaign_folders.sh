#!/bin/sh
# tests/cli/campaign_folders.sh SIPVET: what campaigns do with folders, tables and command lines, well
# and ill.  The targets and engines are scripts that end at once.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# engine FOLDER/TARGET: a target as triage and merge see it.  An input with BUG in it fails; merging
# copies all inputs, named by their content.
engine() {
    mkdir -p "$(dirname "$1")"
    cat >"$1" <<'SH2'
#!/bin/sh
merge= into=
for word in "$@"; do
    case $word in
    -help=1) echo set_cover_merge; exit 0 ;;
    -set_cover_merge=1) merge=yes ;;
    -minimize_crash=1) exit 0 ;;
    -*) ;;
    *)
        if [ -n "$merge" ] && [ -z "$into" ]; then
            into=$word
        elif [ -n "$merge" ]; then
            find "$word" -type f -exec sha1sum {} + | while read -r name file; do
                cp "$file" "$into/$name"
            done
        elif grep -q BUG "$word"; then
            sed 's/^/oracle digest: /' "$word"
            exit 77
        fi
        ;;
    esac
done
SH2
    chmod +x "$1"
}

# holds COMMAND...: is it so?
holds() {
    checks=$((checks + 1))
    "$@" || fail "$ran: not so: $*"
}
# files FOLDER: how many there are in it and below.
files() {
    find "$1" -type f | wc -l
}

engine engine/tiny
engine engine/other
{
    echo 'tiny tiny.c - 64 none'
    echo 'other other.c - 64 none'
} >tiny.list
kit="--list tiny.list --libfuzzer engine --runner nowhere --afl nowhere"
tiny="$kit --target tiny"

# ---- Many entries -----------------------------------------------------------------------------------

mkdir -p many/tiny/crashes many/tiny/corpus
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 \
    35 36 37 38 39 40; do
    echo "BUG $((i % 2))" >many/tiny/crashes/$i
    echo $i >many/tiny/corpus/$i
    mkdir -p many/tiny/afl/main-h$i/queue
    echo "of $i" >many/tiny/afl/main-h$i/queue/id:000000
done
# shellcheck disable=SC2086 # words on purpose, here and below
expect 1 fuzz triage $tiny --dir many -f ndjson
json_true 'len(rs) == 2 and sum(r["crashes"] for r in rs) == 40'
mkdir with
expect 0 fuzz sync $tiny --dir many --with with
out_has '^40 inputs copied$'
expect 0 fuzz merge $tiny --dir many --into merged
out_has '^tiny  *80 inputs$'

# ---- Names that are none ------------------------------------------------------------------------------

mkdir empty
for command in "triage --dir nowhere" "report --dir nowhere" "status --dir nowhere" "merge --dir nowhere" \
    "merge --dir empty nowhere" "sync --dir nowhere --with empty" "sync --dir empty --with nowhere" \
    "list --list /tmp"; do
    expect 3 fuzz ${command%% *} $kit ${command#* }
    complains
done
: >nothing.list
expect 3 fuzz list --list nothing.list
complains
expect 2 fuzz list $kit --target tiny,nope
err_has "no target 'nope'"
complains
expect 2 fuzz list $kit --target tiny,
complains
for option in --dir --libfuzzer --afl --runner --list; do
    expect 2 fuzz status $kit $option ''
    complains
done
expect 2 fuzz sync $kit --with ''
expect 2 fuzz merge $kit --dir empty --into ''
expect 2 fuzz triage $kit --dir empty --regressions ''
expect 2 fuzz report $kit --dir empty --coverage ''
for seed in abc -1 '' 4294967296 99999999999999999999; do
    expect 2 fuzz start $kit --dry-run --seed "$seed"
    complains
done
expect 2 fuzz sync $kit
complains
ran="all of these"
holds [ ! -e nowhere ]
holds [ -z "$(ls empty)" ]

# ---- Names of hosts -----------------------------------------------------------------------------------

for host in '' a.b "it's" a/b 12345678901234567; do
    expect 2 fuzz start $kit --dry-run --engine afl --host "$host"
    complains
done
expect 0 fuzz start $tiny --dry-run --engine afl --jobs 64 --host 123456789012345_
out_has ' -S more-123456789012345_-63 '
# own_host NAME PART: of a machine of that name.
own_host() {
    ran="a machine named $1"
    checks=$((checks + 1))
    unshare -r -u sh -c 'hostname "$1" && shift && "$@"' sh "$1" "$sipvet" fuzz start $tiny --dry-run \
        --engine afl >out 2>err || fail "$ran: $(cat err)"
    out_has "-M main-$2 "
}
if unshare -r -u hostname x 2>/dev/null; then
    own_host one.example.com one
    own_host a-name-with-number-17 e-with-number-17
else
    skip "this machine cannot be named otherwise"
fi

# ---- Merging ------------------------------------------------------------------------------------------

# A dry run makes nothing, and what it prints does what the real one does.
mkdir -p dry/tiny/corpus 'dry/tiny/afl/main-h/queue'
echo one >dry/tiny/corpus/1
echo two >dry/tiny/afl/main-h/queue/id:000000
find dry >before
expect 0 fuzz merge $tiny --dir dry --into 'the goal' --dry-run
cp out commands
find dry | cmp -s - before || fail "$ran: changed the campaign"
holds [ ! -e 'the goal' ]
sh -e ./commands || fail "$ran: a shell cannot run it: $(cat commands)"
holds [ "$(files 'the goal/tiny.new')" -eq 2 ]

# What is not an input does not stop it: subfolders, whose inputs are read, and hidden files.
mkdir -p goal/tiny/sub
echo old >goal/tiny/old
echo below >goal/tiny/sub/below
echo mine >goal/tiny/.hidden
expect 0 fuzz merge $tiny --dir dry --into goal
quiet
holds [ -e goal/tiny/.hidden ]
holds [ ! -e goal/tiny.old ]
holds [ ! -e goal/tiny.new ]
holds [ "$(cat goal/tiny/* | sort | tr '\n' ' ')" = 'below mine old one two ' ]

# An engine that fails, or chooses nothing, takes nothing away, and the next merge has all of it.
cat >engine/tiny.fails <<'SH2'
#!/bin/sh
for word in "$@"; do
    case $word in *.new) echo half >"$word/half" ;; esac
done
exit 1
SH2
printf '#!/bin/sh\n' >engine/tiny.idle
chmod +x engine/tiny.fails engine/tiny.idle
cp engine/tiny engine/tiny.works
cp engine/tiny.fails engine/tiny
expect 5 fuzz merge $tiny --dir dry --into goal
err_has 'tiny failed, see dry/merge-tiny.log'
cp engine/tiny.idle engine/tiny
expect 5 fuzz merge $tiny --dir dry --into goal
err_has 'of 5 inputs of tiny none was chosen'
complains
holds [ "$(cat goal/tiny/* | sort | tr '\n' ' ')" = 'below mine old one two ' ]
cp engine/tiny.works engine/tiny
expect 0 fuzz merge $tiny --dir dry --into goal
holds [ "$(cat goal/tiny/* | sort | tr '\n' ' ')" = 'below half mine old one two ' ]

# One that was ended between two names.
mv goal/tiny goal/tiny.old
expect 0 fuzz merge $tiny --dir dry --into goal
holds [ "$(files goal/tiny)" -eq 7 ]
holds [ ! -e goal/tiny.old ]
# One that was ended while it removed.
mkdir goal/tiny.old
echo left >goal/tiny.old/left
expect 0 fuzz merge $tiny --dir dry --into goal
holds [ "$(files goal/tiny)" -eq 8 ]
holds [ ! -e goal/tiny.old ]

# ---- Exchanging ---------------------------------------------------------------------------------------

mkdir -p one/tiny/afl/main-one/queue two
echo 1 >one/tiny/afl/main-one/queue/id:000000
ln -s id:000000 one/tiny/afl/main-one/queue/id:000001
if [ -e /proc/self/mem ]; then # can be opened, not read
    ln -s /proc/self/mem one/tiny/afl/main-one/queue/id:000002
    expect 3 fuzz sync $tiny --dir one --with two
    err_has 'cannot read one/tiny/afl/main-one/queue/id:000002'
else
    expect 0 fuzz sync $tiny --dir one --with two
fi
out_has '^2 inputs copied$'
holds [ "$(ls -A two/tiny/afl/main-one/queue | tr '\n' ' ')" = 'id:000000 id:000001 ' ]

# ---- Triage -------------------------------------------------------------------------------------------

mkdir -p camp/tiny/crashes camp/other/crashes "camp/tiny/afl/main-h/crashes.2001-01-01-00:00:00"
echo BUG >camp/tiny/crashes/crash-1
echo fine >camp/tiny/crashes/crash-2
printf 'BUG\tof\377 <other>\n' >camp/other/crashes/crash-1
printf 'BUG\n' >"camp/tiny/afl/main-h/crashes.2001-01-01-00:00:00/id:000000"

# Without a program nothing is a finding.
expect 3 fuzz triage $kit --libfuzzer nowhere --dir camp --regressions regressions
holds [ ! -s out ]
err_has 'tiny is left out: neither nowhere nor nowhere has it'
mkdir -p ill
printf '#!/nowhere\n' >ill/tiny
chmod +x ill/tiny
expect 3 fuzz triage $tiny --libfuzzer ill --dir camp --regressions regressions
err_has 'tiny cannot be run, see camp/tiny/triage.log'
holds [ ! -s out ]
holds [ ! -e regressions ]
holds [ ! -e camp/findings ]

expect 1 fuzz triage $kit --dir camp --regressions regressions
out_has '^not reproduced: tiny: 1 crashes; one is camp/tiny/crashes/crash-2$'
out_has '  2 crashes, 4 octets, fails 5 of 5 times: tiny.digest.BUG$'
holds [ "$(ls regressions | tr '\n' ' ')" = 'other.digest.BUG-of---other- tiny.digest.BUG ' ]
holds [ "$(ls camp/findings | tr '\n' ' ')" = 'other.digest.BUG-of---other- tiny.digest.BUG ' ]
holds [ "$(awk -F '\t' 'NF != 8' camp/findings.tsv | wc -l)" -eq 0 ]
holds [ "$(wc -l <camp/findings.tsv)" -eq 4 ]

# Of one target: what is known of the other stays.
cp engine/tiny.idle engine/tiny
expect 0 fuzz triage $tiny --dir camp
out_has '^not reproduced: tiny: 3 crashes'
holds [ "$(cut -f 1 camp/findings.tsv | tr '\n' ' ')" = 'group other.digest.BUG-of---other- tiny.not-reproduced ' ]
cp engine/tiny.works engine/tiny

# A run that takes its time.
printf '#!/bin/sh\n[ "${1#-min}" != "$1" ] || exec sleep 100\n' >ill/tiny
mkdir -p slow/tiny/crashes
echo 1 >slow/tiny/crashes/1
expect 1 fuzz triage $tiny --libfuzzer ill --dir slow --timeout 1 --minimise 1s -f ndjson
json_true 'len(rs) == 1 and r["what"] == "takes too long" and r["failures"] == 5'

# ---- The report ---------------------------------------------------------------------------------------

# Oracles are counted over all that is kept.
mkdir -p runner camp/tiny/corpus camp/tiny/afl/main-h/queue
cat >runner/tiny <<'SH2'
#!/bin/sh
json=$2
shift 2
printf '{"checks":{"digest":%s}}' "$(find "$@" -type f | wc -l)" >"$json"
SH2
chmod +x runner/tiny
echo 1 >camp/tiny/corpus/1
echo 2 >camp/tiny/afl/main-h/queue/id:000000
printf 'x\ty\tz\t\377 <&>\t-\t1\t1\t1\n' >>camp/findings.tsv
expect 0 fuzz report $tiny --runner runner --dir camp
out_has '>digest 2<'
out_has '^<tr class="bad"><td>other.digest.BUG-of---other-</td>'
out_has '^<tr><td>tiny.*</td><td>0</td></tr>$\|^<tr class="bad"><td>tiny'
checks=$((checks + 1))
[ -z "$python" ] || "$python" -c 'open("out", encoding="utf-8").read()' 2>err || fail "$ran: $(cat err)"

# ---- Samples ------------------------------------------------------------------------------------------

mkdir -p samples/tiny
{
    printf '100\tafl\t0\t10\t1.0\t5\t3\t2\t1.00\n'
    printf '100\tafl\t1\t10\t1.0\t5\t3\t3\t1.00\n'
    printf '100\tlibfuzzer\t0\t10\t1.0\t5\t3\t4\t1.00\n'
    printf '100\tlibfuzzer\t1\t10\t1.0\t5\t3\t4\t1.00\n'
    printf '101\tafl\t0\t-5\t1.0\t5\t3\t2\t1.00\n'
    printf '101\tafl\t0\t50\tnan\t5\t3\t2\t1.00\n'
    printf '101\tafl\t0\t50\t1.0\t5\t3\t2\tinf\n'
    printf '101\tafl\t0\t50\t1.0\t5\t3\t2\t-1.00\n'
    printf '101\tafl\t64\t50\t1.0\t5\t3\t2\t1.00\n'
    printf '101\tqemu\t0\t50\t1.0\t5\t3\t2\t1.00\n'
    printf '101\tafl\t0\t50\t1.0\t5\t3\t2\t1.00\t1\n'
    printf '101\tafl\t0\t50\t1.0\t5\t3\t2\t9'
} >samples/tiny/samples.tsv
expect 0 fuzz status $tiny --dir samples -f ndjson
json_true 'r["executions"] == 40 and r["cpu_s"] == 4 and r["crashes"] == 9'
name=$(printf 'a\033[31m')
expect 3 fuzz status $tiny --dir "$name"
complains
err_has 'a\\x1B\[31m'

# ---- Starting -----------------------------------------------------------------------------------------

# What has run: a second of a processor.
cat >busy <<'SH2'
#!/bin/sh
i=0
while [ $i -lt 200000 ]; do i=$((i + 1)); done
SH2
chmod +x busy
mkdir -p busies seeds/tiny
cp busy busies/tiny
echo seed >seeds/tiny/1
fuzzing="$tiny --libfuzzer busies --seeds seeds --mutator nowhere --dictionaries nowhere"
expect 0 fuzz start $fuzzing --dir samples --time 5s
expect 0 fuzz status $tiny --dir samples -f ndjson
json_true 'r["cpu_s_afl"] == 2 and r["crashes"] == 9'
holds [ "$(awk -F '\t' 'NF == 9' samples/tiny/samples.tsv | grep -c libfuzzer)" -gt 2 ]

# What ends before it has run anything does not go by unseen, however long that took.
mkdir ends
{ cat busy && echo exit 1; } >ends/tiny
chmod +x ends/tiny
expect 5 fuzz start $fuzzing --libfuzzer ends --dir ends-it --time 5s
err_has 'tiny: libfuzzer has ended with status 1, see ends-it/tiny/libfuzzer-0.log'
holds [ "$(wc -l <err)" -eq 1 ]
# AFL++ that dies at once is no less seen, and libFuzzer goes on.
mkdir path afl
cp busy afl/tiny
cat >path/afl-fuzz <<'SH2'
#!/bin/sh
[ "$1" != --version ] || { echo 'afl-fuzz++4.04c'; exit; }
echo 'PROGRAM ABORT : no'
exit 1
SH2
chmod +x path/afl-fuzz
PATH=$work/path:$PATH
export PATH
expect 5 fuzz start $fuzzing --afl afl --dir dies --engine both --time 5s
out_has '^tiny '
err_has 'tiny: afl has ended with status 1, see dies/tiny/afl-0.log'
holds [ "$(wc -l <err)" -eq 1 ]
mkdir -p goes-on/tiny
printf '1\tlibfuzzer\t5\t1\t0.0\t0\t0\t0\t0.90\n' >goes-on/tiny/samples.tsv
expect 5 fuzz start $fuzzing --afl afl --dir goes-on --engine both --time 5s --cpu 1s
err_has 'afl has ended with status 1'
expect 0 fuzz status $tiny --dir goes-on -f ndjson
json_true 'r["cpu_s"] >= 1'

# Nobody else is in the folder.
if command -v flock >/dev/null; then
    ran="start in a folder that is another's"
    checks=$((checks + 1))
    flock dies "$sipvet" fuzz start $fuzzing --dir dies --time 1s >out 2>err
    [ $? -eq 5 ] || fail "$ran: it is not refused"
    complains
    err_has 'another one runs in dies'
fi

# Samples that cannot be written end it.
printf '#!/bin/sh\nexec sleep 100\n' >busies/tiny
mkdir -p unwritten/tiny/samples.tsv
expect 5 fuzz start $fuzzing --dir unwritten --time 60s --cpu 1h
holds [ "$(grep -c 'cannot write unwritten/tiny/samples.tsv: Is a directory' err)" -eq 1 ]

# ---- The scripts beside it ------------------------------------------------------------------------------

# script STATUS NAME ARGUMENT...: of fuzz/.
script() {
    expected=$1 name=$2
    shift 2
    ran="fuzz/$name $*"
    checks=$((checks + 1))
    "$tree/fuzz/$name" "$@" >out 2>err
    status=$?
    [ "$status" -eq "$expected" ] || fail "$ran: exit status $status, not $expected: $(head -c 200 err)"
}
mkdir kept
echo kept >kept/kept
for words in "seeds.sh" "seeds.sh --pack" "seeds.sh --origins x" "check_corpus.sh" "round.sh" "round.sh 08" \
    "corpus.sh" "builds.sh --nothing" "builds.sh fuzz-nothing" "planted/run.sh" "planted/run.sh --apply nothing"; do
    script 2 $words
    holds [ -s err ]
done
script 3 seeds.sh nowhere kept
complains
script 3 check_corpus.sh nowhere
complains
holds [ "$(ls kept)" = kept ]
script 0 builds.sh --help
holds [ -s out ]
if command -v patch >/dev/null; then
    script 0 planted/run.sh --apply "$work" answer-direction
    out_has '^planted: 1 bugs, 0 missed$'
fi

conclude
