/* What the user agent is asked: RFC 3261 sections 8.2, 9.2, 11.2, 13.3, 15.1.2. */
#include <string.h>

#include "ua_core.h"

static const sipv_slice none = {NULL, 0};

static const char allow[] = "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS\r\n";

static const char *reason_of(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {{180, "Ringing"},
                   {183, "Session Progress"},
                   {200, "OK"},
                   {400, "Bad Request"},
                   {405, "Method Not Allowed"},
                   {420, "Bad Extension"},
                   {481, "Call/Transaction Does Not Exist"},
                   {486, "Busy Here"},
                   {487, "Request Terminated"},
                   {488, "Not Acceptable Here"},
                   {500, "Server Internal Error"},
                   {503, "Service Unavailable"},
                   {603, "Decline"}};
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "Answer";
}

/* ---- Answers -------------------------------------------------------------------------------- */

static int respond(struct ua *ua, uint64_t now, transaction_id id, const struct compose *c)
{
    struct ua_core *core = ua->core;
    sipv_message *m = ua_parse(&core->new, ua_composed(c));
    const int result = transactions_respond(&core->t, now, id, m);
    if (result != SIPV_OK && m->status >= 200)
        transactions_abandon(&core->t, id); /* no room for the answer: the peer will time out */
    ua_carry_out(ua, now);
    return result;
}

/* An answer by the core itself: `tag` absent makes one. */
static void answer(struct ua *ua, uint64_t now, transaction_id id, sipv_message *request,
                   int status, const char *tag)
{
    char made[17];
    struct compose c = ua_compose(ua->core);
    if (!tag) {
        ua_name(ua->core, made);
        tag = made;
    }
    compose_response_head(&c, request, status, reason_of(status), sipv_slice_text(tag));
    if (status == 200 || status == 405)
        compose_text(&c, allow);
    if (status == 420)
        compose_copied(&c, request, SIPV_H_REQUIRE, "Unsupported");
    if (status == 200 && request->method_id == SIPV_M_OPTIONS) {
        compose_text(&c, "Accept: application/sdp\r\n");
        ua_contact(ua->core, &c);
    }
    compose_end(&c);
    respond(ua, now, id, &c);
}

/* The answer to the INVITE of a call that came in. */
static int answer_invite(struct ua *ua, uint64_t now, struct call *call, int status, sipv_slice sdp)
{
    struct ua_core *core = ua->core;
    struct compose c = ua_compose(core);
    sipv_message *invite = ua_parse(&core->old, transactions_octets_of(&core->t, call->invite));
    compose_response_head(&c, invite, status, reason_of(status), sipv_slice_text(call->tag));
    if (status < 300) { /* section 12.1.1 */
        compose_copied(&c, invite, SIPV_H_RECORD_ROUTE, "Record-Route");
        ua_contact(core, &c);
        compose_text(&c, allow);
    }
    ua_compose_sdp(&c, sdp);
    const sipv_slice octets = ua_composed(&c);
    sipv_message *m = ua_parse(&core->new, octets);
    if (!m->accepted)
        return SIPV_LIMIT;
    if (status < 300 &&
        dialogs_begin(&core->d, DIALOG_UAS, invite, m, false, &call->dialog) != SIPV_OK)
        return SIPV_LIMIT;
    if (status >= 200 && status < 300 && !ua_keep(call, octets))
        return SIPV_LIMIT;
    if (transactions_respond(&core->t, now, call->invite, m) != SIPV_OK)
        return SIPV_LIMIT;
    ua_carry_out(ua, now);
    return SIPV_OK;
}

int ua_answer(struct ua *ua, uint64_t now, ua_call_id id, int status, sipv_slice sdp)
{
    const uint64_t t1 = ua->core->settings.transactions.timers.t1_ms;
    struct call *call = ua_call(ua->core, id);
    ua_begin(ua);
    if (status <= 100 || status > 699)
        return SIPV_BAD_ARGUMENT;
    if (!call || call->state != CALL_INCOMING)
        return SIPV_ABSENT;
    const int result = answer_invite(ua, now, call, status, sdp);
    if (result != SIPV_OK || status < 200)
        return result;
    if (status >= 300) {
        ua_end_call(ua, call, status, none);
        return SIPV_OK;
    }
    call->state = CALL_ANSWERED; /* section 13.3.1.4 */
    call->interval_ms = t1;
    call->again = now + t1;
    call->end = now + 64 * t1;
    return SIPV_OK;
}

void ua_again(struct ua *ua, uint64_t now, struct call *call)
{
    struct ua_core *core = ua->core;
    const uint64_t t2 = core->settings.transactions.timers.t2_ms;
    if (call->end <= now) {
        ua_bye(ua, now, call->dialog, call->flow, call->reliable, 0);
        ua_end_call(ua, call, 408, none);
        return;
    }
    call->interval_ms = 2 * call->interval_ms < t2 ? 2 * call->interval_ms : t2;
    call->again = now + call->interval_ms;
    sipv_message *ok = ua_parse(&core->new, sipv_slice_of(call->kept, call->n_kept));
    transactions_respond(&core->t, now, call->invite, ok);
    ua_carry_out(ua, now);
}

/* ---- Questions ------------------------------------------------------------------------------ */

static struct call *call_with(struct ua_core *core, transaction_id invite, dialog_id dialog)
{
    for (size_t i = 0; core->n_calls > 0 && i < core->settings.calls; i++) {
        struct call *call = &core->calls[i];
        if (call->id != 0 && ((invite && call->invite == invite && call->state == CALL_INCOMING) ||
                              (dialog && call->dialog == dialog)))
            return call;
    }
    return NULL;
}

/* The caller does not want it any more: section 9.2 after CANCEL, 15.1.2 after BYE. */
static void terminate(struct ua *ua, uint64_t now, struct call *call, int status)
{
    if (answer_invite(ua, now, call, 487, none) != SIPV_OK)
        transactions_abandon(&ua->core->t, call->invite);
    ua_end_call(ua, call, status, none);
}

static void cancelled(struct ua *ua, uint64_t now, const struct action *action)
{
    struct call *call = call_with(ua->core, action->invite, 0);
    answer(ua, now, action->id, action->message, action->invite ? 200 : 481,
           call ? call->tag : NULL);
    if (call)
        terminate(ua, now, call, 487);
}

static void invited(struct ua *ua, uint64_t now, const struct action *action)
{
    if (action->message->first[SIPV_H_CONTACT] == SIPV_NO_HEADER) { /* section 8.1.1.8 */
        answer(ua, now, action->id, action->message, 400, NULL);
        return;
    }
    struct call *call = ua_new_call(ua->core);
    if (!call) {
        answer(ua, now, action->id, action->message, 503, NULL);
        return;
    }
    call->state = CALL_INCOMING;
    call->invite = action->id;
    call->flow = action->flow;
    call->reliable = action->reliable;
    struct ua_event *event = ua_say(ua, UA_INCOMING);
    event->call = call->id;
    event->flow = action->flow;
    event->octets = action->message->data;
}

static void ended_by_peer(struct ua *ua, uint64_t now, const struct action *action,
                          dialog_id dialog)
{
    struct call *call = call_with(ua->core, 0, dialog);
    answer(ua, now, action->id, action->message, 200, NULL);
    if (call && call->state == CALL_INCOMING)
        terminate(ua, now, call, 0);
    else if (call)
        ua_end_call(ua, call, 0, none);
}

static bool has_to_tag(sipv_message *m)
{
    sipv_address to;
    sipv_iter it = sipv_each(m, SIPV_H_TO);
    return sipv_address_next(&it, &to) == SIPV_OK &&
           sipv_param_find(&to.params, "tag", NULL) == SIPV_OK;
}

/* What a request gets without the user being asked; 0: the user is. */
static int verdict(const sipv_message *m, bool inside, dialog_id dialog)
{
    if (m->method_id != SIPV_M_INVITE && m->method_id != SIPV_M_BYE &&
        m->method_id != SIPV_M_OPTIONS)
        return 405;
    if (inside && !dialog)
        return 481;
    if (m->first[SIPV_H_REQUIRE] != SIPV_NO_HEADER)
        return 420;
    if (m->method_id == SIPV_M_OPTIONS)
        return 200;
    if (m->method_id == SIPV_M_BYE)
        return inside ? 0 : 481;
    return inside ? 488 : 0;
}

void ua_asked(struct ua *ua, uint64_t now, const struct action *action)
{
    struct ua_core *core = ua->core;
    sipv_message *m = action->message;
    if (m->method_id == SIPV_M_CANCEL) {
        cancelled(ua, now, action);
        return;
    }
    const bool inside = has_to_tag(m);
    const dialog_id dialog = inside ? dialogs_find(&core->d, m) : 0;
    int status = verdict(m, inside, dialog);
    if (dialog && dialogs_receive(&core->d, dialog, m) == SIPV_REJECT)
        status = 500; /* out of order, section 12.2.2 */
    if (status)
        answer(ua, now, action->id, m, status, NULL);
    else if (m->method_id == SIPV_M_INVITE)
        invited(ua, now, action);
    else
        ended_by_peer(ua, now, action, dialog);
}

void ua_acked(struct ua *ua, uint64_t now, sipv_message *ack)
{
    const dialog_id dialog = dialogs_find(&ua->core->d, ack);
    struct call *call = dialog ? call_with(ua->core, 0, dialog) : NULL;
    if (!call || call->state != CALL_ANSWERED)
        return;
    call->state = CALL_ESTABLISHED;
    struct ua_event *event = ua_say(ua, UA_ESTABLISHED);
    event->call = call->id;
    event->octets = ack->data;
    if (call->hang_up) {
        call->state = CALL_ENDING;
        if (ua_bye(ua, now, call->dialog, call->flow, call->reliable, call->id) != SIPV_OK)
            ua_end_call(ua, call, 0, none);
    }
}
