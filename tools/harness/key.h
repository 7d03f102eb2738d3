/* What identifies a transaction: RFC 3261 section 17.1.3 for clients, 17.2.3 for servers.
 *
 * With the magic cookie in the branch of the topmost Via it is the branch, the method, and for
 * servers the sent-by.  Without it the rules for RFC 2543 elements hold: Request-URI, tags,
 * Call-ID, CSeq and the topmost Via. */
#ifndef HARNESS_KEY_H
#define HARNESS_KEY_H

#include <sipvet/parser.h>

struct transaction_key {
    bool server, cookie;
    uint64_t hash;
    sipv_slice branch;  /* absent if there is none */
    sipv_slice via;     /* the topmost Via element */
    sipv_slice sent_by; /* its host */
    int64_t port;       /* its port, or the default one of the transport */
    sipv_slice uri;     /* Request-URI, absent in a response */
    sipv_slice from_tag, to_tag, call_id;
    sipv_slice method; /* of the request, by its CSeq */
    int64_t cseq;
};

/* Reads the key of a request or response that was accepted, slices of the message.  SIPV_OK, or
 * SIPV_REJECT if Via, From, To, Call-ID or CSeq cannot be read. */
int key_read(struct transaction_key *key, sipv_message *m, bool server, const uint64_t seed[2]);

/* Makes it the key for another method: an ACK or CANCEL looks for its INVITE. */
void key_for_method(struct transaction_key *key, const char *method, const uint64_t seed[2]);

/* Whether a message with key `key` belongs to the transaction that `of` has begun.  `to_tag`, if
 * present, stands for the To tag of `of`: that of the response, for an ACK (section 17.2.3). */
bool key_matches(const struct transaction_key *of, const struct transaction_key *key,
                 sipv_slice to_tag);

/* A To tag for answers without state: the same each time for a request and its ACK (RFC 3261
 * section 8.2.7), and known to nobody without the seed.  `key` is that of the request, or of the
 * ACK made the key for INVITE. */
enum { KEY_TAG = 16 };
sipv_slice key_tag(const struct transaction_key *key, const uint64_t seed[2], char tag[KEY_TAG]);

/* The same key, with slices of a copy of the message's octets. */
struct transaction_key key_moved(const struct transaction_key *key, sipv_slice from,
                                 const unsigned char *to);

#endif
