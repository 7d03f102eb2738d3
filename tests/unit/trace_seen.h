/* What a trace makes of packets, as the tests of `sipvet trace` see it. */
#ifndef TESTS_TRACE_SEEN_H
#define TESTS_TRACE_SEEN_H

#include "../../tools/trace/trace.h"

#include "packets.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { ETHERNET = 1, RAW = 101, UDP = 17, TCP = 6 };

enum { SEEN_MAX = 4096 };

struct seen {
    size_t count;
    struct {
        char text[4096];
        size_t n;
        char source[64], damage[TRACE_DAMAGE], transport[8];
        uint64_t frame;
    } all[SEEN_MAX];
};

static struct seen *seen;
static struct trace t;
static struct packet k;
static const struct route out = {1, 2, 5070, 5090, false}, back = {2, 1, 5090, 5070, false};
static const struct route out6 = {1, 2, 5070, 5090, true};

static inline void sink(void *user, const struct trace_message *m)
{
    size_t i = seen->count++;

    cr_assert_eq(user, seen);
    cr_assert_lt(i, SEEN_MAX);
    seen->all[i].n = m->data.n;
    memcpy(seen->all[i].text, m->data.p,
           m->data.n < sizeof seen->all[i].text ? m->data.n : sizeof seen->all[i].text);
    memcpy(seen->all[i].source, m->source, 63);
    memcpy(seen->all[i].damage, m->damage, sizeof m->damage);
    memcpy(seen->all[i].transport, m->transport, 7);
    seen->all[i].frame = m->frame;
}

static inline void begin(void)
{
    seen = calloc(1, sizeof *seen);
    trace_begin(&t, sink, seen);
    t.file = "test";
}

static inline void finish(void)
{
    tcp_end(&t);
    fragments_free(&t);
    trace_end(&t);
    cr_assert_eq(t.connections.octets, 0);
    cr_assert_eq(t.datagrams.octets, 0);
    free(seen);
}

TestSuite(trace, .init = begin, .fini = finish);

/* Goes in from memory of its own size, so that a sanitizer sees what is read beyond. */
static inline void feed(int link)
{
    unsigned char *copy = malloc(k.n ? k.n : 1);

    memcpy(copy, packet_bytes(&k), k.n);
    t.frame++;
    link_packet(&t, link, copy, k.n);
    free(copy);
}

static inline void is_message(size_t i, const char *text, const char *damage)
{
    cr_assert_lt(i, seen->count, "there are only %zu messages", seen->count);
    cr_assert_eq(seen->all[i].n, strlen(text), "message %zu has %zu octets, not %zu", i,
                 seen->all[i].n, strlen(text));
    cr_assert_arr_eq(seen->all[i].text, text, strlen(text));
    cr_assert_not_null(strstr(seen->all[i].damage, damage), "damage of %zu: %s", i,
                       seen->all[i].damage);
    cr_assert_eq(!*damage, !*seen->all[i].damage);
}

#define ONE "OPTIONS sip:a@example.com SIP/2.0\r\nCall-ID: one\r\nContent-Length: 4\r\n\r\nbody"
#define TWO "SIP/2.0 200 OK\r\nCall-ID: two\r\nContent-Length: 0\r\n\r\n"

#endif
