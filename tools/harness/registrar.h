/* A registrar: RFC 3261 section 10.3, without I/O.
 *
 *     int status = registrar_answer(&r, now, request, tag, &response);
 *
 * takes a REGISTER that a server transaction has passed up, changes the bindings of its
 * address-of-record, all of them or none, and writes the response.  Time is in milliseconds and
 * must not go back.
 *
 * It asks for no credentials (a caller that wants them checks before) and knows neither Path nor
 * outbound: a REGISTER that requires them gets 420. */
#ifndef HARNESS_REGISTRAR_H
#define HARNESS_REGISTRAR_H

#include <sipvet/parser.h>

#include "compose.h"

enum { REGISTRAR_CONTACTS = 16, REGISTRAR_DOMAIN = 255 };

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
    sipv_slice uri;     /* valid until the registrar is changed */
    int q;              /* thousandths, or -1 if it has none */
    uint32_t expires_s; /* from now on, rounded up */
};

/* SIPV_OK; SIPV_NO_SPACE: no memory; SIPV_BAD_ARGUMENT: no domain or one of more than
 * REGISTRAR_DOMAIN octets, a limit of 0 or too large, min_s above max_s. */
int registrar_open(struct registrar *r, const struct registrar_settings *settings);
void registrar_close(struct registrar *r);

/* Answers `request`, parsed and accepted.  `to_tag` is for the response.  Returns the status that
 * was written: 200  done; Contact tells all bindings, with what is left of their time 400  "*"
 * beside other contacts, or without Expires: 0 404  not of this domain 405  no REGISTER 420 Require
 *   423  too short, with Min-Expires
 *   500  a CSeq that is not higher than that of the binding it would change, with equal Call-ID
 *   503  no room, or more than REGISTRAR_CONTACTS bindings of one user
 * Unless it is 200, no binding has changed. */
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
