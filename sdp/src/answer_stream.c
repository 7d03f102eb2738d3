/* Answers: what is written of a stream. */
#include <string.h>

#include "answer.h"
#include "compose.h"

static void put_attribute(struct sipv_sdp_answering *a, const char *name, sipv_slice value)
{
    sipv_sdp_write_attribute(&a->w, sipv_slice_text(name), value);
}

static void put_flag(struct sipv_sdp_answering *a, const char *name)
{
    put_attribute(a, name, sipv_slice_of(NULL, 0));
}

static void put_media(struct sipv_sdp_answering *a, const struct sipv_sdp_answered *st,
                      uint16_t port)
{
    struct sipv_sdp_composed t;
    sipv_sdp_compose_begin(&t, &a->w);
    sipv_sdp_compose(&t, st->offered.m.media);
    sipv_sdp_compose_text(&t, " ");
    sipv_sdp_compose_number(&t, port);
    if (port && st->offered.multicast && st->offered.m.port_count > 1) {
        sipv_sdp_compose_text(&t, "/");
        sipv_sdp_compose_number(&t, (uint64_t)st->offered.m.port_count);
    }
    sipv_sdp_compose_text(&t, " ");
    sipv_sdp_compose(&t, st->offered.m.proto);
    for (size_t i = 0; i < st->n; i++) {
        sipv_sdp_compose_text(&t, " ");
        sipv_sdp_compose(&t, st->formats[i]);
    }
    sipv_sdp_put_line(&a->w, 'm', sipv_sdp_composed(&t)); /* of parts of the offer */
}

static void put_rtpmap(struct sipv_sdp_answering *a, const struct sipv_sdp_answered *st,
                       sipv_slice format)
{
    const struct sipv_sdp_mapping *map = sipv_sdp_mapping_of(&st->offered, format);
    struct sipv_sdp_composed t;
    if (!map)
        return;
    sipv_sdp_compose_begin(&t, &a->w);
    /* The format may have zeros in front. */
    sipv_sdp_compose_number(&t, (uint64_t)(map - st->offered.map));
    sipv_sdp_compose_text(&t, " ");
    sipv_sdp_compose(&t, map->encoding);
    sipv_sdp_compose_text(&t, "/");
    sipv_sdp_compose_number(&t, map->clock_rate);
    if (map->channels > 1) {
        sipv_sdp_compose_text(&t, "/");
        sipv_sdp_compose_number(&t, map->channels);
    }
    put_attribute(a, "rtpmap", sipv_sdp_composed(&t));
}

/* Finds the first fmtp line of each format. */
static void find_fmtp(const struct sipv_sdp_answering *a, struct sipv_sdp_answered *st)
{
    const sipv_sdp_line *line = NULL;
    st->sorted.n = 0;
    for (size_t i = 0; i < st->n; i++)
        sipv_sdp_texts_add(&st->sorted, st->formats[i], i);
    sipv_sdp_texts_sort(&st->sorted);
    memset(st->fmtp, 0, st->n * sizeof *st->fmtp);
    while ((line = sipv_sdp_find(a->offer, (unsigned)st->i, SIPV_SDP_A_FMTP, line)) != NULL) {
        if (line->state != SIPV_SDP_READ)
            continue;
        const size_t at =
            sipv_sdp_texts_find(&st->sorted, sipv_sdp_part(a->offer, line, SIPV_K_FORMAT));
        if (at < st->n && !st->fmtp[at])
            st->fmtp[at] = line;
    }
}

/* Parameters that describe a configuration are the same in the answer (section 6.1). */
static void put_fmtp(struct sipv_sdp_answering *a, const struct sipv_sdp_answered *st,
                     sipv_slice format)
{
    const sipv_sdp_line *line = st->fmtp[sipv_sdp_texts_find(&st->sorted, format)];
    if (line)
        put_attribute(a, "fmtp", line->value);
}

/* RFC 5761 5.1.1.  For a group one of its streams is enough, and the tagged one says that there is
 * no other way if it was offered so (RFC 9143 9.3.1.2); by itself no answer does (RFC 8858 4.3). */
static void put_mux(struct sipv_sdp_answering *a, const struct sipv_sdp_answered *st)
{
    const bool offered =
        st->bundled ? a->bundle_mux : sipv_sdp_sound(a->offer, st->i, SIPV_SDP_A_RTCP_MUX) != NULL;
    if (a->local->no_rtcp_mux || !offered)
        return;
    put_flag(a, "rtcp-mux");
    if (st->bundled && sipv_sdp_sound(a->offer, st->i, SIPV_SDP_A_RTCP_MUX_ONLY))
        put_flag(a, "rtcp-mux-only");
}

/* RFC 4145 4.1, RFC 8842 5.3. */
static void put_setup(struct sipv_sdp_answering *a, const struct sipv_sdp_answered *st)
{
    const sipv_slice offered = sipv_sdp_value_of(a->offer, st->i, SIPV_SDP_A_SETUP);
    const char *role = "holdconn";
    if (!offered.p)
        return;
    if (sipv_slice_is(offered, "actpass"))
        role = a->local->passive ? "passive" : "active";
    else if (sipv_slice_is(offered, "active"))
        role = "passive";
    else if (sipv_slice_is(offered, "passive"))
        role = "active";
    put_attribute(a, "setup", sipv_slice_text(role));
}

/* The tag and the suite that were offered, a key of ours (RFC 4568). */
static void put_crypto(struct sipv_sdp_answering *a, const struct sipv_sdp_answered *st)
{
    const sipv_sdp_line *const line = sipv_sdp_sound(a->offer, st->i, SIPV_SDP_A_CRYPTO);
    struct sipv_sdp_composed t;
    sipv_sdp_compose_begin(&t, &a->w);
    sipv_sdp_compose(&t, sipv_sdp_part(a->offer, line, SIPV_K_TAG));
    sipv_sdp_compose_text(&t, " ");
    sipv_sdp_compose(&t, sipv_sdp_part(a->offer, line, SIPV_K_SUITE));
    sipv_sdp_compose_text(&t, " ");
    sipv_sdp_compose(&t, a->local->crypto);
    put_attribute(a, "crypto", sipv_sdp_composed(&t));
}

static void put_security(struct sipv_sdp_answering *a, const struct sipv_sdp_answered *st)
{
    if (sipv_sdp_is_dtls(st->offered.m.proto)) {
        put_attribute(a, "fingerprint", a->local->fingerprint);
        put_setup(a, st);
    } else if (sipv_sdp_is_srtp(st->offered.m.proto)) {
        put_crypto(a, st);
    } else {
        put_setup(a, st);
        if (sipv_sdp_value_of(a->offer, st->i, SIPV_SDP_A_CONNECTION).p)
            put_attribute(a, "connection", sipv_slice_text("new"));
    }
    if (a->local->ice_ufrag.p && sipv_sdp_value_of(a->offer, st->i, SIPV_SDP_A_ICE_UFRAG).p) {
        put_attribute(a, "ice-ufrag", a->local->ice_ufrag);
        put_attribute(a, "ice-pwd", a->local->ice_pwd);
    }
}

/* What a multicast stream has is as it was (section 6.2). */
static void put_multicast(struct sipv_sdp_answering *a, const struct sipv_sdp_answered *st)
{
    const sipv_sdp_line *line = NULL;
    const sipv_sdp_line *const ptime = sipv_sdp_sound(a->offer, st->i, SIPV_SDP_A_PTIME);
    while ((line = sipv_sdp_next_connection(a->offer, st->i, line)) != NULL)
        sipv_sdp_put_line(&a->w, 'c', line->value);
    while ((line = sipv_sdp_next_bandwidth(a->offer, st->i, line)) != NULL)
        sipv_sdp_put_line(&a->w, 'b', line->value);
    if (ptime)
        put_attribute(a, "ptime", ptime->value);
}

/* The port that was offered for multicast, the one of the group for all its streams, else the next
 * one. */
static uint16_t take_port(struct sipv_sdp_answering *a, const struct sipv_sdp_answered *st)
{
    uint16_t port = a->next_port;
    if (st->offered.multicast)
        port = (uint16_t)st->offered.m.port;
    else if (st->bundled && a->bundle_port)
        port = a->bundle_port;
    else
        a->next_port = (uint16_t)(a->next_port < 65534 ? a->next_port + 2 : a->next_port);
    if (st->bundled && !a->bundle_port)
        a->bundle_port = port;
    return port;
}

void sipv_sdp_put_accepted(struct sipv_sdp_answering *a, struct sipv_sdp_answered *st)
{
    put_media(a, st, take_port(a, st));
    if (st->offered.multicast)
        put_multicast(a, st);
    if (st->mid.p)
        put_attribute(a, "mid", st->mid);
    put_flag(a, sipv_sdp_direction_name(sipv_sdp_answer_direction(a, st)));
    if (st->i == st->transport) { /* RFC 9143 7.1.3 */
        put_mux(a, st);
        put_security(a, st);
    }
    find_fmtp(a, st);
    for (size_t i = 0; i < st->n; i++) {
        put_rtpmap(a, st, st->formats[i]);
        put_fmtp(a, st, st->formats[i]);
    }
    const sipv_slice sctp = sipv_sdp_value_of(a->offer, st->i, SIPV_SDP_A_SCTP_PORT);
    if (sctp.p)
        put_attribute(a, "sctp-port", sipv_slice_text("5000"));
}

void sipv_sdp_put_rejected(struct sipv_sdp_answering *a, struct sipv_sdp_answered *st)
{
    sipv_slice format;
    size_t at = 0;
    st->n = 0;
    const bool any = sipv_list_next(&st->offered.m.formats, &at, &format) == SIPV_OK;
    st->formats[st->n++] = any ? format : sipv_slice_text("0");
    put_media(a, st, 0);
    if (st->mid.p)
        put_attribute(a, "mid", st->mid);
}
