/* What becomes of requests of the user agent: RFC 3261 sections 8.1.3, 13.2.2, 15.1.1. */
#include "ua_core.h"

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
