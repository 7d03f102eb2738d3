/* digest_show.c: what went into a response, and what came of it.
 *
 * Passwords and what can be used in their place (HA1, with and without a session) are shown by
 * --show-secrets only. */
#include "digest.h"

#include <stdio.h>
#include <string.h>

static const char hidden[] = "********";

static const char *const labels[DIGEST_PARTS] = {
    [DIGEST_ALGORITHM] = "algorithm", [DIGEST_QOP] = "qop",
    [DIGEST_USERNAME] = "username",   [DIGEST_REALM] = "realm",
    [DIGEST_METHOD] = "method",       [DIGEST_URI] = "uri",
    [DIGEST_NONCE] = "nonce",         [DIGEST_NC] = "nc",
    [DIGEST_CNONCE] = "cnonce",       [DIGEST_BODY] = "body",
    [DIGEST_RESPONSE] = "response",
};

static bool shows_secrets(const struct digest_input *in)
{
    return arguments_have(in->args, "show-secrets");
}

bool digest_verified(const struct digest_case *c)
{
    return c->reason == SIPV_FINE && c->right;
}

/* ---- Strings that are hashed -------------------------------------------------------------------
 */

static void add_slice(struct bytes *b, sipv_slice s)
{
    if (s.n > 0)
        bytes_add(b, s.p, s.n);
}

static void add_digits(struct bytes *b, const struct digest_input *in, const sipv_digits *d,
                       bool secret)
{
    if (secret && !shows_secrets(in))
        bytes_text(b, hidden);
    else
        add_slice(b, sipv_digits_slice(d));
}

/* username:realm:password, or what replaces it; of -sess a second one. */
static void write_a1(struct bytes *b, const struct digest_input *in, const struct digest_case *c)
{
    const sipv_digest *d = &c->d;

    add_slice(b, d->username);
    bytes_text(b, ":");
    add_slice(b, d->realm);
    bytes_text(b, ":");
    if (shows_secrets(in))
        add_slice(b, d->password);
    else
        bytes_text(b, hidden);
}

static void write_session(struct bytes *b, const struct digest_input *in,
                          const struct digest_case *c)
{
    add_digits(b, in, &c->steps.ha1, true);
    bytes_text(b, ":");
    add_slice(b, c->d.nonce);
    bytes_text(b, ":");
    add_slice(b, c->d.cnonce);
}

static void write_a2(struct bytes *b, const struct digest_input *in, const struct digest_case *c)
{
    if (!c->rspauth)
        add_slice(b, c->d.method);
    bytes_text(b, ":");
    add_slice(b, c->d.uri);
    if (c->d.qop != SIPV_QOP_AUTH_INT)
        return;
    bytes_text(b, ":");
    add_digits(b, in, &c->steps.body, false);
}

static void write_final(struct bytes *b, const struct digest_input *in, const struct digest_case *c)
{
    add_digits(b, in, c->steps.ha1_session.n ? &c->steps.ha1_session : &c->steps.ha1, true);
    bytes_text(b, ":");
    add_slice(b, c->d.nonce);
    bytes_text(b, ":");
    if (c->d.qop != SIPV_QOP_NONE) {
        add_slice(b, c->d.nc);
        bytes_text(b, ":");
        add_slice(b, c->d.cnonce);
        bytes_text(b, ":");
        bytes_text(b, sipv_qop_name(c->d.qop));
        bytes_text(b, ":");
    }
    add_digits(b, in, &c->steps.ha2, false);
}

/* One string with its hash. */
struct step {
    const char *name, *hash_name;
    void (*write)(struct bytes *b, const struct digest_input *in, const struct digest_case *c);
    const sipv_digits *hash;
    bool secret;
};

/* The steps of a computation, in order; at most four. */
static size_t steps_of(const struct digest_case *c, struct step out[4])
{
    size_t n = 0;

    if (c->d.ha1.p == NULL)
        out[n++] = (struct step){"A1", "H(A1)", write_a1, &c->steps.ha1, true};
    if (c->steps.ha1_session.n)
        out[n++] = (struct step){"A1 session", "H(A1 session)", write_session,
                                 &c->steps.ha1_session, true};
    out[n++] = (struct step){"A2", "H(A2)", write_a2, &c->steps.ha2, false};
    out[n++] =
        (struct step){"final", c->rspauth ? "rspauth" : "response", write_final, &c->value, false};
    return n;
}

/* ---- Text --------------------------------------------------------------------------------------
 */

static void show_place(const struct digest_piece *p)
{
    if (!*p->source)
        return;
    out_text("   ");
    out_text(p->source);
    if (p->in_message)
        out_format(", byte %zu", p->off);
}

static void show_piece(const struct digest_case *c, enum digest_part part)
{
    enum { SHOWN = 120 };
    const struct digest_piece *p = &c->piece[part];
    sipv_slice text = p->text;

    out_format("  %-10s ", labels[part]);
    if (!text.p) {
        out_text(part == DIGEST_ALGORITHM ? "absent: MD5"
                 : part == DIGEST_QOP     ? "absent: as in RFC 2069"
                                          : "absent");
    } else {
        bool cut = part == DIGEST_BODY && text.n > SHOWN;

        out_char('"');
        out_escaped(cut ? sipv_slice_of(text.p, SHOWN) : text);
        out_format("\"%s   %zu octet%s", cut ? "..." : "", text.n, text.n == 1 ? "" : "s");
    }
    show_place(p);
    out_char('\n');
}

static void show_secret(const struct digest_input *in, const struct digest_case *c)
{
    bool ha1 = c->d.ha1.p != NULL;
    sipv_slice text = ha1 ? c->d.ha1 : c->d.password;

    out_format("  %-10s ", ha1 ? "HA1" : "password");
    if (!text.p) {
        out_text("unknown");
    } else if (shows_secrets(in)) {
        out_char('"');
        out_escaped(text);
        out_format("\"   %zu octet%s", text.n, text.n == 1 ? "" : "s");
    } else {
        out_text(hidden);
    }
    out_format("   %s\n", in->secret.source);
}

static void show_steps(const struct digest_input *in, const struct digest_case *c)
{
    struct step steps[4];
    size_t n = steps_of(c, steps);

    for (size_t i = 0; i < n; i++) {
        struct bytes b = {NULL, 0, 0};

        steps[i].write(&b, in, c);
        out_format("  %-10s ", steps[i].name);
        out_escaped(bytes_slice(&b));
        sipv_wipe(b.p, b.n);
        bytes_free(&b);
        out_format("\n  %-10s = ", "");
        out_text(steps[i].secret && !shows_secrets(in) ? hidden : steps[i].hash->text);
        out_format("   %s\n", steps[i].hash_name);
    }
}

void digest_verdict_text(struct digest_input *in, const struct digest_case *c)
{
    (void)in;
    if (c->header)
        out_format("%s: ", c->header);
    if (digest_verified(c)) {
        out_text(c->uri_differs ? "verified; uri is not the Request-URI, which a proxy may have "
                                  "changed [RFC 3261 section 22.4]\n"
                                : "verified\n");
        return;
    }
    out_format("%s: %s",
               c->reason == SIPV_RESPONSE_WRONG || c->reason == SIPV_RESPONSE_LENGTH ? "mismatch"
                                                                                     : "refused",
               sipv_auth_reason_text(c->reason));
    if (*c->why)
        out_format(" (%s)", c->why);
    if (c->right)
        out_text("; the response by itself is right");
    out_format(" [%s%s%s]\n", sipv_auth_reason_name(c->reason),
               *sipv_auth_reason_rfc(c->reason) ? ", " : "", sipv_auth_reason_rfc(c->reason));
}

static void show_mistake(struct digest_input *in, const struct digest_case *c)
{
    sipv_mistake m;
    size_t tried = 0;
    int result;

    if (!c->computed || c->right || !c->piece[DIGEST_RESPONSE].text.p)
        return;
    result = digest_mistake(in, c, &m, &tried);
    if (result == SIPV_OK) {
        out_format("mistake: %s: %s", m.name, m.text);
        if (m.detail)
            out_format(" (%s)", m.detail);
        out_char('\n');
    } else {
        out_format("mistake: none that is known gives this response (%zu tried): the password may "
                   "be another\n",
                   tried);
    }
}

void digest_explain_text(struct digest_input *in, struct digest_case *c)
{
    if (c->header)
        out_format("%s, byte %zu\n", c->header, c->header_off);
    for (enum digest_part part = 0; part < DIGEST_BODY; part++)
        show_piece(c, part);
    show_secret(in, c);
    show_piece(c, DIGEST_BODY);
    if (c->computed)
        show_steps(in, c);
    if (c->piece[DIGEST_RESPONSE].text.p) {
        show_piece(c, DIGEST_RESPONSE);
        digest_verdict_text(in, c);
        show_mistake(in, c);
    } else if (!c->computed) {
        digest_verdict_text(in, c);
    }
}

/* ---- JSON --------------------------------------------------------------------------------------
 */

void digest_inputs_json(const struct digest_case *c, struct json *j)
{
    json_text(j, "algorithm", sipv_algorithm_name(c->d.algorithm));
    json_text(j, "qop", sipv_qop_name(c->d.qop));
    json_string(j, "username", c->piece[DIGEST_USERNAME].text);
    json_string(j, "realm", c->piece[DIGEST_REALM].text);
    json_string(j, "method", c->piece[DIGEST_METHOD].text);
    json_string(j, "uri", c->piece[DIGEST_URI].text);
    json_string(j, "nonce", c->piece[DIGEST_NONCE].text);
    json_string(j, "nc", c->piece[DIGEST_NC].text);
    json_string(j, "cnonce", c->piece[DIGEST_CNONCE].text);
}

void digest_verdict_json(const struct digest_case *c, struct json *j)
{
    bool verified = digest_verified(c);

    json_text(j, "header", c->header);
    json_text(j, "verdict", verified ? "verified" : "refused");
    json_text(j, "reason", verified ? NULL : sipv_auth_reason_name(c->reason));
    json_text(j, "message", verified ? NULL : sipv_auth_reason_text(c->reason));
    json_text(j, "detail", *c->why ? c->why : NULL);
    json_text(j, "rfc",
              verified || !*sipv_auth_reason_rfc(c->reason) ? NULL
                                                            : sipv_auth_reason_rfc(c->reason));
    json_string(j, "received", c->piece[DIGEST_RESPONSE].text);
    json_text(j, "computed", c->computed ? c->value.text : NULL);
    json_bool(j, "response_right", c->right);
    if (c->header)
        json_bool(j, "uri_is_request_uri", !c->uri_differs);
    else
        json_null(j, "uri_is_request_uri");
}

static void pieces_json(const struct digest_case *c, struct json *j)
{
    json_array(j, "inputs");
    for (enum digest_part part = 0; part < DIGEST_PARTS; part++) {
        const struct digest_piece *p = &c->piece[part];

        json_object(j, NULL);
        json_text(j, "name", labels[part]);
        json_string(j, "value", p->text);
        if (p->text.p)
            json_size(j, "octets", p->text.n);
        else
            json_null(j, "octets");
        json_text(j, "source", *p->source ? p->source : NULL);
        if (p->in_message)
            json_size(j, "offset", p->off);
        else
            json_null(j, "offset");
        json_end_object(j);
    }
    json_end_array(j);
}

static void steps_json(const struct digest_input *in, const struct digest_case *c, struct json *j)
{
    struct step steps[4];
    size_t n = c->computed ? steps_of(c, steps) : 0;

    json_array(j, "steps");
    for (size_t i = 0; i < n; i++) {
        struct bytes b = {NULL, 0, 0};

        steps[i].write(&b, in, c);
        json_object(j, NULL);
        json_text(j, "name", steps[i].name);
        json_string(j, "text", bytes_slice(&b));
        json_text(j, "hash", steps[i].secret && !shows_secrets(in) ? NULL : steps[i].hash->text);
        json_end_object(j);
        sipv_wipe(b.p, b.n);
        bytes_free(&b);
    }
    json_end_array(j);
}

void digest_explain_json(struct digest_input *in, struct digest_case *c, struct json *j)
{
    sipv_mistake m;
    bool found;

    json_object(j, NULL);
    digest_verdict_json(c, j);
    pieces_json(c, j);
    json_text(j, "secret", in->secret.source);
    steps_json(in, c, j);
    found = c->computed && !c->right && c->piece[DIGEST_RESPONSE].text.p &&
            digest_mistake(in, c, &m, NULL) == SIPV_OK;
    if (found) {
        json_object(j, "mistake");
        json_text(j, "name", m.name);
        json_text(j, "message", m.text);
        json_text(j, "detail", m.detail);
        json_end_object(j);
    } else {
        json_null(j, "mistake");
    }
    json_end_object(j);
}
