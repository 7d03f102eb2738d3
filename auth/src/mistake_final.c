/* Mistakes in the final string and in what A2 has of the body. */
#include <string.h>

#include "mistake.h"

/* ---- qop ----------------------------------------------------------------------------------------
 */

bool sipv_mistake_qop_list(struct sipv_attempt *a)
{
    static const char *const usual[] = {"auth,auth-int", "auth, auth-int", "auth-int,auth",
                                        "auth-int, auth"};
    struct sipv_recipe r = a->right;
    if (!sipv_attempt_has_qop(a))
        return false;
    r.middle[3] = a->s->qop_options;
    if (r.middle[3].p)
        return sipv_attempt_gives(a, &r);
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
        r.middle[3] = sipv_slice_text(usual[i]);
        if (sipv_attempt_gives(a, &r))
            return true;
    }
    return false;
}

bool sipv_mistake_qop_dropped(struct sipv_attempt *a)
{
    struct sipv_recipe r = a->right;
    r.n_middle = 1;
    return sipv_attempt_has_qop(a) && sipv_attempt_gives(a, &r);
}

/* With the name of the qop that was taken, or that of the credentials. */
static bool other_qop(struct sipv_attempt *a, sipv_qop from, bool hash_body, const char *name)
{
    struct sipv_recipe r = a->right;
    if (a->s->right.qop != from)
        return false;
    r.hash_body = hash_body;
    if (sipv_attempt_gives(a, &r))
        return true;
    r.middle[3] = sipv_slice_text(name);
    return sipv_attempt_gives(a, &r);
}

bool sipv_mistake_auth_for_integrity(struct sipv_attempt *a)
{
    return other_qop(a, SIPV_QOP_AUTH_INT, false, "auth");
}

bool sipv_mistake_integrity_for_auth(struct sipv_attempt *a)
{
    return other_qop(a, SIPV_QOP_AUTH, true, "auth-int");
}

/* ---- Body ---------------------------------------------------------------------------------------
 */

static bool with_body_hash(struct sipv_attempt *a, const sipv_digits *hash)
{
    struct sipv_recipe r = a->right;
    r.body_hash = sipv_digits_slice(hash);
    return sipv_attempt_gives(a, &r);
}

/* The hash of the body as `write` hands it over. */
static bool with_body(struct sipv_attempt *a,
                      void (*write)(struct sipv_attempt *a, sipv_slice body))
{
    sipv_digits hash;
    const sipv_slice body = a->s->right.body;
    if (!a->right.hash_body || a->s->right.body_hash.p ||
        sipv_body_begin(a->h, a->right.hash) != SIPV_OK)
        return false;
    write(a, body);
    return sipv_body_end(a->h, &hash) == SIPV_OK && with_body_hash(a, &hash);
}

static void write_lf(struct sipv_attempt *a, sipv_slice body)
{
    size_t from = 0;
    for (size_t i = 0; i + 1 < body.n; i++)
        if (body.p[i] == '\r' && body.p[i + 1] == '\n') {
            sipv_body_add(a->h, body.p + from, i - from);
            from = i + 1;
        }
    if (body.n)
        sipv_body_add(a->h, body.p + from, body.n - from);
}

static void write_nothing(struct sipv_attempt *a, sipv_slice body)
{
    (void)a;
    (void)body;
}

static void write_more(struct sipv_attempt *a, sipv_slice body)
{
    sipv_body_add(a->h, body.p, body.n);
    sipv_body_add(a->h, a->s->body_behind.p, a->s->body_behind.n);
}

static void write_line_end(struct sipv_attempt *a, sipv_slice body)
{
    sipv_body_add(a->h, body.p, body.n);
    sipv_body_add(a->h, "\r\n", 2);
}

static void write_less(struct sipv_attempt *a, sipv_slice body)
{
    const bool ends = body.n >= 2 && memcmp(body.p + body.n - 2, "\r\n", 2) == 0;
    sipv_body_add(a->h, body.p, ends ? body.n - 2 : body.n);
}

bool sipv_mistake_body_lf(struct sipv_attempt *a)
{
    return with_body(a, write_lf);
}

bool sipv_mistake_body_empty(struct sipv_attempt *a)
{
    return with_body(a, write_nothing);
}

bool sipv_mistake_body_trailing(struct sipv_attempt *a)
{
    a->detail = "octets behind the body";
    if (a->s->body_behind.n && with_body(a, write_more))
        return true;
    a->detail = "one more CRLF";
    return with_body(a, write_line_end);
}

bool sipv_mistake_body_short(struct sipv_attempt *a)
{
    return with_body(a, write_less);
}

/* ---- nc and cnonce ------------------------------------------------------------------------------
 */

/* Where there is a qop. */
static bool with_nc(struct sipv_attempt *a, sipv_slice nc)
{
    struct sipv_recipe r = a->right;
    r.middle[1] = nc;
    return sipv_attempt_gives(a, &r);
}

bool sipv_mistake_nc_unpadded(struct sipv_attempt *a)
{
    char padded[SIPV_NC_DIGITS];
    sipv_slice nc = a->right.middle[1];
    if (!sipv_attempt_has_qop(a))
        return false;
    while (nc.n > 1 && *nc.p == '0') {
        nc.p++;
        nc.n--;
    }
    if (with_nc(a, nc))
        return true;
    if (nc.n > sizeof padded)
        return false;
    memset(padded, '0', sizeof padded);
    memcpy(padded + sizeof padded - nc.n, nc.p, nc.n);
    return with_nc(a, sipv_slice_of(padded, sizeof padded));
}

bool sipv_mistake_nc_case(struct sipv_attempt *a)
{
    unsigned char other[SIPV_NC_DIGITS];
    const sipv_slice nc = sipv_attempt_has_qop(a) ? a->right.middle[1] : sipv_none();
    if (!nc.p || nc.n > sizeof other)
        return false;
    for (int up = 0; up < 2; up++) {
        for (size_t i = 0; i < nc.n; i++) {
            const unsigned char c = nc.p[i], low = c | 0x20;
            other[i] = low >= 'a' && low <= 'f' ? (unsigned char)(up ? low - 0x20 : low) : c;
        }
        if (with_nc(a, sipv_slice_of(other, nc.n)))
            return true;
    }
    return false;
}

/* Left out with its colon, or empty. */
static bool left_out(struct sipv_attempt *a, unsigned part)
{
    struct sipv_recipe r = a->right;
    if (!sipv_attempt_has_qop(a))
        return false;
    r.middle[part] = sipv_slice_of("", 0);
    if (sipv_attempt_gives(a, &r))
        return true;
    for (unsigned i = part; i + 1 < r.n_middle; i++)
        r.middle[i] = r.middle[i + 1];
    r.n_middle--;
    return sipv_attempt_gives(a, &r);
}

bool sipv_mistake_nc_missing(struct sipv_attempt *a)
{
    return left_out(a, 1);
}

bool sipv_mistake_cnonce_missing(struct sipv_attempt *a)
{
    struct sipv_recipe r = a->right;
    if (left_out(a, 2))
        return true;
    r.session_cnonce = sipv_slice_of("", 0);
    return r.session != SIPV_SESSION_NONE && sipv_attempt_gives(a, &r);
}
