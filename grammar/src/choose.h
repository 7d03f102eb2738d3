/* Parameters chosen by name: the name is looked up after the general parameter has matched, and its
 * value is matched against the rule that the name asks for.  Part of match.h.
 *
 * Such a value may be a URI with named parameters of its own; abnfc refuses a grammar in which that
 * goes deeper, so matchers call each other to a fixed depth, whatever the input. */

/* Does matcher `root` take the whole value?  Its captures are of no interest. */
static bool __attribute__((unused))
sipv_value_matches(const struct sipv_run *outer, unsigned root, sipv_slice value,
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
    r.look_other = 0;
    r.suspects = 0;
    r.seen[0] = r.seen[1] = 0;
    r.skip = outer->skip;
    r.token = outer->token;
    const struct sipv_step s = outer->matchers[root](value.p, &r, 0);
    *where = s.p;
    return s.exit < SIPV_EXIT_REFUSE;
}

/* Most values are tokens, and most rules take every token. */
static inline bool sipv_is_token_value(const struct sipv_run *r, sipv_slice value)
{
    return value.n > 0 && r->skip(value.p, r, r->token) >= value.p + value.n;
}

/* A parameter against the rule its name asks for; `value` is absent if it has none.  False:
 * `*where` is about where it is wrong. */
static bool __attribute__((unused))
sipv_choose(struct sipv_run *r, unsigned select, sipv_slice name, sipv_slice value,
            const unsigned char **where)
{
    const sipv_select *sel = &r->grammar->selects[select];
    const uint32_t hash = sipv_name_hash(name.p, name.n, r->limit, sel->seed);
    const sipv_select_name *n = sipv_select_find_hashed(r->grammar, sel, name, r->limit, hash);
    uint64_t *seen = &r->seen[sel->name_kind != SIPV_KIND_PARAM_NAME];
    const uint64_t bit = (uint64_t)1 << (hash >> 18 & 63);
    if (*seen & bit)
        r->suspects |= SIPV_SUSPECT_VALUE;
    *seen |= bit;
    *where = name.p + name.n;
    if (n) {
        if (n->ranged)
            r->suspects |= SIPV_SUSPECT_VALUE;
        const bool right = !value.p ? n->value != SIPV_VALUE_REQUIRED
                                    : n->value != SIPV_VALUE_NONE &&
                                          ((n->takes_token && sipv_is_token_value(r, value)) ||
                                           sipv_value_matches(r, n->root, value, where));
        if (right || !n->extension)
            return right;
        r->suspects |= SIPV_SUSPECT_EXTENSION; /* judged as any other parameter */
    }
    return !value.p || sel->other_root == SIPV_NO_RULE ||
           (sel->other_takes_token && sipv_is_token_value(r, value)) ||
           sipv_value_matches(r, sel->other_root, value, where);
}
