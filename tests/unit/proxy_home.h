/* A proxy that is the registrar of b.example, as its tests see it: Alice asks for Bob, who is in
 * three places. */
#ifndef TESTS_PROXY_HOME_H
#define TESTS_PROXY_HOME_H

#include "relay.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define ALICE "udp:192.0.2.1:5060"
#define BOB1 "udp:192.0.2.21:5060"
#define BOB2 "udp:192.0.2.22:5060"
#define BOB3 "udp:192.0.2.23:5060"

static struct relay r;
static struct registrar registrar;
static const char *const domain = "b.example";

/* A proxy that is the registrar of b.example. */
static inline void start_with(struct proxy_settings s)
{
    struct registrar_settings settings = registrar_settings_default();
    settings.domain = domain;
    cr_assert_eq(registrar_open(&registrar, &settings), SIPV_OK);
    s.domains = &domain;
    s.n_domains = 1;
    s.registrar = &registrar;
    cr_assert(relay_open(&r, &s));
}

static inline void start(void)
{
    start_with(relay_settings());
}

/* In the end nothing is left. */
static inline void finish(void)
{
    relay_wait(&r, 1000000);
    cr_expect_eq(proxy_contexts(&r.proxy), 0);
    cr_expect_eq(proxy_branches(&r.proxy), 0);
    cr_expect_eq(proxy_transactions(&r.proxy), 0);
    cr_expect_eq(proxy_octets(&r.proxy), 0);
    relay_close(&r);
    registrar_close(&registrar);
}

static inline void do_register(const char *contacts)
{
    char lines[512];
    snprintf(lines, sizeof lines, "Contact: %s\n", contacts);
    relay_receive(&r, ALICE, relay_request(&r, "REGISTER", "sip:b.example", lines));
    cr_assert_str_eq(r.did, "200 " ALICE, "%s", r.did);
}

/* Requests that the proxy has sent, by the host of their targets. */
static char asked[4][RELAY_TEXT];

static inline void invite(const char *did)
{
    relay_receive(&r, ALICE, relay_request(&r, "INVITE", "sip:bob@b.example", ""));
    cr_expect_str_eq(r.did, did, "%s", r.did);
    for (size_t i = 0; i < r.n_sent; i++)
        for (unsigned n = 1; n < 4; n++) {
            char beginning[64];
            snprintf(beginning, sizeof beginning, "INVITE sip:bob@192.0.2.2%u", n);
            if (strncmp(r.sent[i].text, beginning, strlen(beginning)) == 0)
                snprintf(asked[n], sizeof asked[n], "%s", r.sent[i].text);
        }
}

static const char *const bobs[] = {"", BOB1, BOB2, BOB3};
static const char *const tags[] = {"", "bob1", "bob2", "bob3"};

/* Bob number `n` answers his INVITE. */
static inline void answers(unsigned n, int status, const char *lines, const char *did)
{
    relay_receive(&r, bobs[n], relay_response(&r, asked[n], status, tags[n], lines));
    cr_expect_str_eq(r.did, did, "%u answers %d: %s", n, status, r.did);
    for (size_t i = 0; i < r.n_sent; i++)
        if (strncmp(r.sent[i].text, "INVITE sip:bob@192.0.2.2", 24) == 0)
            snprintf(asked[r.sent[i].text[24] - '0'], RELAY_TEXT, "%s", r.sent[i].text);
}

/* And the CANCEL he got. */
static inline void terminates(unsigned n, const char *did)
{
    answers(n, 487, "", did);
}

/* The CANCEL of Alice for her last INVITE, of which `request` is a copy that was sent on. */
static inline const char *cancel_of(const char *request)
{
    static char text[RELAY_TEXT];
    snprintf(text, sizeof text,
             "CANCEL sip:bob@b.example SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK%u\n"
             "Max-Forwards: 70\nFrom: %s\nTo: Bob <sip:bob@b.example>\nCall-ID: %s\n"
             "CSeq: 7 CANCEL\nContent-Length: 0\n\n",
             r.branch, relay_value(request, "From", 0), relay_value(request, "Call-ID", 0));
    return text;
}

#endif
