/* What the user agent asks: RFC 3261 sections 8.1, 9.1, 13.2, 15.1.1.
 *
 * It has no early dialogs of its own calls, since it sends nothing inside of them. */
#include <stdio.h>
#include <string.h>

#include "ua_core.h"

enum { VIA = 256 };

static const sipv_slice none = {NULL, 0};

static int start(struct ua *ua, uint64_t now, const struct compose *c, uint64_t flow, bool reliable,
                 uint64_t user, transaction_id *id)
{
    struct ua_core *core = ua->core;
    sipv_message *m = ua_parse(&core->new, ua_composed(c));
    const int result = transactions_request(&core->t, now, m, flow, reliable, user, id);
    ua_carry_out(ua, now);
    return result;
}

/* ---- Outside of dialogs ------------------------------------------------------------------------
 */

/* Up to CSeq (section 8.1.1). */
static void compose_request(struct ua_core *core, struct compose *c, const char *method,
                            const char *uri, const char *to, const char *tag, const char *call_id,
                            uint32_t cseq)
{
    char via[VIA];
    ua_via(core, via, sizeof via);
    compose_text(c, method);
    compose_text(c, " ");
    compose_text(c, uri);
    compose_text(c, " SIP/2.0\r\n");
    compose_header(c, "Via", sipv_slice_text(via));
    compose_text(c, "Max-Forwards: 70\r\nFrom: <sip:");
    compose_text(c, core->user);
    compose_text(c, "@");
    compose_text(c, core->host);
    compose_text(c, ">;tag=");
    compose_text(c, tag);
    compose_text(c, "\r\nTo: <");
    compose_text(c, to);
    compose_text(c, ">\r\nCall-ID: ");
    compose_text(c, call_id);
    compose_text(c, "\r\nCSeq: ");
    compose_number(c, cseq);
    compose_text(c, " ");
    compose_text(c, method);
    compose_text(c, "\r\n");
    ua_contact(core, c);
}

int ua_invite(struct ua *ua, uint64_t now, const char *uri, uint64_t flow, sipv_slice sdp,
              ua_call_id *id)
{
    struct ua_core *core = ua->core;
    char call_id[17];
    ua_begin(ua);
    struct call *call = ua_new_call(core);
    if (!call)
        return SIPV_LIMIT;
    call->state = CALL_CALLING;
    call->flow = flow;
    call->reliable = core->settings.reliable;
    ua_name(core, call_id);
    struct compose c = ua_compose(core);
    compose_request(core, &c, "INVITE", uri, uri, call->tag, call_id, 1);
    ua_compose_sdp(&c, sdp);
    const int result = start(ua, now, &c, flow, call->reliable, call->id, &call->invite);
    if (result != SIPV_OK) {
        ua_drop_call(ua, call);
        return result == SIPV_LIMIT ? SIPV_LIMIT : SIPV_BAD_ARGUMENT;
    }
    *id = call->id;
    return SIPV_OK;
}

int ua_request(struct ua *ua, uint64_t now, const char *method, const char *uri, const char *to,
               const char *more, uint64_t flow, uint64_t user)
{
    struct ua_core *core = ua->core;
    const sipv_method known = sipv_method_find(sipv_slice_text(method));
    char tag[17], call_id[17];
    transaction_id id;
    ua_begin(ua);
    if (known == SIPV_M_INVITE || known == SIPV_M_ACK || known == SIPV_M_CANCEL ||
        known == SIPV_M_BYE || user >= UA_REQUEST)
        return SIPV_BAD_ARGUMENT;
    const bool registers = known == SIPV_M_REGISTER;
    ua_name(core, tag);
    ua_name(core, call_id);
    struct compose c = ua_compose(core);
    compose_request(core, &c, method, uri, to, tag, registers ? core->register_call_id : call_id,
                    registers ? core->register_cseq + 1 : 1);
    compose_text(&c, more);
    compose_end(&c);
    const int result = start(ua, now, &c, flow, core->settings.reliable, user | UA_REQUEST, &id);
    if (result == SIPV_OK && registers)
        core->register_cseq++;
    return result == SIPV_REJECT ? SIPV_BAD_ARGUMENT : result;
}

void ua_cancel(struct ua *ua, uint64_t now, struct call *call)
{
    struct ua_core *core = ua->core;
    transaction_id id;
    size_t n;
    if (call->cancelled ||
        transactions_write_cancel(&core->t, call->invite, core->out, UA_OUT, &n) != SIPV_OK)
        return; /* section 9.1: with the first provisional response */
    const struct compose c = {core->out, UA_OUT, n};
    call->cancelled = start(ua, now, &c, call->flow, call->reliable, 0, &id) == SIPV_OK;
}

/* ---- Inside ------------------------------------------------------------------------------------
 */

int ua_bye(struct ua *ua, uint64_t now, dialog_id dialog, uint64_t flow, bool reliable,
           uint64_t user)
{
    struct ua_core *core = ua->core;
    struct compose c = ua_compose(core);
    transaction_id id;
    char via[VIA];
    ua_via(core, via, sizeof via);
    if (dialogs_write(&core->d, dialog, "BYE", -1, via, &c) != SIPV_OK)
        return SIPV_LIMIT;
    compose_end(&c);
    return start(ua, now, &c, flow, reliable, user, &id) == SIPV_OK ? SIPV_OK : SIPV_LIMIT;
}

/* Section 13.2.2.4: an ACK is no transaction. */
static void acknowledge(struct ua *ua, dialog_id dialog, int64_t cseq, uint64_t flow, bool reliable,
                        struct call *call)
{
    struct ua_core *core = ua->core;
    struct compose c = ua_compose(core);
    char via[VIA];
    ua_via(core, via, sizeof via);
    if (dialogs_write(&core->d, dialog, "ACK", cseq, via, &c) != SIPV_OK)
        return;
    compose_end(&c);
    if (!ua_composed(&c).p)
        return;
    ua_send(ua, flow, reliable, ua_composed(&c));
    if (call)
        ua_keep(call, ua_composed(&c));
}

/* ---- Answers
 * ------------------------------------------------------------------------------------- */

static int begin_dialog(struct ua *ua, const struct action *action, dialog_id *dialog)
{
    struct ua_core *core = ua->core;
    sipv_message *invite = ua_parse(&core->old, transactions_octets_of(&core->t, action->id));
    return dialogs_begin(&core->d, DIALOG_UAC, invite, action->message, false, dialog);
}

/* The 2xx of another fork, or of a call that is gone: it gets its ACK, and a BYE. */
static void decline(struct ua *ua, uint64_t now, const struct action *action)
{
    const int64_t cseq = action->message->cseq;
    dialog_id dialog;
    if (begin_dialog(ua, action, &dialog) != SIPV_OK)
        return;
    acknowledge(ua, dialog, cseq, action->flow, action->reliable, NULL);
    ua_bye(ua, now, dialog, action->flow, action->reliable, 0);
    dialogs_end(&ua->core->d, dialog);
}

static void accepted(struct ua *ua, uint64_t now, const struct action *action, struct call *call)
{
    if (call && call->state != CALL_CALLING &&
        dialogs_find(&ua->core->d, action->message) == call->dialog) {
        if (call->kept)
            ua_send(ua, call->flow, call->reliable, sipv_slice_of(call->kept, call->n_kept));
        return;
    }
    if (!call || call->state != CALL_CALLING) {
        decline(ua, now, action);
        return;
    }
    if (begin_dialog(ua, action, &call->dialog) != SIPV_OK) {
        ua_end_call(ua, call, 500, action->message->data);
        return;
    }
    call->state = CALL_ESTABLISHED;
    acknowledge(ua, call->dialog, action->message->cseq, call->flow, call->reliable, call);
    struct ua_event *event = ua_say(ua, UA_ESTABLISHED);
    event->call = call->id;
    event->status = action->message->status;
    event->octets = action->message->data;
    if (call->hang_up) {
        call->state = CALL_ENDING;
        if (ua_bye(ua, now, call->dialog, call->flow, call->reliable, call->id) != SIPV_OK)
            ua_end_call(ua, call, 0, none);
    }
}

static void invite_answered(struct ua *ua, uint64_t now, const struct action *action,
                            struct call *call)
{
    const sipv_message *m = action->message;
    if (m->status >= 300) {
        if (call)
            ua_end_call(ua, call, m->status, m->data);
    } else if (m->status >= 200) {
        accepted(ua, now, action, call);
    } else if (call) {
        struct ua_event *event = ua_say(ua, UA_PROGRESS);
        event->call = call->id;
        event->status = m->status;
        event->octets = m->data;
        if (call->hang_up)
            ua_cancel(ua, now, call);
    }
}

static void respond_to_user(struct ua *ua, uint64_t user, int status, sipv_slice octets)
{
    struct ua_event *event = ua_say(ua, UA_RESPONSE);
    event->user = user & ~UA_REQUEST;
    event->status = status;
    event->octets = octets;
}

void ua_answered(struct ua *ua, uint64_t now, const struct action *action)
{
    const sipv_message *m = action->message;
    struct call *call = action->user & UA_REQUEST ? NULL : ua_call(ua->core, action->user);
    if (action->kind == INVITE_CLIENT)
        invite_answered(ua, now, action, call);
    else if (m->status < 200)
        return;
    else if (action->user & UA_REQUEST)
        respond_to_user(ua, action->user, m->status, m->data);
    else if (call)
        ua_end_call(ua, call, 0, m->data); /* the BYE, whatever it was answered */
}

/* Section 8.1.3.1: a timeout is a 408, a transport that fails a 503. */
void ua_failed(struct ua *ua, uint64_t now, const struct action *action)
{
    const int status = action->what == ACTION_TIMEOUT ? 408 : 503;
    struct call *call = action->user & UA_REQUEST ? NULL : ua_call(ua->core, action->user);
    (void)now;
    if (action->kind == INVITE_SERVER || action->kind == NON_INVITE_SERVER)
        return; /* an answer of ours is lost: its own timers see to it */
    if (action->user & UA_REQUEST)
        respond_to_user(ua, action->user, status, none);
    else if (call)
        ua_end_call(ua, call, action->kind == INVITE_CLIENT ? status : 0, none);
}
