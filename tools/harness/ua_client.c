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
