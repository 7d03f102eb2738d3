/* records.c: traces as ndjson, one record "sipvet.trace/1" a message: written, and read
 * back. */
#include "../command.h"
#include "../json.h"
#include "../progress.h"
#include "json_read.h"
#include "trace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCHEMA "sipvet.trace/1"

void record_write(struct json *j, const struct trace_message *m)
{
    char time[TIME_TEXT];

    time_text(m->time_ns, time);
    json_object(j, NULL);
    json_text(j, "schema", SCHEMA);
    json_size(j, "frame", (size_t)m->frame);
    json_text(j, "time", time);
    json_text(j, "source", m->source);
    json_text(j, "destination", m->destination);
    json_text(j, "transport", m->transport);
    json_text(j, "damage", *m->damage ? m->damage : NULL);
    json_size(j, "octets", m->data.n);
    json_string(j, "message", m->data);
    json_end_object(j);
}

enum { RECORD_MAX = 16 << 20 };

/* ---- Base64 (RFC 4648 section 4) ------------------------------------------------------------- */

static int digit(unsigned char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

static bool base64_read(sipv_slice text, struct bytes *out)
{
    uint32_t bits = 0;
    unsigned count = 0;
    size_t padding = 0;

    if (text.n % 4 != 0)
        return false;
    while (padding < 2 && padding < text.n && text.p[text.n - 1 - padding] == '=')
        padding++;
    for (size_t i = 0; i < text.n - padding; i++) {
        int d = digit(text.p[i]);

        if (d < 0)
            return false;
        bits = bits << 6 | (uint32_t)d;
        count += 6;
        if (count >= 8) {
            unsigned char c = (unsigned char)(bits >> (count -= 8));

            bytes_add(out, &c, 1);
        }
    }
    return true;
}

/* ---- Records --------------------------------------------------------------------------------- */

/* The members that are read. */
enum {
    SCHEMA_,
    FRAME,
    TIME,
    SOURCE,
    DESTINATION,
    TRANSPORT,
    DAMAGE,
    MESSAGE,
    MESSAGE_B64,
    MEMBERS
};

static const struct {
    const char *key;
    enum json_kind kind;
} members[MEMBERS] = {
    [SCHEMA_] = {"schema", JSON_STRING},
    [FRAME] = {"frame", JSON_BARE},
    [TIME] = {"time", JSON_STRING},
    [SOURCE] = {"source", JSON_STRING},
    [DESTINATION] = {"destination", JSON_STRING},
    [TRANSPORT] = {"transport", JSON_STRING},
    [DAMAGE] = {"damage", JSON_STRING},
    [MESSAGE] = {"message", JSON_STRING},
    [MESSAGE_B64] = {"message_b64", JSON_STRING},
};

/* The values of a record, absent ones absent; false if it is no JSON or has a member twice. */
static bool read_members(const struct bytes *line, sipv_slice values[MEMBERS])
{
    struct json_reader r = {.p = line->p, .n = line->n};
    struct json_member member;
    int result;

    memset(values, 0, MEMBERS * sizeof *values);
    if (!utf8_valid(bytes_slice(line))) /* RFC 8259 8.1 */
        return false;
    while ((result = json_read_member(&r, &member)) == SIPV_OK) {
        for (size_t i = 0; i < MEMBERS; i++) {
            if (!sipv_slice_is(member.key, members[i].key) || member.kind != members[i].kind)
                continue;
            if (values[i].p)
                return false;
            values[i] = member.value;
        }
    }
    return result == SIPV_END;
}

/* Text of one line, not too long. */
static bool copy(sipv_slice value, char *out, size_t cap)
{
    if (!value.p || value.n >= cap || memchr(value.p, '\0', value.n))
        return false;
    memcpy(out, value.p, value.n);
    out[value.n] = '\0';
    return true;
}

/* NULL, or why it is no record. */
static const char *read_record(const sipv_slice values[MEMBERS], struct trace_message *m,
                               struct bytes *data)
{
    char time[TIME_TEXT];
    uint64_t frame;

    if (!values[SCHEMA_].p || !sipv_slice_is(values[SCHEMA_], SCHEMA))
        return "its schema is another one";
    if (values[FRAME].p && sipv_number(values[FRAME], INT64_MAX, &frame) == SIPV_OK)
        m->frame = frame;
    if (!copy(values[TIME], time, sizeof time) || !time_read(time, &m->time_ns))
        return "its time is not as 2026-01-02T03:04:05.000000006Z";
    if (!copy(values[SOURCE], m->source, sizeof m->source) ||
        !copy(values[DESTINATION], m->destination, sizeof m->destination))
        return "it has no source or no destination";
    if (!copy(values[TRANSPORT], m->transport, sizeof m->transport))
        return "it has no transport";
    if (values[DAMAGE].p && !copy(values[DAMAGE], m->damage, sizeof m->damage))
        return "its damage is too long";
    if (!values[MESSAGE].p && !values[MESSAGE_B64].p)
        return "it has no message";
    data->n = 0;
    if (!values[MESSAGE_B64].p)
        bytes_set(data, values[MESSAGE]);
    else if (!base64_read(values[MESSAGE_B64], data))
        return "its message_b64 is not base64";
    return NULL;
}

static const char *read_text(struct trace *t, const struct bytes *line, struct bytes *data)
{
    struct trace_message m;
    sipv_slice values[MEMBERS];
    const char *fault;

    memset(&m, 0, sizeof m);
    m.file = t->file;
    m.frame = t->frame;
    if (!read_members(line, values))
        return "it is no JSON object";
    fault = read_record(values, &m, data);
    if (fault)
        return fault;
    m.data = bytes_slice(data);
    t->time_ns = m.time_ns;
    t->messages++;
    t->sink(t->user, &m);
    return NULL;
}

/* ---- Lines ----------------------------------------------------------------------------------- */

/* A file by lines.  What must be waited for is read as it comes, past the buffer of stdio. */
struct lines_in {
    FILE *file;
    bool live, late; /* it is no regular file; nothing came in time */
    unsigned char buffer[65536];
    size_t n, at;
};

static void lines_begin(struct lines_in *in, FILE *file)
{
    struct stat st;

    in->file = file;
    in->live = fstat(fileno(file), &st) != 0 || !S_ISREG(st.st_mode);
    in->late = false;
    in->buffer[0] = (unsigned char)getc(file); /* it was looked at and put back */
    in->n = 1;
    in->at = 0;
}

/* False at the end. */
static bool fill(struct lines_in *in)
{
    ssize_t got = 0;

    if (in->at < in->n)
        return true;
    in->at = in->n = 0;
    if (!in->live) {
        in->n = fread(in->buffer, 1, sizeof in->buffer, in->file);
        return in->n > 0;
    }
    in->late = !trace_wait(in->file);
    while (!in->late && (got = read(fileno(in->file), in->buffer, sizeof in->buffer)) < 0 &&
           errno == EINTR)
        ;
    if (got > 0)
        in->n = (size_t)got;
    return got > 0;
}

/* A line without its end; `*whole` is false for one that is too long, which is cut.  False at the
 * end of the file. */
static bool next_line(struct lines_in *in, struct bytes *line, bool *whole)
{
    bool ended = false, any = false;

    line->n = 0;
    *whole = true;
    while (!ended && fill(in)) {
        const unsigned char *from = in->buffer + in->at;
        const unsigned char *end = memchr(from, '\n', in->n - in->at);
        size_t n = end ? (size_t)(end - from) : in->n - in->at;

        any = true;
        ended = end != NULL;
        in->at += n + ended;
        if (n > RECORD_MAX - line->n) {
            n = RECORD_MAX - line->n;
            *whole = false;
        }
        bytes_add(line, from, n);
    }
    return any;
}

static bool is_blank(const struct bytes *line)
{
    for (size_t i = 0; i < line->n; i++)
        if (!strchr(" \t\r", line->p[i]) || line->p[i] == '\0')
            return false;
    return true;
}

int records_read(struct trace *t, FILE *file, const char *name)
{
    struct bytes line = {0}, data = {0};
    uint64_t before = t->messages;
    const char *fault = NULL;
    struct lines_in *in = need(1, sizeof *in);
    bool whole;

    lines_begin(in, file);
    while (next_line(in, &line, &whole)) {
        t->frame++;
        if (is_blank(&line))
            continue;
        fault = whole ? read_text(t, &line, &data) : "it is longer than 16 MiB";
        if (fault)
            trace_note(t, NOTE_LINE, fault);
        progress_tick(t->frame, 0);
    }
    if (in->late)
        trace_note(t, NOTE_FILE, "nothing came in time (--timeout)");
    bytes_free(&line);
    bytes_free(&data);
    free(in);
    fclose(file);
    return t->messages == before && fault
               ? trace_complain(name, "there is no record \"" SCHEMA "\" in it")
               : EXIT_FINE;
}
