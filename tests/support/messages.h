/* Messages in tests: storage enough for every message within the default limits, and what must hold
 * of every parse whatever the input. */
#ifndef TESTS_MESSAGES_H
#define TESTS_MESSAGES_H

#include <sipvet/parser.h>

#include <stdbool.h>
#include <stddef.h>

#include "fence.h"

struct room {
    sipv_header *headers;
    sipv_event *events;
    sipv_diag *diags;
    void *explainer;
    sipv_message m;
};

bool room_open(struct room *r);
void room_close(struct room *r);

/* Full parse of a datagram into r->m; returns as sipv_message_parse(). */
int room_parse(struct room *r, const void *data, size_t n, sipv_profile profile);

/* Slices inside the input, siblings ordered; findings inside the input, in the catalogue and in
 * order; a refusal has a reason.  NULL, or what does not hold. */
const char *message_fault(const sipv_message *m);

/* The first finding of a message that refuses it, or NULL. */
const sipv_diag *first_error(const sipv_message *m);

/* What a framer says of a stream that begins with `n` bytes. */
struct framed {
    int result;
    sipv_frame frame;
    size_t seen; /* octets that were there when it was decided */
};

/* `step` 0: all at once; else first `first` octets, then more by `step` octets.  Every piece is
 * flush against the fence page. */
struct framed frame_stream(struct fence *f, const void *data, size_t n, sipv_profile profile,
                           size_t first, size_t step);

/* The framer over all at once, byte by byte and at every two-way split: the same answer.  NULL, or
 * what differs.  `out` is the answer. */
const char *framer_fault(struct fence *f, const void *data, size_t n, sipv_profile profile,
                         struct framed *out);

#endif
