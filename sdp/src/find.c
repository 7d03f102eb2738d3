/* Lines and their parts, found in a description. */
#include <string.h>

#include "field_name.h"
#include "internal.h"

static const sipv_sdp_line *first_of(const sipv_sdp *s, unsigned section,
                                     const sipv_sdp_line *after)
{
    const size_t start = section == SIPV_SDP_SESSION ? 0 : s->sections[section].first;
    return after ? after + 1 : s->lines + start;
}

/* Where the lines of a section end; those of the session may stand anywhere. */
static const sipv_sdp_line *end_of(const sipv_sdp *s, unsigned section)
{
    if (section == SIPV_SDP_SESSION)
        return s->lines + (s->late ? s->n_lines : s->n_session);
    return s->lines + s->sections[section].first + s->sections[section].n;
}

const sipv_sdp_line *sipv_sdp_find(const sipv_sdp *s, unsigned section, unsigned id,
                                   const sipv_sdp_line *after)
{
    if (section != SIPV_SDP_SESSION && section >= s->n_sections)
        return NULL;
    const sipv_sdp_line *const end = end_of(s, section);
    for (const sipv_sdp_line *l = first_of(s, section, after); l < end; l++)
        if (l->id == id && l->type == 'a' && l->section == section)
            return l;
    return NULL;
}

const sipv_sdp_line *sipv_sdp_find_type(const sipv_sdp *s, unsigned section, char type,
                                        const sipv_sdp_line *after)
{
    if (section != SIPV_SDP_SESSION && section >= s->n_sections)
        return NULL;
    const sipv_sdp_line *const end = end_of(s, section);
    for (const sipv_sdp_line *l = first_of(s, section, after); l < end; l++)
        if (l->type == type && l->section == section)
            return l;
    return NULL;
}

const sipv_sdp_line *sipv_sdp_find_effective(const sipv_sdp *s, unsigned section, unsigned id)
{
    const sipv_sdp_line *own = sipv_sdp_find(s, section, id, NULL);
    return own ? own : sipv_sdp_find(s, SIPV_SDP_SESSION, id, NULL);
}

sipv_slice sipv_sdp_part(const sipv_sdp *s, const sipv_sdp_line *line, unsigned kind)
{
    const sipv_event *const ev = s->events + line->first_event;
    for (size_t i = line->n_events; i-- > 0;) /* the last one is what a closer look has found */
        if (ev[i].kind == kind && ev[i].part == SIPV_PART_WHOLE)
            return sipv_slice_of(s->data.p + ev[i].off, ev[i].len);
    return sipv_slice_of(NULL, 0);
}

/* ---- Typed forms --------------------------------------------------------------------------------
 */

/* Numbers of ports and of multicast addresses that lead beyond the last one are above their range,
 * too. */
static void judge_counts(int view, void *out)
{
    sipv_sdp_media *const m = view == SIPV_SDP_VIEW_MEDIA ? out : NULL;
    sipv_sdp_connection *const c = view == SIPV_SDP_VIEW_CONNECTION ? out : NULL;
    if (m && m->port >= 0 && m->port_count > 0 &&
        !sipv_sdp_ports_fit((uint64_t)m->port, (uint64_t)m->port_count))
        m->port_count = SIPV_NUMBER_RANGE;
    if (c && c->addresses > 0 && sipv_slice_is(c->addrtype, "IP4") &&
        !sipv_sdp_addresses_fit(c->address, (uint64_t)c->addresses))
        c->addresses = SIPV_NUMBER_RANGE;
}

int sipv_sdp_typed(const sipv_sdp *s, const sipv_sdp_line *line, int view, void *out)
{
    if (!s || !line || !out || view < 0 || view >= SIPV_SDP_VIEW_COUNT || line->view != view)
        return SIPV_BAD_ARGUMENT;
    const struct sipv_filling f = {s->data.p, &sipv_sdp_typed_forms[view], NULL, out};
    sipv_typed_clear(&f);
    if (line->state != SIPV_SDP_READ)
        return SIPV_REJECT;
    for (size_t i = 0; i < line->n_events; i++)
        sipv_typed_fill(&f, &s->events[line->first_event + i]);
    judge_counts(view, out);
    return SIPV_OK;
}

/* A form of field `i` alone, which is what a walk over all fields wants; a number that others judge
 * needs the whole of it. */
static void fill_field(const sipv_sdp *s, const sipv_sdp_line *line, size_t i, void *form)
{
    const struct sipv_typed *typed = &sipv_sdp_typed_forms[line->view];
    const struct sipv_typed one = {&typed->fields[i], 1, 0, typed->size};
    const struct sipv_filling f = {s->data.p, &one, NULL, form};
    const unsigned kind = typed->fields[i].kind;
    if (kind == SIPV_K_PORT_COUNT || kind == SIPV_K_ADDRESSES) {
        sipv_sdp_typed(s, line, line->view, form);
        return;
    }
    sipv_typed_clear(&f);
    for (size_t k = 0; k < line->n_events; k++) {
        const sipv_event *ev = &s->events[line->first_event + k];
        if (ev->kind == kind)
            sipv_typed_fill(&f, ev);
    }
}

int sipv_sdp_field_at(const sipv_sdp *s, const sipv_sdp_line *line, size_t i, sipv_sdp_field *out)
{
    _Alignas(max_align_t) unsigned char form[512];
    if (line->view < 0)
        return SIPV_ABSENT;
    const struct sipv_typed *typed = &sipv_sdp_typed_forms[line->view];
    if (typed->size > sizeof form || line->state != SIPV_SDP_READ)
        return SIPV_REJECT;
    if (i >= typed->n)
        return SIPV_END;
    fill_field(s, line, i, form);
    const struct sipv_field *field = &typed->fields[i];
    const void *const at = form + field->offset;
    memset(out, 0, sizeof *out);
    out->name = sipv_kind_name(&sipv_sdp_tables, field->kind);
    out->number = SIPV_NUMBER_ABSENT;
    switch (field->type) {
    case SIPV_FIELD_NUMBER:
        out->type = SIPV_SDP_FIELD_NUMBER;
        memcpy(&out->number, at, sizeof out->number);
        break;
    case SIPV_FIELD_LIST:
        out->type = SIPV_SDP_FIELD_LIST;
        memcpy(&out->list, at, sizeof out->list);
        break;
    default: out->type = SIPV_SDP_FIELD_SLICE; memcpy(&out->slice, at, sizeof out->slice);
    }
    return SIPV_OK;
}

/* ---- Attribute names ----------------------------------------------------------------------------
 */

unsigned sipv_sdp_attribute_find(sipv_slice name)
{
    if (name.n == 0)
        return SIPV_SDP_A_OTHER;
    const uint32_t slot = sipv_attribute_hash(name.p, name.n, sipv_sdp_attribute_seed);
    const unsigned id = sipv_sdp_attribute_slots[slot] / sizeof(struct sipv_sdp_attribute_key);
    const sipv_sdp_attribute_info *info = &sipv_sdp_attribute_table[id];
    return info->n_name == name.n && memcmp(info->name, name.p, name.n) == 0 ? id
                                                                             : SIPV_SDP_A_OTHER;
}

const sipv_sdp_attribute_info *sipv_sdp_attribute_info_of(unsigned id)
{
    return id > SIPV_SDP_A_OTHER && id < SIPV_SDP_A_COUNT ? &sipv_sdp_attribute_table[id] : NULL;
}

/* ---- Parts of values ----------------------------------------------------------------------------
 */

static sipv_slice trimmed(const unsigned char *p, const unsigned char *end)
{
    while (p < end && sipv_sdp_is_space(*p))
        p++;
    while (end > p && sipv_sdp_is_space(end[-1]))
        end--;
    return sipv_slice_of(p, (size_t)(end - p));
}

int sipv_sdp_fmtp_next(sipv_slice parameters, size_t *at, sipv_param *out)
{
    while (*at < parameters.n) {
        const unsigned char *const p = parameters.p + *at, *const end = parameters.p + parameters.n;
        const unsigned char *const semi = memchr(p, ';', (size_t)(end - p));
        const unsigned char *const to = semi ? semi : end;
        *at = (size_t)(to - parameters.p) + 1;
        const unsigned char *const equal = memchr(p, '=', (size_t)(to - p));
        out->name = trimmed(p, equal ? equal : to);
        out->value = equal ? trimmed(equal + 1, to) : sipv_slice_of(NULL, 0);
        if (out->name.n || equal)
            return SIPV_OK;
    }
    return SIPV_END;
}

int sipv_sdp_pair_next(sipv_slice pairs, size_t *at, sipv_param *out)
{
    sipv_slice word[2] = {{NULL, 0}, {NULL, 0}};
    if (*at >= pairs.n)
        return SIPV_END;
    for (int i = 0; i < 2; i++) {
        const unsigned char *const p = pairs.p + *at;
        const unsigned char *const space = *at < pairs.n ? memchr(p, ' ', pairs.n - *at) : NULL;
        word[i] = sipv_slice_of(p, space ? (size_t)(space - p) : pairs.n - *at);
        *at += word[i].n + (space != NULL);
    }
    out->name = word[0];
    out->value = word[1];
    return SIPV_OK;
}

/* ---- Media --------------------------------------------------------------------------------------
 */

const char *sipv_sdp_direction_name(sipv_sdp_direction direction)
{
    static const char *const names[] = {"sendrecv", "sendonly", "recvonly", "inactive"};
    return names[direction & 3];
}

void sipv_sdp_media_at(const sipv_sdp *s, size_t section, sipv_sdp_media *out)
{
    sipv_sdp_media_of(s, &s->lines[s->sections[section].first], out);
}

enum { RTP = 1, TLS = 2, UDP = 4, DTLS = 8 };

/* Which words there are among those of a protocol, in any case. */
static unsigned words_of(sipv_slice proto)
{
    static const char *const words[] = {"RTP", "TLS", "UDP", "DTLS"};
    static const struct {
        char text[20];
        uint8_t n, words;
    } usual[] = {{"RTP/AVP", 7, RTP},
                 {"UDP/TLS/RTP/SAVPF", 17, UDP | TLS | RTP},
                 {"UDP/DTLS/SCTP", 13, UDP | DTLS},
                 {"RTP/SAVP", 8, RTP}};
    unsigned found = 0;
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (proto.n == usual[i].n && memcmp(proto.p, usual[i].text, proto.n) == 0)
            return usual[i].words;
    for (size_t from = 0, at = 0; at <= proto.n; at++) {
        if (at < proto.n && proto.p[at] != '/')
            continue;
        for (unsigned i = 0; i < 4; i++)
            if (at - from == (i < 3 ? 3u : 4u) &&
                sipv_same_name(proto.p + from, words[i], at - from))
                found |= 1u << i;
        from = at + 1;
    }
    return found;
}

bool sipv_sdp_is_rtp(sipv_slice proto)
{
    return words_of(proto) & RTP;
}

bool sipv_sdp_is_dtls(sipv_slice proto)
{
    const unsigned words = words_of(proto);
    return words & DTLS || (words & TLS && words & (UDP | RTP));
}
