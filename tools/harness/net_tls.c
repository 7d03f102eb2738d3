/* TLS as a filter: OpenSSL on one side of a pair of BIOs, the wire on the other. */
#include "net_core.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

enum { RECORD = 16384 };

struct tls {
    SSL *ssl;
    BIO *wire;
};

void tls_free(struct tls *tls)
{
    if (!tls)
        return;
    SSL_free(tls->ssl);
    BIO_free(tls->wire);
    free(tls);
}

/* Whose certificate it must be (RFC 3261 section 26.3.2.1; RFC 5922 section 4): the host that the
 * URI or the Via names, not the address found for it. */
static bool expect_name(SSL *ssl, const char *host)
{
    const struct hop hop = {HOP_TLS, {0}, 0};
    struct hop literal = hop;
    union socket_address address;
    memcpy(literal.host, host, strlen(host) + 1);
    if (address_of_hop(&literal, &address) == SIPV_OK)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1;
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(ssl, host) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1;
}

bool tls_begin(struct connection *c)
{
    struct net *net = c->net;
    BIO *inner = NULL;
    c->tls = calloc(1, sizeof *c->tls);
    if (!c->tls)
        return false;
    c->tls->ssl = SSL_new(c->accepted ? net->server : net->client);
    if (!c->tls->ssl || BIO_new_bio_pair(&inner, 0, &c->tls->wire, 0) != 1)
        return false;
    SSL_set_bio(c->tls->ssl, inner, inner);
    SSL_set_mode(c->tls->ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (c->accepted)
        SSL_set_accept_state(c->tls->ssl);
    else
        SSL_set_connect_state(c->tls->ssl);
    if (!c->accepted && !expect_name(c->tls->ssl, c->targets[c->n_targets - 1].host))
        return false;
    c->state = CONNECTION_SECURING;
    connection_read(c);
    tls_octets(c, NULL, 0);
    return true;
}

/* What OpenSSL wants on the wire. */
static void flush(struct connection *c)
{
    unsigned char buffer[RECORD];
    int n;
    while (c->state != CONNECTION_CLOSED && (n = BIO_read(c->tls->wire, buffer, sizeof buffer)) > 0)
        connection_write(c, buffer, (size_t)n);
}

static void failed(struct connection *c, const char *what)
{
    char text[NET_PROBLEM];
    const long verdict = SSL_get_verify_result(c->tls->ssl);
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    if (verdict != X509_V_OK)
        reason = X509_verify_cert_error_string(verdict);
    snprintf(text, sizeof text, "%s%s%s", what, reason ? ": " : "", reason ? reason : "");
    flush(c); /* the alert */
    connection_close(c, text);
}

/* False: the connection is closed, or there is nothing to do before more comes. */
static bool shake_hands(struct connection *c)
{
    ERR_clear_error();
    const int result = SSL_do_handshake(c->tls->ssl);
    flush(c);
    if (c->state == CONNECTION_CLOSED)
        return false;
    if (result == 1) {
        connection_opened(c);
        return c->state == CONNECTION_OPEN;
    }
    const int error = SSL_get_error(c->tls->ssl, result);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
        failed(c, "TLS handshake failed");
    return false;
}

static void read_clear(struct connection *c)
{
    unsigned char clear[RECORD];
    int n = 0;
    ERR_clear_error();
    while (c->state == CONNECTION_OPEN && (n = SSL_read(c->tls->ssl, clear, sizeof clear)) > 0)
        connection_octets(c, clear, (size_t)n);
    if (c->state == CONNECTION_CLOSED)
        return;
    flush(c);
    const int error = SSL_get_error(c->tls->ssl, n);
    if (error == SSL_ERROR_ZERO_RETURN)
        connection_close(c, c->n_in > 2 ? "closed within a message" : NULL);
    else if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
        failed(c, "TLS failed");
}

void tls_octets(struct connection *c, const unsigned char *p, size_t n)
{
    do {
        const int taken = n > 0 ? BIO_write(c->tls->wire, p, n < RECORD ? (int)n : RECORD) : 0;
        if (n > 0 && taken <= 0) {
            failed(c, "TLS takes no more");
            return;
        }
        p += taken;
        n -= (size_t)taken;
        if (c->state == CONNECTION_SECURING && !shake_hands(c))
            continue;
        if (c->state == CONNECTION_OPEN)
            read_clear(c);
    } while (n > 0 && c->state != CONNECTION_CLOSED);
}

void tls_send(struct connection *c, const void *p, size_t n)
{
    const unsigned char *at = p;
    int idle = 0;
    while (n > 0 && c->state == CONNECTION_OPEN) {
        ERR_clear_error();
        const int written = SSL_write(c->tls->ssl, at, n < RECORD ? (int)n : RECORD);
        flush(c);
        if (written > 0) {
            at += written;
            n -= (size_t)written;
            idle = 0;
        } else if (c->state == CONNECTION_OPEN && ++idle > 2) {
            failed(c, "TLS cannot send");
        }
    }
}

void tls_end(struct connection *c)
{
    char alert[256];
    ERR_clear_error();
    SSL_shutdown(c->tls->ssl);
    const int n = BIO_read(c->tls->wire, alert, sizeof alert);
    const uv_buf_t buffer = uv_buf_init(alert, n > 0 ? (unsigned)n : 0);
    if (n > 0 && c->writing == 0)
        uv_try_write((uv_stream_t *)&c->tcp, &buffer, 1);
}
