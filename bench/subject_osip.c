/* subject_osip.c: GNU oSIP.
 *
 * parse.full: osip_message_parse gives every header it knows its own structure (addresses with URI
 * and parameter lists, credentials, challenges), keeps the others as name and value, and splits
 * MIME bodies. */
#include "bench.h"

#include <stdarg.h>
#include <stdlib.h> /* for osip_free, a macro */
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include <osipparser2/osip_md5.h>
#include <osipparser2/osip_parser.h>
#include <osipparser2/osip_port.h>
#include <osipparser2/sdp_message.h>

static void say_nothing(const char *file, int line, osip_trace_level_t level, const char *format,
                        va_list values)
{
    (void)file;
    (void)line;
    (void)level;
    (void)format;
    (void)values;
}

/* What it refuses would be reported on stdout, among the results. */
static int start(void)
{
    osip_trace_initialize_func(TRACE_LEVEL0, say_nothing);
    return parser_init() != OSIP_SUCCESS;
}

static void *open_message(const char *data, size_t size)
{
    osip_message_t *message = NULL;

    if (osip_message_init(&message) != OSIP_SUCCESS)
        return NULL;
    if (osip_message_parse(message, data, size) == OSIP_SUCCESS)
        return message;
    osip_message_free(message);
    return NULL;
}

static void close_message(void *state)
{
    osip_message_free(state);
}

static int parse_full(void *state, const char *data, size_t size)
{
    osip_message_t *message = open_message(data, size);

    (void)state;
    if (!message)
        return 1;
    osip_message_free(message);
    return 0;
}

static int write_message(void *state, const char *data, size_t size)
{
    char *text = NULL;
    size_t length = 0;
    int rc;

    (void)data;
    (void)size;
    osip_message_force_update(state); /* else the text of the first time is returned */
    rc = osip_message_to_str(state, &text, &length);
    bench_sink += length;
    osip_free(text);
    return rc;
}

static int sdp_full(void *state, const char *data, size_t size)
{
    sdp_message_t *sdp = NULL;
    int rc;

    (void)state;
    (void)size;
    if (sdp_message_init(&sdp) != OSIP_SUCCESS)
        return 1;
    rc = sdp_message_parse(sdp, data);
    sdp_message_free(sdp);
    return rc;
}

/* The library brings MD5; the computation of RFC 2617 is left to its user. */
static void update(osip_MD5_CTX *md5, const char *text)
{
    osip_MD5Update(md5, (unsigned char *)(uintptr_t)text, (unsigned)strlen(text));
}

static void final(osip_MD5_CTX *md5, char *out)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char hash[16];

    osip_MD5Final(hash, md5);
    for (size_t i = 0; i < sizeof hash; i++) {
        *out++ = digits[hash[i] >> 4];
        *out++ = digits[hash[i] & 15];
    }
    *out = '\0';
}

static int digest_auth(void *state, const char *data, size_t size)
{
    const struct bench_digest *d = &bench_digest;
    char ha1[33], ha2[33], response[33];
    const char *const a1[] = {d->username, ":", d->realm, ":", d->password};
    const char *const last[] = {ha1, ":", d->nonce, ":", d->nc, ":", d->cnonce, ":auth:", ha2};
    osip_MD5_CTX md5;

    (void)state;
    (void)data;
    (void)size;
    osip_MD5Init(&md5);
    for (size_t i = 0; i < sizeof a1 / sizeof a1[0]; i++)
        update(&md5, a1[i]);
    final(&md5, ha1);
    osip_MD5Init(&md5);
    update(&md5, d->method);
    update(&md5, ":");
    update(&md5, d->uri);
    final(&md5, ha2);
    osip_MD5Init(&md5);
    for (size_t i = 0; i < sizeof last / sizeof last[0]; i++)
        update(&md5, last[i]);
    final(&md5, response);
    return strcmp(response, d->response) != 0;
}

static const struct bench_subject subjects[] = {
    {"parse.full", "osip", BENCH_SIP, parse_full, NULL, NULL},
    {"sdp.full", "osip", BENCH_SDP, sdp_full, NULL, NULL},
    {"digest.md5-auth", "osip", BENCH_DIGEST, digest_auth, NULL, NULL},
    {"write.message", "osip", BENCH_SIP, write_message, open_message, close_message},
};

const struct bench_library bench_osip = {subjects, sizeof subjects / sizeof subjects[0], start,
                                         NULL};
