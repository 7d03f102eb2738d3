/* Events of transactions: which entry a message or timer belongs to, and what its arc does. */
#include "transactions.h"

#include <stdlib.h>
#include <string.h>

#include "compose.h"
#include "table.h"

/* ---- Actions -------------------------------------------------------------------------------- */

static void begin(struct transactions *t)
{
    table_reap(t->table);
    t->n_actions = 0;
}

static struct action *say(struct transactions *t, enum action_what what,
                          const struct transaction *x)
{
    struct action *a = &t->actions[t->n_actions++];
    *a = (struct action){.what = what,
                         .id = x->id,
                         .kind = x->kind,
                         .user = x->user,
                         .flow = x->flow,
                         .reliable = x->reliable,
                         .request = sipv_slice_of(x->request.p, x->request.n)};
    return a;
}

static void send(struct transactions *t, const struct transaction *x, const struct kept *kept)
{
    if (kept->p)
        say(t, ACTION_SEND, x)->octets = sipv_slice_of(kept->p, kept->n);
}

/* RFC 3261 section 17.1.1.3.  Without room for it there is none; the response will come again. */
static void make_ack(struct transactions *t, struct transaction *x, const sipv_message *response)
{
    const sipv_slice to = response->headers[response->first[SIPV_H_TO]].value;
    const sipv_slice stem = sipv_slice_of(x->stem.p, x->stem.n);
    struct compose c = {NULL, 0, 0};
    compose_stemmed(&c, "ACK", x->key.uri, stem, to, x->key.cseq);
    if (x->reply.p || !table_keep(t->table, &x->reply, c.n))
        return;
    c = (struct compose){x->reply.p, x->reply.n, 0};
    compose_stemmed(&c, "ACK", x->key.uri, stem, to, x->key.cseq);
}

static void act(struct transactions *t, struct transaction *x, unsigned what, sipv_message *m)
{
    if (what & SEND_REQUEST)
        send(t, x, &x->request);
    if (what & SEND_ACK) {
        make_ack(t, x, m);
        send(t, x, &x->reply);
    }
    if (what & SEND_RESPONSE)
        send(t, x, &x->reply);
    if (what & PASS_UP)
        say(t, ACTION_PASS_UP, x)->message = m;
    if (what & INFORM_TIMEOUT)
        say(t, ACTION_TIMEOUT, x);
    if (what & INFORM_ERROR)
        say(t, ACTION_ERROR, x);
    if (what & STOP_100)
        x->due[TIMER_100] = TIMER_NEVER;
}

/* ---- Events --------------------------------------------------------------------------------- */

/* Timers mean nothing in a state that has no arc for them. */
static void stop_timers(struct transaction *x)
{
    for (unsigned i = 0; i < TRANSACTION_TIMERS; i++)
        if (x->due[i] != TIMER_NEVER &&
            !machine_arc(machine_of(x->kind), x->state, (enum transaction_event)(EVENT_TIMER + i)))
            x->due[i] = TIMER_NEVER;
}

static void start_timer(const struct transactions *t, uint64_t now, struct transaction *x,
                        enum transaction_timer timer, uint64_t last_ms)
{
    const uint64_t ms = timer_ms(&t->table->settings.timers, timer, x->state, last_ms, x->reliable);
    if (ms == TIMER_NEVER)
        return;
    x->due[timer] = now + ms;
    if (timer == TIMER_A || timer == TIMER_E || timer == TIMER_G)
        x->interval_ms = ms;
}

/* The timer of `x` that fires first, if it is due. */
static bool due_timer(const struct transaction *x, uint64_t now, enum transaction_timer *timer)
{
    if (x->earliest > now)
        return false;
    *timer = 0;
    while (x->due[*timer] != x->earliest)
        ++*timer;
    return true;
}

/* One arc.  False if the state has none for the event. */
static bool step(struct transactions *t, uint64_t now, struct transaction *x,
                 enum transaction_event event, sipv_message *m)
{
    const struct arc *arc = machine_arc(machine_of(x->kind), x->state, event);
    if (!arc)
        return false;
    const bool moves = arc->next != x->state;
    x->state = arc->next;
    if (moves)
        stop_timers(x);
    act(t, x, arc->act, m);
    for (unsigned i = 0; i < TRANSACTION_TIMERS; i++)
        if (arc->start & 1u << i)
            start_timer(t, now, x, i, event == EVENT_TIMER + i ? x->interval_ms : 0);
    table_schedule(t->table, x);
    if (x->state == STATE_TERMINATED) {
        say(t, ACTION_TERMINATED, x);
        table_end(t->table, x);
    }
    return true;
}

static void fire(struct transactions *t, uint64_t now, struct transaction *x,
                 enum transaction_timer timer)
{
    x->due[timer] = TIMER_NEVER;
    if (!step(t, now, x, (enum transaction_event)(EVENT_TIMER + (int)timer), NULL))
        table_schedule(t->table, x);
}

/* An event, and the timer of zero seconds that it may start. */
static void happen(struct transactions *t, uint64_t now, struct transaction *x,
                   enum transaction_event event, sipv_message *m)
{
    enum transaction_timer timer;
    if (step(t, now, x, event, m) && x->id != 0 && due_timer(x, now, &timer))
        fire(t, now, x, timer);
}

void transactions_reap(struct transactions *t)
{
    begin(t);
}

bool transactions_advance(struct transactions *t, uint64_t now)
{
    enum transaction_timer timer;
    begin(t);
    if (t->table->n_heap == 0)
        return false;
    struct transaction *x = &t->table->entries[t->table->heap[0]];
    if (!due_timer(x, now, &timer))
        return false;
    fire(t, now, x, timer);
    return true;
}

uint64_t transactions_wake(const struct transactions *t)
{
    return t->table->n_heap > 0 ? t->table->entries[t->table->heap[0]].earliest : TIMER_NEVER;
}

/* The INVITE that a CANCEL of this key is about (RFC 3261 section 9), or NULL. */
static struct transaction *cancelled(const struct transactions *t,
                                     const struct transaction_key *cancel)
{
    struct transaction_key key = *cancel;
    key_for_method(&key, "INVITE", t->table->settings.seed);
    return table_find(t->table, &key, false);
}

/* ---- Servers -------------------------------------------------------------------------------- */

static int refuse(struct transactions *t, sipv_message *m, const struct transaction_key *key,
                  uint64_t flow, bool reliable)
{
    char tag[KEY_TAG];
    struct compose c = {t->table->scratch, TABLE_SCRATCH, 0};
    compose_response_head(&c, m, 503, "Service Unavailable",
                          key_tag(key, t->table->settings.seed, tag));
    compose_text(&c, "Retry-After: ");
    compose_number(&c, TRANSACTIONS_RETRY_AFTER_S);
    compose_text(&c, "\r\n");
    compose_end(&c);
    if (c.n <= c.cap)
        t->actions[t->n_actions++] = (struct action){.what = ACTION_SEND,
                                                     .flow = flow,
                                                     .reliable = reliable,
                                                     .octets = sipv_slice_of(c.out, c.n)};
    return SIPV_LIMIT;
}

/* The 100 that an INVITE gets if the TU is slow. */
static bool prepare_100(struct transactions *t, struct transaction *x, sipv_message *m)
{
    const sipv_slice none = {NULL, 0};
    struct compose c = {NULL, 0, 0};
    compose_response(&c, m, 100, "Trying", none);
    if (!table_keep(t->table, &x->reply, c.n))
        return false;
    c = (struct compose){x->reply.p, x->reply.n, 0};
    compose_response(&c, m, 100, "Trying", none);
    return true;
}

static int begin_server(struct transactions *t, uint64_t now, sipv_message *m,
                        const struct transaction_key *key, uint64_t flow, bool reliable)
{
    const struct transaction *invite;
    struct transaction *x = table_add(t->table, key, m);
    if (!x)
        return refuse(t, m, key, flow, reliable);
    x->kind = m->method_id == SIPV_M_INVITE ? INVITE_SERVER : NON_INVITE_SERVER;
    x->flow = flow;
    x->reliable = reliable;
    x->user = 0;
    if (x->kind == INVITE_SERVER && !prepare_100(t, x, m)) {
        table_end(t->table, x);
        return refuse(t, m, key, flow, reliable);
    }
    happen(t, now, x, EVENT_START, m);
    t->actions[0].begins = true;
    if (m->method_id == SIPV_M_CANCEL)
        t->actions[0].invite = (invite = cancelled(t, key)) ? invite->id : 0;
    return SIPV_OK;
}

static int receive_request(struct transactions *t, uint64_t now, sipv_message *m, uint64_t flow,
                           bool reliable)
{
    const bool ack = m->method_id == SIPV_M_ACK;
    struct transaction_key key;
    if (key_read(&key, m, true, t->table->settings.seed) != SIPV_OK)
        return SIPV_REJECT;
    if (ack)
        key_for_method(&key, "INVITE", t->table->settings.seed);
    struct transaction *x = table_find(t->table, &key, ack);
    if (x)
        happen(t, now, x, ack ? EVENT_ACK : EVENT_REQUEST, m);
    else if (ack)
        t->actions[t->n_actions++] = (struct action){
            .what = ACTION_PASS_UP, .flow = flow, .reliable = reliable, .message = m};
    else
        return begin_server(t, now, m, &key, flow, reliable);
    return SIPV_OK;
}

int transactions_respond(struct transactions *t, uint64_t now, transaction_id id,
                         sipv_message *response)
{
    struct transaction *x = table_entry(t->table, id);
    struct transaction_key key;
    begin(t);
    if (!x || !x->key.server)
        return SIPV_ABSENT;
    if (response->kind != SIPV_RESPONSE || !response->accepted ||
        key_read(&key, response, true, t->table->settings.seed) != SIPV_OK ||
        !transactions_is_about(t, id, response))
        return SIPV_REJECT;
    const enum transaction_event event = event_of_status(response->status);
    const struct arc *arc = machine_arc(machine_of(x->kind), x->state, event);
    if (!arc || !(arc->act & KEEP_RESPONSE))
        return SIPV_REJECT;
    if (!table_keep(t->table, &x->reply, response->octets))
        return SIPV_LIMIT;
    memcpy(x->reply.p, response->data.p, response->octets);
    x->to_tag = key_moved(&key, response->data, x->reply.p).to_tag;
    happen(t, now, x, event, response);
    return SIPV_OK;
}

int transactions_trying(struct transactions *t, uint64_t now, transaction_id id)
{
    struct transaction *x = table_entry(t->table, id);
    begin(t);
    if (!x || x->due[TIMER_100] == TIMER_NEVER)
        return SIPV_ABSENT;
    fire(t, now, x, TIMER_100);
    return SIPV_OK;
}

/* ---- Clients -------------------------------------------------------------------------------- */

static int receive_response(struct transactions *t, uint64_t now, sipv_message *m)
{
    struct transaction_key key;
    if (key_read(&key, m, false, t->table->settings.seed) != SIPV_OK)
        return SIPV_REJECT;
    struct transaction *x = table_find(t->table, &key, false);
    if (!x)
        return SIPV_ABSENT;
    happen(t, now, x, event_of_status(m->status), m);
    return SIPV_OK;
}

int transactions_receive(struct transactions *t, uint64_t now, sipv_message *m, uint64_t flow,
                         bool reliable)
{
    begin(t);
    if (!m->accepted || m->kind == SIPV_NO_MESSAGE)
        return SIPV_REJECT;
    return m->kind == SIPV_REQUEST ? receive_request(t, now, m, flow, reliable)
                                   : receive_response(t, now, m);
}

/* The INVITE that may be cancelled now, or NULL: section 9.1 wants a provisional response first,
 * and a second CANCEL would have the branch of the first one. */
static struct transaction *cancellable(const struct transactions *t,
                                       const struct transaction_key *cancel)
{
    struct transaction *invite = cancelled(t, cancel);
    return invite && invite->state == STATE_PROCEEDING && invite->due[TIMER_CANCEL] == TIMER_NEVER
               ? invite
               : NULL;
}

static bool keep_stem(struct transactions *t, struct transaction *x, const sipv_message *m)
{
    struct compose c = {NULL, 0, 0};
    compose_stem(&c, m, x->key.via);
    if (!table_keep(t->table, &x->stem, c.n))
        return false;
    c = (struct compose){x->stem.p, x->stem.n, 0};
    compose_stem(&c, m, x->key.via);
    return true;
}

int transactions_request(struct transactions *t, uint64_t now, sipv_message *request, uint64_t flow,
                         bool reliable, uint64_t user, transaction_id *id)
{
    struct transaction_key key;
    begin(t);
    if (!request->accepted || request->kind != SIPV_REQUEST || request->method_id == SIPV_M_ACK ||
        key_read(&key, request, false, t->table->settings.seed) != SIPV_OK ||
        table_find(t->table, &key, false))
        return SIPV_REJECT;
    struct transaction *invite = NULL;
    if (request->method_id == SIPV_M_CANCEL && !(invite = cancellable(t, &key)))
        return SIPV_REJECT;
    struct transaction *x = table_add(t->table, &key, request);
    if (!x)
        return SIPV_LIMIT;
    x->kind = request->method_id == SIPV_M_INVITE ? INVITE_CLIENT : NON_INVITE_CLIENT;
    x->flow = flow;
    x->reliable = reliable;
    x->user = user;
    if (x->kind == INVITE_CLIENT && !keep_stem(t, x, request)) {
        table_end(t->table, x);
        return SIPV_LIMIT;
    }
    *id = x->id;
    if (invite)
        happen(t, now, invite, EVENT_CANCEL, NULL);
    happen(t, now, x, EVENT_START, NULL);
    return SIPV_OK;
}

int transactions_write_cancel(const struct transactions *t, transaction_id id, void *out,
                              size_t cap, size_t *n)
{
    const struct transaction *x = table_entry(t->table, id);
    if (!x || x->kind != INVITE_CLIENT)
        return SIPV_ABSENT;
    if (x->state != STATE_PROCEEDING)
        return SIPV_REJECT;
    struct compose c = {out, cap, 0};
    compose_stemmed(&c, "CANCEL", x->key.uri, sipv_slice_of(x->stem.p, x->stem.n), x->to,
                    x->key.cseq);
    *n = c.n;
    return c.n <= cap ? SIPV_OK : SIPV_NO_SPACE;
}

/* ---- Ends ----------------------------------------------------------------------------------- */

int transactions_transport_error(struct transactions *t, uint64_t now, transaction_id id)
{
    struct transaction *x = table_entry(t->table, id);
    begin(t);
    if (!x)
        return SIPV_ABSENT;
    happen(t, now, x, EVENT_TRANSPORT_ERROR, NULL);
    return SIPV_OK;
}

int transactions_abandon(struct transactions *t, transaction_id id)
{
    struct transaction *x = table_entry(t->table, id);
    begin(t);
    if (!x)
        return SIPV_ABSENT;
    table_end(t->table, x);
    return SIPV_OK;
}
