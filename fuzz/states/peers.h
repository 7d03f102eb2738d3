/* What the neighbours of an element say: made of the octets that it has sent them, and of nothing
 * that the element's own code would do for them.  All return false where a message cannot be read,
 * or what they make does not fit. */
#ifndef FUZZ_PEERS_H
#define FUZZ_PEERS_H

#include <sipvet/auth.h>

#include "message.h"
#include "text.h"

/* A response to `request` with this status and To tag; `lines` are header lines or NULL. */
bool peers_answer(struct fuzz_out *out, sipv_slice request, int status, const char *tag,
                  const char *lines);

/* The response `response`, parsed, as one to `request`: Via, From, To, Call-ID, CSeq and
 * Record-Route are the request's, with the To tag of the response, everything else is the
 * response's. To a request without Record-Route proxies may have put theirs: peers_graft_routed()
 * takes those of the response. */
bool peers_graft(struct fuzz_out *out, sipv_slice request, const sipv_message *response);
bool peers_graft_routed(struct fuzz_out *out, sipv_slice request, const sipv_message *response);

/* The request `request`, parsed, as one of the dialog that `response` has begun: From, To and
 * Call-ID are those of the response, which came from who sends it now if it is `turned`. */
bool peers_move(struct fuzz_out *out, const sipv_message *request, sipv_slice response,
                bool turned);

/* `request` sent on by a proxy whose branch has this number; to `uri` if that is not NULL. */
bool peers_send_on(struct fuzz_out *out, sipv_slice request, unsigned number, const char *uri);

/* Makes what peers_authenticate() needs, and with it what OpenSSL makes once and keeps: before
 * allocations are counted.  False: there is no memory. */
bool peers_ready(void);

/* `request` once more, with credentials of `user` for the challenges of `response`: with another
 * branch on top, and CSeq as it was, for it comes by way of another proxy. */
bool peers_authenticate(struct fuzz_out *out, sipv_slice request, sipv_slice response,
                        const char *password, unsigned number);

#endif
