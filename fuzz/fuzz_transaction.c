/* A table of transactions (RFC 3261 section 17, RFC 6026) on a stream of messages, with time.
 *
 * Each message of the stream goes in as received or, with bit OWN, every second request as one that
 * the TU sends.  What is passed up the TU may answer; between messages time goes on, at last until
 * nothing is left.  The number says how the TU answers and how time goes on.
 *
 * Oracles: states (only transitions that the figures allow; at most one final response is sent for
 * a server transaction; nothing is retransmitted over a reliable transport; no timer fires later
 * than its time; in the end the table is empty; the same octets give the same trace); slices (what
 * is sent is a message of the grammar); allocation (every block is free again).
 *
 * Bits: INTEROP; STREAM: the transport is reliable; OWN: see above. */
#include <stdlib.h>
#include <string.h>

#include <compose.h>
#include <transactions.h>

#include "allocations.h"
#include "message.h"

enum { AS_CLIENT = FUZZ_BIT_OWN };
enum { MESSAGES = 16, ENTRIES = 8, STEPS = 4096, KNOWN = 64, LONGEST = 1 << 16 };

/* What is known of one transaction. */
struct seen {
    transaction_id id;
    enum transaction_kind kind;
    enum transaction_state state;
    unsigned finals; /* final responses that the TU has given */
};

struct world {
    const struct fuzz_input *in;
    struct transactions t;
    uint64_t now, seed, sum; /* sum: of the trace */
    bool reliable;
    struct seen seen[KNOWN];
    size_t n_seen;
};

static struct fuzz_message incoming, made;
static unsigned char room[LONGEST];

/* ---- What is known -----------------------------------------------------------------------------
 */

static struct seen *known(struct world *w, transaction_id id, enum transaction_kind kind)
{
    for (size_t i = 0; i < w->n_seen; i++)
        if (w->seen[i].id == id)
            return &w->seen[i];
    struct seen *s = &w->seen[w->n_seen < KNOWN ? w->n_seen++ : KNOWN - 1];
    *s = (struct seen){id, kind, STATE_INITIAL, 0};
    return s;
}

/* Is there a way of arcs from one state to the other?  Several may have been gone since. */
static bool reaches(const struct machine *m, enum transaction_state from, enum transaction_state to)
{
    bool can[TRANSACTION_STATES] = {false};
    can[from] = true;
    for (size_t round = 0; round < TRANSACTION_STATES; round++)
        for (size_t i = 0; i < m->n; i++)
            if (can[m->arcs[i].state])
                can[m->arcs[i].next] = true;
    return can[to];
}

static void look_at(struct world *w, transaction_id id, enum transaction_kind kind)
{
    struct seen *s = known(w, id, kind);
    const enum transaction_state now = transactions_state(&w->t, id);
    FUZZ_CHECK(states, s->kind == kind, "a transaction becomes one of another kind");
    /* who gives a transaction up may do so in any state */
    FUZZ_CHECK(states, now == STATE_TERMINATED || reaches(machine_of(kind), s->state, now),
               "a transition that no figure has");
    s->state = now;
}

static void add_to_trace(struct world *w, uint64_t value)
{
    w->sum = (w->sum ^ value) * 0x100000001b3u;
}

/* ---- Actions -----------------------------------------------------------------------------------
 */

static void check_sent(struct world *w, const struct action *a)
{
    const sipv_options options = {.profile = SIPV_INTEROP, .explainer = fuzz_explainer()};
    fuzz_message_parse(&made, a->octets, &options);
    FUZZ_CHECK(slices, made.m.kind != SIPV_NO_MESSAGE && made.m.octets == a->octets.n,
               "what is sent is no message");
    for (size_t i = 0; i < a->octets.n; i++)
        add_to_trace(w, a->octets.p[i]);
}

/* The TU answers with one provisional or final response, or not at all. */
static void answer(struct world *w, transaction_id id, sipv_message *request)
{
    static const int statuses[] = {100, 180, 200, 302, 404, 486, 503, 603};
    const sipv_options options = {.profile = SIPV_INTEROP, .explainer = fuzz_explainer()};
    struct compose c = {room, sizeof room, 0};
    const uint64_t drawn = fuzz_draw(&w->seed);
    const int status = statuses[drawn % 8];
    if (drawn >> 8 & 1)
        return;
    compose_response(&c, request, status, "Words", sipv_slice_text("t"));
    if (c.n > sizeof room || fuzz_message_parse(&made, sipv_slice_of(room, c.n), &options))
        return;
    struct seen *s = known(w, id, INVITE_SERVER);
    const int result = transactions_respond(&w->t, w->now, id, &made.m);
    /* retransmissions of a 2xx are the TU's (RFC 6026) */
    FUZZ_CHECK(states, result != SIPV_OK || status < 200 || s->finals == 0 || status < 300,
               "a second final response is taken");
    s->finals += result == SIPV_OK && status >= 200;
}

static void carry_out(struct world *w)
{
    struct action actions[TRANSACTIONS_ACTIONS];
    const size_t n = w->t.n_actions;
    FUZZ_CHECK(states, n <= TRANSACTIONS_ACTIONS, "more actions than there may be");
    memcpy(actions, w->t.actions, n * sizeof *actions);
    transaction_id passed_up = 0;
    for (size_t i = 0; i < n; i++) {
        const struct action *a = &actions[i];
        add_to_trace(w, a->what);
        if (a->what == ACTION_SEND)
            check_sent(w, a);
        if (a->id)
            look_at(w, a->id, a->kind);
        if (a->what == ACTION_PASS_UP && a->begins)
            passed_up = a->id;
        if (a->what == ACTION_TERMINATED)
            FUZZ_CHECK(states, transactions_state(&w->t, a->id) == STATE_TERMINATED,
                       "what has ended is still there");
    }
    if (passed_up)
        answer(w, passed_up, &incoming.m);
}

/* ---- Time --------------------------------------------------------------------------------------
 */

/* What is due until `until`.  Over a reliable transport nothing is sent again by time alone, but
 * the 100 that the TU has not sent. */
static void go_on(struct world *w, uint64_t until)
{
    for (unsigned steps = 0; transactions_wake(&w->t) <= until; steps++) {
        const uint64_t wake = transactions_wake(&w->t);
        FUZZ_CHECK(states, steps < STEPS, "timers without end");
        w->now = wake > w->now ? wake : w->now;
        if (!transactions_advance(&w->t, w->now))
            continue;
        for (size_t i = 0; i < w->t.n_actions && w->reliable; i++)
            FUZZ_CHECK(states,
                       w->t.actions[i].what != ACTION_SEND || w->t.actions[i].kind == INVITE_SERVER,
                       "a retransmission over a reliable transport");
        add_to_trace(w, w->now);
        carry_out(w);
    }
    if (until != UINT64_MAX)
        w->now = until > w->now ? until : w->now;
}

/* Nobody answers any more: what waits for the TU is given up, the rest ends by time. */
static void settle(struct world *w)
{
    for (size_t i = 0; i < w->n_seen; i++)
        if (transactions_state(&w->t, w->seen[i].id) != STATE_TERMINATED && w->in->bits >> 31)
            transactions_abandon(&w->t, w->seen[i].id);
    go_on(w, w->now + 200 * 1000);
    for (size_t i = 0; i < w->n_seen; i++)
        transactions_abandon(&w->t, w->seen[i].id);
    FUZZ_CHECK(states, w->n_seen == KNOWN || transactions_count(&w->t) == 0,
               "in the end the table is not empty");
    FUZZ_CHECK(states, w->n_seen == KNOWN || transactions_wake(&w->t) == UINT64_MAX,
               "a timer of nothing");
}

/* ---- Messages ----------------------------------------------------------------------------------
 */

static void take(struct world *w, sipv_slice text, const sipv_options *options, bool as_client)
{
    transaction_id id = 0;
    if (fuzz_message_parse(&incoming, text, options) != SIPV_OK)
        return;
    if (as_client && incoming.m.kind == SIPV_REQUEST)
        add_to_trace(
            w, (uint64_t)transactions_request(&w->t, w->now, &incoming.m, 1, w->reliable, 7, &id));
    else
        add_to_trace(w, (uint64_t)transactions_receive(&w->t, w->now, &incoming.m, 1, w->reliable));
    carry_out(w);
    FUZZ_CHECK(states, transactions_count(&w->t) <= ENTRIES, "more than there may be");
}

/* Everything once; the sum over all that has happened. */
static uint64_t play(const struct fuzz_input *in)
{
    struct world w;
    struct transactions_settings settings = transactions_settings_default();
    sipv_limits limits;
    sipv_framer framer;
    sipv_frame frame;
    const sipv_options options = fuzz_options(in, &limits);
    size_t at = 0;
    memset(&w, 0, sizeof w);
    w.in = in;
    w.seed = fuzz_number(in);
    w.reliable = in->bits & FUZZ_BIT_STREAM;
    settings.limits.transactions = ENTRIES;
    settings.limits.octets = 1 << 18;
    if (transactions_open(&w.t, &settings) != SIPV_OK)
        return 0;
    sipv_framer_init(&framer, options.profile, NULL);
    for (unsigned i = 0; i < MESSAGES; i++) {
        if (sipv_framer_feed(&framer, in->p + at, in->n - at, &frame) != SIPV_OK)
            break;
        take(&w, sipv_slice_of(in->p + at + frame.skip, frame.n), &options,
             in->bits & AS_CLIENT && i % 2 == 0);
        at += frame.skip + frame.n;
        go_on(&w, w.now + fuzz_draw(&w.seed) % 2000);
    }
    settle(&w);
    transactions_close(&w.t);
    return w.sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in;
    if (!fuzz_explainer() || !fuzz_open(&in, data, size))
        return 0;
    in.bits &= ~(uint32_t)FUZZ_BIT_LIMITS;
    const int64_t blocks = fuzz_blocks;
    const uint64_t sum = play(&in);
    FUZZ_CHECK(states, play(&in) == sum, "the same octets give another trace");
    FUZZ_CHECK(allocation, fuzz_blocks == blocks, "something leaks");
    fuzz_close(&in);
    return 0;
}
