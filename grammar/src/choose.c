/* Parameters chosen by name: the name is looked up after the general parameter has matched, and its
 * value is matched against the rule that the name asks for. */
#include <string.h>

#include "match.h"
#include "name.h"

const sipv_select_name *sipv_select_find(const sipv_grammar *g, const sipv_select *sel,
                                         sipv_slice name)
{
    if (sel->count == 0 || name.n == 0)
        return NULL;
    unsigned slot =
        g->select_slots[sel->slots + (sipv_name_hash(name.p, name.n, sel->seed) & sel->mask)];
    if (slot == 0)
        return NULL;
    const sipv_select_name *n = &g->select_names[sel->first + slot - 1];
    return n->n == name.n && sipv_same_name(name.p, n->name, name.n) ? n : NULL;
}

/* Does `matcher` take the whole value?  Its captures are of no interest. */
static bool value_matches(const struct sipv_run *outer, unsigned root, sipv_slice value,
                          const unsigned char **where)
{
    sipv_event none[SIPV_CHUNK_PARTS * 4];
    struct sipv_run r;
    if (root == SIPV_NO_RULE)
        return true;
    r.look_at = NULL;
    r.suspects = 0;
    r.base = value.p;
    r.end = value.p + value.n;
    r.limit = outer->limit;
    r.ev = none;
    r.ev_end = none + sizeof none / sizeof *none;
    r.grammar = outer->grammar;
    r.matchers = outer->matchers;
    struct sipv_step s = outer->matchers[root](value.p, &r, 0);
    *where = s.p;
    return s.exit < SIPV_EXIT_REFUSE;
}

bool sipv_choose(struct sipv_run *r, unsigned select, const unsigned char **where)
{
    const sipv_grammar *g = r->grammar;
    const sipv_select *sel = &g->selects[select];
    const sipv_event *ev = r->ev;
    sipv_slice value = {NULL, 0};
    const unsigned char *close = NULL;
    for (ev--; ev->kind != sel->name_kind; ev--) {
        if (ev->kind != sel->value_kind)
            continue;
        if (ev->part == SIPV_PART_CLOSE)
            close = r->base + ev->off;
        else
            value = sipv_slice_of(r->base + ev->off, ev->part == SIPV_PART_WHOLE
                                                         ? ev->len
                                                         : (size_t)(close - r->base) - ev->off);
    }
    const sipv_slice name = sipv_slice_of(r->base + ev->off, ev->len);
    const sipv_select_name *n = sipv_select_find(g, sel, name);
    *where = name.p + name.n;
    if (n && !n->extension) {
        if (!value.p)
            return n->value != SIPV_VALUE_REQUIRED;
        return n->value != SIPV_VALUE_NONE && value_matches(r, n->root, value, where);
    }
    if (n) { /* of a later RFC: noted, but judged as any other parameter */
        const bool right = value.p ? n->value != SIPV_VALUE_NONE &&
                                         value_matches(r, n->root, value, where)
                                   : n->value != SIPV_VALUE_REQUIRED;
        if (right)
            return true;
        r->suspects++;
    }
    return !value.p || value_matches(r, sel->other_root, value, where);
}
