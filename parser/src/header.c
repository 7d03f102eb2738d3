/* Names of header fields and methods. */
#include <string.h>

#include "field_name.h"
#include "index.h"

unsigned sipv_header_find(sipv_slice name)
{
    if (name.n == 0)
        return SIPV_H_OTHER;
    const struct sipv_header_key *key =
        sipv_header_key_at(sipv_field_hash(name.p, name.n, sipv_header_seed));
    return key->n == name.n && sipv_is_name(name.p, name.n, key->folded) ? key->id : SIPV_H_OTHER;
}

const sipv_header_info *sipv_header_info_of(unsigned id)
{
    return id > SIPV_H_OTHER && id < SIPV_H_COUNT ? &sipv_header_table[id] : NULL;
}

sipv_method sipv_method_of(uint64_t first, sipv_slice name)
{
    static const struct {
        char name[8];
        sipv_method id;
    } methods[] = {
        {"INVITE", SIPV_M_INVITE},     {"ACK", SIPV_M_ACK},         {"BYE", SIPV_M_BYE},
        {"REGISTER", SIPV_M_REGISTER}, {"OPTIONS", SIPV_M_OPTIONS}, {"NOTIFY", SIPV_M_NOTIFY},
        {"CANCEL", SIPV_M_CANCEL},     {"MESSAGE", SIPV_M_MESSAGE}, {"PUBLISH", SIPV_M_PUBLISH},
        {"REFER", SIPV_M_REFER},       {"UPDATE", SIPV_M_UPDATE},   {"PRACK", SIPV_M_PRACK},
        {"INFO", SIPV_M_INFO},
    };
    if (name.n > 8)
        return name.n == 9 && memcmp(name.p, "SUBSCRIBE", 9) == 0 ? SIPV_M_SUBSCRIBE : SIPV_M_OTHER;
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (sipv_load_8((const unsigned char *)methods[i].name) == first)
            return methods[i].id;
    return SIPV_M_OTHER;
}

sipv_method sipv_method_find(sipv_slice name)
{
    uint64_t first = 0;
    if (!name.p || memchr(name.p, 0, name.n))
        return SIPV_M_OTHER;
    for (size_t i = 0; i < name.n && i < 8; i++)
        first |= (uint64_t)name.p[i] << (8 * i);
    return sipv_method_of(first, name);
}
