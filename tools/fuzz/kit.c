/* kit.c: see kit.h. */
#include "kit.h"

#include "../output.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- What is said -----------------------------------------------------------------------------
 */

int fault(const struct arguments *args, int status, const char *format, ...)
{
    char text[2 * FUZZ_PATH];
    va_list list;

    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    fprintf(stderr, "sipvet %s: ", args->command->name);
    err_visible(sipv_slice_text(text));
    fputc('\n', stderr);
    return status;
}

/* ---- Targets ----------------------------------------------------------------------------------
 */

/* The first word of a list with commas; *rest: what is behind, NULL if that was the last. */
static sipv_slice first_of(const char *list, const char **rest)
{
    size_t n = strcspn(list, ",");

    *rest = list[n] ? list + n + 1 : NULL;
    return sipv_slice_of(list, n);
}

static bool is_chosen(const char *chosen, const char *name)
{
    for (const char *at = chosen; at;)
        if (sipv_slice_equal(first_of(at, &at), sipv_slice_text(name)))
            return true;
    return strcmp(chosen, "all") == 0;
}

/* Was each name found? */
static int check_chosen(const struct kit *k, const char *chosen)
{
    if (strcmp(chosen, "all") == 0)
        return k->count > 0 ? EXIT_FINE : fault(k->args, EXIT_INPUT, "%s lists no target", k->list);
    for (const char *at = chosen; at;) {
        const sipv_slice name = first_of(at, &at);
        size_t i = 0;

        while (i < k->count && !sipv_slice_equal(name, sipv_slice_text(k->targets[i].name)))
            i++;
        if (i == k->count)
            return usage_error(k->args->command, "there is no target '%.*s' in %s", (int)name.n,
                               name.p, k->list);
    }
    return EXIT_FINE;
}

static int read_list(struct kit *k, const char *chosen)
{
    FILE *f = fopen(k->list, "r");
    char line[1024];
    bool fine = f != NULL;

    while (fine && fgets(line, sizeof line, f)) {
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
    if (f && ferror(f))
        fine = false;
    if (!fine)
        fault_of_path(EXIT_INPUT, "read", k->list);
    if (f)
        fclose(f);
    return fine ? check_chosen(k, chosen) : EXIT_INPUT;
}

/* ---- Options ----------------------------------------------------------------------------------
 */

/* AFL++ takes 24 letters, digits, hyphens and underscores, and "more-HOST-63" is the longest. */
enum { HOST_LONGEST = 16 };

static bool is_of_host(char c)
{
    return isalnum((unsigned char)c) || c == '-' || c == '_';
}

static bool is_host(const char *name)
{
    size_t n = 0;

    while (is_of_host(name[n]))
        n++;
    return n > 0 && n <= HOST_LONGEST && name[n] == '\0';
}

/* The name of this machine without its domain, of a long one the end, where numbers stand. */
static const char *own_host(void)
{
    static char name[256];
    size_t n;

    if (gethostname(name, sizeof name - 1) != 0 || name[0] == '.' || !name[0])
        strcpy(name, "host");
    n = strcspn(name, ".");
    name[n] = '\0';
    for (char *p = name; *p; p++)
        *p = is_of_host(*p) ? *p : '-';
    return n > HOST_LONGEST ? name + n - HOST_LONGEST : name;
}

int kit_path(const struct arguments *args, const char *name, const char *otherwise,
             const char **path)
{
    *path = arguments_value(args, name, otherwise);
    if (*path && !**path)
        return usage_error(args->command, "option '--%s' names nothing", name);
    if (*path && strlen(*path) > FUZZ_GIVEN)
        return usage_error(args->command, "the path of '--%s' is too long", name);
    return EXIT_FINE;
}

static int read_options(struct kit *k)
{
    const struct {
        const char *name, *otherwise, **path;
    } paths[] = {
        {"dir", "campaign", &k->dir},
        {"list", "fuzz/targets.list", &k->list},
        {"libfuzzer", "build/fuzz-libfuzzer/fuzz/bin", &k->libfuzzer},
        {"afl", "build/fuzz-afl/fuzz/bin", &k->afl},
        {"cmplog", "build/fuzz-cmplog/fuzz/bin", &k->cmplog},
        {"runner", "build/release/fuzz/bin", &k->runner},
        {"seeds", "build/fuzz-seeds", &k->seeds},
        {"dictionaries", "build/release/fuzz/dict", &k->dictionaries},
        {"mutator", "build/release/lib/libsipvet-afl-mutator.so", &k->mutator},
    };
    int result = EXIT_FINE;

    for (size_t i = 0; result == EXIT_FINE && i < sizeof paths / sizeof *paths; i++)
        result = kit_path(k->args, paths[i].name, paths[i].otherwise, paths[i].path);
    k->host = arguments_value(k->args, "host", own_host());
    if (result == EXIT_FINE && !is_host(k->host))
        return usage_error(k->args->command,
                           "option '--host' takes up to %d letters, digits, '-' and '_', not '%s'",
                           HOST_LONGEST, k->host);
    return result;
}

int kit_open(struct kit *k, const struct arguments *args)
{
    int result;

    memset(k, 0, sizeof *k);
    k->args = args;
    k->lock = -1;
    result = read_options(k);
    if (result == EXIT_FINE)
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
    if (k->lock >= 0)
        close(k->lock);
    k->lock = -1;
}

int kit_need_folder(const struct arguments *args, const char *folder)
{
    struct stat st;

    if (stat(folder, &st) == 0 && S_ISDIR(st.st_mode))
        return EXIT_FINE;
    return fault(args, EXIT_INPUT, "there is no folder %s", folder);
}

int kit_lock(struct kit *k)
{
    int result = make_folders(k->dir);

    if (result != EXIT_FINE)
        return result;
    k->lock = open(k->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (k->lock < 0)
        return fault_of_path(EXIT_INTERNAL, "open", k->dir);
    /* Any other error is that of a file system without locks. */
    if (flock(k->lock, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
        return EXIT_FINE;
    return fault(k->args, EXIT_INTERNAL, "another one runs in %s", k->dir);
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
