/* digest_message.c: the credentials of a message, and the challenge they answer. */
#include "digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Reading -----------------------------------------------------------------------------------
 */

/* Messages are read by the interop profile: whether one is well-formed is for `sipvet lint`. */
static int read_message(const char *name, struct input *input, struct vet *vet)
{
    int result = input_read(name, input);

    if (result != EXIT_FINE)
        return result;
    vet_parse(vet, sipv_slice_of(input->data, input->n), SIPV_INTEROP, VET_DATAGRAM);
    return EXIT_FINE;
}

void digest_make_room(struct digest_input *in, size_t n)
{
    size_t events = n + 64;

    in->events = need(events, sizeof *in->events);
    in->text = need(n + 1, 1);
    in->room = sipv_room_of(in->events, events, in->text, n + 1);
}

/* ---- Challenges --------------------------------------------------------------------------------
 */

int digest_add_challenges(struct digest_input *in, sipv_slice value)
{
    sipv_challenges list;
    size_t error = 0;
    int result = sipv_challenges_parse(value, &in->room, &list, &error);

    if (result != SIPV_OK)
        return result;
    while (in->challenge_count < DIGEST_CANDIDATES &&
           sipv_challenges_next(&list, &in->challenges[in->challenge_count]) == SIPV_OK)
        in->challenge_count++;
    return SIPV_OK;
}

/* A file that is no message holds a value, perhaps with the name of its header. */
static sipv_slice bare_value(const struct input *input)
{
    static const char *const names[] = {"WWW-Authenticate", "Proxy-Authenticate"};
    sipv_slice all = sipv_slice_of(input->data, input->n);

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t n = strlen(names[i]);

        if (all.n > n && all.p[n] == ':' &&
            sipv_slice_equal_nocase(sipv_slice_of(all.p, n), sipv_slice_text(names[i])))
            return sipv_slice_of(all.p + n + 1, all.n - n - 1);
    }
    return all;
}

static int read_challenges(struct digest_input *in)
{
    const sipv_message *m = &in->challenge_vet.m;
    size_t digest = 0;

    if (m->kind == SIPV_RESPONSE) {
        for (size_t i = 0; i < m->n_headers; i++)
            if (m->headers[i].id == SIPV_H_WWW_AUTHENTICATE ||
                m->headers[i].id == SIPV_H_PROXY_AUTHENTICATE)
                digest_add_challenges(in, m->headers[i].value);
    } else {
        digest_add_challenges(in, bare_value(&in->challenge));
    }
    for (size_t i = 0; i < in->challenge_count; i++)
        digest += in->challenges[i].fault.reason != SIPV_NOT_DIGEST;
    if (digest > 0)
        return EXIT_FINE;
    fputs("sipvet: there is no Digest challenge in ", stderr);
    err_visible(sipv_slice_text(in->challenge.name));
    fputc('\n', stderr);
    return EXIT_INPUT;
}

/* The challenge that was answered: the same nonce, else the same realm and algorithm, else any
 * that is Digest. */
static const sipv_challenge *answered(const struct digest_input *in, const sipv_credentials *c)
{
    const sipv_challenge *best = NULL;
    int best_score = -1;

    for (size_t i = 0; i < in->challenge_count; i++) {
        const sipv_challenge *ch = &in->challenges[i];
        int score = 4 * sipv_slice_equal(ch->nonce, c->nonce) +
                    2 * sipv_slice_equal(ch->realm, c->realm) + (ch->algorithm == c->algorithm);

        if (ch->fault.reason != SIPV_NOT_DIGEST && score > best_score) {
            best = ch;
            best_score = score;
        }
    }
    return best;
}

/* What the credentials have otherwise than the challenge. */
static sipv_auth_reason against_challenge(const sipv_challenge *ch, const sipv_credentials *c)
{
    if (ch->fault.reason != SIPV_FINE)
        return ch->fault.reason;
    if (!sipv_slice_equal(ch->realm, c->realm))
        return SIPV_REALM_OTHER;
    if (!sipv_slice_equal(ch->nonce, c->nonce))
        return SIPV_NONCE_FOREIGN;
    if (ch->algorithm != c->algorithm)
        return SIPV_ALGORITHM_OTHER_THAN_OFFERED;
    if (!(ch->qops & SIPV_BIT(c->qop)))
        return c->qop == SIPV_QOP_NONE ? SIPV_QOP_MISSING : SIPV_QOP_OTHER_THAN_OFFERED;
    if (c->userhash && !ch->userhash)
        return SIPV_USERHASH_NOT_OFFERED;
    return sipv_slice_equal(ch->opaque, c->opaque) ? SIPV_FINE : SIPV_OPAQUE_OTHER;
}

/* ---- Cases -------------------------------------------------------------------------------------
 */

/* The same URI by RFC 3261 19.1.4; what is no URI, such as an abs-path, octet by octet. */
static bool same_uri(sipv_slice a, sipv_slice b)
{
    sipv_event events[2][256];
    sipv_uri uri[2];
    sipv_slice which;

    if (sipv_slice_equal(a, b))
        return true;
    return sipv_uri_parse(a, false, events[0], 256, &uri[0], NULL) == SIPV_OK &&
           sipv_uri_parse(b, false, events[1], 256, &uri[1], NULL) == SIPV_OK &&
           sipv_uri_compare(&uri[0], &uri[1], &which) == SIPV_URI_EQUAL;
}

/* What could stand where the grammar was left. */
static void explain_syntax(const struct digest_case *c, sipv_slice value, char *out, size_t cap)
{
    const sipv_grammar *g = sipv_auth_grammar();
    int rule = sipv_rule_find(g, sipv_slice_text("credentials"));
    void *work = need(sipv_explainer_size(), 1);
    sipv_match match;
    size_t n;

    n = (size_t)snprintf(out, cap, "byte %zu", c->header_off + c->credentials.fault.off);
    if (sipv_explain(g, rule, false, value, 0, work, 0, NULL, 0, &match) == SIPV_REJECT &&
        match.n_expected > 0) {
        for (unsigned i = 0; i < match.n_expected && n < cap; i++)
            n += (size_t)snprintf(out + n, cap - n, "%s%s",
                                  i == 0                     ? ": expected "
                                  : i + 1 < match.n_expected ? ", "
                                                             : " or ",
                                  match.expected[i]);
    }
    free(work);
}

/* Where a fault of the value is. */
static void place_fault(struct digest_case *c, sipv_slice value)
{
    const sipv_fault *f = &c->credentials.fault;
    size_t at = c->header_off + f->off;

    if (f->reason == SIPV_SYNTAX)
        explain_syntax(c, value, c->why, sizeof c->why);
    else if (f->reason == SIPV_MISSING)
        snprintf(c->why, sizeof c->why, "%s", f->param);
    else
        snprintf(c->why, sizeof c->why, "%s%sbyte %zu", f->param ? f->param : "",
                 f->param ? ", " : "", at);
}

static void judge(const struct digest_input *in, struct digest_case *c, sipv_slice value)
{
    const sipv_credentials *cr = &c->credentials;
    const sipv_challenge *ch = answered(in, cr);

    c->reason = cr->fault.reason;
    if (c->reason != SIPV_FINE) {
        place_fault(c, value);
        return;
    }
    if (ch)
        c->reason = against_challenge(ch, cr);
    if (ch && c->reason != SIPV_FINE && c->reason == ch->fault.reason)
        snprintf(c->why, sizeof c->why, "in the challenge");
    if (c->reason == SIPV_FINE && cr->algorithm == SIPV_ALGORITHM_OTHER) {
        c->reason = SIPV_ALGORITHM_OTHER_THAN_OFFERED;
        snprintf(c->why, sizeof c->why, "it is none that is known");
    }
    if (c->reason == SIPV_FINE && cr->qop == SIPV_QOP_OTHER) {
        c->reason = SIPV_QOP_OTHER_THAN_OFFERED;
        snprintf(c->why, sizeof c->why, "it is neither auth nor auth-int");
    }
    /* RFC 3261 22.4: a proxy may have changed the Request-URI. */
    c->uri_differs = !same_uri(cr->uri, in->vet.m.request_uri);
}

static void piece(struct digest_case *c, const sipv_message *m, enum digest_part part,
                  sipv_slice text, const char *source, const char *param)
{
    struct digest_piece *p = &c->piece[part];
    sipv_param found;

    p->text = text;
    p->source = text.p ? source : "";
    p->in_message = text.p != NULL;
    if (!text.p)
        return;
    if (param && sipv_param_find(&c->credentials.params, param, &found) == SIPV_OK)
        text = found.value;
    p->off = sipv_offset(m, text);
}

/* The clear name, where the header has a hash. */
static void set_name(const struct digest_input *in, struct digest_case *c)
{
    const char *name = arguments_value(in->args, "username", NULL);

    if (!c->credentials.userhash)
        return;
    c->hashed = c->credentials.username;
    c->piece[DIGEST_USERNAME].text = sipv_slice_text(name ? name : "");
    c->piece[DIGEST_USERNAME].source = name ? "--username" : "";
    c->piece[DIGEST_USERNAME].in_message = false;
    if (!name)
        c->piece[DIGEST_USERNAME].text = sipv_slice_of(NULL, 0);
}

static void fill(const struct digest_input *in, struct digest_case *c)
{
    const sipv_message *m = &in->vet.m;
    const sipv_credentials *cr = &c->credentials;
    const char *name =
        cr->username.p && cr->username_ext.p == cr->username.p ? "username*" : "username";

    piece(c, m, DIGEST_ALGORITHM, cr->algorithm_text, c->header, "algorithm");
    piece(c, m, DIGEST_QOP, cr->qop_text, c->header, "qop");
    piece(c, m, DIGEST_USERNAME, cr->username, c->header, name);
    piece(c, m, DIGEST_REALM, cr->realm, c->header, "realm");
    piece(c, m, DIGEST_URI, cr->uri, c->header, "uri");
    piece(c, m, DIGEST_NONCE, cr->nonce, c->header, "nonce");
    piece(c, m, DIGEST_NC, cr->nc, c->header, "nc");
    piece(c, m, DIGEST_CNONCE, cr->cnonce, c->header, "cnonce");
    piece(c, m, DIGEST_RESPONSE, cr->response, c->header, "response");
    piece(c, m, DIGEST_METHOD, m->method, "start line", NULL);
    piece(c, m, DIGEST_BODY, m->body, "body", NULL);
    if (!m->body.p)
        c->piece[DIGEST_BODY].text = sipv_slice_text("");
    set_name(in, c);
    c->opaque = cr->opaque;
    memset(&c->d, 0, sizeof c->d);
    c->d.algorithm = cr->algorithm;
    c->d.qop = cr->qop;
    c->d.username = c->piece[DIGEST_USERNAME].text;
    c->d.realm = cr->realm;
    c->d.method = m->method;
    c->d.uri = cr->uri;
    c->d.nonce = cr->nonce;
    c->d.nc = cr->nc;
    c->d.cnonce = cr->cnonce;
    c->d.body = c->piece[DIGEST_BODY].text;
}

static bool is_wanted(const struct digest_input *in, const sipv_credentials *c)
{
    const char *realm = arguments_value(in->args, "realm", NULL);

    return !realm || !c->realm.p || sipv_slice_equal(c->realm, sipv_slice_text(realm));
}

/* Beside credentials that answer the challenge, those for other realms are of no interest; beside
 * Digest, other schemes. */
static bool is_asked_for(const struct digest_input *in, const struct digest_case *c)
{
    if (c->reason == SIPV_NOT_DIGEST)
        return false;
    for (size_t i = 0; i < in->challenge_count; i++)
        if (sipv_slice_equal(in->challenges[i].realm, c->credentials.realm))
            return true;
    return in->challenge_count == 0;
}

static void keep_asked_for(struct digest_input *in)
{
    size_t kept = 0;

    for (size_t i = 0; i < in->count; i++)
        kept += is_asked_for(in, &in->cases[i]);
    if (kept == 0)
        return;
    kept = 0;
    for (size_t i = 0; i < in->count; i++)
        if (is_asked_for(in, &in->cases[i]))
            in->cases[kept++] = in->cases[i];
    in->count = kept;
}

bool digest_is_credentials(const sipv_header *h)
{
    return h->id == SIPV_H_AUTHORIZATION || h->id == SIPV_H_PROXY_AUTHORIZATION;
}

void digest_credentials_add(struct digest_input *in, const sipv_header *h)
{
    const sipv_message *m = &in->vet.m;
    struct digest_case *c;

    if (!in->cases)
        in->cases = need(m->n_headers + 1, sizeof *in->cases);
    c = &in->cases[in->count];
    memset(c, 0, sizeof *c);
    c->header = h->id == SIPV_H_AUTHORIZATION ? "Authorization" : "Proxy-Authorization";
    c->header_off = sipv_offset(m, h->value);
    if (sipv_credentials_parse(h->value, &in->room, &c->credentials) != SIPV_OK)
        c->credentials.fault.reason = SIPV_SYNTAX;
    if (!is_wanted(in, &c->credentials))
        return;
    fill(in, c);
    judge(in, c, h->value);
    in->count++;
}

static int read_credentials(struct digest_input *in)
{
    const sipv_message *m = &in->vet.m;

    for (size_t i = 0; i < m->n_headers; i++)
        if (digest_is_credentials(&m->headers[i]))
            digest_credentials_add(in, &m->headers[i]);
    keep_asked_for(in);
    if (in->count > 0)
        return EXIT_FINE;
    fputs("sipvet: there are no credentials in ", stderr);
    err_visible(sipv_slice_text(in->message.name));
    if (arguments_have(in->args, "realm"))
        fputs(" for this realm", stderr);
    fputc('\n', stderr);
    return EXIT_INPUT;
}

int digest_message_read(struct digest_input *in)
{
    const char *challenge = arguments_value(in->args, "challenge", NULL);
    int result = read_message(arguments_value(in->args, "msg", "-"), &in->message, &in->vet);

    if (result != EXIT_FINE)
        return result;
    if (in->vet.m.kind != SIPV_REQUEST || !in->vet.m.method.p) {
        fputs("sipvet: there is no SIP request in ", stderr);
        err_visible(sipv_slice_text(in->message.name));
        fputc('\n', stderr);
        return EXIT_INPUT;
    }
    if (challenge)
        result = read_message(challenge, &in->challenge, &in->challenge_vet);
    if (result != EXIT_FINE)
        return result;
    digest_make_room(in, in->message.n + in->challenge.n);
    if (challenge)
        result = read_challenges(in);
    return result == EXIT_FINE ? read_credentials(in) : result;
}
