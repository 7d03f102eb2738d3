/* file.c: opens FILEs of a trace and tells of which kind they are. */
#include "../command.h"
#include "../input.h"
#include "trace.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>

const struct trace_limits trace_limits_default = {
    .datagrams = 1024,
    .fragment_octets = (size_t)16 << 20,
    .connections = 4096,
    .segments = 256,
    .stream_octets = (size_t)64 << 20,
};

/* ---- Addresses ------------------------------------------------------------------------------- */

bool address_equal(const struct address *a, const struct address *b)
{
    return a->n == b->n && a->port == b->port && memcmp(a->octets, b->octets, a->n) == 0;
}

/* FNV-1a.  Who sends a capture may make all connections fall into one bucket; there are few. */
uint64_t address_hash(uint64_t seed, const struct address *a)
{
    uint64_t h = seed ^ UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < a->n; i++)
        h = (h ^ a->octets[i]) * UINT64_C(0x100000001b3);
    return (h ^ a->port) * UINT64_C(0x100000001b3);
}

void address_text(const struct address *a, char text[TRACE_NAME])
{
    char host[INET6_ADDRSTRLEN] = "?";

    inet_ntop(a->n == 4 ? AF_INET : AF_INET6, a->octets, host, sizeof host);
    snprintf(text, TRACE_NAME, a->n == 4 ? "%s:%u" : "[%s]:%u", host, (unsigned)a->port);
}

/* ---- Messages -------------------------------------------------------------------------------- */

bool trace_is_stream(const struct trace_message *m)
{
    return strcmp(m->transport, "UDP") != 0;
}

void trace_emit(struct trace *t, const struct address_pair *ends, const char *transport,
                sipv_slice data, const char *damage)
{
    struct trace_message m;

    memset(&m, 0, sizeof m);
    m.file = t->file;
    m.frame = t->frame;
    m.time_ns = t->time_ns;
    address_text(&ends->source, m.source);
    address_text(&ends->destination, m.destination);
    snprintf(m.transport, sizeof m.transport, "%s", transport);
    snprintf(m.damage, sizeof m.damage, "%s", damage ? damage : "");
    m.data = data;
    t->messages++;
    t->sink(t->user, &m);
}

/* ---- Files ----------------------------------------------------------------------------------- */

int trace_complain(const char *name, const char *reason)
{
    out_flush();
    fputs("sipvet: cannot read ", stderr);
    err_visible(sipv_slice_text(name));
    fprintf(stderr, ": %s\n", reason);
    return EXIT_INPUT;
}

bool trace_wait(FILE *file)
{
    struct pollfd p = {.fd = fileno(file), .events = POLLIN};
    int result;

    do
        result = poll(&p, 1, input_timeout_s ? (int)input_timeout_s * 1000 : -1);
    while (result < 0 && errno == EINTR);
    return result != 0;
}

static int read_one(struct trace *t, const char *name)
{
    FILE *file = strcmp(name, "-") == 0 ? stdin : fopen(name, "rb");
    struct stat st;
    int c;

    t->file = name;
    t->frame = 0;
    if (!file)
        return trace_complain(name, strerror(errno));
    /* Where we must wait for data nothing may lie in a buffer meanwhile. */
    if (fstat(fileno(file), &st) != 0 || !S_ISREG(st.st_mode))
        setvbuf(file, NULL, _IONBF, 0);
    if (!trace_wait(file)) {
        fclose(file);
        return trace_complain(name, "nothing came in time (--timeout)");
    }
    c = getc(file);
    if (c == EOF) {
        const char *reason = ferror(file) ? strerror(errno) : "it is empty";

        fclose(file);
        return trace_complain(name, reason);
    }
    ungetc(c, file);
    return c == '{' ? records_read(t, file, name) : capture_read(t, file, name);
}

void trace_begin(struct trace *t, trace_sink *sink, void *user)
{
    memset(t, 0, sizeof *t);
    t->sink = sink;
    t->user = user;
    t->limits = trace_limits_default;
}

int trace_read(struct trace *t, const char *const *names, size_t count)
{
    static const char *const standard[] = {"-"};
    int result = EXIT_FINE;

    if (count == 0) {
        names = standard;
        count = 1;
    }
    for (size_t i = 0; i < count; i++)
        if (read_one(t, names[i]) != EXIT_FINE)
            result = EXIT_INPUT;
    tcp_end(t);
    fragments_free(t);
    return result;
}

int trace_end(struct trace *t)
{
    trace_notes_end(t);
    return t->incomplete ? EXIT_FINDINGS : EXIT_FINE;
}
