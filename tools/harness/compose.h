/* Messages made of parts of other messages: what transactions send of their own accord.
 *
 * Values are copied octet for octet, so that also what only the interop profile accepts comes back
 * as it was; line ends in them (folds) become a space, so that no value can begin a line. */
#ifndef HARNESS_COMPOSE_H
#define HARNESS_COMPOSE_H

#include <sipvet/parser.h>

/* Octets written so far; only the first `cap` are stored. */
struct compose {
    unsigned char *out;
    size_t cap, n;
};

void compose_text(struct compose *c, const char *text);
void compose_slice(struct compose *c, sipv_slice s);  /* line ends become spaces */
void compose_octets(struct compose *c, sipv_slice s); /* as they are */
void compose_number(struct compose *c, uint64_t value);
/* "name: value" and a line end. */
void compose_header(struct compose *c, const char *name, sipv_slice value);
/* All headers `id` of `m` under the name `name`, a line for each. */
void compose_copied(struct compose *c, const sipv_message *m, unsigned id, const char *name);
/* "Content-Length: 0" and the empty line. */
void compose_end(struct compose *c);
/* Content-Length, the empty line and a body. */
void compose_body(struct compose *c, sipv_slice body);

/* The beginning of a response to `request` (RFC 3261 section 8.2.6): Via, From, To, Call-ID, CSeq
 * as in the request; Timestamp too in a 100.  `to_tag` is added to a To without tag; absent: none
 * is.
 */
void compose_response_head(struct compose *c, sipv_message *request, int status, const char *reason,
                           sipv_slice to_tag);
/* The whole of one without a body. */
void compose_response(struct compose *c, sipv_message *request, int status, const char *reason,
                      sipv_slice to_tag);

/* The lines that ACK (section 17.1.1.3) and CANCEL (section 9.1) take over from their request:
 * topmost Via, Max-Forwards, Route, From, Call-ID, and its credentials (section 22.1). */
void compose_stem(struct compose *c, const sipv_message *request, sipv_slice via);

/* A request of these lines: ACK or CANCEL. */
void compose_stemmed(struct compose *c, const char *method, sipv_slice uri, sipv_slice stem,
                     sipv_slice to, int64_t cseq);

#endif
