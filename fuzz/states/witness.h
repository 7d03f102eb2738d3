/* A witness of a proxy: it sees what goes in and what comes out, keeps account of both, and checks
 * the oracles `states` and `slices` on what comes out.  It knows RFC 3261 sections 16 and 17, RFC
 * 5393 and RFC 6026, the settings of the proxy, and nothing of its inside:
 *
 *   - a request that is forwarded is one that came in, now, or a branch of which has ended:
 * Max-Forwards is one less, one Via of the proxy's stands on top, with a branch that no other has,
 * Record-Route is there if it must be, of Route only what names the proxy is gone, and nothing else
 * has changed; it goes to where its topmost Route says, else its Request-URI, or a next hop;
 *   - a loop goes no further, nor what may not be forwarded, nor anything behind a 6xx;
 *   - all branches at one time have no more breadth than the request;
 *   - a response that is forwarded is one that came in for a branch of that request, without its
 *     topmost Via; no other response of the proxy's own says what only a UAS may say;
 *   - one final response goes upstream for a server transaction, but for 2xx to an INVITE, not
 *     before the branches have ended, of the best class there is, with the challenges of all
 *     branches, and as soon as they have ended; no provisional one after it, and no 503;
 *   - provisional responses, and each 2xx to an INVITE, go upstream at once;
 *   - CANCEL goes to an INVITE with a provisional response and without a final one, for a reason,
 *     once, and it does go where there is a reason;
 *   - ACK goes to an INVITE that was refused, at once;
 *   - what is sent again is sent at the times of timers A, E and G, and never by time over a
 *     reliable transport.
 *
 * Time is that of the harness, in milliseconds. */
#ifndef FUZZ_WITNESS_H
#define FUZZ_WITNESS_H

#include <hop.h>

#include "said.h"

enum {
    WITNESS_REQUESTS = 64,
    WITNESS_BRANCHES = 96,
    WITNESS_ANSWERS = 96,
    WITNESS_REPLIES = 96,
    WITNESS_ROOM = 1 << 20 /* octets of messages that are kept */
};
#define WITNESS_NONE SIZE_MAX

/* What it has to know of the settings. */
struct witness_rules {
    bool stateless, record_route, registrar, recurse;
    bool guarded;           /* who is not in a dialog needs credentials */
    bool takes_credentials; /* it takes those for its realm away */
    bool limited;           /* memory or tables may run out: what is asked for need not be done */
    bool stopped;           /* it has been told to stop, and is limited */
    sipv_profile profile;
    unsigned max_breadth;
    uint64_t timer_c_ms;
    const char *host; /* the proxy's, in Via and Record-Route */
    const char *next; /* the URI of a next hop, or NULL */
};

/* A request that went in. */
struct witness_request {
    struct said said;
    sipv_slice octets;
    uint64_t flow, at;
    size_t first;          /* of its server transaction; itself if it has begun one */
    bool reliable, secure; /* it came over TCP or TLS, over TLS */
    bool accepted, looped;
    bool refused; /* its credentials are wrong */
    bool open;    /* a CANCEL: its INVITE has a transaction */
    /* Of the first one: */
    bool cancelled;              /* a CANCEL for it went in */
    int final;                   /* the first final response that came out; 0: none */
    uint64_t final_at, acked_at; /* acked_at: UINT64_MAX until ACK goes in */
    uint64_t final_tag;          /* its To tag, as said.h */
    unsigned challenges;         /* lines of them in 401 and 407 from branches */
    bool unframed; /* a response from a branch may not go over its stream, but something else */
};

/* A request that came out. */
struct witness_branch {
    struct said said;
    sipv_slice octets;
    uint64_t hash, flow, at;
    size_t request; /* that was forwarded; WITNESS_NONE: CANCEL or ACK of the proxy's own */
    size_t copy;    /* of that request, which it may be itself: what was forwarded */
    size_t invite;  /* of a CANCEL of the proxy's own: the branch it is for */
    unsigned times; /* it was sent by time, with the first one */
    uint64_t last;  /* the last of these */
    bool reliable, failed;
    uint64_t failed_at;
    bool provisional;      /* it has a provisional response */
    uint64_t lengthened;   /* when timer C has begun */
    uint64_t cancelled_at; /* UINT64_MAX: it is not */
    int final;             /* the first final response that went in; 0: none */
    bool replaced;         /* perhaps, by another flow to the same instance (RFC 5626 section 7) */
};

/* A response that went in, for a branch or WITNESS_NONE. */
struct witness_answer {
    struct said said;
    size_t branch;
    bool taken;        /* its branch has waited for it */
    bool for_upstream; /* it has a Via below the proxy's, and is about the request of its branch */
    bool framed;       /* it may go over a stream */
};

/* A response that came out, for the first request of a server transaction or WITNESS_NONE. */
struct witness_reply {
    uint64_t hash, flow, last;
    size_t request;
    int status;
    unsigned times; /* it was sent by time, with the first one; 0: it may be sent at any */
    bool reliable;
    bool own; /* of the proxy, not forwarded */
};

enum witness_cause { WITNESS_TIME, WITNESS_REQUEST, WITNESS_RESPONSE, WITNESS_FAILURE };

struct witness {
    struct witness_rules rules;
    uint64_t now;
    enum witness_cause cause; /* of what comes out now */
    bool blind;               /* there was no room for something: it judges no more */
    bool malformed;           /* what goes in now is not accepted */
    bool wrong_password;      /* the request that goes in next has credentials that are wrong */
    struct witness_request requests[WITNESS_REQUESTS];
    struct witness_branch branches[WITNESS_BRANCHES];
    struct witness_answer answers[WITNESS_ANSWERS];
    struct witness_reply replies[WITNESS_REPLIES];
    size_t n_requests, n_branches, n_answers, n_replies;
    size_t n_passed; /* responses that have come out since something has happened */
    unsigned char room[WITNESS_ROOM];
    size_t n_room;
};

/* Forgets everything.  A witness is large: make it static. */
void witness_open(struct witness *w, const struct witness_rules *rules);

struct witness_flow {
    uint64_t id;
    bool reliable, secure;
    bool upstream; /* somebody comes by it; it may be that of an outbound client */
    const struct hop *hop;
};

/* Before a message goes in, parsed in the profile of the rules, with what that returned. */
void witness_in(struct witness *w, uint64_t now, const struct witness_flow *flow,
                const sipv_message *m, bool accepted);
/* Afterwards: what had to be done has been done. */
void witness_after(struct witness *w);
/* Before a flow is told to have failed. */
void witness_failed(struct witness *w, uint64_t now, uint64_t flow);
/* Before time goes on. */
void witness_time(struct witness *w, uint64_t now);
/* A message comes out. */
void witness_out(struct witness *w, const struct witness_flow *flow, sipv_slice octets);
/* In the end, when no timer runs. */
void witness_end(struct witness *w);

/* ---- Between its files ------------------------------------------------------------------------
 */

/* A copy of octets, absent without room. */
sipv_slice witness_keep(struct witness *w, sipv_slice octets);
/* May a final response still come for this branch, as far as timers go? */
bool witness_pending(const struct witness *w, const struct witness_branch *b);
/* Has it just ended without a response? */
bool witness_just_ended(const struct witness *w, const struct witness_branch *b);
/* The request that was forwarded to where the response comes from that goes in now, WITNESS_NONE.
 */
size_t witness_answered(const struct witness *w);
/* The classes of the final responses of its branches, bits 3 to 6: those that a response is chosen
 * from. */
unsigned witness_classes(const struct witness *w, size_t request);
/* Is that ACK or CANCEL about this INVITE?  Without a cookie the To tag decides too, which an ACK
 * has from the response. */
bool witness_is_about(const struct said *s, const struct witness_request *invite);
/* Has the server transaction of this first request ended? */
bool witness_ended(const struct witness *w, const struct witness_request *r);
/* Something that has not been sent before. */
void witness_request_out(struct witness *w, const struct witness_flow *flow,
                         const struct said *said, sipv_slice octets);
void witness_response_out(struct witness *w, const struct witness_flow *flow,
                          const struct said *said, uint64_t hash);
/* Something that has. */
void witness_request_again(struct witness *w, struct witness_branch *b);
void witness_response_again(struct witness *w, struct witness_reply *reply);
/* May that response be sent again now, because of timer G? */
bool witness_response_due(const struct witness *w, const struct witness_reply *reply);

#endif
