/* A proxy: RFC 3261 section 16 with RFC 5393 (loops, Max-Breadth), RFC 6026 (2xx to INVITE), RFC
 * 3327 (Path) and RFC 5658 (Record-Route between transports), without I/O.
 *
 *     struct proxy p;
 *     struct proxy_settings settings = proxy_settings_default();
 *     settings.domains = (const char *[]){"example.com"}, settings.n_domains = 1;
 *     proxy_open(&p, &settings, &network);
 *     struct element e = proxy_element(&p);         which the network calls from now on
 *
 * It forwards requests statefully, in parallel and in sequence, or statelessly; answers what it has
 * to refuse; and, if given a registrar, is the registrar of its domains and sends requests for them
 * to where their users are registered.  Messages go on octet for octet but for what section 16
 * changes.
 *
 * It reads messages in the profile of the settings.  That is interop unless said otherwise, since
 * section 16.3 wants headers ignored that a proxy does not use, well-formed or not.  A request that
 * is refused even so gets the status its first error suggests; what cannot be answered is dropped,
 * as are responses that cannot be read.
 *
 * A 408 is never sent in answer to anything but an INVITE: RFC 4320 section 4.2. */
#ifndef HARNESS_PROXY_H
#define HARNESS_PROXY_H

#include "guard.h"
#include "network.h"
#include "registrar.h"
#include "transactions.h"

enum {
    PROXY_HEADERS = 256, /* header fields of a message: one that has more is refused */
    PROXY_TARGETS = REGISTRAR_CONTACTS, /* of one request */
    PROXY_ROUTES = 128,                 /* Route values of a request; with more it gets 400 */
    PROXY_NAME = 255                    /* octets of a domain or of `next` */
};

struct proxy_limits {
    size_t contexts; /* requests that are being forwarded: 65,536; at most 2^24 */
    size_t branches; /* forwarded requests of all of them: 131,072; at most 2^24 */
    size_t octets;   /* of targets and responses kept for them: 64 MiB */
};

struct proxy_settings {
    struct transactions_settings transactions; /* 131,072 of them, 256 MiB */
    struct proxy_limits limits;
    bool stateless; /* section 16.11; a REGISTER that is answered here is so statefully even then */
    sipv_profile profile;

    /* Domains it is responsible for, besides the addresses it listens at. */
    const char *const *domains;
    size_t n_domains;
    /* Who is where in these domains; NULL: nobody.  The caller's, it must outlive the proxy. */
    struct registrar *registrar;
    /* Is there such a user?  404 if not, 480 if there is, but nowhere registered.  NULL: every
     * user may be. */
    bool (*exists)(void *with, sipv_slice user);
    void *with;

    struct guard *register_guard; /* asks for credentials of a REGISTER; NULL: nobody does */
    /* Asks for credentials of other requests outside of a dialog, but not of those that come from
     * elsewhere for users of its domains.  NULL: nobody does. */
    struct guard *request_guard;
    bool guard_all; /* those from elsewhere too */

    /* A URI: where requests go that have no Route and are not for its domains; NULL: to where their
     * Request-URI says.  The Request-URI stays (section 16.6 item 7). */
    const char *next;
    bool next_as_route; /* `next` is pushed as a Route value (section 16.6 item 6) */

    bool record_route;    /* stays in dialogs */
    bool sequential;      /* one target after the other, else those of equal q together */
    bool recurse;         /* tries the contacts of a 3xx itself, for users of its domains */
    unsigned max_breadth; /* most it takes, and what a request has that says nothing: 60 */
    uint32_t timer_c_ms;  /* above 180,000: 200,000 */
    uint64_t seed[2];     /* secret from which branches are made */
};

/* Defaults; the seeds must be set. */
struct proxy_settings proxy_settings_default(void);

struct proxy {
    struct proxy_core *core;
};

/* Settings and network are copied, what they point to is not.  SIPV_OK; SIPV_NO_SPACE: no memory;
 * SIPV_BAD_ARGUMENT: a limit of 0 or too large, a name too long, a `next` that is no hop, timer C
 * not above 180,000, a Max-Breadth of 0. */
int proxy_open(struct proxy *p, const struct proxy_settings *settings,
               const struct network *network);
void proxy_close(struct proxy *p);

/* The element that a network drives, as long as the proxy is open. */
struct element proxy_element(struct proxy *p);

/* Stops: what has no final response gets 503 and its branches are cancelled, and what comes in from
 * now on gets 503.  The element is to be driven on until all transactions are gone, or as long as
 * there is time. */
void proxy_stop(struct proxy *p, uint64_t now);

/* ---- Looking -------------------------------------------------------------------------------- */

/* Requests that are being forwarded, and their branches, until all of their transactions are gone;
 * transactions; octets kept for all of these. */
size_t proxy_contexts(const struct proxy *p);
size_t proxy_branches(const struct proxy *p);
/* Requests without a final response. */
size_t proxy_unanswered(const struct proxy *p);
size_t proxy_transactions(const struct proxy *p);
size_t proxy_octets(const struct proxy *p);

#endif
