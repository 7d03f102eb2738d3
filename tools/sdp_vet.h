/* sdp_vet.h: a session description parsed with storage that grows, and its findings. */
#ifndef SIPVET_TOOLS_SDP_VET_H
#define SIPVET_TOOLS_SDP_VET_H

#include "vet.h"

#include <sipvet/sdp.h>

/* A description with everything it needs; all zero before the first use. */
struct sdp_vet {
    sipv_sdp s;
    struct lines lines;
    sipv_sdp_line *sdp_lines;
    sipv_sdp_section *sections;
    sipv_event *events;
    sipv_diag *diags;
    size_t cap_lines, cap_sections, cap_events, cap_diags;
    void *explainer;
};

/* Parses; storage grows until everything fits. */
void sdp_vet_parse(struct sdp_vet *v, sipv_slice data, sipv_profile profile);
void sdp_vet_free(struct sdp_vet *v);

/* Fills a finding of `v`. */
void sdp_finding_of(struct sdp_vet *v, const sipv_diag *d, struct finding *f);

/* The record "sipvet.sdp/1". */
void sdp_json(struct json *j, struct sdp_vet *v, const char *source);
/* The description as a tree for people. */
void sdp_tree(struct sdp_vet *v, const char *source, struct palette palette);

#endif
