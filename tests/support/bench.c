#include "bench.h"

#include <stdio.h>
#include <string.h>

bool bench_open(struct bench *b, const struct transactions_settings *settings)
{
    const struct transactions_settings usual = transactions_settings_default();
    memset(b, 0, sizeof *b);
    b->now = 1000;
    return room_open(&b->room) && transactions_open(&b->t, settings ? settings : &usual) == SIPV_OK;
}

void bench_close(struct bench *b)
{
    transactions_close(&b->t);
    room_close(&b->room);
}

sipv_message *bench_parse(struct bench *b, const char *text)
{
    const int result = room_parse(&b->room, text, strlen(text), SIPV_STRICT);
    if (result != SIPV_OK)
        fprintf(stderr, "not accepted:\n%s\n", text);
    return &b->room.m;
}

/* ---- Messages ------------------------------------------------------------------------------- */

static void put_common(struct bench *b, const char *method, const char *branch, const char *to_tag)
{
    const size_t n = strlen(b->text);
    snprintf(b->text + n, sizeof b->text - n,
             "Via: SIP/2.0/%s 192.0.2.1%s%s\r\n"
             "From: Alice <sip:alice@a.example>%s\r\n"
             "To: Bob <sip:bob@b.example>%s%s\r\n"
             "Call-ID: 1@192.0.2.1\r\n"
             "CSeq: 7 %s\r\n"
             "Contact: <sip:alice@192.0.2.1>\r\n"
             "Max-Forwards: 70\r\n"
             "Content-Length: 0\r\n\r\n",
             b->reliable ? "TCP" : "UDP", branch ? ";branch=" : "", branch ? branch : "",
             branch ? ";tag=alice" : "", to_tag ? ";tag=" : "", to_tag ? to_tag : "", method);
}

const char *bench_request(struct bench *b, const char *method, const char *branch,
                          const char *to_tag)
{
    snprintf(b->text, sizeof b->text, "%s sip:bob@b.example SIP/2.0\r\n", method);
    put_common(b, method, branch, to_tag);
    return b->text;
}

const char *bench_response(struct bench *b, int status, const char *method, const char *branch,
                           const char *to_tag)
{
    snprintf(b->text, sizeof b->text, "SIP/2.0 %d Words\r\n", status);
    put_common(b, method, branch, to_tag);
    return b->text;
}

/* ---- Calls ---------------------------------------------------------------------------------- */

static const char *note(struct bench *b, int result)
{
    static const char letters[] = "SUTEX";
    b->result = result;
    for (size_t i = 0; i < b->t.n_actions; i++) {
        const struct action *a = &b->t.actions[i];
        b->did[i] = letters[a->what];
        b->did[i + 1] = 0;
        if (a->id != 0)
            b->id = a->id;
        if (a->what == ACTION_PASS_UP)
            b->invite = a->invite;
        if (a->what == ACTION_SEND) {
            b->n_sent++;
            snprintf(b->sent, sizeof b->sent, "%.*s", (int)a->octets.n, (const char *)a->octets.p);
        }
    }
    if (b->t.n_actions == 0)
        b->did[0] = 0;
    return b->did;
}

const char *bench_receive(struct bench *b, const char *text)
{
    return note(b, transactions_receive(&b->t, b->now, bench_parse(b, text), 1, b->reliable));
}

const char *bench_start(struct bench *b, const char *text)
{
    transaction_id id = b->id;
    const int result =
        transactions_request(&b->t, b->now, bench_parse(b, text), 1, b->reliable, 0, &id);
    note(b, result);
    b->id = id;
    return b->did;
}

const char *bench_respond(struct bench *b, transaction_id id, const char *text)
{
    return note(b, transactions_respond(&b->t, b->now, id, bench_parse(b, text)));
}

const char *bench_error(struct bench *b, transaction_id id)
{
    return note(b, transactions_transport_error(&b->t, b->now, id));
}

const char *bench_rest(struct bench *b)
{
    const uint64_t from = b->now;
    size_t n = 0;
    b->text[0] = 0;
    while (transactions_wake(&b->t) != UINT64_MAX && n + 64 < sizeof b->text) {
        b->now = transactions_wake(&b->t);
        if (!transactions_advance(&b->t, b->now))
            break;
        note(b, SIPV_OK);
        n += (size_t)snprintf(b->text + n, sizeof b->text - n, "%s%llu%s", n ? " " : "",
                              (unsigned long long)(b->now - from), b->did);
    }
    transactions_advance(&b->t, b->now);
    return b->text;
}
