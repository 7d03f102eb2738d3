/* ladder_mermaid.c: a ladder as a sequence diagram of Mermaid (https://mermaid.js.org). */
#include "ladder.h"

/* All that is not surely plain is an entity code, "#38;" with the number of the character.  So are
 * the words that Mermaid would read as its own: a letter "e" before "nd". */
static void put(sipv_slice s)
{
    for (size_t i = 0, n, bad; i < s.n; i += n) {
        uint32_t code = 0xfffd;

        n = utf8_length(s.p + i, s.n - i, &bad);
        if (n > 0)
            code = utf8_code(s.p + i, n);
        else
            n = bad;
        if (n == 1 && (code == 'e' || code == 'E') && s.n - i > 2 && (s.p[i + 1] | 32) == 'n' &&
            (s.p[i + 2] | 32) == 'd')
            out_format("#%u;", (unsigned)code);
        else if ((code >= '0' && code <= '9') || (code >= 'a' && code <= 'z') ||
                 (code >= 'A' && code <= 'Z') || code == ' ' || code == '.' || code == '/')
            out_char((char)code);
        else if (code < 0x20 || (code != 0xfffd && utf8_columns(code) == 0))
            out_text("#65533;");
        else
            out_format("#%u;", (unsigned)code);
    }
}

void ladder_mermaid(const struct ladder *l)
{
    out_text("sequenceDiagram\n");
    for (size_t i = 0; i < l->column_count; i++) {
        out_format("    participant p%zu as ", i);
        put(sipv_slice_text(l->columns[i]));
        out_char('\n');
    }
    for (size_t i = 0; i < l->count; i++) {
        const struct arrow *a = &l->arrows[i];

        out_format("    p%zu%sp%zu: ", a->from, a->request ? "->>" : "-->>", a->to);
        put(bytes_slice(&a->label));
        if (a->errors > 0)
            out_format(" %u error%s", a->errors, a->errors == 1 ? "" : "s");
        out_char('\n');
    }
}
