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
