/* Parameters chosen by name: the name is looked up after the general parameter has matched, and its
 * value is matched against the rule that the name asks for. */
#include "match.h"

static const sipv_select_name *find(const sipv_grammar *g, const sipv_select *sel, sipv_slice name,
                                    const unsigned char *limit)
{
    if (sel->count == 0 || name.n == 0)
        return NULL;
    const unsigned slot =
        g->select_slots[sel->slots + (sipv_name_hash(name.p, name.n, sel->seed) & sel->mask)];
    if (slot == 0)
        return NULL;
    const sipv_select_name *n = &g->select_names[sel->first + slot - 1];
    return n->n == name.n && sipv_is_name(name.p, name.n, limit, n->folded) ? n : NULL;
}

const sipv_select_name *sipv_select_find(const sipv_grammar *g, const sipv_select *sel,
                                         sipv_slice name)
{
    return find(g, sel, name, name.p + name.n);
}

/* Does matcher `root` take the whole value?  Its captures are of no interest. */
static bool value_matches(const struct sipv_run *outer, unsigned root, sipv_slice value,
                          const unsigned char **where)
{
    sipv_event none[SIPV_CHUNK_PARTS * 4];
    struct sipv_run r;
    if (root == SIPV_NO_RULE)
        return true;
    r.base = value.p;
    r.end = value.p + value.n;
    r.limit = outer->limit;
    r.ev = none;
    r.ev_end = none + sizeof none / sizeof *none - SIPV_CHUNK_PARTS;
    r.grammar = outer->grammar;
    r.matchers = outer->matchers;
    r.look_at = NULL;
    r.suspects = 0;
    const struct sipv_step s = outer->matchers[root](value.p, &r, 0);
    *where = s.p;
    return s.exit < SIPV_EXIT_REFUSE;
}

bool sipv_choose(struct sipv_run *r, unsigned select, sipv_slice name, sipv_slice value, bool token,
                 const unsigned char **where)
{
    const sipv_select *sel = &r->grammar->selects[select];
    const sipv_select_name *n = find(r->grammar, sel, name, r->limit);
    *where = name.p + name.n;
    if (n) {
        const bool right = !value.p ? n->value != SIPV_VALUE_REQUIRED
                                    : n->value != SIPV_VALUE_NONE &&
                                          ((token && n->takes_token) ||
                                           value_matches(r, n->root, value, where));
        if (right || !n->extension)
            return right;
        r->suspects++; /* of a later RFC: noted, but judged as any other parameter */
    }
    return !value.p || (token && sel->other_takes_token) ||
           value_matches(r, sel->other_root, value, where);
}
