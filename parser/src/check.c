/* What the grammar cannot say about one header value: ranges of numbers, parameters that stand
 * there twice, limits.  One walk over the captures. */
#include "internal.h"

#include <string.h>

#include "name.h"
#include "same_names.h"

/* Names of one element or URI seen so far: a filter of 64 bits in front of the comparison. */
struct names {
    const sipv_event *first;
    uint64_t seen;
    size_t count;
    size_t sorted; /* so many of them, from the first, are in `again`; 0: they are not sorted yet */
    uint64_t again[SIPV_NAMES / 64]; /* a bit for each name: one before it is the same */
};

struct walk {
    sipv_message *m;
    const sipv_limits *limits;
    unsigned header; /* index, or SIPV_NO_HEADER for the Request-URI */
    struct names params, uri_params;
    const sipv_event *local_number; /* of a tel URI, as long as no phone-context was seen */
};

static sipv_slice text_of(const sipv_message *m, const sipv_event *ev)
{
    return sipv_slice_of(m->data.p + ev->off, ev->len);
}

/* Reports a value that makes the header unreadable: an error in headers of RFC 3261, a warning in
 * others; interop ignores headers that are not essential. */
static void refuse_value(struct walk *w, unsigned code, sipv_slice where)
{
    const bool in_header = w->header != SIPV_NO_HEADER;
    sipv_header *h = in_header ? &w->m->headers[w->header] : NULL;
    if (in_header)
        h->state = SIPV_MALFORMED;
    if (sipv_may_ignore(w->m, w->header))
        code =
            h->id == SIPV_H_MAX_FORWARDS ? SIPV_D_RELAX_MAX_FORWARDS : SIPV_D_RELAX_HEADER_IGNORED;
    else if (in_header && !sipv_is_core(h->id))
        code = SIPV_D_EXTENSION_SYNTAX;
    sipv_report_at(w->m, code, where, w->header);
}

static void repeated(struct walk *w, sipv_slice name)
{
    /* its value is a list of addresses by kind, several of one kind are usual (RFC 7315) */
    if (w->header != SIPV_NO_HEADER &&
        w->m->headers[w->header].id == SIPV_H_P_CHARGING_FUNCTION_ADDRESSES)
        return;
    unsigned code = SIPV_D_PARAMETER_REPEATED;
    if (w->m->options.profile == SIPV_INTEROP)
        code = SIPV_D_RELAX_PARAMETER_REPEATED;
    else if (w->header != SIPV_NO_HEADER && !sipv_is_core(w->m->headers[w->header].id))
        code = SIPV_D_EXTENSION_SYNTAX;
    sipv_report_at(w->m, code, name, w->header);
}

/* Is it where the names of this kind come to an end? */
static bool ends_names(const sipv_event *ev, unsigned kind)
{
    return ev->kind == SIPV_KIND_ELEMENT ||
           (ev->kind == SIPV_K_URI_SCHEME && kind == SIPV_KIND_URI_PARAM_NAME);
}

/* Sorts the names of an element or URI, also those behind the one that is being looked at.  Apart,
 * for the stack it needs. */
static __attribute__((noinline)) void sort_names(const struct walk *w, struct names *names,
                                                 const sipv_event *end)
{
    struct sipv_names all;
    const sipv_event *ev = names->first;
    all.n = 0;
    for (; ev < end && all.n < SIPV_NAMES && !ends_names(ev, names->first->kind); ev++)
        if (ev->kind == names->first->kind)
            all.rest[all.n++] = text_of(w->m, ev);
    sipv_names_sort(&all, sipv_take_octet);
    memset(names->again, 0, sizeof names->again);
    for (size_t i = 0; i < all.n; i++)
        if (all.first[i] != i)
            names->again[i / 64] |= (uint64_t)1 << i % 64;
    names->sorted = all.n;
}

/* One by one, with all names before it. */
static bool is_before(const struct walk *w, const struct names *names, const sipv_event *ev)
{
    const sipv_slice name = text_of(w->m, ev);
    for (const sipv_event *old = names->first; old < ev; old++)
        if (old->kind == ev->kind && old->len == name.n &&
            sipv_same_name(w->m->data.p + old->off, (const char *)name.p, name.n))
            return true;
    return false;
}

/* A user's limit may allow more than SIPV_NAMES: names behind these are compared one by one. */
static bool is_repeated(const struct walk *w, struct names *names, const sipv_event *ev,
                        const sipv_event *end)
{
    const size_t i = names->count;
    if (i >= SIPV_NAMES || (i < SIPV_FEW_NAMES && ev->len <= SIPV_SHORT_NAME))
        return is_before(w, names, ev);
    if (names->sorted == 0)
        sort_names(w, names, end);
    return names->again[i / 64] >> i % 64 & 1;
}

static void compare_names(struct walk *w, struct names *names, const sipv_event *ev,
                          const sipv_event *end)
{
    if (is_repeated(w, names, ev, end))
        repeated(w, text_of(w->m, ev));
}

static inline void see_name(struct walk *w, struct names *names, const sipv_event *ev,
                            const sipv_event *end)
{
    const unsigned char *const p = w->m->data.p + ev->off;
    const unsigned mixed = (p[0] | 0x20u) * 5 + (p[ev->len - 1] | 0x20u) * 3 + ev->len;
    const uint64_t bit = (uint64_t)1 << (mixed & 63);
    if (!names->first)
        names->first = ev;
    else if ((names->seen & bit) && names->count <= w->limits->params)
        compare_names(w, names, ev, end);
    names->seen |= bit;
    if (++names->count == w->limits->params + 1)
        sipv_report_at(w->m, SIPV_D_LIMIT_PARAMS, text_of(w->m, ev), w->header);
}

static inline void clear_names(struct names *names)
{
    names->first = NULL;
    names->seen = 0;
    names->count = 0;
    names->sorted = 0;
}

static void check_max(struct walk *w, sipv_slice digits, uint64_t max, unsigned code)
{
    uint64_t value;
    if (sipv_number(digits, max, &value) == SIPV_LIMIT)
        refuse_value(w, code, digits);
}

/* Values with a range, by the name in front of them. */
static void check_value(struct walk *w, const sipv_event *name, const sipv_event *ev)
{
    const sipv_slice n = text_of(w->m, name), value = text_of(w->m, ev);
    const bool in_uri = ev->kind != SIPV_KIND_PARAM_VALUE;
    const unsigned id = w->header == SIPV_NO_HEADER ? SIPV_H_OTHER : w->m->headers[w->header].id;
    if (n.n == 3 && (in_uri || id == SIPV_H_VIA) && sipv_same_name(n.p, "ttl", 3))
        check_max(w, value, 255, SIPV_D_TTL_RANGE);
    else if (n.n == 7 && !in_uri && id == SIPV_H_CONTACT && sipv_same_name(n.p, "expires", 7))
        check_max(w, value, UINT32_MAX, SIPV_D_EXPIRES_RANGE);
}

static void check_port(struct walk *w, const sipv_event *ev)
{
    uint64_t port;
    const sipv_slice digits = text_of(w->m, ev);
    if (sipv_number(digits, 65535, &port) == SIPV_LIMIT)
        refuse_value(w, SIPV_D_PORT_RANGE, digits);
    else if (port == 0)
        sipv_report_at(w->m, SIPV_D_PORT_ZERO, digits, w->header);
}

static inline void end_uri(struct walk *w)
{
    if (w->local_number)
        refuse_value(w, SIPV_D_TEL_CONTEXT, text_of(w->m, w->local_number));
    w->local_number = NULL;
    clear_names(&w->uri_params);
}

/* The numbers of a typed header, by what they are. */
static unsigned range_code(unsigned id)
{
    switch (id) {
    case SIPV_H_CSEQ: return SIPV_D_CSEQ_RANGE;
    case SIPV_H_MAX_FORWARDS: return SIPV_D_MAX_FORWARDS_RANGE;
    case SIPV_H_EXPIRES:
    case SIPV_H_MIN_EXPIRES: return SIPV_D_EXPIRES_RANGE;
    default: return SIPV_D_NUMBER_RANGE;
    }
}

static void check_numbers(struct walk *w, const sipv_event *ev, size_t n)
{
    const unsigned id = w->m->headers[w->header].id;
    const struct sipv_typed *typed = &sipv_sip_typed[sipv_header_table[id].view];
    if (id == SIPV_H_CONTENT_LENGTH)
        return; /* the length decision has judged it */
    for (unsigned f = 0; f < typed->n; f++) {
        const struct sipv_field *field = &typed->fields[f];
        if (field->type != SIPV_FIELD_NUMBER || field->kind == SIPV_K_PORT)
            continue;
        for (size_t i = 0; i < n; i++) {
            uint64_t value;
            if (ev[i].kind != field->kind)
                continue;
            const sipv_slice digits = text_of(w->m, &ev[i]);
            if (sipv_number(digits, field->max, &value) != SIPV_LIMIT)
                continue;
            const unsigned code = range_code(id);
            if (code == SIPV_D_NUMBER_RANGE)
                sipv_report_at(w->m, code, digits, w->header);
            else
                refuse_value(w, code, digits);
        }
    }
}

/* What an event means here; most mean nothing. */
enum action { SKIP, ELEMENT, NAME, VALUE, URI_NAME, SCHEME, NUMBER, PORT };

static const uint8_t actions[SIPV_K_COUNT] = {
    [SIPV_KIND_ELEMENT] = ELEMENT,
    [SIPV_KIND_PARAM_NAME] = NAME,
    [SIPV_KIND_PARAM_VALUE] = VALUE,
    [SIPV_KIND_URI_PARAM_NAME] = URI_NAME,
    [SIPV_KIND_URI_PARAM_VALUE] = VALUE,
    [SIPV_K_URI_SCHEME] = SCHEME,
    [SIPV_K_URI_NUMBER] = NUMBER,
    [SIPV_K_PORT] = PORT,
    [SIPV_K_URI_PORT] = PORT,
};

static void walk_events(struct walk *w, const sipv_event *ev, size_t n)
{
    const sipv_event *name = ev, *const end = ev + n;
    for (; ev < end; ev++) {
        switch (actions[ev->kind]) {
        case SKIP: break;
        case ELEMENT:
            end_uri(w);
            clear_names(&w->params);
            break;
        case NAME:
            name = ev;
            see_name(w, &w->params, name, end);
            break;
        case URI_NAME:
            name = ev;
            see_name(w, &w->uri_params, name, end);
            if (w->local_number && name->len == 13 &&
                sipv_same_name(w->m->data.p + name->off, "phone-context", 13))
                w->local_number = NULL;
            break;
        case VALUE:
            if (name->len == 3 || name->len == 7)
                check_value(w, name, ev);
            break;
        case NUMBER:
            if (ev->len && w->m->data.p[ev->off] != '+')
                w->local_number = ev;
            break;
        case SCHEME: end_uri(w); break;
        default: check_port(w, ev);
        }
    }
    end_uri(w);
}

void sipv_check_events(sipv_message *m, const sipv_event *ev, size_t n, unsigned header)
{
    const unsigned checks =
        header == SIPV_NO_HEADER
            ? SIPV_WALK
            : sipv_sip_typed[sipv_header_table[m->headers[header].id].view].checks;
    struct walk w;
    if (checks == 0)
        return;
    w.m = m;
    w.limits = sipv_limits_of(m);
    w.header = header;
    clear_names(&w.params);
    clear_names(&w.uri_params);
    w.local_number = NULL;
    if (checks & SIPV_WALK)
        walk_events(&w, ev, n);
    if (header == SIPV_NO_HEADER)
        return;
    if (checks & SIPV_NUMBERS)
        check_numbers(&w, ev, n);
}

/* ---- Limits over several lines --------------------------------------------------------------- */

static void count_elements(sipv_message *m, unsigned id, size_t limit)
{
    size_t elements = 0;
    for (unsigned i = m->first[id]; i != SIPV_NO_HEADER; i = m->headers[i].next) {
        const sipv_header *h = &m->headers[i];
        const size_t before = elements++;
        for (size_t k = 0; k < h->n_events; k++)
            elements += m->events[h->first_event + k].kind == SIPV_KIND_ELEMENT;
        if (before <= limit && elements > limit)
            sipv_report_at(m, SIPV_D_LIMIT_ELEMENTS, h->name, i);
    }
}

static __attribute__((noinline)) void count_all_elements(sipv_message *m, size_t limit)
{
    for (unsigned id = 1; id < SIPV_H_COUNT; id++)
        count_elements(m, id, limit);
}

void sipv_check_elements(sipv_message *m)
{
    const size_t limit = sipv_limits_of(m)->elements;
    if (m->n_headers + m->n_events > limit)
        count_all_elements(m, limit);
}

/* ---- Parameters of later RFCs ---------------------------------------------------------------- */

/* The line of a later RFC for a parameter name of this header, or NULL. */
static const sipv_select_name *extension_of(unsigned id, unsigned kind, sipv_slice name)
{
    static const uint16_t in_uris[] = {SIPV_R_URI_PARAMETER, SIPV_R_PAR};
    const sipv_grammar *g = &sipv_sip_tables;
    const sipv_view *view = &g->views[sipv_header_table[id].view];
    const bool in_uri = kind == SIPV_KIND_URI_PARAM_NAME;
    for (unsigned i = 0; i < (in_uri ? 2u : view->count); i++) {
        const sipv_binding *b = in_uri ? NULL : &g->bindings[view->first + i];
        if (b && b->kind != SIPV_NO_RULE)
            continue; /* only parameters have no kind of their own */
        const sipv_rule *rule = &g->rules[in_uri ? in_uris[i] : b->path[0]];
        const sipv_select_name *n = sipv_select_find(g, &g->selects[rule->extra], name);
        if (n && n->extension)
            return n;
    }
    return NULL;
}

void sipv_check_extensions(sipv_message *m, unsigned header)
{
    const sipv_header *h = &m->headers[header];
    const sipv_event *ev = m->events + h->first_event;
    for (size_t i = 0; i < h->n_events; i++) {
        if (ev[i].kind != SIPV_KIND_PARAM_NAME && ev[i].kind != SIPV_KIND_URI_PARAM_NAME)
            continue;
        const sipv_slice name = text_of(m, &ev[i]);
        const sipv_select_name *n = extension_of(h->id, ev[i].kind, name);
        if (!n)
            continue;
        const bool has_value = i + 1 < h->n_events && ev[i + 1].kind == ev[i].kind + 1;
        sipv_slice value = has_value ? text_of(m, &ev[i + 1]) : sipv_slice_of(NULL, 0);
        if (has_value && ev[i + 1].part == SIPV_PART_OPEN && i + 2 < h->n_events)
            value.n = ev[i + 2].off - ev[i + 1].off;
        size_t events, error;
        sipv_event none[SIPV_CHUNK_PARTS * 4];
        bool right = has_value ? n->value != SIPV_VALUE_NONE : n->value != SIPV_VALUE_REQUIRED;
        if (right && has_value && n->root != SIPV_NO_RULE)
            right = sipv_run_matcher(n->root, value, m->data.p, m->data.p + m->data.n, none,
                                     sizeof none / sizeof *none, &events, &error) == SIPV_OK;
        if (!right)
            sipv_report_at(m, SIPV_D_EXTENSION_PARAMETER, has_value ? value : name, header);
    }
}
