/* A text against a rule, by the fast engine as tables and as compiled code, and by the explaining
 * engine; common/subject.h says how an input names the rule.  "made A=x*|B;B=y:text" is a text
 * against a grammar out of the input, see common/made_grammar.h.
 *
 * Oracles: grammar_difference (same verdict and captures, with other octets behind the text too; on
 * a refusal the same first impossible byte, and that is the length of the longest viable prefix;
 * the fast engine may notice later that a value is not what its name asks for, never earlier; of a
 * made grammar the machine of common/derivation.h gives the verdict; a sentence that the sampler
 * makes is one, and goes where the cover says); dialects (with every relaxation allowed an accepted
 * text is accepted without any); refusal; allocation.
 *
 * Bits: OWN: a sentence of the rule too; the number: which one, and an odd one asks for the cover.
 */
#include <string.h>

#include <sipvet/auth.h>
#include <sipvet/parser.h>
#include <sipvet/sdp.h>

#include "allocations.h"
#include "derivation.h"
#include "made_grammar.h"
#include "message.h"
#include "subject.h"
#include "text.h"
#include "typed_slices.h"

enum { SENTENCE = FUZZ_BIT_OWN };
enum { LONGEST = 8192, EVENTS = LONGEST + 64, BEHIND = 64 };
/* Of made grammars: the longest text, and the ops of which the engine has always room enough. */
enum { MADE_TEXT = 1200, SMALL = 40 };

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

/* `text` in the fast engine, which judges a value that its name chose where the general shape of a
 * parameter ends, so it may notice later than the explaining engine; with `behind` readable octets
 * after it, against what was explained. */
static void compare(const struct fuzz_subject *s, sipv_slice text, size_t behind, bool compiled)
{
    const sipv_rule *const rule = &s->g->rules[s->rule];
    struct sipv_run r;
    sipv_run_begin(&r, s->automata, text.p, text.p + text.n + behind, sipv_express_runs());
    r.compiled = r.compiled && compiled;
    const int result = sipv_run_match(&r, rule->root, text, fast, EVENTS);
    FUZZ_CHECK(grammar_difference, result == SIPV_OK || result == SIPV_REJECT, "no such result");
    FUZZ_CHECK(grammar_difference, (result == SIPV_OK) == match.accepted, "another verdict");
    if (result == SIPV_REJECT)
        FUZZ_CHECK(grammar_difference,
                   r.at == match.error_offset || (match.in_value && r.at > match.error_offset),
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
    if (match.depth_exceeded) /* a limit has refused, not a byte */
        return;
    explain(s, sipv_slice_of(text.p, at), 0, NULL, &other);
    FUZZ_CHECK(grammar_difference, other.accepted || other.error_offset == at,
               "the prefix before the first impossible byte is not viable");
    if (at == text.n)
        return;
    explain(s, sipv_slice_of(text.p, at + 1), 0, NULL, &other);
    FUZZ_CHECK(grammar_difference, !other.accepted && other.error_offset == at,
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
    if (n > 1)
        FUZZ_CHECK(refusal,
                   sipv_explain_alternatives(fuzz_explainer(), &all[n - 1], 1) == 1 &&
                       sipv_explain_alternatives(fuzz_explainer(), NULL, 0) == 0 &&
                       sipv_explain_alternatives(fuzz_explainer(), all, n) == n,
                   "room for less makes another number of alternatives");
    for (size_t i = 0; i < n; i++)
        FUZZ_CHECK(refusal, all[i].offset <= all[i].error_offset && all[i].error_offset <= text.n,
                   "an alternative outside the text");
}

/* ---- The sampler -------------------------------------------------------------------------------
 */

enum { COVER = 1 << 14 };

static bool is_below(const unsigned char *part, const unsigned char *all, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (part[i] & ~all[i])
            return false;
    return true;
}

/* A sentence by `seed`, in `sentence`; absent if none was found. */
static sipv_slice sample(const struct fuzz_subject *s, uint64_t seed)
{
    static unsigned char sentence[LONGEST], again[LONGEST], visited[COVER], reach[COVER];
    const size_t size = sipv_cover_size(s->g), cap = 16 + (size_t)(seed % 500);
    uint64_t one = seed, two = seed;
    size_t n = 0, m = 0;
    if (size > COVER)
        return sipv_slice_of(NULL, 0);
    memset(visited, 0, size);
    memset(reach, 0, size);
    const int result = sipv_sample(s->g, s->rule, s->value, &one, sentence, cap, &n, visited);
    FUZZ_CHECK(grammar_difference, result == SIPV_OK || (result == SIPV_NO_SPACE && n == 0),
               "no such result");
    FUZZ_CHECK(grammar_difference,
               sipv_sample(s->g, s->rule, s->value, &two, again, cap, &m, NULL) == result &&
                   n == m && memcmp(sentence, again, n) == 0 && one == two,
               "a seed makes two sentences");
    if (seed % 2) { /* that takes its time */
        sipv_cover_reach(s->g, s->rule, s->value, reach);
        FUZZ_CHECK(grammar_difference, is_below(visited, reach, size),
                   "a sentence goes where nothing leads");
    }
    return sipv_slice_of(result == SIPV_OK ? sentence : NULL, n);
}

static void check_sample(const struct fuzz_subject *s, uint64_t seed)
{
    const sipv_slice sentence = sample(s, seed);
    if (!sentence.p)
        return;
    explain(s, sentence, 0, slow, &match);
    FUZZ_CHECK(grammar_difference, match.accepted, "a sentence that was made is none");
    compare_all(s, sentence);
}

/* ---- Made grammars -----------------------------------------------------------------------------
 */

/* May it be more than the engine has room for?  A rule that calls itself may go deep. */
static bool is_large(const sipv_grammar *g)
{
    bool recursive = false;
    for (int rule = 0; rule < sipv_rule_count(g); rule++)
        recursive |= (g->rules[rule].flags & SIPV_RULE_RECURSIVE) != 0;
    return recursive || g->n_ops >= SMALL;
}

/* Both give the same verdict, unless there is more than the engine has room for. */
static void compare_made(const struct fuzz_subject *s, sipv_slice text, uint64_t relaxations)
{
    static unsigned char cover[COVER];
    uint64_t needed = relaxations;
    const int result =
        sipv_explain(s->g, 0, false, text, relaxations, fuzz_explainer(), 0, slow, EVENTS, &match);
    const enum fuzz_derived how = fuzz_derive(s->g, 0, false, text, &needed, cover);
    FUZZ_CHECK(grammar_difference, match.accepted == (result == SIPV_OK), "no such verdict");
    if (result != SIPV_OK)
        check_alternatives(text);
    if (result == SIPV_LIMIT)
        FUZZ_CHECK(grammar_difference, is_large(s->g), "a small grammar is too large");
    if (result == SIPV_LIMIT || how == FUZZ_TOO_LARGE)
        return;
    FUZZ_CHECK(grammar_difference, (result == SIPV_OK) == (how == FUZZ_DERIVED),
               "another verdict than by the slow machine");
    FUZZ_CHECK(grammar_difference, result != SIPV_OK || needed == match.relaxations,
               "other relaxations than by the slow machine");
}

static void check_made(sipv_slice text, uint64_t seed)
{
    struct fuzz_subject s = {.rule = 0};
    sipv_slice rest = text;
    s.g = fuzz_make_grammar(fuzz_take(&rest, ':'));
    if (!s.g || rest.n > MADE_TEXT || sipv_cover_size(s.g) > COVER ||
        fuzz_is_laborious(s.g, rest.n))
        return;
    compare_made(&s, rest, 0);
    compare_made(&s, rest, ~(uint64_t)0);
    if (fuzz_repeats_nothing(s.g))
        return;
    const sipv_slice sentence = sample(&s, seed);
    if (sentence.p && sentence.n <= MADE_TEXT && !fuzz_is_laborious(s.g, sentence.n)) {
        compare_made(&s, sentence, 0);
        FUZZ_CHECK(grammar_difference, match.accepted || is_large(s.g) || fuzz_decides_early(s.g),
                   "a sentence that was made is none");
    }
}

/* ---- Calls that are wrong ----------------------------------------------------------------------
 */

static void check_explain_calls(const sipv_grammar *g, const sipv_rule *rules)
{
    const sipv_slice text = sipv_slice_text("a"), none = {NULL, 0};
    void *const work = fuzz_explainer();
    int plain = 0;
    while (rules[plain].flags & SIPV_RULE_HEADER)
        plain++;
    const struct {
        const sipv_grammar *g;
        int rule;
        bool value;
        sipv_slice text;
        void *work;
        size_t cap;
        sipv_match *match;
    } wrong[] = {{NULL, plain, false, text, work, 0, &match},
                 {g, -1, false, text, work, 0, &match},
                 {g, sipv_rule_count(g), false, text, work, 0, &match},
                 {g, plain, true, text, work, 0, &match},
                 {g, plain, false, none, work, 0, &match},
                 {g, plain, false, sipv_slice_of(text.p, SIZE_MAX), work, 0, &match},
                 {g, plain, false, text, NULL, 0, &match},
                 {g, plain, false, text, work, 1, &match},
                 {g, plain, false, text, work, 0, NULL}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        FUZZ_CHECK(refusal,
                   sipv_explain(wrong[i].g, wrong[i].rule, wrong[i].value, wrong[i].text, 0,
                                wrong[i].work, 0, NULL, wrong[i].cap,
                                wrong[i].match) == SIPV_BAD_ARGUMENT,
                   "a wrong call is taken");
    FUZZ_CHECK(refusal,
               sipv_explain_alternatives(NULL, NULL, 0) == 0 &&
                   sipv_explain_alternatives(work, NULL, 1) == 0,
               "alternatives of nothing");
}

static void check_sample_calls(const sipv_grammar *g, const sipv_rule *rules)
{
    unsigned char out[8], cover[1] = {0};
    uint64_t seed = 0;
    size_t n = 0, at = 0;
    sipv_cover_item item;
    const int last = sipv_rule_count(g);
    int plain = 0;
    while (rules[plain].flags & SIPV_RULE_HEADER)
        plain++;
    FUZZ_CHECK(refusal,
               sipv_sample(NULL, plain, false, &seed, out, 8, &n, NULL) == SIPV_BAD_ARGUMENT &&
                   sipv_sample(g, -1, false, &seed, out, 8, &n, NULL) == SIPV_BAD_ARGUMENT &&
                   sipv_sample(g, last, false, &seed, out, 8, &n, NULL) == SIPV_BAD_ARGUMENT &&
                   sipv_sample(g, plain, true, &seed, out, 8, &n, NULL) == SIPV_BAD_ARGUMENT &&
                   sipv_sample(g, plain, false, NULL, out, 8, &n, NULL) == SIPV_BAD_ARGUMENT &&
                   sipv_sample(g, plain, false, &seed, NULL, 8, &n, NULL) == SIPV_BAD_ARGUMENT &&
                   sipv_sample(g, plain, false, &seed, out, 8, NULL, NULL) == SIPV_BAD_ARGUMENT,
               "a wrong call is taken");
    const int empty = sipv_sample(g, plain, false, &seed, NULL, 0, &n, NULL);
    FUZZ_CHECK(refusal, (empty == SIPV_OK || empty == SIPV_NO_SPACE) && n == 0,
               "a sentence without room");
    FUZZ_CHECK(refusal,
               sipv_cover_reach(NULL, plain, false, cover) == SIPV_BAD_ARGUMENT &&
                   sipv_cover_reach(g, -1, false, cover) == SIPV_BAD_ARGUMENT &&
                   sipv_cover_reach(g, last, false, cover) == SIPV_BAD_ARGUMENT &&
                   sipv_cover_reach(g, plain, true, cover) == SIPV_BAD_ARGUMENT &&
                   sipv_cover_reach(g, plain, false, NULL) == SIPV_BAD_ARGUMENT,
               "a wrong call is taken");
    FUZZ_CHECK(refusal,
               sipv_cover_next(NULL, cover, &at, &item) == SIPV_BAD_ARGUMENT &&
                   sipv_cover_next(g, NULL, &at, &item) == SIPV_BAD_ARGUMENT &&
                   sipv_cover_next(g, cover, NULL, &item) == SIPV_BAD_ARGUMENT &&
                   sipv_cover_next(g, cover, &at, NULL) == SIPV_BAD_ARGUMENT,
               "a wrong call is taken");
}

/* All that can be reached has a name, and every rule its source. */
static void check_names(const sipv_grammar *g, const sipv_rule *rules)
{
    static unsigned char cover[COVER];
    sipv_cover_item item;
    size_t at = 0, last = 0;
    memset(cover, 0, sizeof cover);
    FUZZ_CHECK(refusal, sipv_cover_next(g, cover, &at, &item) == SIPV_END, "a bit of nothing");
    at = 0;
    memset(cover, 0xff, sizeof cover);
    FUZZ_CHECK(refusal, sipv_cover_size(g) <= COVER, "the room for a cover must grow");
    for (bool first = true; sipv_cover_next(g, cover, &at, &item) == SIPV_OK; first = false) {
        FUZZ_CHECK(refusal, first || item.bit > last, "a cover goes backwards");
        FUZZ_CHECK(refusal, sipv_rule_name(g, item.rule), "a bit of no rule");
        last = item.bit;
    }
    for (int rule = 0; rule < sipv_rule_count(g); rule++)
        FUZZ_CHECK(refusal, !sipv_rule_source(g, rule) == (rules[rule].source == 0),
                   "a source of nothing");
    FUZZ_CHECK(refusal,
               !sipv_rule_name(g, -1) && !sipv_rule_name(g, sipv_rule_count(g)) &&
                   !sipv_rule_source(g, -1) && !sipv_rule_source(g, sipv_rule_count(g)),
               "a rule that is not there has a name");
    FUZZ_CHECK(refusal,
               sipv_kind_name(g, SIPV_KIND_RULE) == sipv_rule_name(g, 0) && sipv_kind_name(g, 1) &&
                   !sipv_kind_name(g, SIPV_KIND_RULE - 1),
               "a kind has another name");
    unsigned relaxations = 0;
    while (sipv_relaxation_name(g, relaxations))
        relaxations++;
    FUZZ_CHECK(refusal, relaxations == g->n_relaxations, "a relaxation without name");
}

/* Once is enough. */
static void check_calls(void)
{
    const sipv_grammar *const all[] = {sipv_sip_grammar(), sipv_sdp_grammar(), sipv_auth_grammar()};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        check_explain_calls(all[i], all[i]->rules);
        check_sample_calls(all[i], all[i]->rules);
        check_names(all[i], all[i]->rules);
    }
    FUZZ_CHECK(refusal, strcmp(sipv_version(), SIPV_VERSION) == 0, "another library");
}

/* ---- The target --------------------------------------------------------------------------------
 */

static void check_text(const struct fuzz_input *in)
{
    sipv_slice text = fuzz_text(in);
    const struct fuzz_subject s = fuzz_take_subject(&text, fuzz_number(in));
    if (text.n > LONGEST)
        return;
    explain(&s, text, 0, slow, &match);
    if (!match.accepted)
        check_alternatives(text);
    compare_all(&s, text);
    if (match.accepted)
        check_relaxed(&s, text);
    else
        check_prefix(&s, text);
    if (in->bits & SENTENCE)
        check_sample(&s, fuzz_number(in));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in;
    if (!fuzz_explainer() || !fuzz_open(&in, data, size))
        return 0;
    fuzz_once(check_calls);
    if (in.n > 5 && memcmp(in.p, "made ", 5) == 0)
        check_made(sipv_slice_of(in.p + 5, in.n - 5), fuzz_number(&in));
    else
        check_text(&in);
    fuzz_close(&in);
    return 0;
}
