/* The requests of the audit, right and wrong ones. */
#include "audit_core.h"

#include <stdio.h>
#include <string.h>

#include "hash.h"

/* ---- Names ----------------------------------------------------------------------------------- */

void audit_name(struct audit_core *core, char out[17])
{
    struct hash h;
    hash_begin(&h, core->settings.seed);
    hash_add_number(&h, ++core->counter);
    snprintf(out, 17, "%016llx", (unsigned long long)hash_end(&h));
}

/* ---- Credentials ----------------------------------------------------------------------------- */

void audit_change_last(char *text)
{
    const size_t n = strlen(text);
    if (n > 0)
        text[n - 1] = text[n - 1] == '0' ? '1' : '0';
}

/* Adds the header line; false if the response cannot be computed. */
static bool compose_credentials(struct audit_core *core, struct compose *c, const struct forgery *f)
{
    const struct audit_settings *s = &core->settings;
    const struct taken *taken = &core->taken;
    char nc[SIPV_NC_DIGITS];
    unsigned char value[AUDIT_VALUE];
    sipv_digits response;
    size_t n;
    sipv_digest d = {.algorithm = f->algorithm,
                     .qop = f->qop,
                     .username = sipv_slice_text(s->username),
                     .realm = sipv_slice_text(taken->realm),
                     .method = sipv_slice_text(s->method),
                     .uri = sipv_slice_text(s->uri),
                     .nonce = sipv_slice_text(f->nonce),
                     .nc = sipv_slice_of(nc, sizeof nc),
                     .cnonce = sipv_slice_text(core->cnonce),
                     .body = f->hashed_body};
    sipv_nc_write(f->nc, nc);
    if (!s->secret(s->with, &d) ||
        sipv_digest_response(core->hasher, &d, NULL, &response) != SIPV_OK)
        return false;
    if (f->wrong_password)
        audit_change_last(response.text);
    const bool counts = f->qop != SIPV_QOP_NONE;
    const sipv_slice none = {NULL, 0};
    const sipv_credentials_parts parts = {
        .username = d.username,
        .realm = d.realm,
        .nonce = d.nonce,
        .uri = d.uri,
        .response = sipv_digits_slice(&response),
        .cnonce = counts || sipv_algorithm_is_session(d.algorithm) ? d.cnonce : none,
        .opaque = taken->has_opaque ? sipv_slice_text(taken->opaque) : none,
        .nc = counts ? d.nc : none,
        .algorithm = d.algorithm,
        .algorithm_shown = true,
        .qop = d.qop,
    };
    if (sipv_credentials_write(&parts, value, sizeof value, &n) != SIPV_OK)
        return false;
    compose_header(c, taken->proxy ? "Proxy-Authorization" : "Authorization",
                   sipv_slice_of(value, n));
    return true;
}

/* ---- Requests -------------------------------------------------------------------------------- */

static void compose_party(struct compose *c, const char *header, const char *uri, const char *tag)
{
    compose_text(c, header);
    compose_text(c, ": <");
    compose_slice(c, sipv_slice_text(uri));
    compose_text(c, tag ? ">;tag=" : ">");
    compose_text(c, tag ? tag : "");
    compose_text(c, "\r\n");
}

static void compose_head(struct audit_core *core, struct compose *c)
{
    const struct audit_settings *s = &core->settings;
    const enum hop_transport transport = core->network.transport(core->network.with, core->flow);
    char branch[17], hostport[HOP_TEXT], line[HOP_TEXT + 80];
    struct hop self = s->target;
    core->network.self(core->network.with, transport, &self);
    audit_name(core, branch);
    hop_hostport(&self, hostport);
    snprintf(line, sizeof line, "SIP/2.0/%s %s;branch=z9hG4bK%s%s", hop_transport_name(transport),
             hostport, branch, transport == HOP_UDP ? ";rport" : "");
    compose_text(c, s->method);
    compose_text(c, " ");
    compose_slice(c, sipv_slice_text(s->uri));
    compose_text(c, " SIP/2.0\r\n");
    compose_header(c, "Via", sipv_slice_text(line));
    compose_text(c, "Max-Forwards: 70\r\n");
    compose_party(c, "From", s->aor, core->tag);
    compose_party(c, "To", s->aor, NULL);
    compose_header(c, "Call-ID", sipv_slice_text(core->call_id));
    compose_text(c, "CSeq: ");
    compose_number(c, ++core->cseq);
    compose_text(c, " ");
    compose_text(c, s->method);
    compose_text(c, "\r\n");
}

int audit_send(struct audit_core *core, uint64_t now, const struct forgery *f)
{
    struct compose c = {core->octets, AUDIT_OUT, 0};
    const enum hop_transport transport = core->network.transport(core->network.with, core->flow);
    transaction_id id;
    compose_head(core, &c);
    if (f->credentials && !compose_credentials(core, &c, f))
        return SIPV_BAD_ARGUMENT;
    if (f->body.p) {
        compose_text(&c, "Content-Type: text/plain\r\n");
        compose_body(&c, f->body);
    } else {
        compose_end(&c);
    }
    sipv_message_init(&core->out, core->out_headers, AUDIT_HEADERS, core->out_events, AUDIT_EVENTS,
                      core->out_diags, AUDIT_DIAGS);
    sipv_message_parse(&core->out, core->octets, c.n <= c.cap ? c.n : 0, NULL);
    const int result = transactions_request(&core->t, now, &core->out, core->flow,
                                            hop_reliable(transport), 0, &id);
    audit_act(core, now);
    return result == SIPV_OK ? SIPV_OK : SIPV_BAD_ARGUMENT;
}
