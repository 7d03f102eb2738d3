/* selector.c: see selector.h. */
#include "selector.h"

#include <string.h>

/* The next word, and what is behind it. */
static sipv_slice word(const char **at)
{
    size_t n;
    const char *begin;

    *at += strspn(*at, " ");
    n = strcspn(*at, " ");
    begin = *at;
    *at += n;
    return sipv_slice_of(begin, n);
}

static bool read_what(const char **at, struct selector *out)
{
    sipv_slice what = word(at);
    uint64_t status;

    if (sipv_number(what, 699, &status) != SIPV_OK) {
        out->method = what;
        return what.n > 0;
    }
    out->status = (int)status;
    out->method = word(at);
    return status >= 100 && out->method.n > 0;
}

static bool read_number(const char **at, struct selector *out)
{
    sipv_slice number = word(at);
    uint64_t nth;

    out->nth = 1;
    if (number.n == 0)
        return true;
    if (number.p[0] != '#' ||
        sipv_number(sipv_slice_of(number.p + 1, number.n - 1), RECORDING_MAX, &nth) != SIPV_OK)
        return false;
    out->nth = (unsigned)nth;
    return nth > 0 && word(at).n == 0;
}

bool selector_read(const struct callflow *flow, const char *text, struct selector *out)
{
    const char *at = text;

    memset(out, 0, sizeof *out);
    out->together = *at == '+';
    out->optional = *at == '?';
    at += out->together || out->optional;
    out->from = callflow_element(flow, word(&at));
    if (!sipv_slice_is(word(&at), ">"))
        return false;
    out->to = callflow_element(flow, word(&at));
    return out->from != FLOW_OUTSIDE && out->to != FLOW_OUTSIDE && read_what(&at, out) &&
           read_number(&at, out);
}

bool selector_is(const struct selector *s, const struct recorded *message)
{
    return message->from == s->from && message->to == s->to && message->status == s->status &&
           message->request == (s->status == 0) && message->method.p &&
           sipv_slice_equal(message->method, s->method);
}

const struct recorded *selector_find(const struct selector *s, const struct recording *r)
{
    unsigned nth = s->nth;

    for (size_t i = 0; i < r->count; i++)
        if (selector_is(s, &r->messages[i]) && --nth == 0)
            return &r->messages[i];
    return NULL;
}
