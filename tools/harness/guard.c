#include "guard.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"

enum { EVENTS = 1024, TEXT = 8192, URI_EVENTS = 1024, VALUE = 4096, TRIES = 8 };

struct guard_core {
    struct guard_settings settings;
    char realm[GUARD_TEXT + 1], opaque[GUARD_TEXT + 1];
    sipv_hasher *hasher;
    sipv_verifier *verifier;
    void *memory; /* of the verifier */
    size_t size;
    uint64_t now, counter;
    char user[GUARD_TEXT + 1]; /* clear name of whom the last lookup found */
    size_t n_user;
    const unsigned char *admitted; /* the credentials that guard_check() has taken */
    size_t n_admitted;
    sipv_event events[EVENTS]; /* of the credentials or the challenge that is looked at */
    unsigned char text[TEXT];
};

struct guard_settings guard_settings_default(void)
{
    const struct guard_settings settings = {.nonce_ms = 300000, .late = 32, .nonces = 1024};
    return settings;
}

/* ---- What the verifier asks ------------------------------------------------------------------ */

static uint64_t clock_ms(void *with)
{
    return ((const struct guard_core *)with)->now;
}

static bool draw(void *with, unsigned char *out, size_t n)
{
    struct guard_core *core = with;
    for (size_t i = 0; i < n; i += sizeof core->counter) {
        struct hash h;
        hash_begin(&h, core->settings.seed + 2);
        hash_add_number(&h, ++core->counter);
        const uint64_t sum = hash_end(&h);
        memcpy(out + i, &sum, n - i < sizeof sum ? n - i : sizeof sum);
    }
    return true;
}

static int lookup(void *with, const sipv_claim *claim, sipv_secret *secret)
{
    struct guard_core *core = with;
    const int result = core->settings.lookup(core->settings.with, claim, secret);
    const sipv_slice name = claim->userhash ? secret->username : claim->username;
    if (result != SIPV_OK || !name.p || name.n > GUARD_TEXT)
        return SIPV_ABSENT;
    if (name.n > 0)
        memcpy(core->user, name.p, name.n);
    core->n_user = name.n;
    return SIPV_OK;
}

static bool equal_uris(sipv_slice a, sipv_slice b)
{
    sipv_event events_a[URI_EVENTS], events_b[URI_EVENTS];
    sipv_uri uri_a, uri_b;
    return sipv_slice_equal(a, b) ||
           (sipv_uri_parse(a, false, events_a, URI_EVENTS, &uri_a, NULL) == SIPV_OK &&
            sipv_uri_parse(b, false, events_b, URI_EVENTS, &uri_b, NULL) == SIPV_OK &&
            sipv_uri_compare(&uri_a, &uri_b, NULL) == SIPV_URI_EQUAL);
}

static bool same_uri(void *with, sipv_slice uri, sipv_slice request_uri)
{
    const struct guard_settings *s = &((const struct guard_core *)with)->settings;
    return s->same_uri ? s->same_uri(s->with, uri, request_uri) : equal_uris(uri, request_uri);
}

/* ---- Opening and closing --------------------------------------------------------------------- */

static bool take_text(char out[GUARD_TEXT + 1], const char *text)
{
    if (!text || !*text || strlen(text) > GUARD_TEXT || strpbrk(text, "\r\n"))
        return false;
    memcpy(out, text, strlen(text) + 1);
    return true;
}

static int open_verifier(struct guard_core *core)
{
    const struct guard_settings *s = &core->settings;
    sipv_verifier_config config = {
        .realm = sipv_slice_text(core->realm),
        .algorithms = s->algorithms,
        .qops = s->qops,
        .userhash = s->userhash,
        .nonce_ms = s->nonce_ms,
        .late = s->late,
        .nonces = s->nonces,
        .lookup = lookup,
        .clock = clock_ms,
        .random = draw,
        .same_uri = same_uri,
        .with = core,
    };
    memcpy(config.key, s->seed, 2 * sizeof *s->seed);
    core->size = sipv_verifier_size(&config);
    core->memory = malloc(core->size);
    core->hasher = sipv_hasher_new();
    if (!core->memory || !core->hasher)
        return SIPV_NO_SPACE;
    core->verifier = sipv_verifier_init(core->memory, core->size, &config);
    return core->verifier ? SIPV_OK : SIPV_BAD_ARGUMENT;
}

int guard_open(struct guard *g, const struct guard_settings *settings)
{
    struct guard_core *core = calloc(1, sizeof *core);
    g->core = core;
    if (!core)
        return SIPV_NO_SPACE;
    core->settings = *settings;
    int result = SIPV_BAD_ARGUMENT;
    if (settings->lookup && take_text(core->realm, settings->realm) &&
        (!settings->opaque || take_text(core->opaque, settings->opaque)))
        result = open_verifier(core);
    if (result != SIPV_OK)
        guard_close(g);
    return result;
}

void guard_close(struct guard *g)
{
    struct guard_core *core = g->core;
    if (!core)
        return;
    sipv_verifier_close(core->verifier);
    sipv_hasher_free(core->hasher);
    free(core->memory);
    sipv_wipe(core, sizeof *core);
    free(core);
    g->core = NULL;
}

/* ---- Challenges ------------------------------------------------------------------------------ */

/* The value, with a space in the list of qops where that is wanted; stale and opaque behind it. */
static void compose_challenge(struct guard_core *core, struct compose *c, sipv_slice value,
                              bool stale)
{
    const bool spaced = core->settings.qops_spaced;
    sipv_room room = sipv_room_of(core->events, EVENTS, core->text, TEXT);
    sipv_challenges list;
    sipv_challenge challenge = {.qop_text = {NULL, 0}};
    if (spaced && sipv_challenges_parse(value, &room, &list, NULL) == SIPV_OK)
        sipv_challenges_next(&list, &challenge);
    const unsigned char *comma =
        challenge.qop_text.p ? memchr(challenge.qop_text.p, ',', challenge.qop_text.n) : NULL;
    const size_t n = comma ? (size_t)(comma + 1 - value.p) : 0;
    compose_slice(c, sipv_slice_of(value.p, n));
    compose_text(c, comma ? " " : "");
    compose_slice(c, sipv_slice_of(value.p + n, value.n - n));
    compose_text(c, core->settings.stale_shown && !stale ? ", stale=false" : "");
    if (!*core->opaque)
        return;
    compose_text(c, ", opaque=\"");
    for (const char *p = core->opaque; *p; p++) {
        compose_text(c, *p == '"' || *p == '\\' ? "\\" : "");
        compose_slice(c, sipv_slice_of(p, 1));
    }
    compose_text(c, "\"");
}

/* One line for each algorithm (section 22.3: these are no lists to be joined).  The status. */
static int challenge(struct guard_core *core, bool stale, struct compose *lines)
{
    const bool proxy = core->settings.place == GUARD_PROXY;
    unsigned char value[VALUE];
    unsigned count = 0;
    size_t n;
    while (sipv_verifier_challenge(core->verifier, core->hasher, count, stale, value, sizeof value,
                                   &n) == SIPV_OK) {
        compose_text(lines, proxy ? "Proxy-Authenticate: " : "WWW-Authenticate: ");
        compose_challenge(core, lines, sipv_slice_of(value, n), stale);
        compose_text(lines, "\r\n");
        count++;
    }
    if (count == 0)
        return 500;
    return proxy ? 407 : 401;
}

/* ---- Credentials ----------------------------------------------------------------------------- */

static bool for_this_realm(const struct guard_core *core, const sipv_credentials *c)
{
    return sipv_slice_is(c->scheme, "Digest") &&
           (!c->realm.p || sipv_slice_equal(c->realm, sipv_slice_text(core->realm)));
}

static sipv_auth_reason judge(struct guard_core *core, const sipv_message *m,
                              const sipv_credentials *c)
{
    const sipv_verifier_request request = {
        .method = m->method, .request_uri = m->request_uri, .body = m->body};
    if (c->fault.reason == SIPV_FINE && *core->opaque &&
        !(c->opaque.p && sipv_slice_equal(c->opaque, sipv_slice_text(core->opaque))))
        return SIPV_OPAQUE_OTHER;
    return sipv_verify(core->verifier, core->hasher, &request, c);
}

/* The credentials of a header; false if they are for somebody else. */
static bool read_credentials(struct guard_core *core, const sipv_header *header,
                             sipv_credentials *c)
{
    sipv_room room = sipv_room_of(core->events, EVENTS, core->text, TEXT);
    return sipv_credentials_parse(header->value, &room, c) == SIPV_OK && for_this_realm(core, c);
}

static unsigned header_of(const struct guard_core *core)
{
    return core->settings.place == GUARD_PROXY ? SIPV_H_PROXY_AUTHORIZATION : SIPV_H_AUTHORIZATION;
}

/* True if one of them is right; else `*reason` is against the last that was for this realm. */
static bool known(struct guard_core *core, const sipv_message *m, sipv_auth_reason *reason)
{
    sipv_credentials c;
    unsigned tries = 0;
    *reason = SIPV_FINE;
    for (uint16_t i = m->first[header_of(core)]; i != SIPV_NO_HEADER && tries < TRIES;
         i = m->headers[i].next) {
        if (!read_credentials(core, &m->headers[i], &c))
            continue;
        tries++;
        *reason = judge(core, m, &c);
        if (*reason != SIPV_FINE)
            continue;
        core->admitted = m->headers[i].value.p;
        core->n_admitted = m->headers[i].value.n;
        return true;
    }
    return false;
}

static bool is_malformed(sipv_auth_reason reason)
{
    return (reason > SIPV_FINE && reason < SIPV_REALM_OTHER) || reason == SIPV_URI_OTHER;
}

int guard_check(struct guard *g, uint64_t now, sipv_message *request, struct guard_answer *answer,
                struct compose *lines)
{
    struct guard_core *core = g->core;
    const struct guard_settings *s = &core->settings;
    memset(answer, 0, sizeof *answer);
    core->now = now;
    core->admitted = NULL;
    if (request->method_id == SIPV_M_ACK || request->method_id == SIPV_M_CANCEL)
        return answer->status = GUARD_ADMITTED;
    if (!known(core, request, &answer->reason)) {
        answer->status = is_malformed(answer->reason)
                             ? 400
                             : challenge(core, sipv_auth_reason_is_stale(answer->reason), lines);
        return answer->status;
    }
    answer->user = sipv_slice_of(core->user, core->n_user);
    if (s->permits && !s->permits(s->with, answer->user, request)) {
        core->admitted = NULL;
        return answer->status = 403;
    }
    return answer->status = GUARD_ADMITTED;
}

void guard_info(struct guard *g, uint64_t now, sipv_message *request, sipv_slice body,
                struct compose *lines)
{
    struct guard_core *core = g->core;
    unsigned char value[VALUE];
    sipv_credentials c;
    size_t n;
    core->now = now;
    for (uint16_t i = request->first[header_of(core)]; i != SIPV_NO_HEADER;
         i = request->headers[i].next) {
        const sipv_header *header = &request->headers[i];
        if (header->value.p != core->admitted || header->value.n != core->n_admitted ||
            !read_credentials(core, header, &c) ||
            sipv_verifier_info(core->verifier, core->hasher, &c, body, core->settings.next_nonce,
                               value, sizeof value, &n) != SIPV_OK)
            continue;
        compose_header(lines,
                       core->settings.place == GUARD_PROXY ? "Proxy-Authentication-Info"
                                                           : "Authentication-Info",
                       sipv_slice_of(value, n));
    }
}

/* ---- Who may do what ------------------------------------------------------------------------- */

bool guard_permits_own(void *with, sipv_slice user, sipv_message *request)
{
    unsigned char name[GUARD_TEXT];
    sipv_address address;
    sipv_iter it =
        sipv_each(request, request->method_id == SIPV_M_REGISTER ? SIPV_H_TO : SIPV_H_FROM);
    (void)with;
    if (sipv_address_next(&it, &address) != SIPV_OK || !address.uri.user.p)
        return false;
    const size_t n = sipv_unescape(address.uri.user, name, sizeof name);
    return n <= sizeof name && sipv_slice_equal(sipv_slice_of(name, n), user);
}

const char *guard_realm(const struct guard *g)
{
    return g->core->realm;
}
