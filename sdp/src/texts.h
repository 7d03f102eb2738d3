/* A few texts in which others are found quickly. */
#ifndef SIPV_SDP_TEXTS_H
#define SIPV_SDP_TEXTS_H

#include <sipvet/grammar.h>

/* As many as a stream may have formats; a list that goes on behind them is searched to its end. */
enum { SIPV_SDP_TEXTS = 1024 };

struct sipv_sdp_numbered {
    sipv_slice text;
    size_t number; /* the caller's */
};

struct sipv_sdp_texts {
    struct sipv_sdp_numbered at[SIPV_SDP_TEXTS]; /* in order, once sorted */
    size_t n;
};

/* Adds one; false if there is no room. */
bool sipv_sdp_texts_add(struct sipv_sdp_texts *t, sipv_slice text, size_t number);
/* Puts them in order, the same ones by their numbers, in the same time whatever they are: n log n
 * comparisons. */
void sipv_sdp_texts_sort(struct sipv_sdp_texts *t);
/* Of sorted ones, the place of the first that is the same, or t->n. */
size_t sipv_sdp_texts_find(const struct sipv_sdp_texts *t, sipv_slice text);

#endif
