/* subject_re.c: libre.
 *
 * parse.full: sip_msg_decode lists the headers, splits comma lists and decodes From, To, CSeq,
 * Content-Type, the first Via and the request URI.  The other Vias, the address headers and the
 * digest values are decoded after it, as its users do.  Parameters stay one slice, in which the
 * library searches when asked.  libre 1.1 writes no parsed message. */
#include "bench.h"

#include <string.h>

#define DEBUG_MODULE "bench"
#define DEBUG_LEVEL 0
#include <re.h>
#include <re_dbg.h>

static int start(void)
{
    dbg_init(DBG_EMERG, DBG_NONE); /* what it refuses would be reported on stderr each time */
    return libre_init();
}

static void stop(void)
{
    libre_close();
}

static struct mbuf *copy(const char *data, size_t size)
{
    struct mbuf *mb = mbuf_alloc(size);

    if (!mb)
        return NULL;
    mbuf_write_mem(mb, (const uint8_t *)data, size);
    mbuf_set_pos(mb, 0);
    return mb;
}

/* Callbacks return true to stop; each counts what it could not decode. */
static bool via(const struct sip_hdr *header, const struct sip_msg *msg, void *bad)
{
    struct sip_via value;

    (void)msg;
    *(int *)bad += sip_via_decode(&value, &header->val) != 0;
    bench_sink += value.branch.l;
    return false;
}

static bool address(const struct sip_hdr *header, const struct sip_msg *msg, void *bad)
{
    struct sip_addr value;

    (void)msg;
    *(int *)bad += sip_addr_decode(&value, &header->val) != 0;
    bench_sink += value.uri.host.l;
    return false;
}

static bool credentials(const struct sip_hdr *header, const struct sip_msg *msg, void *bad)
{
    struct httpauth_digest_resp value;

    (void)msg;
    *(int *)bad += httpauth_digest_response_decode(&value, &header->val) != 0;
    return false;
}

static bool challenge(const struct sip_hdr *header, const struct sip_msg *msg, void *bad)
{
    struct httpauth_digest_chall value;

    (void)msg;
    *(int *)bad += httpauth_digest_challenge_decode(&value, &header->val) != 0;
    return false;
}

static int parse_full(void *state, const char *data, size_t size)
{
    struct mbuf *mb = copy(data, size);
    struct sip_msg *msg = NULL;
    int bad = 0;

    (void)state;
    if (!mb)
        return 1;
    if (sip_msg_decode(&msg, mb) != 0) {
        mem_deref(mb);
        return 1;
    }
    mem_deref(mb);
    sip_msg_hdr_apply(msg, true, SIP_HDR_VIA, via, &bad);
    sip_msg_hdr_apply(msg, true, SIP_HDR_CONTACT, address, &bad);
    sip_msg_hdr_apply(msg, true, SIP_HDR_ROUTE, address, &bad);
    sip_msg_hdr_apply(msg, true, SIP_HDR_RECORD_ROUTE, address, &bad);
    sip_msg_hdr_apply(msg, true, SIP_HDR_AUTHORIZATION, credentials, &bad);
    sip_msg_hdr_apply(msg, true, SIP_HDR_PROXY_AUTHORIZATION, credentials, &bad);
    sip_msg_hdr_apply(msg, true, SIP_HDR_WWW_AUTHENTICATE, challenge, &bad);
    bench_sink += pl_u32(&msg->maxfwd) + pl_u32(&msg->clen) + pl_u32(&msg->expires);
    mem_deref(msg);
    return bad;
}

static int sdp_full(void *state, const char *data, size_t size)
{
    struct sdp_session *session = NULL;
    struct mbuf *mb = copy(data, size);
    struct sa local;
    int rc;

    (void)state;
    sa_init(&local, AF_INET);
    rc = mb ? sdp_session_alloc(&session, &local) : 1;
    if (rc == 0)
        rc = sdp_decode(session, mb, true);
    mem_deref(session);
    mem_deref(mb);
    return rc;
}

/* The library checks a received response; H(A1) is its user's, made with the library's MD5. */
static int digest_auth(void *state, const char *data, size_t size)
{
    const struct bench_digest *d = &bench_digest;
    struct httpauth_digest_resp response;
    struct pl method;
    uint8_t ha1[MD5_SIZE];

    (void)state;
    (void)data;
    (void)size;
    memset(&response, 0, sizeof response);
    pl_set_str(&response.realm, d->realm);
    pl_set_str(&response.nonce, d->nonce);
    pl_set_str(&response.response, d->response);
    pl_set_str(&response.username, d->username);
    pl_set_str(&response.uri, d->uri);
    pl_set_str(&response.nc, d->nc);
    pl_set_str(&response.cnonce, d->cnonce);
    pl_set_str(&response.qop, "auth");
    pl_set_str(&method, d->method);
    if (md5_printf(ha1, "%s:%s:%s", d->username, d->realm, d->password) != 0)
        return 1;
    return httpauth_digest_response_auth(&response, &method, ha1);
}

static const struct bench_subject subjects[] = {
    {"parse.full", "re", BENCH_SIP, parse_full, NULL, NULL},
    {"sdp.full", "re", BENCH_SDP, sdp_full, NULL, NULL},
    {"digest.md5-auth", "re", BENCH_DIGEST, digest_auth, NULL, NULL},
};

const struct bench_library bench_re = {subjects, sizeof subjects / sizeof subjects[0], start, stop};
