/* Start lines (RFC 3261 7.1, 7.2). */
#include <string.h>

#include "internal.h"

static bool begins_with_sip(sipv_slice s)
{
    return s.n >= 4 && (s.p[0] | 0x20) == 's' && (s.p[1] | 0x20) == 'i' && (s.p[2] | 0x20) == 'p' &&
           s.p[3] == '/';
}

static bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

/* SIP-Version = "SIP" "/" 1*DIGIT "." 1*DIGIT */
static bool is_version(sipv_slice s)
{
    size_t i = 4, digits = 0;
    if (!begins_with_sip(s))
        return false;
    for (; i < s.n && is_digit(s.p[i]); i++)
        digits++;
    if (!digits || i == s.n || s.p[i] != '.')
        return false;
    const size_t minor = ++i;
    while (i < s.n && is_digit(s.p[i]))
        i++;
    return i == s.n && i > minor;
}

static bool is_version_2(sipv_slice s)
{
    return s.n == 7 && (memcmp(s.p, "SIP/2.0", 7) == 0 || sipv_slice_is(s, "SIP/2.0"));
}

static sipv_slice trim(sipv_slice s)
{
    while (s.n && sipv_is_space(s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n && sipv_is_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

static bool has_space(sipv_slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if (sipv_is_space(s.p[i]))
            return true;
    return false;
}

static sipv_slice first_word(sipv_slice s)
{
    size_t n = 0;
    while (n < s.n && !sipv_is_space(s.p[n]))
        n++;
    return sipv_slice_of(s.p, n);
}

static sipv_slice last_word(sipv_slice s)
{
    size_t n = 0;
    while (n < s.n && !sipv_is_space(s.p[s.n - n - 1]))
        n++;
    return sipv_slice_of(s.p + s.n - n, n);
}

bool sipv_cannot_begin(const unsigned char *p, size_t seen, size_t n)
{
    static const char head[] = "sip/2.0 000 ";
    size_t same = 0;
    if (n && p[0] < ' ' && p[0] != '\t')
        return true;
    if (n == seen || !memchr(p + seen, 0, n - seen))
        return false;
    while (same < n && same < sizeof head - 1 &&
           (same < 3                        ? (p[same] | 0x20) == head[same]
            : same > 7 && head[same] == '0' ? is_digit(p[same])
                                            : p[same] == (unsigned char)head[same]))
        same++;
    return same < sizeof head - 1;
}

enum sipv_start sipv_start_kind(sipv_slice line)
{
    if (sipv_cannot_begin(line.p, 0, line.n))
        return SIPV_START_IMPOSSIBLE;
    line = trim(line);
    if (begins_with_sip(line) && line.n > 4 && is_digit(line.p[4]))
        return SIPV_START_RESPONSE;
    const sipv_slice word = first_word(line);
    if (word.n == line.n || !begins_with_sip(last_word(line)))
        return SIPV_START_IMPOSSIBLE;
    return SIPV_START_REQUEST;
}

/* In interop white space beyond one SP is dropped and reported, in strict it is an error. */
static void odd_space(sipv_message *m, unsigned code, bool single_reading)
{
    if (m->options.profile == SIPV_INTEROP && single_reading)
        code = SIPV_D_RELAX_START_SPACE;
    sipv_report_at(m, code, m->start_line, SIPV_NO_HEADER);
}

static void check_version(sipv_message *m, unsigned code)
{
    if (is_version_2(m->version))
        return;
    if (is_version(m->version))
        sipv_report_at(m, SIPV_D_VERSION, m->version, SIPV_NO_HEADER);
    else
        sipv_report_at(m, code, m->version, SIPV_NO_HEADER);
}

static void read_request_line(sipv_message *m)
{
    const sipv_slice line = m->start_line, trimmed = trim(line);
    m->method = first_word(trimmed);
    m->version = last_word(trimmed);
    const sipv_slice between = sipv_slice_of(m->method.p + m->method.n,
                                             (size_t)(m->version.p - m->method.p) - m->method.n);
    const sipv_slice uri = trim(between);
    const bool one_word = uri.n > 0 && !has_space(uri);
    if (one_word)
        m->request_uri = uri;
    if (trimmed.n != line.n || between.n != uri.n + 2 || !one_word || between.p[0] != ' ' ||
        between.p[between.n - 1] != ' ')
        odd_space(m, one_word || uri.n == 0 ? SIPV_D_REQUEST_LINE : SIPV_D_REQUEST_URI, one_word);
    m->method_id = sipv_method_find(m->method);
    check_version(m, SIPV_D_REQUEST_LINE);
}

/* "200OK": interop reads the code and takes what stands behind it for the reason. */
static void split_status(sipv_message *m)
{
    const sipv_slice word = m->status_text;
    if (m->options.profile != SIPV_INTEROP || word.n < 4 || !is_digit(word.p[0]) ||
        !is_digit(word.p[1]) || !is_digit(word.p[2]) || is_digit(word.p[3]))
        return;
    m->status_text.n = 3;
    sipv_report(m, SIPV_D_RELAX_STATUS_SPACE, sipv_offset(m, word) + 3, 0, SIPV_NO_HEADER);
}

/* The octets behind the status code: one SP and the reason. */
static void read_reason(sipv_message *m, sipv_slice rest)
{
    if (rest.n == 0) {
        const size_t off = sipv_offset(m, rest);
        const bool interop = m->options.profile == SIPV_INTEROP;
        if (interop)
            m->reason = rest; /* there, and empty */
        sipv_report(m, interop ? SIPV_D_RELAX_STATUS_SPACE : SIPV_D_STATUS_LINE, off, 0,
                    SIPV_NO_HEADER);
        return;
    }
    if (!sipv_is_space(rest.p[0])) {
        m->reason = rest;
        return;
    }
    m->reason = sipv_slice_of(rest.p + 1, rest.n - 1);
    if (rest.p[0] != ' ')
        odd_space(m, SIPV_D_STATUS_LINE, true);
}

static void read_status_line(sipv_message *m)
{
    sipv_slice rest = m->start_line;
    const sipv_slice led = trim(rest);
    const bool leading = led.p != rest.p;
    rest = sipv_slice_of(led.p, (size_t)(rest.p + rest.n - led.p));
    m->version = first_word(rest);
    rest = sipv_slice_of(rest.p + m->version.n, rest.n - m->version.n);
    size_t spaces = 0;
    while (spaces < rest.n && sipv_is_space(rest.p[spaces]))
        spaces++;
    if (leading || (spaces && (spaces != 1 || rest.p[0] != ' ')))
        odd_space(m, SIPV_D_STATUS_LINE, true);
    rest = sipv_slice_of(rest.p + spaces, rest.n - spaces);
    m->status_text = first_word(rest);
    split_status(m);
    check_version(m, SIPV_D_STATUS_LINE);
    uint64_t status = 0;
    const int result = sipv_number(m->status_text, 999, &status);
    if (result == SIPV_REJECT) {
        sipv_report_at(m, SIPV_D_STATUS_LINE, m->status_text, SIPV_NO_HEADER);
        return;
    }
    if (result == SIPV_LIMIT || m->status_text.n != 3 || status < 100 || status > 699)
        sipv_report_at(m, SIPV_D_STATUS_RANGE, m->status_text, SIPV_NO_HEADER);
    else
        m->status = (int)status;
    rest = sipv_slice_of(rest.p + m->status_text.n, rest.n - m->status_text.n);
    read_reason(m, rest);
}

/* The start lines of nearly all messages: single spaces, version 2.0.  False: look closer. */
static bool read_plain_request_line(sipv_message *m)
{
    static const char version[] = " SIP/2.0";
    const sipv_slice line = m->start_line;
    if (line.n < 12 || memcmp(line.p + line.n - 8, version, 8) != 0 || begins_with_sip(line))
        return false;
    const unsigned char *const end = line.p + line.n - 8, *p = line.p;
    while (*p > ' ')
        p++;
    const unsigned char *const uri = p + 1;
    if (*p != ' ' || p == line.p || uri >= end)
        return false;
    for (p = uri; p<end && * p> ' '; p++)
        ;
    if (p != end)
        return false;
    m->kind = SIPV_REQUEST;
    m->method = sipv_slice_of(line.p, (size_t)(uri - 1 - line.p));
    m->method_id = sipv_method_find(m->method);
    m->request_uri = sipv_slice_of(uri, (size_t)(end - uri));
    m->version = sipv_slice_of(end + 1, 7);
    return true;
}

static bool read_plain_status_line(sipv_message *m)
{
    const unsigned char *const p = m->start_line.p;
    const size_t n = m->start_line.n;
    if (n < 12 || memcmp(p, "SIP/2.0 ", 8) != 0 || p[8] < '1' || p[8] > '6' || !is_digit(p[9]) ||
        !is_digit(p[10]) || p[11] != ' ')
        return false;
    m->kind = SIPV_RESPONSE;
    m->version = sipv_slice_of(p, 7);
    m->status_text = sipv_slice_of(p + 8, 3);
    m->status = (p[8] - '0') * 100 + (p[9] - '0') * 10 + (p[10] - '0');
    m->reason = sipv_slice_of(p + 12, n - 12);
    return true;
}

void sipv_read_start_line(sipv_message *m)
{
    if (read_plain_request_line(m) || read_plain_status_line(m))
        return;
    switch (sipv_start_kind(m->start_line)) {
    case SIPV_START_REQUEST:
        m->kind = SIPV_REQUEST;
        read_request_line(m);
        return;
    case SIPV_START_RESPONSE:
        m->kind = SIPV_RESPONSE;
        read_status_line(m);
        return;
    case SIPV_START_IMPOSSIBLE: break;
    }
    sipv_report_at(m, SIPV_D_NOT_SIP, m->start_line, SIPV_NO_HEADER);
}

/* Letters and spaces: what most reasons are, and no question for the grammar. */
static bool is_words(sipv_slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned)(s.p[i] | 0x20) - 'a' >= 26 && s.p[i] != ' ')
            return false;
    return true;
}

static void check_reason(sipv_message *m)
{
    size_t events = 0;
    bool suspect = false;
    if (m->cap_events > SIPV_CHUNK_PARTS && is_words(m->reason))
        return;
    sipv_match_rule(m, SIPV_R_REASON_PHRASE, m->reason, SIPV_D_REASON_PHRASE, SIPV_NO_HEADER,
                    &events, &suspect);
}

bool sipv_is_usual_request(const sipv_message *m)
{
    return m->kind == SIPV_REQUEST && m->method_id != SIPV_M_OTHER && m->version.n == 7 &&
           memcmp(m->version.p, "SIP/2.0", 7) == 0;
}

void sipv_check_start_line(sipv_message *m)
{
    size_t events = 0;
    bool suspect = false;
    if (m->kind == SIPV_RESPONSE) {
        if (m->reason.n)
            check_reason(m);
        return;
    }
    if (m->method_id == SIPV_M_OTHER && !sipv_is_token(m->method))
        sipv_report_at(m, SIPV_D_METHOD, m->method, SIPV_NO_HEADER);
    /* what another version means by a Request-URI is not known here */
    if (!m->request_uri.p || !is_version_2(m->version))
        return;
    if (sipv_match_rule(m, SIPV_R_REQUEST_URI, m->request_uri, SIPV_D_REQUEST_URI, SIPV_NO_HEADER,
                        &events, &suspect) == SIPV_OK &&
        suspect)
        sipv_check_events(m, m->events + m->n_events, events, SIPV_NO_HEADER);
}
