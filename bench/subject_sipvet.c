/* sipvet itself: index parse, full parse, writing and editing. */
#include <stdlib.h>
#include <string.h>

#include <sipvet/parser.h>

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

static const struct bench_subject subjects[] = {
    {"parse.index", "sipvet", BENCH_SIP, parse_index, NULL, NULL},
    {"parse.full", "sipvet", BENCH_SIP, parse_full, NULL, NULL},
};

const struct bench_library bench_sipvet = {subjects, sizeof subjects / sizeof subjects[0], NULL,
                                           NULL};
