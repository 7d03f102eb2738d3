/* Session descriptions in fuzz targets: storage, and what must hold of every parse. */
#ifndef FUZZ_DESCRIPTION_H
#define FUZZ_DESCRIPTION_H

#include <sipvet/sdp.h>

#include "input.h"
#include "oracle.h"

enum {
    FUZZ_SDP_LINES = 16384,
    FUZZ_SDP_SECTIONS = 320,
    FUZZ_SDP_EVENTS = 1 << 20,
    FUZZ_SDP_DIAGS = 2048
};

/* A description with room for everything within the default limits.  Large: make it static. */
struct fuzz_description {
    sipv_sdp s;
    sipv_sdp_line lines[FUZZ_SDP_LINES];
    sipv_sdp_section sections[FUZZ_SDP_SECTIONS];
    sipv_event events[FUZZ_SDP_EVENTS];
    sipv_diag diags[FUZZ_SDP_DIAGS];
};

/* What the bits of an input ask for: profile, explainer, small limits. */
sipv_sdp_options fuzz_sdp_options(const struct fuzz_input *in, sipv_limits *limits);

/* Parses into x->s; returns as the library does.  Nothing may be allocated.  `number` 0: in all the
 * storage there is; else in little of it, by that number. */
int fuzz_sdp_parse(struct fuzz_description *x, sipv_slice data, const sipv_sdp_options *options,
                   unsigned number);

/* Checks the oracles `slices` and `refusal`: `result` is what the parse returned. */
void fuzz_check_description(const sipv_sdp *s, int result);

/* Walks through the typed forms of all lines, and finds them by their names: `slices`.  Where
 * storage was too small sections may be missing, and their lines are not found. */
void fuzz_check_lines(const sipv_sdp *s, int result);

/* A line of a strict parse that was read has the captures that the explaining engine gives it:
 * `depths`.  An address that was looked at closely has added its own behind them. */
void fuzz_check_captures(const sipv_sdp *s, const sipv_sdp_line *l);

/* Walks through the fields of all lines to their ends, and through the parameters of formats and
 * candidates: `slices`. */
void fuzz_check_parameters(const sipv_sdp *s);
/* Arguments that no contract allows, with a description for the others: `refusal`. */
void fuzz_check_refusals(const sipv_sdp *s);

/* Do both say the same, line by line, by text and captures?  Of captures the place in the value
 * counts, so that one may be written in other words than the other.  NULL, or what differs. */
const char *fuzz_sdp_difference(const sipv_sdp *a, const sipv_sdp *b);
/* The same of one text, where all is at the same place and has the same findings. */
const char *fuzz_sdp_difference_in_place(const sipv_sdp *a, const sipv_sdp *b);

#endif
