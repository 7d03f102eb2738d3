/* A registrar: RFC 3261 section 10.3, without I/O.
 *
 *     int status = registrar_answer(&r, now, request, tag, &response);
 *
 * takes a REGISTER that a server transaction has passed up, changes the bindings of its
 * address-of-record, all of them or none, and writes the response.  Time is in milliseconds and
 * must not go back.
 *
 * Path (RFC 3327) is kept and echoed, whether the client says that it knows it or not.  Of outbound
 * (RFC 5626 section 6): contacts with +sip.instance and reg-id are bound as flows, of which a newer
 * one replaces the older one, if the client supports it and the first hop does (which is the
 * registrar itself, or a proxy that has put "ob" into its Path).
 *
 * It asks for no credentials: a caller that wants them checks before. */
#ifndef HARNESS_REGISTRAR_H
#define HARNESS_REGISTRAR_H

#include <sipvet/parser.h>

#include "compose.h"

enum { REGISTRAR_CONTACTS = 16, REGISTRAR_DOMAIN = 255, REGISTRAR_RETRY_AFTER_S = 10 };

struct registrar_settings {
    const char *domain; /* host of the Request-URI and of all addresses-of-record */
    size_t bindings;    /* of all users: 10,000; at most 2^24 */
    size_t octets;      /* of what they keep: 16 MiB */
    uint32_t min_s;     /* shortest registration, below it 423: 60 */
    uint32_t usual_s;   /* if nothing is asked for: 3,600 */
    uint32_t max_s;     /* longest that is granted: 3,600 */
    uint64_t seed[2];   /* secret of the hash table */
};

/* Defaults; the domain must be set. */
struct registrar_settings registrar_settings_default(void);

struct registrar {
    struct registrar_table *table;
};

/* One place at which a user can be reached. */
struct registrar_binding {
    sipv_slice uri;     /* texts are valid until the registrar is changed */
    int q;              /* thousandths, or -1 if it has none */
    uint32_t expires_s; /* from now on, rounded up */
    sipv_slice path;    /* a value of Route that leads there (RFC 3327), absent: none */
    sipv_slice params;  /* of the Contact, but for q and expires: ";a=b;c", may be empty */
    uint64_t flow;      /* over which an outbound client has come directly, 0: none */
};

/* SIPV_OK; SIPV_NO_SPACE: no memory; SIPV_BAD_ARGUMENT: no domain or one of more than
 * REGISTRAR_DOMAIN octets, a limit of 0 or too large, min_s above max_s. */
int registrar_open(struct registrar *r, const struct registrar_settings *settings);
void registrar_close(struct registrar *r);

/* Answers `request`, parsed and accepted, that has come over `flow`; 0: not known.  `to_tag` is for
 * the response.  Returns the status that was written:
 *   200  done; Contact tells all bindings, with what is left of their time
 *   400  "*" beside other contacts, or without Expires: 0; a flow beside other contacts
 *   404  not of this domain
 *   405  no REGISTER
 *   420  Require
 *   423  too short, with Min-Expires
 *   439  outbound is asked for, and the first hop does not know it
 *   500  a CSeq that is not higher than that of the binding it would change, with equal Call-ID
 *   503  no room, or more than REGISTRAR_CONTACTS bindings of one user, with Retry-After
 * Unless it is 200, no binding has changed.  compose_end() has written the last of it. */
int registrar_answer_on(struct registrar *r, uint64_t now, sipv_message *request, uint64_t flow,
                        sipv_slice to_tag, struct compose *response);
/* The same over a flow that is not known. */
int registrar_answer(struct registrar *r, uint64_t now, sipv_message *request, sipv_slice to_tag,
                     struct compose *response);

/* Binding number `i` of an address-of-record (a URI), highest q first, without q as 1.000, the
 * latest first of equal ones.  SIPV_OK; SIPV_END: there are not so many; SIPV_REJECT: no URI. */
int registrar_find(const struct registrar *r, uint64_t now, sipv_slice aor, size_t i,
                   struct registrar_binding *out);

/* Removes bindings whose time is over. */
void registrar_advance(struct registrar *r, uint64_t now);
/* When registrar_advance() has something to remove; UINT64_MAX: never. */
uint64_t registrar_wake(const struct registrar *r);

/* Bindings and octets that are kept. */
size_t registrar_count(const struct registrar *r);
size_t registrar_octets(const struct registrar *r);

#endif
