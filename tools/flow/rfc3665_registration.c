/* rfc3665_registration.c: RFC 3665 section 2.
 *
 * There a client that is logged in already sends its credentials without being asked again; here
 * the login of section 2.1 is the beginning of these flows. */
#include "rfc3665.h"

#define FIRST "bob > server REGISTER"
#define CHALLENGE "server > bob 401 REGISTER"
#define SECOND "bob > server REGISTER #2"
#define ADMITTED "server > bob 200 REGISTER"
#define THIRD "bob > server REGISTER #3"
#define CHANGED "server > bob 200 REGISTER #2"
#define FOURTH "bob > server REGISTER #4"
#define CHANGED_AGAIN "server > bob 200 REGISTER #3"

#define REALM "atlanta.example.com" /* as printed, though the server is that of biloxi */

static const struct callflow_account accounts[] = {{"bob", REALM, "zanzibar"}, {NULL, NULL, NULL}};

#define IS_SERVER                                                                                  \
    {                                                                                              \
        .name = "server", .role = CALLFLOW_PROXY, .address = "192.0.2.222", .domain = BILOXI,      \
        .realm = REALM, .qop = "auth", .guards_register = true                                     \
    }

static const struct callflow_element knows_password[] = {
    {IS_BOB, .login = "bob", .password = "zanzibar", .outbound = "server"},
    IS_SERVER,
    END_OF_ELEMENTS,
};

#define LOGIN_STEP                                                                                 \
    {                                                                                              \
        "bob", CALLFLOW_REGISTER, NULL, CALLFLOW_RESPONSE, 0                                       \
    }
#define LOGIN FIRST, CHALLENGE, FIRST, ADMITTED

/* ---- 2.1 ------------------------------------------------------------------------------------- */

static const struct callflow_step registers[] = {LOGIN_STEP, END_OF_STEPS};
static const char *const registration[] = {LOGIN, NULL};

static const struct expectation of_registration[] = {
    ALL_MESSAGES,
    {"Call-ID is the same in all",
     EXPECT_SAME,
     "Call-ID",
     NULL,
     {FIRST, CHALLENGE, SECOND, ADMITTED}},
    {"CSeq goes from 1 to 2",
     EXPECT_VALUES,
     "CSeq.number",
     "1 1 2 2",
     {FIRST, CHALLENGE, SECOND, ADMITTED}},
    {"qop=\"auth\" is offered", EXPECT_TEXT, "WWW-Authenticate.qop", "auth", {CHALLENGE}},
    {"the response is right for the password", EXPECT_VERIFIED, NULL, NULL, {CHALLENGE, SECOND}},
    {"To tag in 401 and 200", EXPECT_PRESENT, "To.tag", NULL, {CHALLENGE, ADMITTED}},
    {"the binding is the contact of the client",
     EXPECT_EQUAL,
     "Contact.uri",
     "Contact.uri",
     {ADMITTED, SECOND}},
    {"it is the only one", EXPECT_VALUES, "Contact.count", "1", {ADMITTED}},
    {"granted expires at most 3600", EXPECT_AT_MOST, "Contact.expires", "3600", {ADMITTED}},
    NO_ERRORS,
    END_OF_EXPECTATIONS,
};

const struct callflow flow_2_1 = {
    .name = "rfc3665-2.1",
    .summary = "Successful New Registration",
    .source = "RFC 3665 section 2.1",
    .elements = knows_password,
    .accounts = accounts,
    .steps = registers,
    .messages = registration,
    .expectations = of_registration,
};

/* ---- 2.2 ------------------------------------------------------------------------------------- */

static const struct callflow_step updates[] = {
    LOGIN_STEP,
    {"bob", CALLFLOW_REGISTER, "<mailto:bob@biloxi.example.com>", CALLFLOW_RESPONSE, 0},
    END_OF_STEPS,
};
static const char *const update[] = {LOGIN, FIRST, ADMITTED, NULL};

static const struct expectation of_update[] = {
    ALL_MESSAGES,
    {"credentials come without being asked for again",
     EXPECT_PRESENT,
     "Authorization.response",
     NULL,
     {THIRD}},
    {"they answer the challenge of the login", EXPECT_VERIFIED, NULL, NULL, {CHALLENGE, THIRD}},
    {"nc goes up", EXPECT_STEPS, "Authorization.nc", "1", {SECOND, THIRD}},
    {"CSeq goes up", EXPECT_STEPS, "CSeq.number", "1", {SECOND, THIRD}},
    {"Call-ID stays the same", EXPECT_SAME, "Call-ID", NULL, {FIRST, THIRD, CHANGED}},
    {"the answer has both contacts", EXPECT_VALUES, "Contact.count", "2", {CHANGED}},
    NO_ERRORS,
    END_OF_EXPECTATIONS,
};

const struct callflow flow_2_2 = {
    .name = "rfc3665-2.2",
    .summary = "Update of Contact List",
    .source = "RFC 3665 section 2.2",
    .elements = knows_password,
    .accounts = accounts,
    .steps = updates,
    .messages = update,
    .expectations = of_update,
};

/* ---- 2.3 ------------------------------------------------------------------------------------- */

static const struct callflow_step queries[] = {
    LOGIN_STEP,
    {"bob", CALLFLOW_REGISTER, "<mailto:bob@biloxi.example.com>", CALLFLOW_RESPONSE, 0},
    {"bob", CALLFLOW_QUERY, NULL, CALLFLOW_RESPONSE, 0},
    END_OF_STEPS,
};
static const char *const query[] = {LOGIN, FIRST, ADMITTED, FIRST, ADMITTED, NULL};

static const struct expectation of_query[] = {
    ALL_MESSAGES,
    {"the request has no Contact", EXPECT_ABSENT, "Contact", NULL, {FOURTH}},
    {"credentials come without being asked for", EXPECT_VERIFIED, NULL, NULL, {CHALLENGE, FOURTH}},
    {"the answer has both contacts", EXPECT_VALUES, "Contact.count", "2", {CHANGED_AGAIN}},
    NO_ERRORS,
    END_OF_EXPECTATIONS,
};

const struct callflow flow_2_3 = {
    .name = "rfc3665-2.3",
    .summary = "Request for Current Contact List",
    .source = "RFC 3665 section 2.3",
    .elements = knows_password,
    .accounts = accounts,
    .steps = queries,
    .messages = query,
    .expectations = of_query,
};

/* ---- 2.4 ------------------------------------------------------------------------------------- */

static const struct callflow_step leaves[] = {
    LOGIN_STEP,
    {"bob", CALLFLOW_UNREGISTER, NULL, CALLFLOW_RESPONSE, 0},
    END_OF_STEPS,
};

static const struct expectation of_leave[] = {
    ALL_MESSAGES,
    {"Contact is *", EXPECT_TEXT, "Contact", "*", {THIRD}},
    {"Expires is 0", EXPECT_TEXT, "Expires", "0", {THIRD}},
    {"credentials come without being asked for", EXPECT_VERIFIED, NULL, NULL, {CHALLENGE, THIRD}},
    {"no contact is left", EXPECT_ABSENT, "Contact", NULL, {CHANGED}},
    NO_ERRORS,
    END_OF_EXPECTATIONS,
};

const struct callflow flow_2_4 = {
    .name = "rfc3665-2.4",
    .summary = "Cancellation of Registration",
    .source = "RFC 3665 section 2.4",
    .elements = knows_password,
    .accounts = accounts,
    .steps = leaves,
    .messages = update,
    .expectations = of_leave,
};

/* ---- 2.5 ------------------------------------------------------------------------------------- */

static const struct callflow_element mistaken[] = {
    {IS_BOB, .login = "bob", .password = "incorrect", .outbound = "server"},
    IS_SERVER,
    END_OF_ELEMENTS,
};
static const char *const refusal[] = {FIRST, CHALLENGE, FIRST, CHALLENGE, NULL};

static const struct expectation of_refusal[] = {
    ALL_MESSAGES,
    {"CSeq goes from 1 to 2", EXPECT_VALUES, "CSeq.number", "1 2", {FIRST, SECOND}},
    {"the client has answered the challenge",
     EXPECT_EQUAL,
     "Authorization.nonce",
     "WWW-Authenticate.nonce",
     {SECOND, CHALLENGE}},
    {"it is asked again",
     EXPECT_PRESENT,
     "WWW-Authenticate.nonce",
     NULL,
     {"server > bob 401 REGISTER #2"}},
    {"nothing is registered",
     EXPECT_ABSENT,
     "Contact",
     NULL,
     {CHALLENGE, "server > bob 401 REGISTER #2"}},
    NO_ERRORS,
    END_OF_EXPECTATIONS,
};

const struct callflow flow_2_5 = {
    .name = "rfc3665-2.5",
    .summary = "Unsuccessful Registration",
    .source = "RFC 3665 section 2.5",
    .elements = mistaken,
    .accounts = accounts,
    .steps = registers,
    .messages = refusal,
    .expectations = of_refusal,
};
