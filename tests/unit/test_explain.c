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

static int explain(const char *rule, const char *text)
{
    const sipv_grammar *g = sipv_sip_grammar();
    return sipv_explain(g, sipv_rule_find(g, sipv_slice_text(rule)), false, sipv_slice_text(text),
                        0, work, 0, events, 64, &match);
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
