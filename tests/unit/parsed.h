/* A message that is parsed from beside a fence page, for tests of what is written of it. */
#ifndef TESTS_PARSED_H
#define TESTS_PARSED_H

#include <sipvet/parser.h>

#include "fence.h"

#include <criterion/criterion.h>

#define T(text) sipv_slice_of(text, sizeof(text) - 1)

/* What an OPTIONS request has behind its Via, which tests write themselves. */
#define REST                                                                                       \
    "From: <sip:a@h>;tag=1\r\n"                                                                    \
    "To: <sip:b@h>\r\n"                                                                            \
    "Call-ID: 1\r\n"                                                                               \
    "CSeq: 1 OPTIONS\r\n"

enum { HEADERS = 64, EVENTS = 1024, DIAGS = 32, ROOM = 4096 };

struct parsed {
    struct fence fence;
    sipv_header headers[HEADERS];
    sipv_event events[EVENTS];
    sipv_diag diags[DIAGS];
    sipv_message m;
};

static struct parsed parsed;

/* Parses into `parsed` in the strict profile; forget() it. */
static inline sipv_message *parse(const char *text, size_t n)
{
    cr_assert(fence_open(&parsed.fence, ROOM));
    sipv_message_init(&parsed.m, parsed.headers, HEADERS, parsed.events, EVENTS, parsed.diags,
                      DIAGS);
    sipv_message_parse(&parsed.m, fence_end(&parsed.fence, text, n), n, NULL);
    return &parsed.m;
}

static inline void forget(void)
{
    fence_close(&parsed.fence);
}

#endif
