/* Who asks?  The server's side of Digest for a registrar, a UAS (401) or a proxy (407): RFC 3261
 * section 22, RFC 7616, RFC 8760, on the verifier of sipvet::auth, without I/O.
 *
 *     struct guard_answer answer;
 *     if (guard_check(&g, now, request, &answer, &lines) != GUARD_ADMITTED)
 *         respond with answer.status and `lines` among its headers
 *
 * Nonces cost no memory until they were answered rightly.  Time is in milliseconds and must not go
 * back by more than a nonce lives.  One guard is for one thread. */
#ifndef HARNESS_GUARD_H
#define HARNESS_GUARD_H

#include <sipvet/auth.h>
#include <sipvet/parser.h>

#include "compose.h"

enum { GUARD_TEXT = 255, GUARD_ADMITTED = 0 };

/* Which headers it reads and writes. */
enum guard_place {
    GUARD_SERVER, /* 401: WWW-Authenticate, Authorization, Authentication-Info */
    GUARD_PROXY   /* 407: Proxy-Authenticate, Proxy-Authorization, Proxy-Authentication-Info */
};

struct guard_settings {
    enum guard_place place;
    const char *realm;
    unsigned algorithms; /* set of sipv_algorithm; a challenge for each, the strongest first;
                            0: SHA-256 and MD5 */
    unsigned qops;       /* set of sipv_qop; 0: auth */
    bool qops_spaced;    /* "auth, auth-int" as RFC 7616 prints it, else "auth,auth-int", which is
                            all that the grammar of RFC 3261 knows */
    bool stale_shown;    /* stale=false stands in a challenge that is not stale */
    const char *opaque;  /* sent along, and it must come back; NULL: none */
    bool userhash;       /* names may come hashed */
    uint32_t nonce_ms;   /* how long a nonce lives: 300,000 */
    unsigned late;       /* so many nc below the highest may still come, each once: 32.  Requests
                            over UDP overtake one another */
    size_t nonces;       /* answered nonces that are remembered: 1,024 */
    bool next_nonce;     /* guard_info() gives a nonce for the next request */
    uint64_t seed[4];    /* secret: two words seal nonces, two make them differ */

    /* Finds the password or HA1, as auth_verifier.h says.  Must be set. */
    sipv_lookup lookup;
    /* May this user do that?  NULL: every user may. */
    bool (*permits)(void *with, sipv_slice user, sipv_message *request);
    /* Is the `uri` of the credentials that of the request?  NULL: the same octets, or URIs that are
     * equal by RFC 3261 section 19.1.4.  A UAS behind proxies that retarget must say more. */
    sipv_same_uri same_uri;
    void *with; /* for all of them */
};

/* Defaults; realm, lookup and seed must be set. */
struct guard_settings guard_settings_default(void);

struct guard {
    struct guard_core *core;
};

/* SIPV_OK; SIPV_NO_SPACE: no memory; SIPV_BAD_ARGUMENT: realm or opaque missing, empty or longer
 * than GUARD_TEXT, or what sipv_verifier_init() does not take. */
int guard_open(struct guard *g, const struct guard_settings *settings);
/* Wipes what is secret. */
void guard_close(struct guard *g);

struct guard_answer {
    int status;              /* GUARD_ADMITTED, or what to answer */
    sipv_auth_reason reason; /* against the credentials; SIPV_FINE if there were none for this
                                realm, and with 403 */
    sipv_slice user;         /* with GUARD_ADMITTED and 403 who it is, in clear.  Absent for ACK and
                                CANCEL.  Valid until the next call */
};

/* Judges an accepted request, and returns answer->status:
 *
 *   GUARD_ADMITTED  its credentials for this realm are right; or it is an ACK or CANCEL, which
 *                   cannot be challenged (section 22.1)
 *   401, 407        no credentials, or none that are right: `lines` gets the challenges, with
 *                   stale=true if only the nonce was too old
 *   400             credentials for this realm that are malformed, or whose uri is not that of the
 *                   request (RFC 7616 section 3.4.6)
 *   403             the user is not permitted to do that
 *   500             OpenSSL has none of the hashes
 *
 * Credentials of other realms and schemes are passed over; of more than eight for this realm the
 * first eight count. */
int guard_check(struct guard *g, uint64_t now, sipv_message *request, struct guard_answer *answer,
                struct compose *lines);

/* Writes the Authentication-Info line (RFC 7616 section 3.5, RFC 7615) for the final response with
 * `body` to the request that guard_check() has just admitted.  Nothing if there is nothing to say.
 */
void guard_info(struct guard *g, uint64_t now, sipv_message *request, sipv_slice body,
                struct compose *lines);

/* The realm of its challenges, a NUL-terminated text. */
const char *guard_realm(const struct guard *g);

/* A `permits` for users whose name is the user part of their address-of-record: that is in To of a
 * REGISTER, in From of every other request (section 10.3 step 4, section 22.1). */
bool guard_permits_own(void *with, sipv_slice user, sipv_message *request);

#endif
