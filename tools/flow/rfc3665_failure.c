/* rfc3665_failure.c: RFC 3665 sections 3.8 to 3.11: calls that do not come about. */
#include "rfc3665.h"

#define A_P1 "alice > proxy1 "
#define P1_A "proxy1 > alice "
#define P1_P2 "proxy1 > proxy2 "
#define P2_P1 "proxy2 > proxy1 "
#define P2_B "proxy2 > bob "
#define B_P2 "bob > proxy2 "

/* The beginning of all of them. */
#define INVITED                                                                                    \
    BOB_REGISTERS, A_P1 "INVITE", P1_A "100 INVITE", "+" P1_P2 "INVITE", P2_P1 "100 INVITE",       \
        "+" P2_B "INVITE"

/* A refusal on its way back, with its ACK on each hop. */
#define REFUSED_BY_BOB(status) B_P2 status " INVITE", P2_B "ACK", "+" P2_P1 status " INVITE"
#define REFUSED_FURTHER(status) P1_P2 "ACK", "+" P1_A status " INVITE", A_P1 "ACK"

#define CALLER_AND_PROXIES                                                                         \
    {IS_ALICE, .outbound = "proxy1", .route = true}, {IS_PROXY1, .record_route = true},            \
    {                                                                                              \
        IS_PROXY2, .record_route = true                                                            \
    }

#define TRIES                                                                                      \
    {                                                                                              \
        "alice", CALLFLOW_CALL, BOB_URI, CALLFLOW_ENDED, 0                                         \
    }

static const struct callflow_step tries[] = {BOB_REGISTERS_STEP, TRIES, END_OF_STEPS};

#define ACK_IS_HOP_BY_HOP                                                                          \
    {"each hop acknowledges with the branch of its INVITE",                                        \
     EXPECT_SAME,                                                                                  \
     "Via.branch",                                                                                 \
     NULL,                                                                                         \
     {P1_P2 "INVITE", P1_P2 "ACK"}},                                                               \
    {                                                                                              \
        "ACK has one Via on every hop", EXPECT_VALUES, "Via.count", "1 1",                         \
        {                                                                                          \
            A_P1 "ACK", P1_P2 "ACK"                                                                \
        }                                                                                          \
    }

/* ---- 3.8 ------------------------------------------------------------------------------------- */

static const struct callflow_element rings_on[] = {
    CALLER_AND_PROXIES,
    {IS_BOB, .outbound = "proxy2", .ring_ms = 50, .status = -1},
    END_OF_ELEMENTS,
};

static const struct callflow_step gives_up[] = {
    BOB_REGISTERS_STEP,
    {"alice", CALLFLOW_CALL, BOB_URI, CALLFLOW_RINGING, 1000},
    {"alice", CALLFLOW_HANG_UP, NULL, CALLFLOW_ENDED, 0},
    END_OF_STEPS,
};

static const char *const no_answer[] = {
    INVITED,
    B_P2 "180 INVITE",
    P2_P1 "180 INVITE",
    P1_A "180 INVITE",
    A_P1 "CANCEL",
    P1_A "200 CANCEL",
    "+" P1_P2 "CANCEL",
    P2_P1 "200 CANCEL",
    "+" P2_B "CANCEL",
    B_P2 "200 CANCEL",
    "+" B_P2 "487 INVITE",
    P2_B "ACK",
    "+" P2_P1 "487 INVITE",
    REFUSED_FURTHER("487"),
    NULL,
};

static const struct expectation of_no_answer[] = {
    ALL_MESSAGES,
    {"CANCEL has the branch of its INVITE",
     EXPECT_SAME,
     "Via.branch",
     NULL,
     {A_P1 "INVITE", A_P1 "CANCEL"}},
    {"so has that of proxy 1", EXPECT_SAME, "Via.branch", NULL, {P1_P2 "INVITE", P1_P2 "CANCEL"}},
    {"CANCEL goes from hop to hop: one Via each",
     EXPECT_VALUES,
     "Via.count",
     "1 1 1",
     {A_P1 "CANCEL", P1_P2 "CANCEL", P2_B "CANCEL"}},
    {"it has the CSeq of INVITE",
     EXPECT_SAME,
     "CSeq.number",
     NULL,
     {A_P1 "INVITE", A_P1 "CANCEL", P2_B "CANCEL"}},
    {"the To tag of 180 and 487 is the same",
     EXPECT_SAME,
     "To.tag",
     NULL,
     {B_P2 "180 INVITE", B_P2 "487 INVITE", P1_A "487 INVITE"}},
    ACK_IS_HOP_BY_HOP,
    NO_ERRORS,
    END_OF_EXPECTATIONS,
};

const struct callflow flow_3_8 = {
    .name = "rfc3665-3.8",
    .summary = "Unsuccessful No Answer",
    .source = "RFC 3665 section 3.8",
    .elements = rings_on,
    .steps = gives_up,
    .messages = no_answer,
    .expectations = of_no_answer,
};

/* ---- 3.9 ------------------------------------------------------------------------------------- */

static const struct callflow_element is_busy[] = {
    CALLER_AND_PROXIES,
    {IS_BOB, .outbound = "proxy2", .answer_ms = 50, .status = 486},
    END_OF_ELEMENTS,
};

static const char *const busy[] = {
    INVITED,
    REFUSED_BY_BOB("486"),
    REFUSED_FURTHER("486"),
    NULL,
};

static const struct expectation of_busy[] = {
    ALL_MESSAGES,
    {"486 comes back with 3, 2, 1 Via",
     EXPECT_VALUES,
     "Via.count",
     "3 2 1",
     {B_P2 "486 INVITE", P2_P1 "486 INVITE", P1_A "486 INVITE"}},
    {"its To tag stays the same",
     EXPECT_SAME,
     "To.tag",
     NULL,
     {B_P2 "486 INVITE", P2_B "ACK", P1_A "486 INVITE", A_P1 "ACK"}},
    ACK_IS_HOP_BY_HOP,
    NO_ERRORS,
    END_OF_EXPECTATIONS,
};

const struct callflow flow_3_9 = {
    .name = "rfc3665-3.9",
    .summary = "Unsuccessful Busy",
    .source = "RFC 3665 section 3.9",
    .elements = is_busy,
    .steps = tries,
    .messages = busy,
    .expectations = of_busy,
};

/* ---- 3.10 ------------------------------------------------------------------------------------ */

static const struct callflow_element goes_silent[] = {
    CALLER_AND_PROXIES,
    {IS_BOB, .outbound = "proxy2"},
    END_OF_ELEMENTS,
};

static const struct callflow_step nobody_there[] = {
    BOB_REGISTERS_STEP,
    {"bob", CALLFLOW_LEAVE, NULL, CALLFLOW_AT_ONCE, 0},
    TRIES,
    END_OF_STEPS,
};

/* The RFC prints 480; of a client transaction without any response RFC 3261 makes a 408 (sections
 * 16.7 and 16.8). */
static const char *const no_response[] = {
    INVITED,       P2_B "INVITE", P2_B "INVITE",      P2_B "INVITE",          P2_B "INVITE",
    P2_B "INVITE", P2_B "INVITE", P2_P1 "408 INVITE", REFUSED_FURTHER("408"), NULL,
};

static const struct expectation of_no_response[] = {
    ALL_MESSAGES,
    {"seven INVITE until timer B fires", EXPECT_COUNT, NULL, "7", {P2_B "INVITE"}},
    {"retransmissions have one branch",
     EXPECT_SAME,
     "Via.branch",
     NULL,
     {P2_B "INVITE", P2_B "INVITE #2", P2_B "INVITE #7"}},
    {"408 goes upstream, with a To tag",
     EXPECT_SAME,
     "To.tag",
     NULL,
     {P2_P1 "408 INVITE", P1_A "408 INVITE"}},
    ACK_IS_HOP_BY_HOP,
    NO_ERRORS,
    END_OF_EXPECTATIONS,
};

const struct callflow flow_3_10 = {
    .name = "rfc3665-3.10",
    .summary = "Unsuccessful No Response from User Agent (408 for 480)",
    .source = "RFC 3665 section 3.10",
    .elements = goes_silent,
    .steps = nobody_there,
    .messages = no_response,
    .expectations = of_no_response,
};

/* ---- 3.11 ------------------------------------------------------------------------------------ */

static const struct callflow_element unavailable[] = {
    CALLER_AND_PROXIES,
    {IS_BOB, .outbound = "proxy2", .ring_ms = 50, .answer_ms = 400, .status = 480},
    END_OF_ELEMENTS,
};

static const char *const unavailability[] = {
    INVITED,
    B_P2 "180 INVITE",
    P2_P1 "180 INVITE",
    P1_A "180 INVITE",
    REFUSED_BY_BOB("480"),
    REFUSED_FURTHER("480"),
    NULL,
};

static const struct expectation of_unavailability[] = {
    ALL_MESSAGES,
    {"480 comes back with 3, 2, 1 Via",
     EXPECT_VALUES,
     "Via.count",
     "3 2 1",
     {B_P2 "480 INVITE", P2_P1 "480 INVITE", P1_A "480 INVITE"}},
    {"the To tag of 180 and 480 is the same",
     EXPECT_SAME,
     "To.tag",
     NULL,
     {B_P2 "180 INVITE", B_P2 "480 INVITE", P1_A "480 INVITE"}},
    ACK_IS_HOP_BY_HOP,
    NO_ERRORS,
    END_OF_EXPECTATIONS,
};

const struct callflow flow_3_11 = {
    .name = "rfc3665-3.11",
    .summary = "Unsuccessful Temporarily Unavailable",
    .source = "RFC 3665 section 3.11",
    .elements = unavailable,
    .steps = tries,
    .messages = unavailability,
    .expectations = of_unavailability,
};
