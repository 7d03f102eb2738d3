/* examples.c: cases that no single element makes. */
#include "groups.h"

#define HEAD                                                                                       \
    "Max-Forwards: 70\r\nFrom: <sip:a@b.example>;tag=1\r\nTo: <sip:c@d.example>\r\n"               \
    "Call-ID: 1@b.example\r\n"
#define VIA "Via: SIP/2.0/UDP h.example;branch=z9hG4bK7\r\n"
#define OPTIONS "OPTIONS sip:c@d.example SIP/2.0\r\n"
#define SHORT OPTIONS VIA HEAD "CSeq: 1 OPTIONS\r\n"
#define WHOLE SHORT "Content-Length: 0\r\n\r\n"

#define MESSAGE(group, what, text, strict, interop)                                                \
    {                                                                                              \
        group, what, text, sizeof(text) - 1, SUITE_MESSAGE, strict, interop, SUITE_COMPLETE        \
    }
#define BOTH(group, what, text) MESSAGE(group, what, text, SUITE_ACCEPT, SUITE_ACCEPT)
#define NEITHER(group, what, text) MESSAGE(group, what, text, SUITE_REJECT, SUITE_REJECT)
#define RELAXED(group, what, text) MESSAGE(group, what, text, SUITE_REJECT, SUITE_ACCEPT)
#define STREAM(what, text, end)                                                                    \
    {                                                                                              \
        "framing", what, text, sizeof(text) - 1, SUITE_STREAM, SUITE_UNSAID, SUITE_UNSAID, end     \
    }
#define AT_VIA(host)                                                                               \
    OPTIONS "Via: SIP/2.0/UDP " host ";branch=z9hG4bK7\r\n" HEAD "CSeq: 1 OPTIONS\r\n\r\n"
#define TO_URI(uri) "OPTIONS " uri " SIP/2.0\r\n" VIA HEAD "CSeq: 1 OPTIONS\r\n\r\n"
#define PARTS(type, body) SHORT "Content-Type: multipart/mixed" type "\r\n\r\n" body

const struct example examples[] = {
    BOTH("ipv6", "an address", AT_VIA("[2001:db8::9:1]")),
    BOTH("ipv6", "an address and a port", AT_VIA("[2001:db8::9:1]:5060")),
    BOTH("ipv6", "an IPv4 address in it", AT_VIA("[::ffff:192.0.2.1]")),
    BOTH("ipv6", "all zero", AT_VIA("[::]")),
    BOTH("ipv6", "eight groups", AT_VIA("[1:2:3:4:5:6:7:8]")),
    NEITHER("ipv6", "nine groups", AT_VIA("[1:2:3:4:5:6:7:8:9]")),
    NEITHER("ipv6", "seven groups", AT_VIA("[1:2:3:4:5:6:7]")),
    NEITHER("ipv6", "two gaps", AT_VIA("[1::2::3]")),
    NEITHER("ipv6", "five digits", AT_VIA("[2001:db8::12345]")),
    NEITHER("ipv6", "without its end", AT_VIA("[2001:db8::1")),
    NEITHER("ipv6", "without brackets", AT_VIA("2001:db8::1")),
    NEITHER("ipv6", "a zone", AT_VIA("[fe80::1%eth0]")),
    NEITHER("ipv6", "nothing in the brackets", AT_VIA("[]")),
    BOTH("request-uri-forms", "an IPv6 host", TO_URI("sip:[2001:db8::10]")),
    BOTH("request-uri-forms", "user, password, port, parameters",
         TO_URI("sip:c:secret@d.example:5061;transport=tcp;lr")),
    BOTH("request-uri-forms", "tel", TO_URI("tel:+1-201-555-0123")),
    BOTH("request-uri-forms", "another scheme", TO_URI("http://d.example/x?y")),
    BOTH("request-uri-forms", "an escape in the user", TO_URI("sip:%61%00@d.example")),
    NEITHER("request-uri-forms", "half an escape", TO_URI("sip:a%6@d.example")),
    NEITHER("request-uri-forms", "two at signs", TO_URI("sip:a@b@d.example")),
    NEITHER("request-uri-forms", "no host", TO_URI("sip:a@")),
    NEITHER("request-uri-forms", "no scheme", TO_URI("d.example")),
    NEITHER("request-uri-forms", "a port out of range", TO_URI("sip:d.example:65536")),
    RELAXED("request-uri-forms", "angle brackets", TO_URI("<sip:c@d.example>")),
    RELAXED("request-uri-forms", "headers", TO_URI("sip:c@d.example?subject=x")),
    BOTH("folding", "after the colon",
         OPTIONS "Via:\r\n SIP/2.0/UDP h.example;branch=z9hG4bK7\r\n" HEAD
                 "CSeq: 1 OPTIONS\r\n\r\n"),
    BOTH("folding", "before a semicolon",
         OPTIONS "Via: SIP/2.0/UDP h.example\r\n\t;branch=z9hG4bK7\r\n" HEAD
                 "CSeq: 1 OPTIONS\r\n\r\n"),
    BOTH("folding", "between number and method", OPTIONS VIA HEAD "CSeq: 1\r\n OPTIONS\r\n\r\n"),
    BOTH("folding", "within a quoted string", SHORT "Warning: 399 h \"a\r\n b\"\r\n\r\n"),
    NEITHER("folding", "within a token", OPTIONS VIA HEAD "CSeq: 1 OPT\r\n IONS\r\n\r\n"),
    RELAXED("folding", "an LF alone", OPTIONS VIA HEAD "CSeq: 1\n OPTIONS\r\n\r\n"),
    RELAXED("folding", "before the first header",
            OPTIONS " X: y\r\n" VIA HEAD "CSeq: 1 OPTIONS\r\n\r\n"),
    BOTH("compact-names", "all in one",
         OPTIONS "v: SIP/2.0/UDP h.example;branch=z9hG4bK7\r\nMax-Forwards: 70\r\n"
                 "f: <sip:a@b.example>;tag=1\r\nt: <sip:c@d.example>\r\ni: 1@b.example\r\n"
                 "CSeq: 1 OPTIONS\r\nl: 0\r\n\r\n"),
    BOTH("compact-names", "capitals",
         OPTIONS "V: SIP/2.0/UDP h.example;branch=z9hG4bK7\r\n" HEAD
                 "CSeq: 1 OPTIONS\r\nL: 0\r\n\r\n"),
    NEITHER("compact-names", "Content-Length in both forms, the same",
            SHORT "Content-Length: 0\r\nl: 0\r\n\r\n"),
    NEITHER("compact-names", "From in both forms", SHORT "f: <sip:a@b.example>;tag=1\r\n\r\n"),
    NEITHER("mandatory", "no Via", OPTIONS HEAD "CSeq: 1 OPTIONS\r\n\r\n"),
    NEITHER("mandatory", "no CSeq", OPTIONS VIA HEAD "\r\n"),
    NEITHER("mandatory", "nothing at all", OPTIONS "\r\n"),
    NEITHER("mandatory", "CSeq twice", SHORT "CSeq: 1 OPTIONS\r\n\r\n"),
    NEITHER("mandatory", "CSeq of another method", OPTIONS VIA HEAD "CSeq: 1 INVITE\r\n\r\n"),
    BOTH("multipart", "two parts",
         PARTS(";boundary=b",
               "--b\r\n\r\none\r\n--b\r\nContent-Type: text/plain\r\n\r\ntwo\r\n--b--\r\n")),
    BOTH("multipart", "a quoted boundary with spaces",
         PARTS(";boundary=\"a b\"", "--a b\r\n\r\n\r\n--a b--")),
    BOTH("multipart", "no end", PARTS(";boundary=b", "--b\r\n\r\none\r\n")),
    BOTH("multipart", "no delimiter at all", PARTS(";boundary=b", "one\r\n")),
    BOTH("multipart", "an empty boundary", PARTS(";boundary=\"\"", "--\r\n\r\n\r\n----")),
    BOTH("multipart", "no boundary", PARTS("", "--b\r\n\r\n\r\n--b--")),
    BOTH("multipart", "the delimiter within a line",
         PARTS(";boundary=b", "--b\r\n\r\nx--b\r\n--bc\r\n--b--")),
    BOTH("dialog", "a tag in To",
         OPTIONS VIA "Max-Forwards: 70\r\nFrom: <sip:a@b.example>;tag=1\r\n"
                     "To: <sip:c@d.example>;tag=2\r\nCall-ID: 1@b.example\r\n"
                     "CSeq: 2 OPTIONS\r\n\r\n"),
    NEITHER("dialog", "the tag of To twice",
            OPTIONS VIA
            "Max-Forwards: 70\r\nFrom: <sip:a@b.example>;tag=1\r\n"
            "To: <sip:c@d.example>;tag=2;tag=3;TAG=4\r\nCall-ID: 1 b\r\nCSeq: 2 OPTIONS\r\n\r\n"),
    BOTH("dialog", "Replaces without a tag is a warning", SHORT "Replaces: 1@x;to-tag=1\r\n\r\n"),
    BOTH("dialog", "an unknown option is required", SHORT "Require: nothing-such\r\n\r\n"),
    BOTH("dialog", "Max-Forwards 0",
         OPTIONS VIA "Max-Forwards: 0\r\nFrom: <sip:a@b.example>;tag=1\r\n"
                     "To: <sip:c@d.example>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n"),
    STREAM("one message", WHOLE, SUITE_COMPLETE),
    STREAM("two messages", WHOLE WHOLE, SUITE_COMPLETE),
    STREAM("keep-alives before and between", "\r\n\r\n" WHOLE "\r\n\r\n" WHOLE, SUITE_COMPLETE),
    STREAM("half a keep-alive", WHOLE "\r\n\r", SUITE_INCOMPLETE),
    STREAM("a message without its empty line", SHORT "Content-Length: 0\r\n", SUITE_INCOMPLETE),
    STREAM("a body that is not all there", SHORT "Content-Length: 5\r\n\r\nabcd", SUITE_INCOMPLETE),
    STREAM("a body that looks like a message", SHORT "Content-Length: 12\r\n\r\nOPTIONS sip:" WHOLE,
           SUITE_COMPLETE),
    STREAM("no Content-Length", SHORT "\r\n", SUITE_ERROR),
    STREAM("Content-Length twice", SHORT "Content-Length: 0\r\nContent-Length: 0\r\n\r\n",
           SUITE_ERROR),
    STREAM("Content-Length in both forms", SHORT "Content-Length: 0\r\nl: 5\r\n\r\nabcde",
           SUITE_ERROR),
    STREAM("Content-Length with a sign", SHORT "Content-Length: +0\r\n\r\n", SUITE_ERROR),
    STREAM("Content-Length as a list", SHORT "Content-Length: 0, 0\r\n\r\n", SUITE_ERROR),
    STREAM("Content-Length of 2^32", SHORT "Content-Length: 4294967296\r\n\r\n", SUITE_ERROR),
    STREAM("Content-Length of 2^64", SHORT "Content-Length: 18446744073709551616\r\n\r\n",
           SUITE_ERROR),
    STREAM("Content-Length below 0", SHORT "Content-Length: -1\r\n\r\n", SUITE_ERROR),
    STREAM("Content-Length in hex", SHORT "Content-Length: 0x0\r\n\r\n", SUITE_ERROR),
    STREAM("an empty Content-Length", SHORT "Content-Length:\r\n\r\n", SUITE_ERROR),
    STREAM("a folded Content-Length", SHORT "Content-Length:\r\n 0\r\n\r\n", SUITE_COMPLETE),
    STREAM("Content-Length behind a bare CR", OPTIONS "X: \rContent-Length: 0\r\n\r\n",
           SUITE_ERROR),
    STREAM("HTTP", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", SUITE_ERROR),
    STREAM("TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", SUITE_ERROR),
    STREAM("NUL", "\0\0\0\0", SUITE_ERROR),
};

const size_t example_count = sizeof examples / sizeof *examples;
