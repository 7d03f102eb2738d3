/* Names of parameters that compiled code compares as one word: the name and the byte behind it,
 * where examples begin a parameter with them most often.  What the automaton does on the way is
 * known, and so is the line of the name, which need not be looked up. */
#include "express.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

/* So many names of a node are compared; and so many examples make one usual. */
enum { NAMES_MOST = 2, NAME_LEAST = 4 };

void count_name(struct literals *l, const struct grammar *g, const char *text)
{
    const byteset token = token_bytes((struct grammar *)g);
    size_t n = 0;
    while (text[n] && set_has(&token, (unsigned char)text[n]))
        n++;
    if (n == 0 || n > 15 || text[n] <= ' ')
        return;
    for (int i = 0; i < l->all.n; i++)
        if (strlen(l->all.at[i].text) == n + 1 && strncmp(l->all.at[i].text, text, n + 1) == 0) {
            l->all.at[i].count++;
            return;
        }
    struct literal *one = PUSH(&l->all);
    one->text = format("%.*s", (int)n + 1, text);
    one->count = 1;
}

/* The number of a name among those of all selects, or -1. */
static int name_number(const struct grammar *g, int select, const char *text, size_t n)
{
    int first = 0;
    for (int i = 0; i < select; i++)
        first += g->selects.at[i].names.n;
    for (int i = 0; i < g->selects.at[select].names.n; i++) {
        const char *name = g->selects.at[select].names.at[i].name;
        if (strlen(name) == n && same_name(name, format("%.*s", (int)n, text)))
            return first + i;
    }
    return -1;
}

/* The select of all parameters that end in a node; -1 if there is none or more than one. */
static int only_select(const struct graph_node *node)
{
    int select = -1;
    for (int i = 0; i < node->exits.n; i++) {
        const int one = node->exits.at[i].select;
        if (one >= 0 && select >= 0 && one != select)
            return -1;
        if (one >= 0)
            select = one;
    }
    return select;
}

static const struct arc *arc_for(const struct chunk_state *s, int byte)
{
    for (int i = 0; i < s->arcs.n; i++)
        if (set_has(&s->arcs.at[i].set, byte))
            return &s->arcs.at[i];
    return NULL;
}

/* The way over the text, whatever the case of its letters: its assignments to `ops`.  Returns the
 * arc of the last byte, NULL if there is no such way; `*state` is where that one begins. */
static const struct arc *way_over(const struct chunk *c, const char *text, char **ops, int *state)
{
    const struct arc *a = NULL;
    *ops = format("%s", "");
    for (int at = 0, s = 0; text[at]; at++, s = a->to) {
        const int byte = tolower((unsigned char)text[at]);
        if (a && a->leave)
            return NULL;
        *state = s;
        a = arc_for(&c->states.at[s], byte);
        if (!a || (isalpha(byte) && arc_for(&c->states.at[s], toupper(byte)) != a))
            return NULL;
        for (int i = 0; i < a->ops.n; i++) {
            const struct op_assign *op = &a->ops.at[i];
            *ops = format("%s r%d = %s;", *ops, op->reg,
                          op->from < 0 ? format("at + %d", at) : format("r%d", op->from));
        }
    }
    return a;
}

/* The bytes of a text in one number, the first lowest; and the bits of their cases. */
static uint64_t bytes_of(const char *text, int n, uint64_t *cases)
{
    uint64_t bytes = 0;
    *cases = 0;
    for (int i = n - 1; i >= 0; i--) {
        const int c = tolower((unsigned char)text[i]);
        bytes = bytes << 8 | (unsigned)c;
        *cases = *cases << 8 | (isalpha(c) ? 0x20u : 0);
    }
    return bytes;
}

/* "The text stands at `at`", in C. */
static char *stands_there(const char *text)
{
    uint64_t cases;
    const int n = (int)strlen(text);
    const uint64_t bytes = bytes_of(text, n < 8 ? n : 8, &cases);
    if (n == 4)
        return format("(sipv_word(s + at) | SIPV_WORD_OF(0x%" PRIx64
                      "u)) == SIPV_WORD_OF(0x%" PRIx64 "u)",
                      cases, bytes);
    if (n < 4)
        return format("((sipv_word(s + at) | SIPV_WORD_OF(0x%" PRIx64
                      "u)) & SIPV_WORD_OF(0x%xu)) == "
                      "SIPV_WORD_OF(0x%" PRIx64 "u)",
                      cases, (1u << (8 * n)) - 1, bytes);
    if (n <= 8)
        return format("(sipv_load_8(s + at) | 0x%" PRIx64 "u) << %d == 0x%" PRIx64 "u", cases,
                      64 - 8 * n, bytes << (64 - 8 * n));
    uint64_t last_cases;
    const uint64_t last = bytes_of(text + n - 8, 8, &last_cases);
    return format("(sipv_load_8(s + at) | 0x%" PRIx64 "u) == 0x%" PRIx64 "u && "
                  "(sipv_load_8(s + at + %d) | 0x%" PRIx64 "u) == 0x%" PRIx64 "u",
                  cases, bytes, n - 8, last_cases, last);
}

static int most_counted(const struct literals *l, const bool *done)
{
    int best = -1;
    for (int i = 0; i < l->all.n; i++)
        if (!done[i] && l->all.at[i].count >= NAME_LEAST &&
            (best < 0 || l->all.at[i].count > l->all.at[best].count))
            best = i;
    return best;
}

void emit_names(struct code *k, const struct chunk *c, const struct literals *l)
{
    const int select = only_select(&k->graph->nodes.at[k->node]);
    bool *done = zalloc((size_t)l->all.n + 1);
    int rest = all_visits(&c->states.at[0], NULL);
    k->knows_names = false;
    for (int i, n = 0; select >= 0 && n < NAMES_MOST && (i = most_counted(l, done)) >= 0;) {
        const char *text = l->all.at[i].text;
        const int number = name_number(k->g, select, text, strlen(text) - 1);
        char *ops;
        int state = 0;
        const struct arc *last = way_over(c, text, &ops, &state);
        done[i] = true;
        if (number < 0 || !last)
            continue;
        if (!k->knows_names)
            fprintf(k->f, "    known = NULL;\n");
        k->knows_names = true;
        n++;
        fprintf(k->f, "    if (%s) {\n       %s known = &sipv_%s_select_names[%d];",
                odds(stands_there(text), l->all.at[i].count, &rest), ops, k->g->name, number);
        if (last->leave)
            fprintf(k->f, " at += %d; goto n%dx%d;", (int)strlen(text) - 1, k->node,
                    leave_number(k, c, state, last->leave, true));
        else
            fprintf(k->f, " at += %d; goto n%ds%d;", (int)strlen(text), k->node, last->to);
        fprintf(k->f, " /* %s */\n    }\n", text);
    }
}
