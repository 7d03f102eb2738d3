#include "made_grammar.h"

#include <string.h>

enum { OPS = 8192, SETS = 256, RULES = 26, NESTED = 24, NONE = -1 };

static sipv_op ops[OPS];
static uint64_t sets[SETS][4];
static sipv_rule rules[RULES];
static uint16_t cut_rules[OPS];
static const char *const names[RULES] = {"A", "B", "C", "D", "E", "F", "G", "H", "I",
                                         "J", "K", "L", "M", "N", "O", "P", "Q", "R",
                                         "S", "T", "U", "V", "W", "X", "Y", "Z"};
static const char *const sources[] = {"", "made"};
static sipv_grammar grammar;

/* What is being read. */
struct reader {
    const unsigned char *p, *end;
    unsigned n_ops, n_sets, n_rules, rule, nested;
    int numbers[RULES]; /* of the rules, by letter, or NONE */
    bool wrong;
};

/* ---- Ops ---------------------------------------------------------------------------------------
 */

static unsigned add_op(struct reader *r, unsigned op, unsigned a, unsigned x, unsigned y)
{
    if (r->n_ops == OPS) {
        r->wrong = true;
        return 0;
    }
    ops[r->n_ops] = (sipv_op){(uint8_t)op, (uint8_t)a, (uint16_t)x, (uint16_t)y};
    return r->n_ops++;
}

/* The number of a set. */
static unsigned find_set(struct reader *r, const uint64_t *set)
{
    unsigned i = 0;
    while (i < r->n_sets && memcmp(sets[i], set, sizeof sets[i]) != 0)
        i++;
    if (i == SETS) {
        r->wrong = true;
        return 0;
    }
    memcpy(sets[i], set, sizeof sets[i]);
    r->n_sets += i == r->n_sets;
    return i;
}

/* How many of x and y, the last ones, are places. */
static unsigned places_of(const sipv_op *op)
{
    return op->op == SIPV_OP_SPLIT || op->op == SIPV_OP_JUMP ? 2 : op->op == SIPV_OP_LOOK;
}

/* The places an op speaks of are further on by so many ops. */
static sipv_op moved(sipv_op op, unsigned by)
{
    const unsigned places = places_of(&op);
    op.x = (uint16_t)(op.x + (places > 1 ? by : 0));
    op.y = (uint16_t)(op.y + (places > 0 ? by : 0));
    return op;
}

/* The ops from `from` on once more: what they say of places among themselves moves along. */
static void copy_ops(struct reader *r, unsigned from, unsigned end)
{
    const unsigned by = r->n_ops - from;
    for (unsigned i = from; i < end && !r->wrong; i++) {
        const sipv_op op = moved(ops[i], by);
        add_op(r, op.op, op.a, op.x, op.y);
    }
}

/* Room for one op in front of those from `from` on. */
static void make_room(struct reader *r, unsigned from)
{
    add_op(r, SIPV_OP_JUMP, 0, 0, 0);
    for (unsigned i = r->n_ops - 1; i > from; i--)
        ops[i] = moved(ops[i - 1], 1);
}

/* ---- Reading -----------------------------------------------------------------------------------
 */

static bool take(struct reader *r, unsigned char c)
{
    const bool there = r->p < r->end && *r->p == c;
    r->p += there;
    return there;
}

static int hex(unsigned char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : NONE;
}

/* A byte as it is, or `%HH`. */
static unsigned char take_byte(struct reader *r)
{
    if (r->p == r->end) {
        r->wrong = true;
        return 0;
    }
    const unsigned char c = *r->p++;
    if (c != '%' || r->end - r->p < 2 || hex(r->p[0]) < 0 || hex(r->p[1]) < 0)
        return c;
    r->p += 2;
    return (unsigned char)(hex(r->p[-2]) * 16 + hex(r->p[-1]));
}

static void read_call(struct reader *r, unsigned letter)
{
    const int to = r->numbers[letter];
    if (to < (int)r->rule) { /* a rule that came before would never end */
        r->wrong = true;
        return;
    }
    if (to == (int)r->rule)
        rules[to].flags |= SIPV_RULE_RECURSIVE;
    add_op(r, SIPV_OP_CALL, 0, (unsigned)to, 0);
}

static void read_alternatives(struct reader *r);
static void read_sequence(struct reader *r);

/* The bytes up to the bracket that closes. */
static void read_set(struct reader *r, uint64_t *set)
{
    while (!take(r, ']') && !r->wrong) {
        const unsigned char c = take_byte(r);
        set[c >> 6] |= (uint64_t)1 << (c & 63);
    }
}

/* Behind the `^`: look, the first way, jump behind the second, the second. */
static void read_choice(struct reader *r)
{
    uint64_t set[4] = {0, 0, 0, 0};
    r->wrong |= !take(r, '[');
    read_set(r, set);
    const unsigned char byte = take_byte(r);
    const unsigned look = add_op(r, SIPV_OP_LOOK, byte, find_set(r, set), 0);
    r->wrong |= !take(r, '(');
    read_sequence(r);
    const unsigned jump = add_op(r, SIPV_OP_JUMP, 0, 0, 0);
    ops[look].y = (uint16_t)r->n_ops;
    r->wrong |= !take(r, '|');
    read_alternatives(r);
    r->wrong |= !take(r, ')');
    ops[jump].x = ops[jump].y = (uint16_t)r->n_ops;
}

static void read_atom(struct reader *r)
{
    uint64_t set[4] = {0, 0, 0, 0};
    if (take(r, '^')) {
        read_choice(r);
        return;
    }
    if (take(r, '(')) {
        read_alternatives(r);
        r->wrong |= !take(r, ')');
        return;
    }
    if (take(r, '!')) {
        const unsigned cut = r->n_ops;
        cut_rules[cut % OPS] = (uint16_t)r->rule;
        add_op(r, SIPV_OP_CUT, take_byte(r), cut, 0);
        return;
    }
    if (*r->p >= 'A' && *r->p <= 'Z') {
        read_call(r, *r->p++ - 'A');
        return;
    }
    if (take(r, '.')) {
        memset(set, 0xff, sizeof set);
    } else if (take(r, '[')) {
        read_set(r, set);
    } else {
        const unsigned char c = take_byte(r);
        set[c >> 6] |= (uint64_t)1 << (c & 63);
    }
    add_op(r, SIPV_OP_SET, 0, find_set(r, set), SIPV_NO_RULE);
}

/* "{30}": so often. */
static void read_count(struct reader *r, unsigned from)
{
    const unsigned end = r->n_ops;
    unsigned count = 0;
    while (r->p < r->end && *r->p >= '0' && *r->p <= '9' && count < OPS)
        count = count * 10 + (unsigned)(*r->p++ - '0');
    r->wrong |= !take(r, '}') || count == 0;
    for (unsigned i = 1; i < count && !r->wrong; i++)
        copy_ops(r, from, end);
}

static void read_item(struct reader *r)
{
    const unsigned from = r->n_ops;
    read_atom(r);
    while (!r->wrong) {
        if (take(r, '*')) { /* split, body, jump to the split */
            make_room(r, from);
            add_op(r, SIPV_OP_JUMP, 0, from, from);
            ops[from] =
                (sipv_op){SIPV_OP_SPLIT, SIPV_LOOP, (uint16_t)(from + 1), (uint16_t)r->n_ops};
        } else if (take(r, '?')) {
            make_room(r, from);
            ops[from] = (sipv_op){SIPV_OP_SPLIT, 0, (uint16_t)(from + 1), (uint16_t)r->n_ops};
        } else if (take(r, '{')) {
            read_count(r, from);
        } else {
            return;
        }
    }
}

/* Items, one behind the other. */
static void read_sequence(struct reader *r)
{
    if (++r->nested > NESTED) {
        r->wrong = true;
        return;
    }
    while (!r->wrong && r->p < r->end && *r->p != '|' && *r->p != ')' && *r->p != ';')
        read_item(r);
    r->nested--;
}

/* Alternatives: split, the first, jump behind the second, the second, which may have others in it.
 */
static void read_alternatives(struct reader *r)
{
    const unsigned from = r->n_ops;
    read_sequence(r);
    if (r->wrong || !take(r, '|'))
        return;
    make_room(r, from);
    const unsigned jump = add_op(r, SIPV_OP_JUMP, 0, 0, 0);
    ops[from] = (sipv_op){SIPV_OP_SPLIT, 0, (uint16_t)(from + 1), (uint16_t)r->n_ops};
    read_alternatives(r);
    ops[jump].x = ops[jump].y = (uint16_t)r->n_ops;
}

/* The letters of all rules, which say their numbers. */
static void find_rules(struct reader *r)
{
    bool begins = true;
    for (unsigned i = 0; i < RULES; i++)
        r->numbers[i] = NONE;
    for (const unsigned char *p = r->p; p + 1 < r->end; p++) {
        if (begins && *p >= 'A' && *p <= 'Z' && p[1] == '=' && r->n_rules < RULES &&
            r->numbers[*p - 'A'] == NONE)
            r->numbers[*p - 'A'] = (int)r->n_rules++;
        begins = *p == ';' || (begins && *p == '~');
    }
}

static void read_rule(struct reader *r)
{
    sipv_rule *rule = &rules[r->rule];
    *rule = (sipv_rule){.entry = (uint16_t)r->n_ops, .view = -1, .root = SIPV_NO_RULE, .source = 1};
    if (take(r, '~')) {
        rule->flags = SIPV_RULE_RELAX;
        rule->extra = (uint16_t)r->rule;
    }
    if (r->end - r->p < 2 || r->p[1] != '=' || *r->p < 'A' || *r->p > 'Z' ||
        r->numbers[*r->p - 'A'] != (int)r->rule) {
        r->wrong = true;
        return;
    }
    rule->name = names[*r->p - 'A'];
    r->p += 2;
    read_alternatives(r);
    add_op(r, SIPV_OP_RET, 0, 0, 0);
}

const sipv_grammar *fuzz_make_grammar(sipv_slice text)
{
    struct reader r = {.p = text.p, .end = text.p + text.n};
    find_rules(&r);
    r.wrong = r.n_rules == 0;
    for (; r.rule < r.n_rules && !r.wrong; r.rule++) {
        read_rule(&r);
        r.wrong |= !take(&r, ';') && r.rule + 1 < r.n_rules;
    }
    if (r.wrong || r.p != r.end)
        return NULL;
    grammar = (sipv_grammar){.name = "made",
                             .ops = ops,
                             .sets = (const uint64_t(*)[4])sets,
                             .rules = rules,
                             .sources = sources,
                             .relaxations = names,
                             .cut_rules = cut_rules,
                             .n_ops = (uint16_t)r.n_ops,
                             .n_rules = (uint16_t)r.n_rules,
                             .n_relaxations = RULES};
    return &grammar;
}

/* ---- What abnfc would not take -----------------------------------------------------------------
 */

bool fuzz_decides_early(const sipv_grammar *g)
{
    for (unsigned i = 0; i < g->n_ops; i++)
        if (g->ops[i].op == SIPV_OP_CUT || g->ops[i].op == SIPV_OP_LOOK)
            return true;
    return false;
}

/* Does some way lead from op `pc` to op `goal`, or to the end of the rule if that is OPS, without a
 * byte?  `empty` tells which rules may be. */
static bool leads_to(const sipv_grammar *g, const bool *empty, unsigned pc, unsigned goal)
{
    static bool seen[OPS];
    static uint16_t pending[2 * OPS];
    unsigned n = 0;
    memset(seen, 0, sizeof seen);
    pending[n++] = (uint16_t)pc;
    while (n) {
        pc = pending[--n];
        const sipv_op *op = &g->ops[pc];
        if (goal == OPS ? op->op == SIPV_OP_RET : pc == goal)
            return true;
        if (seen[pc])
            continue;
        seen[pc] = true;
        if (op->op == SIPV_OP_SPLIT || op->op == SIPV_OP_JUMP)
            pending[n++] = op->x;
        if (op->op == SIPV_OP_SPLIT || op->op == SIPV_OP_LOOK)
            pending[n++] = op->y;
        if (op->op == SIPV_OP_LOOK || (op->op == SIPV_OP_CALL && empty[op->x]))
            pending[n++] = (uint16_t)(pc + 1);
    }
    return false;
}

/* Which rules may be empty? */
static void find_empty(const sipv_grammar *g, bool empty[RULES])
{
    for (unsigned rule = g->n_rules; rule-- > 0;) /* each calls later ones and itself */
        empty[rule] = leads_to(g, empty, g->rules[rule].entry, OPS);
}

bool fuzz_repeats_nothing(const sipv_grammar *g)
{
    bool empty[RULES] = {false};
    find_empty(g, empty);
    for (unsigned pc = 0; pc < g->n_ops; pc++)
        if (g->ops[pc].op == SIPV_OP_SPLIT && g->ops[pc].a == SIPV_LOOP &&
            leads_to(g, empty, g->ops[pc].x, pc))
            return true;
    return false;
}

/* ---- Work --------------------------------------------------------------------------------------
 */

/* So many ops are there from op `pc` on before the next byte. */
static size_t ops_before_a_byte(const sipv_grammar *g, const bool *empty, unsigned pc)
{
    static bool seen[OPS];
    static uint16_t pending[2 * OPS];
    unsigned n = 0;
    size_t count = 0;
    memset(seen, 0, g->n_ops);
    pending[n++] = (uint16_t)pc;
    while (n) {
        pc = pending[--n];
        if (seen[pc])
            continue;
        seen[pc] = true;
        count++;
        const sipv_op *op = &g->ops[pc];
        if (op->op == SIPV_OP_SPLIT || op->op == SIPV_OP_JUMP)
            pending[n++] = op->x;
        if (op->op == SIPV_OP_SPLIT || op->op == SIPV_OP_LOOK)
            pending[n++] = op->y;
        if (op->op == SIPV_OP_CALL)
            pending[n++] = g->rules[op->x].entry;
        if (op->op == SIPV_OP_LOOK || (op->op == SIPV_OP_CALL && empty[op->x]))
            pending[n++] = (uint16_t)(pc + 1);
    }
    return count;
}

bool fuzz_is_laborious(const sipv_grammar *g, size_t n)
{
    enum { MOST = 5000000 }; /* a second or two with sanitizers */
    bool empty[RULES] = {false};
    size_t work = 0;
    find_empty(g, empty);
    for (unsigned pc = 0; pc < g->n_ops && work <= MOST; pc++)
        if (g->ops[pc].op == SIPV_OP_SET || g->ops[pc].op == SIPV_OP_CUT)
            work += (n + 1) * ops_before_a_byte(g, empty, pc + 1);
    return work > MOST;
}
