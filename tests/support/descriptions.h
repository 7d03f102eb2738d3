/* Session descriptions in tests: storage enough for everything within the default limits, and what
 * must hold of every parse whatever the input. */
#ifndef TESTS_DESCRIPTIONS_H
#define TESTS_DESCRIPTIONS_H

#include <sipvet/sdp.h>

struct description {
    sipv_sdp_line *lines;
    sipv_sdp_section *sections;
    sipv_event *events;
    sipv_diag *diags;
    void *explainer;
    sipv_sdp s;
};

bool description_open(struct description *d);
void description_close(struct description *d);

/* Parses into d->s; returns as sipv_sdp_parse(). */
int described(struct description *d, const void *data, size_t n, sipv_profile profile);
/* The same of a NUL-terminated text in the strict profile. */
int described_text(struct description *d, const char *text);

/* Slices inside the input and in order; findings inside the input, in the catalogue and in order; a
 * refusal has a reason; sections cover their lines.  NULL, or what does not hold. */
const char *description_fault(const sipv_sdp *s);

/* Is there a finding of this name? */
bool description_has(const sipv_sdp *s, const char *name);

#endif
