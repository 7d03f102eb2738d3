/* Both sides of Digest: a server challenges, a client answers, the server judges.
 *
 * The text is a scenario, see digest.h: lines with username, realm, password, method, uri, then the
 * body.  Text that begins with "Digest " is instead the value of an Authorization header for a
 * server that has given out no nonce.
 *
 * Oracles: digest (what was made verifies, once; with one bit changed in the response or in
 * anything that enters it nothing verifies, nor with another qop, algorithm, realm or nonce; what
 * was refused has not used up the nonce; rspauth is right for the client, and for no other body);
 * allocation (judging allocates nothing).  Other scenes have their own: known mistakes are found
 * and no others (digest_mistakes.c); every count of several nonces is judged as a model does
 * (digest_play.c); what is refused has its reason and moves nothing (digest_refusals.c).
 *
 * Bits: those of digest.h; of the changes the upper ones say which bits are changed. */
#include <string.h>

#include "digest.h"
#include "oracle.h"

enum { VALUE = 1 << 15, EVENTS = 1024 };
enum { BOTH = SIPV_BIT(SIPV_QOP_AUTH) | SIPV_BIT(SIPV_QOP_AUTH_INT) };

static struct fuzz_server server;
static unsigned char challenge[VALUE], answer[VALUE], changed[VALUE];
static unsigned char text[VALUE], spare_text[VALUE], memory[VALUE];
static sipv_event events[EVENTS], spare_events[EVENTS];
static sipv_digits kept_ha1;

/* ---- Judging -----------------------------------------------------------------------------------
 */

static bool is_right(sipv_auth_reason r)
{
    return r == SIPV_FINE || r == SIPV_NONCE_EXPIRED || r == SIPV_NONCE_USED ||
           r == SIPV_NC_REPLAYED || r == SIPV_NC_LOW;
}

static void must_refuse(const struct fuzz_scenario *s, sipv_slice value, const char *what)
{
    FUZZ_CHECK(digest, !is_right(fuzz_scenario_judge(&server, s, value)), what);
}

/* ---- Changes -----------------------------------------------------------------------------------
 */

static bool read_credentials(sipv_slice value, sipv_credentials *c)
{
    sipv_room room = sipv_room_of(events, EVENTS, text, sizeof text);
    return sipv_credentials_parse(value, &room, c) == SIPV_OK && c->fault.reason == SIPV_FINE;
}

/* The value of a parameter in the credentials, without quotes; absent if it is not there. */
static sipv_slice param(sipv_slice value, const char *name)
{
    sipv_credentials c;
    sipv_param p;
    if (!read_credentials(value, &c) || sipv_param_find(&c.params, name, &p) != SIPV_OK)
        return sipv_slice_of(NULL, 0);
    if (p.value.n >= 2 && p.value.p[0] == '"')
        return sipv_slice_of(p.value.p + 1, p.value.n - 2);
    return p.value;
}

static void flip_bit(unsigned char *p, size_t n, uint64_t *seed)
{
    const uint64_t at = fuzz_draw(seed) % (8 * n);
    p[at / 8] ^= (unsigned char)(1u << at % 8);
}

/* One bit of one parameter of the answer changed.  The case of these two names means nothing. */
static void change_param(const struct fuzz_scenario *s, sipv_slice value, const char *name,
                         uint64_t *seed)
{
    const sipv_slice where = param(value, name);
    if (where.n == 0)
        return;
    memcpy(changed, value.p, value.n);
    const sipv_slice there = sipv_slice_of(changed + (where.p - value.p), where.n);
    flip_bit(changed + (where.p - value.p), where.n, seed);
    if ((strcmp(name, "algorithm") == 0 || strcmp(name, "qop") == 0) &&
        sipv_slice_equal_nocase(there, where))
        return;
    must_refuse(s, sipv_slice_of(changed, value.n), "credentials with a changed bit verify");
}

static void change_params(const struct fuzz_scenario *s, sipv_slice value, uint64_t *seed)
{
    static const char *const names[] = {"response", "username", "realm", "nonce",    "uri",
                                        "cnonce",   "nc",       "qop",   "algorithm"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        change_param(s, value, names[i], seed);
}

/* The text with one bit changed, in a copy. */
static sipv_slice flipped(sipv_slice s, uint64_t *seed)
{
    if (s.n == 0 || s.n > sizeof changed)
        return sipv_slice_of("x", 1);
    memcpy(changed, s.p, s.n);
    flip_bit(changed, s.n, seed);
    return sipv_slice_of(changed, s.n);
}

/* The text with its first letter in the other case, in a copy; absent if it has none. */
static sipv_slice recased(sipv_slice s)
{
    if (s.n > sizeof changed)
        return sipv_slice_of(NULL, 0);
    for (size_t i = 0; i < s.n; i++) {
        const unsigned char folded = s.p[i] | 0x20;
        if (folded < 'a' || folded > 'z')
            continue;
        memcpy(changed, s.p, s.n);
        changed[i] ^= 0x20;
        return sipv_slice_of(changed, s.n);
    }
    return sipv_slice_of(NULL, 0);
}

/* The same credentials with another request, password or user. */
static void change_surroundings(const struct fuzz_scenario *s, sipv_slice value, uint64_t *seed)
{
    struct fuzz_scenario other = *s;
    other.method = flipped(s->method, seed);
    must_refuse(&other, value, "credentials of another method verify");
    other = *s;
    other.uri = flipped(s->uri, seed);
    must_refuse(&other, value, "credentials of another request verify");
    other.uri = recased(s->uri);
    if (other.uri.p)
        must_refuse(&other, value, "credentials of a uri in another case verify");
    if (s->qop == SIPV_QOP_AUTH_INT) {
        other = *s;
        other.body = flipped(s->body, seed);
        must_refuse(&other, value, "credentials of another body verify");
    }
    const sipv_slice right = server.password;
    server.password = flipped(right, seed);
    must_refuse(s, value, "credentials of another password verify");
    server.password = right;
}

/* The same response under another label. */
static void relabel(const struct fuzz_scenario *s, const sipv_credentials *c,
                    sipv_algorithm algorithm, sipv_qop qop, sipv_slice nonce)
{
    const sipv_credentials_parts p = {.username = c->username,
                                      .realm = c->realm,
                                      .nonce = nonce,
                                      .uri = c->uri,
                                      .response = c->response,
                                      .cnonce = c->cnonce,
                                      .nc = c->nc,
                                      .algorithm = algorithm,
                                      .algorithm_shown = true,
                                      .qop = qop,
                                      .userhash = c->userhash};
    size_t n;
    if (sipv_credentials_write(&p, changed, sizeof changed, &n) == SIPV_OK)
        must_refuse(s, sipv_slice_of(changed, n), "credentials verify under another label");
}

/* Another qop, every other algorithm, a nonce that is good for another answer. */
static void change_labels(const struct fuzz_scenario *s, sipv_slice value)
{
    sipv_room room = sipv_room_of(spare_events, EVENTS, text, sizeof text);
    sipv_challenges list;
    sipv_challenge other;
    sipv_credentials c;
    size_t n;
    read_credentials(value, &c);
    relabel(s, &c, s->algorithm, s->qop == SIPV_QOP_AUTH ? SIPV_QOP_AUTH_INT : SIPV_QOP_AUTH,
            c.nonce);
    for (unsigned a = 0; a < SIPV_ALGORITHM_COUNT; a++) {
        if (a == (unsigned)s->algorithm)
            continue;
        read_credentials(value, &c);
        relabel(s, &c, (sipv_algorithm)a, s->qop, c.nonce);
    }
    if (sipv_verifier_challenge(server.verifier, server.hasher, 0, false, challenge, VALUE, &n) !=
            SIPV_OK ||
        sipv_challenges_parse(sipv_slice_of(challenge, n), &room, &list, NULL) != SIPV_OK ||
        sipv_challenges_next(&list, &other) != SIPV_OK)
        return;
    read_credentials(value, &c);
    relabel(s, &c, s->algorithm, s->qop, other.nonce);
}

/* ---- The exchange ------------------------------------------------------------------------------
 */

/* The server's challenge of the scenario's algorithm into the client's memory. */
static bool take_challenge(const struct fuzz_scenario *s, sipv_client *client)
{
    const sipv_client_config config = {.algorithms = SIPV_BIT(s->algorithm),
                                       .qops = SIPV_BIT(s->qop),
                                       .random = fuzz_server_random,
                                       .with = &server};
    sipv_room room = sipv_room_of(events, EVENTS, text, sizeof text);
    sipv_challenges list;
    sipv_challenge c;
    size_t n;
    sipv_client_init(client, memory, sizeof memory, &config);
    for (unsigned i = 0; sipv_verifier_challenge(server.verifier, server.hasher, i, false,
                                                 challenge, VALUE, &n) == SIPV_OK;
         i++) {
        FUZZ_CHECK(digest,
                   sipv_challenges_parse(sipv_slice_of(challenge, n), &room, &list, NULL) ==
                           SIPV_OK &&
                       sipv_challenges_next(&list, &c) == SIPV_OK,
                   "a challenge that was made is none");
        if (c.fault.reason != SIPV_FINE) /* a realm that no quoted string can have */
            return false;
        FUZZ_CHECK(digest, sipv_slice_equal(c.realm, s->realm), "a challenge of another realm");
        if (sipv_client_challenged(client, server.hasher, &c, 1) == SIPV_OK)
            return true;
    }
    return false;
}

static sipv_client_request request_of(const struct fuzz_scenario *s)
{
    sipv_client_request r = {.username = s->username,
                             .password = s->password,
                             .method = s->method,
                             .uri = s->uri,
                             .body = s->body};
    if (s->client_by_ha1 && sipv_digest_ha1(server.hasher, s->algorithm, s->username, s->realm,
                                            s->password, &kept_ha1) == SIPV_OK) {
        r.ha1 = sipv_digits_slice(&kept_ha1);
        r.password = sipv_slice_of(NULL, 0);
    }
    return r;
}

/* What the server says of its own answer. */
static void check_info(const struct fuzz_scenario *s, sipv_client *client, sipv_slice value)
{
    sipv_room room = sipv_room_of(spare_events, EVENTS, spare_text, sizeof spare_text);
    sipv_credentials c;
    sipv_auth_info parsed;
    size_t n;
    const sipv_client_request request = request_of(s);
    read_credentials(value, &c);
    if (sipv_verifier_info(server.verifier, server.hasher, &c, s->body, false, changed, VALUE,
                           &n) != SIPV_OK)
        return;
    FUZZ_CHECK(digest,
               sipv_auth_info_parse(sipv_slice_of(changed, n), &room, &parsed) == SIPV_OK &&
                   parsed.fault.reason == SIPV_FINE,
               "an Authentication-Info that was made is none");
    if (s->qop == SIPV_QOP_AUTH_INT && !sipv_slice_is(s->body, "another"))
        FUZZ_CHECK(digest,
                   sipv_client_info(client, server.hasher, &parsed, &request,
                                    sipv_slice_text("another")) == SIPV_REJECT,
                   "rspauth of another body is right");
    FUZZ_CHECK(digest,
               sipv_client_info(client, server.hasher, &parsed, &request, s->body) == SIPV_OK,
               "rspauth is wrong");
}

/* Once; then it is a replay; later the nonce has had its time. */
static void check_uses(const struct fuzz_scenario *s, sipv_slice value)
{
    FUZZ_CHECK(digest, fuzz_scenario_judge(&server, s, value) == SIPV_FINE,
               "what was made does not verify");
    FUZZ_CHECK(digest,
               fuzz_scenario_judge(&server, s, value) ==
                   (s->qop == SIPV_QOP_NONE ? SIPV_NONCE_USED : SIPV_NC_REPLAYED),
               "a replay is taken for something else");
    server.now_ms += 60u * 60 * 1000;
    FUZZ_CHECK(digest, fuzz_scenario_judge(&server, s, value) == SIPV_NONCE_EXPIRED,
               "a nonce lives for ever");
}

static void exchange(const struct fuzz_scenario *s)
{
    sipv_client client;
    sipv_credentials c;
    size_t n;
    uint64_t seed = s->asked | (uint64_t)s->number << 6;
    const sipv_client_request request = request_of(s);
    if (!take_challenge(s, &client) ||
        sipv_client_answer(&client, server.hasher, &request, answer, VALUE, &n) != SIPV_OK)
        return; /* CR, LF or NUL in a field */
    const sipv_slice value = sipv_slice_of(answer, n);
    if (!read_credentials(value, &c))
        return; /* a field that no quoted string can have */
    change_params(s, value, &seed);
    change_surroundings(s, value, &seed);
    change_labels(s, value);
    check_uses(s, value);
    check_info(s, &client, value);
}

static bool open_server(sipv_slice realm, sipv_qop qop, bool userhash)
{
    const sipv_verifier_config wanted = {.realm = realm,
                                         .algorithms = SIPV_ALGORITHMS_ALL,
                                         .qops = qop == SIPV_QOP_NONE ? SIPV_BIT(qop) : BOTH,
                                         .userhash = userhash};
    return fuzz_server_open(&server, &wanted);
}

static void exchange_and_change(const struct fuzz_scenario *s)
{
    if (!open_server(s->realm, s->qop, s->userhash))
        return;
    exchange(s);
    fuzz_server_close(&server);
}

/* Nobody has got a nonce from this server. */
static void judge_foreign(sipv_slice value)
{
    const struct fuzz_scenario s = {.method = sipv_slice_of("REGISTER", 8),
                                    .uri = sipv_slice_of("sip:elm.example", 15)};
    server.username = sipv_slice_text("test");
    server.password = sipv_slice_text("test");
    if (!open_server(sipv_slice_text("elm.example"), SIPV_QOP_AUTH, false))
        return;
    must_refuse(&s, value, "a nonce that was never given out verifies");
    fuzz_server_close(&server);
}

static void play(const struct fuzz_scenario *s)
{
    switch (s->scene) {
    case FUZZ_SCENE_CHANGES: exchange_and_change(s); break;
    case FUZZ_SCENE_MISTAKES:
        if (open_server(sipv_slice_text("r"), SIPV_QOP_AUTH, false)) {
            fuzz_digest_mistakes(server.hasher, s);
            fuzz_server_close(&server);
        }
        break;
    case FUZZ_SCENE_PLAY: fuzz_digest_play(&server, s); break;
    case FUZZ_SCENE_REFUSALS: fuzz_digest_refusals(&server, s); break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in;
    if (!fuzz_open(&in, data, size))
        return 0;
    const struct fuzz_scenario s = fuzz_scenario_read(&in);
    server.seed = 7;
    server.username = s.username;
    server.password = s.password;
    server.by_ha1 = s.by_ha1;
    if (in.n >= 7 && memcmp(in.p, "Digest ", 7) == 0)
        judge_foreign(fuzz_text(&in));
    else
        play(&s);
    fuzz_close(&in);
    return 0;
}
