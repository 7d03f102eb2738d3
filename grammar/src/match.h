/* The matchers that abnfc makes: automata as tables, and compiled code for their usual forms.
 *
 * A matcher is a graph of chunks.  A chunk is a deterministic automaton with registers for the
 * bounds of captures; it ends at a cut byte or with the value, and says which way it left.  The
 * tables hold all of the language; sipv_run_match() walks through them, byte by byte.
 *
 * Where there is compiled code (express.h) it goes first: it knows the usual forms of the chunks
 * only, and hands back to the tables, at the chunk where it is, whatever it does not know. */
#ifndef SIPV_MATCH_H
#define SIPV_MATCH_H

#include "program.h"

/* ---- Tables -------------------------------------------------------------------------------------
 */

/* Captures that one chunk can write at most, the separator behind it included. */
#define SIPV_CHUNK_PARTS 16
/* Captures that compiled code can write at most until it looks again whether there is room. */
#define SIPV_EXPRESS_PARTS 128
/* Registers that a chunk can have at most. */
#define SIPV_CHUNK_REGISTERS 24

enum {
    SIPV_NONE = 0xffff,   /* no leave, no target, no select */
    SIPV_LEAVES = 0x8000, /* in sipv_arc.to: the rest is a leave */
    SIPV_HERE = 0xff,     /* in place of a register: the current position */
    SIPV_ELSEWHERE = 0xfe /* in place of a register: this end of the capture is in another chunk */
};

typedef struct sipv_arc {
    uint16_t set; /* bytes it takes, of the grammar's sets */
    uint16_t ops; /* first of its assignments in `ops`, 0 for none */
    uint16_t to;  /* state, or leave with SIPV_LEAVES */
} sipv_arc;

typedef struct sipv_state {
    uint16_t first_arc; /* up to that of the next state, in order of likelihood */
    uint16_t end;       /* leave at the end of the value, or SIPV_NONE */
} sipv_state;

typedef struct sipv_capture {
    uint16_t kind;
    uint8_t open, close; /* registers, SIPV_HERE or SIPV_ELSEWHERE */
} sipv_capture;

typedef struct sipv_leave {
    uint16_t first_part;
    uint8_t n_parts;
    uint8_t exit; /* of the node */
} sipv_leave;

typedef struct sipv_exit {
    uint16_t target; /* node, or SIPV_NONE at the end of the value */
    uint8_t select;  /* the parameter that ends here is judged by its name; 0xff for none */
    bool element;    /* a list element ends here */
} sipv_exit;

/* A chunk in its place; or a choice by looking ahead, see SIPV_OP_LOOK. */
typedef struct sipv_node {
    uint16_t state; /* first of its chunk; SIPV_NONE: a choice */
    uint16_t exits; /* first of its exits; of a choice the two nodes, with the byte and without */
    uint16_t set;   /* of a choice */
    uint8_t byte;
} sipv_node;

/* What the grammar cannot say about a capture of some kind. */
typedef struct sipv_kind_check {
    uint8_t digits; /* so many may be too many; 0: nothing to check; SIPV_KIND_NOTICE */
    bool zero;      /* what begins with 0 is worth a look */
    char max[21];   /* the largest number of so many digits */
} sipv_kind_check;
enum { SIPV_KIND_NOTICE = 0xff };

/* Constants of vector code, out of the compiler's sight: it would make them anew in each place. */
struct sipv_vectors {
    _Alignas(32) unsigned char space[32], colon[32];
};

/* A class of ASCII bytes: up to eight ranges, zeros behind them.  A class of more ranges is here
 * without its rarest bytes; code looks at these one by one.  And the same class by halves of a
 * byte: for each lower half a bit for each upper half, which with it makes a byte of the class. */
struct sipv_run_set {
    _Alignas(16) unsigned char ranges[16], halves[16];
};

struct sipv_run;
/* Compiled code from `node` and `at` on, captures to `ev`.  Behind the last capture if the whole
 * value was taken; NULL if not, and r->node, r->at and r->ev are where the tables go on.  A value
 * begins with SIPV_NONE for the node: its first one may come again, and then it has parameters. */
typedef sipv_event *(*sipv_express_function)(struct sipv_run *r, const unsigned char *base,
                                             size_t at, size_t end, sipv_event *ev, unsigned node);

/* Bytes that often stand behind a value, see sipv_express.stops; none is above 63. */
static const char sipv_stop_bytes[] = " \t\"&,;>?";

typedef struct sipv_express {
    sipv_express_function run; /* NULL: there is none */
    uint64_t stops;            /* by bit: it may read a value with this byte behind it: a line end,
                                  or one of sipv_stop_bytes that it has no arc for */
} sipv_express;

struct sipv_automata {
    const sipv_grammar *grammar;
    const sipv_arc *arcs;
    const uint8_t *ops; /* count, then pairs of register and source */
    const sipv_state *states;
    const sipv_capture *parts;
    const sipv_leave *leaves;
    const sipv_exit *exits;
    const sipv_node *nodes;
    const sipv_kind_check *kinds;
    const uint16_t *roots;       /* first node of each matcher */
    const sipv_express *express; /* of each matcher */
};
typedef struct sipv_automata sipv_automata;

/* ---- Runs ---------------------------------------------------------------------------------------
 */

/* The matcher takes notice of what the grammar cannot say, so that nothing else need walk over the
 * captures of ordinary values. */
enum {
    SIPV_SUSPECT_EXTENSION = 1, /* a parameter of a later RFC has a value that its RFC refuses */
    SIPV_SUSPECT_VALUE = 2      /* a number may be out of range, or a name may stand there twice */
};

/* One value on its way through a matcher.  Positions are octets from `base`. */
struct sipv_run {
    const unsigned char *base, *limit; /* bytes may be read up to `limit` */
    const sipv_automata *automata;
    size_t at, end;         /* where it is, where the value ends */
    sipv_event *ev;         /* next free event */
    sipv_event *ev_end;     /* from here on there is no room for another chunk ... */
    sipv_event *ev_express; /* ... for what compiled code may write in one go */
    sipv_event *ev_first;   /* of this value */
    unsigned node;          /* where in the graph it is */
    unsigned suspects;      /* SIPV_SUSPECT_...: what the caller should look at more closely */
    bool compiled, express; /* compiled code runs on this processor; and on this value */
    bool discard;           /* captures are of no interest */
    size_t look_at;         /* the last choice made by looking ahead, SIZE_MAX for none ... */
    unsigned look_other;    /* ... and the node that was not taken */
    uint64_t seen[4];       /* names of this element's parameters, then of its URI's: known ones
                               by their number, others by hash */
};

/* May compiled code be used on this processor?  Without it the tables do the same. */
SIPV_API bool sipv_express_runs(void);

/* Octets behind the value that compiled code may load; the first of them ends a line, or is one of
 * sipv_express.stops. */
#define SIPV_EXPRESS_REACH 32

/* Prepares runs over slices of one text; `compiled`: sipv_express_runs(). */
static inline void sipv_run_begin(struct sipv_run *r, const sipv_automata *automata,
                                  const unsigned char *base, const unsigned char *limit,
                                  bool compiled)
{
    r->automata = automata;
    r->base = base;
    r->limit = limit;
    r->compiled = compiled;
    r->discard = false;
}

/* Matches `text` with matcher `root`, captures to `ev`.  SIPV_OK (they end at r->ev), SIPV_REJECT
 * (r->at is the first impossible byte), SIPV_NO_SPACE. */
SIPV_API int sipv_run_match(struct sipv_run *r, unsigned root, sipv_slice text, sipv_event *ev,
                            size_t cap);

/* Goes on where a call of compiled code returned NULL; r->ev_first, r->suspects and r->look_at were
 * set before.  Returns as sipv_run_match. */
SIPV_API int sipv_run_finish(struct sipv_run *r, unsigned root);

/* Both for one slice; offsets of captures count from `base`, `*error` from the slice. */
SIPV_API int sipv_match_slice(const sipv_automata *automata, unsigned root, sipv_slice text,
                              const unsigned char *base, const unsigned char *limit, sipv_event *ev,
                              size_t cap, size_t *n, size_t *error);

/* A parameter's value, absent if NULL, against the rule that its name asks for: `n` is the name's
 * line or NULL, `hash` its hash, `form` what is known of the value.  False: `*where` is about where
 * it is wrong. */
SIPV_API bool sipv_judge(struct sipv_run *r, unsigned select, const sipv_select_name *n,
                         uint32_t hash, unsigned form, sipv_slice value, size_t *where);

static inline bool sipv_set_has(const uint64_t set[4], unsigned char c)
{
    return set[c >> 6] >> (c & 63) & 1;
}

#endif
