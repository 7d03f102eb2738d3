/* Inside of the explaining engine.
 *
 *   frames.c        open calls
 *   captures.c      what a chunk captures
 *   closure.c       what follows from a place without a byte
 *   readings.c      all readings between two bytes
 *   parameter.c     values of parameters that their names choose
 *   explain.c       steps from byte to byte, cuts, replays, the public functions
 *   expected.c      names what was expected
 *   alternatives.c  says how far each reading came */
#ifndef SIPV_EXPLAIN_H
#define SIPV_EXPLAIN_H

#include <stddef.h>
#include <string.h>

#include "program.h"

enum {
    FRAMES = 1024,
    FRAME_SLOTS = 2048,
    DEPTH = 48,    /* calls inside each other */
    CAPTURES = 16, /* captures of one chunk */
    THREADS = 128,
    STACK = 64,    /* alternatives waiting while one is followed */
    LATER = 16,    /* threads that wait for those with fewer relaxations */
    VISITS = 2048, /* places seen in one step, twice over */
    CLOSURES = 1024,
    LEAVES = 3072,
    DEEDS = 1024
};

#define NO_KIND 0xffffu
#define UNSET 0xffffffffu

struct frame {
    uint16_t ret, rule, up, depth;
    uint16_t kind; /* capture that ends with this call, or NO_KIND */
};

struct capture {
    uint16_t kind;
    uint32_t open, close;
};

struct thread {
    uint64_t relaxations;
    uint16_t pc, top; /* next op; innermost open call */
    int16_t naming;   /* select rule whose parameter this chunk has, or -1 */
    bool chosen;      /* that parameter is complete */
    bool looped;      /* entered the body of a repetition since the last byte */
    bool taken;       /* entered the alternative that a replay follows */
    uint8_t n_captures, n_open;
    uint32_t open_at[DEPTH];           /* where each open call began; n_open of them */
    struct capture captures[CAPTURES]; /* n_captures of them */
};

struct thread_list {
    unsigned n;
    struct thread at[THREADS];
};

/* What follows from a place in the program without a byte depends on the place and its open calls
 * alone, so it is worked out once: a closure has a leaf for each op that takes a byte, with what
 * becomes of a thread on the way there.  Closures in which the text or relaxations decide are
 * tangled, nothing is remembered of them. */
struct leaf {
    uint16_t pc, top;
    int16_t naming;       /* AS_BEFORE, or of a new parameter */
    uint8_t n_open, kept; /* open calls, and how many of them were open before */
    bool chosen, looped;
    uint16_t deed; /* the first; n_deeds of them */
    uint16_t n_deeds;
};
enum { AS_BEFORE = -2 };

/* A capture that opens, ends, or does both. */
struct deed {
    uint16_t kind;
    bool opens, closes;
};

struct closure {
    uint16_t pc, top;
    uint16_t leaf, n; /* its leaves */
    bool tangled, too_deep;
};

struct closures {
    struct closure at[CLOSURES]; /* by hash; pc NO_PLACE where there is none */
    struct leaf leaves[LEAVES];
    struct deed deeds[DEEDS];
    unsigned n, n_leaves, n_deeds;
    bool full; /* something found no room */
};
#define NO_PLACE 0xffffu

/* All readings between two bytes, in order of priority.  Most of them end with the next byte, so a
 * reading is kept as the thread it came from and a leaf of that thread's closure; NO_LEAF: it is
 * the thread itself. */
struct readings {
    uint32_t at; /* the byte they wait for */
    unsigned n, n_threads;
    struct reading {
        uint16_t thread, leaf;
    } all[THREADS];
    struct thread threads[THREADS];
};
#define NO_LEAF 0xffffu

/* Why a text was refused. */
struct explanation {
    size_t error;        /* first impossible byte */
    size_t construct;    /* start of the innermost construct still open */
    int rule;            /* of that construct */
    bool in_value;       /* in the value of a parameter that its name chose */
    unsigned value_rule; /* that value's rule + 1; 0 if it was not the value that was refused */
    size_t value_at, value_n;
    unsigned n_expected;
    char expected[SIPV_EXPECTED_MAX][SIPV_EXPECTED_TEXT];
};

/* One alternative of one call: in a replay readings that enter another one end. */
struct choice {
    bool made;
    uint16_t of, only; /* the rule that was called, or NO_RULE; its alternative */
    uint32_t at;       /* where it was called */
};

/* Places seen in one step. */
struct visits {
    struct visit {
        uint32_t step, key;
    } at[VISITS];
    uint32_t step;
    unsigned n;
};

/* The readings that take the next byte. */
struct takers {
    unsigned n, levels; /* the most relaxations one of them has */
    int cut;            /* the one of them that takes it as a cut, or -1 */
    uint8_t level[THREADS];
    uint16_t reading[THREADS];
};

struct engine {
    const sipv_grammar *g;
    const sipv_view *view; /* NULL: the rule's own rules are captured */
    int rule;
    const unsigned char *text;
    size_t n;
    uint32_t at, base;
    uint64_t allowed;
    unsigned below; /* engines behind this one in memory, for values of parameters */
    bool sub_ready; /* the next one has been prepared */

    struct readings readings[2];
    unsigned now;            /* which of the two */
    struct takers takers;    /* of the step that is being made, ... */
    struct thread moved;     /* ... and one of them behind the byte */
    struct thread_list list; /* readings in full, when that is wanted */
    struct closures closures;
    bool remembering, tangled; /* a closure is being worked out; it is tangled */
    struct thread stack[STACK], later[LATER], other;
    unsigned n_later;
    bool has_other, retrying;
    uint32_t other_at;
    uint16_t other_look; /* the op that chose */
    size_t other_events; /* events written before it */

    struct thread since; /* the one reading behind the last cut, for replays */
    uint32_t since_at;
    bool replaying;
    struct choice choice;

    struct frame frames[FRAMES];
    uint16_t slots[FRAME_SLOTS];
    unsigned n_frames;
    struct visits visits[2]; /* of a step, and of a closure that is worked out meanwhile */

    sipv_event *events;
    size_t n_events, cap_events;
    bool no_space;
    sipv_slice name, value; /* the last parameter */

    bool accepted, exhausted;
    uint32_t too_deep_at; /* where a comment went too deep, or UNSET */
    uint64_t used;        /* relaxations of the accepted reading */
    struct explanation why;
};

struct sipv_explainer {
    struct engine levels[3]; /* a value, of a parameter, of a URI in the value of a parameter */
};

/* ---- Threads --------------------------------------------------------------------------------- */

/* A thread that has read everything; the frame of a thread that stands in no call. */
enum { ACCEPT = 0xffff, NO_FRAME = 0xffff };

/* Copies what is in use: threads are large and most of them nearly empty.  The first calls and
 * captures in pieces of fixed length, since a short copy of unknown length costs more than what it
 * copies; and no piece is longer than AddressSanitizer looks at quickly, 64 octets. */
static inline void copy_thread(struct thread *to, const struct thread *from)
{
    enum {
        CALLS = (64 - offsetof(struct thread, open_at)) / sizeof(uint32_t),
        MORE = CALLS + 16,
        FEW = 2
    };
    memcpy(to, from, offsetof(struct thread, open_at) + CALLS * sizeof *from->open_at);
    if (from->n_open > CALLS)
        memcpy(to->open_at + CALLS, from->open_at + CALLS, (MORE - CALLS) * sizeof *from->open_at);
    if (from->n_open > MORE)
        memcpy(to->open_at + MORE, from->open_at + MORE,
               (from->n_open - MORE) * sizeof *from->open_at);
    if (from->n_captures > 0)
        memcpy(to->captures, from->captures, FEW * sizeof *from->captures);
    if (from->n_captures > FEW)
        memcpy(to->captures + FEW, from->captures + FEW,
               (from->n_captures - FEW) * sizeof *from->captures);
}

static inline unsigned relaxation_count(uint64_t set)
{
    unsigned n = 0;
    for (; set; set &= set - 1)
        n++;
    return n;
}

/* ---- frames.c -------------------------------------------------------------------------------- */

void sipv_frames_clear(struct engine *e);
/* Forgets the frames that no thread stands in. */
void sipv_frames_collect(struct engine *e, struct readings *now);
/* The frame of this call, or NO_FRAME if there is no room: the engine is exhausted. */
unsigned sipv_frame_push(struct engine *e, unsigned ret, unsigned rule, unsigned up);

/* ---- captures.c ------------------------------------------------------------------------------ */

/* The capture of a kind in a thread, a new one if need be. */
struct capture *sipv_capture_of(struct engine *e, struct thread *t, unsigned kind);
void sipv_capture_open(struct engine *e, struct thread *t, unsigned kind);
void sipv_capture_close(struct engine *e, struct thread *t, unsigned kind);
void sipv_event_put(struct engine *e, unsigned kind, unsigned part, uint32_t off, uint32_t len);
/* Writes the captures of a chunk; `closed` true: only those that have ended. */
void sipv_captures_flush(struct engine *e, const struct thread *t, bool closed);

/* ---- closure.c ------------------------------------------------------------------------------- */

void sipv_visits_begin(struct visits *v);
/* Has this place not been seen in this step? */
bool sipv_visit_first(struct engine *e, unsigned pc, unsigned top);
/* Adds `start` and all that follows from it without a byte, in order of priority; threads that need
 * one more relaxation to e->later. */
void sipv_thread_add(struct engine *e, struct thread_list *list, const struct thread *start);
void sipv_closures_clear(struct closures *c);
/* The closure of a place, or NULL if it must be walked. */
const struct closure *sipv_closure_of(struct engine *e, unsigned pc, unsigned top);

/* ---- readings.c ------------------------------------------------------------------------------ */

static inline unsigned pc_of(const struct engine *e, const struct readings *r, unsigned i)
{
    return r->all[i].leaf == NO_LEAF ? r->threads[r->all[i].thread].pc
                                     : e->closures.leaves[r->all[i].leaf].pc;
}

/* The thread that a reading is. */
void sipv_reading_thread(struct engine *e, const struct readings *r, unsigned i, struct thread *t);
/* All readings as threads, in e->list. */
struct thread_list *sipv_readings_list(struct engine *e, const struct readings *r);
/* The readings of a step: none at first, then what follows from each thread that goes on (`alone`:
 * no other thread is added in this step), then the threads that waited. */
void sipv_readings_begin(struct engine *e, struct readings *r);
void sipv_reading_add(struct engine *e, struct readings *r, const struct thread *start, bool alone);
void sipv_readings_add_later(struct engine *e, struct readings *r, unsigned level);
/* The readings at e->at that follow from `start`. */
void sipv_readings_begin_at(struct engine *e, const struct thread *start);
/* Makes room where closures or frames have become many; between steps. */
void sipv_readings_tidy(struct engine *e);

/* ---- parameter.c ----------------------------------------------------------------------------- */

/* A chunk ends in thread `t`: its captures are written.  False if its parameter is refused; e->why
 * says where. */
bool sipv_chunk_end(struct engine *e, struct thread *t);
/* After that: another reading than the refused one may have been possible for longer. */
void sipv_parameter_consider_others(struct engine *e, struct thread_list *list, unsigned refused);
/* At the end of all readings: one of an open parameter may have become impossible earlier. */
void sipv_parameter_check_open(struct engine *e, const struct thread_list *list);

/* ---- explain.c, expected.c, alternatives.c --------------------------------------------------- */

/* Must come before the first run in memory of unknown contents. */
void sipv_engine_prepare(struct engine *e);

/* Matches all of `text`; the result is in the engine. */
void sipv_engine_run(struct engine *e, const sipv_grammar *g, int rule, bool value, sipv_slice text,
                     uint64_t allowed, sipv_event *events, size_t cap, uint32_t base,
                     unsigned below);

/* Reads again from the last cut to byte `end`, or to where no reading is left: e->at.  A cut is a
 * byte like others, and e->choice, if one is made, is what readings must have come by.  Returns the
 * last readings there were. */
const struct thread_list *sipv_engine_replay(struct engine *e, uint32_t end);

/* Runs the engine for values on the value that `why` says was refused; NULL if it says none. */
struct engine *sipv_engine_value(struct engine *e, const struct explanation *why);

/* Is `rule` one that nobody wants to read of: white space, or made up? */
bool sipv_is_hidden(const sipv_grammar *g, unsigned rule);

/* Names what the threads of `list` wait for at e->at, and the construct that is open. */
void sipv_name_expected(const struct engine *e, const struct thread_list *list,
                        struct explanation *why);

/* Adds one text unless it is there or the list is full. */
void sipv_add_expected(struct explanation *why, const char *text);

#endif
