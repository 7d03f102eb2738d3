/* The formats of a media section and what they mean. */
#ifndef SIPV_SDP_CODEC_H
#define SIPV_SDP_CODEC_H

#include "internal.h"

/* What a payload type means (RFC 8866 6.6, RFC 3551 section 6).  Two of them are the same codec
 * whatever their numbers are. */
struct sipv_sdp_mapping {
    sipv_slice encoding; /* absent: nothing is known */
    uint32_t clock_rate, channels;
    bool by_rtpmap;
};

/* A section read for comparison. */
struct sipv_sdp_stream {
    sipv_sdp_media m;
    sipv_sdp_connection c; /* the effective one, all absent if there is none */
    bool readable;         /* its m= line is not malformed */
    bool rtp;
    bool multicast;
    struct sipv_sdp_mapping map[128]; /* by payload type, of a stream over RTP */
};

void sipv_sdp_stream_at(const sipv_sdp *s, size_t section, struct sipv_sdp_stream *out);
/* The mapping of a format, NULL if it is no payload type. */
const struct sipv_sdp_mapping *sipv_sdp_mapping_of(const struct sipv_sdp_stream *stream,
                                                   sipv_slice format);
bool sipv_sdp_same_mapping(const struct sipv_sdp_mapping *a, const struct sipv_sdp_mapping *b);
/* Is there a format in `stream` that means the same as `format` of `other`? */
bool sipv_sdp_has_format(const struct sipv_sdp_stream *stream, const struct sipv_sdp_stream *other,
                         sipv_slice format);

/* The value of an attribute that holds for a section, absent if there is none. */
sipv_slice sipv_sdp_value_of(const sipv_sdp *s, size_t section, unsigned id);
/* The mids of the BUNDLE group that has `mid`; an empty list if there is none (RFC 9143). */
bool sipv_sdp_in_bundle(const sipv_sdp *s, sipv_slice mid, sipv_sdp_group *group);

#endif
