/* sipvet itself: index parse, full parse, session descriptions, writing and editing. */
#include <stdlib.h>
#include <string.h>

#include <sipvet/parser.h>
#include <sipvet/sdp.h>

#include "bench.h"

enum { HEADERS = 256, EVENTS = 8192, DIAGS = 64 };

static sipv_header headers[HEADERS];
static sipv_event events[EVENTS];
static sipv_diag diags[DIAGS];

static void prepare(sipv_message *m)
{
    sipv_message_init(m, headers, HEADERS, events, EVENTS, diags, DIAGS);
}

static int parse_index(void *state, const char *data, size_t size)
{
    static sipv_message m;
    (void)state;
    prepare(&m);
    const int result = sipv_message_index(&m, data, size, NULL);
    bench_sink += m.n_headers;
    return result == SIPV_OK ? 0 : -1;
}

/* Every known header in its typed form, the rules of whole messages checked. */
static int parse_full(void *state, const char *data, size_t size)
{
    static sipv_message m;
    (void)state;
    prepare(&m);
    const int result = sipv_message_parse(&m, data, size, NULL);
    bench_sink += m.n_events;
    return result == SIPV_OK ? 0 : -1;
}

/* Every line and every attribute in its typed form, what must agree across lines checked. */
static int sdp_full(void *state, const char *data, size_t size)
{
    enum { LINES = 1024, SECTIONS = 32 };
    static sipv_sdp_line lines[LINES];
    static sipv_sdp_section sections[SECTIONS];
    sipv_sdp s;
    (void)state;
    sipv_sdp_init(&s, lines, LINES, sections, SECTIONS, events, EVENTS, diags, DIAGS);
    const int result = sipv_sdp_parse(&s, data, size, NULL);
    bench_sink += s.n_events;
    return result == SIPV_OK ? 0 : -1;
}

/* A parsed message with storage of its own. */
struct parsed {
    sipv_message m;
    sipv_header headers[HEADERS];
    sipv_event events[EVENTS];
    sipv_diag diags[DIAGS];
};

static void *open_message(const char *data, size_t size)
{
    struct parsed *p = malloc(sizeof *p);
    if (!p)
        return NULL;
    sipv_message_init(&p->m, p->headers, HEADERS, p->events, EVENTS, p->diags, DIAGS);
    if (sipv_message_parse(&p->m, data, size, NULL) == SIPV_OK)
        return p;
    free(p);
    return NULL;
}

static void close_message(void *state)
{
    free(state);
}

static int write_message(void *state, const char *data, size_t size)
{
    static unsigned char out[1 << 16];
    size_t n = 0;
    (void)data;
    (void)size;
    const int result = sipv_message_write(&((struct parsed *)state)->m, out, sizeof out, &n);
    bench_sink += n;
    return result == SIPV_OK ? 0 : -1;
}

/* What a proxy does on the way back or forth: a Via off or on, one hop less. */
static int write_edit(void *state, const char *data, size_t size)
{
    static const char via[] = "SIP/2.0/UDP proxy.example.com;branch=z9hG4bK4b43c2ff8.1";
    sipv_message *m = &((struct parsed *)state)->m;
    sipv_edit edit;
    (void)data;
    (void)size;
    sipv_edit_init(&edit, m);
    if (m->kind == SIPV_RESPONSE) {
        if (sipv_edit_strip_via(&edit) != SIPV_OK)
            return -1;
    } else if (sipv_edit_add_via(&edit, sipv_slice_of(via, sizeof via - 1)) != SIPV_OK ||
               sipv_edit_set_max_forwards(&edit, 69) != SIPV_OK) {
        return -1;
    }
    const int result = sipv_edit_finish(&edit);
    bench_sink += edit.n_pieces;
    return result == SIPV_OK ? 0 : -1;
}

static const struct bench_subject subjects[] = {
    {"parse.index", "sipvet", BENCH_SIP, parse_index, NULL, NULL},
    {"parse.full", "sipvet", BENCH_SIP, parse_full, NULL, NULL},
    {"sdp.full", "sipvet", BENCH_SDP, sdp_full, NULL, NULL},
    {"write.message", "sipvet", BENCH_SIP, write_message, open_message, close_message},
    {"write.edit", "sipvet", BENCH_SIP, write_edit, open_message, close_message},
};

const struct bench_library bench_sipvet = {subjects, sizeof subjects / sizeof subjects[0], NULL,
                                           NULL};
