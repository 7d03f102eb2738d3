/* Answers to offers that are odd: lines that interop steps over, groups of many, streams that can
 * be in no group.  What is answered is what our judge allows. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "descriptions.h"

static struct description offer, answer;
static char out[1 << 16];

static void open_all(void)
{
    cr_assert(description_open(&offer));
    cr_assert(description_open(&answer));
}

static void close_all(void)
{
    description_close(&offer);
    description_close(&answer);
}

TestSuite(sdp_answer, .init = open_all, .fini = close_all);

#define HEAD "v=0\r\no=a 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
#define OTHER "v=0\r\no=b 2 1 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\n"
#define SESSION "v=0\r\no=- 0 0 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n"
#define AUDIO "m=audio 9 RTP/AVP 0\r\n"
#define MULTICAST "c=IN IP4 224.2.1.1/127\r\n"

static sipv_sdp_capabilities local(void)
{
    sipv_sdp_capabilities c;
    memset(&c, 0, sizeof c);
    c.address = sipv_slice_text("192.0.2.9");
    return c;
}

/* The only finding of a judgement, "" if there is none. */
static const char *judgement(void)
{
    sipv_diag found[16];
    size_t n = 0;
    sipv_sdp_check_answer(&offer.s, &answer.s, found, 16, &n);
    cr_assert_leq(n, 1);
    return n ? sipv_sdp_diag_find(found[0].code)->name : "";
}

/* The judgement of two texts that interop reads. */
static const char *judged(const char *offered, const char *answered)
{
    cr_assert_eq(described(&offer, offered, strlen(offered), SIPV_INTEROP), SIPV_OK);
    cr_assert_eq(described(&answer, answered, strlen(answered), SIPV_INTEROP), SIPV_OK);
    return judgement();
}

/* The answer to an offer that interop reads.  It can be read as strict, and is allowed. */
static const char *answered(const char *offered, const sipv_sdp_capabilities *c)
{
    size_t n = 0;
    cr_assert_eq(described(&offer, offered, strlen(offered), SIPV_INTEROP), SIPV_OK);
    cr_assert_eq(sipv_sdp_answer(&offer.s, c, out, sizeof out - 1, &n), SIPV_OK);
    out[n] = 0;
    cr_assert_eq(described(&answer, out, n, SIPV_STRICT), SIPV_OK, "%s", out);
    cr_assert_str_eq(judgement(), "", "%s", out);
    return out;
}

/* ---- Lines that interop steps over --------------------------------------------------------------
 */

Test(sdp_answer, what_is_malformed_is_not_asked_of_an_answer)
{
    static const struct {
        const char *offered, *answered, *finding;
    } cases[] = {
        {HEAD AUDIO MULTICAST "a=ptime:\t20\r\n", OTHER AUDIO MULTICAST, ""},
        {HEAD AUDIO MULTICAST "a=ptime:x\r\na=ptime:20\r\n", OTHER AUDIO MULTICAST,
         "answer-multicast"},
        {HEAD AUDIO MULTICAST "a=ptime:20\r\n", OTHER AUDIO MULTICAST "a=ptime:x\r\na=ptime:20\r\n",
         ""},
        {HEAD AUDIO MULTICAST "b=AS\r\nb=AS:64\r\n", OTHER AUDIO MULTICAST "b=AS:64\r\nb=x\r\n",
         ""},
        {HEAD AUDIO MULTICAST "b=AS:64\r\n", OTHER AUDIO MULTICAST "b=AS\r\n", "answer-multicast"},
        {HEAD AUDIO, OTHER AUDIO "a=rtcp-mux:x\r\n", ""},
        {HEAD AUDIO "a=rtcp-mux:x\r\n", OTHER AUDIO "a=rtcp-mux\r\n", "answer-rtcp-mux"},
        {HEAD AUDIO "a=setup:x\r\na=setup:active\r\n", OTHER AUDIO "a=setup:active\r\n",
         "answer-setup"},
        {HEAD "a=setup:active\r\n" AUDIO "a=setup:x\r\n", OTHER AUDIO "a=setup:active\r\n",
         "answer-setup"},
        {HEAD "m=audio 0 RTP/AVP 0\r\na=bundle-only:x\r\n", OTHER AUDIO, "answer-rejected-stream"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_assert_str_eq(judged(cases[i].offered, cases[i].answered), cases[i].finding, "case %zu",
                         i);
}

Test(sdp_answer, what_is_malformed_is_not_answered)
{
    const sipv_sdp_capabilities c = local();
    cr_assert_str_eq(answered(HEAD AUDIO MULTICAST
                              "b=AS\r\nb=RR:1\r\na=ptime:\t30\r\na=ptime:20\r\n"
                              "a=rtcp-mux:x\r\na=setup:x\r\n",
                              &c),
                     SESSION AUDIO MULTICAST "b=RR:1\r\na=ptime:20\r\na=sendrecv\r\n"
                                             "a=rtpmap:0 PCMU/8000\r\n");
}

/* ---- Multicast ----------------------------------------------------------------------------------
 */

Test(sdp_answer, dots_of_another_addrtype_are_no_group)
{
    const sipv_sdp_capabilities c = local();
    cr_assert_str_eq(answered(HEAD AUDIO "c=IN X 224.2.1.1\r\na=sendonly\r\n", &c),
                     SESSION "m=audio 49170 RTP/AVP 0\r\na=recvonly\r\na=rtpmap:0 PCMU/8000\r\n");
    cr_assert_str_eq(answered(HEAD AUDIO MULTICAST "a=sendonly\r\n", &c),
                     SESSION AUDIO MULTICAST "a=sendonly\r\na=rtpmap:0 PCMU/8000\r\n");
}

/* RFC 8866 5.7 */
Test(sdp_answer, each_layer_keeps_its_address)
{
    const sipv_sdp_capabilities c = local();
    static const char second[] = "c=IN IP4 224.2.1.2/127\r\n";
    static char text[1024], fits[1024];
    snprintf(text, sizeof text, HEAD AUDIO MULTICAST "%s", second);
    snprintf(fits, sizeof fits, SESSION AUDIO MULTICAST "%sa=sendrecv\r\na=rtpmap:0 PCMU/8000\r\n",
             second);
    cr_assert_str_eq(answered(text, &c), fits);
    cr_assert_str_eq(judged(text, OTHER AUDIO MULTICAST), "answer-multicast");
    snprintf(text, sizeof text, OTHER AUDIO MULTICAST "%s", second);
    cr_assert_str_eq(judged(HEAD AUDIO MULTICAST, text), "answer-multicast");
}

/* What storage held before was read as the address. */
Test(sdp_answer, a_connection_that_cannot_be_read_has_no_address)
{
    static const char malformed[] = OTHER AUDIO MULTICAST "c=IN\r\n",
                      alone[] = OTHER AUDIO "c=IN\r\n";
    cr_assert_eq(described(&offer, HEAD AUDIO MULTICAST, strlen(HEAD AUDIO MULTICAST), SIPV_STRICT),
                 SIPV_OK);
    described(&answer, malformed, strlen(malformed), SIPV_INTEROP);
    cr_assert_str_eq(judgement(), "");
    described(&answer, alone, strlen(alone), SIPV_INTEROP);
    cr_assert_str_eq(judgement(), "answer-multicast");
}

/* ---- Formats ------------------------------------------------------------------------------------
 */

/* RFC 4588 8.1 */
Test(sdp_answer, a_retransmission_is_of_a_format_that_is_answered)
{
    const sipv_sdp_codec codecs[] = {{sipv_slice_text("VP8"), 0, 0},
                                     {sipv_slice_text("rtx"), 0, 0}};
    sipv_sdp_capabilities c = local();
    static const char offered[] = HEAD
        "m=video 9 RTP/AVP 96 97 98 99 100\r\na=rtpmap:96 H264/90000\r\na=rtpmap:97 rtx/90000\r\n"
        "a=fmtp:97 apt=96\r\na=rtpmap:98 VP8/90000\r\na=rtpmap:99 rtx/90000\r\n"
        "a=fmtp:99 rtx-time=3000;apt=98\r\na=rtpmap:100 rtx/90000\r\n";
    c.codecs = codecs;
    c.n_codecs = 2;
    cr_assert_str_eq(answered(offered, &c),
                     SESSION "m=video 49170 RTP/AVP 98 99 100\r\na=sendrecv\r\n"
                             "a=rtpmap:98 VP8/90000\r\na=rtpmap:99 rtx/90000\r\n"
                             "a=fmtp:99 rtx-time=3000;apt=98\r\na=rtpmap:100 rtx/90000\r\n");
    c.n_codecs = 0;
    c.one_codec = true;
    cr_assert(strstr(answered(offered, &c), "m=video 49170 RTP/AVP 96 97 100\r\n"));
}

/* RFC 6838 4.2: what is no payload type is the name of a media type. */
Test(sdp_answer, names_of_formats_have_no_case)
{
    cr_assert_str_eq(judged(HEAD "m=image 9 udptl t38\r\n", OTHER "m=image 9 udptl T38\r\n"), "");
    cr_assert_str_eq(
        judged(HEAD "m=image 9 udptl x T38 y\r\n", OTHER "m=image 9 udptl t38 t39\r\n"),
        "answer-extra-formats");
    cr_assert_str_eq(judged(HEAD "m=image 9 udptl t38\r\n", OTHER "m=image 9 udptl t39\r\n"),
                     "answer-formats");
}

/* ---- Capabilities (RFC 5939) --------------------------------------------------------------------
 */

#define CAPABLE HEAD "a=tcap:1 RTP/SAVP\r\n" AUDIO "a=tcap:2 RTP/AVPF RTP/SAVPF\r\na=pcfg:1 t=2\r\n"
#define CHOSEN(proto) OTHER "m=audio 9 " proto " 0\r\na=acfg:1 t=2\r\n"

Test(sdp_answer, a_transport_of_the_offers_capabilities)
{
    cr_assert_str_eq(judged(CAPABLE, CHOSEN("RTP/AVPF")), "");
    cr_assert_str_eq(judged(CAPABLE, CHOSEN("rtp/savpf")), "");
    cr_assert_str_eq(judged(CAPABLE, CHOSEN("RTP/SAVP")), "");
    cr_assert_str_eq(judged(CAPABLE, CHOSEN("udp")), "answer-proto");
    cr_assert_str_eq(judged(CAPABLE, OTHER "m=audio 9 RTP/AVPF 0\r\n"), "answer-proto");
    cr_assert_str_eq(judged(CAPABLE, OTHER "m=audio 9 RTP/AVPF 0\r\na=acfg:x\r\n"), "answer-proto");
    cr_assert_str_eq(judged(HEAD "a=tcap:x RTP/AVPF\r\n" AUDIO, CHOSEN("RTP/AVPF")),
                     "answer-proto");
    cr_assert_str_eq(judged(HEAD AUDIO, CHOSEN("RTP/AVPF")), "answer-proto");
}

/* ---- BUNDLE (RFC 9143) --------------------------------------------------------------------------
 */

#define GROUP(mids) HEAD "a=group:BUNDLE " mids "\r\n"
#define OFFERED(port, mid) "m=audio " port " RTP/AVP 0\r\na=mid:" mid "\r\n"
#define ANSWERED(port, mid) OFFERED(port, mid) "a=sendrecv\r\n"
#define PCMU "a=rtpmap:0 PCMU/8000\r\n"
#define KEYED(port, mid)                                                                           \
    "m=audio " port " UDP/TLS/RTP/SAVPF 0\r\na=mid:" mid "\r\n"                                    \
    "a=fingerprint:sha-1 AB\r\na=setup:actpass\r\na=rtcp-mux\r\n"
#define UNKEYED(port, mid) "m=audio " port " UDP/TLS/RTP/SAVPF 0\r\na=mid:" mid "\r\n"
#define KEYS "a=fingerprint:sha-1 CD\r\na=setup:active\r\n"

/* 7.2: those that are bundle-only have no transport of their own; 7.5: later nor have the others.
 */
Test(sdp_answer, the_transport_of_the_first_holds_for_all)
{
    sipv_sdp_capabilities c = local();
    c.fingerprint = sipv_slice_text("sha-1 CD");
    static const char fits[] = SESSION
        "a=group:BUNDLE a b c\r\n" UNKEYED("49170", "a") "a=sendrecv\r\na=rtcp-mux\r\n" KEYS PCMU
            UNKEYED("49170", "b") "a=sendrecv\r\n" PCMU UNKEYED("49170", "c") "a=sendrecv\r\n" PCMU;
    cr_assert_str_eq(answered(GROUP("a b c") KEYED("9", "a") KEYED("11", "b")
                                  UNKEYED("0", "c") "a=bundle-only\r\n",
                              &c),
                     fits);
    cr_assert_not(description_has(&answer.s, "sdp-fingerprint-missing"));
    cr_assert_str_eq(
        answered(GROUP("a b c") KEYED("9", "a") UNKEYED("9", "b") UNKEYED("9", "c"), &c), fits);
}

/* 7.3.1 */
Test(sdp_answer, the_first_of_a_group_has_a_port_and_is_accepted)
{
    sipv_sdp_capabilities c = local();
    cr_assert_str_eq(
        answered(GROUP("a b") OFFERED("0", "a") "a=bundle-only\r\n" OFFERED("9", "b"), &c),
        SESSION "a=group:BUNDLE b a\r\n" ANSWERED("49170", "a") PCMU ANSWERED("49170", "b") PCMU);
    cr_assert_str_eq(answered(GROUP("a") OFFERED("0", "a") "a=bundle-only\r\n", &c),
                     SESSION OFFERED("0", "a"));
    c.reject = 1;
    cr_assert_str_eq(answered(GROUP("a b") OFFERED("9", "a") OFFERED("11", "b"), &c),
                     SESSION "a=group:BUNDLE b\r\n" OFFERED("0", "a") ANSWERED("49170", "b") PCMU);
}

/* 7.3.2: it goes by itself then, or not at all. */
Test(sdp_answer, what_cannot_share_a_transport_is_in_no_group)
{
    sipv_sdp_capabilities c = local();
    cr_assert_str_eq(answered(GROUP("a b") "m=audio 9 RTP/AVP 0\r\n" MULTICAST
                                           "a=mid:a\r\n" OFFERED("11", "b"),
                              &c),
                     SESSION "a=group:BUNDLE b\r\n"
                             "m=audio 9 RTP/AVP 0\r\n" MULTICAST
                             "a=mid:a\r\na=sendrecv\r\n" PCMU ANSWERED("49170", "b") PCMU);
    c.fingerprint = sipv_slice_text("sha-1 CD");
    cr_assert_str_eq(answered(GROUP("a b") OFFERED("9", "a") KEYED("11", "b"), &c),
                     SESSION "a=group:BUNDLE a\r\n" ANSWERED("49170", "a")
                         PCMU UNKEYED("49172", "b") "a=sendrecv\r\na=rtcp-mux\r\n" KEYS PCMU);
    c.no_rtcp_mux = true;
    cr_assert_str_eq(answered(GROUP("a b") OFFERED("9", "a") "a=rtcp-mux\r\n" OFFERED(
                                  "0", "b") "a=bundle-only\r\n",
                              &c),
                     SESSION ANSWERED("49170", "a") PCMU OFFERED("0", "b"));
}

Test(sdp_answer, a_group_of_many_names_all_that_share_its_port)
{
    enum { REPEATED = 300 };
    static char text[4096];
    const sipv_sdp_capabilities c = local();
    size_t n = (size_t)snprintf(text, sizeof text, HEAD "a=group:BUNDLE");
    for (int i = 0; i < REPEATED; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, " x");
    snprintf(text + n, sizeof text - n, " a b\r\n" OFFERED("9", "a") OFFERED("11", "b"));
    cr_assert_str_eq(answered(text, &c), SESSION "a=group:BUNDLE a b\r\n" ANSWERED("49170", "a")
                                             PCMU ANSWERED("49170", "b") PCMU);
}

/* A mid that two streams have is that of the first. */
Test(sdp_answer, one_mid_is_one_stream_of_a_group)
{
    const sipv_sdp_capabilities c = local();
    cr_assert_str_eq(answered(GROUP("a") OFFERED("9", "a") OFFERED("11", "a"), &c),
                     SESSION "a=group:BUNDLE a\r\n" ANSWERED("49170", "a")
                         PCMU ANSWERED("49172", "a") PCMU);
}

Test(sdp_answer, multiplexing_is_that_of_the_group)
{
    sipv_sdp_capabilities c = local();
    static const char data[] = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:d\r\n"
                               "a=sctp-port:5000\r\na=fingerprint:sha-1 AB\r\na=setup:actpass\r\n";
    static char text[1024];
    c.fingerprint = sipv_slice_text("sha-1 CD");
    snprintf(text, sizeof text, "%s%s%s", GROUP("d a"), data, KEYED("11", "a"));
    cr_assert(strstr(answered(text, &c), "a=mid:d\r\na=sendrecv\r\na=rtcp-mux\r\n" KEYS));
    cr_assert(strstr(out, UNKEYED("49170", "a") "a=sendrecv\r\n" PCMU));
    cr_assert(strstr(answered(GROUP("a") KEYED("9", "a") "a=rtcp-mux-only\r\n", &c),
                     "a=rtcp-mux\r\na=rtcp-mux-only\r\n"));
    cr_assert_not(strstr(answered(HEAD KEYED("9", "a") "a=rtcp-mux-only\r\n", &c), "mux-only"));
    c.no_rtcp_mux = true;
    cr_assert_str_eq(answered(HEAD KEYED("9", "a") "a=rtcp-mux-only\r\n", &c),
                     SESSION UNKEYED("0", "a"));
}

/* 7.3: no medium moves to another group. */
Test(sdp_answer, each_group_is_part_of_one_that_was_offered)
{
    static const char media[] = OFFERED("9", "a") OFFERED("11", "b") OFFERED("13", "c");
    static const char two[] = "a=group:BUNDLE a b\r\na=group:BUNDLE c\r\n";
    static const struct {
        const char *groups, *finding;
    } cases[] = {{"a=group:BUNDLE a b\r\na=group:BUNDLE c\r\n", ""},
                 {"a=group:BUNDLE c\r\na=group:BUNDLE b a\r\n", ""},
                 {"a=group:BUNDLE b\r\n", ""},
                 {"a=group:BUNDLE a c\r\n", "answer-bundle"},
                 {"a=group:BUNDLE c b\r\n", "answer-bundle"},
                 {"a=group:LS a c\r\n", ""},
                 {"a=group:BUNDLE d\r\n", "answer-bundle"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static char a[1024], b[1024];
        snprintf(a, sizeof a, HEAD "%s%s", two, media);
        snprintf(b, sizeof b, OTHER "%s%s", cases[i].groups, media);
        cr_assert_str_eq(judged(a, b), cases[i].finding, "case %zu", i);
    }
}
