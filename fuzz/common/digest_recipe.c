/* Responses, right or wrong, from texts and a hash of octets alone. */
#include "digest_mistake.h"
#include "oracle.h"

enum { ARENA = 1 << 16 };

static unsigned char arena[ARENA];
struct fuzz_out fuzz_texts = FUZZ_OUT(arena);

/* ---- Texts -------------------------------------------------------------------------------------
 */

/* Texts in a row, kept until the end of the input. */
sipv_slice fuzz_join(sipv_slice a, const char *mark, sipv_slice b)
{
    const size_t from = fuzz_texts.n;
    fuzz_put(&fuzz_texts, a);
    fuzz_puts(&fuzz_texts, mark);
    fuzz_put(&fuzz_texts, b);
    return sipv_slice_of(fuzz_texts.p + from, fuzz_texts.n - from);
}

/* With quotes, and a backslash in front of what needs one. */
sipv_slice fuzz_quoted(sipv_slice s)
{
    const size_t from = fuzz_texts.n;
    fuzz_puts(&fuzz_texts, "\"");
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"' || s.p[i] == '\\')
            fuzz_puts(&fuzz_texts, "\\");
        fuzz_put(&fuzz_texts, sipv_slice_of(s.p + i, 1));
    }
    fuzz_puts(&fuzz_texts, "\"");
    return sipv_slice_of(fuzz_texts.p + from, fuzz_texts.n - from);
}

static sipv_slice capitals(sipv_slice s)
{
    const sipv_slice copy = fuzz_join(s, "", sipv_slice_of(NULL, 0));
    for (size_t i = 0; i < copy.n; i++)
        if (copy.p[i] >= 'a' && copy.p[i] <= 'f')
            fuzz_texts.p[copy.p - fuzz_texts.p + (ptrdiff_t)i] -= 'a' - 'A';
    return copy;
}

/* ---- Computing ---------------------------------------------------------------------------------
 */

sipv_slice fuzz_hash(const struct fuzz_subject *x, sipv_algorithm a, sipv_slice text)
{
    sipv_digits digits = {.n = 0};
    const bool done = sipv_body_begin(x->h, a) == SIPV_OK &&
                      sipv_body_add(x->h, text.p, text.n) == SIPV_OK &&
                      sipv_body_end(x->h, &digits) == SIPV_OK;
    FUZZ_CHECK(digest, done, "a hasher has not got a hash");
    return fuzz_join(sipv_digits_slice(&digits), "", sipv_slice_of(NULL, 0));
}

/* A hash on its way into another one. */
static sipv_slice hash_within(const struct fuzz_subject *x, const struct fuzz_recipe *r,
                              sipv_slice text)
{
    const sipv_slice digits = fuzz_hash(x, r->algorithm, text);
    return r->upper ? capitals(digits) : digits;
}

static sipv_slice octets(sipv_slice digits)
{
    const size_t from = fuzz_texts.n;
    for (size_t i = 0; i + 1 < digits.n; i += 2) {
        unsigned char c = 0;
        for (size_t k = i; k < i + 2; k++)
            c = (unsigned char)(c << 4 | (digits.p[k] <= '9' ? digits.p[k] - '0'
                                                             : (digits.p[k] | 0x20) - 'a' + 10));
        fuzz_put(&fuzz_texts, sipv_slice_of(&c, 1));
    }
    return sipv_slice_of(fuzz_texts.p + from, fuzz_texts.n - from);
}

sipv_slice fuzz_compute(const struct fuzz_subject *x, const struct fuzz_recipe *r)
{
    sipv_slice a1 = r->ha1, a2 = fuzz_join(r->method, ":", r->uri);
    if (!a1.p)
        a1 = hash_within(x, r, fuzz_join(fuzz_join(r->username, ":", r->realm), ":", r->password));
    else if (r->upper)
        a1 = capitals(a1);
    if (r->session)
        a1 = hash_within(x, r,
                         fuzz_join(fuzz_join(r->raw ? octets(a1) : a1, ":", r->session_nonce), ":",
                                   r->session_cnonce));
    if (r->integrity) {
        sipv_slice body = r->body_hash;
        if (!body.p)
            body = hash_within(x, r, r->body);
        else if (r->upper)
            body = capitals(body);
        a2 = fuzz_join(a2, ":", body);
    }
    sipv_slice final = a1;
    for (unsigned i = 0; i < r->n_middle; i++)
        final = fuzz_join(final, ":", r->middle[i]);
    final = fuzz_hash(x, r->algorithm, fuzz_join(final, ":", hash_within(x, r, a2)));
    return r->capital ? capitals(final) : final;
}
