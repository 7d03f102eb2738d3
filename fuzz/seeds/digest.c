/* Seeds of fuzz_digest_verify out of scenarios.tsv, which says in words what stands in the bits.
 *
 * Columns: scene, algorithm, qop, options, username, realm, password, method, uri, body.  `*` is
 * every algorithm, every qop, or as a mistake every one in every way; `-` in the options is none;
 * in texts \n, \r, \t, \0 and \xHH stand for octets. */
#include "seeds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "text.h"

enum { COLUMNS = 10, LONGEST = 4096, WAYS = 6 };
enum { SCENE, ALGORITHM, QOP, OPTIONS, TEXTS };

/* ---- Words -------------------------------------------------------------------------------------
 */

/* What an option adds to the bits; with `=` behind it a number, from bit `at` on. */
static const struct option {
    const char *name;
    unsigned at;
    bool number;
} options[] = {
    {"userhash", 5, false},
    {"ha1", 6, false},
    {"client-ha1", 7, false},
    {"rspauth", FUZZ_ASKED_AT, false}, /* mistakes */
    {"bare", FUZZ_ASKED_AT + 1, false},
    {"body-hash", FUZZ_ASKED_AT + 2, false},
    {"nc", FUZZ_ASKED_AT + 3, true},
    {"odd", FUZZ_ASKED_AT + 5, false},
    {"mistake", FUZZ_NUMBER_AT, true},
    {"way", FUZZ_NUMBER_AT + 5, true},
    {"digit", FUZZ_NUMBER_AT + 8, true},
    {"strongest", FUZZ_ASKED_AT, false}, /* play */
    {"integrity", FUZZ_ASKED_AT + 1, false},
    {"defaults", FUZZ_ASKED_AT + 2, false},
    {"little", FUZZ_ASKED_AT + 3, false},
    {"nocase", FUZZ_ASKED_AT + 4, false},
    {"one-qop", FUZZ_ASKED_AT + 5, false},
    {"late", FUZZ_NUMBER_AT, true},
    {"nonces", FUZZ_NUMBER_AT + 6, true},
    {"evp", FUZZ_ASKED_AT, false}, /* refusals */
    {"fails", FUZZ_ASKED_AT + 1, true},
    {"fails-later", FUZZ_NUMBER_AT, false}, /* by 32 */
};

static void wrong(sipv_slice word)
{
    fprintf(stderr, "scenarios.tsv: what is \"%.*s\"?\n", (int)word.n, (const char *)word.p);
    exit(3);
}

static uint32_t bits_of_option(sipv_slice word)
{
    sipv_slice number = word;
    const sipv_slice name = fuzz_take(&number, '=');
    uint64_t n = 1;
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        if (!sipv_slice_is(name, options[i].name))
            continue;
        if (options[i].number && sipv_number(number, 0xffff, &n) != SIPV_OK)
            break;
        return (uint32_t)n << options[i].at;
    }
    wrong(word);
    return 0;
}

static enum fuzz_scene scene_of(sipv_slice word)
{
    static const char *const names[] = {"changes", "mistakes", "play", "refusals"};
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (sipv_slice_is(word, names[i]))
            return (enum fuzz_scene)i;
    wrong(word);
    return FUZZ_SCENE_CHANGES;
}

/* ---- Texts -------------------------------------------------------------------------------------
 */

static void put_unescaped(struct fuzz_out *o, sipv_slice s)
{
    static const char names[] = "nrt0", octets[] = "\n\r\t";
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = s.p[i];
        if (c == '\\' && i + 1 < s.n) {
            const char *const name = strchr(names, s.p[++i]);
            if (name) {
                c = (unsigned char)octets[name - names];
            } else if (s.p[i] == 'x' && i + 2 < s.n) {
                const char hex[] = {(char)s.p[i + 1], (char)s.p[i + 2], 0};
                c = (unsigned char)strtoul(hex, NULL, 16);
                i += 2;
            } else {
                c = s.p[i];
            }
        }
        fuzz_put(o, sipv_slice_of(&c, 1));
    }
}

/* "{text * count}" is the text so many times; anything else itself. */
static void put_text(struct fuzz_out *o, sipv_slice s)
{
    uint64_t count = 0;
    if (s.n > 2 && s.p[0] == '{' && s.p[s.n - 1] == '}') {
        sipv_slice rest = sipv_slice_of(s.p + 1, s.n - 2);
        const sipv_slice piece = fuzz_take(&rest, '*');
        if (sipv_number(rest, LONGEST, &count) == SIPV_OK)
            while (count-- > 0)
                put_unescaped(o, piece);
        return;
    }
    put_unescaped(o, s);
}

/* ---- Rows --------------------------------------------------------------------------------------
 */

static void seed_row(const sipv_slice cells[COLUMNS], sipv_slice text, uint32_t bits)
{
    sipv_slice words = cells[OPTIONS];
    bool all = false;
    while (words.n) {
        const sipv_slice word = fuzz_take(&words, ' ');
        if (sipv_slice_is(word, "mistake=*"))
            all = true;
        else if (!sipv_slice_is(word, "-"))
            bits |= bits_of_option(word);
    }
    for (uint32_t i = 0; i < (all ? sipv_mistake_count() * WAYS : 1); i++)
        seed_with_bits(
            "fuzz_digest_verify", text,
            bits | (all ? i / WAYS << FUZZ_NUMBER_AT | i % WAYS << (FUZZ_NUMBER_AT + 5) : 0));
}

static void seed_algorithms(const sipv_slice cells[COLUMNS], sipv_slice text)
{
    static const char *const qops[] = {"auth", "auth-int", "none"};
    const uint32_t scene = (uint32_t)scene_of(cells[SCENE]) << FUZZ_SCENE_AT;
    for (unsigned a = 0; a < SIPV_ALGORITHM_COUNT; a++)
        for (unsigned q = 0; q < 3; q++)
            if ((sipv_slice_is(cells[ALGORITHM], "*") ||
                 sipv_slice_is(cells[ALGORITHM], sipv_algorithm_name((sipv_algorithm)a))) &&
                (sipv_slice_is(cells[QOP], "*") || sipv_slice_is(cells[QOP], qops[q])))
                seed_row(cells, text, scene | a | q << 3);
}

void seeds_of_scenarios(sipv_slice table)
{
    static unsigned char room[LONGEST * 4];
    fuzz_take(&table, '\n');
    while (table.n) {
        struct fuzz_out o = FUZZ_OUT(room);
        sipv_slice cells[COLUMNS], line = fuzz_take(&table, '\n');
        for (size_t i = 0; i < COLUMNS; i++)
            cells[i] = fuzz_take(&line, '\t');
        for (size_t i = TEXTS; i < COLUMNS; i++) {
            fuzz_puts(&o, i > TEXTS ? "\n" : "");
            put_text(&o, cells[i]);
        }
        if (!o.full)
            seed_algorithms(cells, fuzz_out_slice(&o));
    }
}
