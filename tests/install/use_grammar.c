/* A program of somebody else's that uses the run-time of grammars alone; C11 and C++17. */
#include <sipvet/grammar.h>

#include <stdio.h>
#include <string.h>

int main(void)
{
    uint64_t number = 0;
    sipv_limits limits = sipv_limits_default();
    if (strcmp(sipv_version(), SIPV_VERSION) != 0) {
        printf("library %s, headers %s\n", sipv_version(), SIPV_VERSION);
        return 1;
    }
    if (sipv_number(sipv_slice_text("5060"), 65535, &number) != SIPV_OK || number != 5060)
        return 1;
    if (sipv_number(sipv_slice_text("70000"), 65535, &number) != SIPV_LIMIT)
        return 1;
    return limits.headers == 1024 ? 0 : 1;
}
