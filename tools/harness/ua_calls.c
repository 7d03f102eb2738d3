/* Calls, their dialogs, and the times of both. */
#include <stdlib.h>
#include <string.h>

#include "ua_core.h"

enum { ID_BITS = 24 };

/* ---- Calls ---------------------------------------------------------------------------------- */

struct call *ua_call(struct ua_core *core, ua_call_id id)
{
    const uint64_t number = id & ((1u << ID_BITS) - 1);
    if (id == 0 || number >= core->settings.calls || core->calls[number].id != id)
        return NULL;
    return &core->calls[number];
}

static uint32_t number_of(const struct ua_core *core, const struct call *call)
{
    return (uint32_t)(call - core->calls);
}

struct call *ua_new_call(struct ua_core *core)
{
    const uint32_t number = core->free_call;
    if (number == ALARMS_NONE)
        return NULL;
    struct call *call = &core->calls[number];
    const uint32_t generation = call->generation + 1;
    core->free_call = call->next_free;
    memset(call, 0, sizeof *call);
    call->generation = generation;
    call->id = (uint64_t)generation << ID_BITS | number;
    call->again = call->end = UINT64_MAX;
    ua_name(core, call->tag);
    core->n_calls++;
    return call;
}

void ua_drop_call(struct ua_core *core, uint64_t now, struct call *call)
{
    struct leg *leg = ua_leg(core, call->dialog);
    if (leg) {
        ua_end_session(core, now, leg);
        ua_end_leg(core, call->dialog);
    }
    ua_drop(&call->provisional);
    ua_drop(&call->final_sdp);
    ua_drop(&call->final_more);
    call->again = call->end = UINT64_MAX;
    ua_schedule_call(core, call);
    call->id = 0;
    call->state = CALL_FREE;
    call->next_free = core->free_call;
    core->free_call = number_of(core, call);
    core->n_calls--;
}

void ua_end_call(struct ua_core *core, uint64_t now, struct call *call, int status, sipv_message *m)
{
    ua_say_call(core, UA_ENDED, call, status, m);
    ua_drop_call(core, now, call);
}

/* ---- Legs ----------------------------------------------------------------------------------- */

/* Early dialogs may have gone with the final response of another fork. */
struct leg *ua_leg(struct ua_core *core, dialog_id dialog)
{
    struct leg *leg = &core->legs[dialogs_number(dialog) % core->settings.dialogs.dialogs];
    struct dialog found;
    return dialog && leg->dialog == dialog && dialogs_get(&core->d, dialog, &found) == SIPV_OK
               ? leg
               : NULL;
}

static void clear(struct ua_core *core, struct leg *leg)
{
    ua_drop(&leg->wanted);
    ua_drop(&leg->ack);
    ua_drop(&leg->ok);
    memset(leg, 0, sizeof *leg);
    leg->again = leg->end = leg->retry = UINT64_MAX;
    leg->rseq = leg->ack_cseq = leg->ok_cseq = -1;
    ua_schedule_leg(core, leg);
}

struct leg *ua_new_leg(struct ua_core *core, dialog_id dialog, const struct call *call)
{
    struct leg *leg = &core->legs[dialogs_number(dialog)];
    if (leg->dialog != dialog) {
        clear(core, leg);
        leg->dialog = dialog;
    }
    if (call)
        leg->call = call->id;
    return leg;
}

void ua_end_leg(struct ua_core *core, dialog_id dialog)
{
    struct leg *leg = ua_leg(core, dialog);
    if (leg)
        clear(core, leg);
    dialogs_end(&core->d, dialog);
}

/* ---- Times ---------------------------------------------------------------------------------- */

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

void ua_schedule_leg(struct ua_core *core, const struct leg *leg)
{
    alarms_set(&core->alarms, (uint32_t)(leg - core->legs),
               least(leg->retry, least(leg->again, leg->end)));
}

void ua_schedule_call(struct ua_core *core, const struct call *call)
{
    alarms_set(&core->alarms, (uint32_t)core->settings.dialogs.dialogs + number_of(core, call),
               least(call->again, call->end));
}

void ua_schedule_registration(struct ua_core *core, uint64_t at)
{
    alarms_set(&core->alarms, core->alarms.slots - 1, at);
}

bool ua_alarm(struct ua_core *core, uint64_t now)
{
    const size_t legs = core->settings.dialogs.dialogs;
    const uint32_t slot = alarms_due(&core->alarms, now);
    if (slot == ALARMS_NONE)
        return false;
    if (slot == core->alarms.slots - 1) {
        ua_schedule_registration(core, UINT64_MAX);
        ua_refresh(core, now);
    } else if (slot >= legs) {
        ua_provisional_again(core, now, &core->calls[slot - legs]);
    } else if (!ua_leg(core, core->legs[slot].dialog)) {
        clear(core, &core->legs[slot]);
    } else if (core->legs[slot].retry <= now) {
        ua_modify_again(core, now, &core->legs[slot]);
    } else {
        ua_again(core, now, &core->legs[slot]);
    }
    return true;
}

/* ---- Hanging up ----------------------------------------------------------------------------- */

void ua_bye_call(struct ua_core *core, uint64_t now, struct call *call)
{
    transaction_id id;
    struct leg *leg = ua_leg(core, call->dialog);
    call->state = CALL_ENDING;
    if (leg)
        ua_end_session(core, now, leg);
    if (ua_inside(core, now, call->dialog, "BYE", NULL, ua_none, &call->path, &id) != SIPV_OK)
        ua_end_call(core, now, call, 0, NULL);
}

void ua_hang_up_now(struct ua_core *core, uint64_t now, struct call *call)
{
    struct leg *leg = ua_leg(core, call->dialog);
    if (leg && leg->ack_due) { /* their 2xx gets its ACK, with no answer to its offer */
        const sipv_message *invite =
            ua_parse(core, &core->old, transactions_octets_of(&core->t, leg->asks));
        leg->ack_due = leg->their_offer = false;
        ua_acknowledge(core, call->dialog, leg->ack_cseq, invite, &call->path, ua_none, leg);
    }
    if (leg && leg->inviting) { /* that INVITE has to end first */
        leg->cancel = !ua_send_cancel(core, now, leg->asks, &leg->path);
        return;
    }
    if (leg && leg->end != UINT64_MAX)
        return; /* our 2xx has no ACK yet (section 15) */
    ua_bye_call(core, now, call);
}

int ua_hang_up(struct ua *ua, uint64_t now, ua_call_id id)
{
    struct ua_core *core = ua->core;
    struct call *call = ua_call(core, id);
    if (!call)
        return SIPV_ABSENT;
    if (call->state == CALL_INCOMING)
        return ua_answer(ua, now, id, 603, ua_none, NULL);
    call->hang_up = true;
    if (call->state == CALL_CALLING)
        ua_cancel(core, now, call);
    else if (call->state == CALL_ESTABLISHED || call->state == CALL_ACCEPTED)
        ua_hang_up_now(core, now, call);
    /* ANSWERED: with the ACK (section 15); ENDING: it does already */
    return SIPV_OK;
}
