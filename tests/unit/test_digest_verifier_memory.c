/* The verifier: memory, and configurations that it can be made with. */
#include <malloc.h>

#include "digest_answer.h"

TestSuite(verifier, .init = open, .fini = close);

/* ---- Memory -------------------------------------------------------------------------------------
 */

Test(verifier, size_is_as_stated)
{
    sipv_verifier_config c = config();
    for (size_t n = 1; n < 100000; n = n * 3 + 1) {
        c.nonces = n;
        cr_expect_leq(sipv_verifier_size(&c), 1024 + 66 * n, "%zu", n);
        void *memory = malloc(sipv_verifier_size(&c));
        cr_assert(memory);
        cr_expect_null(sipv_verifier_init(memory, sipv_verifier_size(&c) - 1, &c));
        cr_expect(sipv_verifier_init(memory, sipv_verifier_size(&c), &c));
        sipv_verifier_close(memory);
        for (size_t i = 0; i < sipv_verifier_size(&c); i++)
            cr_assert_eq(((unsigned char *)memory)[i], 0, "not wiped");
        free(memory);
    }
}

/* A million nonces that nobody made, and a hundred thousand that were answered: no memory, no way
 * round the window. */
Test(verifier, a_million_nonces)
{
    static struct answer a, first;
    sipv_verifier_config c = config();
    c.nonces = 64;
    sipv_verifier *v = make(&c);
    take(&first, v, 0, SIPV_QOP_AUTH);
    EXPECT(answer(&first, v, 1), SIPV_FINE);
    take(&a, v, 0, SIPV_QOP_AUTH);
    EXPECT(answer(&a, v, 1), SIPV_FINE);
    const size_t before = mallinfo2().uordblks;
    char nonce[SIPV_NONCE_DIGITS];
    for (int i = 0; i < 1000000; i++) {
        unsigned char octets[SIPV_NONCE_DIGITS];
        draw(&world, octets, sizeof octets);
        for (size_t k = 0; k < sizeof octets; k++)
            nonce[k] = "0123456789abcdef"[octets[k] & 15];
        a.c.nonce = sipv_slice_of(nonce, sizeof nonce);
        cr_assert_eq(verify(&a, v), SIPV_NONCE_FOREIGN);
    }
    unsigned taken = 0, forgotten = 0;
    for (int i = 0; i < 100000; i++) {
        world.now_ms += (unsigned)i % 2;
        take(&a, v, 1, SIPV_QOP_AUTH);
        const sipv_auth_reason r = answer(&a, v, 1);
        taken += r == SIPV_FINE;
        if (r == SIPV_FINE) {
            const sipv_auth_reason again = send_it(&a, v);
            cr_assert_eq(again, SIPV_NC_REPLAYED, "%s", sipv_auth_reason_name(again));
        } else {
            cr_assert_eq(r, SIPV_NONCE_USED);
        }
        if (i % 1000 == 999) { /* the first is gone by now, and is not believed to be new */
            const sipv_auth_reason old = send_it(&first, v);
            cr_assert_neq(old, SIPV_FINE);
            forgotten += old == SIPV_NONCE_USED;
        }
    }
    cr_expect_gt(taken, 50000);
    cr_expect_gt(forgotten, 90);
    cr_expect_eq(mallinfo2().uordblks, before, "memory has grown");
    end(v);
}

/* ---- Configurations -----------------------------------------------------------------------------
 */

static void refused(const sipv_verifier_config *c, const char *what)
{
    static unsigned char memory[1 << 17];
    cr_expect_null(sipv_verifier_init(memory, sizeof memory, c), "%s", what);
}

Test(verifier, wrong_configurations)
{
    static char many[300];
    sipv_verifier_config c;
    memset(many, 'r', sizeof many);
#define WRONG(change)                                                                              \
    do {                                                                                           \
        c = config();                                                                              \
        change;                                                                                    \
        refused(&c, #change);                                                                      \
    } while (0)
    WRONG(c.realm = S(""));
    WRONG(c.realm = S("a\r\nb"));
    WRONG(c.realm = sipv_slice_of(many, sizeof many));
    WRONG(c.realm = sipv_slice_of("a\0b", 3));
    WRONG(c.lookup = NULL);
    WRONG(c.clock = NULL);
    WRONG(c.late = 64);
    WRONG(c.algorithms = SIPV_BIT(SIPV_ALGORITHM_COUNT));
    WRONG(c.qops = SIPV_BIT(SIPV_QOP_OTHER));
    WRONG(c.qops = SIPV_BIT(SIPV_QOP_NONE) | SIPV_BIT(SIPV_QOP_AUTH));
#undef WRONG
    cr_expect_null(sipv_verifier_init(NULL, 1000000, &c));
}

Test(verifier, a_realm_with_quotes)
{
    static struct answer a;
    sipv_verifier_config c = config();
    c.realm = S("the \"elm\" \\ realm");
    sipv_verifier *v = make(&c);
    take(&a, v, 0, SIPV_QOP_AUTH);
    EXPECT(answer(&a, v, 1), SIPV_FINE);
    end(v);
}
