/* fix.h: what to write instead of what a finding is about. */
#ifndef SIPVET_TOOLS_FIX_H
#define SIPVET_TOOLS_FIX_H

#include "bytes.h"
#include "vet.h"

/* Either bytes that take the place of others, or, where none are known, only advice. */
struct fix {
    bool known;
    size_t off, len; /* the bytes of the message that go */
    struct bytes text;
    struct bytes advice; /* one sentence, imperative */
};

/* Working memory of the search for fixes; all zero before the first use. */
struct fixer {
    struct vet probe;
    struct bytes message, text, draft;
    void *work;
    unsigned left; /* findings that may still be worked on: looking for a fix takes time */
};

/* Before the findings of a message. */
void fixer_begin(struct fixer *x);
/* The fix of a finding of `v`.  A replacement has been tried: with it the message has fewer
 * findings, and none that is worse. */
void fix_find(struct fixer *x, const struct vet *v, const struct finding *f, struct fix *fix);
/* Only advice, for a finding that is not one of a message. */
void fix_advise(const struct finding *f, struct fix *fix);
void fix_free(struct fix *fix);
void fixer_free(struct fixer *x);
/* May the replacement be shown on a line: is it short, and does it say something? */
bool fix_is_telling(const struct fix *fix);

#endif
