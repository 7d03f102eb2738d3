/* Events of the user agent, which wait until they are taken, and texts that it keeps. */
#include <stdlib.h>
#include <string.h>

#include "ua_core.h"

struct ua_queued {
    struct ua_event event;
    struct ua_queued *next;
    unsigned char octets[];
};

/* ---- Texts ---------------------------------------------------------------------------------- */

bool ua_keep(struct ua_text *text, sipv_slice octets)
{
    unsigned char *copy = malloc(octets.n ? octets.n : 1);
    if (!copy)
        return false;
    if (octets.n > 0)
        memcpy(copy, octets.p, octets.n);
    free(text->p);
    text->p = copy;
    text->n = octets.n;
    return true;
}

void ua_drop(struct ua_text *text)
{
    free(text->p);
    text->p = NULL;
    text->n = 0;
}

sipv_slice ua_kept(const struct ua_text *text)
{
    return sipv_slice_of(text->p, text->n);
}

sipv_slice ua_sdp(sipv_message *m)
{
    sipv_content_type type;
    sipv_iter it = sipv_each(m, SIPV_H_CONTENT_TYPE);
    if (m->body.n == 0 || sipv_content_type_next(&it, &type) != SIPV_OK ||
        !sipv_slice_is(type.type, "application") || !sipv_slice_is(type.subtype, "sdp"))
        return ua_none;
    return m->body;
}

bool ua_has_word(sipv_message *m, unsigned header, const char *word)
{
    sipv_words words;
    sipv_iter it = sipv_each(m, header);
    while (sipv_words_next(&it, &words) == SIPV_OK)
        if (sipv_slice_is(words.value, word))
            return true;
    return false;
}

/* ---- The queue ------------------------------------------------------------------------------ */

/* The same place in a copy. */
static sipv_slice moved(sipv_slice part, sipv_slice from, const unsigned char *to)
{
    return part.p ? sipv_slice_of(to + (part.p - from.p), part.n) : part;
}

struct ua_event *ua_say(struct ua_core *core, enum ua_what what, sipv_message *m)
{
    struct ua_queue *queue = &core->queue;
    const size_t n = m ? m->octets : 0;
    if (queue->n >= core->settings.events)
        return NULL;
    struct ua_queued *queued = malloc(sizeof *queued + n);
    if (!queued)
        return NULL;
    memset(queued, 0, sizeof *queued);
    queued->event.what = what;
    if (m) {
        memcpy(queued->octets, m->data.p, n);
        queued->event.octets = sipv_slice_of(queued->octets, n);
        queued->event.status = m->kind == SIPV_RESPONSE ? m->status : 0;
        queued->event.body =
            moved(what == UA_REQUEST ? m->body : ua_sdp(m), m->data, queued->octets);
    }
    if (queue->last)
        queue->last->next = queued;
    else
        queue->first = queued;
    queue->last = queued;
    queue->n++;
    return &queued->event;
}

bool ua_say_call(struct ua_core *core, enum ua_what what, const struct call *call, int status,
                 sipv_message *m)
{
    struct ua_event *event = ua_say(core, what, m);
    if (!event)
        return false;
    event->call = call->id;
    event->status = status;
    return true;
}

bool ua_next(struct ua *ua, struct ua_event *event)
{
    struct ua_queue *queue = &ua->core->queue;
    struct ua_queued *queued = queue->first;
    free(queue->taken);
    queue->taken = queued;
    memset(event, 0, sizeof *event);
    if (!queued)
        return false;
    *event = queued->event;
    queue->first = queued->next;
    if (!queue->first)
        queue->last = NULL;
    queue->n--;
    return true;
}

void ua_forget_events(struct ua_core *core)
{
    struct ua_queue *queue = &core->queue;
    free(queue->taken);
    while (queue->first) {
        struct ua_queued *next = queue->first->next;
        free(queue->first);
        queue->first = next;
    }
    memset(queue, 0, sizeof *queue);
}
