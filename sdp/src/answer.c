/* The answer to an offer (RFC 3264 section 6): what both sides have, stream by stream. */
#include <string.h>

#include "codec.h"

enum { DEFAULT_PORT = 49170, FORMATS = SIPV_SDP_TEXTS, STREAMS = 256 };

struct answering {
    const sipv_sdp *offer;
    const sipv_sdp_capabilities *local;
    sipv_sdp_writer w;
    uint16_t next_port;
    uint16_t bundle_port;          /* that of the first stream of the group, 0 before it */
    struct sipv_sdp_texts bundled; /* mids of the group that is answered, sorted */
    uint8_t verdict[STREAMS];
};

/* One stream that is being answered. */
struct accepted {
    struct sipv_sdp_stream offered;
    size_t i;
    sipv_slice mid;
    bool bundled;
    sipv_slice formats[FORMATS]; /* in the order of the answer */
    size_t n;
    bool taken[FORMATS], types[128];    /* of those offered, by number; payload types of RTP */
    struct sipv_sdp_texts sorted;       /* these formats ... */
    const sipv_sdp_line *fmtp[FORMATS]; /* ... and the line that each has, or NULL */
};

/* ---- Text ---------------------------------------------------------------------------------------
 */

/* A value that is put together.  If it gets too long the writer refuses it. */
struct text {
    sipv_sdp_writer *w;
    size_t n;
    char p[SIPV_SDP_ANSWER_VALUE];
};

static void begin(struct text *t, struct answering *a)
{
    t->w = &a->w;
    t->n = 0;
}

static void add(struct text *t, sipv_slice s)
{
    if (s.n > sizeof t->p - t->n) {
        t->w->result = SIPV_BAD_ARGUMENT;
        return;
    }
    memcpy(t->p + t->n, s.p, s.n);
    t->n += s.n;
}

static void add_text(struct text *t, const char *s)
{
    add(t, sipv_slice_text(s));
}

static void add_number(struct text *t, uint64_t n)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + n % 10);
        n /= 10;
    } while (n);
    add(t, sipv_slice_of(digits + at, sizeof digits - at));
}

static sipv_slice added(const struct text *t)
{
    return sipv_slice_of(t->p, t->n);
}

static void put_attribute(struct answering *a, const char *name, sipv_slice value)
{
    sipv_sdp_write_attribute(&a->w, sipv_slice_text(name), value);
}

static void put_flag(struct answering *a, const char *name)
{
    put_attribute(a, name, sipv_slice_of(NULL, 0));
}

/* ---- Formats in common --------------------------------------------------------------------------
 */

/* Does a codec of the local side stand for this format? */
static bool is_codec(const struct accepted *st, const sipv_sdp_codec *codec, sipv_slice format)
{
    const struct sipv_sdp_mapping *map = sipv_sdp_mapping_of(&st->offered, format);
    if (!map)
        return sipv_slice_equal_nocase(codec->name, format);
    return map->encoding.p && sipv_slice_equal_nocase(codec->name, map->encoding) &&
           (!codec->clock_rate || codec->clock_rate == map->clock_rate) &&
           (!codec->channels || codec->channels == map->channels);
}

/* Formats that go beside others: events, comfort noise, retransmission and redundancy. */
static bool is_companion(const struct accepted *st, sipv_slice format)
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
static void take(struct accepted *st, size_t i, sipv_slice format)
{
    uint64_t type = 0;
    const bool is_type = st->offered.rtp && sipv_number(format, 127, &type) == SIPV_OK;
    if (i >= FORMATS || st->taken[i] || (is_type && st->types[type]))
        return;
    st->taken[i] = true;
    st->types[type] |= is_type;
    st->formats[st->n++] = format;
}

/* A dynamic payload type without an rtpmap means nothing. */
static bool is_known(const struct accepted *st, sipv_slice format)
{
    const struct sipv_sdp_mapping *map = sipv_sdp_mapping_of(&st->offered, format);
    return !map || map->encoding.p;
}

static bool is_local(const struct answering *a, const struct accepted *st, sipv_slice format)
{
    for (size_t i = 0; i < a->local->n_codecs; i++)
        if (is_codec(st, &a->local->codecs[i], format))
            return true;
    return a->local->n_codecs == 0 && is_known(st, format);
}

static void choose_formats(const struct answering *a, struct accepted *st)
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
    size_t kept = 0;
    bool any = false;
    for (size_t i = 0; i < st->n; i++) {
        const bool companion = is_companion(st, st->formats[i]);
        if (companion || !any || !a->local->one_codec)
            st->formats[kept++] = st->formats[i];
        any |= !companion;
    }
    st->n = any ? kept : 0; /* events alone are no stream */
}

/* ---- May it be accepted? ------------------------------------------------------------------------
 */

static bool is_srtp(sipv_slice proto)
{
    return sipv_slice_is(proto, "RTP/SAVP") || sipv_slice_is(proto, "RTP/SAVPF");
}

/* The first crypto attribute of a stream that can be read. */
static const sipv_sdp_line *crypto_of(const struct answering *a, const struct accepted *st)
{
    const sipv_sdp_line *line = NULL;
    do
        line = sipv_sdp_find(a->offer, (unsigned)st->i, SIPV_SDP_A_CRYPTO, line);
    while (line && line->state != SIPV_SDP_READ);
    return line;
}

static bool is_secured(const struct answering *a, const struct accepted *st)
{
    const sipv_slice proto = st->offered.m.proto;
    if (sipv_sdp_is_dtls(proto))
        return a->local->fingerprint.p &&
               sipv_sdp_value_of(a->offer, st->i, SIPV_SDP_A_FINGERPRINT).p;
    return !is_srtp(proto) || (a->local->crypto.p && crypto_of(a, st));
}

/* Of an accepted offer all m= lines can be read. */
static bool read_stream(const struct answering *a, size_t i, struct accepted *st)
{
    const sipv_sdp_section *section = &a->offer->sections[i];
    st->i = i;
    st->n = 0;
    sipv_sdp_stream_at(a->offer, i, &st->offered);
    st->mid = section->mid ? a->offer->lines[section->mid].value : sipv_slice_of(NULL, 0);
    st->bundled = st->mid.p && sipv_sdp_texts_find(&a->bundled, st->mid) < a->bundled.n;
    if (i < 64 && a->local->reject >> i & 1)
        return false;
    if (st->offered.m.port == 0 &&
        !(st->bundled && sipv_sdp_find(a->offer, (unsigned)i, SIPV_SDP_A_BUNDLE_ONLY, NULL)))
        return false;
    if (!is_secured(a, st))
        return false;
    choose_formats(a, st);
    return st->n > 0;
}

/* The hold of RFC 2543 (RFC 3264 8.4): nobody listens at 0.0.0.0.  With ICE the address says
 * nothing. */
static bool is_held(const struct answering *a, const struct accepted *st)
{
    return sipv_slice_is(st->offered.c.address, "0.0.0.0") &&
           !sipv_sdp_value_of(a->offer, st->i, SIPV_SDP_A_ICE_UFRAG).p;
}

static sipv_sdp_direction direction_of(const struct answering *a, const struct accepted *st)
{
    const unsigned offered = a->offer->sections[st->i].direction, local = a->local->direction;
    if (st->offered.multicast) /* section 6.2 */
        return (sipv_sdp_direction)offered;
    bool they_send = offered == SIPV_SDP_SENDRECV || offered == SIPV_SDP_SENDONLY;
    bool they_receive = offered == SIPV_SDP_SENDRECV || offered == SIPV_SDP_RECVONLY;
    they_receive = they_receive && !is_held(a, st);
    const bool send = they_receive && (local == SIPV_SDP_SENDRECV || local == SIPV_SDP_SENDONLY);
    const bool receive = they_send && (local == SIPV_SDP_SENDRECV || local == SIPV_SDP_RECVONLY);
    return send      ? receive ? SIPV_SDP_SENDRECV : SIPV_SDP_SENDONLY
           : receive ? SIPV_SDP_RECVONLY
                     : SIPV_SDP_INACTIVE;
}

/* ---- Writing a stream ---------------------------------------------------------------------------
 */

static void put_media(struct answering *a, const struct accepted *st, uint16_t port)
{
    struct text t;
    begin(&t, a);
    add(&t, st->offered.m.media);
    add_text(&t, " ");
    add_number(&t, port);
    if (port && st->offered.multicast && st->offered.m.port_count > 1) {
        add_text(&t, "/");
        add_number(&t, (uint64_t)st->offered.m.port_count);
    }
    add_text(&t, " ");
    add(&t, st->offered.m.proto);
    for (size_t i = 0; i < st->n; i++) {
        add_text(&t, " ");
        add(&t, st->formats[i]);
    }
    sipv_sdp_put_line(&a->w, 'm', added(&t)); /* of parts of the offer */
}

static void put_rtpmap(struct answering *a, const struct accepted *st, sipv_slice format)
{
    const struct sipv_sdp_mapping *map = sipv_sdp_mapping_of(&st->offered, format);
    struct text t;
    if (!map)
        return;
    begin(&t, a);
    add_number(&t, (uint64_t)(map - st->offered.map)); /* the format may have zeros in front */
    add_text(&t, " ");
    add(&t, map->encoding);
    add_text(&t, "/");
    add_number(&t, map->clock_rate);
    if (map->channels > 1) {
        add_text(&t, "/");
        add_number(&t, map->channels);
    }
    put_attribute(a, "rtpmap", added(&t));
}

/* Finds the first fmtp line of each format. */
static void find_fmtp(const struct answering *a, struct accepted *st)
{
    const sipv_sdp_line *line = NULL;
    st->sorted.n = 0;
    for (size_t i = 0; i < st->n; i++)
        sipv_sdp_texts_add(&st->sorted, st->formats[i], i);
    sipv_sdp_texts_sort(&st->sorted);
    memset(st->fmtp, 0, st->n * sizeof *st->fmtp);
    while ((line = sipv_sdp_find(a->offer, (unsigned)st->i, SIPV_SDP_A_FMTP, line)) != NULL) {
        if (line->state != SIPV_SDP_READ)
            continue;
        const size_t at =
            sipv_sdp_texts_find(&st->sorted, sipv_sdp_part(a->offer, line, SIPV_K_FORMAT));
        if (at < st->n && !st->fmtp[at])
            st->fmtp[at] = line;
    }
}

/* Parameters that describe a configuration are the same in the answer (section 6.1). */
static void put_fmtp(struct answering *a, const struct accepted *st, sipv_slice format)
{
    const sipv_sdp_line *line = st->fmtp[sipv_sdp_texts_find(&st->sorted, format)];
    if (line)
        put_attribute(a, "fmtp", line->value);
}

/* RFC 4145 4.1, RFC 8842 5.3. */
static void put_setup(struct answering *a, const struct accepted *st)
{
    const sipv_slice offered = sipv_sdp_value_of(a->offer, st->i, SIPV_SDP_A_SETUP);
    const char *role = "holdconn";
    if (!offered.p)
        return;
    if (sipv_slice_is(offered, "actpass"))
        role = a->local->passive ? "passive" : "active";
    else if (sipv_slice_is(offered, "active"))
        role = "passive";
    else if (sipv_slice_is(offered, "passive"))
        role = "active";
    put_attribute(a, "setup", sipv_slice_text(role));
}

static void put_security(struct answering *a, const struct accepted *st)
{
    if (sipv_sdp_is_dtls(st->offered.m.proto)) {
        put_attribute(a, "fingerprint", a->local->fingerprint);
        put_setup(a, st);
    } else if (is_srtp(st->offered.m.proto)) {
        const sipv_sdp_line *const line = crypto_of(a, st);
        struct text t;
        begin(&t, a);
        add(&t, sipv_sdp_part(a->offer, line, SIPV_K_TAG));
        add_text(&t, " ");
        add(&t, sipv_sdp_part(a->offer, line, SIPV_K_SUITE));
        add_text(&t, " ");
        add(&t, a->local->crypto);
        put_attribute(a, "crypto", added(&t));
    } else {
        put_setup(a, st);
        if (sipv_sdp_value_of(a->offer, st->i, SIPV_SDP_A_CONNECTION).p)
            put_attribute(a, "connection", sipv_slice_text("new"));
    }
    if (a->local->ice_ufrag.p && sipv_sdp_value_of(a->offer, st->i, SIPV_SDP_A_ICE_UFRAG).p) {
        put_attribute(a, "ice-ufrag", a->local->ice_ufrag);
        put_attribute(a, "ice-pwd", a->local->ice_pwd);
    }
}

/* What a multicast stream has is as it was (section 6.2). */
static void put_multicast(struct answering *a, const struct accepted *st)
{
    const sipv_sdp_line *line = NULL;
    const sipv_slice ptime = sipv_sdp_value_of(a->offer, st->i, SIPV_SDP_A_PTIME);
    const sipv_sdp_line *c = sipv_sdp_find_type(a->offer, (unsigned)st->i, 'c', NULL);
    if (!c)
        c = sipv_sdp_find_type(a->offer, SIPV_SDP_SESSION, 'c', NULL);
    sipv_sdp_put_line(&a->w, 'c', c->value);
    while ((line = sipv_sdp_find_type(a->offer, (unsigned)st->i, 'b', line)) != NULL)
        sipv_sdp_put_line(&a->w, 'b', line->value);
    if (ptime.p)
        put_attribute(a, "ptime", ptime);
}

static void put_accepted(struct answering *a, struct accepted *st)
{
    uint16_t port = a->next_port;
    if (st->offered.multicast)
        port = (uint16_t)st->offered.m.port;
    else if (st->bundled && a->bundle_port)
        port = a->bundle_port;
    else
        a->next_port = (uint16_t)(a->next_port < 65534 ? a->next_port + 2 : a->next_port);
    if (st->bundled && !a->bundle_port)
        a->bundle_port = port;
    put_media(a, st, port);
    if (st->offered.multicast)
        put_multicast(a, st);
    if (st->mid.p)
        put_attribute(a, "mid", st->mid);
    put_flag(a, sipv_sdp_direction_name(direction_of(a, st)));
    if (!a->local->no_rtcp_mux &&
        sipv_sdp_find(a->offer, (unsigned)st->i, SIPV_SDP_A_RTCP_MUX, NULL))
        put_flag(a, "rtcp-mux");
    put_security(a, st);
    find_fmtp(a, st);
    for (size_t i = 0; i < st->n; i++) {
        put_rtpmap(a, st, st->formats[i]);
        put_fmtp(a, st, st->formats[i]);
    }
    const sipv_slice sctp = sipv_sdp_value_of(a->offer, st->i, SIPV_SDP_A_SCTP_PORT);
    if (sctp.p)
        put_attribute(a, "sctp-port", sipv_slice_text("5000"));
}

/* Port 0, and one format, which is ignored. */
static void put_rejected(struct answering *a, struct accepted *st)
{
    sipv_slice format;
    size_t at = 0;
    st->n = 0;
    const bool any = sipv_list_next(&st->offered.m.formats, &at, &format) == SIPV_OK;
    st->formats[st->n++] = any ? format : sipv_slice_text("0");
    put_media(a, st, 0);
    if (st->mid.p)
        put_attribute(a, "mid", st->mid);
}

/* ---- The session --------------------------------------------------------------------------------
 */

static const char *addrtype_of(sipv_slice address)
{
    return memchr(address.p, ':', address.n) ? "IP6" : "IP4";
}

static void put_session(struct answering *a)
{
    const sipv_sdp_line *line = NULL;
    struct text o, c;
    begin(&o, a);
    begin(&c, a);
    add(&o, a->local->username.p ? a->local->username : sipv_slice_text("-"));
    add_text(&o, " ");
    add_number(&o, a->local->sess_id);
    add_text(&o, " ");
    add_number(&o, a->local->sess_version);
    add_text(&c, "IN ");
    add_text(&c, addrtype_of(a->local->address));
    add_text(&c, " ");
    add(&c, a->local->address);
    add_text(&o, " ");
    add(&o, added(&c));
    sipv_sdp_write_line(&a->w, 'v', sipv_slice_text("0"));
    sipv_sdp_write_line(&a->w, 'o', added(&o));
    sipv_sdp_write_line(&a->w, 's', sipv_slice_text("-"));
    sipv_sdp_write_line(&a->w, 'c', added(&c));
    while ((line = sipv_sdp_find_type(a->offer, SIPV_SDP_SESSION, 't', line)) != NULL)
        sipv_sdp_put_line(&a->w, 't', line->value);
}

/* Can stream `i` be accepted?  Each is looked at once. */
static bool is_accepted(struct answering *a, size_t i, struct accepted *st)
{
    enum { UNKNOWN, ACCEPTED, REJECTED };
    if (i >= STREAMS)
        return read_stream(a, i, st);
    if (a->verdict[i] == UNKNOWN)
        a->verdict[i] = read_stream(a, i, st) ? ACCEPTED : REJECTED;
    return a->verdict[i] == ACCEPTED;
}

/* Is there a stream with this mid that is accepted?  `mids` are those of all streams, sorted. */
static bool has_accepted(struct answering *a, const struct sipv_sdp_texts *mids, sipv_slice mid,
                         struct accepted *st)
{
    for (size_t k = sipv_sdp_texts_find(mids, mid);
         k < mids->n && sipv_slice_equal(mids->at[k].text, mid); k++)
        if (is_accepted(a, mids->at[k].number, st))
            return true;
    return false;
}

/* RFC 9143 7.3: the offered group, without the media that are rejected.  There is one group in an
 * answer of one address. */
static void put_bundle(struct answering *a, const sipv_sdp_group *group, struct accepted *st)
{
    struct sipv_sdp_texts mids;
    struct text t;
    sipv_slice mid;
    size_t at = 0;
    sipv_sdp_mids(a->offer, &mids);
    begin(&t, a);
    add_text(&t, "BUNDLE");
    for (int k = 0; k < STREAMS && sipv_list_next(&group->mids, &at, &mid) == SIPV_OK; k++)
        if (has_accepted(a, &mids, mid, st)) {
            add_text(&t, " ");
            add(&t, mid);
        }
    put_attribute(a, "group", added(&t));
}

int sipv_sdp_answer(const sipv_sdp *offer, const sipv_sdp_capabilities *local, void *out,
                    size_t cap, size_t *n)
{
    struct answering a;
    struct accepted st;
    sipv_sdp_group group;
    if (!offer || !local || !n || !local->address.p || !local->address.n ||
        (local->n_codecs && !local->codecs) || (!out && cap))
        return SIPV_BAD_ARGUMENT;
    *n = 0;
    if (!offer->accepted)
        return SIPV_REJECT;
    a.offer = offer;
    a.local = local;
    a.next_port = local->port ? local->port : DEFAULT_PORT;
    a.bundle_port = 0;
    a.bundled.n = 0;
    memset(a.verdict, 0, sizeof a.verdict);
    sipv_sdp_writer_init(&a.w, out, cap);
    put_session(&a);
    if (!local->no_bundle && sipv_sdp_next_bundle(offer, NULL, &group)) {
        sipv_sdp_add_mids(&group, &a.bundled);
        sipv_sdp_texts_sort(&a.bundled);
        put_bundle(&a, &group, &st);
    }
    for (size_t i = 0; i < offer->n_sections; i++) {
        if (read_stream(&a, i, &st))
            put_accepted(&a, &st);
        else
            put_rejected(&a, &st);
    }
    return sipv_sdp_writer_finish(&a.w, n);
}
