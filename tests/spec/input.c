/* Input blocks: escapes, line ends and repetition. */
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "spec.h"

static void put(const void *bytes, size_t n)
{
    if (n > SPEC_LONGEST - spec.n_input)
        n = SPEC_LONGEST - spec.n_input;
    memcpy(spec.input + spec.n_input, bytes, n);
    spec.n_input += n;
}

static void put_repeated(const char *line, size_t n)
{
    size_t star = n;
    while (star > 0 && line[star] != '*')
        star--;
    for (long k = strtol(line + star + 1, NULL, 10); k > 0 && star > 2; k--)
        put(line + 1, star - 2);
}

/* An escape, of which `n` bytes are there, or a plain byte; how many bytes it takes. */
static size_t put_byte(const char *at, size_t n)
{
    static const char names[] = "rnt0\\", bytes[] = "\r\n\t\0\\";
    const char *name = at[0] == '\\' && n > 1 && at[1] ? strchr(names, at[1]) : NULL;
    unsigned char c = (unsigned char)at[0];
    size_t taken = 1;
    if (name) {
        c = (unsigned char)bytes[name - names];
        taken = 2;
    } else if (n > 3 && at[0] == '\\' && at[1] == 'x') {
        tsv_bytes((char[]){'\\', 'x', at[2], at[3], 0}, &c, 1);
        taken = 4;
    }
    put(&c, 1);
    return taken;
}

void spec_input_line(const char *line, size_t n, bool lines)
{
    if (n > 4 && line[0] == '{' && line[n - 1] == '}') {
        put_repeated(line, n);
        return;
    }
    for (size_t i = 0; i < n;) {
        if (lines && i + 1 == n && line[i] == '\\')
            return; /* this one has no line end */
        i += put_byte(line + i, n - i);
    }
    if (lines)
        put("\r\n", 2);
}
