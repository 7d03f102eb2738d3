/* progress.h: how far long work has come, on stderr. */
#ifndef SIPVET_TOOLS_PROGRESS_H
#define SIPVET_TOOLS_PROGRESS_H

#include <stdint.h>

/* `how`: "auto" shows a line on a terminal and nothing elsewhere, "json" writes one record
 * "sipvet.progress/1" a second, "none" nothing. */
void progress_begin(const char *command, const char *how);
/* `done` of `total` are done; total 0 if nobody knows.  Shown once a second. */
void progress_tick(uint64_t done, uint64_t total);
/* Takes the line on the terminal away again. */
void progress_end(void);

#endif
