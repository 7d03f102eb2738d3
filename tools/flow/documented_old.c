/* documented_old.c: the flows of the SIP flow document between clients of RFC 2543, which say what
 * is printed there, and servers of ours.
 *
 * Without branch and From tag transactions are found by the rules of RFC 2543, which RFC 3261
 * section 17.2.3 keeps. */
#include "callflow.h"

#define REALM "Ubiquity Software Corporation"
#define OPAQUE "1234567890abcedef"

#define CLIENT1                                                                                    \
    {                                                                                              \
        .name = "client1", .role = CALLFLOW_OLD, .address = "10.20.30.10",                         \
        .uri = "sip:ua1@sipcenter.com", .outbound = "pstest"                                       \
    }
#define CLIENT2                                                                                    \
    {                                                                                              \
        .name = "client2", .role = CALLFLOW_OLD, .address = "10.20.30.20",                         \
        .uri = "sip:ua2@sipcenter.com", .password = "test", .outbound = "server", .ring_ms = 50,   \
        .answer_ms = 400                                                                           \
    }
#define PSTEST                                                                                     \
    {                                                                                              \
        .name = "pstest", .role = CALLFLOW_PROXY, .address = "10.20.30.30"                         \
    }
#define SERVER                                                                                     \
    {                                                                                              \
        .name = "server", .role = CALLFLOW_PROXY, .address = "10.20.30.40",                        \
        .domain = "sipcenter.com", .realm = REALM, .opaque = OPAQUE, .qop = "auth, auth-int",      \
        .guards_register = true                                                                    \
    }

static const struct callflow_account accounts[] = {{"test", REALM, "test"}, {NULL, NULL, NULL}};

/* ---- Registration ---------------------------------------------------------------------------- */

#define REGISTER1 "client2 > server REGISTER"
#define CHALLENGE "server > client2 401 REGISTER"
#define REGISTER2 "client2 > server REGISTER #2"
#define REGISTERED "server > client2 200 REGISTER"

static const struct callflow_element registering[] = {CLIENT2, SERVER, {.name = NULL}};

static const struct callflow_step registers[] = {
    {"client2", CALLFLOW_REGISTER, NULL, CALLFLOW_RESPONSE, 0},
    {NULL, CALLFLOW_WAIT, NULL, CALLFLOW_AT_ONCE, 0},
};

static const char *const registration[] = {REGISTER1, CHALLENGE, REGISTER1, REGISTERED, NULL};

static const struct expectation of_registration[] = {
    {"every message of the flow and nothing else", EXPECT_MESSAGES, NULL, NULL, {NULL}},
    {"there is no branch", EXPECT_ABSENT, "Via.branch", NULL, {REGISTER1, CHALLENGE}},
    {"Via comes back as it was",
     EXPECT_SAME,
     "Via",
     NULL,
     {REGISTER1, CHALLENGE, REGISTER2, REGISTERED}},
    {"From comes back without a tag",
     EXPECT_SAME,
     "From",
     NULL,
     {REGISTER1, CHALLENGE, REGISTER2, REGISTERED}},
    {"Call-ID stays the same",
     EXPECT_TEXT,
     "Call-ID",
     "-1189109688-503913370@10.20.30.20",
     {REGISTER1, CHALLENGE, REGISTER2, REGISTERED}},
    {"CSeq goes from 1 to 2",
     EXPECT_VALUES,
     "CSeq.number",
     "1 1 2 2",
     {REGISTER1, CHALLENGE, REGISTER2, REGISTERED}},
    {"realm as printed", EXPECT_TEXT, "WWW-Authenticate.realm", REALM, {CHALLENGE}},
    {"qop as printed", EXPECT_TEXT, "WWW-Authenticate.qop", "auth, auth-int", {CHALLENGE}},
    {"the response is right for the password", EXPECT_VERIFIED, NULL, NULL, {CHALLENGE, REGISTER2}},
    {"To tag in 401 and 200", EXPECT_PRESENT, "To.tag", NULL, {CHALLENGE, REGISTERED}},
    {"granted expires at most 3600", EXPECT_AT_MOST, "Contact.expires", "3600", {REGISTERED}},
    {"no message has an error", EXPECT_CLEAN, NULL, NULL, {NULL}},
    {.says = NULL},
};

const struct callflow flow_old_registration = {
    .name = "registration-rfc2543",
    .summary = "the same with a client of RFC 2543, as printed",
    .source = "the SIP flow document, 1. Registration",
    .elements = registering,
    .accounts = accounts,
    .steps = registers,
    .messages = registration,
    .expectations = of_registration,
};

/* ---- Session --------------------------------------------------------------------------------- */

#define INVITE1 "client1 > pstest INVITE"
#define INVITE2 "pstest > server INVITE"
#define INVITE3 "server > client2 INVITE"
#define RINGING3 "client2 > server 180 INVITE"
#define RINGING2 "server > pstest 180 INVITE"
#define RINGING1 "pstest > client1 180 INVITE"
#define OK3 "client2 > server 200 INVITE"
#define OK2 "server > pstest 200 INVITE"
#define OK1 "pstest > client1 200 INVITE"

static const struct callflow_element talking[] = {CLIENT1, PSTEST, SERVER, CLIENT2, {.name = NULL}};

static const struct callflow_step talks[] = {
    {"client2", CALLFLOW_REGISTER, NULL, CALLFLOW_RESPONSE, 0},
    {"client1", CALLFLOW_CALL, NULL, CALLFLOW_ESTABLISHED, 300},
    {"client1", CALLFLOW_HANG_UP, NULL, CALLFLOW_ENDED, 0},
    {NULL, CALLFLOW_WAIT, NULL, CALLFLOW_AT_ONCE, 0},
};

static const char *const session[] = {
    REGISTER1,
    CHALLENGE,
    REGISTER1,
    REGISTERED,
    INVITE1,
    "pstest > client1 100 INVITE",
    "+" INVITE2,
    "server > pstest 100 INVITE",
    "+" INVITE3,
    RINGING3,
    RINGING2,
    RINGING1,
    OK3,
    OK2,
    OK1,
    "client1 > client2 ACK",
    "client1 > client2 BYE",
    "client2 > client1 200 BYE",
    NULL,
};

static const struct expectation of_session[] = {
    {"every message of the flow and nothing else", EXPECT_MESSAGES, NULL, NULL, {NULL}},
    {"the caller has no branch", EXPECT_ABSENT, "Via.branch", NULL, {INVITE1}},
    {"our hops have one", EXPECT_DIFFERENT, "Via.branch", NULL, {INVITE2, INVITE3}},
    {"the proxy keeps the Request-URI", EXPECT_SAME, "Request-URI", NULL, {INVITE1, INVITE2}},
    {"the server retargets it to the registered contact",
     EXPECT_EQUAL,
     "Request-URI",
     "Contact.uri",
     {INVITE3, REGISTER2}},
    {"each hop pushes its Via: 1, 2, 3",
     EXPECT_VALUES,
     "Via.count",
     "1 2 3",
     {INVITE1, INVITE2, INVITE3}},
    {"180 comes back with 3, 2, 1 Via",
     EXPECT_VALUES,
     "Via.count",
     "3 2 1",
     {RINGING3, RINGING2, RINGING1}},
    {"200 comes back with 3, 2, 1 Via", EXPECT_VALUES, "Via.count", "3 2 1", {OK3, OK2, OK1}},
    {"Subject passes", EXPECT_TEXT, "Subject", "no subject", {INVITE1, INVITE2, INVITE3}},
    {"Contact passes",
     EXPECT_TEXT,
     "Contact",
     "<sip:ua1@10.20.30.10>",
     {INVITE1, INVITE2, INVITE3}},
    {"the session description passes", EXPECT_SAME, "body", NULL, {INVITE1, INVITE2, INVITE3}},
    {"From without tag passes",
     EXPECT_TEXT,
     "From",
     "ua1<sip:ua1@10.20.30.10>",
     {INVITE1, INVITE2, INVITE3, OK3, OK2, OK1}},
    {"180 without To tag passes",
     EXPECT_TEXT,
     "To",
     "sip:ua2@sipcenter.com",
     {RINGING3, RINGING2, RINGING1}},
    {"200 with To tag passes",
     EXPECT_TEXT,
     "To",
     "sip:ua2@sipcenter.com;tag=117530467",
     {OK3, OK2, OK1}},
    {"the answer fits the offer", EXPECT_ANSWERS, NULL, NULL, {INVITE1, OK1}},
    {"a request without Max-Forwards gets one",
     EXPECT_PRESENT,
     "Max-Forwards",
     NULL,
     {INVITE2, INVITE3}},
    {"ACK is not seen by the servers", EXPECT_NOT_SEEN, NULL, "ACK", {"pstest", "server"}},
    {"BYE is not seen by the servers", EXPECT_NOT_SEEN, NULL, "BYE", {"pstest", "server"}},
    {"no message has an error", EXPECT_CLEAN, NULL, NULL, {NULL}},
    {.says = NULL},
};

const struct callflow flow_old_session = {
    .name = "session-rfc2543",
    .summary = "the same with clients of RFC 2543, as printed",
    .source = "the SIP flow document, 2. Session",
    .elements = talking,
    .accounts = accounts,
    .steps = talks,
    .messages = session,
    .expectations = of_session,
};
