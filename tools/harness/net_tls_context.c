#include "net_core.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

static int refuse(struct net *net, const char *what)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return net_refuse(net, what, reason ? reason : "OpenSSL refuses");
}

static SSL_CTX *context_new(const SSL_METHOD *method)
{
    SSL_CTX *context = SSL_CTX_new(method);
    if (!context)
        return NULL;
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context,
                        SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    return context;
}

/* ---- Whom we trust -------------------------------------------------------------------------- */

static bool trust_pem(SSL_CTX *context, sipv_slice pem)
{
    BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
    X509 *certificate;
    bool any = false;
    while (bio && (certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
        any = X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate) == 1 || any;
        X509_free(certificate);
    }
    BIO_free(bio);
    ERR_clear_error();
    return any;
}

static bool trust(SSL_CTX *context, const struct net_tls_settings *s)
{
    bool trusted = true;
    if (s->authorities)
        trusted = SSL_CTX_load_verify_file(context, s->authorities) == 1;
    if (s->authorities_pem.p)
        trusted = trust_pem(context, s->authorities_pem) && trusted;
    if (!s->authorities && !s->authorities_pem.p)
        trusted = SSL_CTX_set_default_verify_paths(context) == 1;
    return trusted;
}

/* ---- Who we are ----------------------------------------------------------------------------- */

static bool use_self_signed(struct net *net, SSL_CTX *context)
{
    const char *names[NET_ALL_LISTENERS + 2] = {"localhost"};
    size_t n = 1;
    X509 *certificate = NULL;
    EVP_PKEY *key = NULL;
    if (*net->name)
        names[n++] = net->name;
    for (size_t i = 0; i < net->n_listeners; i++)
        names[n++] = net->listeners[i]->hop.host;
    const bool used = certificate_make(names, n, &certificate, &key) &&
                      SSL_CTX_use_certificate(context, certificate) == 1 &&
                      SSL_CTX_use_PrivateKey(context, key) == 1;
    X509_free(certificate);
    EVP_PKEY_free(key);
    return used;
}

/* Nothing, if there is no certificate. */
static bool identify(struct net *net, SSL_CTX *context, const struct net_tls_settings *s)
{
    if (s->self_signed)
        return use_self_signed(net, context);
    if (!s->certificate)
        return true;
    return SSL_CTX_use_certificate_chain_file(context, s->certificate) == 1 &&
           SSL_CTX_use_PrivateKey_file(context, s->key ? s->key : s->certificate,
                                       SSL_FILETYPE_PEM) == 1 &&
           SSL_CTX_check_private_key(context) == 1;
}

/* ---- Both sides ----------------------------------------------------------------------------- */

static int open_server(struct net *net, const struct net_tls_settings *s)
{
    net->server = context_new(TLS_server_method());
    if (!net->server)
        return SIPV_NO_SPACE;
    if (!s->certificate && !s->self_signed)
        return net_refuse(net, "tls", "a certificate is needed to listen");
    if (!identify(net, net->server, s))
        return refuse(net, s->certificate ? s->certificate : "the certificate");
    if (!s->mutual)
        return SIPV_OK;
    SSL_CTX_set_verify(net->server, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    return trust(net->server, s) ? SIPV_OK : refuse(net, "the authorities");
}

static int open_client(struct net *net, const struct net_tls_settings *s)
{
    net->client = context_new(TLS_client_method());
    if (!net->client)
        return SIPV_NO_SPACE;
    SSL_CTX_set_verify(net->client, s->unverified ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
    if (!s->unverified && !trust(net->client, s))
        return refuse(net, s->authorities ? s->authorities : "the authorities");
    if (!identify(net, net->client, s))
        return refuse(net, s->certificate ? s->certificate : "the certificate");
    return SIPV_OK;
}

/* Nothing of TLS is opened for those who do not ask for it: reading the authorities of the system
 * takes a while. */
int tls_contexts_open(struct net *net, const struct net_settings *settings)
{
    const struct net_tls_settings *s = &settings->tls;
    int result = SIPV_OK;
    if (listener_of(net, HOP_TLS, 0))
        result = open_server(net, s);
    if (result == SIPV_OK && (s->certificate || s->authorities || s->authorities_pem.p ||
                              s->unverified || s->self_signed))
        result = open_client(net, s);
    return result;
}

SSL_CTX *tls_client_context(struct net *net)
{
    const struct net_tls_settings none = {.certificate = NULL};
    if (!net->client && open_client(net, &none) != SIPV_OK) {
        SSL_CTX_free(net->client);
        net->client = NULL;
    }
    return net->client;
}

int net_certificate(const struct net *net, char *out, size_t cap, size_t *n)
{
    X509 *certificate = net->server ? SSL_CTX_get0_certificate(net->server) : NULL;
    BIO *bio = BIO_new(BIO_s_mem());
    char *text = NULL;
    int result = certificate ? SIPV_NO_SPACE : SIPV_ABSENT;
    if (certificate && bio && PEM_write_bio_X509(bio, certificate) == 1) {
        *n = (size_t)BIO_get_mem_data(bio, &text);
        if (*n <= cap) {
            memcpy(out, text, *n);
            result = SIPV_OK;
        }
    }
    BIO_free(bio);
    return result;
}
