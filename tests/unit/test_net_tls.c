/* TLS: who is trusted, what names must match, certificates of clients, large messages. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <net_core.h>
#include <openssl/pem.h>

#include "ends.h"

enum { PEM = 8192 };

static struct ends w;

static void open_it(void)
{
    ends_open(&w);
}

static void close_it(void)
{
    cr_expect(ends_close(&w), "the loop does not end");
}

TestSuite(net_tls, .init = open_it, .fini = close_it);

static struct end *add(const struct net_settings *settings)
{
    struct end *e;
    cr_assert_eq(ends_add(&w, settings, &e), SIPV_OK, "%s", w.problem);
    return e;
}

static struct net_settings tls(void)
{
    return ends_settings(HOP_TLS, "127.0.0.1");
}

/* Sends one request; true if it arrives, false if it fails. */
static bool arrives(struct end *a, struct end *b, const char *host)
{
    struct hop to = ends_hop(b, HOP_TLS);
    char *text = ends_request(a, HOP_TLS, NULL, 0);
    const unsigned requests = b->requests, failures = a->failures;
    strcpy(to.host, host);
    ends_send(a, ends_flow(a, to), text);
    ENDS_UNTIL(&w, b->requests > requests || a->failures > failures);
    free(text);
    return b->requests > requests;
}

static sipv_slice certificate_of(const struct end *e, char pem[PEM])
{
    size_t n = 0;
    cr_assert_eq(net_certificate(e->net, pem, PEM, &n), SIPV_OK);
    return sipv_slice_of(pem, n);
}

Test(net_tls, a_server_must_be_trusted)
{
    struct net_settings settings = tls();
    char pem[PEM];
    struct end *b = add(&settings), *stranger = add(&settings);
    settings.tls.authorities_pem = certificate_of(b, pem);
    struct end *a = add(&settings);
    cr_expect(arrives(a, b, "127.0.0.1"), "%s", a->note);
    cr_expect(arrives(a, b, "localhost"), "%s", a->note);
    cr_expect_not(arrives(a, stranger, "127.0.0.1"));
    cr_expect(strstr(a->note, "self-signed certificate"), "%s", a->note);
}

/* By default those of the system are trusted, who did not sign this one. */
Test(net_tls, nobody_is_trusted_without_authorities)
{
    const struct net_settings settings = tls();
    struct end *a = add(&settings), *b = add(&settings);
    cr_expect_not(arrives(a, b, "127.0.0.1"));
}

Test(net_tls, unless_asked_for)
{
    struct net_settings settings = tls();
    settings.tls.unverified = true;
    struct end *a = add(&settings), *b = add(&settings);
    cr_expect(arrives(a, b, "127.0.0.1"), "%s", a->note);
}

/* Files of a certificate for `name` and its key. */
struct files {
    char certificate[64], key[64];
};

static struct files make_files(const char *name)
{
    struct files files;
    X509 *certificate = NULL;
    EVP_PKEY *key = NULL;
    cr_assert(certificate_make(&name, 1, &certificate, &key));
    snprintf(files.certificate, sizeof files.certificate, "/tmp/sipvet-%d-XXXXXX", (int)getpid());
    strcpy(files.key, files.certificate);
    FILE *out = fdopen(mkstemp(files.certificate), "w");
    cr_assert(out && PEM_write_X509(out, certificate) == 1 && fclose(out) == 0);
    out = fdopen(mkstemp(files.key), "w");
    cr_assert(out && PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL) == 1 &&
              fclose(out) == 0);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return files;
}

static void remove_files(const struct files *files)
{
    unlink(files->certificate);
    unlink(files->key);
}

/* Trusted, and still not the one that is meant. */
Test(net_tls, the_name_must_match)
{
    struct net_settings settings = tls();
    const struct files files = make_files("localhost");
    settings.tls.self_signed = false;
    settings.tls.certificate = settings.tls.authorities = files.certificate;
    settings.tls.key = files.key;
    struct end *a = add(&settings), *b = add(&settings);
    remove_files(&files);
    cr_expect(arrives(a, b, "localhost"), "%s", a->note);
    cr_expect_not(arrives(a, b, "127.0.0.1"));
    cr_expect(strstr(a->note, "IP address mismatch"), "%s", a->note);
}

Test(net_tls, the_key_must_match)
{
    struct net_settings settings = tls();
    const struct files one = make_files("localhost"), other = make_files("localhost");
    struct end *e;
    settings.tls.self_signed = false;
    settings.tls.certificate = one.certificate;
    settings.tls.key = other.key;
    cr_expect_eq(ends_add(&w, &settings, &e), SIPV_REJECT);
    cr_expect(strstr(w.problem, "key values mismatch"), "%s", w.problem);
    remove_files(&one);
    remove_files(&other);
}

Test(net_tls, clients_need_a_certificate_if_it_is_mutual)
{
    struct net_settings settings = tls();
    const struct files files = make_files("localhost");
    settings.tls.authorities = files.certificate;
    settings.tls.mutual = true;
    settings.tls.self_signed = false;
    settings.tls.certificate = files.certificate;
    settings.tls.key = files.key;
    struct end *friend = add(&settings), *b = add(&settings);
    settings.tls.certificate = NULL;
    settings.tls.self_signed = true;
    struct end *stranger = add(&settings);
    remove_files(&files);
    cr_expect(arrives(friend, b, "localhost"), "%s %s", friend->note, b->note);
    cr_expect_not(arrives(stranger, b, "localhost"));
    cr_expect(strstr(b->note, "TLS"), "%s", b->note);
}

Test(net_tls, large_messages_both_ways)
{
    struct net_settings settings = tls();
    settings.tls.unverified = true;
    struct end *a = add(&settings), *b = add(&settings);
    char *text = ends_request(a, HOP_TLS, NULL, 500000);
    const uint64_t flow = ends_flow(a, ends_hop(b, HOP_TLS));
    ends_send(a, flow, text);
    ENDS_UNTIL(&w, b->requests == 1);
    cr_expect_geq(b->n, strlen(text));
    ends_send(b, b->flow, text);
    for (int i = 0; i < 3; i++)
        ends_send(a, flow, text);
    ENDS_UNTIL(&w, a->requests == 1 && b->requests == 4);
    cr_expect_eq(a->requests, 1, "%s %s", a->note, b->note);
    cr_expect_eq(b->requests, 4);
    ENDS_UNTIL(&w, net_octets(a->net) + net_octets(b->net) == 0);
    cr_expect_eq(net_octets(a->net) + net_octets(b->net), 0);
    free(text);
}

Test(net_tls, what_is_not_tls)
{
    const struct net_settings settings = tls();
    struct end *a = add(&settings);
    const char *const lines[] = {"OPTIONS sip:a SIP/2.0\r\n\r\n", "\x16\x03\x01\xff\xff",
                                 "\r\n\r\n"};
    for (size_t i = 0; i < 3; i++) {
        const int fd = ends_tcp_connect(ends_hop(a, HOP_TLS).port);
        ends_write(fd, lines[i], strlen(lines[i]));
        shutdown(fd, SHUT_WR);
        cr_expect(ends_ended(&w, fd) || i == 1);
        ENDS_UNTIL(&w, net_connections(a->net) == 0);
        close(fd);
    }
    cr_expect_eq(net_connections(a->net), 0);
    cr_expect_eq(a->requests + a->others, 0);
}

/* A UDP element has none. */
Test(net_tls, certificates)
{
    struct net_settings settings = tls();
    struct end *a = add(&settings);
    char pem[PEM];
    size_t n = 0, again = 0;
    cr_expect_eq(net_certificate(a->net, pem, PEM, &n), SIPV_OK);
    cr_expect_eq(memcmp(pem, "-----BEGIN CERTIFICATE-----", 27), 0);
    cr_expect_eq(net_certificate(a->net, pem, n - 1, &again), SIPV_NO_SPACE);
    cr_expect_eq(again, n);
    settings = ends_settings(HOP_UDP, "127.0.0.1");
    cr_expect_eq(net_certificate(add(&settings)->net, pem, PEM, &n), SIPV_ABSENT);
}
