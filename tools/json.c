/* json.c: see json.h. */
#include "json.h"

#include "output.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct json json_begin_record(bool pretty)
{
    struct json j = {.pretty = pretty};

    return j;
}

void json_end_record(struct json *j)
{
    (void)j;
    out_char('\n');
}

static void quoted(sipv_slice s)
{
    out_char('"');
    for (size_t i = 0, n, bad; i < s.n; i += n) {
        uint32_t code;

        n = utf8_length(s.p + i, s.n - i, &bad);
        if (n == 0) {
            out_text("\xef\xbf\xbd");
            n = bad;
            continue;
        }
        code = utf8_code(s.p + i, n);
        if (code == '"' || code == '\\')
            out_format("\\%c", (int)code);
        else if (code == '\n')
            out_text("\\n");
        else if (code == '\r')
            out_text("\\r");
        else if (code == '\t')
            out_text("\\t");
        else if (code < 0x20 || (code >= 0x7f && code <= 0x9f) || code == 0x2028 || code == 0x2029)
            out_format("\\u%04" PRIx32, code);
        else
            out_bytes(s.p + i, n);
    }
    out_char('"');
}

/* RFC 4648 section 4. */
static void base64(sipv_slice s)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    out_char('"');
    for (size_t i = 0; i < s.n; i += 3) {
        size_t left = s.n - i;
        uint32_t v = (uint32_t)s.p[i] << 16 | (left > 1 ? (uint32_t)s.p[i + 1] << 8 : 0) |
                     (left > 2 ? s.p[i + 2] : 0u);
        char four[4] = {digits[v >> 18], digits[v >> 12 & 63], left > 1 ? digits[v >> 6 & 63] : '=',
                        left > 2 ? digits[v & 63] : '='};

        out_bytes(four, 4);
    }
    out_char('"');
}

/* What stands before every member and element. */
static void lead(struct json *j, const char *key, const char *suffix)
{
    if (j->depth > 0) {
        if (j->any[j->depth])
            out_char(',');
        j->any[j->depth] = true;
        if (j->pretty) {
            out_char('\n');
            out_repeat(' ', (size_t)j->depth * 2);
        }
    }
    if (key) {
        out_char('"');
        out_text(key);
        out_text(suffix);
        out_text(j->pretty ? "\": " : "\":");
    }
}

static void open_level(struct json *j, const char *key, char c)
{
    lead(j, key, "");
    out_char(c);
    if (j->depth + 1 == JSON_DEPTH)
        abort();
    j->any[++j->depth] = false;
}

static void close_level(struct json *j, char c)
{
    bool any = j->any[j->depth--];

    if (any && j->pretty) {
        out_char('\n');
        out_repeat(' ', (size_t)j->depth * 2);
    }
    out_char(c);
}

void json_object(struct json *j, const char *key)
{
    open_level(j, key, '{');
}

void json_array(struct json *j, const char *key)
{
    open_level(j, key, '[');
}

void json_end_object(struct json *j)
{
    close_level(j, '}');
}

void json_end_array(struct json *j)
{
    close_level(j, ']');
}

void json_string(struct json *j, const char *key, sipv_slice s)
{
    if (!s.p) {
        json_null(j, key);
        return;
    }
    lead(j, key, "");
    quoted(s);
    if (key && !utf8_valid(s)) {
        lead(j, key, "_b64");
        base64(s);
    }
}

void json_base64(struct json *j, const char *key, sipv_slice s)
{
    lead(j, key, "");
    base64(s);
}

void json_text(struct json *j, const char *key, const char *text)
{
    json_string(j, key, text ? sipv_slice_of(text, strlen(text)) : sipv_slice_of(NULL, 0));
}

void json_size(struct json *j, const char *key, size_t n)
{
    lead(j, key, "");
    out_format("%zu", n);
}

void json_number(struct json *j, const char *key, int64_t n)
{
    if (n < 0) {
        json_null(j, key);
        return;
    }
    lead(j, key, "");
    out_format("%" PRId64, n);
}

void json_bool(struct json *j, const char *key, bool b)
{
    lead(j, key, "");
    out_text(b ? "true" : "false");
}

void json_null(struct json *j, const char *key)
{
    lead(j, key, "");
    out_text("null");
}
