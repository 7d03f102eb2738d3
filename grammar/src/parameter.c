/* Parameters chosen by name: the value of a parameter is judged by the rule that its name asks for,
 * when the parameter ends, or where the text was refused before. */
#include <string.h>

#include "explain.h"

/* Does `rule` match the value, or, unless it is `whole`, can it still?  If not, `why` says where.
 */
static bool value_is(struct engine *e, unsigned rule, sipv_slice value, bool whole,
                     struct explanation *why)
{
    struct engine *sub = e + 1;
    if (rule == SIPV_NO_RULE || !e->below)
        return true;
    if (!e->sub_ready)
        sipv_engine_prepare(sub);
    e->sub_ready = true;
    sipv_engine_run(sub, e->g, (int)rule, false, value, 0, NULL, 0, 0, e->below - 1);
    if (sub->accepted || (!whole && sub->why.error == value.n))
        return true;
    *why = sub->why;
    why->error += (size_t)(value.p - e->text);
    why->construct += (size_t)(value.p - e->text);
    why->in_value = true;
    why->value_rule = rule + 1;
    why->value_at = (size_t)(value.p - e->text);
    why->value_n = value.n;
    return false;
}

/* Judges a parameter.  `whole` false: the value may go on.  On refusal `why` says where, with
 * offsets from the start of the text. */
static bool parameter_is(struct engine *e, const sipv_select *s, sipv_slice name, sipv_slice value,
                         bool whole, struct explanation *why)
{
    const sipv_select_name *n = sipv_select_find(e->g, s, name);
    const bool known = n && !n->extension;
    size_t behind = (size_t)(name.p + name.n - e->text);
    while (behind < e->n && memchr(" \t\r\n", e->text[behind], 4))
        behind++;
    const bool equals = behind < e->at && e->text[behind] == '=';
    memset(why, 0, sizeof *why);
    why->in_value = true;
    why->rule = n ? n->keyword : s->rule;
    why->construct = (size_t)(name.p - e->text);
    why->error = behind;
    if (known && n->value == SIPV_VALUE_NONE && equals) {
        sipv_add_expected(why, "end of parameter");
        return false;
    }
    if (known && n->value == SIPV_VALUE_REQUIRED && !equals && (whole || behind < e->at)) {
        sipv_add_expected(why, "'='");
        return false;
    }
    if (!value.p)
        return true;
    if (!n || n->value == SIPV_VALUE_NONE)
        return value_is(e, s->other, value, whole, why);
    if (value_is(e, n->rule, value, whole, why))
        return true;
    if (known)
        return false;
    const struct explanation first = *why;
    if (value_is(e, s->other, value, whole, why))
        return true;
    if (first.error >= why->error)
        *why = first;
    return false;
}

static const struct capture *find_capture(const struct thread *t, unsigned kind)
{
    for (unsigned i = 0; i < t->n_captures; i++)
        if (t->captures[i].kind == kind)
            return &t->captures[i];
    return NULL;
}

/* As parameter_is, for the parameter that thread `t` has not read to its end. */
static bool open_parameter_is(struct engine *e, const struct thread *t, struct explanation *why)
{
    if (t->naming < 0)
        return true;
    const sipv_select *s = &e->g->selects[t->naming];
    const struct capture *name = find_capture(t, s->name_kind);
    const struct capture *value = find_capture(t, s->value_kind);
    sipv_slice name_text = e->name, text = {NULL, 0}; /* of an earlier chunk, if not of this one */
    if (name && name->close == UNSET)
        return true;
    if (name)
        name_text = sipv_slice_of(e->text + name->open, name->close - name->open);
    else
        text.p = e->value.p;
    if (value && value->open != UNSET)
        text.p = e->text + value->open;
    const uint32_t end = value && value->close != UNSET ? value->close : e->at;
    if (text.p)
        text.n = (size_t)(e->text + end - text.p);
    return parameter_is(e, s, name_text, text, end < e->at, why);
}

/* A parameter that is still being read may have become impossible before the byte at which its
 * general shape ends: then all threads are refused, and the one that got furthest says where. */
void sipv_parameter_check_open(struct engine *e, const struct thread_list *list)
{
    struct explanation best, why;
    for (unsigned i = 0; i < list->n; i++) {
        if (open_parameter_is(e, &list->at[i], &why))
            return;
        if (i == 0 || why.error > best.error)
            best = why;
    }
    if (list->n && best.error < e->why.error)
        e->why = best;
}

/* The parameter of one thread was refused: other readings may have been possible for longer. */
void sipv_parameter_consider_others(struct engine *e, struct thread_list *list, unsigned refused)
{
    struct explanation why;
    bool possible = false;
    unsigned n = 0;
    if (e->why.error >= e->at)
        return;
    for (unsigned i = 0; i < list->n; i++) {
        if (i == refused)
            continue;
        if (n < i)
            copy_thread(&list->at[n], &list->at[i]);
        possible |= open_parameter_is(e, &list->at[n++], &why);
    }
    list->n = n;
    if (possible)
        sipv_name_expected(e, list, &e->why);
}

/* A chunk ends in thread `t`.  False if its parameter is refused. */
bool sipv_chunk_end(struct engine *e, struct thread *t)
{
    const int naming = t->naming;
    sipv_captures_flush(e, t, false);
    t->n_captures = 0;
    if (!t->chosen)
        return true;
    t->naming = -1;
    t->chosen = false;
    return parameter_is(e, &e->g->selects[naming], e->name, e->value, true, &e->why);
}
