/* A server over time: many answers, several nonces, a client that goes on.
 *
 * The body is the script: letters, each perhaps with a number behind it, and whatever stands
 * between them is skipped.
 *
 *     n        a nonce is taken from the server, and is the current one
 *     p 2      of those taken, number 2 is the current one
 *     c 7      an answer with count 7 on the current nonce
 *     x 7      the same with a wrong response
 *     t 1000   so many milliseconds go by
 *     b 1000   the clock is set back
 *     C        the client gets the server's challenges; S: with stale=true
 *     r        it answers, and is told what the server made of that
 *     i        it gets Authentication-Info; j: with another nonce
 *     w        from now on it has another password, or the right one again
 *     e        from now on there are no random numbers, or again
 *
 * What must come of an answer says a model: for each nonce the counts that were taken.  It knows
 * nothing of tables or hashes; where the server may have forgotten a nonce, being asked again is
 * right as well, and must remain so.
 *
 * Asked for: 0 the client takes the strongest; 1 it wants auth-int; 2 everything is left to the
 * defaults; 3 the client has little memory; 4 the server compares URIs without case; 5 one qop only
 * is offered.  The number: 0-5 how late a count may be, from 6 on how many nonces the server
 * remembers. */
#include <string.h>

#include "digest.h"
#include "openssl_fails.h"
#include "oracle.h"

enum { VALUE = 1 << 13, EVENTS = 512, NONCES = 32, COUNTS = 64, STEPS = 96 };
enum { SURELY_REMEMBERED = 8 };
#define REASON(r) (1u << (r))

/* What the model knows of a nonce. */
struct taken {
    char digits[SIPV_NONCE_DIGITS];
    sipv_algorithm algorithm;
    uint64_t made_ms;
    uint32_t counts[COUNTS], highest;
    unsigned n; /* counts that were taken */
    bool forgotten;
};

struct play {
    struct fuzz_server *server;
    const struct fuzz_scenario *s;
    sipv_algorithm algorithm; /* of nonces that are taken for answers by hand */
    sipv_qop qop;             /* NONE: a nonce is for one response */
    unsigned late;
    struct taken nonces[NONCES];
    unsigned n_nonces, at;
    unsigned answered; /* nonces that have been */
    bool clock_was_back;
    sipv_client client;
    bool challenged; /* it has something to answer ... */
    bool out;        /* ... and has answered, and nothing good came of it */
    bool accepted;   /* its last answer */
    bool wrong_password;
    unsigned stale_rows;
    uint32_t count; /* of its last answer to this nonce, 0 before the first */
    char cnonce[SIPV_CLIENT_CNONCE];
    size_t n_sent; /* octets of that answer */
};

static struct play play;
static unsigned char value[VALUE], answer[VALUE], sent[VALUE], text[VALUE], memory[VALUE];
static sipv_event events[EVENTS];

/* ---- The model ---------------------------------------------------------------------------------
 */

static bool was_taken(const struct taken *t, uint32_t count)
{
    for (unsigned i = 0; i < t->n; i++)
        if (t->counts[i] == count)
            return true;
    return false;
}

/* A nonce whose time is over, or that would be made when its time is over. */
static bool is_old(const struct play *p, const struct taken *t)
{
    const uint64_t now = p->server->now_ms;
    return t->made_ms > now ? t->made_ms - now > FUZZ_SERVER_LIFE_MS
                            : now - t->made_ms > FUZZ_SERVER_LIFE_MS;
}

/* Which reasons are right for a right answer with this count (RFC 7616 3.4, 5.5). */
static unsigned expected(const struct play *p, const struct taken *t, uint32_t count)
{
    enum { SEEN = 64 }; /* so many counts the server can tell from others */
    const bool may_forget = p->answered >= SURELY_REMEMBERED || p->clock_was_back;
    const unsigned used = may_forget ? REASON(SIPV_NONCE_USED) : 0;
    if (is_old(p, t))
        return REASON(SIPV_NONCE_EXPIRED);
    if (t->forgotten)
        return REASON(SIPV_NONCE_USED);
    if (t->n == 0)
        return REASON(SIPV_FINE) | used;
    if (p->qop == SIPV_QOP_NONE)
        return REASON(SIPV_NONCE_USED);
    if (count > t->highest)
        return REASON(SIPV_FINE) | used;
    if (was_taken(t, count) && t->highest - count < SEEN)
        return REASON(SIPV_NC_REPLAYED) | used;
    return used | (t->highest - count > p->late ? REASON(SIPV_NC_LOW) : REASON(SIPV_FINE));
}

static void note(struct play *p, struct taken *t, uint32_t count, sipv_auth_reason reason)
{
    if (reason == SIPV_NONCE_USED)
        t->forgotten = true;
    if (reason != SIPV_FINE)
        return;
    FUZZ_CHECK(digest, !was_taken(t, count), "a count is taken twice");
    p->answered += t->n == 0;
    if (t->n < COUNTS)
        t->counts[t->n++] = count;
    t->highest = count > t->highest ? count : t->highest;
}

static struct taken *find(struct play *p, sipv_slice digits)
{
    for (unsigned i = 0; i < p->n_nonces; i++)
        if (sipv_slice_equal(sipv_slice_of(p->nonces[i].digits, SIPV_NONCE_DIGITS), digits))
            return &p->nonces[i];
    return NULL;
}

static void add(struct play *p, sipv_slice digits, sipv_algorithm algorithm)
{
    FUZZ_CHECK(digest, digits.n == SIPV_NONCE_DIGITS && !find(p, digits), "the same nonce again");
    if (p->n_nonces == NONCES)
        return;
    struct taken *t = &p->nonces[p->n_nonces++];
    memset(t, 0, sizeof *t);
    memcpy(t->digits, digits.p, digits.n);
    t->algorithm = algorithm;
    t->made_ms = p->server->now_ms;
}

/* ---- Judging -----------------------------------------------------------------------------------
 */

static sipv_room room_of(void)
{
    return sipv_room_of(events, EVENTS, text, sizeof text);
}

/* The answer is right; judged, and the model told. */
static sipv_auth_reason judge(struct play *p, sipv_slice nonce, uint32_t count, sipv_slice header)
{
    struct taken *t = find(p, nonce);
    FUZZ_CHECK(digest, t || p->n_nonces == NONCES, "a nonce from nowhere");
    if (!t || t->n == COUNTS)
        return SIPV_RESPONSE_WRONG;
    const sipv_auth_reason reason = fuzz_scenario_judge(p->server, p->s, header);
    FUZZ_CHECK(digest, (expected(p, t, count) & REASON(reason)) != 0,
               "a count is judged otherwise");
    FUZZ_CHECK(digest,
               sipv_auth_reason_is_stale(reason) ==
                   (reason == SIPV_NONCE_EXPIRED || reason == SIPV_NONCE_USED),
               "stale for another reason");
    note(p, t, count, reason);
    return reason;
}

static void must_be_wrong(struct play *p, sipv_slice header)
{
    FUZZ_CHECK(digest, fuzz_scenario_judge(p->server, p->s, header) == SIPV_RESPONSE_WRONG,
               "a wrong response is refused for something else");
}

/* ---- Answers by hand ---------------------------------------------------------------------------
 */

/* The credentials of an answer with this count, all of it made here.  0 if they cannot be. */
static size_t write_answer(struct play *p, const struct taken *t, uint32_t count, bool wrong)
{
    const struct fuzz_scenario *s = p->s;
    char nc[SIPV_NC_DIGITS];
    sipv_digits response, name;
    size_t n;
    sipv_nc_write(count, nc);
    const sipv_digest d = {.algorithm = t->algorithm,
                           .qop = p->qop,
                           .username = s->username,
                           .realm = s->realm,
                           .password = s->password,
                           .method = s->method,
                           .uri = s->uri,
                           .nonce = sipv_slice_of(t->digits, SIPV_NONCE_DIGITS),
                           .nc = sipv_slice_of(nc, sizeof nc),
                           .cnonce = sipv_slice_text("f2/wE4q7"),
                           .body = s->body};
    if (sipv_digest_response(p->server->hasher, &d, NULL, &response) != SIPV_OK ||
        sipv_digest_userhash(p->server->hasher, t->algorithm, s->username, s->realm, &name) !=
            SIPV_OK)
        return 0;
    if (wrong)
        response.text[count % response.n] ^= 1; /* '0' and '1', 'a' and '`': no digit perhaps */
    const sipv_credentials_parts parts = {.username =
                                              s->userhash ? sipv_digits_slice(&name) : s->username,
                                          .realm = d.realm,
                                          .nonce = d.nonce,
                                          .uri = d.uri,
                                          .response = sipv_digits_slice(&response),
                                          .cnonce = d.cnonce,
                                          .nc = d.nc,
                                          .algorithm = d.algorithm,
                                          .algorithm_shown = true,
                                          .qop = d.qop,
                                          .userhash = s->userhash};
    return sipv_credentials_write(&parts, answer, VALUE, &n) == SIPV_OK ? n : 0;
}

static void step_answer(struct play *p, uint32_t count, bool wrong)
{
    if (p->at >= p->n_nonces)
        return;
    const struct taken *t = &p->nonces[p->at];
    const sipv_slice header = sipv_slice_of(answer, write_answer(p, t, count, wrong));
    sipv_room room = room_of();
    sipv_credentials c;
    if (!header.n || sipv_credentials_parse(header, &room, &c) != SIPV_OK ||
        c.fault.reason != SIPV_FINE)
        return; /* a text that no quoted string can have, or a response that is no digits */
    if (wrong)
        must_be_wrong(p, header);
    else
        judge(p, sipv_slice_of(t->digits, SIPV_NONCE_DIGITS), p->qop == SIPV_QOP_NONE ? 1 : count,
              header);
}

/* ---- Challenges --------------------------------------------------------------------------------
 */

/* The server's challenges, of the algorithm of answers by hand alone or of all; how many.  The
 * server has the strongest first; another one, which is not stale, the weakest. */
static size_t take_challenges(struct play *p, bool stale, bool all, sipv_challenge *list,
                              sipv_room *room)
{
    size_t n = 0, used = 0, size;
    for (unsigned i = 0;; i++) {
        sipv_challenges parsed;
        sipv_challenge c;
        const int result = sipv_verifier_challenge(p->server->verifier, p->server->hasher, i, stale,
                                                   value + used, VALUE - used, &size);
        FUZZ_CHECK(digest, result != SIPV_OK || !p->server->random_fails,
                   "a challenge without random numbers");
        if (result != SIPV_OK)
            break;
        if (sipv_challenges_parse(sipv_slice_of(value + used, size), room, &parsed, NULL) !=
                SIPV_OK ||
            sipv_challenges_next(&parsed, &c) != SIPV_OK || c.fault.reason != SIPV_FINE)
            return 0; /* a realm that no quoted string can have */
        FUZZ_CHECK(digest, c.stale == stale, "stale is another");
        if (!all && c.algorithm != p->algorithm)
            continue;
        add(p, c.nonce, c.algorithm);
        if (stale) {
            list[n] = c;
        } else {
            memmove(list + 1, list, n * sizeof *list);
            list[0] = c;
        }
        used += size;
        n++;
    }
    return n;
}

static void step_nonce(struct play *p)
{
    sipv_challenge list[SIPV_ALGORITHM_COUNT];
    sipv_room room = room_of();
    if (p->n_nonces < NONCES && take_challenges(p, false, false, list, &room))
        p->at = p->n_nonces - 1;
}

/* RFC 8760 2.4. */
static void check_choice(const struct play *p, const sipv_challenge *list, size_t n)
{
    enum { STRONGEST = 1, DEFAULTS = 4 };
    const bool strongest = (p->s->asked & (STRONGEST | DEFAULTS)) == STRONGEST;
    const bool is_last = list[n - 1].algorithm > list[0].algorithm;
    const sipv_challenge *const right = strongest && is_last ? &list[n - 1] : &list[0];
    FUZZ_CHECK(digest,
               p->client.algorithm == right->algorithm &&
                   sipv_slice_equal(p->client.nonce, right->nonce),
               "another challenge is answered");
}

static void step_challenge(struct play *p, bool stale)
{
    sipv_challenge list[SIPV_ALGORITHM_COUNT];
    sipv_room room = room_of();
    if (p->n_nonces + SIPV_ALGORITHM_COUNT > NONCES)
        return;
    const size_t n = take_challenges(p, stale, true, list, &room);
    if (n == 0)
        return;
    const int result = sipv_client_challenged(&p->client, p->server->hasher, list, n);
    p->stale_rows += p->out && stale;
    if (p->out && (!stale || p->stale_rows > SIPV_CLIENT_STALE_MAX)) {
        FUZZ_CHECK(digest, result == SIPV_END, "a loop goes on");
        return;
    }
    if (result == SIPV_NO_SPACE) {
        FUZZ_CHECK(digest, p->s->realm.n + SIPV_NONCE_DIGITS > p->client.cap, "there is memory");
        return;
    }
    FUZZ_CHECK(digest, result == SIPV_OK, "a challenge is not taken");
    check_choice(p, list, n);
    p->challenged = true;
    p->out = p->accepted = false;
    p->count = 0;
}

/* ---- The client --------------------------------------------------------------------------------
 */

static sipv_client_request request_of(struct play *p, bool wrong)
{
    static sipv_digits ha1;
    const struct fuzz_scenario *s = p->s;
    const bool other = sipv_slice_is(s->password, "another");
    sipv_client_request r = {.username = s->username,
                             .password = s->password,
                             .method = s->method,
                             .uri = s->uri,
                             .body = s->body};
    if (wrong)
        r.password = sipv_slice_text(other ? "yet another" : "another");
    if (s->client_by_ha1 && sipv_digest_ha1(p->server->hasher, p->client.algorithm, r.username,
                                            s->realm, r.password, &ha1) == SIPV_OK) {
        r.ha1 = sipv_digits_slice(&ha1);
        r.password = sipv_slice_of(NULL, 0);
    }
    return r;
}

/* Counts go up by one from each nonce's first, and a nonce has one cnonce. */
static void check_counting(struct play *p, const sipv_credentials *c)
{
    uint32_t count = p->count;
    const bool has_cnonce =
        p->client.qop != SIPV_QOP_NONE || sipv_algorithm_is_session(p->client.algorithm);
    FUZZ_CHECK(digest, !has_cnonce || c->cnonce.n == SIPV_CLIENT_CNONCE, "another cnonce");
    FUZZ_CHECK(digest,
               p->client.qop == SIPV_QOP_NONE ||
                   (sipv_nc_read(c->nc, &count) == SIPV_OK && count == p->count + 1),
               "another count than the next");
    if (!has_cnonce)
        return;
    FUZZ_CHECK(digest, (memcmp(p->cnonce, c->cnonce.p, SIPV_CLIENT_CNONCE) == 0) == (p->count > 0),
               "a cnonce for two nonces, or two for one");
    memcpy(p->cnonce, c->cnonce.p, SIPV_CLIENT_CNONCE);
}

/* It is an answer; what becomes of it?  False: nothing that could be judged. */
static bool take_answer(struct play *p, bool wrong)
{
    sipv_room room = room_of();
    sipv_credentials c;
    const sipv_slice header = sipv_slice_of(sent, p->n_sent);
    if (sipv_credentials_parse(header, &room, &c) != SIPV_OK || c.fault.reason != SIPV_FINE)
        return false; /* a text that no quoted string can have */
    check_counting(p, &c);
    p->count++;
    const sipv_slice nonce = p->client.nonce;
    FUZZ_CHECK(digest, sipv_slice_equal(nonce, c.nonce), "another nonce is answered");
    p->out = true;
    p->accepted = false;
    if (wrong) {
        must_be_wrong(p, header);
    } else if (judge(p, nonce, c.qop == SIPV_QOP_NONE ? 1 : p->count, header) == SIPV_FINE) {
        sipv_client_accepted(&p->client);
        p->out = false;
        p->accepted = true;
        p->stale_rows = 0;
    }
    return true;
}

static bool step_request(struct play *p)
{
    const sipv_client_request request = request_of(p, p->wrong_password);
    const int result =
        sipv_client_answer(&p->client, p->server->hasher, &request, sent, VALUE, &p->n_sent);
    if (!p->challenged || (p->server->random_fails && p->count == 0 && !p->client.has_cnonce)) {
        FUZZ_CHECK(digest, result == SIPV_ABSENT, "an answer to nothing, or of nothing");
        return true;
    }
    return result == SIPV_OK && take_answer(p, p->wrong_password);
}

/* ---- Authentication-Info -----------------------------------------------------------------------
 */

/* What the client makes of it: rspauth is right, and for another body it is not. */
static void check_info(struct play *p, const sipv_auth_info *info)
{
    const sipv_client_request request = request_of(p, false);
    const bool proved = p->client.qop != SIPV_QOP_NONE;
    if (p->client.qop == SIPV_QOP_AUTH_INT)
        FUZZ_CHECK(digest,
                   sipv_client_info(&p->client, p->server->hasher, info, &request,
                                    sipv_slice_text("no such body")) == SIPV_REJECT,
                   "rspauth of another body is right");
    FUZZ_CHECK(digest,
               sipv_client_info(&p->client, p->server->hasher, info, &request, p->s->body) ==
                   (proved ? SIPV_OK : SIPV_ABSENT),
               "rspauth is wrong");
}

static void step_info(struct play *p, bool next)
{
    sipv_room room = room_of(), other = sipv_room_of(NULL, 0, NULL, 0);
    static sipv_event more_events[EVENTS];
    static unsigned char more_text[VALUE];
    sipv_credentials c;
    sipv_auth_info info;
    size_t n;
    if (!p->accepted || p->n_nonces == NONCES ||
        sipv_credentials_parse(sipv_slice_of(sent, p->n_sent), &room, &c) != SIPV_OK)
        return;
    const bool anew = next && !sipv_algorithm_is_session(c.algorithm);
    const int result = sipv_verifier_info(p->server->verifier, p->server->hasher, &c, p->s->body,
                                          next, value, VALUE, &n);
    if (!anew && c.qop == SIPV_QOP_NONE) {
        FUZZ_CHECK(digest, result == SIPV_BAD_ARGUMENT, "there is something to say");
        return;
    }
    if (anew && p->server->random_fails) {
        FUZZ_CHECK(digest, result == SIPV_ABSENT, "a nonce without random numbers");
        return;
    }
    FUZZ_CHECK(digest, result == SIPV_OK, "there is nothing to say");
    other = sipv_room_of(more_events, EVENTS, more_text, sizeof more_text);
    FUZZ_CHECK(digest,
               sipv_auth_info_parse(sipv_slice_of(value, n), &other, &info) == SIPV_OK &&
                   info.fault.reason == SIPV_FINE && (info.nextnonce.p != NULL) == anew,
               "an Authentication-Info that was made is none");
    check_info(p, &info);
    p->stale_rows = 0;
    if (anew) {
        add(p, info.nextnonce, c.algorithm);
        p->accepted = false;
        p->count = 0;
    }
}

/* ---- The script --------------------------------------------------------------------------------
 */

/* False: nothing can come any more. */
static bool step(struct play *p, unsigned char letter, uint32_t number)
{
    switch (letter) {
    case 'n': step_nonce(p); break;
    case 'p': p->at = number; break;
    case 'c': step_answer(p, number, false); break;
    case 'x': step_answer(p, number, true); break;
    case 't': p->server->now_ms += number; break;
    case 'b':
        p->server->now_ms -= number < p->server->now_ms ? number : p->server->now_ms;
        p->clock_was_back = true;
        break;
    case 'C': step_challenge(p, false); break;
    case 'S': step_challenge(p, true); break;
    case 'r': return step_request(p);
    case 'i': step_info(p, false); break;
    case 'j': step_info(p, true); break;
    case 'w': p->wrong_password = !p->wrong_password; break;
    case 'e':
        p->server->random_fails = !p->server->random_fails;
        fuzz_openssl.no_random = p->server->random_fails;
        break;
    default: break;
    }
    return true;
}

/* The number at the front of the script, 0 if there is none. */
static uint32_t take_number(sipv_slice *script)
{
    uint32_t n = 0;
    while (script->n && *script->p == ' ')
        *script = sipv_slice_of(script->p + 1, script->n - 1);
    while (script->n && *script->p >= '0' && *script->p <= '9') {
        n = n * 10 + (*script->p - (uint32_t)'0');
        *script = sipv_slice_of(script->p + 1, script->n - 1);
    }
    return n;
}

static void run(struct play *p, sipv_slice script)
{
    for (unsigned steps = 0; script.n && steps < STEPS; steps++) {
        const unsigned char letter = *script.p;
        script = sipv_slice_of(script.p + 1, script.n - 1);
        if (!step(p, letter, take_number(&script)))
            return;
    }
}

static bool same_without_case(void *with, sipv_slice uri, sipv_slice request_uri)
{
    (void)with;
    return sipv_slice_equal_nocase(uri, request_uri);
}

static bool open_server(struct play *p)
{
    const struct fuzz_scenario *s = p->s;
    const bool defaults = s->asked >> 2 & 1, one_qop = s->asked >> 5 & 1;
    sipv_verifier_config config = {.realm = s->realm, .userhash = s->userhash, .late = p->late};
    config.nonces = (s->number >> 6) % 33;
    if (s->asked >> 4 & 1)
        config.same_uri = same_without_case;
    if (defaults) {
        config.random = sipv_random_openssl;
        p->algorithm = SIPV_SHA_256;
        p->qop = SIPV_QOP_AUTH;
        return fuzz_server_open(p->server, &config);
    }
    config.algorithms = SIPV_ALGORITHMS_ALL;
    config.qops = SIPV_BIT(p->qop);
    if (!one_qop && p->qop != SIPV_QOP_NONE)
        config.qops = SIPV_BIT(SIPV_QOP_AUTH) | SIPV_BIT(SIPV_QOP_AUTH_INT);
    return fuzz_server_open(p->server, &config);
}

static void open_client(struct play *p)
{
    const struct fuzz_scenario *s = p->s;
    const sipv_client_config config = {.preference =
                                           s->asked & 1 ? SIPV_PREFER_STRONGEST : SIPV_PREFER_FIRST,
                                       .prefer_integrity = s->asked >> 1 & 1,
                                       .random = fuzz_server_random,
                                       .with = p->server};
    const size_t cap = s->asked >> 3 & 1 ? s->number >> 9 : sizeof memory;
    sipv_client_init(&p->client, memory, cap, s->asked >> 2 & 1 ? NULL : &config);
}

void fuzz_digest_play(struct fuzz_server *server, const struct fuzz_scenario *s)
{
    struct play *const p = &play;
    memset(p, 0, offsetof(struct play, nonces));
    memset(&p->n_nonces, 0, sizeof *p - offsetof(struct play, n_nonces));
    p->server = server;
    p->s = s;
    p->algorithm = s->algorithm;
    p->qop = s->qop;
    p->late = s->number & 0x3f;
    if (!open_server(p))
        return;
    open_client(p);
    run(p, s->body);
    sipv_client_close(&p->client);
    FUZZ_CHECK(digest, !p->client.nonce.p && !p->client.nc, "a closed client keeps something");
    fuzz_server_close(server);
    fuzz_openssl_works();
}
