#include "engines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "match.h"

#ifdef TESTS_WITH_AUTH
#include <sipvet/auth.h>
#endif

extern const sipv_automata sipv_sip_automata, sipv_sdp_automata, sipv_auth_automata;

/* ---- Flavours -----------------------------------------------------------------------------------
 */

static enum engines_flavour chosen = ENGINES_TABLES;

/* The linker puts this in the place of the library's own choice (--wrap). */
bool __wrap_sipv_express_runs(void);
bool __real_sipv_express_runs(void);
bool __wrap_sipv_express_runs(void)
{
    return chosen == ENGINES_EXPRESS;
}

bool engines_use(enum engines_flavour flavour)
{
    if (flavour == ENGINES_EXPRESS && !__real_sipv_express_runs())
        return false;
    chosen = flavour;
    return true;
}

const char *engines_flavour_name(enum engines_flavour flavour)
{
    return flavour == ENGINES_EXPRESS ? "express" : "tables";
}

const sipv_grammar *engines_grammar(enum engines_language language)
{
    switch (language) {
    case ENGINES_SDP: return sipv_sdp_grammar();
#ifdef TESTS_WITH_AUTH
    case ENGINES_DIGEST: return sipv_auth_grammar();
#endif
    default: return sipv_sip_grammar();
    }
}

static const sipv_automata *engines_automata(enum engines_language language)
{
    switch (language) {
    case ENGINES_SDP: return &sipv_sdp_automata;
#ifdef TESTS_WITH_AUTH
    case ENGINES_DIGEST: return &sipv_auth_automata;
#endif
    default: return &sipv_sip_automata;
    }
}

/* ---- Storage ------------------------------------------------------------------------------------
 */

bool engines_open(struct engines *e, size_t room)
{
    e->cap = room + 64; /* no byte is captured more often than a few times, and most never */
    e->work = malloc(sipv_explainer_size());
    e->fast = malloc(e->cap * sizeof *e->fast);
    e->slow = malloc(e->cap * sizeof *e->slow);
    if (fence_open(&e->fence, room + 64) && e->work && e->fast && e->slow)
        return true;
    engines_close(e);
    return false;
}

void engines_close(struct engines *e)
{
    fence_close(&e->fence);
    free(e->work);
    free(e->fast);
    free(e->slow);
    memset(e, 0, sizeof *e);
}

/* ---- Comparison ---------------------------------------------------------------------------------
 */

static const char *kind_name(const sipv_grammar *g, unsigned kind)
{
    const char *name = sipv_kind_name(g, kind);
    return name ? name : "?";
}

static bool same_events(const sipv_grammar *g, const sipv_event *a, size_t n_a, const sipv_event *b,
                        size_t n_b, char *why, size_t cap)
{
    static const char *const parts[] = {"", " open", " close"};
    for (size_t i = 0; i < n_a && i < n_b; i++) {
        if (a[i].kind == b[i].kind && a[i].part == b[i].part && a[i].off == b[i].off &&
            a[i].len == b[i].len)
            continue;
        snprintf(why, cap, "capture %zu is %s%s %u+%u, explained as %s%s %u+%u", i,
                 kind_name(g, a[i].kind), parts[a[i].part % 3], (unsigned)a[i].off,
                 (unsigned)a[i].len, kind_name(g, b[i].kind), parts[b[i].part % 3],
                 (unsigned)b[i].off, (unsigned)b[i].len);
        return false;
    }
    if (n_a == n_b)
        return true;
    const sipv_event *more = n_a > n_b ? &a[n_b] : &b[n_a];
    snprintf(why, cap, "%zu captures, explained with %zu; the first more is %s at %u+%u", n_a, n_b,
             kind_name(g, more->kind), (unsigned)more->off, (unsigned)more->len);
    return false;
}

/* One flavour over `text`, with `behind` readable bytes after it, against what is explained. */
static bool flavour_agrees(struct engines *e, int rule, sipv_slice text, size_t behind,
                           const struct engines_outcome *out, char *why, size_t cap)
{
    size_t n = 0, error = 0;
    const sipv_grammar *g = engines_grammar(e->language);
    const sipv_rule *r = &g->rules[rule];
    const int result = sipv_match_slice(engines_automata(e->language), r->root, text, text.p,
                                        text.p + text.n + behind, e->fast, e->cap, &n, &error);
    if (result == SIPV_NO_SPACE) {
        snprintf(why, cap, "no space for %zu events", e->cap);
        return false;
    }
    const bool accepted = result == SIPV_OK;
    if (accepted != out->accepted) {
        if (accepted)
            snprintf(why, cap, "accepted, explained as refused at byte %zu",
                     out->match.error_offset);
        else
            snprintf(why, cap, "refused at byte %zu, explained as accepted", error);
        return false;
    }
    if (!accepted) {
        /* the fast engine judges a value chosen by its name where its general shape ends */
        if (error == out->match.error_offset ||
            (out->match.in_value && error > out->match.error_offset))
            return true;
        snprintf(why, cap, "first impossible byte is %zu, explained as %zu", error,
                 out->match.error_offset);
        return false;
    }
    if (r->view < 0) /* no fields: the explaining engine captures the rule's own parts instead */
        return true;
    return same_events(g, e->fast, n, out->events, out->n_events, why, cap);
}

bool engines_agree(struct engines *e, int rule, bool value, const void *bytes, size_t n,
                   struct engines_outcome *outcome, char *why, size_t cap)
{
    /* what a look past the end would see: nothing, other bytes, the end of a header line */
    static const char *const behind[] = {"", "0a;,> \r\n\"=:.%40,;b)(<1",
                                         "\r\n0a;,> \r\n\"=:.%40,;b)(<1 0a;,> \r\n\"=:.%40,;b)(<1"};
    const sipv_grammar *g = engines_grammar(e->language);
    struct engines_outcome out;
    memset(&out, 0, sizeof out);
    if (!bytes)
        bytes = "";
    sipv_slice text = sipv_slice_of(fence_end(&e->fence, bytes, n), n);
    const int result =
        sipv_explain(g, rule, value, text, 0, e->work, 0, e->slow, e->cap, &out.match);
    out.accepted = result == SIPV_OK;
    out.events = e->slow;
    out.n_events = out.match.n_events;
    if (outcome)
        *outcome = out;
    if (result != SIPV_OK && result != SIPV_REJECT) {
        snprintf(why, cap, "the explaining engine returns %d", result);
        return false;
    }
    if (g->rules[rule].root == SIPV_NO_RULE) /* only headers and what has a view have matchers */
        return true;
    for (unsigned round = 0; round < sizeof behind / sizeof *behind; round++) {
        const size_t more = strlen(behind[round]);
        unsigned char *grown = NULL;
        if (round > 0) { /* the same in the middle of a message */
            grown = malloc(n + more);
            if (!grown)
                return false;
            memcpy(grown, bytes, n);
            memcpy(grown + n, behind[round], more);
            text.p = fence_end(&e->fence, grown, n + more);
            free(grown);
        }
        for (unsigned f = 0; f < ENGINES_FLAVOURS; f++) {
            char what[256];
            if (!engines_use((enum engines_flavour)f))
                continue;
            if (flavour_agrees(e, rule, text, more, &out, what, sizeof what))
                continue;
            snprintf(why, cap, "%s%s: %s", engines_flavour_name((enum engines_flavour)f),
                     round ? " with bytes behind" : "", what);
            return false;
        }
    }
    return true;
}

void engines_minimise(struct engines *e, int rule, bool value, unsigned char *text, size_t *n)
{
    char why[320];
    unsigned char *shorter = malloc(*n + 1);
    for (size_t step = *n / 2 + 1; shorter && step > 0; step /= 2)
        for (size_t at = 0; at + step <= *n;) {
            memcpy(shorter, text, at);
            memcpy(shorter + at, text + at + step, *n - at - step);
            if (engines_agree(e, rule, value, shorter, *n - step, NULL, why, sizeof why)) {
                at++;
                continue;
            }
            *n -= step;
            memcpy(text, shorter, *n);
        }
    free(shorter);
}

char *escape_bytes(const void *bytes, size_t n, char *out, size_t cap)
{
    const unsigned char *p = bytes;
    size_t at = 0;
    for (size_t i = 0; i < n && at + 5 < cap; i++) {
        const unsigned char c = p[i];
        const char *short_form = c == '\r'   ? "\\r"
                                 : c == '\n' ? "\\n"
                                 : c == '\t' ? "\\t"
                                 : c == '\\' ? "\\\\"
                                 : c == '"'  ? "\\\""
                                             : NULL;
        if (short_form)
            at += (size_t)snprintf(out + at, cap - at, "%s", short_form);
        else if (c < 32 || c > 126)
            at += (size_t)snprintf(out + at, cap - at, "\\x%02x", c);
        else
            out[at++] = (char)c;
    }
    out[at] = 0;
    return out;
}
