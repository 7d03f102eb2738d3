/* The verifier's insides. */
#ifndef SIPV_AUTH_VERIFIER_INTERNAL_H
#define SIPV_AUTH_VERIFIER_INTERNAL_H

#include <pthread.h>

#include "internal.h"

struct sipv_verifier {
    sipv_verifier_config config; /* without its zeros that mean defaults */
    unsigned char realm[256];
    size_t size, n_sets;
    pthread_mutex_t lock; /* of the sets */
    struct sipv_window_set set[];
};

/* A new nonce: SIPV_NONCE_DIGITS characters. */
int sipv_make_nonce(sipv_verifier *v, sipv_hasher *h, sipv_algorithm a, char *out);
/* Asks who that is.  `d` can be computed with, also if nobody is known; its method and body are for
 * the caller to fill.  `secret` must be wiped behind it. */
bool sipv_know(sipv_verifier *v, const sipv_credentials *c, sipv_secret *secret, sipv_digest *d);

#endif
