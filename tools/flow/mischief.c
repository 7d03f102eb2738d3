/* mischief.c: see mischief.h. */
#include "mischief.h"

#include <string.h>

const char *const mischief_names[] = {"none", "password", "via", "subject", "trying", NULL};

enum mischief mischief_find(const char *name)
{
    for (int i = 0; mischief_names[i]; i++)
        if (strcmp(mischief_names[i], name) == 0)
            return (enum mischief)i;
    return MISCHIEF_NONE;
}

/* The message without its header `i`, or with `more` behind it. */
static sipv_slice edited(const sipv_message *m, uint16_t i, bool drop, const char *more,
                         struct bytes *room)
{
    size_t from = drop ? m->headers[i].off : m->headers[i].end, to = m->headers[i].end;

    room->n = 0;
    bytes_add(room, m->data.p, from);
    bytes_text(room, more);
    bytes_add(room, m->data.p + to, m->data.n - to);
    return bytes_slice(room);
}

sipv_slice mischief_send(enum mischief mischief, const struct callflow_element *is,
                         struct reader *reader, sipv_slice octets, struct bytes *room)
{
    const sipv_message *m;

    if (mischief == MISCHIEF_NONE || is->role != CALLFLOW_PROXY)
        return octets;
    m = reader_parse(reader, octets);
    if (mischief == MISCHIEF_TRYING && m->status == 100)
        return (sipv_slice){NULL, 0};
    if (mischief == MISCHIEF_SUBJECT && m->first[SIPV_H_SUBJECT] != SIPV_NO_HEADER)
        return edited(m, m->first[SIPV_H_SUBJECT], true, "", room);
    if (mischief == MISCHIEF_VIA && m->status > 100 && m->first[SIPV_H_CONTACT] != SIPV_NO_HEADER &&
        m->first[SIPV_H_VIA] != SIPV_NO_HEADER)
        return edited(m, m->first[SIPV_H_VIA], false,
                      "Via: SIP/2.0/UDP proxy.invalid;branch=z9hG4bKleft\r\n", room);
    return octets;
}
