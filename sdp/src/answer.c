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

/* ---- The answer ---------------------------------------------------------------------------------
 */

int sipv_sdp_answer(const sipv_sdp *offer, const sipv_sdp_capabilities *local, void *out,
                    size_t cap, size_t *n)
{
    struct sipv_sdp_answering a;
    struct sipv_sdp_answered st;
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
    a.tagged = 0;
    a.bundle_mux = false;
    sipv_sdp_writer_init(&a.w, out, cap);
    put_session(&a);
    sipv_sdp_answer_bundle(&a, &st);
    for (size_t i = 0; i < offer->n_sections; i++) {
        if (sipv_sdp_answer_accepts(&a, i, sipv_sdp_answer_is_bundled(&a, i), &st))
            sipv_sdp_put_accepted(&a, &st);
        else
            sipv_sdp_put_rejected(&a, &st);
    }
    return sipv_sdp_writer_finish(&a.w, n);
}
