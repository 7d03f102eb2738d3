/* Classes of bytes in code: runs of them as ranges, membership as the cheapest expression or by
 * table. */
#include "express.h"

#include <ctype.h>
#include <string.h>

struct sets {
    VEC(byteset) all;
};

/* Sets tested by table, eight to a table; sets skipped in runs. */
static struct sets tested, skipped;

static int number_of_set(struct sets *s, byteset set)
{
    for (int i = 0; i < s->all.n; i++)
        if (set_equal(&s->all.at[i], &set))
            return i;
    *PUSH(&s->all) = set;
    return s->all.n - 1;
}

/* ---- Runs ---------------------------------------------------------------------------------------
 */

enum { RANGES_MAX = 8 };

struct range {
    int from, to;
};

/* Bytes that hardly stand in a run, the rarest first. */
static const char rare[] = "`~'!$%&(){}|^\\*?=#+[],;/";

static int split_ranges(const byteset *s, struct range *out)
{
    int n = 0;
    for (int c = 1; c < 128; c++)
        if (set_has(s, c)) {
            if (!set_has(s, c - 1) || c == 1)
                out[n++].from = c;
            out[n - 1].to = c;
        }
    return n;
}

static byteset without_line_ends(byteset s)
{
    s.w[0] &= ~((uint64_t)1 << '\r' | (uint64_t)1 << '\n');
    return s;
}

/* The ranges of a class, without rare bytes if there are too many. */
static int ranges_of(const byteset *s, struct range *out)
{
    struct range all[128];
    byteset set = without_line_ends(*s); /* they are behind the value as well */
    int n = split_ranges(&set, all);
    for (const char *p = rare; n > RANGES_MAX && *p; p++) {
        byteset less = set;
        less.w[*p >> 6] &= ~((uint64_t)1 << (*p & 63));
        struct range fewer[128];
        const int m = split_ranges(&less, fewer);
        if (m >= n)
            continue; /* it stands amid others */
        set = less;
        n = m;
        memcpy(all, fewer, sizeof all);
    }
    for (int i = 0; i < n && i < RANGES_MAX; i++)
        out[i] = all[i];
    return n < RANGES_MAX ? n : RANGES_MAX;
}

/* The bytes of a class that a run of it does not take. */
byteset left_by_run(byteset s)
{
    struct range ranges[RANGES_MAX];
    const int n = ranges_of(&s, ranges);
    for (int i = 0; i < n; i++)
        for (int c = ranges[i].from; c <= ranges[i].to; c++)
            s.w[c >> 6] &= ~((uint64_t)1 << (c & 63));
    return s;
}

int run_number(byteset s)
{
    return number_of_set(&skipped, s);
}

char *run_over(byteset s, const char *from, bool wide)
{
    return format("sipv_run_%s(s, %s, &express_runs[%d])", wide ? "wide" : "over", from,
                  run_number(s));
}

/* ---- Expressions --------------------------------------------------------------------------------
 */

const char *byte_text(int c)
{
    if (c == '\'' || c == '\\')
        return format("'\\%c'", c);
    if (c > 0x20 && c < 0x7f)
        return format("'%c'", c);
    return format("0x%02x", c);
}

/* The cheapest C expression for "c is in the set". */
char *membership(byteset s)
{
    int n = set_count(&s), lo = set_lowest(&s), hi = 255;
    while (!set_has(&s, hi))
        hi--;
    if (n == 1)
        return format("c == %s", byte_text(lo));
    if (n == 2 && hi == lo + 32 && isupper(lo))
        return format("(c | 0x20) == %s", byte_text(hi));
    if (n == 2) /* a space is more usual than a tab */
        return format("(c == %s || c == %s)", byte_text(hi), byte_text(lo));
    if (hi - lo + 1 == n)
        return format("c - %du < %du", lo, n);
    int k = number_of_set(&tested, s);
    return format("express_class[%d][c] & %d", k / 8, 1 << (k % 8));
}

/* ---- Tables -------------------------------------------------------------------------------------
 */

void emit_run_set(FILE *f, const byteset *s)
{
    struct range ranges[RANGES_MAX];
    const int n = ranges_of(s, ranges);
    int halves[16] = {0};
    fprintf(f, "{{");
    for (int i = 0; i < n; i++) {
        fprintf(f, "0x%02x,0x%02x,", ranges[i].from, ranges[i].to);
        for (int c = ranges[i].from; c <= ranges[i].to; c++)
            halves[c & 15] |= 1 << (c >> 4);
    }
    fprintf(f, "}, {");
    for (int i = 0; i < 16; i++)
        fprintf(f, "0x%02x,", halves[i]);
    fprintf(f, "}}");
}

void emit_class_tables(FILE *f)
{
    fprintf(f, "static const unsigned char express_class[%d][256] = {\n", tested.all.n / 8 + 1);
    for (int t = 0; t <= tested.all.n / 8; t++) {
        fprintf(f, "    {");
        for (int c = 0; c < 256; c++) {
            int bits = 0;
            for (int k = 0; k < 8 && t * 8 + k < tested.all.n; k++)
                bits |= set_has(&tested.all.at[t * 8 + k], c) << k;
            fprintf(f, "%d,%s", bits, c % 32 == 31 ? "\n     " : "");
        }
        fprintf(f, "},\n");
    }
    fprintf(f, "};\n\nstatic const struct sipv_run_set express_runs[%d] = {\n", skipped.all.n + 1);
    for (int i = 0; i < skipped.all.n; i++) {
        fprintf(f, "    ");
        emit_run_set(f, &skipped.all.at[i]);
        fprintf(f, ",\n");
    }
    fprintf(f, "    {{0}, {0}}};\n\n");
}
