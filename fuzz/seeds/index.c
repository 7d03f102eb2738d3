/* fuzz-index TARGET DIR...: a line for each file of the folders, which are corpora of a fuzz
 * target: name, octets, what it exercises, verdicts of the strict and of the interop profile.  The
 * verdicts are those of `sipvet parse`, `sdp parse` and `uri parse` over the text without its
 * trailer; "-" where the target's input is neither a message nor a description nor a URI.  What a
 * text exercises is told by the first finding of the strict profile, and by the bits of its
 * trailer.
 *
 * fuzz/corpus.sh makes fuzz/corpus/TARGET.tsv of it, and fuzz/check_corpus.sh compares. */
#define _DEFAULT_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sipvet/auth.h>

#include "description.h"
#include "message.h"
#include "runner.h"
#include "text.h"

const char fuzz_target_name[] = "fuzz-index", fuzz_target_oracles[] = "";

static struct fuzz_message message;
static struct fuzz_description description;

/* ---- Verdicts ---------------------------------------------------------------------------------
 */

static const char *word_of(bool accepted)
{
    return accepted ? "accept" : "reject";
}

/* As an input that asks for the profile, and for explanations in the strict one. */
static struct fuzz_input asking(sipv_profile profile)
{
    return (struct fuzz_input){.bits =
                                   profile == SIPV_INTEROP ? FUZZ_BIT_INTEROP : FUZZ_BIT_EXPLAIN};
}

static bool accepts_message(sipv_slice text, sipv_profile profile)
{
    sipv_limits limits;
    const struct fuzz_input in = asking(profile);
    const sipv_options options = fuzz_options(&in, &limits);
    return fuzz_message_parse(&message, text, &options) == SIPV_OK;
}

static bool accepts_description(sipv_slice text, sipv_profile profile)
{
    sipv_limits limits;
    const struct fuzz_input in = asking(profile);
    const sipv_sdp_options options = fuzz_sdp_options(&in, &limits);
    return fuzz_sdp_parse(&description, text, &options, 0) == SIPV_OK;
}

static void put_verdicts(bool (*accepts)(sipv_slice text, sipv_profile profile), sipv_slice text)
{
    const bool interop = accepts(text, SIPV_INTEROP), strict = accepts(text, SIPV_STRICT);
    printf("\t%s\t%s\n", word_of(strict), word_of(interop));
}

/* ---- What is exercised ------------------------------------------------------------------------
 */

static void put_bits(const struct fuzz_input *in)
{
    if (in->bits)
        printf("; bits %08" PRIx32, in->bits);
}

/* The first error, or else the first finding; -1: none. */
static long first_of(const sipv_diag *diags, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (diags[i].severity == SIPV_ERROR)
            return (long)i;
    return n ? 0 : -1;
}

static void put_finding(const sipv_diag_info *info)
{
    if (info)
        printf("%s, %s", info->rfc, info->name);
}

static void put_message(const struct fuzz_input *in, bool verdicts)
{
    const sipv_message *const m = &message.m;
    accepts_message(fuzz_text(in), SIPV_STRICT);
    const long first = first_of(m->diags, m->n_diags);
    if (first >= 0)
        put_finding(sipv_diag_find(m->diags[first].code));
    else
        fputs(m->kind == SIPV_REQUEST ? "RFC 3261 section 7.1, a request"
                                      : "RFC 3261 section 7.2, a response",
              stdout);
    put_bits(in);
    if (verdicts)
        put_verdicts(accepts_message, fuzz_text(in));
    else
        puts("\t-\t-");
}

static void put_description(const struct fuzz_input *in)
{
    const sipv_sdp *const s = &description.s;
    accepts_description(fuzz_text(in), SIPV_STRICT);
    const long first = first_of(s->diags, s->n_diags);
    if (first >= 0)
        put_finding(sipv_sdp_diag_find(s->diags[first].code));
    else
        fputs("RFC 8866 section 5, a description", stdout);
    put_bits(in);
    put_verdicts(accepts_description, fuzz_text(in));
}

/* The first of two; there is one reading of a URI. */
static void put_uri(const struct fuzz_input *in)
{
    static sipv_event events[1 << 16];
    sipv_slice rest = fuzz_text(in);
    sipv_slice text = fuzz_take(&rest, '\n');
    sipv_uri uri;
    size_t error;
    if (rest.n && text.n && text.p[text.n - 1] == '\r')
        text.n--;
    const bool fine = sipv_uri_parse(text, false, events, sizeof events / sizeof *events, &uri,
                                     &error) == SIPV_OK;
    printf("%s", rest.n ? "RFC 3261 section 19.1.4, two URIs" : "RFC 3261 section 19.1.1, a URI");
    put_bits(in);
    printf("\t%s\t%s\n", word_of(fine), word_of(fine));
}

/* ---- Where a grammar is printed ----------------------------------------------------------------
 */

/* The section, of several the first, in which an RFC prints its rules. */
static const struct {
    unsigned rfc;
    const char *section;
} sections[] = {
    {2046, "5.1.1"}, {3261, "25.1"},  {3262, "10"},      {3311, "7"},     {3313, "5.1"},
    {3323, "4.2"},   {3325, "9.1"},   {3326, "2"},       {3327, "4"},     {3329, "2.2"},
    {3420, "2"},     {3428, "9"},     {3486, "8"},       {3515, "2.1"},   {3581, "5"},
    {3608, "5"},     {3611, "5.1"},   {3840, "9"},       {3841, "10"},    {3891, "6.1"},
    {3892, "3"},     {3903, "12"},    {3911, "7.1"},     {3966, "3"},     {4028, "4"},
    {4145, "4"},     {4412, "3"},     {4457, "4"},       {4458, "5"},     {4474, "9"},
    {4488, "4"},     {4538, "7"},     {4567, "3"},       {4568, "9"},     {4585, "4"},
    {4964, "7.1"},   {5002, "5"},     {5009, "9"},       {5049, "9.1"},   {5318, "5"},
    {5322, "3.4.1"}, {5360, "5.9.3"}, {5373, "2"},       {5393, "5.8"},   {5502, "6"},
    {5503, "5"},     {5626, "10"},    {5627, "7"},       {5806, "4"},     {5839, "7.3"},
    {5888, "4"},     {5939, "3"},     {6050, "4.1"},     {6086, "9.2"},   {6140, "9"},
    {6442, "4.1"},   {6665, "8.4"},   {6794, "4.4.5.1"}, {6809, "6.2.1"}, {7044, "5"},
    {7118, "5.1"},   {7235, "2.1"},   {7315, "5"},       {7316, "7"},     {7339, "9"},
    {7433, "4.1"},   {7549, "6.2"},   {7614, "4.8"},     {7615, "3"},     {7616, "3"},
    {7989, "5"},     {8055, "5.6.2"}, {8122, "5"},       {8224, "4"},     {8262, "3.2"},
    {8496, "6"},     {8498, "6.2"},   {8599, "8.2"},     {8606, "4"},     {8760, "2.6"},
    {8787, "4"},     {8839, "5"},     {8866, "9"},       {8876, "5.2"},   {9410, "5"},
};

/* "RFC 3261 section 25.1" of "RFC 3261" or "rfc3261"; what is no RFC, or one that is not above, as
 * it is. */
static void put_source(const char *source)
{
    const bool is_rfc = strncmp(source, "RFC ", 4) == 0 || strncmp(source, "rfc", 3) == 0;
    uint64_t number = 0;
    if (!is_rfc ||
        sipv_number(sipv_slice_text(source + 3 + (source[3] == ' ')), 99999, &number) != SIPV_OK) {
        fputs(source, stdout);
        return;
    }
    printf("RFC %" PRIu64, number);
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        if (sections[i].rfc == number)
            printf(" section %s", sections[i].section);
}

static void put_header(const struct fuzz_input *in)
{
    sipv_slice rest = fuzz_text(in);
    const sipv_header_info *info = sipv_header_info_of(sipv_header_find(fuzz_take(&rest, ':')));
    if (info) {
        put_source(info->rfc);
        printf(", %s", info->name);
    } else
        fputs("RFC 3261 section 7.3.1, a header of an unknown name", stdout);
    put_bits(in);
    puts("\t-\t-");
}

/* "rule:text" and its kin, by what stands before the colon. */
static void put_rule(const struct fuzz_input *in)
{
    static const char *const prefixes[] = {"sdp ", "digest ", ""};
    const sipv_grammar *const grammars[] = {sipv_sdp_grammar(), sipv_auth_grammar(),
                                            sipv_sip_grammar()};
    sipv_slice rest = fuzz_text(in), name = fuzz_take(&rest, ':');
    size_t i = 0, n = strlen(prefixes[0]);
    while (name.n < n || memcmp(name.p, prefixes[i], n) != 0)
        n = strlen(prefixes[++i]);
    name = sipv_slice_of(name.p + n, name.n - n);
    const int rule = sipv_rule_find(grammars[i], name);
    if (rule >= 0) {
        const char *const source = sipv_rule_source(grammars[i], rule);
        put_source(source ? source : "RFC 5234 section B.1"); /* the core rules of ABNF */
        printf(", %s", sipv_rule_name(grammars[i], rule));
    } else
        fputs("RFC 5234, a rule by its number or of a grammar that is made", stdout);
    put_bits(in);
    puts("\t-\t-");
}

/* What is wrong with it as credentials. */
static void put_credentials(const struct fuzz_input *in)
{
    static sipv_event events[1 << 16];
    static unsigned char room_text[1 << 16];
    sipv_room room =
        sipv_room_of(events, sizeof events / sizeof *events, room_text, sizeof room_text);
    sipv_credentials c;
    const bool read = sipv_credentials_parse(fuzz_text(in), &room, &c) == SIPV_OK;
    if (!read)
        fputs("RFC 7616 section 3, no credentials", stdout);
    else if (c.fault.reason == SIPV_FINE)
        fputs("RFC 7616 section 3.4, credentials", stdout);
    else
        printf("%s, %s", sipv_auth_reason_rfc(c.fault.reason),
               sipv_auth_reason_name(c.fault.reason));
    put_bits(in);
    puts("\t-\t-");
}

/* How many messages there are, and how the stream ends. */
static void put_stream(const struct fuzz_input *in)
{
    sipv_framer framer;
    sipv_frame frame;
    size_t at = 0, count = 0;
    int result;
    sipv_framer_init(&framer, SIPV_STRICT, NULL);
    while ((result = sipv_framer_feed(&framer, in->p + at, in->n - at, &frame)) == SIPV_OK) {
        at += frame.skip + frame.n;
        count++;
    }
    printf("RFC 3261 section 18.3, %zu message%s of a stream", count, count == 1 ? "" : "s");
    if (result == SIPV_REJECT)
        printf(", then %s", sipv_diag_find(frame.diag.code)->name);
    put_bits(in);
    puts("\t-\t-");
}

/* ---- Targets ----------------------------------------------------------------------------------
 */

static void put_input(const char *target, const struct fuzz_input *in)
{
    static const char *const messages[] = {"fuzz_message", "fuzz_roundtrip", "fuzz_meaning"};
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++)
        if (strcmp(target, messages[i]) == 0) {
            put_message(in, true);
            return;
        }
    if (strcmp(target, "fuzz_writer") == 0)
        put_message(in, false);
    else if (strcmp(target, "fuzz_sdp") == 0 || strcmp(target, "fuzz_offer_answer") == 0)
        put_description(in);
    else if (strcmp(target, "fuzz_uri") == 0)
        put_uri(in);
    else if (strcmp(target, "fuzz_header") == 0)
        put_header(in);
    else if (strcmp(target, "fuzz_grammar_diff") == 0)
        put_rule(in);
    else if (strncmp(target, "fuzz_digest_", 12) == 0)
        put_credentials(in);
    else
        put_stream(in);
}

int main(int argc, char **argv)
{
    struct runner_inputs all = {NULL, 0, 0};
    bool fine = argc > 2;
    if (!fine)
        fputs("usage: fuzz-index TARGET DIR...\n", stderr);
    for (int i = 2; i < argc; i++)
        fine &= runner_read(&all, argv[i]);
    runner_sort(&all);
    for (size_t i = 0; fine && i < all.n; i++) {
        const struct runner_input *file = &all.list[i];
        struct fuzz_input in;
        fine = fuzz_open(&in, file->data, file->n);
        if (!fine)
            break;
        printf("%s\t%zu\t", strrchr(file->path, '/') + 1, file->n);
        put_input(argv[1], &in);
        fuzz_close(&in);
    }
    runner_free(&all);
    return fine ? 0 : 3;
}
