/* HMAC-SHA-256 (RFC 2104, test vectors RFC 4231).  OpenSSL's own allocates whenever it begins. */
#include <string.h>

#include "internal.h"

enum { BLOCK = 64 };

int sipv_hmac(sipv_hasher *h, const unsigned char key[SIPV_HMAC_KEY], sipv_slice first,
              sipv_slice second, unsigned char out[SIPV_HMAC_SIZE])
{
    unsigned char pad[BLOCK], inner[SIPV_HMAC_SIZE], outer[SIPV_HMAC_SIZE];
    sipv_slice texts[] = {sipv_slice_of(pad, BLOCK), first, second};
    for (unsigned i = 0; i < BLOCK; i++)
        pad[i] = (unsigned char)(0x36 ^ (i < SIPV_HMAC_KEY ? key[i] : 0));
    int result = sipv_hash_octets(h, SIPV_SHA_256, texts, 3, inner);
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
