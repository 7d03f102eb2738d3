/* What the files of answers share (RFC 3264 section 6). */
#ifndef SIPV_SDP_ANSWER_H
#define SIPV_SDP_ANSWER_H

#include "codec.h"

/* An answer on its way. */
struct sipv_sdp_answering {
    const sipv_sdp *offer;
    const sipv_sdp_capabilities *local;
    sipv_sdp_writer w;
    uint16_t next_port;
    uint16_t bundle_port;          /* that of the group's streams, 0 before the first of them */
    struct sipv_sdp_texts bundled; /* mids of the group that is answered, sorted, each with the
                                      number of its stream; without group there are none */
    size_t tagged;                 /* the stream of it whose transport all of them have ... */
    sipv_slice tagged_proto;
    bool bundle_mux; /* ... which takes RTP and RTCP, as one of them was offered */
};

/* One stream of the offer, and what is answered. */
struct sipv_sdp_answered {
    struct sipv_sdp_stream offered;
    size_t i;
    sipv_slice mid;
    bool bundled;     /* in the group that is answered */
    size_t transport; /* the stream that says how it is transported: itself, or the tagged one */
    sipv_slice formats[SIPV_SDP_TEXTS]; /* in the order of the answer */
    size_t n;
    bool taken[SIPV_SDP_TEXTS];                /* of those offered, by number ... */
    bool types[128];                           /* ... and by payload type, over RTP */
    struct sipv_sdp_texts sorted;              /* these formats ... */
    const sipv_sdp_line *fmtp[SIPV_SDP_TEXTS]; /* ... and the line that each has, or NULL */
};

/* ---- answer_formats.c ---------------------------------------------------------------------------
 */

/* Chooses st->formats; a stream without any cannot be accepted. */
void sipv_sdp_answer_formats(const struct sipv_sdp_answering *a, struct sipv_sdp_answered *st);

/* ---- answer_accept.c ----------------------------------------------------------------------------
 */

/* Reads stream `i` of the offer, of which all m= lines can be read, as one of the group or one by
 * itself.  False: it is rejected. */
bool sipv_sdp_answer_accepts(const struct sipv_sdp_answering *a, size_t i, bool bundled,
                             struct sipv_sdp_answered *st);
sipv_sdp_direction sipv_sdp_answer_direction(const struct sipv_sdp_answering *a,
                                             const struct sipv_sdp_answered *st);
/* RTP/SAVP or RTP/SAVPF. */
bool sipv_sdp_is_srtp(sipv_slice proto);

/* ---- answer_bundle.c ----------------------------------------------------------------------------
 */

/* Chooses the BUNDLE group and writes its line, if there is one; `st` is of use to nobody then. */
void sipv_sdp_answer_bundle(struct sipv_sdp_answering *a, struct sipv_sdp_answered *st);
/* Is stream `i` in it? */
bool sipv_sdp_answer_is_bundled(const struct sipv_sdp_answering *a, size_t i);

/* ---- answer_stream.c ----------------------------------------------------------------------------
 */

/* Writes a stream that is accepted, which is as sipv_sdp_answer_accepts() has read it. */
void sipv_sdp_put_accepted(struct sipv_sdp_answering *a, struct sipv_sdp_answered *st);
/* Port 0, and one format, which is ignored. */
void sipv_sdp_put_rejected(struct sipv_sdp_answering *a, struct sipv_sdp_answered *st);

#endif
