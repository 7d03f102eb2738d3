/* fuzz-linear [-v]: is work linear in the input?  Families of texts that made parsers slow, doubled
 * from 8 to 64 KiB, go through whatever reads them; the blocks that the libraries execute are
 * counted, and must not grow by more than a factor of 2.2 with each doubling.
 *
 * Exit: 0 all are linear; 1 one is not; 77 this build counts no blocks. */
#include <sipvet/auth.h>
#include <sipvet/parser.h>
#include <sipvet/sdp.h>

#include <stdio.h>
#include <string.h>

#include "description.h"
#include "message.h"
#include "text.h"
#include "work.h"

/* With what is put round a value a message of 64 KiB is within the limits. */
enum { SMALLEST = 8 << 10, DOUBLINGS = 3, AROUND = 300, ROOM = 1 << 18 };
#define RATIO 2.2
/* So long that a text of these has no more than the limits allow. */
#define SHORT "a123456789b123456789c1234"
#define LONG "a123456789b123456789c123456789d123456789e123456789f123456789"

enum kind { VALUE, URI, DESCRIPTION, DIGEST };

/* A text is begin, piece as often as there is room, end, and then `more` as often as the piece; a
 * value stands in the header `name`.  A # in what is repeated is its number. */
static const struct family {
    enum kind kind;
    const char *name, *begin, *piece, *end, *more;
} families[] = {
    {VALUE, "Supported", "", ",", "", NULL},
    {VALUE, "Supported", "a", ",a", "", NULL},
    {VALUE, "Route", "<sip:a>", ",<sip:a>", "", NULL},
    {VALUE, "Via", "SIP/2.0/UDP a", ";", "", NULL},
    {VALUE, "Via", "SIP/2.0/UDP a", ";a", "", NULL},
    {VALUE, "Via", "SIP/2.0/UDP a", ";ttl=1", "", NULL},
    {VALUE, "To", "<sip:a", ";a", ">", NULL},
    {VALUE, "Authorization", "Digest a=b", ",a=b", "", NULL},
    {VALUE, "Server", "", "(", "", NULL},
    {VALUE, "Server", "a", " (a)", "", NULL},
    {VALUE, "Server", "a", " (((((((a)))))))", "", NULL},
    {VALUE, "Subject", "a", "\r\n a", "", NULL},
    {VALUE, "CSeq", "1", "\r\n ", "INVITE", NULL},
    {VALUE, "To", "\"a\"", " ", "<sip:a>", NULL},
    {VALUE, "From", "a", " a", " <sip:a>", NULL},
    {VALUE, "To", "\"", "\\\"", "\" <sip:a>", NULL},
    {VALUE, "To", "<sip:", "%", "@a>", NULL},
    {VALUE, "To", "<sip:", "%41", "@a>", NULL},
    {VALUE, "To", "<sip:a", ":", "@b>", NULL},
    {VALUE, "Contact", "<sip:a@b>", ",sip:a@b", "", NULL},
    {VALUE, "To", "<sip:a", ".a", ">", NULL},
    {VALUE, "Via", "SIP/2.0/UDP [", "1:", "]", NULL},
    {VALUE, "Subject", "", "\xc3\xa9", "", NULL},
    {VALUE, "Accept", "a/b", ";q=1", "", NULL},
    {URI, "", "sip:a@b", ";a", "", NULL},
    {URI, "", "sip:a@b?a=b", "&a=b", "", NULL},
    {URI, "", "tel:+1", "-1", "", NULL},
    {DESCRIPTION, "formats", "m=audio 9 x", " f", "\r\n", NULL},
    {DESCRIPTION, "attributes", "", "a=x\r\n", "", NULL},
    {DESCRIPTION, "known attributes", "", "a=tool:x\r\n", "", NULL},
    {DESCRIPTION, "media", "", "m=audio 9 RTP/AVP 0\r\n", "", NULL},
    {DESCRIPTION, "maps", "m=audio 9 RTP/AVP 96\r\n", "a=rtpmap:96 x/8000\r\n", "", NULL},
    {DESCRIPTION, "candidates", "m=audio 9 RTP/AVP 0\r\n",
     "a=candidate:1 1 UDP 1 192.0.2.1 9 typ host\r\n", "", NULL},
    {DESCRIPTION, "groups", "a=group:BUNDLE", " a", "\r\n", NULL},
    {DESCRIPTION, "wrong lines", "", "x\r\n", "", NULL},
    {DESCRIPTION, "other formats", "m=audio 9 x", " " LONG "#", "\r\n", NULL},
    {DESCRIPTION, "their parameters", "m=audio 9 x", " " SHORT "#", "\r\n",
     "a=fmtp:" SHORT "# x\r\n"},
    {DESCRIPTION, "other groups", "", "a=x\r\n", "", "a=group:BUNDLE a#\r\n"},
    {DESCRIPTION, "grouped media", "a=group:BUNDLE", " " LONG "#", "\r\n",
     "m=audio 9 RTP/AVP 0\r\na=x:" LONG LONG "\r\na=mid:" LONG "#\r\n"},
    {DIGEST, "", "Digest a=b", ",a=b", "", NULL},
    {DIGEST, "", "Digest a=b", ",", "", NULL},
    {DIGEST, "", "Digest realm=\"", "\\a", "\"", NULL},
    {DIGEST, "", "Digest realm=\"", "\r\n ", "\"", NULL},
    {DIGEST, "", "Basic abc", ", Basic abc", "", NULL}};

static struct fuzz_message message;
static struct fuzz_description description;
static unsigned char text[ROOM], out[ROOM], room_text[ROOM];
static sipv_event events[ROOM];
static bool verbose;

/* ---- Texts -------------------------------------------------------------------------------------
 */

static void put_numbered(struct fuzz_out *o, const char *piece, unsigned number)
{
    sipv_slice rest = sipv_slice_text(piece);
    fuzz_put(o, fuzz_take(&rest, '#'));
    if (rest.p > (const unsigned char *)piece && rest.p[-1] == '#') {
        fuzz_put_number(o, number);
        fuzz_put(o, rest);
    }
}

static sipv_slice make_text(const struct family *f, size_t size)
{
    struct fuzz_out o = FUZZ_OUT(text);
    const size_t each = strlen(f->piece) + (f->more ? strlen(f->more) : 0);
    unsigned count = 0;
    if (f->kind == DESCRIPTION)
        fuzz_puts(&o, "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n");
    fuzz_puts(&o, f->begin);
    for (; o.n + (count * (each - strlen(f->piece))) + each + strlen(f->end) + AROUND < size;
         count++)
        put_numbered(&o, f->piece, count);
    fuzz_puts(&o, f->end);
    for (unsigned i = 0; f->more && i < count; i++)
        put_numbered(&o, f->more, i);
    return fuzz_out_slice(&o);
}

static sipv_slice make_message(const struct family *f, sipv_slice value)
{
    struct fuzz_out o = FUZZ_OUT(out);
    fuzz_puts(&o, "OPTIONS sip:a SIP/2.0\r\n");
    fuzz_puts(&o, f->name);
    fuzz_puts(&o, ": ");
    fuzz_put(&o, value);
    fuzz_puts(&o, "\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK7\r\nFrom: <sip:a>;tag=1\r\nTo: <sip:b>\r\n"
                  "Call-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n");
    return fuzz_out_slice(&o);
}

/* ---- Subjects ----------------------------------------------------------------------------------
 */

static void fast(const struct family *f, sipv_slice s)
{
    sipv_iter it;
    sipv_value_parse(sipv_header_find(sipv_slice_text(f->name)), s, events, ROOM, &it, NULL);
}

static void explain(const struct family *f, sipv_slice s)
{
    sipv_match match;
    sipv_alternative all[SIPV_ALTERNATIVES_MAX];
    const unsigned id = sipv_header_find(sipv_slice_text(f->name));
    sipv_explain(sipv_sip_grammar(), sipv_header_info_of(id)->rule, true, s, 0, fuzz_explainer(), 0,
                 events, ROOM, &match);
    sipv_explain_alternatives(fuzz_explainer(), all, SIPV_ALTERNATIVES_MAX);
}

static void parse_message(const struct family *f, sipv_slice s)
{
    const sipv_options options = {.profile = SIPV_STRICT, .explainer = fuzz_explainer()};
    fuzz_message_parse(&message, make_message(f, s), &options);
}

static void parse_relaxed(const struct family *f, sipv_slice s)
{
    const sipv_options options = {.profile = SIPV_INTEROP, .explainer = fuzz_explainer()};
    fuzz_message_parse(&message, make_message(f, s), &options);
}

/* A kilobyte more each time. */
static void frame(const struct family *f, sipv_slice s)
{
    sipv_framer framer;
    sipv_frame done;
    const sipv_slice all = make_message(f, s);
    sipv_framer_init(&framer, SIPV_STRICT, NULL);
    for (size_t n = 1024; n <= all.n; n += 1024)
        if (sipv_framer_feed(&framer, all.p, n, &done) != SIPV_MORE)
            return;
    sipv_framer_feed(&framer, all.p, all.n, &done);
}

static void parse_uri(const struct family *f, sipv_slice s)
{
    sipv_uri uri;
    (void)f;
    if (sipv_uri_parse(s, false, events, ROOM, &uri, NULL) == SIPV_OK)
        sipv_uri_compare(&uri, &uri, NULL);
}

static void parse_sdp(const struct family *f, sipv_slice s)
{
    static const sipv_sdp_options strict = {SIPV_STRICT, NULL, NULL};
    (void)f;
    fuzz_sdp_parse(&description, s, &strict, 0);
}

static void parse_sdp_relaxed(const struct family *f, sipv_slice s)
{
    const sipv_sdp_options options = {SIPV_INTEROP, NULL, fuzz_explainer()};
    (void)f;
    fuzz_sdp_parse(&description, s, &options, 0);
}

static void answer(const struct family *f, sipv_slice s)
{
    sipv_sdp_capabilities local = {.address = {(const unsigned char *)"192.0.2.7", 9}};
    sipv_diag diags[16];
    size_t n = 0;
    parse_sdp(f, s);
    sipv_sdp_answer(&description.s, &local, out, ROOM, &n);
    sipv_sdp_check_answer(&description.s, &description.s, diags, 16, &n);
    sipv_sdp_check_next(&description.s, &description.s, diags, 16, &n);
}

static void parse_digest(const struct family *f, sipv_slice s)
{
    sipv_room room = sipv_room_of(events, ROOM, room_text, ROOM);
    sipv_challenges list;
    sipv_challenge challenge;
    sipv_credentials credentials;
    (void)f;
    sipv_credentials_parse(s, &room, &credentials);
    room = sipv_room_of(events, ROOM, room_text, ROOM);
    if (sipv_challenges_parse(s, &room, &list, NULL) == SIPV_OK)
        while (sipv_challenges_next(&list, &challenge) == SIPV_OK)
            ;
}

static const struct subject {
    enum kind kind;
    const char *name;
    void (*run)(const struct family *f, sipv_slice s);
} subjects[] = {{VALUE, "fast engine", fast},
                {VALUE, "explaining engine", explain},
                {VALUE, "message, strict", parse_message},
                {VALUE, "message, interop", parse_relaxed},
                {VALUE, "framer", frame},
                {URI, "URI", parse_uri},
                {DESCRIPTION, "description, strict", parse_sdp},
                {DESCRIPTION, "description, interop", parse_sdp_relaxed},
                {DESCRIPTION, "answer and judgement", answer},
                {DIGEST, "Digest", parse_digest}};

/* ---- Counting ----------------------------------------------------------------------------------
 */

static bool is_linear(const struct subject *s, const struct family *f)
{
    uint64_t work[DOUBLINGS + 1];
    bool linear = true;
    for (unsigned i = 0; i <= DOUBLINGS; i++) {
        const sipv_slice t = make_text(f, (size_t)SMALLEST << i);
        const uint64_t before = fuzz_work;
        s->run(f, t);
        work[i] = fuzz_work - before;
        linear &= i == 0 || (double)work[i] <= RATIO * (double)work[i - 1] + 1000;
    }
    if (verbose || !linear)
        printf("%-22s %-18s %.12s...: %llu %llu %llu %llu blocks%s\n", s->name, f->name, f->piece,
               (unsigned long long)work[0], (unsigned long long)work[1],
               (unsigned long long)work[2], (unsigned long long)work[3],
               linear ? "" : ", NOT LINEAR");
    return linear;
}

int main(int argc, char **argv)
{
    unsigned bad = 0, all = 0;
    verbose = argc == 2 && strcmp(argv[1], "-v") == 0;
    if (!fuzz_counts_work())
        return 77;
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        for (size_t k = 0; k < sizeof subjects / sizeof *subjects; k++) {
            if (subjects[k].kind != families[i].kind)
                continue;
            all++;
            bad += !is_linear(&subjects[k], &families[i]);
        }
    printf("%u of %u are not linear\n", bad, all);
    return bad != 0;
}
