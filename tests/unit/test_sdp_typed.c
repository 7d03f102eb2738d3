/* Session descriptions: typed forms of attributes, their names, the catalogue of findings. */
#include "sdp_text.h"

TestSuite(sdp_typed, .init = open_all, .fini = close_all);

Test(sdp_typed, typed_forms)
{
    cr_assert_eq(described_text(&d, HEAD "m=audio 9/2 RTP/AVP 96 97\r\na=rtpmap:96 opus/48000/2\r\n"
                                         "a=fmtp:96 minptime=10; useinbandfec=1;x\r\na=recvonly\r\n"
                                         "a=rtpmap:97 CN/8000\r\n"),
                 SIPV_OK);
    const sipv_sdp *s = &d.s;
    sipv_sdp_media m;
    sipv_sdp_rtpmap map;
    sipv_sdp_fmtp fmtp;
    sipv_param p;
    sipv_slice format;
    size_t at = 0;
    cr_assert_eq(s->n_sections, 1);
    cr_assert_eq(s->sections[0].direction, SIPV_SDP_RECVONLY);
    cr_assert_eq(sipv_sdp_media_of(s, &s->lines[s->sections[0].first], &m), SIPV_OK);
    cr_assert(m.port == 9 && m.port_count == 2 && sipv_slice_is(m.proto, "RTP/AVP"));
    cr_assert(sipv_list_next(&m.formats, &at, &format) == SIPV_OK && sipv_slice_is(format, "96"));
    cr_assert(sipv_list_next(&m.formats, &at, &format) == SIPV_OK && sipv_slice_is(format, "97"));
    cr_assert_eq(sipv_list_next(&m.formats, &at, &format), SIPV_END);
    const sipv_sdp_line *line = sipv_sdp_find(s, 0, SIPV_SDP_A_RTPMAP, NULL);
    cr_assert_eq(sipv_sdp_rtpmap_of(s, line, &map), SIPV_OK);
    cr_assert(map.payload_type == 96 && map.clock_rate == 48000 && map.channels == 2);
    line = sipv_sdp_find(s, 0, SIPV_SDP_A_RTPMAP, line);
    cr_assert_eq(sipv_sdp_rtpmap_of(s, line, &map), SIPV_OK);
    cr_assert(map.payload_type == 97 && map.channels == SIPV_NUMBER_ABSENT);
    cr_assert_null(sipv_sdp_find(s, 0, SIPV_SDP_A_RTPMAP, line));
    cr_assert_eq(sipv_sdp_fmtp_of(s, line, &fmtp), SIPV_BAD_ARGUMENT);
    line = sipv_sdp_find(s, 0, SIPV_SDP_A_FMTP, NULL);
    cr_assert_eq(sipv_sdp_fmtp_of(s, line, &fmtp), SIPV_OK);
    at = 0;
    cr_assert_eq(sipv_sdp_fmtp_next(fmtp.parameters, &at, &p), SIPV_OK);
    cr_assert(sipv_slice_is(p.name, "minptime") && sipv_slice_is(p.value, "10"));
    cr_assert_eq(sipv_sdp_fmtp_next(fmtp.parameters, &at, &p), SIPV_OK);
    cr_assert(sipv_slice_is(p.name, "useinbandfec") && sipv_slice_is(p.value, "1"));
    cr_assert_eq(sipv_sdp_fmtp_next(fmtp.parameters, &at, &p), SIPV_OK);
    cr_assert(sipv_slice_is(p.name, "x") && !p.value.p);
    cr_assert_eq(sipv_sdp_fmtp_next(fmtp.parameters, &at, &p), SIPV_END);
}

/* A number of ports or addresses is as out of range as what it leads to. */
Test(sdp_typed, counts_end_at_the_last_port_and_address)
{
    static const struct {
        const char *text;
        int64_t ports, addresses; /* in the typed form */
        size_t off;               /* of the error behind the m= letter, 0 for none */
    } cases[] = {
        {"m=audio 65534/2 RTP/AVP 0\r\nc=IN IP4 239.255.255.254/1/2\r\n", 2, 2, 0},
        {"m=audio 65535/2 RTP/AVP 0\r\nc=IN IP4 239.255.255.254/1/2\r\n", SIPV_NUMBER_RANGE, 2, 14},
        {"m=audio 65534/2 RTP/AVP 0\r\nc=IN IP4 239.255.255.254/1/3\r\n", 2, SIPV_NUMBER_RANGE, 54},
        {"m=audio 9/65535 RTP/AVP 0\r\nc=IN IP6 ff15::101/3\r\n", SIPV_NUMBER_RANGE, 3, 10},
        {"m=audio 9/2 RTP/AVP 0\r\nc=IN IP4 224.2.1.1/127/2000000000\r\n", 2, SIPV_NUMBER_RANGE,
         46},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sipv_sdp_media m;
        sipv_sdp_connection c;
        sprintf(text, HEAD "%s", cases[i].text);
        cr_assert_eq(described_text(&d, text), cases[i].off ? SIPV_REJECT : SIPV_OK, "case %zu", i);
        const sipv_sdp *s = &d.s;
        const sipv_diag *e = error_of(s);
        cr_assert(!e || (e->off == strlen(HEAD) + cases[i].off && e->code == 1013), "case %zu: %zu",
                  i, e ? e->off : 0);
        cr_assert_eq(sipv_sdp_media_of(s, &s->lines[s->sections[0].first], &m), SIPV_OK);
        cr_assert_eq(sipv_sdp_connection_of(s, sipv_sdp_find_type(s, 0, 'c', NULL), &c), SIPV_OK);
        cr_assert(m.port_count == cases[i].ports && c.addresses == cases[i].addresses, "case %zu",
                  i);
    }
}

/* No field of a typed form is one that nothing can fill. */
Test(sdp_typed, every_field_can_be_filled)
{
    enum { TRIES = 4000 };
    static unsigned char value[4096];
    bool filled[SIPV_SDP_VIEW_COUNT][16] = {{false}};
    size_t fields[SIPV_SDP_VIEW_COUNT] = {0};
    for (unsigned id = 1; id < SIPV_SDP_A_COUNT; id++) {
        const sipv_sdp_attribute_info *info = sipv_sdp_attribute_info_of(id);
        uint64_t seed = id;
        for (int i = 0; info->rule >= 0 && i < TRIES; i++) {
            size_t n = 0;
            sipv_sdp_field f;
            if (sipv_sample(sipv_sdp_grammar(), info->rule, false, &seed, value, 2048, &n, NULL) !=
                    SIPV_OK ||
                n == 0)
                continue;
            size_t all = (size_t)sprintf(text, HEAD AUDIO "a=%s:", info->name);
            memcpy(text + all, value, n);
            all += n;
            memcpy(text + all, "\r\n", 2);
            described(&d, text, all + 2, SIPV_STRICT);
            const sipv_sdp_line *line = sipv_sdp_find(&d.s, 0, id, NULL);
            if (!line) /* control characters in a value that is any text */
                continue;
            for (size_t k = 0; sipv_sdp_field_at(&d.s, line, k, &f) == SIPV_OK; k++) {
                fields[info->view] = k + 1;
                filled[info->view][k] |= f.slice.p || f.number >= 0 || f.list.n;
            }
        }
    }
    for (int view = 0; view < SIPV_SDP_VIEW_COUNT; view++)
        for (size_t k = 0; k < fields[view]; k++)
            cr_assert(filled[view][k], "field %zu of view %d", k, view);
}

Test(sdp_typed, names)
{
    cr_assert_eq(sipv_sdp_attribute_find(sipv_slice_text("rtpmap")), SIPV_SDP_A_RTPMAP);
    cr_assert_eq(sipv_sdp_attribute_find(sipv_slice_text("RTPMAP")), SIPV_SDP_A_OTHER);
    cr_assert_eq(sipv_sdp_attribute_find(sipv_slice_text("rtpma")), SIPV_SDP_A_OTHER);
    cr_assert_eq(sipv_sdp_attribute_find(sipv_slice_text("")), SIPV_SDP_A_OTHER);
    cr_assert_null(sipv_sdp_attribute_info_of(SIPV_SDP_A_OTHER));
    cr_assert_null(sipv_sdp_attribute_info_of(SIPV_SDP_A_COUNT));
    for (unsigned id = 1; id < SIPV_SDP_A_COUNT; id++) {
        const sipv_sdp_attribute_info *info = sipv_sdp_attribute_info_of(id);
        cr_assert_eq(sipv_sdp_attribute_find(sipv_slice_text(info->name)), id);
    }
}

Test(sdp_typed, the_catalogue_is_in_order)
{
    unsigned before = 0;
    for (size_t i = 0; sipv_sdp_diag_at(i); i++) {
        const sipv_diag_info *info = sipv_sdp_diag_at(i);
        cr_assert(info->code > before);
        cr_assert_eq(sipv_sdp_diag_find(info->code), info);
        before = info->code;
    }
    cr_assert(before > 0);
    cr_assert_null(sipv_sdp_diag_find(1));
    cr_assert_null(sipv_sdp_diag_find(9999));
}

Test(sdp_typed, explains_what_was_expected)
{
    sipv_match match;
    described_text(&d, HEAD "m=audio x RTP/AVP 0\r\n");
    cr_assert_eq(sipv_sdp_explain(&d.s, &d.s.diags[0], d.explainer, &match), SIPV_OK);
    cr_assert_eq(match.error_offset, 6);
    cr_assert_str_eq(match.expected[0], "DIGIT");
    described_text(&d, HEAD "m=audio 9 RTP/AVP 0\r\nt=0 0\r\n");
    cr_assert_eq(sipv_sdp_explain(&d.s, &d.s.diags[0], d.explainer, &match), SIPV_ABSENT);
}

/* The line that holds is the section's own, malformed or not, else the session's. */
Test(sdp_typed, the_line_that_holds_for_a_section)
{
    static const char offer[] =
        HEAD "a=setup:actpass\r\na=ptime:20\r\n" AUDIO "a=setup:x\r\na=setup:active\r\n" AUDIO;
    described(&d, offer, sizeof offer - 1, SIPV_INTEROP);
    const sipv_sdp_line *line = sipv_sdp_find_effective(&d.s, 0, SIPV_SDP_A_SETUP);
    cr_assert(sipv_slice_is(line->value, "x") && line->state == SIPV_SDP_MALFORMED);
    line = sipv_sdp_find_effective(&d.s, 1, SIPV_SDP_A_SETUP);
    cr_assert(sipv_slice_is(line->value, "actpass") && line->section == SIPV_SDP_SESSION);
    cr_assert_null(sipv_sdp_find_effective(&d.s, 1, SIPV_SDP_A_MID));
    line = sipv_sdp_find_effective(&d.s, SIPV_SDP_SESSION, SIPV_SDP_A_PTIME);
    cr_assert(sipv_slice_is(line->value, "20"));
}
