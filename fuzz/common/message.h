/* SIP messages in fuzz targets: storage, and what must hold of every parse. */
#ifndef FUZZ_MESSAGE_H
#define FUZZ_MESSAGE_H

#include <sipvet/parser.h>

#include "input.h"
#include "oracle.h"

enum { FUZZ_HEADERS = 1024, FUZZ_EVENTS = 65536, FUZZ_DIAGS = 2048 };

/* A message with room for everything within the default limits.  Large: make it static. */
struct fuzz_message {
    sipv_message m;
    sipv_header headers[FUZZ_HEADERS];
    sipv_event events[FUZZ_EVENTS];
    sipv_diag diags[FUZZ_DIAGS];
};

/* Working memory of the explaining engine; made at the first call, the same for all. */
void *fuzz_explainer(void);

/* What the bits of an input ask for: profile, stream, explainer, small limits. */
sipv_options fuzz_options(const struct fuzz_input *in, sipv_limits *limits);

/* Full parse and index parse into x->m; return as the library does.  Nothing may be allocated. */
int fuzz_message_parse(struct fuzz_message *x, sipv_slice data, const sipv_options *options);
int fuzz_message_index(struct fuzz_message *x, sipv_slice data, const sipv_options *options);
/* The same within small storage, by the number of an input. */
int fuzz_message_squeeze(struct fuzz_message *x, sipv_slice data, const sipv_options *options,
                         unsigned number);

/* Checks the oracles `slices` and `refusal`: `result` is what the parse returned. */
void fuzz_check_message(const sipv_message *m, int result);

/* Walks through the elements of all typed headers: `slices`, and `refusal` for malformed ones. */
void fuzz_check_typed_headers(sipv_message *m);
/* Walks through them, so that all of an index are read, and looks at results only: `refusal`. */
void fuzz_read_typed_headers(sipv_message *m);

/* Have both headers, of messages with the same octets, the same captures? */
bool fuzz_same_captures(const sipv_message *a, const sipv_header *x, const sipv_message *b,
                        const sipv_header *y);

/* Does `b` say of the same octets what `a` says: kind, start line, headers, captures, essential
 * fields, body?  NULL, or what differs.  Diagnostics are not compared, nor how headers were read
 * that `a` could not read. */
const char *fuzz_message_difference(const sipv_message *a, const sipv_message *b);

#endif
