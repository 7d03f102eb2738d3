/* Every state of every transaction machine with every event, against the figures of RFC 3261
 * section 17 and RFC 6026: what a table does, and which state it is then in. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"

#define BRANCH "z9hG4bKmachine"

/* The ways into a state: what happens first, in words of happen(). */
static const struct {
    enum transaction_kind kind;
    enum transaction_state state;
    const char *way; /* one letter for each event */
} ways[] = {
    {INVITE_CLIENT, STATE_CALLING, ""},         {INVITE_CLIENT, STATE_PROCEEDING, "1"},
    {INVITE_CLIENT, STATE_ACCEPTED, "2"},       {INVITE_CLIENT, STATE_COMPLETED, "3"},
    {NON_INVITE_CLIENT, STATE_TRYING, ""},      {NON_INVITE_CLIENT, STATE_PROCEEDING, "1"},
    {NON_INVITE_CLIENT, STATE_COMPLETED, "2"},  {INVITE_SERVER, STATE_PROCEEDING, ""},
    {INVITE_SERVER, STATE_ACCEPTED, "2"},       {INVITE_SERVER, STATE_COMPLETED, "3"},
    {INVITE_SERVER, STATE_CONFIRMED, "3A"},     {NON_INVITE_SERVER, STATE_TRYING, ""},
    {NON_INVITE_SERVER, STATE_PROCEEDING, "1"}, {NON_INVITE_SERVER, STATE_COMPLETED, "2"},
};

static bool is_client(enum transaction_kind kind)
{
    return kind == INVITE_CLIENT || kind == NON_INVITE_CLIENT;
}

static const char *method_of(enum transaction_kind kind)
{
    return kind == INVITE_CLIENT || kind == INVITE_SERVER ? "INVITE" : "OPTIONS";
}

/* '1' '2' '3': a response (received, or of the TU); 'R' the request again; 'A' an ACK; 'E' an error
 * of the transport. */
static const char *happen(struct bench *b, enum transaction_kind kind, transaction_id id, char what)
{
    const char *method = method_of(kind);
    if (what == 'E')
        return bench_error(b, id);
    if (what == 'R')
        return bench_receive(b, bench_request(b, method, BRANCH, NULL));
    if (what == 'A')
        return bench_receive(b, bench_request(b, "ACK", BRANCH, "bob"));
    const int status = what == '1' ? 180 : what == '2' ? 200 : 486;
    const char *text = bench_response(b, status, method, BRANCH, "bob");
    return is_client(kind) ? bench_receive(b, text) : bench_respond(b, id, text);
}

static transaction_id reach(struct bench *b, enum transaction_kind kind, const char *way)
{
    const char *text = bench_request(b, method_of(kind), BRANCH, NULL);
    cr_assert_str_eq(is_client(kind) ? bench_start(b, text) : bench_receive(b, text),
                     is_client(kind) ? "S" : "U");
    const transaction_id id = b->id;
    for (; *way; way++)
        happen(b, kind, id, *way);
    return id;
}

static const char *way_to(enum transaction_kind kind, enum transaction_state state)
{
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (ways[i].kind == kind && ways[i].state == state)
            return ways[i].way;
    return NULL;
}

/* ---- Messages and errors ------------------------------------------------------------------------
 */

enum { COLUMNS = 6 };
static const char events[COLUMNS + 1] = "123RAE";

/* What is done, then the next state if it is another; "" if nothing.  A client is sent no request:
 * NULL. */
static const struct {
    enum transaction_kind kind;
    enum transaction_state state;
    const char *does[COLUMNS];
} figure[] = {
    /* RFC 6026 figure 5               1xx             2xx            300-699         .     .  error
     */
    {INVITE_CLIENT,
     STATE_CALLING,
     {"U Proceeding", "U Accepted", "SU Completed", NULL, NULL, "EX Terminated"}},
    {INVITE_CLIENT, STATE_PROCEEDING, {"U", "U Accepted", "SU Completed", NULL, NULL, ""}},
    {INVITE_CLIENT, STATE_COMPLETED, {"", "", "S", NULL, NULL, "EX Terminated"}},
    {INVITE_CLIENT, STATE_ACCEPTED, {"", "U", "", NULL, NULL, ""}},
    /* RFC 3261 figure 6 */
    {NON_INVITE_CLIENT,
     STATE_TRYING,
     {"U Proceeding", "U Completed", "U Completed", NULL, NULL, "EX Terminated"}},
    {NON_INVITE_CLIENT,
     STATE_PROCEEDING,
     {"U", "U Completed", "U Completed", NULL, NULL, "EX Terminated"}},
    {NON_INVITE_CLIENT, STATE_COMPLETED, {"", "", "", NULL, NULL, ""}},
    /* RFC 6026 figure 7               1xx   2xx            300-699       INVITE ACK   error */
    {INVITE_SERVER, STATE_PROCEEDING, {"S", "S Accepted", "S Completed", "S", "", "E"}},
    {INVITE_SERVER, STATE_ACCEPTED, {"", "S", "", "", "U", "E"}},
    {INVITE_SERVER, STATE_COMPLETED, {"", "", "", "S", " Confirmed", "E"}},
    {INVITE_SERVER, STATE_CONFIRMED, {"", "", "", "", "", ""}},
    /* RFC 3261 figure 8, errors by RFC 6026 section 8.8; an ACK is nobody's and goes to the TU */
    {NON_INVITE_SERVER, STATE_TRYING, {"S Proceeding", "S Completed", "S Completed", "", "U", ""}},
    {NON_INVITE_SERVER, STATE_PROCEEDING, {"S", "S Completed", "S Completed", "S", "U", "E"}},
    {NON_INVITE_SERVER, STATE_COMPLETED, {"", "", "", "S", "U", "E"}},
};

Test(machines, every_state_and_message)
{
    for (size_t i = 0; i < sizeof figure / sizeof *figure; i++)
        for (size_t k = 0; k < COLUMNS; k++) {
            const enum transaction_kind kind = figure[i].kind;
            const enum transaction_state state = figure[i].state;
            struct bench b;
            char got[64];
            if (!figure[i].does[k])
                continue;
            cr_assert(bench_open(&b, NULL));
            const transaction_id id = reach(&b, kind, way_to(kind, state));
            cr_assert_eq(transactions_state(&b.t, id), state);
            const char *did = happen(&b, kind, id, events[k]);
            const enum transaction_state next = transactions_state(&b.t, id);
            snprintf(got, sizeof got, "%s%s%s", did, next != state ? " " : "",
                     next != state ? state_name(next) : "");
            cr_expect_str_eq(got, figure[i].does[k], "%s in %s, event %c: '%s', not '%s'",
                             machine_of(kind)->name, state_name(state), events[k], got,
                             figure[i].does[k]);
            bench_close(&b);
        }
}

/* ---- Time ---------------------------------------------------------------------------------------
 */

/* All that happens if nothing more comes, from the time at which the state was entered. */
static const struct {
    enum transaction_kind kind;
    enum transaction_state state;
    const char *unreliable, *reliable;
} schedule[] = {
    {INVITE_CLIENT, STATE_CALLING, "500S 1500S 3500S 7500S 15500S 31500S 32000TX", "32000TX"},
    {INVITE_CLIENT, STATE_PROCEEDING, "", ""}, /* as long as the TU likes */
    {INVITE_CLIENT, STATE_ACCEPTED, "32000X", "32000X"},
    {INVITE_CLIENT, STATE_COMPLETED, "32000X", NULL},
    {NON_INVITE_CLIENT, STATE_TRYING,
     "500S 1500S 3500S 7500S 11500S 15500S 19500S 23500S 27500S 31500S 32000TX", "32000TX"},
    /* Timer E was set in Trying; from its next firing on it is T2. */
    {NON_INVITE_CLIENT, STATE_PROCEEDING,
     "500S 4500S 8500S 12500S 16500S 20500S 24500S 28500S 32000TX", "32000TX"},
    {NON_INVITE_CLIENT, STATE_COMPLETED, "5000X", NULL},
    {INVITE_SERVER, STATE_PROCEEDING, "200S", "200S"}, /* the 100 */
    {INVITE_SERVER, STATE_ACCEPTED, "32000X", "32000X"},
    {INVITE_SERVER, STATE_COMPLETED,
     "500S 1500S 3500S 7500S 11500S 15500S 19500S 23500S 27500S 31500S 32000TX", "32000TX"},
    {INVITE_SERVER, STATE_CONFIRMED, "5000X", NULL},
    {NON_INVITE_SERVER, STATE_TRYING, "", ""},
    {NON_INVITE_SERVER, STATE_PROCEEDING, "", ""},
    {NON_INVITE_SERVER, STATE_COMPLETED, "32000X", NULL},
};

/* NULL: over a reliable transport the state is left at once. */
static void check_schedule(size_t i, bool reliable)
{
    const char *wanted = reliable ? schedule[i].reliable : schedule[i].unreliable;
    struct bench b;
    cr_assert(bench_open(&b, NULL));
    b.reliable = reliable;
    const transaction_id id =
        reach(&b, schedule[i].kind, way_to(schedule[i].kind, schedule[i].state));
    if (wanted) {
        cr_assert_eq(transactions_state(&b.t, id), schedule[i].state);
        cr_expect_str_eq(bench_rest(&b), wanted, "%s in %s: '%s', not '%s'",
                         machine_of(schedule[i].kind)->name, state_name(schedule[i].state), b.text,
                         wanted);
    } else {
        cr_expect_eq(transactions_state(&b.t, id), STATE_TERMINATED);
        cr_expect_eq(b.did[strlen(b.did) - 1], 'X');
        cr_expect_eq(transactions_count(&b.t), 0);
    }
    bench_close(&b);
}

Test(machines, time_alone)
{
    for (size_t i = 0; i < sizeof schedule / sizeof *schedule; i++) {
        check_schedule(i, false);
        check_schedule(i, true);
    }
}

/* A provisional response of the TU stops the 100; without time for the TU it goes at once. */
Test(machines, trying)
{
    struct transactions_settings settings = transactions_settings_default();
    struct bench b;
    cr_assert(bench_open(&b, NULL));
    const transaction_id id = reach(&b, INVITE_SERVER, "1");
    cr_expect_eq(transactions_timer(&b.t, id, TIMER_100), UINT64_MAX);
    cr_expect_str_eq(bench_rest(&b), "");
    bench_close(&b);

    settings.timers.trying_ms = 0;
    cr_assert(bench_open(&b, &settings));
    cr_expect_str_eq(bench_receive(&b, bench_request(&b, "INVITE", BRANCH, NULL)), "US");
    cr_expect(strstr(b.sent, "SIP/2.0 100 Trying\r\n"));
    cr_expect(strstr(b.sent, "To: Bob <sip:bob@b.example>\r\n"));
    bench_close(&b);
}

/* Section 17.2.1: the TU knows that it will generate no response within 200 ms. */
Test(machines, trying_at_once)
{
    struct bench b;
    cr_assert(bench_open(&b, NULL));
    cr_expect_str_eq(bench_receive(&b, bench_request(&b, "INVITE", BRANCH, NULL)), "U");
    const transaction_id id = b.id;
    cr_expect_eq(transactions_trying(&b.t, b.now, id), SIPV_OK);
    cr_expect_eq(b.t.n_actions, 1);
    cr_expect_eq(b.t.actions[0].what, ACTION_SEND);
    cr_expect_eq(memcmp(b.t.actions[0].octets.p, "SIP/2.0 100 Trying\r\n", 20), 0);
    cr_expect_eq(transactions_timer(&b.t, id, TIMER_100), TIMER_NEVER, "not once more");
    cr_expect_eq(transactions_trying(&b.t, b.now, id), SIPV_ABSENT);
    cr_expect_eq(transactions_trying(&b.t, b.now, id + 1), SIPV_ABSENT);
    bench_close(&b);
}

/* Section 9.1: not before a provisional response, and no longer than 64*T1. */
Test(machines, cancel)
{
    struct bench b;
    unsigned char text[2048];
    size_t n;
    cr_assert(bench_open(&b, NULL));
    const transaction_id id = reach(&b, INVITE_CLIENT, "");
    cr_expect_eq(transactions_write_cancel(&b.t, id, text, sizeof text, &n), SIPV_REJECT);
    happen(&b, INVITE_CLIENT, id, '1');
    cr_expect_eq(transactions_write_cancel(&b.t, id, text, 10, &n), SIPV_NO_SPACE);
    cr_assert_eq(transactions_write_cancel(&b.t, id, text, n, &n), SIPV_OK);
    text[n] = 0;
    cr_expect_str_eq(bench_start(&b, (const char *)text), "S");
    cr_expect(strstr(b.sent, "CANCEL sip:bob@b.example SIP/2.0\r\n"
                             "Via: SIP/2.0/UDP 192.0.2.1;branch=" BRANCH "\r\n"));
    cr_expect(strstr(b.sent, "CSeq: 7 CANCEL\r\n"));
    cr_expect_eq(transactions_count(&b.t), 2);
    cr_expect_str_eq(bench_receive(&b, bench_response(&b, 200, "CANCEL", BRANCH, "bob")), "U");
    cr_expect_str_eq(bench_rest(&b), "5000X 32000TX");
    cr_expect_eq(transactions_count(&b.t), 0);
    cr_expect_eq(transactions_octets(&b.t), 0);
    bench_close(&b);
}
