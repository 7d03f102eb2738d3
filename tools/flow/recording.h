/* recording.h: all messages of a call flow, in the order in which they were sent.
 *
 * Elements are numbers; who is not one of them is FLOW_OUTSIDE.  A recording is drawn by the ladder
 * of `sipvet trace`, written as its records, or as a capture (pcap.h). */
#ifndef SIPVET_TOOLS_FLOW_RECORDING_H
#define SIPVET_TOOLS_FLOW_RECORDING_H

#include "../bytes.h"

#include <hop.h>

enum { FLOW_ELEMENTS = 12, FLOW_OUTSIDE = FLOW_ELEMENTS, RECORDING_MAX = 10000 };

struct recorded {
    int64_t sent_ns, arrived_ns; /* since 1970; -1: it did not arrive, or nobody knows */
    size_t sent_at, arrived_at;  /* among all sendings and arrivals, from 1; 0: did not arrive */
    unsigned from, to;           /* elements */
    struct hop source, destination;
    struct bytes octets;
    /* Read from them; absent or 0 if they are no SIP message. */
    bool request;
    sipv_slice method; /* of CSeq in a response */
    int status;        /* 0 in a request */
};

struct reader;

struct recording {
    struct recorded *messages;
    size_t count, cap;
    size_t happenings; /* sendings and arrivals so far */
    bool full;         /* there were more than RECORDING_MAX */
    bool partial;      /* what goes from proxy to proxy is not in it */
    struct reader *reader;
};

/* A message that is sent; its number, or RECORDING_MAX if there is no room. */
size_t recording_sent(struct recording *r, int64_t now_ns, unsigned from, unsigned to,
                      const struct hop *source, const struct hop *destination, sipv_slice octets);
/* It has arrived. */
void recording_arrived(struct recording *r, size_t number, int64_t now_ns);
void recording_free(struct recording *r);

/* A message parsed in the strict profile, with the storage for that; for one at a time. */
struct reader *reader_new(void);
void reader_free(struct reader *reader);
/* Valid until the next call, as long as the octets are. */
sipv_message *reader_parse(struct reader *reader, sipv_slice octets);

#endif
