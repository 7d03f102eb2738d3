/* Do both engines agree?  Sentences and near misses of every rule that has a typed form, and of the
 * values of Digest parameters.
 *
 *     agree COUNT [PART/PARTS | NAME...]
 *
 * COUNT texts for each view, spread over its headers; half of them sentences of the grammar, half
 * sentences that were damaged.  PART/PARTS takes a share of the views, so that two processors can
 * work; NAME takes one header or rule.  The texts depend on nothing but COUNT: a difference that
 * was seen once is seen again.  Every rule stops at its first difference. */
#include <sipvet/parser.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engines.h"
#include "program.h"

enum { LONGEST = 2048 };

struct text {
    unsigned char p[LONGEST];
    size_t n;
};

static struct engines engines;
static unsigned char *cover[ENGINES_LANGUAGES];
static size_t texts, accepted, differences;

/* ---- Damage ---------------------------------------------------------------------------------- */

static uint64_t draw(uint64_t *seed)
{
    uint64_t z = *seed += 0x9e3779b97f4a7c15u; /* splitmix64 */
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static size_t below(uint64_t *seed, size_t n)
{
    return n ? (size_t)(draw(seed) % n) : 0;
}

static void replace(struct text *t, size_t at, size_t cut, const void *bytes, size_t n)
{
    if (t->n - cut + n > LONGEST)
        return;
    memmove(t->p + at + n, t->p + at + cut, t->n - at - cut);
    memcpy(t->p + at, bytes, n);
    t->n = t->n - cut + n;
}

static const char punctuation[] = ",;=<>\"()@:/%[]\\?&.-+*' \t!#$_|~{}^`";

/* One change.  `other` is another sentence of the same rule. */
static void damage(struct text *t, const struct text *other, uint64_t *seed)
{
    static const char *const pieces[] = {
        "\r\n ",    "\r\n",        " ",   "\t",   "\r",    "\n",  "\"\"",    "<>",     "<sip:",
        "sips:",    "tel:",        "%4",  "%41",  "%",     ",,",  ";;",      ";a",     ";a=b",
        ";a=\"b\"", "=",           "()",  "(a)",  "[::1]", "[",   "1.2.3.4", "\\",     "\xc3\xa9",
        "\xc3",     "\xff",        ";lr", "?a=b", "&c=d",  "@",   ":",       ";q=0.5", ";tag=x",
        "*",        "99999999999", "0",   "a",    " , ",   " ; ", " \r\n "};
    const size_t at = below(seed, t->n + 1);
    const size_t left = t->n - at;
    unsigned char byte;
    const char *piece;
    switch (below(seed, 12)) {
    case 0: /* a byte of any value more */
        byte = (unsigned char)draw(seed);
        replace(t, at, 0, &byte, 1);
        break;
    case 1: /* punctuation more */
        replace(t, at, 0, &punctuation[below(seed, sizeof punctuation - 1)], 1);
        break;
    case 2:
    case 3: /* bytes less */
        replace(t, at, left ? 1 + below(seed, left < 4 ? left : 4) : 0, "", 0);
        break;
    case 4: /* another byte */
        byte = (unsigned char)draw(seed);
        replace(t, at, left > 0, &byte, 1);
        break;
    case 5: /* other punctuation in the place of some */
        for (size_t i = 0, from = at; i < t->n; i++) {
            const size_t k = (from + i) % t->n;
            if (t->p[k] && strchr(punctuation, t->p[k])) {
                t->p[k] = (unsigned char)punctuation[below(seed, sizeof punctuation - 1)];
                break;
            }
        }
        break;
    case 6: { /* a stretch twice */
        unsigned char again[64];
        const size_t n = below(seed, (left < sizeof again ? left : sizeof again) + 1);
        memcpy(again, t->p + at, n);
        replace(t, at, 0, again, n);
        break;
    }
    case 7: t->n = at; break;
    case 8: { /* the end of another sentence */
        const size_t from = below(seed, other->n + 1);
        replace(t, at, left, other->p + from, other->n - from);
        break;
    }
    case 9: { /* a stretch of another sentence */
        const size_t from = below(seed, other->n + 1);
        replace(t, at, 0, other->p + from, below(seed, other->n - from + 1));
        break;
    }
    case 10: /* letters in the other case */
        for (size_t i = at; i < t->n && i < at + 8; i++)
            if ((t->p[i] | 0x20) >= 'a' && (t->p[i] | 0x20) <= 'z')
                t->p[i] ^= 0x20;
        break;
    default:
        piece = pieces[below(seed, sizeof pieces / sizeof *pieces)];
        replace(t, at, 0, piece, strlen(piece));
    }
}

/* ---- Rules ----------------------------------------------------------------------------------- */

static void report(int rule, bool value, const struct text *t, const char *why)
{
    static char out[4 * LONGEST + 8];
    char smallest[320] = "";
    struct text less = *t;
    printf("%s: %s\n    \"%s\"\n", sipv_rule_name(engines_grammar(engines.language), rule), why,
           escape_bytes(t->p, t->n, out, sizeof out));
    engines_minimise(&engines, rule, value, less.p, &less.n);
    engines_agree(&engines, rule, value, less.p, less.n, NULL, smallest, sizeof smallest);
    printf("  smaller: %s\n    \"%s\"\n", smallest, escape_bytes(less.p, less.n, out, sizeof out));
    fflush(stdout);
    differences++;
}

static bool try(int rule, bool value, const struct text *t)
{
    struct engines_outcome out;
    char why[320];
    texts++;
    if (engines_agree(&engines, rule, value, t->p, t->n, &out, why, sizeof why)) {
        accepted += out.accepted;
        return true;
    }
    report(rule, value, t, why);
    return false;
}

static void run_rule(int rule, bool value, size_t count)
{
    const sipv_grammar *g = engines_grammar(engines.language);
    uint64_t seed = (uint64_t)rule * 0x10001 + 7;
    struct text now = {.n = 0}, before = {.n = 0};
    for (size_t i = 0; i < count; i += 2) {
        before = now;
        if (sipv_sample(g, rule, value, &seed, now.p, sizeof now.p / 2, &now.n,
                        cover[engines.language]) != SIPV_OK) {
            printf("%s: no sentence\n", sipv_rule_name(g, rule));
            differences++;
            return;
        }
        if (!try(rule, value, &now))
            return;
        if (i + 1 == count)
            return;
        struct text worse = now;
        for (size_t changes = 1 + below(&seed, 3); changes > 0; changes--)
            damage(&worse, &before, &seed);
        if (!try(rule, value, &worse))
            return;
    }
}

/* The rules of a view, header rules with their values. */
static void run_view(int view, size_t count, const char *only)
{
    const sipv_grammar *g = engines_grammar(engines.language);
    unsigned rules = 0;
    for (int r = 0; r < g->n_rules; r++)
        rules += g->rules[r].view == view && g->rules[r].root != SIPV_NO_RULE;
    for (int r = 0; r < g->n_rules; r++)
        if (g->rules[r].view == view && g->rules[r].root != SIPV_NO_RULE &&
            (!only || sipv_slice_is(sipv_slice_text(g->rules[r].name), only)))
            run_rule(r, (g->rules[r].flags & SIPV_RULE_HEADER) != 0,
                     only ? count : (count + rules - 1) / rules);
}

/* Rules with a matcher and no view: the values of Digest parameters. */
static void run_values(size_t count, const char *only)
{
    const sipv_grammar *g = engines_grammar(engines.language);
    for (int r = 0; r < g->n_rules; r++)
        if (g->rules[r].view < 0 && g->rules[r].root != SIPV_NO_RULE &&
            (!only || sipv_slice_is(sipv_slice_text(g->rules[r].name), only)))
            run_rule(r, false, count);
}

static void run_language(enum engines_language language, size_t count, int n_names, char **names,
                         unsigned part, unsigned parts)
{
    engines.language = language;
    for (int view = 0; view < engines_grammar(language)->n_views; view++)
        if (n_names)
            for (int i = 0; i < n_names; i++)
                run_view(view, count, names[i]);
        else if ((unsigned)view % parts == part % parts)
            run_view(view, count, NULL);
#ifdef TESTS_WITH_AUTH
    if (language != ENGINES_DIGEST)
        return;
    for (int i = 0; i < n_names; i++)
        run_values(count, names[i]);
    if (!n_names && part == 0)
        run_values(count / 10, NULL);
#endif
}

int main(int argc, char **argv)
{
    const size_t count = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 0;
    unsigned part = 0, parts = 1;
    bool names = argc > 2 && sscanf(argv[2], "%u/%u", &part, &parts) != 2, room = true;
    for (int i = 0; i < ENGINES_LANGUAGES; i++) {
        cover[i] = calloc(1, sipv_cover_size(engines_grammar((enum engines_language)i)));
        room = room && cover[i];
    }
    if (count == 0 || parts == 0 || !room || !engines_open(&engines, LONGEST)) {
        fprintf(stderr, "usage: agree COUNT [PART/PARTS | NAME...]\n");
        return 2;
    }
    for (int i = 0; i < ENGINES_LANGUAGES; i++)
        run_language((enum engines_language)i, count, names ? argc - 2 : 0, argv + 2, part, parts);
    printf("%zu texts, %zu accepted, %zu rules with a difference\n", texts, accepted, differences);
    engines_close(&engines);
    for (int i = 0; i < ENGINES_LANGUAGES; i++)
        free(cover[i]);
    return differences || !texts;
}
