#include "hash.h"

static uint64_t turn(uint64_t x, unsigned by)
{
    return x << by | x >> (64 - by);
}

static void mix(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = turn(v[1], 13) ^ v[0];
    v[0] = turn(v[0], 32);
    v[2] += v[3];
    v[3] = turn(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = turn(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = turn(v[1], 17) ^ v[2];
    v[2] = turn(v[2], 32);
}

static void word(struct hash *h)
{
    h->v[3] ^= h->word;
    mix(h->v);
    mix(h->v);
    h->v[0] ^= h->word;
    h->word = 0;
}

static void octet(struct hash *h, unsigned char c)
{
    h->word |= (uint64_t)c << (8 * (h->n % 8));
    if (++h->n % 8 == 0)
        word(h);
}

/* Eight octets at once, the first in the lowest bits. */
static void eight(struct hash *h, uint64_t value)
{
    const unsigned bits = 8 * (h->n % 8);
    h->word |= value << bits;
    word(h);
    h->word = bits > 0 ? value >> (64 - bits) : 0;
    h->n += 8;
}

static unsigned char folded(unsigned char c, bool fold)
{
    return fold && c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

void hash_begin(struct hash *h, const uint64_t seed[2])
{
    h->v[0] = seed[0] ^ 0x736f6d6570736575u;
    h->v[1] = seed[1] ^ 0x646f72616e646f6du;
    h->v[2] = seed[0] ^ 0x6c7967656e657261u;
    h->v[3] = seed[1] ^ 0x7465646279746573u;
    h->word = 0;
    h->n = 0;
}

void hash_add(struct hash *h, sipv_slice s, bool fold)
{
    size_t i = 0;
    for (; s.n - i >= 8; i += 8) {
        uint64_t value = 0;
        for (unsigned k = 0; k < 8; k++)
            value |= (uint64_t)folded(s.p[i + k], fold) << (8 * k);
        eight(h, value);
    }
    for (; i < s.n; i++)
        octet(h, folded(s.p[i], fold));
    eight(h, s.n);
}

void hash_add_number(struct hash *h, uint64_t value)
{
    eight(h, value);
}

uint64_t hash_end(struct hash *h)
{
    h->word |= (uint64_t)(h->n & 0xff) << 56;
    word(h);
    h->v[2] ^= 0xff;
    for (unsigned i = 0; i < 4; i++)
        mix(h->v);
    return h->v[0] ^ h->v[1] ^ h->v[2] ^ h->v[3];
}
