/* An offer, and behind an empty line perhaps an answer.
 *
 * Oracles: offer_answer (the answer that the library makes parses, has the m= lines of the offer in
 * number, order, media and transport, only formats that were offered, each with its own meaning and
 * parameters, directions that fit, groups of one port and one transport without streams that were
 * rejected, no port for two streams but in a group, and is allowed by its own judge; who answers
 * that answer again the same way gets no further); refusal (a judgement has a code and lies in the
 * answer; an argument that no contract allows is refused); slices (parameters of formats and
 * candidates); injection (a line that is refused is not written); allocation, linear.
 *
 * Bits: INTEROP; from OWN on what the local side can do; PARTS: parameters are walked through and
 * wrong arguments tried; the number: which streams are rejected, and its direction. */
#include <arpa/inet.h>
#include <string.h>

#include "allocations.h"
#include "description.h"
#include "text.h"
#include "work.h"

enum {
    FEW_CODECS = FUZZ_BIT_OWN,
    LOCAL_ORDER = 2 * FUZZ_BIT_OWN,
    ONE_CODEC = 4 * FUZZ_BIT_OWN,
    NO_BUNDLE = 8 * FUZZ_BIT_OWN,
    PASSIVE = 16 * FUZZ_BIT_OWN,
    SECURE = 32 * FUZZ_BIT_OWN,
    ICE = 64 * FUZZ_BIT_OWN,
    PARTS = 128 * FUZZ_BIT_OWN,
    NAMED = 256 * FUZZ_BIT_OWN
};
enum { LONGEST = 1 << 18, FINDINGS = 256 };
enum { LONG_LINE = 8000 }; /* an answer has no lines that are much longer */

static struct fuzz_description offer, answer;
static unsigned char out[LONGEST], again[LONGEST];
static sipv_diag findings[FINDINGS];

/* Splits the text at its first empty line. */
static sipv_slice take_offer(sipv_slice *rest)
{
    const sipv_slice all = *rest;
    for (size_t i = 3; i < all.n; i++)
        if (memcmp(all.p + i - 3, "\r\n\r\n", 4) == 0) {
            *rest = sipv_slice_of(all.p + i + 1, all.n - i - 1);
            return sipv_slice_of(all.p, i - 1);
        }
    *rest = sipv_slice_of(all.p + all.n, 0);
    return all;
}

static sipv_sdp_capabilities capabilities(const struct fuzz_input *in)
{
    static const sipv_sdp_codec codecs[] = {{{(const unsigned char *)"PCMA", 4}, 8000, 1},
                                            {{(const unsigned char *)"opus", 4}, 0, 0},
                                            {{(const unsigned char *)"VP8", 3}, 90000, 0}};
    sipv_sdp_capabilities local;
    memset(&local, 0, sizeof local);
    local.address = sipv_slice_text(in->bits & PASSIVE ? "2001:db8::7" : "192.0.2.7");
    if (in->bits & FEW_CODECS) {
        local.codecs = codecs;
        local.n_codecs = 3;
    }
    local.local_order = in->bits & LOCAL_ORDER;
    local.one_codec = in->bits & ONE_CODEC;
    local.no_bundle = local.no_rtcp_mux = in->bits & NO_BUNDLE;
    local.passive = in->bits & PASSIVE;
    if (in->bits & SECURE) {
        local.fingerprint = sipv_slice_text("sha-256 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:"
                                            "6B:19:E5:7C:AB:4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF");
        local.crypto = sipv_slice_text("inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj");
    }
    if (in->bits & ICE) {
        local.ice_ufrag = sipv_slice_text("8hhY");
        local.ice_pwd = sipv_slice_text("asd88fgpdd777uzjYhagZg");
    }
    if (in->bits & NAMED) {
        local.username = sipv_slice_text("una");
        local.port = 65532;
        local.sess_id = UINT64_MAX;
    }
    local.direction = (sipv_sdp_direction)(fuzz_number(in) & 3);
    local.reject = fuzz_number(in) >> 2;
    return local;
}

/* ---- Judgements --------------------------------------------------------------------------------
 */

static int judge(int check(const sipv_sdp *, const sipv_sdp *, sipv_diag *, size_t, size_t *),
                 const sipv_sdp *a, const sipv_sdp *b)
{
    size_t n = 0;
    bool errors = false;
    const uint64_t before = fuzz_allocations;
    const int result = check(a, b, findings, FINDINGS, &n);
    FUZZ_CHECK(allocation, fuzz_allocations == before, "judging allocates");
    for (size_t i = 0; i < n && i < FINDINGS; i++) {
        const sipv_diag *d = &findings[i];
        errors |= d->severity == SIPV_ERROR;
        FUZZ_CHECK(refusal, sipv_sdp_diag_find(d->code), "a finding without code");
        FUZZ_CHECK(refusal, d->off <= b->data.n && d->len <= b->data.n - d->off,
                   "a finding outside the answer");
    }
    FUZZ_CHECK(refusal, result == SIPV_NO_SPACE || result == (errors ? SIPV_REJECT : SIPV_OK),
               "a judgement without its reason");
    return result;
}

/* ---- Our own answer ----------------------------------------------------------------------------
 */

static bool media_of(const sipv_sdp *s, size_t section, sipv_sdp_media *media)
{
    return sipv_sdp_media_of(s, &s->lines[s->sections[section].first], media) == SIPV_OK;
}

static bool is_offered(const sipv_sdp_media *media, sipv_slice format)
{
    sipv_slice offered;
    for (size_t at = 0; sipv_list_next(&media->formats, &at, &offered) == SIPV_OK;)
        if (sipv_slice_equal(offered, format))
            return true;
    return false;
}

/* Has the stream a group's address, as the C library reads it?  IPv4 from 224 to 239, IPv6 from
 * ff00 on. */
static bool is_multicast(const sipv_sdp *s, size_t i)
{
    sipv_sdp_connection c;
    char text[INET6_ADDRSTRLEN + 1] = {0};
    struct in_addr four;
    struct in6_addr six;
    const sipv_sdp_line *line = sipv_sdp_find_type(s, (unsigned)i, 'c', NULL);
    if (!line)
        line = sipv_sdp_find_type(s, SIPV_SDP_SESSION, 'c', NULL);
    if (!line || sipv_sdp_connection_of(s, line, &c) != SIPV_OK ||
        !sipv_slice_is(c.nettype, "IN") || !c.address.p || c.address.n >= sizeof text)
        return false;
    memcpy(text, c.address.p, c.address.n);
    if (sipv_slice_is(c.addrtype, "IP6"))
        return inet_pton(AF_INET6, text, &six) == 1 && IN6_IS_ADDR_MULTICAST(&six);
    return sipv_slice_is(c.addrtype, "IP4") && inet_pton(AF_INET, text, &four) == 1 &&
           IN_MULTICAST(ntohl(four.s_addr));
}

/* RFC 3264 section 6.1: what one side sends the other receives; 6.2: all of a group do the same. */
static bool direction_fits(bool multicast, unsigned offered, unsigned answered)
{
    if (multicast)
        return offered == answered;
    switch (offered) {
    case SIPV_SDP_SENDRECV: return true;
    case SIPV_SDP_SENDONLY: return answered == SIPV_SDP_RECVONLY || answered == SIPV_SDP_INACTIVE;
    case SIPV_SDP_RECVONLY: return answered == SIPV_SDP_SENDONLY || answered == SIPV_SDP_INACTIVE;
    default: return answered == SIPV_SDP_INACTIVE;
    }
}

/* The first line about a format among those of an attribute, from the offer. */
static const sipv_sdp_line *line_about(size_t section, unsigned id, sipv_slice format)
{
    const sipv_sdp_line *line = NULL;
    while ((line = sipv_sdp_find(&offer.s, (unsigned)section, id, line)) != NULL) {
        sipv_sdp_fmtp f;
        if (sipv_sdp_fmtp_of(&offer.s, line, &f) == SIPV_OK && sipv_slice_equal(f.format, format))
            return line;
    }
    return NULL;
}

/* Section 6.1: what describes a format is as it was offered, format by format. */
static void check_parameters(size_t i, const sipv_sdp_media *answered)
{
    const sipv_sdp_line *line = NULL;
    sipv_slice format;
    for (size_t at = 0; sipv_list_next(&answered->formats, &at, &format) == SIPV_OK;) {
        const sipv_sdp_line *const offered = line_about(i, SIPV_SDP_A_FMTP, format);
        if (!offered)
            continue;
        line = sipv_sdp_find(&answer.s, (unsigned)i, SIPV_SDP_A_FMTP, line);
        FUZZ_CHECK(offer_answer, line && sipv_slice_equal(line->value, offered->value),
                   "a format with other parameters");
    }
    FUZZ_CHECK(offer_answer, !sipv_sdp_find(&answer.s, (unsigned)i, SIPV_SDP_A_FMTP, line),
               "parameters of no format");
}

/* Is this payload type of the answer a retransmission? */
static bool is_retransmission(size_t i, sipv_slice format)
{
    const sipv_sdp_line *line = NULL;
    uint64_t type = 0;
    sipv_sdp_rtpmap map;
    sipv_number(format, 127, &type);
    while ((line = sipv_sdp_find(&answer.s, (unsigned)i, SIPV_SDP_A_RTPMAP, line)) != NULL)
        if (sipv_sdp_rtpmap_of(&answer.s, line, &map) == SIPV_OK &&
            map.payload_type == (int64_t)type)
            return sipv_slice_is(map.encoding, "rtx");
    return false;
}

/* RFC 4588 8.1: what is sent again is of a format that is there. */
static void check_retransmissions(size_t i, const sipv_sdp_media *answered)
{
    const sipv_sdp_line *line = NULL;
    while ((line = sipv_sdp_find(&answer.s, (unsigned)i, SIPV_SDP_A_FMTP, line)) != NULL) {
        sipv_sdp_fmtp f;
        sipv_param p = {{NULL, 0}, {NULL, 0}};
        uint64_t original = 0, type;
        bool there = false;
        size_t at = 0;
        if (sipv_sdp_fmtp_of(&answer.s, line, &f) != SIPV_OK || !is_retransmission(i, f.format))
            continue;
        while (sipv_sdp_fmtp_next(f.parameters, &at, &p) == SIPV_OK &&
               !sipv_slice_is(p.name, "apt"))
            p.value = sipv_slice_of(NULL, 0);
        if (!p.value.p || sipv_number(p.value, 127, &original) != SIPV_OK)
            continue;
        sipv_slice format;
        for (at = 0; sipv_list_next(&answered->formats, &at, &format) == SIPV_OK;)
            there |= sipv_number(format, 127, &type) == SIPV_OK && type == original;
        FUZZ_CHECK(offer_answer, there, "a retransmission of nothing");
    }
}

/* Is there a stream of the answer with this mid that was accepted? */
static bool is_accepted(sipv_slice mid)
{
    sipv_sdp_media m;
    for (size_t i = 0; i < answer.s.n_sections; i++) {
        const sipv_sdp_section *const x = &answer.s.sections[i];
        if (x->mid && sipv_slice_equal(answer.s.lines[x->mid].value, mid) &&
            media_of(&answer.s, i, &m) && m.port != 0)
            return true;
    }
    return false;
}

/* Is it in a group of the answer? */
static bool is_grouped(sipv_slice mid)
{
    const sipv_sdp_line *line = NULL;
    sipv_slice other;
    while ((line = sipv_sdp_find(&answer.s, SIPV_SDP_SESSION, SIPV_SDP_A_GROUP, line)) != NULL) {
        sipv_sdp_group group;
        if (sipv_sdp_group_of(&answer.s, line, &group) != SIPV_OK)
            continue;
        for (size_t at = 0; sipv_list_next(&group.mids, &at, &other) == SIPV_OK;)
            if (sipv_slice_equal(mid, other))
                return true;
    }
    return false;
}

/* The first stream of the answer with this mid. */
static size_t first_with(sipv_slice mid)
{
    size_t i = 0;
    while (i < answer.s.n_sections &&
           !(answer.s.sections[i].mid &&
             sipv_slice_equal(answer.s.lines[answer.s.sections[i].mid].value, mid)))
        i++;
    return i;
}

/* RFC 9143 7.1.3: what says how all of a group are transported stands in the first of it alone. */
static bool has_transport(size_t i)
{
    static const unsigned ids[] = {SIPV_SDP_A_FINGERPRINT, SIPV_SDP_A_SETUP,
                                   SIPV_SDP_A_CRYPTO,      SIPV_SDP_A_ICE_UFRAG,
                                   SIPV_SDP_A_RTCP_MUX,    SIPV_SDP_A_CONNECTION};
    for (size_t k = 0; k < sizeof ids / sizeof *ids; k++)
        if (sipv_sdp_find(&answer.s, (unsigned)i, ids[k], NULL))
            return true;
    return false;
}

/* RFC 9143 7.3: all of a group were accepted and have one port; the first of them was offered with
 * a port (7.3.1), and says what holds for the others. */
static void check_group(const sipv_sdp_group *group)
{
    sipv_sdp_media first, m;
    sipv_slice mid;
    size_t at = 0;
    FUZZ_CHECK(offer_answer, sipv_list_next(&group->mids, &at, &mid) == SIPV_OK && is_accepted(mid),
               "a group of nothing");
    const size_t tagged = first_with(mid);
    FUZZ_CHECK(offer_answer, media_of(&offer.s, tagged, &m) && m.port != 0,
               "a group whose first stream was offered without a port");
    FUZZ_CHECK(offer_answer,
               media_of(&answer.s, tagged, &first) && !is_multicast(&answer.s, tagged),
               "a group at the address of another");
    while (sipv_list_next(&group->mids, &at, &mid) == SIPV_OK) {
        const size_t i = first_with(mid);
        FUZZ_CHECK(offer_answer, is_accepted(mid), "a group with a rejected stream");
        FUZZ_CHECK(offer_answer,
                   media_of(&answer.s, i, &m) && m.port == first.port &&
                       !is_multicast(&answer.s, i),
                   "a group of two ports");
        FUZZ_CHECK(offer_answer, !has_transport(i), "a group with two transports");
    }
}

static void check_groups(void)
{
    const sipv_sdp_line *line = NULL;
    while ((line = sipv_sdp_find(&answer.s, SIPV_SDP_SESSION, SIPV_SDP_A_GROUP, line)) != NULL) {
        sipv_sdp_group group;
        FUZZ_CHECK(offer_answer, sipv_sdp_group_of(&answer.s, line, &group) == SIPV_OK,
                   "a group that is none");
        check_group(&group);
    }
}

/* Two streams have a port in common in a group alone, or where ports come to their end. */
static void check_ports(void)
{
    enum { LAST = 65534, GROUP = 1, STREAM };
    static unsigned char taken[65536];
    sipv_sdp_media m;
    memset(taken, 0, sizeof taken);
    for (size_t i = 0; i < answer.s.n_sections; i++) {
        const unsigned mid = answer.s.sections[i].mid;
        if (!media_of(&answer.s, i, &m) || m.port <= 0 || m.port >= LAST ||
            is_multicast(&answer.s, i))
            continue;
        const unsigned char owner = mid && is_grouped(answer.s.lines[mid].value) &&
                                            first_with(answer.s.lines[mid].value) == i
                                        ? GROUP
                                        : STREAM;
        FUZZ_CHECK(offer_answer, !taken[m.port] || (owner == GROUP && taken[m.port] == GROUP),
                   "one port for two streams");
        taken[m.port] = owner;
    }
}

static void check_stream(size_t i, const sipv_sdp_capabilities *local)
{
    sipv_sdp_media a, b;
    sipv_slice format;
    if (!media_of(&offer.s, i, &a)) /* malformed, which interop steps over */
        return;
    FUZZ_CHECK(offer_answer, media_of(&answer.s, i, &b), "an answer without a stream");
    FUZZ_CHECK(offer_answer, sipv_slice_equal_nocase(a.media, b.media), "another medium");
    FUZZ_CHECK(offer_answer, sipv_slice_equal_nocase(a.proto, b.proto), "another transport");
    if (b.port == 0)
        return;
    FUZZ_CHECK(offer_answer, i >= 64 || !(local->reject >> i & 1), "a rejected stream has a port");
    FUZZ_CHECK(offer_answer,
               direction_fits(is_multicast(&offer.s, i), offer.s.sections[i].direction,
                              answer.s.sections[i].direction),
               "a direction that does not fit");
    for (size_t at = 0; sipv_list_next(&b.formats, &at, &format) == SIPV_OK;)
        FUZZ_CHECK(offer_answer, is_offered(&a, format), "a format that was not offered");
    check_parameters(i, &b);
    check_retransmissions(i, &b);
}

static void check_answer(const sipv_sdp_capabilities *local, sipv_slice text)
{
    /* parts of a relaxed m= line come back as they were */
    const sipv_sdp_options *const options = &offer.s.options;
    FUZZ_CHECK(offer_answer, fuzz_sdp_parse(&answer, text, options, 0) == SIPV_OK,
               "an answer that was made is refused");
    FUZZ_CHECK(offer_answer, answer.s.n_sections == offer.s.n_sections,
               "another number of streams");
    for (size_t i = 0; i < offer.s.n_sections; i++)
        check_stream(i, local);
    check_groups();
    check_ports();
    FUZZ_CHECK(offer_answer, judge(sipv_sdp_check_answer, &offer.s, &answer.s) != SIPV_REJECT,
               "an answer that was made is not allowed");
    FUZZ_CHECK(offer_answer, judge(sipv_sdp_check_next, &answer.s, &answer.s) != SIPV_REJECT,
               "nothing may be said twice");
}

static void make_answer(const struct fuzz_input *in)
{
    const sipv_sdp_capabilities local = capabilities(in);
    size_t n = 0, need = 0;
    const uint64_t before = fuzz_allocations, work = fuzz_work;
    const int result = sipv_sdp_answer(&offer.s, &local, out, LONGEST, &n);
    fuzz_check_work(work, offer.s.data.n, false);
    FUZZ_CHECK(allocation, fuzz_allocations == before, "answering allocates");
    FUZZ_CHECK(offer_answer, offer.s.accepted == (result != SIPV_REJECT),
               "only what was refused has no answer");
    FUZZ_CHECK(offer_answer, result != SIPV_BAD_ARGUMENT || offer.s.data.n > LONG_LINE,
               "an answer with a line that nobody can write");
    if (result != SIPV_OK)
        return;
    FUZZ_CHECK(offer_answer,
               sipv_sdp_answer(&offer.s, &local, again, n / 2, &need) == SIPV_NO_SPACE && need == n,
               "another size is asked for");
    check_answer(&local, sipv_slice_of(out, n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in;
    sipv_limits limits;
    if (!fuzz_open(&in, data, size))
        return 0;
    in.bits &= ~(uint32_t)FUZZ_BIT_LIMITS;
    sipv_sdp_options options = fuzz_sdp_options(&in, &limits);
    if (in.bits & PARTS) {
        limits.formats = 1 << 14; /* more than are compared quickly */
        limits.media = FUZZ_SDP_SECTIONS;
        options.limits = &limits;
    }
    sipv_slice rest = fuzz_text(&in);
    fuzz_sdp_parse(&offer, take_offer(&rest), &options, 0);
    if (rest.n) {
        fuzz_sdp_parse(&answer, rest, &options, 0);
        judge(sipv_sdp_check_answer, &offer.s, &answer.s);
        judge(sipv_sdp_check_next, &offer.s, &answer.s);
        judge(sipv_sdp_check_next, &answer.s, &offer.s);
    }
    make_answer(&in);
    if (in.bits & PARTS) {
        fuzz_check_parameters(&offer.s);
        fuzz_check_refusals(&offer.s);
    }
    fuzz_close(&in);
    return 0;
}
