/* What the files of answers share (RFC 3264 section 6). */
#ifndef SIPV_SDP_ANSWER_H
#define SIPV_SDP_ANSWER_H

#include "codec.h"

/* Of so many streams the verdict is known before they are answered. */
enum { SIPV_SDP_ANSWER_STREAMS = 256 };

/* An answer on its way. */
struct sipv_sdp_answering {
    const sipv_sdp *offer;
    const sipv_sdp_capabilities *local;
    sipv_sdp_writer w;
    uint16_t next_port;
    uint16_t bundle_port;          /* that of the first stream of the group, 0 before it */
    struct sipv_sdp_texts bundled; /* mids of the group that is answered, sorted */
    uint8_t verdict[SIPV_SDP_ANSWER_STREAMS];
};

/* One stream of the offer, and what is answered. */
struct sipv_sdp_answered {
    struct sipv_sdp_stream offered;
    size_t i;
    sipv_slice mid;
    bool bundled;
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

/* Reads stream `i` of the offer, of which all m= lines can be read.  False: it is rejected. */
bool sipv_sdp_answer_accepts(const struct sipv_sdp_answering *a, size_t i,
                             struct sipv_sdp_answered *st);
sipv_sdp_direction sipv_sdp_answer_direction(const struct sipv_sdp_answering *a,
                                             const struct sipv_sdp_answered *st);
/* RTP/SAVP or RTP/SAVPF. */
bool sipv_sdp_is_srtp(sipv_slice proto);

/* ---- answer_stream.c ----------------------------------------------------------------------------
 */

/* Writes a stream that is accepted, which is as sipv_sdp_answer_accepts() has read it. */
void sipv_sdp_put_accepted(struct sipv_sdp_answering *a, struct sipv_sdp_answered *st);
/* Port 0, and one format, which is ignored. */
void sipv_sdp_put_rejected(struct sipv_sdp_answering *a, struct sipv_sdp_answered *st);

#endif
