/* A message written call by call, and edits, with arguments that may be anything.
 *
 * The text is the arguments: method and Request-URI (or a status and a reason phrase), then a name
 * and a value for each header, then the body.  They are the lines of a message; with OWN any octet
 * that is not the separator may stand in an argument.  Every value is also one that a Via or a
 * Record-Route may be added with.
 *
 * Oracles: injection (what was written has the start line, the headers and the body that were asked
 * for, and no others; counted by octets, it has as many lines as were asked for, and no CR, LF or
 * NUL but in their ends); round_trip (the strict profile accepts it, or refuses it for what a whole
 * message must have or a limit, never for its grammar, and written again it is the same); refusal
 * (calls in a wrong order, a buffer that is too small); allocation.
 *
 * Bits: OWN: arguments end at the octet of the number's lower half instead of at line ends; the
 * number: a room that is too small. */
#include <string.h>

#include "allocations.h"
#include "message.h"
#include "text.h"

enum { ANY_OCTET = FUZZ_BIT_OWN };
enum { LONGEST = 1 << 17, HEADERS = FUZZ_HEADERS - 1, EDITS = 8 }; /* and Content-Length */

static struct fuzz_message message;
static unsigned char first[LONGEST], second[LONGEST];

/* What was asked for, call by call, and taken. */
static struct asked {
    sipv_slice name, value;
} asked[HEADERS];
static size_t n_asked;
static struct {
    sipv_slice method, uri, reason;
    int status; /* 0: a request */
} start;

static sipv_slice without_cr(sipv_slice s)
{
    if (s.n && s.p[s.n - 1] == '\r')
        s.n--;
    return s;
}

static sipv_slice take_argument(sipv_slice *rest, const struct fuzz_input *in)
{
    if (in->bits & ANY_OCTET)
        return fuzz_take(rest, (unsigned char)fuzz_number(in));
    return without_cr(fuzz_take(rest, '\n'));
}

/* "METHOD URI SIP/2.0" or "SIP/2.0 200 OK". */
static void write_start(sipv_writer *w, sipv_slice line)
{
    const sipv_slice a = fuzz_take(&line, ' ');
    const sipv_slice b = fuzz_take(&line, ' ');
    uint64_t status = 0;
    memset(&start, 0, sizeof start);
    if (sipv_slice_is(a, "SIP/2.0") && sipv_number(b, 9999, &status) == SIPV_OK) {
        start.status = (int)status;
        start.reason = line;
        sipv_write_status(w, start.status, line);
        return;
    }
    start.method = a;
    start.uri = b;
    sipv_write_request(w, a, b);
}

static sipv_slice trimmed(sipv_slice s)
{
    for (; s.n && (s.p[0] == ' ' || s.p[0] == '\t'); s.n--)
        s.p++;
    for (; s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'); s.n--)
        ;
    return s;
}

/* A refusal leaves what was written as it is, and the next call is made all the same. */
static void write_header(sipv_writer *w, sipv_slice line)
{
    const sipv_slice name = fuzz_take(&line, ':'), value = trimmed(line);
    const size_t before = w->n;
    uint64_t number = 0;
    const bool digits = value.n > 0 && value.n < 20 && (value.n == 1 || value.p[0] != '0') &&
                        sipv_number(value, UINT64_MAX, &number) == SIPV_OK;
    const int result =
        digits ? sipv_write_number(w, name, number) : sipv_write_header(w, name, value);
    FUZZ_CHECK(injection, result == SIPV_OK || w->n == before, "a refused header is written");
    w->result = SIPV_OK;
    if (result != SIPV_OK)
        return;
    asked[n_asked++] = (struct asked){name, value};
}

/* The ends of lines, counted octet by octet: one for each line that was asked for, Content-Length
 * and the empty line. */
static void check_lines(const unsigned char *p, size_t n)
{
    size_t lines = 0;
    for (size_t i = 0; i < n; i++) {
        FUZZ_CHECK(injection, p[i] != 0 && p[i] != '\n', "a NUL or a bare LF is written");
        if (p[i] != '\r')
            continue;
        FUZZ_CHECK(injection, i + 1 < n && p[i + 1] == '\n', "a bare CR is written");
        lines++;
        i++;
    }
    FUZZ_CHECK(injection, lines == n_asked + 3, "another number of lines than was asked for");
}

static void check_start(const sipv_message *m)
{
    FUZZ_CHECK(injection,
               sipv_slice_equal(m->method, start.method) &&
                   sipv_slice_equal(m->request_uri, start.uri),
               "another request line than was asked for");
    FUZZ_CHECK(injection, !start.status || m->status == start.status, "another status");
    FUZZ_CHECK(injection,
               m->reason.n == start.reason.n &&
                   (!m->reason.n || memcmp(m->reason.p, start.reason.p, m->reason.n) == 0),
               "another reason than was asked for");
}

/* Exactly what was asked for, and Content-Length. */
static void check_injection(sipv_slice body, size_t n)
{
    static const sipv_options options = {.profile = SIPV_STRICT};
    fuzz_message_index(&message, sipv_slice_of(first, n), &options);
    const sipv_message *m = &message.m;
    FUZZ_CHECK(injection, m->octets == n && m->trailing == 0, "a message of another length");
    FUZZ_CHECK(injection, m->n_headers == n_asked + 1, "headers that nobody asked for");
    check_lines(first, n - body.n);
    check_start(m);
    for (size_t i = 0; i < n_asked; i++)
        FUZZ_CHECK(injection,
                   sipv_slice_equal(m->headers[i].name, asked[i].name) &&
                       m->headers[i].value.n == asked[i].value.n &&
                       memcmp(m->headers[i].value.p, asked[i].value.p, asked[i].value.n) == 0,
                   "another header than was asked for");
    FUZZ_CHECK(injection,
               m->body.n == body.n && (!body.n || memcmp(m->body.p, body.p, body.n) == 0),
               "another body than was asked for");
}

/* A writer knows grammar, not what a whole message must have (02xx) or how much of it (04xx): for
 * nothing else is refused what it has written. */
static void check_why_refused(const sipv_message *m)
{
    for (size_t i = 0; i < m->n_diags; i++) {
        const sipv_diag *d = &m->diags[i];
        const bool asked_for = d->code / 100 == 2 || d->code / 100 == 4;
        FUZZ_CHECK(round_trip, d->severity != SIPV_ERROR || d->in_body || asked_for,
                   "what was written breaks the grammar");
    }
}

static void check_round_trip(size_t n)
{
    static const sipv_options options = {.profile = SIPV_STRICT};
    size_t again = 0, twice = 0;
    if (fuzz_message_parse(&message, sipv_slice_of(first, n), &options) != SIPV_OK) {
        check_why_refused(&message.m);
        return;
    }
    FUZZ_CHECK(round_trip, sipv_message_write(&message.m, second, LONGEST, &again) == SIPV_OK,
               "an accepted message cannot be written");
    fuzz_message_parse(&message, sipv_slice_of(second, again), &options);
    FUZZ_CHECK(round_trip,
               message.m.accepted &&
                   sipv_message_write(&message.m, first, LONGEST, &twice) == SIPV_OK &&
                   again == twice && memcmp(first, second, again) == 0,
               "written again it is another text");
}

/* ---- Calls that must fail ----------------------------------------------------------------------
 */

static void must_fail(const sipv_writer *w, int result, size_t before)
{
    FUZZ_CHECK(refusal, result == SIPV_BAD_ARGUMENT && w->n == before,
               "a call out of order writes something");
}

/* A request twice, headers before it, anything behind the body. */
static void check_order(sipv_slice body)
{
    sipv_writer w;
    size_t n;
    const sipv_slice method = sipv_slice_text("OPTIONS"), uri = sipv_slice_text("sip:a"),
                     name = sipv_slice_text("X"), value = sipv_slice_text("y");
    for (unsigned stage = 0; stage < 3; stage++) {
        sipv_writer_init(&w, second, 64);
        if (stage > 0)
            sipv_write_request(&w, method, uri);
        if (stage > 1)
            sipv_write_body(&w, body);
        const sipv_writer begin = w;
        if (stage < 2)
            must_fail(&w, sipv_writer_finish(&w, &n), begin.n);
        w = begin;
        if (stage > 0) {
            must_fail(&w, sipv_write_request(&w, method, uri), begin.n);
            must_fail(&w, sipv_write_header(&w, name, value),
                      begin.n); /* the first mistake stays */
            w = begin;
            must_fail(&w, sipv_write_status(&w, 200, value), begin.n);
            must_fail(&w, sipv_write_status(&w, 200, value), begin.n);
            must_fail(&w, sipv_write_body(&w, body), begin.n);
            must_fail(&w, sipv_writer_finish(&w, &n), begin.n);
            w = begin;
        }
        if (stage == 1)
            continue;
        must_fail(&w, sipv_write_header(&w, name, value), begin.n);
        must_fail(&w, sipv_write_request(&w, method, uri), begin.n);
        w = begin;
        must_fail(&w, sipv_write_body(&w, body), begin.n);
        must_fail(&w, sipv_writer_finish(&w, &n), begin.n);
    }
}

/* Once is enough: what is absent, and more octets than can be counted. */
static void check_calls(void)
{
    const sipv_slice none = {NULL, 0}, method = sipv_slice_text("OPTIONS"),
                     uri = sipv_slice_text("sip:a");
    sipv_writer w;
    size_t n;
    sipv_writer_init(&w, NULL, 64);
    FUZZ_CHECK(refusal, sipv_write_request(&w, none, uri) == SIPV_BAD_ARGUMENT, "no method");
    sipv_writer_init(&w, NULL, 64);
    FUZZ_CHECK(refusal, sipv_write_request(&w, method, none) == SIPV_BAD_ARGUMENT, "no URI");
    sipv_writer_init(&w, NULL, 64);
    FUZZ_CHECK(refusal, sipv_write_request(&w, method, uri) == SIPV_OK, "a request");
    FUZZ_CHECK(refusal, sipv_write_header(&w, sipv_slice_text("Supported"), none) == SIPV_OK,
               "a value that may be empty");
    FUZZ_CHECK(refusal, sipv_write_header(&w, sipv_slice_text("Unknown"), none) == SIPV_OK,
               "a value of a header that nobody knows");
    sipv_write_body(&w, sipv_slice_of("", SIZE_MAX));
    FUZZ_CHECK(refusal, sipv_writer_finish(&w, &n) == SIPV_LIMIT, "a length that wraps round");
}

/* ---- Edits -------------------------------------------------------------------------------------
 */

static size_t join(const sipv_edit *e)
{
    struct fuzz_out out = FUZZ_OUT(second);
    for (size_t i = 0; i < e->n_pieces; i++)
        fuzz_put(&out, sipv_slice_of(e->pieces[i].p, e->pieces[i].n));
    return out.full ? 0 : out.n;
}

/* The message got one line more, and that has the value. */
static void check_added(const sipv_edit *e, unsigned id, sipv_slice value, size_t n_headers)
{
    static const sipv_options options = {.profile = SIPV_STRICT};
    const size_t n = join(e);
    if (!n || n_headers >= HEADERS)
        return;
    fuzz_message_index(&message, sipv_slice_of(second, n), &options);
    const sipv_message *m = &message.m;
    const unsigned i = m->first[id];
    FUZZ_CHECK(injection, m->n_headers == n_headers + 1, "an edit adds another number of lines");
    FUZZ_CHECK(injection, i != SIPV_NO_HEADER && sipv_slice_equal(m->headers[i].value, value),
               "an edit adds another line than was asked for");
    for (size_t k = 0; k < m->n_diags; k++)
        FUZZ_CHECK(injection, m->diags[k].severity != SIPV_ERROR || m->diags[k].header != i,
                   "an edit adds a line that is refused");
}

/* `text` as the value of a new Via and of a new Record-Route: it is taken, or it is no such value.
 */
static void check_edit(sipv_slice written, sipv_slice text)
{
    sipv_edit e;
    sipv_event events[2048];
    sipv_iter it;
    static const struct {
        unsigned id;
        int (*add)(sipv_edit *e, sipv_slice value);
    } edits[] = {{SIPV_H_VIA, sipv_edit_add_via},
                 {SIPV_H_RECORD_ROUTE, sipv_edit_add_record_route}};
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        fuzz_message_index(&message, written, NULL);
        const size_t n_headers = message.m.n_headers;
        const bool right = text.n && !memchr(text.p, '\r', text.n) &&
                           !memchr(text.p, '\n', text.n) && !memchr(text.p, 0, text.n) &&
                           sipv_value_parse(edits[i].id, text, events, 2048, &it, NULL) == SIPV_OK;
        sipv_edit_init(&e, &message.m);
        FUZZ_CHECK(injection, edits[i].add(&e, text) == (right ? SIPV_OK : SIPV_BAD_ARGUMENT),
                   "an edit takes what is no value, or refuses one");
        if (right && sipv_edit_finish(&e) == SIPV_OK)
            check_added(&e, edits[i].id, text, n_headers);
    }
}

static void check_edits(size_t n, sipv_slice rest, const struct fuzz_input *in)
{
    sipv_edit e;
    for (unsigned i = 0; rest.n && i < EDITS; i++) {
        sipv_slice line = take_argument(&rest, in);
        fuzz_take(&line, ':');
        check_edit(sipv_slice_of(first, n), trimmed(line));
    }
    sipv_edit_init(&e, &message.m);
    for (unsigned hops = 0; hops < 1000; hops += 255)
        FUZZ_CHECK(injection,
                   sipv_edit_set_max_forwards(&e, hops) ==
                       (hops <= 255 ? SIPV_OK : SIPV_BAD_ARGUMENT),
                   "an edit takes more hops than there can be, or refuses some");
}

/* ---- The target --------------------------------------------------------------------------------
 */

/* Into `cap` octets.  False: something was refused. */
static bool write_all(const struct fuzz_input *in, unsigned char *room, size_t cap,
                      sipv_slice *body, size_t *n, int *result)
{
    sipv_writer w;
    sipv_slice rest = fuzz_text(in);
    n_asked = 0;
    sipv_writer_init(&w, room, cap);
    write_start(&w, take_argument(&rest, in));
    if (w.result != SIPV_OK)
        return false;
    while (rest.n && n_asked < HEADERS) {
        const sipv_slice line = take_argument(&rest, in);
        if (line.n == 0)
            break;
        write_header(&w, line);
    }
    sipv_write_body(&w, rest);
    *body = rest;
    *result = sipv_writer_finish(&w, n);
    return true;
}

/* Less room: the same octets as far as they fit, and the same size is asked for. */
static void check_room(const struct fuzz_input *in, size_t n)
{
    sipv_slice body;
    size_t need = 0;
    int result = SIPV_OK;
    const size_t cap = fuzz_number(in) % n;
    write_all(in, cap ? second : NULL, cap, &body, &need, &result);
    FUZZ_CHECK(refusal, result == SIPV_NO_SPACE && need == n, "another size is asked for");
    FUZZ_CHECK(refusal, memcmp(first, second, cap) == 0, "what fits is not what was asked for");
}

static void write_message(const struct fuzz_input *in)
{
    sipv_slice body;
    size_t n = 0;
    int result = SIPV_OK;
    if (!write_all(in, first, LONGEST, &body, &n, &result) || result != SIPV_OK)
        return;
    check_injection(body, n);
    check_room(in, n);
    check_order(body);
    check_edits(n, fuzz_text(in), in);
    check_round_trip(n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in;
    if (!fuzz_open(&in, data, size))
        return 0;
    const uint64_t before = fuzz_allocations;
    fuzz_once(check_calls);
    if (in.n < 32768) /* short, so that limits of a message do not matter */
        write_message(&in);
    FUZZ_CHECK(allocation, fuzz_allocations == before, "writing allocates");
    fuzz_close(&in);
    return 0;
}
