/* What the makers of compiled code share: see emit_express.c. */
#ifndef ABNFC_EXPRESS_H
#define ABNFC_EXPRESS_H

#include "abnfc.h"

/* ---- usual.c: examples -> what of the automata is usual -----------------------------------------
 */

/* A name of a parameter with the byte behind it, and how many examples have it. */
struct literal {
    const char *text;
    int count;
};
struct literals {
    VEC(struct literal) all;
};

/* How often examples have gone round a state so many times. */
struct run_lengths {
    int count[64];
    int all, wide; /* of all runs, how many have more octets than one look at sixteen takes */
};

/* What the examples have visited of one graph. */
struct usage {
    bool any;
    const char *prefix;        /* eight bytes that most values begin with, or NULL */
    bool **states;             /* of each node */
    bool **exits;              /* of each node: those that lead to a visited one, or out */
    int ***visits;             /* of each node, state and arc, then of the end: how often */
    bool **common;             /* states that examples other than rare ones have visited */
    bool lengths;              /* the lengths of runs are as usual as the rest */
    struct run_lengths **runs; /* of each node and state, of nodes that look ahead of that */
    struct literals *names;    /* of each node: of the parameters that begin there */
};

/* Reads the examples of a file: a usage for each graph, by its id. */
void read_usual(struct grammar *g, const struct graph *graphs, struct usage *usages,
                const char *path);
/* The part of a node's chunk that was visited, the most visited arcs first. */
struct chunk *usual_part(const struct graph *gr, const struct usage *u, int node);
/* Have many of the runs more octets than one look at sixteen takes? */
bool is_wide(const struct run_lengths *r);
/* The bytes of a set that compiled code may take. */
byteset usual_bytes(byteset s);
/* See sipv_express.stops. */
uint64_t stops_of(const struct graph *gr, const struct usage *u);

/* ---- hosts.c: addresses and host names in one step ----------------------------------------------
 */

/* Gives the states where addresses or names may come a step over these, and takes the states out
 * that only such texts lead through. */
void shorten_hosts(struct grammar *g, struct chunk *c);

/* ---- classes.c: classes of bytes in code --------------------------------------------------------
 */

/* Numbers of a class among those that are skipped in runs. */
int run_number(byteset s);
/* The C text of a run over the class from a position on; `wide`: many a one is long. */
char *run_over(byteset s, const char *from, bool wide);
/* The bytes of a class that a run of it does not take. */
byteset left_by_run(byteset s);
/* The cheapest C expression for "c is in the set". */
char *membership(byteset s);
const char *byte_text(int c);
/* A struct sipv_run_set. */
void emit_run_set(FILE *f, const byteset *s);
/* All classes that were asked for. */
void emit_class_tables(FILE *f);

/* ---- emit_state.c: states of one chunk -> C
 * ------------------------------------------------------
 */

struct code {
    struct grammar *g;
    const struct graph *graph;
    struct chunk **usual; /* of each node, or NULL */
    bool *chooses;        /* (node, select): there is code for it */
    FILE *f;
    const char *prefix;
    const struct usage *usage;
    int node;
    bool knows_names;         /* the node has literals for names of parameters, see emit_names() */
    VEC(const char *) leaves; /* of the node: C texts */
};

/* All states of the node's chunk, then its ways out. */
void emit_states(struct code *k, const struct chunk *c);
/* The usual beginning is one comparison: the automaton's way over it is known. */
void emit_prefix(struct code *k, const struct chunk *c, const char *prefix);
/* The C text of a way out, by number: what is written when a state is left. */
int leave_number(struct code *k, const struct chunk *c, int state, const struct leave *l,
                 bool over_cut);
/* Where an exit leads.  Whoever goes back looks whether there is room for another round. */
char *follow(const struct code *k, const struct exit_to *x);
/* The assignments of an arc. */
char *ops_code(const struct arc *a);
/* How many usual examples come to a state; those in its run aside, if that arc is given. */
int all_visits(const struct chunk_state *s, const struct arc *loop);
/* A condition with how often the examples met it: `visits` times of the `*rest` that came so far.
 */
char *odds(const char *condition, int visits, int *rest);
/* Is the arc the first byte of a run, the bytes of which are all the same class? */
bool begins_run(const struct chunk *c, int state, const struct arc *a);

/* ---- names.c: names of parameters as words ------------------------------------------------------
 */

/* Counts the name that `text` begins with, if it is short enough. */
void count_name(struct literals *l, const struct grammar *g, const char *text);
/* Compares what stands in front of a node's first state with its usual names. */
void emit_names(struct code *k, const struct chunk *c, const struct literals *l);

/* ---- emit_attribute.c: names of attributes with the code that reads their values ----------------
 */

/* Graphs that have code are `done`. */
void emit_attribute_keys(const struct grammar *g, const struct graph *graphs, const bool *done,
                         FILE *f);

#endif
