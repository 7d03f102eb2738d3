/* Header values into the caller's buffer.  What does not fit is counted. */
#include <string.h>

#include "internal.h"

void sipv_put(struct sipv_writer *w, const void *p, size_t n)
{
    const unsigned char *from = p;
    for (size_t i = 0; i < n; i++)
        w->bad |= from[i] == '\r' || from[i] == '\n' || from[i] == 0;
    if (n && n <= w->cap && w->n <= w->cap - n)
        memcpy(w->out + w->n, p, n);
    w->n += n;
}

void sipv_put_text(struct sipv_writer *w, const char *text)
{
    sipv_put(w, text, strlen(text));
}

static void begin(struct sipv_writer *w, const char *name)
{
    if (w->more)
        sipv_put_text(w, ", ");
    w->more = true;
    sipv_put_text(w, name);
    sipv_put_text(w, "=");
}

void sipv_put_bare(struct sipv_writer *w, const char *name, sipv_slice value)
{
    if (!value.p)
        return;
    begin(w, name);
    sipv_put(w, value.p, value.n);
}

/* In a quoted string control characters stand behind a backslash too (RFC 3261 25.1). */
static bool needs_backslash(unsigned char c)
{
    return c == '"' || c == '\\' || (c < ' ' && c != '\t') || c == 0x7f;
}

static void put_quoted(struct sipv_writer *w, const char *name, sipv_slice value, bool is_uri)
{
    if (!value.p)
        return;
    begin(w, name);
    sipv_put_text(w, "\"");
    for (size_t i = 0; i < value.n; i++) {
        const unsigned char c = value.p[i];
        if (needs_backslash(c) || (is_uri && (c == ' ' || c == '\t')))
            sipv_put_text(w, "\\");
        sipv_put(w, &c, 1);
    }
    sipv_put_text(w, "\"");
}

void sipv_put_quoted(struct sipv_writer *w, const char *name, sipv_slice value)
{
    put_quoted(w, name, value, false);
}

int sipv_put_end(const struct sipv_writer *w, size_t *n)
{
    *n = w->n;
    return w->bad ? SIPV_BAD_ARGUMENT : w->n > w->cap ? SIPV_NO_SPACE : SIPV_OK;
}

/* ---- Credentials --------------------------------------------------------------------------------
 */

/* Text with octets above 7F that is UTF-8 by its form (RFC 3629). */
static bool needs_extension(sipv_slice s)
{
    bool any = false;
    for (size_t i = 0; i < s.n;) {
        const unsigned char c = s.p[i++];
        unsigned more = c < 0x80                ? 0
                        : c >= 0xc2 && c < 0xe0 ? 1
                        : c >= 0xe0 && c < 0xf0 ? 2
                        : c >= 0xf0 && c < 0xf5 ? 3
                                                : 9;
        any |= more > 0;
        if (more > s.n - i)
            return false;
        for (; more > 0; more--, i++)
            if ((s.p[i] & 0xc0) != 0x80)
                return false;
    }
    return any;
}

/* RFC 5987: UTF-8''J%C3%A4s. */
static void put_extended(struct sipv_writer *w, const char *name, sipv_slice value)
{
    static const char plain[] =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._~";
    static const char digits[] = "0123456789ABCDEF";
    begin(w, name);
    sipv_put_text(w, "UTF-8''");
    for (size_t i = 0; i < value.n; i++) {
        const unsigned char c = value.p[i];
        const char escape[] = {'%', digits[c >> 4], digits[c & 15]};
        if (memchr(plain, c, sizeof plain - 1))
            sipv_put(w, &c, 1);
        else
            sipv_put(w, escape, sizeof escape);
        w->bad |= c == '\r' || c == '\n' || c == 0;
    }
}

int sipv_credentials_write(const sipv_credentials_parts *p, void *out, size_t cap, size_t *n)
{
    struct sipv_writer w = {out, cap, 0, false, false};
    if (!p || !n || (!out && cap) || (p->algorithm_shown && !sipv_algorithm_name(p->algorithm)))
        return SIPV_BAD_ARGUMENT;
    sipv_put_text(&w, "Digest ");
    if (!p->userhash && needs_extension(p->username))
        put_extended(&w, "username*", p->username);
    else
        sipv_put_quoted(&w, "username", p->username);
    sipv_put_quoted(&w, "realm", p->realm);
    sipv_put_quoted(&w, "nonce", p->nonce);
    put_quoted(&w, "uri", p->uri, true); /* in which blanks stand behind a backslash only */
    if (p->algorithm_shown)
        sipv_put_bare(&w, "algorithm", sipv_slice_text(sipv_algorithm_name(p->algorithm)));
    if (sipv_qop_name(p->qop)) {
        sipv_put_bare(&w, "qop", sipv_slice_text(sipv_qop_name(p->qop)));
        sipv_put_bare(&w, "nc", p->nc);
    }
    sipv_put_quoted(&w, "cnonce", p->cnonce);
    sipv_put_quoted(&w, "response", p->response);
    sipv_put_quoted(&w, "opaque", p->opaque);
    if (p->userhash)
        sipv_put_bare(&w, "userhash", sipv_slice_text("true"));
    return sipv_put_end(&w, n);
}
