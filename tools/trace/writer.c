/* writer.c: see writer.h. */
#include "writer.h"

#include "../command.h"
#include "../json.h"
#include "packing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct trace_writer {
    const char *name;
    FILE *file;
    bool pcap, failed;
    uint64_t frame;
    struct packing *packing;
};

static void failed(struct trace_writer *w)
{
    if (!w->failed)
        fprintf(stderr, "sipvet: cannot write '%s': %s\n", w->name, strerror(errno));
    w->failed = true;
}

static bool ends_with(const char *text, const char *end)
{
    const size_t n = strlen(text), m = strlen(end);

    return n >= m && strcmp(text + n - m, end) == 0;
}

struct trace_writer *trace_writer_open(const char *name)
{
    struct trace_writer *w = need(1, sizeof *w);

    memset(w, 0, sizeof *w);
    w->name = name;
    w->pcap = ends_with(name, ".pcap");
    w->file = fopen(name, "wb");
    if (!w->file) {
        failed(w);
        free(w);
        return NULL;
    }
    if (w->pcap)
        w->packing = packing_begin(w->file);
    return w;
}

static void add_record(struct trace_writer *w, const struct trace_message *m)
{
    struct trace_message numbered = *m;
    FILE *const before = out_to(w->file);
    struct json j = json_begin_record(false);

    numbered.frame = w->frame;
    record_write(&j, &numbered);
    json_end_record(&j);
    out_to(before);
}

void trace_writer_add(struct trace_writer *w, const struct trace_message *m)
{
    w->frame++;
    if (w->pcap)
        packing_add(w->packing, m);
    else
        add_record(w, m);
    if (fflush(w->file) != 0 || ferror(w->file))
        failed(w);
}

int trace_writer_close(struct trace_writer *w)
{
    int result;

    if (!w)
        return EXIT_FINE;
    if (fclose(w->file) != 0)
        failed(w);
    result = w->failed ? EXIT_INTERNAL : EXIT_FINE;
    packing_end(w->packing);
    free(w);
    return result;
}
