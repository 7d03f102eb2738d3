/* A table of dialogs: RFC 3261 section 12, without I/O and without time.
 *
 * A dialog is begun by a response with a To tag: by what a UAC receives, by what a UAS sends.  The
 * table keeps its id, URIs, remote target, route set and sequence numbers; it writes the requests
 * inside the dialog, and says of those that come in whether they are in order.
 *
 * What is kept is bounded: `limits.dialogs` entries, `limits.octets` octets, DIALOGS_FORKS dialogs
 * of one request. */
#ifndef HARNESS_DIALOGS_H
#define HARNESS_DIALOGS_H

#include <sipvet/parser.h>

#include "compose.h"
#include "hop.h"

/* Names one dialog as long as it lives; later it names none.  0 is none. */
typedef uint64_t dialog_id;

enum { DIALOGS_FORKS = 32 };

enum dialog_state { DIALOG_NONE, DIALOG_EARLY, DIALOG_CONFIRMED };

/* Who has sent the request that began the dialog, seen from here. */
enum dialog_role { DIALOG_UAC, DIALOG_UAS };

struct dialogs_settings {
    size_t dialogs;   /* entries: 10,000; at most 2^24 */
    size_t octets;    /* of what they keep: 16 MiB */
    uint64_t seed[2]; /* secret of the hash table */
};

/* What there is to know of a dialog; texts are valid until the next call that changes it. */
struct dialog {
    dialog_id id;
    enum dialog_state state;
    enum dialog_role role;
    bool secure; /* section 12.1.1: only SIPS URIs */
    sipv_slice call_id, local_tag;
    sipv_slice remote_tag; /* empty: null, the peer is an RFC 2543 element */
    sipv_slice local_uri, remote_uri, remote_target;
    sipv_slice route_set;            /* its elements in order, a line feed behind each */
    bool loose;                      /* its first element has lr */
    int64_t local_cseq, remote_cseq; /* -1: empty */
};

struct dialogs {
    struct dialogs_table *table;
};

struct dialogs_settings dialogs_settings_default(void);

/* SIPV_OK; SIPV_NO_SPACE: no memory; SIPV_BAD_ARGUMENT: a limit of 0 or too large. */
int dialogs_open(struct dialogs *d, const struct dialogs_settings *settings);
void dialogs_close(struct dialogs *d);

/* `request`, an INVITE outside of any dialog, was answered by `response`, a 101-199 or 2xx:
 * received by a UAC, or about to be sent by a UAS.  Begins the dialog, early or confirmed; or
 * confirms the one there is and takes its route set and target anew from the 2xx (section 13.2.2.4,
 * erratum 4084).  A later provisional response of the same dialog changes nothing.  `secure`: the
 * request came or went over TLS and its Request-URI is a SIPS URI. SIPV_OK: *id; SIPV_ABSENT: the
 * response begins none (100, no To tag and not a 2xx, 300-699); SIPV_REJECT: without Contact, or
 * the two do not belong together; SIPV_LIMIT: no room. */
int dialogs_begin(struct dialogs *d, enum dialog_role role, sipv_message *request,
                  sipv_message *response, bool secure, dialog_id *id);

/* A request outside of any dialog had a final response other than 2xx, or none: its early dialogs
 * end (section 12.3).  `m` is that response; a UAC without one hands in its request.  Returns how
 * many have ended. */
size_t dialogs_refused(struct dialogs *d, enum dialog_role role, sipv_message *m);

/* Ends one, as BYE does.  SIPV_OK, SIPV_ABSENT. */
int dialogs_end(struct dialogs *d, dialog_id id);

/* The dialog of a message from the peer: the local tag is that of To in a request, of From in a
 * response.  0 if there is none. */
dialog_id dialogs_find(const struct dialogs *d, sipv_message *m);

/* SIPV_OK; SIPV_ABSENT: *out is all zero. */
int dialogs_get(const struct dialogs *d, dialog_id id, struct dialog *out);

size_t dialogs_count(const struct dialogs *d);
size_t dialogs_octets(const struct dialogs *d);

/* A request of the peer inside the dialog (section 12.2.2).  An ACK or CANCEL is always in order.
 * SIPV_OK: its CSeq is now the remote sequence number; SIPV_REJECT: out of order, answer with 500;
 * SIPV_ABSENT: no such dialog, answer with 481.  A number that was there already is out of order
 * too: numbers must increase, and a retransmission does not come so far. */
int dialogs_receive(struct dialogs *d, dialog_id id, const sipv_message *request);

/* Whether a request of that method is a target refresh request: INVITE, UPDATE (RFC 3311). */
bool dialogs_refreshes(sipv_method method);

/* A target refresh request was accepted: `m` is the request, seen by the UAS that answered with
 * 2xx, or that 2xx, seen by the UAC.  Its Contact, if there is one, becomes the remote target.
 * SIPV_OK; SIPV_ABSENT: no such dialog; SIPV_LIMIT: no room, the target is the old one. */
int dialogs_refresh(struct dialogs *d, dialog_id id, sipv_message *m);

/* A number below `limits.dialogs` that no other living dialog has. */
size_t dialogs_number(dialog_id id);

/* Where a request inside the dialog goes next: to the first element of its route set, else to its
 * target.  SIPV_OK; SIPV_ABSENT: no such dialog; SIPV_REJECT: that is no hop. */
int dialogs_hop(const struct dialogs *d, dialog_id id, struct hop *out);

/* The next local sequence number, which is thereby used.  -1: no such dialog, or they are used up.
 */
int64_t dialogs_next_cseq(struct dialogs *d, dialog_id id);

/* Begins to write a request inside the dialog (section 12.2.1.1): request line, Via, Max-Forwards,
 * Route, From, To, Call-ID, CSeq.  The caller adds what else it wants and ends the message.
 * `cseq` -1: the next local number, which is thereby used; else this one, for an ACK (section
 * 13.2.2.4).  SIPV_OK; SIPV_ABSENT; SIPV_LIMIT: sequence numbers are used up. */
int dialogs_write(struct dialogs *d, dialog_id id, const char *method, int64_t cseq,
                  const char *via, struct compose *c);

#endif
