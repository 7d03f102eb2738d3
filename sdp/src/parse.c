/* A description line by line: where lines are, what they are, to which section they belong. */
#include <string.h>

#include "eol.h"
#include "internal.h"

void sipv_sdp_init(sipv_sdp *s, sipv_sdp_line *lines, size_t cap_lines, sipv_sdp_section *sections,
                   size_t cap_sections, sipv_event *events, size_t cap_events, sipv_diag *diags,
                   size_t cap_diags)
{
    s->data = sipv_slice_of(NULL, 0);
    s->accepted = s->late = false;
    s->direction = SIPV_SDP_SENDRECV;
    s->relaxations = 0;
    s->lines = lines;
    s->sections = sections;
    s->events = events;
    s->diags = diags;
    s->cap_lines = cap_lines;
    s->cap_sections = cap_sections;
    s->cap_events = cap_events;
    s->cap_diags = cap_diags;
    s->n_lines = s->n_sections = s->n_events = s->n_diags = s->lost_diags = s->n_session = 0;
    s->options.profile = SIPV_STRICT;
    s->options.limits = NULL;
    s->options.explainer = NULL;
}

/* ---- Octets -------------------------------------------------------------------------------------
 */

/* Octets of the UTF-8 character at `p` (RFC 3629), 0 if there is none. */
static size_t utf8_length(const unsigned char *p, size_t n)
{
    static const unsigned char low[] = {0xa0, 0x80, 0x80, 0x90, 0x80};
    static const unsigned char high[] = {0xbf, 0xbf, 0x9f, 0xbf, 0x8f};
    const size_t length = *p < 0x80   ? 1
                          : *p < 0xc2 ? 0
                          : *p < 0xe0 ? 2
                          : *p < 0xf0 ? 3
                          : *p < 0xf5 ? 4
                                      : 0;
    const int edge = *p == 0xe0 ? 0 : *p == 0xed ? 2 : *p == 0xf0 ? 3 : *p == 0xf4 ? 4 : 1;
    if (length > n)
        return 0;
    for (size_t i = 1; i < length; i++)
        if (p[i] < (i == 1 ? low[edge] : 0x80) || p[i] > (i == 1 ? high[edge] : 0xbf))
            return 0;
    return length;
}

static void check_utf8(struct sipv_sdp_parse *x, sipv_slice text)
{
    size_t i = 0;
    uint64_t v;
    for (; text.n - i >= 8; i += 8) { /* most texts have no octet of more than seven bits */
        memcpy(&v, text.p + i, 8);
        if (v & 0x8080808080808080u)
            break;
    }
    for (size_t n; x->not_utf8 == SIZE_MAX && i < text.n; i += n)
        if ((n = utf8_length(text.p + i, text.n - i)) == 0)
            x->not_utf8 = sipv_sdp_offset(x->s, text) + i;
}

/* ---- Storage ------------------------------------------------------------------------------------
 */

static void stop(struct sipv_sdp_parse *x, unsigned code, size_t off)
{
    x->stopped = true;
    sipv_sdp_report(x->s, code, off, 0);
}

sipv_sdp_line *sipv_sdp_add_line(struct sipv_sdp_parse *x, char type, const unsigned char *from,
                                 sipv_slice value)
{
    sipv_sdp *const s = x->s;
    const size_t off = (size_t)(from - s->data.p);
    if (type == 'a' && ++x->attributes > x->limits->attributes) {
        stop(x, SIPV_SDP_D_LIMIT_ATTRIBUTES, off);
        return NULL;
    }
    if (s->n_lines == s->cap_lines) {
        x->no_space = true;
        stop(x, SIPV_SDP_D_LIMIT_STORAGE, off);
        return NULL;
    }
    sipv_sdp_line *const line = &s->lines[s->n_lines++];
    line->name = sipv_slice_of(NULL, 0);
    line->value = value;
    line->type = type;
    line->state = SIPV_SDP_MALFORMED;
    line->id = SIPV_SDP_A_OTHER;
    line->section = SIPV_SDP_SESSION;
    line->view = -1;
    line->off = (uint32_t)off;
    line->first_event = (uint32_t)s->n_events;
    line->n_events = 0;
    return line;
}

bool sipv_sdp_begin_section(struct sipv_sdp_parse *x, const sipv_sdp_line *line)
{
    sipv_sdp *const s = x->s;
    const bool too_many = s->n_sections >= x->limits->media;
    if (too_many || s->n_sections == s->cap_sections) {
        x->no_space |= !too_many;
        s->late |= x->section != NULL; /* its m= line counts as one of the session */
        stop(x, too_many ? SIPV_SDP_D_LIMIT_MEDIA : SIPV_SDP_D_LIMIT_STORAGE, line->off);
        return false;
    }
    if (!x->section)
        s->n_session = s->n_lines - 1;
    x->number = (uint16_t)s->n_sections;
    x->section = &s->sections[s->n_sections++];
    x->section->first = (uint32_t)(s->n_lines - 1);
    x->section->n = 0;
    x->section->mid = 0;
    x->section->direction = s->direction;
    for (size_t i = 0; x->number > 0 && i < sizeof x->had; i++)
        x->had[i] &= SIPV_SDP_AT_SESSION | SIPV_SDP_ALWAYS;
    x->formats.line = NULL;
    x->formats.payload[0] = x->formats.payload[1] = 0;
    x->directed = false;
    x->seen[1] = 0;
    x->rank = -1;
    return true;
}

void sipv_sdp_end_section(struct sipv_sdp_parse *x)
{
    if (!x->section)
        return;
    x->section->n = (uint32_t)(x->s->n_lines - x->section->first);
    x->unconnected |= !(x->seen[1] & sipv_sdp_type_bit('c'));
    sipv_sdp_check_section(x);
}

/* ---- Attributes ---------------------------------------------------------------------------------
 */

/* Divides "name:value"; false if it is refused as a whole. */
static bool split_attribute(struct sipv_sdp_parse *x, sipv_sdp_line *line)
{
    const sipv_slice text = line->value;
    const uint64_t *const token = sipv_sdp_tables.token;
    const bool interop = x->s->options.profile == SIPV_INTEROP;
    bool odd = false;
    size_t n = 0;
    while (n < text.n && text.p[n] != ':') {
        if (!sipv_set_has(token, text.p[n])) {
            if (!interop || !sipv_sdp_is_space(text.p[n])) {
                sipv_sdp_report_at(x->s, SIPV_SDP_D_ATTRIBUTE_NAME, line, sipv_slice_of(text.p, n),
                                   SIPV_R_ATTRIBUTE_NAME);
                return false;
            }
            odd = true;
        }
        n++;
    }
    line->name = sipv_slice_of(text.p, n);
    line->value =
        n < text.n ? sipv_slice_of(text.p + n + 1, text.n - n - 1) : sipv_slice_of(NULL, 0);
    if (n == 0 && !interop) {
        sipv_sdp_report_at(x->s, SIPV_SDP_D_ATTRIBUTE_NAME, line, sipv_slice_of(text.p, 0),
                           SIPV_R_ATTRIBUTE_NAME);
        return false;
    }
    if (n == 0 || odd)
        sipv_sdp_report_at(x->s, SIPV_SDP_D_RELAX_ATTRIBUTE_NAME, line, sipv_slice_of(text.p, n),
                           -1);
    if (line->value.p && line->value.n == 0) {
        line->state = SIPV_SDP_MALFORMED;
        sipv_sdp_report_at(
            x->s,
            sipv_sdp_choose(x->s, SIPV_SDP_D_ATTRIBUTE_EMPTY, SIPV_SDP_D_RELAX_ATTRIBUTE_EMPTY),
            line, line->value, SIPV_R_ATTRIBUTE_VALUE);
        return false;
    }
    return true;
}

static bool is_direction(unsigned id)
{
    return id == SIPV_SDP_A_SENDRECV || id == SIPV_SDP_A_SENDONLY || id == SIPV_SDP_A_RECVONLY ||
           id == SIPV_SDP_A_INACTIVE;
}

static void see_direction(struct sipv_sdp_parse *x, const sipv_sdp_line *line)
{
    bool *const directed = x->section ? &x->directed : &x->session_directed;
    const uint8_t direction = line->id == SIPV_SDP_A_SENDRECV   ? SIPV_SDP_SENDRECV
                              : line->id == SIPV_SDP_A_SENDONLY ? SIPV_SDP_SENDONLY
                              : line->id == SIPV_SDP_A_RECVONLY ? SIPV_SDP_RECVONLY
                                                                : SIPV_SDP_INACTIVE;
    if (*directed) {
        sipv_sdp_report_at(x->s, SIPV_SDP_D_DIRECTIONS, line, line->name, -1);
        return;
    }
    *directed = true;
    if (x->section)
        x->section->direction = direction;
    else
        x->s->direction = direction;
}

void sipv_sdp_see_attribute(struct sipv_sdp_parse *x, const sipv_sdp_line *line)
{
    const sipv_sdp_attribute_info *info = &sipv_sdp_attribute_table[line->id];
    const uint8_t level = x->section ? SIPV_SDP_AT_MEDIA : SIPV_SDP_AT_SESSION;
    if (!(info->levels & level))
        sipv_sdp_report_at(x->s, SIPV_SDP_D_LEVEL, line, line->name, -1);
    if (is_direction(line->id))
        see_direction(x, line);
    else if (info->single && x->had[line->id] & level)
        sipv_sdp_report_at(x->s, SIPV_SDP_D_ATTRIBUTE_REPEATED, line, line->name, -1);
    x->had[line->id] |= level;
    if (line->id == SIPV_SDP_A_MID && x->section && !x->section->mid)
        x->section->mid = (uint32_t)(line - x->s->lines);
    if (line->id == SIPV_SDP_A_CHARSET && !x->section && !sipv_slice_is(line->value, "UTF-8"))
        x->other_charset = true;
}

static void read_attribute(struct sipv_sdp_parse *x, sipv_sdp_line *line)
{
    if (!split_attribute(x, line))
        return;
    line->id = (uint16_t)sipv_sdp_attribute_find(line->name);
    sipv_sdp_read_line(x, line);
    if (line->id != SIPV_SDP_A_OTHER && line->state != SIPV_SDP_MALFORMED)
        sipv_sdp_see_attribute(x, line);
}

/* ---- Lines --------------------------------------------------------------------------------------
 */

static bool is_type(unsigned char c)
{
    return c >= 'a' && c <= 'z' && sipv_sdp_forms[c - 'a'].kind.type;
}

/* Interop: white space at the ends of the value of an m= line. */
static void trim_media(struct sipv_sdp_parse *x, sipv_sdp_line *line)
{
    const size_t n = line->value.n;
    while (line->value.n && sipv_sdp_is_space(line->value.p[line->value.n - 1]))
        line->value.n--;
    if (line->value.n < n)
        sipv_sdp_report_at(x->s, SIPV_SDP_D_RELAX_MEDIA_SPACE, line,
                           sipv_slice_of(line->value.p + line->value.n, n - line->value.n), -1);
}

static void read_typed(struct sipv_sdp_parse *x, char type, const unsigned char *from,
                       sipv_slice value)
{
    if (type == 'm')
        sipv_sdp_end_section(x);
    sipv_sdp_line *const line = sipv_sdp_add_line(x, type, from, value);
    if (!line || (type == 'm' && !sipv_sdp_begin_section(x, line)))
        return;
    sipv_sdp_section *const section = sipv_sdp_order(x, line);
    line->section = section ? (uint16_t)(section - x->s->sections) : SIPV_SDP_SESSION;
    const unsigned char *const nul = value.n ? memchr(value.p, 0, value.n) : NULL;
    if (nul) {
        sipv_sdp_report_at(x->s, SIPV_SDP_D_NUL, line, sipv_slice_of(nul, 1), -1);
        return;
    }
    check_utf8(x, value);
    if (type == 'm' && x->s->options.profile == SIPV_INTEROP)
        trim_media(x, line);
    if (type == 'a')
        read_attribute(x, line);
    else
        sipv_sdp_read_line(x, line);
}

/* A line without its line end. */
static void read_text(struct sipv_sdp_parse *x, sipv_slice text)
{
    sipv_sdp *const s = x->s;
    size_t equal = 1;
    if (text.n == 0) {
        sipv_sdp_report_at(s, SIPV_SDP_D_LINE, NULL, text, -1);
        return;
    }
    while (equal < text.n && sipv_sdp_is_space(text.p[equal]))
        equal++;
    if (equal >= text.n || text.p[equal] != '=' ||
        (equal > 1 && s->options.profile == SIPV_STRICT)) {
        const size_t bad = is_type(text.p[0]) ? 1 : 0; /* the first impossible byte */
        sipv_sdp_report_at(s, SIPV_SDP_D_LINE, NULL, sipv_slice_of(text.p, bad), -1);
        return;
    }
    if (!is_type(text.p[0])) {
        sipv_sdp_report_at(s, SIPV_SDP_D_TYPE, NULL, sipv_slice_of(text.p, 1), -1);
        return;
    }
    if (equal > 1)
        sipv_sdp_report_at(s, SIPV_SDP_D_RELAX_SPACE, NULL, sipv_slice_of(text.p, equal), -1);
    read_typed(x, (char)text.p[0], text.p, sipv_slice_of(text.p + equal + 1, text.n - equal - 1));
}

/* Nothing but line ends from `p` on? */
static bool is_blank(const unsigned char *p, const unsigned char *end)
{
    while (p < end && (*p == '\n' || (*p == '\r' && p + 1 < end && p[1] == '\n')))
        p++;
    return p == end;
}

/* What is wrong with the end of a line; false if the line is not to be read. */
static bool check_line_end(struct sipv_sdp_parse *x, const unsigned char *p,
                           const struct sipv_line *line)
{
    sipv_sdp *const s = x->s;
    const unsigned char *const end = s->data.p + s->data.n;
    const unsigned char *cr = line->bare_cr;
    if (line->how == SIPV_LINE_OPEN && line->end < end) /* a CR is the last octet */
        cr = cr ? cr : line->end;
    if (cr) {
        sipv_sdp_report_at(s, SIPV_SDP_D_BARE_CR, NULL, sipv_slice_of(cr, 1), -1);
        return false;
    }
    if (line->how == SIPV_LINE_LF && !x->lf_reported) {
        x->lf_reported = true;
        sipv_sdp_report_at(s, sipv_sdp_choose(s, SIPV_SDP_D_BARE_LF, SIPV_SDP_D_RELAX_BARE_LF),
                           NULL, sipv_slice_of(line->end, 1), -1);
    }
    if (line->how == SIPV_LINE_OPEN)
        sipv_sdp_report_at(
            s, sipv_sdp_choose(s, SIPV_SDP_D_LAST_LINE_END, SIPV_SDP_D_RELAX_LAST_LINE_END), NULL,
            sipv_slice_of(end, 0), -1);
    return p <= line->end;
}

static void read_lines(struct sipv_sdp_parse *x)
{
    sipv_sdp *const s = x->s;
    const unsigned char *p = s->data.p, *const end = p + s->data.n;
    while (p < end && !x->stopped) {
        struct sipv_line line;
        p = sipv_sdp_plain(x, p, end);
        if (p == end || x->stopped)
            break;
        if (s->options.profile == SIPV_INTEROP && is_blank(p, end)) {
            sipv_sdp_report_at(s, SIPV_SDP_D_RELAX_EMPTY_LINE, NULL,
                               sipv_slice_of(p, (size_t)(end - p)), -1);
            break;
        }
        sipv_read_line(p, end, &line);
        if (check_line_end(x, p, &line))
            read_text(x, sipv_slice_of(p, (size_t)(line.end - p)));
        p = line.how == SIPV_LINE_OPEN ? end : line.next;
    }
}

/* ---- The whole ----------------------------------------------------------------------------------
 */

static void check_encoding(struct sipv_sdp_parse *x)
{
    if (x->not_utf8 != SIZE_MAX && !x->other_charset)
        sipv_sdp_report(x->s, sipv_sdp_choose(x->s, SIPV_SDP_D_ENCODING, SIPV_SDP_D_RELAX_ENCODING),
                        x->not_utf8, 1);
}

static void begin(struct sipv_sdp_parse *x, sipv_sdp *s)
{
    static const sipv_limits defaults = SIPV_LIMITS_DEFAULT;
    x->s = s;
    x->limits = s->options.limits ? s->options.limits : &defaults;
    x->section = NULL;
    x->number = SIPV_SDP_SESSION;
    x->attributes = 0;
    memset(x->had, SIPV_SDP_ALWAYS, sizeof x->had);
    x->seen[0] = x->seen[1] = 0;
    x->rank = -1;
    x->before = 0;
    x->no_space = x->stopped = x->other_charset = x->lf_reported = false;
    x->session_directed = x->directed = x->unconnected = false;
    x->not_utf8 = x->unkeyed = SIZE_MAX;
    x->formats.line = NULL;
    x->formats.payload[0] = x->formats.payload[1] = 0;
}

int sipv_sdp_parse(sipv_sdp *s, const void *data, size_t n, const sipv_sdp_options *options)
{
    static const sipv_sdp_options strict = {SIPV_STRICT, NULL, NULL};
    struct sipv_sdp_parse x;
    if (!s || (!data && n) || !s->diags || s->cap_diags == 0)
        return SIPV_BAD_ARGUMENT;
    s->options = options ? *options : strict;
    if (s->options.profile == SIPV_INTEROP && !s->options.explainer)
        return SIPV_BAD_ARGUMENT;
    s->data = sipv_slice_of(data ? data : "", n);
    s->accepted = true;
    s->direction = SIPV_SDP_SENDRECV;
    s->relaxations = 0;
    s->late = false;
    s->n_lines = s->n_sections = s->n_events = s->n_diags = s->lost_diags = s->n_session = 0;
    begin(&x, s);
    if (n > x.limits->message || n > UINT32_MAX) {
        stop(&x, SIPV_SDP_D_LIMIT_SIZE, n < x.limits->message ? n : x.limits->message);
    } else if (n == 0) {
        sipv_sdp_report(s, SIPV_SDP_D_EMPTY, 0, 0);
    } else {
        sipv_run_begin(&x.run, &sipv_sdp_automata, s->data.p, s->data.p + n, sipv_express_runs());
        read_lines(&x);
        sipv_sdp_end_section(&x);
        if (!x.section)
            s->n_session = s->n_lines;
        if (!x.stopped) {
            sipv_sdp_check_presence(&x);
            sipv_sdp_check_session(&x);
        }
        check_encoding(&x);
    }
    sipv_sdp_conclude(s);
    return x.no_space ? SIPV_NO_SPACE : s->accepted ? SIPV_OK : SIPV_REJECT;
}
