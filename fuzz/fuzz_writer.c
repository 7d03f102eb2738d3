/* A message written call by call, and edits, with arguments that may be anything.
 *
 * The text is the arguments: method and Request-URI (or a status and a reason phrase), then a name
 * and a value for each header, then the body.  They are the lines of a message; with OWN any octet
 * that is not the separator may stand in an argument.
 *
 * Oracles: injection (what was written has the start line, the headers and the body that were asked
 * for, and no others); round_trip (it is accepted where the strict profile wants nothing but what a
 * caller can say, and written again it is the same); allocation.
 *
 * Bits: OWN: arguments end at the octet of the number's lower half instead of at line ends. */
#include <string.h>

#include "allocations.h"
#include "message.h"
#include "text.h"

enum { ANY_OCTET = FUZZ_BIT_OWN };
enum { LONGEST = 1 << 17, HEADERS = FUZZ_HEADERS - 1 }; /* and Content-Length */

static struct fuzz_message message;
static unsigned char first[LONGEST], second[LONGEST];

/* What was asked for, call by call, and taken. */
static struct asked {
    sipv_slice name, value;
} asked[HEADERS];
static size_t n_asked;

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
    uint64_t status;
    if (sipv_slice_is(a, "SIP/2.0") && sipv_number(b, 9999, &status) == SIPV_OK)
        sipv_write_status(w, (int)status, line);
    else
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
    const int result = sipv_write_header(w, name, value);
    FUZZ_CHECK(injection, result == SIPV_OK || w->n == before, "a refused header is written");
    w->result = SIPV_OK;
    if (result != SIPV_OK)
        return;
    asked[n_asked++] = (struct asked){name, value};
}

/* Exactly what was asked for, and Content-Length. */
static void check_injection(sipv_slice body, size_t n)
{
    static const sipv_options options = {.profile = SIPV_STRICT};
    fuzz_message_index(&message, sipv_slice_of(first, n), &options);
    const sipv_message *m = &message.m;
    FUZZ_CHECK(injection, m->octets == n && m->trailing == 0, "a message of another length");
    FUZZ_CHECK(injection, m->n_headers == n_asked + 1, "headers that nobody asked for");
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

static void check_round_trip(size_t n)
{
    static const sipv_options options = {.profile = SIPV_STRICT};
    size_t again = 0, twice = 0;
    if (fuzz_message_parse(&message, sipv_slice_of(first, n), &options) != SIPV_OK)
        return;
    FUZZ_CHECK(round_trip, sipv_message_write(&message.m, second, LONGEST, &again) == SIPV_OK,
               "an accepted message cannot be written");
    fuzz_message_parse(&message, sipv_slice_of(second, again), &options);
    FUZZ_CHECK(round_trip,
               message.m.accepted &&
                   sipv_message_write(&message.m, first, LONGEST, &twice) == SIPV_OK &&
                   again == twice && memcmp(first, second, again) == 0,
               "written again it is another text");
}

/* Short, so that limits of a message do not matter. */
static void write_all(const struct fuzz_input *in, sipv_slice rest)
{
    sipv_writer w;
    size_t n = 0;
    n_asked = 0;
    sipv_writer_init(&w, first, LONGEST);
    write_start(&w, take_argument(&rest, in));
    if (w.result != SIPV_OK)
        return;
    while (rest.n && n_asked < HEADERS) {
        const sipv_slice line = take_argument(&rest, in);
        if (line.n == 0)
            break;
        write_header(&w, line);
    }
    sipv_write_body(&w, rest);
    if (sipv_writer_finish(&w, &n) != SIPV_OK)
        return;
    check_injection(rest, n);
    check_round_trip(n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in;
    if (!fuzz_open(&in, data, size))
        return 0;
    const uint64_t before = fuzz_allocations;
    if (in.n < 32768)
        write_all(&in, fuzz_text(&in));
    FUZZ_CHECK(allocation, fuzz_allocations == before, "writing allocates");
    fuzz_close(&in);
    return 0;
}
