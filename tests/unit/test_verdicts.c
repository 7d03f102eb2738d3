/* The verdicts of both profiles, sentence by sentence: what is strict's error,
 * what is only a warning, what interop takes besides, what it still refuses.
 *
 * A row is a change of a message that is right: "=" a start line, "-" a field that goes, "+" a line
 * as it is, "|" the body; any other line is a field that takes the place of the one of its name. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "fence.h"
#include "messages.h"

enum verdict { REJECT, ACCEPT };

static const struct row {
    const char *change;
    enum verdict strict, interop;
    const char *finding, *relaxed; /* one that must be among the findings; NULL: nothing is asked */
} rows[] = {
    {"", ACCEPT, ACCEPT, NULL, NULL},
    {"-Via", REJECT, REJECT, "header-missing", "header-missing"},
    {"-From", REJECT, REJECT, "header-missing", "header-missing"},
    {"-To", REJECT, REJECT, "header-missing", "header-missing"},
    {"-Call-ID", REJECT, REJECT, "header-missing", "header-missing"},
    {"-CSeq", REJECT, REJECT, "header-missing", "header-missing"},
    {"+From: <sip:x@h>;tag=1", REJECT, REJECT, "header-repeated", "header-repeated"},
    {"+To: <sip:x@h>", REJECT, REJECT, "header-repeated", "header-repeated"},
    {"+Call-ID: x", REJECT, REJECT, "header-repeated", "header-repeated"},
    {"+CSeq: 1 OPTIONS", REJECT, REJECT, "header-repeated", "header-repeated"},
    {"+f: <sip:x@h>;tag=1", REJECT, REJECT, "header-repeated", "header-repeated"},
    {"+t: <sip:x@h>", REJECT, REJECT, "header-repeated", "header-repeated"},
    {"+i: x", REJECT, REJECT, "header-repeated", "header-repeated"},
    {"+Max-Forwards: 70", REJECT, REJECT, "header-repeated", "header-repeated"},
    {"+Expires: 1\n+Expires: 1", REJECT, REJECT, "header-repeated", "header-repeated"},
    {"+Date: Sat, 13 Nov 2010 23:29:00 GMT\n+Date: Sat, 13 Nov 2010 23:29:00 GMT", REJECT, REJECT,
     "header-repeated", "header-repeated"},
    {"+Subject: x\n+Subject: x", REJECT, REJECT, "header-repeated", "header-repeated"},
    {"+Organization: x\n+Organization: x", REJECT, REJECT, "header-repeated", "header-repeated"},
    {"+User-Agent: x\n+User-Agent: x", REJECT, REJECT, "header-repeated", "header-repeated"},
    {"+Server: x\n+Server: x", REJECT, REJECT, "header-repeated", "header-repeated"},
    {"+MIME-Version: 1.0\n+MIME-Version: 1.0", REJECT, REJECT, "header-repeated",
     "header-repeated"},
    {"+Priority: normal\n+Priority: normal", REJECT, REJECT, "header-repeated", "header-repeated"},
    {"+Reply-To: <sip:a@h>\n+Reply-To: <sip:a@h>", REJECT, REJECT, "header-repeated",
     "header-repeated"},
    {"+Timestamp: 1\n+Timestamp: 1", REJECT, REJECT, "header-repeated", "header-repeated"},
    {"+Retry-After: 1\n+Retry-After: 1", REJECT, REJECT, "header-repeated", "header-repeated"},
    {"+Min-Expires: 1\n+Min-Expires: 1", REJECT, REJECT, "header-repeated", "header-repeated"},
    {"+Content-Type: a/b\n+Content-Type: a/b", REJECT, REJECT, "header-repeated",
     "header-repeated"},
    {"+Content-Disposition: x\n+Content-Disposition: x", REJECT, REJECT, "header-repeated",
     "header-repeated"},
    {"From: <sip:a@h>;tag=1;tag=2", REJECT, ACCEPT, "parameter-repeated",
     "parameter-repeated-first"},
    {"From: <sip:a@h>;tag=1;TAG=2", REJECT, ACCEPT, "parameter-repeated",
     "parameter-repeated-first"},
    {"To: <sip:a@h>;p=", REJECT, REJECT, "parameter", "parameter"},
    {"To: <sip:a@h>;=1", REJECT, REJECT, "parameter", "parameter"},
    {"To: <sip:a@h>;p=a b", REJECT, REJECT, "syntax", NULL},
    {"=SIP/2.0 200OK\nTo: <sip:b@h>;tag=1", REJECT, ACCEPT, "status-line", "status-space"},
    {"To: <sip:a@h;x=1;x=2>", REJECT, ACCEPT, "parameter-repeated", "parameter-repeated-first"},
    {"Via: SIP/2.0/UDP h;branch=z9hG4bK1;branch=z9hG4bK2", REJECT, ACCEPT, "parameter-repeated",
     "parameter-repeated-first"},
    {"Contact: <sip:a@h>;q=0.1;q=0.2", REJECT, ACCEPT, "parameter-repeated",
     "parameter-repeated-first"},
    {"+Content-Type: a/b;c=d;c=e", REJECT, ACCEPT, "parameter-repeated",
     "parameter-repeated-first"},
    {"+Accept: a/b;c=d;c=e", REJECT, ACCEPT, "parameter-repeated", "parameter-repeated-first"},
    {"Contact: <sip:a@h>;q=0.1, <sip:b@h>;q=0.2", ACCEPT, ACCEPT, NULL, NULL},
    {"Contact: <sip:a@h;x=1>;x=2", ACCEPT, ACCEPT, NULL, NULL},
    {"=OPTIONS sip:a@h;x=1;x=2 SIP/2.0", REJECT, ACCEPT, "parameter-repeated",
     "parameter-repeated-first"},
    {"+Authorization: Digest "
     "username=\"a\",username=\"b\",realm=\"r\",nonce=\"n\",uri=\"sip:h\",response="
     "\"00000000000000000000000000000000\"",
     REJECT, ACCEPT, "parameter-repeated", "parameter-repeated-first"},
    {"To: <tel:+1;x=1;x=2>", REJECT, ACCEPT, "parameter-repeated", "parameter-repeated-first"},
    {"To: <sip:a@h?x=1&x=2>", ACCEPT, ACCEPT, NULL, NULL},
    {"CSeq: 1 INVITE", REJECT, REJECT, "cseq-method", "cseq-method"},
    {"CSeq: 1 options", REJECT, REJECT, "cseq-method", "cseq-method"},
    {"=SIP/2.0 200 OK\nCSeq: 1 INVITE", ACCEPT, ACCEPT, "header-not-allowed", "header-not-allowed"},
    {"CSeq: 4294967296 OPTIONS", REJECT, REJECT, "cseq-range", "cseq-range"},
    {"CSeq: 4294967295 OPTIONS", ACCEPT, ACCEPT, "cseq-large", "cseq-large"},
    {"CSeq: 2147483648 OPTIONS", ACCEPT, ACCEPT, "cseq-large", "cseq-large"},
    {"CSeq: 2147483647 OPTIONS", ACCEPT, ACCEPT, NULL, NULL},
    {"Max-Forwards: 255", ACCEPT, ACCEPT, NULL, NULL},
    {"Max-Forwards: 256", REJECT, ACCEPT, "max-forwards-range", "max-forwards-ignored"},
    {"Max-Forwards: x", REJECT, ACCEPT, "syntax", "max-forwards-ignored"},
    {"Max-Forwards: 0", ACCEPT, ACCEPT, "max-forwards-zero", "max-forwards-zero"},
    {"Via: SIP/2.0/UDP h;ttl=255;branch=z9hG4bK1", ACCEPT, ACCEPT, NULL, NULL},
    {"Via: SIP/2.0/UDP h;ttl=256;branch=z9hG4bK1", REJECT, REJECT, "ttl-range", "ttl-range"},
    {"Contact: <sip:a@h;ttl=256>", REJECT, ACCEPT, "ttl-range", "header-ignored"},
    {"To: <sip:a@h;ttl=256>", REJECT, REJECT, "ttl-range", "ttl-range"},
    {"+Expires: 4294967296", REJECT, ACCEPT, "expires-range", "header-not-allowed"},
    {"+Expires: 4294967295", ACCEPT, ACCEPT, "header-not-allowed", "header-not-allowed"},
    {"+Min-Expires: 4294967296", REJECT, ACCEPT, "expires-range", "header-not-allowed"},
    {"+Min-Expires: 4294967295", ACCEPT, ACCEPT, "header-not-allowed", "header-not-allowed"},
    {"Contact: <sip:a@h>;expires=4294967296", REJECT, ACCEPT, "expires-range", "header-ignored"},
    {"Contact: <sip:a@h>;expires=4294967295", ACCEPT, ACCEPT, NULL, NULL},
    {"=SIP/2.0 099 OK", REJECT, REJECT, "status-range", "status-range"},
    {"=SIP/2.0 99 OK", REJECT, REJECT, "status-range", "status-range"},
    {"=SIP/2.0 700 OK", REJECT, REJECT, "status-range", "status-range"},
    {"=SIP/2.0 000 OK", REJECT, REJECT, "status-range", "status-range"},
    {"=SIP/2.0 1000 OK", REJECT, REJECT, "status-range", "status-range"},
    {"=SIP/2.0 4294967496 OK", REJECT, REJECT, "status-range", "status-range"},
    {"=SIP/2.0 20 OK", REJECT, REJECT, "status-range", "status-range"},
    {"=SIP/2.0 100 OK\nTo: <sip:b@h>;tag=1", ACCEPT, ACCEPT, "header-not-allowed",
     "header-not-allowed"},
    {"=SIP/2.0 699 OK\nTo: <sip:b@h>;tag=1", ACCEPT, ACCEPT, "header-not-allowed",
     "header-not-allowed"},
    {"=SIP/2.0 200 OK\nTo: <sip:b@h>;tag=1", ACCEPT, ACCEPT, "header-not-allowed",
     "header-not-allowed"},
    {"Via: SIP/2.0/UDP h:65536;branch=z9hG4bK1", REJECT, REJECT, "port-range", "port-range"},
    {"Via: SIP/2.0/UDP h:65535;branch=z9hG4bK1", ACCEPT, ACCEPT, NULL, NULL},
    {"To: <sip:a@h:65536>", REJECT, REJECT, "port-range", "port-range"},
    {"Contact: <sip:a@h:65536>", REJECT, ACCEPT, "port-range", "header-ignored"},
    {"=OPTIONS sip:a@h:65536 SIP/2.0", REJECT, REJECT, "port-range", "port-range"},
    {"To: <sip:a@h:0>", ACCEPT, ACCEPT, "port-zero", "port-zero"},
    {"To: <sip:a@h:>", REJECT, REJECT, "host", "host"},
    {"=OPTIONS sip:b@h SIP/7.0", REJECT, REJECT, "version", "version"},
    {"=OPTIONS sip:b@h SIP/2.1", REJECT, REJECT, "version", "version"},
    {"=OPTIONS sip:b@h SIP/3.0", REJECT, REJECT, "version", "version"},
    {"=OPTIONS sip:b@h SIP/02.0", REJECT, REJECT, "version", "version"},
    {"=OPTIONS sip:b@h SIP/2.00", REJECT, REJECT, "version", "version"},
    {"=OPTIONS sip:b@h SIP/1.0", REJECT, REJECT, "version", "version"},
    {"=OPTIONS sip:b@h sip/2.0", ACCEPT, ACCEPT, NULL, NULL},
    {"=SIP/7.0 200 OK", REJECT, REJECT, "version", "version"},
    {"=sip/2.0 200 OK\nTo: <sip:b@h>;tag=1", ACCEPT, ACCEPT, "header-not-allowed",
     "header-not-allowed"},
    {"Content-Length: -1", REJECT, REJECT, "content-length-malformed", "content-length-malformed"},
    {"Content-Length: +5", REJECT, REJECT, "content-length-malformed", "content-length-malformed"},
    {"Content-Length: 5x", REJECT, REJECT, "content-length-malformed", "content-length-malformed"},
    {"Content-Length: 5, 5", REJECT, REJECT, "content-length-malformed",
     "content-length-malformed"},
    {"Content-Length: ", REJECT, REJECT, "content-length-malformed", "content-length-malformed"},
    {"Content-Length: 18446744073709551621", REJECT, REJECT, "content-length-malformed",
     "content-length-malformed"},
    {"Content-Length: 4294967301", REJECT, REJECT, "content-length-malformed",
     "content-length-malformed"},
    {"Content-Length: 99999999999", REJECT, REJECT, "content-length-malformed",
     "content-length-malformed"},
    {"Content-Length: 0 0", REJECT, REJECT, "content-length-malformed", "content-length-malformed"},
    {"Content-Length: \"0\"", REJECT, REJECT, "content-length-malformed",
     "content-length-malformed"},
    {"Content-Length: 0;x=1", REJECT, REJECT, "content-length-malformed",
     "content-length-malformed"},
    {"Content-Length: 0x0", REJECT, REJECT, "content-length-malformed", "content-length-malformed"},
    {"+l: 0", REJECT, REJECT, "content-length-conflict", "content-length-conflict"},
    {"Content-Length: 1", REJECT, REJECT, "content-length-too-large", "content-length-too-large"},
    {"|abc", ACCEPT, ACCEPT, "trailing-octets", "trailing-octets"},
    {"Content-Length: 0000000000000000000000000", ACCEPT, ACCEPT, NULL, NULL},
    {"=OPTIONS sip:b@h?x=1 SIP/2.0", REJECT, ACCEPT, "request-uri", "request-uri-headers"},
    {"=OPTIONS sip:b@h? SIP/2.0", REJECT, REJECT, "request-uri", "request-uri"},
    {"+X: a\rb", REJECT, REJECT, "line-end-cr", "line-end-cr"},
    {"To: <sip://h>", REJECT, REJECT, "uri", "uri"},
    {"To: <sip:@h>", REJECT, REJECT, "uri", "uri"},
    {"To: <sips://h>", REJECT, REJECT, "uri", "uri"},
    {"To: <tel://h>", REJECT, REJECT, "uri", "uri"},
    {"To: <SIP://h>", REJECT, REJECT, "uri", "uri"},
    {"To: <sipfoo:a@h>", ACCEPT, ACCEPT, NULL, NULL},
    {"=OPTIONS sipfoo:a@h SIP/2.0", ACCEPT, ACCEPT, "unknown-scheme", "unknown-scheme"},
    {"To: <tel:7042>", REJECT, REJECT, "tel-context", "tel-context"},
    {"=OPTIONS tel://h SIP/2.0", REJECT, REJECT, "request-uri", "request-uri"},
    {"Contact: <sip:a@h>;q=5", REJECT, ACCEPT, "parameter-value", "header-ignored"},
    {"Via: SIP/2.0/UDP h;branch", REJECT, REJECT, "parameter-value", "parameter-value"},
    {"Via: SIP/2.0/UDP h;received=foo.com;branch=z9hG4bK1", REJECT, REJECT, "parameter-value",
     "parameter-value"},
    {"Via: SIP/2.0/UDP h;received=2001:db8::1;branch=z9hG4bK1", ACCEPT, ACCEPT, NULL, NULL},
    {"Via: SIP/2.0/UDP h;received=[2001:db8::1];branch=z9hG4bK1", ACCEPT, ACCEPT, NULL, NULL},
    {"Via: SIP/2.0/UDP h;rport=x;branch=z9hG4bK1", ACCEPT, ACCEPT, "extension-parameter",
     "extension-parameter"},
    {"To: <sip:a@h>;tag", REJECT, REJECT, "parameter-value", "parameter-value"},
    {"To: sip:a@h;tag=1", ACCEPT, ACCEPT, NULL, NULL},
    {"To: sip:a@h?x=1", REJECT, ACCEPT, "host", "missing-brackets"},
    {"From: sip:a,b@h;tag=1", REJECT, REJECT, "host", "host"},
    {"Contact: sip:a@h?x=1", REJECT, ACCEPT, "host", "missing-brackets"},
    {"To: <sip:a@[::1]>", ACCEPT, ACCEPT, NULL, NULL},
    {"To: <sip:a@[:::1]>", REJECT, REJECT, "host", "host"},
    {"To: <sip:a@[::1>", REJECT, REJECT, "host", "host"},
    {"To: <sip:a@2001:db8::1>", REJECT, REJECT, "host", "host"},
    {"+Session-Expires: soon", ACCEPT, ACCEPT, "extension-syntax", "header-not-allowed"},
    {"+RSeq: x", ACCEPT, ACCEPT, "header-not-allowed", "header-not-allowed"},
    {"+RSeq: 4294967296", ACCEPT, ACCEPT, "number-range", "header-not-allowed"},
    {"+Date: yesterday", REJECT, ACCEPT, "syntax", "header-ignored"},
    {"+Date: Fri, 01 Jan 2010 16:00:00 EST", REJECT, ACCEPT, "syntax", "header-ignored"},
    {"+Subject: a  \n+ b", ACCEPT, ACCEPT, "header-not-allowed", "header-not-allowed"},
    {"From: <sip:a@h>", ACCEPT, ACCEPT, "from-tag-missing", "from-tag-missing"},
    {"Via: SIP/2.0/UDP h", ACCEPT, ACCEPT, "branch-missing", "branch-missing"},
    {"Via: SIP/2.0/UDP h;branch=1", ACCEPT, ACCEPT, "branch-cookie", NULL},
    {"Via: SIP/2.0/UDP h;branch=z9hG4bK", ACCEPT, ACCEPT, "branch-empty", "branch-empty"},
    {"-Max-Forwards", ACCEPT, ACCEPT, "max-forwards-missing", "max-forwards-missing"},
    {"-Content-Length\n|x", ACCEPT, ACCEPT, "content-length-absent", "content-type-missing"},
    {"+Subject: a ", ACCEPT, ACCEPT, "trailing-space", "header-not-allowed"},
    {"Via: SIP/2.0/UDP h;branch=z9hG4bK1 \t", ACCEPT, ACCEPT, "trailing-space", NULL},
    {"Content-Length: 0  ", ACCEPT, ACCEPT, NULL, NULL},
    {"CSeq: 1 OPTIONS ", ACCEPT, ACCEPT, NULL, NULL},
    {"To: bob<sip:b@h>", ACCEPT, ACCEPT, NULL, NULL},
    {"Contact: bob<sip:b@h>", ACCEPT, ACCEPT, NULL, NULL},
    {"To: \"bob\"<sip:b@h>", ACCEPT, ACCEPT, NULL, NULL},
    {"=OPTIONS foo:bar SIP/2.0", ACCEPT, ACCEPT, "unknown-scheme", "unknown-scheme"},
    {"=DANCE sip:a@h SIP/2.0\nCSeq: 1 DANCE", ACCEPT, ACCEPT, "unknown-method", "unknown-method"},
    {"+Require: nope", ACCEPT, ACCEPT, "unknown-option", "unknown-option"},
    {"+Proxy-Require: nope", ACCEPT, ACCEPT, "unknown-option", "unknown-option"},
    {"Via: SIP/2.0/CARRIER h;branch=z9hG4bK1", ACCEPT, ACCEPT, "unknown-transport", NULL},
    {"Via: FOO/2.0/UDP h;branch=z9hG4bK1", ACCEPT, ACCEPT, "via-version", "via-version"},
    {"=ACK sip:a@h SIP/2.0\nCSeq: 1 ACK\n+Expires: 1", ACCEPT, ACCEPT, "header-not-allowed",
     "header-not-allowed"},
    {"=INVITE sip:a@h SIP/2.0\n-Contact\nCSeq: 1 INVITE", ACCEPT, ACCEPT, "contact-missing",
     "contact-missing"},
    {"Contact: *", ACCEPT, ACCEPT, "contact-star", "contact-star"},
    {"=REGISTER sip:h SIP/2.0\nCSeq: 1 REGISTER\nContact: *\n+Expires: 0", ACCEPT, ACCEPT, NULL,
     NULL},
    {"Contact: *, <sip:a@h>", REJECT, ACCEPT, "syntax", "header-ignored"},
    {"Contact: *;q=1", REJECT, ACCEPT, "syntax", "header-ignored"},
    {"=OPTIONS  sip:b@h SIP/2.0", REJECT, ACCEPT, "request-line", "start-line-space"},
    {"=OPTIONS sip:b@h  SIP/2.0", REJECT, ACCEPT, "request-line", "start-line-space"},
    {"=OPTIONS\tsip:b@h SIP/2.0", REJECT, ACCEPT, "request-line", "start-line-space"},
    {"=OPTIONS sip:b@h SIP/2.0 ", REJECT, ACCEPT, "request-line", "start-line-space"},
    {"=OPTIONS sip:b@h SIP/2.0\t ", REJECT, ACCEPT, "request-line", "start-line-space"},
    {"=SIP/2.0  200 OK\nTo: <sip:b@h>;tag=1", REJECT, ACCEPT, "status-line", "start-line-space"},
    {"=SIP/2.0\t200 OK\nTo: <sip:b@h>;tag=1", REJECT, ACCEPT, "status-line", "start-line-space"},
    {"=SIP/2.0 200  OK\nTo: <sip:b@h>;tag=1", ACCEPT, ACCEPT, "header-not-allowed",
     "header-not-allowed"},
    {"= OPTIONS sip:b@h SIP/2.0", REJECT, ACCEPT, "request-line", "start-line-space"},
    {"=SIP/2.0 200\nTo: <sip:b@h>;tag=1", REJECT, ACCEPT, "status-line", "status-space"},
    {"=SIP/2.0 200OK\nTo: <sip:b@h>;tag=1", REJECT, ACCEPT, "status-line", "status-space"},
    {"=OPTIONS <sip:b@h> SIP/2.0", REJECT, ACCEPT, "request-uri", "request-uri-brackets"},
    {"=OPTIONS <sip:b@h?x=1> SIP/2.0", REJECT, ACCEPT, "request-uri", "request-uri-brackets"},
    {"=OPTIONS < sip:b@h > SIP/2.0", REJECT, REJECT, "request-uri", "request-uri"},
    {"To: < sip:b@h >", REJECT, ACCEPT, "syntax", "space-in-brackets"},
    {"Contact: < sip:b@h\t>;q=1", REJECT, ACCEPT, "syntax", "space-in-brackets"},
    {"+Route: < sip:b@h;lr >", REJECT, ACCEPT, "syntax", "space-in-brackets"},
    {"To: M. (Bob) <sip:b@h>", REJECT, ACCEPT, "syntax", "relaxed-display-name"},
    {"To: J\xc3\xb6rg <sip:b@h>", REJECT, ACCEPT, "syntax", "relaxed-display-name"},
    {"From: Bell, Alexander <sip:b@h>;tag=1", REJECT, ACCEPT, "syntax", "separator-in-name"},
    {"Contact: Bell, Alexander <sip:b@h>", REJECT, ACCEPT, "syntax", "header-ignored"},
    {"To: a@b <sip:b@h>", REJECT, ACCEPT, "syntax", "relaxed-display-name"},
    {"To: <sip:b@h_x.com>", REJECT, ACCEPT, "host", "host-underscore"},
    {"Via: SIP/2.0/UDP h_x;branch=z9hG4bK1", REJECT, ACCEPT, "host", "host-underscore"},
    {"=OPTIONS sip:a@h_x SIP/2.0", REJECT, ACCEPT, "request-uri", "host-underscore"},
    {"Supported: ,a,,b", REJECT, ACCEPT, "syntax", "empty-element"},
    {"Supported: a,", REJECT, ACCEPT, "syntax", "empty-element"},
    {"Require: ,100rel", REJECT, ACCEPT, "syntax", "empty-element"},
    {"Contact: <sip:a@h>,,<sip:b@h>", REJECT, ACCEPT, "syntax", "empty-element"},
    {"Route: ,<sip:a@h;lr>", REJECT, ACCEPT, "syntax", "empty-element"},
    {"Allow: INVITE,,BYE", REJECT, ACCEPT, "syntax", "empty-element"},
    {"Accept: a/b,,c/d", REJECT, ACCEPT, "syntax", "empty-element"},
    {"Via: SIP/2.0/UDP h;branch=z9hG4bK1,,SIP/2.0/UDP i", REJECT, ACCEPT, "syntax",
     "empty-element"},
    {"Warning: ,301 h \"x\"", REJECT, ACCEPT, "syntax", "empty-element"},
    {"Supported: ", ACCEPT, ACCEPT, NULL, NULL},
    {"Call-ID: a@b@c", REJECT, ACCEPT, "syntax", "relaxed-call-id"},
    {"Call-ID: a\xff@\xfe", REJECT, ACCEPT, "syntax", "relaxed-call-id"},
    {"Call-ID: a,b", REJECT, REJECT, "syntax", "syntax"},
    {"Call-ID: a\x01"
     "b",
     REJECT, REJECT, "syntax", "syntax"},
    {"Call-ID: a b", REJECT, REJECT, "syntax", "syntax"},
    {"Call-ID: ", REJECT, REJECT, "syntax", "syntax"},
    {"+no colon here", REJECT, ACCEPT, "header-line", "line-skipped"},
    {"+: v", REJECT, ACCEPT, "header-line", "line-skipped"},
    {"+My Header: 1", REJECT, ACCEPT, "header-name", "line-skipped"},
    {"+X\tY: 1", REJECT, ACCEPT, "header-name", "line-skipped"},
    {"+Foo\n+ : 1", REJECT, ACCEPT, "header-name", "line-skipped"},
    {"+Subject\n+ : 1", REJECT, ACCEPT, "header-name", "line-skipped"},
    {"+Subject \t: 1", ACCEPT, ACCEPT, "header-not-allowed", "header-not-allowed"},
    {"Date: x", REJECT, ACCEPT, "syntax", "header-ignored"},
    {"Contact: <sip:a@", REJECT, ACCEPT, "uri", "header-ignored"},
    {"Warning: x", REJECT, ACCEPT, "syntax", "header-ignored"},
    {"Route: x y", REJECT, ACCEPT, "syntax", "header-ignored"},
    {"Accept: ///", REJECT, ACCEPT, "syntax", "header-ignored"},
    {"Content-Type: x", REJECT, ACCEPT, "syntax", "header-ignored"},
    {"Expires: soon", REJECT, ACCEPT, "syntax", "header-ignored"},
    {"Timestamp: x", REJECT, ACCEPT, "syntax", "header-ignored"},
    {"Authorization: ", REJECT, ACCEPT, "syntax", "header-ignored"},
    {"Server: (", REJECT, ACCEPT, "comment-open", "header-ignored"},
    {"Via: x", REJECT, REJECT, "syntax", "syntax"},
    {"From: <sip:", REJECT, REJECT, "uri", "uri"},
    {"To: ", REJECT, REJECT, "syntax", "syntax"},
    {"CSeq: x", REJECT, REJECT, "syntax", "syntax"},
    {"CSeq: 1", REJECT, REJECT, "syntax", "syntax"},
    {"CSeq: -1 OPTIONS", REJECT, REJECT, "syntax", "syntax"},
    {"Via: ", REJECT, REJECT, "syntax", "syntax"},
    {"+X: a\x01"
     "b",
     ACCEPT, ACCEPT, "header-not-allowed", "header-not-allowed"},
    {"+X: a\xff"
     "b",
     ACCEPT, ACCEPT, "header-not-allowed", "header-not-allowed"},
    {"Contact: \"a\\\", b\" <sip:x@h>", ACCEPT, ACCEPT, NULL, NULL},
    {"Contact: <sip:a,b@h>, sip:c@h", ACCEPT, ACCEPT, NULL, NULL},
    {"To: <sip:a@h>;p=\"<sip:evil>\"", ACCEPT, ACCEPT, NULL, NULL},
    {"From: <sip:>;sip:;1001@h", REJECT, REJECT, "uri", "uri"},
    {"To: <sip:a%@h>", REJECT, REJECT, "uri", "uri"},
    {"To: <sip:a%4@h>", REJECT, REJECT, "uri", "uri"},
    {"To: <sip:a%0g@h>", REJECT, REJECT, "uri", "uri"},
    {"To: <sip:a%00@h>", ACCEPT, ACCEPT, NULL, NULL},
    {"To: <urn:>", REJECT, REJECT, "uri", "uri"},
    {"To: <tel:>", REJECT, REJECT, "uri", "uri"},
    {"To: <tel:+1;phone-context=>", REJECT, REJECT, "parameter", "parameter"},
    {"To: <tel:+1>", ACCEPT, ACCEPT, NULL, NULL},
    {"To: <tel:7042;phone-context=example.com>", ACCEPT, ACCEPT, NULL, NULL},
    {"To: <urn:service:sos>", ACCEPT, ACCEPT, NULL, NULL},
    {"To: <http://x.y/z>", ACCEPT, ACCEPT, NULL, NULL},
    {"To: <tel:+1-201;foo=bar>", ACCEPT, ACCEPT, NULL, NULL},
    {"To: <mailto:a@b>", ACCEPT, ACCEPT, NULL, NULL},
    {"+Authorization: Digest "
     "username=\"a\",realm=\"r\",nonce=\"n\",nonce=\"m\",uri=\"sip:h\",response="
     "\"00000000000000000000000000000000\"",
     REJECT, ACCEPT, "parameter-repeated", "parameter-repeated-first"},
    {"+Authorization: Digest\n+ "
     "username=\"a\",realm=\"r\",nonce=\"n\",uri=\"sip:h\",response="
     "\"00000000000000000000000000000000\"",
     ACCEPT, ACCEPT, NULL, NULL},
    {"+Authorization: Digestn username=\"a\"", ACCEPT, ACCEPT, NULL, NULL},
    {"+Authorization: Digest username", REJECT, ACCEPT, "syntax", "header-ignored"},
    {"To: \"\" <sip:b@h>", ACCEPT, ACCEPT, NULL, NULL},
    {"Contact: <sip:a@h>\n+Contact: *", ACCEPT, ACCEPT, NULL, NULL},
    {"=SIP/2.0 sip:a@h SIP/2.0", REJECT, REJECT, "status-line", "status-line"},
    {"=SIP/2.0 200  OK\nTo: <sip:b@h>;tag=1", ACCEPT, ACCEPT, "header-not-allowed",
     "header-not-allowed"},
    {"+Accept-Language: da, en-gb;q=0.8", ACCEPT, ACCEPT, NULL, NULL},
    {"+Accept-Language: da;q=2", REJECT, ACCEPT, "parameter-value", "header-ignored"},
    {"+Warning: 1 h \"x\"", REJECT, ACCEPT, "syntax", "header-not-allowed"},
    {"+Retry-After: 18000 (x (y));duration=3600", ACCEPT, ACCEPT, "header-not-allowed",
     "header-not-allowed"},
};

static const char *const usual[] = {
    "Via: SIP/2.0/UDP pc33.example.com;branch=z9hG4bK77",
    "Max-Forwards: 70",
    "From: <sip:a@example.com>;tag=1",
    "To: <sip:b@example.com>",
    "Call-ID: a84b@pc33",
    "CSeq: 1 OPTIONS",
    "Contact: <sip:a@pc33.example.com>",
    "Content-Length: 0",
};

/* The line of a change that begins with `start`, without it; NULL if there is none. */
static const char *change_of(const char *change, const char *start, size_t *n)
{
    const size_t length = strlen(start);
    for (const char *line = change; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, start, length) == 0) {
            *n = strcspn(line, "\n") - length;
            return line + length;
        }
    }
    return NULL;
}

static bool is_usual(const char *line)
{
    const size_t n = strcspn(line, ":") + 1;
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (strncmp(usual[i], line, n) == 0)
            return true;
    return false;
}

static size_t build(const char *change, char *out, size_t room)
{
    size_t n = 0, length;
    const char *text = change_of(change, "=", &length);
    n += (size_t)snprintf(out, room, "%.*s\r\n", text ? (int)length : 256,
                          text ? text : "OPTIONS sip:b@example.com SIP/2.0");
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
        char name[32], gone[32];
        snprintf(name, sizeof name, "%.*s: ", (int)strcspn(usual[i], ":"), usual[i]);
        snprintf(gone, sizeof gone, "-%.*s", (int)strcspn(usual[i], ":"), usual[i]);
        if (change_of(change, gone, &length))
            continue;
        text = change_of(change, name, &length);
        n += (size_t)snprintf(out + n, room - n, "%s%.*s\r\n", text ? name : "",
                              text ? (int)length : 256, text ? text : usual[i]);
    }
    for (const char *line = change; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (*line == '+' || (*line && !strchr("=-|", *line) && !is_usual(line)))
            n += (size_t)snprintf(out + n, room - n, "%.*s\r\n",
                                  (int)strcspn(line, "\n") - (*line == '+'), line + (*line == '+'));
    }
    text = change_of(change, "|", &length);
    n += (size_t)snprintf(out + n, room - n, "\r\n%.*s", text ? (int)length : 0, text ? text : "");
    return n;
}

static bool found(const sipv_message *m, const char *name)
{
    for (size_t i = 0; i < m->n_diags; i++)
        if (strcmp(sipv_diag_find(m->diags[i].code)->name, name) == 0)
            return true;
    return false;
}

static void judge(struct room *r, const struct row *row, sipv_profile profile)
{
    char text[4096];
    struct fence fence;
    const size_t n = build(row->change, text, sizeof text);
    const char *wanted = profile == SIPV_STRICT ? row->finding : row->relaxed;
    const enum verdict verdict = profile == SIPV_STRICT ? row->strict : row->interop;
    cr_assert_lt(n, sizeof text);
    cr_assert(fence_open(&fence, n));
    room_parse(r, fence_end(&fence, text, n), n, profile);
    cr_expect_eq(r->m.accepted, verdict == ACCEPT, "%s: '%s' is %s",
                 profile == SIPV_STRICT ? "strict" : "interop", row->change,
                 r->m.accepted ? "accepted" : "rejected");
    if (wanted)
        cr_expect(found(&r->m, wanted), "%s: '%s' has no %s",
                  profile == SIPV_STRICT ? "strict" : "interop", row->change, wanted);
    fence_close(&fence);
}

Test(verdicts, sentence_by_sentence)
{
    struct room r;
    cr_assert(room_open(&r));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        judge(&r, &rows[i], SIPV_STRICT);
        judge(&r, &rows[i], SIPV_INTEROP);
    }
    room_close(&r);
}
