/* sentence.c: random numbers, sentences. */
#include "gen.h"

#include <stdlib.h>
#include <string.h>

uint64_t random_next(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

size_t random_below(uint64_t *state, size_t n)
{
    return (size_t)(random_next(state) % n);
}

bool sentence(int rule, bool value, uint64_t *seed, struct bytes *out, struct coverage *cover)
{
    enum { TRIES = 64 };

    out->n = 0;
    if (out->cap < SENTENCE_MAX) {
        out->p = need_more(out->p, SENTENCE_MAX, 1);
        out->cap = SENTENCE_MAX;
    }
    for (int i = 0; i < TRIES; i++) {
        int result;

        if (cover)
            memset(cover->last, 0, cover->n);
        result = sipv_sample(sipv_sip_grammar(), rule, value, seed, out->p, SENTENCE_MAX, &out->n,
                             cover ? cover->last : NULL);

        if (result == SIPV_OK)
            return true;
        out->n = 0;
        if (result != SIPV_NO_SPACE)
            return false;
    }
    return false;
}

bool is_allowed(enum allowed allowed, sipv_slice s)
{
    switch (allowed) {
    case ALLOWED_ALL: return true;
    case ALLOWED_NO_NUL: return s.n == 0 || !memchr(s.p, '\0', s.n);
    case ALLOWED_PRINTABLE: return text_is_printable(s);
    }
    return false;
}
