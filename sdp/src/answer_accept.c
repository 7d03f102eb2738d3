/* Answers: may a stream be accepted, and in which direction does it go then? */
#include "answer.h"

bool sipv_sdp_is_srtp(sipv_slice proto)
{
    return sipv_slice_is(proto, "RTP/SAVP") || sipv_slice_is(proto, "RTP/SAVPF");
}

static bool is_secured(const struct sipv_sdp_answering *a, const struct sipv_sdp_answered *st)
{
    const sipv_slice proto = st->offered.m.proto;
    if (sipv_sdp_is_dtls(proto))
        return a->local->fingerprint.p &&
               sipv_sdp_value_of(a->offer, st->transport, SIPV_SDP_A_FINGERPRINT).p;
    return !sipv_sdp_is_srtp(proto) ||
           (a->local->crypto.p && sipv_sdp_sound(a->offer, st->transport, SIPV_SDP_A_CRYPTO));
}

/* RFC 8858 4.3: who offers rtcp-mux-only takes RTCP at no other port. */
static bool is_multiplexed(const struct sipv_sdp_answering *a, const struct sipv_sdp_answered *st)
{
    return !a->local->no_rtcp_mux || !st->offered.rtp ||
           !sipv_sdp_sound(a->offer, st->i, SIPV_SDP_A_RTCP_MUX_ONLY);
}

bool sipv_sdp_answer_accepts(const struct sipv_sdp_answering *a, size_t i, bool bundled,
                             struct sipv_sdp_answered *st)
{
    const sipv_sdp_section *section = &a->offer->sections[i];
    st->i = i;
    st->n = 0;
    sipv_sdp_stream_at(a->offer, i, &st->offered);
    st->mid = section->mid ? a->offer->lines[section->mid].value : sipv_slice_of(NULL, 0);
    st->bundled = bundled;
    st->transport = bundled ? a->tagged : i;
    if (i < 64 && a->local->reject >> i & 1)
        return false;
    if (st->offered.m.port == 0 &&
        !(st->bundled && sipv_sdp_sound(a->offer, i, SIPV_SDP_A_BUNDLE_ONLY)))
        return false;
    if (!is_secured(a, st) || !is_multiplexed(a, st))
        return false;
    sipv_sdp_answer_formats(a, st);
    return st->n > 0;
}

/* The hold of RFC 2543 (RFC 3264 8.4): nobody listens at 0.0.0.0.  With ICE the address says
 * nothing. */
static bool is_held(const struct sipv_sdp_answering *a, const struct sipv_sdp_answered *st)
{
    return sipv_slice_is(st->offered.c.address, "0.0.0.0") &&
           !sipv_sdp_value_of(a->offer, st->transport, SIPV_SDP_A_ICE_UFRAG).p;
}

sipv_sdp_direction sipv_sdp_answer_direction(const struct sipv_sdp_answering *a,
                                             const struct sipv_sdp_answered *st)
{
    const unsigned offered = a->offer->sections[st->i].direction, local = a->local->direction;
    if (st->offered.multicast) /* section 6.2 */
        return (sipv_sdp_direction)offered;
    bool they_send = offered == SIPV_SDP_SENDRECV || offered == SIPV_SDP_SENDONLY;
    bool they_receive = offered == SIPV_SDP_SENDRECV || offered == SIPV_SDP_RECVONLY;
    they_receive = they_receive && !is_held(a, st);
    const bool send = they_receive && (local == SIPV_SDP_SENDRECV || local == SIPV_SDP_SENDONLY);
    const bool receive = they_send && (local == SIPV_SDP_SENDRECV || local == SIPV_SDP_RECVONLY);
    return send      ? receive ? SIPV_SDP_SENDRECV : SIPV_SDP_SENDONLY
           : receive ? SIPV_SDP_RECVONLY
                     : SIPV_SDP_INACTIVE;
}
