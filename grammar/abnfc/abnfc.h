/* abnfc - the ABNF compiler of sipvet, a build tool.
 *
 *   read.c       ABNF text -> syntax trees
 *   check.c      what is well formed but wrong: undefined rules, loops that may turn on nothing
 *   views.c      view files: cuts, selects, struct fields
 *   compile.c    trees -> one program of ops (../src/program.h)
 *   select.c     parameters chosen by name -> ops and tables of names
 *   bytes.c      byte sets
 *   automaton.c  plain automata: determinise, minimise, compare, subtract
 *   language.c   the minimal automaton of a rule
 *   unfold.c     program from one rule -> NFA with captures and cuts
 *   graph.c      NFA -> the chunks of a rule and where their exits lead
 *   chunk.c      one chunk: a tagged DFA, and the proofs that cuts and captures are exact
 *   minimal.c    the minimal form of a chunk
 *   prove.c      the proof that program, minimal automata and chunks have one language
 *   differ.c     two automata compared
 *   emit_match.c chunks -> tables of the matchers
 *   usual.c      examples -> what of the chunks is usual
 *   classes.c    classes of bytes as C expressions, ranges and tables
 *   emit_state.c, emit_express.c  the usual part of chunks and graphs -> C code
 *   emit_select.c  parameters chosen by name -> tables
 *   emit_typed.c  views -> public structs and their fields
 *   emit_header.c, emit_attribute.c  names of header fields and of attributes -> ids and tables
 *   emit_table.c program, ids, dictionary
 *
 * A build tool runs once and exits: only what would add up is given back. */
#ifndef ABNFC_H
#define ABNFC_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "../src/match.h"

/* ---- util.c: growable arrays, errors ----------------------------------------------------------
 */

#define VEC(type)                                                                                  \
    struct {                                                                                       \
        type *at;                                                                                  \
        int n, cap;                                                                                \
    }
/* The address of a new, zeroed last element. */
#define PUSH(v)                                                                                    \
    ((v)->at = grow((v)->at, &(v)->cap, (v)->n + 1, sizeof *(v)->at), &(v)->at[(v)->n++])

void *grow(void *at, int *cap, int need, size_t size);
void *zalloc(size_t size);
char *format(const char *fmt, ...) __attribute__((format(printf, 1, 2), nonnull(1)));
_Noreturn void fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void fail_at(const char *file, int line, int column, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* At the rule, by its name. */
struct rule;
_Noreturn void fail_in(const struct rule *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
bool same_name(const char *a, const char *b);
/* A whole file of text, a NUL behind it; one inside is an error. */
char *read_file(const char *path, size_t *n);
/* A generated file that says what it is; and its end, which notices what could not be written. */
FILE *create_output(const char *dir, const char *file, const char *what);
void finish_output(FILE *f);
/* Numbers sequences of words in order of first appearance, equal ones alike. */
struct word_run {
    uint64_t *at;
    size_t n;
};
struct numbering {
    VEC(struct word_run) all;
    int *table; /* hash -> number + 1 */
    int table_size;
};
int number_words(struct numbering *s, const uint64_t *w, size_t n);
void forget_numbers(struct numbering *s);
/* `text` with every byte that is no C identifier byte made '_'; upper case if asked. */
char *identifier(const char *text, bool upper);

/* ---- Byte sets --------------------------------------------------------------------------------
 */

typedef struct {
    uint64_t w[4];
} byteset;

static inline bool set_has(const byteset *s, int c)
{
    return s->w[c >> 6] >> (c & 63) & 1;
}
static inline void set_add(byteset *s, int c)
{
    s->w[c >> 6] |= (uint64_t)1 << (c & 63);
}
byteset set_range(int lo, int hi);
byteset set_or(byteset a, byteset b);
bool set_equal(const byteset *a, const byteset *b);
bool set_empty(const byteset *s);
int set_count(const byteset *s);
int set_lowest(const byteset *s);

/* ---- Syntax trees ------------------------------------------------------------------------------
 */

enum tree_kind { T_ALT, T_SEQ, T_REPEAT, T_REF, T_TEXT, T_RANGE };

struct tree {
    enum tree_kind kind;
    VEC(struct tree *) kids; /* ALT, SEQ; REPEAT has one */
    int min, max;            /* REPEAT, max -1 for no bound; RANGE lo and hi */
    int rule;                /* REF */
    char *text;              /* TEXT */
    int n;
    bool exact;       /* TEXT in the case that was written */
    const char *file; /* NULL: made by abnfc itself */
    int line, column;
};

struct rule {
    char *name;
    struct tree *tree;
    const char *file;
    int line;
    int source;
    bool used, defined, is_class, is_select, is_value;
    bool looking; /* being visited */
    byteset set;  /* is_class */
    int entry, value_entry, flags, extra;
    int view;
    int root;
    VEC(struct tree *) except; /* languages taken away */
    char *split;               /* the byte that tells its two alternatives apart */
};

struct cut {
    int rule;
    unsigned char byte;
};

struct binding {
    int kind;
    int path[SIPV_PATH_MAX];
    int n_path;
};

enum field_type { F_SLICE, F_NUMBER, F_FLAG, F_URI, F_PARAMS, F_LIST };

struct field {
    char *name;
    enum field_type type;
    uint64_t max;
    int kind;
};

struct view {
    char *name;
    const char *comment;
    VEC(struct field) fields;
    VEC(struct binding) bindings;
    VEC(int) headers; /* rules */
    int each_rule;
    const char *file;
    int line;
};

struct select_name {
    char *name;
    int value; /* SIPV_VALUE_... */
    int rule, keyword;
};

struct select_rule {
    int rule, name_kind, value_kind, other;
    VEC(struct select_name) names;
    /* the lookup, see sipv_select */
    uint64_t seed;
    int bits; /* of the number of a slot */
    int first_slot, other_accepts;
    int alike; /* the first select that judges every parameter as this one does */
    bool plain;
};

struct header {
    char *name, *compact, *rfc, *nature, *requests, *responses;
    int rule;
};

/* An attribute of a session description; rule -1: it has no value. */
struct attribute {
    char *name, *rfc, *levels, *nature;
    int rule;
};

struct grammar {
    const char *name, *prefix; /* of files and tables; of public names */
    VEC(struct rule) rules;
    VEC(const char *) sources;
    VEC(struct cut) cuts;
    VEC(struct select_rule) selects;
    VEC(struct view) views;
    VEC(char *) kinds;
    VEC(int) kind_digits; /* numbers: how many digits may be too many; -1: always worth a look */
    VEC(uint64_t) kind_max;
    VEC(char *) relaxations;
    VEC(int) extra_roots; /* rules that need a matcher of their own */
    VEC(sipv_op) ops;
    VEC(byteset) sets;
    VEC(struct header) headers;
    VEC(struct attribute) attributes;
    int compiling; /* the rule whose ops are being made */
};

/* read.c */
void read_core(struct grammar *g);
void read_abnf(struct grammar *g, const char *path);
int find_rule(struct grammar *g, const char *name);   /* -1 if unknown */
int intern_rule(struct grammar *g, const char *name); /* added if unknown */
int require_rule(struct grammar *g, const char *name, const char *file, int line);
struct tree *new_tree(enum tree_kind kind, int line, int column);

/* check.c */
void check_rules(struct grammar *g);
void check_selects(struct grammar *g);
void note_unused(struct grammar *g);

/* views.c */
void init_kinds(struct grammar *g);
void read_views(struct grammar *g, const char *path);
void read_headers(struct grammar *g, const char *path);
void read_attributes(struct grammar *g, const char *path);
void bind_views(struct grammar *g);

/* compile.c */
void compile(struct grammar *g);
/* Is it the rule of a whole header field, with its name and HCOLON? */
bool is_header_rule(const struct grammar *g, const struct tree *t);
int set_index(struct grammar *g, byteset s);
/* Appends an op of the rule that is being compiled; its number. */
int emit_op(struct grammar *g, int op, int a, int x, int y);
/* Appends the ops of `t`, which stands in `rule`. */
void compile_tree(struct grammar *g, int rule, const struct tree *t);

/* select.c */
void compile_select(struct grammar *g, int index);

/* ---- Automata ----------------------------------------------------------------------------------
 */

struct edge {
    uint8_t kind; /* EDGE_... */
    byteset set;  /* SET; of LOOK the run before the byte */
    int tag;      /* EPSILON: tag number or -1 */
    int to;
    int other; /* LOOK: target without the byte */
    int byte;  /* CUT, LOOK */
    int cut;   /* CUT: its number */
};
enum { EDGE_EPSILON, EDGE_SET, EDGE_CUT, EDGE_LOOK };

struct state {
    VEC(struct edge) edges;
    bool accept, live;
};

struct nfa {
    VEC(struct state) states;
    int start;
};

/* A complete description of a regular language: state 0 starts, -1 is the dead state. */
struct dfa {
    int n;
    int (*next)[256];
    bool *accept;
};

/* automaton.c */
int add_state(struct nfa *a);
/* A new last edge of state `from`. */
struct edge *add_edge(struct nfa *a, int from, int kind, int to);
/* A copy of `d` behind state `from`; returns the state behind it. */
int add_dfa(struct nfa *a, const struct dfa *d, int from);
struct dfa *determinise(const struct nfa *a);
struct dfa *minimise(const struct dfa *a);
struct dfa *difference(const struct dfa *a, const struct dfa *b);
/* NULL if everything of a is in b, else a shortest witness. */
char *not_included(const struct dfa *a, const struct dfa *b);
void trim(struct nfa *a);
const char *show_bytes(const unsigned char *p, int n);

/* language.c */
struct dfa *language(struct grammar *g, int rule); /* minimal, strict, cached */
struct dfa *language_of_tree(struct grammar *g, struct tree *t);

/* unfold.c */
/* Tags: capture `kind` k opens with 2k and closes with 2k+1; select s is done with tag done(s). */
int tag_done(const struct grammar *g, int select);
int tag_count(const struct grammar *g);
void unfold(struct grammar *g, int rule, bool value, const struct view *view, struct nfa *out);

/* ---- Chunks ------------------------------------------------------------------------------------
 */

struct op_assign {
    int reg;
    int from; /* register, or -1 for the current position */
};

struct part {
    int kind;
    int open, close; /* register, -1 the current position, -2 not in this chunk */
};

struct leave {
    int target;  /* graph node, or -1 for the end of the value */
    int select;  /* to be checked, or -1 */
    int element; /* an element ends here */
    int exit_no; /* number of the exit in the chunk */
    VEC(struct part) parts;
};

struct arc {
    byteset set;
    int to; /* state, or -1 when it leaves */
    VEC(struct op_assign) ops;
    struct leave *leave;
    int visits; /* by examples */
};

/* Over a text of many bytes at once, see hosts.c. */
struct step {
    struct arc over;      /* its set: the first bytes of such texts */
    const char *function; /* of ../src/express.h */
};

enum { EXPECTED = 2 };
struct chunk_state {
    VEC(struct arc) arcs;
    struct leave *end; /* at the end of the input, or NULL */
    /* in compiled code: */
    VEC(struct step) steps;
    int end_visits; /* by examples */
    /* How often one mostly goes round here, if that is to be expected; 0 behind them. */
    int expected[EXPECTED];
    bool wide;   /* one goes round more than sixteen times in many an example */
    bool common; /* examples other than rare ones have visited it */
};

struct chunk {
    VEC(struct chunk_state) states;
    int n_regs;
    int n_exits;
    int id; /* equal chunks are one */
};

struct exit_to {
    int target, select, element;
};

struct graph_node {
    int nfa_state;
    bool look;
    byteset look_set;
    int look_byte, look_with, look_without;
    struct chunk *chunk;
    VEC(struct exit_to) exits;
};

struct graph {
    int rule;
    bool value;
    const struct view *view;
    VEC(struct graph_node) nodes;
    int id;         /* shared by equal graphs */
    int first_node; /* in the table of nodes */
};

/* graph.c */
void build_graph(struct grammar *g, struct graph *out, int rule, bool value,
                 const struct view *view);
/* chunk.c */
struct chunk_list {
    VEC(struct chunk *) all;
};
extern struct chunk_list chunks;

/* differ.c */
enum { D_NONE, D_FIRST_TAKES, D_SECOND_TAKES, D_FIRST_GOES_ON, D_SECOND_GOES_ON };
struct difference {
    int kind;   /* D_... */
    char *text; /* a shortest one that shows it; NULL if there is none */
};
/* Compares what two automata take, and how long they go on; they do when a state is left, so states
 * that lead to no sentence must have been trimmed. */
struct difference differ(const struct nfa *a, const struct nfa *b);

/* prove.c */
void prove(struct grammar *g, const struct graph *graphs, int n);
void spoil_matchers(int n); /* so that it fails */
void spoil_rule(struct grammar *g, int rule);

/* emit_match.c */
/* A number of which 0 is worth a look. */
bool is_port(const struct grammar *g, int kind);
/* The arcs of a state, the likeliest first. */
int *likely_order(const struct chunk_state *s);
void emit_automata(struct grammar *g, struct graph *graphs, int n, FILE *out);

/* emit_express.c: once the selects are prepared */
void emit_express(struct grammar *g, const struct graph *graphs, int n, const char *usual,
                  const char *dir);

/* emit_select.c */
/* The bytes of a token; a grammar may do without. */
byteset token_bytes(struct grammar *g);
/* The bytes of simple values, see SIPV_FORM_SIMPLE. */
byteset simple_bytes(struct grammar *g);
/* How the names of selects are looked up. */
void prepare_selects(struct grammar *g);
void emit_selects(struct grammar *g, FILE *f);
/* A name as sipv_is_name() compares it. */
void emit_folded(FILE *f, const char *name);

/* emit_typed.c */
void emit_struct(const struct grammar *g, FILE *f, const struct view *v);
bool is_uri_view(const struct view *v);
/* Views that have a struct: those of header fields or attributes, and that of URIs. */
bool has_struct(const struct grammar *g, const struct view *v);
void emit_view_ids(const struct grammar *g, FILE *f);
void emit_typed_tables(struct grammar *g, FILE *f);

/* emit_header.c */
/* Where a header may appear, see struct sipv_header_run. */
unsigned header_places(const struct header *h);
void emit_headers(struct grammar *g, FILE *f);
void emit_public(struct grammar *g, const char *dir);

/* emit_attribute.c */
void emit_attributes(struct grammar *g, FILE *f);
void emit_public_attributes(struct grammar *g, const char *dir);

/* emit_table.c */
void emit_tables(struct grammar *g, struct graph *graphs, int n, const char *dir);

#endif
