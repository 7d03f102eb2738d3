/* HMAC-SHA-256 (RFC 2104, test vectors RFC 4231).  OpenSSL's own allocates whenever it begins. */
#include <string.h>

#include "internal.h"

enum { BLOCK = 64, PARTS_MAX = 4 };

int sipv_hmac(sipv_hasher *h, const unsigned char key[SIPV_HMAC_KEY], const sipv_slice *parts,
              size_t n, unsigned char out[SIPV_HMAC_SIZE])
{
    unsigned char pad[BLOCK], inner[SIPV_HMAC_SIZE], outer[SIPV_HMAC_SIZE];
    sipv_slice texts[PARTS_MAX + 1];
    if (n > PARTS_MAX)
        return SIPV_BAD_ARGUMENT;
    for (unsigned i = 0; i < BLOCK; i++)
        pad[i] = (unsigned char)(0x36 ^ (i < SIPV_HMAC_KEY ? key[i] : 0));
    texts[0] = sipv_slice_of(pad, BLOCK);
    memcpy(texts + 1, parts, n * sizeof *parts);
    int result = sipv_hash_octets(h, SIPV_SHA_256, texts, n + 1, inner);
    for (unsigned i = 0; i < BLOCK; i++)
        pad[i] ^= 0x36 ^ 0x5c;
    texts[1] = sipv_slice_of(inner, SIPV_HMAC_SIZE);
    if (result == SIPV_OK)
        result = sipv_hash_octets(h, SIPV_SHA_256, texts, 2, outer);
    if (result == SIPV_OK)
        memcpy(out, outer, SIPV_HMAC_SIZE);
    sipv_wipe(pad, sizeof pad);
    sipv_wipe(inner, sizeof inner);
    return result;
}
