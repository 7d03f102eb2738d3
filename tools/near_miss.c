/* near_miss.c: texts that a rule just rejects.
 *
 * Two kinds.  An impossible byte: a beginning of a sentence and a byte with which no sentence goes
 * on there.  A broken part: the text of one captured part of a sentence is changed until the whole
 * is rejected; with the old text in its place it is the accepted sentence again. */
#include "gen.h"

#include <stdlib.h>
#include <string.h>

enum { KIND_SEEN = 1, KIND_BROKEN = 2 };
enum { SENTENCE_TRIES = 64, DRAWS = 256, BYTE_TRIES = 48, PART_TRIES = 32 };

void near_miss_free(struct near_miss *miss)
{
    bytes_free(&miss->text);
    bytes_free(&miss->repaired);
}

/* Kinds that sipv_kind_name knows are 16 bits wide. */
enum { KIND_COUNT = 1 << 16 };

void breaker_init(struct breaker *b, int rule, bool value, uint64_t seed, enum allowed allowed)
{
    memset(b, 0, sizeof *b);
    b->rule = rule;
    b->value = value;
    b->allowed = allowed;
    b->seed = seed;
    b->random = ~seed;
    b->kinds = need(KIND_COUNT, 1);
    explaining_init(&b->engine);
}

void breaker_free(struct breaker *b)
{
    explaining_free(&b->engine);
    free(b->kinds);
}

/* Is `text` rejected, just as `sipvet match` would say?  So a broken field of a header must not be
 * a value of that header either. */
static bool rejected(struct breaker *b, sipv_slice text)
{
    if (b->value)
        return explaining_match(&b->engine, b->rule, true, text) == SIPV_REJECT;
    return explaining_match_any(&b->engine, b->rule, text) == SIPV_REJECT;
}

/* A byte to put in: half of the time one that means something in SIP. */
static unsigned char any_byte(struct breaker *b)
{
    static const char telling[] = ";,<>@:=\"?&%()[]{}/\\*. \t\r\n0aZ|^";
    unsigned char c = (unsigned char)(random_next(&b->random) & 0xff);

    if (random_below(&b->random, 2) == 0)
        c = (unsigned char)telling[random_below(&b->random, sizeof telling - 1)];
    if (b->allowed == ALLOWED_PRINTABLE && (c < ' ' || c > '~'))
        c = (unsigned char)(' ' + c % 95);
    return c;
}

bool breaker_byte(struct breaker *b, sipv_slice text, struct near_miss *miss)
{
    for (int i = 0; i < BYTE_TRIES; i++) {
        size_t at = random_below(&b->random, text.n + 1);
        size_t skip = at < text.n && random_below(&b->random, 2) ? 1 : 0;
        unsigned char c = any_byte(b);

        miss->text.n = 0;
        bytes_add(&miss->text, text.p, at);
        bytes_add(&miss->text, &c, 1);
        bytes_add(&miss->text, text.p + at + skip, text.n - at - skip);
        if (!is_allowed(b->allowed, bytes_slice(&miss->text)) ||
            !rejected(b, bytes_slice(&miss->text)) || b->engine.match.error_offset != at)
            continue;
        miss->error_offset = at;
        miss->broken = sipv_rule_name(sipv_sip_grammar(), b->engine.match.rule);
        if (!miss->broken)
            miss->broken = sipv_rule_name(sipv_sip_grammar(), b->rule);
        bytes_set(&miss->repaired, text);
        return true;
    }
    return false;
}

/* `text` with the part at off, n changed a little. */
static void change_part(struct breaker *b, sipv_slice text, size_t off, size_t n, struct bytes *out)
{
    const unsigned char *part = text.p + off;
    size_t at = random_below(&b->random, n + 1);
    size_t k = n > 0 ? random_below(&b->random, n) : 0;
    unsigned char c = any_byte(b);

    out->n = 0;
    bytes_add(out, text.p, off);
    switch (random_below(&b->random, n > 0 ? 6 : 1)) {
    case 0: /* a byte more */
        bytes_add(out, part, at);
        bytes_add(out, &c, 1);
        bytes_add(out, part + at, n - at);
        break;
    case 1: /* nothing */ break;
    case 2: /* another byte */
        bytes_add(out, part, k);
        bytes_add(out, &c, 1);
        bytes_add(out, part + k + 1, n - k - 1);
        break;
    case 3: /* a byte less */
        bytes_add(out, part, k);
        bytes_add(out, part + k + 1, n - k - 1);
        break;
    case 4: /* a byte twice */
        bytes_add(out, part, k + 1);
        bytes_add(out, part + k, n - k);
        break;
    default: /* its beginning */ bytes_add(out, part, k); break;
    }
    bytes_add(out, part + n, text.n - off - n);
}

/* Breaks the captured part `c` of the accepted `text`. */
static bool break_part(struct breaker *b, sipv_slice text, struct capture c, struct near_miss *miss)
{
    for (int i = 0; i < PART_TRIES; i++) {
        change_part(b, text, c.off, c.len, &miss->text);
        if (!is_allowed(b->allowed, bytes_slice(&miss->text)) ||
            !rejected(b, bytes_slice(&miss->text)))
            continue;
        b->kinds[c.kind] |= KIND_BROKEN;
        miss->error_offset = b->engine.match.error_offset;
        miss->broken = sipv_kind_name(sipv_sip_grammar(), c.kind);
        bytes_set(&miss->repaired, text);
        return true;
    }
    return false;
}

/* A sentence that is accepted and allowed, with its captures in b->engine. */
static bool next_sentence(struct breaker *b, struct bytes *out)
{
    bool found = false;

    for (int i = 0; i < DRAWS && !found; i++)
        found = sentence(b->rule, b->value, &b->seed, out, NULL) &&
                is_allowed(b->allowed, bytes_slice(out)) &&
                explaining_match(&b->engine, b->rule, b->value, bytes_slice(out)) == SIPV_OK;
    if (!found)
        return false;
    for (size_t i = 0; i < b->engine.capture_count; i++)
        b->kinds[b->engine.captures[i].kind] |= KIND_SEEN;
    return true;
}

bool breaker_next(struct breaker *b, struct near_miss *miss)
{
    struct bytes text = {0};
    bool found = false;

    for (int i = 0; i < SENTENCE_TRIES && !found; i++) {
        if (!next_sentence(b, &text))
            break;
        if (b->engine.capture_count > 0 && random_below(&b->random, 2)) {
            size_t which = random_below(&b->random, b->engine.capture_count);

            found = break_part(b, bytes_slice(&text), b->engine.captures[which], miss);
        } else {
            found = breaker_byte(b, bytes_slice(&text), miss);
        }
    }
    bytes_free(&text);
    return found;
}

/* Tries to break a part of kind `kind` wherever it occurs. */
static bool breakable(struct breaker *b, unsigned kind)
{
    struct near_miss miss = {0};
    struct bytes text = {0};
    enum allowed allowed = b->allowed;
    bool found = false;

    b->allowed = ALLOWED_ALL;
    for (int i = 0; i < SENTENCE_TRIES && !found; i++) {
        if (!next_sentence(b, &text))
            break;
        for (size_t k = 0; k < b->engine.capture_count; k++)
            if (b->engine.captures[k].kind == kind) {
                found = break_part(b, bytes_slice(&text), b->engine.captures[k], &miss);
                break;
            }
    }
    b->allowed = allowed;
    bytes_free(&text);
    near_miss_free(&miss);
    return found;
}

const char *breaker_unbroken(struct breaker *b, size_t *at)
{
    while (*at < KIND_COUNT) {
        unsigned kind = (unsigned)(*at)++;

        if (b->kinds[kind] == KIND_SEEN && !breakable(b, kind))
            return sipv_kind_name(sipv_sip_grammar(), kind);
    }
    return NULL;
}
