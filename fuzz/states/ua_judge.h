/* A judge of a user agent: it sees what goes in and what comes out, keeps account of both, and
 * checks the oracle `states` on what comes out.  It knows RFC 3261 sections 8, 9, 12, 13 and 17,
 * and nothing of the inside of the user agent:
 *
 *   - a request has one Via, of the transport it goes by, with a branch that no other has, and
 *     Max-Forwards; what is sent under the same branch is the same octets, or CANCEL or ACK;
 *   - CANCEL is for an INVITE that was sent and got a provisional response and no final one, with
 *     its Request-URI, Via, Route, From, To, Call-ID and number (section 9.1);
 *   - ACK is for an INVITE that was sent and answered, with the number of the INVITE and the To tag
 *     of the answer (sections 13.2.2.4, 17.1.1.3);
 *   - another request with a To tag is of a dialog that a response has begun, with the tags of that
 *     response; it goes to a target and along a route that the peer has named; of each dialog, and
 *     outside of each Call-ID and From tag, CSeq rises (section 12.2.1.1);
 *   - a response is to a request that went in, with its Via values, From, To, Call-ID and CSeq
 *     (section 8.2.6.2), and those that may begin a dialog with its Record-Route (12.1.1);
 *   - of a server transaction all responses have one To tag, there is one final response, and no
 *     provisional one behind it (sections 8.2.6.2, 17.2);
 *   - no response but to an INVITE is sent again by time, a 2xx not behind its ACK (13.3.1.4), and
 *     over a reliable transport only such 2xx and responses with RSeq (RFC 3262).
 *
 * The peer may say anything that the strict profile takes.  Where what it says leaves a doubt the
 * judge says nothing; what a message that was not accepted is answered is not judged.  Transports
 * must not fail, since what is sent for the second time over another one has another branch. */
#ifndef FUZZ_UA_JUDGE_H
#define FUZZ_UA_JUDGE_H

#include "said.h"

enum { UA_JUDGED_SENT = 128, UA_JUDGED_ASKED = 32, UA_JUDGED_DIALOGS = 64, UA_JUDGED_PLACES = 8 };

/* Why something comes out. */
enum ua_judge_why { UA_JUDGE_USER, UA_JUDGE_TIME, UA_JUDGE_REQUEST, UA_JUDGE_RESPONSE };

/* A request that came out. */
struct ua_judged_sent {
    struct said said; /* its slices are gone */
    uint64_t octets, via;
    bool provisional; /* it has a provisional response */
    int final;        /* the first that went in; 0: none */
    uint64_t refusal; /* To of that, if it is no 2xx */
};

/* A request that went in and was accepted. */
struct ua_judged_asked {
    struct said said;        /* its slices are gone */
    uint64_t key;            /* of its server transaction */
    size_t first;            /* of that; itself if it has begun one */
    uint64_t target, routes; /* of the dialog that it may begin, ... */
    bool doubt;              /* ... unless that is in doubt */
    /* Of the first one: */
    uint64_t tag; /* To tag of its responses; 0: none yet */
    int final;    /* 0: none yet */
    uint64_t final_octets, final_at;
    uint64_t acked_at; /* an ACK of the transaction went in; UINT64_MAX: none */
    bool confirmed;    /* the ACK of its 2xx went in */
};

/* A dialog that may have begun, or a Call-ID and From tag outside of dialogs (without a remote
 * tag); hashes as in said.h. */
struct ua_judged_dialog {
    uint64_t call_id, local, remote; /* tags */
    int64_t cseq;                    /* of the last request that came out; -1: none */
    bool over;                       /* it may have ended: its numbers may begin anew */
    bool elsewhere;                  /* where its requests go is in doubt */
    uint64_t targets[UA_JUDGED_PLACES], routes[UA_JUDGED_PLACES]; /* that may be used */
    size_t n_targets, n_routes;
};

/* A 2xx to an INVITE of ours. */
struct ua_judged_accepted {
    size_t sent;
    uint64_t to_tag;
};

struct ua_judge {
    bool reliable;
    bool blind; /* there was no room for something: it judges no more */
    bool skips; /* what goes in now is not accepted */
    enum ua_judge_why cause;
    uint64_t now;
    uint64_t key; /* of the request that goes in now */
    struct ua_judged_sent sent[UA_JUDGED_SENT];
    struct ua_judged_asked asked[UA_JUDGED_ASKED];
    struct ua_judged_dialog dialogs[UA_JUDGED_DIALOGS];
    struct ua_judged_accepted accepted[UA_JUDGED_SENT];
    size_t n_sent, n_asked, n_dialogs, n_accepted;
};

/* Forgets everything.  A judge is large: make it static. */
void ua_judge_open(struct ua_judge *j, bool reliable);
/* Before a message goes in, parsed in the strict profile; `accepted`: was it? */
void ua_judge_in(struct ua_judge *j, uint64_t now, sipv_message *m, bool accepted);
/* Before the user does something, or time goes on. */
void ua_judge_cause(struct ua_judge *j, uint64_t now, enum ua_judge_why cause);
/* Octets of this hash (said_hash) come out: is it a message that came out before?  Then it is
 * judged, else parsed and judged by the next function. */
bool ua_judge_again(struct ua_judge *j, uint64_t octets);
/* A message comes out, parsed. */
void ua_judge_out(struct ua_judge *j, sipv_message *m);

#endif
