/* templates.c: the messages whose elements are replaced, one at a time. */
#include "groups.h"

#define FIXED(text)                                                                                \
    {                                                                                              \
        NULL, text, ELEMENT_LITERAL, 0, IN_HEADER, false                                           \
    }
#define START(group, text, element)                                                                \
    {                                                                                              \
        group, text, element, 0, IN_START, false                                                   \
    }
/* Of Via, From, To, Call-ID, CSeq, Content-Length. */
#define MANDATORY(group, text, element, max)                                                       \
    {                                                                                              \
        group, text, element, max, IN_MANDATORY, false                                             \
    }
#define HEADER(group, text, element, max)                                                          \
    {                                                                                              \
        group, text, element, max, IN_HEADER, true                                                 \
    }
#define BODY(group, text, element, max)                                                            \
    {                                                                                              \
        group, text, element, max, IN_BODY, false                                                  \
    }

/* The INVITE of the 54 groups; "valid" is the one without any change. */
static const struct piece invite[] = {
    START("crlf-request", "", ELEMENT_LITERAL),
    START("method", "INVITE", ELEMENT_LITERAL),
    FIXED(" "),
    START("request-uri", "sip:bob@example.com", ELEMENT_LITERAL),
    FIXED(" "),
    START("version", "SIP/2.0", ELEMENT_WORDLESS),
    START("request-crlf", "\r\n", ELEMENT_LITERAL),
    FIXED("Via: SIP/"),
    MANDATORY("via-version", "2.0", ELEMENT_TOKEN, 0),
    FIXED("/UDP "),
    MANDATORY("via-host", "pc33.example.com", ELEMENT_HOST, 0),
    MANDATORY("via-hostcolon", ":", ELEMENT_JOINT, 0),
    MANDATORY("via-hostport", "5060", ELEMENT_NUMBER, 65535),
    FIXED(";branch="),
    MANDATORY("via-tag", "z9hG4bK776asdhds", ELEMENT_TOKEN, 0),
    FIXED("\r\nMax-Forwards: "),
    HEADER("max-forwards", "70", ELEMENT_NUMBER, 255),
    FIXED("\r\nFrom: "),
    MANDATORY("from-displayname", "Alice", ELEMENT_DISPLAY_NAME, 0),
    FIXED(" <sip"),
    MANDATORY("from-colon", ":", ELEMENT_LITERAL, 0),
    MANDATORY("from-uri", "alice@example.com", ELEMENT_HOST, 0),
    FIXED(">;tag="),
    MANDATORY("from-tag", "1928301774", ELEMENT_TOKEN, 0),
    FIXED("\r\nTo: Bob "),
    MANDATORY("to-left-bracket", "<", ELEMENT_LITERAL_SWS, 0),
    FIXED("sip:"),
    MANDATORY("to", "bob@example.com", ELEMENT_HOST, 0),
    MANDATORY("to-right-bracket", ">", ELEMENT_LITERAL, 0),
    FIXED("\r\nCall-ID: "),
    MANDATORY("call-id-value", "a84b4c76e66710", ELEMENT_WORD, 0),
    MANDATORY("call-id-at", "@", ELEMENT_AT, 0),
    MANDATORY("call-id-ip", "192.0.2.1", ELEMENT_WORD, 0),
    FIXED("\r\nCSeq: "),
    MANDATORY("cseq-integer", "314159", ELEMENT_NUMBER, UINT32_MAX),
    FIXED(" "),
    MANDATORY("cseq-string", "INVITE", ELEMENT_LITERAL, 0),
    FIXED("\r\nContact: "),
    HEADER("contact-displayname", "Alice", ELEMENT_DISPLAY_NAME, 0),
    FIXED(" "),
    HEADER("contact-left-bracket", "<", ELEMENT_LITERAL_SWS, 0),
    FIXED("sip:"),
    HEADER("contact-uri", "alice@pc33.example.com", ELEMENT_HOST, 0),
    HEADER("contact-right-bracket", ">", ELEMENT_LITERAL, 0),
    FIXED("\r\nExpires: "),
    HEADER("expires", "3600", ELEMENT_NUMBER, UINT32_MAX),
    FIXED("\r\nContent-Type: "),
    HEADER("content-type", "application/sdp", ELEMENT_MEDIA_TYPE, 0),
    FIXED("\r\nContent-Length: "),
    MANDATORY("content-length", NULL, ELEMENT_NUMBER, 0),
    FIXED("\r\n\r\n"),
    BODY("sdp-v-identifier", "v", ELEMENT_LITERAL, 0),
    BODY("sdp-v-equal", "=", ELEMENT_LITERAL, 0),
    BODY("sdp-v-integer", "0", ELEMENT_ZERO, 0),
    FIXED("\r\no="),
    BODY("sdp-origin-username", "alice", ELEMENT_SDP_WORD, 0),
    FIXED(" "),
    BODY("sdp-origin-sessionid", "2890844526", ELEMENT_DIGITS, 0),
    FIXED(" 2890844526 "),
    BODY("sdp-origin-networktype", "IN", ELEMENT_SDP_TOKEN, 0),
    FIXED(" IP4 "),
    BODY("sdp-origin-ip", "192.0.2.1", ELEMENT_SDP_ADDRESS, 0),
    FIXED("\r\ns="),
    BODY("sdp-session", "-", ELEMENT_SDP_TEXT, 0),
    FIXED("\r\nc="),
    BODY("sdp-connection-networktype", "IN", ELEMENT_SDP_TOKEN, 0),
    FIXED(" IP4 "),
    BODY("sdp-connection-ip", "192.0.2.1", ELEMENT_SDP_ADDRESS, 0),
    FIXED("\r\nt="),
    BODY("sdp-time-start", "0", ELEMENT_SDP_TIME, 0),
    FIXED(" "),
    BODY("sdp-time-stop", "0", ELEMENT_SDP_TIME, 0),
    FIXED("\r\nm="),
    BODY("sdp-media-media", "audio", ELEMENT_SDP_TOKEN, 0),
    FIXED(" "),
    BODY("sdp-media-port", "49170", ELEMENT_SDP_NUMBER, 65535),
    FIXED(" "),
    BODY("sdp-media-transport", "RTP/AVP", ELEMENT_SDP_PROTO, 0),
    FIXED(" "),
    BODY("sdp-media-type", "0", ELEMENT_SDP_FORMATS, 0),
    FIXED("\r\na="),
    BODY("sdp-attribute-rtpmap", "rtpmap", ELEMENT_SDP_TOKEN, 0),
    BODY("sdp-attribute-colon", ":", ELEMENT_LITERAL, 0),
    BODY("sdp-attribute-payloadtype", "0", ELEMENT_SDP_NUMBER, 127),
    FIXED(" "),
    BODY("sdp-attribute-encodingname", "PCMU", ELEMENT_SDP_TOKEN, 0),
    BODY("sdp-attribute-slash", "/", ELEMENT_LITERAL, 0),
    BODY("sdp-attribute-clockrate", "8000", ELEMENT_SDP_CLOCK, 1000000),
    BODY("sdp-attribute-crlf", "\r\n", ELEMENT_LITERAL, 0),
};

static const struct piece response[] = {
    START("response-version", "SIP/2.0", ELEMENT_WORDLESS),
    FIXED(" "),
    START("response-status", "200", ELEMENT_STATUS),
    FIXED(" "),
    START("response-reason", "OK", ELEMENT_REASON),
    FIXED("\r\nVia: SIP/2.0/TCP pc33.example.com;received="),
    MANDATORY("response-received", "192.0.2.9", ELEMENT_IPV4, 0),
    FIXED(";rport="),
    MANDATORY("response-rport", "5060", ELEMENT_RPORT, 0),
    FIXED(";ttl="),
    MANDATORY("response-ttl", "16", ELEMENT_TTL, 255),
    FIXED(";branch=z9hG4bK7\r\nFrom: <sip:a@b.example>;tag=1\r\nTo: <sip:c@d.example>;tag="),
    MANDATORY("response-to-tag", "2", ELEMENT_TOKEN, 0),
    FIXED("\r\nCall-ID: 1@b.example\r\nCSeq: 1 "),
    MANDATORY("response-cseq-method", "INVITE", ELEMENT_TOKEN, 0),
    FIXED("\r\nRetry-After: "),
    HEADER("response-retry-after", "120", ELEMENT_DIGITS, 0),
    FIXED("\r\nMin-Expires: "),
    HEADER("response-min-expires", "60", ELEMENT_NUMBER, UINT32_MAX),
    FIXED("\r\nContent-Length: "),
    MANDATORY("response-content-length", NULL, ELEMENT_NUMBER, 0),
    FIXED("\r\n\r\n"),
};

static const struct piece registration[] = {
    FIXED("REGISTER sip:"),
    START("register-domain", "example.com", ELEMENT_HOST),
    FIXED(" SIP/2.0\r\nVia: SIP/2.0/"),
    MANDATORY("register-transport", "TLS", ELEMENT_TOKEN, 0),
    FIXED(" [2001:db8::9:1]:5061;branch=z9hG4bK7\r\nMax-Forwards: 70\r\n"
          "From: <sips:a@example.com>;tag=1\r\nTo: <sips:a@example.com>\r\nCall-ID: 1@h\r\n"
          "CSeq: 2 REGISTER\r\nContact: <sips:a@h.example.com>;q="),
    HEADER("register-q", "0.5", ELEMENT_Q, 0),
    FIXED(";expires="),
    HEADER("register-contact-expires", "60", ELEMENT_NUMBER, UINT32_MAX),
    FIXED("\r\nAuthorization: "),
    HEADER("digest-scheme", "Digest", ELEMENT_TOKEN, 0),
    FIXED(" username=\""),
    HEADER("digest-username", "alice", ELEMENT_QUOTED, 0),
    FIXED("\", realm=\""),
    HEADER("digest-realm", "example.com", ELEMENT_QUOTED, 0),
    FIXED("\", nonce=\""),
    HEADER("digest-nonce", "84a4cc6f3082121f32b42a2187831a9e", ELEMENT_QUOTED, 0),
    FIXED("\", uri=\"sips:example.com\", qop="),
    HEADER("digest-qop", "auth", ELEMENT_AUTH_VALUE, 0),
    FIXED(", nc="),
    HEADER("digest-nc", "00000001", ELEMENT_AUTH_VALUE, 0),
    FIXED(", cnonce=\""),
    HEADER("digest-cnonce", "0a4f113b", ELEMENT_QUOTED, 0),
    FIXED("\", response=\""),
    HEADER("digest-response", "7587245234b3434cc3412213e5f113a5", ELEMENT_QUOTED, 0),
    FIXED("\", algorithm="),
    HEADER("digest-algorithm", "MD5", ELEMENT_AUTH_VALUE, 0),
    FIXED(", opaque=\""),
    HEADER("digest-opaque", "", ELEMENT_QUOTED, 0),
    FIXED("\"\r\nContent-Length: 0\r\n\r\n"),
};

/* Compact names, and what dialogs hang on. */
static const struct piece compact[] = {
    FIXED("SUBSCRIBE sip:bob@example.com SIP/2.0\r\nv: SIP/2.0/UDP "),
    MANDATORY("compact-via-host", "192.0.2.1", ELEMENT_HOST, 0),
    FIXED(";branch=z9hG4bK7\r\nMax-Forwards: 70\r\nf: <sip:a@b.example>;tag="),
    MANDATORY("compact-from-tag", "1", ELEMENT_TOKEN, 0),
    FIXED("\r\nt: <sip:c@d.example>;tag="),
    MANDATORY("dialog-to-tag", "2", ELEMENT_TOKEN, 0),
    FIXED("\r\ni: "),
    MANDATORY("compact-call-id", "1@b.example", ELEMENT_WORD, 0),
    FIXED("\r\nCSeq: "),
    MANDATORY("dialog-cseq", "2", ELEMENT_NUMBER, UINT32_MAX),
    FIXED(" SUBSCRIBE\r\nm: <sip:a@h.example>\r\nRecord-Route: <sip:p1.example;lr>, <sip:"),
    HEADER("dialog-record-route", "p2.example", ELEMENT_HOST, 0),
    FIXED(";lr>\r\nRoute: <sip:"),
    HEADER("dialog-route", "p3.example", ELEMENT_HOST, 0),
    FIXED(";lr>\r\no: "),
    HEADER("compact-event", "presence", ELEMENT_ANY, 0),
    FIXED("\r\nk: "),
    HEADER("compact-supported", "100rel", ELEMENT_OPTIONAL_TOKEN, 0),
    FIXED("\r\nExpires: 60\r\nl: "),
    MANDATORY("compact-content-length", NULL, ELEMENT_NUMBER, 0),
    FIXED("\r\n\r\n"),
};

#define TEMPLATE(pieces, body, classic)                                                            \
    {                                                                                              \
        pieces, sizeof pieces / sizeof *pieces, body, classic                                      \
    }

/* The body of the INVITE begins at its first element of SDP. */
enum { INVITE_BODY = 51 };

const struct template templates[] = {
    TEMPLATE(invite, INVITE_BODY, true),
    TEMPLATE(response, sizeof response / sizeof *response, false),
    TEMPLATE(registration, sizeof registration / sizeof *registration, false),
    TEMPLATE(compact, sizeof compact / sizeof *compact, false),
};

const size_t template_count = sizeof templates / sizeof *templates;
