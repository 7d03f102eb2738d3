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
static size_t (*scan)(const char *data, size_t size);

static void keep(const void *data) { __asm__ volatile("" : : "r"(data) : "memory"); }

static int limit_memcpy(void *state, const char *data, size_t size)
{
    (void)state;
    if (size > sizeof scratch)
        return 1;
    memcpy(scratch, data, size);
    keep(scratch);
    return 0;
}

static size_t scan_tail(const char *data, size_t from, size_t size, size_t count)
{
    static const unsigned char delimiter[256] = {
        ['\t'] = 1, ['\n'] = 1, ['\r'] = 1, [' '] = 1, ['"'] = 1, [','] = 1,
        [':'] = 1,  [';'] = 1,  ['<'] = 1,  ['='] = 1, ['>'] = 1, ['@'] = 1,
    };

    for (size_t i = from; i < size; i++) {
        positions[count] = (uint32_t)i;
        count += delimiter[(unsigned char)data[i]];
    }
    return count;
}

static size_t scan_portable(const char *data, size_t size) { return scan_tail(data, 0, size, 0); }

#if defined(__x86_64__)
/* Two shuffles classify 32 octets: one table by the low four bits, one by the high four; an octet is
 * a delimiter if its two entries share a bit.  Positions are written eight at a time, most of
 * them to be overwritten, because a branch for each would be mispredicted. */
__attribute__((target("avx2,bmi,popcnt"))) static size_t scan_avx2(const char *data, size_t size)
{
    const __m256i low = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(0x0a, 0, 0x02, 0, 0, 0, 0, 0, 0, 0x01, 0x05, 0x04, 0x06, 0x05, 0x04, 0));
    const __m256i high = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(0x01, 0, 0x02, 0x04, 0x08, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    const __m256i four = _mm256_set1_epi8(0x0f);
    size_t count = 0, i = 0;

    for (; i + 32 <= size; i += 32) {
        __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(data + i));
        __m256i l = _mm256_shuffle_epi8(low, _mm256_and_si256(v, four));
        __m256i h = _mm256_and_si256(_mm256_srli_epi16(v, 4), four);
        __m256i both = _mm256_and_si256(l, _mm256_shuffle_epi8(high, h));
        __m256i none = _mm256_cmpeq_epi8(both, _mm256_setzero_si256());
        uint32_t mask = ~(uint32_t)_mm256_movemask_epi8(none);
        size_t next = count + (size_t)__builtin_popcount(mask);

        do {
            for (size_t k = 0; k < 8; k++) {
                positions[count + k] = (uint32_t)i + (uint32_t)_tzcnt_u32(mask);
                mask = _blsr_u32(mask);
            }
            count += 8;
        } while (count < next);
        count = next;
    }
    return scan_tail(data, i, size, count);
}
#endif

static int start(void)
{
    scan = scan_portable;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi"))
        scan = scan_avx2;
#endif
    return 0;
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
