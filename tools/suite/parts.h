/* parts.h: what the files of the suite share. */
#ifndef SIPVET_TOOLS_SUITE_PARTS_H
#define SIPVET_TOOLS_SUITE_PARTS_H

#include "suite.h"

#include <stdint.h>

/* A text that is put into an element: `times` copies of `text`, which may hold NUL. */
struct material {
    const char *name, *text;
    size_t n; /* octets of `text` */
    size_t times;
};

extern const struct material materials[];
extern const size_t material_count;

/* What an element takes. */
enum element {
    ELEMENT_LITERAL,     /* its usual text and nothing else */
    ELEMENT_LITERAL_SWS, /* the same with white space round it */
    ELEMENT_WORDLESS,    /* the same with letters of either case */
    ELEMENT_TOKEN,
    ELEMENT_OPTIONAL_TOKEN, /* or nothing but white space */
    ELEMENT_HOST,
    ELEMENT_IPV4,
    ELEMENT_JOINT,        /* between the host and the port of the Via here */
    ELEMENT_RPORT,        /* a port, or what a parameter of another name may have */
    ELEMENT_NUMBER,       /* digits, up to `max` */
    ELEMENT_DIGITS,       /* any number of them */
    ELEMENT_ZERO,         /* digits, all of them 0 */
    ELEMENT_STATUS,       /* 100 to 699 */
    ELEMENT_TTL,          /* up to three digits, up to 255 */
    ELEMENT_Q,            /* of the texts here: 0, 1, or as usual */
    ELEMENT_DISPLAY_NAME, /* tokens, a quoted string, nothing, or a fold */
    ELEMENT_WORD,         /* of Call-ID */
    ELEMENT_AT,           /* between two words: "@", or what makes one word of them */
    ELEMENT_REASON,       /* Reason-Phrase */
    ELEMENT_QUOTED,       /* within quotes */
    ELEMENT_AUTH_VALUE,   /* a token or a quoted string; the rest is for the scheme to judge */
    ELEMENT_MEDIA_TYPE,   /* token "/" token */
    ELEMENT_ANY,          /* of a header of a later RFC: wrong is a warning */
    ELEMENT_SDP_WORD,     /* non-ws-string */
    ELEMENT_SDP_TOKEN,
    ELEMENT_SDP_TEXT,   /* byte-string of UTF-8 */
    ELEMENT_SDP_TIME,   /* 0, or ten digits and more that do not begin with 0 */
    ELEMENT_SDP_NUMBER, /* up to `max`; whether zeros may lead depends on the RFC */
    ELEMENT_SDP_CLOCK,
    ELEMENT_SDP_ADDRESS, /* of IN IP4 */
    ELEMENT_SDP_PROTO,   /* tokens with "/" between them */
    ELEMENT_SDP_FORMATS  /* payload types, or other tokens, with single spaces between them */
};

/* Would the element be right with this text?  Unsaid where it depends on more than the text. */
enum suite_verdict element_fits(enum element element, const char *usual, uint64_t max,
                                const char *text, size_t n);

/* Octets that change how lines are cut, and other control characters but HTAB. */
bool has_controls(const char *text, size_t n);

#endif
