/* Inputs from files, folders and stdin. */
#define _DEFAULT_SOURCE
#include "runner.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <sipvet/grammar.h>

static bool complain(const char *path)
{
    fprintf(stderr, "%s: %s: %s\n", fuzz_target_name, path, strerror(errno));
    return false;
}

/* All of a stream; NULL, with errno, if it cannot be read. */
static uint8_t *read_all(FILE *f, size_t *n)
{
    size_t cap = 4096;
    uint8_t *data = malloc(cap);
    *n = 0;
    while (data) {
        *n += fread(data + *n, 1, cap - *n, f);
        if (*n < cap)
            break;
        uint8_t *more = realloc(data, cap *= 2);
        if (!more)
            free(data);
        data = more;
    }
    if (data && ferror(f)) {
        free(data);
        return NULL;
    }
    return data;
}

static bool add(struct runner_inputs *all, const char *path, uint8_t *data, size_t n)
{
    if (all->n == all->cap) {
        const size_t cap = all->cap ? 2 * all->cap : 256;
        struct runner_input *list = realloc(all->list, cap * sizeof *list);
        if (!list)
            return false;
        all->list = list;
        all->cap = cap;
    }
    const size_t size = strlen(path) + 1;
    char *copy = malloc(size);
    if (!copy)
        return false;
    memcpy(copy, path, size);
    all->list[all->n++] = (struct runner_input){copy, data, n};
    return true;
}

/* "name octets", a line end, the octets, and so on: what fuzz-seeds --pack has written. */
static bool unpack(struct runner_inputs *all, const char *path, const uint8_t *data, size_t n)
{
    while (n) {
        char name[4200];
        const uint8_t *line = memchr(data, '\n', n), *space = memchr(data, ' ', n);
        uint64_t number;
        if (!line || !space || space > line ||
            sipv_number(sipv_slice_of(space + 1, (size_t)(line - space - 1)),
                        n - (size_t)(line + 1 - data), &number) != SIPV_OK)
            return false;
        const size_t octets = (size_t)number;
        snprintf(name, sizeof name, "%s:%.*s", path, (int)(space - data), (const char *)data);
        uint8_t *copy = malloc(octets ? octets : 1);
        if (!copy)
            return false;
        memcpy(copy, line + 1, octets);
        if (!add(all, name, copy, octets)) {
            free(copy);
            return false;
        }
        n -= (size_t)(line + 1 - data) + octets;
        data = line + 1 + octets;
    }
    return true;
}

static bool is_pack(const char *path)
{
    const size_t n = strlen(path);
    return n > 5 && strcmp(path + n - 5, ".pack") == 0;
}

static bool read_stream(struct runner_inputs *all, const char *path, FILE *f)
{
    size_t n;
    uint8_t *data = read_all(f, &n);
    if (data && is_pack(path)) {
        const bool fine = unpack(all, path, data, n);
        free(data);
        return fine || complain(path);
    }
    if (data && add(all, path, data, n))
        return true;
    free(data);
    return complain(path);
}

static bool read_file(struct runner_inputs *all, const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return complain(path);
    const bool fine = read_stream(all, path, f);
    fclose(f);
    return fine;
}

static bool read_folder(struct runner_inputs *all, const char *path)
{
    bool fine = true;
    DIR *folder = opendir(path);
    if (!folder)
        return complain(path);
    for (struct dirent *e; (e = readdir(folder)) != NULL;) {
        char below[4096];
        if (e->d_name[0] == '.')
            continue;
        const int n = snprintf(below, sizeof below, "%s/%s", path, e->d_name);
        fine &= n > 0 && (size_t)n < sizeof below && runner_read(all, below);
    }
    closedir(folder);
    return fine;
}

bool runner_read(struct runner_inputs *all, const char *path)
{
    struct stat st;
    if (strcmp(path, "-") == 0)
        return read_stream(all, path, stdin);
    if (stat(path, &st) != 0)
        return complain(path);
    return S_ISDIR(st.st_mode) ? read_folder(all, path) : read_file(all, path);
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct runner_input *)a)->path, ((const struct runner_input *)b)->path);
}

void runner_sort(struct runner_inputs *all)
{
    if (all->n)
        qsort(all->list, all->n, sizeof *all->list, by_path);
}

void runner_free(struct runner_inputs *all)
{
    for (size_t i = 0; i < all->n; i++) {
        free(all->list[i].path);
        free(all->list[i].data);
    }
    free(all->list);
}
