/* A user agent on a stream of messages, with time.
 *
 * Each message of the stream goes in as received.  With bit OWN the user agent first makes a call
 * and a request, so that responses have something to answer, if they have the right words.  Calls
 * that come in are answered, refused or left alone, and any call may be ended, as the number says.
 *
 * Oracles: states (every call that began ends once; the final event of a request comes once; when
 * all have hung up and time has gone on nothing is left; the same octets give the same trace);
 * slices (what is sent is a message that is accepted); allocation (every block is free again).
 *
 * Bits: STREAM: the transport is reliable; OWN: see above; 2 OWN: some incoming calls are answered.
 */
#include <string.h>

#include <ua.h>

#include "allocations.h"
#include "message.h"

enum { CALLS_FIRST = FUZZ_BIT_OWN, ANSWERS = 2 * FUZZ_BIT_OWN };
enum { MESSAGES = 16, CALLS = 8, KNOWN = 64, STEPS = 4096 };

struct world {
    const struct fuzz_input *in;
    struct ua ua;
    uint64_t now, seed, sum; /* sum: of the trace */
    bool reliable;
    ua_call_id calls[KNOWN]; /* that began and have not ended */
    size_t n_calls;
    unsigned asked, told; /* requests outside of dialogs, and their final responses */
};

static struct fuzz_message made;

static void add_to_trace(struct world *w, uint64_t value)
{
    w->sum = (w->sum ^ value) * 0x100000001b3u;
}

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

/* ---- Events ------------------------------------------------------------------------------------
 */

static void check_sent(struct world *w, const struct ua_event *e)
{
    const sipv_options options = {.profile = SIPV_INTEROP, .explainer = fuzz_explainer()};
    FUZZ_CHECK(slices, fuzz_message_parse(&made, e->octets, &options) == SIPV_OK,
               "what is sent is not accepted");
    FUZZ_CHECK(slices, made.m.octets == e->octets.n, "what is sent has something behind it");
    for (size_t i = 0; i < e->octets.n; i++)
        add_to_trace(w, e->octets.p[i]);
}

static void see_events(struct world *w)
{
    FUZZ_CHECK(states, w->ua.n_events <= UA_EVENTS, "more events than there may be");
    for (size_t i = 0; i < w->ua.n_events; i++) {
        const struct ua_event *e = &w->ua.events[i];
        add_to_trace(w, e->what);
        add_to_trace(w, (uint64_t)(unsigned)e->status);
        switch (e->what) {
        case UA_SEND: check_sent(w, e); break;
        case UA_INCOMING: begin(w, e->call); break;
        case UA_ENDED: end(w, e->call); break;
        case UA_RESPONSE:
            w->told++;
            FUZZ_CHECK(states, w->told <= w->asked, "a request is answered twice");
            FUZZ_CHECK(states, e->status >= 200, "a provisional response ends a request");
            break;
        default:;
        }
    }
}

/* ---- What the user does ------------------------------------------------------------------------
 */

static void call_out(struct world *w)
{
    ua_call_id call;
    if (ua_invite(&w->ua, w->now, "sip:una@elm.example", 1, sipv_slice_of(NULL, 0), &call) ==
        SIPV_OK) {
        begin(w, call);
        see_events(w);
    }
    if (ua_request(&w->ua, w->now, "OPTIONS", "sip:una@elm.example", "sip:una@elm.example", "", 1,
                   7) == SIPV_OK) {
        w->asked++;
        see_events(w);
    }
}

/* Something happens to one of the calls, or nothing. */
static void act(struct world *w)
{
    static const int statuses[] = {180, 183, 200, 200, 302, 486, 503, 603};
    const uint64_t drawn = fuzz_draw(&w->seed);
    if (w->n_calls == 0 || !(w->in->bits & ANSWERS))
        return;
    const ua_call_id call = w->calls[drawn % w->n_calls];
    if (drawn >> 16 & 3)
        ua_answer(&w->ua, w->now, call, statuses[drawn >> 24 & 7], sipv_slice_of(NULL, 0));
    else
        ua_hang_up(&w->ua, w->now, call);
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
        if (ua_advance(&w->ua, w->now))
            see_events(w);
        add_to_trace(w, w->now);
    }
    w->now = until;
}

/* Everybody hangs up, until nothing is left. */
static void settle(struct world *w)
{
    for (unsigned round = 0; round < 3; round++) {
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

static struct ua_settings settings_for(const struct world *w)
{
    struct ua_settings s = ua_settings_default();
    s.transactions.limits.transactions = 4 * CALLS;
    s.transactions.limits.octets = 1 << 18;
    s.dialogs.dialogs = 2 * CALLS;
    s.calls = CALLS;
    s.user = "una";
    s.host = "elm.example";
    s.reliable = w->reliable;
    s.seed[0] = 7;
    return s;
}

/* Everything once; the sum over all that has happened. */
static uint64_t play(const struct fuzz_input *in)
{
    struct world w;
    sipv_framer framer;
    sipv_frame frame;
    size_t at = 0;
    memset(&w, 0, sizeof w);
    w.in = in;
    w.seed = fuzz_number(in);
    w.reliable = in->bits & FUZZ_BIT_STREAM;
    const struct ua_settings settings = settings_for(&w);
    if (ua_open(&w.ua, &settings) != SIPV_OK)
        return 0;
    if (in->bits & CALLS_FIRST)
        call_out(&w);
    sipv_framer_init(&framer, SIPV_STRICT, NULL);
    for (unsigned i = 0; i < MESSAGES; i++) {
        if (sipv_framer_feed(&framer, in->p + at, in->n - at, &frame) != SIPV_OK)
            break;
        const sipv_slice text = sipv_slice_of(in->p + at + frame.skip, frame.n);
        add_to_trace(&w, (uint64_t)ua_receive(&w.ua, w.now, text, 1, w.reliable));
        see_events(&w);
        act(&w);
        at += frame.skip + frame.n;
        go_on(&w, w.now + fuzz_draw(&w.seed) % 2000);
    }
    settle(&w);
    ua_close(&w.ua);
    return w.sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in;
    if (!fuzz_explainer() || !fuzz_open(&in, data, size))
        return 0;
    const int64_t blocks = fuzz_blocks;
    const uint64_t sum = play(&in);
    FUZZ_CHECK(states, play(&in) == sum, "the same octets give another trace");
    FUZZ_CHECK(allocation, fuzz_blocks == blocks, "something leaks");
    fuzz_close(&in);
    return 0;
}
