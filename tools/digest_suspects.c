/* digest_suspects.c: what a sender may have taken in place of the right thing: realms and nonces
 * of other headers, other methods, other URIs. */
#include "digest.h"

#include <stdlib.h>
#include <string.h>

static void add(struct digest_candidates *list, const char *what, sipv_slice text)
{
    if (!text.p || list->n == DIGEST_CANDIDATES)
        return;
    list->all[list->n].what = what;
    list->all[list->n++].text = text;
}

/* ---- URIs --------------------------------------------------------------------------------------
 */

/* Copies of URIs with a change: memory that lives as long as the search. */
struct copies {
    char text[DIGEST_CANDIDATES][512];
    size_t n;
};

static void add_joined(struct copies *m, struct digest_candidates *list, const char *what,
                       sipv_slice head, const char *middle, sipv_slice tail)
{
    size_t more = strlen(middle);
    char *text;

    if (m->n == DIGEST_CANDIDATES || head.n + more + tail.n > sizeof m->text[0])
        return;
    text = m->text[m->n];
    memcpy(text, head.p, head.n);
    memcpy(text + head.n, middle, more);
    if (tail.n > 0)
        memcpy(text + head.n + more, tail.p, tail.n);
    m->n++;
    add(list, what, sipv_slice_of(text, head.n + more + tail.n));
}

/* The URI, with and without its port, without its parameters, its host alone. */
static void add_uri(struct copies *m, struct digest_candidates *list, sipv_slice text,
                    const char *const what[5])
{
    sipv_event events[256];
    sipv_uri uri;
    sipv_slice head, tail;
    const unsigned char *end, *behind;

    if (!text.p)
        return;
    add(list, what[0], text);
    end = text.p + text.n;
    if (sipv_uri_parse(text, false, events, 256, &uri, NULL) != SIPV_OK || !uri.host.p)
        return;
    behind = uri.host.p + uri.host.n;
    head = sipv_slice_of(text.p, (size_t)(behind - text.p));
    if (uri.port == SIPV_NUMBER_ABSENT) {
        tail = sipv_slice_of(behind, (size_t)(end - behind));
        add_joined(m, list, what[1], head, sipv_slice_is(uri.scheme, "sips") ? ":5061" : ":5060",
                   tail);
    } else {
        while (behind < end && *behind != ';' && *behind != '?')
            behind++;
        tail = sipv_slice_of(behind, (size_t)(end - behind));
        add_joined(m, list, what[2], head, "", tail);
    }
    if (behind < end)
        add(list, what[3], sipv_slice_of(text.p, (size_t)(behind - text.p)));
    if (uri.user.p)
        add_joined(m, list, what[4], sipv_slice_of(uri.scheme.p, uri.scheme.n), ":",
                   sipv_slice_of(uri.host.p, (size_t)(end - uri.host.p)));
}

static const char *const of_uri[] = {NULL, "uri with the port", "uri without its port",
                                     "uri without its parameters", "uri without its user"};
static const char *const of_request[] = {
    "Request-URI", "Request-URI with the port", "Request-URI without its port",
    "Request-URI without its parameters", "Request-URI without its user"};
static const char *const of_to[] = {
    "URI of To", "URI of To with the port", "URI of To without its port",
    "URI of To without its parameters", "URI of To without its user"};
static const char *const of_from[] = {
    "URI of From", "URI of From with the port", "URI of From without its port",
    "URI of From without its parameters", "URI of From without its user"};

/* ---- All candidates ----------------------------------------------------------------------------
 */

struct suspicion {
    sipv_suspects s;
    struct digest_candidates realms, nonces, methods, uris;
    struct copies copies;
};

static void add_methods(struct suspicion *x, const struct digest_input *in)
{
    static const char *const names[] = {"ACK",     "BYE",      "CANCEL",    "INFO",  "INVITE",
                                        "MESSAGE", "NOTIFY",   "OPTIONS",   "PRACK", "PUBLISH",
                                        "REFER",   "REGISTER", "SUBSCRIBE", "UPDATE"};

    add(&x->methods, "method of CSeq in the challenge", in->challenge_vet.m.cseq_method);
    add(&x->methods, "method of CSeq", in->vet.m.cseq_method);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        add(&x->methods, names[i], sipv_slice_text(names[i]));
}

static void add_realms_and_nonces(struct suspicion *x, const struct digest_input *in,
                                  const struct digest_case *c)
{
    for (size_t i = 0; i < in->count; i++) {
        const sipv_credentials *other = &in->cases[i].credentials;

        if (&in->cases[i] == c || !in->cases[i].header)
            continue;
        add(&x->realms, in->cases[i].header, other->realm);
        add(&x->nonces, in->cases[i].header, other->nonce);
    }
    for (size_t i = 0; i < in->challenge_count; i++) {
        add(&x->realms, "challenge", in->challenges[i].realm);
        add(&x->nonces, "challenge", in->challenges[i].nonce);
        if (!x->s.qop_options.p && in->challenges[i].qop_text.p)
            x->s.qop_options = in->challenges[i].qop_text;
    }
}

static sipv_slice written(const struct digest_case *c, const char *name)
{
    sipv_param p;

    return sipv_param_find(&c->credentials.params, name, &p) == SIPV_OK ? p.value
                                                                        : sipv_slice_of(NULL, 0);
}

/* From and To are read by the library when they are asked for. */
static void add_message(struct suspicion *x, struct digest_input *in)
{
    sipv_message *m = &in->vet.m;
    sipv_iter it;
    sipv_address to, from;

    add_uri(&x->copies, &x->uris, m->request_uri, of_request);
    it = sipv_each(m, SIPV_H_TO);
    if (sipv_address_next(&it, &to) == SIPV_OK) {
        add_uri(&x->copies, &x->uris, to.uri.text, of_to);
        x->s.domain = to.uri.host;
    }
    it = sipv_each(m, SIPV_H_FROM);
    if (sipv_address_next(&it, &from) == SIPV_OK) {
        add_uri(&x->copies, &x->uris, from.uri.text, of_from);
        x->s.domain = from.uri.host;
    }
    x->s.body_behind = sipv_slice_of(m->data.p + m->octets, m->trailing);
}

int digest_mistake(struct digest_input *in, const struct digest_case *c, sipv_mistake *out,
                   size_t *tried)
{
    struct suspicion *x = need(1, sizeof *x);
    int result;

    memset(x, 0, sizeof *x);
    x->s.right = c->d;
    x->s.rspauth = c->rspauth;
    x->s.username_written = written(c, "username");
    x->s.realm_written = written(c, "realm");
    x->s.nonce_written = written(c, "nonce");
    add_methods(x, in);
    add_realms_and_nonces(x, in, c);
    add_uri(&x->copies, &x->uris, c->d.uri, of_uri);
    if (c->header)
        add_message(x, in);
    x->s.realms = x->realms.all;
    x->s.n_realms = x->realms.n;
    x->s.nonces = x->nonces.all;
    x->s.n_nonces = x->nonces.n;
    x->s.methods = x->methods.all;
    x->s.n_methods = x->methods.n;
    x->s.uris = x->uris.all;
    x->s.n_uris = x->uris.n;
    result = sipv_mistake_find(in->hasher, &x->s, c->piece[DIGEST_RESPONSE].text, out, tried);
    sipv_wipe(x, sizeof *x);
    free(x);
    return result;
}
