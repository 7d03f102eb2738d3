/* input.h: files and standard input, read whole. */
#ifndef SIPVET_TOOLS_INPUT_H
#define SIPVET_TOOLS_INPUT_H

#include <sipvet/grammar.h>

/* The largest input.  (A single message is refused far below, see sipv_limits; this is for
 * streams.) */
#define INPUT_MAX ((size_t)256 << 20)

struct input {
    const char *name; /* as given; "-" for standard input */
    unsigned char *data;
    size_t n;
};

/* How long an input may bring nothing, 0 for ever. */
extern unsigned input_timeout_s;

/* Reads all of `name`, standard input if it is "-".  Any bytes.  Returns EXIT_FINE, or EXIT_INPUT
 * after a message; then there is nothing to free. */
int input_read(const char *name, struct input *input);
void input_free(struct input *input);

#endif
