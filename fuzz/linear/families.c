#include "families.h"

#include <string.h>

#include "text.h"

enum { ROOM = 1 << 18 };

/* So long that 64 KiB of these have no more elements, formats or groups, and of the longer ones no
 * more parameters or media, than the default limits allow. */
#define SHORT "a123456789b123456789c1234"
#define LONG "a123456789b123456789c123456789d123456789e123456789f123456789"
#define LONGER LONG LONG LONG LONG LONG
#define LONGEST                                                                                    \
    LONGER LONGER LONGER LONGER LONGER LONGER LONGER LONGER LONGER LONGER LONGER LONGER LONGER
#define ORIGIN "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n"
#define HEAD ORIGIN "c=IN IP4 192.0.2.1\r\nt=0 0\r\n"
#define AUDIO "m=audio 9 RTP/AVP 0\r\n"

const struct family families[] = {
    /* ---- Header values ---------------------------------------------------------------------- */
    {VALUE, "Supported", "", ",", "", NULL, "syntax"},
    {VALUE, "Supported", "a", ",a", "", NULL, "limit-elements"},
    {VALUE, "Supported", "a", "," LONG "#", "", NULL, NULL},
    {VALUE, "Route", "<sip:a>", ",<sip:a>", "", NULL, "limit-elements"},
    {VALUE, "Route", "<sip:a>", ",<sip:" LONG ";lr>", "", NULL, NULL},
    {VALUE, "Via", "SIP/2.0/UDP a", ";", "", NULL, "parameter"},
    {VALUE, "Via", "SIP/2.0/UDP a", ";a", "", NULL, "parameter-repeated"},
    {VALUE, "Via", "SIP/2.0/UDP a", ";a#", "", NULL, "limit-params"},
    {VALUE, "Via", "SIP/2.0/UDP a", ";" LONGER "#", "", NULL, NULL},
    {VALUE, "Via", "SIP/2.0/UDP a", ";" LONGEST "#", "", NULL, NULL},
    {VALUE, "Via", "SIP/2.0/UDP a", ";ttl=1", "", NULL, "parameter-repeated"},
    {VALUE, "Via", "SIP/2.0/UDP a", ",SIP/2.0/UDP " LONG, "", NULL, NULL},
    {VALUE, "Via", "SIP/2.0/UDP [", "1:", "]", NULL, "host"},
    {VALUE, "To", "<sip:a", ";a", ">", NULL, "parameter-repeated"},
    {VALUE, "To", "<sip:a", ";a#", ">", NULL, "limit-params"},
    {VALUE, "To", "<sip:a", ";" LONGER "#", ">", NULL, NULL},
    {VALUE, "To", "<sip:a", ";" LONGEST "#", ">", NULL, NULL},
    {VALUE, "To", "\"a\"", " ", "<sip:a>", NULL, NULL},
    {VALUE, "To", "", "\"", "", NULL, "syntax"},
    {VALUE, "To", "\"", "\\\"", "\" <sip:a>", NULL, NULL},
    {VALUE, "To", "<sip:", "%", "@a>", NULL, "uri"},
    {VALUE, "To", "<sip:", "%41", "@a>", NULL, NULL},
    {VALUE, "To", "<sip:", "@", ">", NULL, "uri"},
    {VALUE, "To", "<sip:a", ":", "@b>", NULL, "uri"},
    {VALUE, "To", "", "<", "", NULL, "syntax"},
    {VALUE, "To", "<sip:a", ".a", ">", NULL, NULL},
    {VALUE, "To", "<sip:a", ".", ">", NULL, "uri"},
    {VALUE, "From", "a", " a", " <sip:a>", NULL, NULL},
    {VALUE, "Contact", "<sip:a@b>", ",sip:a@b", "", NULL, "limit-elements"},
    {VALUE, "Contact", "<sip:a>", ",<", "", NULL, "syntax"},
    {VALUE, "Contact", "<sip:a>", ",<sip:" LONG ">", "", NULL, NULL},
    {VALUE, "Authorization", "Digest a=b", ",a=b", "", NULL, "parameter-repeated"},
    {VALUE, "Server", "", "(", "", NULL, "limit-comment"},
    {VALUE, "Server", "a", " (a)", "", NULL, NULL},
    {VALUE, "Server", "a", " (((((((a)))))))", "", NULL, NULL},
    {VALUE, "Subject", "a", "\r\n a", "", NULL, NULL},
    {VALUE, "Subject", "", "\xc3\xa9", "", NULL, NULL},
    {VALUE, "CSeq", "1", "\r\n ", "INVITE", NULL, "syntax"},
    {VALUE, "CSeq", "", "1", " INVITE", NULL, "cseq-range"},
    {VALUE, "Accept", "a/b", ";q=1", "", NULL, "parameter-repeated"},

    /* ---- Header lines ----------------------------------------------------------------------- */
    {LINES, "", "", "x: y\r\n", "", NULL, "header-repeated"},
    {LINES, "", "", "y: z\r\n", "", NULL, "limit-headers"},
    {LINES, "", "", "y: " LONG "\r\n", "", NULL, NULL},
    {LINES, "", "", LONG "#: x\r\n", "", NULL, NULL},
    {LINES, "", "", "x:\r\n y\r\n", "", NULL, "header-repeated"},
    {LINES, "", "", "Via: SIP/2.0/UDP a\r\n", "", NULL, "limit-headers"},
    {LINES, "", "", "Via: SIP/2.0/UDP " LONG "\r\n", "", NULL, NULL},
    {LINES, "", "", "k: a\r\n", "", NULL, "limit-headers"},
    {LINES, "", "", "k: " LONG "#\r\n", "", NULL, NULL},
    {LINES, "", "", "l: 0\r\n", "", NULL, "content-length-conflict"},
    {LINES, "", "", "Subject: " LONG "\r\n", "", NULL, "header-repeated"},
    {LINES, "", "", "no\r\n", "", NULL, "header-line"},
    {LINES, "", "", "\n", "", NULL, "header-missing"},
    {LINES, "", "", "\r", "", NULL, "header-name"},

    /* ---- Multipart bodies ------------------------------------------------------------------- */
    {BODY, "", "", "--b\r\n\r\n", "--b--", NULL, REFUSED},
    {BODY, "", "--b\r\n\r\n", "\r\n--", "\r\n--b--", NULL, NULL},
    {BODY, "", "--b\r\n\r\n", "\r\n--b ", "\r\n--b--", NULL, REFUSED},
    {BODY, "", "--b\r\n\r\n", "\r\n--bb", "\r\n--b--", NULL, NULL},
    {BODY, "", "--b\r\n\r\n", "\r\n", "", NULL, REFUSED},
    {BODY, "", "--b\r\n", "Content-Type: a/b\r\n", "\r\na\r\n--b--", NULL, NULL},
    {BODY, "", "", LONGER LONGER LONGER LONGER "\r\n--b\r\n\r\n", "--b--", NULL, NULL},

    /* ---- URIs ------------------------------------------------------------------------------- */
    {URI, "", "sip:a@b", ";a", "", NULL, REFUSED},
    {URI, "", "sip:a@b", ";a#", "", NULL, REFUSED},
    {URI, "", "sip:a@b", ";" LONGER "#", "", NULL, NULL},
    {URI, "", "sip:a@b", ";" LONGEST "#", "", NULL, NULL},
    {URI, "", "sip:a@b?a=b", "&a=b", "", NULL, NULL},
    {URI, "", "sip:a@b?a=b", "&a#=b", "", NULL, NULL},
    {URI, "", "sip:a@b?a=b", "&" LONGER "#=b", "", NULL, NULL},
    {URI, "", "sip:a@b?a=b", "&" LONGEST "#=b", "", NULL, NULL},
    {URI, "", "sip:", "%41", "@b", NULL, NULL},
    {URI, "", "tel:+1", "-1", ";a=b", NULL, NULL},
    {URI, "", "tel:+1", ";a#", "", NULL, REFUSED},
    {URI, "", "tel:+1", ";" LONGER "#", "", NULL, NULL},
    {URI, "", "tel:+1", ";" LONGEST "#", "", NULL, NULL},
    {URI, "", "a:", "/a", "", NULL, NULL},

    /* ---- Descriptions: lines ---------------------------------------------------------------- */
    {DESCRIPTION, "ends of lines", "", "\n", "", NULL, "sdp-line"},
    {DESCRIPTION, "carriage returns", "", "\r", "", NULL, "sdp-bare-cr"},
    {DESCRIPTION, "wrong lines", HEAD, "x\r\n", "", NULL, "sdp-line"},
    {DESCRIPTION, "times at once", "v=0\r\n", "t=0 0\r\n", "", NULL, "sdp-line-missing"},
    {DESCRIPTION, "times", HEAD, "t=0 0\r\n", "", NULL, NULL},
    {DESCRIPTION, "repeats", HEAD, "r=1 1 0\r\n", "", NULL, NULL},
    {DESCRIPTION, "bandwidths at once", "v=0\r\n", "b=x:1\r\n", "", NULL, "sdp-line-missing"},
    {DESCRIPTION, "bandwidths", HEAD AUDIO, "b=x:1\r\n", "", NULL, NULL},
    {DESCRIPTION, "addresses", HEAD AUDIO, "c=IN IP4 192.0.2.1\r\n", "", NULL, NULL},
    {DESCRIPTION, "words of e=", ORIGIN "e=", "a ", "<a@b.example>\r\nt=0 0\r\n", NULL, NULL},
    {DESCRIPTION, "path of u=", ORIGIN "u=http://a", "/a", "\r\nt=0 0\r\n", NULL, NULL},

    /* ---- Descriptions: media ---------------------------------------------------------------- */
    {DESCRIPTION, "media", HEAD, AUDIO, "", NULL, "sdp-limit-media"},
    {DESCRIPTION, "media of one mid", HEAD, AUDIO "a=mid:1\r\na=x:" LONGER "\r\n", "", NULL, NULL},
    {DESCRIPTION, "formats", HEAD "m=audio 9 x", " f", "\r\n", NULL, "sdp-limit-formats"},
    {DESCRIPTION, "one format", HEAD "m=audio 9 x", " " LONG "123", "\r\n", NULL, NULL},
    {DESCRIPTION, "other formats", HEAD "m=audio 9 x", " " LONG "#", "\r\n", NULL, NULL},
    {DESCRIPTION, "their parameters", HEAD "m=audio 9 x", " " SHORT "#", "\r\n",
     "a=fmtp:" SHORT "# x\r\n", NULL},
    {DESCRIPTION, "maps", HEAD "m=audio 9 RTP/AVP 96\r\n", "a=rtpmap:96 x/8000\r\n", "", NULL,
     NULL},
    {DESCRIPTION, "maps of a known format", HEAD AUDIO, "a=rtpmap:0 PCMU/8000\r\n", "", NULL, NULL},
    {DESCRIPTION, "parameters of no format", HEAD "m=audio 9 x 1\r\n", "a=fmtp:z x\r\n", "", NULL,
     NULL},

    /* ---- Descriptions: attributes ----------------------------------------------------------- */
    {DESCRIPTION, "too many attributes", HEAD, "a=x\r\n", "", NULL, "sdp-limit-attributes"},
    {DESCRIPTION, "attributes", HEAD, "a=x:y\r\n", "", NULL, NULL},
    {DESCRIPTION, "known attributes", HEAD, "a=tool:x\r\n", "", NULL, NULL},
    {DESCRIPTION, "times of packets", HEAD AUDIO, "a=ptime:20\r\n", "", NULL, NULL},
    {DESCRIPTION, "parameters", HEAD "a=fmtp:1 x", ";a", "\r\n", NULL, NULL},
    {DESCRIPTION, "candidates", HEAD AUDIO, "a=candidate:1 1 UDP 1 192.0.2.1 9 typ host\r\n", "",
     NULL, NULL},
    {DESCRIPTION, "candidate", HEAD "a=candidate:1 1 UDP 1 ::1 9 typ host", " a b", "\r\n", NULL,
     NULL},
    {DESCRIPTION, "one rid", HEAD AUDIO, "a=rid:1 send\r\n", "a=simulcast:send 1,2\r\n", NULL,
     NULL},
    {DESCRIPTION, "other rids", HEAD AUDIO "a=simulcast:send 1", ",a#", "\r\n", "a=rid:a# send\r\n",
     NULL},
    {DESCRIPTION, "simulcast", HEAD "a=simulcast:send 1", ",1", "\r\n", NULL, NULL},
    {DESCRIPTION, "group", HEAD "a=group:BUNDLE", " a", "\r\n", NULL, NULL},
    {DESCRIPTION, "group of one", HEAD "a=group:BUNDLE", " 1", "\r\nm=audio 9 x 1\r\na=mid:1\r\n",
     NULL, NULL},
    {DESCRIPTION, "other groups", HEAD, "a=x\r\n", "", "a=group:BUNDLE a#\r\n", NULL},
    {DESCRIPTION, "grouped media", HEAD "a=group:BUNDLE", " " LONG "#", "\r\n",
     AUDIO "a=x:" LONG LONG "\r\na=mid:" LONG "#\r\n", NULL},

    /* ---- Digest ----------------------------------------------------------------------------- */
    {DIGEST, "", "Digest a=b", ",a=b", "", NULL, NULL},
    {DIGEST, "", "Digest a=b", ",a#=b", "", NULL, NULL},
    {DIGEST, "", "Digest a=b", "," LONGER "#=b", "", NULL, NULL},
    {DIGEST, "", "Digest a=b", "," LONGEST "#=b", "", NULL, NULL},
    {DIGEST, "", "Digest a=b", ",", "", NULL, REFUSED},
    {DIGEST, "", "Digest realm=\"", "\\a", "\"", NULL, NULL},
    {DIGEST, "", "Digest realm=\"", "\r\n ", "\"", NULL, NULL},
    {DIGEST, "", "Basic abc", ", Basic abc", "", NULL, NULL},
    {DIGEST, "", "Digest realm=\"a\", nonce=\"b\"", ", Digest realm=\"a\", nonce=\"b\"", "", NULL,
     NULL}};

const size_t n_families = sizeof families / sizeof *families;

static void put_numbered(struct fuzz_out *o, const char *piece, unsigned number)
{
    sipv_slice rest = sipv_slice_text(piece);
    fuzz_put(o, fuzz_take(&rest, '#'));
    if (rest.p > (const unsigned char *)piece && rest.p[-1] == '#') {
        fuzz_put_number(o, number);
        fuzz_put(o, rest);
    }
}

sipv_slice family_text(const struct family *f, size_t size)
{
    static unsigned char text[ROOM];
    struct fuzz_out o = FUZZ_OUT(text);
    const size_t more = f->more ? strlen(f->more) : 0, each = strlen(f->piece) + more;
    unsigned count = 0;
    fuzz_puts(&o, f->begin);
    for (; o.n + count * more + each + strlen(f->end) < size; count++)
        put_numbered(&o, f->piece, count);
    fuzz_puts(&o, f->end);
    for (unsigned i = 0; f->more && i < count; i++)
        put_numbered(&o, f->more, i);
    return fuzz_out_slice(&o);
}
