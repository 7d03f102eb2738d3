/* edit_fields.c: fields replaced by others of their type, parameters, numbers. */
#include "edit.h"

#include <string.h>

/* A field gives way to one of the pool, of the other input, or of elsewhere in the text. */
static bool splice(struct text *t, enum field_type type)
{
    unsigned char copy[COPY_MAX];
    struct span at, from;
    size_t source = draw_below(&t->random, 3);

    if (!field_pick(t->p, t->n, type, &t->random, &at))
        return false;
    if (source == 0 && t->n_other > 0 && field_pick(t->other, t->n_other, type, &t->random, &from))
        return text_replace(t, at, t->other + from.off, from.n);
    if (source == 1 && field_pick(t->p, t->n, type, &t->random, &from) && from.n <= COPY_MAX &&
        from.off != at.off) {
        memcpy(copy, t->p + from.off, from.n);
        return text_replace(t, at, copy, from.n);
    }
    return text_replace_string(t, at, pool_field(type, &t->random));
}

bool splice_uri(struct text *t)
{
    return splice(t, FIELD_URI);
}

bool splice_host(struct text *t)
{
    return splice(t, FIELD_HOST);
}

bool splice_parameter(struct text *t)
{
    return splice(t, FIELD_PARAMETER);
}

bool splice_token(struct text *t)
{
    return splice(t, FIELD_TOKEN);
}

bool splice_number(struct text *t)
{
    return splice(t, FIELD_NUMBER);
}

bool splice_quoted(struct text *t)
{
    return splice(t, FIELD_QUOTED);
}

/* ---- Parameters -------------------------------------------------------------------------------
 */

/* Where a parameter may stand: behind another, a URI, a host, a token. */
bool parameter_insert(struct text *t)
{
    static const enum field_type types[] = {FIELD_PARAMETER, FIELD_URI, FIELD_HOST, FIELD_TOKEN};
    const char *with = pool_field(FIELD_PARAMETER, &t->random);
    struct span at;

    if (!field_pick(t->p, t->n, types[draw_below(&t->random, 4)], &t->random, &at))
        return false;
    return text_insert(t, at.off + at.n, with, strlen(with));
}

bool parameter_delete(struct text *t)
{
    struct span at;

    return field_pick(t->p, t->n, FIELD_PARAMETER, &t->random, &at) && text_remove(t, at);
}

bool parameter_duplicate(struct text *t)
{
    struct span at;

    return field_pick(t->p, t->n, FIELD_PARAMETER, &t->random, &at) &&
           text_copy(t, at, at.off + at.n);
}

/* ---- Numbers ----------------------------------------------------------------------------------
 */

bool number_edge(struct text *t)
{
    struct span at;

    return field_pick(t->p, t->n, FIELD_NUMBER, &t->random, &at) &&
           text_replace_string(t, at, pool_number(&t->random));
}

bool number_zeros(struct text *t)
{
    static const char zeros[] = "00000000000000000000000000000000000000000000000000000000000000000";
    struct span at;

    return field_pick(t->p, t->n, FIELD_NUMBER, &t->random, &at) &&
           text_insert(t, at.off, zeros,
                       draw_once_in(&t->random, 2) ? 1
                                                   : 1 + draw_below(&t->random, sizeof zeros - 1));
}

bool number_sign(struct text *t)
{
    static const char *const signs[] = {"-", "+", " -", "0x", "- ", "."};
    const char *sign = signs[draw_below(&t->random, sizeof signs / sizeof *signs)];
    struct span at;

    return field_pick(t->p, t->n, FIELD_NUMBER, &t->random, &at) &&
           text_insert(t, at.off, sign, strlen(sign));
}

/* One more or one less, digit by digit as on paper: 99 becomes 100, 100 becomes 099. */
bool number_step(struct text *t)
{
    bool more = draw_once_in(&t->random, 2);
    struct span at;

    if (!field_pick(t->p, t->n, FIELD_NUMBER, &t->random, &at))
        return false;
    for (size_t i = at.off + at.n; i > at.off; i--) {
        unsigned char *c = &t->p[i - 1];

        if (*c != (more ? '9' : '0')) {
            *c = (unsigned char)(more ? *c + 1 : *c - 1);
            return true;
        }
        *c = more ? '0' : '9';
    }
    if (more)
        text_insert(t, at.off, "1", 1); /* without room for it the number wraps */
    return true;
}
