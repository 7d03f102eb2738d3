/* Descriptions written: what is written can be read, and reads as what was written. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "descriptions.h"

static struct description d, again;
static unsigned char out[1 << 17], twice[1 << 17];

static void open_all(void)
{
    cr_assert(description_open(&d));
    cr_assert(description_open(&again));
}

static void close_all(void)
{
    description_close(&d);
    description_close(&again);
}

TestSuite(sdp_writer, .init = open_all, .fini = close_all);

#define HEAD "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"

static int line(sipv_sdp_writer *w, char type, const char *value)
{
    return sipv_sdp_write_line(w, type, sipv_slice_text(value));
}

static int attribute(sipv_sdp_writer *w, const char *name, const char *value)
{
    return sipv_sdp_write_attribute(w, sipv_slice_text(name),
                                    value ? sipv_slice_text(value) : sipv_slice_of(NULL, 0));
}

Test(sdp_writer, line_by_line)
{
    static const char wanted[] =
        HEAD "a=group:BUNDLE 1\r\nm=audio 9 RTP/AVP 97\r\na=mid:1\r\n"
             "a=rtpmap:97 iLBC/8000\r\na=sendonly\r\na=x-own:any value\r\n";
    sipv_sdp_writer w;
    size_t n;
    for (size_t cap = 0; cap <= sizeof wanted - 1; cap++) {
        sipv_sdp_writer_init(&w, out, cap);
        line(&w, 'v', "0");
        line(&w, 'o', "- 1 1 IN IP4 192.0.2.1");
        line(&w, 's', "-");
        line(&w, 'c', "IN IP4 192.0.2.1");
        line(&w, 't', "0 0");
        attribute(&w, "group", "BUNDLE 1");
        line(&w, 'm', "audio 9 RTP/AVP 97");
        attribute(&w, "mid", "1");
        attribute(&w, "rtpmap", "97 iLBC/8000");
        attribute(&w, "sendonly", NULL);
        attribute(&w, "x-own", "any value");
        cr_assert_eq(sipv_sdp_writer_finish(&w, &n),
                     cap < sizeof wanted - 1 ? SIPV_NO_SPACE : SIPV_OK);
        cr_assert_eq(n, sizeof wanted - 1);
    }
    cr_assert_eq(memcmp(out, wanted, n), 0);
}

Test(sdp_writer, what_no_line_can_have_is_refused)
{
    static const struct {
        char type;
        const char *name, *value;
    } bad[] = {
        {'v', "", "1"},
        {'v', "", ""},
        {'s', "", ""},
        {'s', "", "a\r\nm=audio 9 RTP/AVP 0"},
        {'s', "", "a\n"},
        {'s', "", "a\r"},
        {'c', "", "IN IP4 999.0.2.1"},
        {'c', "", "IN IP4 224.2.1.1/127/2000000000"},
        {'m', "", "audio 70000 RTP/AVP 0"},
        {'m', "", "audio 9 RTP/AVP"},
        {'b', "", "AS:99999999999"},
        {'x', "", "1"},
        {'=', "", "1"},
        {'a', "", "x"},
        {'a', "a b", NULL},
        {'a', "a\r\nb", NULL},
        {'a', "a:b", NULL},
        {'a', "x", ""},
        {'a', "x", "a\nb"},
        {'a', "rtpmap", NULL},
        {'a', "rtpmap", "97"},
        {'a', "rtpmap", "200 x/8000"},
        {'a', "sendrecv", "1"},
        {'a', "msid", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        sipv_sdp_writer w;
        size_t n;
        sipv_sdp_writer_init(&w, out, sizeof out);
        const int result = bad[i].type == 'a' ? attribute(&w, bad[i].name, bad[i].value)
                                              : line(&w, bad[i].type, bad[i].value);
        cr_assert_eq(result, SIPV_BAD_ARGUMENT, "case %zu", i);
        cr_assert_eq(sipv_sdp_writer_finish(&w, &n), SIPV_BAD_ARGUMENT);
        cr_assert_eq(n, 0);
        cr_assert_eq(attribute(&w, "x", NULL), SIPV_BAD_ARGUMENT); /* for good */
    }
    sipv_sdp_writer w;
    sipv_sdp_writer_init(&w, out, sizeof out);
    cr_assert_eq(sipv_sdp_write_attribute(&w, sipv_slice_text("x"), sipv_slice_of("a\0b", 3)),
                 SIPV_BAD_ARGUMENT);
}

/* parse(write(x)) = x */
static void write_and_read(const char *text, size_t n)
{
    size_t written = 0, more = 0;
    if (described(&d, text, n, SIPV_STRICT) != SIPV_OK)
        return;
    cr_assert_eq(sipv_sdp_write(&d.s, out, sizeof out, &written), SIPV_OK);
    cr_assert(written == n && memcmp(out, text, n) == 0);
    cr_assert_eq(described(&again, out, written, SIPV_STRICT), SIPV_OK);
    cr_assert_eq(again.s.n_lines, d.s.n_lines);
    cr_assert_eq(again.s.n_events, d.s.n_events);
    for (size_t i = 0; i < d.s.n_events; i++)
        cr_assert(d.s.events[i].kind == again.s.events[i].kind &&
                  d.s.events[i].off == again.s.events[i].off &&
                  d.s.events[i].len == again.s.events[i].len);
    cr_assert_eq(sipv_sdp_write(&again.s, twice, sizeof twice, &more), SIPV_OK);
    cr_assert(more == written && memcmp(out, twice, written) == 0);
}

Test(sdp_writer, whole_descriptions)
{
    static char text[1 << 16];
    size_t n, count = 0;
    write_and_read(HEAD "a=x\r\nm=audio 9 RTP/AVP 0\r\na=ptime:20\r\n",
                   strlen(HEAD "a=x\r\nm=audio 9 RTP/AVP 0\r\na=ptime:20\r\n"));
    const int rule = sipv_rule_find(sipv_sdp_grammar(), sipv_slice_text("session-description"));
    uint64_t seed = 1;
    for (int i = 0; i < 3000; i++)
        if (sipv_sample(sipv_sdp_grammar(), rule, false, &seed, (unsigned char *)text, sizeof text,
                        &n, NULL) == SIPV_OK) {
            write_and_read(text, n);
            count += d.s.accepted;
        }
    cr_assert(count > 0);
    described(&d, "v=1\r\n", 5, SIPV_STRICT);
    cr_assert_eq(sipv_sdp_write(&d.s, out, sizeof out, &n), SIPV_REJECT);
}

Test(sdp_writer, interop_is_written_as_it_is_meant)
{
    static const char text[] = "v=0\no=- 1 1 IN IP4 192.0.2.1\ns=x\nt=0 0\na =y";
    static const char wanted[] = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=x\r\nt=0 0\r\na=y\r\n";
    size_t n;
    cr_assert_eq(described(&d, text, sizeof text - 1, SIPV_INTEROP), SIPV_OK);
    cr_assert_eq(sipv_sdp_write(&d.s, out, sizeof out, &n), SIPV_OK);
    cr_assert(n == sizeof wanted - 1 && memcmp(out, wanted, n) == 0);
}
