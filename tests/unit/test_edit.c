/* Editing messages on their way, as a proxy does: pieces of the old and the new. */
#include <string.h>

#include "parsed.h"

static const sipv_slice absent = {NULL, 0};

enum { STRIP = 1, VIA = 2, HOPS = 4, ROUTE = 8 };

#define TAIL                                                                                       \
    REST "\r\n"                                                                                    \
         "body"
#define LINE "OPTIONS sip:b@h SIP/2.0\r\n"
#define V1 "SIP/2.0/UDP one;branch=z9hG4bK1"
#define V2 "SIP/2.0/TCP two;branch=z9hG4bK2"
#define NEW_VIA "Via: SIP/2.0/UDP new\r\n"
#define NEW_ROUTE "Record-Route: <sip:new;lr>\r\n"

static void check_edit(const char *in, unsigned what, const char *out)
{
    sipv_message *m = parse(in, strlen(in));
    char text[ROOM];
    size_t n = 0;
    sipv_edit e;
    cr_assert(m->accepted, "%s", in);
    sipv_edit_init(&e, m);
    if (what & VIA)
        cr_expect_eq(sipv_edit_add_via(&e, T("SIP/2.0/UDP new")), SIPV_OK);
    if (what & STRIP)
        cr_expect_eq(sipv_edit_strip_via(&e), SIPV_OK);
    if (what & HOPS)
        cr_expect_eq(sipv_edit_set_max_forwards(&e, 69), SIPV_OK);
    if (what & ROUTE)
        cr_expect_eq(sipv_edit_add_record_route(&e, T("<sip:new;lr>")), SIPV_OK);
    for (int again = 0; again < 2; again++) {
        cr_expect_eq(sipv_edit_finish(&e), SIPV_OK);
        n = 0;
        for (size_t i = 0; i < e.n_pieces; i++) {
            cr_assert_gt(e.pieces[i].n, 0);
            cr_assert_leq(n + e.pieces[i].n, sizeof text);
            memcpy(text + n, e.pieces[i].p, e.pieces[i].n);
            n += e.pieces[i].n;
        }
        cr_expect(n == strlen(out) && memcmp(text, out, n) == 0, "%s: '%.*s'", in, (int)n, text);
    }
    forget();
    parse(text, n);
    cr_expect(parsed.m.accepted || what & STRIP, "%.*s", (int)n, text);
    forget();
}

Test(edit, table)
{
    static const struct {
        const char *in;
        unsigned what;
        const char *out;
    } rows[] = {
        {LINE "Via: " V1 "\r\n" TAIL, 0, LINE "Via: " V1 "\r\n" TAIL},
        /* Content-Length cuts what is behind the body. */
        {LINE "Via: " V1 "\r\n" REST "l: 2\r\n\r\nabcd", 0,
         LINE "Via: " V1 "\r\n" REST "l: 2\r\n\r\nab"},
        {LINE "Via: " V1 "\r\n" TAIL, VIA, LINE NEW_VIA "Via: " V1 "\r\n" TAIL},
        {LINE REST "Via: " V1 "\r\n\r\n", VIA, LINE REST NEW_VIA "Via: " V1 "\r\n\r\n"},
        /* The top Via is a line, or the first element of one. */
        {LINE "Via: " V1 "\r\nVia: " V2 "\r\n" TAIL, STRIP, LINE "Via: " V2 "\r\n" TAIL},
        {LINE "Via: " V1 "\r\n\t;x\r\nVia: " V2 "\r\n" TAIL, STRIP, LINE "Via: " V2 "\r\n" TAIL},
        {LINE "v : " V1 " ,\r\n " V2 "\r\n" TAIL, STRIP, LINE "v : " V2 "\r\n" TAIL},
        {LINE "Via: " V1 "," V2 "," V1 "\r\n" TAIL, STRIP, LINE "Via: " V2 "," V1 "\r\n" TAIL},
        {LINE "Via: " V1 ";x=\",\"," V2 "\r\n" TAIL, STRIP, LINE "Via: " V2 "\r\n" TAIL},
        {LINE REST "v: " V1 "\r\nVia: " V2 "\r\n\r\n", STRIP, LINE REST "Via: " V2 "\r\n\r\n"},
        {LINE "Via: " V1 "\r\n" TAIL, STRIP, LINE TAIL},
        {LINE "Via: " V1 "\r\n" TAIL, STRIP | VIA, LINE NEW_VIA TAIL},
        {LINE "Via: " V1 "," V2 "\r\n" TAIL, STRIP | VIA, LINE NEW_VIA "Via: " V2 "\r\n" TAIL},
        /* Max-Forwards is replaced or added. */
        {LINE "max-forwards :\r\n 70\r\nVia: " V1 "\r\n" TAIL, HOPS,
         LINE "Max-Forwards: 69\r\nVia: " V1 "\r\n" TAIL},
        {LINE "Via: " V1 "\r\n" TAIL, HOPS, LINE "Max-Forwards: 69\r\nVia: " V1 "\r\n" TAIL},
        /* Record-Route comes before others, or on top. */
        {LINE "Via: " V1 "\r\nRecord-Route: <sip:x>\r\n" TAIL, ROUTE,
         LINE "Via: " V1 "\r\n" NEW_ROUTE "Record-Route: <sip:x>\r\n" TAIL},
        {LINE "Via: " V1 "\r\n" TAIL, ROUTE, LINE NEW_ROUTE "Via: " V1 "\r\n" TAIL},
        /* All at one place. */
        {LINE "Via: " V1 "\r\n" TAIL, STRIP | VIA | HOPS | ROUTE,
         LINE NEW_VIA NEW_ROUTE "Max-Forwards: 69\r\n" TAIL},
        {LINE "Via: " V1 "," V2 "\r\n" TAIL, STRIP | VIA | HOPS | ROUTE,
         LINE NEW_VIA NEW_ROUTE "Max-Forwards: 69\r\nVia: " V2 "\r\n" TAIL},
        {LINE "Max-Forwards: 70\r\nVia: " V1 "," V2 "\r\n" TAIL, STRIP | VIA | HOPS | ROUTE,
         LINE NEW_ROUTE "Max-Forwards: 69\r\n" NEW_VIA "Via: " V2 "\r\n" TAIL},
        {LINE REST "Record-Route: <sip:x>\r\nVia: " V1 "\r\nMax-Forwards: 1\r\n\r\n",
         STRIP | VIA | HOPS | ROUTE,
         LINE REST NEW_ROUTE "Record-Route: <sip:x>\r\n" NEW_VIA "Max-Forwards: 69\r\n\r\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_edit(rows[i].in, rows[i].what, rows[i].out);
}

/* After an index parse the Via is read when it is asked for. */
Test(edit, index_is_enough)
{
    static const char in[] = LINE "Via: " V1 "," V2 "\r\n" TAIL;
    static struct parsed p;
    sipv_edit e;
    sipv_message_init(&p.m, p.headers, HEADERS, p.events, EVENTS, p.diags, DIAGS);
    cr_assert_eq(sipv_message_index(&p.m, in, sizeof in - 1, NULL), SIPV_OK);
    sipv_edit_init(&e, &p.m);
    sipv_edit_strip_via(&e);
    cr_expect_eq(sipv_edit_finish(&e), SIPV_OK);
    cr_expect_eq(e.n_pieces, 2);
    cr_expect_eq(memcmp(e.pieces[1].p, V2, strlen(V2)), 0);
}

/* An index parse accepts the message, then the Via turns out to be malformed. */
Test(edit, malformed_via)
{
    static const char in[] = LINE "Via: nonsense\r\n" TAIL;
    static struct parsed p;
    sipv_edit e;
    sipv_message_init(&p.m, p.headers, HEADERS, p.events, EVENTS, p.diags, DIAGS);
    cr_assert_eq(sipv_message_index(&p.m, in, sizeof in - 1, NULL), SIPV_OK);
    sipv_edit_init(&e, &p.m);
    sipv_edit_strip_via(&e);
    cr_expect_eq(sipv_edit_finish(&e), SIPV_REJECT);
}

Test(edit, no_via)
{
    static const char in[] = LINE TAIL;
    static struct parsed p;
    sipv_edit e;
    sipv_message_init(&p.m, p.headers, HEADERS, p.events, EVENTS, p.diags, DIAGS);
    cr_assert_eq(sipv_message_index(&p.m, in, sizeof in - 1, NULL), SIPV_OK);
    sipv_edit_init(&e, &p.m);
    sipv_edit_strip_via(&e);
    cr_expect_eq(sipv_edit_finish(&e), SIPV_ABSENT);
}

Test(edit, refusals)
{
    static const char *const vias[] = {
        "",
        "x",
        "SIP/2.0/UDP",
        "SIP/2.0/UDP h\r\nX: y",
        "\r\n SIP/2.0/UDP h",
        "SIP/2.0/UDP h;b=\"\n\"",
        "SIP/2.0/UDP h,",
    };
    static const char in[] = LINE "Via: " V1 "\r\n" TAIL;
    sipv_edit e;
    sipv_edit_init(&e, parse(in, sizeof in - 1));
    for (size_t i = 0; i < sizeof vias / sizeof vias[0]; i++)
        cr_expect_eq(sipv_edit_add_via(&e, sipv_slice_text(vias[i])), SIPV_BAD_ARGUMENT, "%s",
                     vias[i]);
    cr_expect_eq(sipv_edit_add_via(&e, absent), SIPV_BAD_ARGUMENT);
    cr_expect_eq(sipv_edit_add_via(&e, T("SIP/2.0/UDP h;x=\"\\\0\"")), SIPV_BAD_ARGUMENT);
    cr_expect_eq(sipv_edit_add_record_route(&e, T("sip:no-brackets")), SIPV_BAD_ARGUMENT);
    cr_expect_eq(sipv_edit_add_record_route(&e, T("<sip:h>\r\n")), SIPV_BAD_ARGUMENT);
    cr_expect_eq(sipv_edit_set_max_forwards(&e, 256), SIPV_BAD_ARGUMENT);
    cr_expect_eq(sipv_edit_finish(&e), SIPV_OK);
    cr_expect_eq(e.n_pieces, 1, "nothing was changed");
    forget();

    sipv_edit_init(&e, parse("BYE\r\n\r\n", 7));
    cr_expect_eq(sipv_edit_finish(&e), SIPV_REJECT);
    forget();
}
