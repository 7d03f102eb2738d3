/* The response, rspauth, and what else is computed of names and counts (RFC 7616 section 3.4, 3.5).
 */
#include "internal.h"

int sipv_digest_ha1(sipv_hasher *h, sipv_algorithm a, sipv_slice username, sipv_slice realm,
                    sipv_slice password, sipv_digits *out)
{
    const sipv_slice parts[] = {username, realm, password};
    if (!h || !out || !sipv_algorithm_digits(a))
        return SIPV_BAD_ARGUMENT;
    return sipv_hash_join(h, a, parts, 3, out);
}

int sipv_digest_userhash(sipv_hasher *h, sipv_algorithm a, sipv_slice username, sipv_slice realm,
                         sipv_digits *out)
{
    const sipv_slice parts[] = {username, realm};
    if (!h || !out || !sipv_algorithm_digits(a))
        return SIPV_BAD_ARGUMENT;
    return sipv_hash_join(h, a, parts, 2, out);
}

static int compute(sipv_hasher *h, const sipv_digest *d, bool rspauth, sipv_digest_steps *steps,
                   sipv_digits *out)
{
    struct sipv_recipe r;
    if (!h || !d || !out || sipv_recipe_of(d, rspauth, &r) != SIPV_OK)
        return SIPV_BAD_ARGUMENT;
    out->n = 0;
    return sipv_recipe_run(h, &r, steps, out);
}

int sipv_digest_response(sipv_hasher *h, const sipv_digest *d, sipv_digest_steps *steps,
                         sipv_digits *out)
{
    return compute(h, d, false, steps, out);
}

int sipv_digest_rspauth(sipv_hasher *h, const sipv_digest *d, sipv_digest_steps *steps,
                        sipv_digits *out)
{
    return compute(h, d, true, steps, out);
}

void sipv_nc_write(uint32_t count, char out[SIPV_NC_DIGITS])
{
    const unsigned char octets[] = {(unsigned char)(count >> 24), (unsigned char)(count >> 16),
                                    (unsigned char)(count >> 8), (unsigned char)count};
    sipv_hex_write(octets, sizeof octets, out);
}

int sipv_nc_read(sipv_slice nc, uint32_t *count)
{
    unsigned char o[SIPV_NC_DIGITS / 2];
    if (nc.n != SIPV_NC_DIGITS || !sipv_hex_read(nc, o))
        return SIPV_REJECT;
    *count = (uint32_t)o[0] << 24 | (uint32_t)o[1] << 16 | (uint32_t)o[2] << 8 | o[3];
    return SIPV_OK;
}
