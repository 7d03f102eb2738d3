/* Dialogs: RFC 3261 section 12. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <dialogs.h>

#include "messages.h"

enum { TEXT = 4096 };

static struct room asked, answered;
static struct dialogs d;
static char text[TEXT];

static void open_all(const struct dialogs_settings *settings)
{
    const struct dialogs_settings usual = dialogs_settings_default();
    cr_assert(room_open(&asked) && room_open(&answered));
    cr_assert_eq(dialogs_open(&d, settings ? settings : &usual), SIPV_OK);
}

static void close_all(void)
{
    dialogs_close(&d);
    room_close(&asked);
    room_close(&answered);
}

static sipv_message *parse(struct room *room, const char *what)
{
    cr_assert_eq(room_parse(room, what, strlen(what), SIPV_STRICT), SIPV_OK, "%s", what);
    return &room->m;
}

/* Alice to Bob; `more` are whole lines. */
static sipv_message *request(const char *method, unsigned cseq, const char *to_tag,
                             const char *more)
{
    static char out[TEXT];
    snprintf(out, sizeof out,
             "%s sip:bob@b.example SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\n"
             "From: Alice <sip:alice@a.example>;tag=al\r\nTo: <sip:bob@b.example>%s%s\r\n"
             "Call-ID: 1@a\r\nCSeq: %u %s\r\nMax-Forwards: 70\r\n%sContent-Length: 0\r\n\r\n",
             method, to_tag ? ";tag=" : "", to_tag ? to_tag : "", cseq, method, more);
    return parse(&asked, out);
}

static sipv_message *response(int status, unsigned cseq, const char *to_tag, const char *more)
{
    static char out[TEXT];
    snprintf(out, sizeof out,
             "SIP/2.0 %d Words\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\n"
             "From: Alice <sip:alice@a.example>;tag=al\r\nTo: <sip:bob@b.example>%s%s\r\n"
             "Call-ID: 1@a\r\nCSeq: %u INVITE\r\n%sContent-Length: 0\r\n\r\n",
             status, to_tag ? ";tag=" : "", to_tag ? to_tag : "", cseq, more);
    return parse(&answered, out);
}

#define ALICE "Contact: <sip:alice@192.0.2.1>\r\n"
#define BOB "Contact: <sip:bob@192.0.2.2>\r\n"

/* What a request inside the dialog begins with. */
static const char *written(dialog_id id, const char *method, int64_t cseq)
{
    struct compose c = {(unsigned char *)text, sizeof text - 1, 0};
    cr_assert_eq(dialogs_write(&d, id, method, cseq, "SIP/2.0/UDP x;branch=z9hG4bKx", &c), SIPV_OK);
    compose_text(&c, "Contact: <sip:x>\r\n");
    compose_end(&c);
    cr_assert_lt(c.n, sizeof text);
    text[c.n] = 0;
    parse(&answered, text);
    return text;
}

static void expect_text(sipv_slice got, const char *wanted)
{
    cr_expect_eq(got.n, strlen(wanted), "'%.*s', not '%s'", (int)got.n, (const char *)got.p,
                 wanted);
    cr_expect(got.n == strlen(wanted) && memcmp(got.p, wanted, got.n) == 0, "'%.*s', not '%s'",
              (int)got.n, (const char *)got.p, wanted);
}

static struct dialog get(dialog_id id)
{
    struct dialog out;
    cr_expect_eq(dialogs_get(&d, id, &out), SIPV_OK);
    return out;
}

/* ---- Beginning ------------------------------------------------------------------------------ */

Test(dialogs, uac)
{
    dialog_id early = 0, again = 0, other = 0;
    open_all(NULL);
    sipv_message *invite = request("INVITE", 5, NULL, ALICE);
    cr_expect_eq(dialogs_begin(&d, DIALOG_UAC, invite, response(100, 5, NULL, ""), false, &early),
                 SIPV_ABSENT);
    cr_expect_eq(dialogs_begin(&d, DIALOG_UAC, invite, response(180, 5, NULL, BOB), false, &early),
                 SIPV_ABSENT, "no To tag");
    cr_expect_eq(dialogs_begin(&d, DIALOG_UAC, invite, response(180, 5, "b", ""), false, &early),
                 SIPV_REJECT, "no Contact");
    cr_expect_eq(dialogs_begin(&d, DIALOG_UAC, invite, response(180, 6, "b", BOB), false, &early),
                 SIPV_REJECT, "another CSeq");
    cr_expect_eq(dialogs_begin(&d, DIALOG_UAC, invite, response(486, 5, "b", BOB), false, &early),
                 SIPV_ABSENT);
    cr_expect_eq(dialogs_count(&d), 0);
    cr_expect_eq(
        dialogs_begin(&d, DIALOG_UAC, invite,
                      response(180, 5, "b", BOB "Record-Route: <sip:p1;lr>,<sip:p2>;x=y\r\n"), true,
                      &early),
        SIPV_OK);
    struct dialog out = get(early);
    cr_expect_eq(out.state, DIALOG_EARLY);
    cr_expect(out.secure);
    cr_expect_eq(out.local_cseq, 5);
    cr_expect_eq(out.remote_cseq, -1);
    expect_text(out.local_tag, "al");
    expect_text(out.remote_tag, "b");
    expect_text(out.local_uri, "sip:alice@a.example");
    expect_text(out.remote_uri, "sip:bob@b.example");
    expect_text(out.remote_target, "sip:bob@192.0.2.2");
    expect_text(out.route_set, "<sip:p2>;x=y\n<sip:p1;lr>\n");
    cr_expect_not(out.loose);

    /* The 2xx confirms it and brings a route set of its own; a late 183 changes nothing. */
    cr_expect_eq(dialogs_begin(&d, DIALOG_UAC, invite,
                               response(200, 5, "B", BOB "Record-Route: <sip:p3;lr>\r\n"), true,
                               &again),
                 SIPV_OK);
    cr_expect_eq(again, early);
    out = get(early);
    cr_expect_eq(out.state, DIALOG_CONFIRMED);
    expect_text(out.route_set, "<sip:p3;lr>\n");
    cr_expect(out.loose);
    cr_expect_eq(dialogs_begin(&d, DIALOG_UAC, invite, response(183, 5, "b", BOB), true, &again),
                 SIPV_OK);
    cr_expect_eq(get(early).state, DIALOG_CONFIRMED);

    /* A fork: another To tag, another dialog. */
    cr_expect_eq(dialogs_begin(&d, DIALOG_UAC, invite, response(200, 5, "c", BOB), false, &other),
                 SIPV_OK);
    cr_expect_neq(other, early);
    cr_expect_eq(dialogs_count(&d), 2);
    cr_expect_eq(dialogs_find(&d, response(200, 5, "c", BOB)), other);
    cr_expect_eq(dialogs_find(&d, response(200, 5, "e", BOB)), 0);
    close_all();
}

Test(dialogs, uas)
{
    dialog_id id = 0;
    open_all(NULL);
    cr_expect_eq(dialogs_begin(&d, DIALOG_UAS,
                               request("INVITE", 5, NULL,
                                       ALICE "Record-Route: <sip:p1;lr>\r\nRecord-Route: "
                                             "<sip:p2;lr>\r\n"),
                               response(180, 5, "b", BOB), false, &id),
                 SIPV_OK);
    const struct dialog out = get(id);
    cr_expect_eq(out.local_cseq, -1);
    cr_expect_eq(out.remote_cseq, 5);
    expect_text(out.local_tag, "b");
    expect_text(out.remote_tag, "al");
    expect_text(out.local_uri, "sip:bob@b.example");
    expect_text(out.remote_target, "sip:alice@192.0.2.1");
    expect_text(out.route_set, "<sip:p1;lr>\n<sip:p2;lr>\n");
    cr_expect_eq(dialogs_find(&d, request("BYE", 6, "b", "")), id);
    cr_expect_eq(dialogs_find(&d, request("BYE", 6, "x", "")), 0);
    cr_expect_eq(dialogs_find(&d, request("BYE", 6, NULL, "")), 0);
    cr_expect_eq(dialogs_end(&d, id), SIPV_OK);
    cr_expect_eq(dialogs_end(&d, id), SIPV_ABSENT);
    cr_expect_eq(dialogs_octets(&d), 0);
    close_all();
}

/* A 2xx of an RFC 2543 element has no To tag: the remote tag is null. */
Test(dialogs, null_tag)
{
    dialog_id id = 0;
    open_all(NULL);
    cr_expect_eq(dialogs_begin(&d, DIALOG_UAC, request("INVITE", 5, NULL, ALICE),
                               response(200, 5, NULL, BOB), false, &id),
                 SIPV_OK);
    cr_expect(strstr(written(id, "BYE", -1), "To: <sip:bob@b.example>\r\n"));
    close_all();
}

/* ---- Requests sent -------------------------------------------------------------------------- */

static dialog_id dialog_with(const char *contact, const char *record_route)
{
    char more[TEXT / 4];
    dialog_id id = 0;
    snprintf(more, sizeof more, "Contact: %s\r\n%s%s%s", contact,
             *record_route ? "Record-Route: " : "", record_route, *record_route ? "\r\n" : "");
    cr_assert_eq(dialogs_begin(&d, DIALOG_UAC, request("INVITE", 5, NULL, ALICE),
                               response(200, 5, "b", more), false, &id),
                 SIPV_OK);
    return id;
}

Test(dialogs, routes)
{
    static const struct {
        const char *contact, *record_route, *line, *routes;
    } cases[] = {
        {"<sip:user@remoteua>", "", "sip:user@remoteua", ""},
        {"<sip:user@remoteua>", "<sip:p2;lr>, <sip:p1;lr>;x=\"y>\"", "sip:user@remoteua",
         "Route: <sip:p1;lr>;x=\"y>\"\r\nRoute: <sip:p2;lr>\r\n"},
        /* The example of section 12.2.1.1, a strict router in front. */
        {"<sip:user@remoteua>", "<sip:proxy4>,<sip:proxy3;lr>,<sip:proxy2>,<sip:proxy1>",
         "sip:proxy1",
         "Route: <sip:proxy2>\r\nRoute: <sip:proxy3;lr>\r\nRoute: <sip:proxy4>\r\n"
         "Route: <sip:user@remoteua>\r\n"},
        /* What may not stand in a Request-URI (section 19.1.1). */
        {"<sip:user@remoteua;method=INVITE;x=y?Subject=a>", "", "sip:user@remoteua;x=y", ""},
        {"<sip:us?er@remoteua;x=y;method=BYE>", "", "sip:us?er@remoteua;x=y", ""},
        {"<sip:user@remoteua>", "<sip:proxy1;method=BYE>", "sip:proxy1",
         "Route: <sip:user@remoteua>\r\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char wanted[TEXT];
        open_all(NULL);
        const dialog_id id = dialog_with(cases[i].contact, cases[i].record_route);
        snprintf(wanted, sizeof wanted,
                 "BYE %s SIP/2.0\r\nVia: SIP/2.0/UDP x;branch=z9hG4bKx\r\nMax-Forwards: 70\r\n%s"
                 "From: <sip:alice@a.example>;tag=al\r\nTo: <sip:bob@b.example>;tag=b\r\n"
                 "Call-ID: 1@a\r\nCSeq: 6 BYE\r\nContact: <sip:x>\r\nContent-Length: 0\r\n\r\n",
                 cases[i].line, cases[i].routes);
        cr_expect_str_eq(written(id, "BYE", -1), wanted);
        close_all();
    }
}

/* Numbers go up by one; an ACK has that of its INVITE and uses none. */
Test(dialogs, local_cseq)
{
    struct compose c = {NULL, 0, 0};
    open_all(NULL);
    dialog_id id = dialog_with("<sip:user@remoteua>", "");
    cr_expect(strstr(written(id, "ACK", 5), "CSeq: 5 ACK\r\n"));
    cr_expect(strstr(written(id, "INFO", -1), "CSeq: 6 INFO\r\n"));
    cr_expect(strstr(written(id, "BYE", -1), "CSeq: 7 BYE\r\n"));
    cr_expect_eq(dialogs_write(&d, id + 1, "BYE", -1, "x", &c), SIPV_ABSENT);
    dialogs_end(&d, id);
    cr_assert_eq(dialogs_begin(&d, DIALOG_UAC, request("INVITE", 2147483647, NULL, ALICE),
                               response(200, 2147483647, "b", BOB), false, &id),
                 SIPV_OK);
    cr_expect_eq(dialogs_write(&d, id, "BYE", -1, "x", &c), SIPV_LIMIT);
    close_all();
}

/* ---- Requests received ---------------------------------------------------------------------- */

Test(dialogs, remote_cseq)
{
    static const struct {
        const char *method;
        unsigned cseq;
        int result;
    } order[] = {{"INFO", 5, SIPV_REJECT}, {"ACK", 5, SIPV_OK},  {"INFO", 6, SIPV_OK},
                 {"INFO", 6, SIPV_REJECT}, {"INFO", 9, SIPV_OK}, {"INFO", 8, SIPV_REJECT},
                 {"CANCEL", 5, SIPV_OK},   {"BYE", 10, SIPV_OK}};
    dialog_id id = 0;
    open_all(NULL);
    cr_assert_eq(dialogs_begin(&d, DIALOG_UAS, request("INVITE", 5, NULL, ALICE),
                               response(200, 5, "b", BOB), false, &id),
                 SIPV_OK);
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        cr_expect_eq(dialogs_receive(&d, id, request(order[i].method, order[i].cseq, "b", "")),
                     order[i].result, "%u %s", order[i].cseq, order[i].method);
    cr_expect_eq(dialogs_receive(&d, id + 1, request("INFO", 11, "b", "")), SIPV_ABSENT);
    dialogs_end(&d, id);

    /* Empty until the peer sends its first. */
    cr_assert_eq(dialogs_begin(&d, DIALOG_UAC, request("INVITE", 5, NULL, ALICE),
                               response(200, 5, "b", BOB), false, &id),
                 SIPV_OK);
    cr_expect_eq(dialogs_receive(&d, id, request("INFO", 0, "al", "")), SIPV_OK);
    cr_expect_eq(dialogs_receive(&d, id, request("INFO", 0, "al", "")), SIPV_REJECT);
    close_all();
}

Test(dialogs, target_refresh)
{
    open_all(NULL);
    const dialog_id id = dialog_with("<sip:bob@old>", "<sip:p;lr>");
    cr_expect_eq(dialogs_refresh(&d, id, request("INVITE", 6, "b", "Contact: <sip:bob@new>\r\n")),
                 SIPV_OK);
    expect_text(get(id).remote_target, "sip:bob@new");
    expect_text(get(id).route_set, "<sip:p;lr>\n");
    cr_expect_eq(dialogs_refresh(&d, id, response(200, 6, "b", "")), SIPV_OK, "no Contact");
    expect_text(get(id).remote_target, "sip:bob@new");
    cr_expect(dialogs_refreshes(SIPV_M_INVITE) && dialogs_refreshes(SIPV_M_UPDATE));
    cr_expect(!dialogs_refreshes(SIPV_M_ACK) && !dialogs_refreshes(SIPV_M_BYE));
    close_all();
}

/* ---- Ends and limits ------------------------------------------------------------------------ */

Test(dialogs, refused)
{
    dialog_id id = 0;
    open_all(NULL);
    sipv_message *invite = request("INVITE", 5, NULL, ALICE);
    dialogs_begin(&d, DIALOG_UAC, invite, response(180, 5, "b", BOB), false, &id);
    dialogs_begin(&d, DIALOG_UAC, invite, response(180, 5, "c", BOB), false, &id);
    dialogs_begin(&d, DIALOG_UAC, invite, response(200, 5, "d", BOB), false, &id);
    cr_expect_eq(dialogs_refused(&d, DIALOG_UAC, response(486, 5, "e", "")), 2);
    cr_expect_eq(dialogs_count(&d), 1, "the confirmed one stays");
    cr_expect_eq(dialogs_refused(&d, DIALOG_UAC, request("INVITE", 5, NULL, ALICE)), 0);
    dialogs_end(&d, id);

    dialogs_begin(&d, DIALOG_UAS, request("INVITE", 5, NULL, ALICE), response(180, 5, "b", BOB),
                  false, &id);
    cr_expect_eq(dialogs_refused(&d, DIALOG_UAS, response(487, 5, "b", "")), 1);
    cr_expect_eq(dialogs_octets(&d), 0);
    close_all();
}

Test(dialogs, limits)
{
    struct dialogs_settings settings = dialogs_settings_default();
    char tag[16];
    dialog_id id = 0;
    open_all(NULL);
    sipv_message *invite = request("INVITE", 5, NULL, ALICE);
    for (unsigned i = 0; i < 2 * DIALOGS_FORKS; i++) {
        snprintf(tag, sizeof tag, "t%u", i);
        cr_expect_eq(dialogs_begin(&d, DIALOG_UAC, invite, response(180, 5, tag, BOB), false, &id),
                     i < DIALOGS_FORKS ? SIPV_OK : SIPV_LIMIT);
    }
    close_all();

    settings.dialogs = 2;
    open_all(&settings);
    invite = request("INVITE", 5, NULL, ALICE);
    for (unsigned i = 0; i < 3; i++) {
        snprintf(tag, sizeof tag, "t%u", i);
        cr_expect_eq(dialogs_begin(&d, DIALOG_UAC, invite, response(180, 5, tag, BOB), false, &id),
                     i < 2 ? SIPV_OK : SIPV_LIMIT);
    }
    close_all();

    settings.dialogs = 0;
    cr_expect_eq(dialogs_open(&d, &settings), SIPV_BAD_ARGUMENT);
}

/* Room for octets runs out anywhere: no dialog, or a whole one. */
Test(dialogs, octets)
{
    size_t begun = 0;
    for (size_t octets = 1; octets < 200; octets++) {
        struct dialogs_settings settings = dialogs_settings_default();
        dialog_id id = 0;
        settings.octets = octets;
        open_all(&settings);
        const int result = dialogs_begin(
            &d, DIALOG_UAC, request("INVITE", 5, NULL, ALICE),
            response(200, 5, "b", BOB "Record-Route: <sip:p1;lr>,<sip:p2>\r\n"), false, &id);
        cr_expect_eq(dialogs_count(&d), result == SIPV_OK);
        if (result == SIPV_OK) {
            begun++;
            written(id, "BYE", -1);
        } else {
            cr_expect_eq(result, SIPV_LIMIT);
            cr_expect_eq(dialogs_octets(&d), 0);
        }
        close_all();
    }
    cr_expect_gt(begun, 0);
}
