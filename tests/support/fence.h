/* Bytes flush against memory that must not be touched.
 *
 *     struct fence f;
 *     fence_open(&f, 65536);
 *     parse(fence_end(&f, text, n), n);     one byte too far behind: SIGSEGV
 *     parse(fence_start(&f, text, n), n);   one byte too far before: SIGSEGV
 *     fence_close(&f);
 *
 * Every parsing test reads its input so: vector code that loads past the end of a slice is caught
 * also where no sanitizer looks. */
#ifndef TESTS_FENCE_H
#define TESTS_FENCE_H

#include <stdbool.h>
#include <stddef.h>

struct fence {
    unsigned char *map;
    size_t page;
    size_t room; /* whole pages between the two fences */
};

/* Room for inputs of up to `room` bytes.  False if there is no memory. */
bool fence_open(struct fence *f, size_t room);

/* A copy of `n` bytes that ends at the fence.  NULL if there is no room for them; never NULL for
 * n 0.  Each call overwrites the copy before. */
const unsigned char *fence_end(struct fence *f, const void *bytes, size_t n);

/* A copy of `n` bytes that begins at the fence. */
const unsigned char *fence_start(struct fence *f, const void *bytes, size_t n);

void fence_close(struct fence *f);

#endif
