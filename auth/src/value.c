/* Header values into views: the grammar takes a value apart, then each parameter goes by its name.
 */
#include <string.h>

#include "auth_ids.gen.h"
#include "internal.h"
#include "same_names.h"
#include "tables.h"

/* A view that is being filled. */
struct filling {
    sipv_slice value, text; /* offsets of faults count from `value`; `text` is what is read of it */
    const struct sipv_field_spec *specs;
    unsigned char *out; /* the struct */
    const sipv_params *params;
    sipv_fault *fault;
    sipv_room *room;
};

static void blame(struct filling *f, sipv_auth_reason reason, const char *param, sipv_slice where)
{
    if (f->fault->reason != SIPV_FINE)
        return;
    f->fault->reason = reason;
    f->fault->param = param;
    f->fault->off = (size_t)(where.p - f->value.p);
    f->fault->len = where.n;
}

/* ---- Grammar ------------------------------------------------------------------------------------
 */

static bool is_space(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static sipv_slice trimmed(sipv_slice s)
{
    while (s.n && is_space(s.p[s.n - 1]))
        s.n--;
    while (s.n && is_space(*s.p)) {
        s.p++;
        s.n--;
    }
    return s;
}

/* A chunk gives its captures in an order of its own: the scheme behind the first parameter.  None
 * is further away from its place than a chunk has captures, so this is linear. */
static void sort_events(sipv_event *ev, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        const sipv_event moved = ev[i];
        size_t at = i;
        for (; at > 0 && ev[at - 1].off > moved.off; at--)
            ev[at] = ev[at - 1];
        ev[at] = moved;
    }
}

/* Events of `value` against a rule, at the end of the room, in order of offset.  `*error` counts
 * from the value. */
static int match_value(sipv_slice value, unsigned rule, sipv_room *room, const sipv_event **ev,
                       size_t *n, size_t *error)
{
    static const sipv_limits limits = SIPV_LIMITS_DEFAULT;
    const sipv_slice text = trimmed(value);
    sipv_event *const out = room->events ? room->events + room->n_events : NULL;
    *ev = out;
    *n = *error = 0;
    if (value.n > limits.header)
        return SIPV_LIMIT;
    const int result =
        sipv_match_slice(&sipv_auth_automata, sipv_auth_tables.rules[rule].root, text, value.p,
                         value.p + value.n, out, room->cap_events - room->n_events, n, error);
    *error += (size_t)(text.p - value.p);
    if (result == SIPV_OK) {
        sort_events(out, *n);
        room->n_events += *n;
    }
    return result;
}

/* ---- Text ---------------------------------------------------------------------------------------
 */

/* What is written into the room; SIPV_NO_SPACE if it does not fit. */
static int keep(sipv_room *room, size_t need, sipv_slice *out)
{
    if (need > room->cap_text - room->n_text)
        return SIPV_NO_SPACE;
    *out = sipv_slice_of(room->text + room->n_text, need);
    room->n_text += need;
    return SIPV_OK;
}

/* Behind the white space at `at`; `*fold`: there is a line end in it. */
static size_t skip_space(sipv_slice s, size_t at, bool *fold)
{
    *fold = false;
    for (; at < s.n && is_space(s.p[at]); at++)
        *fold |= s.p[at] == '\n';
    return at;
}

/* What stands between quotes, without backslashes, a fold as one space (RFC 3261 7.3.1), as far as
 * there is room.  Returns the octets it has. */
static size_t unquote(sipv_slice inner, unsigned char *out, size_t cap)
{
    size_t n = 0;
    bool fold;
    for (size_t at = 0; at < inner.n; n++) {
        unsigned char c = inner.p[at];
        const size_t behind = skip_space(inner, at, &fold);
        if (fold)
            c = ' ';
        else if (c == '\\')
            c = inner.p[++at]; /* the grammar has seen that there is something */
        if (n < cap)
            out[n] = c;
        at = fold ? behind : at + 1;
    }
    return n;
}

/* The octets that a token or quoted string means, which the grammar has seen. */
static int plain_text(sipv_room *room, sipv_slice raw, sipv_slice *out)
{
    *out = raw;
    if (raw.p[0] != '"')
        return SIPV_OK;
    const sipv_slice inner = sipv_slice_of(raw.p + 1, raw.n - 2);
    *out = inner;
    if (!inner.n || (!memchr(inner.p, '\\', inner.n) && !memchr(inner.p, '\n', inner.n)))
        return SIPV_OK;
    return keep(room,
                unquote(inner, room->text ? room->text + room->n_text : NULL,
                        room->cap_text - room->n_text),
                out);
}

static int digit(unsigned char c)
{
    return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* The octets of UTF-8'en'J%C3%A4s (RFC 5987), which the grammar has seen. */
static int extended_text(sipv_room *room, sipv_slice raw, sipv_slice *out)
{
    size_t at = 0, n = 0;
    for (unsigned quotes = 0; quotes < 2; at++)
        quotes += raw.p[at] == '\'';
    while (at < raw.n) {
        unsigned char c = raw.p[at];
        if (c == '%')
            c = (unsigned char)(digit(raw.p[at + 1]) * 16 + digit(raw.p[at + 2]));
        at += raw.p[at] == '%' ? 3 : 1;
        if (n < room->cap_text - room->n_text)
            room->text[room->n_text + n] = c;
        n++;
    }
    *out = sipv_slice_of(raw.p + raw.n, 0); /* empty is not absent */
    return n ? keep(room, n, out) : SIPV_OK;
}

/* ---- Parameters ---------------------------------------------------------------------------------
 */

static bool has_form(const struct filling *f, const struct sipv_field_spec *spec, sipv_slice value)
{
    sipv_event none[2 * SIPV_CHUNK_PARTS]; /* one chunk, none of it captured */
    size_t n, error;
    return sipv_match_slice(&sipv_auth_automata, sipv_auth_tables.rules[spec->rule].root, value,
                            f->value.p, f->value.p + f->value.n, none, 2 * SIPV_CHUNK_PARTS, &n,
                            &error) == SIPV_OK;
}

static int fill(struct filling *f, const struct sipv_field_spec *spec, sipv_slice value)
{
    sipv_slice text;
    const bool good = has_form(f, spec, value);
    if (!good)
        blame(f, SIPV_FORM, spec->name, value);
    const int result = spec->extended && good ? extended_text(f->room, value, &text)
                                              : plain_text(f->room, value, &text);
    if (result == SIPV_OK)
        memcpy(f->out + spec->offset, &text, sizeof text);
    return result;
}

static int fill_all(struct filling *f)
{
    static const sipv_limits limits = SIPV_LIMITS_DEFAULT;
    bool seen[SIPV_FIELDS_MAX] = {false};
    struct sipv_repeats repeats = {f->params, 0};
    sipv_param p;
    size_t count = 0;
    int result = SIPV_OK;
    for (size_t at = 0; result == SIPV_OK && sipv_param_next(f->params, &at, &p) == SIPV_OK;) {
        if (++count > limits.params) {
            blame(f, SIPV_TOO_MANY, NULL, p.name);
            return SIPV_OK;
        }
        unsigned i = 0;
        while (f->specs[i].name && !sipv_slice_is(p.name, f->specs[i].name))
            i++;
        if (f->specs[i].name ? seen[i] : sipv_is_repeated(&repeats, count, p.name))
            blame(f, SIPV_REPEATED, f->specs[i].name, p.name);
        else if (f->specs[i].name)
            result = fill(f, &f->specs[i], p.value);
        if (f->specs[i].name)
            seen[i] = true;
    }
    for (unsigned i = 0; f->specs[i].name; i++)
        if (f->specs[i].required && !seen[i])
            blame(f, SIPV_MISSING, f->specs[i].name, f->text);
    return result;
}

/* ---- Events -------------------------------------------------------------------------------------
 */

struct found {
    sipv_slice scheme, token68;
    sipv_params params;
};

static void add_event(struct found *out, const unsigned char *base, const sipv_event *ev)
{
    const sipv_slice text = sipv_slice_of(base + ev->off, ev->len);
    if (ev->kind == SIPV_K_SCHEME) {
        out->scheme = text;
    } else if (ev->kind == SIPV_K_TOKEN68) {
        out->token68 = text;
    } else { /* name or value of a parameter */
        if (!out->params.ev) {
            out->params.base = base;
            out->params.ev = ev;
            out->params.kind = SIPV_KIND_PARAM_NAME;
        }
        out->params.n = (uint32_t)(ev - out->params.ev) + 1;
    }
}

/* Parameters of a scheme that is Digest into fields; any other has none. */
static int fill_scheme(struct filling *f, const struct found *found)
{
    if (!sipv_slice_is(found->scheme, "Digest")) {
        blame(f, SIPV_NOT_DIGEST, NULL, found->scheme);
        return SIPV_OK;
    }
    return fill_all(f);
}

/* The result; all of `view` or nothing of it. */
static int emptied(int result, void *view, size_t n)
{
    if (result != SIPV_OK)
        memset(view, 0, n);
    return result;
}

/* ---- Challenges ---------------------------------------------------------------------------------
 */

int sipv_challenges_parse(sipv_slice value, sipv_room *room, sipv_challenges *list,
                          size_t *error_offset)
{
    size_t error;
    if (!value.p || !room || !list)
        return SIPV_BAD_ARGUMENT;
    memset(list, 0, sizeof *list);
    list->value = value;
    list->room = room;
    const int result = match_value(value, SIPV_R_CHALLENGES, room, &list->ev, &list->n, &error);
    if (result == SIPV_REJECT && error_offset)
        *error_offset = error;
    return emptied(result, list, sizeof *list);
}

static unsigned qops_of(sipv_slice list)
{
    unsigned set = list.p ? 0 : SIPV_BIT(SIPV_QOP_NONE);
    for (size_t at = 0; at < list.n;) {
        const size_t from = at;
        while (at < list.n && list.p[at] != ',' && !is_space(list.p[at]))
            at++;
        if (at > from)
            set |= SIPV_BIT(sipv_qop_find(sipv_slice_of(list.p + from, at - from)));
        else
            at++;
    }
    return set;
}

int sipv_challenges_next(sipv_challenges *list, sipv_challenge *out)
{
    struct found found;
    if (!list || !out)
        return SIPV_BAD_ARGUMENT;
    if (list->at >= list->n)
        return SIPV_END;
    memset(out, 0, sizeof *out);
    memset(&found, 0, sizeof found);
    const size_t begin = list->at;
    do
        add_event(&found, list->value.p, &list->ev[list->at++]);
    while (list->at < list->n && list->ev[list->at].kind != SIPV_K_SCHEME);
    const sipv_event *const last = &list->ev[list->at - 1];
    const size_t from = list->ev[begin].off;
    out->text = sipv_slice_of(list->value.p + from, last->off + last->len - from);
    out->scheme = found.scheme;
    out->token68 = found.token68;
    out->params = found.params;
    struct filling f = {
        list->value, out->text, sipv_challenge_fields, (unsigned char *)out, &out->params,
        &out->fault, list->room};
    const int result = fill_scheme(&f, &found);
    out->algorithm = sipv_algorithm_find(out->algorithm_text);
    out->qops = qops_of(out->qop_text);
    out->stale = sipv_slice_is(out->stale_text, "true");
    out->userhash = sipv_slice_is(out->userhash_text, "true");
    return emptied(result, out, sizeof *out);
}

/* ---- Credentials and info -----------------------------------------------------------------------
 */

static int find_parts(struct filling *f, unsigned rule, struct found *found)
{
    const sipv_event *ev;
    size_t n, error;
    memset(found, 0, sizeof *found);
    const int result = match_value(f->value, rule, f->room, &ev, &n, &error);
    if (result == SIPV_REJECT)
        blame(f, SIPV_SYNTAX, NULL, sipv_slice_of(f->value.p + error, error < f->value.n));
    for (size_t i = 0; result == SIPV_OK && i < n; i++)
        add_event(found, f->value.p, &ev[i]);
    return result;
}

/* What one parameter asks of others. */
static void check_credentials(struct filling *f, sipv_credentials *c)
{
    sipv_param ext;
    if (c->username_ext.p && (c->username.p || c->userhash)) {
        sipv_param_find(f->params, "username*", &ext);
        blame(f, SIPV_USERNAME_TWICE, "username*", ext.value);
    }
    if (!c->username.p && !c->username_ext.p)
        blame(f, SIPV_MISSING, "username", f->text);
    if (c->qop != SIPV_QOP_NONE && !c->nc.p)
        blame(f, SIPV_MISSING, "nc", f->text);
    if ((c->qop != SIPV_QOP_NONE || sipv_algorithm_is_session(c->algorithm)) && !c->cnonce.p)
        blame(f, SIPV_MISSING, "cnonce", f->text);
    if (!c->username.p)
        c->username = c->username_ext;
}

int sipv_credentials_parse(sipv_slice value, sipv_room *room, sipv_credentials *out)
{
    struct found found;
    if (!value.p || !room || !out)
        return SIPV_BAD_ARGUMENT;
    memset(out, 0, sizeof *out);
    struct filling f = {value,
                        trimmed(value),
                        sipv_credentials_fields,
                        (unsigned char *)out,
                        &out->params,
                        &out->fault,
                        room};
    out->text = trimmed(value);
    int result = find_parts(&f, SIPV_R_CREDENTIALS, &found);
    if (result != SIPV_OK) /* a syntax error is a fault, and the text is there */
        return emptied(result == SIPV_REJECT ? SIPV_OK : result, out, sizeof *out);
    out->scheme = found.scheme;
    out->token68 = found.token68;
    out->params = found.params;
    result = fill_scheme(&f, &found);
    if (result != SIPV_OK || out->fault.reason == SIPV_NOT_DIGEST)
        return emptied(result, out, sizeof *out);
    out->algorithm = sipv_algorithm_find(out->algorithm_text);
    out->qop = sipv_qop_find(out->qop_text);
    out->userhash = sipv_slice_is(out->userhash_text, "true");
    check_credentials(&f, out);
    return SIPV_OK;
}

int sipv_auth_info_parse(sipv_slice value, sipv_room *room, sipv_auth_info *out)
{
    struct found found;
    if (!value.p || !room || !out)
        return SIPV_BAD_ARGUMENT;
    memset(out, 0, sizeof *out);
    struct filling f = {
        value, trimmed(value), sipv_info_fields, (unsigned char *)out, &out->params, &out->fault,
        room};
    out->text = trimmed(value);
    int result = find_parts(&f, SIPV_R_AUTHENTICATION_INFO, &found);
    if (result != SIPV_OK) /* a syntax error is a fault, and the text is there */
        return emptied(result == SIPV_REJECT ? SIPV_OK : result, out, sizeof *out);
    out->params = found.params;
    result = fill_all(&f);
    out->qop = sipv_qop_find(out->qop_text);
    return emptied(result, out, sizeof *out);
}
