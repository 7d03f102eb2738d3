/* Full tables, and that nothing stays behind. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"

static const char *branch(unsigned i)
{
    static char text[32];
    snprintf(text, sizeof text, "z9hG4bK%u", i);
    return text;
}

static void expect_empty(struct bench *b)
{
    cr_expect_eq(transactions_count(&b->t), 0);
    cr_expect_eq(transactions_octets(&b->t), 0);
    cr_expect_eq(transactions_wake(&b->t), UINT64_MAX);
}

/* Who is in the table is served on; who is not gets 503, with one tag however often it asks. */
Test(limits, entries)
{
    struct transactions_settings settings = transactions_settings_default();
    struct bench b;
    char first[BENCH_TEXT];
    settings.limits.transactions = 3;
    cr_assert(bench_open(&b, &settings));
    for (unsigned i = 0; i < 3; i++)
        cr_expect_str_eq(bench_receive(&b, bench_request(&b, "OPTIONS", branch(i), NULL)), "U");
    cr_expect_str_eq(bench_receive(&b, bench_request(&b, "OPTIONS", branch(3), NULL)), "S");
    cr_expect_eq(b.result, SIPV_LIMIT);
    cr_expect_eq(b.t.actions[0].id, 0);
    cr_expect(strstr(b.sent, "SIP/2.0 503 Service Unavailable\r\n"));
    cr_expect(strstr(b.sent, "To: Bob <sip:bob@b.example>;tag="));
    strcpy(first, b.sent);
    cr_expect(bench_parse(&b, first)->accepted);
    cr_expect_str_eq(bench_receive(&b, bench_request(&b, "OPTIONS", branch(3), NULL)), "S");
    cr_expect_str_eq(b.sent, first);
    cr_expect_str_eq(bench_receive(&b, bench_request(&b, "ACK", branch(4), "bob")), "U",
                     "an ACK has no answer");
    bench_start(&b, bench_request(&b, "OPTIONS", branch(5), NULL));
    cr_expect_eq(b.result, SIPV_LIMIT);

    bench_receive(&b, bench_request(&b, "OPTIONS", branch(1), NULL));
    const transaction_id id = b.id;
    cr_expect_eq(transactions_count(&b.t), 3);
    cr_expect_eq(transactions_abandon(&b.t, id), SIPV_OK);
    cr_expect_eq(transactions_abandon(&b.t, id), SIPV_ABSENT);
    cr_expect_str_eq(bench_receive(&b, bench_request(&b, "OPTIONS", branch(3), NULL)), "U");
    bench_close(&b);
}

/* Room for octets runs out at every step of an INVITE's life: nothing is half done. */
Test(limits, octets)
{
    size_t answered = 0, refused = 0;
    for (size_t octets = 1; octets < 1600; octets++) {
        struct transactions_settings settings = transactions_settings_default();
        struct bench b;
        settings.limits.octets = octets;
        cr_assert(bench_open(&b, &settings));
        bench_receive(&b, bench_request(&b, "INVITE", branch(1), NULL));
        const transaction_id id = b.id;
        if (b.result == SIPV_OK) {
            bench_respond(&b, id, bench_response(&b, 486, "INVITE", branch(1), "bob"));
            answered += b.result == SIPV_OK;
            if (b.result != SIPV_OK)
                cr_expect_eq(transactions_state(&b.t, id), STATE_PROCEEDING);
            transactions_abandon(&b.t, id);
        } else {
            cr_expect_eq(b.result, SIPV_LIMIT);
            refused++;
        }
        transactions_advance(&b.t, b.now);
        expect_empty(&b);

        bench_start(&b, bench_request(&b, "INVITE", branch(1), NULL));
        if (b.result == SIPV_OK)
            bench_receive(&b, bench_response(&b, 486, "INVITE", branch(1), "bob"));
        b.now += 40000;
        bench_rest(&b);
        expect_empty(&b);
        cr_expect(transactions_octets(&b.t) <= octets);
        bench_close(&b);
    }
    cr_expect_gt(answered, 0);
    cr_expect_gt(refused, 0);
}

/* Many at once: each is found, each timer fires, none is left. */
Test(limits, many)
{
    enum { MANY = 3000 };
    struct bench b;
    size_t fired = 0, ended = 0;
    uint64_t last = 0;
    cr_assert(bench_open(&b, NULL));
    for (unsigned i = 0; i < MANY; i++) {
        b.now += i % 7;
        cr_assert_str_eq(bench_start(&b, bench_request(&b, "OPTIONS", branch(i), NULL)), "S");
    }
    for (unsigned i = 0; i < MANY; i += 2)
        cr_assert_str_eq(bench_receive(&b, bench_response(&b, 200, "OPTIONS", branch(i), "bob")),
                         "U");
    cr_expect_eq(transactions_count(&b.t), MANY);
    while (transactions_wake(&b.t) != UINT64_MAX) {
        const uint64_t now = transactions_wake(&b.t);
        cr_assert_geq(now, last, "timers fire in their order");
        last = now;
        cr_assert(transactions_advance(&b.t, now));
        fired++;
        ended += b.t.actions[b.t.n_actions - 1].what == ACTION_TERMINATED;
    }
    transactions_advance(&b.t, last);
    cr_expect_eq(ended, MANY);
    cr_expect_gt(fired, MANY);
    expect_empty(&b);
    bench_close(&b);
}

/* Requests that RFC 2543 rules must compare one by one: no more than TRANSACTIONS_ALIKE. */
Test(limits, alike)
{
    struct bench b;
    cr_assert(bench_open(&b, NULL));
    for (unsigned i = 0; i < 2 * TRANSACTIONS_ALIKE; i++) {
        char to_tag[16];
        snprintf(to_tag, sizeof to_tag, "t%u", i);
        bench_receive(&b, bench_request(&b, "OPTIONS", NULL, to_tag));
        cr_expect_eq(b.result, i < TRANSACTIONS_ALIKE ? SIPV_OK : SIPV_LIMIT);
    }
    bench_close(&b);
}

/* An id names its transaction only, also when the entry is used again. */
Test(limits, stale_ids)
{
    struct transactions_settings settings = transactions_settings_default();
    struct bench b;
    settings.limits.transactions = 1;
    cr_assert(bench_open(&b, &settings));
    bench_receive(&b, bench_request(&b, "OPTIONS", branch(1), NULL));
    const transaction_id old = b.id;
    transactions_abandon(&b.t, old);
    bench_receive(&b, bench_request(&b, "OPTIONS", branch(2), NULL));
    cr_expect_neq(b.id, old);
    cr_expect_eq(transactions_state(&b.t, old), STATE_TERMINATED);
    bench_respond(&b, old, bench_response(&b, 200, "OPTIONS", branch(1), "bob"));
    cr_expect_eq(b.result, SIPV_ABSENT);
    cr_expect_str_eq(bench_error(&b, old), "");
    cr_expect_eq(b.result, SIPV_ABSENT);
    bench_error(&b, 0);
    cr_expect_eq(b.result, SIPV_ABSENT);
    bench_close(&b);
}

Test(limits, bad_settings)
{
    struct transactions_settings settings = transactions_settings_default();
    struct transactions t;
    settings.limits.transactions = 0;
    cr_expect_eq(transactions_open(&t, &settings), SIPV_BAD_ARGUMENT);
    settings.limits.transactions = (1u << 24) + 1;
    cr_expect_eq(transactions_open(&t, &settings), SIPV_BAD_ARGUMENT);
    settings = transactions_settings_default();
    settings.timers.t1_ms = 0;
    cr_expect_eq(transactions_open(&t, &settings), SIPV_BAD_ARGUMENT);
    transactions_close(&t);
}

/* What was not accepted is not looked at. */
Test(limits, malformed)
{
    static const char *const texts[] = {
        "",
        "nonsense\r\n\r\n",
        "OPTIONS sip:b SIP/2.0\r\n\r\n",
        "OPTIONS sip:b SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nCSeq: 1 OPTIONS\r\n\r\n",
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=\r\nFrom: <sip:a>\r\n\r\n",
    };
    struct bench b;
    cr_assert(bench_open(&b, NULL));
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        room_parse(&b.room, texts[i], strlen(texts[i]), SIPV_STRICT);
        cr_expect_eq(transactions_receive(&b.t, 1, &b.room.m, 1, false), SIPV_REJECT);
        cr_expect_eq(b.t.n_actions, 0);
    }
    expect_empty(&b);
    bench_close(&b);
}
