/* The proxy of fuzz_proxy: with a registrar and with guards, as the bits of an input say. */
#ifndef FUZZ_SITE_H
#define FUZZ_SITE_H

#include <proxy.h>

#include "input.h"

/* Its host and domain, and the realm of its guards; the password of everybody is "swordfish". */
#define SITE_HOST "elm.example"
#define SITE_NEXT_HOP "sip:next.example;lr"

/* Bits of fuzz_proxy, beside those of all targets. */
enum {
    SITE_REGISTRAR = FUZZ_BIT_OWN,        /* it is the registrar of its domain */
    SITE_GUARD = 2 * FUZZ_BIT_OWN,        /* it asks for credentials */
    SITE_STATELESS = 4 * FUZZ_BIT_OWN,    /* it keeps no state */
    SITE_RECORD_ROUTE = 8 * FUZZ_BIT_OWN, /* it stays in dialogs */
    SITE_NEXT = 16 * FUZZ_BIT_OWN,        /* it has a next hop; even number: as a Route */
    SITE_PEERS = 32 * FUZZ_BIT_OWN,       /* neighbours do something by themselves */
    SITE_LITERAL = 64 * FUZZ_BIT_OWN,     /* responses go in as they are */
    SITE_MEMORY = 128 * FUZZ_BIT_OWN,     /* an allocation fails */
    SITE_SEQUENTIAL = 256 * FUZZ_BIT_OWN, /* one target after the other */
    SITE_RECURSE = 512 * FUZZ_BIT_OWN,    /* it follows redirections */
    SITE_SLOW = 1024 * FUZZ_BIT_OWN       /* long times between messages */
};

enum { SITE_REGISTRATION_S = 120, SITE_TIMER_C_MS = 200000 };

struct site {
    struct proxy proxy;
    struct element element;
    struct registrar registrar;
    struct guard guards[2]; /* of REGISTER, of the rest */
};

/* Does SITE_GUARD ask those from elsewhere too, who want to reach users of the domain?  One number
 * in eight says no. */
bool site_guards_all(const struct fuzz_input *in);

/* False: memory has run out.  site_close() is called even then. */
bool site_open(struct site *site, const struct fuzz_input *in, const struct network *network);
void site_close(struct site *site);

#endif
