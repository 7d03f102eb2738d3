/* The server's side of Digest in SIP: who is challenged, admitted, refused. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <guard.h>

#include "messages.h"

#define S(text) sipv_slice_text(text)
#define ALICE "sip:alice@a.example"

enum { TEXT = 8192, VALUE = 1024 };

static struct room room;
static struct guard guard;
static struct guard_answer answer;
static sipv_hasher *hasher;
static sipv_client client;
static unsigned char memory[VALUE];
static char lines[TEXT]; /* what guard_check() wrote last */

static int lookup(void *with, const sipv_claim *claim, sipv_secret *secret)
{
    sipv_digits hashed;
    (void)with;
    sipv_digest_userhash(hasher, claim->algorithm, S("alice"), claim->realm, &hashed);
    if (claim->userhash ? !sipv_digits_equal(&hashed, claim->username)
                        : !sipv_slice_is(claim->username, "alice"))
        return SIPV_ABSENT;
    secret->username = S("alice");
    secret->password = S("wonder");
    return SIPV_OK;
}

static struct guard_settings usual(void)
{
    struct guard_settings settings = guard_settings_default();
    settings.realm = "a.example";
    settings.lookup = lookup;
    settings.seed[0] = 7;
    return settings;
}

static void open_all(const struct guard_settings *settings)
{
    const struct guard_settings mine = usual();
    cr_assert(room_open(&room));
    cr_assert((hasher = sipv_hasher_new()));
    cr_assert_eq(guard_open(&guard, settings ? settings : &mine), SIPV_OK);
    cr_assert_eq(sipv_client_init(&client, memory, sizeof memory, NULL), SIPV_OK);
}

static void close_all(void)
{
    sipv_client_close(&client);
    guard_close(&guard);
    sipv_hasher_free(hasher);
    room_close(&room);
}

/* A request of `method`, with `more` header lines and a body; the status is returned. */
static int ask_for(uint64_t now, const char *method, const char *uri, const char *more,
                   const char *body)
{
    static char text[TEXT]; /* guard_info() looks into it again */
    struct compose c = {(unsigned char *)lines, sizeof lines - 1, 0};
    snprintf(text, sizeof text,
             "%s %s SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <%s>;tag=f\r\n"
             "To: <%s>\r\nCall-ID: 1\r\nCSeq: 1 %s\r\nMax-Forwards: 70\r\n%s"
             "Content-Length: %zu\r\n\r\n%s",
             method, uri, ALICE, ALICE, method, more, strlen(body), body);
    cr_assert_eq(room_parse(&room, text, strlen(text), SIPV_STRICT), SIPV_OK, "%s", text);
    const int status = guard_check(&guard, now, &room.m, &answer, &c);
    cr_assert_lt(c.n, sizeof lines);
    lines[c.n] = 0;
    cr_expect_eq(status, answer.status);
    return status;
}

static int ask(uint64_t now, const char *more)
{
    return ask_for(now, "REGISTER", "sip:a.example", more, "");
}

/* Takes up the challenges of `lines`; how many there were. */
static size_t take_up(void)
{
    static sipv_event events[1024];
    static unsigned char text[1024];
    sipv_room all = sipv_room_of(events, 1024, text, sizeof text);
    sipv_challenge challenges[8];
    size_t n = 0;
    for (const char *line = lines; *line; line = strchr(line, '\n') + 1) {
        const char *value = strstr(line, ": ") + 2;
        sipv_challenges list;
        cr_assert_eq(
            sipv_challenges_parse(sipv_slice_of(value, strcspn(value, "\r")), &all, &list, NULL),
            SIPV_OK, "%s", line);
        cr_assert_eq(sipv_challenges_next(&list, &challenges[n]), SIPV_OK);
        cr_expect_eq(challenges[n].fault.reason, SIPV_FINE, "%s", line);
        n++;
    }
    cr_assert_eq(sipv_client_challenged(&client, hasher, challenges, n), SIPV_OK, "%s", lines);
    return n;
}

/* A header line with credentials, made by the client. */
static const char *credentials(const char *name, const char *user, const char *password,
                               const char *method, const char *uri, const char *body)
{
    static char line[VALUE];
    const sipv_client_request request = {.username = S(user),
                                         .password = S(password),
                                         .method = S(method),
                                         .uri = S(uri),
                                         .body = S(body)};
    const int head = snprintf(line, sizeof line, "%s: ", name);
    size_t n;
    cr_assert_eq(sipv_client_answer(&client, hasher, &request, line + head,
                                    sizeof line - (size_t)head - 3, &n),
                 SIPV_OK);
    memcpy(line + (size_t)head + n, "\r\n", 3);
    return line;
}

static const char *authorization(const char *user, const char *password)
{
    return credentials("Authorization", user, password, "REGISTER", "sip:a.example", "");
}

static size_t count_of(const char *text, const char *word)
{
    size_t n = 0;
    for (const char *p = text; (p = strstr(p, word)); p++)
        n++;
    return n;
}

/* ---- Challenges ------------------------------------------------------------------------------ */

Test(guard, challenge)
{
    struct guard_settings settings = usual();
    settings.algorithms = SIPV_ALGORITHMS_ALL;
    settings.qops = SIPV_BIT(SIPV_QOP_AUTH) | SIPV_BIT(SIPV_QOP_AUTH_INT);
    settings.opaque = "a \"b\\";
    open_all(&settings);
    cr_expect_eq(ask(0, ""), 401);
    cr_expect_eq(answer.reason, SIPV_FINE);
    cr_expect_eq(answer.user.p, NULL);
    cr_expect_eq(count_of(lines, "WWW-Authenticate: Digest realm=\"a.example\", nonce=\""), 6);
    cr_expect(strstr(lines, "algorithm=SHA-512-256-sess") < strstr(lines, "algorithm=SHA-256,"));
    cr_expect(strstr(lines, "algorithm=SHA-256,") < strstr(lines, "algorithm=MD5,"));
    cr_expect_eq(count_of(lines, "qop=\"auth,auth-int\", opaque=\"a \\\"b\\\\\"\r\n"), 6, "%s",
                 lines);
    cr_expect_eq(take_up(), 6);
    cr_expect_eq(ask(0, authorization("alice", "wonder")), GUARD_ADMITTED);
    cr_expect(sipv_slice_is(answer.user, "alice"));
    cr_expect_str_eq(lines, "");
    close_all();
}

/* The list as RFC 7616 prints it, and a realm that looks like one. */
Test(guard, qops_spaced)
{
    struct guard_settings settings = usual();
    settings.qops = SIPV_BIT(SIPV_QOP_AUTH) | SIPV_BIT(SIPV_QOP_AUTH_INT);
    settings.qops_spaced = settings.stale_shown = true;
    settings.realm = "qop=\"auth,auth-int\"";
    open_all(&settings);
    cr_expect_eq(ask(0, ""), 401);
    cr_expect_eq(count_of(lines, "realm=\"qop=\\\"auth,auth-int\\\"\", "), 2, "%s", lines);
    cr_expect_eq(count_of(lines, ", qop=\"auth, auth-int\", stale=false\r\n"), 2, "%s", lines);
    cr_expect_eq(take_up(), 2);
    cr_expect_eq(ask(0, authorization("alice", "wonder")), GUARD_ADMITTED);
    close_all();
}

Test(guard, proxy)
{
    struct guard_settings settings = usual();
    settings.place = GUARD_PROXY;
    settings.qops = SIPV_BIT(SIPV_QOP_AUTH_INT);
    open_all(&settings);
    cr_expect_eq(ask_for(0, "INVITE", "sip:b", "", "v=0\r\n"), 407);
    cr_expect_eq(count_of(lines, "Proxy-Authenticate: Digest "), 2);
    take_up();
    const char *right =
        credentials("Proxy-Authorization", "alice", "wonder", "INVITE", "sip:b", "v=0\r\n");
    cr_expect_eq(ask_for(0, "INVITE", "sip:b", right, "v=1\r\n"), 407, "another body");
    cr_expect_eq(answer.reason, SIPV_RESPONSE_WRONG);
    cr_expect_eq(ask_for(0, "OPTIONS", "sip:b", right, "v=0\r\n"), 407, "another method");
    cr_expect_eq(ask_for(0, "INVITE", "sip:b", right, "v=0\r\n"), GUARD_ADMITTED);
    right = credentials("Authorization", "alice", "wonder", "INVITE", "sip:b", "v=0\r\n");
    cr_expect_eq(ask_for(0, "INVITE", "sip:b", right, "v=0\r\n"), 407, "not for a proxy");
    cr_expect_eq(answer.reason, SIPV_FINE);
    close_all();
}

/* ---- Verdicts -------------------------------------------------------------------------------- */

Test(guard, refusals)
{
    char old[VALUE];
    open_all(NULL);
    ask(0, "");
    take_up();
    cr_expect_eq(ask(0, authorization("alice", "wrong")), 401);
    cr_expect_eq(answer.reason, SIPV_RESPONSE_WRONG);
    cr_expect_eq(ask(0, authorization("bob", "wonder")), 401);
    cr_expect_eq(answer.reason, SIPV_USER_UNKNOWN);
    cr_expect_eq(count_of(lines, "stale"), 0);
    cr_expect_eq(ask_for(0, "REGISTER", "sip:A.EXAMPLE", authorization("alice", "wonder"), ""),
                 GUARD_ADMITTED, "an equal URI");
    cr_expect_eq(ask_for(0, "REGISTER", "sip:b.example", authorization("alice", "wonder"), ""), 400,
                 "another URI");
    cr_expect_str_eq(lines, "");
    snprintf(old, sizeof old, "%s", authorization("alice", "wonder"));
    cr_expect_eq(ask(0, old), GUARD_ADMITTED);
    cr_expect_eq(ask(0, old), 401, "replayed");
    cr_expect_eq(answer.reason, SIPV_NC_REPLAYED);
    cr_expect_eq(count_of(lines, "stale=true"), 0);
    cr_expect_eq(ask(300001, authorization("alice", "wonder")), 401, "too old");
    cr_expect_eq(count_of(lines, "stale=true"), 2);
    close_all();
}

Test(guard, malformed)
{
    static const struct {
        const char *line;
        int status;
    } cases[] = {
        {"Authorization: Digest username=\"alice\", realm=\"a.example\"\r\n", 400},
        {"Authorization: Digest username=\"alice\"\r\n", 400},
        {"Authorization: Digest username=\"alice\", realm=\"b\"\r\n", 401},
        {"Authorization: Other realm=\"a.example\"\r\n", 401},
        {"Authorization: Digest "
         "username=\"a\",realm=\"a.example\",nonce=\"n\",uri=\"sip:a.example\""
         ",response=\"0123456789abcdef0123456789abcdef\"\r\n",
         401},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        open_all(NULL);
        cr_expect_eq(ask(0, cases[i].line), cases[i].status, "%s", cases[i].line);
        cr_expect_eq(*lines != 0, cases[i].status == 401);
        close_all();
    }
}

/* Credentials of other realms stand beside ours (section 22.3). */
Test(guard, several)
{
    char both[2 * VALUE];
    open_all(NULL);
    ask(0, "");
    take_up();
    snprintf(both, sizeof both,
             "Authorization: Digest username=\"x\", realm=\"b\", nonce=\"n\", uri=\"sip:a\", "
             "response=\"0123456789abcdef0123456789abcdef\"\r\nAuthorization: Other x=y\r\n%s",
             authorization("alice", "wonder"));
    cr_expect_eq(ask(0, both), GUARD_ADMITTED);
    close_all();
}

Test(guard, never_challenged)
{
    open_all(NULL);
    cr_expect_eq(ask_for(0, "ACK", "sip:b", "", ""), GUARD_ADMITTED);
    cr_expect_eq(ask_for(0, "CANCEL", "sip:b", "", ""), GUARD_ADMITTED);
    cr_expect_eq(answer.user.p, NULL);
    close_all();
}

static bool nobody(void *with, sipv_slice user, sipv_message *request)
{
    (void)with, (void)user, (void)request;
    return false;
}

Test(guard, permission)
{
    struct guard_settings settings = usual();
    settings.permits = nobody;
    open_all(&settings);
    ask(0, "");
    take_up();
    cr_expect_eq(ask(0, authorization("alice", "wonder")), 403);
    cr_expect(sipv_slice_is(answer.user, "alice"));
    cr_expect(guard_permits_own(NULL, S("alice"), &room.m));
    cr_expect_not(guard_permits_own(NULL, S("alic"), &room.m));
    cr_expect_not(guard_permits_own(NULL, S("Alice"), &room.m));
    close_all();
}

/* A hashed name comes out in clear (RFC 7616 section 3.4.4). */
Test(guard, userhash)
{
    struct guard_settings settings = usual();
    settings.userhash = true;
    settings.permits = guard_permits_own;
    open_all(&settings);
    ask(0, "");
    take_up();
    const char *line = authorization("alice", "wonder");
    cr_expect(strstr(line, "userhash=true"));
    cr_expect_eq(ask(0, line), GUARD_ADMITTED);
    cr_expect(sipv_slice_is(answer.user, "alice"));
    close_all();
}

/* ---- Authentication-Info --------------------------------------------------------------------- */

static const char *info_line(const char *body)
{
    static char out[VALUE];
    struct compose c = {(unsigned char *)out, sizeof out - 1, 0};
    guard_info(&guard, 0, &room.m, S(body), &c);
    out[c.n] = 0;
    return out;
}

Test(guard, info)
{
    static sipv_event events[256];
    static unsigned char text[256];
    struct guard_settings settings = usual();
    sipv_room all = sipv_room_of(events, 256, text, sizeof text);
    sipv_auth_info info;
    settings.next_nonce = true;
    open_all(&settings);
    ask(0, "");
    take_up();
    cr_expect_str_eq(info_line(""), "", "not admitted");
    cr_expect_eq(ask(0, authorization("alice", "wonder")), GUARD_ADMITTED);
    const char *line = info_line("");
    cr_assert_eq(strncmp(line, "Authentication-Info: ", 21), 0, "%s", line);
    cr_assert_eq(sipv_auth_info_parse(sipv_slice_of(line + 21, strlen(line) - 23), &all, &info),
                 SIPV_OK);
    const sipv_client_request request = {.username = S("alice"),
                                         .password = S("wonder"),
                                         .method = S("REGISTER"),
                                         .uri = S("sip:a.example")};
    cr_expect_eq(sipv_client_info(&client, hasher, &info, &request, S("")), SIPV_OK);
    cr_expect_eq(ask(0, authorization("alice", "wonder")), GUARD_ADMITTED, "with the next nonce");
    close_all();
}

Test(guard, settings)
{
    struct guard_settings settings = usual();
    char long_realm[300];
    memset(long_realm, 'x', sizeof long_realm - 1);
    long_realm[sizeof long_realm - 1] = 0;
    const char *const bad[] = {NULL, "", "a\r\nb", long_realm};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        settings.realm = bad[i];
        cr_expect_eq(guard_open(&guard, &settings), SIPV_BAD_ARGUMENT);
        cr_expect_eq(guard.core, NULL);
    }
    settings = usual();
    settings.opaque = "";
    cr_expect_eq(guard_open(&guard, &settings), SIPV_BAD_ARGUMENT);
    settings = usual();
    settings.lookup = NULL;
    cr_expect_eq(guard_open(&guard, &settings), SIPV_BAD_ARGUMENT);
    settings = usual();
    settings.qops = SIPV_BIT(SIPV_QOP_NONE) | SIPV_BIT(SIPV_QOP_AUTH);
    cr_expect_eq(guard_open(&guard, &settings), SIPV_BAD_ARGUMENT);
}
