#define _DEFAULT_SOURCE
#include "input.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "processor.h"
#include "sanitizers.h"

unsigned fuzz_fence_turn;

/* ---- Fence pages -------------------------------------------------------------------------------
 */

/* Longer texts are not run. */
enum { ROOM = 2 << 20 };

bool fuzz_has_fence(void)
{
    return !FUZZ_SANITIZED;
}

/* ROOM octets between two pages that cannot be read; made once. */
static unsigned char *fence(void)
{
    static unsigned char *room;
    if (room)
        return room;
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    void *map = mmap(NULL, ROOM + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED)
        return NULL;
    if (mprotect((unsigned char *)map + page, ROOM, PROT_READ | PROT_WRITE) != 0)
        return NULL;
    return room = (unsigned char *)map + page;
}

static unsigned char *fenced(size_t n)
{
    unsigned char *room = fence();
    if (!room)
        return NULL;
    return fuzz_fence_turn++ % 2 ? room : room + ROOM - n;
}

/* ---- Inputs ------------------------------------------------------------------------------------
 */

static uint32_t take_trailer(const uint8_t *data, size_t *n)
{
    if (*n < FUZZ_TRAILER || data[*n - 1] != FUZZ_TRAILER_MARK)
        return 0;
    *n -= FUZZ_TRAILER;
    data += *n;
    return data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 | (uint32_t)data[3] << 24;
}

bool fuzz_open(struct fuzz_input *in, const uint8_t *data, size_t size)
{
    unsigned char *copy;
    memset(in, 0, sizeof *in);
    in->n = size;
    in->bits = take_trailer(data, &in->n);
    fuzz_plain = (in->bits & FUZZ_BIT_PLAIN) != 0;
    if (in->n > ROOM)
        return false;
    if (fuzz_has_fence())
        copy = fenced(in->n);
    else
        copy = in->heap = malloc(in->n);
    if (!copy)
        return false;
    if (in->n)
        memcpy(copy, data, in->n);
    in->p = copy;
    return true;
}

void fuzz_close(struct fuzz_input *in)
{
    free(in->heap);
}

uint64_t fuzz_draw(uint64_t *seed)
{
    uint64_t z = *seed += 0x9e3779b97f4a7c15u; /* splitmix64 */
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}
