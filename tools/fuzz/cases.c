/* cases.c: see cases.h. */
#include "cases.h"

#include "../command.h"
#include "../gen.h"
#include "../input.h"
#include "../output.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <suite.h>

static int complain(const char *path)
{
    fputs("sipvet: cannot read ", stderr);
    err_visible(sipv_slice_text(path));
    fprintf(stderr, ": %s\n", strerror(errno));
    return EXIT_INPUT;
}

static char *joined(const char *folder, const char *name)
{
    size_t n = strlen(folder) + strlen(name) + 2;
    char *path = need(n, 1);

    snprintf(path, n, "%s/%s", folder, name);
    return path;
}

static void keep(struct cases *c, const char *path)
{
    size_t n = strlen(path) + 1;

    if (c->file_count == c->file_cap) {
        c->file_cap = c->file_cap ? 2 * c->file_cap : 64;
        c->files = need_more(c->files, c->file_cap, sizeof *c->files);
    }
    c->files[c->file_count] = need(n, 1);
    memcpy(c->files[c->file_count++], path, n);
}

/* A folder that is being read, in another one. */
struct above {
    const struct stat *folder;
    const struct above *above;
};

/* A link to a folder above has nothing that is not read already. */
static bool is_above(const struct above *above, const struct stat *st)
{
    for (; above; above = above->above)
        if (above->folder->st_dev == st->st_dev && above->folder->st_ino == st->st_ino)
            return true;
    return false;
}

static int add(struct cases *c, const char *path, const struct above *above);

static int add_folder(struct cases *c, const char *path, const struct above *above)
{
    DIR *folder = opendir(path);
    struct dirent *entry;
    int result = EXIT_FINE;

    if (!folder)
        return complain(path);
    while (result == EXIT_FINE && (entry = readdir(folder)) != NULL) {
        char *below;

        if (entry->d_name[0] == '.')
            continue;
        below = joined(path, entry->d_name);
        result = add(c, below, above);
        free(below);
    }
    closedir(folder);
    return result;
}

static int add(struct cases *c, const char *path, const struct above *above)
{
    struct stat st;

    if (stat(path, &st) != 0)
        return complain(path);
    if (S_ISDIR(st.st_mode))
        return is_above(above, &st) ? EXIT_FINE : add_folder(c, path, &(struct above){&st, above});
    if (S_ISREG(st.st_mode))
        keep(c, path);
    return EXIT_FINE;
}

int cases_add(struct cases *c, const char *path)
{
    return add(c, path, NULL);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void cases_sort(struct cases *c)
{
    if (c->file_count > 0)
        qsort(c->files, c->file_count, sizeof *c->files, by_name);
}

void cases_free(struct cases *c)
{
    for (size_t i = 0; i < c->file_count; i++)
        free(c->files[i]);
    free(c->files);
    memset(c, 0, sizeof *c);
}

static uint64_t suite_size(const struct cases *c)
{
    static uint64_t size;

    if (size == 0)
        for (size_t g = 0; g < suite_groups(); g++)
            size += suite_count(g);
    return c->suite ? size : 0;
}

uint64_t cases_count(const struct cases *c)
{
    return c->file_count + suite_size(c) + c->generated;
}

static void get_suite(uint64_t i, struct bytes *octets, char *name)
{
    static char text[SUITE_OCTETS];
    struct suite_case what;
    size_t group = 0;

    while (i >= suite_count(group))
        i -= suite_count(group++);
    bytes_set(octets, sipv_slice_of(text, suite_make(group, (size_t)i, &what, text)));
    snprintf(name, CASE_NAME, "%s/%llu (%s)", what.group, (unsigned long long)i, what.what);
}

static int get_file(const char *path, struct bytes *octets, char *name)
{
    struct input input;
    int result = input_read(path, &input);

    if (result != EXIT_FINE)
        return result;
    bytes_set(octets, sipv_slice_of(input.data, input.n));
    input_free(&input);
    snprintf(name, CASE_NAME, "%s", path);
    return EXIT_FINE;
}

/* Each has a row of random numbers of its own, so that a run can begin anywhere. */
static void make(const struct cases *c, uint64_t i, struct bytes *octets, char *name)
{
    uint64_t state = c->seed + i;
    struct maker *m = maker_new(random_next(&state), ALLOWED_ALL, NULL);
    struct near_miss miss = {0};

    if (i % 2 == 0 || !maker_near_miss(m, &miss)) {
        maker_next(m, octets);
        snprintf(name, CASE_NAME, "generated %llu", (unsigned long long)i);
    } else {
        bytes_set(octets, bytes_slice(&miss.text));
        snprintf(name, CASE_NAME, "near miss %llu (%s)", (unsigned long long)i, miss.broken);
    }
    near_miss_free(&miss);
    maker_free(m);
}

int cases_get(const struct cases *c, uint64_t i, struct bytes *octets, char name[CASE_NAME])
{
    octets->n = 0;
    if (i < c->file_count)
        return get_file(c->files[i], octets, name);
    i -= c->file_count;
    if (i < suite_size(c))
        get_suite(i, octets, name);
    else
        make(c, i - suite_size(c), octets, name);
    return EXIT_FINE;
}
