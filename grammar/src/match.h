/* What the matchers that abnfc writes are made of.
 *
 * A matcher reads from p to r->end and never writes outside r->events.  Runs of bytes are skipped
 * by one of the functions of skip.c, chosen at run time; vector code may load bytes up to r->limit,
 * which is never past the bytes that the caller handed in. */
#ifndef SIPV_MATCH_H
#define SIPV_MATCH_H

#include "program.h"

/* Captures that one chunk can write at most, the separator behind it included; SIPV_CHUNK makes
 * sure there is room. */
#define SIPV_CHUNK_PARTS 16

enum { SIPV_EXIT_REFUSE = 250, SIPV_EXIT_NO_SPACE = 251, SIPV_EXIT_VALUE = 252 };

struct sipv_step {
    const unsigned char *p; /* behind what was read; the first impossible byte of a refusal */
    size_t exit;            /* which way out was taken */
};

/* The matcher takes notice of what the grammar cannot say, so that nothing else need walk over the
 * captures of ordinary values: a number of many digits, a parameter name whose bit was set before.
 */
enum {
    SIPV_SUSPECT_EXTENSION = 1, /* a parameter of a later RFC has a value that its RFC refuses */
    SIPV_SUSPECT_VALUE = 2      /* a number may be out of range, or a name may stand there twice */
};

struct sipv_run;
struct sipv_run_set;
typedef struct sipv_step (*sipv_matcher)(const unsigned char *p, struct sipv_run *r, unsigned node);

/* Skips a run of bytes of `set`, up to r->end. */
typedef const unsigned char *(*sipv_skip_function)(const unsigned char *p, const struct sipv_run *r,
                                                   const struct sipv_run_set *set);

struct sipv_run {
    sipv_skip_function skip;
    const unsigned char *base;  /* offsets count from here */
    const unsigned char *end;   /* end of the value */
    const unsigned char *limit; /* end of the readable bytes, >= end */
    sipv_event *ev;             /* next free event */
    sipv_event *ev_end;         /* from here on there is no room for another chunk */
    const sipv_grammar *grammar;
    const sipv_matcher *matchers;
    const struct sipv_run_set *token; /* the bytes of a token */
    const unsigned char *look_at;     /* the last choice made by looking ahead ... */
    unsigned look_other;              /* ... and the node that was not taken */
    unsigned suspects; /* SIPV_SUSPECT_...: what the caller should look at more closely */
    uint64_t seen[2];  /* names of this element's parameters, of its URI's: one bit each */
};

/* A class of ASCII bytes: for every low nibble the set of high nibbles; and as a bit set. */
struct sipv_run_set {
    unsigned char rows[16];
    uint64_t bits[2];
};

SIPV_API const unsigned char *sipv_skip_portable(const unsigned char *p, const struct sipv_run *r,
                                                 const struct sipv_run_set *set);
#if defined(__x86_64__) || defined(__i386__)
SIPV_API const unsigned char *sipv_skip_ssse3(const unsigned char *p, const struct sipv_run *r,
                                              const struct sipv_run_set *set);
#endif
/* The one that this processor runs best. */
SIPV_API sipv_skip_function sipv_skip_choice(void);

#include "choose.h"

#define SIPV_COLD __attribute__((cold, noinline))
#define SIPV_SKIP(p, r, set) (r)->skip((p), (r), &sipv_sets[set])

#define SIPV_EVENT(i, k, how, o, n)                                                                \
    (r->ev[i].kind = (k), r->ev[i].part = (how), r->ev[i].off = (uint32_t)((o)-r->base),           \
     r->ev[i].len = (uint32_t)(n))
#define SIPV_WHOLE(i, k, from, to) SIPV_EVENT(i, k, SIPV_PART_WHOLE, from, (to) - (from))
#define SIPV_OPEN(i, k, from) SIPV_EVENT(i, k, SIPV_PART_OPEN, from, 0)
#define SIPV_CLOSE(i, k, to) SIPV_EVENT(i, k, SIPV_PART_CLOSE, to, 0)
#define SIPV_LEAVE(n, to, x)                                                                       \
    r->ev += (n);                                                                                  \
    return (struct sipv_step)                                                                      \
    {                                                                                              \
        (to), (x)                                                                                  \
    }
#define SIPV_REFUSE(at)                                                                            \
    return (struct sipv_step)                                                                      \
    {                                                                                              \
        (at), SIPV_EXIT_REFUSE                                                                     \
    }

#define SIPV_CHUNK(chunk)                                                                          \
    if (r->ev > r->ev_end)                                                                         \
        return (struct sipv_step){p, SIPV_EXIT_NO_SPACE};                                          \
    s = chunk(p, r);                                                                               \
    p = s.p

/* The parameter that just ended, from the events it left behind. */
static inline bool sipv_choose_last(struct sipv_run *r, unsigned select, unsigned name_kind,
                                    const unsigned char **where)
{
    const sipv_event *ev = r->ev - 1;
    sipv_slice value = {NULL, 0};
    while (ev->kind - name_kind > 1) /* what else ended with the parameter stands behind it */
        ev--;
    if (ev->kind != name_kind) {
        const uint32_t end = ev->part == SIPV_PART_CLOSE ? ev->off : ev->off + ev->len;
        if (ev->part == SIPV_PART_CLOSE)
            ev--;
        value = sipv_slice_of(r->base + ev->off, end - ev->off);
        ev--;
    }
    return sipv_choose(r, select, sipv_slice_of(r->base + ev->off, ev->len), value, where);
}
#define SIPV_CHOOSE(select, name_kind)                                                             \
    do {                                                                                           \
        const unsigned char *where_;                                                               \
        if (!sipv_choose_last(r, (select), (name_kind), &where_))                                  \
            return (struct sipv_step){where_, SIPV_EXIT_VALUE};                                    \
    } while (0)
#define SIPV_ELEMENT                                                                               \
    (SIPV_EVENT(0, SIPV_KIND_ELEMENT, SIPV_PART_WHOLE, p - 1, 1), r->ev++,                         \
     r->seen[0] = r->seen[1] = 0)
/* A number above its maximum of so many digits, or one that begins with 0. */
#define SIPV_DIGITS(from, to, digits, max)                                                         \
    if ((to) - (from) >= (digits) || *(from) == '0')                                               \
        if ((to) - (from) > (digits) || *(from) == '0' || memcmp((from), (max), (digits)) > 0)     \
    r->suspects |= SIPV_SUSPECT_VALUE
/* Something that the caller always looks at. */
#define SIPV_NOTICE r->suspects |= SIPV_SUSPECT_VALUE

/* Does a run of `set` from p on end at the byte?  The node that was not taken is kept: if the
 * chosen one refuses, it may have got further. */
static inline bool sipv_look(const unsigned char *p, struct sipv_run *r,
                             const struct sipv_run_set *set, unsigned char byte, unsigned with,
                             unsigned without)
{
    const unsigned char *q = r->skip(p, r, set);
    const bool there = q < r->end && *q == byte;
    r->look_at = p;
    r->look_other = there ? without : with;
    return there;
}
#define SIPV_LOOK(p, r, set, byte, with, without)                                                  \
    sipv_look((p), (r), &sipv_sets[set], (byte), (with), (without))

#endif
