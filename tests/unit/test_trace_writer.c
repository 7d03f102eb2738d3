/* test_trace_writer.c: what is written is read back: pcap and ndjson, UDP and TCP, IPv4 and IPv6.
 */
#include "../../tools/command.h"
#include "../../tools/trace/writer.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BODY = 100000 };

static const struct {
    const char *source, *destination, *transport;
    size_t body;
} sent[] = {
    {"127.0.0.1:5060", "127.0.0.1:5070", "UDP", 10},
    {"127.0.0.1:40000", "127.0.0.1:5070", "TCP", 0},
    {"127.0.0.1:5070", "127.0.0.1:40000", "TCP", BODY},
    {"127.0.0.1:40000", "127.0.0.1:5070", "TCP", 40000},
    {"[::1]:40000", "[::1]:5061", "TLS", 1},
    {"[::1]:5061", "[::1]:40000", "TLS", BODY},
    {"[2001:db8::1]:5060", "[::1]:5060", "UDP", 3},
    {"127.0.0.1:5070", "127.0.0.1:5060", "UDP", 50000},
};

enum { SENT = sizeof sent / sizeof *sent };

static unsigned char *text_of(size_t i, size_t *n)
{
    unsigned char *text = malloc(BODY + 200);
    const int head = sprintf((char *)text,
                             "OPTIONS sip:a@example.com SIP/2.0\r\nCall-ID: %zu\r\n"
                             "Content-Length: %zu\r\n\r\n",
                             i, sent[i].body);
    for (size_t k = 0; k < sent[i].body; k++)
        text[(size_t)head + k] = (unsigned char)(k * 7);
    *n = (size_t)head + sent[i].body;
    return text;
}

static int64_t time_of(size_t i)
{
    return INT64_C(1700000000123456789) + (int64_t)i * 1000000;
}

static void write_all(const char *name)
{
    struct trace_writer *w = trace_writer_open(name);
    cr_assert(w);
    for (size_t i = 0; i < SENT; i++) {
        struct trace_message m = {.time_ns = time_of(i)};
        size_t n;
        unsigned char *text = text_of(i, &n);
        strcpy(m.source, sent[i].source);
        strcpy(m.destination, sent[i].destination);
        strcpy(m.transport, sent[i].transport);
        m.data = sipv_slice_of(text, n);
        trace_writer_add(w, &m);
        free(text);
    }
    cr_assert_eq(trace_writer_close(w), EXIT_FINE);
}

static size_t seen;
static bool packets; /* TLS cannot be told from TCP there */

static void see(void *user, const struct trace_message *m)
{
    size_t n;
    const size_t i = seen++;
    (void)user;
    cr_assert_lt(i, SENT);
    unsigned char *text = text_of(i, &n);
    const bool tls = packets && strcmp(sent[i].transport, "TLS") == 0;
    cr_expect_str_eq(m->source, sent[i].source);
    cr_expect_str_eq(m->destination, sent[i].destination);
    cr_expect_str_eq(m->transport, tls ? "TCP" : sent[i].transport);
    cr_expect_str_eq(m->damage, "");
    cr_expect_eq(m->time_ns, time_of(i));
    cr_expect_eq(m->data.n, n);
    cr_expect(m->data.n == n && memcmp(m->data.p, text, n) == 0, "message %zu", i);
    free(text);
}

static void read_all(const char *name)
{
    struct trace t;
    seen = 0;
    trace_begin(&t, see, NULL);
    cr_expect_eq(trace_read(&t, &name, 1), EXIT_FINE);
    cr_expect_eq(trace_end(&t), EXIT_FINE);
    cr_expect_eq(seen, SENT);
}

static void there_and_back(const char *end)
{
    char name[64];
    sprintf(name, "/tmp/sipvet-writer-%d%s", (int)getpid(), end);
    write_all(name);
    read_all(name);
    unlink(name);
}

Test(trace_writer, ndjson)
{
    there_and_back(".ndjson");
}

Test(trace_writer, pcap)
{
#ifdef TESTS_WITH_PCAP
    packets = true;
    there_and_back(".pcap");
#else
    cr_skip_test("there is no libpcap");
#endif
}

Test(trace_writer, files_that_cannot_be_written)
{
    struct trace_writer *w;
    struct trace_message m = {.source = "127.0.0.1:1", .destination = "127.0.0.1:2"};
    cr_expect_null(trace_writer_open("/nonexistent/a.pcap"));
    if (access("/dev/full", W_OK) != 0)
        cr_skip_test("there is no /dev/full");
    w = trace_writer_open("/dev/full");
    cr_assert(w);
    m.data = sipv_slice_text("x");
    trace_writer_add(w, &m);
    cr_expect_eq(trace_writer_close(w), EXIT_INTERNAL);
}

/* More connections than are kept: those that come back begin anew. */
Test(trace_writer, many_connections)
{
    char name[64];
    sprintf(name, "/tmp/sipvet-many-%d.pcap", (int)getpid());
    struct trace_writer *w = trace_writer_open(name);
    cr_assert(w);
    for (unsigned i = 0; i < 5000; i++) {
        struct trace_message m = {.destination = "127.0.0.1:2", .transport = "TCP"};
        sprintf(m.source, "127.0.0.1:%u", 10000 + i % 2500);
        m.data = sipv_slice_text("x");
        trace_writer_add(w, &m);
    }
    cr_expect_eq(trace_writer_close(w), EXIT_FINE);
    unlink(name);
}
