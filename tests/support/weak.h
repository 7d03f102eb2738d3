/* An element that asks for Digest credentials and lets one sort of misuse pass. */
#ifndef TESTS_WEAK_H
#define TESTS_WEAK_H

#include <audit.h>
#include <transactions.h>

#include "messages.h"

enum { WEAK_NONCES = 256, WEAK_NCS = 32 };

struct weak {
    struct network network;
    struct transactions t;
    struct room in, out;
    sipv_hasher *hasher;
    enum audit_number lets; /* this pass; AUDIT_CHECKS: nothing */
    bool proxy;             /* 407 */
    bool silent;            /* gives no answer to a misuse */
    bool once;              /* each nonce is for one request */
    unsigned qops;          /* that it offers */
    sipv_algorithm algorithms[2];
    size_t n_algorithms;
    struct {
        char text[17];
        sipv_algorithm algorithm;
        uint32_t used[WEAK_NCS], highest;
        size_t n_used;
    } nonces[WEAK_NONCES];
    size_t n_nonces;
    unsigned asked, challenged;
};

/* An element of that network. It knows alice, whose password is wonder. */
bool weak_open(struct weak *w, const struct network *network);
struct element weak_element(struct weak *w);
void weak_close(struct weak *w);

#endif
