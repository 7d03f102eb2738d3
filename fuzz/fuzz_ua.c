/* A user agent on a stream of messages, with time.
 *
 * Each message of the stream goes in as received.  With bit OWN the user agent first registers,
 * makes a call and a request, so that responses have something to answer, if they have the right
 * words.  With bit 2 OWN the user does things with calls, as the number says: rings, answers with
 * and without a session description, refuses, asks for another session, answers offers, hangs up.
 * With bit 4 OWN the peer knows what it talks about: a response goes in as one to a request that
 * the user agent has sent, a request with a To tag as one of a dialog that there may be.
 *
 * Oracles: states (what ua_judge.h says of all that comes out; every call that began ends once; the
 * final event of a request comes once; when all have hung up and time has gone on nothing is left;
 * the same octets give the same trace); slices (what is sent is a message that is accepted);
 * allocation (every block is free again).  To run twice takes time, so one number in four does, and
 * who seems to leak.
 *
 * Bits: STREAM: the transport is reliable; OWN, 2 OWN, 4 OWN: see above. */
#include <string.h>

#include <ua.h>

#include "said.h"
#include "trace.h"
#include "ua_judge.h"
#include "ua_peer.h"

enum { CALLS_FIRST = FUZZ_BIT_OWN, ANSWERS = 2 * FUZZ_BIT_OWN, MEETS = 4 * FUZZ_BIT_OWN };
enum { MESSAGES = 16, CALLS = 8, KNOWN = 64, STEPS = 4096 };

struct world {
    const struct fuzz_input *in;
    struct ua ua;
    uint64_t now, seed, sum; /* sum: of the trace */
    bool reliable;
    bool judged;    /* what is sent is looked at, not only added to the trace */
    bool malformed; /* what is being received; the answer copies what may be the broken part */
    ua_call_id calls[KNOWN]; /* that began and have not ended */
    size_t n_calls;
    unsigned asked, told; /* requests outside of dialogs, and their final responses */
};

static struct fuzz_message incoming, made;
static struct ua_peer peer;
static struct ua_judge judge;

static const sipv_slice none = {NULL, 0};
static const char sdp[] = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n";

/* ---- Calls -------------------------------------------------------------------------------------
 */

static void begin(struct world *w, ua_call_id call)
{
    for (size_t i = 0; i < w->n_calls; i++)
        FUZZ_CHECK(states, w->calls[i] != call, "a call begins twice");
    if (w->n_calls < KNOWN)
        w->calls[w->n_calls++] = call;
}

static void end(struct world *w, ua_call_id call)
{
    for (size_t i = 0; i < w->n_calls; i++)
        if (w->calls[i] == call) {
            w->calls[i] = w->calls[--w->n_calls];
            return;
        }
    FUZZ_CHECK(states, w->n_calls == KNOWN, "a call ends that never began, or twice");
}

/* ---- The network -------------------------------------------------------------------------------
 */

static enum hop_transport transport(void *with, uint64_t flow)
{
    (void)with;
    return flow == 2 ? HOP_TCP : HOP_UDP;
}

/* Whoever is asked for, there is one peer. */
static uint64_t flow(void *with, const struct hop *to)
{
    const struct world *w = with;
    return to->transport == HOP_TLS ? 0 : w->reliable ? 2 : 1;
}

static int self(void *with, enum hop_transport over, struct hop *out)
{
    (void)with;
    return over == HOP_TLS ? SIPV_ABSENT
                           : hop_of_host(over, sipv_slice_text("elm.example"), 5060, out);
}

static void send(void *with, uint64_t to, sipv_slice octets)
{
    struct world *w = with;
    const sipv_options options = {.profile = SIPV_INTEROP, .explainer = fuzz_explainer()};
    trace_add(&w->sum, to);
    const uint64_t hash = said_hash(octets);
    trace_add(&w->sum, hash);
    if (w->judged ? ua_judge_again(&judge, hash) : !(w->in->bits & MEETS))
        return;
    const int result = fuzz_message_parse(&made, octets, &options);
    if (w->judged) {
        FUZZ_CHECK(slices, result == SIPV_OK || (w->malformed && made.m.kind == SIPV_RESPONSE),
                   "what is sent is not accepted");
        FUZZ_CHECK(slices, made.m.octets == octets.n, "what is sent has something behind it");
        ua_judge_out(&judge, &made.m);
    }
    if (w->in->bits & MEETS)
        ua_peer_hears(&peer, &made.m);
}

/* ---- Events ------------------------------------------------------------------------------------
 */

static void see_events(struct world *w)
{
    struct ua_event e;
    while (ua_next(&w->ua, &e)) {
        trace_add(&w->sum, e.what);
        trace_add(&w->sum, (uint64_t)(unsigned)e.status);
        switch (e.what) {
        case UA_INCOMING: begin(w, e.call); break;
        case UA_ENDED: end(w, e.call); break;
        case UA_RESPONSE:
            w->told++;
            FUZZ_CHECK(states, w->told <= w->asked, "a request is answered twice");
            FUZZ_CHECK(states, e.status >= 200, "a provisional response ends a request");
            break;
        default:;
        }
    }
}

/* ---- What the user does ------------------------------------------------------------------------
 */

static void call_out(struct world *w)
{
    const struct ua_outgoing call = {.uri = "sip:una@elm.example", .body = sipv_slice_text(sdp)};
    const struct ua_outgoing asked = {.method = "OPTIONS", .uri = "sip:una@elm.example"};
    ua_call_id id;
    if (ua_invite(&w->ua, w->now, &call, &id) == SIPV_OK)
        begin(w, id);
    if (ua_request(&w->ua, w->now, &asked, 7) == SIPV_OK)
        w->asked++;
    ua_register(&w->ua, w->now, "sip:elm.example", 60);
    see_events(w);
}

/* Something happens to one of the calls, or nothing. */
static void act(struct world *w)
{
    static const int statuses[] = {180, 183, 200, 200, 302, 486, 503, 603};
    const uint64_t drawn = fuzz_draw(&w->seed);
    if (w->n_calls == 0 || !(w->in->bits & ANSWERS))
        return;
    const ua_call_id call = w->calls[drawn % w->n_calls];
    const sipv_slice body = drawn >> 32 & 1 ? sipv_slice_text(sdp) : none;
    ua_judge_cause(&judge, w->now, UA_JUDGE_USER);
    switch (drawn >> 16 & 7) {
    case 0: ua_hang_up(&w->ua, w->now, call); break;
    case 1: ua_modify(&w->ua, w->now, call, UA_REINVITE, body); break;
    case 2: ua_modify(&w->ua, w->now, call, UA_UPDATE, body); break;
    case 3: ua_answer_offer(&w->ua, w->now, call, drawn >> 33 & 1 ? 200 : 488, body); break;
    default: ua_answer(&w->ua, w->now, call, statuses[drawn >> 24 & 7], body, NULL);
    }
    see_events(w);
}

/* ---- Time --------------------------------------------------------------------------------------
 */

static void go_on(struct world *w, uint64_t until)
{
    for (unsigned steps = 0; ua_wake(&w->ua) <= until; steps++) {
        const uint64_t wake = ua_wake(&w->ua);
        FUZZ_CHECK(states, steps < STEPS, "timers without end");
        w->now = wake > w->now ? wake : w->now;
        ua_judge_cause(&judge, w->now, UA_JUDGE_TIME);
        ua_advance(&w->ua, w->now);
        see_events(w);
        trace_add(&w->sum, w->now);
    }
    w->now = until;
}

/* Everybody hangs up, until nothing is left. */
static void settle(struct world *w)
{
    ua_judge_cause(&judge, w->now, UA_JUDGE_USER);
    ua_unregister(&w->ua, w->now);
    for (unsigned round = 0; round < 3; round++) {
        ua_judge_cause(&judge, w->now, UA_JUDGE_USER);
        for (size_t i = w->n_calls; i-- > 0;)
            if (i < w->n_calls && ua_hang_up(&w->ua, w->now, w->calls[i]) == SIPV_OK)
                see_events(w);
        go_on(w, w->now + 200 * 1000);
    }
    FUZZ_CHECK(states, ua_calls(&w->ua) == 0 && w->n_calls == 0, "a call does not end");
    FUZZ_CHECK(states, ua_transactions(&w->ua) == 0, "a transaction does not end");
    FUZZ_CHECK(states, ua_dialogs(&w->ua) == 0, "a dialog does not end");
    FUZZ_CHECK(states, w->told == w->asked, "a request gets no answer");
    FUZZ_CHECK(states, ua_wake(&w->ua) == UINT64_MAX, "a timer of nothing");
}

/* ---- Messages ----------------------------------------------------------------------------------
 */

static struct ua_settings settings(void)
{
    struct ua_settings s = ua_settings_default();
    s.transactions.limits.transactions = 4 * CALLS;
    s.transactions.limits.octets = 1 << 18;
    s.dialogs.dialogs = 2 * CALLS;
    s.calls = CALLS;
    s.aor = "sip:una@elm.example";
    s.password = "test";
    s.redirections = 2;
    s.seed[0] = 7;
    return s;
}

static void receive(struct world *w, sipv_slice text)
{
    const sipv_options strict = {.explainer = fuzz_explainer()};
    if (!text.p)
        return;
    if (w->judged) {
        w->malformed = fuzz_message_parse(&incoming, text, &strict) != SIPV_OK;
        ua_judge_in(&judge, w->now, &incoming.m, !w->malformed);
    }
    trace_add(&w->sum,
              (uint64_t)ua_receive(&w->ua, w->now, text, w->reliable ? 2 : 1, w->reliable));
    w->malformed = false;
    see_events(w);
}

/* Everything once. */
static struct trace play(const struct fuzz_input *in, bool again)
{
    struct world w;
    sipv_framer framer;
    sipv_frame frame;
    size_t at = 0;
    memset(&w, 0, sizeof w);
    w.in = in;
    w.seed = fuzz_number(in);
    w.reliable = in->bits & FUZZ_BIT_STREAM;
    w.judged = !again;
    ua_judge_open(&judge, w.reliable);
    ua_peer_open(&peer);
    const struct ua_settings mine = settings();
    const struct network network = {&w, flow, send, transport, self};
    if (ua_open(&w.ua, &mine, &network) != SIPV_OK)
        return (struct trace){0, true};
    if (in->bits & CALLS_FIRST)
        call_out(&w);
    sipv_framer_init(&framer, SIPV_STRICT, NULL);
    for (unsigned i = 0; i < MESSAGES; i++) {
        if (sipv_framer_feed(&framer, in->p + at, in->n - at, &frame) != SIPV_OK)
            break;
        const sipv_slice text = sipv_slice_of(in->p + at + frame.skip, frame.n);
        receive(&w, in->bits & MEETS ? ua_peer_says(&peer, &w.seed, text) : text);
        act(&w);
        at += frame.skip + frame.n;
        go_on(&w, w.now + fuzz_draw(&w.seed) % 2000);
    }
    settle(&w);
    ua_close(&w.ua);
    return (struct trace){w.sum, true};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return trace_twice(data, size, play);
}
