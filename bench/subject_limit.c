/* subject_limit.c: what the octets alone cost on this machine.
 *
 * limit.memcpy copies them.  limit.scan finds the delimiters of SIP (HTAB LF CR SP " , : ; < = > @)
 * and writes the position of each one down: the least that any parser has to learn. */
#include "bench.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { ROOM = 1 << 21 };

static char scratch[ROOM];
static uint32_t positions[ROOM + 8];
static unsigned char places[256][8]; /* the numbers of the bits that are set */
static size_t (*scan)(const char *data, size_t size);

static void keep(const void *data)
{
    __asm__ volatile("" : : "r"(data) : "memory");
}

static int limit_memcpy(void *state, const char *data, size_t size)
{
    (void)state;
    if (size > sizeof scratch)
        return 1;
    memcpy(scratch, data, size);
    keep(scratch);
    return 0;
}

static size_t scan_portable(const char *data, size_t size)
{
    static const unsigned char delimiter[256] = {
        ['\t'] = 1, ['\n'] = 1, ['\r'] = 1, [' '] = 1, ['"'] = 1, [','] = 1,
        [':'] = 1,  [';'] = 1,  ['<'] = 1,  ['='] = 1, ['>'] = 1, ['@'] = 1,
    };

    size_t count = 0;

    for (size_t i = 0; i < size; i++) {
        positions[count] = (uint32_t)i;
        count += delimiter[(unsigned char)data[i]];
    }
    return count;
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static __m256i load_tail(const char *data, size_t size)
{
    char last[32] = {0};
    memcpy(last, data, size);
    return _mm256_loadu_si256((const __m256i *)(const void *)last);
}

/* Two shuffles classify 32 octets: one table by the low four bits, one by the high four; an octet
 * is a delimiter if its two entries share a bit.  The positions of each eight octets are written
 * together, those of no delimiter to be overwritten: a branch for each would be mispredicted. */
__attribute__((target("avx2,popcnt"))) static size_t scan_avx2(const char *data, size_t size)
{
    const __m256i low = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(0x0a, 0, 0x02, 0, 0, 0, 0, 0, 0, 0x01, 0x05, 0x04, 0x06, 0x05, 0x04, 0));
    const __m256i high = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(0x01, 0, 0x02, 0x04, 0x08, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    const __m256i four = _mm256_set1_epi8(0x0f);
    size_t count = 0;

    for (size_t i = 0; i < size; i += 32) {
        __m256i v = i + 32 <= size ? _mm256_loadu_si256((const __m256i *)(const void *)(data + i))
                                   : load_tail(data + i, size - i);
        __m256i l = _mm256_shuffle_epi8(low, _mm256_and_si256(v, four));
        __m256i h = _mm256_and_si256(_mm256_srli_epi16(v, 4), four);
        __m256i both = _mm256_and_si256(l, _mm256_shuffle_epi8(high, h));
        __m256i none = _mm256_cmpeq_epi8(both, _mm256_setzero_si256());
        uint32_t mask = ~(uint32_t)_mm256_movemask_epi8(none);

        for (uint32_t at = 0; at < 32; at += 8, mask >>= 8) {
            __m128i among = _mm_loadl_epi64((const __m128i *)(const void *)places[mask & 255]);
            __m256i from = _mm256_set1_epi32((int)(i + at));
            __m256i out = _mm256_add_epi32(_mm256_cvtepu8_epi32(among), from);
            _mm256_storeu_si256((__m256i *)(void *)(positions + count), out);
            count += (size_t)_mm_popcnt_u32(mask & 255);
        }
    }
    return count;
}
#endif

static int start(void)
{
    char octets[256];
    size_t count;

    for (unsigned mask = 0; mask < 256; mask++)
        for (unsigned bit = 0, k = 0; bit < 8; bit++)
            if (mask >> bit & 1)
                places[mask][k++] = (unsigned char)bit;
    scan = scan_portable;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt"))
        scan = scan_avx2;
#endif
    for (size_t i = 0; i < sizeof octets; i++)
        octets[i] = (char)i;
    count = scan_portable(octets, sizeof octets);
    return scan(octets, sizeof octets) != count;
}

static int limit_scan(void *state, const char *data, size_t size)
{
    (void)state;
    if (size > ROOM)
        return 1;
    bench_sink += scan(data, size);
    keep(positions);
    return 0;
}

static const struct bench_subject subjects[] = {
    {"parse.full", "limit.memcpy", BENCH_SIP, limit_memcpy, NULL, NULL},
    {"parse.full", "limit.scan", BENCH_SIP, limit_scan, NULL, NULL},
};

const struct bench_library bench_limit = {subjects, sizeof subjects / sizeof subjects[0], start,
                                          NULL};
