/* fits.c: is a text right in its element?  Written from the RFCs' rules, rule by rule, with no help
 * of the parser. */
#include "parts.h"

#include <string.h>

typedef enum suite_verdict verdict;

static verdict said(bool right)
{
    return right ? SUITE_ACCEPT : SUITE_REJECT;
}

static bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alphanum(unsigned char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_of(unsigned char c, const char *set)
{
    return c && strchr(set, c);
}

bool has_controls(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (((unsigned char)text[i] < ' ' && text[i] != '\t') || text[i] == 0x7f)
            return true;
    return false;
}

/* All octets alphanumeric or of `set`. */
static bool consists_of(const char *text, size_t n, const char *set)
{
    for (size_t i = 0; i < n; i++)
        if (!is_alphanum((unsigned char)text[i]) && !is_of((unsigned char)text[i], set))
            return false;
    return true;
}

/* RFC 3261 25.1. */
static bool is_token(const char *text, size_t n)
{
    return n > 0 && consists_of(text, n, "-.!%*_+`'~");
}

static const char word_set[] = "-.!%*_+`'~()<>:\\\"/[]?{}";

/* RFC 3629: shortest form, no surrogates, up to U+10FFFF. */
static bool is_utf8(const char *text, size_t n)
{
    const unsigned char *p = (const unsigned char *)text;

    for (size_t i = 0; i < n;) {
        unsigned char c = p[i++];
        unsigned more = c < 0x80 ? 0 : c >= 0xc2 && c < 0xe0 ? 1 : c >= 0xe0 && c < 0xf0 ? 2 : 3;

        if ((c >= 0x80 && c < 0xc2) || c >= 0xf5 || more > n - i || (c == 0xe0 && p[i] < 0xa0) ||
            (c == 0xed && p[i] >= 0xa0) || (c == 0xf0 && p[i] < 0x90) ||
            (c == 0xf4 && p[i] >= 0x90))
            return false;
        for (; more > 0; more--, i++)
            if ((p[i] & 0xc0) != 0x80)
                return false;
    }
    return true;
}

/* UTF8-NONASCII of RFC 3261, which looks at the form alone: overlong characters pass. */
static bool is_sip_utf8(const char *text, size_t n)
{
    static const unsigned char first[] = {0xc0, 0xe0, 0xf0, 0xf8, 0xfc, 0xfe};
    const unsigned char *p = (const unsigned char *)text;

    for (size_t i = 0; i < n;) {
        unsigned char c = p[i++];
        size_t more = 0;

        if (c < 0x80)
            continue;
        while (more < sizeof first && c >= first[more])
            more++;
        if (more == 0 || more == sizeof first || more > n - i)
            return false;
        for (; more > 0; more--, i++)
            if ((p[i] & 0xc0) != 0x80)
                return false;
    }
    return true;
}

/* Digits with a value up to `max`; leading zeros count for nothing. */
static bool is_number(const char *text, size_t n, uint64_t max)
{
    uint64_t value = 0;

    for (size_t i = 0; i < n; i++) {
        unsigned digit = (unsigned char)text[i] - (unsigned)'0';

        if (digit > 9 || value > (max - digit) / 10 || (value == max / 10 && digit > max % 10))
            return false;
        value = value * 10 + digit;
    }
    return n > 0;
}

/* ---- Hosts ------------------------------------------------------------------------------------
 */

/* RFC 5954 4.1. */
static bool is_ipv4(const char *text, size_t n)
{
    size_t at = 0;

    for (int part = 0; part < 4; part++) {
        size_t from = at;

        while (at < n && is_digit((unsigned char)text[at]))
            at++;
        if (at - from > 3 || !is_number(text + from, at - from, 255))
            return false;
        if (part < 3 && (at == n || text[at++] != '.'))
            return false;
    }
    return at == n;
}

/* domainlabels with dots; the last, a toplabel, begins with a letter; then perhaps a dot. */
static bool is_hostname(const char *text, size_t n)
{
    size_t from = 0;

    if (n > 0 && text[n - 1] == '.')
        n--;
    if (n == 0)
        return false;
    for (size_t i = 0; i <= n; i++) {
        if (i < n && text[i] != '.')
            continue;
        if (i == from || !consists_of(text + from, i - from, "-") || text[from] == '-' ||
            text[i - 1] == '-' || (i == n && is_digit((unsigned char)text[from])))
            return false;
        from = i + 1;
    }
    return true;
}

/* ---- Quoted text ------------------------------------------------------------------------------
 */

/* qdtext and quoted-pairs between quotes that are not looked at. */
static bool is_quoted_inside(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c == '\\') {
            if (++i == n || (unsigned char)text[i] > 0x7f || is_of((unsigned char)text[i], "\r\n"))
                return false;
        } else if (c == '"' || c == 0x7f || (c < ' ' && c != '\t')) {
            return false;
        }
    }
    return is_sip_utf8(text, n);
}

static bool is_display_name(const char *text, size_t n)
{
    if (n == 2 && memcmp(text, "\r\n", 2) == 0) /* a space comes behind it */
        return true;
    if (n >= 2 && text[0] == '"' && text[n - 1] == '"')
        return is_quoted_inside(text + 1, n - 2);
    return consists_of(text, n, "-.!%*_+`'~ \t");
}

static bool is_reason(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c == '%') { /* escaped */
            if (n - i < 3 || !is_of((unsigned char)text[i + 1], "0123456789abcdefABCDEF") ||
                !is_of((unsigned char)text[i + 2], "0123456789abcdefABCDEF"))
                return false;
            i += 2;
        } else if (c < 0x80 && !is_alphanum(c) && !is_of(c, ";/?:@&=+$,-_.!~*'() \t")) {
            return false;
        }
    }
    return is_sip_utf8(text, n);
}

/* ---- SDP --------------------------------------------------------------------------------------
 */

static bool is_sdp_token(const char *text, size_t n)
{
    return n > 0 && consists_of(text, n, "!#$%&'*+-.^_`{|}~");
}

/* One visible character at least, and no other. */
static bool is_sdp_word(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)text[i] <= ' ' || text[i] == 0x7f)
            return false;
    return n > 0 && is_utf8(text, n);
}

static bool is_sdp_time(const char *text, size_t n)
{
    if (n == 1 && text[0] == '0')
        return true;
    for (size_t i = 0; i < n; i++)
        if (!is_digit((unsigned char)text[i]))
            return false;
    return n >= 10 && text[0] != '0';
}

static bool is_sdp_proto(const char *text, size_t n)
{
    size_t from = 0;

    for (size_t i = 0; i <= n; i++)
        if (i == n || text[i] == '/') {
            if (!is_sdp_token(text + from, i - from))
                return false;
            from = i + 1;
        }
    return true;
}

/* IN IP4: a literal, or a name of four characters at least. */
static bool is_sdp_address(const char *text, size_t n)
{
    bool name = false;

    for (size_t i = 0; i < n; i++)
        name |= !is_digit((unsigned char)text[i]) && text[i] != '.';
    return name ? n >= 4 && consists_of(text, n, "-.") : is_ipv4(text, n);
}

static verdict fits_sdp_number(const char *text, size_t n, uint64_t max)
{
    if (n > 1 && text[0] == '0' && is_number(text, n, UINT64_MAX))
        return SUITE_UNSAID;
    return said(is_number(text, n, max));
}

static bool is_digits(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!is_digit((unsigned char)text[i]))
            return false;
    return n > 0;
}

static verdict fits_formats(const char *text, size_t n)
{
    size_t from = 0;

    for (size_t i = 0; i <= n; i++) {
        if (i < n && text[i] != ' ')
            continue;
        if (is_digits(text + from, i - from) ? !is_number(text + from, i - from, 127)
                                             : !is_sdp_token(text + from, i - from))
            return SUITE_REJECT;
        from = i + 1;
    }
    return SUITE_ACCEPT;
}

/* ---- All together -----------------------------------------------------------------------------
 */

static bool is_same(const char *text, size_t n, const char *usual, bool with_case)
{
    if (strlen(usual) != n)
        return false;
    for (size_t i = 0; i < n; i++) {
        char a = text[i], b = usual[i];

        if (a != b && (with_case || (a | 0x20) != (b | 0x20) || !is_alphanum((unsigned char)a)))
            return false;
    }
    return true;
}

/* SP and HTAB at both ends away. */
static bool is_same_trimmed(const char *text, size_t n, const char *usual)
{
    while (n > 0 && is_of((unsigned char)text[0], " \t")) {
        text++;
        n--;
    }
    while (n > 0 && is_of((unsigned char)text[n - 1], " \t"))
        n--;
    return is_same(text, n, usual, true);
}

static bool is_media_type(const char *text, size_t n)
{
    const char *slash = n ? memchr(text, '/', n) : NULL;
    size_t first = slash ? (size_t)(slash - text) : 0;

    return slash && is_token(text, first) && is_token(slash + 1, n - first - 1);
}

static bool is_at(const char *text, size_t n)
{
    const char *at = n ? memchr(text, '@', n) : NULL;
    size_t first = at ? (size_t)(at - text) : n;

    return consists_of(text, first, word_set) &&
           (!at || consists_of(at + 1, n - first - 1, word_set));
}

/* Nothing but SP and HTAB. */
static bool is_blank(const char *text, size_t n)
{
    return is_same_trimmed(text, n, "");
}

/* Above `max` nobody says what is right. */
static verdict fits_open(const char *text, size_t n, uint64_t max)
{
    if (is_digits(text, n) && !is_number(text, n, max))
        return SUITE_UNSAID;
    return said(is_number(text, n, max));
}

/* Right, or of a form that another judge may refuse, or wrong. */
static verdict right_or(bool right, bool well_formed)
{
    return right ? SUITE_ACCEPT : well_formed ? SUITE_UNSAID : SUITE_REJECT;
}

static bool is_quoted_string(const char *text, size_t n)
{
    return n >= 2 && text[0] == '"' && text[n - 1] == '"' && is_quoted_inside(text + 1, n - 2);
}

/* A line end with which the line before may be whole, and what follows is another header. */
static bool is_header_more(const char *text, size_t n)
{
    return n > 2 && memcmp(text, "\r\n", 2) == 0 && is_alphanum((unsigned char)text[2]);
}

/* A CR or an LF without the other one. */
static bool has_lone_line_end(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (text[i] == '\n' || text[i] == '\r') {
            if (text[i] == '\n' || i + 1 == n || text[i + 1] != '\n')
                return true;
            i++;
        }
    return false;
}

/* The end of all headers: those that must be there stand before this one in the templates. */
static bool is_line_ends(const char *text, size_t n)
{
    return n >= 2 && n % 2 == 0 && !memchr(text, ' ', n) && !has_lone_line_end(text, n) &&
           text[0] == '\r' && text[n - 1] == '\n';
}

/* gen-value, as Via has it for parameters of any name; tokens are hosts too, but for "[...]". */
static bool is_value(const char *text, size_t n)
{
    while (n > 0 && is_of((unsigned char)text[0], " \t")) {
        text++;
        n--;
    }
    while (n > 0 && is_of((unsigned char)text[n - 1], " \t"))
        n--;
    return is_token(text, n) || is_quoted_string(text, n);
}

/* Without the colon the number becomes a parameter, or part of another header. */
static verdict fits_joint(const char *usual, const char *text, size_t n)
{
    static char joined[SUITE_OCTETS];
    static const char host[] = "pc33.example.com", port[] = "5060";
    size_t at = sizeof host - 1;

    if (is_same_trimmed(text, n, usual) || is_same(text, n, ";", true) || is_header_more(text, n))
        return SUITE_ACCEPT;
    if (n > sizeof joined - sizeof host - sizeof port)
        return SUITE_REJECT;
    memcpy(joined, host, at);
    memcpy(joined + at, text, n);
    memcpy(joined + at + n, port, sizeof port - 1);
    return said(is_hostname(joined, at + n + sizeof port - 1));
}

static verdict fits_sip(enum element element, const char *usual, uint64_t max, const char *text,
                        size_t n)
{
    switch (element) {
    case ELEMENT_LITERAL: return said(is_same(text, n, usual, true));
    case ELEMENT_LITERAL_SWS: return said(is_same_trimmed(text, n, usual));
    case ELEMENT_WORDLESS: return said(is_same(text, n, usual, false));
    case ELEMENT_TOKEN: return said(is_token(text, n));
    case ELEMENT_OPTIONAL_TOKEN:
        return said(is_blank(text, n) || is_token(text, n) || is_line_ends(text, n) ||
                    is_header_more(text, n));
    case ELEMENT_HOST: return said(is_ipv4(text, n) || is_hostname(text, n));
    case ELEMENT_IPV4: return said(is_ipv4(text, n));
    case ELEMENT_JOINT: return fits_joint(usual, text, n);
    case ELEMENT_RPORT: return said(is_value(text, n));
    case ELEMENT_NUMBER: return said(is_number(text, n, max));
    case ELEMENT_STATUS: return said(n == 3 && is_number(text, n, 699) && text[0] != '0');
    case ELEMENT_TTL: return said(n <= 3 && is_number(text, n, 255));
    case ELEMENT_Q:
        return said(is_same(text, n, "0", true) || is_same(text, n, "1", true) ||
                    is_same(text, n, usual, true));
    case ELEMENT_DISPLAY_NAME: return said(is_display_name(text, n));
    case ELEMENT_WORD: return said(n > 0 && consists_of(text, n, word_set));
    case ELEMENT_AT: return said(is_at(text, n) || is_header_more(text, n));
    case ELEMENT_REASON: return said(is_reason(text, n) || is_header_more(text, n));
    case ELEMENT_QUOTED: return said(is_quoted_inside(text, n));
    case ELEMENT_AUTH_VALUE: return said(is_token(text, n) || is_quoted_string(text, n));
    case ELEMENT_MEDIA_TYPE: return said(is_media_type(text, n));
    default: return said(!has_lone_line_end(text, n));
    }
}

verdict element_fits(enum element element, const char *usual, uint64_t max, const char *text,
                     size_t n)
{
    switch (element) {
    case ELEMENT_DIGITS: return said(is_digits(text, n));
    case ELEMENT_ZERO: return said(is_number(text, n, 0));
    case ELEMENT_SDP_WORD: return said(is_sdp_word(text, n));
    case ELEMENT_SDP_TOKEN: return said(is_sdp_token(text, n));
    case ELEMENT_SDP_TEXT:
        return said(n > 0 && !memchr(text, 0, n) && !memchr(text, '\r', n) &&
                    !memchr(text, '\n', n) && is_utf8(text, n));
    case ELEMENT_SDP_TIME: return said(is_sdp_time(text, n));
    case ELEMENT_SDP_NUMBER: return fits_sdp_number(text, n, max);
    case ELEMENT_SDP_CLOCK:
        return n > 0 && text[0] == '0' && is_digits(text, n) ? SUITE_UNSAID
                                                             : fits_open(text, n, max);
    case ELEMENT_SDP_ADDRESS: return said(is_sdp_address(text, n));
    case ELEMENT_SDP_PROTO: /* behind a space come formats */
        return right_or(is_sdp_proto(text, n), n && memchr(text, ' ', n));
    case ELEMENT_SDP_FORMATS: return fits_formats(text, n);
    default: return fits_sip(element, usual, max, text, n);
    }
}
