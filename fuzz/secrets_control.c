/* The negative control of the oracle constant_time: compares a response as it must not be done,
 * octet by octet up to the first that differs.  Under MemorySanitizer this must end in a report; if
 * it ends well, the oracle is blind.  Elsewhere it says that there is nothing to see and exits
 * with 77. */
#include <sipvet/auth.h>

#include <stdio.h>
#include <string.h>

#include "secrets.h"

static const char public_password[] = "swordfish";
static char password[sizeof public_password];

static bool make_ha1(sipv_hasher *h, const char *secret, sipv_digits *out)
{
    return sipv_digest_ha1(h, SIPV_SHA_256, sipv_slice_of("ida", 3), sipv_slice_of("elm", 3),
                           sipv_slice_of(secret, sizeof public_password - 1), out) == SIPV_OK;
}

int main(void)
{
    sipv_hasher *h = sipv_hasher_new();
    sipv_digits right, guess;
    size_t same = 0;
    if (!fuzz_guards_secrets())
        return 77;
    memcpy(password, public_password, sizeof password);
    fuzz_make_secret(password, sizeof password);
    if (!h || !make_ha1(h, password, &right) || !make_ha1(h, public_password, &guess))
        return 3;
    while (same < 64 && right.text[same] == guess.text[same])
        same++;
    printf("%zu octets are the same\n", same);
    sipv_hasher_free(h);
    return 0;
}
