/* Inside of chunk.c, minimal.c and graph.c: how the graph of a rule is made. */
#ifndef ABNFC_CHUNK_H
#define ABNFC_CHUNK_H

#include "abnfc.h"

enum { UNSET = -2, HERE = -1 };

/* A thread: an NFA state and where each tag was last set (register, HERE or UNSET). */
struct thread {
    int state;
    int *at;
};

struct threads {
    VEC(struct thread) all;
};

struct subset {
    struct threads kernel;
    int parent, byte;
};

struct builder {
    struct grammar *g;
    const struct nfa *nfa;
    const struct rule *rule;
    int *tag_number; /* NFA tag -> 0.., -1 if it does not occur */
    int *tags;       /* and back */
    int n_tags;
    unsigned char class_of[256], example[256];
    int n_classes;
    VEC(struct subset) subsets;
    struct numbering subset_numbers;
    int *reg; /* (tag, version) -> register + 1 */
    int n_regs;
    struct chunk *chunk;
    struct graph *graph;
    VEC(int) node_of_state; /* NFA state -> graph node + 1 */
};

/* chunk.c */
void classify(struct builder *b);
/* The chunk that begins in a node, and the nodes it leads to. */
void build_chunk(struct builder *b, int node);

/* minimal.c */
struct key {
    VEC(uint64_t) words;
};
void add_word(struct key *k, int64_t word);
void add_set(struct key *k, const byteset *s);
int number_key(struct numbering *n, const struct key *k);
void minimise_chunk(struct chunk *c);
void number_exits(struct chunk *c, struct graph_node *node);
void describe_chunk(struct key *key, const struct chunk *c);

/* graph.c */
/* The node that begins in a state, a new one if there was none. */
int node_for(struct builder *b, int nfa_state);

#endif
