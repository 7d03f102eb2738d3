/* The response (RFC 7616 3.4.1): what enters it, and that nothing else does.  Vectors: see
 * tests/conformance/digest.c. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <sipvet/auth.h>

#include "../../auth/src/internal.h"

static sipv_hasher *h;
static void open(void)
{
    h = sipv_hasher_new();
    cr_assert(h);
}
static void close(void)
{
    sipv_hasher_free(h);
}
TestSuite(response, .init = open, .fini = close);

#define S(text) sipv_slice_text(text)

static sipv_digest sample(sipv_algorithm a, sipv_qop qop)
{
    sipv_digest d;
    memset(&d, 0, sizeof d);
    d.algorithm = a;
    d.qop = qop;
    d.username = S("ida");
    d.realm = S("elm.example");
    d.password = S("swordfish");
    d.method = S("INVITE");
    d.uri = S("sip:ivo@oak.example");
    d.nonce = S("84a4cc6f");
    d.nc = S("0000001b");
    d.cnonce = S("5c1ee4d0");
    d.body = S("v=0\r\n");
    return d;
}

static sipv_digits response(const sipv_digest *d, bool rspauth)
{
    sipv_digits out;
    cr_assert_eq(rspauth ? sipv_digest_rspauth(h, d, NULL, &out)
                         : sipv_digest_response(h, d, NULL, &out),
                 SIPV_OK);
    cr_assert_eq(out.n, sipv_algorithm_digits(d->algorithm));
    return out;
}

/* Every bit of one input, flipped, makes another response, or if it does not enter none. */
static void flip(sipv_digest *d, sipv_slice *field, bool enters, bool rspauth, const char *name)
{
    const sipv_digits before = response(d, rspauth);
    const sipv_slice right = *field;
    unsigned char copy[64];
    cr_assert_leq(right.n, sizeof copy);
    memcpy(copy, right.p, right.n);
    *field = sipv_slice_of(copy, right.n);
    for (size_t i = 0; i < 8 * right.n; i++) {
        copy[i / 8] ^= (unsigned char)(1u << i % 8);
        const sipv_digits after = response(d, rspauth);
        cr_expect_eq(strcmp(before.text, after.text) != 0, enters, "%s, bit %zu, %s", name, i,
                     sipv_algorithm_name(d->algorithm));
        cr_expect_eq(sipv_digits_equal(&before, sipv_digits_slice(&after)), !enters);
        copy[i / 8] ^= (unsigned char)(1u << i % 8);
    }
    *field = right;
}

Test(response, any_bit_of_an_input_counts)
{
    for (int a = 0; a < SIPV_ALGORITHM_COUNT; a++)
        for (int qop = SIPV_QOP_NONE; qop <= SIPV_QOP_AUTH_INT; qop++)
            for (int rspauth = 0; rspauth < 2; rspauth++) {
                sipv_digest d = sample((sipv_algorithm)a, (sipv_qop)qop);
                const bool counted = qop != SIPV_QOP_NONE;
                const bool session = sipv_algorithm_is_session(d.algorithm);
                flip(&d, &d.username, true, rspauth, "username");
                flip(&d, &d.realm, true, rspauth, "realm");
                flip(&d, &d.password, true, rspauth, "password");
                flip(&d, &d.method, !rspauth, rspauth, "method");
                flip(&d, &d.uri, true, rspauth, "uri");
                flip(&d, &d.nonce, true, rspauth, "nonce");
                flip(&d, &d.nc, counted, rspauth, "nc");
                flip(&d, &d.cnonce, counted || session, rspauth, "cnonce");
                flip(&d, &d.body, qop == SIPV_QOP_AUTH_INT, rspauth, "body");
            }
}

Test(response, any_bit_of_the_response_counts)
{
    const sipv_digest d = sample(SIPV_SHA_256, SIPV_QOP_AUTH);
    const sipv_digits right = response(&d, false);
    cr_expect(sipv_digits_equal(&right, sipv_digits_slice(&right)));
    for (size_t i = 0; i < 8 * right.n; i++) {
        sipv_digits other = right;
        other.text[i / 8] = (char)((unsigned char)other.text[i / 8] ^ 1u << i % 8);
        cr_expect_not(sipv_digits_equal(&right, sipv_slice_of(other.text, other.n)), "bit %zu", i);
    }
    cr_expect_not(sipv_digits_equal(&right, sipv_slice_of(right.text, right.n - 1)));
    cr_expect_not(sipv_digits_equal(&right, sipv_slice_of(right.text, 0)));
    cr_expect_not(sipv_digits_equal(&right, sipv_slice_of(NULL, 0)));
    const sipv_digits none = {0, ""};
    cr_expect_not(sipv_digits_equal(&none, sipv_slice_of("", 0)), "no digits equal nothing");
}

/* Parts are separated by colons, so that none can pass for another. */
Test(response, no_part_runs_into_the_next)
{
    sipv_digest a = sample(SIPV_MD5, SIPV_QOP_AUTH), b = a;
    b.nonce = S("84a4cc6f0");
    b.nc = S("000001b");
    cr_expect_str_neq(response(&a, false).text, response(&b, false).text);
}

Test(response, ha1_in_place_of_a_password)
{
    for (int alg = 0; alg < SIPV_ALGORITHM_COUNT; alg++) {
        sipv_digest d = sample((sipv_algorithm)alg, SIPV_QOP_AUTH);
        sipv_digest_steps steps;
        sipv_digits ha1, out;
        const sipv_digits want = response(&d, false);
        cr_assert_eq(sipv_digest_ha1(h, d.algorithm, d.username, d.realm, d.password, &ha1),
                     SIPV_OK);
        d.username = d.realm = d.password = sipv_slice_of(NULL, 0);
        d.ha1 = sipv_digits_slice(&ha1);
        cr_assert_eq(sipv_digest_response(h, &d, &steps, &out), SIPV_OK);
        cr_expect_str_eq(out.text, want.text);
        cr_expect_str_eq(steps.ha1.text, ha1.text);
        cr_expect_eq(steps.ha1_session.n != 0, sipv_algorithm_is_session(d.algorithm));
    }
}

/* 1 MiB in pieces of odd sizes, while other hashes are computed. */
Test(response, body_in_pieces)
{
    enum { SIZE = 1 << 20 };
    unsigned char *body = malloc(SIZE);
    cr_assert(body);
    for (size_t i = 0; i < SIZE; i++)
        body[i] = (unsigned char)(i * 7 + (i >> 8));
    for (int alg = 0; alg < SIPV_ALGORITHM_COUNT; alg++) {
        sipv_digest d = sample((sipv_algorithm)alg, SIPV_QOP_AUTH_INT);
        sipv_digits hash;
        d.body = sipv_slice_of(body, SIZE);
        const sipv_digits want = response(&d, false);
        cr_assert_eq(sipv_body_begin(h, d.algorithm), SIPV_OK);
        for (size_t at = 0, n = 1; at < SIZE; at += n, n = n * 3 % 40009) {
            n = n < SIZE - at ? n : SIZE - at;
            cr_assert_eq(sipv_body_add(h, body + at, n), SIPV_OK);
            response(&d, true); /* in between */
        }
        cr_assert_eq(sipv_body_end(h, &hash), SIPV_OK);
        cr_expect_eq(sipv_body_end(h, &hash), SIPV_BAD_ARGUMENT, "ended already");
        d.body = sipv_slice_of(NULL, 0);
        d.body_hash = sipv_digits_slice(&hash);
        cr_expect_str_eq(response(&d, false).text, want.text);
    }
    free(body);
}

/* Whatever the length of a part, it is hashed whole: texts are put together up to some size. */
Test(response, parts_of_any_length)
{
    static unsigned char text[2048];
    memset(text, 'x', sizeof text);
    for (size_t n = 480; n < 560; n++) {
        const sipv_slice realm = sipv_slice_of(text, n), user = S("u"), password = S("p");
        unsigned char whole[2048];
        sipv_digits out, want;
        size_t at = 0;
        whole[at++] = 'u';
        whole[at++] = ':';
        memcpy(whole + at, text, n);
        at += n;
        whole[at++] = ':';
        whole[at++] = 'p';
        const sipv_slice one = sipv_slice_of(whole, at);
        cr_assert_eq(sipv_digest_ha1(h, SIPV_SHA_256, user, realm, password, &out), SIPV_OK);
        cr_assert_eq(sipv_hash_join(h, SIPV_SHA_256, &one, 1, &want), SIPV_OK);
        cr_expect_str_eq(out.text, want.text, "%zu", n);
    }
}

Test(response, what_is_missing_is_refused)
{
    const sipv_slice none = {NULL, 0};
    sipv_digest d = sample(SIPV_MD5, SIPV_QOP_AUTH);
    sipv_digits out;
#define REFUSED(change)                                                                            \
    do {                                                                                           \
        sipv_digest e = d;                                                                         \
        change;                                                                                    \
        cr_expect_eq(sipv_digest_response(h, &e, NULL, &out), SIPV_BAD_ARGUMENT, "%s", #change);   \
    } while (0)
    REFUSED(e.nonce = none);
    REFUSED(e.method = none);
    REFUSED(e.uri = none);
    REFUSED(e.password = none);
    REFUSED(e.nc = none);
    REFUSED(e.cnonce = none);
    REFUSED(e.algorithm = SIPV_ALGORITHM_OTHER);
    REFUSED(e.qop = SIPV_QOP_OTHER);
    REFUSED(e.ha1 = S("0011"));
    REFUSED(e.ha1 = S("0123456789ABCDEF0123456789abcdef"));
    REFUSED(e.body_hash = S("00"));
    REFUSED((e.qop = SIPV_QOP_NONE, e.algorithm = SIPV_MD5_SESS, e.cnonce = none));
#undef REFUSED
    d.username = d.realm = none; /* empty */
    cr_expect_eq(sipv_digest_response(h, &d, NULL, &out), SIPV_OK);
    cr_expect_eq(sipv_digest_response(NULL, &d, NULL, &out), SIPV_BAD_ARGUMENT);
}

/* An HA1 is 32 or 64 of the digits 0-9, a-f: every octet, at every place. */
Test(response, digits_of_an_ha1)
{
    for (int sha = 0; sha < 2; sha++) {
        char ha1[SIPV_DIGITS_MAX];
        const unsigned n = sha ? 64 : 32;
        memset(ha1, 'e', sizeof ha1);
        for (unsigned at = 0; at < n; at++) {
            for (int c = 0; c < 256; c++) {
                sipv_digest d = sample(sha ? SIPV_SHA_256 : SIPV_MD5, SIPV_QOP_AUTH);
                sipv_digits out;
                const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                ha1[at] = (char)c;
                d.ha1 = sipv_slice_of(ha1, n);
                cr_assert_eq(sipv_digest_response(h, &d, NULL, &out),
                             digit ? SIPV_OK : SIPV_BAD_ARGUMENT, "%u, %d", at, c);
            }
            ha1[at] = 'e';
        }
    }
}

Test(response, counts_are_eight_digits)
{
    static const uint32_t counts[] = {0, 1, 10, 0xff, 0x7fffffff, 0x80000000u, UINT32_MAX};
    char nc[SIPV_NC_DIGITS + 1] = "";
    uint32_t back = 0;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        sipv_nc_write(counts[i], nc);
        cr_expect_eq(sipv_nc_read(sipv_slice_text(nc), &back), SIPV_OK);
        cr_expect_eq(back, counts[i], "%s", nc);
    }
    sipv_nc_write(0x1b, nc);
    cr_expect_str_eq(nc, "0000001b");
    static const char *const wrong[] = {"", "1", "0000000", "000000001", "0000000g", "0000000A"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        cr_expect_eq(sipv_nc_read(sipv_slice_text(wrong[i]), &back), SIPV_REJECT, "%s", wrong[i]);
}

/* RFC 4231, test cases 2 and 4, with keys of at most 32 octets. */
Test(response, hmac)
{
    static const struct {
        unsigned char key[SIPV_HMAC_KEY];
        size_t n;
        const char *data, *want;
    } rows[] = {
        {"Jefe", 28, "what do ya want for nothing?",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {{1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13,
          14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25},
         50,
         "\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd"
         "\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd"
         "\xcd\xcd\xcd\xcd\xcd\xcd",
         "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        unsigned char mac[SIPV_HMAC_SIZE];
        char digits[2 * SIPV_HMAC_SIZE + 1] = "";
        const sipv_slice first = sipv_slice_of(rows[i].data, 5);
        const sipv_slice second = sipv_slice_of(rows[i].data + 5, rows[i].n - 5);
        cr_assert_eq(sipv_hmac(h, rows[i].key, first, second, mac), SIPV_OK);
        sipv_hex_write(mac, sizeof mac, digits);
        cr_expect_str_eq(digits, rows[i].want);
    }
}
