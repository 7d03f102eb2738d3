/* Files and tables that tests read. */
#ifndef TESTS_FILES_H
#define TESTS_FILES_H

#include <stdbool.h>
#include <stddef.h>

/* The whole file, with a NUL behind it; free() it.  NULL if it cannot be read. */
unsigned char *file_read(const char *path, size_t *n);

/* Calls `see` with every regular file below `folder`, in no order; paths begin with `folder`.
 * False if a folder cannot be read. */
bool files_below(const char *folder, void (*see)(const char *path, void *with), void *with);

/* A table: one header line, tab separated, no quoting. */
enum { TSV_COLUMNS = 64 };
struct tsv {
    char *text, *next;
    const char *head[TSV_COLUMNS], *cell[TSV_COLUMNS];
    unsigned n_head, n_cells, line;
};

bool tsv_open(struct tsv *t, const char *path);
/* The next line into t->cell; false behind the last. */
bool tsv_next(struct tsv *t);
/* The cell of a column of the present line; "" if the line is too short or has no such column. */
const char *tsv_get(const struct tsv *t, const char *column);
void tsv_close(struct tsv *t);

/* Resolves \xHH and \\ of a cell into `out`; returns the bytes, at most `cap`. */
size_t tsv_bytes(const char *cell, unsigned char *out, size_t cap);

#endif
