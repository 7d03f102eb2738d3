/* kit.c: see kit.h. */
#include "kit.h"

#include "../output.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Paths ------------------------------------------------------------------------------------
 */

const char *path_of(const char *format, ...)
{
    static char room[16][FUZZ_PATH];
    static unsigned turn;
    char *path = room[turn++ % 16];
    va_list list;

    va_start(list, format);
    vsnprintf(path, FUZZ_PATH, format, list);
    va_end(list);
    return path;
}

static int complain(const char *what, const char *path)
{
    fprintf(stderr, "sipvet: cannot %s ", what);
    err_visible(sipv_slice_text(path));
    fprintf(stderr, ": %s\n", strerror(errno));
    return EXIT_INTERNAL;
}

int make_folders(const char *path)
{
    char part[FUZZ_PATH];

    for (size_t i = 1; path[i - 1] && i < sizeof part; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            return complain("make folder", part);
    }
    return EXIT_FINE;
}

bool file_exists(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0;
}

bool copy_file(const char *from, const char *to)
{
    FILE *in = fopen(from, "rb"), *out = in ? fopen(to, "wb") : NULL;
    char room[8192];
    bool fine = in && out;
    size_t n;

    while (fine && (n = fread(room, 1, sizeof room, in)) > 0)
        fine = fwrite(room, 1, n, out) == n;
    if (in && (ferror(in) || fclose(in) != 0))
        fine = false;
    if (out && fclose(out) != 0)
        fine = false;
    return fine;
}

/* ---- Names ------------------------------------------------------------------------------------
 */

void names_add(struct names *names, const char *name)
{
    size_t n = strlen(name) + 1;

    if (names->n == names->cap) {
        names->cap = names->cap ? 2 * names->cap : 64;
        names->at = need_more(names->at, names->cap, sizeof *names->at);
    }
    names->at[names->n] = need(n, 1);
    memcpy(names->at[names->n++], name, n);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* `folder` may be of path_of(), so no path is put together for an entry. */
static void read_folder(const char *folder, struct names *names, bool folders)
{
    DIR *open = opendir(folder);
    struct dirent *entry;
    struct stat st;

    while (open && (entry = readdir(open)) != NULL)
        if (entry->d_name[0] != '.' && fstatat(dirfd(open), entry->d_name, &st, 0) == 0 &&
            (folders ? S_ISDIR(st.st_mode) : S_ISREG(st.st_mode)))
            names_add(names, entry->d_name);
    if (open)
        closedir(open);
    if (names->n > 0)
        qsort(names->at, names->n, sizeof *names->at, by_name);
}

void names_of(const char *folder, struct names *names)
{
    read_folder(folder, names, false);
}

void names_of_folders(const char *folder, struct names *names)
{
    read_folder(folder, names, true);
}

void names_free(struct names *names)
{
    for (size_t i = 0; i < names->n; i++)
        free(names->at[i]);
    free(names->at);
    memset(names, 0, sizeof *names);
}

/* ---- Targets ----------------------------------------------------------------------------------
 */

/* Is `name` one of `chosen`, a list with commas? */
static bool is_chosen(const char *chosen, const char *name)
{
    size_t n = strlen(name);

    if (strcmp(chosen, "all") == 0)
        return true;
    for (const char *at = chosen; *at;) {
        size_t length = strcspn(at, ",");

        if (length == n && memcmp(at, name, n) == 0)
            return true;
        at += length + (at[length] == ',');
    }
    return false;
}

static int read_list(struct kit *k, const char *chosen)
{
    FILE *f = fopen(k->list, "r");
    char line[1024];

    if (!f) {
        complain("read", k->list);
        return EXIT_INPUT;
    }
    while (fgets(line, sizeof line, f)) {
        struct fuzz_target t;

        memset(&t, 0, sizeof t);
        if (line[0] == '#' || sscanf(line, "%63s %63s %63s %lu %255s", t.name, t.source,
                                     t.dictionary, &t.longest, t.oracles) != 5)
            continue;
        if (!is_chosen(chosen, t.name))
            continue;
        k->targets = need_more(k->targets, k->count + 1, sizeof *k->targets);
        k->targets[k->count++] = t;
    }
    fclose(f);
    if (k->count > 0)
        return EXIT_FINE;
    return usage_error(k->args->command, "there is no target '%s' in %s", chosen, k->list);
}

static const char *host_name(void)
{
    static char name[64];

    if (gethostname(name, sizeof name - 1) != 0 || !name[0])
        strcpy(name, "host");
    return name;
}

int kit_open(struct kit *k, const struct arguments *args)
{
    int result;

    memset(k, 0, sizeof *k);
    k->args = args;
    k->dir = arguments_value(args, "dir", "campaign");
    k->list = arguments_value(args, "list", "fuzz/targets.list");
    k->libfuzzer = arguments_value(args, "libfuzzer", "build/fuzz-libfuzzer/fuzz/bin");
    k->afl = arguments_value(args, "afl", "build/fuzz-afl/fuzz/bin");
    k->cmplog = arguments_value(args, "cmplog", "build/fuzz-cmplog/fuzz/bin");
    k->runner = arguments_value(args, "runner", "build/release/fuzz/bin");
    k->seeds = arguments_value(args, "seeds", "build/fuzz-seeds");
    k->dictionaries = arguments_value(args, "dictionaries", "build/release/fuzz/dict");
    k->mutator = arguments_value(args, "mutator", "build/release/lib/libsipvet-afl-mutator.so");
    k->host = arguments_value(args, "host", host_name());
    if (strlen(k->dir) > FUZZ_PATH / 2)
        return usage_error(args->command, "the path of '--dir' is too long");
    result = read_list(k, arguments_value(args, "target", "all"));
    if (result != EXIT_FINE)
        kit_close(k);
    return result;
}

void kit_close(struct kit *k)
{
    free(k->targets);
    k->targets = NULL;
    k->count = 0;
}

bool read_duration(const char *text, uint64_t *seconds)
{
    static const struct {
        char letter;
        unsigned seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
    size_t n = strlen(text);
    unsigned unit = 1;

    for (size_t i = 0; n > 0 && i < sizeof units / sizeof *units; i++)
        if (text[n - 1] == units[i].letter) {
            unit = units[i].seconds;
            n--;
            break;
        }
    if (sipv_number(sipv_slice_of(text, n), 1000000, seconds) != SIPV_OK || *seconds == 0)
        return false;
    *seconds *= unit;
    return true;
}
