/* A message, written anew, edited, and taken apart.
 *
 * Oracles: round_trip (parse(x) = m, write(m) = y, parse(y) = m, write(parse(y)) = y octet for
 * octet; an edit is made where it can be, puts its lines on top, and leaves all others, what is
 * behind a stripped Via, and the body as they are, octet for octet; the parts of a body put
 * together anew are the same parts); slices (of those parts); depths (an edit behind an index is
 * that behind a full parse; a message is a fragment too); refusal (what was not accepted is not
 * written); allocation.
 *
 * Bits: INTEROP; the number: its lowest four bits which edits, those behind how many parts at most.
 */
#include <string.h>

#include "allocations.h"
#include "bodies.h"
#include "edited.h"
#include "text.h"

enum { LONGEST = 1 << 20 };

static struct fuzz_message one, other;
static unsigned char first[LONGEST], second[LONGEST];

/* ---- Sameness ----------------------------------------------------------------------------------
 */

/* The same octets, but that a line end may have got its CR. */
static bool same_value(sipv_slice a, sipv_slice b)
{
    size_t i = 0, k = 0;
    while (i < a.n && k < b.n) {
        if (a.p[i] == '\n' && b.p[k] == '\r' && (i == 0 || a.p[i - 1] != '\r'))
            k++;
        if (k == b.n || a.p[i++] != b.p[k++])
            return false;
    }
    return i == a.n && k == b.n;
}

static bool same_header(const sipv_header *a, const sipv_header *b)
{
    return a->id == b->id && a->state == b->state && a->n_events == b->n_events &&
           (a->id != SIPV_H_OTHER || sipv_slice_equal(a->name, b->name)) &&
           same_value(a->value, b->value);
}

/* The next header from `i` on that is no Content-Length. */
static const sipv_header *next_header(const sipv_message *m, size_t *i)
{
    while (*i < m->n_headers && m->headers[*i].id == SIPV_H_CONTENT_LENGTH)
        ++*i;
    return *i < m->n_headers ? &m->headers[(*i)++] : NULL;
}

static bool same_body(const sipv_message *a, const sipv_message *b)
{
    return a->body.n == b->body.n && (!a->body.n || memcmp(a->body.p, b->body.p, a->body.n) == 0);
}

static const char *difference(const sipv_message *a, const sipv_message *b)
{
    size_t i = 0, k = 0;
    if (a->kind != b->kind || a->status != b->status || !sipv_slice_equal(a->method, b->method) ||
        !sipv_slice_equal(a->request_uri, b->request_uri))
        return "another start line";
    for (;;) {
        const sipv_header *x = next_header(a, &i), *y = next_header(b, &k);
        if (!x && !y)
            break;
        if (!x || !y || !same_header(x, y))
            return "another header";
    }
    if (a->cseq != b->cseq || !sipv_slice_equal(a->call_id, b->call_id) ||
        a->max_forwards != b->max_forwards)
        return "another field";
    if (!same_body(a, b))
        return "another body";
    return NULL;
}

static size_t line_ends(const unsigned char *p, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += p[i] == '\n';
    return count;
}

/* A header that cannot be read for the folds around its value: between colon and value there is one
 * at most (RFC 3261 25.1, SWS).  The writer, which writes values without what is around them, mends
 * it. */
static bool is_mended(const sipv_message *m)
{
    for (size_t i = 0; i < m->n_headers; i++) {
        const sipv_header *h = &m->headers[i];
        const unsigned char *const behind = h->value.p + h->value.n, *end = m->data.p + h->end;
        if (h->state == SIPV_MALFORMED && h->value.p &&
            (line_ends(h->value.p - h->lead, h->lead) > 1 ||
             line_ends(behind, (size_t)(end - behind)) > 1))
            return true;
    }
    return false;
}

/* ---- Written anew ------------------------------------------------------------------------------
 */

static void check_written(const sipv_options *options)
{
    size_t n = 0, need = 0, again = 0;
    FUZZ_CHECK(round_trip, sipv_message_write(&one.m, first, LONGEST, &n) == SIPV_OK,
               "an accepted message is not written");
    FUZZ_CHECK(round_trip,
               sipv_message_write(&one.m, second, n / 2, &need) == SIPV_NO_SPACE && need == n,
               "another size is asked for");
    FUZZ_CHECK(round_trip, fuzz_message_parse(&other, sipv_slice_of(first, n), options) == SIPV_OK,
               "what was written is refused");
    const char *what = is_mended(&one.m) ? NULL : difference(&one.m, &other.m);
    FUZZ_CHECK(round_trip, !what, what);
    FUZZ_CHECK(round_trip,
               sipv_message_write(&other.m, second, LONGEST, &again) == SIPV_OK && n == again &&
                   memcmp(first, second, n) == 0,
               "written again it is another text");
}

/* ---- Edited ------------------------------------------------------------------------------------
 */

static size_t join(const sipv_edit *e, unsigned char *room)
{
    struct fuzz_out out = {room, LONGEST, 0, false};
    for (size_t i = 0; i < e->n_pieces; i++)
        fuzz_put(&out, sipv_slice_of(e->pieces[i].p, e->pieces[i].n));
    return out.full ? 0 : out.n;
}

static size_t count_vias(sipv_message *m)
{
    sipv_via via;
    sipv_iter it = sipv_each(m, SIPV_H_VIA);
    size_t n = 0;
    while (sipv_via_next(&it, &via) == SIPV_OK)
        n++;
    return n;
}

static int edit(sipv_edit *e, sipv_message *m, unsigned what)
{
    sipv_edit_init(e, m);
    if (what & FUZZ_STRIP_VIA)
        sipv_edit_strip_via(e);
    if (what & FUZZ_ADD_VIA)
        sipv_edit_add_via(e, sipv_slice_text(FUZZ_NEW_VIA));
    if (what & FUZZ_SET_HOPS)
        sipv_edit_set_max_forwards(e, FUZZ_NEW_HOPS);
    if (what & FUZZ_ADD_ROUTE)
        sipv_edit_add_record_route(e, sipv_slice_text(FUZZ_NEW_ROUTE));
    return sipv_edit_finish(e);
}

/* The same edit of a message of which nothing but an index was made. */
static void check_index(const sipv_options *options, unsigned what, int result, size_t n)
{
    sipv_edit e;
    if (fuzz_message_index(&other, one.m.data, options) != SIPV_OK)
        return; /* headers that are repeated */
    FUZZ_CHECK(depths, edit(&e, &other.m, what) == result,
               "an edit behind an index ends otherwise");
    FUZZ_CHECK(depths,
               result != SIPV_OK || (join(&e, second) == n && memcmp(first, second, n) == 0),
               "an edit behind an index makes another text");
}

/* Of an accepted message only a Via that is not there cannot be stripped. */
static void check_edit(const sipv_options *options, unsigned what)
{
    sipv_edit e;
    const size_t vias = count_vias(&one.m);
    const int result = edit(&e, &one.m, what);
    FUZZ_CHECK(round_trip, result == (what & FUZZ_STRIP_VIA && !vias ? SIPV_ABSENT : SIPV_OK),
               "a Via is stripped that is not there, or an edit fails that is possible");
    const size_t n = result == SIPV_OK ? join(&e, first) : 0;
    check_index(options, what, result, n);
    if (n == 0)
        return;
    const bool whole = !(what & FUZZ_STRIP_VIA) || what & FUZZ_ADD_VIA || vias > 1;
    const int again = fuzz_message_parse(&other, sipv_slice_of(first, n), options);
    FUZZ_CHECK(round_trip, again == SIPV_OK || !whole, "an edited message is refused");
    fuzz_check_edited(&one.m, &other.m, what);
}

/* ---- Refused -----------------------------------------------------------------------------------
 */

/* What was not accepted is not written, and only its Vias can be looked for. */
static void check_refused(void)
{
    sipv_edit e;
    size_t n = 1;
    FUZZ_CHECK(refusal,
               sipv_message_write(&one.m, first, LONGEST, &n) == SIPV_BAD_ARGUMENT && n == 0,
               "a refused message is written");
    FUZZ_CHECK(refusal, edit(&e, &one.m, FUZZ_ADD_VIA) == SIPV_REJECT && e.n_pieces == 0,
               "a refused message is edited");
}

/* What is strict about an index may be malformed in a full parse: then no Via can be stripped. */
static void check_index_of_refused(const sipv_options *options)
{
    sipv_edit e;
    if (fuzz_message_index(&other, one.m.data, options) != SIPV_OK)
        return;
    const int result = edit(&e, &other.m, FUZZ_STRIP_VIA);
    FUZZ_CHECK(refusal, result == SIPV_OK || result == SIPV_ABSENT || result == SIPV_REJECT,
               "no such result");
    FUZZ_CHECK(refusal, result == SIPV_OK || e.n_pieces == 0, "a failed edit has pieces");
    FUZZ_CHECK(refusal,
               other.m.n_headers == 0 ||
                   (result == SIPV_ABSENT) == (other.m.first[SIPV_H_VIA] == SIPV_NO_HEADER),
               "a Via that is there is absent, or the reverse");
}

/* ---- Bodies ------------------------------------------------------------------------------------
 */

static void check_body(unsigned number)
{
    const unsigned i = one.m.first[SIPV_H_CONTENT_TYPE];
    const size_t max = number ? 1 + number % 64 : 64;
    if (i != SIPV_NO_HEADER)
        fuzz_check_multipart(one.m.headers[i].value, one.m.body, max);
    fuzz_check_fragment(&one.m);
}

/* ---- Calls that are wrong ----------------------------------------------------------------------
 */

typedef int reader(sipv_message *m, const void *data, size_t n, const sipv_options *options);

static void check_reader(reader *read)
{
    static const sipv_limits large = {.message = SIZE_MAX};
    static const sipv_options unable = {.profile = SIPV_INTEROP}, endless = {.limits = &large};
    static const char text[] = "OPTIONS sip:a SIP/2.0\r\n\r\n";
    struct fuzz_message *x = &one;
    sipv_message *m = &x->m;
    sipv_message_init(m, x->headers, FUZZ_HEADERS, x->events, FUZZ_EVENTS, NULL, FUZZ_DIAGS);
    FUZZ_CHECK(refusal, read(NULL, text, 3, NULL) == SIPV_BAD_ARGUMENT, "no message");
    FUZZ_CHECK(refusal, read(m, text, 3, NULL) == SIPV_BAD_ARGUMENT, "no room for findings");
    sipv_message_init(m, x->headers, FUZZ_HEADERS, x->events, FUZZ_EVENTS, x->diags, 0);
    FUZZ_CHECK(refusal, read(m, text, 3, NULL) == SIPV_BAD_ARGUMENT, "little room for findings");
    sipv_message_init(m, x->headers, FUZZ_HEADERS, x->events, FUZZ_EVENTS, x->diags, FUZZ_DIAGS);
    FUZZ_CHECK(refusal, read(m, NULL, 3, NULL) == SIPV_BAD_ARGUMENT, "no octets");
    FUZZ_CHECK(refusal, read(m, text, 3, &unable) == SIPV_BAD_ARGUMENT, "interop explains nothing");
    FUZZ_CHECK(refusal, read(m, NULL, 0, NULL) != SIPV_BAD_ARGUMENT, "nothing may be read");
    FUZZ_CHECK(refusal, read(m, text, SIZE_MAX, NULL) == SIPV_REJECT && m->octets == 0,
               "more octets than the limit allows");
    FUZZ_CHECK(refusal,
               read(m, text, SIZE_MAX, &endless) == SIPV_REJECT &&
                   (SIZE_MAX <= UINT32_MAX || m->diags[0].off == UINT32_MAX),
               "more octets than offsets can say");
    sipv_message_init(m, x->headers, SIZE_MAX, x->events, FUZZ_EVENTS, x->diags, FUZZ_DIAGS);
    FUZZ_CHECK(refusal, m->cap_headers < SIZE_MAX, "more headers than there are numbers for");
}

/* Every entry of the catalogue is found by its code; nothing else is. */
static void check_catalogue(void)
{
    const sipv_diag_info *info;
    size_t entries = 0, found = 0;
    for (; (info = sipv_diag_at(entries)) != NULL; entries++)
        FUZZ_CHECK(refusal, sipv_diag_find(info->code) == info, "a finding has another code");
    for (unsigned code = 0; code < 10000; code++)
        found += sipv_diag_find(code) != NULL;
    FUZZ_CHECK(refusal, found == entries, "a code without an entry");
}

/* A type with more parameters than there is room for. */
static void check_long_type(void)
{
    static unsigned char room[4096];
    struct fuzz_out type = FUZZ_OUT(room);
    sipv_multipart parts;
    fuzz_puts(&type, "multipart/mixed;boundary=b");
    for (unsigned i = 0; i < 600; i++)
        fuzz_puts(&type, ";a=b");
    FUZZ_CHECK(refusal,
               sipv_multipart_begin(&parts, fuzz_out_slice(&type), sipv_slice_text("--b--"),
                                    NULL) == SIPV_LIMIT,
               "a type without limit");
}

/* Once is enough. */
static void check_calls(void)
{
    sipv_edit e;
    sipv_iter it;
    sipv_via via;
    sipv_multipart parts;
    check_reader(sipv_message_index);
    check_reader(sipv_message_parse);
    check_reader(sipv_sipfrag_parse);
    check_catalogue();
    it = sipv_each(&one.m, SIPV_H_COUNT);
    FUZZ_CHECK(refusal, sipv_via_next(&it, &via) == SIPV_BAD_ARGUMENT, "no such header");
    it = sipv_each(&one.m, SIPV_H_OTHER);
    FUZZ_CHECK(refusal, sipv_via_next(&it, &via) == SIPV_BAD_ARGUMENT, "no such header");
    sipv_edit_init(&e, NULL);
    FUZZ_CHECK(refusal, sipv_edit_finish(&e) == SIPV_REJECT, "an edit of no message");
    FUZZ_CHECK(refusal,
               sipv_multipart_begin(&parts, sipv_slice_of(NULL, 0), sipv_slice_text("a"), NULL) ==
                   SIPV_ABSENT,
               "a body without type");
    check_long_type();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in;
    sipv_limits limits;
    if (!fuzz_open(&in, data, size))
        return 0;
    fuzz_once(check_calls);
    in.bits &= ~(uint32_t)(FUZZ_BIT_STREAM | FUZZ_BIT_LIMITS);
    const sipv_options options = fuzz_options(&in, &limits);
    const uint64_t before = fuzz_allocations;
    if (in.n < LONGEST / 4) {
        if (fuzz_message_parse(&one, fuzz_text(&in), &options) == SIPV_OK) {
            check_written(&options);
            check_edit(&options, fuzz_number(&in) ? fuzz_number(&in) & 15 : 15);
            check_body(fuzz_number(&in) >> 4);
        } else {
            check_refused();
            check_index_of_refused(&options);
            fuzz_check_refused_fragment(fuzz_text(&in), &options);
        }
    }
    FUZZ_CHECK(allocation, fuzz_allocations == before, "writing allocates");
    fuzz_close(&in);
    return 0;
}
