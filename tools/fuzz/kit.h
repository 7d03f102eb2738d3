/* kit.h: what the campaign commands share: the list of targets, where programs and corpora lie, the
 * folder of a campaign.
 *
 *     DIR/TARGET/corpus/         inputs that libFuzzer found worth keeping
 *     DIR/TARGET/crashes/        what libFuzzer saved of findings
 *     DIR/TARGET/afl/INSTANCE/   as afl-fuzz lays it out; an instance is main-HOST or more-HOST-N
 *     DIR/TARGET/ENGINE-JOB.log  what an engine said
 *     DIR/TARGET/samples.tsv     how far each job was, once a second (samples.h)
 *     DIR/findings/              what triage made of the crashes
 *     DIR/findings.tsv           the same as a table
 */
#ifndef SIPVET_TOOLS_FUZZ_KIT_H
#define SIPVET_TOOLS_FUZZ_KIT_H

#include "../command.h"
#include "folder.h"

/* Octets of a name in the list. */
enum { FUZZ_NAME = 64 };

/* One line of targets.list. */
struct fuzz_target {
    char name[FUZZ_NAME], source[FUZZ_NAME], dictionary[FUZZ_NAME], oracles[256];
    unsigned long longest; /* octets of an input */
};

struct kit {
    const struct arguments *args;
    const char *dir; /* of the campaign */
    const char *list, *libfuzzer, *afl, *cmplog, *runner, *seeds, *dictionaries, *mutator;
    const char *host;
    struct fuzz_target *targets; /* those chosen by --target */
    size_t count;
    int lock; /* see kit_lock(), else -1 */
};

/* Options of all these commands, for their tables. */
#define KIT_OPTIONS                                                                                \
    {"target", 0, "NAME", NULL, "a target, several with commas, or all (default: all)", false},    \
        {"dir", 0, "DIR", NULL, "folder of the campaign (default: campaign)", false},              \
        {"list", 0, "FILE", NULL, "the list of targets (default: fuzz/targets.list)", false},      \
        {"libfuzzer",                                                                              \
         0,                                                                                        \
         "DIR",                                                                                    \
         NULL,                                                                                     \
         "targets linked with libFuzzer (default: build/fuzz-libfuzzer/fuzz/bin)",                 \
         false},                                                                                   \
        {"afl", 0, "DIR", NULL, "targets built for AFL++ (default: build/fuzz-afl/fuzz/bin)",      \
         false},                                                                                   \
    {                                                                                              \
        "runner", 0, "DIR", NULL,                                                                  \
            "targets with the standalone runner (default: build/release/fuzz/bin)", false          \
    }

/* Reads the common options and the list.  EXIT_FINE, or another status after a message; then there
 * is nothing to free. */
int kit_open(struct kit *k, const struct arguments *args);
void kit_close(struct kit *k);
/* The file or folder that an option names.  EXIT_USAGE after a message if that is no name. */
int kit_path(const struct arguments *args, const char *name, const char *otherwise,
             const char **path);
/* EXIT_FINE if there is such a folder, else EXIT_INPUT after a message. */
int kit_need_folder(const struct arguments *args, const char *folder);
/* Makes the folder of the campaign this process's own until kit_close().  EXIT_INTERNAL after a
 * message if it cannot be made, or is another's. */
int kit_lock(struct kit *k);

/* "sipvet fuzz NAME: ..." on stderr: one line, whatever is in the text.  Returns `status`. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
int
fault(const struct arguments *args, int status, const char *format, ...);

/* "90", "90s", "5m", "1h", "2d" as seconds; false if it is none of these. */
bool read_duration(const char *text, uint64_t *seconds);

#endif
