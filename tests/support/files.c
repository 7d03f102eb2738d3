#define _DEFAULT_SOURCE
#include "files.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

unsigned char *file_read(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    size_t cap = 4096;
    unsigned char *p = malloc(cap);
    *n = 0;
    for (size_t got; p && (got = fread(p + *n, 1, cap - *n - 1, f)) > 0;) {
        *n += got;
        if (*n + 1 < cap)
            continue;
        unsigned char *more = realloc(p, cap *= 2);
        if (!more)
            free(p);
        p = more;
    }
    fclose(f);
    if (p)
        p[*n] = 0;
    return p;
}

bool files_below(const char *folder, void (*see)(const char *path, void *with), void *with)
{
    DIR *d = opendir(folder);
    bool ok = d != NULL;
    for (struct dirent *e; ok && (e = readdir(d));) {
        char path[1024];
        struct stat s;
        if (e->d_name[0] == '.')
            continue;
        const int n = snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        if (n < 0 || (size_t)n >= sizeof path || stat(path, &s) != 0)
            ok = false;
        else if (S_ISDIR(s.st_mode))
            ok = files_below(path, see, with);
        else
            see(path, with);
    }
    if (d)
        closedir(d);
    return ok;
}

/* Takes one line off t->next apart. */
static unsigned split(struct tsv *t, const char **cells)
{
    unsigned n = 0;
    char *p = t->next, *end = strchr(p, '\n');
    t->next = end ? end + 1 : p + strlen(p);
    if (end)
        *end = 0;
    t->line++;
    for (;;) {
        char *tab = strchr(p, '\t');
        if (n < TSV_COLUMNS)
            cells[n++] = p;
        if (!tab)
            return n;
        *tab = 0;
        p = tab + 1;
    }
}

bool tsv_open(struct tsv *t, const char *path)
{
    size_t n;
    memset(t, 0, sizeof *t);
    t->text = t->next = (char *)file_read(path, &n);
    if (!t->text)
        return false;
    t->n_head = split(t, t->head);
    return true;
}

bool tsv_next(struct tsv *t)
{
    if (!*t->next)
        return false;
    t->n_cells = split(t, t->cell);
    return true;
}

const char *tsv_get(const struct tsv *t, const char *column)
{
    for (unsigned i = 0; i < t->n_head && i < t->n_cells; i++)
        if (strcmp(t->head[i], column) == 0)
            return t->cell[i];
    return "";
}

void tsv_close(struct tsv *t)
{
    free(t->text);
    t->text = NULL;
}

static int hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

size_t tsv_bytes(const char *cell, unsigned char *out, size_t cap)
{
    size_t n = 0;
    while (*cell && n < cap) {
        if (cell[0] == '\\' && cell[1] == '\\') {
            out[n++] = '\\';
            cell += 2;
        } else if (cell[0] == '\\' && cell[1] == 'x' && hex(cell[2]) >= 0 && hex(cell[3]) >= 0) {
            out[n++] = (unsigned char)(hex(cell[2]) * 16 + hex(cell[3]));
            cell += 4;
        } else {
            out[n++] = (unsigned char)*cell++;
        }
    }
    return n;
}
