/* vet.h: a message parsed with storage that grows, and its findings. */
#ifndef SIPVET_TOOLS_VET_H
#define SIPVET_TOOLS_VET_H

#include "catalogue.h"
#include "json.h"
#include "output.h"

#include <sipvet/parser.h>

/* Where the lines of a text begin. */
struct lines {
    sipv_slice text;
    size_t *starts;
    size_t count, cap;
    size_t counted_at, counted; /* sarif.c: the column, in characters, of an offset */
};

void lines_of(struct lines *lines, sipv_slice text);
void lines_free(struct lines *lines);
/* Line and column of an offset, both from 1; columns count bytes.  Lines end with LF. */
void lines_place(const struct lines *lines, size_t off, size_t *line, size_t *column);
/* Line number `line` without its line end. */
sipv_slice lines_text(const struct lines *lines, size_t line);

/* A finding in the body, with what only the parser of that body knew. */
struct body_finding {
    sipv_diag d; /* `off` counts in the whole message, `header` is none of its headers */
    char header[64], rfc[64];
    const char *rule;
    sipv_match match;
};

/* A message with everything it needs; all zero before the first use. */
struct vet {
    sipv_message m;
    struct lines lines;
    const sipv_diag *
        *all; /* findings of the message and of its body, in the order of their bytes */
    size_t all_count, cap_all;
    struct body_finding *body;
    size_t body_count, cap_body;
    sipv_header *headers;
    sipv_event *events;
    sipv_diag *diags;
    size_t cap_headers, cap_events, cap_diags;
    void *explainer;
};

/* What the data is: a message as in a datagram, one frame of a stream, a message/sipfrag. */
enum vet_what { VET_DATAGRAM, VET_FRAME, VET_FRAGMENT };

/* Full parse; storage grows until everything fits.  v->all has the findings of the message. */
void vet_parse(struct vet *v, sipv_slice data, sipv_profile profile, enum vet_what what);
/* body.c: looks into the body of the parsed message; v->all has those findings too then. */
void vet_check_body(struct vet *v);
/* Brings all findings into v->all. */
void vet_gather(struct vet *v);
void vet_free(struct vet *v);
/* Octets from the start line to the end of the body: without empty lines in front. */
size_t vet_octets(const struct vet *v);

sipv_profile profile_of(const char *name);
const char *profile_name(sipv_profile profile);
const char *severity_name(unsigned severity);
const char *verdict_name(bool accepted);

/* One diagnostic with all that is said about it. */
struct finding {
    const sipv_diag *d;
    const sipv_diag_info *info;
    unsigned severity; /* as shown: `-W` may have changed it */
    size_t line, column;
    const char *header; /* canonical name, or as written in `header_text`; NULL */
    char header_text[64];
    const char *rule;            /* NULL if none */
    sipv_match match;            /* what was expected */
    const sipv_grammar *grammar; /* that of its rules */
    sipv_alternative alternatives[SIPV_ALTERNATIVES_MAX];
    size_t alternative_count;
    char rfc[64]; /* where it is said; the header's own RFC if it is one of later RFCs */
};

struct fix; /* fix.h */

/* Fills a finding of `v`; `v` NULL for one that belongs to no message. */
void finding_of(struct vet *v, const struct lines *lines, const sipv_diag *d, struct finding *f);
/* As an element of a JSON array; `fix` may be NULL. */
void finding_json(struct json *j, const struct finding *f, const struct fix *fix);
/* "x.sip:4:5: error[SV0112]: ... (byte 110)" */
void finding_headline(const struct finding *f, const char *source, struct palette palette);
/* The headline, the line with a caret, and what to do; `fix` may be NULL. */
void finding_text(const struct finding *f, const struct fix *fix, const char *source,
                  const struct lines *lines, struct palette palette);

/* ` expected DIGIT, ";" or end of Via`, nothing if nothing is known. */
void expected_text(const sipv_match *match);
/* "as hostname: byte 9, '.' or ';'; as IPv4address: byte 8, DIGIT"; `base` is added to the bytes.
 */
void alternatives_text(const sipv_grammar *g, const sipv_alternative *alternatives, size_t n,
                       size_t base);

/* Parameters as an array of name and value; NULL for none. */
void params_json(struct json *j, const char *key, const sipv_params *params);
/* All diagnostics of a message as a JSON array. */
void vet_diagnostics_json(struct json *j, struct vet *v);
/* The record "sipvet.message/1"; `stream_offset` below 0 if it is no message of a stream. */
void vet_json(struct json *j, struct vet *v, const char *source, int64_t stream_offset);
/* The message as a tree, and as byte spans. */
void vet_tree(struct vet *v, const char *source, int64_t stream_offset, struct palette palette);
void vet_spans(struct vet *v, const char *source, int64_t stream_offset);

/* ---- Captures -------------------------------------------------------------------------------- */

struct capture {
    unsigned kind;
    size_t off, len;
};

/* Joins events to captures, by where they begin, the outer before the inner; separators between
 * list elements are left out.  `out` has room for `n`.  Returns how many there are. */
size_t captures_join(const sipv_grammar *g, const sipv_event *events, size_t n,
                     struct capture *out);

#endif
