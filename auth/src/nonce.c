/* Nonces that need no storage: 16 octets that say when and for what they were made, and 16 of an
 * HMAC over these and the realm, as hex digits. */
#include <string.h>

#include <openssl/crypto.h>

#include "internal.h"

enum { FIELDS = 16, SEAL = 16 };

static void put_number(unsigned char *out, uint64_t v, unsigned octets)
{
    for (unsigned i = octets; i > 0; i--, v >>= 8)
        out[i - 1] = (unsigned char)v;
}

static uint64_t get_number(const unsigned char *in, unsigned octets)
{
    uint64_t v = 0;
    for (unsigned i = 0; i < octets; i++)
        v = v << 8 | in[i];
    return v;
}

static int seal(sipv_hasher *h, const unsigned char *key, sipv_slice realm,
                const unsigned char fields[FIELDS], unsigned char out[SIPV_HMAC_SIZE])
{
    return sipv_hmac(h, key, sipv_slice_of(fields, FIELDS), realm, out);
}

int sipv_nonce_write(sipv_hasher *h, const unsigned char *key, sipv_slice realm,
                     const struct sipv_nonce *nonce, char out[SIPV_NONCE_DIGITS])
{
    unsigned char fields[FIELDS], mac[SIPV_HMAC_SIZE];
    put_number(fields, nonce->number, 8);
    put_number(fields + 8, nonce->made_ms, 6);
    fields[14] = (unsigned char)nonce->algorithm;
    fields[15] = (unsigned char)nonce->qops;
    if (seal(h, key, realm, fields, mac) != SIPV_OK)
        return SIPV_ABSENT;
    sipv_hex_write(fields, FIELDS, out);
    sipv_hex_write(mac, SEAL, out + 2 * FIELDS);
    return SIPV_OK;
}

bool sipv_nonce_read(sipv_hasher *h, const unsigned char *key, sipv_slice realm, sipv_slice text,
                     struct sipv_nonce *nonce)
{
    unsigned char octets[FIELDS + SEAL], mac[SIPV_HMAC_SIZE];
    if (text.n != SIPV_NONCE_DIGITS || !sipv_hex_read(text, octets) ||
        seal(h, key, realm, octets, mac) != SIPV_OK ||
        CRYPTO_memcmp(mac, octets + FIELDS, SEAL) != 0)
        return false;
    nonce->number = get_number(octets, 8);
    nonce->made_ms = get_number(octets + 8, 6);
    nonce->algorithm = octets[14];
    nonce->qops = octets[15];
    return true;
}
