/* fix_job.h: what the files of the search for a fix share.  fix.c chooses by the finding which
 * ideas are tried; fix_start.c, fix_header.c and fix_value.c have them. */
#ifndef SIPVET_TOOLS_FIX_JOB_H
#define SIPVET_TOOLS_FIX_JOB_H

#include "../parser/src/diagnostics.h"
#include "fix.h"

/* What is worked on: a finding, and the bytes whose place the fix takes. */
struct job {
    struct fixer *x;
    const struct vet *v;
    const sipv_diag *d;
    sipv_slice old;
    struct fix *fix;
};

/* Does `text` in the place of j->old help?  Then it is the fix.  True too if there is one already.
 */
bool job_helps(struct job *j, sipv_slice text);
/* The same for j->old with `text` in the place of its bytes from..to. */
bool job_helps_within(struct job *j, size_t from, size_t to, sipv_slice text);

/* The start line, written as it must be. */
void repair_start_line(struct job *j);
/* The value of a header that the finding is about. */
void repair_header(struct job *j, const sipv_header *h);
/* A further header line behind the others. */
void add_header(struct job *j, const char *text);
/* A header name without white space in it, or with the colon that is missing. */
void repair_name(struct job *j);
/* The length of what follows the empty line, as a datagram has it: a header line of its own if
 * there is something to write before it. */
void repair_length(struct job *j, const char *before, const char *after);
/* Any value, by the rule of its grammar: small changes, each where the grammar stops. */
void repair_value(struct job *j, int rule);

static inline bool is_space(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The end of the first `end` bytes without the white space there. */
static inline size_t trimmed_end(sipv_slice s, size_t end)
{
    while (end > 0 && is_space(s.p[end - 1]))
        end--;
    return end;
}

/* The first word, or the last. */
static inline sipv_slice word(sipv_slice s, bool last)
{
    size_t n = 0;

    while (n < s.n && !is_space(s.p[last ? s.n - 1 - n : n]))
        n++;
    return sipv_slice_of(last ? s.p + s.n - n : s.p, n);
}

#endif
