/* rfc3665_session.c: RFC 3665 sections 3.1 to 3.5: calls that succeed. */
#include "rfc3665.h"

static const struct callflow_account accounts[] = {
    {"alice", ATLANTA, "wonderland"},
    {"alice", BILOXI, "wonderland"},
    {NULL, NULL, NULL},
};

/* The same hops in many flows, outwards and back. */
#define A_P1 "alice > proxy1 "
#define P1_A "proxy1 > alice "
#define P1_P2 "proxy1 > proxy2 "
#define P2_P1 "proxy2 > proxy1 "
#define P2_B "proxy2 > bob "
#define B_P2 "bob > proxy2 "
#define A_P2 "alice > proxy2 "
#define P2_A "proxy2 > alice "

#define TALK_STEPS                                                                                 \
    BOB_REGISTERS_STEP,                                                                            \
    {                                                                                              \
        "alice", CALLFLOW_CALL, BOB_URI, CALLFLOW_ESTABLISHED, 300                                 \
    }

/* ---- 3.1 ------------------------------------------------------------------------------------- */

static const struct callflow_element alone[] = {
    {IS_ALICE, .outbound = "bob"},
    {IS_BOB, .ring_ms = 50, .answer_ms = 400},
    END_OF_ELEMENTS,
};

static const struct callflow_step talks[] = {
    {"alice", CALLFLOW_CALL, BOB_URI, CALLFLOW_ESTABLISHED, 300},
    {"bob", CALLFLOW_HANG_UP, NULL, CALLFLOW_ENDED, 0},
    END_OF_STEPS,
};

static const char *const direct[] = {
    "alice > bob INVITE",
    "bob > alice 180 INVITE",
    "bob > alice 200 INVITE",
    "alice > bob ACK",
    "bob > alice BYE",
    "alice > bob 200 BYE",
    NULL,
};

static const struct expectation of_direct[] = {
    ALL_MESSAGES,
    {"Call-ID is the same in all",
     EXPECT_SAME,
     "Call-ID",
     NULL,
     {"alice > bob INVITE", "bob > alice 200 INVITE", "alice > bob ACK", "bob > alice BYE"}},
    {"To tag of 180 and 200 is the same",
     EXPECT_SAME,
     "To.tag",
     NULL,
     {"bob > alice 180 INVITE", "bob > alice 200 INVITE", "alice > bob ACK"}},
    {"ACK has the CSeq of INVITE",
     EXPECT_SAME,
     "CSeq.number",
     NULL,
     {"alice > bob INVITE", "alice > bob ACK"}},
    {"in BYE of the callee To has the tag of the caller",
     EXPECT_EQUAL,
     "To.tag",
     "From.tag",
     {"bob > alice BYE", "alice > bob INVITE"}},
    {"BYE goes to the contact of the caller",
     EXPECT_EQUAL,
     "Request-URI",
     "Contact.uri",
     {"bob > alice BYE", "alice > bob INVITE"}},
    {"the answer fits the offer",
     EXPECT_ANSWERS,
     NULL,
     NULL,
     {"alice > bob INVITE", "bob > alice 200 INVITE"}},
    NO_ERRORS,
    END_OF_EXPECTATIONS,
};

const struct callflow flow_3_1 = {
    .name = "rfc3665-3.1",
    .summary = "Successful Session Establishment",
    .source = "RFC 3665 section 3.1",
    .elements = alone,
    .accounts = accounts,
    .steps = talks,
    .messages = direct,
    .expectations = of_direct,
};

/* ---- 3.2 ------------------------------------------------------------------------------------- */

static const struct callflow_element two_proxies[] = {
    {IS_ALICE, .login = "alice", .password = "wonderland", .outbound = "proxy1", .route = true},
    {IS_PROXY1, .realm = ATLANTA, .qop = "auth", .guards_invite = true, .record_route = true},
    {IS_PROXY2, .record_route = true},
    {IS_BOB, .outbound = "proxy2", .ring_ms = 50, .answer_ms = 400},
    END_OF_ELEMENTS,
};

static const struct callflow_step bob_hangs_up[] = {
    TALK_STEPS,
    {"bob", CALLFLOW_HANG_UP, NULL, CALLFLOW_ENDED, 0},
    END_OF_STEPS,
};

static const char *const through_two[] = {
    BOB_REGISTERS,
    A_P1 "INVITE",
    P1_A "407 INVITE",
    A_P1 "ACK",
    "+" A_P1 "INVITE",
    P1_A "100 INVITE",
    "+" P1_P2 "INVITE",
    P2_P1 "100 INVITE",
    "+" P2_B "INVITE",
    B_P2 "180 INVITE",
    P2_P1 "180 INVITE",
    P1_A "180 INVITE",
    B_P2 "200 INVITE",
    P2_P1 "200 INVITE",
    P1_A "200 INVITE",
    A_P1 "ACK",
    P1_P2 "ACK",
    P2_B "ACK",
    B_P2 "BYE",
    P2_P1 "BYE",
    P1_A "BYE",
    A_P1 "200 BYE",
    P1_P2 "200 BYE",
    P2_B "200 BYE",
    NULL,
};

static const struct expectation of_two_proxies[] = {
    ALL_MESSAGES,
    {"CSeq goes from 1 to 2 over the challenge",
     EXPECT_VALUES,
     "CSeq.number",
     "1 1 1 2",
     {A_P1 "INVITE", P1_A "407 INVITE", A_P1 "ACK", A_P1 "INVITE #2"}},
    {"Call-ID and dialog stay the same over it",
     EXPECT_SAME,
     "Call-ID",
     NULL,
     {A_P1 "INVITE", A_P1 "INVITE #2", P1_P2 "INVITE", P2_B "INVITE"}},
    {"the From tag stays the same over it",
     EXPECT_SAME,
     "From.tag",
     NULL,
     {A_P1 "INVITE", A_P1 "INVITE #2", P2_B "INVITE"}},
    {"the realm is that of proxy 1",
     EXPECT_TEXT,
     "Proxy-Authenticate.realm",
     ATLANTA,
     {P1_A "407 INVITE"}},
    {"the response is right for the password",
     EXPECT_VERIFIED,
     NULL,
     NULL,
     {P1_A "407 INVITE", A_P1 "INVITE #2"}},
    {"ACK of the 407 has its To tag", EXPECT_SAME, "To.tag", NULL, {P1_A "407 INVITE", A_P1 "ACK"}},
    {"a pre-loaded Route names proxy 1", EXPECT_PRESENT, "Route", NULL, {A_P1 "INVITE"}},
    {"proxy 1 takes it away", EXPECT_ABSENT, "Route", NULL, {P1_P2 "INVITE"}},
    {"each proxy records itself",
     EXPECT_VALUES,
     "Record-Route.count",
     "0 1 2",
     {A_P1 "INVITE #2", P1_P2 "INVITE", P2_B "INVITE"}},
    {"the caller learns both",
     EXPECT_SAME,
     "Record-Route",
     NULL,
     {P2_B "INVITE", B_P2 "200 INVITE", P1_A "200 INVITE"}},
    {"each hop pushes its Via: 1, 2, 3",
     EXPECT_VALUES,
     "Via.count",
     "1 2 3",
     {A_P1 "INVITE #2", P1_P2 "INVITE", P2_B "INVITE"}},
    {"200 comes back with 3, 2, 1 Via",
     EXPECT_VALUES,
     "Via.count",
     "3 2 1",
     {B_P2 "200 INVITE", P2_P1 "200 INVITE", P1_A "200 INVITE"}},
    {"proxy 1 keeps the Request-URI",
     EXPECT_SAME,
     "Request-URI",
     NULL,
     {A_P1 "INVITE", P1_P2 "INVITE"}},
    {"proxy 2 retargets it to the registered contact",
     EXPECT_EQUAL,
     "Request-URI",
     "Contact.uri",
     {P2_B "INVITE", B_P2 "REGISTER"}},
    {"ACK follows the route: 2, 1, 0 Route",
     EXPECT_VALUES,
     "Route.count",
     "2 1 0",
     {A_P1 "ACK #2", P1_P2 "ACK", P2_B "ACK"}},
    {"BYE follows it backwards",
     EXPECT_VALUES,
     "Route.count",
     "2 1 0",
     {B_P2 "BYE", P2_P1 "BYE", P1_A "BYE"}},
    {"Max-Forwards goes down by one at each hop",
     EXPECT_STEPS,
     "Max-Forwards",
     "-1",
     {A_P1 "INVITE #2", P1_P2 "INVITE", P2_B "INVITE"}},
    {"the offer is the same over the hops",
     EXPECT_SAME,
     "body",
     NULL,
     {A_P1 "INVITE #2", P1_P2 "INVITE", P2_B "INVITE"}},
    {"the answer fits the offer",
     EXPECT_ANSWERS,
     NULL,
     NULL,
     {A_P1 "INVITE #2", P1_A "200 INVITE"}},
    NO_ERRORS,
    END_OF_EXPECTATIONS,
};

const struct callflow flow_3_2 = {
    .name = "rfc3665-3.2",
    .summary = "Session Establishment Through Two Proxies",
    .source = "RFC 3665 section 3.2",
    .elements = two_proxies,
    .accounts = accounts,
    .steps = bob_hangs_up,
    .messages = through_two,
    .expectations = of_two_proxies,
};

/* ---- 3.3 ------------------------------------------------------------------------------------- */

static const struct callflow_element two_guards[] = {
    {IS_ALICE, .login = "alice", .password = "wonderland", .outbound = "proxy1", .route = true},
    {IS_PROXY1, .realm = ATLANTA, .qop = "auth", .guards_invite = true, .record_route = true},
    {IS_PROXY2, .realm = BILOXI, .qop = "auth", .guards_invite = true, .record_route = true},
    {IS_BOB, .outbound = "proxy2", .answer_ms = 50},
    END_OF_ELEMENTS,
};

static const char *const asked_twice[] = {
    BOB_REGISTERS,
    A_P1 "INVITE",
    P1_A "407 INVITE",
    A_P1 "ACK",
    "+" A_P1 "INVITE",
    P1_A "100 INVITE",
    "+" P1_P2 "INVITE",
    P2_P1 "407 INVITE",
    P1_P2 "ACK",
    "+" P1_A "407 INVITE",
    A_P1 "ACK",
    "+" A_P1 "INVITE",
    P1_A "100 INVITE",
    "+" P1_P2 "INVITE",
    P2_P1 "100 INVITE",
    "+" P2_B "INVITE",
    B_P2 "200 INVITE",
    P2_P1 "200 INVITE",
    P1_A "200 INVITE",
    A_P1 "ACK",
    P1_P2 "ACK",
    P2_B "ACK",
    /* The RFC ends with the talk. */
    B_P2 "BYE",
    P2_P1 "BYE",
    P1_A "BYE",
    A_P1 "200 BYE",
    P1_P2 "200 BYE",
    P2_B "200 BYE",
    NULL,
};

static const struct expectation of_two_guards[] = {
    ALL_MESSAGES,
    {"CSeq goes from 1 to 3",
     EXPECT_VALUES,
     "CSeq.number",
     "1 2 3",
     {A_P1 "INVITE", A_P1 "INVITE #2", A_P1 "INVITE #3"}},
    {"proxy 1 asks for its realm",
     EXPECT_TEXT,
     "Proxy-Authenticate.realm",
     ATLANTA,
     {P1_A "407 INVITE"}},
    {"proxy 2 asks for its realm, over proxy 1",
     EXPECT_TEXT,
     "Proxy-Authenticate.realm",
     BILOXI,
     {P2_P1 "407 INVITE", P1_A "407 INVITE #2"}},
    {"the first credentials are right",
     EXPECT_VERIFIED,
     NULL,
     NULL,
     {P1_A "407 INVITE", A_P1 "INVITE #2"}},
    {"proxy 2 gets credentials for its realm",
     EXPECT_VERIFIED,
     NULL,
     NULL,
     {P2_P1 "407 INVITE", P1_P2 "INVITE #2"}},
    {"each proxy records itself",
     EXPECT_VALUES,
     "Record-Route.count",
     "0 1 2",
     {A_P1 "INVITE #3", P1_P2 "INVITE #2", P2_B "INVITE"}},
    {"the answer fits the offer",
     EXPECT_ANSWERS,
     NULL,
     NULL,
     {A_P1 "INVITE #3", P1_A "200 INVITE"}},
    NO_ERRORS,
    END_OF_EXPECTATIONS,
};

const struct callflow flow_3_3 = {
    .name = "rfc3665-3.3",
    .summary = "Session with Multiple Proxy Authentication",
    .source = "RFC 3665 section 3.3",
    .elements = two_guards,
    .accounts = accounts,
    .steps = bob_hangs_up,
    .messages = asked_twice,
    .expectations = of_two_guards,
};

/* ---- 3.4 ------------------------------------------------------------------------------------- */

static const struct callflow_element one_fails[] = {
    {IS_ALICE, .login = "alice", .password = "wonderland", .outbound = "proxy1"},
    {.name = "proxy1", .role = CALLFLOW_SILENT, .address = "192.0.2.111"},
    {IS_PROXY2, .realm = BILOXI, .qop = "auth", .guards_invite = true, .record_route = true},
    {IS_BOB, .outbound = "proxy2", .ring_ms = 50, .answer_ms = 400},
    END_OF_ELEMENTS,
};

static const struct callflow_step tries_again[] = {
    BOB_REGISTERS_STEP,
    {"alice", CALLFLOW_CALL, BOB_URI, CALLFLOW_ENDED, 0},
    {"alice", CALLFLOW_OUTBOUND, "proxy2", CALLFLOW_AT_ONCE, 0},
    {"alice", CALLFLOW_CALL, BOB_URI, CALLFLOW_ESTABLISHED, 300},
    {"bob", CALLFLOW_HANG_UP, NULL, CALLFLOW_ENDED, 0},
    END_OF_STEPS,
};

static const char *const failure[] = {
    BOB_REGISTERS,     A_P1 "INVITE",     A_P1 "INVITE",     A_P1 "INVITE",     A_P1 "INVITE",
    A_P1 "INVITE",     A_P1 "INVITE",     A_P1 "INVITE",     A_P2 "INVITE",     P2_A "407 INVITE",
    A_P2 "ACK",        "+" A_P2 "INVITE", P2_A "100 INVITE", "+" P2_B "INVITE", B_P2 "180 INVITE",
    P2_A "180 INVITE", B_P2 "200 INVITE", P2_A "200 INVITE", A_P2 "ACK",        P2_B "ACK",
    B_P2 "BYE",        P2_A "BYE",        A_P2 "200 BYE",    P2_B "200 BYE",    NULL,
};

static const struct expectation of_failure[] = {
    ALL_MESSAGES,
    {"retransmissions are the same octets: one branch",
     EXPECT_SAME,
     "Via.branch",
     NULL,
     {A_P1 "INVITE", A_P1 "INVITE #2", A_P1 "INVITE #7"}},
    {"seven INVITE until timer B fires", EXPECT_COUNT, NULL, "7", {A_P1 "INVITE"}},
    {"proxy 2 is asked in another call",
     EXPECT_DIFFERENT,
     "Call-ID",
     NULL,
     {A_P1 "INVITE", A_P2 "INVITE"}},
    {"the response is right for the password",
     EXPECT_VERIFIED,
     NULL,
     NULL,
     {P2_A "407 INVITE", A_P2 "INVITE #2"}},
    {"the answer fits the offer",
     EXPECT_ANSWERS,
     NULL,
     NULL,
     {A_P2 "INVITE #2", P2_A "200 INVITE"}},
    NO_ERRORS,
    END_OF_EXPECTATIONS,
};

const struct callflow flow_3_4 = {
    .name = "rfc3665-3.4",
    .summary = "Successful Session with Proxy Failure",
    .source = "RFC 3665 section 3.4",
    .elements = one_fails,
    .accounts = accounts,
    .steps = tries_again,
    .messages = failure,
    .expectations = of_failure,
};

/* ---- 3.5 ------------------------------------------------------------------------------------- */

/* The gateway is one of signalling only: it stays in the dialog and lets descriptions pass. */
static const struct callflow_element gateway[] = {
    {IS_ALICE, .outbound = "alg", .route = true},
    {.name = "alg", .role = CALLFLOW_PROXY, .address = "192.0.2.128", .record_route = true},
    {IS_PROXY2, .record_route = false},
    {IS_BOB, .outbound = "proxy2", .ring_ms = 50, .answer_ms = 400},
    END_OF_ELEMENTS,
};

static const struct callflow_step alice_hangs_up[] = {
    TALK_STEPS,
    {"alice", CALLFLOW_HANG_UP, NULL, CALLFLOW_ENDED, 0},
    END_OF_STEPS,
};

static const char *const through_gateway[] = {
    BOB_REGISTERS,
    "alice > alg INVITE",
    "alg > alice 100 INVITE",
    "+alg > proxy2 INVITE",
    "proxy2 > alg 100 INVITE",
    "+" P2_B "INVITE",
    B_P2 "180 INVITE",
    "proxy2 > alg 180 INVITE",
    "alg > alice 180 INVITE",
    B_P2 "200 INVITE",
    "proxy2 > alg 200 INVITE",
    "alg > alice 200 INVITE",
    "alice > alg ACK",
    "alg > bob ACK",
    "alice > alg BYE",
    "alg > bob BYE",
    "bob > alg 200 BYE",
    "alg > alice 200 BYE",
    NULL,
};

static const struct expectation of_gateway[] = {
    ALL_MESSAGES,
    {"only the gateway records itself",
     EXPECT_VALUES,
     "Record-Route.count",
     "0 1 1",
     {"alice > alg INVITE", "alg > proxy2 INVITE", P2_B "INVITE"}},
    {"ACK is not seen by proxy 2", EXPECT_NOT_SEEN, NULL, "ACK", {"proxy2"}},
    {"BYE is not seen by proxy 2", EXPECT_NOT_SEEN, NULL, "BYE", {"proxy2"}},
    {"the answer fits the offer",
     EXPECT_ANSWERS,
     NULL,
     NULL,
     {"alice > alg INVITE", "alg > alice 200 INVITE"}},
    NO_ERRORS,
    END_OF_EXPECTATIONS,
};

const struct callflow flow_3_5 = {
    .name = "rfc3665-3.5",
    .summary = "Session Through a SIP ALG (signalling only)",
    .source = "RFC 3665 section 3.5",
    .elements = gateway,
    .accounts = accounts,
    .steps = alice_hangs_up,
    .messages = through_gateway,
    .expectations = of_gateway,
};
