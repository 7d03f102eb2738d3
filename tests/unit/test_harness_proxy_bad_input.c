/* Whatever comes in, a proxy forwards, answers or drops it, and in the end nothing is left. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "fence.h"
#include "files.h"
#include "relay.h"

enum { DAMAGED = 16, LONGEST = 60000 };

static const char *const peers[] = {"udp:192.0.2.1:5060", "tcp:192.0.2.2:5060",
                                    "tls:192.0.2.3:5061"};

static struct relay r;
static struct registrar registrar;
static struct fence fence;
static uint64_t state;
static size_t n_files, n_sent;

static uint32_t below(uint32_t n)
{
    state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(state >> 33) % n;
}

/* Domains of the corpus are ours, and everybody in them is at two places. */
static void start(bool stateless)
{
    static const char *const domains[] = {"example.com", "biloxi.example.com"};
    struct registrar_settings where = registrar_settings_default();
    struct proxy_settings s = relay_settings();
    where.domain = domains[0];
    cr_assert_eq(registrar_open(&registrar, &where), SIPV_OK);
    s.domains = domains;
    s.n_domains = 2;
    s.registrar = &registrar;
    s.stateless = stateless;
    s.record_route = s.recurse = true;
    cr_assert(relay_open(&r, &s));
}

static void tell(const void *octets, size_t n)
{
    relay_receive_octets(&r, peers[below(3)], sipv_slice_of(fence_end(&fence, octets, n), n));
    n_sent += r.n_sent;
}

/* What the proxy has sent comes back: requests as if it were a loop, and with answers. */
static void echo(void)
{
    static char texts[4][RELAY_TEXT];
    const size_t n = r.n_sent < 4 ? r.n_sent : 4;
    for (size_t i = 0; i < n; i++)
        memcpy(texts[i], r.sent[i].text, RELAY_TEXT);
    for (size_t i = 0; i < n; i++) {
        tell(texts[i], strlen(texts[i]));
        if (strncmp(texts[i], "SIP/2.0", 7) != 0)
            relay_receive(&r, peers[0],
                          relay_response(&r, texts[i], 100 + (int)below(600), "tag", ""));
    }
    if (below(8) == 0)
        relay_fail(&r, peers[below(3)]);
}

static void expect_quiet(const char *what)
{
    relay_wait(&r, 1000000);
    cr_assert_eq(proxy_contexts(&r.proxy), 0, "%s", what);
    cr_assert_eq(proxy_branches(&r.proxy), 0, "%s", what);
    cr_assert_eq(proxy_unanswered(&r.proxy), 0, "%s", what);
    cr_assert_eq(proxy_transactions(&r.proxy), 0, "%s", what);
    cr_assert_eq(proxy_octets(&r.proxy), 0, "%s", what);
}

static void file(const char *path, void *with)
{
    size_t n;
    unsigned char *text = file_read(path, &n);
    (void)with;
    cr_assert(text, "%s", path);
    r.n_peers = r.n_peers < 3 ? r.n_peers : 3; /* room for those that the file names */
    if (n <= LONGEST) {
        n_files++;
        tell(text, n);
        echo();
        tell(text, n);
        for (unsigned i = 0; n > 0 && i < DAMAGED; i++) {
            static unsigned char damaged[LONGEST];
            memcpy(damaged, text, n);
            for (unsigned k = 0; k <= i % 3; k++)
                damaged[below((uint32_t)n)] = text[below((uint32_t)n)];
            tell(damaged, i % 5 == 4 ? below((uint32_t)n) : n);
            echo();
        }
        expect_quiet(path);
    }
    free(text);
}

static void corpus(bool stateless)
{
    cr_assert(fence_open(&fence, LONGEST));
    start(stateless);
    for (size_t i = 0; i < 3; i++)
        relay_receive(&r, peers[i], ""); /* so that they are the first peers */
    cr_assert(files_below("corpus/documented", file, NULL));
    cr_assert(files_below("corpus/flows", file, NULL));
    cr_assert(files_below("corpus/torture", file, NULL));
    cr_expect_gt(n_files, 80, "%zu files", n_files);
    cr_expect_gt(n_sent, n_files, "%zu messages", n_sent);
    relay_close(&r);
    registrar_close(&registrar);
    fence_close(&fence);
}

Test(proxy_bad_input, corpus)
{
    corpus(false);
}

Test(proxy_bad_input, corpus_without_state)
{
    corpus(true);
}

/* Every beginning of a message, and every octet of it made another. */
Test(proxy_bad_input, every_octet)
{
    static const char text[] =
        "INVITE sip:bob@example.com;maddr=192.0.2.10 SIP/2.0\r\n"
        "Via: SIP/2.0/UDP a.example;branch=z9hG4bK1, SIP/2.0/UDP b.example\r\n"
        "Route: <sip:192.0.2.10;lr>, \"x\" <sip:192.0.2.9>;y\r\n"
        "From: <sip:a@a.example>;tag=1\r\nTo: <sip:b@example.com>\r\nCall-ID: 1\r\n"
        "CSeq: 1 INVITE\r\nMax-Forwards: 3\r\nMax-Breadth: 1\r\nContent-Length: 0\r\n\r\n";
    static const unsigned char others[] = {0,   '\n', '\r', ' ', ',', ';', '<',
                                           '>', '"',  ':',  '@', '9', 'z', 0xff};
    unsigned char changed[sizeof text];
    cr_assert(fence_open(&fence, LONGEST));
    start(false);
    for (size_t i = 0; i + 1 < sizeof text; i++) {
        tell(text, i);
        for (size_t k = 0; k < sizeof others; k++) {
            memcpy(changed, text, sizeof text);
            changed[i] = others[k];
            tell(changed, sizeof text - 1);
        }
        expect_quiet("every octet");
        r.n_peers = 3;
    }
    relay_close(&r);
    registrar_close(&registrar);
    fence_close(&fence);
}
