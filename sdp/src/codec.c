/* The formats of a media section and what they mean. */
#include "codec.h"

#include <string.h>

/* RFC 3551 section 6, tables 4 and 5: payload types that mean something by themselves. */
static const struct {
    const char *encoding;
    uint32_t clock_rate, channels;
} statics[] = {
    [0] = {"PCMU", 8000, 1},   [3] = {"GSM", 8000, 1},    [4] = {"G723", 8000, 1},
    [5] = {"DVI4", 8000, 1},   [6] = {"DVI4", 16000, 1},  [7] = {"LPC", 8000, 1},
    [8] = {"PCMA", 8000, 1},   [9] = {"G722", 8000, 1},   [10] = {"L16", 44100, 2},
    [11] = {"L16", 44100, 1},  [12] = {"QCELP", 8000, 1}, [13] = {"CN", 8000, 1},
    [14] = {"MPA", 90000, 1},  [15] = {"G728", 8000, 1},  [16] = {"DVI4", 11025, 1},
    [17] = {"DVI4", 22050, 1}, [18] = {"G729", 8000, 1},  [25] = {"CelB", 90000, 1},
    [26] = {"JPEG", 90000, 1}, [28] = {"nv", 90000, 1},   [31] = {"H261", 90000, 1},
    [32] = {"MPV", 90000, 1},  [33] = {"MP2T", 90000, 1}, [34] = {"H263", 90000, 1},
};

static void read_rtpmaps(const sipv_sdp *s, size_t section, struct sipv_sdp_stream *out)
{
    const sipv_sdp_line *line = NULL;
    for (size_t i = 0; i < sizeof statics / sizeof *statics; i++)
        if (statics[i].encoding)
            out->map[i] =
                (struct sipv_sdp_mapping){sipv_slice_text(statics[i].encoding),
                                          statics[i].clock_rate, statics[i].channels, false};
    while ((line = sipv_sdp_find(s, (unsigned)section, SIPV_SDP_A_RTPMAP, line)) != NULL) {
        sipv_sdp_rtpmap r;
        if (sipv_sdp_rtpmap_of(s, line, &r) != SIPV_OK || r.payload_type < 0 ||
            out->map[r.payload_type].by_rtpmap)
            continue;
        out->map[r.payload_type] =
            (struct sipv_sdp_mapping){r.encoding, r.clock_rate > 0 ? (uint32_t)r.clock_rate : 0,
                                      r.channels > 0 ? (uint32_t)r.channels : 1, true};
    }
}

/* Interop takes a ttl behind any address: those of groups are ff00::/8 and 224.0.0.0/4.  What looks
 * like one under another addrtype is a text that we know nothing of. */
static bool is_multicast(const sipv_sdp_connection *c)
{
    const unsigned char *const p = c->address.p;
    if (!p || c->address.n < 5 || !sipv_slice_is(c->nettype, "IN"))
        return false;
    if (sipv_slice_is(c->addrtype, "IP6"))
        return (p[0] | 0x20) == 'f' && (p[1] | 0x20) == 'f' && p[4] == ':';
    return sipv_slice_is(c->addrtype, "IP4") && sipv_sdp_is_dotted(c->address) && p[3] == '.' &&
           memcmp(p, "224", 3) >= 0 && memcmp(p, "239", 3) <= 0;
}

void sipv_sdp_stream_at(const sipv_sdp *s, size_t section, struct sipv_sdp_stream *out)
{
    memset(out, 0, sizeof *out);
    out->readable = sipv_sdp_media_of(s, &s->lines[s->sections[section].first], &out->m) == SIPV_OK;
    const sipv_sdp_line *const c = sipv_sdp_next_connection(s, section, NULL);
    if (c)
        sipv_sdp_connection_of(s, c, &out->c);
    out->multicast = is_multicast(&out->c);
    out->rtp = sipv_sdp_is_rtp(out->m.proto);
    if (out->rtp)
        read_rtpmaps(s, section, out);
}

const struct sipv_sdp_mapping *sipv_sdp_mapping_of(const struct sipv_sdp_stream *stream,
                                                   sipv_slice format)
{
    uint64_t n;
    if (!stream->rtp || sipv_number(format, 127, &n) != SIPV_OK)
        return NULL;
    return &stream->map[n];
}

bool sipv_sdp_same_mapping(const struct sipv_sdp_mapping *a, const struct sipv_sdp_mapping *b)
{
    return b->encoding.p && sipv_slice_equal_nocase(a->encoding, b->encoding) &&
           a->clock_rate == b->clock_rate && a->channels == b->channels;
}

void sipv_sdp_formats_of(const struct sipv_sdp_stream *stream, struct sipv_sdp_formats_of *out)
{
    bool seen[128] = {false};
    sipv_slice format;
    uint64_t type;
    out->stream = stream;
    out->texts.n = out->n_types = 0;
    out->rest = 0;
    for (size_t at = 0; sipv_list_next(&stream->m.formats, &at, &format) == SIPV_OK;) {
        if (sipv_sdp_texts_add(&out->texts, format, out->texts.n))
            out->rest = at;
        if (!stream->rtp || sipv_number(format, 127, &type) != SIPV_OK || seen[type])
            continue;
        seen[type] = true;
        out->types[out->n_types++] = (uint8_t)type;
    }
    sipv_sdp_texts_sort(&out->texts);
}

static bool has_mapping(const struct sipv_sdp_formats_of *formats,
                        const struct sipv_sdp_mapping *wanted)
{
    for (unsigned i = 0; i < formats->n_types; i++)
        if (sipv_sdp_same_mapping(wanted, &formats->stream->map[formats->types[i]]))
            return true;
    return false;
}

static bool has_text(const struct sipv_sdp_formats_of *formats, sipv_slice format)
{
    sipv_slice own;
    if (sipv_sdp_texts_find(&formats->texts, format) < formats->texts.n)
        return true;
    for (size_t at = formats->rest;
         sipv_list_next(&formats->stream->m.formats, &at, &own) == SIPV_OK;)
        if (sipv_slice_equal(own, format))
            return true;
    return false;
}

/* What is no payload type is the name of a media type, which has no case (RFC 6838 4.2): T38 is
 * t38. Nobody offers many of those. */
static bool has_name(const struct sipv_sdp_stream *stream, sipv_slice format)
{
    enum { COMPARED = 8 };
    sipv_slice own;
    size_t at = 0;
    for (int i = 0; i < COMPARED && sipv_list_next(&stream->m.formats, &at, &own) == SIPV_OK; i++)
        if (sipv_slice_equal_nocase(own, format))
            return true;
    return false;
}

bool sipv_sdp_has_format(const struct sipv_sdp_formats_of *formats,
                         const struct sipv_sdp_stream *other, sipv_slice format)
{
    const struct sipv_sdp_mapping *wanted = sipv_sdp_mapping_of(other, format);
    const struct sipv_sdp_mapping *same = sipv_sdp_mapping_of(formats->stream, format);
    if (wanted && wanted->encoding.p) {
        if (has_mapping(formats, wanted))
            return true;
        if (same && same->encoding.p) /* the same number means something else */
            return false;
    }
    return has_text(formats, format) || (!other->rtp && has_name(formats->stream, format));
}

const sipv_sdp_line *sipv_sdp_sound(const sipv_sdp *s, size_t section, unsigned id)
{
    const sipv_sdp_line *line = NULL;
    do
        line = sipv_sdp_find(s, (unsigned)section, id, line);
    while (line && line->state == SIPV_SDP_MALFORMED);
    return line;
}

const sipv_sdp_line *sipv_sdp_sound_effective(const sipv_sdp *s, size_t section, unsigned id)
{
    const sipv_sdp_line *const own = sipv_sdp_sound(s, section, id);
    return own ? own : sipv_sdp_sound(s, SIPV_SDP_SESSION, id);
}

/* The next line of a type that is not malformed: those are ignored, as attributes are. */
static const sipv_sdp_line *next_sound(const sipv_sdp *s, unsigned section, char type,
                                       const sipv_sdp_line *after)
{
    do
        after = sipv_sdp_find_type(s, section, type, after);
    while (after && after->state == SIPV_SDP_MALFORMED);
    return after;
}

const sipv_sdp_line *sipv_sdp_next_connection(const sipv_sdp *s, size_t section,
                                              const sipv_sdp_line *after)
{
    if (after && after->section == SIPV_SDP_SESSION)
        return NULL;
    const sipv_sdp_line *const own = next_sound(s, (unsigned)section, 'c', after);
    return own || after ? own : next_sound(s, SIPV_SDP_SESSION, 'c', NULL);
}

const sipv_sdp_line *sipv_sdp_next_bandwidth(const sipv_sdp *s, size_t section,
                                             const sipv_sdp_line *after)
{
    return next_sound(s, (unsigned)section, 'b', after);
}

sipv_slice sipv_sdp_value_of(const sipv_sdp *s, size_t section, unsigned id)
{
    const sipv_sdp_line *line = sipv_sdp_sound_effective(s, section, id);
    return line ? line->value : sipv_slice_of(NULL, 0);
}

const sipv_sdp_line *sipv_sdp_next_bundle(const sipv_sdp *s, const sipv_sdp_line *after,
                                          sipv_sdp_group *group)
{
    while ((after = sipv_sdp_find(s, SIPV_SDP_SESSION, SIPV_SDP_A_GROUP, after)) != NULL)
        if (sipv_sdp_group_of(s, after, group) == SIPV_OK &&
            sipv_slice_is(group->semantics, "BUNDLE"))
            return after;
    return NULL;
}
