#include "transaction_judge.h"

#include <string.h>

#include "oracle.h"
#include "trace.h"

static struct fuzz_message sent;

void judge_open(struct judge *j, const struct transactions *table, bool reliable, bool strict)
{
    j->table = table;
    j->now = j->sum = 0;
    j->n_known = 0;
    j->reliable = reliable;
    j->strict = strict;
}

/* ---- What is known -----------------------------------------------------------------------------
 */

bool judge_is_alive(const struct judged *s)
{
    return s->figure.state != STATE_TERMINATED;
}

struct judged *judge_find(struct judge *j, transaction_id id)
{
    for (size_t i = 0; i < j->n_known; i++)
        if (j->known[i].id == id)
            return &j->known[i];
    return NULL;
}

unsigned judge_begin(struct judge *j, transaction_id id, bool server, const sipv_message *request)
{
    const bool invite = request->method_id == SIPV_M_INVITE;
    const enum transaction_kind kind = server   ? invite ? INVITE_SERVER : NON_INVITE_SERVER
                                       : invite ? INVITE_CLIENT
                                                : NON_INVITE_CLIENT;
    struct said said;
    FUZZ_CHECK(states, j->n_known < JUDGE_KNOWN, "more transactions than messages");
    FUZZ_CHECK(states, id != 0 && !judge_find(j, id), "two transactions have one name");
    said_read(&said, request);
    struct judged *s = &j->known[j->n_known++];
    memset(s, 0, sizeof *s);
    s->id = id;
    s->server = server;
    s->cookie = said.cookie;
    s->via = said.vias.value[0];
    s->method = said.name;
    s->request = said_hash(sipv_slice_of(request->data.p, request->octets));
    return figure_begin(&s->figure, kind, j->reliable, j->now);
}

/* Is the message for this transaction, beyond doubt?  RFC 3261 sections 17.1.3 and 17.2.3. */
static bool is_for(const struct judged *s, const struct said *m)
{
    const uint64_t method = m->kind == SIPV_REQUEST && m->method == SIPV_M_ACK
                                ? said_hash(sipv_slice_text("INVITE"))
                                : m->name;
    return s->server == (m->kind == SIPV_REQUEST) && s->cookie && m->cookie && m->vias.n > 0 &&
           s->via == m->vias.value[0] && s->method == method;
}

/* ---- Actions -----------------------------------------------------------------------------------
 */

static unsigned check_response(struct judged *s, uint64_t hash)
{
    FUZZ_CHECK(states, s->response || sent.m.status == 100, "a response that nobody has given");
    FUZZ_CHECK(states, !s->response || s->response == hash, "another response is sent again");
    s->response = hash;
    return FIGURE_SENDS_RESPONSE;
}

/* RFC 3261 section 17.1.1.3. */
static unsigned check_ack(struct judged *s, uint64_t hash)
{
    struct said said;
    said_read(&said, &sent.m);
    FUZZ_CHECK(states, said.vias.n == 1 && said.vias.value[0] == s->via,
               "an ACK has another Via than its INVITE");
    FUZZ_CHECK(states, !s->ack || s->ack == hash, "another ACK is sent again");
    s->ack = hash;
    return FIGURE_SENDS_ACK;
}

/* Something is sent; which of the figures' words that is. */
static unsigned look_at_sent(struct judge *j, struct judged *s, sipv_slice octets)
{
    const sipv_options options = {.profile = SIPV_INTEROP, .explainer = fuzz_explainer()};
    const uint64_t hash = said_hash(octets);
    trace_add(&j->sum, hash);
    fuzz_message_index(&sent, octets, &options);
    FUZZ_CHECK(slices, sent.m.kind != SIPV_NO_MESSAGE && sent.m.octets == octets.n,
               "what is sent is no message");
    if (!s || !j->strict)
        return 0;
    if (sent.m.kind == SIPV_RESPONSE)
        return check_response(s, hash);
    if (sent.m.method_id == SIPV_M_ACK)
        return check_ack(s, hash);
    FUZZ_CHECK(states, hash == s->request, "another request is sent again");
    return FIGURE_SENDS_REQUEST;
}

transaction_id judge_actions(struct judge *j)
{
    static const unsigned words[] = {[ACTION_PASS_UP] = FIGURE_TO_TU,
                                     [ACTION_TIMEOUT] = FIGURE_TIMEOUT,
                                     [ACTION_ERROR] = FIGURE_TROUBLE,
                                     [ACTION_TERMINATED] = FIGURE_DESTROYED};
    transaction_id begun = 0;
    FUZZ_CHECK(states, j->table->n_actions <= TRANSACTIONS_ACTIONS,
               "more actions than there may be");
    for (size_t i = 0; i < j->table->n_actions; i++) {
        const struct action *a = &j->table->actions[i];
        struct judged *s = a->id ? judge_find(j, a->id) : NULL;
        trace_add(&j->sum, a->what);
        if (a->what == ACTION_PASS_UP && a->begins)
            begun = a->id;
        FUZZ_CHECK(states, a->id == 0 || s || begun == a->id, "an action of no transaction");
        const unsigned word =
            a->what == ACTION_SEND ? look_at_sent(j, s, a->octets) : words[a->what];
        if (!s || !j->strict)
            continue;
        FUZZ_CHECK(states, a->kind == s->figure.kind, "a transaction becomes one of another kind");
        FUZZ_CHECK(states, !(s->done & word), "something is done twice");
        s->done |= word;
    }
    return begun;
}

/* ---- Against the figures -----------------------------------------------------------------------
 */

static bool is_about(const struct judged *s, const struct judge_event *e)
{
    return e->from == MESSAGE ? is_for(s, e->message) : e->from == TU && e->id == s->id;
}

/* An arrow of this transaction's figure, if the event is about it; else it must be as it was. */
static void judge_one(struct judge *j, struct judged *s, const struct judge_event *e)
{
    const enum transaction_state state = transactions_state(j->table, s->id);
    const bool touched = s->done || state != s->figure.state;
    const char timer = figure_due(&s->figure, j->now);
    unsigned done = 0;
    if (!touched && !is_about(s, e))
        return;
    const bool goes = e->from == TIMER ? timer && figure_fires(&s->figure, j->now, timer, &done)
                                       : figure_happens(&s->figure, j->now, e->what, &done);
    FUZZ_CHECK(states, goes || !touched, "a transition that no figure has");
    FUZZ_CHECK(states, state == s->figure.state, "a state that is not the figure's");
    FUZZ_CHECK(states, s->done == done, "what is done is not what the figure says");
}

void judge_call(struct judge *j, const struct judge_event *e)
{
    uint64_t wake = UINT64_MAX;
    if (!j->strict)
        return;
    for (size_t i = 0; i < j->n_known; i++) {
        struct judged *s = &j->known[i];
        if (judge_is_alive(s))
            judge_one(j, s, e);
        if (judge_is_alive(s) && figure_wake(&s->figure) < wake)
            wake = figure_wake(&s->figure);
        s->done = 0;
    }
    FUZZ_CHECK(states, transactions_wake(j->table) == wake, "a timer has another length");
}

void judge_begun(struct judge *j, unsigned wanted, unsigned done)
{
    static const struct judge_event nothing = {.from = TU, .id = 0};
    if (!j->strict)
        return;
    FUZZ_CHECK(states, done == wanted, "what begins does not do what the figure says");
    j->known[j->n_known - 1].done = 0;
    judge_call(j, &nothing);
}

void judge_fired(struct judge *j, struct judged *s, char timer)
{
    unsigned done;
    if (!j->strict)
        return;
    figure_fires(&s->figure, j->now, timer, &done);
    FUZZ_CHECK(states, s->done == done, "what is done is not what the figure says");
    s->done = 0;
}

void judge_cancelled(struct judge *j)
{
    const struct judged *own = &j->known[j->n_known - 1];
    const uint64_t invite = said_hash(sipv_slice_text("INVITE"));
    unsigned done;
    for (size_t i = 0; i + 1 < j->n_known; i++) {
        struct judged *s = &j->known[i];
        if (s->figure.kind == INVITE_CLIENT && s->method == invite && s->via == own->via &&
            judge_is_alive(s) && figure_happens(&s->figure, j->now, FIGURE_CANCEL, &done))
            return;
    }
    j->strict = false; /* its Via is written in other words */
}

bool judge_takes(const struct judged *s, enum figure_event what)
{
    struct figure copy = s->figure;
    unsigned done;
    return figure_happens(&copy, 0, what, &done) && done & FIGURE_SENDS_RESPONSE;
}
