/* The peer of a user agent, who knows what it talks about: it hears what the user agent sends, and
 * what a stream wants it to say it says about that. */
#ifndef FUZZ_UA_PEER_H
#define FUZZ_UA_PEER_H

#include "message.h"

enum { UA_PEER_REQUESTS = 24, UA_PEER_DIALOGS = 12, UA_PEER_ROOM = 1 << 16 };

struct ua_peer {
    sipv_slice requests[UA_PEER_REQUESTS]; /* that it has heard, as far as there is room */
    sipv_method methods[UA_PEER_REQUESTS];
    sipv_slice dialogs[UA_PEER_DIALOGS]; /* responses that may have begun one */
    bool turned[UA_PEER_DIALOGS];        /* the peer has said it */
    size_t n_requests, n_dialogs, n_room;
    unsigned char room[UA_PEER_ROOM];
};

/* Forgets everything.  A peer is large: make it static. */
void ua_peer_open(struct ua_peer *peer);
/* The user agent sends that, parsed. */
void ua_peer_hears(struct ua_peer *peer, const sipv_message *m);
/* A message of a stream as the peer says it, with numbers from `seed` where there is a choice: a
 * response as one to a request that it has heard, of its method if there is one; a request with a
 * To tag as one of a dialog that there may be.  Absent if it comes to nothing; valid until the next
 * call. */
sipv_slice ua_peer_says(struct ua_peer *peer, uint64_t *seed, sipv_slice text);

#endif
