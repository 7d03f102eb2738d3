/* A proxy with several branches: RFC 3261 sections 16.7 to 16.9, RFC 5393; stopping, and limits. */
#include "proxy_home.h"

Test(proxy_fork, the_first_2xx_ends_the_others)
{
    start();
    do_register("<sip:bob@192.0.2.21>, <sip:bob@192.0.2.22>, <sip:bob@192.0.2.23>");
    invite("100 " ALICE ", INVITE " BOB3 ", INVITE " BOB2 ", INVITE " BOB1);
    answers(1, 180, "", "180 " ALICE);
    answers(2, 183, "", "183 " ALICE);
    /* Bob 3 has not said anything: he is cancelled as soon as he does. */
    answers(1, 200, "", "200 " ALICE ", CANCEL " BOB2);
    answers(3, 180, "", "CANCEL " BOB3);
    /* Bob 2 was quicker than his CANCEL. */
    answers(2, 200, "", "200 " ALICE);
    terminates(3, "ACK " BOB3);
    finish();
}

Test(proxy_fork, a_6xx_ends_the_others)
{
    start();
    do_register("<sip:bob@192.0.2.21>, <sip:bob@192.0.2.22>, <sip:bob@192.0.2.23>;q=0.1");
    invite("100 " ALICE ", INVITE " BOB2 ", INVITE " BOB1);
    answers(1, 180, "", "180 " ALICE);
    answers(2, 603, "", "ACK " BOB2 ", CANCEL " BOB1);
    terminates(1, "ACK " BOB1 ", 603 " ALICE);
    finish();
}

Test(proxy_fork, a_2xx_after_a_6xx_counts)
{
    start();
    do_register("<sip:bob@192.0.2.21>, <sip:bob@192.0.2.22>");
    invite("100 " ALICE ", INVITE " BOB2 ", INVITE " BOB1);
    answers(1, 180, "", "180 " ALICE);
    answers(2, 603, "", "ACK " BOB2 ", CANCEL " BOB1);
    answers(1, 200, "", "200 " ALICE);
    finish();
}

Test(proxy_fork, goes_from_high_q_to_low)
{
    start();
    do_register("<sip:bob@192.0.2.21>;q=0.3, <sip:bob@192.0.2.22>;q=0.9, "
                "<sip:bob@192.0.2.23>;q=0.3");
    invite("100 " ALICE ", INVITE " BOB2);
    answers(2, 486, "", "ACK " BOB2 ", INVITE " BOB3 ", INVITE " BOB1);
    answers(3, 486, "", "ACK " BOB3);
    answers(1, 200, "", "200 " ALICE);
    finish();
}

Test(proxy_fork, one_after_the_other_if_told_so)
{
    struct proxy_settings s = relay_settings();
    s.sequential = true;
    start_with(s);
    do_register("<sip:bob@192.0.2.21>, <sip:bob@192.0.2.22>");
    invite("100 " ALICE ", INVITE " BOB2);
    cr_expect_str_eq(relay_value(asked[2], "Max-Breadth", 0), "60");
    answers(2, 486, "", "ACK " BOB2 ", INVITE " BOB1);
    cr_expect_str_eq(relay_value(asked[1], "Max-Breadth", 0), "60");
    answers(1, 404, "", "ACK " BOB1 ", 486 " ALICE);
    finish();
}

/* RFC 5393 section 5.5: as many as Max-Breadth has room for, the others when there is. */
Test(proxy_fork, within_max_breadth)
{
    start();
    do_register("<sip:bob@192.0.2.21>, <sip:bob@192.0.2.22>, <sip:bob@192.0.2.23>");
    relay_receive(&r, ALICE, relay_request(&r, "INVITE", "sip:bob@b.example", "Max-Breadth: 2\n"));
    cr_expect_str_eq(r.did, "100 " ALICE ", INVITE " BOB3 ", INVITE " BOB2, "%s", r.did);
    cr_expect_str_eq(relay_value(r.sent[1].text, "Max-Breadth", 0), "1");
    cr_expect_str_eq(relay_value(r.sent[2].text, "Max-Breadth", 0), "1");
    snprintf(asked[2], sizeof asked[2], "%s", r.sent[2].text);
    answers(2, 486, "", "ACK " BOB2 ", INVITE " BOB1);
    finish();
    start();
    do_register("<sip:bob@192.0.2.21>, <sip:bob@192.0.2.22>, <sip:bob@192.0.2.23>");
    relay_receive(&r, ALICE, relay_request(&r, "INVITE", "sip:bob@b.example", "Max-Breadth: 8\n"));
    cr_expect_str_eq(relay_value(r.sent[1].text, "Max-Breadth", 0), "2");
    cr_expect_str_eq(relay_value(r.sent[2].text, "Max-Breadth", 0), "3");
    cr_expect_str_eq(relay_value(r.sent[3].text, "Max-Breadth", 0), "3");
    finish();
}

/* ---- Time and failure ------------------------------------------------------------------------ */

Test(proxy_fork, without_answer_408)
{
    start();
    do_register("<sip:bob@192.0.2.21>");
    invite("100 " ALICE ", INVITE " BOB1);
    relay_wait(&r, 31999);
    cr_expect_null(strstr(r.did, "408"));
    relay_wait(&r, 1);
    cr_expect_str_eq(r.did, "408 " ALICE, "%s", r.did);
    /* RFC 4320: nothing, if it is no INVITE. */
    relay_receive(&r, ALICE, relay_request(&r, "MESSAGE", "sip:bob@b.example", ""));
    relay_wait(&r, 40000);
    for (size_t i = 0; i < r.n_sent; i++)
        cr_expect(strncmp(r.sent[i].text, "SIP/2.0", 7) != 0 ||
                      strstr(relay_value(r.sent[i].text, "CSeq", 0), "INVITE"),
                  "%s", r.sent[i].text);
    finish();
}

Test(proxy_fork, timer_c)
{
    start();
    do_register("<sip:bob@192.0.2.21>");
    invite("100 " ALICE ", INVITE " BOB1);
    answers(1, 180, "", "180 " ALICE);
    relay_wait(&r, 190000);
    cr_expect_str_eq(r.did, "", "%s", r.did);
    answers(1, 100, "", ""); /* does not reset it */
    answers(1, 183, "", "183 " ALICE);
    relay_wait(&r, 199999);
    cr_expect_str_eq(r.did, "", "%s", r.did);
    relay_wait(&r, 1);
    cr_expect_str_eq(r.did, "CANCEL " BOB1, "%s", r.did);
    terminates(1, "ACK " BOB1 ", 487 " ALICE);
    finish();
}

Test(proxy_fork, timer_c_and_nobody_answers_the_cancel)
{
    start();
    do_register("<sip:bob@192.0.2.21>");
    invite("100 " ALICE ", INVITE " BOB1);
    answers(1, 180, "", "180 " ALICE);
    relay_wait(&r, 200000 + 31999);
    cr_expect(strstr(r.did, "CANCEL " BOB1));
    cr_expect_null(strstr(r.did, "408"));
    relay_wait(&r, 1);
    cr_expect_str_eq(r.did, "408 " ALICE, "%s", r.did);
    finish();
}

Test(proxy_fork, what_cannot_be_sent_counts_as_503)
{
    start();
    do_register("<sip:bob@192.0.2.21>;q=0.9, <sip:bob@192.0.2.22>;q=0.1");
    invite("100 " ALICE ", INVITE " BOB1);
    relay_fail(&r, BOB1);
    cr_expect_str_eq(r.did, "INVITE " BOB2, "%s", r.did);
    relay_fail(&r, BOB2);
    cr_expect_str_eq(r.did, "500 " ALICE, "%s", r.did);
    finish();
    /* A response that cannot be sent ends nothing: section 16.9. */
    start();
    do_register("<sip:bob@192.0.2.21>");
    invite("100 " ALICE ", INVITE " BOB1);
    relay_fail(&r, ALICE);
    cr_expect_str_eq(r.did, "");
    answers(1, 200, "", "200 " ALICE);
    finish();
}

Test(proxy_fork, no_way_at_all)
{
    start();
    do_register("<sip:bob@192.0.2.21;transport=tcp>, <sip:bob@192.0.2.22>");
    r.listens[HOP_TCP] = false;
    invite("100 " ALICE ", INVITE " BOB2);
    answers(2, 404, "", "ACK " BOB2 ", 404 " ALICE);
    finish();
}

/* ---- Stopping -------------------------------------------------------------------------------- */

Test(proxy_stop, answers_and_cancels)
{
    start();
    do_register("<sip:bob@192.0.2.21>, <sip:bob@192.0.2.22>");
    invite("100 " ALICE ", INVITE " BOB2 ", INVITE " BOB1);
    answers(1, 180, "", "180 " ALICE);
    cr_expect_eq(proxy_unanswered(&r.proxy), 1);
    r.did[0] = 0;
    proxy_stop(&r.proxy, r.now);
    cr_expect_str_eq(r.did, "503 " ALICE ", CANCEL " BOB1, "%s", r.did);
    cr_expect_eq(proxy_unanswered(&r.proxy), 0);
    terminates(1, "ACK " BOB1);
    answers(2, 180, "", "CANCEL " BOB2);
    invite("503 " ALICE);
    finish();
}

/* ---- Limits ---------------------------------------------------------------------------------- */

Test(proxy_limits, a_full_table_answers_503)
{
    struct proxy_settings s = relay_settings();
    s.limits.contexts = 1;
    start_with(s);
    do_register("<sip:bob@192.0.2.21>, <sip:bob@192.0.2.22>");
    invite("100 " ALICE ", INVITE " BOB2 ", INVITE " BOB1);
    invite("503 " ALICE);
    finish();
    s = relay_settings();
    s.limits.branches = 1;
    start_with(s);
    do_register("<sip:bob@192.0.2.21>, <sip:bob@192.0.2.22>");
    invite("100 " ALICE ", INVITE " BOB2);
    answers(2, 404, "", "ACK " BOB2 ", 404 " ALICE);
    finish();
    s = relay_settings();
    s.limits.octets = 20;
    start_with(s);
    do_register("<sip:bob@192.0.2.21>, <sip:bob@192.0.2.22>");
    invite("100 " ALICE ", 500 " ALICE);
    finish();
    s = relay_settings();
    s.transactions.limits.transactions = 2;
    start_with(s);
    do_register("<sip:bob@192.0.2.21>");
    relay_wait(&r, 40000);
    invite("100 " ALICE ", INVITE " BOB1);
    invite("503 " ALICE);
    finish();
}

Test(proxy_limits, settings_are_checked)
{
    struct proxy_settings s = relay_settings();
    s.timer_c_ms = 180000;
    cr_expect_not(relay_open(&r, &s));
    s = relay_settings();
    s.next = "http://a.example";
    cr_expect_not(relay_open(&r, &s));
    s = relay_settings();
    s.max_breadth = 0;
    cr_expect_not(relay_open(&r, &s));
    s = relay_settings();
    s.limits.contexts = 0;
    cr_expect_not(relay_open(&r, &s));
}
