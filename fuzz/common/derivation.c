#include "derivation.h"

#include <stdlib.h>

#include "derivation_machine.h"

enum { LEVELS = 3 };

static struct derivation_machine machines[LEVELS]; /* of a text, a value, a value in a value */
static uint32_t wanted = DERIVATION_NOTHING;

static bool derive(unsigned level, const sipv_grammar *g, int rule, bool value, sipv_slice text,
                   uint64_t *relaxations, unsigned char *cover);

static void visit(unsigned char *cover, size_t bit)
{
    cover[bit / 8] |= (unsigned char)(1u << bit % 8);
}

static bool value_is(unsigned level, const sipv_grammar *g, unsigned rule, sipv_slice value,
                     unsigned char *cover)
{
    uint64_t none = 0;
    return rule == SIPV_NO_RULE || level + 1 == LEVELS ||
           derive(level + 1, g, (int)rule, false, value, &none, cover);
}

/* Does an equals sign follow the name? */
static bool has_equals(sipv_slice text, size_t at)
{
    while (at < text.n &&
           (text.p[at] == ' ' || text.p[at] == '\t' || text.p[at] == '\r' || text.p[at] == '\n'))
        at++;
    return at < text.n && text.p[at] == '=';
}

/* A parameter by the rule that its name asks for; `value` absent if it has none. */
static bool parameter_is(unsigned level, const struct derivation_machine *m, const sipv_select *s,
                         sipv_slice name, sipv_slice value, unsigned char *cover)
{
    const sipv_grammar *g = m->g;
    const sipv_select_name *n = sipv_select_find(g, s, name);
    const bool equals = has_equals(m->text, (size_t)(name.p + name.n - m->text.p));
    if (n && !n->extension &&
        ((n->value == SIPV_VALUE_NONE && equals) || (n->value == SIPV_VALUE_REQUIRED && !equals)))
        return false;
    if (n) {
        visit(cover, g->n_rules + 2u * g->n_ops + (size_t)(n - g->select_names));
        if (n->keyword != SIPV_NO_RULE)
            visit(cover, n->keyword);
    }
    if (!value.p)
        return true;
    if (!n || n->value == SIPV_VALUE_NONE)
        return value_is(level, g, s->other, value, cover);
    return value_is(level, g, n->rule, value, cover) ||
           (n->extension && value_is(level, g, s->other, value, cover));
}

/* The deeds of a reading, the last one first: what it went through, and its parameters. */
static bool take_deeds(unsigned level, const struct derivation_machine *m, uint32_t last,
                       unsigned char *cover)
{
    sipv_slice name = {NULL, 0}, value = {NULL, 0};
    for (const struct derivation_deed *d; last; last = d->before) {
        d = &m->deeds[last];
        const unsigned char *const p = m->text.p + d->at;
        switch (d->what & DERIVATION_BOUND) {
        case DERIVATION_VALUE_END: value.p = p; break;
        case DERIVATION_VALUE: value = sipv_slice_of(p, (size_t)(value.p - p)); break;
        case DERIVATION_NAME_END: name.p = p; break;
        case DERIVATION_NAME:
            name = sipv_slice_of(p, (size_t)(name.p - p));
            if (!parameter_is(level, m, &m->g->selects[d->what & ~(uint32_t)DERIVATION_BOUND], name,
                              value, cover))
                return false;
            name = value = sipv_slice_of(NULL, 0);
            break;
        default: visit(cover, d->what);
        }
    }
    return true;
}

static bool derive(unsigned level, const sipv_grammar *g, int rule, bool value, sipv_slice text,
                   uint64_t *relaxations, unsigned char *cover)
{
    struct derivation_machine *m = &machines[level];
    uint32_t last;
    m->g = g;
    m->rule = rule;
    m->text = text;
    m->allowed = *relaxations;
    m->wanted = wanted;
    if (!derivation_run(m, value ? g->rules[rule].value_entry : g->rules[rule].entry, relaxations,
                        &last))
        return false;
    if (level)
        visit(cover, (size_t)rule);
    return take_deeds(level, m, last, cover);
}

enum fuzz_derived fuzz_derive(const sipv_grammar *g, int rule, bool value, sipv_slice text,
                              uint64_t *relaxations, unsigned char *cover)
{
    const size_t size = sipv_cover_size(g);
    unsigned char *found = calloc(size, 1);
    const bool accepted = found && derive(0, g, rule, value, text, relaxations, found);
    for (size_t i = 0; accepted && i < size; i++)
        cover[i] |= found[i];
    free(found);
    return machines[0].too_large ? FUZZ_TOO_LARGE : accepted ? FUZZ_DERIVED : FUZZ_NOT_DERIVED;
}

bool fuzz_derive_through(const sipv_grammar *g, int rule, bool value, sipv_slice text,
                         uint64_t relaxations, size_t bit, unsigned char *cover)
{
    wanted = (uint32_t)bit;
    const enum fuzz_derived how = fuzz_derive(g, rule, value, text, &relaxations, cover);
    wanted = DERIVATION_NOTHING;
    return how == FUZZ_DERIVED && cover[bit / 8] >> bit % 8 & 1;
}
