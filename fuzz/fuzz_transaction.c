/* A table of transactions (RFC 3261 section 17, RFC 6026) on a stream of messages, with time.
 *
 * Each message of the stream goes in as received or, with bit OWN, every second request as one that
 * the TU sends.  What is passed up the TU may answer, at once and later; it may give transactions
 * up, and the transport may fail.  Between messages time goes on, at last until nothing is left.
 * The number says how.
 *
 * Oracles: states (each transaction does what its figure says, states/transaction_judge.h; the TU's
 * responses are taken where the figure takes them; in the end the table is empty; the same octets
 * give the same trace); slices (what is sent is a message of the grammar); allocation (every block
 * is free again).
 *
 * Bits: INTEROP; STREAM: the transport is reliable; LIMITS: there is room for few octets, so that
 * not everything can be done that the figures want; OWN: see above. */
#include <compose.h>
#include <transactions.h>

#include "allocations.h"
#include "oracle.h"
#include "trace.h"
#include "transaction_judge.h"

enum { AS_CLIENT = FUZZ_BIT_OWN };
enum { MESSAGES = 16, ENTRIES = 8, STEPS = 4096, LONGEST = 1 << 16 };
enum { FLOW = 1, USER = 7 };

struct world {
    struct transactions t;
    struct judge judge; /* knows the time */
    uint64_t seed;
};

static struct fuzz_message incoming, made;
static unsigned char room[LONGEST];

/* ---- The TU ------------------------------------------------------------------------------------
 */

static enum figure_event event_of(int status)
{
    return status < 200 ? FIGURE_1XX : status < 300 ? FIGURE_2XX : FIGURE_300_699;
}

/* One response, to a server transaction that there may no longer be. */
static void answer(struct world *w, transaction_id id)
{
    static const int statuses[] = {100, 180, 200, 302, 404, 486, 503, 603};
    const sipv_options options = {.profile = SIPV_INTEROP, .explainer = fuzz_explainer()};
    struct compose c = {room, sizeof room, 0};
    const int status = statuses[fuzz_draw(&w->seed) >> 8 & 7];
    struct judged *s = judge_find(&w->judge, id);
    if (!s->server || fuzz_message_parse(&incoming, transactions_octets_of(&w->t, id), &options))
        return;
    compose_response(&c, &incoming.m, status, "Words", sipv_slice_text("t"));
    if (c.n > sizeof room || fuzz_message_parse(&made, sipv_slice_of(room, c.n), &options))
        return;
    const struct judge_event e = {.from = TU, .what = event_of(status), .id = id};
    const bool taken = judge_takes(s, e.what);
    const int result = transactions_respond(&w->t, w->judge.now, id, &made.m);
    trace_add(&w->judge.sum, (uint64_t)result);
    FUZZ_CHECK(states, !w->judge.strict || result == (taken ? SIPV_OK : SIPV_REJECT),
               "a response is taken, or not, against the figure");
    if (result != SIPV_OK)
        return;
    s->response = said_hash(sipv_slice_of(room, c.n));
    judge_actions(&w->judge);
    judge_call(&w->judge, &e);
}

/* The TU will take its time. */
static void try_on(struct world *w, struct judged *s)
{
    const bool runs = figure_runs(&s->figure, '1');
    const int result = transactions_trying(&w->t, w->judge.now, s->id);
    FUZZ_CHECK(states, !w->judge.strict || result == (runs ? SIPV_OK : SIPV_ABSENT),
               "a 100 is sent, or not, against the figure");
    judge_actions(&w->judge);
    if (result == SIPV_OK)
        judge_fired(&w->judge, s, '1');
}

/* Something is done to one of the transactions, or nothing. */
static void act(struct world *w)
{
    const uint64_t drawn = fuzz_draw(&w->seed);
    if (w->judge.n_known == 0)
        return;
    struct judged *s = &w->judge.known[(drawn >> 16) % w->judge.n_known];
    const struct judge_event e = {.from = TU, .what = FIGURE_ERROR, .id = s->id};
    if (!judge_is_alive(s) || transactions_state(&w->t, s->id) == STATE_TERMINATED)
        return;
    switch (drawn % 8) {
    case 0:
    case 1:
    case 2: answer(w, s->id); break;
    case 3:
        trace_add(&w->judge.sum,
                  (uint64_t)transactions_transport_error(&w->t, w->judge.now, s->id));
        judge_actions(&w->judge);
        judge_call(&w->judge, &e);
        break;
    case 4: try_on(w, s); break;
    case 5:
        if (drawn >> 8 & 1) {
            transactions_abandon(&w->t, s->id);
            s->figure.state = STATE_TERMINATED;
        }
        break;
    default:;
    }
}

/* ---- Time --------------------------------------------------------------------------------------
 */

/* What is due until `until`. */
static void go_on(struct world *w, uint64_t until)
{
    static const struct judge_event fired = {.from = TIMER};
    for (unsigned steps = 0; transactions_wake(&w->t) <= until; steps++) {
        const uint64_t wake = transactions_wake(&w->t);
        FUZZ_CHECK(states, steps < STEPS, "timers without end");
        w->judge.now = wake > w->judge.now ? wake : w->judge.now;
        if (!transactions_advance(&w->t, w->judge.now))
            continue;
        trace_add(&w->judge.sum, w->judge.now);
        judge_actions(&w->judge);
        judge_call(&w->judge, &fired);
    }
    w->judge.now = until > w->judge.now ? until : w->judge.now;
}

/* Nobody answers any more: what waits for the TU is given up, the rest ends by time. */
static void settle(struct world *w)
{
    go_on(w, w->judge.now + 200 * 1000);
    for (size_t i = 0; i < w->judge.n_known; i++)
        transactions_abandon(&w->t, w->judge.known[i].id);
    FUZZ_CHECK(states, transactions_count(&w->t) == 0, "in the end the table is not empty");
    FUZZ_CHECK(states, transactions_wake(&w->t) == UINT64_MAX, "a timer of nothing");
}

/* ---- Messages ----------------------------------------------------------------------------------
 */

/* The TU sends a request. */
static void ask(struct world *w)
{
    transaction_id id = 0;
    const int result =
        transactions_request(&w->t, w->judge.now, &incoming.m, FLOW, w->judge.reliable, USER, &id);
    trace_add(&w->judge.sum, (uint64_t)result);
    if (result != SIPV_OK)
        return;
    const unsigned wanted = judge_begin(&w->judge, id, false, &incoming.m);
    judge_actions(&w->judge);
    if (incoming.m.method_id == SIPV_M_CANCEL)
        judge_cancelled(&w->judge);
    judge_begun(&w->judge, wanted, w->judge.known[w->judge.n_known - 1].done);
}

static void receive(struct world *w)
{
    struct said said;
    const int result =
        transactions_receive(&w->t, w->judge.now, &incoming.m, FLOW, w->judge.reliable);
    trace_add(&w->judge.sum, (uint64_t)result);
    said_read(&said, &incoming.m);
    const struct judge_event e = {.from = MESSAGE,
                                  .what = said.kind == SIPV_RESPONSE  ? event_of(said.status)
                                          : said.method == SIPV_M_ACK ? FIGURE_ACK
                                                                      : FIGURE_REQUEST,
                                  .message = &said};
    const transaction_id begun = judge_actions(&w->judge);
    if (begun == 0) {
        judge_call(&w->judge, &e);
        return;
    }
    judge_begun(&w->judge, judge_begin(&w->judge, begun, true, &incoming.m), FIGURE_TO_TU);
    if (fuzz_draw(&w->seed) & 1)
        answer(w, begun);
}

static void take(struct world *w, sipv_slice text, const sipv_options *options, bool as_client)
{
    if (fuzz_message_parse(&incoming, text, options) != SIPV_OK)
        return;
    if (as_client && incoming.m.kind == SIPV_REQUEST)
        ask(w);
    else
        receive(w);
    FUZZ_CHECK(states, transactions_count(&w->t) <= ENTRIES, "more than there may be");
}

/* Everything once; the sum over all that has happened. */
static uint64_t play(const struct fuzz_input *in, const sipv_options *options, bool limits)
{
    static struct world w;
    struct transactions_settings settings = transactions_settings_default();
    sipv_framer framer;
    sipv_frame frame;
    size_t at = 0;
    w.seed = fuzz_number(in);
    judge_open(&w.judge, &w.t, in->bits & FUZZ_BIT_STREAM, !limits);
    settings.limits.transactions = ENTRIES;
    settings.limits.octets = limits ? 1 << 12 : 1 << 20;
    if (transactions_open(&w.t, &settings) != SIPV_OK)
        return 0;
    sipv_framer_init(&framer, options->profile, NULL);
    for (unsigned i = 0; i < MESSAGES; i++) {
        if (sipv_framer_feed(&framer, in->p + at, in->n - at, &frame) != SIPV_OK)
            break;
        take(&w, sipv_slice_of(in->p + at + frame.skip, frame.n), options,
             in->bits & AS_CLIENT && i % 2 == 0);
        at += frame.skip + frame.n;
        go_on(&w, w.judge.now + fuzz_draw(&w.seed) % 2000);
        act(&w);
    }
    settle(&w);
    transactions_close(&w.t);
    return w.judge.sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in;
    sipv_limits unused;
    if (!fuzz_explainer() || !fuzz_open(&in, data, size))
        return 0;
    const bool limits = in.bits & FUZZ_BIT_LIMITS;
    in.bits &= ~(uint32_t)FUZZ_BIT_LIMITS;
    const sipv_options options = fuzz_options(&in, &unused);
    const int64_t blocks = fuzz_blocks;
    const uint64_t sum = play(&in, &options, limits);
    FUZZ_CHECK(states, play(&in, &options, limits) == sum, "the same octets give another trace");
    FUZZ_CHECK(allocation, fuzz_blocks == blocks, "something leaks");
    fuzz_close(&in);
    return 0;
}
