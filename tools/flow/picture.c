/* picture.c: see picture.h. */
#include "picture.h"

#include "../trace/ladder.h"
#include "../trace/writer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Where an element is when message `i` is sent.  Over TCP its own port may be one that tells
 * nothing; then it is where it was last seen with UDP. */
static const struct hop *place_of(const struct recording *r, size_t i, unsigned element)
{
    const struct hop *here =
        r->messages[i].from == element ? &r->messages[i].source : &r->messages[i].destination;

    for (size_t k = i + 1; k-- > 0 && element != FLOW_OUTSIDE;) {
        const struct recorded *m = &r->messages[k];

        if (m->source.transport == HOP_UDP && (m->from == element || m->to == element))
            return m->from == element ? &m->source : &m->destination;
    }
    return here;
}

/* "client1 10.20.30.10:5060": a column of the ladder. */
static void column_name(const struct callflow *flow, const struct recording *r, size_t i,
                        unsigned element, char out[TRACE_NAME])
{
    char hostport[HOP_TEXT];

    hop_hostport(place_of(r, i, element), hostport);
    snprintf(out, TRACE_NAME, "%s %.240s",
             element < callflow_element_count(flow) ? flow->elements[element].name : "?", hostport);
}

static void message_of(const struct callflow *flow, const struct recording *r, size_t i, bool named,
                       struct trace_message *out)
{
    const struct recorded *m = &r->messages[i];

    memset(out, 0, sizeof *out);
    out->file = flow->name;
    out->frame = i + 1;
    out->time_ns = m->sent_ns;
    snprintf(out->transport, sizeof out->transport, "%s", hop_transport_name(m->source.transport));
    if (m->arrived_at == 0)
        snprintf(out->damage, sizeof out->damage, "%s", TRACE_LOST);
    out->data = bytes_slice(&m->octets);
    if (named) {
        column_name(flow, r, i, m->from, out->source);
        column_name(flow, r, i, m->to, out->destination);
        return;
    }
    hop_hostport(&m->source, out->source);
    hop_hostport(&m->destination, out->destination);
}

/* Columns come in the order of the elements, each at the address that it had first. */
static void add_columns(struct ladder *l, const struct callflow *flow, const struct recording *r)
{
    char name[TRACE_NAME];

    for (unsigned e = 0; e < callflow_element_count(flow); e++)
        for (size_t i = 0; i < r->count; i++) {
            const struct recorded *m = &r->messages[i];

            if (m->from != e && m->to != e)
                continue;
            column_name(flow, r, i, e, name);
            ladder_column(l, name);
            break;
        }
}

static void open_ladder(struct ladder *l, struct palette palette)
{
    memset(l, 0, sizeof *l);
    l->w.format = "text";
    l->w.profile = SIPV_STRICT;
    l->w.palette = palette;
    trace_begin(&l->w.trace, ladder_add, l);
    ladder_open(l);
}

static void add_recording(struct ladder *l, const struct callflow *flow, const struct recording *r)
{
    struct trace_message m;

    add_columns(l, flow, r);
    for (size_t i = 0; i < r->count; i++) {
        message_of(flow, r, i, true, &m);
        ladder_add(l, &m);
    }
}

static void close_ladder(struct ladder *l)
{
    out_flush();
    trace_end(&l->w.trace);
    vet_free(&l->w.vet);
    ladder_close(l);
}

void picture_ladder(const struct callflow *flow, const struct recording *r, struct palette palette)
{
    struct ladder l;

    open_ladder(&l, palette);
    add_recording(&l, flow, r);
    ladder_text(&l);
    close_ladder(&l);
}

/* ---- Files ----------------------------------------------------------------------------------- */

enum { PATH = 4096 };

/* False, and a complaint, if it is too long. */
static bool path_of(const char *folder, const char *name, char path[PATH])
{
    if ((size_t)snprintf(path, PATH, "%s/%s", folder, name) < PATH)
        return true;
    fprintf(stderr, "sipvet: the name of the folder is too long: %s\n", folder);
    return false;
}

static bool complain(const char *path)
{
    fprintf(stderr, "sipvet: cannot write %s: %s\n", path, strerror(errno));
    return false;
}

static bool write_ladder(struct ladder *l, const char *folder, const char *name, bool html)
{
    char path[PATH];
    FILE *file;
    bool failed;

    if (!path_of(folder, name, path))
        return false;
    file = fopen(path, "wb");
    if (!file)
        return complain(path);
    out_to(file);
    if (html)
        ladder_html(l);
    else
        ladder_svg(l, false);
    out_to(NULL);
    failed = ferror(file) != 0;
    return fclose(file) == 0 && !failed ? true : complain(path);
}

static bool write_ladders(const struct picture *pictures, size_t count, const char *folder)
{
    struct ladder l;
    bool done;

    open_ladder(&l, (struct palette){false});
    for (size_t i = 0; i < count; i++)
        add_recording(&l, pictures[i].flow, pictures[i].recording);
    done = write_ladder(&l, folder, "ladder.html", true) &&
           write_ladder(&l, folder, "ladder.svg", false);
    close_ladder(&l);
    return done;
}

/* A capture, or records: the name says which. */
static bool write_trace(const struct picture *pictures, size_t count, const char *folder,
                        const char *name)
{
    char path[PATH];
    struct trace_writer *w;
    struct trace_message m;

    if (!path_of(folder, name, path) || !(w = trace_writer_open(path)))
        return false;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < pictures[i].recording->count; k++) {
            message_of(pictures[i].flow, pictures[i].recording, k, false, &m);
            trace_writer_add(w, &m);
        }
    return trace_writer_close(w) == EXIT_FINE;
}

int picture_files(const struct picture *pictures, size_t count, const char *folder)
{
    if (mkdir(folder, 0777) != 0 && errno != EEXIST) {
        fprintf(stderr, "sipvet: cannot make the folder %s: %s\n", folder, strerror(errno));
        return EXIT_INTERNAL;
    }
    return write_ladders(pictures, count, folder) &&
                   write_trace(pictures, count, folder, "trace.pcap") &&
                   write_trace(pictures, count, folder, "trace.ndjson")
               ? EXIT_FINE
               : EXIT_INTERNAL;
}
