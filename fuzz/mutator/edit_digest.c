/* edit_digest.c: the response of credentials, computed anew for what now stands in the message, so
 * that edits of other parts reach what lies behind a right password.  With the components of this
 * tree that have no digest this file is without effect.
 *
 * Parameters are found with a few lines of our own; of the library under test only the computation
 * is used, as a generator. */
#include "edit.h"

#include <string.h>

/* The values of credentials; spans of the text, n == 0 and off == 0 if absent. */
struct credentials {
    struct span username, realm, nonce, uri, response, cnonce, nc, qop, algorithm;
};

/* The octets behind "Digest" in the text, to the end of the line with its folds. */
static bool find_credentials(const struct text *t, struct span *value)
{
    struct lines lines;
    struct span name;

    lines_of(t->p, t->n, &lines);
    for (size_t i = lines.first; i < lines.n; i++) {
        const char *known;

        if (!line_parts(t->p, lines.line[i], &name, value))
            continue;
        known = name_long(t->p, name);
        if (known && strstr(known, "Authorization") && value->n > 7 &&
            is_same(t->p + value->off, 6, "Digest")) {
            *value = (struct span){value->off + 6, value->n - 6};
            return true;
        }
    }
    return false;
}

/* Takes one NAME=VALUE at *at; the value without its quotes. */
static bool next_pair(const struct text *t, size_t end, size_t *at, struct span *name,
                      struct span *value)
{
    size_t i = *at;

    while (i < end && !is_token(t->p[i]))
        i++;
    *name = (struct span){i, 0};
    while (i < end && is_token(t->p[i]))
        i++;
    name->n = i - name->off;
    while (i < end && is_of(t->p[i], " \t\r\n="))
        i++;
    if (i < end && t->p[i] == '"') {
        *value = (struct span){++i, 0};
        while (i < end && t->p[i] != '"')
            i += t->p[i] == '\\' && i + 1 < end ? 2 : 1;
        value->n = i - value->off;
        i++;
    } else {
        *value = (struct span){i, 0};
        while (i < end && is_token(t->p[i]))
            i++;
        value->n = i - value->off;
    }
    *at = i < end ? i : end;
    return name->n > 0;
}

static void read_credentials(const struct text *t, struct span text, struct credentials *c)
{
    const struct {
        const char *name;
        struct span *value;
    } known[] = {
        {"username", &c->username},
        {"realm", &c->realm},
        {"nonce", &c->nonce},
        {"uri", &c->uri},
        {"response", &c->response},
        {"cnonce", &c->cnonce},
        {"nc", &c->nc},
        {"qop", &c->qop},
        {"algorithm", &c->algorithm},
    };
    size_t at = text.off;
    struct span name, value;

    memset(c, 0, sizeof *c);
    while (next_pair(t, text.off + text.n, &at, &name, &value))
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            if (is_same(t->p + name.off, name.n, known[i].name))
                *known[i].value = value;
}

#ifdef MUTATOR_WITH_DIGEST

#include <sipvet/auth.h>

/* The password of all users that fuzz targets and corpus know. */
static const char password[] = "swordfish";

/* OpenSSL's hashes are fetched once and stay for the life of the program. */
static sipv_hasher *hasher(void)
{
    static sipv_hasher *h;

    if (!h)
        h = sipv_hasher_new();
    return h;
}

/* Quoted-pairs resolved: what enters the hash. */
static sipv_slice resolved(const struct text *t, struct span value, unsigned char *room, size_t cap)
{
    size_t n = 0;

    for (size_t i = value.off; i < value.off + value.n && n < cap; i++) {
        if (t->p[i] == '\\' && i + 1 < value.off + value.n)
            i++;
        room[n++] = t->p[i];
    }
    return sipv_slice_of(room, n);
}

static sipv_slice as_written(const struct text *t, struct span value)
{
    return sipv_slice_of(t->p + value.off, value.n);
}

/* The method: the first word of the text. */
static sipv_slice method_of(const struct text *t)
{
    size_t n = 0;

    while (n < t->n && is_token(t->p[n]))
        n++;
    return sipv_slice_of(t->p, n);
}

static bool compute(const struct text *t, const struct credentials *c, sipv_digits *digits)
{
    unsigned char room[4][512];
    struct lines lines;
    sipv_digest d;

    lines_of(t->p, t->n, &lines);
    memset(&d, 0, sizeof d);
    d.algorithm = sipv_algorithm_find(as_written(t, c->algorithm));
    d.qop = sipv_qop_find(as_written(t, c->qop));
    if (c->algorithm.off == 0)
        d.algorithm = SIPV_MD5;
    if (c->qop.off == 0)
        d.qop = SIPV_QOP_NONE;
    if (d.algorithm == SIPV_ALGORITHM_OTHER || d.qop == SIPV_QOP_OTHER)
        return false;
    d.username = resolved(t, c->username, room[0], sizeof room[0]);
    d.realm = resolved(t, c->realm, room[1], sizeof room[1]);
    d.nonce = resolved(t, c->nonce, room[2], sizeof room[2]);
    d.uri = resolved(t, c->uri, room[3], sizeof room[3]);
    d.password = sipv_slice_text(password);
    d.method = method_of(t);
    d.nc = as_written(t, c->nc);
    d.cnonce = as_written(t, c->cnonce);
    d.body = sipv_slice_of(t->p + lines.body.off, lines.body.n);
    return hasher() && sipv_digest_response(hasher(), &d, NULL, digits) == SIPV_OK;
}

bool digest_response(struct text *t)
{
    struct credentials c;
    struct span value;
    sipv_digits digits;

    if (!find_credentials(t, &value))
        return false;
    read_credentials(t, value, &c);
    if (c.response.off == 0 || !compute(t, &c, &digits))
        return false;
    if (is_same(t->p + c.response.off, c.response.n, digits.text))
        return false;
    return text_replace(t, c.response, digits.text, digits.n);
}

#else

bool digest_response(struct text *t)
{
    (void)t;
    return false;
}

#endif

/* One digit of the response is another. */
bool digest_flip(struct text *t)
{
    static const char digits[] = "0123456789abcdef";
    struct credentials c;
    struct span value;
    size_t i;

    if (!find_credentials(t, &value))
        return false;
    read_credentials(t, value, &c);
    if (c.response.n == 0)
        return false;
    i = c.response.off + draw_below(&t->random, c.response.n);
    t->p[i] =
        (unsigned char)(t->p[i] == (unsigned char)digits[0] ? digits[1 + draw_below(&t->random, 15)]
                                                            : digits[0]);
    return true;
}
