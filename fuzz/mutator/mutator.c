/* mutator.c: chooses edits and applies them; see mutator.h. */
#include "edit.h"

#include <string.h>

static const struct {
    const char *name;
    edit apply;
} kinds[] = {
    {"start-line-replace", start_line_replace},
    {"start-line-borrow", start_line_borrow},
    {"header-insert", header_insert},
    {"header-delete", header_delete},
    {"header-duplicate", header_duplicate},
    {"header-swap", header_swap},
    {"header-borrow", header_borrow},
    {"header-split", header_split},
    {"header-join", header_join},
    {"header-fold", header_fold},
    {"header-unfold", header_unfold},
    {"header-compact", header_compact},
    {"header-expand", header_expand},
    {"header-case", header_case},
    {"header-empty", header_empty},
    {"splice-uri", splice_uri},
    {"splice-host", splice_host},
    {"splice-parameter", splice_parameter},
    {"splice-token", splice_token},
    {"splice-number", splice_number},
    {"splice-quoted", splice_quoted},
    {"parameter-insert", parameter_insert},
    {"parameter-delete", parameter_delete},
    {"parameter-duplicate", parameter_duplicate},
    {"number-edge", number_edge},
    {"number-zeros", number_zeros},
    {"number-sign", number_sign},
    {"number-step", number_step},
    {"quote-open", quote_open},
    {"quote-close", quote_close},
    {"quote-pair", quote_pair},
    {"escape-encode", escape_encode},
    {"escape-decode", escape_decode},
    {"escape-broken", escape_broken},
    {"utf8-valid", utf8_valid},
    {"utf8-broken", utf8_broken},
    {"octet-nul", octet_nul},
    {"octet-separator", octet_separator},
    {"octet-repeat", octet_repeat},
    {"text-truncate", text_truncate},
    {"space-insert", space_insert},
    {"space-remove", space_remove},
    {"line-end-change", line_end_change},
    {"line-end-insert", line_end_insert},
    {"length-mend", length_mend},
    {"length-break", length_break},
    {"length-twice", length_twice},
    {"sdp-insert", sdp_insert},
    {"sdp-delete", sdp_delete},
    {"sdp-duplicate", sdp_duplicate},
    {"sdp-swap", sdp_swap},
    {"sdp-value", sdp_value},
    {"sdp-borrow", sdp_borrow},
    {"message-delete", message_delete},
    {"message-duplicate", message_duplicate},
    {"message-swap", message_swap},
    {"message-borrow", message_borrow},
    {"message-answer", message_answer},
    {"message-follow", message_follow},
    {"message-renew", message_renew},
    {"message-route", message_route},
    {"message-register", message_register},
    {"digest-response", digest_response},
    {"digest-flip", digest_flip},
};

enum { KINDS = sizeof kinds / sizeof *kinds };

size_t mutator_kinds(void)
{
    return KINDS;
}

const char *mutator_kind(size_t kind)
{
    return kinds[kind].name;
}

/* The room for this call. */
static size_t bounded(size_t n, size_t max)
{
    return max > n && max - n > MUTATOR_GROWTH ? n + MUTATOR_GROWTH : max;
}

bool mutator_edit(size_t kind, unsigned char *data, size_t *n, size_t max, uint64_t seed,
                  const unsigned char *other, size_t n_other)
{
    struct text t = {data, *n, bounded(*n, max), other, other ? n_other : 0, seed};

    if (*n > max || !kinds[kind].apply(&t))
        return false;
    *n = t.n;
    return true;
}

/* ---- Trailer ----------------------------------------------------------------------------------
 */

/* Configuration bits behind the text, as fuzz/common/input.h has them: four octets and a mark.  The
 * text is edited in front of them. */
enum { TRAILER = 5, TRAILER_MARK = 0xf5 };

static size_t trailer_of(const unsigned char *p, size_t n)
{
    return n >= TRAILER && p[n - 1] == TRAILER_MARK ? TRAILER : 0;
}

/* Flips a bit of the trailer, the lower ones more often; now and then draws or drops all of it. */
static void change_trailer(unsigned char trailer[TRAILER], size_t *n, uint64_t *random)
{
    if (*n == 0 || draw_once_in(random, 8)) {
        uint64_t bits = draw(random);

        for (size_t i = 0; i < TRAILER - 1; i++)
            trailer[i] = (unsigned char)(bits >> 8 * i);
        trailer[TRAILER - 1] = TRAILER_MARK;
        *n = TRAILER;
    } else if (draw_once_in(random, 8)) {
        *n = 0;
    } else {
        size_t bit = draw_below(random, 1 + draw_below(random, 8 * (TRAILER - 1)));

        trailer[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
}

/* ---- Several edits ----------------------------------------------------------------------------
 */

/* Some edit that applies; where none is found, an octet of any value. */
static void edit_somehow(struct text *t)
{
    enum { TRIES = 32 };
    unsigned char octet;

    for (size_t i = 0; i < TRIES; i++)
        if (kinds[draw_below(&t->random, KINDS)].apply(t))
            return;
    octet = (unsigned char)draw(&t->random);
    text_insert(t, draw_below(&t->random, t->n + 1), &octet, 1);
}

/* Something else happens in a stream, if it can. */
static void edit_scenario(struct text *t)
{
    enum { TRIES = 64 };

    for (size_t i = 0; i < TRIES; i++) {
        size_t kind = draw_below(&t->random, KINDS);

        if (strncmp(kinds[kind].name, "message-", 8) == 0 && kinds[kind].apply(t))
            return;
    }
    edit_somehow(t);
}

/* One edit, less often two, three ...; then, often, what must agree is made to agree again. */
static void edit_some(struct text *t)
{
    enum { MOST = 6 };

    for (size_t i = 0; i < MOST; i++) {
        edit_somehow(t);
        if (draw_once_in(&t->random, 2))
            break;
    }
    if (!draw_once_in(&t->random, 3))
        length_mend(t);
    if (!draw_once_in(&t->random, 3))
        digest_response(t);
}

/* The edits apply to one message of a stream, as if it were alone: what is behind it waits at the
 * end of the room. */
static void edit_within(struct text *t, struct span message)
{
    size_t tail = t->n - message.off - message.n;
    struct text one = *t;

    memmove(t->p + t->max - tail, t->p + message.off + message.n, tail);
    one.p = t->p + message.off;
    one.n = message.n;
    one.max = t->max - tail - message.off;
    edit_some(&one);
    memmove(one.p + one.n, t->p + t->max - tail, tail);
    t->n = message.off + one.n + tail;
    t->random = one.random;
}

/* Of a stream mostly one message, else what happens in it. */
static void edit_text(struct text *t)
{
    struct span messages[MESSAGES_MAX];
    size_t n = messages_of(t->p, t->n, messages);

    if (n < 2)
        edit_some(t);
    else if (draw_once_in(&t->random, 3))
        edit_scenario(t);
    else if (draw_once_in(&t->random, 4))
        edit_somehow(t);
    else
        edit_within(t, messages[draw_below(&t->random, n)]);
}

size_t mutator_mutate(unsigned char *data, size_t n, size_t max, uint64_t seed,
                      const unsigned char *other, size_t n_other)
{
    unsigned char trailer[TRAILER];
    struct text t = {data, n < max ? n : max, 0, other, 0, seed};
    size_t n_trailer = trailer_of(data, t.n), room = bounded(t.n, max);

    if (other)
        t.n_other = n_other - trailer_of(other, n_other);
    t.n -= n_trailer;
    memcpy(trailer, data + t.n, n_trailer);
    t.max =
        room >= t.n + TRAILER ? room - TRAILER : t.n; /* a trailer always fits, or there is none */
    if (!draw_once_in(&t.random, 16))
        edit_text(&t);
    if (draw_once_in(&t.random, 8))
        change_trailer(trailer, &n_trailer, &t.random);
    if (n_trailer > 0 && n_trailer <= room - t.n) {
        memcpy(data + t.n, trailer, n_trailer);
        t.n += n_trailer;
    }
    return t.n;
}

/* ---- Children of two --------------------------------------------------------------------------
 */

/* A place between two lines, or, where there is only one, any. */
static size_t cut_of(const unsigned char *p, size_t n, uint64_t *random)
{
    size_t count = 0, cut = draw_below(random, n + 1);

    for (size_t i = 0; i < n; i++)
        if (p[i] == '\n' && draw_once_in(random, ++count))
            cut = i + 1;
    return cut;
}

/* Copies what fits. */
static size_t append(unsigned char *out, size_t at, size_t max, const unsigned char *p, size_t n)
{
    if (n > max - at)
        n = max - at;
    if (n > 0)
        memcpy(out + at, p, n);
    return at + n;
}

size_t mutator_cross(const unsigned char *a, size_t n_a, const unsigned char *b, size_t n_b,
                     unsigned char *out, size_t max, uint64_t seed)
{
    uint64_t random = seed;
    size_t n, cut;

    if (draw_once_in(&random, 2)) {
        n = append(out, 0, max, a, cut_of(a, n_a, &random));
        cut = cut_of(b, n_b, &random);
        return append(out, n, max, b + cut, n_b - cut);
    }
    n = append(out, 0, max, a, n_a);
    return mutator_mutate(out, n, max, draw(&random), b, n_b);
}
