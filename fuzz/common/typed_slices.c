#include "typed_slices.h"

#include <string.h>

#include "oracle.h"
#include "tables.h"

enum { PARTS = 32 }; /* more than a form has fields */

bool fuzz_inside(sipv_slice s, sipv_slice parent)
{
    return !s.p || (s.p >= parent.p && s.p <= parent.p + parent.n &&
                    s.n <= (size_t)(parent.p + parent.n - s.p));
}

size_t fuzz_check_params(const sipv_params *params, sipv_slice parent)
{
    sipv_param param;
    const unsigned char *behind = parent.p;
    size_t count = 0;
    for (size_t at = 0; sipv_param_next(params, &at, &param) == SIPV_OK; count++) {
        FUZZ_CHECK(slices, param.name.p && param.name.p >= behind, "parameters out of order");
        FUZZ_CHECK(slices, fuzz_inside(param.name, parent), "a parameter name outside");
        behind = param.name.p + param.name.n;
        if (!param.value.p)
            continue;
        FUZZ_CHECK(slices, param.value.p > behind, "a parameter value before its equals sign");
        FUZZ_CHECK(slices, fuzz_inside(param.value, parent), "a parameter value outside");
        behind = param.value.p + param.value.n;
    }
    return count;
}

/* Not inlined: a sanitizer has work with what stands on the stack. */
static __attribute__((noinline)) void check_list(const sipv_list *list, sipv_slice parent)
{
    sipv_slice item;
    const unsigned char *behind = parent.p;
    for (size_t at = 0; sipv_list_next(list, &at, &item) == SIPV_OK;) {
        FUZZ_CHECK(slices, item.p && item.p >= behind, "a list out of order");
        FUZZ_CHECK(slices, fuzz_inside(item, parent), "an item of a list outside");
        behind = item.p + item.n;
    }
}

static const void *field_at(const void *typed, const struct sipv_field *field)
{
    return (const unsigned char *)typed + field->offset;
}

/* ---- Siblings ----------------------------------------------------------------------------------
 */

static bool are_apart(sipv_slice a, sipv_slice b)
{
    return a.p + a.n <= b.p || b.p + b.n <= a.p;
}

/* The fields of a form that are texts or URIs, where they are not empty.  Returns how many. */
static size_t list_parts(const struct sipv_typed *form, const void *typed, sipv_slice *parts)
{
    size_t n = 0;
    for (unsigned i = 0; i < form->n && n < PARTS; i++) {
        const unsigned type = form->fields[i].type;
        if (type != SIPV_FIELD_SLICE && type != SIPV_FIELD_URI)
            continue;
        parts[n] = *(const sipv_slice *)field_at(typed, &form->fields[i]);
        n += parts[n].n > 0;
    }
    return n;
}

/* Of a URI only the first, which is all of it, has others inside; of other forms any may be a part
 * of another one, as the host is of sent-by. */
static void check_parts(const sipv_slice *parts, size_t n, bool is_uri)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = i + 1; k < n; k++) {
            const bool nested =
                is_uri ? i == 0 && fuzz_inside(parts[k], parts[i])
                       : fuzz_inside(parts[k], parts[i]) || fuzz_inside(parts[i], parts[k]);
            FUZZ_CHECK(slices, nested || are_apart(parts[i], parts[k]), "two fields overlap");
        }
}

/* In a host is no colon but between brackets, and behind it, in `all`, is one if there is a port.
 */
static void check_hostport(sipv_slice host, int64_t port, sipv_slice all)
{
    if (!host.p)
        return;
    const unsigned char *at = host.p + host.n, *const end = all.p + all.n;
    FUZZ_CHECK(slices,
               host.n > 0 && (host.p[0] == '[' ? at[-1] == ']' : !memchr(host.p, ':', host.n)),
               "a host is more than a host");
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n'))
        at++;
    FUZZ_CHECK(slices, (at < end && *at == ':') == (port != SIPV_NUMBER_ABSENT),
               "a port without its colon, or the reverse");
}

static void check_siblings(const struct sipv_typed *form, const void *typed)
{
    const bool is_uri = form == &sipv_sip_typed[SIPV_VIEW_URI];
    sipv_slice parts[PARTS];
    check_parts(parts, list_parts(form, typed, parts), is_uri);
    if (is_uri) {
        const sipv_uri *uri = typed;
        check_hostport(uri->host, uri->port, uri->text);
    } else if (form == &sipv_sip_typed[SIPV_VIEW_VIA]) {
        const sipv_via *via = typed;
        check_hostport(via->host, via->port, via->sent_by);
    }
}

/* ---- Fields ------------------------------------------------------------------------------------
 */

void fuzz_check_typed(const struct sipv_typed *form, const struct sipv_typed *uri,
                      const void *typed, sipv_slice parent)
{
    check_siblings(form, typed);
    for (unsigned i = 0; i < form->n; i++) {
        const void *field = field_at(typed, &form->fields[i]);
        sipv_slice s;
        switch (form->fields[i].type) {
        case SIPV_FIELD_SLICE:
            s = *(const sipv_slice *)field;
            FUZZ_CHECK(slices, fuzz_inside(s, parent), "a field outside its parent");
            break;
        case SIPV_FIELD_URI: /* its first field is the text of the whole */
            s = *(const sipv_slice *)field;
            FUZZ_CHECK(slices, fuzz_inside(s, parent), "a URI outside its parent");
            if (s.p)
                fuzz_check_typed(uri, NULL, field, s);
            break;
        case SIPV_FIELD_PARAMS: fuzz_check_params(field, parent); break;
        case SIPV_FIELD_LIST: check_list(field, parent); break;
        default:;
        }
    }
}

/* ---- Captures ----------------------------------------------------------------------------------
 */

/* Captures come in the order in which they end, or begin: so two that overlap without one being in
 * the other are neighbours of this walk. */
static bool overlap(const sipv_event *a, const sipv_event *b)
{
    const size_t a_end = (size_t)a->off + a->len, b_end = (size_t)b->off + b->len;
    const bool apart = a_end <= b->off || b_end <= a->off;
    const bool nested =
        (a->off <= b->off && b_end <= a_end) || (b->off <= a->off && a_end <= b_end);
    return !apart && !nested;
}

void fuzz_check_events(const sipv_event *ev, size_t n, sipv_slice text, size_t from)
{
    static uint32_t open[UINT16_MAX + 1],
        begin[UINT16_MAX + 1]; /* by kind; all closed in the end */
    const sipv_event *last = NULL;
    size_t n_open = 0;
    for (size_t i = 0; i < n; i++) {
        const unsigned kind = ev[i].kind;
        FUZZ_CHECK(slices, ev[i].off >= from && ev[i].off <= text.n, "a capture begins outside");
        FUZZ_CHECK(slices, ev[i].len <= text.n - ev[i].off, "a capture ends outside");
        FUZZ_CHECK(slices, ev[i].part <= SIPV_PART_CLOSE, "a capture of no kind");
        if (ev[i].part == SIPV_PART_OPEN) {
            open[kind]++;
            n_open++;
            begin[kind] = ev[i].off;
        } else if (ev[i].part == SIPV_PART_CLOSE) {
            FUZZ_CHECK(slices, open[kind] && begin[kind] <= ev[i].off,
                       "a capture closes that is not open");
            open[kind]--;
            n_open--;
        } else {
            FUZZ_CHECK(slices, !last || !overlap(last, &ev[i]), "two captures overlap");
            last = &ev[i];
        }
    }
    FUZZ_CHECK(slices, n_open == 0, "a capture stays open");
}
