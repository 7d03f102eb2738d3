/* What the user agent asks: RFC 3261 sections 8.1, 9.1, 12.2.1, 13.2, 15.1.1. */
#include <string.h>

#include "ua_core.h"

/* ---- Outside of dialogs ------------------------------------------------------------------------
 */

static void compose_from(struct ua_core *core, struct compose *c, const char *uri, const char *tag)
{
    compose_text(c, "From: ");
    if (*core->settings.display_name) {
        compose_text(c, "\"");
        for (const char *p = core->settings.display_name; *p; p++) {
            compose_text(c, *p == '"' || *p == '\\' ? "\\" : "");
            compose_slice(c, sipv_slice_of(p, 1));
        }
        compose_text(c, "\" ");
    }
    compose_text(c, "<");
    compose_slice(c, sipv_slice_text(uri));
    compose_text(c, ">;tag=");
    compose_text(c, tag);
    compose_text(c, "\r\n");
}

static void compose_cseq(struct compose *c, uint32_t cseq, const char *method)
{
    compose_text(c, "CSeq: ");
    compose_number(c, cseq);
    compose_text(c, " ");
    compose_text(c, method);
    compose_text(c, "\r\n");
}

/* What an INVITE says of us, and what it wants of them. */
static void compose_abilities(struct ua_core *core, struct compose *c)
{
    ua_compose_allow(c);
    ua_compose_supported(core, c);
    if (core->settings.provisional == UA_1XX_REQUIRED)
        compose_text(c, "Require: 100rel\r\n");
}

int ua_compose_request(struct ua_core *core, struct compose *c, const struct ua_outgoing *what,
                       const char *method, const struct ua_path *path, const char *tag,
                       const char *call_id, uint32_t cseq)
{
    const sipv_slice uri = sipv_slice_text(what->uri);
    char via[UA_VIA];
    if (ua_via(core, path->hop.transport, via) != SIPV_OK)
        return SIPV_ABSENT;
    compose_text(c, method);
    compose_text(c, " ");
    compose_slice(c, uri);
    compose_text(c, " SIP/2.0\r\n");
    compose_header(c, "Via", sipv_slice_text(via));
    compose_text(c, "Max-Forwards: 70\r\n");
    if (*core->settings.route)
        compose_header(c, "Route", sipv_slice_text(core->settings.route));
    compose_from(core, c, what->from ? what->from : core->settings.aor, tag);
    compose_text(c, "To: <");
    compose_slice(c, what->to ? sipv_slice_text(what->to) : uri);
    compose_text(c, ">\r\nCall-ID: ");
    compose_text(c, call_id);
    compose_text(c, "\r\n");
    compose_cseq(c, cseq, method);
    if (!what->no_contact)
        ua_contact(core, c, path->hop.transport, ua_is_secure(uri));
    if (strcmp(method, "INVITE") == 0)
        compose_abilities(core, c);
    ua_compose_credentials(core, c, ua_realms_of(core, uri), sipv_slice_text(method), uri,
                           what->body);
    compose_text(c, what->more ? what->more : "");
    ua_compose_body(c, what->type ? what->type : "application/sdp", what->body);
    return SIPV_OK;
}

/* A call for what was asked; NULL if there is no room. */
static struct call *new_call(struct ua_core *core, const struct ua_outgoing *what,
                             const struct ua_path *path)
{
    struct call *call = ua_new_call(core);
    if (!call)
        return NULL;
    call->state = CALL_CALLING;
    call->ours = true;
    call->offered = what->body.p != NULL;
    call->path = *path;
    return call;
}

int ua_invite(struct ua *ua, uint64_t now, const struct ua_outgoing *what, ua_call_id *id)
{
    struct ua_core *core = ua->core;
    struct ua_path path;
    char call_id[17];
    if (!what->uri)
        return SIPV_BAD_ARGUMENT;
    int result = ua_path_to(core, sipv_slice_text(what->uri), &path);
    if (result != SIPV_OK)
        return result;
    struct call *call = new_call(core, what, &path);
    if (!call)
        return SIPV_LIMIT;
    const struct ua_errand errand = {.purpose = FOR_CALL, .subject = call->id};
    struct compose c = ua_compose(core);
    ua_name(core, call_id);
    result = ua_compose_request(core, &c, what, "INVITE", &path, call->tag, call_id, 1);
    if (result == SIPV_OK)
        result = ua_start(core, now, &c, &path, &errand, &call->invite);
    if (result != SIPV_OK) {
        ua_drop_call(core, now, call);
        return result;
    }
    call->path = path;
    *id = call->id;
    return SIPV_OK;
}

/* Methods that ua_request() does not send. */
static bool is_of_dialogs(const char *method)
{
    const sipv_method m = sipv_method_find(sipv_slice_text(method));
    return m == SIPV_M_INVITE || m == SIPV_M_ACK || m == SIPV_M_CANCEL || m == SIPV_M_BYE ||
           m == SIPV_M_PRACK || m == SIPV_M_UPDATE;
}

int ua_request(struct ua *ua, uint64_t now, const struct ua_outgoing *what, uint64_t user)
{
    struct ua_core *core = ua->core;
    struct registration *r = &core->registration;
    const struct ua_errand errand = {.purpose = FOR_USER, .subject = user};
    struct ua_path path;
    char tag[17], call_id[17];
    transaction_id id;
    if (!what->uri || !what->method || is_of_dialogs(what->method) || user >> 56)
        return SIPV_BAD_ARGUMENT;
    const bool registers = strcmp(what->method, "REGISTER") == 0;
    int result = ua_path_to(core, sipv_slice_text(what->uri), &path);
    if (result != SIPV_OK)
        return result;
    ua_name(core, tag);
    ua_name(core, call_id);
    struct compose c = ua_compose(core);
    result = ua_compose_request(core, &c, what, what->method, &path, tag,
                                registers ? r->call_id : call_id, registers ? r->cseq + 1 : 1);
    if (result == SIPV_OK)
        result = ua_start(core, now, &c, &path, &errand, &id);
    if (result == SIPV_OK && registers)
        r->cseq++;
    return result;
}

bool ua_send_cancel(struct ua_core *core, uint64_t now, transaction_id id,
                    const struct ua_path *path)
{
    const struct ua_errand nobody = {.purpose = FOR_NOBODY, .udp = true}; /* as the INVITE went */
    struct ua_path same = *path;
    transaction_id cancel;
    size_t n;
    if (transactions_write_cancel(&core->t, id, core->out, UA_OUT, &n) != SIPV_OK)
        return false;
    struct compose c = {core->out, UA_OUT, n};
    return ua_start(core, now, &c, &same, &nobody, &cancel) == SIPV_OK;
}

/* Section 9.1: with the first provisional response, not before. */
void ua_cancel(struct ua_core *core, uint64_t now, struct call *call)
{
    if (!call->cancelled)
        call->cancelled = ua_send_cancel(core, now, call->invite, &call->path);
}

/* ---- Inside ------------------------------------------------------------------------------------
 */

/* The Request-URI of what was composed so far. */
static sipv_slice request_uri_of(const struct compose *c)
{
    const unsigned char *p = c->n <= c->cap ? memchr(c->out, ' ', c->n) : NULL;
    const unsigned char *end = p ? memchr(p + 1, ' ', c->n - (size_t)(p + 1 - c->out)) : NULL;
    return end ? sipv_slice_of(p + 1, (size_t)(end - p) - 1) : ua_none;
}

static int compose_inside(struct ua_core *core, struct compose *c, dialog_id dialog,
                          const char *method, const struct ua_path *path, unsigned realms,
                          const char *more, sipv_slice sdp)
{
    char via[UA_VIA];
    struct dialog d;
    if (ua_via(core, path->hop.transport, via) != SIPV_OK ||
        dialogs_get(&core->d, dialog, &d) != SIPV_OK ||
        dialogs_write(&core->d, dialog, method, -1, via, c) != SIPV_OK)
        return SIPV_LIMIT;
    if (dialogs_refreshes(sipv_method_find(sipv_slice_text(method)))) {
        ua_contact(core, c, path->hop.transport, d.secure);
        ua_compose_allow(c);
        ua_compose_supported(core, c);
    }
    ua_compose_credentials(core, c, realms, sipv_slice_text(method), request_uri_of(c), sdp);
    compose_text(c, more ? more : "");
    ua_compose_sdp(c, sdp);
    return SIPV_OK;
}

int ua_inside(struct ua_core *core, uint64_t now, dialog_id dialog, const char *method,
              const char *more, sipv_slice sdp, const struct ua_path *otherwise, transaction_id *id)
{
    const struct ua_errand errand = {.purpose = FOR_DIALOG, .subject = dialog};
    struct leg *leg = ua_leg(core, dialog);
    const struct call *call = leg ? ua_call(core, leg->call) : NULL;
    struct compose c = ua_compose(core);
    struct ua_path path;
    if (ua_path_in(core, dialog, otherwise, &path) != SIPV_OK)
        return SIPV_LIMIT;
    int result =
        compose_inside(core, &c, dialog, method, &path, call ? call->realms : 0, more, sdp);
    if (result == SIPV_OK)
        result = ua_start(core, now, &c, &path, &errand, id);
    if (leg && result == SIPV_OK)
        leg->path = path;
    return result;
}

/* Section 13.2.2.4: an ACK is no transaction, and has the credentials of its INVITE. */
void ua_acknowledge(struct ua_core *core, dialog_id dialog, int64_t cseq,
                    const sipv_message *invite, const struct ua_path *otherwise, sipv_slice sdp,
                    struct leg *leg)
{
    struct compose c = ua_compose(core);
    struct ua_path path;
    char via[UA_VIA];
    if (ua_path_in(core, dialog, otherwise, &path) != SIPV_OK ||
        ua_via(core, path.hop.transport, via) != SIPV_OK ||
        dialogs_write(&core->d, dialog, "ACK", cseq, via, &c) != SIPV_OK)
        return;
    compose_copied(&c, invite, SIPV_H_AUTHORIZATION, "Authorization");
    compose_copied(&c, invite, SIPV_H_PROXY_AUTHORIZATION, "Proxy-Authorization");
    ua_compose_sdp(&c, sdp);
    ua_fit(core, &c, &path);
    if (!ua_composed(&c).p)
        return;
    ua_send(core, &path, ua_composed(&c));
    if (!leg)
        return;
    leg->path = path;
    leg->ack_cseq = cseq;
    ua_keep(&leg->ack, ua_composed(&c));
}

/* ---- Answers to INVITE -----------------------------------------------------------------------
 */

void ua_forget_forks(struct ua_core *core, sipv_message *m)
{
    dialogs_refused(&core->d, DIALOG_UAC, m);
}

/* `old` becomes the INVITE of the action. */
static int begin_dialog(struct ua_core *core, const struct action *action, dialog_id *dialog)
{
    sipv_message *invite = ua_parse(core, &core->old, action->request);
    const bool secure = ua_is_secure(invite->request_uri) &&
                        core->network.transport(core->network.with, action->flow) == HOP_TLS;
    return dialogs_begin(&core->d, DIALOG_UAC, invite, action->message, secure, dialog);
}

/* The 2xx of another fork, or of a call that is gone: it gets its ACK, and a BYE. */
static void decline(struct ua_core *core, uint64_t now, const struct action *action)
{
    const struct ua_path path = ua_path_back(core, action->flow);
    dialog_id dialog;
    transaction_id id;
    if (begin_dialog(core, action, &dialog) != SIPV_OK)
        return;
    ua_acknowledge(core, dialog, action->message->cseq, &core->old.m, &path, ua_none, NULL);
    ua_inside(core, now, dialog, "BYE", NULL, ua_none, &path, &id);
    ua_end_leg(core, dialog);
}

static void established(struct ua_core *core, uint64_t now, const struct action *action,
                        struct call *call, struct leg *leg)
{
    call->state = CALL_ESTABLISHED;
    ua_acknowledge(core, call->dialog, action->message->cseq, &core->old.m, &call->path, ua_none,
                   leg);
    ua_say_call(core, UA_ESTABLISHED, call, action->message->status, action->message);
    if (call->hang_up)
        ua_hang_up_now(core, now, call);
}

/* The first 2xx. */
static void accepted(struct ua_core *core, uint64_t now, const struct action *action,
                     struct call *call)
{
    dialog_id dialog;
    if (begin_dialog(core, action, &dialog) != SIPV_OK) {
        ua_end_call(core, now, call, 500, action->message);
        return;
    }
    struct leg *leg = ua_new_leg(core, dialog, call);
    const bool offers = !call->offered && !leg->described && ua_sdp(action->message).p;
    call->dialog = dialog;
    leg->described = true;
    leg->asks = action->id;
    if (!offers || call->hang_up) {
        established(core, now, action, call, leg);
        return;
    }
    call->state = CALL_ACCEPTED;
    leg->ack_cseq = action->message->cseq;
    leg->ack_due = leg->their_offer = true;
    ua_say_call(core, UA_OFFER, call, action->message->status, action->message);
}

/* It has come before, if it is of this call at all. */
static void accepted_again(struct ua_core *core, uint64_t now, const struct action *action)
{
    struct leg *leg = ua_leg(core, dialogs_find(&core->d, action->message));
    if (!leg)
        decline(core, now, action);
    else if (leg->ack_cseq == action->message->cseq && leg->ack.p && !leg->ack_due)
        ua_send(core, &leg->path, ua_kept(&leg->ack));
    else if (leg->ack_cseq < 0)
        decline(core, now, action); /* early so far: another fork */
}

static void progress(struct ua_core *core, uint64_t now, const struct action *action,
                     struct call *call)
{
    sipv_message *m = action->message;
    dialog_id dialog;
    struct leg *leg = NULL;
    if (!call) {
        const struct ua_path path = ua_path_back(core, action->flow);
        ua_send_cancel(core, now, action->id, &path);
        return;
    }
    if (begin_dialog(core, action, &dialog) == SIPV_OK)
        leg = ua_new_leg(core, dialog, call);
    if (!leg || ua_provisional(core, now, m, call, leg))
        ua_say_call(core, UA_PROGRESS, call, m->status, m);
    if (call->hang_up)
        ua_cancel(core, now, call);
}

static void invite_answered(struct ua_core *core, uint64_t now, const struct action *action,
                            struct call *call)
{
    sipv_message *m = action->message;
    if (m->status < 200) {
        progress(core, now, action, call);
    } else if (m->status >= 300) {
        if (call && call->invite == action->id)
            ua_end_call(core, now, call, m->status, m);
    } else if (call && call->state == CALL_CALLING) {
        accepted(core, now, action, call);
    } else {
        accepted_again(core, now, action);
    }
}

/* ---- Answers to others --------------------------------------------------------------------------
 */

static void respond_to_user(struct ua_core *core, uint64_t user, int status, sipv_message *m)
{
    struct ua_event *event = ua_say(core, UA_RESPONSE, m);
    if (!event)
        return;
    event->user = user;
    event->status = status;
}

/* The BYE of a call, whatever it was answered.  `m` may be NULL. */
static void bye_answered(struct ua_core *core, uint64_t now, const struct leg *leg, sipv_message *m)
{
    struct call *call = leg ? ua_call(core, leg->call) : NULL;
    if (call && call->dialog == leg->dialog && call->state == CALL_ENDING)
        ua_end_call(core, now, call, 0, m);
}

/* The response to a request inside of a dialog; without one a `status` that stands for it. */
static void inside_answered(struct ua_core *core, uint64_t now, const struct action *action,
                            const struct ua_errand *errand, sipv_method method, int status)
{
    struct leg *leg = ua_leg(core, errand->subject);
    if (method == SIPV_M_BYE && status >= 200)
        bye_answered(core, now, leg, action->message);
    else if (method != SIPV_M_INVITE && method != SIPV_M_UPDATE)
        return;
    else if (leg)
        ua_modified(core, now, action, leg, status);
    else if (method == SIPV_M_INVITE && status < 200) { /* its call is gone */
        const struct ua_path path = ua_path_back(core, action->flow);
        ua_send_cancel(core, now, action->id, &path);
    }
}

/* A final response: may it be tried once more? */
static bool settled(struct ua_core *core, uint64_t now, const struct action *action)
{
    sipv_message *m = action->message;
    if (action->kind == INVITE_CLIENT && m->status >= 300 &&
        ua_unpack(action->user).purpose == FOR_CALL)
        ua_forget_forks(core, m);
    if (m->status < 300)
        ua_informed(core, m, action->request);
    return m->status < 300 || !ua_retry(core, now, action);
}

void ua_answered(struct ua_core *core, uint64_t now, const struct action *action)
{
    const struct ua_errand errand = ua_unpack(action->user);
    sipv_message *m = action->message;
    if (m->status >= 200 && !settled(core, now, action))
        return;
    switch (errand.purpose) {
    case FOR_USER:
        if (m->status >= 200)
            respond_to_user(core, errand.subject, m->status, m);
        break;
    case FOR_REGISTRATION:
        if (m->status >= 200)
            ua_registered(core, now, m->status, m);
        break;
    case FOR_CALL: invite_answered(core, now, action, ua_call(core, errand.subject)); break;
    case FOR_DIALOG:
        inside_answered(core, now, action, &errand, sipv_method_find(m->cseq_method), m->status);
        break;
    case FOR_NOBODY: break;
    }
}

/* Section 8.1.3.1: a timeout is a 408, a transport that fails a 503. */
void ua_unanswered(struct ua_core *core, uint64_t now, const struct action *action)
{
    const struct ua_errand errand = ua_unpack(action->user);
    const int status = action->what == ACTION_TIMEOUT ? 408 : 503;
    if (action->kind == INVITE_SERVER || action->kind == NON_INVITE_SERVER)
        return; /* an answer of ours is lost: its own timers see to it */
    if (action->what == ACTION_ERROR && ua_retry_over_udp(core, now, action))
        return;
    sipv_message *old = ua_parse(core, &core->old, action->request);
    struct call *call = errand.purpose == FOR_CALL ? ua_call(core, errand.subject) : NULL;
    if (errand.purpose == FOR_USER)
        respond_to_user(core, errand.subject, status, NULL);
    else if (errand.purpose == FOR_REGISTRATION)
        ua_registered(core, now, status, NULL);
    else if (call && call->invite == action->id && call->state == CALL_CALLING)
        ua_end_call(core, now, call, status, NULL);
    else if (errand.purpose == FOR_DIALOG)
        inside_answered(core, now, action, &errand, old->method_id, status);
}
