/* Seeds out of the sampler: sentences of every header and of some rules. */
#include "seeds.h"

#include <sipvet/auth.h>
#include <sipvet/sdp.h>

#include <stdio.h>

#include "text.h"

enum { EACH = 2, LONGEST = 1024 };

static void sample(const sipv_grammar *g, int rule, bool value, enum seed_kind kind,
                   const char *name, const char *mark)
{
    uint64_t random = (uint64_t)rule * 0x10001 + 1;
    char origin[160];
    snprintf(origin, sizeof origin, "sample of %s", *name ? name : sipv_rule_name(g, rule));
    seeds_origin = origin;
    for (unsigned i = 0; i < EACH; i++) {
        unsigned char sentence[LONGEST], room[LONGEST + 128];
        size_t n;
        struct fuzz_out o = FUZZ_OUT(room);
        if (sipv_sample(g, rule, value, &random, sentence, sizeof sentence, &n, NULL) != SIPV_OK)
            continue;
        fuzz_puts(&o, name);
        fuzz_puts(&o, mark);
        fuzz_put(&o, sipv_slice_of(sentence, n));
        seed(kind, fuzz_out_slice(&o));
    }
    seeds_origin = "";
}

static void sample_rules(const sipv_grammar *g, enum seed_kind kind, const char *language)
{
    for (int rule = 0; rule < sipv_rule_count(g); rule++) {
        char name[128];
        if (sipv_rule_find(g, sipv_slice_text(sipv_rule_name(g, rule))) != rule)
            continue; /* made up for the engines */
        snprintf(name, sizeof name, "%s%s", language, sipv_rule_name(g, rule));
        sample(g, rule, false, kind, name, ":");
    }
}

void seeds_of_grammars(void)
{
    const sipv_grammar *g = sipv_sip_grammar();
    for (unsigned id = 1; id < SIPV_H_COUNT; id++) {
        const sipv_header_info *info = sipv_header_info_of(id);
        if (info->view >= 0)
            sample(g, info->rule, true, SEED_HEADER, info->name, ": ");
    }
    sample(g, sipv_rule_find(g, sipv_slice_text("SIP-URI")), false, SEED_URI, "", "");
    sample(g, sipv_rule_find(g, sipv_slice_text("tel-URI")), false, SEED_URI, "", "");
    sample(g, sipv_rule_find(g, sipv_slice_text("absoluteURI")), false, SEED_URI, "", "");
    sample_rules(g, SEED_RULE, "");
    sample_rules(sipv_sdp_grammar(), SEED_RULE, "sdp ");
    sample_rules(sipv_auth_grammar(), SEED_RULE, "digest ");
}
