/* A proxy that asks who wants something: RFC 3261 section 16.3 item 6, 22.2 and 22.3. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "relay.h"

#define ALICE "udp:192.0.2.1:5060"
#define BOB "udp:192.0.2.21:5060"

static struct relay r;
static struct registrar registrar;
static struct guard at_registrar, at_proxy;
static sipv_hasher *hasher;
static sipv_client client;
static unsigned char memory[2048];

static sipv_slice slice(const char *text)
{
    return sipv_slice_text(text);
}

static int lookup(void *with, const sipv_claim *claim, sipv_secret *secret)
{
    (void)with;
    if (!sipv_slice_is(claim->username, "alice"))
        return SIPV_ABSENT;
    secret->password = slice("wonder");
    return SIPV_OK;
}

static void open_guard(struct guard *guard, enum guard_place place)
{
    struct guard_settings s = guard_settings_default();
    s.place = place;
    s.realm = "a.example";
    s.lookup = lookup;
    s.seed[0] = 7;
    cr_assert_eq(guard_open(guard, &s), SIPV_OK);
}

static void start(bool guard_all)
{
    static const char *const domain = "a.example";
    struct registrar_settings where = registrar_settings_default();
    struct proxy_settings s = relay_settings();
    where.domain = domain;
    cr_assert_eq(registrar_open(&registrar, &where), SIPV_OK);
    open_guard(&at_registrar, GUARD_SERVER);
    open_guard(&at_proxy, GUARD_PROXY);
    s.domains = &domain;
    s.n_domains = 1;
    s.registrar = &registrar;
    s.register_guard = &at_registrar;
    s.request_guard = &at_proxy;
    s.guard_all = guard_all;
    cr_assert(relay_open(&r, &s));
    cr_assert((hasher = sipv_hasher_new()));
    cr_assert_eq(sipv_client_init(&client, memory, sizeof memory, NULL), SIPV_OK);
}

static void finish(void)
{
    relay_wait(&r, 1000000);
    cr_expect_eq(proxy_contexts(&r.proxy), 0);
    cr_expect_eq(proxy_unanswered(&r.proxy), 0);
    cr_expect_eq(proxy_transactions(&r.proxy), 0);
    cr_expect_eq(proxy_octets(&r.proxy), 0);
    relay_close(&r);
    guard_close(&at_registrar);
    guard_close(&at_proxy);
    registrar_close(&registrar);
    sipv_client_close(&client);
    sipv_hasher_free(hasher);
}

/* Answers the challenge in the last message sent, as `password` says, in a header line. */
static const char *credentials(const char *challenge, const char *header, const char *method,
                               const char *uri, const char *password)
{
    static sipv_event events[1024];
    static unsigned char text[1024];
    static char line[1024];
    sipv_room room = sipv_room_of(events, 1024, text, sizeof text);
    const sipv_client_request request = {.username = slice("alice"),
                                         .password = slice(password),
                                         .method = slice(method),
                                         .uri = slice(uri)};
    sipv_challenges list;
    sipv_challenge one;
    size_t n;
    const char *value = relay_value(r.sent[r.n_sent - 1].text, challenge, 0);
    cr_assert_eq(sipv_challenges_parse(slice(value), &room, &list, NULL), SIPV_OK, "%s", value);
    cr_assert_eq(sipv_challenges_next(&list, &one), SIPV_OK);
    sipv_client_close(&client); /* it gives up after a refusal, we do not */
    cr_assert_eq(sipv_client_init(&client, memory, sizeof memory, NULL), SIPV_OK);
    cr_assert_eq(sipv_client_challenged(&client, hasher, &one, 1), SIPV_OK);
    const int head = snprintf(line, sizeof line, "%s: ", header);
    cr_assert_eq(sipv_client_answer(&client, hasher, &request, line + head,
                                    sizeof line - (size_t)head - 2, &n),
                 SIPV_OK);
    memcpy(line + (size_t)head + n, "\n", 2);
    return line;
}

/* A REGISTER of Alice for herself, whatever the bench says of Bob. */
static void ask(const char *method, const char *uri, const char *lines, const char *did)
{
    const char *text = relay_request(&r, method, uri, lines);
    char mine[RELAY_TEXT];
    const char *to = strstr(text, "To: Bob <sip:bob@b.example>");
    snprintf(mine, sizeof mine, "%.*sTo: <sip:alice@a.example>%s", (int)(to - text), text, to + 27);
    relay_receive(&r, ALICE, strcmp(method, "REGISTER") == 0 ? mine : text);
    cr_expect_str_eq(r.did, did, "%s %s: %s", method, uri, r.did);
}

static void with(char *out, size_t cap, const char *a, const char *b)
{
    snprintf(out, cap, "%s%s", a, b);
}

Test(proxy_guard, register_is_asked_for_401)
{
    static const char contact[] = "Contact: <sip:alice@192.0.2.21>\n";
    char lines[2048];
    start(false);
    ask("REGISTER", "sip:a.example", contact, "401 " ALICE);
    with(lines, sizeof lines, contact,
         credentials("WWW-Authenticate", "Authorization", "REGISTER", "sip:a.example", "looking"));
    ask("REGISTER", "sip:a.example", lines, "401 " ALICE);
    cr_expect_eq(registrar_count(&registrar), 0);
    with(lines, sizeof lines, contact,
         credentials("WWW-Authenticate", "Authorization", "REGISTER", "sip:a.example", "wonder"));
    ask("REGISTER", "sip:a.example", lines, "200 " ALICE);
    cr_expect(strstr(relay_value(r.sent[0].text, "Authentication-Info", 0), "rspauth="));
    cr_expect(*relay_value(r.sent[0].text, "Contact", 0));
    cr_expect_eq(registrar_count(&registrar), 1);
    finish();
}

/* A user of ours who calls somebody elsewhere. */
Test(proxy_guard, invite_is_asked_for_407)
{
    start(false);
    ask("INVITE", "sip:bob@192.0.2.21", "", "407 " ALICE);
    ask("INVITE", "sip:bob@192.0.2.21",
        credentials("Proxy-Authenticate", "Proxy-Authorization", "INVITE", "sip:bob@192.0.2.21",
                    "wonder"),
        "100 " ALICE ", INVITE " BOB);
    cr_expect_str_eq(relay_value(r.sent[1].text, "Proxy-Authorization", 0), "",
                     "they were for us alone");
    ask("ACK", "sip:bob@192.0.2.21", "Proxy-Authorization: Digest realm=\"b\",username=\"u\"\n",
        "ACK " BOB);
    cr_expect_str_eq(relay_value(r.sent[0].text, "Proxy-Authorization", 0),
                     "Digest realm=\"b\",username=\"u\"", "these are not");
    ask("BYE", "sip:bob@192.0.2.21", "", "BYE " BOB);
    ask("ACK", "sip:bob@192.0.2.21", "", "ACK " BOB);
    finish();
}

/* Somebody elsewhere who calls a user of ours has no credentials here; unless all are asked. */
Test(proxy_guard, guests)
{
    static const char from_b[] = "MESSAGE sip:alice@a.example SIP/2.0\n"
                                 "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKg\nMax-Forwards: 9\n"
                                 "From: <sip:bob@b.example>;tag=1\nTo: <sip:alice@a.example>\n"
                                 "Call-ID: g\nCSeq: 1 MESSAGE\nContent-Length: 0\n\n";
    static const char to_b[] = "MESSAGE sip:carol@192.0.2.21 SIP/2.0\n"
                               "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKh\nMax-Forwards: 9\n"
                               "From: <sip:bob@b.example>;tag=1\nTo: <sip:alice@a.example>\n"
                               "Call-ID: h\nCSeq: 1 MESSAGE\nContent-Length: 0\n\n";
    start(false);
    relay_receive(&r, ALICE, from_b);
    cr_expect_str_eq(r.did, "480 " ALICE, "%s", r.did);
    relay_receive(&r, ALICE, to_b);
    cr_expect_str_eq(r.did, "407 " ALICE, "this is no relay: %s", r.did);
    finish();
    start(true);
    relay_receive(&r, ALICE, from_b);
    cr_expect_str_eq(r.did, "407 " ALICE, "%s", r.did);
    finish();
}
