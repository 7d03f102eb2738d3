/* Texts against rules, with the message round them or by themselves. */
#include <string.h>

#include "internal.h"
#include "same_names.h"

int sipv_run_matcher(unsigned root, sipv_slice text, const unsigned char *base,
                     const unsigned char *limit, sipv_event *ev, size_t cap, size_t *n,
                     size_t *error)
{
    return sipv_match_slice(&sipv_sip_automata, root, text, base, limit, ev, cap, n, error);
}

sipv_slice sipv_rule_text(const sipv_header *h)
{
    const unsigned char *const from = h->value.p - h->lead;
    for (const unsigned char *p = from; h->lead > 1 && p < h->value.p; p++)
        if (!sipv_is_space(*p)) /* a fold: the grammar says whether it is legal */
            return sipv_slice_of(from, h->lead + h->value.n);
    return h->value;
}

int sipv_match_rule(sipv_message *m, int rule, sipv_slice text, unsigned code, unsigned header,
                    size_t *n_events, bool *suspect)
{
    struct sipv_run r;
    sipv_event *const ev = m->events + m->n_events;
    sipv_run_begin(&r, &sipv_sip_automata, m->data.p, m->data.p + m->data.n, sipv_express_runs());
    const int result =
        sipv_run_match(&r, sipv_sip_tables.rules[rule].root, text, ev, m->cap_events - m->n_events);
    if (result == SIPV_OK) {
        *n_events = (size_t)(r.ev - ev);
        *suspect = r.suspects != 0 || *n_events > sipv_many_events(m);
        return SIPV_OK;
    }
    if (result == SIPV_NO_SPACE) {
        sipv_report_at(m, SIPV_D_LIMIT_STORAGE, text, header);
        return result;
    }
    if (m->options.profile == SIPV_INTEROP &&
        sipv_match_relaxed(m, rule, false, text, header, false, true, n_events)) {
        *suspect = true;
        return SIPV_OK;
    }
    sipv_report_refusal(m, rule, false, text, r.at - sipv_offset(m, text), code, header);
    return SIPV_REJECT;
}

int sipv_diag_explain(const sipv_message *m, const sipv_diag *d, void *work, sipv_match *match)
{
    const uint64_t relaxations = m->options.profile == SIPV_INTEROP ? ~(uint64_t)0 : 0;
    int rule;
    bool value = false;
    sipv_slice text;
    if (d->code < SIPV_D_SYNTAX || d->code >= SIPV_D_HEADER_MISSING || d->rule < 0)
        return SIPV_ABSENT;
    if (d->header != SIPV_NO_HEADER) {
        const sipv_header *h = &m->headers[d->header];
        rule = sipv_header_table[h->id].rule;
        text = sipv_rule_text(h);
        value = true;
    } else if (m->request_uri.p && d->off >= sipv_offset(m, m->request_uri)) {
        rule = SIPV_R_REQUEST_URI;
        text = m->request_uri;
    } else if (m->reason.p && d->off >= sipv_offset(m, m->reason)) {
        rule = SIPV_R_REASON_PHRASE;
        text = m->reason;
    } else {
        return SIPV_ABSENT;
    }
    if (rule < 0)
        return SIPV_ABSENT;
    sipv_explain(&sipv_sip_tables, rule, value, text, relaxations, work, 0, NULL, 0, match);
    return match->accepted ? SIPV_ABSENT : SIPV_OK;
}

int sipv_value_parse(unsigned id, sipv_slice value, sipv_event *events, size_t cap, sipv_iter *it,
                     size_t *error_offset)
{
    size_t n = 0, error = 0;
    if (id == SIPV_H_OTHER || id >= SIPV_H_COUNT || sipv_header_table[id].view < 0 || !it ||
        !value.p || (!events && cap))
        return SIPV_BAD_ARGUMENT;
    if (value.n > UINT32_MAX) /* offsets of captures are 32 bits wide */
        return SIPV_LIMIT;
    const int result = sipv_run_matcher(sipv_sip_tables.rules[sipv_header_table[id].rule].root,
                                        value, value.p, value.p + value.n, events, cap, &n, &error);
    if (result == SIPV_REJECT && error_offset)
        *error_offset = error;
    if (result != SIPV_OK)
        return result;
    memset(it, 0, sizeof *it);
    it->base = value.p;
    it->ev = events;
    it->n = n;
    it->id = (uint16_t)id;
    it->header = SIPV_NO_HEADER;
    it->begun = true;
    return SIPV_OK;
}

/* What the grammar of a URI leaves open; a refusal sets *error. */
static int check_uri(const sipv_uri *uri, size_t *error)
{
    static const sipv_limits limits = SIPV_LIMITS_DEFAULT;
    struct sipv_repeats repeats = {&uri->params, 0};
    sipv_param a;
    size_t count = 0, at = 0;
    uint64_t ttl;
    *error = 0;
    if (uri->port == SIPV_NUMBER_RANGE)
        return SIPV_LIMIT;
    while (sipv_param_next(&uri->params, &at, &a) == SIPV_OK) {
        *error = (size_t)(a.name.p - uri->text.p);
        if (++count > limits.params)
            return SIPV_LIMIT;
        if (sipv_is_repeated(&repeats, count, a.name))
            return SIPV_REJECT;
        if (sipv_slice_is(a.name, "ttl") && sipv_number(a.value, 255, &ttl) == SIPV_LIMIT)
            return SIPV_LIMIT;
    }
    if (uri->number.n && uri->number.p[0] != '+' &&
        sipv_param_find(&uri->params, "phone-context", NULL) != SIPV_OK) {
        *error = (size_t)(uri->number.p - uri->text.p);
        return SIPV_REJECT;
    }
    return SIPV_OK;
}

int sipv_uri_parse(sipv_slice text, bool bare, sipv_event *events, size_t cap, sipv_uri *out,
                   size_t *error_offset)
{
    const int rule = bare ? SIPV_R_BARE_ADDR_SPEC : SIPV_R_ADDR_SPEC;
    size_t n = 0, error = 0;
    sipv_uri uri;
    if (!out || !text.p || (!events && cap))
        return SIPV_BAD_ARGUMENT;
    if (text.n > UINT32_MAX) {
        if (error_offset)
            *error_offset = UINT32_MAX;
        return SIPV_LIMIT;
    }
    int result = sipv_run_matcher(sipv_sip_tables.rules[rule].root, text, text.p, text.p + text.n,
                                  events, cap, &n, &error);
    if (result == SIPV_OK) {
        sipv_fill_uri(text.p, events, n, &uri);
        uri.text = text;
        result = check_uri(&uri, &error);
    }
    if (result == SIPV_OK)
        *out = uri;
    else if (result != SIPV_NO_SPACE && error_offset)
        *error_offset = error;
    return result;
}
