#!/bin/sh
# tests/cli/campaign.sh SIPVET BUILD: campaigns from the first command to the report.  BUILD has the
# standalone targets and seeds, and below fuzz/contract targets with libFuzzer, where there is a
# clang; without one that part is left out.  campaign_hosts.sh has what needs none of them.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
build=$2
engine=$build/fuzz/contract/build/targets
kit="--list $tree/fuzz/targets.list --runner $build/fuzz/bin"
# The contract has unpacked them already.
seeds=$build/fuzz/contract/build/seeds
[ -d "$seeds/fuzz_uri" ] || {
    seeds=$work/all-seeds
    "$tree/fuzz/seeds.sh" "$build" "$seeds" >/dev/null
}
seeds="--seeds $seeds"

# $spent: the seconds of CPU time that programs have used so far.  A busy machine takes longer, but
# not more of that.
look_at_time() {
    times >"$work/times" # of this shell, so not in a substitution
    spent=$(tr 'ms' '  ' <"$work/times" | awk 'NR == 2 { print int(60 * ($1 + $3) + $2 + $4) }')
}

# ---- Command lines --------------------------------------------------------------------------------

expect 3 fuzz list --list nowhere
expect 2 fuzz list --list "$tree/fuzz/targets.list" --target fuzz_nothing
complains
expect 2 fuzz start --jobs 0
expect 2 fuzz start --time 5y
expect 2 fuzz start --time 0
expect 2 fuzz start --cpu 1y
expect 2 fuzz start --engine qemu
expect 2 fuzz sync
expect 2 fuzz triage --minimise x
# shellcheck disable=SC2086 # words on purpose, here and below
expect 3 fuzz status $kit
expect 3 fuzz report $kit
expect 3 fuzz start $kit --target fuzz_uri
err_has 'without libfuzzer: there is no'
expect 0 fuzz list $kit -f ndjson --target fuzz_uri,fuzz_sdp
out_lines 2
json_true 'r["schema"] == "sipvet.fuzz-target/1" and r["name"] == "fuzz_uri"'
json_true '"meaning" in r["oracles"].split(",") and r["afl_missing"]'

# What a dry run prints a shell can read, and nothing has been made.
expect 0 fuzz start $kit $seeds --dry-run --dir "it's" --engine both --jobs 3 --time 1h --host a-b \
    --seed 5 --target fuzz_uri
out_lines 4
out_has "^mkdir -p 'it'\\\\''s/fuzz_uri/corpus' "
out_has "^.*fuzz_uri .*-max_len=1024 .*-max_total_time=3600 -seed=5 .*'it'\\\\''s/fuzz_uri/corpus'"
out_has "afl-fuzz -i .* -M main-a-b -F .*-s 5 .*-G 1024 .*-V 3600 -- "
out_has "^.*-seed=6 "
checks=$((checks + 1))
[ ! -e "it's" ] || fail "$ran: a dry run made a folder"

# ---- A planted bug: found, one finding, made small, written -----------------------------------------

if [ -e "$engine/build.ninja" ] &&
    mkdir planted && "$tree/fuzz/planted/run.sh" --engine "$engine" --make planted/fuzz_digest_verify \
    "$build" digest-uri-without-case; then
    look_at_time
    begin=$spent
    campaign="$kit --libfuzzer planted --dir camp --target fuzz_digest_verify"
    # Turns until it is found, which takes one or two of them.
    turn=0
    while [ -z "$(ls camp/fuzz_digest_verify/crashes 2>/dev/null)" ] && [ $turn -lt 40 ] &&
        [ $((spent - begin)) -lt 60 ]; do
        turn=$((turn + 1))
        expect 0 fuzz start $campaign $seeds --time 4s
        out_has '^fuzz_digest_verify .* executions'
        look_at_time
    done
    expect 1 fuzz triage $campaign --minimise 3s --regressions regressions -f ndjson
    look_at_time
    took=$((spent - begin))
    json_true 'len(rs) == 1 and r["oracle"] == "digest" and r["failures"] == 5'
    checks=$((checks + 1))
    [ "$(ls regressions)" = "$(ls camp/findings)" ] && [ "$(ls regressions | wc -l)" -eq 1 ] ||
        fail "$ran: not one regression file: $(ls regressions)"
    file=regressions/$(ls regressions)
    checks=$((checks + 3))
    ! planted/fuzz_digest_verify "$file" >/dev/null 2>&1 || fail "$file does not show the bug"
    "$build/fuzz/bin/fuzz_digest_verify" "$file" >/dev/null || fail "$file fails without the bug"
    [ "$took" -le 60 ] || fail "$ran: it took $took s of CPU time to find, group, minimise and write"

    # Again: it goes on, and sums up.
    expect 0 fuzz status $campaign -f ndjson
    json_true 'r["crashes"] >= 1 and r["executions"] > 0 and r["edges_libfuzzer"] > 100'
    executions=$(sed 's/.*"executions":\([0-9]*\).*/\1/' out)
    json_true 'r["cpu_s"] == r["cpu_s_libfuzzer"]'
    cpu=$(sed 's/.*"cpu_s":\([0-9]*\).*/\1/' out)
    expect 0 fuzz start $campaign $seeds --time 3s
    expect 0 fuzz status $campaign -f ndjson
    json_true "r['executions'] > $executions and r['cpu_s'] >= $cpu"

    # Until each has had so much CPU time, in turns that are over soon behind a second of it; then
    # nothing is left to do.
    turns="$kit --libfuzzer $engine/fuzz/bin --dir turns --target fuzz_uri,fuzz_digest_parse"
    expect 0 fuzz start $turns $seeds --time 1s --cpu 3s
    checks=$((checks + 1))
    [ "$(grep -c '^fuzz_uri ' out)" -ge 1 ] && [ "$(wc -l <out)" -ge 3 ] || fail "$ran: not by turns: $(cat out)"
    expect 0 fuzz status $turns -f ndjson
    json_true 'len(rs) == 2 and all(3 <= r["cpu_s"] < 20 for r in rs)'
    expect 0 fuzz start $turns $seeds --time 1s --cpu 3s
    out_lines 0

    expect 0 fuzz report $campaign
    out_has '<td>fuzz_digest_verify</td>'
    out_has '<td>digest</td>'
    out_has '<polyline '
    out_has 'digest [0-9]'

    # Two hosts' corpora become one small one, named by content.
    mkdir -p other/fuzz_digest_verify
    cp camp/fuzz_digest_verify/corpus/* other/fuzz_digest_verify/
    expect 0 fuzz merge $kit --libfuzzer "$engine/fuzz/bin" --dir camp --into merged \
        --target fuzz_digest_verify other
    out_has '^fuzz_digest_verify  *[1-9][0-9]* inputs$'
    checks=$((checks + 2))
    [ ! -e merged/fuzz_digest_verify.new ] || fail "$ran: left its folder behind"
    for file in merged/fuzz_digest_verify/*; do
        [ "$(sha1sum <"$file" | cut -c 1-40)" = "$(basename "$file")" ] || {
            fail "$file is not named by its content"
            break
        }
    done
else
    skip "no targets with libFuzzer: nothing is found, triaged, merged"
fi

conclude
