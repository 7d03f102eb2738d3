/* documented.c: the two flows of the SIP flow document, with its names.
 *
 * What is printed there is expected, as far as it is true: messages here follow RFC 3261, where
 * the document has RFC 2543 (no branch, no From tag, no Max-Forwards). */
#include "callflow.h"

#define REALM "Ubiquity Software Corporation"
#define OPAQUE "1234567890abcedef"

/* The descriptions that are printed, with the host of who sends them. */
#define SDP(session)                                                                               \
    "v=0\r\no=- " session " IN IP4 %h\r\ns=-\r\nc=IN IP4 %h\r\nt=0 0\r\n"                          \
    "m=audio 5004 RTP/AVP 8 3 0\r\n"

#define CLIENT1                                                                                    \
    {                                                                                              \
        .name = "client1", .role = CALLFLOW_USER, .address = "10.20.30.10",                        \
        .uri = "sip:ua1@sipcenter.com", .display = "ua1", .outbound = "pstest",                    \
        .headers = "Subject: no subject\r\n", .sdp = SDP("982931950090 982931950090")              \
    }
#define CLIENT2                                                                                    \
    {                                                                                              \
        .name = "client2", .role = CALLFLOW_USER, .address = "10.20.30.20",                        \
        .uri = "sip:ua2@sipcenter.com", .login = "test", .password = "test", .auth_int = true,     \
        .outbound = "server", .sdp = SDP("0 0"), .ring_ms = 50, .answer_ms = 400                   \
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
    {"REGISTER, 401, REGISTER, 200 and nothing else", EXPECT_MESSAGES, NULL, NULL, {NULL}},
    {"Call-ID stays the same over the challenge",
     EXPECT_SAME,
     "Call-ID",
     NULL,
     {REGISTER1, CHALLENGE, REGISTER2, REGISTERED}},
    {"CSeq goes from 1 to 2 over the challenge",
     EXPECT_VALUES,
     "CSeq.number",
     "1 1 2 2",
     {REGISTER1, CHALLENGE, REGISTER2, REGISTERED}},
    {"realm as printed", EXPECT_TEXT, "WWW-Authenticate.realm", REALM, {CHALLENGE}},
    {"opaque as printed", EXPECT_TEXT, "WWW-Authenticate.opaque", OPAQUE, {CHALLENGE}},
    {"stale=false as printed", EXPECT_TEXT, "WWW-Authenticate.stale", "false", {CHALLENGE}},
    {"algorithm=MD5 as printed", EXPECT_TEXT, "WWW-Authenticate.algorithm", "MD5", {CHALLENGE}},
    {"qop=\"auth, auth-int\" as printed",
     EXPECT_TEXT,
     "WWW-Authenticate.qop",
     "auth, auth-int",
     {CHALLENGE}},
    {"realm comes back",
     EXPECT_EQUAL,
     "Authorization.realm",
     "WWW-Authenticate.realm",
     {REGISTER2, CHALLENGE}},
    {"nonce comes back",
     EXPECT_EQUAL,
     "Authorization.nonce",
     "WWW-Authenticate.nonce",
     {REGISTER2, CHALLENGE}},
    {"opaque comes back",
     EXPECT_EQUAL,
     "Authorization.opaque",
     "WWW-Authenticate.opaque",
     {REGISTER2, CHALLENGE}},
    {"the client chooses qop=auth-int", EXPECT_TEXT, "Authorization.qop", "auth-int", {REGISTER2}},
    {"nc=00000001", EXPECT_TEXT, "Authorization.nc", "00000001", {REGISTER2}},
    {"the digest uri is the Request-URI",
     EXPECT_EQUAL,
     "Authorization.uri",
     "Request-URI",
     {REGISTER2, REGISTER2}},
    {"the response is right for the password", EXPECT_VERIFIED, NULL, NULL, {CHALLENGE, REGISTER2}},
    {"no credentials before the challenge", EXPECT_ABSENT, "Authorization", NULL, {REGISTER1}},
    {"To tag in 401 and 200", EXPECT_PRESENT, "To.tag", NULL, {CHALLENGE, REGISTERED}},
    {"the registered contact is the client's",
     EXPECT_EQUAL,
     "Contact.uri",
     "Contact.uri",
     {REGISTERED, REGISTER2}},
    {"granted expires at most 3600", EXPECT_AT_MOST, "Contact.expires", "3600", {REGISTERED}},
    {"no message has an error", EXPECT_CLEAN, NULL, NULL, {NULL}},
    {.says = NULL},
};

const struct callflow flow_registration = {
    .name = "registration",
    .summary = "a client registers and is asked for credentials",
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
#define ACK "client1 > client2 ACK"
#define BYE "client1 > client2 BYE"

static const struct callflow_element talking[] = {CLIENT1, PSTEST, SERVER, CLIENT2, {.name = NULL}};

static const struct callflow_step talks[] = {
    {"client2", CALLFLOW_REGISTER, NULL, CALLFLOW_RESPONSE, 0},
    {"client1", CALLFLOW_CALL, "sip:ua2@sipcenter.com", CALLFLOW_ESTABLISHED, 300},
    {"client1", CALLFLOW_HANG_UP, NULL, CALLFLOW_ENDED, 0},
    {NULL, CALLFLOW_WAIT, NULL, CALLFLOW_AT_ONCE, 0},
};

static const char *const session[] = {
    REGISTER1,   CHALLENGE,
    REGISTER1,   REGISTERED,
    INVITE1,     "pstest > client1 100 INVITE",
    "+" INVITE2, "server > pstest 100 INVITE",
    "+" INVITE3, RINGING3,
    RINGING2,    RINGING1,
    OK3,         OK2,
    OK1,         ACK,
    BYE,         "client2 > client1 200 BYE",
    NULL,
};

#define OVER_ALL_HOPS                                                                              \
    {                                                                                              \
        INVITE1, INVITE2, INVITE3, OK3, OK2, OK1                                                   \
    }

static const struct expectation of_session[] = {
    {"every message of the flow and nothing else", EXPECT_MESSAGES, NULL, NULL, {NULL}},
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
    {"the proxy sends 100", EXPECT_COUNT, NULL, "1", {"pstest > client1 100 INVITE"}},
    {"the server sends 100", EXPECT_COUNT, NULL, "1", {"server > pstest 100 INVITE"}},
    {"the offer is the same over the hops", EXPECT_SAME, "body", NULL, {INVITE1, INVITE2, INVITE3}},
    {"the answer is the same over the hops", EXPECT_SAME, "body", NULL, {OK3, OK2, OK1}},
    {"the answer fits the offer", EXPECT_ANSWERS, NULL, NULL, {INVITE1, OK1}},
    {"Subject as printed, over all hops",
     EXPECT_TEXT,
     "Subject",
     "no subject",
     {INVITE1, INVITE2, INVITE3}},
    {"Contact of the caller stays over the hops",
     EXPECT_SAME,
     "Contact",
     NULL,
     {INVITE1, INVITE2, INVITE3}},
    {"Contact of the callee stays over the hops", EXPECT_SAME, "Contact", NULL, {OK3, OK2, OK1}},
    {"From is the same in all", EXPECT_SAME, "From", NULL, OVER_ALL_HOPS},
    {"To is the same over the hops", EXPECT_SAME, "To", NULL, {INVITE1, INVITE2, INVITE3}},
    {"To of the 200 stays over the hops", EXPECT_SAME, "To", NULL, {OK3, OK2, OK1}},
    {"Call-ID is the same in all", EXPECT_SAME, "Call-ID", NULL, OVER_ALL_HOPS},
    {"CSeq is the same in all", EXPECT_SAME, "CSeq", NULL, OVER_ALL_HOPS},
    {"Max-Forwards goes down by one at each hop",
     EXPECT_STEPS,
     "Max-Forwards",
     "-1",
     {INVITE1, INVITE2, INVITE3}},
    {"each hop has a branch of its own",
     EXPECT_DIFFERENT,
     "Via.branch",
     NULL,
     {INVITE1, INVITE2, INVITE3}},
    {"200 has a To tag, that of the 180", EXPECT_SAME, "To.tag", NULL, {RINGING1, OK1}},
    {"ACK goes to the contact of the callee",
     EXPECT_EQUAL,
     "Request-URI",
     "Contact.uri",
     {ACK, OK1}},
    {"ACK is not seen by the servers", EXPECT_NOT_SEEN, NULL, "ACK", {"pstest", "server"}},
    {"BYE is not seen by the servers", EXPECT_NOT_SEEN, NULL, "BYE", {"pstest", "server"}},
    {"BYE has the next CSeq", EXPECT_STEPS, "CSeq.number", "1", {ACK, BYE}},
    {"no message has an error", EXPECT_CLEAN, NULL, NULL, {NULL}},
    {.says = NULL},
};

const struct callflow flow_session = {
    .name = "session",
    .summary = "a call over a proxy and an application server",
    .source = "the SIP flow document, 2. Session",
    .elements = talking,
    .accounts = accounts,
    .steps = talks,
    .messages = session,
    .expectations = of_session,
};
