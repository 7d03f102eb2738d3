/* Values: text of a rule by itself, the value of a header inside a message as well. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spec.h"

/* ---- By itself ------------------------------------------------------------------------------- */

struct part {
    uint32_t off, len;
    unsigned kind;
};

static int by_offset(const void *a, const void *b)
{
    const struct part *x = a, *y = b;
    if (x->off != y->off)
        return x->off < y->off ? -1 : 1;
    if (x->len != y->len)
        return x->len > y->len ? -1 : 1;
    return x->kind < y->kind ? -1 : x->kind > y->kind;
}

static void show_parts(const sipv_event *ev, size_t n)
{
    static char text[4 * SPEC_LONGEST + 8];
    struct part *parts = malloc((n + 1) * sizeof *parts);
    size_t count = 0;
    for (size_t i = 0; parts && i < n; i++) {
        if (ev[i].part == SIPV_PART_CLOSE) { /* ends the last one that is open */
            for (size_t k = count; k > 0; k--)
                if (parts[k - 1].kind == ev[i].kind) {
                    parts[k - 1].len = ev[i].off - parts[k - 1].off;
                    break;
                }
            continue;
        }
        parts[count++] = (struct part){ev[i].off, ev[i].len, ev[i].kind};
    }
    if (count)
        qsort(parts, count, sizeof *parts, by_offset);
    for (size_t i = 0; i < count; i++)
        spec_add(&spec.got, "%u+%u %s %s\n", (unsigned)parts[i].off, (unsigned)parts[i].len,
                 sipv_kind_name(engines_grammar(spec.engines.language), parts[i].kind),
                 escape_bytes(spec.input + parts[i].off, parts[i].len, text, sizeof text));
    free(parts);
}

bool spec_match(int rule, bool value, struct engines_outcome *out)
{
    if (!engines_agree(&spec.engines, rule, value, spec.input, spec.n_input, out, spec.problem,
                       sizeof spec.problem))
        return false;
    if (out->accepted)
        show_parts(out->events, out->n_events);
    else
        spec_add(&spec.got, "byte %zu\n", out->match.error_offset);
    return true;
}

/* ---- In a message ---------------------------------------------------------------------------- */

/* Can the value stand in a message as it is?  Not with white space at its ends, which the parser
 * takes off, and not with line ends that are no folds. */
static bool fits_in_line(void)
{
    if (spec.n_input == 0 || strchr(" \t\r\n", spec.input[0]) ||
        strchr(" \t\r\n", spec.input[spec.n_input - 1]))
        return false;
    for (size_t i = 0; i < spec.n_input; i++) {
        if (spec.input[i] == '\n' && (i == 0 || spec.input[i - 1] != '\r'))
            return false;
        if (spec.input[i] == '\r' &&
            (spec.input[i + 1] != '\n' || !strchr(" \t", spec.input[i + 2]) || !spec.input[i + 2]))
            return false;
    }
    return true;
}

/* A message that is right but for the value of header `id`. */
static size_t embed(unsigned id, unsigned char *out, size_t *at)
{
    static const struct {
        unsigned id;
        const char *line;
    } all[] = {{SIPV_H_VIA, "Via: SIP/2.0/UDP oak.example;branch=z9hG4bK7\r\n"},
               {SIPV_H_FROM, "From: <sip:ivo@oak.example>;tag=1\r\n"},
               {SIPV_H_TO, "To: <sip:una@elm.example>\r\n"},
               {SIPV_H_CALL_ID, "Call-ID: 7@oak.example\r\n"},
               {SIPV_H_CSEQ, "CSeq: 1 OPTIONS\r\n"},
               {SIPV_H_MAX_FORWARDS, "Max-Forwards: 70\r\n"},
               {SIPV_H_CONTENT_LENGTH, "Content-Length: 0\r\n"}};
    size_t n = (size_t)sprintf(
        (char *)out, "OPTIONS sip:una@elm.example SIP/2.0\r\n%s: ", sipv_header_info_of(id)->name);
    *at = n;
    memcpy(out + n, spec.input, spec.n_input);
    n += spec.n_input;
    n += (size_t)sprintf((char *)out + n, "\r\n");
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].id != id)
            n += (size_t)sprintf((char *)out + n, "%s", all[i].line);
    return n + (size_t)sprintf((char *)out + n, "\r\n");
}

/* Has the first header of a message the captures that its value has by itself? */
static bool has_captures(const sipv_message *m, size_t at, const struct engines_outcome *alone)
{
    const sipv_header *h = &m->headers[0];
    if (alone->n_events != h->n_events)
        return false;
    for (size_t i = 0; i < alone->n_events; i++) {
        const sipv_event *a = &alone->events[i], *b = &m->events[h->first_event + i];
        if (a->kind != b->kind || a->part != b->part || a->off + at != b->off || a->len != b->len)
            return false;
    }
    return true;
}

/* What is wrong with the first header, whose value begins at `at`; NULL: nothing. */
static const char *header_fault(const sipv_message *m, unsigned id, size_t at,
                                const struct engines_outcome *alone)
{
    const sipv_header *h = &m->headers[0];
    const char *fault = message_fault(m);
    if (fault)
        return fault;
    if (m->n_headers == 0 || h->id != id || h->value.n != spec.n_input)
        return "the header is not there";
    if (h->state != SIPV_READ)
        return NULL;
    if (!alone->accepted)
        return "the header is read, although its value is refused";
    return has_captures(m, at, alone) ? NULL : "other captures in a message";
}

/* The same of the message in a stream. */
static const char *stream_fault(const sipv_message *m, const void *message, size_t n)
{
    struct framed framed;
    const char *fault = framer_fault(&spec.fence, message, n, SIPV_STRICT, &framed);
    if (!fault && m->accepted && m->content_length >= 0 &&
        (framed.result != SIPV_OK || framed.frame.n != n))
        fault = "the framer does not find the message";
    return fault;
}

static void in_message(unsigned id, const struct engines_outcome *alone)
{
    static unsigned char message[SPEC_LONGEST + 1024];
    size_t at;
    const size_t n = embed(id, message, &at);
    room_parse(&spec.room, fence_end(&spec.fence, message, n), n, SIPV_STRICT);
    const sipv_message *m = &spec.room.m;
    const char *fault = header_fault(m, id, at, alone);
    for (size_t i = 0; i < m->n_diags; i++)
        if (m->diags[i].header == 0 &&
            strcmp(sipv_diag_find(m->diags[i].code)->name, "header-not-allowed") != 0)
            spec_add(&spec.got, "finding %s %ld+%zu\n", sipv_diag_find(m->diags[i].code)->name,
                     (long)m->diags[i].off - (long)at, m->diags[i].len);
    if (!fault && n < 4096)
        fault = stream_fault(m, message, n);
    if (fault)
        spec_problem("%s", fault);
}

const char *spec_run_value(int rule, bool value, unsigned id)
{
    struct engines_outcome out;
    if (!spec_match(rule, value, &out))
        return "error";
    if (id != SIPV_H_OTHER && fits_in_line())
        in_message(id, &out);
    return out.accepted ? "fields" : "error";
}
