/* report.c: see report.h. */
#include "report.h"

#include <stdlib.h>
#include <string.h>

/* The order in which benches are printed. */
static const char *const benches[] = {"parse.index",     "parse.full",    "sdp.full",
                                      "digest.md5-auth", "write.message", "write.edit"};
enum { BENCH_COUNT = sizeof benches / sizeof benches[0] };

static size_t place(const struct bench_cell *cell)
{
    size_t i = 0;
    while (i < BENCH_COUNT && strcmp(benches[i], cell->subject->bench) != 0)
        i++;
    return i;
}

static int by_place(const void *a, const void *b)
{
    const struct bench_cell *x = *(const struct bench_cell *const *)a;
    const struct bench_cell *y = *(const struct bench_cell *const *)b;
    size_t p = place(x), q = place(y);

    if (p != q)
        return p < q ? -1 : 1;
    if (x->input != y->input)
        return x->input < y->input ? -1 : 1;
    return (x->median > y->median) - (x->median < y->median);
}

static const struct bench_cell **sorted(const struct bench_run *run)
{
    const struct bench_cell **cells = calloc(run->count + 1, sizeof(const struct bench_cell *));

    if (!cells)
        return NULL;
    for (size_t i = 0; i < run->count; i++)
        cells[i] = &run->cells[i];
    qsort(cells, run->count, sizeof *cells, by_place);
    return cells;
}

static const struct bench_cell *find(const struct bench_run *run, const char *bench,
                                     const struct bench_input *input)
{
    for (size_t i = 0; i < run->count; i++) {
        const struct bench_cell *cell = &run->cells[i];
        if (cell->input == input && strcmp(cell->subject->subject, "sipvet") == 0 &&
            strcmp(cell->subject->bench, bench) == 0)
            return cell;
    }
    return NULL;
}

static void put_json_string(const char *text, FILE *out)
{
    putc('"', out);
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c < 0x20)
            fprintf(out, "\\u%04x", c);
        else
            putc(c, out);
    }
    putc('"', out);
}

static void put_json(const struct bench_cell *cell, FILE *out)
{
    fputs("{\"bench\":", out);
    put_json_string(cell->subject->bench, out);
    fputs(",\"subject\":", out);
    put_json_string(cell->subject->subject, out);
    fputs(",\"input\":", out);
    put_json_string(cell->input->name, out);
    fprintf(out,
            ",\"octets\":%.0f,\"ns\":%.1f,\"ns_per_octet\":%.3f,\"allocations\":", cell->octets,
            cell->median, cell->octets > 0 ? cell->median / cell->octets : 0.0);
    if (cell->allocations < 0)
        fputs("null}\n", out);
    else
        fprintf(out, "%.6g}\n", cell->allocations);
}

void bench_report_json(const struct bench_run *run, FILE *out)
{
    const struct bench_cell **cells = sorted(run);

    for (size_t i = 0; cells && i < run->count; i++)
        put_json(cells[i], out);
    free(cells);
}

static void put_row(const struct bench_run *run, const struct bench_cell *cell, FILE *out)
{
    const struct bench_cell *ours = find(run, cell->subject->bench, cell->input);

    fprintf(out, "  %-14s %10.1f %10.1f %10.1f %9.3f ", cell->subject->subject, cell->median,
            cell->all, cell->min, cell->octets > 0 ? cell->median / cell->octets : 0.0);
    if (cell->allocations < 0)
        fprintf(out, "%8s", "-");
    else
        fprintf(out, "%8.4g", cell->allocations);
    if (ours)
        fprintf(out, " %9.2f", bench_ratio(run, cell, ours));
    putc('\n', out);
}

static void put_title(const struct bench_run *run, const struct bench_cell *cell, FILE *out)
{
    bool ours = find(run, cell->subject->bench, cell->input) != NULL;

    fprintf(out, "\n%s, %s (%.0f octets%s)\n", cell->subject->bench, cell->input->name,
            cell->octets, cell->input->count > 1 ? " on average" : "");
    fprintf(out, "  %-14s %10s %10s %10s %9s %8s%s\n", "", "median", "of all", "min", "per octet",
            "allocs", ours ? "  x sipvet" : "");
}

void bench_report_table(const struct bench_run *run, FILE *out)
{
    const struct bench_cell **cells = sorted(run), *before = NULL;

    fprintf(out, "medians of %zu calm rounds of %zu; ns per operation, CPU time of one thread\n",
            run->calm, run->rounds);
    for (size_t i = 0; cells && i < run->count; i++) {
        const struct bench_cell *cell = cells[i];
        if (!before || before->input != cell->input || place(before) != place(cell))
            put_title(run, cell, out);
        put_row(run, cell, out);
        before = cell;
    }
    for (size_t i = 0; cells && i < run->count; i++) {
        const struct bench_cell *full = find(run, "parse.full", cells[i]->input);
        if (full && cells[i] == find(run, "parse.index", cells[i]->input) &&
            cells[i]->input->count > 1)
            fprintf(out, "\nparse.index of %s takes %.2f of parse.full\n", cells[i]->input->name,
                    bench_ratio(run, cells[i], full));
    }
    free(cells);
}
