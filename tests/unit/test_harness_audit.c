/* What servers let pass: our own registrar nothing, and servers made for it one thing each. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <audit.h>

#include "cable.h"
#include "desk.h"
#include "weak.h"

enum { STEPS = 20000 };

#define BOTH (SIPV_BIT(SIPV_QOP_AUTH) | SIPV_BIT(SIPV_QOP_AUTH_INT))

static struct simulator *sim;
static struct cable cable;
static struct audit audit;
static struct desk desk;
static struct weak weak;
static struct cable weaks;
static unsigned ended;
static const char *password;

static bool secret(void *with, sipv_digest *d)
{
    (void)with;
    d->password = sipv_slice_text(password);
    return true;
}

static void done(void *with, uint64_t now)
{
    (void)with, (void)now;
    ended++;
}

static struct audit_settings usual(enum hop_transport transport)
{
    struct audit_settings settings = {.method = "REGISTER",
                                      .uri = "sip:a.example",
                                      .aor = "sip:alice@a.example",
                                      .username = "alice",
                                      .secret = secret,
                                      .done = done};
    cr_assert_eq(hop_of_host(transport, sipv_slice_text("a.example"), 5060, &settings.target),
                 SIPV_OK);
    return settings;
}

static void open_audit(const struct simulator_settings *network, enum hop_transport transport)
{
    const struct simulator_settings plain = simulator_settings_default();
    const struct audit_settings settings = usual(transport);
    sim = simulator_new(network ? network : &plain);
    cr_assert(sim);
    ended = 0;
    password = "wonder";
    cable_open(&cable, sim, "tester.example");
    cr_assert_eq(audit_open(&audit, &settings, &cable.network), SIPV_OK);
    cable.element = audit_element(&audit);
}

static void run(void)
{
    cr_assert_eq(audit_begin(&audit, 0), SIPV_OK);
    for (size_t i = 0; i < STEPS && simulator_step(sim); i++)
        ;
    cr_expect_eq(ended, 1);
}

static void close_audit(void)
{
    audit_close(&audit);
    simulator_free(sim);
}

/* "no-credentials=refused replayed-nc=accepted " */
static const char *verdicts(void)
{
    static const char *const words[] = {"open", "refused", "accepted", "skipped", "silent"};
    static char out[1024];
    out[0] = 0;
    for (unsigned i = 0; i < AUDIT_CHECKS; i++) {
        const struct audit_check *check = audit_check(&audit, i);
        const size_t n = strlen(out);
        snprintf(out + n, sizeof out - n, "%s=%s ", check->name, words[check->verdict]);
    }
    return out;
}

/* ---- Servers that are right -------------------------------------------------------------------
 */

static int lookup(void *with, const sipv_claim *claim, sipv_secret *known)
{
    (void)with, (void)claim;
    known->password = sipv_slice_text("wonder");
    return SIPV_OK;
}

static const struct {
    unsigned algorithms, qops;
    const char *skipped[5];
} forms[] = {
    {0, 0, {"auth-for-auth-int", "altered-body", "md5-for-sha"}},
    {SIPV_BIT(SIPV_MD5),
     SIPV_BIT(SIPV_QOP_AUTH),
     {"auth-for-auth-int", "altered-body", "md5-for-sha"}},
    {SIPV_BIT(SIPV_SHA_256), SIPV_BIT(SIPV_QOP_AUTH_INT), {NULL}},
    {SIPV_BIT(SIPV_SHA_512_256), BOTH, {"auth-for-auth-int"}},
    {SIPV_BIT(SIPV_SHA_256_SESS), BOTH, {"auth-for-auth-int"}},
    {SIPV_BIT(SIPV_SHA_256),
     SIPV_BIT(SIPV_QOP_NONE),
     {"replayed-nc", "lower-nc", "no-qop", "auth-for-auth-int", "altered-body"}},
};

static void audit_registrar(size_t form, enum hop_transport transport,
                            const struct simulator_settings *network)
{
    struct guard_settings asks = guard_settings_default();
    struct guard guard;
    asks.realm = "a.example";
    asks.lookup = lookup;
    asks.algorithms = forms[form].algorithms;
    asks.qops = forms[form].qops;
    open_audit(network, transport);
    cr_assert(desk_open(&desk, sim, "a.example", NULL));
    cr_assert_eq(guard_open(&guard, &asks), SIPV_OK);
    desk.guard = &guard;
    run();
    for (unsigned i = 0; i < AUDIT_CHECKS; i++) {
        const struct audit_check *check = audit_check(&audit, i);
        bool skipped = false;
        for (size_t k = 0; k < 5 && forms[form].skipped[k]; k++)
            skipped |= strcmp(forms[form].skipped[k], check->name) == 0;
        const enum audit_verdict wanted = i == AUDIT_RIGHT_CREDENTIALS ? AUDIT_ACCEPTED
                                          : skipped                    ? AUDIT_SKIPPED
                                                                       : AUDIT_REFUSED;
        cr_expect_eq(check->verdict, wanted, "form %zu: %s", form, verdicts());
        cr_expect_eq(check->why != NULL, skipped);
    }
    cr_expect_eq(audit_findings(&audit), 0);
    cr_expect_eq(registrar_count(&desk.r), 0, "nothing was bound");
    cr_expect(sipv_slice_is(audit_realm(&audit), "a.example"));
    desk_close(&desk);
    guard_close(&guard);
    close_audit();
}

Test(audit, our_registrar)
{
    for (size_t form = 0; form < sizeof forms / sizeof *forms; form++) {
        audit_registrar(form, HOP_UDP, NULL);
        audit_registrar(form, HOP_TCP, NULL);
    }
}

Test(audit, over_a_rough_network)
{
    for (unsigned seed = 0; seed < 50; seed++) {
        struct simulator_settings network = simulator_settings_default();
        network.seed = seed;
        network.loss = 200;
        network.duplication = 200;
        network.delay_max_ms = 300;
        audit_registrar(seed % 5, HOP_UDP, &network);
    }
}

/* ---- Servers that are not ---------------------------------------------------------------------
 */

static void open_server(void)
{
    cable_open(&weaks, sim, "a.example");
    cr_assert(weak_open(&weak, &weaks.network));
    weaks.element = weak_element(&weak);
}

static void open_weak(enum audit_number lets)
{
    open_audit(NULL, HOP_UDP);
    open_server();
    weak.lets = lets;
}

static void close_weak(void)
{
    weak_close(&weak);
    close_audit();
}

/* Each lets one thing pass, and that is what is found. */
Test(audit, one_by_one)
{
    for (unsigned lets = 0; lets <= AUDIT_CHECKS; lets++) {
        if (lets == AUDIT_RIGHT_CREDENTIALS)
            continue;
        open_weak(lets);
        weak.proxy = lets % 2;
        weak.qops = lets == AUDIT_AUTH_FOR_AUTH_INT ? SIPV_BIT(SIPV_QOP_AUTH_INT) : BOTH;
        weak.algorithms[0] = lets == AUDIT_MD5_FOR_SHA ? SIPV_SHA_256 : SIPV_MD5;
        run();
        cr_expect_eq(audit_findings(&audit), lets == AUDIT_CHECKS ? 0 : 1, "%u: %s", lets,
                     verdicts());
        if (lets < AUDIT_CHECKS)
            cr_expect_eq(audit_check(&audit, lets)->verdict, AUDIT_ACCEPTED, "%u: %s", lets,
                         verdicts());
        close_weak();
    }
}

/* A nonce for one request each: nothing to find, and the checks get along with it. */
Test(audit, nonces_used_once)
{
    open_weak(AUDIT_CHECKS);
    weak.once = true;
    run();
    cr_expect_eq(audit_findings(&audit), 0, "%s", verdicts());
    cr_expect_eq(audit_check(&audit, AUDIT_LOWER_NC)->verdict, AUDIT_REFUSED);
    close_weak();
}

Test(audit, offers)
{
    struct audit_offer offer;
    open_weak(AUDIT_CHECKS);
    weak.algorithms[0] = SIPV_SHA_256;
    weak.algorithms[1] = SIPV_MD5;
    weak.n_algorithms = 2;
    run();
    cr_expect_eq(audit_offer(&audit, 0, &offer), SIPV_OK);
    cr_expect(offer.algorithm == SIPV_SHA_256 && offer.qops == SIPV_BIT(SIPV_QOP_AUTH));
    cr_expect_eq(audit_offer(&audit, 1, &offer), SIPV_OK);
    cr_expect_eq(offer.algorithm, SIPV_MD5);
    cr_expect_eq(audit_offer(&audit, 2, &offer), SIPV_END);
    cr_expect_eq(audit_check(&audit, AUDIT_MD5_FOR_SHA)->verdict, AUDIT_SKIPPED);
    close_weak();
}

/* ---- Ends before the end ----------------------------------------------------------------------
 */

Test(audit, wrong_secret)
{
    open_weak(AUDIT_CHECKS);
    password = "rabbit";
    run();
    cr_expect_eq(audit_check(&audit, AUDIT_RIGHT_CREDENTIALS)->verdict, AUDIT_REFUSED);
    cr_expect_eq(audit_check(&audit, AUDIT_WRONG_PASSWORD)->verdict, AUDIT_OPEN);
    close_weak();
}

Test(audit, nobody_there)
{
    struct simulator_settings network = simulator_settings_default();
    network.loss = 1000;
    open_audit(&network, HOP_UDP);
    open_server();
    run();
    cr_expect_eq(audit_check(&audit, AUDIT_NO_CREDENTIALS)->verdict, AUDIT_SILENT);
    close_weak();
    open_audit(NULL, HOP_TCP);
    open_server();
    weaks.refuses_tcp = true;
    run();
    cr_expect_eq(audit_check(&audit, AUDIT_NO_CREDENTIALS)->verdict, AUDIT_SILENT);
    close_weak();
}

Test(audit, no_answer_to_misuse)
{
    open_weak(AUDIT_CHECKS);
    weak.silent = true;
    run();
    cr_expect_eq(audit_check(&audit, AUDIT_WRONG_PASSWORD)->verdict, AUDIT_SILENT);
    cr_expect_eq(audit_check(&audit, AUDIT_REPLAYED_NC)->verdict, AUDIT_OPEN);
    close_weak();
}

Test(audit, settings)
{
    static const char *const bad[] = {"INVITE", "ACK",    "BYE", "CANCEL",
                                      "PRACK",  "UPDATE", "",    NULL};
    struct audit_settings settings;
    const struct network network = {.with = NULL};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        settings = usual(HOP_UDP);
        settings.method = bad[i];
        cr_expect_eq(audit_open(&audit, &settings, &network), SIPV_BAD_ARGUMENT);
        cr_expect_eq(audit.core, NULL);
    }
    settings = usual(HOP_UDP);
    settings.uri = NULL;
    cr_expect_eq(audit_open(&audit, &settings, &network), SIPV_BAD_ARGUMENT);
    open_audit(NULL, HOP_TLS);
    cr_expect_eq(audit_begin(&audit, 0), SIPV_ABSENT);
    close_audit();
}
