/* A registrar: RFC 3261 section 10.3. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <registrar.h>

#include "messages.h"

enum { TEXT = 8192, FLOW = 77 };

static struct room room;
static struct registrar r;
static char answer[TEXT];

static void open_all(const struct registrar_settings *settings)
{
    struct registrar_settings usual = registrar_settings_default();
    usual.domain = "a.example";
    cr_assert(room_open(&room));
    cr_assert_eq(registrar_open(&r, settings ? settings : &usual), SIPV_OK);
}

static void close_all(void)
{
    registrar_close(&r);
    room_close(&room);
}

/* A request for alice@a.example; `more` are whole lines.  The answer is in `answer`. */
static int ask(uint64_t now, const char *line, const char *to, const char *call_id, unsigned cseq,
               const char *more)
{
    static char text[TEXT];
    snprintf(text, sizeof text,
             "%s SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <%s>;tag=f\r\nTo: <%s>\r\n"
             "Call-ID: %s\r\nCSeq: %u %.*s\r\nMax-Forwards: 70\r\n%sContent-Length: 0\r\n\r\n",
             line, to, to, call_id, cseq, (int)strcspn(line, " "), line, more);
    cr_assert_eq(room_parse(&room, text, strlen(text), SIPV_STRICT), SIPV_OK, "%s", text);
    struct compose c = {(unsigned char *)answer, sizeof answer - 1, 0};
    const int status = registrar_answer_on(&r, now, &room.m, FLOW, sipv_slice_text("t"), &c);
    cr_assert_lt(c.n, sizeof answer);
    answer[c.n] = 0;
    cr_expect_eq(room_parse(&room, answer, c.n, SIPV_STRICT), SIPV_OK, "%s", answer);
    cr_expect_eq(room.m.status, status);
    return status;
}

static int enrol(uint64_t now, const char *call_id, unsigned cseq, const char *more)
{
    return ask(now, "REGISTER sip:a.example", "sip:alice@a.example", call_id, cseq, more);
}

/* The bindings in order of preference: "uri:expires uri:expires ". */
static const char *found(uint64_t now, const char *aor)
{
    static char out[1024];
    struct registrar_binding b;
    out[0] = 0;
    for (size_t i = 0; registrar_find(&r, now, sipv_slice_text(aor), i, &b) == SIPV_OK; i++) {
        const size_t n = strlen(out);
        snprintf(out + n, sizeof out - n, "%.*s:%u ", (int)b.uri.n, (const char *)b.uri.p,
                 (unsigned)b.expires_s);
    }
    return out;
}

#define ALICE "sip:alice@a.example"

Test(registrar, life_of_a_binding)
{
    open_all(NULL);
    cr_expect_eq(enrol(0, "1", 1, "Contact: <sip:x>\r\n"), 200);
    cr_expect(strstr(answer, "\r\nContact: <sip:x>;expires=3600\r\n"), "%s", answer);
    cr_expect_str_eq(found(0, ALICE), "sip:x:3600 ");
    cr_expect_eq(enrol(1500, "1", 2, ""), 200, "a question");
    cr_expect(strstr(answer, "\r\nContact: <sip:x>;expires=3599\r\n"), "%s", answer);
    cr_expect_eq(enrol(2000, "1", 3, "Contact: <sip:x>;expires=100\r\n"), 200, "refresh");
    cr_expect_str_eq(found(2000, ALICE), "sip:x:100 ");
    cr_expect_eq(registrar_count(&r), 1);
    cr_expect_eq(registrar_wake(&r), 102000);
    cr_expect_str_eq(found(101999, ALICE), "sip:x:1 ");
    cr_expect_str_eq(found(102000, ALICE), "");
    registrar_advance(&r, 102000);
    cr_expect_eq(registrar_count(&r), 0);
    cr_expect_eq(registrar_octets(&r), 0);
    cr_expect_eq(registrar_wake(&r), UINT64_MAX);
    close_all();
}

/* What is asked for, and what is granted. */
Test(registrar, expires)
{
    static const struct {
        const char *more;
        int status;
        const char *found;
    } cases[] = {
        {"Contact: <sip:x>\r\nExpires: 120\r\n", 200, "sip:x:120 "},
        {"Contact: <sip:x>;expires=90\r\nExpires: 120\r\n", 200, "sip:x:90 "},
        {"Contact: <sip:x>, <sip:y>;expires=90\r\nExpires: 120\r\n", 200, "sip:y:90 sip:x:120 "},
        {"Contact: <sip:x>;expires=99999\r\n", 200, "sip:x:3600 "},
        {"Contact: <sip:x>;expires=4294967295\r\n", 200, "sip:x:3600 "},
        {"Contact: <sip:x>;expires=59\r\n", 423, ""},
        {"Contact: <sip:y>, <sip:x>;expires=59\r\n", 423, ""},
        {"Contact: <sip:x>;expires=0\r\n", 200, ""},
        {"Contact: *\r\nExpires: 0\r\n", 200, ""},
        {"Contact: *\r\nExpires: 1\r\n", 400, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        open_all(NULL);
        cr_expect_eq(enrol(0, "1", 1, cases[i].more), cases[i].status, "%s", cases[i].more);
        cr_expect_str_eq(found(0, ALICE), cases[i].found, "%s: %s", cases[i].more, found(0, ALICE));
        if (cases[i].status == 423)
            cr_expect(strstr(answer, "\r\nMin-Expires: 60\r\n"));
        close_all();
    }
}

/* Order of Call-ID and CSeq (steps 6 and 7): all or nothing. */
Test(registrar, order)
{
    open_all(NULL);
    enrol(0, "1", 5, "Contact: <sip:x>\r\n");
    enrol(0, "2", 9, "Contact: <sip:y>\r\n");
    cr_expect_eq(enrol(0, "1", 5, "Contact: <sip:x>;expires=100\r\n"), 500, "not higher");
    cr_expect_eq(enrol(0, "1", 4, "Contact: <sip:new>, <sip:x>;expires=0\r\n"), 500);
    cr_expect_eq(enrol(0, "2", 9, "Contact: *\r\nExpires: 0\r\n"), 500, "older than y");
    cr_expect_str_eq(found(0, ALICE), "sip:y:3600 sip:x:3600 ");
    cr_expect_eq(enrol(0, "3", 1, "Contact: <sip:x>;expires=100\r\n"), 200, "another Call-ID");
    cr_expect_eq(enrol(0, "3", 2, "Contact: <sip:z>, <sip:z>\r\n"), 500, "twice the same");
    cr_expect_str_eq(found(0, ALICE), "sip:x:100 sip:y:3600 ");
    cr_expect_eq(enrol(0, "4", 1, "Contact: *\r\nExpires: 0\r\n"), 200);
    cr_expect_str_eq(found(0, ALICE), "");
    cr_expect_eq(registrar_octets(&r), 0);
    close_all();
}

Test(registrar, preference)
{
    open_all(NULL);
    enrol(0, "1", 1,
          "Contact: <sip:x>;q=0.5, <sip:y>;q=0.25, <sip:z>, <sip:v>;q=1.000, <sip:w>;q=0\r\n");
    cr_expect_str_eq(found(0, ALICE), "sip:v:3600 sip:z:3600 sip:x:3600 sip:y:3600 sip:w:3600 ");
    cr_expect(strstr(answer, "<sip:y>;q=0.250;expires=3600\r\n"), "%s", answer);
    close_all();
}

/* The canonical form of an address-of-record, and what is the same contact. */
Test(registrar, addresses)
{
    open_all(NULL);
    enrol(0, "1", 1, "Contact: <sip:x@H;transport=tcp>\r\n");
    cr_expect_str_eq(found(0, "sip:%61lice@A.EXAMPLE;user=phone"), "sip:x@H;transport=tcp:3600 ");
    cr_expect_str_eq(found(0, "sip:Alice@a.example"), "");
    cr_expect_str_eq(found(0, "sip:alice@b.example"), "");
    cr_expect_str_eq(found(0, "tel:+1"), "");
    enrol(0, "1", 2, "Contact: <sip:x@h;transport=TCP>;expires=70\r\n");
    cr_expect_str_eq(found(0, ALICE), "sip:x@h;transport=TCP:70 ");
    cr_expect_eq(
        registrar_find(&r, 0, sipv_slice_text("no uri"), 0, &(struct registrar_binding){.q = 0}),
        SIPV_REJECT);
    close_all();
}

Test(registrar, refusals)
{
    static const struct {
        const char *line, *to, *more;
        int status;
        const char *has;
    } cases[] = {
        {"OPTIONS sip:a.example", ALICE, "", 405, "\r\nAllow: REGISTER\r\n"},
        {"REGISTER sip:b.example", ALICE, "", 404, ""},
        {"REGISTER sip:a.example", "sip:alice@b.example", "", 404, ""},
        {"REGISTER sip:a.example", "sip:a.example", "", 404, ""},
        {"REGISTER sip:a.example", "tel:+1", "", 404, ""},
        {"REGISTER sip:a.example", ALICE, "Require: path, gruu\r\nRequire: outbound, x\r\n", 420,
         "\r\nUnsupported: gruu, x\r\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        open_all(NULL);
        cr_expect_eq(ask(0, cases[i].line, cases[i].to, "1", 1, cases[i].more), cases[i].status,
                     "%s %s", cases[i].line, cases[i].to);
        cr_expect(strstr(answer, cases[i].has));
        cr_expect_eq(registrar_count(&r), 0);
        close_all();
    }
}

/* ---- Path and outbound ------------------------------------------------------------------------
 */

#define INSTANCE "+sip.instance=\"<urn:uuid:1>\""
#define SECOND_VIA "Via: SIP/2.0/UDP client;branch=z9hG4bK2\r\n"

/* The first binding; all zero if there is none. */
static struct registrar_binding first(uint64_t now)
{
    struct registrar_binding b;
    memset(&b, 0, sizeof b);
    registrar_find(&r, now, sipv_slice_text(ALICE), 0, &b);
    return b;
}

/* RFC 3327 section 5.3: kept, echoed, and part of what is found. */
Test(registrar, path)
{
    open_all(NULL);
    cr_expect_eq(enrol(0, "1", 1,
                       "Contact: <sip:x>;methods=\"INVITE\";q=0.5\r\nSupported: path\r\n"
                       "Path: <sip:p2;lr>,\r\n <sip:p1;lr>\r\nPath: <sip:p0;lr>\r\n"),
                 200);
    cr_expect(strstr(answer, "\r\nPath: <sip:p2;lr>,  <sip:p1;lr>, <sip:p0;lr>\r\n"), "%s", answer);
    cr_expect(strstr(answer, "\r\nContact: <sip:x>;methods=\"INVITE\";q=0.500;expires=3600\r\n"),
              "%s", answer);
    struct registrar_binding b = first(0);
    cr_expect(sipv_slice_is(b.path, "<sip:p2;lr>,  <sip:p1;lr>, <sip:p0;lr>"));
    cr_expect(sipv_slice_is(b.params, ";methods=\"INVITE\""));
    cr_expect_eq(enrol(0, "1", 2, "Contact: <sip:x>\r\n"), 200, "another way");
    cr_expect_eq(strstr(answer, "Path: "), NULL);
    b = first(0);
    cr_expect_eq(b.path.p, NULL);
    cr_expect_eq(enrol(0, "1", 3, "Require: path\r\nContact: *\r\nExpires: 0\r\n"), 200);
    cr_expect_eq(registrar_octets(&r), 0);
    close_all();
}

/* RFC 5626 section 6. */
Test(registrar, outbound)
{
    static const struct {
        const char *more;
        int status;
        bool requires, flow;
    } cases[] = {
        {"Contact: <sip:x>;" INSTANCE ";reg-id=1\r\nSupported: outbound\r\n", 200, true, true},
        {"Contact: <sip:x>;" INSTANCE ";reg-id=1\r\n", 200, false, false},
        {"Contact: <sip:x>;" INSTANCE "\r\nSupported: outbound\r\n", 200, false, false},
        {"Contact: <sip:x>;reg-id=1\r\nSupported: outbound\r\n", 200, false, false},
        {SECOND_VIA "Contact: <sip:x>;" INSTANCE ";reg-id=1\r\nSupported: outbound\r\n", 439, false,
         false},
        {SECOND_VIA "Path: <sip:p;lr>\r\nContact: <sip:x>;" INSTANCE
                    ";reg-id=1\r\nSupported: outbound\r\n",
         439, false, false},
        {SECOND_VIA "Path: <sip:p;lr;ob>\r\nContact: <sip:x>;" INSTANCE
                    ";reg-id=1\r\nSupported: path, outbound\r\n",
         200, true, false},
        {SECOND_VIA "Contact: <sip:x>;" INSTANCE ";reg-id=1\r\n", 200, false, false},
        {"Contact: <sip:x>;" INSTANCE ";reg-id=1, <sip:y>\r\nSupported: outbound\r\n", 400, false,
         false},
        {"Contact: <sip:x>;" INSTANCE ";reg-id=1, <sip:y>;expires=0\r\nSupported: outbound\r\n",
         200, true, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        open_all(NULL);
        cr_expect_eq(enrol(0, "1", 1, cases[i].more), cases[i].status, "%s", cases[i].more);
        cr_expect_eq(strstr(answer, "\r\nRequire: outbound\r\n") != NULL, cases[i].requires, "%s",
                     cases[i].more);
        cr_expect_eq(first(0).flow, cases[i].flow ? FLOW : 0, "%s", cases[i].more);
        close_all();
    }
}

/* The same flow of a client replaces itself whatever its URI is; another one stands beside it. */
Test(registrar, flows)
{
    open_all(NULL);
    enrol(0, "1", 1, "Contact: <sip:x>;" INSTANCE ";reg-id=1\r\nSupported: outbound\r\n");
    enrol(0, "2", 1, "Contact: <sip:y>;" INSTANCE ";reg-id=2\r\nSupported: outbound\r\n");
    enrol(0, "3", 1, "Contact: <sip:x>\r\n");
    cr_expect_str_eq(found(0, ALICE), "sip:x:3600 sip:y:3600 sip:x:3600 ");
    enrol(0, "1", 2, "Contact: <sip:z>;" INSTANCE ";reg-id=1\r\nSupported: outbound\r\n");
    cr_expect_str_eq(found(0, ALICE), "sip:z:3600 sip:x:3600 sip:y:3600 ");
    cr_expect(strstr(answer, "\r\nContact: <sip:z>;" INSTANCE ";reg-id=1;expires=3600\r\n"), "%s",
              answer);
    enrol(0, "1", 3, "Contact: <sip:z>;" INSTANCE ";reg-id=1;expires=0\r\nSupported: outbound\r\n");
    cr_expect_str_eq(found(0, ALICE), "sip:x:3600 sip:y:3600 ");
    close_all();
}

/* ---- Limits --------------------------------------------------------------------------------- */

Test(registrar, many_contacts)
{
    char more[1024] = "Contact: <sip:h0>", one[64];
    open_all(NULL);
    for (unsigned i = 1; i < REGISTRAR_CONTACTS; i++)
        snprintf(more + strlen(more), sizeof more - strlen(more), ",<sip:h%u>", i);
    snprintf(one, sizeof one, "Contact: <sip:h%d>\r\n", REGISTRAR_CONTACTS);
    strcat(more, "\r\n");
    cr_expect_eq(enrol(0, "1", 1, more), 200);
    cr_expect_eq(enrol(0, "1", 2, one), 503);
    cr_expect_eq(registrar_count(&r), REGISTRAR_CONTACTS);
    cr_expect_eq(enrol(0, "1", 3, more), 200, "all anew");
    cr_expect_eq(enrol(0, "1", 4, "Contact: <sip:h3>;expires=0,<sip:n>\r\n"), 200);
    cr_expect_eq(registrar_count(&r), REGISTRAR_CONTACTS);
    cr_expect_eq(enrol(0, "1", 5, "Contact: *\r\nExpires: 0\r\n"), 200);
    cr_expect_eq(registrar_octets(&r), 0);
    close_all();
}

/* Room runs out anywhere: nothing has changed. */
Test(registrar, full)
{
    struct registrar_settings settings = registrar_settings_default();
    size_t done = 0;
    settings.domain = "a.example";
    settings.bindings = 2;
    open_all(&settings);
    cr_expect_eq(enrol(0, "1", 1, "Contact: <sip:x>,<sip:y>,<sip:z>\r\n"), 503);
    cr_expect_eq(registrar_octets(&r), 0);
    cr_expect_eq(enrol(0, "1", 1, "Contact: <sip:x>,<sip:y>\r\n"), 200);
    cr_expect_eq(enrol(0, "1", 2, "Contact: <sip:x>,<sip:y>\r\n"), 200, "who is there is served");
    cr_expect_eq(enrol(0, "1", 3, "Contact: <sip:z>\r\n"), 503);
    cr_expect_eq(enrol(0, "1", 3, "Contact: <sip:x>;expires=0,<sip:z>\r\n"), 200);
    cr_expect_str_eq(found(0, ALICE), "sip:z:3600 sip:y:3600 ");
    close_all();

    settings.bindings = 100;
    for (size_t octets = 1; octets < 80; octets++) {
        settings.octets = octets;
        open_all(&settings);
        const int status = enrol(0, "1", 1, "Contact: <sip:x>,<sip:y>\r\n");
        cr_expect_eq(registrar_count(&r), status == 200 ? 2 : 0);
        cr_expect_eq(registrar_octets(&r) > 0, status == 200);
        done += status == 200;
        close_all();
    }
    cr_expect_gt(done, 0);

    settings.domain = NULL;
    cr_expect_eq(registrar_open(&r, &settings), SIPV_BAD_ARGUMENT);
    settings.domain = "a";
    settings.min_s = settings.max_s + 1;
    cr_expect_eq(registrar_open(&r, &settings), SIPV_BAD_ARGUMENT);
}

/* Many bindings of many users, which end one after the other. */
Test(registrar, many_users)
{
    enum { USERS = 2000 };
    struct registrar_settings settings = registrar_settings_default();
    char to[64], more[64];
    uint64_t now = 0;
    settings.domain = "a.example";
    open_all(&settings);
    for (unsigned i = 0; i < USERS; i++) {
        snprintf(to, sizeof to, "sip:u%u@a.example", i);
        snprintf(more, sizeof more, "Contact: <sip:x>;expires=%u\r\n", 60 + i * 7919 % USERS);
        cr_expect_eq(ask(0, "REGISTER sip:a.example", to, "1", 1, more), 200);
    }
    for (unsigned i = 0; i < USERS; i++) {
        cr_expect_eq(registrar_count(&r), USERS - i);
        cr_expect_eq(registrar_wake(&r), (60 + i) * 1000);
        now = registrar_wake(&r);
        registrar_advance(&r, now);
    }
    cr_expect_eq(registrar_octets(&r), 0);
    cr_expect_eq(registrar_wake(&r), UINT64_MAX);
    close_all();
}
