/* Seeds: what the files of this program share. */
#ifndef FUZZ_SEEDS_H
#define FUZZ_SEEDS_H

#include <sipvet/parser.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a seed is; each target takes some of them. */
enum seed_kind {
    SEED_MESSAGE,     /* a datagram */
    SEED_STREAM,      /* what comes in on a connection */
    SEED_DIALOG,      /* several messages of one dialog */
    SEED_HEADER,      /* "Name: value" */
    SEED_URI,         /* a URI, or two with a line end between */
    SEED_RULE,        /* "rule:text", "sdp rule:text" or "digest rule:text" */
    SEED_SDP,         /* a description */
    SEED_PAIR,        /* two descriptions, an empty line between */
    SEED_CREDENTIALS, /* the value of a header of Digest */
    SEED_SCENARIO,    /* of fuzz_digest_verify: lines */
    SEED_KINDS
};

/* Every variant of the configuration bits, not only one beside the plain text. */
extern bool seeds_all_variants;

/* Where the seeds that come next come from. */
extern const char *seeds_origin;

/* Writes a seed for each target that takes its kind. */
void seed(enum seed_kind kind, sipv_slice text);

/* Writes one seed for a target. */
void seed_with_bits(const char *target, sipv_slice text, uint32_t bits);
/* The same with every variant of the target's bits. */
void seed_variants(const char *target, sipv_slice text);
/* Are the inputs of a target messages, descriptions or streams, which consist of lines? */
bool seed_has_lines(sipv_slice target);

/* A message as it is, and what can be cut out of it. */
void seed_message(sipv_slice text);

/* pages.c: the inputs of a spec page. */
void seeds_of_page(sipv_slice page);

/* tables.c: a corpus table, by its name. */
void seeds_of_table(const char *name, sipv_slice table);

/* streams.c: messages of a scenario.  False: the file has a word that is none. */
bool seeds_of_stream(sipv_slice file);
/* digest.c: scenarios.tsv. */
void seeds_of_scenarios(sipv_slice table);

/* samples.c: sentences of the grammars. */
void seeds_of_grammars(void);

#endif
