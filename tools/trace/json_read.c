/* json_read.c: see json_read.h.  (The functions of jansson have the names of json.h.) */
#include "json_read.h"

#include <string.h>

static void skip_blank(struct json_reader *r)
{
    while (r->at < r->n && strchr(" \t\r\n", r->p[r->at]) && r->p[r->at])
        r->at++;
}

static bool take(struct json_reader *r, unsigned char c)
{
    skip_blank(r);
    if (r->at == r->n || r->p[r->at] != c)
        return false;
    r->at++;
    return true;
}

/* Four hex digits; -1 if they are none. */
static int32_t hex4(struct json_reader *r)
{
    int32_t code = 0;

    if (r->n - r->at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        unsigned char c = r->p[r->at++];

        if (c >= '0' && c <= '9')
            code = code * 16 + (c - '0');
        else if ((c | 32) >= 'a' && (c | 32) <= 'f')
            code = code * 16 + ((c | 32) - 'a' + 10);
        else
            return -1;
    }
    return code;
}

/* Behind "\u"; -1 for half a pair. */
static int32_t code_point(struct json_reader *r)
{
    int32_t high = hex4(r), low;

    if (high < 0xd800 || high > 0xdfff)
        return high;
    if (high > 0xdbff || r->n - r->at < 2 || r->p[r->at] != '\\' || r->p[r->at + 1] != 'u')
        return -1;
    r->at += 2;
    low = hex4(r);
    if (low < 0xdc00 || low > 0xdfff)
        return -1;
    return 0x10000 + (high - 0xd800) * 0x400 + (low - 0xdc00);
}

/* Never longer than the escape was. */
static size_t put_utf8(unsigned char *to, uint32_t c)
{
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};

    for (size_t i = n; i-- > 1; c >>= 6)
        to[i] = (unsigned char)(0x80 | (c & 0x3f));
    to[0] = (unsigned char)(lead[n] | c);
    return n;
}

static bool escape(struct json_reader *r, size_t *to)
{
    static const char names[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
    const char *at;
    int32_t code;
    unsigned char c;

    if (r->at == r->n)
        return false;
    c = r->p[r->at++];
    if (c == 'u') {
        if ((code = code_point(r)) < 0)
            return false;
        *to += put_utf8(r->p + *to, (uint32_t)code);
        return true;
    }
    at = c ? strchr(names, c) : NULL;
    if (!at)
        return false;
    r->p[(*to)++] = (unsigned char)means[at - names];
    return true;
}

/* Behind the opening quote. */
static bool string(struct json_reader *r, sipv_slice *out)
{
    size_t from = r->at, to = from;

    while (r->at < r->n) {
        unsigned char c = r->p[r->at++];

        if (c == '"') {
            *out = sipv_slice_of(r->p + from, to - from);
            return true;
        }
        if (c < 0x20)
            return false;
        if (c != '\\')
            r->p[to++] = c;
        else if (!escape(r, &to))
            return false;
    }
    return false;
}

/* Brackets are counted, not paired. */
static bool nested(struct json_reader *r)
{
    size_t depth = 0;
    sipv_slice text;

    do {
        unsigned char c = r->p[r->at++];

        if (c == '"' && !string(r, &text))
            return false;
        depth += c == '{' || c == '[';
        depth -= c == '}' || c == ']';
    } while (depth > 0 && r->at < r->n);
    return depth == 0;
}

static bool bare(struct json_reader *r)
{
    size_t from = r->at;

    while (r->at < r->n && ((r->p[r->at] >= '0' && r->p[r->at] <= '9') ||
                            (r->p[r->at] >= 'a' && r->p[r->at] <= 'z') || r->p[r->at] == '-' ||
                            r->p[r->at] == '+' || r->p[r->at] == '.' || r->p[r->at] == 'E'))
        r->at++;
    return r->at > from;
}

static bool value(struct json_reader *r, struct json_member *out)
{
    size_t from;

    skip_blank(r);
    if (r->at == r->n)
        return false;
    from = r->at;
    if (r->p[from] == '"') {
        r->at++;
        out->kind = JSON_STRING;
        return string(r, &out->value);
    }
    out->kind = r->p[from] == '{' || r->p[from] == '[' ? JSON_NESTED : JSON_BARE;
    if (!(out->kind == JSON_NESTED ? nested(r) : bare(r)))
        return false;
    out->value = sipv_slice_of(r->p + from, r->at - from);
    return true;
}

int json_read_member(struct json_reader *r, struct json_member *out)
{
    if (!r->begun && !take(r, '{'))
        return SIPV_REJECT;
    if (take(r, '}')) {
        skip_blank(r);
        return r->at == r->n ? SIPV_END : SIPV_REJECT;
    }
    if (r->begun && !take(r, ','))
        return SIPV_REJECT;
    r->begun = true;
    return take(r, '"') && string(r, &out->key) && take(r, ':') && value(r, out) ? SIPV_OK
                                                                                 : SIPV_REJECT;
}
