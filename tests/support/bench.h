/* A table of transactions on the bench: messages made of a few words go in, what it does comes out
 * as letters.
 *
 *     S sent   U passed up   T timeout   E transport error   X terminated */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#include <transactions.h>

#include "messages.h"

enum { BENCH_TEXT = 4096 };

struct bench {
    struct transactions t;
    struct room room;
    uint64_t now;
    bool reliable;
    transaction_id id;     /* of the last action that had one, or of the last request of the TU */
    transaction_id invite; /* of the last thing passed up */
    size_t n_sent;
    int result;            /* what the last call returned */
    char did[64];          /* letters of the last call */
    char sent[BENCH_TEXT]; /* the last message sent, a text */
    char text[BENCH_TEXT]; /* the last message made */
};

bool bench_open(struct bench *b, const struct transactions_settings *settings);
void bench_close(struct bench *b);

/* Parses a text into b->room.m: it must be accepted. */
sipv_message *bench_parse(struct bench *b, const char *text);

/* Makes b->text, sent by Alice at 192.0.2.1 to Bob: a request with this branch (NULL: an RFC 2543
 * request, which has neither branch nor From tag), and a response to such a request. */
const char *bench_request(struct bench *b, const char *method, const char *branch,
                          const char *to_tag);
const char *bench_response(struct bench *b, int status, const char *method, const char *branch,
                           const char *to_tag);

/* Each returns what the table did as letters; b->result is what it returned. */
const char *bench_receive(struct bench *b, const char *text);
const char *bench_start(struct bench *b, const char *text);
const char *bench_respond(struct bench *b, transaction_id id, const char *text);
const char *bench_error(struct bench *b, transaction_id id);

/* All that happens by time alone, as "500S 1500S 32000TX", times from now on; into b->text. */
const char *bench_rest(struct bench *b);

#endif
