/* Writing parsed messages again, in the form of RFC 3261. */
#include <stdlib.h>
#include <string.h>

#include "parsed.h"

Test(message_write, long_names_and_one_length)
{
    static const char in[] = "OPTIONS sip:b@h SIP/2.0\r\n"
                             "v:SIP/2.0/UDP h;branch=z9hG4bK1 ,\r\n SIP/2.0/UDP i\r\n"
                             "max-forwards :   070\r\n" REST "Unknown-One:  x\r\n"
                             "l: 0001\r\n"
                             "\r\n"
                             "x and more";
    static const char out[] = "OPTIONS sip:b@h SIP/2.0\r\n"
                              "Via: SIP/2.0/UDP h;branch=z9hG4bK1 ,\r\n SIP/2.0/UDP i\r\n"
                              "Max-Forwards: 070\r\n" REST "Unknown-One: x\r\n"
                              "Content-Length: 1\r\n"
                              "\r\n"
                              "x";
    enum { N = sizeof out - 1 };
    sipv_message *m = parse(in, sizeof in - 1);
    unsigned char text[N + 1];
    size_t n;
    cr_assert(m->accepted);
    for (size_t cap = 0; cap <= N; cap++) {
        memset(text, 0xee, sizeof text);
        cr_expect_eq(sipv_message_write(m, text, cap, &n), cap < N ? SIPV_NO_SPACE : SIPV_OK);
        cr_expect_eq(n, N);
        cr_expect_eq(memcmp(text, out, cap), 0, "%.*s", (int)cap, (const char *)text);
        cr_expect_eq(text[cap], 0xee);
    }
    forget();
}

Test(message_write, response_without_length)
{
    static const char in[] = "SIP/2.0 200 \r\nVia: SIP/2.0/UDP h\r\n" REST "\r\nbody";
    static const char out[] =
        "SIP/2.0 200 \r\nVia: SIP/2.0/UDP h\r\n" REST "Content-Length: 4\r\n\r\nbody";
    sipv_message *m = parse(in, sizeof in - 1);
    char text[sizeof out];
    size_t n;
    cr_expect_eq(sipv_message_write(m, text, sizeof text, &n), SIPV_OK);
    cr_expect_eq(n, sizeof out - 1);
    cr_expect_eq(memcmp(text, out, n), 0);
    forget();
}

/* In the interop profile lines may end in LF; those between the lines of a fold are mended too. */
Test(message_write, line_ends)
{
    static const char in[] = "SIP/2.0 200 OK\nVia: SIP/2.0/UDP h\nSubject: a\n b\r\n c\n" REST "\n";
    static const char out[] =
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h\r\nSubject: a\r\n b\r\n c\r\n" REST
        "Content-Length: 0\r\n\r\n";
    const sipv_options interop = {.profile = SIPV_INTEROP,
                                  .explainer = malloc(sipv_explainer_size())};
    static struct parsed p;
    char text[sizeof out];
    size_t n;
    sipv_message_init(&p.m, p.headers, HEADERS, p.events, EVENTS, p.diags, DIAGS);
    cr_assert_eq(sipv_message_parse(&p.m, in, sizeof in - 1, &interop), SIPV_OK);
    cr_expect_eq(sipv_message_write(&p.m, text, sizeof text, &n), SIPV_OK);
    cr_expect(n == sizeof out - 1 && memcmp(text, out, n) == 0, "%.*s", (int)n, text);
    free(interop.explainer);
}

Test(message_write, not_what_was_refused)
{
    unsigned char out[256];
    size_t n;
    cr_expect_eq(sipv_message_write(parse("BYE\r\n\r\n", 7), out, sizeof out, &n),
                 SIPV_BAD_ARGUMENT);
    cr_expect_eq(n, 0);
    forget();
}
