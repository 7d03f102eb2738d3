/* What plain.c asks of attributes: which one a name is, and whether there is more to say of one
 * than its grammar can. */
#ifndef SIPV_SDP_PLAIN_ATTRIBUTE_H
#define SIPV_SDP_PLAIN_ATTRIBUTE_H

#include "field_name.h"
#include "plain_format.h"
#include "plain_line.h"
#include "plain_value.h"

/* The one attribute whose name the `n` octets at `p` may be. */
static inline const struct sipv_sdp_attribute_key *find_key(const unsigned char *p, size_t n)
{
    const uint64_t first = _bzhi_u64(sipv_load_8(p), 8 * (unsigned)n);
    const uint32_t slot = sipv_attribute_slot(first, n, sipv_sdp_attribute_seed);
    return (const void *)((const unsigned char *)sipv_sdp_attribute_keys +
                          sipv_sdp_attribute_slots[slot]);
}

/* Attributes of which more is to be said than their grammar can. */
enum { NOTHING, MAP, FMTP, FEEDBACK, CANDIDATE, ADDRESS, IDENTIFIER, DIRECTION, MID, CLOSER };
static const uint8_t special[SIPV_SDP_A_COUNT] = {
    [SIPV_SDP_A_RTPMAP] = MAP,
    [SIPV_SDP_A_FMTP] = FMTP,
    [SIPV_SDP_A_RTCP_FB] = FEEDBACK,
    [SIPV_SDP_A_CANDIDATE] = CANDIDATE,
    [SIPV_SDP_A_RTCP] = ADDRESS,
    [SIPV_SDP_A_MSID] = IDENTIFIER,
    [SIPV_SDP_A_ICE_UFRAG] = IDENTIFIER,
    [SIPV_SDP_A_ICE_PWD] = IDENTIFIER,
    [SIPV_SDP_A_TLS_ID] = IDENTIFIER,
    [SIPV_SDP_A_SENDRECV] = DIRECTION,
    [SIPV_SDP_A_SENDONLY] = DIRECTION,
    [SIPV_SDP_A_RECVONLY] = DIRECTION,
    [SIPV_SDP_A_INACTIVE] = DIRECTION,
    [SIPV_SDP_A_MID] = MID,
    [SIPV_SDP_A_REMOTE_CANDIDATES] = CLOSER,
    [SIPV_SDP_A_CHARSET] = CLOSER,
};

/* The first direction of a section is noted. */
static inline bool takes_direction(struct sipv_sdp_parse *x, unsigned id)
{
    _Static_assert(SIPV_SDP_A_SENDONLY - SIPV_SDP_A_SENDRECV == SIPV_SDP_SENDONLY &&
                       SIPV_SDP_A_RECVONLY - SIPV_SDP_A_SENDRECV == SIPV_SDP_RECVONLY &&
                       SIPV_SDP_A_INACTIVE - SIPV_SDP_A_SENDRECV == SIPV_SDP_INACTIVE,
                   "directions in the order of their attributes");
    if (!x->section || x->directed)
        return false;
    x->directed = true;
    x->section->direction = (uint8_t)(id - SIPV_SDP_A_SENDRECV);
    return true;
}

/* The first mid of a section is noted. */
static inline bool takes_mid(struct sipv_sdp_parse *x, const sipv_sdp_line *line)
{
    if (!x->section || x->section->mid)
        return false;
    x->section->mid = (uint32_t)(line - x->s->lines);
    return true;
}

/* Is there nothing to say of an attribute that its grammar has not said?  Its captures are from
 * `ev` to `end`, where there is room for more.  If so, it is noted where it has to be. */
static __attribute__((noinline)) bool is_plain(struct sipv_sdp_parse *x, const unsigned char *base,
                                               const sipv_sdp_line *line, unsigned what,
                                               const sipv_event *ev, sipv_event *end)
{
    switch (what) {
    case NOTHING: return true;
    case FMTP:
    case FEEDBACK: return is_expected_format(x, base, ev);
    case CANDIDATE: return is_usual_candidate(x, base, ev, end);
    case ADDRESS: return end - ev == 1 || is_in_ip4(base, ev);
    case IDENTIFIER: return ev->len <= 64 && (end - ev == 1 || (end - ev == 2 && ev[1].len <= 64));
    case DIRECTION: return takes_direction(x, line->id);
    case MID: return takes_mid(x, line);
    default: return false;
    }
}

/* A value about a payload type of the m= line: behind its captures if there is nothing more to say
 * of it, else NULL. */
SIPV_ALWAYS sipv_event *read_about_format(struct sipv_sdp_parse *x, unsigned what, struct text t,
                                          sipv_event *ev)
{
    switch (what) {
    case MAP: return read_map(&x->formats, t, ev);
    case FMTP: return read_fmtp(&x->formats, t, ev);
    case FEEDBACK: return read_feedback(&x->formats, t, ev);
    default: return NULL;
    }
}

#endif
