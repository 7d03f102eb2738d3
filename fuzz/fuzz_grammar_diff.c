/* A text against a rule, by the fast engine as tables and as compiled code, and by the explaining
 * engine; common/subject.h says how an input names the rule.
 *
 * Oracles: grammar_difference (same verdict and captures, with other octets behind the text too; on
 * a refusal the same first impossible byte, and that is the length of the longest viable prefix);
 * dialects (with every relaxation allowed an accepted text is accepted without any); refusal;
 * allocation. */
#include <string.h>

#include "allocations.h"
#include "input.h"
#include "message.h"
#include "subject.h"
#include "text.h"
#include "typed_slices.h"

enum { LONGEST = 8192, EVENTS = LONGEST + 64, BEHIND = 64 };

static sipv_event fast[EVENTS], slow[EVENTS], relaxed[EVENTS];
static sipv_match match, other;
static unsigned char room[LONGEST + BEHIND];

/* ---- Comparison --------------------------------------------------------------------------------
 */

static bool same_events(const sipv_event *a, size_t n_a, const sipv_event *b, size_t n_b)
{
    if (n_a != n_b)
        return false;
    for (size_t i = 0; i < n_a; i++)
        if (a[i].kind != b[i].kind || a[i].part != b[i].part || a[i].off != b[i].off ||
            a[i].len != b[i].len)
            return false;
    return true;
}

/* `text` in the fast engine, with `behind` readable octets after it, against what was explained. */
static void compare(const struct fuzz_subject *s, sipv_slice text, size_t behind, bool compiled)
{
    const sipv_rule *const rule = &s->g->rules[s->rule];
    struct sipv_run r;
    sipv_run_begin(&r, s->automata, text.p, text.p + text.n + behind);
    r.compiled = r.compiled && compiled;
    const int result = sipv_run_match(&r, rule->root, text, fast, EVENTS);
    FUZZ_CHECK(grammar_difference, result == SIPV_OK || result == SIPV_REJECT, "no such result");
    FUZZ_CHECK(grammar_difference, (result == SIPV_OK) == match.accepted, "another verdict");
    if (result == SIPV_REJECT)
        FUZZ_CHECK(grammar_difference, match.in_value || r.at == match.error_offset,
                   "another first impossible byte");
    else if (rule->view >= 0) /* else the explaining engine captures the rule's own parts */
        FUZZ_CHECK(grammar_difference,
                   same_events(fast, (size_t)(r.ev - fast), slow, match.n_events),
                   "other captures");
}

static void compare_all(const struct fuzz_subject *s, sipv_slice text)
{
    static const char *const behind[] = {"0a;,> \r\n\"=:.%40,;b)(<1",
                                         "\r\n0a;,> \r\n\"=:.%40,;b)(<1",
                                         "\r\n 0a;,> \r\n\"=:.%40,;b)(<1 0a;,> \r\n\"=:.%40"};
    const sipv_rule *const rule = &s->g->rules[s->rule];
    if (rule->root == SIPV_NO_RULE) /* only what has a view has a matcher */
        return;
    if (rule->flags & SIPV_RULE_HEADER && !s->value) /* it reads what follows the colon */
        return;
    compare(s, text, 0, false);
    compare(s, text, 0, true);
    for (size_t i = 0; i < sizeof behind / sizeof *behind; i++) {
        struct fuzz_out out = FUZZ_OUT(room);
        fuzz_put(&out, text);
        fuzz_puts(&out, behind[i]);
        compare(s, sipv_slice_of(room, text.n), strlen(behind[i]), false);
        compare(s, sipv_slice_of(room, text.n), strlen(behind[i]), true);
    }
}

/* ---- The explaining engine by itself -----------------------------------------------------------
 */

static int explain(const struct fuzz_subject *s, sipv_slice text, uint64_t relaxations,
                   sipv_event *ev, sipv_match *out)
{
    const uint64_t before = fuzz_allocations;
    const int result = sipv_explain(s->g, s->rule, s->value, text, relaxations, fuzz_explainer(), 0,
                                    ev, ev ? EVENTS : 0, out);
    FUZZ_CHECK(allocation, fuzz_allocations == before, "explaining allocates");
    FUZZ_CHECK(refusal, result == (out->accepted ? SIPV_OK : SIPV_REJECT), "no such result");
    FUZZ_CHECK(refusal, out->accepted || out->error_offset <= text.n, "an error outside the text");
    FUZZ_CHECK(refusal, out->accepted || out->construct_offset <= out->error_offset,
               "a construct begins behind its error");
    FUZZ_CHECK(refusal, out->n_expected <= SIPV_EXPECTED_MAX, "too much is expected");
    return result;
}

/* What stands before the first impossible byte can be gone on with; with that byte it cannot. */
static void check_prefix(const struct fuzz_subject *s, sipv_slice text)
{
    const size_t at = match.error_offset;
    if (match.in_value || match.depth_exceeded) /* a name or a limit has refused, not a byte */
        return;
    explain(s, sipv_slice_of(text.p, at), 0, NULL, &other);
    FUZZ_CHECK(grammar_difference, other.accepted || other.in_value || other.error_offset == at,
               "the prefix before the first impossible byte is not viable");
    if (at == text.n)
        return;
    explain(s, sipv_slice_of(text.p, at + 1), 0, NULL, &other);
    FUZZ_CHECK(grammar_difference, !other.accepted && (other.in_value || other.error_offset == at),
               "the first impossible byte is possible");
}

static void check_relaxed(const struct fuzz_subject *s, sipv_slice text)
{
    explain(s, text, ~(uint64_t)0, relaxed, &other);
    FUZZ_CHECK(dialects, other.accepted && other.relaxations == 0,
               "an accepted text needs a relaxation");
    FUZZ_CHECK(dialects, same_events(relaxed, other.n_events, slow, match.n_events),
               "relaxations change the captures of an accepted text");
}

static void check_alternatives(sipv_slice text)
{
    sipv_alternative all[SIPV_ALTERNATIVES_MAX];
    const size_t n = sipv_explain_alternatives(fuzz_explainer(), all, SIPV_ALTERNATIVES_MAX);
    FUZZ_CHECK(refusal, n != 1 && n <= SIPV_ALTERNATIVES_MAX, "an alternative to nothing");
    for (size_t i = 0; i < n; i++)
        FUZZ_CHECK(refusal, all[i].offset <= all[i].error_offset && all[i].error_offset <= text.n,
                   "an alternative outside the text");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in;
    if (!fuzz_explainer() || !fuzz_open(&in, data, size))
        return 0;
    sipv_slice text = fuzz_text(&in);
    const struct fuzz_subject s = fuzz_take_subject(&text, fuzz_number(&in));
    if (text.n <= LONGEST) {
        explain(&s, text, 0, slow, &match);
        if (!match.accepted)
            check_alternatives(text);
        compare_all(&s, text);
        if (match.accepted)
            check_relaxed(&s, text);
        else
            check_prefix(&s, text);
    }
    fuzz_close(&in);
    return 0;
}
