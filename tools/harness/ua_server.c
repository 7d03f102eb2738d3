/* What the user agent is asked: RFC 3261 sections 8.2, 9.2, 11.2, 12.2.2, 15.1.2. */
#include <stdio.h>
#include <string.h>

#include "key.h"
#include "ua_core.h"

enum { LINES = 8192, LINE = 80 };

/* ---- Answers --------------------------------------------------------------------------------- */

int ua_reply(struct ua_core *core, uint64_t now, transaction_id id, sipv_message *request,
             int status, const char *tag, const char *more)
{
    char made[17];
    struct compose c = ua_compose(core);
    if (!tag) {
        ua_name(core, made);
        tag = made;
    }
    compose_response_head(&c, request, status, ua_reason(status), sipv_slice_text(tag));
    compose_text(&c, more ? more : "");
    compose_end(&c);
    return ua_respond(core, now, id, &c);
}

/* The same tag each time, since nothing is kept. */
static void stateless_tag(const struct ua_core *core, sipv_message *m, char tag[17])
{
    struct transaction_key key;
    if (key_read(&key, m, true, core->settings.seed) != SIPV_OK)
        key.hash = 0;
    snprintf(tag, 17, "%016llx", (unsigned long long)key.hash);
}

/* Has it all that an answer must have (section 8.2.6)? */
static bool can_be_answered(const struct ua_core *core, sipv_message *m)
{
    struct transaction_key key;
    return m->kind == SIPV_REQUEST && m->method_id != SIPV_M_ACK && m->suggested_status >= 400 &&
           m->suggested_status <= 699 && key_read(&key, m, true, core->settings.seed) == SIPV_OK;
}

void ua_malformed(struct ua_core *core, sipv_message *m, const struct ua_path *path)
{
    const int status = (int)m->suggested_status;
    struct compose c = ua_compose(core);
    char tag[17];
    if (!can_be_answered(core, m))
        return;
    stateless_tag(core, m, tag);
    compose_response(&c, m, status, ua_reason(status), sipv_slice_text(tag));
    if (ua_composed(&c).p)
        ua_send(core, path, ua_composed(&c));
}

/* ---- Whether at all -------------------------------------------------------------------------- */

static bool knows(const struct ua_core *core, sipv_slice option)
{
    return core->settings.provisional != UA_1XX_UNRELIABLE && sipv_slice_is(option, "100rel");
}

/* Writes Unsupported for what is required and not known; false if there is nothing. */
static bool unsupported(const struct ua_core *core, sipv_message *m, struct compose *c)
{
    sipv_words words;
    size_t n = 0;
    sipv_iter it = sipv_each(m, SIPV_H_REQUIRE);
    while (sipv_words_next(&it, &words) == SIPV_OK) {
        if (knows(core, words.value))
            continue;
        compose_text(c, n++ ? ", " : "Unsupported: ");
        compose_slice(c, words.value);
    }
    compose_text(c, n ? "\r\n" : "");
    return n > 0;
}

static bool is_known(sipv_method method)
{
    switch (method) {
    case SIPV_M_INVITE:
    case SIPV_M_BYE:
    case SIPV_M_OPTIONS:
    case SIPV_M_MESSAGE:
    case SIPV_M_PRACK:
    case SIPV_M_UPDATE: return true;
    default: return false;
    }
}

/* Section 8.2.3: only an INVITE has a body that must be understood. */
static bool is_strange(sipv_message *m)
{
    sipv_content_type type;
    sipv_iter it = sipv_each(m, SIPV_H_CONTENT_TYPE);
    return m->method_id == SIPV_M_INVITE && m->body.n > 0 &&
           sipv_content_type_next(&it, &type) == SIPV_OK &&
           !sipv_slice_is(type.type, "multipart") && !ua_sdp(m).p;
}

static bool is_sip(sipv_slice uri)
{
    return (uri.n > 4 && sipv_slice_is(sipv_slice_of(uri.p, 4), "sip:")) || ua_is_secure(uri);
}

/* What a request gets whoever asks, 0: nothing yet; in the order of section 8.2.  `lines` gets what
 * the answer says besides. */
static int verdict(struct ua_core *core, const struct action *action, bool inside, dialog_id dialog,
                   struct compose *lines)
{
    sipv_message *m = action->message;
    const bool within =
        m->method_id == SIPV_M_BYE || m->method_id == SIPV_M_PRACK || m->method_id == SIPV_M_UPDATE;
    if (!is_known(m->method_id)) {
        ua_compose_allow(lines);
        return 405;
    }
    if (!inside && !is_sip(m->request_uri))
        return 416;
    if (!inside && merged_enter(&core->merged, &core->t, action->id, m))
        return 482;
    if (unsupported(core, m, lines))
        return 420;
    if ((inside || within) && !dialog)
        return 481;
    if (is_strange(m)) {
        compose_text(lines, "Accept: application/sdp\r\n");
        return 415;
    }
    return 0;
}

/* ---- Calls ----------------------------------------------------------------------------------- */

static void reply_busy(struct ua_core *core, uint64_t now, const struct action *action)
{
    char line[LINE];
    snprintf(line, sizeof line, "Retry-After: %d\r\n", TRANSACTIONS_RETRY_AFTER_S);
    ua_reply(core, now, action->id, action->message, 503, NULL, line);
}

/* One that can be read: the interop profile takes messages whose Contact cannot. */
static bool has_contact(sipv_message *m)
{
    sipv_contact contact;
    sipv_iter it = sipv_each(m, SIPV_H_CONTACT);
    return sipv_contact_next(&it, &contact) == SIPV_OK && !contact.star;
}

static void invited(struct ua_core *core, uint64_t now, const struct action *action)
{
    sipv_message *m = action->message;
    const bool can =
        ua_has_word(m, SIPV_H_REQUIRE, "100rel") || ua_has_word(m, SIPV_H_SUPPORTED, "100rel");
    const enum ua_1xx provisional = core->settings.provisional;
    if (!has_contact(m)) { /* section 8.1.1.8 */
        ua_reply(core, now, action->id, m, 400, NULL, NULL);
        return;
    }
    if (provisional == UA_1XX_REQUIRED && !can) {
        ua_reply(core, now, action->id, m, 421, NULL, "Require: 100rel\r\n");
        return;
    }
    struct call *call = ua_new_call(core);
    if (!call) {
        reply_busy(core, now, action);
        return;
    }
    call->state = CALL_INCOMING;
    call->invite = action->id;
    call->path = ua_path_back(core, action->flow);
    call->offered = ua_sdp(m).p != NULL;
    call->cseq = m->cseq;
    call->reliable_1xx = provisional != UA_1XX_UNRELIABLE && can;
    transactions_set_user(&core->t, action->id, call->id);
    if (ua_say_call(core, UA_INCOMING, call, 0, m))
        return;
    ua_drop_call(core, now, call); /* nobody would ever answer it */
    reply_busy(core, now, action);
}

static void cancelled(struct ua_core *core, uint64_t now, const struct action *action)
{
    struct call *call = ua_call(core, transactions_user(&core->t, action->invite));
    const bool incoming = call && call->invite == action->invite && call->state == CALL_INCOMING;
    struct leg *leg = ua_leg(core, dialogs_find(&core->d, action->message));
    ua_reply(core, now, action->id, action->message, action->invite ? 200 : 481,
             incoming ? call->tag : NULL, NULL);
    if (incoming)
        ua_terminate(core, now, call, 487, 487);
    else if (leg && leg->asked && leg->asked == action->invite)
        ua_withdraw(core, now, leg, 487);
}

static void ended_by_peer(struct ua_core *core, uint64_t now, const struct action *action,
                          struct leg *leg)
{
    struct call *call = ua_call(core, leg->call);
    const dialog_id dialog = leg->dialog;
    ua_reply(core, now, action->id, action->message, 200, NULL, NULL);
    if (!call || (call->state == CALL_CALLING && call->dialog != dialog)) {
        ua_end_leg(core, dialog); /* of several: the INVITE goes on */
    } else if (call->state == CALL_INCOMING) {
        ua_terminate(core, now, call, 487, 0);
    } else {
        if (call->state == CALL_CALLING)
            ua_cancel(core, now, call); /* its 2xx was lost, and nothing else will come */
        ua_end_call(core, now, call, 0, action->message);
    }
}

/* ---- Others ---------------------------------------------------------------------------------- */

static void options(struct ua_core *core, uint64_t now, const struct action *action)
{
    const enum hop_transport transport = core->network.transport(core->network.with, action->flow);
    char tag[17];
    struct compose c = ua_compose(core);
    ua_name(core, tag);
    compose_response_head(&c, action->message, 200, ua_reason(200), sipv_slice_text(tag));
    ua_compose_allow(&c);
    compose_text(&c, "Accept: application/sdp\r\n");
    ua_compose_supported(core, &c);
    ua_contact(core, &c, transport, ua_is_secure(action->message->request_uri));
    compose_end(&c);
    ua_respond(core, now, action->id, &c);
}

static void inside(struct ua_core *core, uint64_t now, const struct action *action, struct leg *leg)
{
    switch (action->message->method_id) {
    case SIPV_M_BYE: ended_by_peer(core, now, action, leg); break;
    case SIPV_M_PRACK: ua_pracked(core, now, action, leg); break;
    default: ua_asked_inside(core, now, action, leg); break;
    }
}

/* Lets a guard ask for credentials; false: it has answered. */
static bool admitted(struct ua_core *core, uint64_t now, const struct action *action)
{
    struct guard_answer answer;
    char lines[LINES];
    struct compose c = {(unsigned char *)lines, sizeof lines - 1, 0};
    if (!core->settings.guard ||
        guard_check(core->settings.guard, now, action->message, &answer, &c) == GUARD_ADMITTED)
        return true;
    lines[c.n < c.cap ? c.n : 0] = 0;
    ua_reply(core, now, action->id, action->message, answer.status, NULL, lines);
    return false;
}

void ua_asked(struct ua_core *core, uint64_t now, const struct action *action)
{
    sipv_message *m = action->message;
    char lines[LINES];
    struct compose c = {(unsigned char *)lines, sizeof lines - 1, 0};
    sipv_address to;
    sipv_iter it = sipv_each(m, SIPV_H_TO);
    if (m->method_id == SIPV_M_CANCEL) {
        cancelled(core, now, action);
        return;
    }
    const bool has_tag = sipv_address_next(&it, &to) == SIPV_OK &&
                         sipv_param_find(&to.params, "tag", NULL) == SIPV_OK;
    const dialog_id dialog = has_tag ? dialogs_find(&core->d, m) : 0;
    int status = verdict(core, action, has_tag, dialog, &c);
    struct leg *leg = ua_leg(core, dialog);
    if (dialog && dialogs_receive(&core->d, dialog, m) == SIPV_REJECT)
        status = 500; /* out of order, section 12.2.2 */
    lines[status != 500 && c.n < c.cap ? c.n : 0] = 0;
    if (status)
        ua_reply(core, now, action->id, m, status, NULL, lines);
    else if (!has_tag && !admitted(core, now, action))
        return;
    else if (m->method_id == SIPV_M_OPTIONS)
        options(core, now, action);
    else if (m->method_id == SIPV_M_MESSAGE) {
        ua_reply(core, now, action->id, m, 200, NULL, NULL);
        ua_say(core, UA_REQUEST, m);
    } else if (leg)
        inside(core, now, action, leg);
    else if (!has_tag)
        invited(core, now, action);
    else
        ua_reply(core, now, action->id, m, 481, NULL, NULL);
}
