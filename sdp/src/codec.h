/* The formats of a media section and what they mean. */
#ifndef SIPV_SDP_CODEC_H
#define SIPV_SDP_CODEC_H

#include "internal.h"
#include "texts.h"

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
    sipv_sdp_connection c; /* the first that holds, all absent if there is none */
    bool readable;         /* its m= line is not malformed */
    bool rtp;
    bool multicast;
    struct sipv_sdp_mapping map[128]; /* by payload type, of a stream over RTP */
};

void sipv_sdp_stream_at(const sipv_sdp *s, size_t section, struct sipv_sdp_stream *out);
/* The mapping of a format, NULL if it is no payload type. */
const struct sipv_sdp_mapping *sipv_sdp_mapping_of(const struct sipv_sdp_stream *stream,
                                                   sipv_slice format);
/* Do both mean the same?  The first one is known. */
bool sipv_sdp_same_mapping(const struct sipv_sdp_mapping *a, const struct sipv_sdp_mapping *b);

/* The formats of a stream, so that each of another one's is looked up in few steps. */
struct sipv_sdp_formats_of {
    const struct sipv_sdp_stream *stream;
    struct sipv_sdp_texts texts; /* all of them, sorted ... */
    size_t rest;                 /* ... but those from here on in the list */
    uint8_t types[128];          /* the payload types among them, each once */
    unsigned n_types;
};
void sipv_sdp_formats_of(const struct sipv_sdp_stream *stream, struct sipv_sdp_formats_of *out);
/* Is there one among them that means the same as `format` of `other`? */
bool sipv_sdp_has_format(const struct sipv_sdp_formats_of *formats,
                         const struct sipv_sdp_stream *other, sipv_slice format);

/* The first attribute of a section that is not malformed, NULL if there is none: what interop steps
 * over is not there, whatever follows it. */
const sipv_sdp_line *sipv_sdp_sound(const sipv_sdp *s, size_t section, unsigned id);
/* The same of one that holds for a section: its own, else the session's. */
const sipv_sdp_line *sipv_sdp_sound_effective(const sipv_sdp *s, size_t section, unsigned id);
/* The c= line that holds for a section behind the line `after` (NULL: from the start): its own, of
 * which it may have several (RFC 8866 5.7), else the session's; NULL if there is none.  Malformed
 * ones are stepped over. */
const sipv_sdp_line *sipv_sdp_next_connection(const sipv_sdp *s, size_t section,
                                              const sipv_sdp_line *after);
/* The first b= line of a section behind the line `after` (NULL: from the start) that is not
 * malformed, NULL if there is none. */
const sipv_sdp_line *sipv_sdp_next_bandwidth(const sipv_sdp *s, size_t section,
                                             const sipv_sdp_line *after);
/* The value of an attribute that holds for a section, absent if there is none. */
sipv_slice sipv_sdp_value_of(const sipv_sdp *s, size_t section, unsigned id);
/* The first BUNDLE group (RFC 9143) behind the line `after` (NULL: from the start); NULL if there
 * is none. */
const sipv_sdp_line *sipv_sdp_next_bundle(const sipv_sdp *s, const sipv_sdp_line *after,
                                          sipv_sdp_group *group);

#endif
