/* Seeds out of the tables of the corpus. */
#include "seeds.h"

#include <string.h>

#include "text.h"

enum { CELLS = 24 };

static void take_cells(sipv_slice line, sipv_slice cells[CELLS])
{
    for (size_t i = 0; i < CELLS; i++)
        cells[i] = fuzz_take(&line, '\t');
}

static void seed_lines(enum seed_kind kind, const sipv_slice *cells, size_t n)
{
    unsigned char room[4096];
    struct fuzz_out o = FUZZ_OUT(room);
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            fuzz_puts(&o, "\n");
        if (!sipv_slice_is(cells[i], "-") && !sipv_slice_is(cells[i], "\"\""))
            fuzz_put(&o, cells[i]);
    }
    if (!o.full)
        seed(kind, fuzz_out_slice(&o));
}

void seeds_of_table(const char *name, sipv_slice table)
{
    sipv_slice cells[CELLS];
    fuzz_take(&table, '\n');
    while (table.n) {
        take_cells(fuzz_take(&table, '\n'), cells);
        if (strcmp(name, "/uri-compare.tsv") == 0)
            seed_lines(SEED_URI, cells, 2);
        else if (strcmp(name, "/uri-parse.tsv") == 0)
            seed_lines(SEED_URI, cells, 1);
        else if (strcmp(name, "/vectors.tsv") == 0) /* username, realm, password, method, uri */
            seed_lines(SEED_SCENARIO, cells + 3, 5);
    }
}
