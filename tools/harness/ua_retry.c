/* The same request once more: with credentials (RFC 3261 section 22.2), to where a redirection
 * points (section 8.1.3.4), or over UDP because TCP has failed (section 18.1.1). */
#include "ua_core.h"

/* How a request differs from what it was. */
struct change {
    sipv_slice uri;  /* Request-URI */
    unsigned realms; /* with credentials for these, a bit for each */
    int64_t cseq;
    struct ua_path path;
};

static void compose_cseq(struct compose *c, const sipv_message *old, int64_t cseq)
{
    compose_text(c, "CSeq: ");
    compose_number(c, (uint64_t)cseq);
    compose_text(c, " ");
    compose_slice(c, old->method);
    compose_text(c, "\r\n");
}

/* All lines in their order; new credentials stand behind CSeq. */
static void compose_lines(struct ua_core *core, struct compose *c, const sipv_message *old,
                          const struct change *change, const char *via)
{
    for (size_t i = 0; i < old->n_headers; i++) {
        const sipv_header *h = &old->headers[i];
        switch (h->id) {
        case SIPV_H_VIA: compose_header(c, "Via", sipv_slice_text(via)); break;
        case SIPV_H_CSEQ:
            compose_cseq(c, old, change->cseq);
            ua_compose_credentials(core, c, change->realms, old->method, change->uri, old->body);
            break;
        case SIPV_H_AUTHORIZATION:
        case SIPV_H_PROXY_AUTHORIZATION:
        case SIPV_H_CONTENT_LENGTH: break;
        default:
            compose_slice(c, h->name);
            compose_text(c, ": ");
            compose_slice(c, h->value);
            compose_text(c, "\r\n");
        }
    }
    if (old->body.p)
        compose_body(c, old->body);
    else
        compose_end(c);
}

static void begun(struct ua_core *core, const struct ua_errand *errand, const struct change *change,
                  sipv_method method, transaction_id id)
{
    struct leg *leg = errand->purpose == FOR_DIALOG ? ua_leg(core, errand->subject) : NULL;
    struct call *call = leg                           ? ua_call(core, leg->call)
                        : errand->purpose == FOR_CALL ? ua_call(core, errand->subject)
                                                      : NULL;
    if (call)
        call->realms |= change->realms;
    if (call && !leg) {
        call->invite = id;
        call->path = change->path;
        call->cancelled = false;
    }
    if (leg && dialogs_refreshes(method)) {
        leg->asks = id;
        leg->path = change->path;
    }
}

/* `old` is parsed from the action's request. */
static bool send_again(struct ua_core *core, uint64_t now, const sipv_message *old,
                       const struct ua_errand *errand, struct change *change)
{
    const sipv_method method = old->method_id;
    struct compose c = ua_compose(core);
    transaction_id id;
    char via[UA_VIA];
    if (ua_via(core, change->path.hop.transport, via) != SIPV_OK)
        return false;
    compose_slice(&c, old->method);
    compose_text(&c, " ");
    compose_slice(&c, change->uri);
    compose_text(&c, " SIP/2.0\r\n");
    compose_lines(core, &c, old, change, via);
    if (ua_start(core, now, &c, &change->path, errand, &id) != SIPV_OK)
        return false;
    begun(core, errand, change, method, id);
    return true;
}

/* CSeq goes up by one: in its dialog, of all registrations, or by itself. */
static int64_t next_cseq(struct ua_core *core, const sipv_message *old,
                         const struct ua_errand *errand)
{
    const int64_t inside =
        errand->purpose == FOR_DIALOG ? dialogs_next_cseq(&core->d, errand->subject) : -1;
    if (inside >= 0)
        return inside;
    return old->method_id == SIPV_M_REGISTER ? ++core->registration.cseq : old->cseq + 1;
}

static int path_again(struct ua_core *core, const struct action *action,
                      const struct ua_errand *errand, sipv_slice uri, struct ua_path *path)
{
    const struct ua_path back = ua_path_back(core, action->flow);
    if (errand->purpose == FOR_DIALOG)
        return ua_path_in(core, errand->subject, &back, path);
    return ua_path_to(core, uri, path);
}

/* ---- Redirections ---------------------------------------------------------------------------- */

static int q_of(const sipv_contact *contact)
{
    sipv_param q;
    if (sipv_param_find(&contact->params, "q", &q) != SIPV_OK || q.value.n == 0)
        return 1000;
    int value = (q.value.p[0] - '0') * 1000;
    for (size_t i = 2, weight = 100; i < q.value.n && weight > 0; i++, weight /= 10)
        value += (q.value.p[i] - '0') * (int)weight;
    return value;
}

/* The contact that is liked best, the first of equals, but not the one that was asked. */
static sipv_slice best_contact(sipv_message *m, sipv_slice asked)
{
    sipv_slice best = ua_none;
    sipv_contact contact;
    int highest = -1;
    sipv_iter it = sipv_each(m, SIPV_H_CONTACT);
    while (sipv_contact_next(&it, &contact) == SIPV_OK)
        if (!contact.star && q_of(&contact) > highest &&
            !sipv_slice_equal(contact.uri.text, asked)) {
            highest = q_of(&contact);
            best = contact.uri.text;
        }
    return best;
}

static bool redirected(struct ua_core *core, const struct action *action,
                       const struct ua_errand *errand, const sipv_message *old,
                       struct change *change)
{
    struct call *call = errand->purpose == FOR_CALL ? ua_call(core, errand->subject) : NULL;
    if (!call || call->redirections >= core->settings.redirections)
        return false;
    change->uri = best_contact(action->message, old->request_uri);
    change->realms = ua_realms_in(core, &core->old.m);
    call->redirections++;
    return change->uri.p != NULL;
}

/* ---- What it is sent again for ------------------------------------------------------------------
 */

/* Does anyone still want it? */
static bool is_wanted(struct ua_core *core, const struct ua_errand *errand)
{
    const struct call *call = errand->purpose == FOR_CALL ? ua_call(core, errand->subject) : NULL;
    return errand->purpose != FOR_NOBODY && errand->tries < UA_TRIES &&
           (errand->purpose != FOR_CALL || (call && !call->hang_up));
}

bool ua_retry(struct ua_core *core, uint64_t now, const struct action *action)
{
    struct ua_errand errand = ua_unpack(action->user);
    const int status = action->message->status;
    const bool challenged = status == 401 || status == 407;
    if (!is_wanted(core, &errand) || (!challenged && (status < 300 || status > 399)))
        return false;
    sipv_message *old = ua_parse(core, &core->old, action->request);
    struct change change = {.uri = old->request_uri};
    if (challenged)
        change.realms = ua_challenged(core, action->message, old, errand.tries);
    else if (!redirected(core, action, &errand, old, &change))
        return false;
    if ((challenged && !change.realms) ||
        path_again(core, action, &errand, change.uri, &change.path) != SIPV_OK)
        return false;
    errand.tries++;
    change.cseq = next_cseq(core, old, &errand);
    return send_again(core, now, old, &errand, &change);
}

bool ua_retry_over_udp(struct ua_core *core, uint64_t now, const struct action *action)
{
    struct ua_errand errand = ua_unpack(action->user);
    const sipv_message *old = ua_parse(core, &core->old, action->request);
    struct change change = {.uri = old->request_uri, .cseq = old->cseq};
    if (errand.udp || !is_wanted(core, &errand) || old->octets <= HOP_UDP_OCTETS ||
        core->network.transport(core->network.with, action->flow) != HOP_TCP ||
        path_again(core, action, &errand, change.uri, &change.path) != SIPV_OK ||
        change.path.hop.transport != HOP_UDP)
        return false;
    errand.udp = true;
    change.realms = ua_realms_in(core, &core->old.m);
    return send_again(core, now, old, &errand, &change);
}
