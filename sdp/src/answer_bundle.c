/* Answers: the BUNDLE group (RFC 9143 7.3), one in an answer of one address: what is accepted of
 * the group that was offered and can go through one transport, which is that of its first stream.
 */
#include <string.h>

#include "answer.h"
#include "compose.h"

/* The group as it is chosen. */
struct choosing {
    struct sipv_sdp_answering *a;
    struct sipv_sdp_answered *st;
    sipv_sdp_group offered;
    size_t at;                  /* in its mids */
    struct sipv_sdp_texts mids; /* of all streams of the offer, sorted ... */
    bool seen[SIPV_SDP_TEXTS];  /* ... and those that have come */
    struct sipv_sdp_composed t; /* the value of the group */
};

static void begin(struct choosing *c)
{
    memset(c->seen, 0, sizeof c->seen);
    c->at = 0;
}

/* Steps to the next mid of the offered group that a stream has, each once.  False: there is none.
 */
static bool next_stream(struct choosing *c, sipv_slice *mid, size_t *i)
{
    while (sipv_list_next(&c->offered.mids, &c->at, mid) == SIPV_OK) {
        const size_t k = sipv_sdp_texts_find(&c->mids, *mid);
        if (k == c->mids.n || c->seen[k])
            continue;
        c->seen[k] = true;
        *i = c->mids.at[k].number;
        return true;
    }
    return false;
}

/* Multicast has an address of its own, and RTP without rtcp-mux needs a second port. */
static bool may_share(const struct choosing *c)
{
    const struct sipv_sdp_stream *const stream = &c->st->offered;
    return !stream->multicast && !(stream->rtp && c->a->local->no_rtcp_mux);
}

/* Has the stream the kind of security that the group's transport has? */
static bool may_join(const struct choosing *c)
{
    const sipv_slice one = c->a->tagged_proto, other = c->st->offered.m.proto;
    return may_share(c) && sipv_sdp_is_dtls(one) == sipv_sdp_is_dtls(other) &&
           sipv_sdp_is_srtp(one) == sipv_sdp_is_srtp(other);
}

static void join(struct choosing *c, sipv_slice mid, size_t i)
{
    struct sipv_sdp_answering *const a = c->a;
    sipv_sdp_texts_add(&a->bundled, mid, i);
    a->bundle_mux |= sipv_sdp_sound(a->offer, i, SIPV_SDP_A_RTCP_MUX) != NULL;
    sipv_sdp_compose_text(&c->t, " ");
    sipv_sdp_compose(&c->t, mid);
}

/* Section 7.3.1: the first stream of the group that is accepted by itself, with a port in the
 * offer, is the tagged one.  False: there is none, and so no group. */
static bool choose_tagged(struct choosing *c)
{
    sipv_slice mid;
    size_t i = 0;
    begin(c);
    while (next_stream(c, &mid, &i)) {
        if (!sipv_sdp_answer_accepts(c->a, i, false, c->st) || !may_share(c))
            continue;
        c->a->tagged = i;
        c->a->tagged_proto = c->st->offered.m.proto;
        join(c, mid, i);
        return true;
    }
    return false;
}

void sipv_sdp_answer_bundle(struct sipv_sdp_answering *a, struct sipv_sdp_answered *st)
{
    struct choosing c;
    sipv_slice mid;
    size_t i = 0;
    c.a = a;
    c.st = st;
    if (a->local->no_bundle || !sipv_sdp_next_bundle(a->offer, NULL, &c.offered))
        return;
    sipv_sdp_mids(a->offer, &c.mids);
    sipv_sdp_compose_begin(&c.t, &a->w);
    sipv_sdp_compose_text(&c.t, "BUNDLE");
    if (!choose_tagged(&c))
        return;
    begin(&c);
    while (next_stream(&c, &mid, &i))
        if (i != a->tagged && sipv_sdp_answer_accepts(a, i, true, st) && may_join(&c))
            join(&c, mid, i);
    sipv_sdp_texts_sort(&a->bundled);
    sipv_sdp_write_attribute(&a->w, sipv_slice_text("group"), sipv_sdp_composed(&c.t));
}

bool sipv_sdp_answer_is_bundled(const struct sipv_sdp_answering *a, size_t i)
{
    const unsigned mid = a->offer->sections[i].mid;
    if (!mid)
        return false;
    const size_t k = sipv_sdp_texts_find(&a->bundled, a->offer->lines[mid].value);
    return k < a->bundled.n && a->bundled.at[k].number == i;
}
