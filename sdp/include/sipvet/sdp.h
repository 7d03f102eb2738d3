/* sipvet/sdp.h - session descriptions (RFC 8866, RFC 4566): parsing, typed attributes, writing, and
 * offers and answers (RFC 3264).
 *
 *     sipv_sdp_line lines[256];
 *     sipv_sdp_section sections[16];
 *     sipv_event events[1024];
 *     sipv_diag diags[32];
 *     sipv_sdp s;
 *     sipv_sdp_init(&s, lines, 256, sections, 16, events, 1024, diags, 32);
 *     if (sipv_sdp_parse(&s, data, n, NULL) == SIPV_OK) {
 *         sipv_sdp_rtpmap map;
 *         const sipv_sdp_line *line = NULL;
 *         while ((line = sipv_sdp_find(&s, 0, SIPV_SDP_A_RTPMAP, line)) != NULL)
 *             if (sipv_sdp_rtpmap_of(&s, line, &map) == SIPV_OK)
 *                 ...;
 *     }
 *
 * A description is a list of lines in their order; those from the first m= on are divided into
 * sections.  Every line whose type or attribute has a grammar is read into its typed form; unknown
 * attributes and bandwidth types are kept as they are.
 *
 * Input is `const`, any bytes, any length; results are slices of it.  Nothing allocates, recurses
 * or keeps global state, all is linear in the input.  Descriptions may be parsed in any number of
 * threads, each with its own storage. */
#ifndef SIPVET_SDP_H
#define SIPVET_SDP_H

#include <sipvet/grammar.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The grammar of SDP: RFC 8866 and the RFCs listed in sdp/abnf. */
SIPV_API const sipv_grammar *sipv_sdp_grammar(void);

/* ---- Options and diagnostics -------------------------------------------------------------------
 */

typedef struct sipv_sdp_options {
    sipv_profile profile;
    const sipv_limits *limits; /* NULL: the defaults */
    /* sipv_explainer_size() bytes, or NULL.  With it a diagnostic of syntax names the construct
     * that is broken; without it only the byte.  The interop profile needs it. */
    void *explainer;
} sipv_sdp_options;

/* The entry of a code of this component (SV1001 and up), or NULL. */
SIPV_API const sipv_diag_info *sipv_sdp_diag_find(unsigned code);
/* The entry number `i` in order of code, or NULL behind the last. */
SIPV_API const sipv_diag_info *sipv_sdp_diag_at(size_t i);

/* ---- Lines --------------------------------------------------------------------------------------
 */

typedef struct sipv_sdp sipv_sdp;
typedef struct sipv_sdp_line sipv_sdp_line;

/* How far a line has been read. */
enum {
    SIPV_SDP_READ,      /* into its typed form */
    SIPV_SDP_MALFORMED, /* its value is refused; interop steps over it */
    SIPV_SDP_UNTYPED    /* an attribute without a typed form: unknown, or without a value */
};

/* What a line's typed form is: the function that calls this is made for each view. */
SIPV_API int sipv_sdp_typed(const sipv_sdp *s, const sipv_sdp_line *line, int view, void *out);

/* Made from sdp/views and sdp/attributes.tsv: SIPV_SDP_A_RTPMAP and so on (attribute ids), the
 * structs of typed lines and attributes such as sipv_sdp_rtpmap, and for each
 * `int sipv_sdp_rtpmap_of(const sipv_sdp *s, const sipv_sdp_line *line, sipv_sdp_rtpmap *out)`:
 * SIPV_OK; SIPV_REJECT if the line is malformed, *out has no field then; SIPV_BAD_ARGUMENT if its
 * form is another one.
 * Slices point into the description; an absent field is an absent slice, SIPV_NUMBER_ABSENT or an
 * empty list.  A number above its range is SIPV_NUMBER_RANGE, and so is one of ports or of
 * multicast addresses if the last of them would be none. */
#include <sipvet/attributes.gen.h>

#define SIPV_SDP_SESSION 0xffffu

struct sipv_sdp_line {
    sipv_slice name;  /* of an attribute; else absent */
    sipv_slice value; /* behind "=" or, of an attribute, behind ":"; absent if there is no ":" */
    char type;        /* 'v', 'o' ... */
    uint8_t state;    /* SIPV_SDP_READ ... */
    uint16_t id;      /* of an attribute: SIPV_SDP_A_...; else SIPV_SDP_A_OTHER */
    uint16_t section; /* SIPV_SDP_SESSION, or index of its section */
    int16_t view;     /* its typed form, or -1 */
    uint32_t off;     /* offset of the type letter */
    uint32_t first_event, n_events;
};

typedef enum sipv_sdp_direction {
    SIPV_SDP_SENDRECV,
    SIPV_SDP_SENDONLY,
    SIPV_SDP_RECVONLY,
    SIPV_SDP_INACTIVE
} sipv_sdp_direction;

/* "sendrecv" and so on. */
SIPV_API const char *sipv_sdp_direction_name(sipv_sdp_direction direction);

/* A media description: an m= line and what belongs to it. */
typedef struct sipv_sdp_section {
    uint32_t first, n; /* its lines; the first is the m= line */
    uint32_t mid;      /* the line of its a=mid, 0 if it has none */
    uint8_t direction; /* the effective one: its own, else the session's, else sendrecv */
} sipv_sdp_section;

struct sipv_sdp {
    sipv_slice data;      /* what was handed in */
    bool accepted;        /* no diagnostic of severity error */
    uint8_t direction;    /* of the session, sendrecv if it has none */
    uint64_t relaxations; /* of the grammar, that this description needed */

    /* Storage of the caller and how much of it is used. */
    sipv_sdp_line *lines;
    size_t n_lines, cap_lines;
    sipv_sdp_section *sections;
    size_t n_sections, cap_sections;
    sipv_event *events;
    size_t n_events, cap_events;
    sipv_diag *diags;
    size_t n_diags, cap_diags;
    size_t lost_diags; /* findings for which there was no room; never an error's first one */

    sipv_sdp_options options;
    size_t n_session; /* lines before the first m= ... */
    bool late;        /* ... and lines of the session stand behind it too */
};

/* Binds the caller's storage.  Storage for at least one diagnostic is needed.  A line needs as many
 * events as it has captured parts, mostly less than ten, and is read while there is room for 16
 * more than that; where there is not, a diagnostic says so and nothing is half read. */
SIPV_API void sipv_sdp_init(sipv_sdp *s, sipv_sdp_line *lines, size_t cap_lines,
                            sipv_sdp_section *sections, size_t cap_sections, sipv_event *events,
                            size_t cap_events, sipv_diag *diags, size_t cap_diags);

/* Parses a description: lines, their order and number, values, ranges, and what must agree across
 * lines (warnings).  `options` NULL: strict.  The data must outlive the description.
 * SIPV_OK: s->accepted; SIPV_REJECT: not, s->diags say why, and all that could be read is there;
 * SIPV_NO_SPACE: storage is too small, a diagnostic says of what; SIPV_BAD_ARGUMENT: no storage for
 * diagnostics, or interop without explainer. */
SIPV_API int sipv_sdp_parse(sipv_sdp *s, const void *data, size_t n,
                            const sipv_sdp_options *options);

/* Explains a syntax diagnostic of the description: what was expected at the first impossible byte.
 * `work` as sipv_sdp_options.explainer.  SIPV_OK, or SIPV_ABSENT if the finding is not one of
 * syntax. */
SIPV_API int sipv_sdp_explain(const sipv_sdp *s, const sipv_diag *d, void *work, sipv_match *match);

/* Offset of a slice of the description from the start of its data. */
static inline size_t sipv_sdp_offset(const sipv_sdp *s, sipv_slice slice)
{
    return (size_t)(slice.p - s->data.p);
}

/* The first attribute `id` behind the line `after` (NULL: from the start) of a section
 * (SIPV_SDP_SESSION: of the session level), or NULL.  Malformed ones are found too. */
SIPV_API const sipv_sdp_line *sipv_sdp_find(const sipv_sdp *s, unsigned section, unsigned id,
                                            const sipv_sdp_line *after);
/* The same for lines of a type. */
SIPV_API const sipv_sdp_line *sipv_sdp_find_type(const sipv_sdp *s, unsigned section, char type,
                                                 const sipv_sdp_line *after);
/* The line that holds for a section: its own, else the session's; or NULL. */
SIPV_API const sipv_sdp_line *sipv_sdp_find_effective(const sipv_sdp *s, unsigned section,
                                                      unsigned id);

/* ---- Attributes ---------------------------------------------------------------------------------
 */

enum { SIPV_SDP_AT_SESSION = 1, SIPV_SDP_AT_MEDIA = 2, SIPV_SDP_AT_SOURCE = 4 };

typedef struct sipv_sdp_attribute_info {
    const char *name;
    uint8_t n_name;  /* octets of the name */
    uint8_t levels;  /* SIPV_SDP_AT_... */
    bool single;     /* at most once at its level */
    int16_t view;    /* its typed form, or -1 */
    int16_t rule;    /* the ABNF rule of its value, or -1: it has none */
    const char *rfc; /* "RFC 8866" */
} sipv_sdp_attribute_info;

/* The id of an attribute name, with case (RFC 8866 section 5.13); SIPV_SDP_A_OTHER if unknown. */
SIPV_API unsigned sipv_sdp_attribute_find(sipv_slice name);
/* What is known of an attribute; NULL for SIPV_SDP_A_OTHER and numbers that are no id. */
SIPV_API const sipv_sdp_attribute_info *sipv_sdp_attribute_info_of(unsigned id);

/* A field of a typed form, for programs that show any. */
typedef enum sipv_sdp_field_type {
    SIPV_SDP_FIELD_SLICE,
    SIPV_SDP_FIELD_NUMBER,
    SIPV_SDP_FIELD_LIST
} sipv_sdp_field_type;

typedef struct sipv_sdp_field {
    const char *name;
    sipv_sdp_field_type type;
    sipv_slice slice;
    int64_t number; /* or SIPV_NUMBER_... */
    sipv_list list;
} sipv_sdp_field;

/* Field number `i` of a line's typed form.  SIPV_OK; SIPV_END behind the last; SIPV_REJECT if the
 * line is malformed; SIPV_ABSENT if it has no typed form.  *out is written with SIPV_OK only. */
SIPV_API int sipv_sdp_field_at(const sipv_sdp *s, const sipv_sdp_line *line, size_t i,
                               sipv_sdp_field *out);

/* Walks the parameters of an fmtp attribute, "name=value" with ";" between them and white space
 * around: start with *at = 0.  `value` is absent where there is no "=".  SIPV_OK or SIPV_END. */
SIPV_API int sipv_sdp_fmtp_next(sipv_slice parameters, size_t *at, sipv_param *out);

/* Walks pairs of words with single spaces between them, as the extensions of a candidate
 * (RFC 8839 5.1): start with *at = 0.  SIPV_OK or SIPV_END. */
SIPV_API int sipv_sdp_pair_next(sipv_slice pairs, size_t *at, sipv_param *out);

/* ---- Writing ------------------------------------------------------------------------------------
 */

/* Builds a description in the caller's buffer.  CR, LF and NUL in an argument are refused, and so
 * is a value that the grammar of its line does not allow: what is written can be read. */
typedef struct sipv_sdp_writer {
    unsigned char *out;
    size_t cap;
    size_t n;   /* octets needed so far; more than `cap` if the buffer is too small */
    int result; /* SIPV_OK until something was refused */
} sipv_sdp_writer;

SIPV_API void sipv_sdp_writer_init(sipv_sdp_writer *w, void *out, size_t cap);
/* "TYPE=VALUE".  SIPV_OK, SIPV_BAD_ARGUMENT.  The order is the caller's. */
SIPV_API int sipv_sdp_write_line(sipv_sdp_writer *w, char type, sipv_slice value);
/* "a=NAME" or "a=NAME:VALUE"; `value` absent for none. */
SIPV_API int sipv_sdp_write_attribute(sipv_sdp_writer *w, sipv_slice name, sipv_slice value);
/* SIPV_OK: the description is w->out[0 .. *n].  SIPV_NO_SPACE: *n octets are needed.
 * SIPV_BAD_ARGUMENT: something was refused. */
SIPV_API int sipv_sdp_writer_finish(sipv_sdp_writer *w, size_t *n);

/* Writes a parsed description anew: every line in its order, ended by CRLF, values as they are.
 * Parsed again it is the same.  Returns as sipv_sdp_writer_finish; SIPV_REJECT if it was not
 * accepted. */
SIPV_API int sipv_sdp_write(const sipv_sdp *s, void *out, size_t cap, size_t *n);

/* ---- Offers and answers (RFC 3264) --------------------------------------------------------------
 */

/* Is `answer` one that `offer` can have (section 6)?  Both were parsed; what is malformed in them
 * is left out.  Findings are written to `diags`, at most `cap`, `*n` says how many; their offsets
 * count in the answer, `header` is the index of a line of it. SIPV_OK; SIPV_REJECT: a finding is an
 * error, a clause of RFC 3264 is violated (what other RFCs ask is at most a warning);
 * SIPV_NO_SPACE: there are more than `cap`; SIPV_BAD_ARGUMENT. */
SIPV_API int sipv_sdp_check_answer(const sipv_sdp *offer, const sipv_sdp *answer, sipv_diag *diags,
                                   size_t cap, size_t *n);

/* May `next` follow `previous` as the description of the same party (section 8)?  Offsets count in
 * `next`.  Returns as sipv_sdp_check_answer. */
SIPV_API int sipv_sdp_check_next(const sipv_sdp *previous, const sipv_sdp *next, sipv_diag *diags,
                                 size_t cap, size_t *n);

/* A format that the local side has. */
typedef struct sipv_sdp_codec {
    sipv_slice name;     /* encoding name of RTP, letters without case; else the format */
    uint32_t clock_rate; /* 0: any */
    uint32_t channels;   /* 0: any */
} sipv_sdp_codec;

/* What an answer is made of; all zero but the address is a good beginning. */
typedef struct sipv_sdp_capabilities {
    const sipv_sdp_codec *codecs; /* in order of preference ... */
    size_t n_codecs;              /* ... 0: whatever is offered */
    bool local_order;             /* formats in the order of `codecs`, else in that of the offer */
    bool one_codec;      /* only the best format of a stream, telephone-event and CN beside it */
    sipv_slice address;  /* an IPv4 or IPv6 literal, or a domain name (then of type IP4) */
    uint16_t port;       /* of the first accepted stream, the next has two more; 0: 49170 */
    sipv_slice username; /* of o=; absent: "-" */
    uint64_t sess_id, sess_version;
    sipv_sdp_direction direction; /* at most this */
    uint64_t reject;              /* bit i: stream i is rejected */
    bool no_bundle, no_rtcp_mux;  /* not even if offered; RTP without rtcp-mux is in no BUNDLE */
    bool passive;                 /* setup: passive rather than active, if there is a choice */
    sipv_slice fingerprint; /* value of a=fingerprint; absent: streams over DTLS are rejected */
    sipv_slice ice_ufrag, ice_pwd; /* absent: no ICE */
    sipv_slice
        crypto; /* key-params of RFC 4568; absent: streams over SAVP without DTLS are rejected */
} sipv_sdp_capabilities;

/* The longest value of a line in an answer. */
enum { SIPV_SDP_ANSWER_VALUE = 8192 };

/* Writes the answer to an offer (section 6): which formats are in common, the direction (also for
 * the hold of RFC 2543, address 0.0.0.0), port 0 for a stream that is rejected; the first BUNDLE
 * group (RFC 9143), where the first stream says for all how they are transported; rtcp-mux (RFC
 * 5761, 8858), the role of setup (RFC 4145, 8842), mid, telephone-event as any format. SIPV_OK: it
 * is out[0 .. *n]; SIPV_NO_SPACE: *n octets are needed; SIPV_REJECT: the offer was not accepted by
 * the parser; SIPV_BAD_ARGUMENT: an argument that the grammar of its line refuses, or a line whose
 * value would have more than SIPV_SDP_ANSWER_VALUE octets. */
SIPV_API int sipv_sdp_answer(const sipv_sdp *offer, const sipv_sdp_capabilities *local, void *out,
                             size_t cap, size_t *n);

#ifdef __cplusplus
}
#endif
#endif
