/* A proxy between its neighbours, on a stream of messages, with time.
 *
 * Each request of the stream goes in as received from upstream; over UDP what cannot be framed is
 * one more message.  Each response goes in as one to a request that the proxy has sent, with bit
 * LITERAL as it is.  With bit PEERS those to whom the proxy sends a request answer by themselves,
 * send it back to the proxy, or cannot be reached, and whoever is asked for credentials sends them,
 * as the number says.  Between messages time goes on, at last until nothing is left.
 *
 * Oracles: states (what witness.h says of all that comes out; no timer outlives its horizon; in the
 * end nothing is left; the same octets at the same times give the same octets and times); slices
 * (what is sent is a message that is accepted); allocation (every block is free again, with bit
 * MEMORY too, where one allocation fails).  To run twice takes time, so one number in four does,
 * and who seems to leak.
 *
 * Bits: INTEROP; STREAM: upstream is reached by TCP; LIMITS: there is little room; and those of
 * site.h. */
#include <openssl/err.h>
#include <string.h>

#include "allocations.h"
#include "neighbours.h"
#include "peers.h"
#include "site.h"
#include "trace.h"

enum { MESSAGES = 16, FLOWS = 12, STEPS = 4096, LONGEST = 32768 };
enum { UP_UDP = 1, UP_TCP, UP_TLS }; /* flows of upstream */

/* What happens to the proxy, in order: so that it can happen once more. */
struct step {
    enum { RECEIVE, ADVANCE, FAIL, STOP } what;
    uint64_t now, flow;
    sipv_slice octets;
};

struct world {
    const struct fuzz_input *in;
    struct site site;
    struct hop hops[FLOWS];
    size_t n_flows;
    uint64_t now, seed, sum; /* sum: of what comes out */
    bool judged;             /* a witness sees it */
    struct neighbours neighbours;
};

static struct witness witness;
static struct step steps[STEPS];
static size_t n_steps;
static struct fuzz_message incoming;
static unsigned char room[LONGEST];

static uint64_t drawn(struct world *w, uint64_t below)
{
    return (fuzz_draw(&w->seed) >> 16) % below;
}

/* ---- The network -------------------------------------------------------------------------------
 */

static enum hop_transport transport(void *with, uint64_t flow)
{
    const struct world *w = with;
    return flow && flow <= w->n_flows ? w->hops[flow - 1].transport : HOP_UDP;
}

static uint64_t flow_to(void *with, const struct hop *to)
{
    struct world *w = with;
    for (size_t i = 0; i < w->n_flows; i++)
        if (hop_equal(&w->hops[i], to))
            return i + 1;
    if (w->n_flows == FLOWS)
        return 0;
    w->hops[w->n_flows++] = *to;
    return w->n_flows;
}

static int self(void *with, enum hop_transport over, struct hop *out)
{
    (void)with;
    return hop_of_host(over, sipv_slice_text(SITE_HOST), over == HOP_TLS ? 5061 : 5060, out);
}

static struct witness_flow described(struct world *w, uint64_t flow)
{
    const enum hop_transport over = transport(w, flow);
    return (struct witness_flow){
        .id = flow,
        .reliable = hop_reliable(over),
        .secure = over == HOP_TLS,
        .upstream = flow <= UP_TLS,
        .hop = &w->hops[flow - 1],
    };
}

static void send(void *with, uint64_t to, sipv_slice octets)
{
    struct world *w = with;
    trace_add(&w->sum, to);
    trace_add(&w->sum, w->now);
    trace_add(&w->sum, said_hash(octets));
    if (!w->judged)
        return;
    const size_t branches = witness.n_branches, replies = witness.n_replies;
    const struct witness_flow flow = described(w, to);
    witness_out(&witness, &flow, octets);
    if (!(w->in->bits & SITE_PEERS))
        return;
    if (witness.n_branches > branches)
        neighbours_asked(&w->neighbours, branches);
    else if (witness.n_replies > replies)
        neighbours_answered(&w->neighbours, replies, octets);
}

/* ---- What happens to the proxy -----------------------------------------------------------------
 */

static void take_step(struct world *w, const struct step *s)
{
    const struct element *e = &w->site.element;
    w->now = s->now;
    switch (s->what) {
    case RECEIVE:
        e->receive(e->self, s->now, s->flow, hop_reliable(transport(w, s->flow)), s->octets);
        break;
    case ADVANCE: e->advance(e->self, s->now); break;
    case FAIL: e->failed(e->self, s->now, s->flow); break;
    case STOP: proxy_stop(&w->site.proxy, s->now); break;
    }
    trace_add(&w->sum, e->wake(e->self));
}

/* Once now, and once more when all is over. */
static void step(struct world *w, struct step s)
{
    s.now = w->now;
    if (n_steps < STEPS)
        steps[n_steps] = s;
    n_steps++;
    take_step(w, &s);
}

static void receive(struct world *w, uint64_t flow, sipv_slice octets)
{
    const sipv_options options = {.profile = witness.rules.profile, .explainer = fuzz_explainer()};
    const struct witness_flow by = described(w, flow);
    const int result = fuzz_message_parse(&incoming, octets, &options);
    witness_in(&witness, w->now, &by, &incoming.m, result == SIPV_OK);
    step(w, (struct step){.what = RECEIVE, .flow = flow, .octets = octets});
    witness_after(&witness);
}

/* ---- What neighbours do ------------------------------------------------------------------------
 */

static void act(struct world *w)
{
    struct neighbour_act a;
    const uint64_t at = neighbours_next(&w->neighbours);
    w->now = at > w->now ? at : w->now;
    fuzz_pass_allocations(1);
    const bool acts = neighbours_act(&w->neighbours, &a);
    fuzz_pass_allocations(0);
    if (!acts)
        return;
    if (a.octets.p) {
        receive(w, a.flow, a.octets);
        return;
    }
    witness_failed(&witness, w->now, a.flow);
    step(w, (struct step){.what = FAIL, .flow = a.flow});
}

/* ---- Time --------------------------------------------------------------------------------------
 */

static void advance(struct world *w, uint64_t wake)
{
    w->now = wake > w->now ? wake : w->now;
    witness_time(&witness, w->now);
    step(w, (struct step){.what = ADVANCE});
    FUZZ_CHECK(states, w->site.element.wake(w->site.element.self) > w->now,
               "a timer has fired and is due");
}

/* Timers and errands until then, or until there are no more. */
static void go_on(struct world *w, uint64_t until)
{
    for (;;) {
        const uint64_t wake = w->site.element.wake(w->site.element.self);
        const uint64_t errand = neighbours_next(&w->neighbours);
        FUZZ_CHECK(states, wake == UINT64_MAX || wake <= w->now + SITE_TIMER_C_MS,
                   "a timer outlives its horizon");
        FUZZ_CHECK(states, n_steps < 2 * STEPS, "timers without end");
        if ((wake < errand ? wake : errand) > until || (wake & errand) == UINT64_MAX)
            break;
        if (wake <= errand)
            advance(w, wake);
        else
            act(w);
    }
    if (until != UINT64_MAX)
        w->now = until > w->now ? until : w->now;
}

/* Nothing comes any more. */
static void settle(struct world *w)
{
    go_on(w, UINT64_MAX);
    FUZZ_CHECK(states, proxy_unanswered(&w->site.proxy) == 0, "a request gets no final response");
    FUZZ_CHECK(states, proxy_contexts(&w->site.proxy) == 0, "a request that is forwarded is kept");
    FUZZ_CHECK(states, proxy_branches(&w->site.proxy) == 0, "a branch is kept");
    FUZZ_CHECK(states, proxy_transactions(&w->site.proxy) == 0, "a transaction is kept");
    FUZZ_CHECK(states, proxy_octets(&w->site.proxy) == 0, "octets are kept");
    FUZZ_CHECK(states, !w->site.registrar.table || registrar_count(&w->site.registrar) == 0,
               "a registration is kept");
    witness_end(&witness);
}

/* ---- Opening -----------------------------------------------------------------------------------
 */

static const char *const upstream[] = {"udp:oak.example", "tcp:oak.example", "tls:oak.example"};

/* Memory may run out before it is open. */
static bool open_world(struct world *w, const struct fuzz_input *in)
{
    memset(w, 0, sizeof *w);
    w->in = in;
    w->seed = fuzz_number(in);
    for (size_t i = 0; i < sizeof upstream / sizeof *upstream; i++)
        hop_of_text(sipv_slice_text(upstream[i]), &w->hops[w->n_flows++]);
    neighbours_open(&w->neighbours, &witness, &w->seed);
    if (in->bits & SITE_MEMORY)
        fuzz_break_allocation(1 + fuzz_number(in) % 128);
    const struct network network = {w, flow_to, send, transport, self};
    return site_open(&w->site, in, &network);
}

static void close_world(struct world *w)
{
    fuzz_break_allocation(0);
    site_close(&w->site);
    ERR_clear_error(); /* it keeps blocks, of as many errors as there were */
}

/* ---- Everything --------------------------------------------------------------------------------
 */

static void open_witness(const struct fuzz_input *in)
{
    const uint32_t bits = in->bits;
    const struct witness_rules rules = {
        .stateless = bits & SITE_STATELESS,
        .record_route = bits & SITE_RECORD_ROUTE,
        .guarded = bits & SITE_GUARD && site_guards_all(in),
        .takes_credentials = bits & SITE_GUARD,
        .registrar = bits & SITE_REGISTRAR,
        .recurse = bits & SITE_RECURSE,
        .limited = bits & (FUZZ_BIT_LIMITS | SITE_MEMORY),
        .profile = bits & FUZZ_BIT_INTEROP ? SIPV_INTEROP : SIPV_STRICT,
        .max_breadth = 60,
        .timer_c_ms = SITE_TIMER_C_MS,
        .host = SITE_HOST,
        .next = bits & SITE_NEXT ? SITE_NEXT_HOP : NULL,
    };
    witness_open(&witness, &rules);
    n_steps = 0;
}

/* Whom a response of the stream is for: the last one that waits for one, or any. */
static const struct witness_branch *answered(struct world *w)
{
    for (size_t i = witness.n_branches; drawn(w, 8) && i-- > 0;)
        if (witness_pending(&witness, &witness.branches[i]) &&
            witness.branches[i].said.method != SIPV_M_ACK)
            return &witness.branches[i];
    return &witness.branches[drawn(w, witness.n_branches)];
}

/* A message of the stream. */
static void take(struct world *w, sipv_slice text)
{
    const sipv_options options = {.profile = SIPV_INTEROP, .explainer = fuzz_explainer()};
    struct fuzz_out out = FUZZ_OUT(room);
    const uint32_t bits = w->in->bits;
    uint64_t flow =
        bits & FUZZ_BIT_STREAM ? (fuzz_number(w->in) % 4 == 3 ? UP_TLS : UP_TCP) : UP_UDP;
    fuzz_message_index(&incoming, text, &options);
    if (incoming.m.kind == SIPV_RESPONSE && !(bits & SITE_LITERAL) && witness.n_branches > 0) {
        const struct witness_branch *b = answered(w);
        if (!peers_graft(&out, b->octets, &incoming.m))
            return;
        flow = b->flow;
        text = witness_keep(&witness, fuzz_out_slice(&out));
    }
    if (text.p)
        receive(w, flow, text);
}

static void take_all(struct world *w)
{
    const uint64_t longest = w->in->bits & SITE_SLOW ? 150000 : 2000;
    sipv_framer framer;
    sipv_frame frame;
    size_t at = 0;
    sipv_framer_init(&framer, SIPV_STRICT, NULL);
    for (unsigned i = 0; i < MESSAGES && at < w->in->n; i++) {
        if (sipv_framer_feed(&framer, w->in->p + at, w->in->n - at, &frame) != SIPV_OK) {
            if (w->in->bits & FUZZ_BIT_STREAM)
                break;
            frame = (sipv_frame){.n = w->in->n - at};
        }
        take(w, sipv_slice_of(w->in->p + at + frame.skip, frame.n));
        at += frame.skip + frame.n;
        go_on(w, w->now + drawn(w, longest));
    }
    if (w->in->bits >> 31) { /* an uppermost bit of the number */
        witness.rules.limited = witness.rules.stopped = true;
        witness_time(&witness, w->now);
        step(w, (struct step){.what = STOP});
    }
}

static uint64_t play_once(const struct fuzz_input *in)
{
    static struct world w;
    open_witness(in);
    if (open_world(&w, in)) {
        w.judged = true;
        take_all(&w);
        settle(&w);
    }
    close_world(&w);
    return w.sum;
}

/* The same steps with another proxy. */
static uint64_t play_again(const struct fuzz_input *in)
{
    static struct world w;
    if (open_world(&w, in))
        for (size_t i = 0; i < n_steps && i < STEPS; i++)
            take_step(&w, &steps[i]);
    close_world(&w);
    return w.sum;
}

static struct trace play(const struct fuzz_input *in, bool again)
{
    const uint64_t sum = again ? play_again(in) : play_once(in);
    return (struct trace){sum, n_steps <= STEPS};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return peers_ready() ? trace_twice(data, size, play) : 0;
}
