/* The negative control of the oracle constant_time: compares a response as it must not be done,
 * octet by octet up to the first that differs.  Under MemorySanitizer this must end in a report; if
 * it ends well, the oracle is blind.  Elsewhere it says that there is nothing to see and exits
 * with 77. */
#include <sipvet/auth.h>

#include <stdio.h>
#include <string.h>

#include "secrets.h"

int main(void)
{
    char password[] = "swordfish";
    sipv_hasher *h = sipv_hasher_new();
    sipv_digits ha1;
    const char *const guess = "0123456789abcdef0123456789abcdef";
    if (!fuzz_guards_secrets())
        return 77;
    if (!h)
        return 3;
    fuzz_make_secret(password, sizeof password - 1);
    if (sipv_digest_ha1(h, SIPV_SHA_256, sipv_slice_of("ida", 3), sipv_slice_of("elm", 3),
                        sipv_slice_of(password, sizeof password - 1), &ha1) != SIPV_OK)
        return 3;
    fuzz_make_public(&ha1.n, sizeof ha1.n);
    size_t same = 0;
    while (same < 32 && ha1.text[same] == guess[same])
        same++;
    printf("%zu octets are the same\n", same);
    sipv_hasher_free(h);
    return 0;
}
