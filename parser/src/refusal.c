/* What a refused value gets: the diagnostic of the construct that is broken, or in the interop
 * profile a reading with relaxations. */
#include <string.h>

#include "internal.h"

/* ---- Which diagnostic --------------------------------------------------------------------------
 */

static bool rule_is_one_of(int rule, const int *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (list[i] == rule)
            return true;
    return false;
}

static bool expects(const sipv_match *match, const char *text)
{
    for (unsigned i = 0; i < match->n_expected; i++)
        if (strcmp(match->expected[i], text) == 0)
            return true;
    return false;
}

/* Is the ";" or "=" of the construct behind us, so that what it leads to is missing? */
static bool is_behind_divider(const sipv_match *match)
{
    if (match->rule != SIPV_R_SEMI && match->rule != SIPV_R_EQUAL)
        return false;
    for (unsigned i = 0; i < match->n_expected; i++)
        if (match->expected[i][0] != '\'' && strcmp(match->expected[i], "white space") != 0)
            return true;
    return false;
}

/* The diagnostic of a construct, by its rule. */
static unsigned code_of(const sipv_match *match, bool at_end)
{
    static const int strings[] = {SIPV_R_QSTRING, SIPV_R_QUOTED_STRING, SIPV_R_QUOTED_PAIR,
                                  SIPV_R_QDTEXT};
    static const int comments[] = {SIPV_R_COMMENT, SIPV_R_PAREN_COMMENT, SIPV_R_COMMENT_PARENS,
                                   SIPV_R_CTEXT};
    static const int hosts[] = {SIPV_R_HOST,        SIPV_R_HOSTNAME,      SIPV_R_HOSTPORT,
                                SIPV_R_IPV4ADDRESS, SIPV_R_IPV6REFERENCE, SIPV_R_IPV6ADDRESS,
                                SIPV_R_H16,         SIPV_R_LS32,          SIPV_R_DEC_OCTET,
                                SIPV_R_DOMAINLABEL, SIPV_R_TOPLABEL,      SIPV_R_PORT};
    static const int uris[] = {SIPV_R_ADDR_SPEC,
                               SIPV_R_SIP_URI,
                               SIPV_R_SIP_BODY,
                               SIPV_R_USERINFO_BODY,
                               SIPV_R_HOST_BODY,
                               SIPV_R_USER,
                               SIPV_R_PASSWORD,
                               SIPV_R_URI_PARAMETERS,
                               SIPV_R_HEADERS,
                               SIPV_R_HEADER,
                               SIPV_R_HNAME,
                               SIPV_R_HVALUE,
                               SIPV_R_ABSOLUTEURI,
                               SIPV_R_TEL_URI,
                               SIPV_R_ESCAPED,
                               SIPV_R_BARE_ADDR_SPEC,
                               SIPV_R_BARE_SIP_URI,
                               SIPV_R_BARE_SIP_BODY,
                               SIPV_R_SIP_SCHEME,
                               SIPV_R_BARE_USERINFO_BODY,
                               SIPV_R_BARE_USER,
                               SIPV_R_BARE_PASSWORD,
                               SIPV_R_BARE_HOST_BODY,
                               SIPV_R_BARE_TEL_URI,
                               SIPV_R_BARE_ABSOLUTEURI,
                               SIPV_R_TELEPHONE_SUBSCRIBER,
                               SIPV_R_GLOBAL_NUMBER,
                               SIPV_R_LOCAL_NUMBER,
                               SIPV_R_SCHEME,
                               SIPV_R_ABS_SCHEME};
#define ONE_OF(list) rule_is_one_of(match->rule, list, sizeof list / sizeof *list)
    const unsigned flags = sipv_sip_tables.rules[match->rule].flags;
    if (match->depth_exceeded)
        return SIPV_D_LIMIT_COMMENT;
    if (ONE_OF(strings) && at_end)
        return SIPV_D_QUOTED_STRING_OPEN;
    if (ONE_OF(comments) && at_end)
        return SIPV_D_COMMENT_OPEN;
    if (at_end && expects(match, "'>'"))
        return SIPV_D_BRACKET_OPEN;
    if (match->in_value)
        return SIPV_D_PARAMETER_VALUE;
    if (ONE_OF(hosts))
        return SIPV_D_HOST;
    if (flags & SIPV_RULE_SELECT || match->rule == SIPV_R_GENERIC_PARAM ||
        match->rule == SIPV_R_GEN_VALUE || is_behind_divider(match))
        return SIPV_D_PARAMETER;
    if (match->rule == SIPV_R_LOCAL_NUMBER_DIGITS && expects(match, "';'"))
        return SIPV_D_TEL_CONTEXT;
    if (ONE_OF(uris))
        return SIPV_D_URI;
    return SIPV_D_SYNTAX;
#undef ONE_OF
}

void sipv_report_refusal(sipv_message *m, int rule, bool value, sipv_slice text, size_t error,
                         unsigned code, unsigned header)
{
    sipv_match match;
    const size_t off = sipv_offset(m, text);
    sipv_diag *d;
    if (!m->options.explainer) {
        d = sipv_report(m, code, off, error, header);
    } else {
        sipv_explain(&sipv_sip_tables, rule, value, text, 0, m->options.explainer, 0, NULL, 0,
                     &match);
        const unsigned better = code_of(&match, match.error_offset == text.n);
        d = sipv_report(m, code == SIPV_D_SYNTAX || better == SIPV_D_LIMIT_COMMENT ? better : code,
                        off + match.construct_offset, match.error_offset - match.construct_offset,
                        header);
        rule = match.rule == SIPV_R_QSTRING ? SIPV_R_QUOTED_STRING : match.rule;
    }
    if (d)
        d->rule = (int16_t)rule;
}

/* ---- Relaxations ----------------------------------------------------------------------------- */

static unsigned relaxation_code(unsigned relaxation)
{
    switch (relaxation) {
    case SIPV_RELAX_SPACE_IN_BRACKETS: return SIPV_D_RELAX_SPACE_IN_BRACKETS;
    case SIPV_RELAX_DISPLAY_NAME: return SIPV_D_RELAX_DISPLAY_NAME;
    case SIPV_RELAX_SEPARATOR_IN_NAME: return SIPV_D_RELAX_SEPARATOR_IN_NAME;
    case SIPV_RELAX_MISSING_BRACKETS: return SIPV_D_RELAX_MISSING_BRACKETS;
    case SIPV_RELAX_HOST_UNDERSCORE: return SIPV_D_RELAX_HOST_UNDERSCORE;
    case SIPV_RELAX_EMPTY_ELEMENT: return SIPV_D_RELAX_EMPTY_ELEMENT;
    case SIPV_RELAX_CALL_ID: return SIPV_D_RELAX_CALL_ID;
    case SIPV_RELAX_REQUEST_URI_BRACKETS: return SIPV_D_RELAX_REQUEST_URI_BRACKETS;
    case SIPV_RELAX_REQUEST_URI_HEADERS: return SIPV_D_RELAX_REQUEST_URI_HEADERS;
    case SIPV_RELAX_REASON_PHRASE: return SIPV_D_RELAX_REASON_PHRASE;
    default: return SIPV_D_RELAX_BARE_LF;
    }
}

static void report_relaxations(sipv_message *m, uint64_t set, sipv_slice text, unsigned header)
{
    m->relaxations |= set;
    for (unsigned i = 0; i < SIPV_RELAX_COUNT; i++) {
        if (!(set >> i & 1) || i == SIPV_RELAX_BARE_LF) /* LF is reported with its line */
            continue;
        sipv_diag *d = sipv_report_at(m, relaxation_code(i), text, header);
        if (d)
            d->relaxation = (int16_t)i;
    }
}

/* The empty elements at both ends of a list; those between others are in the grammar. */
static sipv_slice strip_commas(sipv_slice s)
{
    for (bool more = true; more && s.n;) {
        more = s.p[0] == ',' || s.p[0] == ' ' || s.p[0] == '\t' || s.p[0] == '\r' || s.p[0] == '\n';
        if (more) {
            s.p++;
            s.n--;
        }
    }
    for (bool more = true; more && s.n;) {
        const unsigned char c = s.p[s.n - 1];
        more = c == ',' || c == ' ' || c == '\t' || c == '\r' || c == '\n';
        if (more)
            s.n--;
    }
    return s;
}

bool sipv_match_relaxed(sipv_message *m, int rule, bool value, sipv_slice text, unsigned header,
                        bool list, bool report, size_t *n)
{
    sipv_match match;
    uint64_t used = 0;
    if (list) {
        const sipv_slice inner = strip_commas(text);
        for (const unsigned char *p = text.p; p < text.p + text.n && !used; p++)
            if (*p == ',' && (p < inner.p || p >= inner.p + inner.n))
                used = (uint64_t)1 << SIPV_RELAX_EMPTY_ELEMENT;
        if (used)
            text = inner;
    }
    if (!m->options.explainer ||
        sipv_explain(&sipv_sip_tables, rule, value, text, ~(uint64_t)0, m->options.explainer,
                     (uint32_t)sipv_offset(m, text), m->events + m->n_events,
                     m->cap_events - m->n_events, &match) != SIPV_OK)
        return false;
    if (match.no_space) {
        if (report)
            sipv_report_at(m, SIPV_D_LIMIT_STORAGE, text, header);
        return false;
    }
    *n = match.n_events;
    if (report)
        report_relaxations(m, match.relaxations | used, text, header);
    return true;
}
