#include "typed_slices.h"

#include "oracle.h"

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

void fuzz_check_typed(const struct sipv_typed *form, const struct sipv_typed *uri,
                      const void *typed, sipv_slice parent)
{
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
    const sipv_event *last = NULL;
    for (size_t i = 0; i < n; i++) {
        FUZZ_CHECK(slices, ev[i].off >= from && ev[i].off <= text.n, "a capture begins outside");
        FUZZ_CHECK(slices, ev[i].len <= text.n - ev[i].off, "a capture ends outside");
        FUZZ_CHECK(slices, ev[i].part <= SIPV_PART_CLOSE, "a capture of no kind");
        if (ev[i].part != SIPV_PART_WHOLE)
            continue;
        FUZZ_CHECK(slices, !last || !overlap(last, &ev[i]), "two captures overlap");
        last = &ev[i];
    }
}
