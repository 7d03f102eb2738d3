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
    ELEMENT_LITERAL,      /* its usual text and nothing else */
    ELEMENT_LITERAL_SWS,  /* the same with white space round it */
    ELEMENT_WORDLESS,     /* the same with letters of either case */
    ELEMENT_TOKEN,
    ELEMENT_HOST,
    ELEMENT_NUMBER,       /* digits, up to `max` */
    ELEMENT_ZERO,         /* digits, all of them 0 */
    ELEMENT_DISPLAY_NAME, /* tokens or a quoted string, or nothing */
    ELEMENT_WORD,         /* of Call-ID */
    ELEMENT_WORD_PART,    /* the same, or nothing */
    ELEMENT_AT,           /* between two words: "@", or what makes one word of them */
    ELEMENT_REASON,       /* Reason-Phrase */
    ELEMENT_QUOTED,       /* within quotes */
    ELEMENT_HEX,          /* `max` digits 0-9, a-f */
    ELEMENT_MEDIA_TYPE,   /* token "/" token */
    ELEMENT_SDP_WORD,     /* non-ws-string */
    ELEMENT_SDP_TOKEN,
    ELEMENT_SDP_TEXT,     /* byte-string of UTF-8 */
    ELEMENT_SDP_TIME,     /* 0, or ten digits and more that do not begin with 0 */
    ELEMENT_SDP_PROTO,    /* tokens with "/" between them */
    ELEMENT_SDP_FORMAT    /* a payload type, or another token */
};

/* Would the element be right with this text?  Unsaid where it depends on more than the text. */
enum suite_verdict element_fits(enum element element, const char *usual, uint64_t max,
                                const char *text, size_t n);

/* Octets that change how lines are cut: CR, LF, NUL. */
bool has_line_end(const char *text, size_t n);

#endif
