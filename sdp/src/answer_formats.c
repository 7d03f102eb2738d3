/* Answers: which formats of a stream both sides have (RFC 3264 6.1), in whose order, and what goes
 * beside them. */
#include <string.h>

#include "answer.h"

/* Does a codec of the local side stand for this format? */
static bool is_codec(const struct sipv_sdp_answered *st, const sipv_sdp_codec *codec,
                     sipv_slice format)
{
    const struct sipv_sdp_mapping *map = sipv_sdp_mapping_of(&st->offered, format);
    if (!map)
        return sipv_slice_equal_nocase(codec->name, format);
    return map->encoding.p && sipv_slice_equal_nocase(codec->name, map->encoding) &&
           (!codec->clock_rate || codec->clock_rate == map->clock_rate) &&
           (!codec->channels || codec->channels == map->channels);
}

/* Formats that go beside others: events, comfort noise, retransmission and redundancy. */
static bool is_companion(const struct sipv_sdp_answered *st, sipv_slice format)
{
    static const char *const names[] = {"telephone-event", "CN",        "rtx", "red",
                                        "ulpfec",          "flexfec-03"};
    const struct sipv_sdp_mapping *map = sipv_sdp_mapping_of(&st->offered, format);
    for (size_t i = 0; map && i < sizeof names / sizeof *names; i++)
        if (sipv_slice_is(map->encoding, names[i]))
            return true;
    return false;
}

/* Number `i` of those offered, if it has not been taken yet.  A payload type is taken once, however
 * often it is offered. */
static void take(struct sipv_sdp_answered *st, size_t i, sipv_slice format)
{
    uint64_t type = 0;
    const bool is_type = st->offered.rtp && sipv_number(format, 127, &type) == SIPV_OK;
    if (i >= SIPV_SDP_TEXTS || st->taken[i] || (is_type && st->types[type]))
        return;
    st->taken[i] = true;
    st->types[type] |= is_type;
    st->formats[st->n++] = format;
}

/* A dynamic payload type without an rtpmap means nothing. */
static bool is_known(const struct sipv_sdp_answered *st, sipv_slice format)
{
    const struct sipv_sdp_mapping *map = sipv_sdp_mapping_of(&st->offered, format);
    return !map || map->encoding.p;
}

static bool is_local(const struct sipv_sdp_answering *a, const struct sipv_sdp_answered *st,
                     sipv_slice format)
{
    for (size_t i = 0; i < a->local->n_codecs; i++)
        if (is_codec(st, &a->local->codecs[i], format))
            return true;
    return a->local->n_codecs == 0 && is_known(st, format);
}

/* All that were taken, or of those that are no companions the first alone. */
static void keep(struct sipv_sdp_answered *st, bool one_codec)
{
    size_t kept = 0;
    bool any = false;
    for (size_t i = 0; i < st->n; i++) {
        const bool companion = is_companion(st, st->formats[i]);
        if (companion || !any || !one_codec)
            st->formats[kept++] = st->formats[i];
        any |= !companion;
    }
    st->n = any ? kept : 0; /* events alone are no stream */
}

/* ---- Retransmission -----------------------------------------------------------------------------
 */

static bool is_rtx(const struct sipv_sdp_answered *st, uint64_t type)
{
    return sipv_slice_is(st->offered.map[type].encoding, "rtx");
}

/* Which payload types are answered?  True if one of them is a retransmission. */
static bool see_types(const struct sipv_sdp_answered *st, bool there[128])
{
    bool any = false;
    for (size_t i = 0; i < st->n; i++) {
        uint64_t type;
        if (!st->offered.rtp || sipv_number(st->formats[i], 127, &type) != SIPV_OK)
            continue;
        there[type] = true;
        any |= is_rtx(st, type);
    }
    return any;
}

/* Is the original that these parameters name left out? */
static bool is_orphan(sipv_slice parameters, const bool there[128])
{
    sipv_param p;
    uint64_t type;
    for (size_t at = 0; sipv_sdp_fmtp_next(parameters, &at, &p) == SIPV_OK;)
        if (sipv_slice_is(p.name, "apt"))
            return sipv_number(p.value, 127, &type) == SIPV_OK && !there[type];
    return false;
}

/* RFC 4588 8.1: a retransmission is of the format that apt names; without that it is of nothing. */
static void drop_orphans(const struct sipv_sdp_answering *a, struct sipv_sdp_answered *st)
{
    bool there[128] = {false}, seen[128] = {false}, orphan[128] = {false};
    const sipv_sdp_line *line = NULL;
    uint64_t type;
    size_t kept = 0;
    if (!see_types(st, there))
        return;
    while ((line = sipv_sdp_find(a->offer, (unsigned)st->i, SIPV_SDP_A_FMTP, line)) != NULL) {
        sipv_sdp_fmtp f;
        if (sipv_sdp_fmtp_of(a->offer, line, &f) != SIPV_OK ||
            sipv_number(f.format, 127, &type) != SIPV_OK || seen[type])
            continue;
        seen[type] = true;
        orphan[type] = is_rtx(st, type) && is_orphan(f.parameters, there);
    }
    for (size_t i = 0; i < st->n; i++)
        if (sipv_number(st->formats[i], 127, &type) != SIPV_OK || !orphan[type])
            st->formats[kept++] = st->formats[i];
    st->n = kept;
}

/* ---- All of them --------------------------------------------------------------------------------
 */

void sipv_sdp_answer_formats(const struct sipv_sdp_answering *a, struct sipv_sdp_answered *st)
{
    const sipv_list *offered = &st->offered.m.formats;
    sipv_slice format;
    memset(st->taken, 0, sizeof st->taken);
    memset(st->types, 0, sizeof st->types);
    for (size_t k = 0; a->local->local_order && k < a->local->n_codecs; k++)
        for (size_t at = 0, i = 0; sipv_list_next(offered, &at, &format) == SIPV_OK; i++)
            if (is_codec(st, &a->local->codecs[k], format))
                take(st, i, format);
    for (size_t at = 0, i = 0; sipv_list_next(offered, &at, &format) == SIPV_OK; i++)
        if (is_local(a, st, format))
            take(st, i, format);
    keep(st, a->local->one_codec);
    drop_orphans(a, st);
}
