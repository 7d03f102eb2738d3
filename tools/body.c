/* body.c: what is wrong inside the body of a message.
 *
 * A multipart body (RFC 2046 section 5.1) is taken apart, the header of each part is read, and
 * message/sip (RFC 3261 section 23.4), message/sipfrag (RFC 3420) and application/sdp are parsed,
 * within each other down to DEPTH_MAX.  What is found stands beside the findings of the message, in
 * the order of their bytes; its offsets count in the whole message, and it does not change the
 * verdict. */
#include "sdp_vet.h"
#include "vet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 8 };

/* Codes of the catalogue. */
enum {
    HEADER_LINE = 117,
    LIMIT_MULTIPART = 409,
    LIMIT_NESTING = 410,
    MULTIPART_BOUNDARY = 601,
    MULTIPART_EMPTY = 602,
    MULTIPART_OPEN = 603
};

struct walk {
    struct vet *v;
    struct vet *inner;  /* for one part or inner message at a time */
    struct sdp_vet sdp; /* for one description at a time */
};

/* A stretch of the message with its type. */
struct content {
    sipv_slice type;     /* value of Content-Type */
    sipv_slice encoding; /* of Content-Encoding or Content-Transfer-Encoding; absent for none */
    sipv_slice body;
    unsigned depth;
};

static void check_content(struct walk *w, const struct content *c);

/* What a message says of its body. */
static struct content content_of(const sipv_message *m, unsigned depth)
{
    struct content c = {{NULL, 0}, {NULL, 0}, m->body, depth};
    unsigned type = m->first[SIPV_H_CONTENT_TYPE], encoding = m->first[SIPV_H_CONTENT_ENCODING];

    if (type != SIPV_NO_HEADER)
        c.type = m->headers[type].value;
    if (encoding != SIPV_NO_HEADER)
        c.encoding = m->headers[encoding].value;
    return c;
}

/* ---- Findings -------------------------------------------------------------------------------- */

static struct body_finding *add(struct vet *v)
{
    struct body_finding *found;

    if (v->body_count == v->cap_body) {
        v->cap_body = v->cap_body ? v->cap_body * 2 : 16;
        v->body = need_more(v->body, v->cap_body, sizeof *v->body);
    }
    found = &v->body[v->body_count++];
    memset(found, 0, sizeof *found);
    return found;
}

/* A fault of the body's own structure. */
static void report(struct walk *w, unsigned code, size_t off, size_t len, const char *header)
{
    struct body_finding *found = add(w->v);
    const sipv_diag_info *info = sipv_diag_find(code);

    found->d.code = (uint16_t)code;
    found->d.severity = info->severity;
    found->d.in_body = true;
    found->d.status = w->v->m.kind == SIPV_REQUEST ? info->status : 0;
    found->d.header = SIPV_NO_HEADER;
    found->d.rule = found->d.relaxation = -1;
    found->d.off = off;
    found->d.len = len;
    if (header)
        strcpy(found->header, header);
    snprintf(found->rfc, sizeof found->rfc, "%s", info->rfc);
}

/* A finding of an inner parser as one in the body, but for its offset. */
static void keep(struct body_finding *found, const struct finding *f)
{
    found->d = *f->d;
    found->d.in_body = true;
    found->d.status = 0;
    found->d.header = SIPV_NO_HEADER;
    found->rule = f->rule;
    found->match = f->match;
    memcpy(found->rfc, f->rfc, sizeof f->rfc);
    if (f->header)
        memcpy(found->header, f->header, strlen(f->header) + 1);
}

/* What was found in w->inner.  Nobody answers an inner message: it has no status. */
static void collect(struct walk *w)
{
    struct vet *inner = w->inner;
    size_t base = sipv_offset(&w->v->m, inner->m.data);

    for (size_t i = 0; i < inner->m.n_diags; i++) {
        struct body_finding *found = add(w->v);
        struct finding f;

        finding_of(inner, &inner->lines, &inner->m.diags[i], &f);
        keep(found, &f);
        found->d.off += base;
    }
}

/* ---- Kinds of bodies ---------------------------------------------------------------------------
 */

static void check_part(struct walk *w, const sipv_part *part, unsigned depth)
{
    const struct content c = {part->content_type, part->content_encoding, part->body, depth};
    const sipv_message *m = &w->inner->m;
    const sipv_slice head = part->head;
    const size_t n = (size_t)(part->body.p - head.p) + part->body.n;

    if (head.n > 0) {
        /* With its body: a Content-Length, useless as it is here, is to be right. */
        vet_parse(w->inner, sipv_slice_of(head.p, n), w->v->m.options.profile, VET_FRAGMENT);
        collect(w);
        /* A part has header fields only. */
        if (m->kind != SIPV_NO_MESSAGE)
            report(w, HEADER_LINE, sipv_offset(&w->v->m, m->start_line), m->start_line.n, NULL);
    }
    check_content(w, &c);
}

static void check_multipart(struct walk *w, const struct content *c)
{
    size_t at = sipv_offset(&w->v->m, c->body), end = at + c->body.n;
    sipv_multipart it;
    sipv_part part;
    bool opened;
    int result = sipv_multipart_begin(&it, c->type, c->body, NULL);

    if (result != SIPV_OK) {
        report(w, MULTIPART_BOUNDARY, sipv_offset(&w->v->m, c->type), c->type.n, "Content-Type");
        return;
    }
    opened = it.at <= it.body.n; /* something stands behind a delimiter */
    while ((result = sipv_multipart_next(&it, &part)) == SIPV_OK)
        check_part(w, &part, c->depth + 1);
    if (result == SIPV_LIMIT)
        report(w, LIMIT_MULTIPART, sipv_offset(&w->v->m, it.body) + it.at, 0, NULL);
    else if (result == SIPV_REJECT && opened && !it.closed)
        report(w, MULTIPART_OPEN, end, 0, NULL);
    else if (result == SIPV_REJECT)
        report(w, MULTIPART_EMPTY, at, 0, NULL);
}

static void check_message(struct walk *w, const struct content *c, enum vet_what what)
{
    struct content inner;

    vet_parse(w->inner, c->body, w->v->m.options.profile, what);
    collect(w);
    inner = content_of(&w->inner->m, c->depth + 1); /* w->inner is used anew for it */
    check_content(w, &inner);
}

static void check_sip(struct walk *w, const struct content *c)
{
    check_message(w, c, VET_DATAGRAM);
}

static void check_sipfrag(struct walk *w, const struct content *c)
{
    check_message(w, c, VET_FRAGMENT);
}

/* A session description (RFC 8866). */
static void check_sdp(struct walk *w, const struct content *c)
{
    size_t base = sipv_offset(&w->v->m, c->body);
    struct finding f;

    sdp_vet_parse(&w->sdp, c->body, w->v->m.options.profile);
    for (size_t i = 0; i < w->sdp.s.n_diags; i++) {
        struct body_finding *found = add(w->v);

        sdp_finding_of(&w->sdp, &w->sdp.s.diags[i], &f);
        keep(found, &f);
        found->d.off += base;
    }
}

/* A new kind of body is a line here.  `subtype` NULL is all of them. */
static const struct {
    const char *type, *subtype;
    void (*check)(struct walk *w, const struct content *c);
} kinds[] = {
    {"multipart", NULL, check_multipart},
    {"message", "sip", check_sip},
    {"message", "sipfrag", check_sipfrag},
    {"application", "sdp", check_sdp},
};

/* Is the body as it was before any encoding? */
static bool is_plain(sipv_slice encoding)
{
    static const char *const names[] = {"identity", "7bit", "8bit", "binary"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (sipv_slice_is(encoding, names[i]))
            return true;
    return !encoding.p || encoding.n == 0;
}

static void check_content(struct walk *w, const struct content *c)
{
    sipv_event events[576];
    sipv_iter it;
    sipv_content_type type;

    if (!c->type.p || !c->body.p || !is_plain(c->encoding) ||
        sipv_value_parse(SIPV_H_CONTENT_TYPE, c->type, events, sizeof events / sizeof *events, &it,
                         NULL) != SIPV_OK ||
        sipv_content_type_next(&it, &type) != SIPV_OK)
        return;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!sipv_slice_is(type.type, kinds[i].type) ||
            (kinds[i].subtype && !sipv_slice_is(type.subtype, kinds[i].subtype)))
            continue;
        if (c->depth == DEPTH_MAX)
            report(w, LIMIT_NESTING, sipv_offset(&w->v->m, c->body), 0, NULL);
        else
            kinds[i].check(w, c);
        return;
    }
}

void vet_check_body(struct vet *v)
{
    struct vet inner = {.body = NULL};
    struct walk w = {.v = v, .inner = &inner};
    const struct content c = content_of(&v->m, 0);

    check_content(&w, &c);
    vet_free(&inner);
    sdp_vet_free(&w.sdp);
    vet_gather(v);
}
