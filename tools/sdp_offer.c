/* sdp_offer.c: `sipvet sdp answer` and `sipvet sdp check`. */
#include "command.h"
#include "input.h"
#include "sdp_vet.h"

#include <stdlib.h>
#include <string.h>

static const char *const choices_format[] = {"text", "json", "ndjson", NULL};
static const char *const choices_order[] = {"offer", "local", NULL};
static const char *const choices_direction[] = {"sendrecv", "sendonly", "recvonly", "inactive",
                                                NULL};
static const char *const choices_setup[] = {"active", "passive", NULL};

static const struct option_spec sdp_answer_options[] = {
    {"profile", 0, NULL, choices_profile, "what is accepted as an offer (default: strict)", false},
    {"codecs", 0, "LIST", NULL,
     "what can be used, as PCMU,opus/48000/2,telephone-event (default: whatever is offered)",
     false},
    {"order", 0, NULL, choices_order, "whose order the formats have (default: offer)", false},
    {"one-codec", 0, NULL, NULL, "only the best codec of each stream, with events beside it",
     false},
    {"address", 0, "ADDRESS", NULL, "where media is received (default: 127.0.0.1)", false},
    {"port", 0, "PORT", NULL, "of the first stream (default: 49170)", false},
    {"direction", 0, NULL, choices_direction, "at most this (default: sendrecv)", false},
    {"reject", 0, "N,...", NULL, "streams to reject, the first is 1", false},
    {"setup", 0, NULL, choices_setup, "role where there is a choice (default: active)", false},
    {"fingerprint", 0, "VALUE", NULL,
     "of the certificate, for DTLS (default: sha-256 and zeros, which no certificate has)", false},
    {"ice", 0, "UFRAG:PWD", NULL, "credentials for ICE (default: no ICE)", false},
    {"crypto", 0, "KEY", NULL, "key parameters for SDES, as inline:... (default: no SDES)", false},
    {"no-bundle", 0, NULL, NULL, "no BUNDLE group, also if offered", false},
    {"no-rtcp-mux", 0, NULL, NULL, "no rtcp-mux, also if offered, and no RTP in a BUNDLE group",
     false},
    {NULL, 0, NULL, NULL, NULL, false},
};

static const struct option_spec sdp_check_options[] = {
    {"format", 'f', NULL, choices_format, "how findings are written (default: text)", false},
    {"profile", 0, NULL, choices_profile, "what is accepted (default: strict)", false},
    {"offer", 0, "FILE", NULL, "the offer", false},
    {"answer", 0, "FILE", NULL, "the answer to it", false},
    {"previous", 0, "FILE", NULL, "a description of one party", false},
    {"next", 0, "FILE", NULL, "the one that follows it", false},
    {NULL, 0, NULL, NULL, NULL, false},
};

static size_t index_of(const char *const *choices, const char *word)
{
    size_t i = 0;

    while (strcmp(choices[i], word) != 0)
        i++;
    return i;
}

/* ---- answer -------------------------------------------------------------------------------------
 */

enum { CODECS_MAX = 64 };

/* The part up to `end`, or all; the text behind it is left in `*text`. */
static sipv_slice next_word(const char **text, char end)
{
    const char *at = strchr(*text, end);
    size_t n = at ? (size_t)(at - *text) : strlen(*text);
    sipv_slice word = sipv_slice_of(*text, n);

    *text += n + (at != NULL);
    return word;
}

/* "opus/48000/2" */
static bool read_codec(sipv_slice word, sipv_sdp_codec *codec)
{
    sipv_slice part[3] = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
    uint64_t n[3] = {0, 0, 0};
    size_t k = 0, from = 0;

    for (size_t i = 0; i <= word.n; i++) {
        if (i < word.n && word.p[i] != '/')
            continue;
        if (k == 3)
            return false;
        part[k++] = sipv_slice_of(word.p + from, i - from);
        from = i + 1;
    }
    for (size_t i = 1; i < k; i++)
        if (sipv_number(part[i], UINT32_MAX, &n[i]) != SIPV_OK)
            return false;
    *codec = (sipv_sdp_codec){part[0], (uint32_t)n[1], (uint32_t)n[2]};
    return part[0].n > 0;
}

static int read_codecs(const struct arguments *args, sipv_sdp_codec *codecs, size_t *n)
{
    const char *text = arguments_value(args, "codecs", "");

    while (*text) {
        if (*n == CODECS_MAX || !read_codec(next_word(&text, ','), &codecs[*n]))
            return usage_error(args->command,
                               "option '--codecs' takes names as PCMU or opus/48000/2, at most %d",
                               CODECS_MAX);
        ++*n;
    }
    return EXIT_FINE;
}

static int read_rejected(const struct arguments *args, uint64_t *set)
{
    const char *text = arguments_value(args, "reject", "");
    uint64_t i;

    while (*text) {
        if (sipv_number(next_word(&text, ','), 64, &i) != SIPV_OK || i == 0)
            return usage_error(args->command, "option '--reject' takes numbers from 1 to 64");
        *set |= (uint64_t)1 << (i - 1);
    }
    return EXIT_FINE;
}

static sipv_slice text_of(const struct arguments *args, const char *name, const char *otherwise)
{
    const char *text = arguments_value(args, name, otherwise);

    return text ? sipv_slice_text(text) : sipv_slice_of(NULL, 0);
}

static int read_capabilities(const struct arguments *args, sipv_sdp_codec *codecs,
                             sipv_sdp_capabilities *local)
{
    static const char zeros[] = "sha-256 00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:"
                                "00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00";
    const char *ice = arguments_value(args, "ice", NULL);
    uint64_t port;
    int result;

    memset(local, 0, sizeof *local);
    local->codecs = codecs;
    if ((result = read_codecs(args, codecs, &local->n_codecs)) != EXIT_FINE ||
        (result = read_rejected(args, &local->reject)) != EXIT_FINE)
        return result;
    if (sipv_number(text_of(args, "port", "49170"), 65535, &port) != SIPV_OK || port == 0)
        return usage_error(args->command, "option '--port' takes a number from 1 to 65535");
    if (ice && !strchr(ice, ':'))
        return usage_error(args->command, "option '--ice' takes UFRAG:PWD");
    local->port = (uint16_t)port;
    local->address = text_of(args, "address", "127.0.0.1");
    local->local_order = index_of(choices_order, arguments_value(args, "order", "offer")) == 1;
    local->one_codec = arguments_have(args, "one-codec");
    local->direction = (sipv_sdp_direction)index_of(choices_direction,
                                                    arguments_value(args, "direction", "sendrecv"));
    local->passive = index_of(choices_setup, arguments_value(args, "setup", "active")) == 1;
    local->fingerprint = text_of(args, "fingerprint", zeros);
    local->crypto = text_of(args, "crypto", NULL);
    local->no_bundle = arguments_have(args, "no-bundle");
    local->no_rtcp_mux = arguments_have(args, "no-rtcp-mux");
    local->sess_id = local->sess_version = 1;
    if (ice) {
        local->ice_ufrag = next_word(&ice, ':');
        local->ice_pwd = sipv_slice_text(ice);
    }
    return EXIT_FINE;
}

/* What is wrong with a description, on stdout as lint has it. */
static void show_findings(struct sdp_vet *v, const char *source, struct palette palette)
{
    for (size_t i = 0; i < v->s.n_diags; i++) {
        struct finding f;

        sdp_finding_of(v, &v->s.diags[i], &f);
        finding_text(&f, NULL, source, &v->lines, palette);
    }
}

static int answer(const struct arguments *args, const struct input *input,
                  const sipv_sdp_capabilities *local)
{
    struct sdp_vet v = {.cap_lines = 0};
    int result = EXIT_FINE;
    size_t n = 0;

    sdp_vet_parse(&v, sipv_slice_of(input->data, input->n),
                  profile_of(arguments_value(args, "profile", "strict")));
    if (sipv_sdp_answer(&v.s, local, NULL, 0, &n) == SIPV_NO_SPACE) {
        unsigned char *out = need(n, 1);

        sipv_sdp_answer(&v.s, local, out, n, &n);
        out_bytes(out, n);
        free(out);
    } else if (!v.s.accepted) {
        show_findings(&v, input->name, palette_of(arguments_value(args, "color", "auto")));
        result = EXIT_FINDINGS;
    } else {
        result = usage_error(args->command, "an option has a value that no line of SDP can have");
    }
    sdp_vet_free(&v);
    return result;
}

static int run_sdp_answer(const struct arguments *args)
{
    sipv_sdp_codec codecs[CODECS_MAX];
    sipv_sdp_capabilities local;
    struct input input;
    int result = read_capabilities(args, codecs, &local);

    if (result != EXIT_FINE)
        return result;
    result = input_read(args->operand_count ? args->operands[0] : "-", &input);
    if (result != EXIT_FINE)
        return result;
    result = answer(args, &input, &local);
    input_free(&input);
    return result;
}

static const char sdp_answer_description[] =
    "FILE is an offer; '-' or no FILE is standard input. The answer is made by RFC 3264 section\n"
    "6: formats in common, directions, also for a held stream, port 0 for a stream that is\n"
    "rejected. BUNDLE groups, rtcp-mux, mid and the role of setup are answered as well.\n"
    "\n"
    "A stream over DTLS needs a fingerprint; without the option it is one of zeros, good for\n"
    "reading and tests alone. A stream over SAVP without DTLS is rejected unless --crypto says\n"
    "what to write.\n"
    "\n"
    "The exit status is 0 if there is an answer, 1 if the offer was rejected; then its findings\n"
    "are shown.\n";

static const char sdp_answer_examples[] =
    "sipvet sdp answer offer.sdp\n"
    "sipvet sdp answer --codecs PCMA,telephone-event --order local --address 192.0.2.7 offer.sdp\n"
    "sipvet sdp answer offer.sdp > answer.sdp; sipvet sdp check --offer offer.sdp --answer "
    "answer.sdp\n";

const struct command command_sdp_answer = {
    .name = "sdp answer",
    .operands = "[FILE]",
    .summary = "Writes an answer to an offer",
    .run = run_sdp_answer,
    .options = sdp_answer_options,
    .max_operands = 1,
    .kind = OPERAND_FILE,
    .description = sdp_answer_description,
    .examples = sdp_answer_examples,
};

/* ---- check --------------------------------------------------------------------------------------
 */

/* One of the two descriptions. */
struct side {
    const char *name;
    struct input input;
    struct sdp_vet v;
};

static int read_side(const struct arguments *args, const char *option, struct side *side)
{
    const sipv_profile profile = profile_of(arguments_value(args, "profile", "strict"));
    int result;

    memset(side, 0, sizeof *side);
    side->name = arguments_value(args, option, NULL);
    if ((result = input_read(side->name, &side->input)) != EXIT_FINE)
        return result;
    sdp_vet_parse(&side->v, sipv_slice_of(side->input.data, side->input.n), profile);
    return EXIT_FINE;
}

static void free_side(struct side *side)
{
    sdp_vet_free(&side->v);
    input_free(&side->input);
}

/* A pair can be judged if interop can read both: what strict says of each is no matter of RFC
 * 3264. */
static bool is_readable(struct side *side)
{
    if (side->v.s.accepted)
        return true;
    sdp_vet_parse(&side->v, sipv_slice_of(side->input.data, side->input.n), SIPV_INTEROP);
    return side->v.s.accepted;
}

/* A finding about the second description of a pair. */
static void pair_finding(struct side *second, const sipv_diag *d, struct finding *f)
{
    const size_t line = d->header;

    sdp_finding_of(&second->v, d, f);
    f->match.n_expected = 0;
    if (line >= second->v.s.n_lines)
        f->header = NULL;
}

static void begin_record(struct json *j, const char *what, const struct side *first,
                         const struct side *second, bool allowed)
{
    json_object(j, NULL);
    json_text(j, "schema", "sipvet.sdp-check/1");
    json_text(j, "relation", what);
    json_text(j, "first", first->name);
    json_text(j, "second", second->name);
    json_text(j, "verdict", verdict_name(allowed));
    json_array(j, "diagnostics");
}

static void show_pair(const struct arguments *args, const char *what, struct side *first,
                      struct side *second, bool allowed, const sipv_diag *diags, size_t n)
{
    const char *format = arguments_value(args, "format", "text");
    const struct palette palette = palette_of(arguments_value(args, "color", "auto"));
    struct json j = json_begin_record(strcmp(format, "json") == 0);
    struct finding f;

    if (strcmp(format, "text") != 0)
        begin_record(&j, what, first, second, allowed);
    for (size_t i = 0; i < n; i++) {
        pair_finding(second, &diags[i], &f);
        if (strcmp(format, "text") != 0)
            finding_json(&j, &f, NULL);
        else
            finding_text(&f, NULL, second->name, &second->v.lines, palette);
    }
    if (strcmp(format, "text") != 0) {
        json_end_array(&j);
        json_end_object(&j);
        json_end_record(&j);
    } else {
        out_format("%s: %s\n", what, allowed ? "allowed" : "not allowed");
    }
}

/* A description that cannot be read: its own findings are shown. */
static int unreadable(const struct arguments *args, const char *what, struct side *first,
                      struct side *second)
{
    struct side *bad = first->v.s.accepted ? second : first;

    show_pair(args, what, first, bad, false, bad->v.s.diags, bad->v.s.n_diags);
    return EXIT_FINDINGS;
}

static int check_pair(const struct arguments *args, bool answers, struct side *first,
                      struct side *second)
{
    const char *what = answers ? "offer/answer" : "previous/next";
    size_t cap = 256, n = 0;
    sipv_diag *diags = NULL;
    int result;

    if (!is_readable(first) || !is_readable(second))
        return unreadable(args, what, first, second);
    do {
        cap *= 4;
        diags = need_more(diags, cap, sizeof *diags);
        result = answers ? sipv_sdp_check_answer(&first->v.s, &second->v.s, diags, cap, &n)
                         : sipv_sdp_check_next(&first->v.s, &second->v.s, diags, cap, &n);
    } while (result == SIPV_NO_SPACE && cap < (1u << 20));
    show_pair(args, what, first, second, result == SIPV_OK, diags, n);
    free(diags);
    return result == SIPV_OK ? EXIT_FINE : EXIT_FINDINGS;
}

static int run_sdp_check(const struct arguments *args)
{
    const bool answers = arguments_value(args, "offer", NULL) != NULL;
    const char *names[2] = {answers ? "offer" : "previous", answers ? "answer" : "next"};
    struct side first, second;
    int result;

    if (!arguments_value(args, names[0], NULL) || !arguments_value(args, names[1], NULL) ||
        (answers &&
         (arguments_value(args, "previous", NULL) || arguments_value(args, "next", NULL))))
        return usage_error(args->command,
                           "it takes --offer and --answer, or --previous and --next");
    if ((result = read_side(args, names[0], &first)) != EXIT_FINE)
        return result;
    if ((result = read_side(args, names[1], &second)) == EXIT_FINE) {
        result = check_pair(args, answers, &first, &second);
        free_side(&second);
    }
    free_side(&first);
    return result;
}

static const char sdp_check_description[] =
    "With --offer and --answer the pair is judged by RFC 3264 section 6, with --previous and\n"
    "--next as two descriptions of one party by section 8. Each finding names the clause; what\n"
    "other RFCs ask, as of BUNDLE or setup, is a warning.\n"
    "\n"
    "Descriptions that only the interop profile accepts are judged too; 'sipvet sdp lint' says\n"
    "what is wrong with each. json and ndjson write one record \"sipvet.sdp-check/1\".\n"
    "\n"
    "The exit status is 0 if the pair is allowed, 1 if a clause is violated or a description\n"
    "cannot be read.\n";

const struct command command_sdp_check = {
    .name = "sdp check",
    .operands = "",
    .summary = "Says whether an answer fits its offer, or a description the one before it",
    .run = run_sdp_check,
    .options = sdp_check_options,
    .description = sdp_check_description,
    .examples = "sipvet sdp check --offer offer.sdp --answer answer.sdp\n"
                "sipvet sdp check --previous first.sdp --next second.sdp\n",
};
