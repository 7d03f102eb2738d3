/* corpus FOLDER: every message of the index gets the verdicts and the status that stand there, in
 * every flavour of the matchers, with the bytes flush against a fence page on either side; the
 * index has every message and no other; what must hold of every parse holds; framer and parser
 * agree where an accepted message ends, however it is cut. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engines.h"
#include "files.h"
#include "messages.h"

enum { LONGEST = 1 << 20 };

static struct room room, other;
static struct fence fence, far;
static struct engines engines;
static char paths[2048][160];
static size_t n_paths, faults, n_values;
static size_t not_listed;

static void fault(const char *path, const char *where, const char *what)
{
    printf("%s: %s: %s\n", path, where, what);
    faults++;
}

/* ---- One message ----------------------------------------------------------------------------- */

static bool same_events(const sipv_message *a, const sipv_message *b)
{
    if (a->n_events != b->n_events)
        return false;
    for (size_t i = 0; i < a->n_events; i++)
        if (a->events[i].kind != b->events[i].kind || a->events[i].part != b->events[i].part ||
            a->events[i].off != b->events[i].off || a->events[i].len != b->events[i].len)
            return false;
    return true;
}

static bool same_diags(const sipv_message *a, const sipv_message *b)
{
    if (a->n_diags != b->n_diags)
        return false;
    for (size_t i = 0; i < a->n_diags; i++)
        if (a->diags[i].code != b->diags[i].code || a->diags[i].off != b->diags[i].off ||
            a->diags[i].len != b->diags[i].len || a->diags[i].status != b->diags[i].status)
            return false;
    return true;
}

static bool same_text(const sipv_message *a, sipv_slice x, const sipv_message *b, sipv_slice y)
{
    return x.n == y.n && !x.p == !y.p && (!x.p || x.p - a->data.p == y.p - b->data.p);
}

/* The message in every flavour, at both ends of the fence: the same findings and captures. */
static void check_flavours(const char *path, const unsigned char *data, size_t n,
                           sipv_profile profile, const char *where)
{
    for (int flavour = 0; flavour < 2 * ENGINES_FLAVOURS; flavour++) {
        if (!engines_use((enum engines_flavour)(flavour / 2)))
            continue;
        const unsigned char *p =
            flavour % 2 ? fence_end(&far, data, n) : fence_start(&far, data, n);
        room_parse(&other, p, n, profile);
        const char *what = message_fault(&other.m);
        if (what)
            fault(path, where, what);
        if (other.m.accepted != room.m.accepted || !same_diags(&room.m, &other.m) ||
            !same_events(&room.m, &other.m) || room.m.octets != other.m.octets ||
            !same_text(&room.m, room.m.body, &other.m, other.m.body))
            fault(path, where, "the flavours of the matchers do not agree");
    }
}

static void check_verdict(const char *path, const unsigned char *data, size_t n,
                          sipv_profile profile, const char *where, const char *wanted)
{
    char what[256];
    room_parse(&room, fence_end(&fence, data, n), n, profile);
    const char *broken = message_fault(&room.m);
    if (broken)
        fault(path, where, broken);
    if (room.m.lost_diags)
        fault(path, where, "findings were lost");
    if (room.m.accepted != (strcmp(wanted, "accept") == 0)) {
        const sipv_diag *d = first_error(&room.m);
        snprintf(what, sizeof what, "should %s; %s at %zu+%zu", wanted,
                 d ? sipv_diag_find(d->code)->name : "no error", d ? d->off : 0, d ? d->len : 0);
        fault(path, where, what);
    }
    check_flavours(path, data, n, profile, where);
}

/* An interop element understands an accepted message as a strict one does. */
static void check_meaning(const char *path, const unsigned char *data, size_t n)
{
    const sipv_message *a = &room.m, *b = &other.m;
    room_parse(&room, fence_end(&fence, data, n), n, SIPV_STRICT);
    room_parse(&other, fence_end(&far, data, n), n, SIPV_INTEROP);
    if (!a->accepted)
        return;
    if (!b->accepted || b->relaxations || a->kind != b->kind || a->status != b->status ||
        a->octets != b->octets || a->n_headers != b->n_headers || a->cseq != b->cseq ||
        a->content_length != b->content_length || a->max_forwards != b->max_forwards ||
        !same_text(a, a->body, b, b->body) || !same_text(a, a->call_id, b, b->call_id) ||
        !same_text(a, a->method, b, b->method) || !same_text(a, a->request_uri, b, b->request_uri))
        fault(path, "interop", "reads an accepted message in another way");
    for (size_t i = 0; i < a->n_headers && i < b->n_headers; i++)
        if (a->headers[i].state == SIPV_READ && b->headers[i].state != SIPV_READ)
            fault(path, "interop", "does not read a header that strict reads");
}

/* An index and typed access on demand give what the full parse gave. */
static void check_index(const char *path, const unsigned char *data, size_t n)
{
    const sipv_options options = {.profile = SIPV_STRICT, .explainer = other.explainer};
    const sipv_message *a = &room.m, *b = &other.m;
    sipv_message_init(&other.m, other.headers, a->cap_headers, other.events, a->cap_events,
                      other.diags, a->cap_diags);
    sipv_message_index(&other.m, fence_end(&far, data, n), n, &options);
    const char *broken = message_fault(b);
    if (broken)
        fault(path, "index", broken);
    if (a->accepted && !b->accepted)
        fault(path, "index", "refuses what the full parse accepts");
    if (a->kind != b->kind || a->octets != b->octets || a->n_headers != b->n_headers ||
        a->status != b->status || !same_text(a, a->body, b, b->body) ||
        !same_text(a, a->method, b, b->method))
        fault(path, "index", "differs from the full parse");
}

static void check_framer(const char *path, const unsigned char *data, size_t n)
{
    struct framed out;
    const char *what;
    room_parse(&room, fence_end(&far, data, n), n, SIPV_STRICT);
    for (int profile = SIPV_STRICT; profile <= SIPV_INTEROP; profile++) {
        const char *where = profile == SIPV_STRICT ? "framer" : "framer, interop";
        if ((what = framer_fault(&fence, data, n, (sipv_profile)profile, &out)))
            fault(path, where, what);
        const sipv_message *m = &room.m;
        if (!m->accepted || m->content_length < 0)
            continue;
        if (out.result != SIPV_OK || out.frame.skip != 0 || out.frame.n != m->octets)
            fault(path, where, "does not end the message where the parser does");
    }
}

/* Every header value with a typed form, by both engines. */
static void check_engines(const char *path, const unsigned char *data, size_t n)
{
    char why[320];
    room_parse(&room, fence_end(&fence, data, n), n, SIPV_STRICT);
    for (size_t i = 0; i < room.m.n_headers; i++) {
        const sipv_header *h = &room.m.headers[i];
        const sipv_header_info *info = sipv_header_info_of(h->id);
        if (!info || info->rule < 0 || info->view < 0)
            continue;
        n_values++;
        if (!engines_agree(&engines, info->rule, true, h->value.p, h->value.n, NULL, why,
                           sizeof why))
            fault(path, info->name, why);
    }
    const int uri = sipv_rule_find(sipv_sip_grammar(), sipv_slice_text("Request-URI"));
    if (room.m.request_uri.p && uri >= 0 &&
        !engines_agree(&engines, uri, false, room.m.request_uri.p, room.m.request_uri.n, NULL, why,
                       sizeof why))
        fault(path, "Request-URI", why);
}

static void check_file(const char *folder, const struct tsv *t)
{
    char full[512];
    size_t n = 0;
    const char *path = tsv_get(t, "path"), *status = tsv_get(t, "suggested_status");
    snprintf(full, sizeof full, "%s/%s", folder, path);
    unsigned char *data = file_read(full, &n);
    if (!data || n > LONGEST) {
        fault(path, "index.tsv", "the file cannot be read");
        free(data);
        return;
    }
    check_verdict(path, data, n, SIPV_STRICT, "strict", tsv_get(t, "strict"));
    if (*status && (strcmp(status, "-") == 0 ? 0 : atoi(status)) != (int)room.m.suggested_status) {
        char what[64];
        snprintf(what, sizeof what, "status %u, not %s", room.m.suggested_status, status);
        fault(path, "strict", what);
    }
    check_verdict(path, data, n, SIPV_INTEROP, "interop", tsv_get(t, "interop"));
    check_meaning(path, data, n);
    check_index(path, data, n);
    check_framer(path, data, n);
    check_engines(path, data, n);
    free(data);
}

/* ---- The index ------------------------------------------------------------------------------- */

static bool is_message(const char *path)
{
    const size_t n = strlen(path);
    return n >= 4 && strcmp(path + n - 4, ".sip") == 0;
}

static void see_file(const char *path, void *with)
{
    const char *below = path + strlen((const char *)with) + 1;
    if (!is_message(below) || strncmp(below, "regressions/", 12) == 0)
        return;
    for (size_t i = 0; i < n_paths; i++)
        if (strcmp(paths[i], below) == 0)
            return;
    fault(below, "index.tsv", "has no line for it");
    not_listed++;
}

/* Every line says where its file comes from and which section it is about; of a regression the
 * component that was wrong says the former. */
static void check_line(const struct tsv *t, const char *name)
{
    const char *file = tsv_get(t, "path"), *origin = tsv_get(t, "origin");
    unsigned rfc, section;
    if (!*origin)
        origin = tsv_get(t, "component");
    if (!*origin || strcmp(origin, "-") == 0)
        fault(file, name, "has no origin");
    if (sscanf(tsv_get(t, "rfc"), "RFC %u section %u", &rfc, &section) != 2)
        fault(file, name, "has no RFC and section");
}

static size_t check_table(const char *folder, const char *name)
{
    struct tsv t;
    char path[512];
    size_t lines = 0;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (!tsv_open(&t, path)) {
        fault(path, "table", "cannot be read");
        return 0;
    }
    while (tsv_next(&t)) {
        const char *file = tsv_get(&t, "path");
        check_line(&t, name);
        if (!is_message(file)) /* other regressions */
            continue;
        for (size_t i = 0; i < n_paths; i++)
            if (strcmp(paths[i], file) == 0)
                fault(file, name, "stands there twice");
        snprintf(paths[n_paths++], sizeof *paths, "%s", file);
        check_file(folder, &t);
        lines++;
    }
    tsv_close(&t);
    return lines;
}

int main(int argc, char **argv)
{
    char regressions[512];
    if (argc != 2 || !room_open(&room) || !room_open(&other) || !fence_open(&fence, LONGEST) ||
        !fence_open(&far, LONGEST) || !engines_open(&engines, 1 << 18)) {
        fprintf(stderr, "usage: corpus FOLDER\n");
        return 2;
    }
    const size_t files = check_table(argv[1], "index.tsv");
    if (!files || !files_below(argv[1], see_file, argv[1]))
        fault(argv[1], "corpus", "cannot be read");
    check_table(argv[1], "sdp/index.tsv"); /* its lines: their files are for another program */
    n_paths = 0;
    snprintf(regressions, sizeof regressions, "%s/regressions", argv[1]);
    const size_t old = check_table(regressions, "index.tsv");
    printf("%zu messages, %zu regressions, %zu header values, %zu faults\n", files, old, n_values,
           faults);
    room_close(&room);
    room_close(&other);
    fence_close(&fence);
    fence_close(&far);
    engines_close(&engines);
    return faults != 0;
}
