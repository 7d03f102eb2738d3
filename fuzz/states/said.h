/* What a message says of that which a proxy may and may not change (RFC 3261 section 16.6), read
 * from its octets without the proxy: lists of routing headers value by value, everything else as
 * hashes, so that what went in can be compared with what came out.
 *
 * Values are compared without white space, which a copy may fold otherwise; what a proxy must not
 * touch is compared octet for octet. */
#ifndef FUZZ_SAID_H
#define FUZZ_SAID_H

#include "message.h"

enum {
    SAID_VALUES = 32,
    SAID_FRONT = 3 /* Route values that may go: two of the proxy's own, and a strict router */
};

/* A list over all header lines of one name: a hash for each value. */
struct said_list {
    uint64_t value[SAID_VALUES];
    size_t n;
};

struct said {
    sipv_kind kind;
    int status;
    sipv_method method; /* of a response: of its CSeq */
    int64_t cseq, max_forwards;
    int64_t max_breadth; /* -1: it has none that can be read */
    bool has_breadth;
    bool cookie;   /* the branch of the topmost Via begins with z9hG4bK */
    bool too_long; /* a list has more values than there is room for */
    struct said_list vias, routes, record_routes;
    sipv_slice top_via, top_record_route, uri;
    sipv_slice front_routes[SAID_FRONT]; /* the first values of Route, absent behind the last */
    uint64_t branch;                     /* of the topmost Via, without case; 0: it has none */
    uint64_t sent_by; /* of the topmost Via, without case, with the port that is meant */
    uint64_t name;    /* of the method, as CSeq has it */
    uint64_t reason;  /* of a response */
    uint64_t request_uri, call_id, from, to;
    uint64_t to_address; /* To without its tag */
    uint64_t from_tag;   /* without case; 0: it has none */
    uint64_t to_tag;
    uint64_t credentials;  /* the lines of Proxy-Authorization; 0: there are none */
    uint64_t length;       /* those of Content-Length */
    unsigned n_challenges; /* lines of WWW-Authenticate and Proxy-Authenticate */
    uint64_t challenges;   /* those of WWW-Authenticate and Proxy-Authenticate */
    uint64_t routing;      /* those of Max-Forwards, Max-Breadth, Record-Route and Route */
    uint64_t rest;         /* all other lines, in order */
    uint64_t body;
};

/* Reads a message that was parsed or indexed. */
void said_read(struct said *s, const sipv_message *m);

/* A hash of octets; of a value without its white space. */
uint64_t said_hash(sipv_slice s);
uint64_t said_hash_of_value(sipv_slice s);

/* Are `a[skip_a ..]` and `b[skip_b ..]` the same values? */
bool said_same_list(const struct said_list *a, size_t skip_a, const struct said_list *b,
                    size_t skip_b);

/* Are two Via values the same: transport, sent-by and set of parameters, all without case (RFC 3261
 * section 20.42)? */
bool said_same_via(sipv_slice a, sipv_slice b);

/* Of a value of Route what is in its brackets; a "<" in quotes opens none. */
sipv_slice said_uri(sipv_slice value);

/* The value of a parameter, absent without one; names have no case.  For the one value `text` of a
 * header: what stands in quotes or brackets is passed over. */
sipv_slice said_parameter(sipv_slice text, const char *name);

#endif
