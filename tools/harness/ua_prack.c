/* Provisional responses that are acknowledged: RFC 3262. */
#include <stdio.h>

#include "ua_core.h"

enum { LINE = 80 };

/* ---- As UAC ---------------------------------------------------------------------------------- */

/* RSeq of a response that wants a PRACK; -1: it wants none. */
static int64_t rseq_of(struct ua_core *core, sipv_message *m)
{
    sipv_counter rseq;
    sipv_iter it = sipv_each(m, SIPV_H_RSEQ);
    if (core->settings.provisional == UA_1XX_UNRELIABLE || m->status <= 100 ||
        !ua_has_word(m, SIPV_H_REQUIRE, "100rel") || sipv_counter_next(&it, &rseq) != SIPV_OK)
        return -1;
    return rseq.number;
}

int ua_send_prack(struct ua_core *core, uint64_t now, struct leg *leg, sipv_slice sdp)
{
    const struct call *call = ua_call(core, leg->call);
    transaction_id id;
    char line[LINE];
    snprintf(line, sizeof line, "RAck: %lld %lld INVITE\r\n", (long long)leg->rseq,
             (long long)leg->rseq_cseq);
    return ua_inside(core, now, leg->dialog, "PRACK", line, sdp, call ? &call->path : NULL, &id);
}

/* Of several dialogs one at a time may wait for the user's answer to its offer. */
static bool another_waits(struct ua_core *core, const struct call *call, const struct leg *leg)
{
    const struct leg *last = ua_leg(core, call->dialog);
    return last && last != leg && last->their_offer;
}

bool ua_provisional(struct ua_core *core, uint64_t now, sipv_message *m, struct call *call,
                    struct leg *leg)
{
    const int64_t rseq = rseq_of(core, m);
    const bool first = leg->rseq < 0 || leg->rseq_cseq != m->cseq;
    if (rseq >= 0 && !first && rseq != leg->rseq + 1)
        return false; /* there already, or out of order: it will come again (section 4) */
    if (another_waits(core, call, leg))
        return rseq < 0;
    if (call->state == CALL_CALLING)
        call->dialog = leg->dialog;
    if (rseq < 0)
        return true;
    leg->rseq = rseq;
    leg->rseq_cseq = m->cseq;
    const bool offers = ua_sdp(m).p && !call->offered && !leg->described;
    leg->described |= ua_sdp(m).p != NULL;
    if (!offers) {
        ua_send_prack(core, now, leg, ua_none);
        return true;
    }
    leg->prack_due = leg->their_offer = true;
    ua_say_call(core, UA_PROGRESS, call, m->status, m);
    ua_say_call(core, UA_OFFER, call, m->status, m);
    return false;
}

/* ---- As UAS ---------------------------------------------------------------------------------- */

bool ua_await_prack(struct ua_core *core, uint64_t now, struct call *call, sipv_slice octets,
                    bool described)
{
    const uint64_t t1 = core->settings.transactions.timers.t1_ms;
    if (!ua_keep(&call->provisional, octets))
        return false;
    call->described = described;
    call->interval_ms = t1;
    call->again = now + t1;
    call->end = now + 64 * t1;
    ua_schedule_call(core, call);
    return true;
}

void ua_forget_provisional(struct ua_core *core, struct call *call)
{
    ua_drop(&call->provisional);
    call->again = call->end = UINT64_MAX;
    ua_schedule_call(core, call);
}

void ua_provisional_again(struct ua_core *core, uint64_t now, struct call *call)
{
    if (call->end <= now) {
        ua_terminate(core, now, call, 504, 504);
        return;
    }
    call->interval_ms *= 2;
    call->again = now + call->interval_ms;
    ua_schedule_call(core, call);
    sipv_message *m = ua_parse(core, &core->new, ua_kept(&call->provisional));
    transactions_respond(&core->t, now, call->invite, m);
    ua_carry_out(core, now);
}

static bool acknowledges(sipv_message *prack, const struct call *call)
{
    sipv_rack rack;
    sipv_iter it = sipv_each(prack, SIPV_H_RACK);
    return sipv_rack_next(&it, &rack) == SIPV_OK && call->provisional.p &&
           rack.response == call->rseq && rack.cseq == call->cseq &&
           sipv_slice_equal(rack.method, sipv_slice_text("INVITE"));
}

void ua_pracked(struct ua_core *core, uint64_t now, const struct action *action, struct leg *leg)
{
    struct call *call = ua_call(core, leg->call);
    sipv_message *m = action->message;
    if (!call || !acknowledges(m, call)) {
        ua_reply(core, now, action->id, m, 481, NULL, NULL);
        return;
    }
    ua_forget_provisional(core, call);
    if (ua_sdp(m).p && !leg->our_offer) { /* an offer of theirs (section 5) */
        leg->their_offer = true;
        leg->asked = action->id;
        ua_say_call(core, UA_OFFER, call, 0, m);
        return;
    }
    if (ua_sdp(m).p) {
        leg->our_offer = false;
        ua_say_call(core, UA_ANSWER, call, 0, m);
    }
    ua_reply(core, now, action->id, m, 200, NULL, NULL);
    if (call->final)
        ua_final_now(core, now, call);
}
