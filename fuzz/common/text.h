/* A text that is put together in a buffer of fixed size. */
#ifndef FUZZ_TEXT_H
#define FUZZ_TEXT_H

#include <sipvet/grammar.h>

struct fuzz_out {
    unsigned char *p;
    size_t cap, n;
    bool full; /* something did not fit: the text is not to be used */
};

#define FUZZ_OUT(array)                                                                            \
    {                                                                                              \
        (array), sizeof(array), 0, false                                                           \
    }

void fuzz_put(struct fuzz_out *o, sipv_slice s);
/* A NUL-terminated text. */
void fuzz_puts(struct fuzz_out *o, const char *text);
void fuzz_put_number(struct fuzz_out *o, uint64_t value);

static inline sipv_slice fuzz_out_slice(const struct fuzz_out *o)
{
    return sipv_slice_of(o->p, o->n);
}

/* The text up to the next `mark`, which is taken off `rest`; without one all of it. */
sipv_slice fuzz_take(sipv_slice *rest, unsigned char mark);

#endif
