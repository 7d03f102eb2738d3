#include "bodies.h"

#include <string.h>

#include "text.h"
#include "typed_slices.h"

enum { LONGEST = 1 << 20 };

/* ---- Multipart ---------------------------------------------------------------------------------
 */

static unsigned char written[LONGEST], type[LONGEST];

static bool same_octets(sipv_slice a, sipv_slice b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* The boundary as it stands in the body: each backslash takes the octet behind it along. */
static void put_boundary(struct fuzz_out *o, sipv_slice boundary)
{
    fuzz_puts(o, "--");
    for (size_t i = 0; i < boundary.n; i++) {
        i += boundary.p[i] == '\\';
        fuzz_put(o, sipv_slice_of(boundary.p + i, 1));
    }
}

/* Head and body lie between the delimiters, the one behind the other. */
static void check_part(const sipv_part *part, sipv_slice body, const unsigned char *behind)
{
    const sipv_slice fields[] = {part->content_type, part->content_id, part->content_disposition,
                                 part->content_encoding};
    FUZZ_CHECK(slices, fuzz_inside(part->head, body) && fuzz_inside(part->body, body),
               "a part outside its body");
    FUZZ_CHECK(slices, part->head.p >= behind && part->body.p >= part->head.p + part->head.n,
               "a part out of order");
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        FUZZ_CHECK(slices, fuzz_inside(fields[i], part->head), "a field outside its head");
}

/* All parts, each behind a delimiter.  What sipv_multipart_next returned behind the last one. */
static int put_parts(struct fuzz_out *o, sipv_multipart *it, size_t max)
{
    sipv_part part;
    const unsigned char *behind = it->body.p;
    size_t count = 0;
    int result;
    for (; (result = sipv_multipart_next(it, &part)) == SIPV_OK; count++) {
        check_part(&part, it->body, behind);
        behind = part.body.p + part.body.n;
        put_boundary(o, it->boundary);
        fuzz_puts(o, "\r\n");
        fuzz_put(o, part.head);
        fuzz_puts(o, "\r\n");
        fuzz_put(o, part.body);
        fuzz_puts(o, "\r\n");
    }
    FUZZ_CHECK(refusal, fuzz_is_filled(&part, sizeof part, 0), "half a part");
    FUZZ_CHECK(refusal, count <= max, "more parts than were asked for");
    FUZZ_CHECK(refusal, result != SIPV_LIMIT || count == max, "a limit before it is reached");
    FUZZ_CHECK(refusal, result == SIPV_END || result == SIPV_REJECT || result == SIPV_LIMIT,
               "no such result");
    FUZZ_CHECK(refusal, result != SIPV_END || it->closed, "an end without a close delimiter");
    FUZZ_CHECK(refusal, fuzz_inside(it->epilogue, it->body) && fuzz_inside(it->preamble, it->body),
               "text around the parts lies outside");
    put_boundary(o, it->boundary);
    fuzz_puts(o, "--");
    return result;
}

/* The parts of `a` are those of `b`; a head without its last line end has got one. */
static void compare_parts(sipv_multipart a, sipv_multipart b)
{
    sipv_part x, y;
    while (sipv_multipart_next(&a, &x) == SIPV_OK) {
        FUZZ_CHECK(round_trip, sipv_multipart_next(&b, &y) == SIPV_OK, "a part is lost");
        FUZZ_CHECK(round_trip, same_octets(x.content_type, y.content_type),
                   "a part is of another type");
        FUZZ_CHECK(round_trip, same_octets(x.body, y.body), "a part is another one");
    }
    FUZZ_CHECK(round_trip, sipv_multipart_next(&b, &y) != SIPV_OK, "a part too many");
}

bool fuzz_check_multipart(sipv_slice content_type, sipv_slice body, size_t max)
{
    sipv_limits limits = sipv_limits_default();
    sipv_multipart it, again;
    struct fuzz_out out = FUZZ_OUT(written), head = FUZZ_OUT(type);
    limits.multipart = max;
    memset(&it, FUZZ_UNTOUCHED, sizeof it);
    const int result = sipv_multipart_begin(&it, content_type, body, &limits);
    FUZZ_CHECK(refusal,
               result == SIPV_OK || result == SIPV_ABSENT || result == SIPV_REJECT ||
                   result == SIPV_LIMIT,
               "no such result");
    if (result != SIPV_OK) {
        FUZZ_CHECK(refusal, fuzz_is_filled(&it, sizeof it, 0), "a refused body has parts");
        return result != SIPV_ABSENT;
    }
    const sipv_multipart begin = it;
    fuzz_put(&head, content_type);
    const int end = put_parts(&out, &it, max);
    if (out.full || head.full || (end == SIPV_REJECT && it.parts == 0))
        return true;
    FUZZ_CHECK(round_trip,
               sipv_multipart_begin(&again, fuzz_out_slice(&head), fuzz_out_slice(&out), &limits) ==
                   SIPV_OK,
               "a body put together anew is refused");
    compare_parts(begin, again);
    return true;
}

/* ---- Fragments ---------------------------------------------------------------------------------
 */

static struct fuzz_message fragment;

static int parse_fragment(sipv_slice text, const sipv_options *options)
{
    struct fuzz_message *x = &fragment;
    sipv_message_init(&x->m, x->headers, FUZZ_HEADERS, x->events, FUZZ_EVENTS, x->diags,
                      FUZZ_DIAGS);
    const int result = sipv_sipfrag_parse(&x->m, text.p, text.n, options);
    fuzz_check_message(&x->m, result);
    return result;
}

/* The same headers, however far they were read. */
static void compare_headers(const sipv_message *m)
{
    FUZZ_CHECK(depths, fragment.m.n_headers == m->n_headers, "a fragment has other headers");
    for (size_t i = 0; i < m->n_headers; i++)
        FUZZ_CHECK(depths,
                   fragment.headers[i].id == m->headers[i].id &&
                       fragment.headers[i].state == m->headers[i].state &&
                       sipv_slice_equal(fragment.headers[i].value, m->headers[i].value),
                   "a header of a fragment is another one");
}

/* Without a start line it is no message that could be written or edited. */
static void check_unwritable(void)
{
    sipv_edit e;
    size_t n = 1;
    FUZZ_CHECK(refusal,
               sipv_message_write(&fragment.m, written, LONGEST, &n) == SIPV_BAD_ARGUMENT && n == 0,
               "a fragment is written");
    sipv_edit_init(&e, &fragment.m);
    FUZZ_CHECK(refusal, sipv_edit_finish(&e) == SIPV_REJECT, "a fragment is edited");
}

void fuzz_check_fragment(const sipv_message *m)
{
    const unsigned char *const end = m->data.p + m->data.n;
    const sipv_slice whole = sipv_slice_of(m->data.p + m->start, m->data.n - m->start);
    FUZZ_CHECK(depths, parse_fragment(whole, &m->options) == SIPV_OK,
               "an accepted message is no fragment");
    FUZZ_CHECK(depths,
               fragment.m.kind == m->kind && fragment.m.status == m->status &&
                   sipv_slice_equal(fragment.m.method, m->method),
               "a fragment has another start line");
    compare_headers(m);
    FUZZ_CHECK(depths, fragment.m.body.n == m->body.n + m->trailing,
               "a fragment ends before its octets do");
    if (!m->n_headers)
        return;
    const unsigned char *const first = m->data.p + m->headers[0].off;
    const int result = parse_fragment(sipv_slice_of(first, (size_t)(end - first)), &m->options);
    if (fragment.m.kind != SIPV_NO_MESSAGE) /* a header that looks like a start line */
        return;
    FUZZ_CHECK(depths, result == SIPV_OK, "the headers of an accepted message are no fragment");
    compare_headers(m);
    check_unwritable();
}

void fuzz_check_refused_fragment(sipv_slice text, const sipv_options *options)
{
    parse_fragment(text, options);
}
