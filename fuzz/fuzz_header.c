/* One header field, "Name: value"; without a known name, a value for the header that the number
 * says.
 *
 * Oracles: slices, refusal, allocation, linear; depths (a value by itself is read as the same value
 * in a message, with other octets behind it).
 *
 * Bits: STORAGE: as many events as the number says. */
#include <string.h>

#include "allocations.h"
#include "message.h"
#include "tables.h"
#include "text.h"
#include "typed_slices.h"
#include "work.h"

enum { EVENTS = 65536 };

static sipv_event events[EVENTS], squeezed[EVENTS];
static struct fuzz_message message;

static bool is_space(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static sipv_slice trimmed(sipv_slice s)
{
    for (; s.n && is_space(s.p[s.n - 1]); s.n--)
        ;
    for (; s.n && is_space(s.p[0]); s.n--)
        s.p++;
    return s;
}

/* Takes "Name:" off the text; its header, or the one that the number says. */
static unsigned take_header(const struct fuzz_input *in, sipv_slice *value)
{
    *value = fuzz_text(in);
    sipv_slice rest = *value;
    const sipv_slice name = trimmed(fuzz_take(&rest, ':'));
    const unsigned id = sipv_header_find(name);
    if (id != SIPV_H_OTHER) {
        *value = trimmed(rest);
        return id;
    }
    return 1 + fuzz_number(in) % (SIPV_H_COUNT - 1);
}

/* ---- A value by itself -------------------------------------------------------------------------
 */

static int parse(unsigned id, sipv_slice value, sipv_event *ev, size_t cap, sipv_iter *it)
{
    const uint64_t before = fuzz_allocations, work = fuzz_work;
    size_t error = 0;
    const int result = sipv_value_parse(id, value, ev, cap, it, &error);
    fuzz_check_work(work, value.n, false);
    FUZZ_CHECK(allocation, fuzz_allocations == before, "a parse allocates");
    FUZZ_CHECK(refusal, result != SIPV_REJECT || error <= value.n, "an error outside the value");
    FUZZ_CHECK(refusal, result != SIPV_BAD_ARGUMENT && result != SIPV_LIMIT, "no such result");
    return result;
}

static void walk(sipv_iter it, sipv_slice value)
{
    _Alignas(max_align_t) unsigned char out[1024];
    const int view = sipv_header_table[it.id].view;
    fuzz_check_events(it.ev, it.n, value, 0);
    FUZZ_CHECK(refusal, sipv_next(&it, SIPV_VIEW_URI, out) == SIPV_BAD_ARGUMENT,
               "an element in the form of another header");
    for (int result; (result = sipv_next(&it, view, out)) != SIPV_END;) {
        FUZZ_CHECK(refusal, result == SIPV_OK, "an element of an accepted value is refused");
        fuzz_check_typed(&sipv_sip_typed[view], &sipv_sip_typed[SIPV_VIEW_URI], out, value);
    }
}

/* ---- In a message ------------------------------------------------------------------------------
 */

/* Can the value stand in a header line as it is?  Then every line end in it is a fold. */
static bool fits_line(sipv_slice value)
{
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] != '\r' && value.p[i] != '\n')
            continue;
        if (value.p[i] == '\n' || i + 2 >= value.n || value.p[i + 1] != '\n' ||
            (value.p[i + 2] != ' ' && value.p[i + 2] != '\t'))
            return false;
        i += 2;
    }
    return value.n && trimmed(value).n == value.n;
}

static bool same_captures(const sipv_iter *it, size_t from, const sipv_header *h)
{
    if (h->n_events != it->n)
        return false;
    for (size_t i = 0; i < it->n; i++) {
        const sipv_event *a = &it->ev[i], *b = &message.events[h->first_event + i];
        if (a->kind != b->kind || a->part != b->part || a->off + from != b->off || a->len != b->len)
            return false;
    }
    return true;
}

static void check_depths(unsigned id, sipv_slice value, int result, const sipv_iter *it)
{
    static unsigned char text[FUZZ_EVENTS];
    static const sipv_options options = {.profile = SIPV_STRICT};
    struct fuzz_out out = FUZZ_OUT(text);
    fuzz_puts(&out, "OPTIONS sip:a@b SIP/2.0\r\n");
    fuzz_puts(&out, sipv_header_info_of(id)->name);
    fuzz_puts(&out, ": ");
    const size_t from = out.n;
    fuzz_put(&out, value);
    fuzz_puts(&out, "\r\nX: (a) b, c;d=\"e\" <f>\r\n\r\n");
    if (out.full || !fits_line(value))
        return;
    fuzz_message_parse(&message, fuzz_out_slice(&out), &options);
    if (message.m.n_headers != 2) /* the limit of one header */
        return;
    const sipv_header *h = &message.m.headers[0];
    FUZZ_CHECK(depths, result == SIPV_OK || h->state != SIPV_READ,
               "a message takes a refused value");
    FUZZ_CHECK(depths, h->state != SIPV_READ || same_captures(it, from, h),
               "a message captures something else");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in;
    sipv_iter it;
    sipv_slice value;
    if (!fuzz_open(&in, data, size))
        return 0;
    const unsigned id = take_header(&in, &value);
    if (sipv_header_table[id].view >= 0 && value.n <= EVENTS / 2) {
        if (in.bits & FUZZ_BIT_STORAGE)
            if (parse(id, value, squeezed, fuzz_number(&in) / 128, &it) == SIPV_OK)
                walk(it, value);
        const int result = parse(id, value, events, EVENTS, &it);
        if (result == SIPV_OK)
            walk(it, value);
        check_depths(id, value, result, &it);
    }
    fuzz_close(&in);
    return 0;
}
