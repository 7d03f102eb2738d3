/* Seeds out of the sampler: sentences of every header and of some rules. */
#include "seeds.h"

#include <sipvet/auth.h>
#include <sipvet/sdp.h>

#include <stdio.h>
#include <string.h>

#include "derivation.h"
#include "input.h"
#include "text.h"

enum { EACH = 2, TRIES = 4000, LONGEST = 1024 };

/* What the sentences of one grammar have gone through: rules, branches, names of parameters. */
struct seen {
    const sipv_grammar *g;
    unsigned char all[1 << 14], reach[1 << 14], last[1 << 14];
};

static struct seen sip, sdp, digest;

static void begin(struct seen *seen, const sipv_grammar *g)
{
    seen->g = g;
    if (sipv_cover_size(g) > sizeof seen->all)
        seen->g = NULL; /* the room above must grow */
}

/* Is there something in `of` that no sentence has gone through? */
static bool has_more(const struct seen *seen, const unsigned char *of)
{
    for (size_t i = 0; i < sipv_cover_size(seen->g); i++)
        if (of[i] & ~seen->all[i])
            return true;
    return false;
}

static void keep(struct seen *seen)
{
    for (size_t i = 0; i < sipv_cover_size(seen->g); i++)
        seen->all[i] |= seen->last[i];
}

/* Some sentences, and those that go through something new as long as there is such. */
static void sample(struct seen *seen, int rule, bool value, enum seed_kind kind, const char *name,
                   const char *mark)
{
    uint64_t random = (uint64_t)rule * 0x10001 + 1;
    char origin[160];
    if (!seen->g)
        return;
    snprintf(origin, sizeof origin, "sample of %s", *name ? name : sipv_rule_name(seen->g, rule));
    seeds_origin = origin;
    memset(seen->reach, 0, sizeof seen->reach);
    sipv_cover_reach(seen->g, rule, value, seen->reach);
    for (unsigned i = 0; i < EACH || (i < TRIES && has_more(seen, seen->reach)); i++) {
        unsigned char sentence[LONGEST], room[LONGEST + 128];
        size_t n;
        struct fuzz_out o = FUZZ_OUT(room);
        memset(seen->last, 0, sizeof seen->last);
        if (sipv_sample(seen->g, rule, value, &random, sentence, sizeof sentence, &n, seen->last) !=
                SIPV_OK ||
            (i >= EACH && !has_more(seen, seen->last)))
            continue;
        keep(seen);
        fuzz_puts(&o, name);
        fuzz_puts(&o, mark);
        fuzz_put(&o, sipv_slice_of(sentence, n));
        seed(kind, fuzz_out_slice(&o));
    }
    seeds_origin = "";
}

/* "accept-range:...", "rule Accept:..." where a header has the name, "sdp tool:...". */
static void sample_rules(struct seen *seen, enum seed_kind kind, const char *language)
{
    for (int rule = 0; rule < sipv_rule_count(seen->g); rule++) {
        char name[128];
        if (sipv_rule_find(seen->g, sipv_slice_text(sipv_rule_name(seen->g, rule))) != rule)
            continue; /* made up for the engines */
        const char *const own = sipv_rule_name(seen->g, rule);
        const bool header = seen == &sip && sipv_header_find(sipv_slice_text(own)) != SIPV_H_OTHER;
        snprintf(name, sizeof name, "%s%s", header ? "rule " : language, own);
        sample(seen, rule, false, kind, name, ":");
    }
}

static void sample_uris(const char *name)
{
    const int rule = sipv_rule_find(sip.g, sipv_slice_text(name));
    struct seen fresh = {.g = sip.g}; /* a URI is more than what a header has shown of it */
    sample(&fresh, rule, false, SEED_URI, "", "");
}

/* ---- IPv6 addresses ----------------------------------------------------------------------------
 *
 * The grammar of SDP tells multicast addresses from others, so its rules are automata of hundreds
 * of states, and the sampler comes to few of them.  Here addresses are drawn as people write them,
 * and those are kept that go through something new. */

static unsigned below(uint64_t *random, unsigned n)
{
    return (unsigned)(fuzz_draw(random) % n);
}

static void put_drawn(struct fuzz_out *o, uint64_t *random, const char *const *texts, size_t n)
{
    fuzz_puts(o, texts[below(random, (unsigned)n)]);
}

/* An IPv4 address out of octets at the bounds of what an octet may be, in all their lengths. */
static void put_ipv4(struct fuzz_out *o, uint64_t *random)
{
    static const char *const octets[] = {"0",   "1",   "2",   "3",   "5",   "6",   "9",
                                         "10",  "20",  "25",  "26",  "64",  "99",  "100",
                                         "199", "200", "205", "239", "249", "250", "255"};
    for (unsigned i = 0; i < 4; i++) {
        fuzz_puts(o, i ? "." : "");
        put_drawn(o, random, octets, sizeof octets / sizeof *octets);
    }
}

/* Groups, with a colon in front of the first one too if `more`. */
static void put_groups(struct fuzz_out *o, uint64_t *random, unsigned count, bool more)
{
    static const char *const groups[] = {"0",   "1",   "2",    "6",   "a",    "ff",  "2A",  "25",
                                         "26",  "10",  "19C",  "249", "24d",  "256", "25F", "fE8",
                                         "3",   "3b",  "0a1F", "199", "1e",   "0",   "77",  "77a",
                                         "20d", "200", "100e", "12",  "a0b1", "9",   "9c",  "255"};
    for (unsigned i = 0; i < count; i++) {
        fuzz_puts(o, more || i ? ":" : "");
        put_drawn(o, random, groups, sizeof groups / sizeof *groups);
    }
}

/* Behind `first`, which is a group or nothing: up to eight groups, of which the last two may be an
 * IPv4 address, and perhaps "::" in place of some. */
static void put_address(struct fuzz_out *o, uint64_t *random, const char *first)
{
    const unsigned there = first[0] != 0, dotted = below(random, 3) ? 2 : 0;
    const bool gap = below(random, 4) != 0;
    const unsigned room = 8 - there - dotted - gap;
    const unsigned before = gap ? below(random, room + 1) : room;
    const unsigned behind = gap ? below(random, room - before + 1) : 0;
    fuzz_puts(o, first);
    put_groups(o, random, before, there);
    fuzz_puts(o, gap ? "::" : "");
    put_groups(o, random, behind, false);
    if (!dotted)
        return;
    fuzz_puts(o, behind || !gap ? ":" : "");
    put_ipv4(o, random);
}

static void seed_addresses(const char *name, const char *first)
{
    enum { DRAWS = 30000 };
    uint64_t random = 1;
    const int rule = sipv_rule_find(sdp.g, sipv_slice_text(name));
    memset(sdp.reach, 0, sizeof sdp.reach);
    sipv_cover_reach(sdp.g, rule, false, sdp.reach);
    for (unsigned i = 0; i < DRAWS && has_more(&sdp, sdp.reach); i++) {
        unsigned char room[256];
        struct fuzz_out o = FUZZ_OUT(room);
        uint64_t none = 0;
        fuzz_puts(&o, "sdp ");
        fuzz_puts(&o, name);
        fuzz_puts(&o, ":");
        const size_t from = o.n;
        put_address(&o, &random, first);
        memset(sdp.last, 0, sizeof sdp.last);
        if (fuzz_derive(sdp.g, rule, false, sipv_slice_of(room + from, o.n - from), &none,
                        sdp.last) != FUZZ_DERIVED ||
            !has_more(&sdp, sdp.last))
            continue;
        keep(&sdp);
        seed(SEED_RULE, fuzz_out_slice(&o));
    }
}

void seeds_of_grammars(void)
{
    begin(&sip, sipv_sip_grammar());
    begin(&sdp, sipv_sdp_grammar());
    begin(&digest, sipv_auth_grammar());
    for (unsigned id = 1; id < SIPV_H_COUNT; id++) {
        const sipv_header_info *info = sipv_header_info_of(id);
        if (info->view >= 0)
            sample(&sip, info->rule, true, SEED_HEADER, info->name, ": ");
    }
    sample_uris("SIP-URI");
    sample_uris("tel-URI");
    sample_uris("absoluteURI");
    sample_rules(&sip, SEED_RULE, "");
    sample_rules(&sdp, SEED_RULE, "sdp ");
    sample_rules(&digest, SEED_RULE, "digest ");
    seed_addresses("IP6-other-address", "");
    seed_addresses("IP6-multicast-address", "fF0e");
}
