/* suite.c: see suite.h. */
#include "groups.h"

#include <stdio.h>
#include <string.h>

/* ---- Groups -----------------------------------------------------------------------------------
 */

/* Group 0 is the message as it is; then the elements of the templates in order; then the examples,
 * whose groups are runs of the same name. */
static const char valid[] = "valid";

struct place {
    const struct template *t;
    const struct piece *piece; /* NULL: nothing is replaced */
    const struct example *first;
    size_t examples;
};

static size_t run_of(size_t at)
{
    size_t n = 1;

    while (at + n < example_count && strcmp(examples[at + n].group, examples[at].group) == 0)
        n++;
    return n;
}

static bool find(size_t group, struct place *place)
{
    memset(place, 0, sizeof *place);
    place->t = &templates[0];
    if (group-- == 0)
        return true;
    for (size_t i = 0; i < template_count; i++)
        for (size_t k = 0; k < templates[i].n; k++)
            if (templates[i].pieces[k].group && group-- == 0) {
                place->t = &templates[i];
                place->piece = &templates[i].pieces[k];
                return true;
            }
    for (size_t at = 0; at < example_count; at += place->examples) {
        place->examples = run_of(at);
        place->first = &examples[at];
        if (group-- == 0)
            return true;
    }
    return false;
}

size_t suite_groups(void)
{
    static size_t count;
    struct place place;

    while (count == 0 || find(count, &place))
        count++;
    return count;
}

const char *suite_group(size_t group)
{
    struct place place;

    if (!find(group, &place))
        return NULL;
    return place.first ? place.first->group : place.piece ? place.piece->group : valid;
}

bool suite_is_classic(size_t group)
{
    struct place place;

    return find(group, &place) && !place.first && place.t->classic;
}

size_t suite_count(size_t group)
{
    struct place place;

    if (!find(group, &place))
        return 0;
    return place.first ? place.examples : place.piece ? material_count : 1;
}

/* ---- Writing ----------------------------------------------------------------------------------
 */

struct text {
    char *p;
    size_t n;
};

static void add(struct text *t, const char *p, size_t n)
{
    if (n > SUITE_OCTETS - t->n)
        return;
    memcpy(t->p + t->n, p, n);
    t->n += n;
}

static void add_material(struct text *t, const struct material *m)
{
    for (size_t i = 0; i < m->times; i++)
        add(t, m->text, m->n);
}

/* Pieces from `from` on, with the material in the place of one of them. */
static void add_pieces(struct text *t, const struct place *place, size_t from, size_t to,
                       const struct material *m, size_t body)
{
    for (size_t i = from; i < to; i++) {
        const struct piece *p = &place->t->pieces[i];
        char length[24] = "";

        if (!p->text)
            snprintf(length, sizeof length, "%zu", body);
        if (p == place->piece)
            add_material(t, m);
        else
            add(t, p->text ? p->text : length, strlen(p->text ? p->text : length));
    }
}

/* What becomes of the message: an element of a body does not change the verdict on the message. */
static void announce(const struct place *place, const struct material *m, size_t body,
                     struct suite_case *out)
{
    static char text[SUITE_OCTETS];
    struct text whole = {text, 0};
    const struct piece *p = place->piece;
    enum suite_verdict fits;

    out->strict = out->interop = SUITE_ACCEPT;
    out->body = place->t->body < place->t->n ? SUITE_ACCEPT : SUITE_UNSAID;
    if (!p)
        return;
    add_material(&whole, m);
    fits = element_fits(p->element, p->text, p->text ? p->max : body, text, whole.n);
    if (p->where == IN_BODY) {
        out->body = fits;
        return;
    }
    out->strict = fits;
    out->body = fits == SUITE_ACCEPT && p->text && p->element != ELEMENT_MEDIA_TYPE ? out->body
                                                                                    : SUITE_UNSAID;
    out->interop = fits == SUITE_ACCEPT                         ? SUITE_ACCEPT
                   : p->lenient && !has_controls(text, whole.n) ? SUITE_ACCEPT
                                                                : SUITE_UNSAID;
}

static size_t make_example(const struct example *e, struct suite_case *what, char *out)
{
    what->kind = e->kind;
    what->group = e->group;
    what->what = e->what;
    what->strict = e->strict;
    what->interop = e->interop;
    what->end = e->end;
    memcpy(out, e->text, e->n);
    return e->n;
}

size_t suite_make(size_t group, size_t i, struct suite_case *what, char *out)
{
    static char body[SUITE_OCTETS];
    struct text t = {out, 0}, b = {body, 0};
    struct place place;
    const struct material *m = &materials[i];

    memset(what, 0, sizeof *what);
    if (!find(group, &place))
        return 0;
    if (place.first)
        return make_example(&place.first[i], what, out);
    add_pieces(&b, &place, place.t->body, place.t->n, m, 0);
    add_pieces(&t, &place, 0, place.t->body, m, b.n);
    add(&t, b.p, b.n);
    what->kind = SUITE_MESSAGE;
    what->group = suite_group(group);
    what->what = place.piece ? m->name : "as it is";
    announce(&place, m, b.n, what);
    return t.n;
}
