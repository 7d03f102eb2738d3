/* cases.h: the messages that `sipvet fuzz torture` plays, in an order that depends on their folder
 * and a seed alone: files first, then the suite of `sipvet gen torture` if it is wanted, then
 * messages that are valid and near misses in turn. */
#ifndef SIPVET_TOOLS_FUZZ_CASES_H
#define SIPVET_TOOLS_FUZZ_CASES_H

#include "../bytes.h"

struct cases {
    char **files; /* paths, sorted */
    size_t file_count, file_cap;
    uint64_t seed, generated; /* how many are made */
    bool suite;
};

/* Adds a file, or all files below a folder but those that begin with a dot.  EXIT_FINE, or
 * EXIT_INPUT after a message. */
int cases_add(struct cases *c, const char *path);
/* Sorts them: call it once, behind the last cases_add(). */
void cases_sort(struct cases *c);
void cases_free(struct cases *c);
uint64_t cases_count(const struct cases *c);

/* Case number `i`: its octets, and a name: a path, "via-host/3 (a space)", "generated 17", "near
 * miss 18 (Via)". EXIT_FINE, or EXIT_INPUT after a message. */
enum { CASE_NAME = 4096 };
int cases_get(const struct cases *c, uint64_t i, struct bytes *octets, char name[CASE_NAME]);

#endif
