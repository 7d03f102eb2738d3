/* Eight digits at a time: neighbours become numbers below 100, then below 10,000, then one. */
#ifndef SIPV_DIGITS_H
#define SIPV_DIGITS_H

#include <stdbool.h>
#include <stdint.h>

/* In each octet the code of a zero. */
#define SIPV_ZEROS 0x3030303030303030u

/* `v`: eight digits without SIPV_ZEROS, the first one lowest.  False if one of them is no digit. */
static inline bool sipv_eight_digits(uint64_t v, uint64_t *value)
{
    if ((v | (v + 0x7676767676767676u)) & 0x8080808080808080u) /* an octet above 9 */
        return false;
    v = (v * 10 + (v >> 8)) & 0x00ff00ff00ff00ffu;
    v = (v * 100 + (v >> 16)) & 0x0000ffff0000ffffu;
    *value = (uint32_t)(v * 10000 + (v >> 32));
    return true;
}

#endif
