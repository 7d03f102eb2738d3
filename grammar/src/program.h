/* The tables that abnfc writes and the run-time reads: a grammar as a program.
 *
 * Every ABNF rule is a subroutine: ops that take one byte, alternatives (SPLIT), calls of other
 * rules, and RET.  The explaining engine interprets it, the sampler walks it, and abnfc itself
 * unfolds it into automata for the fast engine.  So there is one meaning of the grammar. */
#ifndef SIPV_PROGRAM_H
#define SIPV_PROGRAM_H

#include <sipvet/grammar.h>

#include "name.h"

enum sipv_opcode {
    SIPV_OP_SET,   /* one byte of set x; y is the class rule it was written as, or NO_RULE */
    SIPV_OP_CUT,   /* the byte a, which ends a chunk; x is the cut's number */
    SIPV_OP_SPLIT, /* try x first, then y; a is LOOP: x is the body of a repetition */
    SIPV_OP_JUMP,  /* go to x */
    SIPV_OP_CALL,  /* rule x, then go on with the next op */
    SIPV_OP_RET,   /* end of the rule */
    SIPV_OP_MARK,  /* a is MARK_...: bounds of a parameter's name and value */
    SIPV_OP_LOOK   /* next op if a run of set x is followed by byte a, else y */
};

enum { SIPV_LOOP = 1 };
enum { SIPV_MARK_NAME, SIPV_MARK_NAME_END, SIPV_MARK_VALUE, SIPV_MARK_VALUE_END, SIPV_MARK_DONE };
#define SIPV_NO_RULE 0xffffu

typedef struct sipv_op {
    uint8_t op, a;
    uint16_t x, y;
} sipv_op;

enum {
    SIPV_RULE_CLASS = 1,     /* matches single bytes only */
    SIPV_RULE_RELAX = 2,     /* a relaxation: calling it needs that bit, `extra` is the bit */
    SIPV_RULE_SELECT = 4,    /* parameters by name, `extra` is the index into selects */
    SIPV_RULE_RECURSIVE = 8, /* calls itself; depth bounded by SIPV_COMMENT_DEPTH */
    SIPV_RULE_HEADER = 16,   /* "Name" HCOLON value */
    SIPV_RULE_SPACE = 32,    /* matches white space only */
    SIPV_RULE_MADE_UP = 64   /* not in the ABNF: the value of a parameter that has no rule */
};

typedef struct sipv_rule {
    const char *name;
    uint16_t entry;       /* first op */
    uint16_t value_entry; /* of a header rule: first op of its value */
    uint8_t flags;
    uint8_t source; /* index into sources, 0 for the core rules */
    uint16_t extra;
    int16_t view;  /* of a header rule: its view, or -1 */
    uint16_t root; /* of a header rule: its matcher */
} sipv_rule;

/* A name that selects its own value grammar among the parameters of a select rule. */
enum { SIPV_VALUE_NONE, SIPV_VALUE_OPTIONAL, SIPV_VALUE_REQUIRED };

/* Forms of values that can be judged without their rule.  A simple value has the bytes of a token
 * but '%' and '`', which those of a URI have not or not by themselves. */
enum {
    SIPV_FORM_ABSENT = 1,
    SIPV_FORM_TOKEN = 2,
    SIPV_FORM_QUOTED = 4,
    SIPV_FORM_SIMPLE = 8,
    SIPV_FORM_ANY = 15
};

typedef struct sipv_select_name {
    const char *name;
    uint8_t n, value;     /* SIPV_VALUE_... */
    uint8_t extension;    /* of a later RFC: what it asks for is not the header's own grammar */
    uint16_t rule;        /* grammar of the value, or SIPV_NO_RULE */
    uint16_t keyword;     /* the rule that the RFC gives for name and value, for messages */
    uint16_t root;        /* matcher of the value rule */
    uint8_t accepts;      /* forms of which every value is right: SIPV_FORM_... */
    uint8_t sure;         /* and of which nobody need look at one again: not those with a range */
    uint8_t digits;       /* the same of numbers of at most so many digits */
    bool ranged;          /* a number with a range that the grammar does not bound */
    bool address;         /* every IPv4address is a right value ... */
    bool fraction;        /* ... every 0 with up to three places */
    uint64_t bit;         /* of the name among those of its select */
    uint64_t first, last; /* of the name, see sipv_name_first */
    unsigned char folded[SIPV_FOLDED];
} sipv_select_name;

typedef struct sipv_select {
    uint16_t rule;
    uint16_t name_kind, value_kind;
    uint16_t first, count; /* its names in select_names */
    uint16_t other;        /* value grammar of all other names, NO_RULE if any value goes */
    uint16_t other_root;
    uint8_t other_accepts; /* forms of which every value is right under any other name */
    bool plain; /* a value that begins with a byte of token is a token, one with DQUOTE is quoted */
    uint64_t seed;  /* of the hash of its names */
    uint32_t shift; /* of the hash, to the number of a slot */
    uint32_t slots; /* its first slot in select_slots */
} sipv_select;

/* A field of a view: the rule whose text it takes, told apart by the rules around it. */
#define SIPV_PATH_MAX 4
typedef struct sipv_binding {
    uint16_t kind;
    uint16_t path[SIPV_PATH_MAX]; /* innermost rule first, ends with NO_RULE if shorter */
} sipv_binding;

typedef struct sipv_view {
    const char *name;
    uint16_t first, count; /* bindings */
    uint16_t each_rule;    /* rule whose cut ends an element, or NO_RULE */
} sipv_view;

struct sipv_grammar {
    const char *name;
    const sipv_op *ops;
    const uint64_t (*sets)[4];
    const sipv_rule *rules;
    const char *const *sources;
    const sipv_select *selects;
    const sipv_select_name *select_names;
    const uint16_t
        *select_slots; /* octets into select_names; an empty one leads to the last line */
    const sipv_view *views;
    const sipv_binding *bindings;
    const char *const *kinds;
    const char *const *relaxations;
    const uint16_t *cut_rules; /* the rule each cut stands in */
    const uint64_t *token;     /* the bytes of a token, 4 words */
    const uint64_t *simple;    /* of a simple value */
    uint16_t n_ops, n_rules, n_selects, n_views, n_kinds, n_relaxations;
};

/* Kinds every grammar has. */
enum {
    SIPV_KIND_ELEMENT = 0, /* a separator between list elements */
    SIPV_KIND_PARAM_NAME,
    SIPV_KIND_PARAM_VALUE,
    SIPV_KIND_URI_PARAM_NAME,
    SIPV_KIND_URI_PARAM_VALUE,
    SIPV_KIND_URI_HEADER_NAME,
    SIPV_KIND_URI_HEADER_VALUE,
    SIPV_KIND_FIRST_FIELD
};
/* In a match of a rule that has no view the parts are its own rules: this bit and the rule. */
#define SIPV_KIND_RULE 0x8000u

/* The line of select `sel` for a parameter name, or NULL. */
static inline const sipv_select_name *sipv_select_find_hashed(const sipv_grammar *g,
                                                              const sipv_select *sel,
                                                              sipv_slice name, uint32_t hash)
{
    const unsigned at = g->select_slots[sel->slots + (hash >> sel->shift)];
    const sipv_select_name *n = (const void *)((const unsigned char *)g->select_names + at);
    return n->n == name.n && sipv_is_name(name.p, name.n, n->folded) ? n : NULL;
}

static inline const sipv_select_name *sipv_select_find(const sipv_grammar *g,
                                                       const sipv_select *sel, sipv_slice name)
{
    return name.n ? sipv_select_find_hashed(g, sel, name, sipv_name_hash(name.p, name.n, sel->seed))
                  : NULL;
}

#endif
