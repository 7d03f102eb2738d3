/* The explaining engine by itself: rules of the grammar, texts, and what it says of them. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sipvet/parser.h>

static void *work;
static sipv_event events[64];
static sipv_match match;

static void open_work(void)
{
    work = malloc(sipv_explainer_size());
    cr_assert(work);
}

static void close_work(void)
{
    free(work);
}

TestSuite(explain, .init = open_work, .fini = close_work);

static int find(const char *rule)
{
    return sipv_rule_find(sipv_sip_grammar(), sipv_slice_text(rule));
}

static int explain(const char *rule, const char *text)
{
    return sipv_explain(sipv_sip_grammar(), find(rule), false, sipv_slice_text(text), 0, work, 0,
                        events, 64, &match);
}

/* A rule that is matched by itself counts as open: comments are as deep here as in a header. */
Test(explain, depth_of_the_rule_itself)
{
    cr_assert_eq(explain("comment-parens", "((((((((a))))))))"), SIPV_OK);
    cr_assert_eq(explain("comment-parens", "(((((((((a)))))))))"), SIPV_REJECT);
    cr_assert_eq(match.error_offset, SIPV_COMMENT_DEPTH);
    cr_assert(match.depth_exceeded);
    cr_assert_eq(explain("comment", "((((((((a))))))))"), SIPV_OK);
    cr_assert_eq(explain("comment", "(((((((((a)))))))))"), SIPV_REJECT);
    cr_assert(match.depth_exceeded);
}

/* Sentences of such a rule are not deeper either. */
Test(explain, depth_of_sentences)
{
    const sipv_grammar *g = sipv_sip_grammar();
    const int rule = sipv_rule_find(g, sipv_slice_text("comment-parens"));
    uint64_t seed = 1;
    for (unsigned i = 0; i < 5000; i++) {
        unsigned char text[1024];
        size_t n;
        if (sipv_sample(g, rule, false, &seed, text, sizeof text, &n, NULL) != SIPV_OK)
            continue;
        cr_assert_eq(
            sipv_explain(g, rule, false, sipv_slice_of(text, n), 0, work, 0, events, 64, &match),
            SIPV_OK, "%.*s", (int)n, text);
    }
}

/* ---- How far each alternative came ----------------------------------------------------------- */

/* "as A: byte N, X or Y; as B: ..." */
static const char *alternatives(void)
{
    static char out[2048];
    sipv_alternative all[SIPV_ALTERNATIVES_MAX];
    const size_t n = sipv_explain_alternatives(work, all, SIPV_ALTERNATIVES_MAX);
    size_t at = 0;
    out[0] = 0;
    for (size_t i = 0; i < n; i++) {
        at +=
            (size_t)snprintf(out + at, sizeof out - at, "%sas %s: byte %zu", i ? "; " : "",
                             sipv_rule_name(sipv_sip_grammar(), all[i].rule), all[i].error_offset);
        for (unsigned k = 0; k < all[i].n_expected; k++)
            at += (size_t)snprintf(out + at, sizeof out - at, "%s%s", k ? " or " : ", ",
                                   all[i].expected[k]);
    }
    return out;
}

static const struct alternatives_case {
    const char *rule, *text; /* a header's rule: its value */
    size_t error;
    const char *wanted;
} cases[] = {
    /* two readings of which one came further */
    {"host", "1.2.3.999", 9,
     "as hostname: byte 9, more of domainlabel or '.'; as IPv4address: byte 8, end of host"},
    {"SIP-URI", "sip:foo:x", 9, "as userinfo-body: byte 9, '@'; as host-body: byte 8, DIGIT"},
    {"From", "Alice sip:a@b", 9,
     "as name-addr: byte 9, more of token or LAQUOT or white space; as bare-addr-spec: byte 5, "
     "more "
     "of abs-scheme or ':'"},
    {"Warning", "399 foo_bar:5 \"x\"", 11,
     "as hostport: byte 7, more of domainlabel or '-' or '.' or more of toplabel or ':' or white "
     "space; as pseudonym: byte 11, more of token or white space"},
    /* both came as far, each for its own reason */
    {"SIP-URI", "sip:a b@c", 5,
     "as userinfo-body: byte 5, more of user or '%' or ':' or '@'; as host-body: byte 5, '.' or "
     "more "
     "of domainlabel or '-' or ':' or ';' or '?'"},
    /* a cut byte stands in one of them */
    {"Route", "<sip:a;x=\xc3\xa9>", 9,
     "as userinfo-body: byte 9, more of user or '%' or ':' or '@'; as host-body: byte 9, pvalue or "
     "token-char"},
    /* in the value of a parameter that its name chose, and in a URI there */
    {"Via", "SIP/2.0/UDP a;received=1.2.3.x", 29,
     "as IPv4address: byte 29, dec-octet; as IPv6address: byte 24, HEXDIG or ':'"},
    {"Via", "SIP/2.0/UDP [1::2];maddr=1.2.3.999", 34,
     "as hostname: byte 34, more of domainlabel or '.'; as IPv4address: byte 33, end of host"},
    /* the one before the last cut is over */
    {"From", "Alice <sip:a@1.2.3.999>", 22,
     "as hostname: byte 22, more of domainlabel or '-' or '.'; as IPv4address: byte 21, ':' or ';' "
     "or '?' "
     "or '>'"},
    /* one alternative only, or none: the expected set has told it */
    {"hostport", "foo:x", 4, ""},
    {"CSeq", "1", 1, ""},
    {"host", "[1::2", 5, ""},
    {"host", "", 0, ""},
    {"Contact", "<sip:a>;q=2", 10, ""},
    {"Via", "SIP/2.0/UDP a;ttl", 17, ""},
};

Test(explain, alternatives)
{
    const sipv_grammar *g = sipv_sip_grammar();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct alternatives_case *c = &cases[i];
        const bool value = sipv_header_find(sipv_slice_text(c->rule)) != SIPV_H_OTHER;
        cr_assert_eq(sipv_explain(g, find(c->rule), value, sipv_slice_text(c->text), 0, work, 0,
                                  events, 64, &match),
                     SIPV_REJECT, "%s", c->text);
        cr_expect_eq(match.error_offset, c->error, "%s: %zu", c->text, match.error_offset);
        cr_expect_str_eq(alternatives(), c->wanted, "%s\n  %s\nwanted\n  %s", c->text,
                         alternatives(), c->wanted);
    }
}

/* With less room there are fewer; after an accepted text there are none. */
Test(explain, alternatives_need_room_and_an_error)
{
    sipv_alternative two[2];
    explain("host", "1.2.3.999");
    cr_assert_eq(sipv_explain_alternatives(work, two, 1), 1);
    cr_assert_eq(sipv_explain_alternatives(work, two, 2), 2);
    cr_assert_eq(two[1].rule, find("IPv4address"));
    cr_assert_eq(two[1].offset, 0);
    cr_assert_eq(sipv_explain_alternatives(work, NULL, 0), 0);
    cr_assert_eq(sipv_explain_alternatives(work, NULL, 1), 0);
    cr_assert_eq(sipv_explain_alternatives(NULL, two, 2), 0);
    explain("host", "1.2.3.99");
    cr_assert_eq(sipv_explain_alternatives(work, two, 2), 0);
}

/* In a rule that is nothing but alternatives each dies where it dies by itself; and no alternative
 * outlives the whole. */
Test(explain, alternatives_by_themselves)
{
    static const char *const rules[] = {"host", "warn-agent"};
    const sipv_grammar *g = sipv_sip_grammar();
    static const char damage[] = "a1.:-@<\"[ ,;x%";
    uint64_t seed = 11;
    unsigned compared = 0;
    for (size_t r = 0; r < sizeof rules / sizeof *rules; r++)
        for (unsigned i = 0; i < 4000; i++) {
            unsigned char text[256];
            sipv_alternative all[SIPV_ALTERNATIVES_MAX];
            size_t n;
            cr_assert_geq(find(rules[r]), 0, "%s", rules[r]);
            if (sipv_sample(g, find(rules[r]), false, &seed, text, sizeof text, &n, NULL) || n == 0)
                continue;
            text[seed / 7 % n] = (unsigned char)damage[seed % (sizeof damage - 1)];
            if (i % 3 == 0)
                n = (size_t)(seed / 5 % n);
            if (sipv_explain(g, find(rules[r]), false, sipv_slice_of(text, n), 0, work, 0, NULL, 0,
                             &match) == SIPV_OK)
                continue;
            const size_t error = match.error_offset;
            const size_t count = sipv_explain_alternatives(work, all, SIPV_ALTERNATIVES_MAX);
            for (size_t k = 0; k < count; k++) {
                cr_assert(all[k].offset < all[k].error_offset && all[k].error_offset <= error &&
                          all[k].n_expected > 0);
                const sipv_slice from = sipv_slice_of(text + all[k].offset, n - all[k].offset);
                if (all[k].offset > 0)
                    continue; /* something stands behind these */
                sipv_explain(g, all[k].rule, false, from, 0, work, 0, NULL, 0, &match);
                cr_assert_eq(match.error_offset, all[k].error_offset, "%s as %s: %.*s: %zu, %zu",
                             rules[r], sipv_rule_name(g, all[k].rule), (int)n, text,
                             all[k].error_offset, match.error_offset);
                compared++;
            }
        }
    cr_assert_gt(compared, 1000);
}
