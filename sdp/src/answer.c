/* The answer to an offer (RFC 3264 section 6): what both sides have, stream by stream. */
#include <string.h>

#include "answer.h"
#include "compose.h"

enum { DEFAULT_PORT = 49170 };

/* ---- The session --------------------------------------------------------------------------------
 */

static const char *addrtype_of(sipv_slice address)
{
    return memchr(address.p, ':', address.n) ? "IP6" : "IP4";
}

static void put_session(struct sipv_sdp_answering *a)
{
    const sipv_sdp_line *line = NULL;
    struct sipv_sdp_composed o, c;
    sipv_sdp_compose_begin(&o, &a->w);
    sipv_sdp_compose_begin(&c, &a->w);
    sipv_sdp_compose(&o, a->local->username.p ? a->local->username : sipv_slice_text("-"));
    sipv_sdp_compose_text(&o, " ");
    sipv_sdp_compose_number(&o, a->local->sess_id);
    sipv_sdp_compose_text(&o, " ");
    sipv_sdp_compose_number(&o, a->local->sess_version);
    sipv_sdp_compose_text(&c, "IN ");
    sipv_sdp_compose_text(&c, addrtype_of(a->local->address));
    sipv_sdp_compose_text(&c, " ");
    sipv_sdp_compose(&c, a->local->address);
    sipv_sdp_compose_text(&o, " ");
    sipv_sdp_compose(&o, sipv_sdp_composed(&c));
    sipv_sdp_write_line(&a->w, 'v', sipv_slice_text("0"));
    sipv_sdp_write_line(&a->w, 'o', sipv_sdp_composed(&o));
    sipv_sdp_write_line(&a->w, 's', sipv_slice_text("-"));
    sipv_sdp_write_line(&a->w, 'c', sipv_sdp_composed(&c));
    while ((line = sipv_sdp_find_type(a->offer, SIPV_SDP_SESSION, 't', line)) != NULL)
        sipv_sdp_put_line(&a->w, 't', line->value);
}

/* ---- The group ----------------------------------------------------------------------------------
 */

/* Can stream `i` be accepted?  Each is looked at once. */
static bool is_accepted(struct sipv_sdp_answering *a, size_t i, struct sipv_sdp_answered *st)
{
    enum { UNKNOWN, ACCEPTED, REJECTED };
    if (i >= SIPV_SDP_ANSWER_STREAMS)
        return sipv_sdp_answer_accepts(a, i, st);
    if (a->verdict[i] == UNKNOWN)
        a->verdict[i] = sipv_sdp_answer_accepts(a, i, st) ? ACCEPTED : REJECTED;
    return a->verdict[i] == ACCEPTED;
}

/* Is there a stream with this mid that is accepted?  `mids` are those of all streams, sorted. */
static bool has_accepted(struct sipv_sdp_answering *a, const struct sipv_sdp_texts *mids,
                         sipv_slice mid, struct sipv_sdp_answered *st)
{
    for (size_t k = sipv_sdp_texts_find(mids, mid);
         k < mids->n && sipv_slice_equal(mids->at[k].text, mid); k++)
        if (is_accepted(a, mids->at[k].number, st))
            return true;
    return false;
}

/* RFC 9143 7.3: the offered group, without the media that are rejected.  There is one group in an
 * answer of one address. */
static void put_bundle(struct sipv_sdp_answering *a, const sipv_sdp_group *group,
                       struct sipv_sdp_answered *st)
{
    struct sipv_sdp_texts mids;
    struct sipv_sdp_composed t;
    sipv_slice mid;
    size_t at = 0;
    sipv_sdp_mids(a->offer, &mids);
    sipv_sdp_compose_begin(&t, &a->w);
    sipv_sdp_compose_text(&t, "BUNDLE");
    for (int k = 0;
         k < SIPV_SDP_ANSWER_STREAMS && sipv_list_next(&group->mids, &at, &mid) == SIPV_OK; k++)
        if (has_accepted(a, &mids, mid, st)) {
            sipv_sdp_compose_text(&t, " ");
            sipv_sdp_compose(&t, mid);
        }
    sipv_sdp_write_attribute(&a->w, sipv_slice_text("group"), sipv_sdp_composed(&t));
}

/* ---- The answer ---------------------------------------------------------------------------------
 */

int sipv_sdp_answer(const sipv_sdp *offer, const sipv_sdp_capabilities *local, void *out,
                    size_t cap, size_t *n)
{
    struct sipv_sdp_answering a;
    struct sipv_sdp_answered st;
    sipv_sdp_group group;
    if (!offer || !local || !n || !local->address.p || !local->address.n ||
        (local->n_codecs && !local->codecs) || (!out && cap))
        return SIPV_BAD_ARGUMENT;
    *n = 0;
    if (!offer->accepted)
        return SIPV_REJECT;
    a.offer = offer;
    a.local = local;
    a.next_port = local->port ? local->port : DEFAULT_PORT;
    a.bundle_port = 0;
    a.bundled.n = 0;
    memset(a.verdict, 0, sizeof a.verdict);
    sipv_sdp_writer_init(&a.w, out, cap);
    put_session(&a);
    if (!local->no_bundle && sipv_sdp_next_bundle(offer, NULL, &group)) {
        sipv_sdp_add_mids(&group, &a.bundled);
        sipv_sdp_texts_sort(&a.bundled);
        put_bundle(&a, &group, &st);
    }
    for (size_t i = 0; i < offer->n_sections; i++) {
        if (sipv_sdp_answer_accepts(&a, i, &st))
            sipv_sdp_put_accepted(&a, &st);
        else
            sipv_sdp_put_rejected(&a, &st);
    }
    return sipv_sdp_writer_finish(&a.w, n);
}
