/* Offers and answers: the exchanges of RFC 3264 section 10, each clause violated, answers made. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "descriptions.h"

static struct description first, second;
static unsigned char out[1 << 16];

static void open_all(void)
{
    cr_assert(description_open(&first));
    cr_assert(description_open(&second));
}

static void close_all(void)
{
    description_close(&first);
    description_close(&second);
}

TestSuite(sdp_offer, .init = open_all, .fini = close_all);

#define HEAD "v=0\r\no=a 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
#define OTHER "v=0\r\no=b 2 1 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\n"
#define LATER "v=0\r\no=a 1 2 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
#define ALICE(version)                                                                             \
    "v=0\r\no=alice 2890844526 " version " IN IP4 host.anywhere.com\r\ns= \r\n"                    \
    "c=IN IP4 host.anywhere.com\r\nt=0 0\r\n"
#define BOB(version)                                                                               \
    "v=0\r\no=bob 2890844730 " version " IN IP4 host.example.com\r\ns= \r\n"                       \
    "c=IN IP4 host.example.com\r\nt=0 0\r\n"

enum relation { ANSWERS, FOLLOWS };

/* The findings of a pair as "name name ...". */
static const char *judge(enum relation relation, const char *a, const char *b, int *result)
{
    static char names[1024];
    sipv_diag diags[64];
    size_t n = 0, at = 0;
    cr_assert_eq(described_text(&first, a), SIPV_OK, "%s", a);
    cr_assert_eq(described_text(&second, b), SIPV_OK, "%s", b);
    *result = relation == ANSWERS ? sipv_sdp_check_answer(&first.s, &second.s, diags, 64, &n)
                                  : sipv_sdp_check_next(&first.s, &second.s, diags, 64, &n);
    names[0] = 0;
    for (size_t i = 0; i < n; i++) {
        cr_assert(diags[i].off <= second.s.data.n &&
                  diags[i].len <= second.s.data.n - diags[i].off);
        at += (size_t)snprintf(names + at, sizeof names - at, "%s%s", at ? " " : "",
                               sipv_sdp_diag_find(diags[i].code)->name);
    }
    return names;
}

static void allowed(enum relation relation, const char *a, const char *b)
{
    int result;
    const char *names = judge(relation, a, b, &result);
    cr_assert(result == SIPV_OK && !*names, "%s\nfor\n%s", names, b);
}

/* ---- RFC 3264 section 10 ------------------------------------------------------------------------
 */

#define H261 "m=video 51372 RTP/AVP 31\r\na=rtpmap:31 H261/90000\r\n"
#define MPV "m=video 53000 RTP/AVP 32\r\na=rtpmap:32 MPV/90000\r\n"
#define NO_H261 "m=video 0 RTP/AVP 31\r\n"
#define PCMU(port) "m=audio " port " RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
#define EVENTS(port) "m=audio " port " RTP/AVP 110\r\na=rtpmap:110 telephone-events/8000\r\n"

Test(sdp_offer, section_10_1)
{
    static const char offer[] = ALICE("2890844526") PCMU("49170") H261 MPV;
    static const char answer[] = BOB("2890844730") PCMU("49920") NO_H261 MPV;
    static const char next[] =
        BOB("2890844731") PCMU("65422") NO_H261 MPV EVENTS("51434") "a=recvonly\r\n";
    static const char last[] = ALICE("2890844527")
        PCMU("49170") "m=video 0 RTP/AVP 31\r\n"
                      "a=rtpmap:31 H261/90000\r\n" MPV EVENTS("53122") "a=sendonly\r\n";
    allowed(ANSWERS, offer, answer);
    allowed(FOLLOWS, answer, next);
    allowed(ANSWERS, next, last);
    allowed(FOLLOWS, offer, last);
}

Test(sdp_offer, section_10_2)
{
    static const char offer[] =
        ALICE("2890844526") "m=audio 62986 RTP/AVP 0 4 18\r\n"
                            "a=rtpmap:0 PCMU/8000\r\na=rtpmap:4 G723/8000\r\n"
                            "a=rtpmap:18 G729/8000\r\na=inactive\r\n";
    static const char answer[] = BOB("2890844731") "m=audio 54344 RTP/AVP 0 4\r\n"
                                                   "a=rtpmap:0 PCMU/8000\r\n"
                                                   "a=rtpmap:4 G723/8000\r\na=inactive\r\n";
    static const char next[] = ALICE("2890844527") "m=audio 62986 RTP/AVP 4\r\n"
                                                   "a=rtpmap:4 G723/8000\r\na=sendrecv\r\n";
    static const char last[] = BOB("2890844732") "m=audio 54344 RTP/AVP 4\r\n"
                                                 "a=rtpmap:4 G723/8000\r\na=sendrecv\r\n";
    allowed(ANSWERS, offer, answer);
    allowed(FOLLOWS, offer, next);
    allowed(ANSWERS, next, last);
    allowed(FOLLOWS, answer, last);
}

/* ---- Clauses ------------------------------------------------------------------------------------
 */

#define A0 "m=audio 9 RTP/AVP 0\r\n"
#define REJECTED "m=audio 0 RTP/AVP 0\r\n"
#define MULTI "v=0\r\no=a 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 224.2.1.1/127\r\nt=0 0\r\n"
#define MULTI_B "v=0\r\no=b 1 1 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 224.2.1.1/127\r\nt=0 0\r\n"

static const struct pair {
    enum relation relation;
    const char *first, *second;
    int result;
    const char *names;
} pairs[] = {
    {ANSWERS, HEAD, OTHER, SIPV_OK, ""},
    {ANSWERS, HEAD A0 A0, OTHER A0, SIPV_REJECT, "answer-media-count"},
    {ANSWERS, HEAD A0, OTHER A0 A0, SIPV_REJECT, "answer-media-count"},
    {ANSWERS, HEAD A0, OTHER "m=video 9 RTP/AVP 31\r\n", SIPV_REJECT,
     "answer-formats answer-media-type"},
    {ANSWERS, HEAD A0, OTHER "m=audio 9 RTP/SAVP 0\r\n", SIPV_REJECT, "answer-proto"},
    {ANSWERS, HEAD A0, OTHER "m=audio 9 RTP/AVP 8\r\n", SIPV_REJECT, "answer-formats"},
    {ANSWERS, HEAD A0, OTHER "m=audio 9 RTP/AVP 0 8\r\n", SIPV_OK, "answer-extra-formats"},
    {ANSWERS, HEAD A0, OTHER "m=audio 0 RTP/AVP 8\r\n", SIPV_OK, ""},
    {ANSWERS, HEAD REJECTED, OTHER A0, SIPV_REJECT, "answer-rejected-stream"},
    {ANSWERS, HEAD REJECTED, OTHER REJECTED, SIPV_OK, ""},
    {ANSWERS, HEAD A0 "a=sendonly\r\n", OTHER A0, SIPV_REJECT, "answer-direction"},
    {ANSWERS, HEAD A0 "a=sendonly\r\n", OTHER A0 "a=sendonly\r\n", SIPV_REJECT, "answer-direction"},
    {ANSWERS, HEAD A0 "a=sendonly\r\n", OTHER A0 "a=recvonly\r\n", SIPV_OK, ""},
    {ANSWERS, HEAD A0 "a=recvonly\r\n", OTHER A0 "a=sendonly\r\n", SIPV_OK, ""},
    {ANSWERS, HEAD A0 "a=recvonly\r\n", OTHER A0 "a=recvonly\r\n", SIPV_REJECT, "answer-direction"},
    {ANSWERS, HEAD A0 "a=inactive\r\n", OTHER A0 "a=recvonly\r\n", SIPV_REJECT, "answer-direction"},
    {ANSWERS, HEAD "a=sendonly\r\n" A0, OTHER "a=recvonly\r\n" A0, SIPV_OK, ""},
    {ANSWERS, HEAD A0, HEAD A0 "a=recvonly\r\n", SIPV_OK, "answer-origin"},
    {ANSWERS, HEAD A0,
     "v=0\r\no=b 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=2873397496 0\r\n" A0,
     SIPV_REJECT, "answer-timing"},
    {ANSWERS, HEAD "m=audio 9 RTP/AVP 97\r\na=rtpmap:97 iLBC/8000\r\n",
     OTHER "m=audio 9 RTP/AVP 98\r\na=rtpmap:98 ilbc/8000/1\r\n", SIPV_OK, ""},
    {ANSWERS, HEAD "m=audio 9 RTP/AVP 97 0\r\na=rtpmap:97 iLBC/8000\r\n",
     OTHER "m=audio 9 RTP/AVP 0 97\r\na=rtpmap:97 opus/48000/2\r\n", SIPV_OK,
     "answer-payload-mapping answer-extra-formats"},
    {ANSWERS, HEAD "m=audio 9 RTP/AVP 97\r\na=rtpmap:97 iLBC/8000\r\n",
     OTHER "m=audio 9 RTP/AVP 97\r\n", SIPV_REJECT, "answer-rtpmap-missing"},
    {ANSWERS, MULTI A0, MULTI_B A0, SIPV_OK, ""},
    {ANSWERS, MULTI A0, OTHER A0, SIPV_REJECT, "answer-multicast"},
    {ANSWERS, HEAD A0, MULTI_B A0, SIPV_REJECT, "answer-multicast"},
    {ANSWERS, MULTI A0 "a=recvonly\r\n", MULTI_B A0 "a=sendonly\r\n", SIPV_REJECT,
     "answer-direction"},
    {ANSWERS, MULTI A0 "a=ptime:20\r\n", MULTI_B A0 "a=ptime:30\r\n", SIPV_REJECT,
     "answer-multicast"},
    {ANSWERS, MULTI "m=audio 9 RTP/AVP 0\r\nb=AS:64\r\n", MULTI_B A0, SIPV_REJECT,
     "answer-multicast"},
    {ANSWERS, HEAD A0, OTHER A0 "a=rtcp-mux\r\n", SIPV_OK, "answer-rtcp-mux"},
    {ANSWERS, HEAD A0 "a=setup:actpass\r\n", OTHER A0 "a=setup:actpass\r\n", SIPV_OK,
     "answer-setup"},
    {ANSWERS, HEAD A0 "a=setup:actpass\r\n", OTHER A0 "a=setup:passive\r\n", SIPV_OK, ""},
    {ANSWERS, HEAD A0 "a=mid:1\r\n", OTHER A0 "a=mid:2\r\n", SIPV_OK, "answer-mid"},
    {ANSWERS, HEAD "a=group:BUNDLE 1\r\n" A0 "a=mid:1\r\n" A0 "a=mid:2\r\n",
     OTHER "a=group:BUNDLE 1 2\r\n" A0 "a=mid:1\r\n" A0 "a=mid:2\r\n", SIPV_OK, "answer-bundle"},
    {ANSWERS, HEAD "a=group:BUNDLE 1\r\nm=audio 0 RTP/AVP 0\r\na=bundle-only\r\na=mid:1\r\n",
     OTHER "a=group:BUNDLE 1\r\n" A0 "a=mid:1\r\n", SIPV_OK, ""},
    {FOLLOWS, HEAD A0, HEAD A0, SIPV_OK, ""},
    {FOLLOWS, HEAD A0, LATER A0, SIPV_OK, ""},
    {FOLLOWS, HEAD A0, LATER A0 A0, SIPV_OK, ""},
    {FOLLOWS, HEAD A0 A0, LATER A0, SIPV_REJECT, "next-media-count"},
    {FOLLOWS, HEAD A0, HEAD A0 A0, SIPV_REJECT, "next-version-same"},
    {FOLLOWS, HEAD A0, OTHER A0, SIPV_REJECT, "next-origin next-version-same"},
    {FOLLOWS, LATER A0, HEAD A0, SIPV_REJECT, "next-version"},
    {FOLLOWS, HEAD A0, LATER "m=audio 11 RTP/SAVP 8\r\n", SIPV_OK, ""},
    {FOLLOWS, HEAD "m=audio 9 RTP/AVP 97\r\na=rtpmap:97 iLBC/8000\r\n",
     LATER "m=audio 9 RTP/AVP 97\r\na=rtpmap:97 opus/48000/2\r\n", SIPV_REJECT,
     "next-payload-mapping"},
    {FOLLOWS, HEAD "m=audio 0 RTP/AVP 97\r\na=rtpmap:97 iLBC/8000\r\n",
     LATER "m=audio 9 RTP/AVP 97\r\na=rtpmap:97 opus/48000/2\r\n", SIPV_OK, ""},
    {FOLLOWS, "v=0\r\no=a 1 999 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n",
     "v=0\r\no=a 1 1000 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n", SIPV_OK, ""},
    {FOLLOWS, "v=0\r\no=a 1 18446744073709551615 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n",
     "v=0\r\no=a 1 18446744073709551616 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n", SIPV_OK, ""},
    {FOLLOWS, "v=0\r\no=a 1 18446744073709551615 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n",
     "v=0\r\no=a 1 0 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n", SIPV_REJECT, "next-version"},
};

Test(sdp_offer, clauses)
{
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        int result;
        const char *names = judge(pairs[i].relation, pairs[i].first, pairs[i].second, &result);
        cr_assert(result == pairs[i].result && strcmp(names, pairs[i].names) == 0,
                  "pair %zu: %d %s", i, result, names);
    }
}

Test(sdp_offer, arguments)
{
    sipv_diag diag;
    size_t n;
    cr_assert_eq(sipv_sdp_check_answer(NULL, &second.s, &diag, 1, &n), SIPV_BAD_ARGUMENT);
    cr_assert_eq(sipv_sdp_check_next(&first.s, NULL, &diag, 1, &n), SIPV_BAD_ARGUMENT);
    described_text(&first, HEAD A0 A0);
    described_text(&second, "v=0\r\no=a 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=1234567890 0\r\n");
    cr_assert_eq(sipv_sdp_check_answer(&first.s, &second.s, &diag, 1, &n), SIPV_NO_SPACE);
}

/* ---- Answers made -------------------------------------------------------------------------------
 */

static sipv_sdp_capabilities local(void)
{
    sipv_sdp_capabilities c;
    memset(&c, 0, sizeof c);
    c.address = sipv_slice_text("192.0.2.9");
    c.sess_id = c.sess_version = 7;
    return c;
}

/* The answer, which fits its offer and can be parsed. */
static const char *answer(const char *offer, const sipv_sdp_capabilities *c)
{
    sipv_diag diags[16];
    size_t n = 0, found = 0;
    cr_assert_eq(described_text(&first, offer), SIPV_OK, "%s", offer);
    cr_assert_eq(sipv_sdp_answer(&first.s, c, out, sizeof out - 1, &n), SIPV_OK);
    out[n] = 0;
    cr_assert_eq(described(&second, out, n, SIPV_STRICT), SIPV_OK, "%s", (const char *)out);
    cr_assert_eq(sipv_sdp_check_answer(&first.s, &second.s, diags, 16, &found), SIPV_OK, "%s: %s",
                 sipv_sdp_diag_find(diags[0].code)->name, (const char *)out);
    cr_assert_eq(found, 0, "%s", found ? sipv_sdp_diag_find(diags[0].code)->name : "");
    return (const char *)out;
}

#define SESSION "v=0\r\no=- 7 7 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n"
#define OFFERED                                                                                    \
    "m=audio 9 RTP/AVP 97 0 8 101\r\na=rtpmap:97 iLBC/8000\r\na=rtpmap:101 "                       \
    "telephone-event/8000\r\n"                                                                     \
    "a=fmtp:101 0-15\r\n"

Test(sdp_offer, codecs_in_either_order)
{
    const sipv_sdp_codec codecs[] = {{sipv_slice_text("PCMA"), 0, 0},
                                     {sipv_slice_text("ilbc"), 8000, 1},
                                     {sipv_slice_text("telephone-event"), 8000, 0}};
    sipv_sdp_capabilities c = local();
    c.codecs = codecs;
    c.n_codecs = 3;
    cr_assert_str_eq(answer(HEAD OFFERED, &c),
                     SESSION "m=audio 49170 RTP/AVP 97 8 101\r\na=sendrecv\r\n"
                             "a=rtpmap:97 iLBC/8000\r\na=rtpmap:8 PCMA/8000\r\n"
                             "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n");
    c.local_order = true;
    c.one_codec = true;
    cr_assert_str_eq(answer(HEAD OFFERED, &c),
                     SESSION "m=audio 49170 RTP/AVP 8 101\r\na=sendrecv\r\n"
                             "a=rtpmap:8 PCMA/8000\r\n"
                             "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n");
    c.codecs = codecs + 2; /* events alone are no stream */
    c.n_codecs = 1;
    cr_assert_str_eq(answer(HEAD OFFERED, &c), SESSION "m=audio 0 RTP/AVP 97\r\n");
}

Test(sdp_offer, streams_can_be_rejected)
{
    sipv_sdp_capabilities c = local();
    c.reject = 2;
    cr_assert_str_eq(answer(HEAD A0 "m=video 11 RTP/AVP 31\r\na=mid:v\r\n" REJECTED, &c),
                     SESSION "m=audio 49170 RTP/AVP 0\r\na=sendrecv\r\na=rtpmap:0 PCMU/8000\r\n"
                             "m=video 0 RTP/AVP 31\r\na=mid:v\r\nm=audio 0 RTP/AVP 0\r\n");
}

/* What a direction, or a hold, is answered with. */
Test(sdp_offer, directions)
{
    static const struct {
        const char *offer;
        sipv_sdp_direction local;
        sipv_sdp_direction answer;
    } cases[] = {
        {HEAD A0, SIPV_SDP_SENDRECV, SIPV_SDP_SENDRECV},
        {HEAD A0, SIPV_SDP_SENDONLY, SIPV_SDP_SENDONLY},
        {HEAD A0, SIPV_SDP_INACTIVE, SIPV_SDP_INACTIVE},
        {HEAD A0 "a=sendonly\r\n", SIPV_SDP_SENDRECV, SIPV_SDP_RECVONLY},
        {HEAD A0 "a=sendonly\r\n", SIPV_SDP_SENDONLY, SIPV_SDP_INACTIVE},
        {HEAD "a=recvonly\r\n" A0, SIPV_SDP_SENDRECV, SIPV_SDP_SENDONLY},
        {HEAD A0 "a=inactive\r\n", SIPV_SDP_SENDRECV, SIPV_SDP_INACTIVE},
        {HEAD A0 "c=IN IP4 0.0.0.0\r\n", SIPV_SDP_SENDRECV, SIPV_SDP_RECVONLY},
        {HEAD A0 "c=IN IP4 0.0.0.0\r\na=sendonly\r\n", SIPV_SDP_SENDRECV, SIPV_SDP_RECVONLY},
        {HEAD A0 "c=IN IP4 0.0.0.0\r\na=inactive\r\n", SIPV_SDP_SENDRECV, SIPV_SDP_INACTIVE},
        {HEAD A0 "c=IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\n",
         SIPV_SDP_SENDRECV, SIPV_SDP_SENDRECV},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sipv_sdp_capabilities c = local();
        c.direction = cases[i].local;
        answer(cases[i].offer, &c);
        cr_assert_eq(second.s.sections[0].direction, cases[i].answer, "case %zu", i);
    }
}

#define DTLS(mid, port)                                                                            \
    "m=audio " port " UDP/TLS/RTP/SAVPF 0\r\na=mid:" mid "\r\na=rtcp-mux\r\na=setup:actpass\r\n"   \
    "a=fingerprint:sha-1 AB\r\n"

Test(sdp_offer, bundles_and_roles)
{
    sipv_sdp_capabilities c = local();
    cr_assert_str_eq(answer(HEAD "a=group:BUNDLE a b\r\n" DTLS("a", "9"), &c),
                     SESSION "m=audio 0 UDP/TLS/RTP/SAVPF 0\r\na=mid:a\r\n");
    c.fingerprint = sipv_slice_text("sha-1 CD");
    c.reject = 1;
    cr_assert_str_eq(answer(HEAD "a=group:BUNDLE a b c\r\n" DTLS("a", "9") DTLS("b", "11")
                                DTLS("c", "0") "a=bundle-only\r\n",
                            &c),
                     SESSION
                     "a=group:BUNDLE b c\r\nm=audio 0 UDP/TLS/RTP/SAVPF 0\r\na=mid:a\r\n"
                     "m=audio 49170 UDP/TLS/RTP/SAVPF 0\r\na=mid:b\r\na=sendrecv\r\na=rtcp-mux\r\n"
                     "a=fingerprint:sha-1 CD\r\na=setup:active\r\na=rtpmap:0 PCMU/8000\r\n"
                     "m=audio 49170 UDP/TLS/RTP/SAVPF 0\r\na=mid:c\r\na=sendrecv\r\n"
                     "a=rtpmap:0 PCMU/8000\r\n");
    c = local();
    c.fingerprint = sipv_slice_text("sha-1 CD");
    c.no_bundle = c.no_rtcp_mux = c.passive = true;
    cr_assert_str_eq(answer(HEAD "a=group:BUNDLE a b\r\n" DTLS("a", "9") DTLS("b", "11"), &c),
                     SESSION
                     "m=audio 49170 UDP/TLS/RTP/SAVPF 0\r\na=mid:a\r\na=sendrecv\r\n"
                     "a=fingerprint:sha-1 CD\r\na=setup:passive\r\na=rtpmap:0 PCMU/8000\r\n"
                     "m=audio 49172 UDP/TLS/RTP/SAVPF 0\r\na=mid:b\r\na=sendrecv\r\n"
                     "a=fingerprint:sha-1 CD\r\na=setup:passive\r\na=rtpmap:0 PCMU/8000\r\n");
}

/* Where a line of the answer would be too long nothing is left out of it. */
Test(sdp_offer, a_group_is_whole_or_there_is_no_answer)
{
    enum { LONGEST = SIPV_SDP_ANSWER_VALUE };
    static char mid[LONGEST], offer[4 * LONGEST];
    sipv_sdp_capabilities c = local();
    memset(mid, 'a', sizeof mid - 1);
    for (size_t n = LONGEST - 12; n < LONGEST; n++) {
        mid[n] = 0;
        snprintf(offer, sizeof offer,
                 HEAD "a=group:BUNDLE %s b\r\n" A0 "a=mid:%s\r\n" A0 "a=mid:b\r\n", mid, mid);
        mid[n] = 'a';
        const bool fits = strlen("BUNDLE ") + n + strlen(" b") <= LONGEST;
        size_t size;
        cr_assert_eq(described_text(&first, offer), SIPV_OK);
        cr_assert_eq(sipv_sdp_answer(&first.s, &c, out, sizeof out, &size),
                     fits ? SIPV_OK : SIPV_BAD_ARGUMENT, "a mid of %zu", n);
        if (fits)
            cr_assert(strstr(answer(offer, &c), "aaa b\r\n"));
    }
}

Test(sdp_offer, keys_and_ice)
{
    static const char offer[] = HEAD "m=audio 9 RTP/SAVP 0\r\na=crypto:3 AES_CM_128_HMAC_SHA1_80 "
                                     "inline:abc\r\na=ice-ufrag:abcd\r\n"
                                     "a=ice-pwd:abcdefghijklmnopqrstuv\r\n";
    sipv_sdp_capabilities c = local();
    cr_assert_str_eq(answer(offer, &c), SESSION "m=audio 0 RTP/SAVP 0\r\n");
    c.crypto = sipv_slice_text("inline:xyz");
    c.ice_ufrag = sipv_slice_text("efgh");
    c.ice_pwd = sipv_slice_text("ABCDEFGHIJKLMNOPQRSTUV");
    cr_assert_str_eq(answer(offer, &c),
                     SESSION "m=audio 49170 RTP/SAVP 0\r\na=sendrecv\r\n"
                             "a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:xyz\r\n"
                             "a=ice-ufrag:efgh\r\na=ice-pwd:ABCDEFGHIJKLMNOPQRSTUV\r\n"
                             "a=rtpmap:0 PCMU/8000\r\n");
}

Test(sdp_offer, multicast)
{
    sipv_sdp_capabilities c = local();
    answer(MULTI "m=audio 4000/2 RTP/AVP 0\r\nb=AS:64\r\na=recvonly\r\na=ptime:40\r\n", &c);
    cr_assert_eq(second.s.sections[0].direction, SIPV_SDP_RECVONLY);
}

Test(sdp_offer, other_formats)
{
    sipv_sdp_capabilities c = local();
    c.fingerprint = sipv_slice_text("sha-1 CD");
    cr_assert_str_eq(answer(HEAD "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
                                 "a=sctp-port:5001\r\na=fingerprint:sha-1 AB\r\na=setup:active\r\n"
                                 "m=image 11 udptl t38\r\n",
                            &c),
                     SESSION
                     "m=application 49170 UDP/DTLS/SCTP webrtc-datachannel\r\na=sendrecv\r\n"
                     "a=fingerprint:sha-1 CD\r\na=setup:passive\r\na=sctp-port:5000\r\n"
                     "m=image 49172 udptl t38\r\na=sendrecv\r\n");
}

Test(sdp_offer, no_line_can_be_smuggled_in)
{
    static const char *const evil[] = {"192.0.2.1\r\na=x", "192.0.2.1\na=x", "1.2.3.999", "a b"};
    size_t n;
    described_text(&first, HEAD A0);
    for (size_t i = 0; i < sizeof evil / sizeof *evil; i++) {
        sipv_sdp_capabilities c = local();
        c.address = sipv_slice_text(evil[i]);
        cr_assert_eq(sipv_sdp_answer(&first.s, &c, out, sizeof out, &n), SIPV_BAD_ARGUMENT);
    }
    sipv_sdp_capabilities c = local();
    c.username = sipv_slice_text("a\r\nb");
    cr_assert_eq(sipv_sdp_answer(&first.s, &c, out, sizeof out, &n), SIPV_BAD_ARGUMENT);
}

Test(sdp_offer, the_size_is_told)
{
    size_t n, need;
    sipv_sdp_capabilities c = local();
    described_text(&first, HEAD OFFERED);
    cr_assert_eq(sipv_sdp_answer(&first.s, &c, NULL, 0, &need), SIPV_NO_SPACE);
    for (size_t cap = 0; cap < need; cap++)
        cr_assert_eq(sipv_sdp_answer(&first.s, &c, out, cap, &n), SIPV_NO_SPACE);
    cr_assert_eq(sipv_sdp_answer(&first.s, &c, out, need, &n), SIPV_OK);
    cr_assert_eq(n, need);
    described_text(&first, "v=1\r\n");
    cr_assert_eq(sipv_sdp_answer(&first.s, &c, out, sizeof out, &n), SIPV_REJECT);
}
