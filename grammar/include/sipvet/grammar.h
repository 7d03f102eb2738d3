/* sipvet/grammar.h - what the SIP, SDP and digest components stand on.
 *
 * Slices of the caller's bytes, limits, numbers, and the explaining engine: an interpreter of ABNF
 * (RFC 5234, RFC 7405) programs that says of any text whether a rule matches it, what the parts
 * are, and if not, which byte is the first that no sentence of the rule can have there and what
 * was expected instead.
 *
 * Nothing here allocates, keeps global state or reads the locale.  Input is `const`, any bytes,
 * any length, without a final NUL.  Storage is the caller's. */
#ifndef SIPVET_GRAMMAR_H
#define SIPVET_GRAMMAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(_WIN32)
#define SIPV_API
#else
#define SIPV_API __attribute__((visibility("default")))
#endif

/* Version of the library: MAJOR.MINOR.PATCH. */
#define SIPV_VERSION "0.1.0"

/* The version the library was built as; compare with SIPV_VERSION of the headers. */
SIPV_API const char *sipv_version(void);

/* ---- Results -------------------------------------------------------------------------------- */

/* What functions return.  Negative values are failures.  What a function fills it fills with
 * SIPV_OK; else that is as it was, or empty where the function says so, and never half of it. Whole
 * messages and descriptions are another matter: they keep what could be read. */
enum sipv_result {
    SIPV_OK = 0,            /* done, accepted */
    SIPV_END = 1,           /* an iteration has no further element */
    SIPV_ABSENT = 2,        /* what was asked for is not there */
    SIPV_MORE = 3,          /* a stream needs more octets before it can decide */
    SIPV_REJECT = -1,       /* there, but malformed; a diagnostic says where and why */
    SIPV_NO_SPACE = -2,     /* the caller's storage is too small; nothing was lost silently */
    SIPV_BAD_ARGUMENT = -3, /* the call itself is wrong (NULL, CR/LF in an argument, ...) */
    SIPV_LIMIT = -4         /* a documented limit was exceeded */
};

/* ---- Slices --------------------------------------------------------------------------------- */

/* A stretch of somebody's bytes.  `p` NULL means absent; `n` 0 with `p` not NULL means empty.
 * A slice is valid as long as the bytes it points into. */
typedef struct sipv_slice {
    const unsigned char *p;
    size_t n;
} sipv_slice;

/* A slice of `n` bytes at `p`. */
static inline sipv_slice sipv_slice_of(const void *p, size_t n)
{
    sipv_slice s;
    s.p = (const unsigned char *)p;
    s.n = n;
    return s;
}

/* A slice of a NUL-terminated string, without the NUL. */
SIPV_API sipv_slice sipv_slice_text(const char *text);

/* Same length and same bytes.  Absent equals absent only. */
SIPV_API bool sipv_slice_equal(sipv_slice a, sipv_slice b);

/* As sipv_slice_equal, ASCII letters without case (RFC 3261 7.3.1). */
SIPV_API bool sipv_slice_equal_nocase(sipv_slice a, sipv_slice b);

/* As sipv_slice_equal_nocase with a NUL-terminated text. */
SIPV_API bool sipv_slice_is(sipv_slice a, const char *text);

/* ---- Numbers -------------------------------------------------------------------------------- */

/* Turns the decimal digits of `s` into `*value`, at most `max`.  Leading zeros are read.
 * SIPV_OK; SIPV_REJECT if `s` is empty, absent or has a byte that is no digit; SIPV_LIMIT if the
 * number is above `max` (then `*value` is `max`).  This is the one place where digits become a
 * number; it cannot wrap. */
SIPV_API int sipv_number(sipv_slice s, uint64_t max, uint64_t *value);

/* ---- Profiles and diagnostics ------------------------------------------------------------------
 */

typedef enum sipv_profile {
    SIPV_STRICT, /* the RFCs with their verified errata */
    SIPV_INTEROP /* also what careful real-world elements take; every leniency is reported */
} sipv_profile;

typedef enum sipv_severity { SIPV_NOTE, SIPV_WARNING, SIPV_ERROR } sipv_severity;

#define SIPV_NO_HEADER 0xffffu

/* One finding.  `off` and `len` count octets from the start of the parsed data; of a syntax error
 * `off` is where the innermost construct still open began and `off + len` the first impossible
 * byte - without an explaining engine, and within the value of a parameter whose name chose its
 * rule (";ttl=1x"), perhaps a later byte of that value or its end. */
typedef struct sipv_diag {
    uint16_t code; /* 112 for SV0112 */
    uint8_t severity;
    bool in_body;       /* concerns the body of a message: does not change its verdict */
    uint16_t status;    /* what an element should answer to a request, 0 for nothing */
    uint16_t header;    /* index of the header or line it is about, or SIPV_NO_HEADER */
    int16_t rule;       /* of the component's grammar, or -1 */
    int16_t relaxation; /* of the grammar, or -1 */
    size_t off, len;
} sipv_diag;

/* What the example of a diagnostic is: header fields of a message that is right otherwise, perhaps
 * with its body behind an empty line; a start line, perhaps with such fields; a whole message;
 * lines behind a session description that is right otherwise; a whole description; two of them,
 * the one that comes first in time first, with an empty line between. */
typedef enum sipv_example {
    SIPV_EXAMPLE_FIELDS,
    SIPV_EXAMPLE_START,
    SIPV_EXAMPLE_MESSAGE,
    SIPV_EXAMPLE_LINES,
    SIPV_EXAMPLE_DESCRIPTION,
    SIPV_EXAMPLE_PAIR
} sipv_example;

/* An entry of a component's catalogue of diagnostics: one for each code. */
typedef struct sipv_diag_info {
    uint16_t code;
    uint8_t severity; /* the usual one */
    uint16_t status;  /* the usual one */
    const char *name; /* "quoted-string-open" */
    const char *rfc;  /* "RFC 3261 section 25.1" */
    const char *message;
    const char *help;    /* why it matters */
    const char *fix;     /* what to do */
    sipv_example place;  /* what the example is */
    const char *example; /* causes it; "{text * 9}" is that text nine times; empty if none can */
} sipv_diag_info;

/* ---- Limits --------------------------------------------------------------------------------- */

/* How much a parser accepts before it answers with the diagnostic of that limit; never a
 * truncation.  All are counts or octets. */
typedef struct sipv_limits {
    size_t message;        /* octets of one message: 1 MiB + 64 KiB */
    size_t header_section; /* octets of start line and headers: 64 KiB */
    size_t header;         /* octets of one header field: 64 KiB */
    size_t headers;        /* header fields of a message: 1,024 */
    size_t elements;       /* elements of one header name, over all its lines: 1,024 */
    size_t params;         /* of one element or URI: 256; others are compared with all before */
    size_t multipart;      /* parts of a multipart body: 64 */
    size_t attributes;     /* attributes of a session description: 10,000 */
    size_t formats;        /* formats of one media section: 1,024 */
    size_t media;          /* media sections of a session description: 256 */
} sipv_limits;

/* Depth of nested parentheses in a comment (RFC 3261 25.1); fixed, it is part of the automata. */
#define SIPV_COMMENT_DEPTH 8

/* The documented defaults, as an initialiser and as a function. */
#define SIPV_LIMITS_DEFAULT                                                                        \
    {                                                                                              \
        (1u << 20) + (64u << 10), 64u << 10, 64u << 10, 1024, 1024, 256, 64, 10000, 1024, 256      \
    }
SIPV_API sipv_limits sipv_limits_default(void);

/* ---- Captures ------------------------------------------------------------------------------- */

/* One captured part of a text.  A capture that begins before a cut byte and ends behind it comes
 * as two events, SIPV_PART_OPEN (off) and SIPV_PART_CLOSE (off is the end). */
enum { SIPV_PART_WHOLE = 0, SIPV_PART_OPEN = 1, SIPV_PART_CLOSE = 2 };

typedef struct sipv_event {
    uint16_t kind; /* what it is: a field number of the grammar, see sipv_kind_name */
    uint16_t part; /* SIPV_PART_... */
    uint32_t off;  /* octets from the start of the text (a message, or a value by itself) */
    uint32_t len;  /* octets */
} sipv_event;

/* ---- Typed forms --------------------------------------------------------------------------------
 */

/* The parameters of one element or URI: a stretch of events, see sipv_param_next. */
typedef struct sipv_params {
    const unsigned char *base;
    const sipv_event *ev;
    uint32_t n;
    uint16_t kind; /* of their names */
} sipv_params;

/* A number field of a typed header: the number, or one of these. */
#define SIPV_NUMBER_ABSENT (-1)
#define SIPV_NUMBER_RANGE (-2) /* there, but above its maximum */

/* One parameter.  `value` is absent if there is none (";lr"), quotes are kept. */
typedef struct sipv_param {
    sipv_slice name, value;
} sipv_param;

/* Walks parameters: start with *at = 0.  SIPV_OK or SIPV_END. */
SIPV_API int sipv_param_next(const sipv_params *params, size_t *at, sipv_param *out);

/* The first parameter of a name, letters without case.  SIPV_OK or SIPV_ABSENT.  `out` may be
 * NULL. */
SIPV_API int sipv_param_find(const sipv_params *params, const char *name, sipv_param *out);

/* The texts of one kind in an element, as the formats of an m= line: a stretch of events, see
 * sipv_list_next. */
typedef struct sipv_list {
    const unsigned char *base;
    const sipv_event *ev;
    uint32_t n;
    uint16_t kind;
} sipv_list;

/* Walks a list: start with *at = 0.  SIPV_OK or SIPV_END. */
SIPV_API int sipv_list_next(const sipv_list *list, size_t *at, sipv_slice *out);

/* The text of a quoted string without its quotes and quoted-pairs (RFC 3261 25.1); any other text
 * is copied.  Writes at most `cap` bytes, returns the bytes it needs. */
SIPV_API size_t sipv_unquote(sipv_slice s, unsigned char *out, size_t cap);

/* ---- Grammars and the explaining engine ------------------------------------------------------ */

/* A compiled grammar; every component has one (sipv_sip_grammar() of the SIP parser). */
typedef struct sipv_grammar sipv_grammar;

/* The number of the rule called `name` (case-insensitive, RFC 5234 2.1), or -1. */
SIPV_API int sipv_rule_find(const sipv_grammar *g, sipv_slice name);

/* How many rules there are; rules are numbered from 0. */
SIPV_API int sipv_rule_count(const sipv_grammar *g);

/* The name of a rule; NULL if there is no such rule. */
SIPV_API const char *sipv_rule_name(const sipv_grammar *g, int rule);

/* The source of a rule as "rfc3261"; NULL if there is no such rule or it is a core rule. */
SIPV_API const char *sipv_rule_source(const sipv_grammar *g, int rule);

/* The name of a captured part: a struct field or a rule name. */
SIPV_API const char *sipv_kind_name(const sipv_grammar *g, unsigned kind);

/* A relaxation of the interop profile is one bit of a set; the name of bit `i` or NULL. */
SIPV_API const char *sipv_relaxation_name(const sipv_grammar *g, unsigned i);

/* What the explaining engine found. */
#define SIPV_EXPECTED_MAX 6
#define SIPV_EXPECTED_TEXT 48

typedef struct sipv_match {
    bool accepted;
    uint64_t relaxations;    /* set of relaxations the accepted reading needed */
    size_t error_offset;     /* first impossible byte; the text's length if it ends too early */
    size_t construct_offset; /* start of the innermost construct still open there */
    int rule;                /* that construct's rule */
    bool in_value;           /* the error is in the value of a parameter that its name chose */
    bool depth_exceeded;     /* a comment nested deeper than SIPV_COMMENT_DEPTH caused it */
    unsigned n_expected;     /* what could stand at error_offset, in grammar order */
    char expected[SIPV_EXPECTED_MAX][SIPV_EXPECTED_TEXT];
    size_t n_events; /* captures written, in order; on rejection those before the error */
    bool no_space;   /* `events` was too small: the caller must not use the captures */
} sipv_match;

/* Working memory of the explaining engine; about 1 MB, no need to clear it, not shared between
 * threads while in use. */
typedef struct sipv_explainer sipv_explainer;
SIPV_API size_t sipv_explainer_size(void);

/* Matches the whole of `text` against `rule`; `value` true takes a header rule's value grammar
 * (what follows the colon).  `relaxations` is the set that may be used: 0 for strict.
 * `work` points to sipv_explainer_size() bytes aligned for any type.
 * `base` is added to the offsets of all events.  Captures are written to `events`, at most `cap`.
 * Returns SIPV_OK (accepted), SIPV_REJECT, or SIPV_BAD_ARGUMENT.
 * Time is linear in text.n, memory is `work` alone. */
SIPV_API int sipv_explain(const sipv_grammar *g, int rule, bool value, sipv_slice text,
                          uint64_t relaxations, void *work, uint32_t base, sipv_event *events,
                          size_t cap, sipv_match *match);

/* One of the readings that a refused text might have had. */
#define SIPV_ALTERNATIVES_MAX 8

typedef struct sipv_alternative {
    int rule;            /* the alternative that was entered, ... */
    size_t offset;       /* ... and where */
    size_t error_offset; /* the first byte that it cannot have */
    unsigned n_expected; /* what it could have there */
    char expected[SIPV_EXPECTED_MAX][SIPV_EXPECTED_TEXT];
} sipv_alternative;

/* Which named alternatives there were in the construct that was refused, and how far each came:
 * `1.2.3.999` as a host is a hostname up to byte 9 and an IPv4address up to byte 8.
 *
 * To be called after sipv_explain has returned SIPV_REJECT, with the same `work`, while the text is
 * still there.  Writes at most `cap` of them (SIPV_ALTERNATIVES_MAX is enough) in order of the
 * grammar and returns how many; none if fewer than two alternatives took some byte.  Linear in what
 * stands behind the last cut byte; uses `work` alone. */
SIPV_API size_t sipv_explain_alternatives(void *work, sipv_alternative *out, size_t cap);

/* ---- Sampling ------------------------------------------------------------------------------- */

/* Which rules, branches and parameter names a sampler has visited: `cover` has sipv_cover_size()
 * bytes, all zero at first, and one bit for each of them. */
SIPV_API size_t sipv_cover_size(const sipv_grammar *g);

/* Sets in `cover` all that sentences of `rule` (`value` as in sipv_explain) may visit.  SIPV_OK or
 * SIPV_BAD_ARGUMENT. */
SIPV_API int sipv_cover_reach(const sipv_grammar *g, int rule, bool value, unsigned char *cover);

typedef enum sipv_cover_what {
    SIPV_COVER_RULE,
    SIPV_COVER_BRANCH, /* one of the two ways of a choice: an alternative, or to repeat or not */
    SIPV_COVER_NAME    /* a parameter name with a rule of its own */
} sipv_cover_what;

typedef struct sipv_cover_item {
    sipv_cover_what what;
    int rule;                /* the rule; of a branch or a name that in which it stands */
    unsigned choice, branch; /* of a branch: number of the choice in the rule, 1 or 2 */
    const char *begins_with; /* the name; the rule that a branch begins with; or NULL */
    int byte;                /* a byte that the branch may begin with, or -1 */
    bool ends;               /* with this branch the rule comes to its end */
    size_t bit;              /* its bit in the cover */
} sipv_cover_item;

/* Walks what is set in `cover`, from *at = 0 on.  SIPV_OK, SIPV_END or SIPV_BAD_ARGUMENT. */
SIPV_API int sipv_cover_next(const sipv_grammar *g, const unsigned char *cover, size_t *at,
                             sipv_cover_item *out);

/* Writes a random sentence of `rule` (`value` as in sipv_explain), chosen by `*seed`, which moves
 * on; the same seed gives the same sentence.  At most `cap` bytes, `*n` says how many.
 * `cover` may be NULL.  SIPV_OK; SIPV_NO_SPACE if the shortest sentence tried did not fit. */
SIPV_API int sipv_sample(const sipv_grammar *g, int rule, bool value, uint64_t *seed,
                         unsigned char *out, size_t cap, size_t *n, unsigned char *cover);

#ifdef __cplusplus
}
#endif
#endif
