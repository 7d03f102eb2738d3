/* Names of header fields and methods. */
#include <string.h>

#include "name.h"
#include "tables.h"

unsigned sipv_header_find(sipv_slice name)
{
    if (name.n < 2) {
        if (name.n == 0)
            return SIPV_H_OTHER;
        const unsigned letter = (unsigned)(name.p[0] | 0x20) - 'a';
        return letter < 26 ? sipv_compact_ids[letter] : SIPV_H_OTHER;
    }
    const unsigned id = sipv_header_slots[sipv_name_hash(name.p, name.n, sipv_header_seed) &
                                          sipv_header_mask];
    if (id == SIPV_H_OTHER || sipv_header_table[id].n_name != name.n ||
        !sipv_is_name(name.p, name.n, sipv_header_folded[id]))
        return SIPV_H_OTHER;
    return id;
}

const sipv_header_info *sipv_header_info_of(unsigned id)
{
    return id > SIPV_H_OTHER && id < SIPV_H_COUNT ? &sipv_header_table[id] : NULL;
}

sipv_method sipv_method_find(sipv_slice name)
{
    static const struct {
        const char *name;
        size_t n;
        sipv_method id;
    } methods[] = {
        {"INVITE", 6, SIPV_M_INVITE},   {"ACK", 3, SIPV_M_ACK},
        {"BYE", 3, SIPV_M_BYE},         {"REGISTER", 8, SIPV_M_REGISTER},
        {"OPTIONS", 7, SIPV_M_OPTIONS}, {"CANCEL", 6, SIPV_M_CANCEL},
        {"NOTIFY", 6, SIPV_M_NOTIFY},   {"SUBSCRIBE", 9, SIPV_M_SUBSCRIBE},
        {"MESSAGE", 7, SIPV_M_MESSAGE}, {"PUBLISH", 7, SIPV_M_PUBLISH},
        {"REFER", 5, SIPV_M_REFER},     {"UPDATE", 6, SIPV_M_UPDATE},
        {"PRACK", 5, SIPV_M_PRACK},     {"INFO", 4, SIPV_M_INFO},
    };
    for (size_t i = 0; name.p && i < sizeof methods / sizeof *methods; i++)
        if (methods[i].n == name.n && memcmp(methods[i].name, name.p, name.n) == 0)
            return methods[i].id;
    return SIPV_M_OTHER;
}
