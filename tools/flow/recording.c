/* recording.c: see recording.h. */
#include "recording.h"

#include "../output.h"

#include <stdlib.h>
#include <string.h>

/* ---- Reading --------------------------------------------------------------------------------- */

enum { HEADERS = 1024, EVENTS = 65536, DIAGS = 64 };

struct reader {
    sipv_message m;
    sipv_header headers[HEADERS];
    sipv_event events[EVENTS];
    sipv_diag diags[DIAGS];
};

struct reader *reader_new(void)
{
    return need_more(NULL, 1, sizeof(struct reader)); /* much of it is never written */
}

void reader_free(struct reader *reader)
{
    free(reader);
}

sipv_message *reader_parse(struct reader *reader, sipv_slice octets)
{
    sipv_message_init(&reader->m, reader->headers, HEADERS, reader->events, EVENTS, reader->diags,
                      DIAGS);
    sipv_message_parse(&reader->m, octets.p, octets.n, NULL);
    return &reader->m;
}

/* ---- Recording ------------------------------------------------------------------------------- */

/* The few things by which messages are looked for. */
static void read_start(struct recording *r, struct recorded *message)
{
    const sipv_message *m;

    if (!r->reader)
        r->reader = reader_new();
    m = reader_parse(r->reader, bytes_slice(&message->octets));
    message->request = m->kind == SIPV_REQUEST;
    message->method = message->request ? m->method : m->cseq_method;
    message->status = m->kind == SIPV_RESPONSE && m->status > 0 ? m->status : 0;
}

size_t recording_sent(struct recording *r, int64_t now_ns, unsigned from, unsigned to,
                      const struct hop *source, const struct hop *destination, sipv_slice octets)
{
    struct recorded *message;

    if (r->count == RECORDING_MAX) {
        r->full = true;
        return RECORDING_MAX;
    }
    if (r->count == r->cap)
        r->messages = need_more(r->messages, r->cap = r->cap * 2 + 64, sizeof *r->messages);
    message = &r->messages[r->count];
    memset(message, 0, sizeof *message);
    message->sent_ns = now_ns;
    message->arrived_ns = -1;
    message->sent_at = ++r->happenings;
    message->from = from;
    message->to = to;
    message->source = *source;
    message->destination = *destination;
    bytes_set(&message->octets, octets);
    read_start(r, message);
    return r->count++;
}

void recording_arrived(struct recording *r, size_t number, int64_t now_ns)
{
    if (number >= r->count || r->messages[number].arrived_at > 0)
        return;
    r->messages[number].arrived_ns = now_ns;
    r->messages[number].arrived_at = ++r->happenings;
}

void recording_free(struct recording *r)
{
    for (size_t i = 0; i < r->count; i++)
        bytes_free(&r->messages[i].octets);
    free(r->messages);
    reader_free(r->reader);
    memset(r, 0, sizeof *r);
}
