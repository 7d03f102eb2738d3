/* What the files of the parser share. */
#ifndef SIPV_INTERNAL_H
#define SIPV_INTERNAL_H

#include <sipvet/parser.h>

#include "diagnostics.h"
#include "line.h"
#include "sip_ids.gen.h"
#include "tables.h"

/* Ordinary messages need no such function: compilers put what leads to it aside, so that what
 * ordinary messages run through lies close. */
#define SIPV_SELDOM __attribute__((cold))
/* The same for conditions, where compilers would guess otherwise: for one each, since they forget
 * what is said of several that are joined. */
#define SIPV_MOSTLY(x) __builtin_expect(!!(x), 1)
#define SIPV_HARDLY(x) __builtin_expect(!!(x), 0)

/* report.c: findings. */
/* Adds a finding with the catalogue's severity and status; NULL if there is no room. */
SIPV_SELDOM sipv_diag *sipv_report(sipv_message *m, unsigned code, size_t off, size_t len,
                                   unsigned header);
/* The same about a slice of the message. */
SIPV_SELDOM sipv_diag *sipv_report_at(sipv_message *m, unsigned code, sipv_slice where,
                                      unsigned header);
/* Brings the findings into order of offset and derives verdict and status. */
void sipv_conclude(sipv_message *m);

/* The octets of a message as vector code reads them.  It reads some octets behind what it looks at.
 * Where the header section ends with the data that would be too far: then they are those of a copy,
 * if the message is not long. */
enum {
    SIPV_BEHIND = 96,  /* zeros behind a copy */
    SIPV_COPIED = 4096 /* octets of the longest message that is copied */
};
struct sipv_octets {
    const unsigned char *base, *limit; /* octet 0 of the message; nothing is read from here on */
    bool compiled;                     /* this processor runs vector code and compiled matchers */
    unsigned char copy[SIPV_COPIED + SIPV_BEHIND];
};
/* plain.c: sets the bounds to those of a copy with room behind it.  False if there is none, or it is
 * that copy already.  Vector code: only if `compiled`. */
bool sipv_make_room(struct sipv_octets *octets);

/* value.c: texts against rules. */
/* Matches a stretch of the message against a rule; reports a refusal with `code` or a better one.
 * `*suspect`: the captures are to be looked at by sipv_check_events. */
int sipv_match_rule(sipv_message *m, int rule, sipv_slice text, unsigned code, unsigned header,
                    size_t *n_events, bool *suspect);
/* The part of a header that its rule is matched against. */
sipv_slice sipv_rule_text(const sipv_header *h);
/* Runs a matcher over `text`; events go to `ev`.  SIPV_OK, SIPV_REJECT, SIPV_NO_SPACE. */
int sipv_run_matcher(unsigned root, sipv_slice text, const unsigned char *base,
                     const unsigned char *limit, sipv_event *ev, size_t cap, size_t *n,
                     size_t *error);

/* refusal.c: what a refused text gets. */
/* Reports a refusal of `text`, the first impossible byte of which is `error`.  `code` is the
 * diagnostic of the whole, SIPV_D_SYNTAX lets the broken construct choose a better one. */
void sipv_report_refusal(sipv_message *m, int rule, bool value, sipv_slice text, size_t error,
                         unsigned code, unsigned header);
/* Matches `text` with every relaxation allowed, and says which it took if `report`; `*n` events go
 * behind those there are.  `list`: empty elements at its ends may be left out. */
bool sipv_match_relaxed(sipv_message *m, int rule, bool value, sipv_slice text, unsigned header,
                        bool list, bool report, size_t *n);

/* reading.c: headers into their typed forms. */
/* Reads header `i` into the message's events, if that has not been done; reports what is wrong if
 * `report`.  Sets the header's state. */
void sipv_read_header(sipv_message *m, unsigned i, bool report);
/* Reads what the index has found, start line and all headers, and reports what is wrong with it.
 * Returns the places that all headers may have, see sipv_header_run. */
uint32_t sipv_read_message(sipv_message *m, struct sipv_octets *octets);
/* Interop steps over this header if it is malformed. */
bool sipv_may_ignore(const sipv_message *m, unsigned header);
/* Is the header one of RFC 3261 itself? */
bool sipv_is_core(unsigned id);

/* typed.c */
void sipv_fill_uri(const unsigned char *base, const sipv_event *ev, size_t n, sipv_uri *out);

/* start_line.c */
void sipv_read_start_line(sipv_message *m);
/* Reads what only a full parse looks at: Request-URI, method, reason phrase. */
void sipv_check_start_line(sipv_message *m);
/* Is it a request of SIP/2.0 with a method that is known?  Then there is only its URI to read. */
bool sipv_is_usual_request(const sipv_message *m);
enum sipv_start { SIPV_START_IMPOSSIBLE, SIPV_START_REQUEST, SIPV_START_RESPONSE };
/* Is `line` the start line of a SIP message, well-formed or not? */
enum sipv_start sipv_start_kind(sipv_slice line);
/* Can no start line begin with these `n` octets, of which the first `seen` were asked about before?
 * Other protocols may never send a line end.  A NUL has a place in a reason phrase only (where
 * strict refuses it and knows all the same where the message ends), so an answer does not depend on
 * how a stream was cut. */
bool sipv_cannot_begin(const unsigned char *p, size_t seen, size_t n);

/* check.c: what the grammar cannot say about one header: ranges, repeated parameters, limits. */
void sipv_check_events(sipv_message *m, const sipv_event *ev, size_t n, unsigned header);

/* The limit of list elements, over all lines of a name. */
void sipv_check_elements(sipv_message *m);
/* Parameters of later RFCs whose values their RFC does not allow. */
void sipv_check_extensions(sipv_message *m, unsigned header);

/* rules.c: rules of whole messages. */
void sipv_check_message(sipv_message *m, uint32_t places);

/* index.c */
/* Takes a field apart: name, id, value and what leads to it.  False if it is no header field. */
bool sipv_split_field(const unsigned char *p, const struct sipv_line *line, sipv_header *h);

/* text helpers */
static inline bool sipv_is_space(unsigned char c)
{
    return c == ' ' || c == '\t';
}
bool sipv_is_token(sipv_slice s);
/* text.c: sipv_number() where `before` octets in front of `s` may be read as well, as in a message.
 */
int sipv_number_behind(size_t before, sipv_slice s, uint64_t max, uint64_t *value);

static inline const sipv_limits *sipv_limits_of(const sipv_message *m)
{
    static const sipv_limits defaults = SIPV_LIMITS_DEFAULT;
    return SIPV_HARDLY(m->options.limits) ? m->options.limits : &defaults;
}

/* More captures of one value than this are looked at, whatever they are: the parameters among them
 * have a limit. */
static inline uint32_t sipv_many_events(const sipv_message *m)
{
    enum { MANY = 64 };
    const size_t params = sipv_limits_of(m)->params;
    return SIPV_HARDLY(params < MANY) ? (uint32_t)params : MANY;
}

#endif
