/* The verifier: what it takes, and the reason for each thing that it does not (RFC 7616 3.3 to
 * 3.7, 5.5). */
#include "digest_answer.h"

TestSuite(verifier, .init = open, .fini = close);

/* ---- What is taken ------------------------------------------------------------------------------
 */

Test(verifier, every_algorithm_qop_and_secret)
{
    static const char *const names[] = {"ida", "hal"};
    static struct answer a;
    for (int qop = SIPV_QOP_NONE; qop <= SIPV_QOP_AUTH_INT; qop++) {
        sipv_verifier_config c = config();
        c.algorithms = SIPV_ALGORITHMS_ALL;
        c.qops = SIPV_BIT(qop);
        c.userhash = true;
        sipv_verifier *v = make(&c);
        for (unsigned i = 0; i < SIPV_ALGORITHM_COUNT; i++)
            for (int name = 0; name < 2; name++)
                for (int hashed = 0; hashed < 2; hashed++) {
                    take(&a, v, i, (sipv_qop)qop);
                    cr_expect_eq(a.ch.algorithm, SIPV_ALGORITHM_COUNT - 1 - i, "strongest first");
                    cr_expect_eq(a.ch.qops, SIPV_BIT(qop));
                    a.username = names[name];
                    a.userhash = hashed;
                    EXPECT(answer(&a, v, 1), SIPV_FINE);
                    EXPECT(send_it(&a, v),
                           qop == SIPV_QOP_NONE ? SIPV_NONCE_USED : SIPV_NC_REPLAYED);
                }
        size_t n;
        cr_expect_eq(sipv_verifier_challenge(v, h, SIPV_ALGORITHM_COUNT, false, NULL, 0, &n),
                     SIPV_END);
        end(v);
    }
}

Test(verifier, counts_go_up)
{
    static struct answer a;
    const sipv_verifier_config c = config();
    sipv_verifier *v = make(&c);
    take(&a, v, 0, SIPV_QOP_AUTH);
    EXPECT(answer(&a, v, 1), SIPV_FINE);
    EXPECT(answer(&a, v, 2), SIPV_FINE);
    EXPECT(answer(&a, v, 2), SIPV_NC_REPLAYED);
    EXPECT(answer(&a, v, 1), SIPV_NC_REPLAYED);
    EXPECT(answer(&a, v, 9), SIPV_FINE);
    EXPECT(answer(&a, v, 5), SIPV_NC_LOW);
    EXPECT(answer(&a, v, 9), SIPV_NC_REPLAYED);
    EXPECT(answer(&a, v, UINT32_MAX), SIPV_FINE);
    EXPECT(answer(&a, v, 1), SIPV_NC_LOW);
    end(v);
}

Test(verifier, late_counts_once)
{
    static struct answer a;
    sipv_verifier_config c = config();
    c.late = 4;
    sipv_verifier *v = make(&c);
    take(&a, v, 0, SIPV_QOP_AUTH);
    EXPECT(answer(&a, v, 10), SIPV_FINE);
    EXPECT(answer(&a, v, 6), SIPV_FINE);
    EXPECT(answer(&a, v, 6), SIPV_NC_REPLAYED);
    EXPECT(answer(&a, v, 5), SIPV_NC_LOW);
    EXPECT(answer(&a, v, 9), SIPV_FINE);
    EXPECT(answer(&a, v, 12), SIPV_FINE);
    EXPECT(answer(&a, v, 9), SIPV_NC_REPLAYED);
    EXPECT(answer(&a, v, 8), SIPV_FINE);
    EXPECT(answer(&a, v, 200), SIPV_FINE);
    EXPECT(answer(&a, v, 12), SIPV_NC_LOW);
    EXPECT(answer(&a, v, 199), SIPV_FINE);
    end(v);
}

/* ---- What is refused ----------------------------------------------------------------------------
 */

static bool any_uri(void *with, sipv_slice uri, sipv_slice request_uri)
{
    (void)with;
    return uri.n && request_uri.n;
}

Test(verifier, each_reason)
{
    static struct answer a, other;
    sipv_verifier_config c = config(), far = config(), key = config(), open_uri = config();
    far.realm = S("oak.example");
    key.key[31] ^= 1;
    open_uri.same_uri = any_uri;
    sipv_verifier *v = make(&c), *v_far = make(&far), *v_key = make(&key), *v_uri = make(&open_uri);

    take(&a, v, 0, SIPV_QOP_AUTH);
    a.d.realm = S("oak.example");
    EXPECT(answer(&a, v, 1), SIPV_REALM_OTHER);
    take(&other, v_far, 0, SIPV_QOP_AUTH);
    EXPECT(answer(&other, v, 1), SIPV_REALM_OTHER);
    take(&a, v, 0, SIPV_QOP_AUTH);
    a.d.nonce = other.ch.nonce; /* of another realm */
    EXPECT(answer(&a, v, 1), SIPV_NONCE_FOREIGN);
    take(&other, v_key, 0, SIPV_QOP_AUTH);
    EXPECT(answer(&other, v, 1), SIPV_NONCE_FOREIGN);
    take(&a, v, 0, SIPV_QOP_AUTH);
    a.d.nonce = S("84a4cc6f");
    EXPECT(answer(&a, v, 1), SIPV_NONCE_FOREIGN);

    /* SHA-256 was offered first, MD5 second, each with its own nonce. */
    take(&a, v, 0, SIPV_QOP_AUTH);
    cr_expect_eq(a.ch.algorithm, SIPV_SHA_256);
    a.d.algorithm = SIPV_MD5;
    EXPECT(answer(&a, v, 1), SIPV_ALGORITHM_OTHER_THAN_OFFERED);
    a.d.algorithm = SIPV_SHA_256_SESS;
    EXPECT(answer(&a, v, 1), SIPV_ALGORITHM_OTHER_THAN_OFFERED);
    take(&a, v, 0, SIPV_QOP_NONE);
    EXPECT(answer(&a, v, 1), SIPV_QOP_MISSING);
    take(&a, v, 0, SIPV_QOP_AUTH_INT);
    EXPECT(answer(&a, v, 1), SIPV_QOP_OTHER_THAN_OFFERED);
    take(&a, v, 0, SIPV_QOP_AUTH);
    a.userhash = true;
    EXPECT(answer(&a, v, 1), SIPV_USERHASH_NOT_OFFERED);

    take(&a, v, 0, SIPV_QOP_AUTH);
    a.request_uri = "sip:ELM.example";
    EXPECT(answer(&a, v, 1), SIPV_URI_OTHER);
    take(&a, v_uri, 0, SIPV_QOP_AUTH);
    a.request_uri = "sip:ELM.example";
    EXPECT(answer(&a, v_uri, 1), SIPV_FINE);

    take(&a, v, 0, SIPV_QOP_AUTH);
    a.username = "eve";
    EXPECT(answer(&a, v, 1), SIPV_USER_UNKNOWN);
    a.username = "ida";
    a.d.password = S("");
    EXPECT(answer(&a, v, 1), SIPV_RESPONSE_WRONG);
    a.d.password = S("swordfish");
    a.d.method = S("INVITE");
    EXPECT(answer(&a, v, 1), SIPV_RESPONSE_WRONG);
    a.d.method = S("REGISTER");
    compute(&a, 1);
    a.response.n -= 1;
    EXPECT(send_it(&a, v), SIPV_RESPONSE_LENGTH);
    compute(&a, 1);
    a.response.text[3] = 'A';
    EXPECT(send_it(&a, v), SIPV_FORM);
    compute(&a, 1);
    a.d.nc = S("1");
    EXPECT(send_it(&a, v), SIPV_FORM);
    EXPECT(answer(&a, v, 1), SIPV_FINE);
    end(v);
    end(v_far);
    end(v_key);
    end(v_uri);
}

Test(verifier, an_old_nonce_is_stale_for_a_right_response_only)
{
    static struct answer a;
    sipv_verifier_config c = config();
    c.nonce_ms = 5000;
    sipv_verifier *v = make(&c);
    take(&a, v, 0, SIPV_QOP_AUTH);
    EXPECT(answer(&a, v, 1), SIPV_FINE);
    world.now_ms += 5000;
    EXPECT(answer(&a, v, 2), SIPV_FINE);
    world.now_ms += 1;
    a.d.password = S("wrong");
    EXPECT(answer(&a, v, 3), SIPV_RESPONSE_WRONG);
    a.d.password = S("swordfish");
    EXPECT(answer(&a, v, 3), SIPV_NONCE_EXPIRED);
    for (int r = 0; r < SIPV_AUTH_REASON_COUNT; r++)
        cr_expect_eq(sipv_auth_reason_is_stale((sipv_auth_reason)r),
                     r == SIPV_NONCE_EXPIRED || r == SIPV_NONCE_USED);
    world.now_ms = 1000000 - 5000; /* a clock set back: made in the future */
    EXPECT(answer(&a, v, 3), SIPV_FINE);
    world.now_ms -= 1;
    EXPECT(answer(&a, v, 4), SIPV_NONCE_EXPIRED);
    end(v);
}

/* A clock may begin with 0. */
Test(verifier, the_first_moment)
{
    static struct answer a;
    const sipv_verifier_config c = config();
    world.now_ms = 0;
    sipv_verifier *v = make(&c);
    take(&a, v, 0, SIPV_QOP_AUTH);
    EXPECT(answer(&a, v, 1), SIPV_FINE);
    EXPECT(answer(&a, v, 1), SIPV_NC_REPLAYED);
    end(v);
}

Test(verifier, failures_move_nothing)
{
    static struct answer a;
    const sipv_verifier_config c = config();
    sipv_verifier *v = make(&c);
    const size_t size = sipv_verifier_size(&c);
    unsigned char *before = malloc(size);
    cr_assert(before);
    take(&a, v, 0, SIPV_QOP_AUTH);
    memcpy(before, v, size);
    a.d.password = S("wrong");
    EXPECT(answer(&a, v, 7), SIPV_RESPONSE_WRONG);
    a.d.password = S("swordfish");
    a.username = "eve";
    EXPECT(answer(&a, v, 7), SIPV_USER_UNKNOWN);
    a.username = "ida";
    a.request_uri = "sip:x";
    EXPECT(answer(&a, v, 7), SIPV_URI_OTHER);
    a.request_uri = "sip:elm.example";
    cr_expect_eq(memcmp(before, v, size), 0, "something was written");
    EXPECT(answer(&a, v, 3), SIPV_FINE);
    memcpy(before, v, size);
    EXPECT(answer(&a, v, 3), SIPV_NC_REPLAYED);
    EXPECT(answer(&a, v, 2), SIPV_NC_LOW);
    cr_expect_eq(memcmp(before, v, size), 0, "something was written");
    EXPECT(answer(&a, v, 4), SIPV_FINE);
    free(before);
    end(v);
}

/* One bit of any part of the credentials: never taken. */
Test(verifier, any_bit_of_the_credentials_counts)
{
    static struct answer a;
    sipv_verifier_config c = config();
    c.qops = SIPV_BIT(SIPV_QOP_AUTH) | SIPV_BIT(SIPV_QOP_AUTH_INT);
    sipv_verifier *v = make(&c);
    take(&a, v, 0, SIPV_QOP_AUTH_INT);
    compute(&a, 5);
    put(&a);
    sipv_slice *const parts[] = {&a.c.username, &a.c.realm,  &a.c.nonce, &a.c.uri,
                                 &a.c.response, &a.c.cnonce, &a.c.nc};
    unsigned tried = 0;
    for (size_t p = 0; p < sizeof parts / sizeof *parts; p++) {
        const sipv_slice right = *parts[p];
        unsigned char copy[128];
        cr_assert_leq(right.n, sizeof copy);
        memcpy(copy, right.p, right.n);
        *parts[p] = sipv_slice_of(copy, right.n);
        for (size_t bit = 0; bit < 8 * right.n; bit++, tried++) {
            copy[bit / 8] ^= (unsigned char)(1u << bit % 8);
            const sipv_auth_reason r = verify(&a, v);
            cr_expect_neq(r, SIPV_FINE, "part %zu, bit %zu", p, bit);
            const bool told = p == 0   ? r == SIPV_USER_UNKNOWN || r == SIPV_RESPONSE_WRONG
                              : p == 1 ? r == SIPV_REALM_OTHER
                              : p == 2 ? r == SIPV_NONCE_FOREIGN
                              : p == 3 ? r == SIPV_URI_OTHER
                                       : r == SIPV_RESPONSE_WRONG;
            cr_expect(told, "part %zu, bit %zu: %s", p, bit, sipv_auth_reason_name(r));
            copy[bit / 8] ^= (unsigned char)(1u << bit % 8);
        }
        *parts[p] = right;
    }
    cr_expect_gt(tried, 1000);
    EXPECT(verify(&a, v), SIPV_FINE);
    end(v);
}
