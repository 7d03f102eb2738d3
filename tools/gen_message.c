/* gen_message.c: whole messages that satisfy the rules of messages too, and near misses of them.
 *
 * A message begins with plain values that are known to be good.  Then each value is replaced by a
 * sentence of its header's rule; the change stays if the strict profile still accepts the message.
 * So whatever is written was accepted by sipv_message_parse. */
#include "gen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS_MAX = 24, VALUE_TRIES = 12, VALUE_MAX = 2048, EXTRA_MAX = 8, MISS_TRIES = 256 };
enum { HEADER_TRIED = 1, HEADER_BROKEN = 2 };

struct field {
    unsigned id;
    bool compact; /* written by its compact form */
    struct bytes value;
};

struct maker {
    enum allowed allowed;
    struct coverage *cover; /* or NULL */
    uint64_t seed, random;
    bool request;
    struct bytes start; /* start line */
    struct field fields[FIELDS_MAX];
    size_t count;
    struct bytes body;
    struct bytes text, sample;
    struct vet vet;
    unsigned char *headers; /* by id: HEADER_TRIED, HEADER_BROKEN */
};

struct maker *maker_new(uint64_t seed, enum allowed allowed, struct coverage *cover)
{
    struct maker *m = need(1, sizeof *m);

    m->seed = seed;
    m->random = ~seed;
    m->allowed = allowed;
    m->cover = cover;
    m->headers = need(SIPV_H_COUNT, 1);
    return m;
}

void maker_free(struct maker *m)
{
    for (size_t i = 0; i < FIELDS_MAX; i++)
        bytes_free(&m->fields[i].value);
    bytes_free(&m->start);
    bytes_free(&m->body);
    bytes_free(&m->text);
    bytes_free(&m->sample);
    vet_free(&m->vet);
    free(m->headers);
    free(m);
}

static void add_field(struct maker *m, const struct field *f)
{
    const sipv_header_info *info = sipv_header_info_of(f->id);

    if (f->compact && info->compact)
        bytes_add(&m->text, &info->compact, 1);
    else
        bytes_text(&m->text, info->name);
    bytes_text(&m->text, ": ");
    bytes_add(&m->text, f->value.p, f->value.n);
    bytes_text(&m->text, "\r\n");
}

/* The message as text in m->text.  Field `without` is left out, field `twice` comes twice. */
static void compose(struct maker *m, size_t without, size_t twice)
{
    m->text.n = 0;
    bytes_add(&m->text, m->start.p, m->start.n);
    bytes_text(&m->text, "\r\n");
    for (size_t i = 0; i < m->count; i++) {
        if (i != without)
            add_field(m, &m->fields[i]);
        if (i == twice)
            add_field(m, &m->fields[i]);
    }
    bytes_text(&m->text, "\r\n");
    bytes_add(&m->text, m->body.p, m->body.n);
}

static bool accepted(struct maker *m)
{
    compose(m, SIZE_MAX, SIZE_MAX);
    vet_parse(&m->vet, bytes_slice(&m->text), SIPV_STRICT, VET_FRAME);
    return m->vet.m.accepted;
}

static struct field *new_field(struct maker *m, unsigned id, const char *value)
{
    struct field *f = &m->fields[m->count++];

    f->id = id;
    f->compact = random_below(&m->random, 4) == 0;
    bytes_set(&f->value, sipv_slice_text(value));
    return f;
}

/* A sentence of `rule` into `*where`, if the message is accepted with it; else nothing changes. */
static bool vary(struct maker *m, struct bytes *where, int rule, bool value, const char *before,
                 const char *behind)
{
    struct bytes old = {0};
    bool found = false;

    if (rule < 0)
        return false;
    bytes_set(&old, bytes_slice(where));
    for (int i = 0; i < VALUE_TRIES && !found; i++) {
        if (!sentence(rule, value, &m->seed, &m->sample, m->cover) || m->sample.n > VALUE_MAX ||
            !is_allowed(m->allowed, bytes_slice(&m->sample)))
            continue;
        where->n = 0;
        bytes_text(where, before);
        bytes_add(where, m->sample.p, m->sample.n);
        bytes_text(where, behind);
        found = accepted(m);
        if (found && m->cover)
            coverage_keep(m->cover);
    }
    if (!found)
        bytes_set(where, bytes_slice(&old));
    bytes_free(&old);
    return found;
}

static int rule_of(const char *name)
{
    return sipv_rule_find(sipv_sip_grammar(), sipv_slice_text(name));
}

/* Start line and CSeq. */
static void begin(struct maker *m)
{
    static const char *const methods[] = {"ACK",     "BYE",      "CANCEL",    "INFO",  "INVITE",
                                          "MESSAGE", "NOTIFY",   "OPTIONS",   "PRACK", "PUBLISH",
                                          "REFER",   "REGISTER", "SUBSCRIBE", "UPDATE"};
    const char *method = methods[random_below(&m->random, sizeof methods / sizeof *methods)];
    char text[80];

    m->count = 0;
    m->body.n = 0;
    m->start.n = 0;
    m->request = random_below(&m->random, 2) == 0;
    if (m->request)
        snprintf(text, sizeof text, "%s sip:bob@example.com SIP/2.0", method);
    else
        snprintf(text, sizeof text, "SIP/2.0 %zu Answer", 100 + random_below(&m->random, 600));
    bytes_text(&m->start, text);
    new_field(m, SIPV_H_VIA, "SIP/2.0/UDP pc33.example.com;branch=z9hG4bK776asdhds");
    new_field(m, SIPV_H_FROM, "Alice <sip:alice@example.com>;tag=1928301774");
    new_field(m, SIPV_H_TO, "Bob <sip:bob@example.com>");
    new_field(m, SIPV_H_CALL_ID, "a84b4c76e66710@pc33.example.com");
    snprintf(text, sizeof text, "%zu %s", random_below(&m->random, 0x7fffffff), method);
    new_field(m, SIPV_H_CSEQ, text);
    if (m->request)
        new_field(m, SIPV_H_MAX_FORWARDS, "70");
    new_field(m, SIPV_H_CONTACT, "<sip:alice@pc33.example.com>");
}

/* The body, then Content-Length: the last field. */
static void end(struct maker *m)
{
    static const char line[] = "The quick brown fox jumps over the lazy dog.\r\n";
    size_t lines = random_below(&m->random, 2) ? random_below(&m->random, 8) : 0;
    char length[24];

    for (size_t i = 0; i < lines; i++)
        bytes_add(&m->body, line, sizeof line - 1 - random_below(&m->random, 30));
    if (lines > 0)
        new_field(m, SIPV_H_CONTENT_TYPE, "text/plain");
    snprintf(length, sizeof length, "%zu", m->body.n);
    new_field(m, SIPV_H_CONTENT_LENGTH, length);
}

static bool has(const struct maker *m, unsigned id)
{
    for (size_t i = 0; i < m->count; i++)
        if (m->fields[i].id == id)
            return true;
    return false;
}

static void swap_last(struct maker *m)
{
    struct field last = m->fields[m->count - 1];

    m->fields[m->count - 1] = m->fields[m->count - 2];
    m->fields[m->count - 2] = last;
}

/* Header `id` in front of the last one, if it has a rule and is not there yet. */
static bool add_extra(struct maker *m, unsigned id)
{
    const sipv_header_info *info = sipv_header_info_of(id);

    if (m->count == FIELDS_MAX || !info || info->rule < 0 || has(m, id) ||
        id == SIPV_H_MAX_FORWARDS || id == SIPV_H_CONTENT_TYPE)
        return false;
    new_field(m, id, "");
    swap_last(m);
    if (vary(m, &m->fields[m->count - 2].value, info->rule, true, "", ""))
        return true;
    swap_last(m); /* none was accepted: the header goes again */
    m->count--;
    return false;
}

static void vary_start(struct maker *m)
{
    char before[32], *space;

    if (!m->request) {
        snprintf(before, sizeof before, "%.12s", (const char *)m->start.p); /* "SIP/2.0 200 " */
        vary(m, &m->start, rule_of("Reason-Phrase"), false, before, "");
        return;
    }
    snprintf(before, sizeof before, "%.24s", (const char *)m->start.p);
    space = strchr(before, ' ');
    if (space) {
        space[1] = '\0';
        vary(m, &m->start, rule_of("Request-URI"), false, before, " SIP/2.0");
    }
}

void maker_reach(struct coverage *cover)
{
    coverage_reach(cover, rule_of("Request-URI"), false);
    coverage_reach(cover, rule_of("Reason-Phrase"), false);
    for (unsigned id = 1; id < SIPV_H_COUNT; id++) {
        const sipv_header_info *info = sipv_header_info_of(id);

        if (info && info->rule >= 0 && id != SIPV_H_CSEQ && id != SIPV_H_CONTENT_LENGTH &&
            id != SIPV_H_CONTENT_TYPE)
            coverage_reach(cover, info->rule, true);
    }
}

bool maker_next(struct maker *m, struct bytes *out)
{
    size_t extras;

    begin(m);
    end(m);
    if (!accepted(m))
        return false;
    vary_start(m);
    for (size_t i = 0; i < m->count; i++) {
        struct field *f = &m->fields[i];

        if (f->id != SIPV_H_CSEQ && f->id != SIPV_H_CONTENT_LENGTH)
            vary(m, &f->value, sipv_header_info_of(f->id)->rule, true, "", "");
    }
    extras = random_below(&m->random, EXTRA_MAX + 1);
    for (size_t i = 0; i < extras; i++)
        add_extra(m, 1 + (unsigned)random_below(&m->random, SIPV_H_COUNT - 1));
    if (!accepted(m))
        return false;
    bytes_set(out, bytes_slice(&m->text));
    return true;
}

/* ---- Near misses ----------------------------------------------------------------------------- */

/* Puts an impossible byte into the value of a field. */
static bool break_value(struct maker *m, struct field *f)
{
    const sipv_header_info *info = sipv_header_info_of(f->id);
    struct near_miss miss = {0};
    struct breaker b;
    bool found;

    if (info->rule < 0)
        return false;
    breaker_init(&b, info->rule, true, random_next(&m->random), ALLOWED_PRINTABLE);
    found = breaker_byte(&b, bytes_slice(&f->value), &miss);
    if (!found) { /* the value has a fold, so that the rest has no other kind of near miss */
        b.allowed = ALLOWED_NO_NUL;
        found = breaker_byte(&b, bytes_slice(&f->value), &miss);
    }
    if (found)
        bytes_set(&f->value, bytes_slice(&miss.text));
    near_miss_free(&miss);
    breaker_free(&b);
    return found;
}

/* Breaks field `i` in some way; the message is in m->text then. */
static bool break_field(struct maker *m, size_t i)
{
    switch (random_below(&m->random, 4)) {
    case 0: compose(m, i, SIZE_MAX); return true;
    case 1: compose(m, SIZE_MAX, i); return true;
    default:
        if (!break_value(m, &m->fields[i]))
            return false;
        compose(m, SIZE_MAX, SIZE_MAX);
        return true;
    }
}

static const sipv_diag *first_error(const sipv_message *m)
{
    for (size_t i = 0; i < m->n_diags; i++)
        if (m->diags[i].severity == SIPV_ERROR && !m->diags[i].in_body)
            return &m->diags[i];
    return NULL;
}

bool maker_near_miss(struct maker *m, struct near_miss *miss)
{
    for (int i = 0; i < MISS_TRIES; i++) {
        const sipv_diag *d;
        size_t which;

        if (!maker_next(m, &miss->repaired))
            return false;
        which = random_below(&m->random, m->count);
        m->headers[m->fields[which].id] |= HEADER_TRIED;
        if (!break_field(m, which))
            continue;
        vet_parse(&m->vet, bytes_slice(&m->text), SIPV_STRICT, VET_FRAME);
        d = first_error(&m->vet.m);
        if (!d || !is_allowed(m->allowed, bytes_slice(&m->text)))
            continue;
        m->headers[m->fields[which].id] |= HEADER_BROKEN;
        miss->broken = sipv_header_info_of(m->fields[which].id)->name;
        miss->error_offset = d->off + d->len;
        bytes_set(&miss->text, bytes_slice(&m->text));
        return true;
    }
    return false;
}

/* Tries to break a plain message with header `id`. */
static bool breakable(struct maker *m, unsigned id)
{
    enum { TRIES = 32 };

    for (int i = 0; i < TRIES; i++) {
        size_t which = 0;

        begin(m);
        end(m);
        add_extra(m, id);
        while (which < m->count && m->fields[which].id != id)
            which++;
        if (which == m->count || !break_field(m, which))
            continue;
        vet_parse(&m->vet, bytes_slice(&m->text), SIPV_STRICT, VET_FRAME);
        if (!m->vet.m.accepted)
            return true;
    }
    return false;
}

const char *maker_unbroken(struct maker *m, size_t *at)
{
    while (*at < SIPV_H_COUNT) {
        unsigned id = (unsigned)(*at)++;

        if (m->headers[id] == HEADER_TRIED && !breakable(m, id))
            return sipv_header_info_of(id)->name;
    }
    return NULL;
}
