/* subject_sofia.c: Sofia-SIP.
 *
 * parse.full: msg_make copies the octets into a message and puts every header of its SIP class into
 * that header's structure: Via, name-addr with the URI split, parameters as strings, lists of
 * tokens.  Credentials stay words there, so they are taken apart as an authenticating server does.
 * A header it cannot parse is listed as an error and counts as a refusal. */
#include "bench.h"

#include <string.h>

#include <sofia-sip/auth_digest.h>
#include <sofia-sip/msg.h>
#include <sofia-sip/msg_addr.h>
#include <sofia-sip/sdp.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_parser.h>
#include <sofia-sip/su.h>
#include <sofia-sip/su_alloc.h>

static su_home_t home[1] = {SU_HOME_INIT(home)};

static int start(void)
{
    return su_init() != 0 || su_home_init(home) != 0;
}

static void stop(void)
{
    su_home_deinit(home);
    su_deinit();
}

static int check(msg_t *msg)
{
    sip_t *sip = sip_object(msg);
    sip_authorization_t *credentials;
    auth_response_t digest;

    if (!sip || !sip->sip_via || !sip->sip_from || !sip->sip_to || !sip->sip_call_id ||
        !sip->sip_cseq || sip->sip_error)
        return 1;
    credentials = sip->sip_authorization ? sip->sip_authorization : sip->sip_proxy_authorization;
    if (!credentials)
        return 0;
    memset(&digest, 0, sizeof digest);
    digest.ar_size = sizeof digest;
    return auth_digest_response_get(msg_home(msg), &digest, credentials->au_params) < 0;
}

static int parse_full(void *state, const char *data, size_t size)
{
    msg_t *msg = msg_make(sip_default_mclass(), 0, data, (ssize_t)size);
    int rc;

    (void)state;
    if (!msg)
        return 1;
    rc = check(msg);
    msg_destroy(msg);
    return rc;
}

static void *open_message(const char *data, size_t size)
{
    return msg_make(sip_default_mclass(), 0, data, (ssize_t)size);
}

static void close_message(void *state)
{
    msg_destroy(state);
}

static int write_message(void *state, const char *data, size_t size)
{
    size_t length = 0;
    char *text = msg_as_string(home, state, NULL, 0, &length);

    (void)data;
    (void)size;
    if (!text)
        return 1;
    bench_sink += length;
    su_free(home, text);
    return 0;
}

static int sdp_full(void *state, const char *data, size_t size)
{
    sdp_parser_t *parser = sdp_parse(NULL, data, (issize_t)size, 0);
    int rc = sdp_session(parser) == NULL;

    (void)state;
    sdp_parser_free(parser);
    return rc;
}

static int digest_auth(void *state, const char *data, size_t size)
{
    const struct bench_digest *d = &bench_digest;
    auth_response_t digest;
    auth_hexmd5_t ha1, response;

    (void)state;
    (void)data;
    (void)size;
    memset(&digest, 0, sizeof digest);
    digest.ar_size = sizeof digest;
    digest.ar_username = d->username;
    digest.ar_realm = d->realm;
    digest.ar_nonce = d->nonce;
    digest.ar_uri = d->uri;
    digest.ar_cnonce = d->cnonce;
    digest.ar_nc = d->nc;
    digest.ar_algorithm = "MD5";
    digest.ar_md5 = 1;
    digest.ar_qop = "auth";
    digest.ar_auth = 1;
    auth_digest_sessionkey(&digest, ha1, d->password);
    auth_digest_response(&digest, response, ha1, d->method, NULL, 0);
    return strcmp(response, d->response) != 0;
}

static const struct bench_subject subjects[] = {
    {"parse.full", "sofia", BENCH_SIP, parse_full, NULL, NULL},
    {"sdp.full", "sofia", BENCH_SDP, sdp_full, NULL, NULL},
    {"digest.md5-auth", "sofia", BENCH_DIGEST, digest_auth, NULL, NULL},
    {"write.message", "sofia", BENCH_SIP, write_message, open_message, close_message},
};

const struct bench_library bench_sofia = {subjects, sizeof subjects / sizeof subjects[0], start,
                                          stop};
