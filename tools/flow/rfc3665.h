/* rfc3665.h: who takes part in the flows of RFC 3665, at the addresses they have there. */
#ifndef SIPVET_TOOLS_FLOW_RFC3665_H
#define SIPVET_TOOLS_FLOW_RFC3665_H

#include "callflow.h"

#define ATLANTA "atlanta.example.com"
#define BILOXI "biloxi.example.com"
#define CHICAGO "chicago.example.com"
#define ALICE_URI "sip:alice@" ATLANTA
#define BOB_URI "sip:bob@" BILOXI

#define ALICE_SDP                                                                                  \
    "v=0\r\no=alice 2890844526 2890844526 IN IP4 %h\r\ns=-\r\nc=IN IP4 %h\r\nt=0 0\r\n"            \
    "m=audio 49172 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
#define BOB_SDP                                                                                    \
    "v=0\r\no=bob 2890844527 2890844527 IN IP4 %h\r\ns=-\r\nc=IN IP4 %h\r\nt=0 0\r\n"              \
    "m=audio 3456 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"

/* Members of struct callflow_element; what a flow adds follows. */
#define IS_ALICE                                                                                   \
    .name = "alice", .role = CALLFLOW_USER, .address = "192.0.2.101", .uri = ALICE_URI,            \
    .display = "Alice", .sdp = ALICE_SDP
#define IS_BOB                                                                                     \
    .name = "bob", .role = CALLFLOW_USER, .address = "192.0.2.201", .uri = BOB_URI,                \
    .display = "Bob", .sdp = BOB_SDP
#define IS_PROXY1                                                                                  \
    .name = "proxy1", .role = CALLFLOW_PROXY, .address = "192.0.2.111", .domain = ATLANTA
#define IS_PROXY2                                                                                  \
    .name = "proxy2", .role = CALLFLOW_PROXY, .address = "192.0.2.222", .domain = BILOXI

/* Bob is registered beforehand (RFC 3665 section 3); here that is part of the flow. */
#define BOB_REGISTERS "bob > proxy2 REGISTER", "proxy2 > bob 200 REGISTER"
#define BOB_REGISTERS_STEP                                                                         \
    {                                                                                              \
        "bob", CALLFLOW_REGISTER, NULL, CALLFLOW_RESPONSE, 0                                       \
    }

#define END_OF_ELEMENTS                                                                            \
    {                                                                                              \
        .name = NULL                                                                               \
    }
#define END_OF_STEPS                                                                               \
    {                                                                                              \
        NULL, CALLFLOW_WAIT, NULL, CALLFLOW_AT_ONCE, 0                                             \
    }
#define END_OF_EXPECTATIONS                                                                        \
    {                                                                                              \
        .says = NULL                                                                               \
    }

#define ALL_MESSAGES                                                                               \
    {                                                                                              \
        "every message of the flow and nothing else", EXPECT_MESSAGES, NULL, NULL,                 \
        {                                                                                          \
            NULL                                                                                   \
        }                                                                                          \
    }
#define NO_ERRORS                                                                                  \
    {                                                                                              \
        "no message has an error", EXPECT_CLEAN, NULL, NULL,                                       \
        {                                                                                          \
            NULL                                                                                   \
        }                                                                                          \
    }

#endif
