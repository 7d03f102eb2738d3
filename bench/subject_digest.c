/* sipvet's digest library: the response as a client or server computes it, from the password, with
 * the texts of a header that has been read.  The hasher is made once, as a program would. */
#include "bench.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include <sipvet/auth.h>

static sipv_hasher *hasher;

static int start(void)
{
    hasher = sipv_hasher_new();
    return hasher && sipv_hasher_has(hasher, SIPV_MD5) ? 0 : -1;
}

static void stop(void)
{
    sipv_hasher_free(hasher);
}

static int digest_auth(void *state, const char *data, size_t size)
{
    const struct bench_digest *b = &bench_digest;
    sipv_digest d;
    sipv_digits response;

    (void)state;
    (void)data;
    (void)size;
    memset(&d, 0, sizeof d);
    d.algorithm = SIPV_MD5;
    d.qop = SIPV_QOP_AUTH;
    d.username = sipv_slice_text(b->username);
    d.realm = sipv_slice_text(b->realm);
    d.password = sipv_slice_text(b->password);
    d.method = sipv_slice_text(b->method);
    d.uri = sipv_slice_text(b->uri);
    d.nonce = sipv_slice_text(b->nonce);
    d.nc = sipv_slice_text(b->nc);
    d.cnonce = sipv_slice_text(b->cnonce);
    if (sipv_digest_response(hasher, &d, NULL, &response) != SIPV_OK)
        return -1;
    return sipv_digits_equal(&response, sipv_slice_text(b->response)) ? 0 : -1;
}

/* ---- The hashes alone --------------------------------------------------------------------------
 */

/* What no code above OpenSSL's EVP interface can be faster than: its three hashes of these lengths,
 * the function fetched and the context made once.  The texts are there already and the results stay
 * octets, so the last one is not the response. */
static EVP_MD *md5;
static EVP_MD_CTX *context;
static char text[3][512];
static size_t length[3];

static int start_hashes(void)
{
    const struct bench_digest *b = &bench_digest;
    const char *nothing = "00000000000000000000000000000000";

    md5 = EVP_MD_fetch(NULL, "MD5", NULL);
    context = EVP_MD_CTX_new();
    if (!md5 || !context)
        return -1;
    length[0] =
        (size_t)snprintf(text[0], sizeof text[0], "%s:%s:%s", b->username, b->realm, b->password);
    length[1] = (size_t)snprintf(text[1], sizeof text[1], "%s:%s", b->method, b->uri);
    length[2] = (size_t)snprintf(text[2], sizeof text[2], "%s:%s:%s:%s:auth:%s", nothing, b->nonce,
                                 b->nc, b->cnonce, nothing);
    return 0;
}

static void stop_hashes(void)
{
    EVP_MD_CTX_free(context);
    EVP_MD_free(md5);
}

static int hashes(void *state, const char *data, size_t size)
{
    unsigned char out[EVP_MAX_MD_SIZE];
    int good = 1;

    (void)state;
    (void)data;
    (void)size;
    for (int i = 0; i < 3; i++) {
        good &= EVP_DigestInit_ex(context, md5, NULL);
        good &= EVP_DigestUpdate(context, text[i], length[i]);
        good &= EVP_DigestFinal_ex(context, out, NULL);
        bench_sink += out[0];
    }
    return good == 1 ? 0 : -1;
}

static int start_all(void)
{
    return start() == 0 ? start_hashes() : -1;
}

static void stop_all(void)
{
    stop();
    stop_hashes();
}

static const struct bench_subject subjects[] = {
    {"digest.md5-auth", "sipvet", BENCH_DIGEST, digest_auth, NULL, NULL},
    {"digest.md5-auth", "limit.evp", BENCH_DIGEST, hashes, NULL, NULL},
};

const struct bench_library bench_sipvet_digest = {subjects, sizeof subjects / sizeof subjects[0],
                                                  start_all, stop_all};
