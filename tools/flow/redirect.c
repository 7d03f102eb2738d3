/* redirect.c: see redirect.h. */
#include "redirect.h"

#include "recording.h"

#include <compose.h>
#include <stdio.h>
#include <string.h>

enum { TRANSACTIONS = 256, TEXT = 8192 };

static void answer(struct redirect *r, uint64_t now, const struct action *action)
{
    unsigned char text[TEXT];
    struct compose c = {text, sizeof text, 0};
    bool invite = action->message->method_id == SIPV_M_INVITE;
    char tag[40];

    snprintf(tag, sizeof tag, "%llx-%llx", (unsigned long long)r->seed,
             (unsigned long long)++r->count);
    compose_response_head(&c, action->message, invite ? 302 : 405,
                          invite ? "Moved Temporarily" : "Method Not Allowed",
                          sipv_slice_text(tag));
    if (invite)
        compose_header(&c, "Contact", sipv_slice_text(r->contact));
    else
        compose_text(&c, "Allow: INVITE, ACK\r\n");
    compose_end(&c);
    if (c.n > c.cap ||
        transactions_respond(&r->table, now, action->id,
                             reader_parse(r->out, sipv_slice_of(text, c.n))) != SIPV_OK)
        transactions_abandon(&r->table, action->id);
}

/* An answer makes new actions in place of those before it, which are at most one. */
static void carry_out(struct redirect *r, uint64_t now)
{
    struct action asked = {.id = 0};

    for (size_t i = 0; i < r->table.n_actions; i++) {
        const struct action *action = &r->table.actions[i];

        if (action->what == ACTION_SEND)
            r->network.send(r->network.with, action->flow, action->octets);
        else if (action->what == ACTION_PASS_UP && action->begins)
            asked = *action;
    }
    if (asked.id == 0)
        return;
    answer(r, now, &asked);
    for (size_t i = 0; i < r->table.n_actions; i++)
        if (r->table.actions[i].what == ACTION_SEND)
            r->network.send(r->network.with, r->table.actions[i].flow, r->table.actions[i].octets);
}

static void receive(void *self, uint64_t now, uint64_t flow, bool reliable, sipv_slice octets)
{
    struct redirect *r = self;

    transactions_receive(&r->table, now, reader_parse(r->in, octets), flow, reliable);
    carry_out(r, now);
}

/* Its timers see to it. */
static void failed(void *self, uint64_t now, uint64_t flow)
{
    (void)self;
    (void)now;
    (void)flow;
}

static uint64_t wake(void *self)
{
    const struct redirect *r = self;

    return transactions_wake(&r->table);
}

static void advance(void *self, uint64_t now)
{
    struct redirect *r = self;

    while (transactions_advance(&r->table, now))
        carry_out(r, now);
}

struct element redirect_element(struct redirect *r)
{
    return (struct element){r, receive, failed, wake, advance};
}

int redirect_open(struct redirect *r, const char *contact, const struct network *network,
                  uint64_t seed)
{
    struct transactions_settings settings = transactions_settings_default();

    memset(r, 0, sizeof *r);
    r->network = *network;
    r->contact = contact;
    r->seed = seed;
    r->in = reader_new();
    r->out = reader_new();
    settings.limits.transactions = TRANSACTIONS;
    settings.seed[0] = seed;
    return transactions_open(&r->table, &settings);
}

void redirect_close(struct redirect *r)
{
    if (r->table.table)
        transactions_close(&r->table);
    reader_free(r->in);
    reader_free(r->out);
    memset(r, 0, sizeof *r);
}

size_t redirect_left(const struct redirect *r)
{
    return transactions_count(&r->table);
}
