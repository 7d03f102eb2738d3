/* explaining.c: see explaining.h. */
#include "explaining.h"

#include <stdlib.h>
#include <string.h>

void explaining_init(struct explaining *e)
{
    memset(e, 0, sizeof *e);
    e->g = sipv_sip_grammar();
    e->work = need(1, sipv_explainer_size());
    e->cap = 1024;
    e->events = need(e->cap, sizeof *e->events);
    e->captures = need(e->cap, sizeof *e->captures);
}

void explaining_free(struct explaining *e)
{
    free(e->work);
    free(e->events);
    free(e->captures);
    memset(e, 0, sizeof *e);
}

int explaining_match(struct explaining *e, int rule, bool value, sipv_slice text)
{
    const sipv_grammar *g = e->g;
    int result;

    e->value = value;
    e->capture_count = 0;
    for (;;) {
        result = sipv_explain(g, rule, value, text, 0, e->work, 0, e->events, e->cap, &e->match);
        if ((result != SIPV_OK && result != SIPV_REJECT) || !e->match.no_space)
            break;
        e->cap *= 4;
        e->events = need_more(e->events, e->cap, sizeof *e->events);
        e->captures = need_more(e->captures, e->cap, sizeof *e->captures);
    }
    if (result == SIPV_OK || result == SIPV_REJECT)
        e->capture_count = captures_join(g, e->events, e->match.n_events, e->captures);
    return result;
}

bool rule_is_header(int rule)
{
    const char *name = sipv_rule_name(sipv_sip_grammar(), rule);
    const sipv_header_info *info = NULL;

    if (name)
        info = sipv_header_info_of(sipv_header_find(sipv_slice_text(name)));
    return info && info->rule == rule;
}

/* Does `text` begin with the name of the header of `rule`, long or compact, and a colon? */
static bool begins_as_field(int rule, sipv_slice text)
{
    const char *name = sipv_rule_name(sipv_sip_grammar(), rule);
    const unsigned char *colon = text.n > 0 ? memchr(text.p, ':', text.n) : NULL;
    size_t n = colon ? (size_t)(colon - text.p) : 0;

    while (n > 0 && (text.p[n - 1] == ' ' || text.p[n - 1] == '\t'))
        n--;
    return n > 0 &&
           sipv_header_find(sipv_slice_of(text.p, n)) == sipv_header_find(sipv_slice_text(name));
}

int explaining_match_any(struct explaining *e, int rule, sipv_slice text)
{
    int result = explaining_match(e, rule, false, text);
    size_t whole = e->match.error_offset;

    if (result == SIPV_OK || e->g != sipv_sip_grammar() || !rule_is_header(rule) ||
        begins_as_field(rule, text))
        return result;
    result = explaining_match(e, rule, true, text);
    if (result == SIPV_OK || (result == SIPV_REJECT && e->match.error_offset >= whole))
        return result;
    return explaining_match(e, rule, false, text);
}
