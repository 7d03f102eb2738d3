/* Values of lines that are put together from parts. */
#ifndef SIPV_SDP_COMPOSE_H
#define SIPV_SDP_COMPOSE_H

#include <sipvet/sdp.h>

/* A value so far.  Where it gets too long the writer refuses it, and all that would follow. */
struct sipv_sdp_composed {
    sipv_sdp_writer *w;
    size_t n;
    char p[SIPV_SDP_ANSWER_VALUE];
};

void sipv_sdp_compose_begin(struct sipv_sdp_composed *t, sipv_sdp_writer *w);
void sipv_sdp_compose(struct sipv_sdp_composed *t, sipv_slice s);
void sipv_sdp_compose_text(struct sipv_sdp_composed *t, const char *s);
/* In decimal. */
void sipv_sdp_compose_number(struct sipv_sdp_composed *t, uint64_t n);
/* The value as it is now, of use as long as `t` is not changed. */
sipv_slice sipv_sdp_composed(const struct sipv_sdp_composed *t);

#endif
