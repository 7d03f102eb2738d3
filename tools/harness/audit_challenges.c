/* The challenges of a server that is audited. */
#include "audit_core.h"

#include <string.h>

/* ---- Challenges ------------------------------------------------------------------------------ */

static bool keep(char out[AUDIT_NONCE], sipv_slice text)
{
    if (text.n >= AUDIT_NONCE || (text.n > 0 && memchr(text.p, 0, text.n)))
        return false;
    if (text.n > 0)
        memcpy(out, text.p, text.n);
    out[text.n] = 0;
    return true;
}

static void take_up(struct audit_core *core, const sipv_challenge *challenge, bool proxy)
{
    struct taken *taken = &core->taken;
    if (!keep(taken->realm, challenge->realm) || !keep(taken->nonce, challenge->nonce) ||
        !keep(taken->opaque, challenge->opaque)) {
        *taken->nonce = 0;
        return;
    }
    taken->proxy = proxy;
    taken->has_opaque = challenge->opaque.p != NULL;
    taken->algorithm = challenge->algorithm;
    taken->qops = challenge->qops;
}

static void note_offer(struct audit_core *core, const sipv_challenge *challenge)
{
    if (core->now == AUDIT_NO_CREDENTIALS && core->n_offers < AUDIT_OFFERS)
        core->offers[core->n_offers++] =
            (struct audit_offer){challenge->algorithm, challenge->qops};
}

bool audit_read_challenges(struct audit_core *core, sipv_message *m, bool proxy)
{
    const unsigned id = proxy ? SIPV_H_PROXY_AUTHENTICATE : SIPV_H_WWW_AUTHENTICATE;
    bool any = false;
    for (uint16_t i = m->first[id]; i != SIPV_NO_HEADER; i = m->headers[i].next) {
        sipv_room room = sipv_room_of(core->values, AUDIT_EVENTS, core->text, AUDIT_TEXT);
        sipv_challenges list;
        sipv_challenge challenge;
        if (sipv_challenges_parse(m->headers[i].value, &room, &list, NULL) != SIPV_OK)
            continue;
        while (sipv_challenges_next(&list, &challenge) == SIPV_OK) {
            if (challenge.fault.reason != SIPV_FINE ||
                !sipv_hasher_has(core->hasher, challenge.algorithm))
                continue;
            note_offer(core, &challenge);
            core->taken.md5 |= challenge.algorithm == SIPV_MD5;
            if (!any || challenge.algorithm > core->taken.algorithm)
                take_up(core, &challenge, proxy);
            any = true;
        }
    }
    return any && *core->taken.nonce;
}
