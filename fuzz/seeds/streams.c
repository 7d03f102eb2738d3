/* Seeds of stateful targets out of streams/NAME.stream: lines of "# what it is", lines of
 * "@ target bits", then the messages of a stream with LF for line ends.
 *
 * Each "@" line makes a seed of one target with those configuration bits: their names, and a number
 * for the upper half. */
#include "seeds.h"

#include <string.h>

#include "input.h"
#include "text.h"

enum { OWN = FUZZ_BIT_OWN };

static const char oom[] = "fuzz_oom", proxy[] = "fuzz_proxy", transaction[] = "fuzz_transaction",
                  ua[] = "fuzz_ua";

static const struct {
    const char *target; /* NULL: all of them */
    const char *name;
    uint32_t bits;
} words[] = {
    {NULL, "interop", FUZZ_BIT_INTEROP},
    {NULL, "stream", FUZZ_BIT_STREAM},
    {NULL, "limits", FUZZ_BIT_LIMITS},
    {proxy, "registrar", OWN},
    {proxy, "credentials", 2 * OWN},
    {proxy, "stateless", 4 * OWN},
    {proxy, "record-route", 8 * OWN},
    {proxy, "next", 16 * OWN},
    {proxy, "neighbours", 32 * OWN},
    {proxy, "literal", 64 * OWN},
    {proxy, "memory", 128 * OWN},
    {proxy, "sequential", 256 * OWN},
    {proxy, "redirections", 512 * OWN},
    {proxy, "slow", 1024 * OWN},
    {proxy, "stop", 1u << 31},
    {oom, "ua", OWN},
    {oom, "client", 2 * OWN},
    {transaction, "client", OWN},
    {ua, "calls", OWN},
    {ua, "acts", 2 * OWN},
    {ua, "meets", 4 * OWN},
};

/* "proxy"; NULL if there is none. */
static const char *target_of(sipv_slice word)
{
    static const char *const targets[] = {oom, proxy, transaction, ua};
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
        if (sipv_slice_is(word, targets[i] + strlen("fuzz_")))
            return targets[i];
    return NULL;
}

/* Of a word; false if the target has none of this name. */
static bool bits_of(sipv_slice word, const char *target, uint32_t *bits)
{
    uint64_t number;
    if (sipv_number(word, 0xffff, &number) == SIPV_OK) {
        *bits |= (uint32_t)number << 16;
        return true;
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (sipv_slice_is(word, words[i].name) && (!words[i].target || words[i].target == target)) {
            *bits |= words[i].bits;
            return true;
        }
    return false;
}

/* "@ target bits": a seed of that target. */
static bool seed_of_line(sipv_slice line, sipv_slice stream)
{
    uint32_t bits = 0;
    fuzz_take(&line, ' ');
    const char *target = target_of(fuzz_take(&line, ' '));
    bool fine = target != NULL;
    while (fine && line.n)
        fine = bits_of(fuzz_take(&line, ' '), target, &bits);
    if (fine)
        seed_with_bits(target, stream, bits);
    return fine;
}

/* The messages behind the lines of "#" and "@", with CRLF. */
static void put_messages(struct fuzz_out *o, sipv_slice file)
{
    while (file.n && (file.p[0] == '#' || file.p[0] == '@'))
        fuzz_take(&file, '\n');
    while (file.n) {
        fuzz_put(o, fuzz_take(&file, '\n'));
        fuzz_puts(o, "\r\n");
    }
}

bool seeds_of_stream(sipv_slice file)
{
    static unsigned char room[1 << 16];
    struct fuzz_out o = FUZZ_OUT(room);
    bool fine = true;
    put_messages(&o, file);
    if (o.full)
        return false;
    seed(SEED_DIALOG, fuzz_out_slice(&o));
    while (file.n && (file.p[0] == '#' || file.p[0] == '@')) {
        const sipv_slice line = fuzz_take(&file, '\n');
        if (line.p[0] == '@')
            fine &= seed_of_line(line, fuzz_out_slice(&o));
    }
    return fine;
}
