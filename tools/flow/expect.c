/* expect.c: see expect.h. */
#include "expect.h"

#include "field.h"
#include "selector.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The messages of an expectation, found, and what the field has in each. */
struct found {
    const struct recorded *messages[EXPECTATION_MESSAGES];
    struct bytes values[EXPECTATION_MESSAGES];
    bool there[EXPECTATION_MESSAGES];
    size_t count;
    char words[256]; /* of `value`, those of the messages that are there */
    bool dropped;    /* a message could not be in the recording */
};

/* ---- Texts ----------------------------------------------------------------------------------- */

void recorded_name(const struct callflow *flow, const struct recorded *message, struct bytes *out)
{
    unsigned known = callflow_element_count(flow);
    char status[16];

    bytes_text(out, message->from < known ? flow->elements[message->from].name : "?");
    bytes_text(out, " > ");
    bytes_text(out, message->to < known ? flow->elements[message->to].name : "?");
    bytes_text(out, " ");
    if (message->status > 0) {
        snprintf(status, sizeof status, "%d ", message->status);
        bytes_text(out, status);
    }
    if (message->method.p)
        bytes_add(out, message->method.p, message->method.n);
    else
        bytes_text(out, "(no SIP)");
}

static void say_number(struct bytes *out, int64_t n)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRId64, n);
    bytes_text(out, text);
}

/* "a, b, c" of the values; "none" where there is none. */
static void say_values(const struct found *f, struct bytes *out)
{
    for (size_t i = 0; i < f->count; i++) {
        if (i > 0)
            bytes_text(out, ", ");
        if (f->there[i])
            bytes_add(out, f->values[i].p, f->values[i].n);
        else
            bytes_text(out, "none");
    }
}

/* ---- Finding --------------------------------------------------------------------------------- */

/* From proxy to proxy. */
static bool is_hidden(const struct callflow *flow, const struct recording *r,
                      const struct selector *s)
{
    return r->partial && flow->elements[s->from].role == CALLFLOW_PROXY &&
           flow->elements[s->to].role == CALLFLOW_PROXY;
}

/* The next word of `value`, which goes with a message that is there. */
static void keep_word(struct found *f, const char **value, bool keep)
{
    size_t n = strcspn(*value, " "), have = strlen(f->words);

    if (keep)
        snprintf(f->words + have, sizeof f->words - have, "%s%.*s", have > 0 ? " " : "", (int)n,
                 *value);
    *value += n + strspn(*value + n, " ");
}

/* False: one of them was not seen, which *out says. */
static bool find_messages(const struct callflow *flow, const struct recording *r,
                          const struct expectation *e, struct found *f, struct outcome *out)
{
    const char *value = e->value ? e->value : "";
    struct selector s;

    for (size_t i = 0; i < EXPECTATION_MESSAGES && e->messages[i]; i++) {
        bool known = selector_read(flow, e->messages[i], &s);
        bool hidden = known && is_hidden(flow, r, &s);

        keep_word(f, &value, !hidden);
        f->dropped = f->dropped || hidden;
        if (hidden)
            continue;
        if (!known || !(f->messages[f->count] = selector_find(&s, r))) {
            bytes_text(&out->expected, e->messages[i]);
            bytes_text(&out->seen, "no such message");
            return false;
        }
        f->count++;
    }
    while (*value) /* words too many are not met */
        keep_word(f, &value, true);
    return true;
}

/* With so few messages nothing can be said. */
static bool is_pointless(const struct expectation *e, const struct found *f)
{
    switch (e->kind) {
    case EXPECT_SAME:
    case EXPECT_DIFFERENT: return f->dropped && f->count < 2;
    case EXPECT_STEPS:
    case EXPECT_EQUAL:
    case EXPECT_VERIFIED:
    case EXPECT_ANSWERS: return f->dropped;
    default: return f->dropped && f->count == 0;
    }
}

static sipv_message *parse(const struct recording *r, const struct recorded *message)
{
    return reader_parse(r->reader, bytes_slice(&message->octets));
}

static void read_fields(const struct recording *r, const struct expectation *e, struct found *f)
{
    for (size_t i = 0; i < f->count; i++) {
        const char *field = e->kind == EXPECT_EQUAL && i == 1 ? e->value : e->field;

        f->there[i] = field_read(parse(r, f->messages[i]), field, &f->values[i]);
    }
}

/* ---- Fields ---------------------------------------------------------------------------------- */

static bool equal(const struct found *f, size_t a, size_t b)
{
    return f->there[a] && f->there[b] &&
           sipv_slice_equal(bytes_slice(&f->values[a]), bytes_slice(&f->values[b]));
}

static bool all_same(const struct found *f)
{
    for (size_t i = 1; i < f->count; i++)
        if (!equal(f, 0, i))
            return false;
    return f->count > 0 && f->there[0];
}

static bool all_different(const struct found *f)
{
    for (size_t i = 0; i < f->count; i++)
        for (size_t k = 0; k <= i; k++)
            if (!f->there[i] || (k < i && equal(f, i, k)))
                return false;
    return f->count > 0;
}

/* The words of `words`, one for each message. */
static bool has_words(const struct found *f, const char *words)
{
    for (size_t i = 0; i < f->count; i++) {
        size_t n = strcspn(words, " ");

        if (!f->there[i] || !sipv_slice_equal(bytes_slice(&f->values[i]), sipv_slice_of(words, n)))
            return false;
        words += n + strspn(words + n, " ");
    }
    return *words == '\0';
}

static bool has_text(const struct found *f, const char *text)
{
    for (size_t i = 0; i < f->count; i++)
        if (!f->there[i] || !sipv_slice_equal(bytes_slice(&f->values[i]), sipv_slice_text(text)))
            return false;
    return f->count > 0;
}

static bool number_of(const struct found *f, size_t i, int64_t *out)
{
    uint64_t n;

    if (!f->there[i] || sipv_number(bytes_slice(&f->values[i]), INT64_MAX, &n) != SIPV_OK)
        return false;
    *out = (int64_t)n;
    return true;
}

static bool steps_by(const struct found *f, int64_t step)
{
    int64_t before, now;

    for (size_t i = 1; i < f->count; i++)
        if (!number_of(f, i - 1, &before) || !number_of(f, i, &now) || now - before != step)
            return false;
    return f->count > 1;
}

static bool at_most(const struct found *f, int64_t most)
{
    int64_t n;

    for (size_t i = 0; i < f->count; i++)
        if (!number_of(f, i, &n) || n > most)
            return false;
    return f->count > 0;
}

static bool presence(const struct found *f, bool wanted)
{
    for (size_t i = 0; i < f->count; i++)
        if ((f->there[i] && f->values[i].n > 0) != wanted)
            return false;
    return f->count > 0;
}

/* Of a field: what it should be, in words. */
static void say_wanted(const struct expectation *e, const struct found *f, struct bytes *out)
{
    bytes_text(out, e->field);
    switch (e->kind) {
    case EXPECT_SAME: bytes_text(out, " the same in all"); break;
    case EXPECT_DIFFERENT: bytes_text(out, " different in all"); break;
    case EXPECT_STEPS: bytes_text(out, " in steps of "); break;
    case EXPECT_AT_MOST: bytes_text(out, " at most "); break;
    case EXPECT_PRESENT: bytes_text(out, " there"); break;
    case EXPECT_ABSENT: bytes_text(out, " not there"); break;
    case EXPECT_EQUAL: bytes_text(out, " equal to "); break;
    default: bytes_text(out, " "); break;
    }
    if (e->value)
        bytes_text(out, e->kind == EXPECT_VALUES ? f->words : e->value);
}

static bool is_met(const struct expectation *e, const struct found *f)
{
    switch (e->kind) {
    case EXPECT_SAME: return all_same(f);
    case EXPECT_DIFFERENT: return all_different(f);
    case EXPECT_VALUES: return has_words(f, f->words);
    case EXPECT_TEXT: return has_text(f, e->value);
    case EXPECT_STEPS: return steps_by(f, strtol(e->value, NULL, 10));
    case EXPECT_AT_MOST: return at_most(f, strtol(e->value, NULL, 10));
    case EXPECT_PRESENT: return presence(f, true);
    case EXPECT_ABSENT: return presence(f, false);
    case EXPECT_EQUAL: return f->count == 2 && equal(f, 0, 1);
    default: return false;
    }
}

static void expect_field(const struct callflow *flow, const struct recording *r,
                         const struct expectation *e, struct outcome *out)
{
    struct found f;

    memset(&f, 0, sizeof f);
    if (find_messages(flow, r, e, &f, out)) {
        read_fields(r, e, &f);
        out->skipped = is_pointless(e, &f);
        out->met = is_met(e, &f);
        say_wanted(e, &f, &out->expected);
        say_values(&f, &out->seen);
    }
    for (size_t i = 0; i < EXPECTATION_MESSAGES; i++)
        bytes_free(&f.values[i]);
}

/* ---- Whole recordings ------------------------------------------------------------------------ */

static void expect_count(const struct callflow *flow, const struct recording *r,
                         const struct expectation *e, struct outcome *out)
{
    int64_t count = 0;
    struct selector s;

    if (!selector_read(flow, e->messages[0], &s)) {
        bytes_text(&out->seen, "no such name");
        return;
    }
    out->skipped = is_hidden(flow, r, &s);
    for (size_t i = 0; i < r->count; i++)
        count += selector_is(&s, &r->messages[i]);
    out->met = count == strtol(e->value, NULL, 10);
    bytes_text(&out->expected, e->value);
    bytes_text(&out->expected, " times ");
    bytes_text(&out->expected, e->messages[0]);
    say_number(&out->seen, count);
}

static bool is_among(const struct callflow *flow, const struct expectation *e, unsigned element)
{
    for (size_t i = 0; i < EXPECTATION_MESSAGES && e->messages[i]; i++)
        if (callflow_element(flow, sipv_slice_text(e->messages[i])) == element)
            return true;
    return false;
}

static void expect_not_seen(const struct callflow *flow, const struct recording *r,
                            const struct expectation *e, struct outcome *out)
{
    out->met = true;
    for (size_t i = 0; i < r->count && out->met; i++) {
        const struct recorded *message = &r->messages[i];

        if (!message->method.p || !sipv_slice_is(message->method, e->value) ||
            (!is_among(flow, e, message->from) && !is_among(flow, e, message->to)))
            continue;
        out->met = false;
        recorded_name(flow, message, &out->seen);
    }
    bytes_text(&out->expected, "no ");
    bytes_text(&out->expected, e->value);
}

static void expect_clean(const struct callflow *flow, const struct recording *r,
                         struct outcome *out)
{
    out->met = true;
    bytes_text(&out->expected, "no error");
    for (size_t i = 0; i < r->count && out->met; i++) {
        const sipv_message *m = parse(r, &r->messages[i]);
        char code[16];

        if (m->accepted)
            continue;
        out->met = false;
        recorded_name(flow, &r->messages[i], &out->seen);
        for (size_t k = 0; k < m->n_diags; k++) {
            if (m->diags[k].severity != SIPV_ERROR)
                continue;
            snprintf(code, sizeof code, " SV%04u", (unsigned)m->diags[k].code);
            bytes_text(&out->seen, code);
        }
    }
}

/* ---- Pairs ----------------------------------------------------------------------------------- */

static void expect_pair(const struct callflow *flow, const struct recording *r,
                        const struct expectation *e, struct outcome *out)
{
    struct found f;

    memset(&f, 0, sizeof f);
    if (!find_messages(flow, r, e, &f, out))
        return;
    out->skipped = is_pointless(e, &f);
    if (f.count != 2)
        return;
    if (e->kind == EXPECT_VERIFIED)
        expect_verified(flow, r, f.messages[0], f.messages[1], out);
    else
        expect_answers(r, f.messages[0], f.messages[1], out);
}

void expectation_check(const struct callflow *flow, const struct recording *r,
                       const struct expectation *e, struct outcome *out)
{
    out->met = out->skipped = false;
    out->expected.n = out->seen.n = 0;
    switch (e->kind) {
    case EXPECT_MESSAGES: expect_messages(flow, r, out); break;
    case EXPECT_COUNT: expect_count(flow, r, e, out); break;
    case EXPECT_NOT_SEEN: expect_not_seen(flow, r, e, out); break;
    case EXPECT_CLEAN: expect_clean(flow, r, out); break;
    case EXPECT_VERIFIED:
    case EXPECT_ANSWERS: expect_pair(flow, r, e, out); break;
    default: expect_field(flow, r, e, out); break;
    }
}

void outcome_free(struct outcome *out)
{
    bytes_free(&out->expected);
    bytes_free(&out->seen);
}
