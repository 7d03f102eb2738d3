/* folder.c: see folder.h. */
#include "folder.h"

#include "../command.h"
#include "../output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int fault_of_path(int status, const char *what, const char *path)
{
    const int error = errno;

    fprintf(stderr, "sipvet: cannot %s ", what);
    err_visible(sipv_slice_text(path));
    fprintf(stderr, ": %s\n", strerror(error));
    return status;
}

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

int make_folders(const char *path)
{
    char part[FUZZ_PATH];

    for (size_t i = 1; path[i - 1] && i < sizeof part; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            return fault_of_path(EXIT_INTERNAL, "make folder", part);
    }
    return EXIT_FINE;
}

bool file_exists(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0;
}

static int copy_octets(FILE *in, FILE *out)
{
    char room[8192];
    size_t n;

    while ((n = fread(room, 1, sizeof room, in)) > 0)
        if (fwrite(room, 1, n, out) != n)
            return EXIT_INTERNAL;
    return ferror(in) ? EXIT_INPUT : EXIT_FINE;
}

int copy_file(const char *from, const char *to)
{
    const char *slash = strrchr(to, '/');
    char beside[FUZZ_PATH];
    FILE *in = fopen(from, "rb"), *out;
    int result, error;

    if (!in)
        return EXIT_INPUT;
    /* A name that nobody takes for an input. */
    snprintf(beside, sizeof beside, "%.*s.part-%ld", slash ? (int)(slash + 1 - to) : 0, to,
             (long)getpid());
    out = fopen(beside, "wb");
    result = out ? copy_octets(in, out) : EXIT_INTERNAL;
    error = errno;
    if (out && fclose(out) != 0 && result == EXIT_FINE) {
        error = errno;
        result = EXIT_INTERNAL;
    }
    fclose(in);
    if (result == EXIT_FINE && rename(beside, to) == 0)
        return EXIT_FINE;
    if (result == EXIT_FINE)
        error = errno;
    if (out)
        remove(beside);
    errno = error;
    return result == EXIT_INPUT ? EXIT_INPUT : EXIT_INTERNAL;
}

int fault_of_copy(int result, const char *from, const char *to)
{
    return result == EXIT_INPUT ? fault_of_path(result, "read", from)
                                : fault_of_path(result, "write", to);
}

static bool empty_folder(int fd);

/* Removes a file, or a folder with all that is in it. */
static bool remove_below(int folder, const char *name)
{
    int below, error;

    if (unlinkat(folder, name, 0) == 0)
        return true;
    error = errno;
    below = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (below >= 0)
        return empty_folder(below) && unlinkat(folder, name, AT_REMOVEDIR) == 0;
    errno = error;
    return false;
}

/* Removes what is in the folder `fd`, which is closed. */
static bool empty_folder(int fd)
{
    DIR *folder = fdopendir(fd);
    struct dirent *entry;
    bool fine = folder != NULL;
    int error;

    while (fine && (entry = readdir(folder)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            fine = remove_below(fd, entry->d_name);
    error = errno;
    if (!folder || closedir(folder) != 0)
        close(fd);
    errno = error;
    return fine;
}

bool remove_folder(const char *path)
{
    return remove_below(AT_FDCWD, path) || errno == ENOENT;
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
