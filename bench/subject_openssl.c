/* subject_openssl.c: OpenSSL's one-shot MD5(), its call with the least overhead; the strings are
 * put together by memcpy.  Whoever uses OpenSSL's MD5 cannot be faster than this by much. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "bench.h"

#include <string.h>

#include <openssl/md5.h>

static char *append(char *out, const char *text)
{
    size_t n = strlen(text);
    memcpy(out, text, n);
    return out + n;
}

static void hash(const char *text, const char *end, char *out)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char md5[MD5_DIGEST_LENGTH];

    MD5((const unsigned char *)text, (size_t)(end - text), md5);
    for (size_t i = 0; i < sizeof md5; i++) {
        *out++ = digits[md5[i] >> 4];
        *out++ = digits[md5[i] & 15];
    }
    *out = '\0';
}

static int digest_auth(void *state, const char *data, size_t size)
{
    const struct bench_digest *d = &bench_digest;
    char text[512], ha1[33], ha2[33], response[33], *end;

    (void)state;
    (void)data;
    (void)size;
    end = append(append(append(text, d->username), ":"), d->realm);
    end = append(append(end, ":"), d->password);
    hash(text, end, ha1);
    end = append(append(append(text, d->method), ":"), d->uri);
    hash(text, end, ha2);
    end = append(append(append(text, ha1), ":"), d->nonce);
    end = append(append(append(end, ":"), d->nc), ":");
    end = append(append(append(end, d->cnonce), ":auth:"), ha2);
    hash(text, end, response);
    return strcmp(response, d->response) != 0;
}

static const struct bench_subject subjects[] = {
    {"digest.md5-auth", "openssl", BENCH_DIGEST, digest_auth, NULL, NULL},
};

const struct bench_library bench_openssl = {subjects, sizeof subjects / sizeof subjects[0], NULL,
                                            NULL};
