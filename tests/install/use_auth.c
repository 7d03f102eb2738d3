/* A program of somebody else's that uses the digest library alone; C11 and C++17. */
#include <sipvet/auth.h>

#include <stdio.h>
#include <string.h>

/* RFC 2617 section 3.5. */
static const char header[] =
    "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", "
    "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", uri=\"/dir/index.html\", qop=auth, "
    "nc=00000001, cnonce=\"0a4f113b\", response=\"6629fae49393a05397450978507c4ef1\", "
    "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"";

int main(void)
{
    sipv_event events[64];
    unsigned char text[256];
    sipv_room room = sipv_room_of(events, 64, text, sizeof text);
    sipv_credentials c;
    if (sipv_credentials_parse(sipv_slice_text(header), &room, &c) != SIPV_OK ||
        c.fault.reason != SIPV_FINE || c.qop != SIPV_QOP_AUTH) {
        printf("credentials: %s\n", sipv_auth_reason_name(c.fault.reason));
        return 1;
    }
    sipv_hasher *h = sipv_hasher_new();
    sipv_digest d;
    sipv_digits right;
    memset(&d, 0, sizeof d);
    d.algorithm = c.algorithm;
    d.qop = c.qop;
    d.username = c.username;
    d.realm = c.realm;
    d.password = sipv_slice_text("Circle Of Life");
    d.method = sipv_slice_text("GET");
    d.uri = c.uri;
    d.nonce = c.nonce;
    d.nc = c.nc;
    d.cnonce = c.cnonce;
    const int result = h ? sipv_digest_response(h, &d, NULL, &right) : SIPV_ABSENT;
    sipv_hasher_free(h);
    if (result != SIPV_OK || !sipv_digits_equal(&right, c.response)) {
        printf("response: %d\n", result);
        return 1;
    }
    return 0;
}
