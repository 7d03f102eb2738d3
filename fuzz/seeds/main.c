/* fuzz-seeds [--pack] [--origins FILE] OUT PATH...
 *
 * Makes a folder of seeds for each fuzz target, OUT/<target>/<hash>, or with --pack a file for the
 * runner, OUT/<target>.pack (thousands of small files are slow), of the files below each PATH:
 * .sip messages, .sdp descriptions, .md spec pages, .tsv tables of the corpus and of this folder,
 * .stream scenarios, .raw what `sipvet gen -f raw SIP-message` has written; and of sentences of the
 * grammars. A seed is named by its content, so what comes twice is there once.  Files of a folder
 * named `regressions` are seeds with every variant of the configuration bits.  FILE gets a line for
 * each seed: target, name, where it comes from. */
#define _DEFAULT_SOURCE
#include "seeds.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "input.h"
#include "runner.h"
#include "text.h"

const char fuzz_target_name[] = "fuzz-seeds", fuzz_target_oracles[] = "";
bool seeds_all_variants;

const char *seeds_origin = "";

static FILE *origins; /* or NULL */
static const char *folder;
static bool pack; /* one file for each target */
static unsigned long written, failed;

/* ---- Targets -----------------------------------------------------------------------------------
 */

#define KIND(kind) (1u << SEED_##kind)
enum { OWN = FUZZ_BIT_OWN, PLAIN = FUZZ_BIT_PLAIN, ALL_MESSAGES = KIND(MESSAGE) | KIND(STREAM) };

/* Which kinds a target takes, and the bits it is tried with beside none. */
static const struct target {
    const char *name;
    unsigned kinds;
    uint32_t bits[16];
} targets[] = {
    {"fuzz_message",
     ALL_MESSAGES,
     {FUZZ_BIT_INTEROP, FUZZ_BIT_STREAM, FUZZ_BIT_EXPLAIN, OWN, OWN | FUZZ_BIT_INTEROP,
      OWN | FUZZ_BIT_STREAM, FUZZ_BIT_LIMITS | 0x1255u << 16,
      FUZZ_BIT_LIMITS | FUZZ_BIT_INTEROP | 0xf555u << 16, FUZZ_BIT_STORAGE | 0x3ff8u << 16,
      FUZZ_BIT_STORAGE | FUZZ_BIT_INTEROP | 0x0484u << 16, PLAIN | OWN, PLAIN | FUZZ_BIT_INTEROP}},
    {"fuzz_uri", KIND(URI), {OWN, FUZZ_BIT_STORAGE | 4u << 16, 77u << 16, PLAIN, 2 * OWN}},
    {"fuzz_header",
     KIND(HEADER),
     {FUZZ_BIT_STORAGE | 1000u << 16, FUZZ_BIT_STORAGE | 0xfffu << 16, PLAIN}},
    {"fuzz_stream",
     ALL_MESSAGES,
     {FUZZ_BIT_INTEROP | 7u << 16, OWN | 9u << 16, OWN | FUZZ_BIT_INTEROP | 11u << 16,
      FUZZ_BIT_LIMITS | 0xf555u << 16}},
    {"fuzz_writer", ALL_MESSAGES, {OWN | 0x0a0au << 16, OWN | 0x3b3bu << 16, OWN | 0x0d0du << 16}},
    {"fuzz_roundtrip",
     ALL_MESSAGES,
     {FUZZ_BIT_INTEROP, 1u << 16, 2u << 16, 4u << 16, 8u << 16, FUZZ_BIT_INTEROP | 5u << 16,
      FUZZ_BIT_INTEROP | 10u << 16}},
    {"fuzz_grammar_diff",
     KIND(HEADER) | KIND(RULE),
     {OWN | 6u << 16, OWN | 8u << 16, OWN | 12u << 16, OWN | 7u << 16}},
    {"fuzz_offer_answer",
     KIND(SDP) | KIND(PAIR),
     {FUZZ_BIT_INTEROP, OWN, 3 * OWN, 5 * OWN | 2u << 16, 8 * OWN | 4u << 16, 48 * OWN | 1u << 16,
      96 * OWN, 127 * OWN, FUZZ_BIT_INTEROP | 96 * OWN | 3u << 16, 384 * OWN,
      FUZZ_BIT_INTEROP | 128 * OWN | 8u << 16}},
    {"fuzz_meaning",
     ALL_MESSAGES,
     {OWN | 1u << 16, 2 * OWN | 2u << 16, 4 * OWN | 3u << 16, 8 * OWN | 4u << 16,
      16 * OWN | 5u << 16, 32 * OWN | 6u << 16, 64 * OWN | 7u << 16, 8u << 16, FUZZ_BIT_INTEROP,
      FUZZ_BIT_INTEROP | 9u << 16, FUZZ_BIT_INTEROP | 10u << 16}},
    {"fuzz_oom", ALL_MESSAGES | KIND(URI), {FUZZ_BIT_INTEROP, 30u << 16, OWN | 211u << 16}},
    {"fuzz_transaction",
     ALL_MESSAGES | KIND(DIALOG),
     {FUZZ_BIT_STREAM, OWN, FUZZ_BIT_INTEROP, OWN | FUZZ_BIT_STREAM, 3u << 16, OWN | 5u << 16,
      0x8007u << 16, 11u << 16, OWN | FUZZ_BIT_INTEROP | 13u << 16, FUZZ_BIT_LIMITS | 14u << 16}},
    {"fuzz_ua",
     ALL_MESSAGES | KIND(DIALOG),
     {FUZZ_BIT_STREAM, OWN, 3u << 16, OWN | 5u << 16, 0x8007u << 16, 2 * OWN | 11u << 16,
      7 * OWN | 4u << 16, 7 * OWN | FUZZ_BIT_STREAM | 9u << 16}},
    /* OWN: 1 registrar, 2 credentials, 4 stateless, 8 Record-Route, 16 next hop, 32 neighbours that
     * answer, 64 responses as they are, 128 memory, 256 in sequence, 512 redirections, 1024 slow */
    {"fuzz_proxy",
     ALL_MESSAGES | KIND(DIALOG),
     {33 * OWN | 1u << 16, 41 * OWN | FUZZ_BIT_STREAM | 2u << 16, 35 * OWN | 3u << 16,
      52 * OWN | 4u << 16, 32 * OWN | FUZZ_BIT_INTEROP | 5u << 16, 801 * OWN | 6u << 16,
      1057 * OWN | 7u << 16, 165 * OWN | 40u << 16, 43 * OWN | FUZZ_BIT_LIMITS | 0x8003u << 16,
      72 * OWN | FUZZ_BIT_STREAM | 11u << 16}},
    {"fuzz_digest_parse",
     KIND(CREDENTIALS),
     {FUZZ_BIT_STORAGE | 100u << 16, FUZZ_BIT_STORAGE | 0x1fffu << 16}},
    {"fuzz_digest_verify",
     KIND(CREDENTIALS) | KIND(SCENARIO),
     {1, 2 | 1u << 3, 3 | 2u << 3, 4 | 1u << 5, 5 | 1u << 6, 0x21, 0x0a | 1u << 7, 0x3d, 0x99, 0xd2,
      0x74}},
    {"fuzz_sdp",
     KIND(SDP) | KIND(PAIR),
     {FUZZ_BIT_INTEROP, FUZZ_BIT_EXPLAIN, FUZZ_BIT_INTEROP | FUZZ_BIT_EXPLAIN,
      FUZZ_BIT_LIMITS | 0xf555u << 16, FUZZ_BIT_STORAGE | 0x3e51u << 16,
      FUZZ_BIT_STORAGE | FUZZ_BIT_INTEROP | 0x7f7fu << 16, FUZZ_BIT_STORAGE | 0xc0ffu << 16,
      FUZZ_BIT_STORAGE | 0xd0ffu << 16, FUZZ_BIT_STORAGE | FUZZ_BIT_INTEROP | 0xd2ffu << 16, PLAIN,
      PLAIN | FUZZ_BIT_EXPLAIN, PLAIN | FUZZ_BIT_INTEROP}},
};

enum { TARGETS = sizeof targets / sizeof *targets };

static FILE *packs[TARGETS];

static uint64_t hash(sipv_slice s, uint32_t bits)
{
    uint64_t h = 0xcbf29ce484222325u ^ bits; /* FNV-1a */
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ s.p[i]) * 0x100000001b3u;
    return h ^ h >> 29;
}

/* Has this seed of this target been written?  Then it is not again. */
static bool is_new(uint64_t name)
{
    enum { SLOTS = 1 << 18 };
    static uint64_t slots[SLOTS];
    size_t at = name % SLOTS;
    while (slots[at] && slots[at] != name)
        at = (at + 1) % SLOTS;
    if (slots[at] || written >= SLOTS / 2)
        return false;
    slots[at] = name;
    return true;
}

static bool write_octets(FILE *f, sipv_slice text, uint32_t bits)
{
    const unsigned char trailer[FUZZ_TRAILER] = {(unsigned char)bits, (unsigned char)(bits >> 8),
                                                 (unsigned char)(bits >> 16),
                                                 (unsigned char)(bits >> 24), FUZZ_TRAILER_MARK};
    return fwrite(text.p, 1, text.n, f) == text.n &&
           (!bits || fwrite(trailer, 1, FUZZ_TRAILER, f) == FUZZ_TRAILER);
}

/* Behind the others of the target: name, octets as a line, then the octets. */
static bool add_to_pack(size_t i, uint64_t name, sipv_slice text, uint32_t bits)
{
    char path[4096];
    if (!packs[i]) {
        snprintf(path, sizeof path, "%s/%s.pack", folder, targets[i].name);
        packs[i] = fopen(path, "wb");
    }
    return packs[i] &&
           fprintf(packs[i], "%016" PRIx64 " %zu\n", name, text.n + (bits ? FUZZ_TRAILER : 0)) >
               0 &&
           write_octets(packs[i], text, bits);
}

static bool write_file(size_t i, uint64_t name, sipv_slice text, uint32_t bits)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s/%016" PRIx64, folder, targets[i].name, name);
    FILE *f = fopen(path, "wb");
    const bool fine = f && write_octets(f, text, bits);
    return f && fclose(f) == 0 && fine;
}

static void write_seed(size_t i, sipv_slice text, uint32_t bits)
{
    const uint64_t name = hash(text, bits);
    if (!is_new(name * 31 + i))
        return;
    const bool fine = pack ? add_to_pack(i, name, text, bits) : write_file(i, name, text, bits);
    if (origins &&
        fprintf(origins, "%s\t%016" PRIx64 "\t%s\n", targets[i].name, name, seeds_origin) < 0)
        failed++;
    written += fine;
    failed += !fine;
}

void seed(enum seed_kind kind, sipv_slice text)
{
    for (size_t i = 0; i < TARGETS; i++) {
        const struct target *t = &targets[i];
        unsigned variants = 0;
        if (!(t->kinds & 1u << kind))
            continue;
        while (t->bits[variants])
            variants++;
        write_seed(i, text, 0);
        for (unsigned v = 0; v < variants; v++)
            if (seeds_all_variants || v == hash(text, 0) % variants)
                write_seed(i, text, t->bits[v]);
    }
}

static const struct target *find_target(sipv_slice name)
{
    for (size_t i = 0; i < TARGETS; i++)
        if (sipv_slice_is(name, targets[i].name))
            return &targets[i];
    return NULL;
}

void seed_with_bits(const char *name, sipv_slice text, uint32_t bits)
{
    const struct target *t = find_target(sipv_slice_text(name));
    if (t)
        write_seed((size_t)(t - targets), text, bits);
}

void seed_variants(const char *name, sipv_slice text)
{
    const struct target *t = find_target(sipv_slice_text(name));
    for (unsigned v = 0; t && t->bits[v]; v++)
        write_seed((size_t)(t - targets), text, t->bits[v]);
}

bool seed_has_lines(sipv_slice name)
{
    const struct target *t = find_target(name);
    return t && t->kinds & (ALL_MESSAGES | KIND(SDP));
}

/* ---- Messages ----------------------------------------------------------------------------------
 */

static sipv_header headers[1024];
static sipv_event events[65536];
static sipv_diag diags[1024];

/* A URI in angle brackets. */
static void seed_uris(sipv_slice value)
{
    while (value.n) {
        fuzz_take(&value, '<');
        const sipv_slice uri = fuzz_take(&value, '>');
        if (uri.n)
            seed(SEED_URI, uri);
    }
}

static bool is_digest(unsigned id)
{
    return id == SIPV_H_AUTHORIZATION || id == SIPV_H_PROXY_AUTHORIZATION ||
           id == SIPV_H_WWW_AUTHENTICATE || id == SIPV_H_PROXY_AUTHENTICATE ||
           id == SIPV_H_AUTHENTICATION_INFO;
}

void seed_message(sipv_slice text)
{
    sipv_message m;
    seed(SEED_MESSAGE, text);
    sipv_message_init(&m, headers, 1024, events, 65536, diags, 1024);
    sipv_message_index(&m, text.p, text.n, NULL);
    if (m.request_uri.p)
        seed(SEED_URI, m.request_uri);
    for (size_t i = 0; i < m.n_headers; i++) {
        const sipv_header *h = &m.headers[i];
        if (h->value.n > 8192)
            continue;
        seed(SEED_HEADER, sipv_slice_of(h->name.p, (size_t)(h->value.p + h->value.n - h->name.p)));
        seed_uris(h->value);
        if (is_digest(h->id))
            seed(SEED_CREDENTIALS, h->value);
    }
    if (m.body.n > 2 && memcmp(m.body.p, "v=", 2) == 0)
        seed(SEED_SDP, m.body);
}

/* ---- Files -------------------------------------------------------------------------------------
 */

static bool ends_with(const char *path, const char *end)
{
    const size_t n = strlen(path), k = strlen(end);
    return n >= k && strcmp(path + n - k, end) == 0;
}

/* Each description with the one before it, as an offer and an answer. */
static void seed_description(sipv_slice text)
{
    static unsigned char pair[1 << 17];
    static struct fuzz_out last = FUZZ_OUT(pair);
    seed(SEED_SDP, text);
    fuzz_puts(&last, "\r\n");
    fuzz_put(&last, text);
    if (!last.full && last.n > text.n + 2)
        seed(SEED_PAIR, fuzz_out_slice(&last));
    last.n = 0;
    last.full = false;
    fuzz_put(&last, text);
}

/* NAME.fuzz_uri is an input of that target, with its trailer if it has one. */
static bool seed_of_target(const char *path, sipv_slice text)
{
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot && i < TARGETS; i++)
        if (strcmp(dot + 1, targets[i].name) == 0) {
            write_seed(i, text, 0);
            return true;
        }
    return false;
}

/* The messages of a flow, one behind the other, are a stream in which transactions begin and end.
 */
static void seed_flow(const struct runner_inputs *all)
{
    static unsigned char stream[1 << 16];
    struct fuzz_out o = FUZZ_OUT(stream);
    for (size_t i = 0; i < all->n; i++) {
        const sipv_slice text = sipv_slice_of(all->list[i].data, all->list[i].n);
        if (!strstr(all->list[i].path, "/flows/") || !ends_with(all->list[i].path, ".sip"))
            continue;
        if (o.n + text.n > 12000) {
            seed(SEED_DIALOG, fuzz_out_slice(&o));
            o.n = 0;
        }
        fuzz_put(&o, text);
    }
    if (o.n)
        seed(SEED_DIALOG, fuzz_out_slice(&o));
}

/* A path from the tree on: "corpus/...", "tests/spec/...". */
static const char *origin_of(const char *path)
{
    static const char *const folders[] = {"/corpus/", "/tests/spec/", "/fuzz/seeds/"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (strstr(path, folders[i]))
            return strstr(path, folders[i]) + 1;
    return "sipvet gen SIP-message";
}

static void seeds_of_file(const struct runner_input *in)
{
    seeds_origin = origin_of(in->path);
    sipv_slice text = sipv_slice_of(in->data, in->n);
    seeds_all_variants = strstr(in->path, "/regressions/") || ends_with(in->path, "/vectors.tsv");
    if (ends_with(in->path, ".sip"))
        seed_message(text);
    else if (ends_with(in->path, ".sdp"))
        seed_description(text);
    else if (ends_with(in->path, ".md")) {
        seeds_all_variants = strstr(in->path, "/fuzz/seeds/");
        seeds_of_page(text);
    } else if (ends_with(in->path, "/scenarios.tsv"))
        seeds_of_scenarios(text);
    else if (ends_with(in->path, ".tsv"))
        seeds_of_table(strrchr(in->path, '/'), text);
    else if (ends_with(in->path, ".stream"))
        failed += !seeds_of_stream(text);
    else if (seed_of_target(in->path, text))
        return;
    else if (ends_with(in->path, ".raw"))
        while (text.n)
            seed_message(fuzz_take(&text, 0));
}

static bool make_folders(void)
{
    bool fine = true;
    mkdir(folder, 0777);
    for (size_t i = 0; !pack && i < TARGETS; i++) {
        char path[4096];
        struct stat st;
        snprintf(path, sizeof path, "%s/%s", folder, targets[i].name);
        mkdir(path, 0777);
        fine &= stat(path, &st) == 0 && S_ISDIR(st.st_mode);
    }
    return fine;
}

static bool close_packs(void)
{
    bool fine = true;
    for (size_t i = 0; i < TARGETS; i++)
        fine &= !packs[i] || fclose(packs[i]) == 0;
    return fine;
}

int main(int argc, char **argv)
{
    struct runner_inputs all = {NULL, 0, 0};
    pack = argc > 1 && strcmp(argv[1], "--pack") == 0;
    argv += pack;
    argc -= pack;
    if (argc > 2 && strcmp(argv[1], "--origins") == 0) {
        origins = fopen(argv[2], "w");
        argv += 2;
        argc -= 2;
    }
    if (argc < 3) {
        fprintf(stderr, "usage: fuzz-seeds [--pack] [--origins FILE] OUT PATH...\n");
        return 2;
    }
    folder = argv[1];
    bool fine = make_folders();
    for (int i = 2; i < argc; i++)
        fine &= runner_read(&all, argv[i]);
    runner_sort(&all);
    for (size_t i = 0; i < all.n; i++)
        seeds_of_file(&all.list[i]);
    seeds_all_variants = true;
    seeds_origin = "corpus/flows, several messages";
    seed_flow(&all);
    seeds_all_variants = false;
    seeds_of_grammars();
    fine &= close_packs() && (!origins || fclose(origins) == 0);
    printf("fuzz-seeds: %zu files, %lu seeds written\n", all.n, written);
    runner_free(&all);
    return fine && !failed && written ? 0 : 3;
}
