/* Captured parameters, and quoted strings as they are meant.
 *
 * sipv_unquote looks at every byte a fixed number of times, writes what fits and returns what it
 * would have written, so that a caller may ask for the size with a capacity of 0. */
#include <sipvet/grammar.h>

int sipv_param_next(const sipv_params *params, size_t *at, sipv_param *out)
{
    size_t i = *at;
    while (i < params->n && params->ev[i].kind != params->kind)
        i++;
    if (i >= params->n) {
        *at = i;
        return SIPV_END;
    }
    out->name = sipv_slice_of(params->base + params->ev[i].off, params->ev[i].len);
    out->value = sipv_slice_of(NULL, 0);
    for (i++; i < params->n && params->ev[i].kind == params->kind + 1; i++) {
        const sipv_event *ev = &params->ev[i];
        if (ev->part == SIPV_PART_CLOSE)
            out->value.n = (size_t)(params->base + ev->off - out->value.p);
        else
            out->value = sipv_slice_of(params->base + ev->off, ev->len);
    }
    *at = i;
    return SIPV_OK;
}

int sipv_param_find(const sipv_params *params, const char *name, sipv_param *out)
{
    sipv_param p;
    size_t at = 0;
    while (sipv_param_next(params, &at, &p) == SIPV_OK)
        if (sipv_slice_is(p.name, name)) {
            if (out)
                *out = p;
            return SIPV_OK;
        }
    return SIPV_ABSENT;
}

/* Is all of `s` one quoted string?  A backslash takes the byte behind it along, so the closing
 * quote is the first one that is not behind a backslash, and it must be the last byte. */
static bool is_quoted(sipv_slice s)
{
    if (s.n < 2 || s.p[0] != '"')
        return false;
    size_t i = 1;
    while (i < s.n && s.p[i] != '"')
        i += s.p[i] == '\\' ? 2 : 1;
    return i == s.n - 1;
}

size_t sipv_unquote(sipv_slice s, unsigned char *out, size_t cap)
{
    const bool quoted = is_quoted(s);
    const size_t end = quoted ? s.n - 1 : s.n;
    size_t need = 0;
    for (size_t i = quoted ? 1 : 0; i < end; i++, need++) {
        if (quoted && s.p[i] == '\\')
            i++;
        if (need < cap)
            out[need] = s.p[i];
    }
    return need;
}
