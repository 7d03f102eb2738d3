/* Which names of a list are the same: names of parameters must not stand there twice, whatever
 * their case (RFC 3261 7.3.1), and parameters of two URIs belong together by name (19.1.4).
 *
 * Names are not compared in pairs, which n names of one length would need n * n comparisons for.
 * They are sorted into groups from the first letter to the last: a group whose letters differ is
 * split in the middle between the least and the greatest of them, one whose letters are the same
 * goes on to the next letter, and a name by itself is done.  There are 513 letters, so a name takes
 * part in at most ten splits for each of its letters: work is linear in the octets of the names,
 * whatever they are. */
#ifndef SIPV_SAME_NAMES_H
#define SIPV_SAME_NAMES_H

#include <sipvet/grammar.h>

enum {
    /* Names of one list that are sorted: as many as the default limit of parameters allows. */
    SIPV_NAMES = 256,
    /* A name that is among the first so many of its list, and not longer, is better compared with
     * those before it one by one: that is little work, and it is the usual case. */
    SIPV_FEW_NAMES = 16,
    SIPV_SHORT_NAME = 32,
    /* Behind the last letter of a name. */
    SIPV_NAME_END = -1
};

/* Takes one letter off the front of a name: SIPV_NAME_END, or 0 to 511.  Names are the same if
 * their letters are. */
typedef int sipv_take_letter(sipv_slice *name);

/* Two lists of names.  Large (11 KiB), so functions that have it on their stack are kept apart. */
struct sipv_names {
    size_t n;
    sipv_slice rest[2 * SIPV_NAMES]; /* the names, of which sipv_names_sort takes letters */
    uint16_t first[2 * SIPV_NAMES];  /* result: the first name that is the same, perhaps itself */
    uint16_t order[2 * SIPV_NAMES];  /* names by group */
    int16_t letters[2 * SIPV_NAMES]; /* the next letter of each name */
};

/* Fills `first` for the `n` names in `rest`, at most 2 * SIPV_NAMES. */
SIPV_API void sipv_names_sort(struct sipv_names *names, sipv_take_letter *take);

/* One octet; a letter without its case. */
SIPV_API int sipv_take_octet(sipv_slice *name);

/* Which parameter of a list is the first whose name one before it has; sought when it is needed. */
struct sipv_repeats {
    const sipv_params *params; /* of at most SIPV_NAMES */
    size_t first;              /* counted from 1; 0: not sought; SIZE_MAX: there is none */
};

/* Does one of the parameters before it have the name of the `count`-th, which is counted from 1?
 * Letters without case.  Right up to the first such parameter: who asks stops there. */
SIPV_API bool sipv_is_repeated(struct sipv_repeats *repeats, size_t count, sipv_slice name);

#endif
