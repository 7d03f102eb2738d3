/* Parameters chosen by name -> C: how their names are looked up, and which values need no look at
 * their rule. */
#include "abnfc.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../src/name.h"

/* ---- Names looked up by hash ----------------------------------------------------------------- */

static uint32_t hash_of(const char *name, uint64_t seed)
{
    const size_t n = strlen(name);
    return sipv_name_hash((const unsigned char *)name, n, seed);
}

/* A seed and a size for which no two names share a slot. */
static uint64_t find_seed(char *const *names, int n, int *bits)
{
    *bits = 2;
    while (1 << *bits < n * 4)
        ++*bits;
    for (;; ++*bits) {
        unsigned char *used = zalloc((size_t)1 << *bits);
        int tries = 0;
        for (uint64_t seed = 0x9e3779b97f4a7c15u; tries < 20000;
             tries++, seed = (seed * 0xd1342543de82ef95u + 0x2545f4914f6cdd1du) | 1) {
            memset(used, 0, (size_t)1 << *bits);
            int i = 0;
            while (i < n && !used[hash_of(names[i], seed) >> (32 - *bits)]++)
                i++;
            if (i == n)
                return seed;
        }
        free(used);
        if (*bits > 16)
            fail("two names cannot be told apart by their hash: %s ...", n ? names[0] : "");
    }
}

/* ---- Values -------------------------------------------------------------------------------------
 */

/* A name that a later file adds to a rule: the older grammar still takes it as any other. */
static bool is_extension(struct grammar *g, int select, int name)
{
    const struct select_rule *s = &g->selects.at[select];
    return g->rules.at[s->names.at[name].keyword].source != g->rules.at[s->rule].source;
}

/* The bytes of a token. */
byteset token_bytes(struct grammar *g)
{
    const int rule = find_rule(g, "token"); /* a grammar may do without */
    byteset chars = {{0}};
    for (int c = 0; rule >= 0 && c < 256; c++)
        if (language(g, rule)->next[0][c] >= 0)
            set_add(&chars, c);
    return chars;
}

byteset simple_bytes(struct grammar *g)
{
    byteset chars = token_bytes(g), others = {{0}};
    set_add(&others, '%');
    set_add(&others, '`');
    for (int i = 0; i < 4; i++)
        chars.w[i] &= ~others.w[i];
    return chars;
}

/* 1*( one of the bytes ), or 1*most of them if `most` is not 0. */
static const struct dfa *run_of(byteset bytes, int most)
{
    const int last = most ? most : 1;
    struct dfa *d = zalloc(sizeof *d);
    d->n = last + 1;
    d->next = zalloc(sizeof *d->next * (size_t)d->n);
    d->accept = zalloc((size_t)d->n);
    for (int s = 0; s <= last; s++) {
        const int to = s < last ? s + 1 : most ? -1 : last;
        d->accept[s] = s > 0;
        for (int c = 0; c < 256; c++)
            d->next[s][c] = set_has(&bytes, c) ? to : -1;
    }
    return d;
}

/* A number of at most so many digits is right and in its range; 255 is as good as any. */
static int sure_digits(struct grammar *g, const struct select_name *n)
{
    const int most = same_name(n->name, "ttl") ? 2 : same_name(n->name, "expires") ? 9 : 0;
    if (n->value == SIPV_VALUE_NONE ||
        (n->rule >= 0 && not_included(run_of(set_range('0', '9'), most), language(g, n->rule))))
        return 0;
    return most ? most : 255;
}

static bool takes_address(struct grammar *g, int rule)
{
    const int address = find_rule(g, "IPv4address");
    return address >= 0 && rule >= 0 && !not_included(language(g, address), language(g, rule));
}

/* "0" [ "." 0*3DIGIT ] */
static const struct dfa *fractions(void)
{
    const byteset digits = set_range('0', '9');
    struct dfa *d = zalloc(sizeof *d);
    d->n = 6;
    d->next = zalloc(sizeof *d->next * (size_t)d->n);
    d->accept = zalloc((size_t)d->n);
    for (int s = 0; s < d->n; s++) {
        d->accept[s] = s > 0;
        for (int c = 0; c < 256; c++) {
            const bool next = s == 0 ? c == '0' : s == 1 ? c == '.' : set_has(&digits, c);
            d->next[s][c] = next && s + 1 < d->n ? s + 1 : -1;
        }
    }
    return d;
}

static bool takes_fraction(struct grammar *g, int rule)
{
    return rule >= 0 && !not_included(fractions(), language(g, rule));
}

/* The forms of which every value is right. */
static int accepted_forms(struct grammar *g, int value, int rule)
{
    const int token = find_rule(g, "token"), quoted = find_rule(g, "qstring");
    int forms = value != SIPV_VALUE_REQUIRED ? SIPV_FORM_ABSENT : 0;
    if (value == SIPV_VALUE_NONE)
        return forms;
    if (rule < 0)
        return forms | SIPV_FORM_ANY;
    if (token >= 0 && !not_included(language(g, token), language(g, rule)))
        forms |= SIPV_FORM_TOKEN;
    if (!not_included(run_of(simple_bytes(g), 0), language(g, rule)))
        forms |= SIPV_FORM_SIMPLE;
    if (quoted >= 0 && !not_included(language(g, quoted), language(g, rule)))
        forms |= SIPV_FORM_QUOTED;
    return forms;
}

/* Do two selects judge every parameter alike? */
static bool same_select(struct grammar *g, int a, int b)
{
    const struct select_rule *x = &g->selects.at[a], *y = &g->selects.at[b];
    if (x->name_kind != y->name_kind || x->value_kind != y->value_kind || x->other != y->other ||
        x->plain != y->plain || x->names.n != y->names.n)
        return false;
    for (int i = 0; i < x->names.n; i++) {
        const struct select_name *m = &x->names.at[i], *n = &y->names.at[i];
        if (!same_name(m->name, n->name) || m->value != n->value || m->rule != n->rule ||
            is_extension(g, a, i) != is_extension(g, b, i))
            return false;
    }
    return true;
}

void prepare_selects(struct grammar *g)
{
    int slots = 0;
    for (int i = 0; i < g->selects.n; i++) {
        struct select_rule *s = &g->selects.at[i];
        char **names = zalloc(sizeof *names * (size_t)(s->names.n + 1));
        for (int k = 0; k < s->names.n; k++)
            names[k] = s->names.at[k].name;
        s->seed = find_seed(names, s->names.n, &s->bits);
        s->alike = 0;
        while (!same_select(g, s->alike, i))
            s->alike++;
        s->first_slot = slots;
        slots += 1 << s->bits;
        s->other_accepts =
            accepted_forms(g, SIPV_VALUE_OPTIONAL, s->other) & (s->other < 0 ? SIPV_FORM_ANY : ~0);
    }
}

/* A name as sipv_is_name() compares it. */
void emit_folded(FILE *f, const char *name)
{
    int n = 0;
    for (; n < SIPV_FOLDED && name[n]; n++)
        fprintf(f, "%d,", name[n] | 0x20);
    if (n < SIPV_FOLDED)
        fprintf(f, "0");
}

static void emit_select_slots(const struct grammar *g, FILE *f)
{
    int last = 0, first = 0;
    for (int i = 0; i < g->selects.n; i++)
        last += g->selects.at[i].names.n;
    fprintf(f,
            "enum { LINE = sizeof(sipv_select_name) };\n"
            "const uint16_t sipv_%s_select_slots[] = {\n    ",
            g->name);
    for (int i = 0; i < g->selects.n; i++) {
        const struct select_rule *s = &g->selects.at[i];
        int *line = zalloc(sizeof *line << s->bits);
        for (int h = 0; h < 1 << s->bits; h++)
            line[h] = last;
        for (int k = 0; k < s->names.n; k++)
            line[hash_of(s->names.at[k].name, s->seed) >> (32 - s->bits)] = first + k;
        for (int h = 0; h < 1 << s->bits; h++)
            fprintf(f, "%d * LINE,%s", line[h], h % 8 == 7 ? "\n    " : "");
        first += s->names.n;
    }
    fprintf(f, "0};\n");
    if (last * (int)sizeof(sipv_select_name) > UINT16_MAX)
        fail("the names of parameters do not fit 16-bit offsets");
}

void emit_selects(struct grammar *g, FILE *f)
{
    fprintf(f, "const sipv_select_name sipv_%s_select_names[] = {\n", g->name);
    for (int i = 0; i < g->selects.n; i++)
        for (int k = 0; k < g->selects.at[i].names.n; k++) {
            const struct select_name *n = &g->selects.at[i].names.at[k];
            const int root = n->rule < 0 ? -1 : g->rules.at[n->rule].root;
            const bool ranged = same_name(n->name, "ttl") || same_name(n->name, "expires");
            const int accepts = accepted_forms(g, n->value, n->rule);
            fprintf(f, "    {\"%s\", %d, %d, %d, %u, %d, %u, %d, %d, %d, %d, %d, %d,\n     ",
                    n->name, (int)strlen(n->name), n->value, is_extension(g, i, k),
                    n->rule < 0 ? SIPV_NO_RULE : (unsigned)n->rule, n->keyword,
                    root < 0 ? SIPV_NO_RULE : (unsigned)root, accepts, ranged ? 0 : accepts,
                    sure_digits(g, n), ranged, takes_address(g, n->rule),
                    takes_fraction(g, n->rule));
            fprintf(f, "(uint64_t)1 << %d, 0x%" PRIx64 "u, 0x%" PRIx64 "u, {", k % 64,
                    sipv_name_first((const unsigned char *)n->name, strlen(n->name)),
                    sipv_name_last((const unsigned char *)n->name, strlen(n->name)));
            emit_folded(f, n->name);
            fprintf(f, "}},\n");
        }
    fprintf(f, "    {NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, {0}}};\n");
    emit_select_slots(g, f);
    fprintf(f, "static const sipv_select selects[] = {\n");
    int first = 0;
    for (int i = 0; i < g->selects.n; i++) {
        const struct select_rule *s = &g->selects.at[i];
        const int root = s->other < 0 ? -1 : g->rules.at[s->other].root;
        fprintf(f, "    {%d, %d, %d, %d, %d, %u, %u, %d, %d, 0x%" PRIx64 "u, %d, %d}, /* %s */\n",
                s->rule, s->name_kind, s->value_kind, first, s->names.n,
                s->other < 0 ? SIPV_NO_RULE : (unsigned)s->other,
                root < 0 ? SIPV_NO_RULE : (unsigned)root, s->other_accepts, s->plain, s->seed,
                32 - s->bits, s->first_slot, g->rules.at[s->rule].name);
        first += s->names.n;
    }
    fprintf(f, "    {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}};\n");
}
