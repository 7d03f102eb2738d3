/* probe.c: see probe.h.  Four sequences that do not wait for each other, through a table that fills
 * half of a cache of the first level: what others use of the core is missed at once. */
#include "probe.h"
#include "bench.h"

enum { TABLE = 16384, STEPS = 6000 };

static unsigned char table[TABLE];

static void fill(void)
{
    uint64_t x = 1;

    for (unsigned i = 0; i < TABLE; i++) {
        x = x * 6364136223846793005U + 1442695040888963407U;
        table[i] = (unsigned char)(x >> 56);
    }
}

void bench_probe(void)
{
    uint64_t a = 1, b = 2, c = 3, d = 4;

    if (table[0] == 0)
        fill();
    for (uint64_t i = 0; i < STEPS; i++) {
        a = a * 0x9e3779b97f4a7c15U + table[a >> 50];
        b = (b ^ b >> 29) + table[b % TABLE];
        c += table[(c + i) % TABLE] * 3U;
        d = (d << 1 ^ d >> 3) ^ table[(d >> 7) % TABLE];
        if (table[i % TABLE] & 1)
            a ^= b;
        else
            c ^= d;
    }
    bench_sink += a + b + c + d;
}
