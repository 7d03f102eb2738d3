/* A program of somebody else's that uses the SIP parser alone; C11 and C++17. */
#include <sipvet/parser.h>

#include <stdio.h>

static const char message[] = "OPTIONS sip:bob@example.com SIP/2.0\r\n"
                              "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"
                              "v: SIP/2.0/TCP [2001:db8::1]:5080;branch=z9hG4bK0\r\n"
                              "Max-Forwards: 70\r\n"
                              "From: <sip:alice@example.com>;tag=1\r\n"
                              "To: <sip:bob@example.com>\r\n"
                              "Call-ID: 1@192.0.2.1\r\n"
                              "CSeq: 1 OPTIONS\r\n"
                              "Content-Length: 0\r\n"
                              "\r\n";

int main(void)
{
    static sipv_header headers[32];
    static sipv_event events[512];
    static sipv_diag diags[8];
    sipv_message m;
    sipv_message_init(&m, headers, 32, events, 512, diags, 8);
    int result = sipv_message_parse(&m, message, sizeof message - 1, NULL);
    if (result != SIPV_OK || m.max_forwards != 70) {
        printf("parse: %d\n", result);
        return 1;
    }
    sipv_via via;
    sipv_iter it = sipv_each(&m, SIPV_H_VIA);
    int vias = 0;
    while (sipv_via_next(&it, &via) == SIPV_OK)
        vias++;
    if (vias != 2 || via.port != 5080) {
        printf("%d Via, port %d\n", vias, (int)via.port);
        return 1;
    }
    return 0;
}
