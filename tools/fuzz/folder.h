/* folder.h: paths, folders and files of a campaign. */
#ifndef SIPVET_TOOLS_FUZZ_FOLDER_H
#define SIPVET_TOOLS_FUZZ_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

/* Octets of a path put together, and of one on the command line. */
enum { FUZZ_PATH = 2048, FUZZ_GIVEN = 512 };

/* "sipvet: cannot WHAT PATH: " and what errno says.  Returns `status`. */
int fault_of_path(int status, const char *what, const char *path);

/* A path put together, in one of a few buffers that take turns.  It is for the statement that it
 * stands in: who keeps it over a loop, or hands it to what puts paths together in one, copies it.
 */
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
const char *
path_of(const char *format, ...);
/* Makes a folder and those above it.  EXIT_FINE, or EXIT_INTERNAL after a message. */
int make_folders(const char *path);
bool file_exists(const char *path);
/* Copies a file, which is there whole or not at all.  EXIT_FINE, or with errno EXIT_INPUT if it
 * cannot be read, EXIT_INTERNAL if the copy cannot be written; fault_of_copy() then says so. */
int copy_file(const char *from, const char *to);
int fault_of_copy(int result, const char *from, const char *to);
/* Removes a folder with all that is in it; one that is not there is none that is left.  False with
 * errno. */
bool remove_folder(const char *path);

/* Names of the regular files of a folder in order; a folder that is not there is empty. */
struct names {
    char **at;
    size_t n, cap;
};
void names_add(struct names *names, const char *name);
void names_of(const char *folder, struct names *names);
void names_of_folders(const char *folder, struct names *names);
void names_free(struct names *names);

#endif
