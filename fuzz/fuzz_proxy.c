/* A proxy between its neighbours, on a stream of messages, with time.
 *
 * Each request of the stream goes in as received from upstream.  Each response goes in as one to a
 * request that the proxy has sent, with bit LITERAL as it is.  With bit PEERS those to whom the
 * proxy sends a request answer by themselves, send it back to the proxy, or cannot be reached, and
 * whoever is asked for credentials sends them, as the number says.  Between messages time goes on,
 * at last until nothing is left.
 *
 * Oracles: states (what witness.h says of all that comes out; no timer outlives its horizon; in the
 * end nothing is left; the same octets at the same times give the same octets and times); slices
 * (what is sent is a message that is accepted); allocation (every block is free again, with bit
 * MEMORY too, where one allocation fails).  To run twice takes time, so one number in four does,
 * and who seems to leak.
 *
 * Bits: INTEROP; STREAM: upstream is reached by TCP; LIMITS: there is little room; and below. */
#include <string.h>

#include <proxy.h>

#include "allocations.h"
#include "peers.h"
#include "witness.h"

enum {
    REGISTRAR = FUZZ_BIT_OWN,        /* it is the registrar of its domain */
    GUARD = 2 * FUZZ_BIT_OWN,        /* it asks for credentials */
    STATELESS = 4 * FUZZ_BIT_OWN,    /* it keeps no state */
    RECORD_ROUTE = 8 * FUZZ_BIT_OWN, /* it stays in dialogs */
    NEXT = 16 * FUZZ_BIT_OWN,        /* it has a next hop; even number: as a Route */
    PEERS = 32 * FUZZ_BIT_OWN,
    LITERAL = 64 * FUZZ_BIT_OWN,
    MEMORY = 128 * FUZZ_BIT_OWN,
    SEQUENTIAL = 256 * FUZZ_BIT_OWN, /* one target after the other */
    RECURSE = 512 * FUZZ_BIT_OWN,    /* it follows redirections */
    SLOW = 1024 * FUZZ_BIT_OWN       /* long times between messages */
};
enum { MESSAGES = 16, FLOWS = 12, ERRANDS = 64, STEPS = 4096, LONGEST = 32768 };
enum { REGISTRATION_S = 120, TIMER_C_MS = 200000, AGAIN = 4 };
enum { UP_UDP = 1, UP_TCP, UP_TLS, FIRST_DOWN };

/* What happens to the proxy, in order: so that it can happen once more. */
struct step {
    enum { RECEIVE, ADVANCE, FAIL, STOP } what;
    uint64_t now, flow;
    sipv_slice octets;
};

/* What somebody is about to do. */
struct errand {
    enum { ANSWER, SEND_ON, BREAK, AUTHENTICATE } what;
    uint64_t at;
    size_t branch, request;
    int status;
    const char *tag;
    sipv_slice response;
};

struct world {
    const struct fuzz_input *in;
    struct proxy proxy;
    struct element element;
    struct registrar registrar;
    struct guard guards[2];
    struct hop hops[FLOWS];
    size_t n_flows;
    uint64_t now, seed, sum; /* sum: of what comes out */
    bool judged;             /* a witness sees it */
    struct errand errands[ERRANDS];
    size_t n_errands;
    unsigned numbers; /* of branches that neighbours have made */
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

static void add_to_sum(struct world *w, uint64_t value)
{
    w->sum = (w->sum ^ value) * 0x100000001b3u;
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
    return hop_of_host(over, sipv_slice_text("elm.example"), over == HOP_TLS ? 5061 : 5060, out);
}

static struct witness_flow described(struct world *w, uint64_t flow)
{
    const enum hop_transport over = transport(w, flow);
    return (struct witness_flow){flow, hop_reliable(over), over == HOP_TLS};
}

static void plan_for_request(struct world *w, size_t branch);
static void plan_for_own(struct world *w, size_t branch);
static void plan_for_challenge(struct world *w, const struct witness_reply *reply,
                               sipv_slice response);

static void send(void *with, uint64_t to, sipv_slice octets)
{
    struct world *w = with;
    add_to_sum(w, to);
    add_to_sum(w, w->now);
    add_to_sum(w, said_hash(octets));
    if (!w->judged)
        return;
    const size_t branches = witness.n_branches, replies = witness.n_replies;
    const struct witness_flow flow = described(w, to);
    witness_out(&witness, &flow, octets);
    if (!(w->in->bits & PEERS))
        return;
    if (witness.n_branches > branches && witness.branches[branches].request != WITNESS_NONE)
        plan_for_request(w, branches);
    else if (witness.n_branches > branches)
        plan_for_own(w, branches);
    else if (witness.n_replies > replies)
        plan_for_challenge(w, &witness.replies[replies], octets);
}

/* ---- What happens to the proxy -----------------------------------------------------------------
 */

static void take_step(struct world *w, const struct step *s)
{
    const struct element *e = &w->element;
    w->now = s->now;
    switch (s->what) {
    case RECEIVE:
        e->receive(e->self, s->now, s->flow, hop_reliable(transport(w, s->flow)), s->octets);
        break;
    case ADVANCE: e->advance(e->self, s->now); break;
    case FAIL: e->failed(e->self, s->now, s->flow); break;
    case STOP: proxy_stop(&w->proxy, s->now); break;
    }
    add_to_sum(w, e->wake(e->self));
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

static void put_errand(struct world *w, struct errand e, uint64_t within_ms)
{
    e.at = w->now + drawn(w, within_ms);
    if (w->n_errands < ERRANDS)
        w->errands[w->n_errands++] = e;
}

static void answer_later(struct world *w, size_t branch, int status, const char *tag)
{
    put_errand(w, (struct errand){.what = ANSWER, .branch = branch, .status = status, .tag = tag},
               2000);
}

/* Who is asked does one of these, or nothing. */
static void plan_for_request(struct world *w, size_t branch)
{
    static const int finals[] = {200, 302, 401, 404, 407, 486, 500, 503, 603};
    if (witness.branches[branch].said.method == SIPV_M_ACK)
        return;
    switch (drawn(w, 12)) {
    case 0: break;
    case 1: answer_later(w, branch, 100, ""); break;
    case 2: answer_later(w, branch, 180, "a"); break;
    case 3:
        answer_later(w, branch, 180, "a");
        answer_later(w, branch, 200, "a");
        answer_later(w, branch, 200, "b");
        break;
    case 4: put_errand(w, (struct errand){.what = SEND_ON, .branch = branch}, 100); break;
    case 5: put_errand(w, (struct errand){.what = BREAK, .branch = branch}, 1000); break;
    case 6: answer_later(w, branch, 183, "c"); /* fall through */
    default: answer_later(w, branch, finals[drawn(w, 9)], "c"); break;
    }
}

static void plan_for_own(struct world *w, size_t branch)
{
    const struct witness_branch *b = &witness.branches[branch];
    if (b->said.method != SIPV_M_CANCEL || drawn(w, 4) == 0)
        return;
    answer_later(w, branch, 200, "a");
    answer_later(w, b->invite, 487, "a");
}

/* Who is asked for credentials has them, or wrong ones. */
static void plan_for_challenge(struct world *w, const struct witness_reply *reply,
                               sipv_slice response)
{
    if ((reply->status != 401 && reply->status != 407) || reply->request == WITNESS_NONE ||
        witness.requests[reply->request].said.credentials)
        return;
    const sipv_slice kept = witness_keep(&witness, response);
    if (kept.p)
        put_errand(
            w, (struct errand){.what = AUTHENTICATE, .request = reply->request, .response = kept},
            1000);
}

static bool compose(struct world *w, const struct errand *e, struct fuzz_out *out)
{
    static const char contacts[] =
        "Contact: <sip:una@birch.example>;q=0.5, <sip:una@cedar.example;transport=tcp>\r\n";
    static const char challenge[] = "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n";
    const sipv_slice request = witness.branches[e->branch].octets;
    switch (e->what) {
    case ANSWER:
        return peers_answer(out, request, e->status, e->tag,
                            e->status == 302   ? contacts
                            : e->status == 401 ? challenge
                                               : NULL);
    case SEND_ON:
        return peers_send_on(out, request, ++w->numbers,
                             drawn(w, 3) ? NULL : "sip:spiral@ash.example");
    case AUTHENTICATE:
        return peers_authenticate(out, witness.requests[e->request].octets, e->response,
                                  drawn(w, 4) ? "swordfish" : "catfish", ++w->numbers);
    case BREAK: break;
    }
    return false;
}

static void run_errand(struct world *w, const struct errand *e)
{
    struct fuzz_out out = FUZZ_OUT(room);
    if (e->what == BREAK) {
        const uint64_t flow = witness.branches[e->branch].flow;
        witness_failed(&witness, w->now, flow);
        step(w, (struct step){.what = FAIL, .flow = flow});
        return;
    }
    if (!compose(w, e, &out))
        return;
    const sipv_slice kept = witness_keep(&witness, fuzz_out_slice(&out));
    const uint64_t flow = e->what == AUTHENTICATE ? witness.requests[e->request].flow
                                                  : witness.branches[e->branch].flow;
    if (kept.p)
        receive(w, flow, kept);
}

/* ---- Time --------------------------------------------------------------------------------------
 */

/* The errand that comes first; the number of them if there is none. */
static size_t next_errand(const struct world *w)
{
    size_t first = 0;
    for (size_t i = 1; i < w->n_errands; i++)
        if (w->errands[i].at < w->errands[first].at)
            first = i;
    return first;
}

static void do_errand(struct world *w, size_t i)
{
    const struct errand e = w->errands[i];
    w->errands[i] = w->errands[--w->n_errands];
    w->now = e.at > w->now ? e.at : w->now;
    run_errand(w, &e);
}

static void advance(struct world *w, uint64_t wake)
{
    w->now = wake > w->now ? wake : w->now;
    witness_time(&witness, w->now);
    step(w, (struct step){.what = ADVANCE});
    FUZZ_CHECK(states, w->element.wake(w->element.self) > w->now, "a timer has fired and is due");
}

/* Timers and errands until then, or until there are no more. */
static void go_on(struct world *w, uint64_t until)
{
    for (;;) {
        const uint64_t wake = w->element.wake(w->element.self);
        const size_t i = next_errand(w);
        const uint64_t errand = w->n_errands ? w->errands[i].at : UINT64_MAX;
        FUZZ_CHECK(states, wake == UINT64_MAX || wake <= w->now + TIMER_C_MS,
                   "a timer outlives its horizon");
        FUZZ_CHECK(states, n_steps < 2 * STEPS, "timers without end");
        if ((wake < errand ? wake : errand) > until || (wake & errand) == UINT64_MAX)
            break;
        if (wake <= errand)
            advance(w, wake);
        else
            do_errand(w, i);
    }
    if (until != UINT64_MAX)
        w->now = until > w->now ? until : w->now;
}

/* Nothing comes any more. */
static void settle(struct world *w)
{
    go_on(w, UINT64_MAX);
    FUZZ_CHECK(states, proxy_unanswered(&w->proxy) == 0, "a request gets no final response");
    FUZZ_CHECK(states, proxy_contexts(&w->proxy) == 0, "a request that is forwarded is kept");
    FUZZ_CHECK(states, proxy_branches(&w->proxy) == 0, "a branch is kept");
    FUZZ_CHECK(states, proxy_transactions(&w->proxy) == 0, "a transaction is kept");
    FUZZ_CHECK(states, proxy_octets(&w->proxy) == 0, "octets are kept");
    FUZZ_CHECK(states, !w->registrar.table || registrar_count(&w->registrar) == 0,
               "a registration is kept");
    witness_end(&witness);
}

/* ---- Opening -----------------------------------------------------------------------------------
 */

static int lookup(void *with, const sipv_claim *claim, sipv_secret *secret)
{
    (void)with;
    secret->username = claim->username;
    secret->password = sipv_slice_text("swordfish");
    return SIPV_OK;
}

static bool open_guards(struct world *w)
{
    for (unsigned i = 0; i < 2; i++) {
        struct guard_settings s = guard_settings_default();
        s.place = i ? GUARD_PROXY : GUARD_SERVER;
        s.realm = "elm.example";
        s.seed[0] = 7 + i;
        s.lookup = lookup;
        if (guard_open(&w->guards[i], &s) != SIPV_OK)
            return false;
    }
    return true;
}

static bool open_registrar(struct world *w)
{
    struct registrar_settings s = registrar_settings_default();
    s.domain = "elm.example";
    s.bindings = 16;
    s.octets = 1 << 16;
    s.min_s = 10;
    s.usual_s = s.max_s = REGISTRATION_S;
    return registrar_open(&w->registrar, &s) == SIPV_OK;
}

static struct proxy_settings settings(struct world *w)
{
    static const char *const domains[] = {"elm.example"};
    const uint32_t bits = w->in->bits;
    struct proxy_settings s = proxy_settings_default();
    const size_t least = bits & FUZZ_BIT_LIMITS ? 1 + fuzz_number(w->in) % 8 : 64;
    s.transactions.limits.transactions = 4 * least;
    s.transactions.limits.octets = least << 16;
    s.limits.contexts = least;
    s.limits.branches = 2 * least;
    s.limits.octets = least << 12;
    s.stateless = bits & STATELESS;
    s.profile = bits & FUZZ_BIT_INTEROP ? SIPV_INTEROP : SIPV_STRICT;
    s.domains = domains;
    s.n_domains = 1;
    s.registrar = bits & REGISTRAR ? &w->registrar : NULL;
    s.register_guard = bits & GUARD ? &w->guards[0] : NULL;
    s.request_guard = bits & GUARD ? &w->guards[1] : NULL;
    s.guard_all = true;
    s.next = bits & NEXT ? "sip:next.example;lr" : NULL;
    s.next_as_route = fuzz_number(w->in) % 2 == 0;
    s.record_route = bits & RECORD_ROUTE;
    s.sequential = bits & SEQUENTIAL;
    s.recurse = bits & RECURSE;
    s.timer_c_ms = TIMER_C_MS;
    s.seed[0] = 7;
    return s;
}

static const char *const upstream[] = {"udp:oak.example", "tcp:oak.example", "tls:oak.example"};

/* Memory may run out before it is open. */
static bool open_world(struct world *w, const struct fuzz_input *in)
{
    memset(w, 0, sizeof *w);
    w->in = in;
    w->seed = fuzz_number(in);
    for (size_t i = 0; i < sizeof upstream / sizeof *upstream; i++)
        hop_of_text(sipv_slice_text(upstream[i]), &w->hops[w->n_flows++]);
    if (in->bits & MEMORY)
        fuzz_break_allocation(1 + fuzz_number(in) % 128);
    const struct proxy_settings s = settings(w);
    const struct network network = {w, flow_to, send, transport, self};
    if (((in->bits & GUARD) && !open_guards(w)) || ((in->bits & REGISTRAR) && !open_registrar(w)) ||
        proxy_open(&w->proxy, &s, &network) != SIPV_OK)
        return false;
    w->element = proxy_element(&w->proxy);
    return true;
}

static void close_world(struct world *w)
{
    fuzz_break_allocation(0);
    proxy_close(&w->proxy);
    if (w->registrar.table)
        registrar_close(&w->registrar);
    for (unsigned i = 0; i < 2; i++)
        if (w->guards[i].core)
            guard_close(&w->guards[i]);
}

/* ---- Everything --------------------------------------------------------------------------------
 */

static void open_witness(const struct fuzz_input *in)
{
    const uint32_t bits = in->bits;
    const struct witness_rules rules = {
        .stateless = bits & STATELESS,
        .record_route = bits & RECORD_ROUTE,
        .guarded = bits & GUARD,
        .registrar = bits & REGISTRAR,
        .recurse = bits & RECURSE,
        .limited = bits & (FUZZ_BIT_LIMITS | MEMORY),
        .profile = bits & FUZZ_BIT_INTEROP ? SIPV_INTEROP : SIPV_STRICT,
        .max_breadth = 60,
        .timer_c_ms = TIMER_C_MS,
        .host = "elm.example",
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
    if (incoming.m.kind == SIPV_RESPONSE && !(bits & LITERAL) && witness.n_branches > 0) {
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
    const uint64_t longest = w->in->bits & SLOW ? 150000 : 2000;
    sipv_framer framer;
    sipv_frame frame;
    size_t at = 0;
    sipv_framer_init(&framer, SIPV_STRICT, NULL);
    for (unsigned i = 0; i < MESSAGES; i++) {
        if (sipv_framer_feed(&framer, w->in->p + at, w->in->n - at, &frame) != SIPV_OK)
            break;
        take(w, sipv_slice_of(w->in->p + at + frame.skip, frame.n));
        at += frame.skip + frame.n;
        go_on(w, w->now + drawn(w, longest));
    }
    if (w->in->bits >> 31) { /* an uppermost bit of the number */
        witness.rules.limited = true;
        witness_time(&witness, w->now);
        step(w, (struct step){.what = STOP});
    }
}

/* The sum of all that came out. */
static uint64_t play(const struct fuzz_input *in)
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in;
    if (!fuzz_explainer() || !fuzz_open(&in, data, size))
        return 0;
    const int64_t before = fuzz_blocks;
    const uint64_t sum = play(&in);
    const int64_t blocks = fuzz_blocks; /* more: perhaps what OpenSSL makes once and keeps */
    if (blocks != before || (n_steps <= STEPS && fuzz_number(&in) % AGAIN == 0)) {
        const uint64_t again = play_again(&in);
        FUZZ_CHECK(states, n_steps > STEPS || again == sum, "the same octets give another trace");
    }
    FUZZ_CHECK(allocation, fuzz_blocks == blocks, "something leaks");
    fuzz_close(&in);
    return 0;
}
