/* suite.h: messages with one broken element each, and the verdict each must get.
 *
 * The classic robustness suite for SIP, of 2002, had 54 groups: an INVITE with SDP, and in each
 * group one element of it replaced by all that might break a reader.  These are its groups, by our
 * names; others go on to responses, REGISTER with digests, IPv6, folding, compact names, multipart
 * bodies, dialogs, and streams.
 *
 * A case is announced with its verdicts.  They follow from how it was made - is this text a token,
 * a host, a number within its range? - by a few lines of code of its own (fits.c), never by the
 * parser that is to be judged by it.  What does not follow is not announced. */
#ifndef SIPVET_TOOLS_SUITE_H
#define SIPVET_TOOLS_SUITE_H

#include <stdbool.h>
#include <stddef.h>

enum suite_verdict { SUITE_UNSAID, SUITE_ACCEPT, SUITE_REJECT };

/* How the octets of a case come: a datagram, or a connection from its first octet to its last. */
enum suite_kind { SUITE_MESSAGE, SUITE_STREAM };
/* What becomes of a stream: every octet belongs to a message; the last message is not whole; its
 * end cannot be decided. */
enum suite_end { SUITE_COMPLETE, SUITE_INCOMPLETE, SUITE_ERROR };

struct suite_case {
    enum suite_kind kind;
    const char *group; /* "via-host" */
    const char *what;  /* what stands in the element: "a host name with an underscore" */
    enum suite_verdict strict, interop; /* of the message, in each profile */
    enum suite_verdict body;            /* of its session description, strict */
    enum suite_end end;                 /* of a stream */
};

enum { SUITE_OCTETS = 1 << 17 };

size_t suite_groups(void);
const char *suite_group(size_t group);
/* Does the group belong to the 54? */
bool suite_is_classic(size_t group);
/* Cases of a group. */
size_t suite_count(size_t group);
/* Case `i` of a group into `out`, which has room for SUITE_OCTETS.  Returns its octets. */
size_t suite_make(size_t group, size_t i, struct suite_case *what, char *out);

#endif
