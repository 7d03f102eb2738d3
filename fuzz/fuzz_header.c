/* One header field, "Name: value"; without a known name, a value for the header that the number
 * says.
 *
 * Oracles: slices (numbers are what their digits say, read a second time; what is quoted is the
 * same unquoted), refusal, allocation, linear; depths (a value by itself is read as the same value
 * in a message, with other octets behind it).
 *
 * Bits: STORAGE: as many events as the number says. */
#include <string.h>

#include "allocations.h"
#include "message.h"
#include "numbers.h"
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
    size_t error = SIZE_MAX;
    memset(it, FUZZ_UNTOUCHED, sizeof *it);
    const int result = sipv_value_parse(id, value, ev, cap, it, &error);
    fuzz_check_work(work, value.n, false);
    FUZZ_CHECK(allocation, fuzz_allocations == before, "a parse allocates");
    FUZZ_CHECK(refusal, result == SIPV_REJECT ? error <= value.n : error == SIZE_MAX,
               "an error outside the value, or of nothing");
    FUZZ_CHECK(refusal, result == SIPV_OK || fuzz_is_filled(it, sizeof *it, FUZZ_UNTOUCHED),
               "a refused value has elements");
    FUZZ_CHECK(refusal, result != SIPV_BAD_ARGUMENT && result != SIPV_LIMIT, "no such result");
    return result;
}

static void walk(sipv_iter it, sipv_slice value)
{
    _Alignas(max_align_t) unsigned char out[1024];
    const int view = sipv_header_table[it.id].view;
    fuzz_check_events(it.ev, it.n, value, 0);
    memset(out, FUZZ_UNTOUCHED, sizeof out);
    FUZZ_CHECK(refusal, sipv_next(&it, SIPV_VIEW_URI, out) == SIPV_BAD_ARGUMENT,
               "an element in the form of another header");
    sipv_iter behind = it;
    behind.at = behind.n;
    behind.empty = false;
    FUZZ_CHECK(refusal,
               sipv_next(&behind, view, out) == SIPV_END &&
                   fuzz_is_filled(out, sizeof out, FUZZ_UNTOUCHED),
               "no element has parts");
    for (int result;;) {
        const size_t from = it.at;
        if ((result = sipv_next(&it, view, out)) == SIPV_END)
            break;
        FUZZ_CHECK(refusal, result == SIPV_OK, "an element of an accepted value is refused");
        fuzz_check_typed_numbers(&sipv_sip_typed[view], out, it.base, it.ev + from, it.at - from);
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

/* ---- Texts -------------------------------------------------------------------------------------
 */

/* A text and its quoted form stand for the same; the size that is asked for is enough. */
static void check_unquote(sipv_slice s)
{
    static unsigned char first[EVENTS], quoted[2 * EVENTS + 2], second[EVENTS];
    struct fuzz_out out = FUZZ_OUT(quoted);
    if (s.n > EVENTS)
        return;
    const size_t n = sipv_unquote(s, first, EVENTS);
    FUZZ_CHECK(slices,
               n <= s.n && sipv_unquote(s, second, n / 2) == n && memcmp(first, second, n / 2) == 0,
               "another size is asked for");
    fuzz_puts(&out, "\"");
    for (size_t i = 0; i < n; i++) {
        fuzz_puts(&out, first[i] == '"' || first[i] == '\\' ? "\\" : "");
        fuzz_put(&out, sipv_slice_of(first + i, 1));
    }
    fuzz_puts(&out, "\"");
    FUZZ_CHECK(slices,
               sipv_unquote(fuzz_out_slice(&out), second, EVENTS) == n &&
                   memcmp(first, second, n) == 0,
               "what was quoted is another text");
}

/* Equality of slices, by what it says of absent ones and of case. */
static void check_equality(sipv_slice s)
{
    const sipv_slice none = {NULL, 0}, empty = sipv_slice_of("", 0), a = sipv_slice_of("aB", 2),
                     b = sipv_slice_of("Ab", 2);
    FUZZ_CHECK(slices, sipv_slice_equal(s, s) && sipv_slice_equal_nocase(s, s), "not itself");
    FUZZ_CHECK(slices, sipv_slice_equal(none, none) && sipv_slice_equal_nocase(none, none),
               "absent is not absent");
    FUZZ_CHECK(slices,
               !sipv_slice_equal(none, empty) && !sipv_slice_equal(empty, none) &&
                   !sipv_slice_equal_nocase(none, empty) && !sipv_slice_equal_nocase(empty, none),
               "absent is empty");
    FUZZ_CHECK(slices, !sipv_slice_equal(a, b) && sipv_slice_equal_nocase(a, b),
               "case is the same");
    FUZZ_CHECK(slices,
               !sipv_slice_is(none, "") && !sipv_slice_is(a, NULL) && sipv_slice_is(a, "ab"),
               "a text is another one");
    FUZZ_CHECK(slices, !sipv_slice_text(NULL).p && sipv_slice_text("ab").n == 2,
               "a text of nothing");
}

/* Items that begin in one chunk and end in another, with another capture between. */
static void check_list(void)
{
    enum { KIND = 7, OTHER = 9 };
    static const sipv_event parts[] = {
        {OTHER, SIPV_PART_WHOLE, 0, 1}, {KIND, SIPV_PART_OPEN, 0, 0},
        {OTHER, SIPV_PART_WHOLE, 1, 1}, {KIND, SIPV_PART_WHOLE, 1, 1},
        {OTHER, SIPV_PART_CLOSE, 2, 0}, {KIND, SIPV_PART_CLOSE, 3, 0},
        {KIND, SIPV_PART_WHOLE, 4, 1},  {KIND, SIPV_PART_OPEN, 5, 0}};
    const sipv_list list = {(const unsigned char *)"abcdef", parts, 8, KIND};
    sipv_slice item;
    size_t at = 0;
    FUZZ_CHECK(slices, sipv_list_next(&list, &at, &item) == SIPV_OK && sipv_slice_is(item, "abc"),
               "an item that ends later is another one");
    FUZZ_CHECK(slices, sipv_list_next(&list, &at, &item) == SIPV_OK && sipv_slice_is(item, "e"),
               "the item behind it is another one");
    FUZZ_CHECK(slices, sipv_list_next(&list, &at, &item) == SIPV_OK && item.n == 0,
               "an item that does not end has octets");
    FUZZ_CHECK(slices, sipv_list_next(&list, &at, &item) == SIPV_END, "an item too many");
}

/* ---- Calls that are wrong ----------------------------------------------------------------------
 */

/* Once is enough.  Lengths are refused before anything is read. */
static void check_calls(void)
{
    static const unsigned char text[] = "a";
    const sipv_slice right = sipv_slice_of(text, 1), none = {NULL, 0}, nul = {text, 2};
    _Alignas(max_align_t) unsigned char out[1024];
    sipv_iter it;
    const struct {
        unsigned id;
        sipv_slice value;
        sipv_event *events;
        size_t cap;
        sipv_iter *it;
    } wrong[] = {{SIPV_H_OTHER, right, events, 32, &it},
                 {SIPV_H_COUNT, right, events, 32, &it},
                 {SIPV_H_CALL_ID, none, events, 32, &it},
                 {SIPV_H_CALL_ID, right, NULL, 32, &it},
                 {SIPV_H_CALL_ID, right, events, 32, NULL}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        FUZZ_CHECK(refusal,
                   sipv_value_parse(wrong[i].id, wrong[i].value, wrong[i].events, wrong[i].cap,
                                    wrong[i].it, NULL) == SIPV_BAD_ARGUMENT,
                   "a wrong call is taken");
    FUZZ_CHECK(refusal,
               SIZE_MAX <= UINT32_MAX ||
                   sipv_value_parse(SIPV_H_CALL_ID, sipv_slice_of(text, SIZE_MAX), events, 32, &it,
                                    NULL) == SIPV_LIMIT,
               "a value too long");
    FUZZ_CHECK(refusal,
               sipv_value_parse(SIPV_H_CALL_ID, right, NULL, 0, &it, NULL) == SIPV_NO_SPACE,
               "little room");
    FUZZ_CHECK(refusal, sipv_value_parse(SIPV_H_CSEQ, right, events, 32, &it, NULL) == SIPV_REJECT,
               "a wrong value");
    FUZZ_CHECK(refusal, sipv_value_parse(SIPV_H_CALL_ID, right, events, 32, &it, NULL) == SIPV_OK,
               "a right value");
    const int view = sipv_header_table[SIPV_H_CALL_ID].view;
    FUZZ_CHECK(refusal,
               sipv_next(NULL, view, out) == SIPV_BAD_ARGUMENT &&
                   sipv_next(&it, view, NULL) == SIPV_BAD_ARGUMENT &&
                   sipv_next(&it, -1, out) == SIPV_BAD_ARGUMENT,
               "a wrong call is taken");
    it.id = SIPV_H_COUNT;
    FUZZ_CHECK(refusal, sipv_next(&it, view, out) == SIPV_BAD_ARGUMENT, "no such header");
    FUZZ_CHECK(refusal,
               !sipv_header_info_of(SIPV_H_OTHER) && !sipv_header_info_of(SIPV_H_COUNT) &&
                   sipv_header_find(none) == SIPV_H_OTHER,
               "what no header is");
    FUZZ_CHECK(refusal,
               sipv_method_find(none) == SIPV_M_OTHER && sipv_method_find(nul) == SIPV_M_OTHER,
               "what no method is");
    fuzz_check_number(none);
    check_list();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in;
    sipv_iter it;
    sipv_slice value;
    if (!fuzz_open(&in, data, size))
        return 0;
    fuzz_once(check_calls);
    check_equality(fuzz_text(&in));

    const unsigned id = take_header(&in, &value);
    check_unquote(value);
    fuzz_check_number(value);
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
