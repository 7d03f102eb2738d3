/* Another session in a call that stands, or is still early: RFC 3261 section 14, RFC 3311. */
#include <stdio.h>

#include "ua_core.h"

enum { LINE = 80, RETRY_AFTER_S = 10 };

/* ---- Whose turn it is ------------------------------------------------------------------------ */

/* The offer of the INVITE that began the call has no answer. */
static bool first_is_open(struct ua_core *core, const struct leg *leg, bool ours)
{
    const struct call *call = ua_call(core, leg->call);
    return call && call->offered && call->ours == ours && !leg->described;
}

bool ua_offer_is_ours(struct ua_core *core, const struct leg *leg)
{
    return leg->our_offer || first_is_open(core, leg, true);
}

bool ua_offer_is_theirs(struct ua_core *core, const struct leg *leg)
{
    return leg->their_offer || first_is_open(core, leg, false);
}

/* ---- What we ask for ------------------------------------------------------------------------- */

static int ask(struct ua_core *core, uint64_t now, struct leg *leg, enum ua_way way, sipv_slice sdp)
{
    const struct call *call = ua_call(core, leg->call);
    const int result = ua_inside(core, now, leg->dialog, way == UA_UPDATE ? "UPDATE" : "INVITE",
                                 NULL, sdp, call ? &call->path : NULL, &leg->asks);
    if (result != SIPV_OK)
        return result;
    leg->inviting = way == UA_REINVITE;
    leg->updating = way == UA_UPDATE;
    leg->our_offer = sdp.p != NULL;
    leg->wants = leg->cancel = false;
    return SIPV_OK;
}

/* May there be another INVITE or UPDATE of ours now? */
static bool is_free(struct ua_core *core, const struct leg *leg, enum ua_way way)
{
    return !leg->inviting && !leg->updating && !leg->asked && !ua_offer_is_ours(core, leg) &&
           !ua_offer_is_theirs(core, leg) && (way == UA_UPDATE || leg->end == UINT64_MAX);
}

int ua_modify(struct ua *ua, uint64_t now, ua_call_id id, enum ua_way way, sipv_slice sdp)
{
    struct ua_core *core = ua->core;
    struct call *call = ua_call(core, id);
    struct leg *leg = call ? ua_leg(core, call->dialog) : NULL;
    if (!leg || call->hang_up || call->state == CALL_ENDING ||
        (way == UA_REINVITE && call->state != CALL_ESTABLISHED))
        return SIPV_ABSENT;
    if (leg->wants || !is_free(core, leg, way))
        return SIPV_REJECT;
    ua_drop(&leg->wanted);
    if (sdp.p && !ua_keep(&leg->wanted, sdp))
        return SIPV_LIMIT;
    leg->way = way;
    return ask(core, now, leg, way, sdp);
}

static void say_modified(struct ua_core *core, const struct leg *leg, int status, sipv_message *m)
{
    const struct call *call = ua_call(core, leg->call);
    if (call)
        ua_say_call(core, UA_MODIFIED, call, status, m);
}

void ua_modify_again(struct ua_core *core, uint64_t now, struct leg *leg)
{
    leg->retry = UINT64_MAX;
    ua_schedule_leg(core, leg);
    if (!leg->wants)
        return;
    leg->wants = false;
    if (!is_free(core, leg, leg->way) ||
        ask(core, now, leg, leg->way, ua_kept(&leg->wanted)) != SIPV_OK)
        say_modified(core, leg, 491, NULL);
}

/* Section 14.1: who has made the Call-ID waits longer. */
static void ask_later(struct ua_core *core, uint64_t now, struct leg *leg)
{
    struct dialog d;
    dialogs_get(&core->d, leg->dialog, &d);
    leg->wants = true;
    leg->retry =
        now + (d.role == DIALOG_UAC ? 2100 + 10 * ua_random(core, 191) : 10 * ua_random(core, 201));
    ua_schedule_leg(core, leg);
}

/* The 2xx to our INVITE inside. */
static void invite_accepted(struct ua_core *core, const struct action *action, struct leg *leg)
{
    struct call *call = ua_call(core, leg->call);
    const bool offers = !leg->wanted.p && ua_sdp(action->message).p;
    leg->ack_cseq = action->message->cseq;
    leg->asks = action->id;
    if (offers && call && !call->hang_up) {
        leg->ack_due = leg->their_offer = true;
        ua_say_call(core, UA_OFFER, call, action->message->status, action->message);
        return;
    }
    const sipv_message *invite = ua_parse(core, &core->old, action->request);
    ua_acknowledge(core, leg->dialog, leg->ack_cseq, invite, call ? &call->path : NULL, ua_none,
                   leg);
    say_modified(core, leg, action->message->status, action->message);
}

/* Section 12.2.1.2: the dialog is gone, or its peer is. */
static void give_up(struct ua_core *core, const struct leg *leg)
{
    struct call *call = ua_call(core, leg->call);
    if (call && call->state == CALL_ESTABLISHED)
        call->hang_up = true;
}

static void finished(struct ua_core *core, uint64_t now, const struct action *action,
                     struct leg *leg, int status)
{
    sipv_message *m = action->message;
    struct call *call = ua_call(core, leg->call);
    leg->inviting = leg->updating = leg->our_offer = leg->cancel = false;
    if (status < 300)
        dialogs_refresh(&core->d, leg->dialog, m);
    if (status < 300 && action->kind == INVITE_CLIENT) {
        invite_accepted(core, action, leg);
    } else if (status == 491 && call && !call->hang_up) {
        ask_later(core, now, leg);
    } else {
        say_modified(core, leg, status, m);
        if (status == 408 || status == 481)
            give_up(core, leg);
    }
    if (call && call->hang_up && call->state != CALL_CALLING)
        ua_hang_up_now(core, now, call);
}

void ua_modified(struct ua_core *core, uint64_t now, const struct action *action, struct leg *leg,
                 int status)
{
    sipv_message *m = action->message;
    struct call *call = ua_call(core, leg->call);
    if (action->id != leg->asks || (!leg->inviting && !leg->updating)) {
        if (m && action->kind == INVITE_CLIENT && status < 300 && leg->ack_cseq == m->cseq &&
            leg->ack.p && !leg->ack_due)
            ua_send(core, &leg->path, ua_kept(&leg->ack)); /* their 2xx once more */
    } else if (status >= 200) {
        finished(core, now, action, leg, status);
    } else if (call && leg->inviting) {
        ua_provisional(core, now, m, call, leg);
        if (leg->cancel)
            leg->cancel = !ua_send_cancel(core, now, leg->asks, &leg->path);
    }
}

/* ---- What they ask for ----------------------------------------------------------------------- */

/* 500 with a time, as section 14.2 and RFC 3311 section 5.2 want it. */
static void reply_later(struct ua_core *core, uint64_t now, const struct action *action)
{
    char line[LINE];
    snprintf(line, sizeof line, "Retry-After: %u\r\n",
             (unsigned)ua_random(core, RETRY_AFTER_S + 1));
    ua_reply(core, now, action->id, action->message, 500, NULL, line);
}

/* An UPDATE without an offer: a new target is all it may bring. */
static void update_target(struct ua_core *core, uint64_t now, const struct action *action,
                          struct leg *leg)
{
    struct compose c = ua_compose(core);
    ua_compose_accepting(core, &c, action->message, 200, "", action->flow);
    compose_end(&c);
    dialogs_refresh(&core->d, leg->dialog, action->message);
    ua_respond(core, now, action->id, &c);
}

void ua_asked_inside(struct ua_core *core, uint64_t now, const struct action *action,
                     struct leg *leg)
{
    sipv_message *m = action->message;
    const struct call *call = ua_call(core, leg->call);
    const bool invite = m->method_id == SIPV_M_INVITE, offers = ua_sdp(m).p != NULL;
    if (!call) {
        ua_reply(core, now, action->id, m, 481, NULL, NULL);
    } else if (!invite && !offers) {
        update_target(core, now, action, leg);
    } else if (leg->inviting || leg->updating || ua_offer_is_ours(core, leg)) {
        ua_reply(core, now, action->id, m, 491, NULL, NULL);
    } else if (leg->asked || ua_offer_is_theirs(core, leg) ||
               (invite && (call->state != CALL_ESTABLISHED || leg->end != UINT64_MAX))) {
        reply_later(core, now, action);
    } else {
        leg->asked = action->id;
        leg->their_offer = true;
        ua_say_call(core, UA_OFFER, call, 0, m);
    }
}

/* ---- The user's answers ---------------------------------------------------------------------- */

/* To INVITE or UPDATE with 200; PRACK too, which has no Contact. */
static int accept_asked(struct ua_core *core, uint64_t now, struct leg *leg, sipv_slice sdp)
{
    const transaction_id id = leg->asked;
    struct compose c = ua_compose(core);
    sipv_message *m = ua_parse(core, &core->old, transactions_octets_of(&core->t, id));
    const bool invite = m->method_id == SIPV_M_INVITE, offered = ua_sdp(m).p != NULL;
    const struct call *call = ua_call(core, leg->call);
    if (m->method_id == SIPV_M_PRACK)
        compose_response_head(&c, m, 200, ua_reason(200), ua_none);
    else
        ua_compose_accepting(core, &c, m, 200, "", transactions_flow(&core->t, id));
    ua_compose_sdp(&c, sdp);
    if (!ua_composed(&c).p ||
        (invite && !ua_await_ack(core, now, leg, id, m->cseq, ua_composed(&c))))
        return SIPV_LIMIT;
    if (dialogs_refreshes(m->method_id))
        dialogs_refresh(&core->d, leg->dialog, m);
    leg->asked = 0;
    leg->their_offer = false;
    leg->our_offer = invite && !offered;
    ua_respond(core, now, id, &c);
    if (call && call->final)
        ua_final_now(core, now, ua_call(core, leg->call));
    return SIPV_OK;
}

static int refuse_asked(struct ua_core *core, uint64_t now, struct leg *leg, int status)
{
    struct call *call = ua_call(core, leg->call);
    ua_withdraw(core, now, leg, status);
    if (call && call->final)
        ua_final_now(core, now, call);
    return SIPV_OK;
}

/* With the ACK that their 2xx waits for. */
static int answer_in_ack(struct ua_core *core, struct call *call, struct leg *leg, sipv_slice sdp)
{
    const sipv_message *invite =
        ua_parse(core, &core->old, transactions_octets_of(&core->t, leg->asks));
    leg->ack_due = leg->their_offer = false;
    ua_acknowledge(core, leg->dialog, leg->ack_cseq, invite, &call->path, sdp, leg);
    if (call->state == CALL_ACCEPTED) {
        call->state = CALL_ESTABLISHED;
        ua_say_call(core, UA_ESTABLISHED, call, 200, NULL);
    } else {
        ua_say_call(core, UA_MODIFIED, call, 200, NULL);
    }
    return SIPV_OK;
}

static int answer_in_prack(struct ua_core *core, uint64_t now, struct leg *leg, sipv_slice sdp)
{
    leg->prack_due = leg->their_offer = false;
    return ua_send_prack(core, now, leg, sdp);
}

int ua_answer_offer(struct ua *ua, uint64_t now, ua_call_id id, int status, sipv_slice sdp)
{
    struct ua_core *core = ua->core;
    struct call *call = ua_call(core, id);
    struct leg *leg = call ? ua_leg(core, call->dialog) : NULL;
    if (!leg || !leg->their_offer)
        return SIPV_ABSENT;
    if ((status != 200 && (status < 300 || status > 699)) || (status == 200 && !sdp.p))
        return SIPV_BAD_ARGUMENT;
    if (leg->asked)
        return status == 200 ? accept_asked(core, now, leg, sdp)
                             : refuse_asked(core, now, leg, status);
    if (status != 200)
        return ua_hang_up(ua, now, id);
    return leg->ack_due ? answer_in_ack(core, call, leg, sdp)
                        : answer_in_prack(core, now, leg, sdp);
}

void ua_withdraw(struct ua_core *core, uint64_t now, struct leg *leg, int status)
{
    const transaction_id asked = leg->asked;
    if (!asked)
        return;
    leg->asked = 0;
    leg->their_offer = false;
    ua_reply(core, now, asked, ua_parse(core, &core->old, transactions_octets_of(&core->t, asked)),
             status, NULL, NULL);
}

void ua_end_session(struct ua_core *core, uint64_t now, struct leg *leg)
{
    ua_withdraw(core, now, leg, 487);
    if (leg->inviting)
        ua_send_cancel(core, now, leg->asks, &leg->path);
    leg->inviting = leg->updating = leg->wants = leg->their_offer = false;
}
