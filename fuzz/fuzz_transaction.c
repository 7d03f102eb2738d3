/* A table of transactions (RFC 3261 section 17, RFC 6026) on a stream of messages, with time.
 *
 * Each message of the stream goes in as received or, with bit OWN, every second request as one that
 * the TU sends.  What is passed up the TU may answer, at once and later; it may give transactions
 * up, and the transport may fail.  Between messages time goes on, at last until nothing is left.
 * The number says how.
 *
 * Oracles: states (each transaction does what its figure says, states/figures.h: the same arrows,
 * the same actions along them, each timer at its time and none else; what is sent again is what was
 * sent; the TU's responses are taken where the figure takes them; in the end the table is empty;
 * the same octets give the same trace); slices (what is sent is a message of the grammar);
 * allocation (every block is free again).
 *
 * Bits: INTEROP; STREAM: the transport is reliable; LIMITS: there is room for few octets, so that
 * not everything can be done that the figures want; OWN: see above. */
#include <string.h>

#include <compose.h>
#include <transactions.h>

#include "allocations.h"
#include "figures.h"
#include "said.h"
#include "trace.h"

enum { AS_CLIENT = FUZZ_BIT_OWN };
enum { MESSAGES = 16, ENTRIES = 8, STEPS = 4096, KNOWN = 64, LONGEST = 1 << 16 };
enum { FLOW = 1, USER = 7 };

/* What is known of one transaction. */
struct seen {
    transaction_id id;
    struct figure figure;
    bool server, cookie;
    uint64_t via, method;            /* topmost Via and method of its request */
    uint64_t request, response, ack; /* hashes of what is sent; 0: nothing yet */
    unsigned done;                   /* in the call that is being judged */
};

/* What has just happened, for all transactions but those it is not about. */
struct event {
    enum { TIMER, MESSAGE, TU } from;
    enum figure_event what; /* but of a timer */
    const struct said *message;
    transaction_id id; /* of what the TU or the transport says */
};

struct world {
    const struct fuzz_input *in;
    struct transactions t;
    uint64_t now, seed, sum; /* sum: of the trace */
    bool reliable;
    bool judged; /* by the figures */
    struct seen seen[KNOWN];
    size_t n_seen;
};

static struct fuzz_message incoming, made;
static unsigned char room[LONGEST];

/* ---- What is known -----------------------------------------------------------------------------
 */

static bool is_alive(const struct seen *s)
{
    return s->figure.state != STATE_TERMINATED;
}

static struct seen *known(struct world *w, transaction_id id)
{
    for (size_t i = 0; i < w->n_seen; i++)
        if (w->seen[i].id == id)
            return &w->seen[i];
    return NULL;
}

/* A transaction has begun with `request`; what it had to do for that. */
static unsigned begin(struct world *w, transaction_id id, bool server, const sipv_message *request)
{
    const bool invite = request->method_id == SIPV_M_INVITE;
    const enum transaction_kind kind = server   ? invite ? INVITE_SERVER : NON_INVITE_SERVER
                                       : invite ? INVITE_CLIENT
                                                : NON_INVITE_CLIENT;
    struct said said;
    FUZZ_CHECK(states, w->n_seen < KNOWN, "more transactions than messages");
    FUZZ_CHECK(states, id != 0 && !known(w, id), "two transactions have one name");
    said_read(&said, request);
    struct seen *s = &w->seen[w->n_seen++];
    memset(s, 0, sizeof *s);
    s->id = id;
    s->server = server;
    s->cookie = said.cookie;
    s->via = said.vias.value[0];
    s->method = said.name;
    s->request = said_hash(sipv_slice_of(request->data.p, request->octets));
    return figure_begin(&s->figure, kind, w->reliable, w->now);
}

/* Is the message for this transaction, beyond doubt?  RFC 3261 sections 17.1.3 and 17.2.3. */
static bool is_for(const struct seen *s, const struct said *m)
{
    const uint64_t method = m->kind == SIPV_REQUEST && m->method == SIPV_M_ACK
                                ? said_hash(sipv_slice_text("INVITE"))
                                : m->name;
    return s->server == (m->kind == SIPV_REQUEST) && s->cookie && m->cookie && m->vias.n > 0 &&
           s->via == m->vias.value[0] && s->method == method;
}

/* ---- Actions -----------------------------------------------------------------------------------
 */

static unsigned check_response(struct seen *s, uint64_t hash)
{
    FUZZ_CHECK(states, s->response || made.m.status == 100, "a response that nobody has given");
    FUZZ_CHECK(states, !s->response || s->response == hash, "another response is sent again");
    s->response = hash;
    return FIGURE_SENDS_RESPONSE;
}

/* RFC 3261 section 17.1.1.3. */
static unsigned check_ack(struct seen *s, uint64_t hash)
{
    struct said said;
    said_read(&said, &made.m);
    FUZZ_CHECK(states, said.vias.n == 1 && said.vias.value[0] == s->via,
               "an ACK has another Via than its INVITE");
    FUZZ_CHECK(states, !s->ack || s->ack == hash, "another ACK is sent again");
    s->ack = hash;
    return FIGURE_SENDS_ACK;
}

/* Something is sent; which of the figures' words that is. */
static unsigned look_at_sent(struct world *w, struct seen *s, sipv_slice octets)
{
    const sipv_options options = {.profile = SIPV_INTEROP, .explainer = fuzz_explainer()};
    const uint64_t hash = said_hash(octets);
    trace_add(&w->sum, hash);
    fuzz_message_index(&made, octets, &options);
    FUZZ_CHECK(slices, made.m.kind != SIPV_NO_MESSAGE && made.m.octets == octets.n,
               "what is sent is no message");
    if (!s || !w->judged)
        return 0;
    if (made.m.kind == SIPV_RESPONSE)
        return check_response(s, hash);
    if (made.m.method_id == SIPV_M_ACK)
        return check_ack(s, hash);
    FUZZ_CHECK(states, hash == s->request, "another request is sent again");
    return FIGURE_SENDS_REQUEST;
}

/* Adds what has been done to the transactions; the one that has begun and was passed up, or 0. */
static transaction_id look_at_actions(struct world *w)
{
    static const unsigned words[] = {[ACTION_PASS_UP] = FIGURE_TO_TU,
                                     [ACTION_TIMEOUT] = FIGURE_TIMEOUT,
                                     [ACTION_ERROR] = FIGURE_TROUBLE,
                                     [ACTION_TERMINATED] = FIGURE_DESTROYED};
    transaction_id begun = 0;
    FUZZ_CHECK(states, w->t.n_actions <= TRANSACTIONS_ACTIONS, "more actions than there may be");
    for (size_t i = 0; i < w->t.n_actions; i++) {
        const struct action *a = &w->t.actions[i];
        struct seen *s = a->id ? known(w, a->id) : NULL;
        trace_add(&w->sum, a->what);
        if (a->what == ACTION_PASS_UP && a->begins)
            begun = a->id;
        FUZZ_CHECK(states, a->id == 0 || s || begun == a->id, "an action of no transaction");
        const unsigned word =
            a->what == ACTION_SEND ? look_at_sent(w, s, a->octets) : words[a->what];
        if (!s || !w->judged)
            continue;
        FUZZ_CHECK(states, a->kind == s->figure.kind, "a transaction becomes one of another kind");
        FUZZ_CHECK(states, !(s->done & word), "something is done twice");
        s->done |= word;
    }
    return begun;
}

/* ---- Against the figures -----------------------------------------------------------------------
 */

static bool is_about(const struct seen *s, const struct event *e)
{
    return e->from == MESSAGE ? is_for(s, e->message) : e->from == TU && e->id == s->id;
}

/* An arrow of this transaction's figure, if the event is about it; else it must be as it was. */
static void judge_one(struct world *w, struct seen *s, const struct event *e)
{
    const enum transaction_state state = transactions_state(&w->t, s->id);
    const bool touched = s->done || state != s->figure.state;
    const char timer = figure_due(&s->figure, w->now);
    unsigned done = 0;
    if (!touched && !is_about(s, e))
        return;
    const bool goes = e->from == TIMER ? timer && figure_fires(&s->figure, w->now, timer, &done)
                                       : figure_happens(&s->figure, w->now, e->what, &done);
    FUZZ_CHECK(states, goes || !touched, "a transition that no figure has");
    FUZZ_CHECK(states, state == s->figure.state, "a state that is not the figure's");
    FUZZ_CHECK(states, s->done == done, "what is done is not what the figure says");
}

/* After a call with all its actions. */
static void judge(struct world *w, const struct event *e)
{
    uint64_t wake = UINT64_MAX;
    if (!w->judged)
        return;
    for (size_t i = 0; i < w->n_seen; i++) {
        struct seen *s = &w->seen[i];
        if (is_alive(s))
            judge_one(w, s, e);
        if (is_alive(s) && figure_wake(&s->figure) < wake)
            wake = figure_wake(&s->figure);
        s->done = 0;
    }
    FUZZ_CHECK(states, transactions_wake(&w->t) == wake, "a timer has another length");
}

/* One that has begun has done that, and nothing else has happened. */
static void judge_begun(struct world *w, unsigned wanted, unsigned done)
{
    static const struct event nothing = {.from = TU, .id = 0};
    if (!w->judged)
        return;
    FUZZ_CHECK(states, done == wanted, "what begins does not do what the figure says");
    w->seen[w->n_seen - 1].done = 0;
    judge(w, &nothing);
}

/* ---- The TU ------------------------------------------------------------------------------------
 */

/* Would the figure take a response of this kind? */
static bool takes(const struct seen *s, enum figure_event what)
{
    struct figure copy = s->figure;
    unsigned done;
    return figure_happens(&copy, 0, what, &done) && done & FIGURE_SENDS_RESPONSE;
}

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
    struct seen *s = known(w, id);
    if (!s->server || fuzz_message_parse(&incoming, transactions_octets_of(&w->t, id), &options))
        return;
    compose_response(&c, &incoming.m, status, "Words", sipv_slice_text("t"));
    if (c.n > sizeof room || fuzz_message_parse(&made, sipv_slice_of(room, c.n), &options))
        return;
    const struct event e = {.from = TU, .what = event_of(status), .id = id};
    const bool taken = takes(s, e.what);
    const int result = transactions_respond(&w->t, w->now, id, &made.m);
    trace_add(&w->sum, (uint64_t)result);
    FUZZ_CHECK(states, !w->judged || result == (taken ? SIPV_OK : SIPV_REJECT),
               "a response is taken, or not, against the figure");
    if (result != SIPV_OK)
        return;
    s->response = said_hash(sipv_slice_of(room, c.n));
    look_at_actions(w);
    judge(w, &e);
}

/* The TU will take its time. */
static void try_on(struct world *w, struct seen *s)
{
    const bool runs = figure_runs(&s->figure, '1');
    const int result = transactions_trying(&w->t, w->now, s->id);
    FUZZ_CHECK(states, !w->judged || result == (runs ? SIPV_OK : SIPV_ABSENT),
               "a 100 is sent, or not, against the figure");
    look_at_actions(w);
    if (result != SIPV_OK || !w->judged)
        return;
    unsigned done;
    figure_fires(&s->figure, w->now, '1', &done);
    FUZZ_CHECK(states, s->done == done, "what is done is not what the figure says");
    s->done = 0;
}

/* Something is done to one of the transactions, or nothing. */
static void act(struct world *w)
{
    const uint64_t drawn = fuzz_draw(&w->seed);
    if (w->n_seen == 0)
        return;
    struct seen *s = &w->seen[(drawn >> 16) % w->n_seen];
    const struct event e = {.from = TU, .what = FIGURE_ERROR, .id = s->id};
    if (!is_alive(s) || transactions_state(&w->t, s->id) == STATE_TERMINATED)
        return;
    switch (drawn % 8) {
    case 0:
    case 1:
    case 2: answer(w, s->id); break;
    case 3:
        trace_add(&w->sum, (uint64_t)transactions_transport_error(&w->t, w->now, s->id));
        look_at_actions(w);
        judge(w, &e);
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
    static const struct event fired = {.from = TIMER};
    for (unsigned steps = 0; transactions_wake(&w->t) <= until; steps++) {
        const uint64_t wake = transactions_wake(&w->t);
        FUZZ_CHECK(states, steps < STEPS, "timers without end");
        w->now = wake > w->now ? wake : w->now;
        if (!transactions_advance(&w->t, w->now))
            continue;
        trace_add(&w->sum, w->now);
        look_at_actions(w);
        judge(w, &fired);
    }
    w->now = until > w->now ? until : w->now;
}

/* Nobody answers any more: what waits for the TU is given up, the rest ends by time. */
static void settle(struct world *w)
{
    go_on(w, w->now + 200 * 1000);
    for (size_t i = 0; i < w->n_seen; i++)
        transactions_abandon(&w->t, w->seen[i].id);
    FUZZ_CHECK(states, transactions_count(&w->t) == 0, "in the end the table is not empty");
    FUZZ_CHECK(states, transactions_wake(&w->t) == UINT64_MAX, "a timer of nothing");
}

/* ---- Messages ----------------------------------------------------------------------------------
 */

/* A CANCEL has begun: its INVITE waits 64*T1 and no longer. */
static void cancel(struct world *w)
{
    const struct seen *own = &w->seen[w->n_seen - 1];
    const uint64_t invite = said_hash(sipv_slice_text("INVITE"));
    unsigned done;
    for (size_t i = 0; i + 1 < w->n_seen; i++) {
        struct seen *s = &w->seen[i];
        if (s->figure.kind == INVITE_CLIENT && s->method == invite && s->via == own->via &&
            is_alive(s) && figure_happens(&s->figure, w->now, FIGURE_CANCEL, &done))
            return;
    }
    w->judged = false; /* its Via is written in other words */
}

/* The TU sends a request. */
static void ask(struct world *w)
{
    transaction_id id = 0;
    const int result =
        transactions_request(&w->t, w->now, &incoming.m, FLOW, w->reliable, USER, &id);
    trace_add(&w->sum, (uint64_t)result);
    if (result != SIPV_OK)
        return;
    const unsigned wanted = begin(w, id, false, &incoming.m);
    look_at_actions(w);
    if (incoming.m.method_id == SIPV_M_CANCEL)
        cancel(w);
    judge_begun(w, wanted, w->seen[w->n_seen - 1].done);
}

static void receive(struct world *w)
{
    struct said said;
    const int result = transactions_receive(&w->t, w->now, &incoming.m, FLOW, w->reliable);
    trace_add(&w->sum, (uint64_t)result);
    said_read(&said, &incoming.m);
    const struct event e = {.from = MESSAGE,
                            .what = said.kind == SIPV_RESPONSE  ? event_of(said.status)
                                    : said.method == SIPV_M_ACK ? FIGURE_ACK
                                                                : FIGURE_REQUEST,
                            .message = &said};
    const transaction_id begun = look_at_actions(w);
    if (begun == 0) {
        judge(w, &e);
        return;
    }
    judge_begun(w, begin(w, begun, true, &incoming.m), FIGURE_TO_TU);
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
    w.in = in;
    w.now = w.sum = 0;
    w.n_seen = 0;
    w.seed = fuzz_number(in);
    w.reliable = in->bits & FUZZ_BIT_STREAM;
    w.judged = !limits;
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
        go_on(&w, w.now + fuzz_draw(&w.seed) % 2000);
        act(&w);
    }
    settle(&w);
    transactions_close(&w.t);
    return w.sum;
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
