/* manifest FOLDER: reference messages with a manifest.tsv of verdicts and extracted values.
 *
 * Both verdicts, and the status where the manifest names one for a refused request; where the
 * strict verdict is accept also kind, method or status, Request-URI, Call-ID, CSeq, tags, topmost
 * Via, how many values of some headers there are, Content-Length and octets of the body.  `*` is
 * not checked, `any` may be either.  Exit status 77 if the folder is not there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engines.h"
#include "files.h"
#include "messages.h"

static struct room room;
static struct fence fence;
static size_t faults, values, messages;

static void fault(const char *file, const char *column, const char *wanted, const char *got)
{
    printf("%s: %s is %s, not %s\n", file, column, got, wanted);
    faults++;
}

/* `wanted` is a cell with escapes, `-` for absent. */
static void check_text(const struct tsv *t, const char *column, sipv_slice got)
{
    static char shown[8192];
    unsigned char bytes[4096];
    const char *wanted = tsv_get(t, column);
    if (!*wanted || strcmp(wanted, "*") == 0)
        return;
    values++;
    const bool absent = strcmp(wanted, "-") == 0;
    const size_t n = tsv_bytes(wanted, bytes, sizeof bytes);
    if (absent ? !got.p || got.n == 0 : got.n == n && memcmp(got.p, bytes, n) == 0)
        return;
    fault(tsv_get(t, "file"), column, wanted,
          got.p ? escape_bytes(got.p, got.n, shown, sizeof shown) : "absent");
}

static void check_number(const struct tsv *t, const char *column, int64_t got)
{
    char text[32];
    const char *wanted = tsv_get(t, column);
    if (!*wanted || strcmp(wanted, "*") == 0)
        return;
    values++;
    snprintf(text, sizeof text, "%lld", (long long)got);
    if (strcmp(wanted, "-") == 0 ? got != -1 : strcmp(wanted, text) != 0)
        fault(tsv_get(t, "file"), column, wanted, text);
}

static void check_verdict(const struct tsv *t, const char *column)
{
    const char *wanted = tsv_get(t, column);
    const char *got = room.m.accepted ? "accept" : "reject";
    if (!*wanted || strcmp(wanted, "any") == 0)
        return;
    values++;
    if (strcmp(wanted, got) == 0)
        return;
    const sipv_diag *d = first_error(&room.m);
    fault(tsv_get(t, "file"), column, wanted, d ? sipv_diag_find(d->code)->name : got);
}

/* A refused request is answered by one of the codes that the cell names. */
static void check_status(const struct tsv *t)
{
    char got[8];
    const char *wanted = tsv_get(t, "response_code");
    if (room.m.accepted || *wanted < '1' || *wanted > '6')
        return;
    values++;
    snprintf(got, sizeof got, "%u", room.m.suggested_status);
    if (!strstr(wanted, got))
        fault(tsv_get(t, "file"), "response_code", wanted, got);
}

/* ---- Extracted values ------------------------------------------------------------------------ */

static int64_t count(unsigned id)
{
    union { /* large enough for every view that is counted here */
        sipv_via via;
        sipv_route route;
        sipv_contact contact;
    } out;
    int64_t n = 0;
    sipv_iter it = sipv_each(&room.m, id);
    while (sipv_next(&it, sipv_header_info_of(id)->view, &out) == SIPV_OK)
        n++;
    return n;
}

static sipv_slice tag_of(unsigned id)
{
    sipv_address a;
    sipv_param tag;
    sipv_iter it = sipv_each(&room.m, id);
    if (sipv_address_next(&it, &a) == SIPV_OK && sipv_param_find(&a.params, "tag", &tag) == SIPV_OK)
        return tag.value;
    return sipv_slice_of(NULL, 0);
}

static void check_via(const struct tsv *t)
{
    char sent_by[512];
    sipv_via via;
    sipv_param branch = {{NULL, 0}, {NULL, 0}};
    sipv_iter it = sipv_each(&room.m, SIPV_H_VIA);
    if (sipv_via_next(&it, &via) != SIPV_OK) {
        fault(tsv_get(t, "file"), "top Via", "there", "absent");
        return;
    }
    sipv_param_find(&via.params, "branch", &branch);
    int n = snprintf(sent_by, sizeof sent_by, "%.*s", (int)via.host.n, (const char *)via.host.p);
    if (via.port >= 0)
        n += snprintf(sent_by + n, sizeof sent_by - (size_t)n, ":%lld", (long long)via.port);
    check_text(t, "top_via_transport", via.transport);
    check_text(t, "top_via_sent_by", sipv_slice_of(sent_by, (size_t)n));
    check_text(t, "top_via_branch", branch.value);
}

static void check_values(const struct tsv *t)
{
    const sipv_message *m = &room.m;
    char cseq[256];
    check_text(t, "kind", sipv_slice_text(m->kind == SIPV_REQUEST ? "request" : "response"));
    check_text(t, "method_or_status", m->kind == SIPV_REQUEST ? m->method : m->status_text);
    check_text(t, "request_uri", m->request_uri);
    check_text(t, "call_id", m->call_id);
    snprintf(cseq, sizeof cseq, "%lld %.*s", (long long)m->cseq, (int)m->cseq_method.n,
             (const char *)m->cseq_method.p);
    check_text(t, "cseq", sipv_slice_text(cseq));
    check_number(t, "cseq_num", m->cseq);
    check_text(t, "cseq_method", m->cseq_method);
    check_text(t, "from_tag", tag_of(SIPV_H_FROM));
    check_text(t, "to_tag", tag_of(SIPV_H_TO));
    check_via(t);
    check_number(t, "n_via", count(SIPV_H_VIA));
    check_number(t, "n_route", count(SIPV_H_ROUTE));
    check_number(t, "n_record_route", count(SIPV_H_RECORD_ROUTE));
    check_number(t, "n_contact", count(SIPV_H_CONTACT));
    check_number(t, "content_length", m->content_length);
    check_number(t, "body_octets", m->body.p ? (int64_t)m->body.n : 0);
}

static void check_file(const char *folder, const struct tsv *t)
{
    char path[512];
    size_t n = 0;
    const char *file = tsv_get(t, "file"), *what;
    struct framed out;
    snprintf(path, sizeof path, "%s/%s", folder, file);
    unsigned char *data = file_read(path, &n);
    if (!data) {
        fault(file, "file", "readable", "not");
        return;
    }
    messages++;
    room_parse(&room, fence_end(&fence, data, n), n, SIPV_INTEROP);
    check_verdict(t, "lenient");
    if ((what = message_fault(&room.m)))
        fault(file, "interop parse", "right", what);
    room_parse(&room, fence_end(&fence, data, n), n, SIPV_STRICT);
    check_verdict(t, "strict");
    if ((what = message_fault(&room.m)))
        fault(file, "strict parse", "right", what);
    check_status(t);
    if (strcmp(tsv_get(t, "strict"), "accept") == 0 && room.m.accepted) {
        check_values(t);
        const size_t octets = room.m.octets;
        const bool whole = room.m.content_length >= 0;
        if ((what = framer_fault(&fence, data, n, SIPV_STRICT, &out)) ||
            (whole && (out.result != SIPV_OK || out.frame.n != octets)))
            fault(file, "framer", "as the parser", what ? what : "elsewhere");
    }
    free(data);
}

int main(int argc, char **argv)
{
    struct tsv t;
    char path[512];
    if (argc != 2 || !room_open(&room) || !fence_open(&fence, 1 << 20)) {
        fprintf(stderr, "usage: manifest FOLDER\n");
        return 2;
    }
    snprintf(path, sizeof path, "%s/manifest.tsv", argv[1]);
    if (!tsv_open(&t, path)) {
        printf("skipped: there is no %s\n", path);
        return 77;
    }
    engines_use(ENGINES_TABLES);
    while (tsv_next(&t))
        check_file(argv[1], &t);
    tsv_close(&t);
    printf("%zu messages, %zu values, %zu faults\n", messages, values, faults);
    room_close(&room);
    fence_close(&fence);
    return faults || !messages;
}
