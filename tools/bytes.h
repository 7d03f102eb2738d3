/* bytes.h: bytes that grow. */
#ifndef SIPVET_TOOLS_BYTES_H
#define SIPVET_TOOLS_BYTES_H

#include <sipvet/grammar.h>

struct bytes {
    unsigned char *p;
    size_t n, cap;
};

/* `p` must not lie in `b`. */
void bytes_add(struct bytes *b, const void *p, size_t n);
void bytes_set(struct bytes *b, sipv_slice s);
sipv_slice bytes_slice(const struct bytes *b);
void bytes_free(struct bytes *b);
void bytes_text(struct bytes *b, const char *text);

#endif
