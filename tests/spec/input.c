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

void spec_input_line(const char *line, size_t n, bool lines)
{
    bool end = lines;
    if (n > 4 && line[0] == '{' && line[n - 1] == '}') {
        put_repeated(line, n);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)line[i];
        if (c == '\\' && i + 1 == n && lines) {
            end = false;
            break;
        }
        if (c == '\\' && i + 1 < n) {
            const char *from = "rnt0\\", *to = "\r\n\t\0\\", *at;
            if (line[i + 1] == 'x' && i + 3 < n) {
                tsv_bytes((char[]){'\\', 'x', line[i + 2], line[i + 3], 0}, &c, 1);
                i += 3;
            } else if ((at = strchr(from, line[i + 1])) && *at) {
                c = (unsigned char)to[at - from];
                i++;
            }
        }
        put(&c, 1);
    }
    if (end)
        put("\r\n", 2);
}
