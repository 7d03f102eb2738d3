/* What the files of the registrar share: one REGISTER that is being worked out. */
#ifndef HARNESS_REGISTRAR_WORK_H
#define HARNESS_REGISTRAR_WORK_H

#include "bindings.h"

enum {
    REGISTRAR_EVENTS = 1024, /* of a URI */
    REGISTRAR_AOR = 1024,
    REGISTRAR_PARAMS = 4096,
    REGISTRAR_PATH = 8192,
    REGISTRAR_MS = 1000
};

/* What a REGISTER says beside its contacts. */
struct origin {
    uint64_t flow;
    bool direct;     /* the client has sent it to us itself */
    bool supported;  /* it knows outbound */
    bool applies;    /* and so does the first hop */
    bool used;       /* a contact was bound as a flow */
    sipv_slice path; /* a value of Path, absent: none */
    unsigned char room[REGISTRAR_PATH];
};

/* A REGISTER that is being worked out. */
struct work {
    struct registrar_table *table;
    uint64_t now;
    sipv_slice aor;
    sipv_message *m;
    struct origin *origin;
    uint32_t otherwise; /* expires of contacts that say nothing */
};

/* ---- registrar.c ---- */

/* The canonical form of an address-of-record (step 5): no parameters, nothing escaped, the host in
 * small letters, no password.  Absent if it is of another domain, or too long. */
sipv_slice registrar_canonical(const struct registrar_table *table, const sipv_uri *uri,
                               unsigned char out[REGISTRAR_AOR]);

/* ---- registrar_outbound.c: RFC 3327 and 5626 ---- */

/* False if Path is too long to be kept. */
bool registrar_origin(struct origin *o, sipv_message *m, uint64_t flow);
/* "\"<urn:uuid:...>\" 1": what names a flow of a client; empty if the contact is no flow. */
sipv_slice registrar_instance(const sipv_contact *contact, unsigned char out[REGISTRAR_PARAMS]);
/* All parameters of a contact but those that are answered anew. */
sipv_slice registrar_params(const sipv_contact *contact, unsigned char out[REGISTRAR_PARAMS]);
/* Writes Unsupported for what is required and not known, if `c` is not NULL; false if there is
 * nothing. */
bool registrar_unsupported(sipv_message *m, struct compose *c);

/* ---- registrar_change.c ---- */

/* The steps of section 10.3; the address-of-record is in `w` if the status is 200. */
int registrar_process(struct work *w, unsigned char room[REGISTRAR_AOR]);

#endif
