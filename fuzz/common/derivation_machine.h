/* A machine that runs the program of a grammar over a text and knows the way it came: all readings
 * side by side, in the order in which the explaining engine prefers them. */
#ifndef FUZZ_DERIVATION_MACHINE_H
#define FUZZ_DERIVATION_MACHINE_H

#include "program.h"

/* One step of a way: what was gone through, or a bound of a parameter, and where. */
enum {
    DERIVATION_NAME = 1 << 28,
    DERIVATION_NAME_END = 2 << 28,
    DERIVATION_VALUE = 3 << 28,
    DERIVATION_VALUE_END = 4 << 28,
    DERIVATION_BOUND = 7 << 28 /* all of these; none of them: a bit of the cover */
};
struct derivation_deed {
    uint32_t before, what, at;
};

/* No bit of a cover. */
enum { DERIVATION_NOTHING = DERIVATION_NAME - 1 };

/* Its arrays grow, and are used again. */
struct derivation_machine {
    const sipv_grammar *g;
    int rule;
    sipv_slice text;
    uint64_t allowed; /* relaxations */
    uint32_t wanted;  /* a reading that goes through this bit comes before those that do not */
    bool too_large;
    /* Its own. */
    uint32_t at, step;
    struct derivation_frame *frames;
    struct derivation_deed *deeds;
    struct derivation_thread *now, *next, *later;
    struct derivation_visit *visits;
    size_t n_frames, n_deeds, n_now, n_next, n_later, n_visits;
    size_t cap_frames, cap_deeds, cap_now, cap_next, cap_later, cap_visits;
};

/* The reading from `entry` on that takes all of the text: the relaxations that it needs, and its
 * last deed, a number in `deeds`, 0 for none.  False: there is none.  In either case `too_large`
 * says whether there was room for all readings. */
bool derivation_run(struct derivation_machine *m, uint32_t entry, uint64_t *relaxations,
                    uint32_t *last);

#endif
