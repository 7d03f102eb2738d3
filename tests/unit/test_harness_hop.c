/* Where URIs lead: RFC 3261 section 19.1.1, 26.2.2, RFC 3263 section 4. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <hop.h>

static const struct {
    const char *uri;
    const char *hop; /* transport and hostport, or NULL */
} cases[] = {
    {"sip:bob@b.example", "UDP b.example:5060"},
    {"sip:B.Example:5070", "UDP b.example:5070"},
    {"sip:bob@192.0.2.1;transport=tcp", "TCP 192.0.2.1:5060"},
    {"sip:bob@192.0.2.1;TRANSPORT=TCP;lr", "TCP 192.0.2.1:5060"},
    {"sip:bob@192.0.2.1;transport=tls", "TLS 192.0.2.1:5061"},
    {"sips:bob@b.example", "TLS b.example:5061"},
    {"sips:bob@b.example;transport=tcp", "TLS b.example:5061"},
    {"sips:bob@b.example:5060", "TLS b.example:5060"},
    {"sip:bob@[2001:db8::1]:65535", "UDP [2001:db8::1]:65535"},
    {"sip:bob@b.example;maddr=192.0.2.9", "UDP 192.0.2.9:5060"},
    {"sip:bob@b.example;maddr=[::1]", "UDP [::1]:5060"},
    {"sips:bob@b.example;transport=udp", NULL},
    {"sip:bob@b.example;transport=sctp", NULL},
    {"sip:bob@b.example;transport", NULL},
    {"sip:bob@b.example:0", NULL},
    {"sip:bob@b.example:65536", NULL},
    {"tel:+1-212-555-0100", NULL},
    {"http://b.example/", NULL},
    {"sip:", NULL},
    {"", NULL},
};

Test(hop, of_uri)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char hostport[HOP_TEXT], text[HOP_TEXT + 8] = "";
        struct hop hop;
        const int result = hop_of_uri(sipv_slice_text(cases[i].uri), &hop);
        cr_expect_eq(result, cases[i].hop ? SIPV_OK : SIPV_REJECT, "%s", cases[i].uri);
        if (result != SIPV_OK || !cases[i].hop)
            continue;
        hop_hostport(&hop, hostport);
        snprintf(text, sizeof text, "%s %s", hop_transport_name(hop.transport), hostport);
        cr_expect_str_eq(text, cases[i].hop, "%s", cases[i].uri);
    }
}

Test(hop, of_uri_cut_anywhere)
{
    const char *uri = "sips:bob@[2001:db8::1]:5061;transport=tcp;maddr=192.0.2.9";
    for (size_t n = 0; n <= strlen(uri); n++) {
        struct hop hop;
        hop_of_uri(sipv_slice_of(uri, n), &hop);
    }
}

Test(hop, of_host)
{
    char longest[HOP_HOST + 1];
    struct hop a, b;
    memset(longest, 'a', sizeof longest);
    cr_expect_eq(hop_of_host(HOP_UDP, sipv_slice_of(longest, HOP_HOST), 1, &a), SIPV_OK);
    cr_expect_eq(hop_of_host(HOP_UDP, sipv_slice_of(longest, HOP_HOST + 1), 1, &a), SIPV_REJECT);
    cr_expect_eq(hop_of_host(HOP_UDP, sipv_slice_text(""), 1, &a), SIPV_REJECT);
    cr_expect_eq(hop_of_host(HOP_UDP, sipv_slice_text("[]"), 1, &a), SIPV_REJECT);
    cr_expect_eq(hop_of_host(HOP_UDP, sipv_slice_of("a\0b", 3), 1, &a), SIPV_REJECT);
    cr_expect_eq(hop_of_host(HOP_UDP, sipv_slice_text("::1"), 5060, &a), SIPV_OK);
    cr_expect_eq(hop_of_host(HOP_UDP, sipv_slice_text("[::1]"), 5060, &b), SIPV_OK);
    cr_expect(hop_equal(&a, &b));
    b.transport = HOP_TCP;
    cr_expect_not(hop_equal(&a, &b));
}
