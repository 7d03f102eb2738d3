/* What allocates, with memory that runs out: a table of transactions and a registrar that are sent
 * the messages of a stream, or a user agent that makes and takes calls, and the hasher of Digest.
 *
 * Oracles: allocation (for every k the k-th allocation fails once: what asked for it returns an
 * error, or does what its header says of that; what it was is possible a moment later; in the end
 * what is kept is usable, and every block is free again).
 *
 * Bits: INTEROP and STREAM; OWN: a user agent, whose peer knows what it talks about (ua_peer.h); 2
 * OWN: every second request is one that the TU sends; the number: which k first, if there are more
 * than are tried, and what the user does. */
#include <sipvet/auth.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include <registrar.h>
#include <transactions.h>
#include <ua.h>

#include "allocations.h"
#include "message.h"
#include "ua_peer.h"

enum { USER_AGENT = FUZZ_BIT_OWN, AS_CLIENT = 2 * FUZZ_BIT_OWN };
enum { MESSAGES = 8, TRIES = 48, UA_TRIES = 12, LONGEST = 16384, STEPS = 4096 };

static struct fuzz_message message, response;
static unsigned char room[LONGEST];

/* ---- Whether memory has run out ----------------------------------------------------------------
 *
 *     begin_call();
 *     result = call(...);
 *     if (ran_out()) ...
 */

static bool broken_before;

static void begin_call(void)
{
    broken_before = fuzz_allocation_broke();
}

/* In the call that has just been made. */
static bool ran_out(void)
{
    return fuzz_allocation_broke() && !broken_before;
}

/* It has the result that is documented for that, and OK only where there was enough. */
static void check_open(int result)
{
    FUZZ_CHECK(allocation, result == (ran_out() ? SIPV_NO_SPACE : SIPV_OK),
               "what opens without memory says something else, or with memory");
}

/* ---- Transactions and a registrar --------------------------------------------------------------
 */

struct world {
    struct transactions t;
    struct registrar r;
    bool open, registers;
};

static void open_world(struct world *w)
{
    struct transactions_settings settings = transactions_settings_default();
    struct registrar_settings domain = registrar_settings_default();
    settings.limits.transactions = 8;
    settings.limits.octets = 1 << 16;
    domain.domain = "elm.example";
    domain.bindings = 8;
    memset(w, 0, sizeof *w);
    begin_call();
    int result = transactions_open(&w->t, &settings);
    check_open(result);
    w->open = result == SIPV_OK;
    begin_call();
    result = registrar_open(&w->r, &domain);
    check_open(result);
    w->registers = result == SIPV_OK;
}

static void close_world(struct world *w)
{
    if (w->open)
        transactions_close(&w->t);
    if (w->registers)
        registrar_close(&w->r);
}

/* Unless it is 200 no binding has changed. */
static void ask_registrar(struct world *w, sipv_message *request, struct compose *c)
{
    const size_t count = registrar_count(&w->r), octets = registrar_octets(&w->r);
    begin_call();
    const int status = registrar_answer(&w->r, 0, request, sipv_slice_text("t"), c);
    if (ran_out())
        FUZZ_CHECK(allocation,
                   status == 503 && registrar_count(&w->r) == count &&
                       registrar_octets(&w->r) == octets,
                   "a registrar without memory does not say 503, or has changed");
}

/* The registrar's answer, or 200 for everything else. */
static sipv_slice compose_answer(struct world *w, sipv_message *request)
{
    struct compose c = {room, sizeof room, 0};
    if (w->registers && request->method_id == SIPV_M_REGISTER)
        ask_registrar(w, request, &c);
    else
        compose_response(&c, request, 200, "OK", sipv_slice_text("t"));
    return sipv_slice_of(room, c.n <= sizeof room ? c.n : 0);
}

static void respond(struct world *w, transaction_id id)
{
    const enum transaction_state state = transactions_state(&w->t, id);
    begin_call();
    const int result = transactions_respond(&w->t, 0, id, &response.m);
    if (!ran_out())
        return;
    FUZZ_CHECK(allocation, result == SIPV_LIMIT && transactions_state(&w->t, id) == state,
               "a response without memory for it is taken, or changes something");
    FUZZ_CHECK(allocation, transactions_respond(&w->t, 0, id, &response.m) == SIPV_OK,
               "a response is not taken although there is memory again");
}

static void answer(struct world *w, const struct action *a)
{
    static const sipv_options options = {.profile = SIPV_STRICT};
    const transaction_id id = a->id;
    if (a->what != ACTION_PASS_UP || !a->begins)
        return;
    const sipv_slice text = compose_answer(w, a->message);
    if (fuzz_message_parse(&response, text, &options) == SIPV_OK)
        respond(w, id);
}

/* A request gets 503, of a refusal the ACK is missing. */
static void check_received(const struct world *w, size_t count, int result)
{
    const struct transactions *t = &w->t;
    const bool sends = t->n_actions > 0 && t->actions[0].what == ACTION_SEND;
    if (message.m.kind == SIPV_RESPONSE)
        FUZZ_CHECK(allocation, result == SIPV_OK && !sends,
                   "a response without memory for its ACK is not passed up alone");
    else
        FUZZ_CHECK(allocation,
                   result == SIPV_LIMIT && transactions_count(t) == count &&
                       (t->n_actions == 0 || (sends && t->actions[0].id == 0)),
                   "a request without memory for it begins, or is not refused");
}

static int receive(struct world *w, sipv_slice text, const sipv_options *options)
{
    if (fuzz_message_parse(&message, text, options) != SIPV_OK)
        return SIPV_REJECT;
    const size_t count = transactions_count(&w->t);
    begin_call();
    const int result = transactions_receive(&w->t, 0, &message.m, 1, true);
    if (ran_out())
        check_received(w, count, result);
    if (result == SIPV_OK && w->t.n_actions)
        answer(w, &w->t.actions[0]);
    return result;
}

/* The TU sends a request. */
static void ask(struct world *w, sipv_slice text, const sipv_options *options)
{
    transaction_id id;
    if (fuzz_message_parse(&message, text, options) != SIPV_OK || message.m.kind != SIPV_REQUEST) {
        receive(w, text, options);
        return;
    }
    const size_t count = transactions_count(&w->t);
    begin_call();
    const int result = transactions_request(&w->t, 0, &message.m, 1, true, 7, &id);
    if (ran_out())
        FUZZ_CHECK(allocation, result == SIPV_LIMIT && transactions_count(&w->t) == count,
                   "a request of the TU without memory for it begins");
}

/* Whatever has failed before, there is room for one request more. */
static void check_usable(struct world *w)
{
    static const char text[] =
        "OPTIONS sip:una@elm.example SIP/2.0\r\nVia: SIP/2.0/TCP oak.example;branch=z9hG4bKoom\r\n"
        "From: <sip:ivo@oak.example>;tag=1\r\nTo: <sip:una@elm.example>\r\nCall-ID: 7@oom\r\n"
        "CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n";
    static const sipv_options options = {.profile = SIPV_STRICT};
    if (!w->open || transactions_count(&w->t) > 4)
        return;
    FUZZ_CHECK(allocation, receive(w, sipv_slice_of(text, sizeof text - 1), &options) >= SIPV_OK,
               "behind a failure nothing is taken any more");
}

/* All messages of the stream. */
static void play(const struct fuzz_input *in)
{
    struct world w;
    sipv_limits limits;
    sipv_framer framer;
    sipv_frame frame;
    const sipv_options options = fuzz_options(in, &limits);
    size_t at = 0;
    open_world(&w);
    sipv_framer_init(&framer, options.profile, NULL);
    for (unsigned i = 0; w.open && i < MESSAGES; i++) {
        if (sipv_framer_feed(&framer, in->p + at, in->n - at, &frame) != SIPV_OK)
            break;
        const sipv_slice text = sipv_slice_of(in->p + at + frame.skip, frame.n);
        if (in->bits & AS_CLIENT && i % 2 == 0)
            ask(&w, text, &options);
        else
            receive(&w, text, &options);
        at += frame.skip + frame.n;
    }
    fuzz_break_allocation(0);
    check_usable(&w);
    close_world(&w);
}

/* ---- A user agent ------------------------------------------------------------------------------
 */

enum { CALLS = 4, KNOWN = 16 };

struct user {
    struct ua ua;
    uint64_t now, seed;
    bool reliable;
    bool challenged; /* perhaps: where there is no memory to hash, credentials are missing */
    ua_call_id calls[KNOWN];
    size_t n_calls;
};

static struct ua_peer peer;
static const char sdp[] = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n";

static enum hop_transport transport(void *with, uint64_t flow)
{
    (void)with;
    return flow == 2 ? HOP_TCP : HOP_UDP;
}

static uint64_t flow_to(void *with, const struct hop *to)
{
    const struct user *u = with;
    return to->transport == HOP_TLS ? 0 : u->reliable ? 2 : 1;
}

static int self(void *with, enum hop_transport over, struct hop *out)
{
    (void)with;
    return over == HOP_TLS ? SIPV_ABSENT
                           : hop_of_host(over, sipv_slice_text("elm.example"), 5060, out);
}

static void send(void *with, uint64_t flow, sipv_slice octets)
{
    static const sipv_options options = {.profile = SIPV_STRICT};
    (void)with;
    (void)flow;
    fuzz_message_parse(&message, octets, &options);
    ua_peer_hears(&peer, &message.m);
}

static void know(struct user *u, ua_call_id call)
{
    if (u->n_calls < KNOWN)
        u->calls[u->n_calls++] = call;
}

/* Those that end stay among the known: the event may be lost. */
static void see_events(struct user *u)
{
    struct ua_event e;
    while (ua_next(&u->ua, &e))
        if (e.what == UA_INCOMING)
            know(u, e.call);
}

/* What may be missing instead of an error: see `challenged`. */
static bool refused(const struct user *u, int result)
{
    FUZZ_CHECK(allocation, result == SIPV_LIMIT || (u->challenged && result == SIPV_OK),
               "a user agent without memory does what it cannot");
    return result == SIPV_LIMIT;
}

static void call_out(struct user *u)
{
    const struct ua_outgoing call = {.uri = "sip:una@elm.example", .body = sipv_slice_text(sdp)};
    const struct ua_outgoing asked = {.method = "OPTIONS", .uri = "sip:una@elm.example"};
    ua_call_id id;
    const size_t calls = ua_calls(&u->ua);
    begin_call();
    int result = ua_invite(&u->ua, u->now, &call, &id);
    if (ran_out() && refused(u, result)) {
        FUZZ_CHECK(allocation, ua_calls(&u->ua) == calls, "a call that was refused is there");
        result = ua_invite(&u->ua, u->now, &call, &id);
    }
    FUZZ_CHECK(allocation, result == SIPV_OK, "there is memory, and no call");
    know(u, id);
    begin_call();
    result = ua_request(&u->ua, u->now, &asked, 7);
    if (ran_out())
        refused(u, result);
    begin_call();
    result = ua_register(&u->ua, u->now, "sip:elm.example", 60);
    if (ran_out() && refused(u, result))
        FUZZ_CHECK(allocation, !ua_registering(&u->ua), "it registers, and has said it does not");
}

/* A refusal ends the call, of which the event may be lost. */
static void answer_call(struct user *u, ua_call_id call, int status, sipv_slice body)
{
    begin_call();
    const int result = ua_answer(&u->ua, u->now, call, status, body, NULL);
    if (!ran_out() || (status >= 300 && result == SIPV_OK))
        return;
    FUZZ_CHECK(allocation, result == SIPV_LIMIT, "an answer without memory for it goes out");
    FUZZ_CHECK(allocation, ua_answer(&u->ua, u->now, call, status, body, NULL) == SIPV_OK,
               "there is memory, and no answer");
}

static void modify_call(struct user *u, ua_call_id call, enum ua_way way, sipv_slice body)
{
    begin_call();
    const int result = ua_modify(&u->ua, u->now, call, way, body);
    if (ran_out())
        refused(u, result);
}

static void act(struct user *u)
{
    static const int statuses[] = {180, 183, 200, 200, 302, 486, 503, 200};
    const uint64_t drawn = fuzz_draw(&u->seed);
    if (u->n_calls == 0)
        return;
    const ua_call_id call = u->calls[drawn % u->n_calls];
    const sipv_slice none = {NULL, 0}, body = drawn >> 32 & 1 ? sipv_slice_text(sdp) : none;
    switch (drawn >> 16 & 7) {
    case 0: ua_hang_up(&u->ua, u->now, call); break;
    case 1: modify_call(u, call, UA_REINVITE, body); break;
    case 2: modify_call(u, call, UA_UPDATE, body); break;
    case 3: ua_answer_offer(&u->ua, u->now, call, drawn >> 33 & 1 ? 200 : 488, body); break;
    default: answer_call(u, call, statuses[drawn >> 24 & 7], body);
    }
    see_events(u);
}

static void pass_time(struct user *u, uint64_t until)
{
    for (unsigned steps = 0; ua_wake(&u->ua) <= until; steps++) {
        const uint64_t wake = ua_wake(&u->ua);
        FUZZ_CHECK(allocation, steps < STEPS, "timers without end where memory ran out");
        u->now = wake > u->now ? wake : u->now;
        ua_advance(&u->ua, u->now);
        see_events(u);
    }
    u->now = until;
}

/* Everybody hangs up, and nothing is left. */
static void settle(struct user *u)
{
    ua_unregister(&u->ua, u->now);
    for (unsigned round = 0; round < 3; round++) {
        for (size_t i = 0; i < u->n_calls; i++)
            ua_hang_up(&u->ua, u->now, u->calls[i]);
        pass_time(u, u->now + 200 * 1000);
    }
    FUZZ_CHECK(allocation,
               ua_calls(&u->ua) == 0 && ua_transactions(&u->ua) == 0 && ua_dialogs(&u->ua) == 0 &&
                   ua_wake(&u->ua) == UINT64_MAX,
               "something does not end where memory ran out");
}

static void take(struct user *u, sipv_slice text)
{
    const sipv_slice said = ua_peer_says(&peer, &u->seed, text);
    if (!said.p)
        return;
    u->challenged |= sipv_slice_is(sipv_slice_of(said.p, said.n < 4 ? said.n : 4), "SIP/");
    ua_receive(&u->ua, u->now, said, u->reliable ? 2 : 1, u->reliable);
    see_events(u);
    act(u);
    pass_time(u, u->now + fuzz_draw(&u->seed) % 2000);
}

static bool open_user(struct user *u, const struct fuzz_input *in)
{
    struct ua_settings s = ua_settings_default();
    const struct network network = {u, flow_to, send, transport, self};
    memset(u, 0, sizeof *u);
    u->seed = fuzz_number(in);
    u->reliable = in->bits & FUZZ_BIT_STREAM;
    s.transactions.limits.transactions = 64;
    s.transactions.limits.octets = 1 << 20;
    s.dialogs.dialogs = 2 * CALLS;
    s.calls = CALLS;
    s.aor = "sip:una@elm.example";
    s.password = "test";
    s.redirections = 2;
    s.profile = in->bits & FUZZ_BIT_INTEROP ? SIPV_INTEROP : SIPV_STRICT;
    s.seed[0] = 7;
    ua_peer_open(&peer);
    begin_call();
    const int result = ua_open(&u->ua, &s, &network);
    /* OpenSSL can do without some of its blocks */
    FUZZ_CHECK(allocation, result == SIPV_OK || (result == SIPV_NO_SPACE && ran_out()),
               "a user agent does not open, and there is memory");
    return result == SIPV_OK;
}

static void play_user(const struct fuzz_input *in)
{
    struct user u;
    sipv_framer framer;
    sipv_frame frame;
    size_t at = 0;
    if (open_user(&u, in)) {
        call_out(&u);
        sipv_framer_init(&framer, SIPV_STRICT, NULL);
        for (unsigned i = 0; i < MESSAGES; i++) {
            if (sipv_framer_feed(&framer, in->p + at, in->n - at, &frame) != SIPV_OK)
                break;
            take(&u, sipv_slice_of(in->p + at + frame.skip, frame.n));
            at += frame.skip + frame.n;
        }
        fuzz_break_allocation(0);
        settle(&u);
        ua_close(&u.ua);
    }
    ERR_clear_error(); /* it keeps blocks */
}

/* ---- The hasher --------------------------------------------------------------------------------
 */

/* OpenSSL is made to ask here, so that its allocations count. */
static void *ssl_malloc(size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return malloc(n);
}

static void *ssl_realloc(void *p, size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    if (n == 0) {
        free(p);
        return NULL;
    }
    return realloc(p, n);
}

static void ssl_free(void *p, const char *file, int line)
{
    (void)file;
    (void)line;
    free(p);
}

static void hash(const struct fuzz_input *in)
{
    static unsigned algorithms; /* that there are at all */
    const sipv_slice text = sipv_slice_of(in->p, in->n < 64 ? in->n : 64);
    sipv_digits out;
    begin_call();
    sipv_hasher *h = sipv_hasher_new();
    FUZZ_CHECK(allocation, h || ran_out(), "there is memory, and no hasher");
    fuzz_break_allocation(0);
    for (int a = 0; h && a < SIPV_ALGORITHM_COUNT; a++) {
        const sipv_algorithm algorithm = (sipv_algorithm)a;
        if (sipv_hasher_has(h, algorithm))
            algorithms |= SIPV_BIT(a);
        if (!(algorithms & SIPV_BIT(a)))
            continue;
        FUZZ_CHECK(allocation, sipv_digest_ha1(h, algorithm, text, text, text, &out) == SIPV_OK,
                   "a hasher that was made has not got all hashes");
        FUZZ_CHECK(allocation,
                   sipv_body_begin(h, algorithm) == SIPV_OK &&
                       sipv_body_add(h, text.p, text.n) == SIPV_OK &&
                       sipv_body_end(h, &out) == SIPV_OK,
                   "a hasher that was made has not got all hashes of bodies");
    }
    sipv_hasher_free(h);
    ERR_clear_error(); /* it keeps blocks */
}

/* ---- Every k -----------------------------------------------------------------------------------
 */

static void fail_each(void scenario(const struct fuzz_input *), const struct fuzz_input *in,
                      uint64_t tries)
{
    const int64_t blocks = fuzz_blocks;
    const uint64_t before = fuzz_allocations;
    scenario(in);
    const uint64_t count = fuzz_allocations - before;
    FUZZ_CHECK(allocation, fuzz_blocks == blocks, "something leaks");
    const uint64_t first = count > tries ? fuzz_number(in) % (count - tries + 1) : 0;
    for (uint64_t k = first + 1; k <= count && k <= first + tries; k++) {
        fuzz_break_allocation(k);
        scenario(in);
        fuzz_break_allocation(0);
        FUZZ_CHECK(allocation, fuzz_blocks == blocks, "something leaks where memory ran out");
    }
}

/* What OpenSSL keeps for itself is there before the first count. */
static bool prepare(const struct fuzz_input *in)
{
    static bool ready;
    if (!ready) {
        ready = CRYPTO_set_mem_functions(ssl_malloc, ssl_realloc, ssl_free) == 1;
        hash(in);
        hash(in);
        fuzz_explainer();
    }
    return ready;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in;
    if (!fuzz_open(&in, data, size))
        return 0;
    in.bits &= ~(uint32_t)FUZZ_BIT_LIMITS;
    if (prepare(&in)) {
        if (in.bits & USER_AGENT)
            fail_each(play_user, &in, UA_TRIES);
        else
            fail_each(play, &in, TRIES);
        if (in.n < 64)
            fail_each(hash, &in, TRIES);
    }
    fuzz_close(&in);
    return 0;
}
