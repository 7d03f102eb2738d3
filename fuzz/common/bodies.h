/* Bodies that consist of parts or are messages themselves (RFC 2046 5.1, RFC 3420). */
#ifndef FUZZ_BODIES_H
#define FUZZ_BODIES_H

#include "message.h"

/* The parts of a multipart body, and the same parts put together anew: `slices`, `round_trip`,
 * `refusal`.  At most `max` parts are asked for.  False: the type is not multipart. */
bool fuzz_check_multipart(sipv_slice content_type, sipv_slice body, size_t max);

/* An accepted message is a fragment of one, with and without its start line: `depths`. */
void fuzz_check_fragment(const sipv_message *m);
/* Whatever no message is may be a fragment: `slices`, `refusal`. */
void fuzz_check_refused_fragment(sipv_slice text, const sipv_options *options);

#endif
