/* Seeds of fuzz_proxy out of relay/NAME.relay: lines of "# what it is", lines of "@ bits", then the
 * messages of a stream with LF for line ends.
 *
 * Each "@" line makes a seed with those configuration bits: their names, and a number for the upper
 * half. */
#include "seeds.h"

#include <string.h>

#include "input.h"
#include "text.h"

static const struct {
    const char *name;
    uint32_t bits;
} names[] = {
    {"interop", FUZZ_BIT_INTEROP},
    {"stream", FUZZ_BIT_STREAM},
    {"limits", FUZZ_BIT_LIMITS},
    {"registrar", FUZZ_BIT_OWN},
    {"credentials", 2 * FUZZ_BIT_OWN},
    {"stateless", 4 * FUZZ_BIT_OWN},
    {"record-route", 8 * FUZZ_BIT_OWN},
    {"next", 16 * FUZZ_BIT_OWN},
    {"neighbours", 32 * FUZZ_BIT_OWN},
    {"literal", 64 * FUZZ_BIT_OWN},
    {"memory", 128 * FUZZ_BIT_OWN},
    {"sequential", 256 * FUZZ_BIT_OWN},
    {"redirections", 512 * FUZZ_BIT_OWN},
    {"slow", 1024 * FUZZ_BIT_OWN},
    {"stop", 1u << 31},
};

/* Of a word; false if it is none. */
static bool bits_of(sipv_slice word, uint32_t *bits)
{
    uint64_t number;
    if (sipv_number(word, 0xffff, &number) == SIPV_OK) {
        *bits |= (uint32_t)number << 16;
        return true;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (sipv_slice_is(word, names[i].name)) {
            *bits |= names[i].bits;
            return true;
        }
    return word.n == 0;
}

static bool read_bits(sipv_slice line, uint32_t *bits)
{
    bool fine = true;
    *bits = 0;
    fuzz_take(&line, '@');
    while (line.n)
        fine &= bits_of(fuzz_take(&line, ' '), bits);
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

bool seeds_of_relay(sipv_slice file)
{
    static unsigned char room[1 << 16];
    struct fuzz_out o = FUZZ_OUT(room);
    uint32_t bits;
    bool fine = true;
    put_messages(&o, file);
    if (o.full)
        return false;
    seed(SEED_RELAY, fuzz_out_slice(&o));
    while (file.n && (file.p[0] == '#' || file.p[0] == '@')) {
        const sipv_slice line = fuzz_take(&file, '\n');
        if (line.p[0] != '@')
            continue;
        fine &= read_bits(line, &bits);
        seed_with_bits("fuzz_proxy", fuzz_out_slice(&o), bits);
    }
    return fine;
}
