/* Descriptions written line by line into the caller's buffer. */
#include <string.h>

#include "internal.h"

void sipv_sdp_writer_init(sipv_sdp_writer *w, void *out, size_t cap)
{
    w->out = out;
    w->cap = cap;
    w->n = 0;
    w->result = SIPV_OK;
}

static void put(sipv_sdp_writer *w, const void *p, size_t n)
{
    if (n && w->n <= w->cap && n <= w->cap - w->n)
        memcpy(w->out + w->n, p, n);
    w->n += n;
}

static int refuse(sipv_sdp_writer *w)
{
    w->result = SIPV_BAD_ARGUMENT;
    return w->result;
}

/* No CR, LF, NUL. */
static bool is_safe(sipv_slice s)
{
    return s.n == 0 || (!memchr(s.p, '\r', s.n) && !memchr(s.p, '\n', s.n) && !memchr(s.p, 0, s.n));
}

/* Reads a line as the parser does, with room for `cap` captures.  SIPV_NO_SPACE if that is not
 * enough; SIPV_REJECT if it is no line of the strict grammar, ranges included. */
static int read_alone(char type, unsigned id, sipv_slice value, sipv_event *events, size_t cap)
{
    sipv_sdp_line line;
    sipv_diag diag;
    sipv_sdp s;
    struct sipv_sdp_parse x;
    static const sipv_limits limits = SIPV_LIMITS_DEFAULT;
    memset(&x, 0, sizeof x);
    memset(&line, 0, sizeof line);
    sipv_sdp_init(&s, &line, 1, NULL, 0, events, cap, &diag, 1);
    s.data = value;
    s.n_lines = 1;
    s.accepted = true;
    x.s = &s;
    x.limits = &limits;
    sipv_run_begin(&x.run, &sipv_sdp_automata, value.p, value.p + value.n, sipv_express_runs());
    line.type = type;
    line.name = sipv_slice_of(value.p, 0);
    line.value = value;
    line.id = (uint16_t)id;
    sipv_sdp_read_line(&x, &line);
    return x.no_space ? SIPV_NO_SPACE : s.accepted ? SIPV_OK : SIPV_REJECT;
}

/* A line of so many captures that they are not worth their place on the stack otherwise. */
static __attribute__((noinline)) bool is_right_and_long(char type, unsigned id, sipv_slice value)
{
    enum { EVENTS = 4096 };
    sipv_event events[EVENTS];
    return read_alone(type, id, value, events, EVENTS) == SIPV_OK;
}

static bool is_right(char type, unsigned id, sipv_slice value)
{
    /* with less compiled code does not run, for the line or for the address in it */
    enum { EVENTS = SIPV_EXPRESS_PARTS + SIPV_CHUNK_PARTS };
    sipv_event events[EVENTS];
    if (value.n > 4 * EVENTS)
        return is_right_and_long(type, id, value);
    const int result = read_alone(type, id, value, events, EVENTS);
    return result == SIPV_NO_SPACE ? is_right_and_long(type, id, value) : result == SIPV_OK;
}

void sipv_sdp_put_line(sipv_sdp_writer *w, char type, sipv_slice value)
{
    if (w->result != SIPV_OK)
        return;
    put(w, &type, 1);
    put(w, "=", 1);
    put(w, value.p, value.n);
    put(w, "\r\n", 2);
}

int sipv_sdp_write_line(sipv_sdp_writer *w, char type, sipv_slice value)
{
    if (w->result != SIPV_OK)
        return w->result;
    if (type < 'a' || type > 'z' || !strchr("vosiuepcbtrzkm", type) || !value.p ||
        !is_safe(value) || !is_right(type, SIPV_SDP_A_OTHER, value))
        return refuse(w);
    sipv_sdp_put_line(w, type, value);
    return SIPV_OK;
}

int sipv_sdp_write_attribute(sipv_sdp_writer *w, sipv_slice name, sipv_slice value)
{
    if (w->result != SIPV_OK)
        return w->result;
    if (!is_safe(name) || !is_safe(value) || name.n == 0 || (value.p && value.n == 0))
        return refuse(w);
    for (size_t i = 0; i < name.n; i++)
        if (!sipv_set_has(sipv_sdp_tables.token, name.p[i]))
            return refuse(w);
    const unsigned id = sipv_sdp_attribute_find(name);
    const sipv_sdp_attribute_info *info = &sipv_sdp_attribute_table[id];
    if (id != SIPV_SDP_A_OTHER) {
        if (info->rule < 0 ? value.p != NULL
            : value.p      ? !is_right('a', id, value)
                           : !sipv_sdp_value_fits(info->rule, sipv_slice_of("", 0)))
            return refuse(w);
    }
    put(w, "a=", 2);
    put(w, name.p, name.n);
    if (value.p) {
        put(w, ":", 1);
        put(w, value.p, value.n);
    }
    put(w, "\r\n", 2);
    return SIPV_OK;
}

int sipv_sdp_writer_finish(sipv_sdp_writer *w, size_t *n)
{
    *n = w->n;
    return w->result != SIPV_OK ? w->result : w->n > w->cap ? SIPV_NO_SPACE : SIPV_OK;
}

int sipv_sdp_write(const sipv_sdp *s, void *out, size_t cap, size_t *n)
{
    sipv_sdp_writer w;
    sipv_sdp_writer_init(&w, out, cap);
    *n = 0;
    if (!s->accepted)
        return SIPV_REJECT;
    for (size_t i = 0; i < s->n_lines; i++) {
        const sipv_sdp_line *l = &s->lines[i];
        put(&w, &l->type, 1);
        put(&w, "=", 1);
        put(&w, l->name.p, l->name.n);
        if (l->type == 'a' && l->value.p)
            put(&w, ":", 1);
        put(&w, l->value.p, l->value.n);
        put(&w, "\r\n", 2);
    }
    return sipv_sdp_writer_finish(&w, n);
}
