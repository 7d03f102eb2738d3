/* Alice and Bob with a user agent each and a network between them, for tests of sessions; and what
 * Bob's side says where a test writes it by hand. */
#ifndef TESTS_TWO_PHONES_H
#define TESTS_TWO_PHONES_H

#include "phone.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

enum { ALICE, BOB };

static struct simulator *sim;
static struct phone alice, bob;

static inline void open_phone(struct phone *p, const char *name, enum ua_1xx provisional)
{
    struct ua_settings settings = ua_settings_default();
    settings.calls = 16;
    settings.transactions.limits.transactions = 256;
    settings.dialogs.dialogs = 64;
    settings.provisional = provisional;
    cr_assert(phone_open(p, sim, name, &settings));
    p->describes = true;
}

static inline void open_all(const struct simulator_settings *settings, enum ua_1xx alices,
                            enum ua_1xx bobs)
{
    const struct simulator_settings usual = simulator_settings_default();
    sim = simulator_new(settings ? settings : &usual);
    cr_assert(sim);
    open_phone(&alice, "alice", alices);
    open_phone(&bob, "bob", bobs);
}

static inline void settle(void)
{
    cr_assert(phones_settle(sim));
    struct phone *phones[] = {&alice, &bob};
    for (size_t i = 0; i < 2; i++) {
        cr_expect_eq(ua_calls(&phones[i]->ua), 0);
        cr_expect_eq(ua_transactions(&phones[i]->ua), 0);
        cr_expect_eq(ua_dialogs(&phones[i]->ua), 0);
        cr_expect_eq(phones[i]->faults, 0);
        cr_expect_eq(phones[i]->began, phones[i]->ended);
    }
}

static inline void close_all(void)
{
    phone_close(&alice);
    phone_close(&bob);
    simulator_free(sim);
}

static inline void expect_logs(const char *name, const char *alices, const char *bobs)
{
    cr_expect_str_eq(alice.log, alices, "%s: Alice %s", name, alice.log);
    cr_expect_str_eq(bob.log, bobs, "%s: Bob %s", name, bob.log);
}

/* ---- By hand -------------------------------------------------------------------------------- */

/* The rest of the line behind `name`, empty if there is none. */
static inline const char *line_of(const char *text, const char *name)
{
    static char line[256];
    const char *p = strstr(text, name);
    snprintf(line, sizeof line, "%.*s", p ? (int)strcspn(p + strlen(name), "\r") : 0,
             p ? p + strlen(name) : "");
    return line;
}

/* A response of Bob to what Alice has sent last; she does not send anything out. */
static inline void answer_alice(int status, const char *more)
{
    char text[2048], via[256], from[256], call_id[256], cseq[256];
    snprintf(via, sizeof via, "%s", line_of(alice.cable.sent, "\r\nVia: "));
    snprintf(from, sizeof from, "%s", line_of(alice.cable.sent, "\r\nFrom: "));
    snprintf(call_id, sizeof call_id, "%s", line_of(alice.cable.sent, "\r\nCall-ID: "));
    snprintf(cseq, sizeof cseq, "%s", line_of(alice.cable.sent, "\r\nCSeq: "));
    snprintf(text, sizeof text,
             "SIP/2.0 %d Words\r\nVia: %s\r\nFrom: %s\r\nTo: <sip:x@bob.example>;tag=b\r\n"
             "Call-ID: %s\r\nCSeq: %s\r\n%sContent-Length: 0\r\n\r\n",
             status, via, from, call_id, cseq, more);
    alice.cable.words[0] = 0;
    cr_expect_eq(ua_receive(&alice.ua, simulator_now(sim), sipv_slice_text(text),
                            cable_flow(BOB, HOP_UDP), false),
                 SIPV_OK, "%s", text);
}

/* The same INVITE, whatever Alice has sent since. */
static inline void answer_invite(const char *invite, int status, const char *more)
{
    snprintf(alice.cable.sent, sizeof alice.cable.sent, "%s", invite);
    answer_alice(status, more);
}

static inline void call_by_hand(char invite[2048])
{
    const struct ua_outgoing what = {.uri = "sip:x@bob.example",
                                     .body = sipv_slice_text(phone_sdp)};
    open_all(NULL, UA_1XX_RELIABLE, UA_1XX_RELIABLE);
    alice.cable.muted = true;
    cr_assert_eq(ua_invite(&alice.ua, 0, &what, &alice.last), SIPV_OK);
    snprintf(invite, 2048, "%.2047s", alice.cable.sent);
    alice.began = 1;
}

#define BOBS "Contact: <sip:b@bob.example>\r\n"

#endif
