/* Answers to the INVITE that begins a call, and what follows a 2xx: RFC 3261 sections 13.3, 15. */
#include <string.h>

#include "ua_core.h"

/* ---- 2xx until their ACK --------------------------------------------------------------------- */

bool ua_await_ack(struct ua_core *core, uint64_t now, struct leg *leg, transaction_id invite,
                  int64_t cseq, sipv_slice octets)
{
    const uint64_t t1 = core->settings.transactions.timers.t1_ms;
    if (!ua_keep(&leg->ok, octets))
        return false;
    leg->accepted = invite;
    leg->ok_cseq = cseq;
    leg->interval_ms = t1;
    leg->again = now + t1;
    leg->end = now + 64 * t1;
    ua_schedule_leg(core, leg);
    return true;
}

static void stop_2xx(struct ua_core *core, struct leg *leg)
{
    leg->again = leg->end = UINT64_MAX;
    ua_drop(&leg->ok);
    ua_schedule_leg(core, leg);
}

void ua_again(struct ua_core *core, uint64_t now, struct leg *leg)
{
    const uint64_t t2 = core->settings.transactions.timers.t2_ms;
    struct call *call = ua_call(core, leg->call);
    if (leg->end <= now) { /* no ACK: section 13.3.1.4 */
        transaction_id id;
        stop_2xx(core, leg);
        ua_inside(core, now, leg->dialog, "BYE", NULL, ua_none, call ? &call->path : NULL, &id);
        if (call)
            ua_end_call(core, now, call, 408, NULL);
        return;
    }
    leg->interval_ms = 2 * leg->interval_ms < t2 ? 2 * leg->interval_ms : t2;
    leg->again = now + leg->interval_ms;
    ua_schedule_leg(core, leg);
    sipv_message *ok = ua_parse(core, &core->new, ua_kept(&leg->ok));
    transactions_respond(&core->t, now, leg->accepted, ok);
    ua_carry_out(core, now);
}

void ua_acked(struct ua_core *core, uint64_t now, sipv_message *ack)
{
    struct leg *leg = ua_leg(core, dialogs_find(&core->d, ack));
    struct call *call = leg ? ua_call(core, leg->call) : NULL;
    if (!call || leg->end == UINT64_MAX || ack->cseq != leg->ok_cseq)
        return;
    stop_2xx(core, leg);
    leg->our_offer = false;
    if (call->state == CALL_ANSWERED) {
        call->state = CALL_ESTABLISHED;
        ua_say_call(core, UA_ESTABLISHED, call, 0, ack);
    } else if (ua_sdp(ack).p) {
        ua_say_call(core, UA_ANSWER, call, 0, ack);
    }
    if (call->hang_up)
        ua_hang_up_now(core, now, call);
}

/* ---- Answers --------------------------------------------------------------------------------- */

void ua_compose_accepting(struct ua_core *core, struct compose *c, sipv_message *request,
                          int status, const char *tag, uint64_t flow)
{
    const enum hop_transport transport = core->network.transport(core->network.with, flow);
    compose_response_head(c, request, status, ua_reason(status), sipv_slice_text(tag));
    compose_copied(c, request, SIPV_H_RECORD_ROUTE, "Record-Route"); /* section 12.1.1 */
    ua_contact(core, c, transport, ua_is_secure(request->request_uri));
    ua_compose_allow(c);
    ua_compose_supported(core, c);
}

/* One answer, ready to be sent. */
struct answer {
    int status;
    bool reliable; /* a provisional one that wants a PRACK */
    sipv_slice sdp, more;
};

static void compose_answer(struct ua_core *core, struct compose *c, const struct call *call,
                           sipv_message *invite, const struct answer *answer)
{
    if (answer->status < 300)
        ua_compose_accepting(core, c, invite, answer->status, call->tag, call->path.flow);
    else
        compose_response_head(c, invite, answer->status, ua_reason(answer->status),
                              sipv_slice_text(call->tag));
    if (answer->reliable) {
        compose_text(c, "Require: 100rel\r\nRSeq: ");
        compose_number(c, call->rseq);
        compose_text(c, "\r\n");
    }
    if (answer->more.n > 0)
        compose_text(c, (const char *)answer->more.p);
    ua_compose_sdp(c, answer->sdp);
}

static int begin_leg(struct ua_core *core, struct call *call, sipv_message *invite, sipv_message *m)
{
    const bool secure = ua_is_secure(invite->request_uri) && call->path.hop.transport == HOP_TLS;
    if (dialogs_begin(&core->d, DIALOG_UAS, invite, m, secure, &call->dialog) != SIPV_OK)
        return SIPV_LIMIT;
    ua_new_leg(core, call->dialog, call);
    return SIPV_OK;
}

/* Whose turn it is (RFC 3262 section 5): the first reliable answer with a description. */
static void describe(const struct call *call, struct leg *leg, const struct answer *answer)
{
    if (leg->described || (!answer->reliable && answer->status < 200))
        return;
    if (answer->sdp.p)
        leg->our_offer = !call->offered;
    leg->described = answer->sdp.p || answer->status >= 200;
}

static int keep_answer(struct ua_core *core, uint64_t now, struct call *call, struct leg *leg,
                       const struct answer *answer, sipv_slice octets)
{
    if (answer->reliable)
        return ua_await_prack(core, now, call, octets, answer->sdp.p != NULL) ? SIPV_OK
                                                                              : SIPV_LIMIT;
    if (answer->status >= 200)
        return ua_await_ack(core, now, leg, call->invite, call->cseq, octets) ? SIPV_OK
                                                                              : SIPV_LIMIT;
    return SIPV_OK;
}

/* There is no room to send what was kept. */
static void forget_answer(struct ua_core *core, struct call *call, struct leg *leg,
                          const struct answer *answer)
{
    if (answer->reliable)
        ua_forget_provisional(core, call);
    else if (leg && answer->status >= 200)
        stop_2xx(core, leg);
}

/* SIPV_OK: sent; SIPV_BAD_ARGUMENT: no message; SIPV_LIMIT. */
static int send_answer(struct ua_core *core, uint64_t now, struct call *call,
                       const struct answer *answer)
{
    struct compose c = ua_compose(core);
    struct leg *leg = NULL;
    sipv_message *invite =
        ua_parse(core, &core->old, transactions_octets_of(&core->t, call->invite));
    compose_answer(core, &c, call, invite, answer);
    sipv_message *m = ua_parse(core, &core->new, ua_composed(&c));
    if (!m->accepted)
        return c.n > c.cap ? SIPV_LIMIT : SIPV_BAD_ARGUMENT;
    if (answer->status < 300) {
        if (begin_leg(core, call, invite, m) != SIPV_OK)
            return SIPV_LIMIT;
        leg = ua_leg(core, call->dialog);
        if (keep_answer(core, now, call, leg, answer, ua_composed(&c)) != SIPV_OK)
            return SIPV_LIMIT;
    }
    if (transactions_respond(&core->t, now, call->invite, m) != SIPV_OK) {
        forget_answer(core, call, leg, answer);
        return SIPV_LIMIT;
    }
    if (leg)
        describe(call, leg, answer);
    ua_carry_out(core, now);
    return SIPV_OK;
}

/* A final answer goes out now. */
static int finish(struct ua_core *core, uint64_t now, struct call *call,
                  const struct answer *answer)
{
    const int result = send_answer(core, now, call, answer);
    if (result != SIPV_OK)
        return result;
    ua_forget_provisional(core, call);
    if (answer->status < 300)
        call->state = CALL_ANSWERED;
    else
        ua_end_call(core, now, call, answer->status, NULL);
    return SIPV_OK;
}

/* Keeps a 2xx until PRACK has come for what went before (RFC 3262 section 3). */
static int postpone(struct call *call, const struct answer *answer)
{
    if (!ua_keep(&call->final_more, answer->more) ||
        (answer->sdp.p && !ua_keep(&call->final_sdp, answer->sdp)))
        return SIPV_LIMIT;
    call->final = answer->status;
    return SIPV_OK;
}

void ua_final_now(struct ua_core *core, uint64_t now, struct call *call)
{
    struct ua_text sdp = call->final_sdp, more = call->final_more;
    const struct answer answer = {
        .status = call->final, .sdp = ua_kept(&sdp), .more = ua_kept(&more)};
    call->final_sdp = call->final_more = (struct ua_text){NULL, 0};
    call->final = 0;
    if (finish(core, now, call, &answer) != SIPV_OK)
        ua_terminate(core, now, call, 500, 500);
    ua_drop(&sdp);
    ua_drop(&more);
}

static uint32_t next_rseq(struct ua_core *core, const struct call *call)
{
    return call->rseq ? call->rseq + 1 : 1 + (uint32_t)ua_random(core, 0x7fffffff);
}

static int provisional(struct ua_core *core, uint64_t now, struct call *call, struct answer *answer)
{
    answer->reliable = call->reliable_1xx;
    if (answer->reliable && call->provisional.p)
        return SIPV_REJECT;
    const uint32_t last = call->rseq;
    if (answer->reliable)
        call->rseq = next_rseq(core, call);
    const int result = send_answer(core, now, call, answer);
    if (result != SIPV_OK)
        call->rseq = last; /* a number left out would be one that was lost (RFC 3262 section 4) */
    return result;
}

int ua_answer(struct ua *ua, uint64_t now, ua_call_id id, int status, sipv_slice sdp,
              const char *more)
{
    struct ua_core *core = ua->core;
    struct call *call = ua_call(core, id);
    /* With its NUL, so that it is kept with it. */
    const sipv_slice lines = sipv_slice_of(more ? more : "", more ? strlen(more) + 1 : 1);
    struct answer answer = {.status = status, .sdp = sdp, .more = lines};
    if (status <= 100 || status > 699)
        return SIPV_BAD_ARGUMENT;
    if (!call || call->state != CALL_INCOMING || call->final)
        return SIPV_ABSENT;
    if (status < 200)
        return provisional(core, now, call, &answer);
    if (status < 300 && call->provisional.p && call->described)
        return postpone(call, &answer);
    return finish(core, now, call, &answer);
}

/* Section 9.2 after CANCEL, 15.1.2 after BYE, RFC 3262 section 3 without PRACK. */
void ua_terminate(struct ua_core *core, uint64_t now, struct call *call, int answer, int status)
{
    const struct answer final = {.status = answer, .more = ua_none};
    if (send_answer(core, now, call, &final) != SIPV_OK)
        transactions_abandon(&core->t, call->invite);
    ua_end_call(core, now, call, status, NULL);
}
