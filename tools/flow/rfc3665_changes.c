/* rfc3665_changes.c: RFC 3665 sections 3.6 and 3.7: a call that is redirected, one that changes. */
#include "rfc3665.h"

#define A_R "alice > redirect "
#define R_A "redirect > alice "
#define A_P3 "alice > proxy3 "
#define P3_A "proxy3 > alice "
#define P3_B "proxy3 > bob "
#define B_P3 "bob > proxy3 "
#define A_P2 "alice > proxy2 "
#define P2_A "proxy2 > alice "
#define P2_B "proxy2 > bob "
#define B_P2 "bob > proxy2 "
#define A_B "alice > bob "
#define B_A "bob > alice "

/* ---- 3.6 ------------------------------------------------------------------------------------- */

#define BOB_AWAY "sip:bob@" CHICAGO

static const struct callflow_element redirected[] = {
    {IS_ALICE, .late_offer = true},
    {.name = "redirect",
     .role = CALLFLOW_REDIRECT,
     .address = "192.0.2.110",
     .domain = BILOXI,
     .redirect_to = "<" BOB_AWAY ">"},
    {.name = "proxy3",
     .role = CALLFLOW_PROXY,
     .address = "192.0.2.233",
     .domain = CHICAGO,
     .record_route = true},
    {.name = "bob",
     .role = CALLFLOW_USER,
     .address = "192.0.2.100",
     .uri = BOB_AWAY,
     .display = "Bob",
     .outbound = "proxy3",
     .sdp = BOB_SDP,
     .ring_ms = 50,
     .answer_ms = 400},
    END_OF_ELEMENTS,
};

static const struct callflow_step follows[] = {
    BOB_REGISTERS_STEP,
    {"alice", CALLFLOW_CALL, BOB_URI, CALLFLOW_ESTABLISHED, 300},
    {"bob", CALLFLOW_HANG_UP, NULL, CALLFLOW_ENDED, 0},
    END_OF_STEPS,
};

static const char *const redirection[] = {
    "bob > proxy3 REGISTER",
    "proxy3 > bob 200 REGISTER",
    A_R "INVITE",
    R_A "302 INVITE",
    A_R "ACK",
    "+" A_P3 "INVITE",
    P3_A "100 INVITE",
    "+" P3_B "INVITE",
    B_P3 "180 INVITE",
    P3_A "180 INVITE",
    B_P3 "200 INVITE",
    P3_A "200 INVITE",
    A_P3 "ACK",
    P3_B "ACK",
    B_P3 "BYE",
    P3_A "BYE",
    A_P3 "200 BYE",
    P3_B "200 BYE",
    NULL,
};

static const struct expectation of_redirection[] = {
    ALL_MESSAGES,
    {"the new Request-URI is the Contact of the 302",
     EXPECT_EQUAL,
     "Request-URI",
     "Contact.uri",
     {A_P3 "INVITE", R_A "302 INVITE"}},
    {"Call-ID stays the same", EXPECT_SAME, "Call-ID", NULL, {A_R "INVITE", A_P3 "INVITE"}},
    {"the From tag stays the same", EXPECT_SAME, "From.tag", NULL, {A_R "INVITE", A_P3 "INVITE"}},
    {"To stays the same, without tag",
     EXPECT_SAME,
     "To",
     NULL,
     {A_R "INVITE", A_P3 "INVITE", P3_B "INVITE"}},
    {"CSeq goes up by one", EXPECT_STEPS, "CSeq.number", "1", {A_R "INVITE", A_P3 "INVITE"}},
    {"INVITE has no session description",
     EXPECT_ABSENT,
     "body",
     NULL,
     {A_R "INVITE", A_P3 "INVITE", P3_B "INVITE"}},
    {"the answer in ACK fits the offer in 200",
     EXPECT_ANSWERS,
     NULL,
     NULL,
     {P3_A "200 INVITE", A_P3 "ACK"}},
    {"ACK has it over both hops", EXPECT_SAME, "body", NULL, {A_P3 "ACK", P3_B "ACK"}},
    NO_ERRORS,
    END_OF_EXPECTATIONS,
};

const struct callflow flow_3_6 = {
    .name = "rfc3665-3.6",
    .summary = "Session via Redirect and Proxy Servers with SDP in ACK",
    .source = "RFC 3665 section 3.6",
    .elements = redirected,
    .steps = follows,
    .messages = redirection,
    .expectations = of_redirection,
};

/* ---- 3.7 ------------------------------------------------------------------------------------- */

static const struct callflow_element one_proxy[] = {
    {IS_ALICE, .outbound = "proxy2"},
    {IS_PROXY2},
    {IS_BOB, .outbound = "proxy2", .ring_ms = 50, .answer_ms = 400},
    END_OF_ELEMENTS,
};

static const struct callflow_step moves[] = {
    BOB_REGISTERS_STEP,
    {"alice", CALLFLOW_CALL, BOB_URI, CALLFLOW_ESTABLISHED, 300},
    {"bob", CALLFLOW_MOVE, "192.0.2.100", CALLFLOW_AT_ONCE, 0},
    {"bob", CALLFLOW_REINVITE,
     "v=0\r\no=bob 2890844527 2890844528 IN IP4 %h\r\ns=-\r\nc=IN IP4 %h\r\nt=0 0\r\n"
     "m=audio 47172 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n",
     CALLFLOW_ESTABLISHED, 300},
    {"alice", CALLFLOW_HANG_UP, NULL, CALLFLOW_ENDED, 0},
    END_OF_STEPS,
};

static const char *const change[] = {
    BOB_REGISTERS,     A_P2 "INVITE",     P2_A "100 INVITE", "+" P2_B "INVITE", B_P2 "180 INVITE",
    P2_A "180 INVITE", B_P2 "200 INVITE", P2_A "200 INVITE", A_B "ACK",         B_A "INVITE",
    A_B "200 INVITE",  B_A "ACK",         A_B "BYE",         B_A "200 BYE",     NULL,
};

static const struct expectation of_change[] = {
    ALL_MESSAGES,
    {"proxy 2 does not record itself", EXPECT_ABSENT, "Record-Route", NULL, {P2_B "INVITE"}},
    {"the re-INVITE goes to the contact of the caller",
     EXPECT_EQUAL,
     "Request-URI",
     "Contact.uri",
     {B_A "INVITE", A_P2 "INVITE"}},
    {"it has another Contact",
     EXPECT_DIFFERENT,
     "Contact.uri",
     NULL,
     {P2_A "200 INVITE", B_A "INVITE"}},
    {"it has the tags of the dialog",
     EXPECT_EQUAL,
     "To.tag",
     "From.tag",
     {B_A "INVITE", A_P2 "INVITE"}},
    {"Call-ID stays the same",
     EXPECT_SAME,
     "Call-ID",
     NULL,
     {A_P2 "INVITE", B_A "INVITE", A_B "BYE"}},
    {"the answer fits the new offer", EXPECT_ANSWERS, NULL, NULL, {B_A "INVITE", A_B "200 INVITE"}},
    {"BYE goes to the new contact",
     EXPECT_EQUAL,
     "Request-URI",
     "Contact.uri",
     {A_B "BYE", B_A "INVITE"}},
    NO_ERRORS,
    END_OF_EXPECTATIONS,
};

const struct callflow flow_3_7 = {
    .name = "rfc3665-3.7",
    .summary = "Session with re-INVITE (IP Address Change)",
    .source = "RFC 3665 section 3.7",
    .elements = one_proxy,
    .steps = moves,
    .messages = change,
    .expectations = of_change,
};
