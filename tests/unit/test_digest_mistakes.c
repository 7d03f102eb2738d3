/* Every mistake of the catalogue is found: made here by hand, text by text, with a hash function
 * and nothing else of the library.  tests/digests.sh does the same with whole messages. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <sipvet/auth.h>

#include "../../auth/src/internal.h"

static sipv_hasher *h;
static sipv_suspects s;
static bool found[64];

#define S(text) sipv_slice_text(text)

/* The hash of a text, as digits that live until the end. */
static const char *hash(const char *text)
{
    sipv_digits *d = malloc(sizeof *d);
    const sipv_slice one = S(text);
    cr_assert(d);
    cr_assert_eq(sipv_hash_join(h, s.right.algorithm, &one, 1, d), SIPV_OK);
    return d->text;
}

static const char *join(const char *const *parts, size_t n)
{
    char *out = calloc(1, 2048);
    cr_assert(out);
    for (size_t i = 0; i < n; i++) {
        strcat(out, i ? ":" : "");
        strcat(out, parts[i]);
    }
    return out;
}
#define J(...)                                                                                     \
    join((const char *const[]){__VA_ARGS__},                                                       \
         sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static void expect(const char *name, const char *detail, const char *received)
{
    sipv_mistake m;
    size_t tried = 0;
    const int result = sipv_mistake_find(h, &s, S(received), &m, &tried);
    cr_expect_eq(result, SIPV_OK, "%s is not found, %zu tried", name, tried);
    if (result != SIPV_OK)
        return;
    cr_expect_str_eq(m.name, name);
    cr_expect_gt(strlen(m.text), 10);
    if (detail)
        cr_expect_str_eq(m.detail ? m.detail : "none", detail, "%s", name);
    for (size_t i = 0; i < sipv_mistake_count(); i++)
        if (strcmp(sipv_mistake_name(i), m.name) == 0)
            found[i] = true;
}

static void prepare(sipv_qop qop)
{
    static const sipv_auth_candidate realms[] = {{"challenge", {(const unsigned char *)"r2", 2}}};
    static const sipv_auth_candidate nonces[] = {{"challenge", {(const unsigned char *)"n2", 2}}};
    static const sipv_auth_candidate methods[] = {{"ACK", {(const unsigned char *)"ACK", 3}},
                                                  {"INVITE", {(const unsigned char *)"INVITE", 6}}};
    static const sipv_auth_candidate uris[] = {{"Request-URI", {(const unsigned char *)"sip:a", 5}},
                                               {"URI of To", {(const unsigned char *)"sip:b", 5}}};
    memset(&s, 0, sizeof s);
    s.right.algorithm = SIPV_MD5;
    s.right.qop = qop;
    s.right.username = S("ida");
    s.right.realm = S("r");
    s.right.password = S("p");
    s.right.method = S("BYE");
    s.right.uri = S("sip:x");
    s.right.nonce = S("n");
    s.right.nc = S("0000000c");
    s.right.cnonce = S("c");
    s.right.body = S("a\r\nb\r\n");
    s.domain = S("d.example");
    s.body_behind = S("zz");
    s.qop_options = S("auth,auth-int");
    s.username_written = S("\"ida\"");
    s.realm_written = S("\"r\"");
    s.nonce_written = S("\"n\"");
    s.realms = realms;
    s.nonces = nonces;
    s.methods = methods;
    s.uris = uris;
    s.n_realms = s.n_nonces = 1;
    s.n_methods = s.n_uris = 2;
}

static const char *upper(const char *text)
{
    char *out = calloc(1, strlen(text) + 1);
    cr_assert(out);
    for (size_t i = 0; text[i]; i++)
        out[i] = (char)(text[i] >= 'a' && text[i] <= 'f' ? text[i] - 'a' + 'A' : text[i]);
    return out;
}

static void of_auth(void)
{
    prepare(SIPV_QOP_AUTH);
    const char *ha1 = hash("ida:r:p"), *ha2 = hash("BYE:sip:x");
#define FINAL(a1, a2) hash(J(a1, "n", "0000000c", "c", "auth", a2))
    expect("qop-list", NULL, hash(J(ha1, "n", "0000000c", "c", "auth,auth-int", ha2)));
    expect("qop-dropped", NULL, hash(J(ha1, "n", ha2)));
    expect("auth-int-for-auth", NULL, FINAL(ha1, hash(J("BYE:sip:x", hash("a\r\nb\r\n")))));
    expect(
        "auth-int-for-auth", NULL,
        hash(J(ha1, "n", "0000000c", "c", "auth-int", hash(J("BYE:sip:x", hash("a\r\nb\r\n"))))));
    expect("nc-unpadded", NULL, hash(J(ha1, "n", "c", "c", "auth", ha2)));
    expect("nc-case", NULL, hash(J(ha1, "n", "0000000C", "c", "auth", ha2)));
    expect("nc-missing", NULL, hash(J(ha1, "n", "c", "auth", ha2)));
    expect("nc-missing", NULL, hash(J(ha1, "n", "", "c", "auth", ha2)));
    expect("cnonce-missing", NULL, hash(J(ha1, "n", "0000000c", "auth", ha2)));
    expect("cnonce-missing", NULL, hash(J(ha1, "n", "0000000c", "", "auth", ha2)));
    expect("realm-other", "challenge", FINAL(hash("ida:r2:p"), ha2));
    expect("nonce-other", "challenge", hash(J(ha1, "n2", "0000000c", "c", "auth", ha2)));
    expect("realm-quoted", NULL, FINAL(hash("ida:\"r\":p"), ha2));
    expect("nonce-quoted", NULL, hash(J(ha1, "\"n\"", "0000000c", "c", "auth", ha2)));
    expect("username-quoted", NULL, FINAL(hash("\"ida\":r:p"), ha2));
    expect("username-with-domain", NULL, FINAL(hash("ida@d.example:r:p"), ha2));
    expect("ha1b", NULL, FINAL(hash("ida@r:r:p"), ha2));
    expect("method-other", "INVITE", FINAL(ha1, hash("INVITE:sip:x")));
    expect("uri-other", "URI of To", FINAL(ha1, hash("BYE:sip:b")));
    expect("response-upper", NULL, upper(FINAL(ha1, ha2)));
    expect("hashes-upper", NULL, FINAL(upper(ha1), upper(ha2)));
    s.right.username = S("i\"a");
    s.username_written = S("\"i\\\"a\"");
    expect("backslash-kept", "username", FINAL(hash("i\\\"a:r:p"), ha2));
    s.right.username = S("sip:ida@r");
    expect("username-without-domain", NULL, FINAL(hash("ida:r:p"), ha2));
    s.right.username = S("ida@r");
    expect("username-without-domain", NULL, FINAL(hash("ida:r:p"), ha2));
    prepare(SIPV_QOP_AUTH);
    s.qop_options = sipv_slice_of(NULL, 0); /* without the challenge: usual lists */
    expect("qop-list", NULL, hash(J(ha1, "n", "0000000c", "c", "auth, auth-int", ha2)));
    s.right.nc = S("c");
    expect("nc-unpadded", NULL, FINAL(ha1, ha2));
    prepare(SIPV_QOP_AUTH);
    s.rspauth = true;
    expect("method-in-rspauth", NULL, FINAL(ha1, ha2));
}

static void of_auth_int(void)
{
    prepare(SIPV_QOP_AUTH_INT);
    const char *ha1 = hash("ida:r:p");
#define WITH(body) hash(J(ha1, "n", "0000000c", "c", "auth-int", hash(J("BYE:sip:x", hash(body)))))
    expect("auth-for-auth-int", NULL,
           hash(J(ha1, "n", "0000000c", "c", "auth-int", hash("BYE:sip:x"))));
    expect("auth-for-auth-int", NULL,
           hash(J(ha1, "n", "0000000c", "c", "auth", hash("BYE:sip:x"))));
    expect("body-lf", NULL, WITH("a\nb\n"));
    expect("body-empty", NULL, WITH(""));
    expect("body-trailing", "octets behind the body", WITH("a\r\nb\r\nzz"));
    expect("body-trailing", "one more CRLF", WITH("a\r\nb\r\n\r\n"));
    expect("body-without-end", NULL, WITH("a\r\nb"));
}

static void of_sessions(void)
{
    unsigned char raw[16], text[16 + 4];
    sipv_digits first;
    prepare(SIPV_QOP_AUTH);
    const sipv_slice whole = sipv_slice_of(text, sizeof text);
    const char *ha1 = hash("ida:r:p"), *ha2 = hash("BYE:sip:x");
    s.right.algorithm = SIPV_MD5_SESS;
    cr_assert(sipv_hex_read(S(ha1), raw));
    memcpy(text, raw, sizeof raw);
    memcpy(text + sizeof raw, ":n:c", 4);
    cr_assert_eq(sipv_hash_join(h, SIPV_MD5, &whole, 1, &first), SIPV_OK);
    expect("session-raw", NULL, FINAL(first.text, ha2));
    expect("algorithm-other", "MD5", FINAL(ha1, ha2));
    expect("cnonce-missing", NULL, FINAL(hash(J(ha1, "n", "")), ha2));
    s.right.algorithm = SIPV_MD5;
    expect("algorithm-other", "MD5-sess", FINAL(hash(J(ha1, "n", "c")), ha2));
    s.right.algorithm = SIPV_SHA_256;
    const char *received = FINAL(hash("ida:r:p"), hash("BYE:sip:x"));
    s.right.algorithm = SIPV_SHA_512_256;
    expect("algorithm-other", "SHA-256", received);
    s.right.algorithm = SIPV_MD5;
    expect("algorithm-other", "SHA-256", received);
}

Test(mistakes, each_is_found)
{
    h = sipv_hasher_new();
    cr_assert(h);
    of_auth();
    of_auth_int();
    of_sessions();
    for (size_t i = 0; i < sipv_mistake_count(); i++)
        cr_expect(found[i], "no test for %s", sipv_mistake_name(i));
    cr_expect_null(sipv_mistake_name(sipv_mistake_count()));
    cr_expect_null(sipv_mistake_text(sipv_mistake_count()));
    sipv_hasher_free(h);
}

/* The right response is no mistake, a wrong password none that is known; with HA1 alone nothing
 * that needs the password is tried. */
Test(mistakes, none_is_found)
{
    sipv_mistake m;
    sipv_digits right, ha1;
    h = sipv_hasher_new();
    cr_assert(h);
    prepare(SIPV_QOP_AUTH_INT);
    cr_assert_eq(sipv_digest_response(h, &s.right, NULL, &right), SIPV_OK);
    cr_expect_eq(sipv_mistake_find(h, &s, sipv_digits_slice(&right), &m, NULL), SIPV_ABSENT);
    right.text[0] = right.text[0] == '0' ? '1' : '0';
    size_t tried = 0;
    cr_expect_eq(sipv_mistake_find(h, &s, sipv_digits_slice(&right), &m, &tried), SIPV_ABSENT);
    cr_expect_gt(tried, 20);
    cr_assert_eq(sipv_digest_ha1(h, SIPV_MD5, S("ida"), S("r"), S("p"), &ha1), SIPV_OK);
    const char *realm_quoted = hash(J(hash("ida:\"r\":p"), "n", "0000000c", "c", "auth-int",
                                      hash(J("BYE:sip:x", hash("a\r\nb\r\n")))));
    s.right.ha1 = sipv_digits_slice(&ha1);
    s.right.password = sipv_slice_of(NULL, 0);
    cr_expect_eq(sipv_mistake_find(h, &s, S(realm_quoted), &m, NULL), SIPV_ABSENT);
    expect("body-empty", NULL,
           hash(J(ha1.text, "n", "0000000c", "c", "auth-int", hash(J("BYE:sip:x", hash(""))))));
    s.right.nonce = sipv_slice_of(NULL, 0);
    cr_expect_eq(sipv_mistake_find(h, &s, S("00"), &m, NULL), SIPV_BAD_ARGUMENT);
    sipv_hasher_free(h);
}
