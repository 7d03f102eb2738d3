/* gen.h: random sentences and near misses; `sipvet gen`. */
#ifndef SIPVET_TOOLS_GEN_H
#define SIPVET_TOOLS_GEN_H

#include "bytes.h"
#include "explaining.h"

/* What the sentences of a run have visited. */
struct coverage {
    unsigned char *last, *kept, *reach; /* by the last sentence, by those kept, by any there are */
    size_t n;
};

void coverage_init(struct coverage *c);
void coverage_free(struct coverage *c);
/* Sentences of this rule will be asked for. */
void coverage_reach(struct coverage *c, int rule, bool value);
/* The last sentence counts. */
void coverage_keep(struct coverage *c);
/* The record "sipvet.coverage/1" on stdout; the same for people on stderr. */
void coverage_json(const struct coverage *c, const char *rule, uint64_t sentences, bool pretty);
void coverage_text(const struct coverage *c, const char *rule, uint64_t sentences);

/* Random numbers, the same ones for the same seed on every machine (splitmix64). */
uint64_t random_next(uint64_t *state);
/* Below `n`, which is not 0. */
size_t random_below(uint64_t *state, size_t n);

/* A sentence of `rule`; false if none was found that fits into SENTENCE_MAX octets.  What it visits
 * is noted in `cover`, which may be NULL. */
#define SENTENCE_MAX 65536
bool sentence(int rule, bool value, uint64_t *seed, struct bytes *out, struct coverage *cover);

/* A text that is rejected, the accepted text it was made from, and what is broken. */
struct near_miss {
    struct bytes text, repaired;
    const char *broken;  /* name of a rule, a captured part or a header */
    size_t error_offset; /* first impossible byte of `text` */
};

void near_miss_free(struct near_miss *miss);

/* Which bytes a writer can show: all, no NUL, no control characters. */
enum allowed { ALLOWED_ALL, ALLOWED_NO_NUL, ALLOWED_PRINTABLE };
bool is_allowed(enum allowed allowed, sipv_slice s);

/* Near misses of one rule. */
struct breaker {
    int rule;
    bool value;
    enum allowed allowed;
    uint64_t seed, random;
    struct explaining engine;
    unsigned char *kinds; /* of each kind of capture: KIND_SEEN, KIND_BROKEN */
};

void breaker_init(struct breaker *b, int rule, bool value, uint64_t seed, enum allowed allowed);
void breaker_free(struct breaker *b);
/* The next near miss; false if none was found in a bounded number of tries. */
bool breaker_next(struct breaker *b, struct near_miss *miss);
/* One near miss made of `text`, which is accepted, by an impossible byte. */
bool breaker_byte(struct breaker *b, sipv_slice text, struct near_miss *miss);
/* The next captured part that could not be broken, from *at = 0; NULL behind the last. */
const char *breaker_unbroken(struct breaker *b, size_t *at);

/* Whole messages that satisfy the message rules. */
struct maker;
/* `cover` may be NULL. */
struct maker *maker_new(uint64_t seed, enum allowed allowed, struct coverage *cover);
/* All rules that messages are made of. */
void maker_reach(struct coverage *cover);
void maker_free(struct maker *m);
bool maker_next(struct maker *m, struct bytes *out);
bool maker_near_miss(struct maker *m, struct near_miss *miss);
const char *maker_unbroken(struct maker *m, size_t *at);

/* gen_torture.c: `sipvet gen torture`, `torture/GROUP`, `torture/GROUP/CASE`. */
struct arguments;
int gen_torture(const struct arguments *args);

#endif
