/* fuzz-rules [-v] PATH...: which rules of the grammars, which branches of their alternatives and
 * which names of parameters do inputs of fuzz_grammar_diff go through, on their way to being
 * accepted?  Files, folders and packs, as the runner reads them.
 *
 * A rule counts where another one refers to it, or a header has it: by itself it counts only if it
 * stands alone.  A text that the strict grammar refuses counts with the relaxations of the interop
 * profile.  The
 * explaining engine must be of one mind with the machine that knows the way (derivation.h), for
 * every input.
 *
 * -v lists every rule that was reached too, not only what was missed.
 *
 * Exit: 0 every rule, branch and name is reached; 1 one is not; 3 a path cannot be read. */
#include <sipvet/auth.h>
#include <sipvet/parser.h>
#include <sipvet/sdp.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "derivation.h"
#include "input.h"
#include "message.h"
#include "runner.h"
#include "subject.h"

const char fuzz_target_name[] = "fuzz-rules", fuzz_target_oracles[] = "";

enum { KINDS = 3 }; /* of sipv_cover_what */

static struct language {
    const char *name;
    const sipv_grammar *g;
    size_t size; /* of a cover */
    unsigned char *cover, *reach;
    unsigned char *one; /* a third one */
    bool *called;       /* the rules that another one refers to */
} languages[3];

static bool verbose;

static bool is_set(const unsigned char *cover, size_t bit)
{
    return cover[bit / 8] >> bit % 8 & 1;
}

static unsigned long texts, accepted, relaxed, hidden;

/* ---- What there is -----------------------------------------------------------------------------
 */

/* Is it a rule of the ABNF?  Those made up for the engines have no name to find them by. */
static bool is_known(const sipv_grammar *g, int rule)
{
    return !(g->rules[rule].flags & SIPV_RULE_MADE_UP);
}

static void see_call(struct language *l, unsigned rule)
{
    if (rule != SIPV_NO_RULE)
        l->called[rule] = true;
}

static bool find_calls(struct language *l)
{
    l->called = calloc((size_t)sipv_rule_count(l->g), sizeof *l->called);
    for (unsigned i = 0; l->called && i < l->g->n_ops; i++) {
        const sipv_op *op = &l->g->ops[i];
        if (op->op == SIPV_OP_CALL)
            see_call(l, op->x);
        else if (op->op == SIPV_OP_SET)
            see_call(l, op->y);
    }
    for (unsigned s = 0; l->called && s < l->g->n_selects; s++)
        for (unsigned i = 0; i < l->g->selects[s].count; i++) {
            see_call(l, l->g->select_names[l->g->selects[s].first + i].rule);
            see_call(l, l->g->select_names[l->g->selects[s].first + i].keyword);
        }
    return l->called != NULL;
}

/* All that any rule leads to.  Each begins with an empty cover, or what it calls would be taken for
 * done. */
static bool find_reach(struct language *l)
{
    l->size = sipv_cover_size(l->g);
    l->cover = calloc(l->size, 1);
    l->reach = calloc(l->size, 1);
    l->one = malloc(l->size);
    if (!l->cover || !l->reach || !l->one)
        return false;
    for (int rule = 0; rule < sipv_rule_count(l->g); rule++)
        for (int value = 0; value < 2 && is_known(l->g, rule); value++) {
            memset(l->one, 0, l->size);
            if (sipv_cover_reach(l->g, rule, value, l->one) != SIPV_OK)
                continue; /* no header */
            for (size_t i = 0; i < l->size; i++)
                l->reach[i] |= l->one[i];
        }
    return true;
}

static bool begin(void)
{
    languages[0] = (struct language){.name = "SIP", .g = sipv_sip_grammar()};
    languages[1] = (struct language){.name = "SDP", .g = sipv_sdp_grammar()};
    languages[2] = (struct language){.name = "Digest", .g = sipv_auth_grammar()};
    for (size_t i = 0; i < sizeof languages / sizeof *languages; i++)
        if (!find_reach(&languages[i]) || !find_calls(&languages[i]))
            return false;
    return fuzz_explainer() != NULL;
}

/* ---- Inputs ------------------------------------------------------------------------------------
 */

static bool explains(const struct fuzz_subject *s, sipv_slice text, uint64_t *relaxations)
{
    sipv_match match;
    sipv_explain(s->g, s->rule, s->value, text, *relaxations, fuzz_explainer(), 0, NULL, 0, &match);
    *relaxations = match.relaxations;
    return match.accepted;
}

/* Both with the same relaxations, or both not. */
static bool derives(const char *path, struct language *l, const struct fuzz_subject *s,
                    sipv_slice text, uint64_t relaxations)
{
    uint64_t found = relaxations, explained = relaxations;
    const bool a = fuzz_derive(s->g, s->rule, s->value, text, &found, l->cover) == FUZZ_DERIVED,
               b = explains(s, text, &explained);
    if (a != b || (a && found != explained)) {
        fprintf(stderr, "fuzz-rules: %s: %s is explained otherwise than derived\n", path,
                sipv_rule_name(s->g, s->rule));
        abort();
    }
    if (a && (s->value || !l->called[s->rule]))
        l->cover[s->rule / 8] |= (unsigned char)(1u << s->rule % 8);
    return a;
}

/* What no first reading goes through may lie on another reading. */
static void derive_hidden(struct language *l, const struct fuzz_subject *s, sipv_slice text)
{
    sipv_cover_item item;
    memset(l->one, 0, l->size);
    sipv_cover_reach(s->g, s->rule, s->value, l->one);
    for (size_t at = 0; sipv_cover_next(s->g, l->one, &at, &item) == SIPV_OK;) {
        if (is_set(l->cover, item.bit) || item.bit == (size_t)s->rule)
            continue;
        hidden += fuzz_derive_through(s->g, s->rule, s->value, text, 0, item.bit, l->cover);
    }
}

/* In the second pass every input has had its first reading. */
static void take_text(const char *path, struct language *l, const struct fuzz_subject *s,
                      sipv_slice text, bool second)
{
    if (second) {
        derive_hidden(l, s, text);
        return;
    }
    texts++;
    if (derives(path, l, s, text, 0))
        accepted++;
    else
        relaxed += derives(path, l, s, text, ~(uint64_t)0);
}

static void take_input(const struct runner_input *file, bool second)
{
    struct fuzz_input in;
    if (!fuzz_open(&in, file->data, file->n))
        return;
    sipv_slice text = fuzz_text(&in);
    const struct fuzz_subject s = fuzz_take_subject(&text, fuzz_number(&in));
    for (size_t i = 0; i < sizeof languages / sizeof *languages; i++)
        if (languages[i].g == s.g)
            take_text(file->path, &languages[i], &s, text, second);
    fuzz_close(&in);
}

/* ---- What was reached --------------------------------------------------------------------------
 */

static void print_item(const struct language *l, const sipv_cover_item *item, const char *how)
{
    printf("  %s %s: ", l->name, how);
    switch (item->what) {
    case SIPV_COVER_RULE: break;
    case SIPV_COVER_NAME: printf("the name %s in ", item->begins_with); break;
    case SIPV_COVER_BRANCH: printf("branch %u.%u of ", item->choice, item->branch);
    }
    fputs(sipv_rule_name(l->g, item->rule), stdout);
    if (item->what == SIPV_COVER_BRANCH && item->begins_with)
        printf(", which begins with %s", item->begins_with);
    else if (item->what == SIPV_COVER_BRANCH && item->byte >= 0)
        printf(", which begins with octet %d", item->byte);
    putchar('\n');
}

static bool print(const struct language *l)
{
    static const char *const names[KINDS] = {"rules", "branches", "names"};
    size_t all[KINDS] = {0}, reached[KINDS] = {0}, at = 0;
    sipv_cover_item item;
    while (sipv_cover_next(l->g, l->reach, &at, &item) == SIPV_OK) {
        const bool there = is_set(l->cover, item.bit);
        all[item.what]++;
        reached[item.what] += there;
        if (!there || (verbose && item.what == SIPV_COVER_RULE))
            print_item(l, &item, there ? "reached" : "MISSED");
    }
    printf("%-6s", l->name);
    for (unsigned i = 0; i < KINDS; i++)
        printf("  %zu of %zu %s", reached[i], all[i], names[i]);
    putchar('\n');
    return reached[0] == all[0] && reached[1] == all[1] && reached[2] == all[2];
}

int main(int argc, char **argv)
{
    struct runner_inputs all = {NULL, 0, 0};
    verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
    bool fine = begin(), complete = true;
    for (int i = 1 + verbose; i < argc; i++)
        fine &= runner_read(&all, argv[i]);
    runner_sort(&all);
    for (unsigned second = 0; second < 2; second++)
        for (size_t i = 0; i < all.n; i++)
            take_input(&all.list[i], second);
    printf("%lu texts, %lu accepted, %lu more with relaxations; on a later reading only: %lu\n",
           texts, accepted, relaxed, hidden);
    for (size_t i = 0; fine && i < sizeof languages / sizeof *languages; i++)
        complete &= print(&languages[i]);
    runner_free(&all);
    return !fine || !texts ? 3 : complete ? 0 : 1;
}
