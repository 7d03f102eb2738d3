/* sipvet/parser.h - SIP messages (RFC 3261 and its extensions): framing, parsing, URIs, writing.
 *
 *     sipv_header headers[64];
 *     sipv_event events[1024];
 *     sipv_diag diags[32];
 *     sipv_message m;
 *     sipv_message_init(&m, headers, 64, events, 1024, diags, 32);
 *     if (sipv_message_parse(&m, data, n, NULL) == SIPV_OK) {
 *         sipv_via via;
 *         sipv_iter it = sipv_each(&m, SIPV_H_VIA);
 *         while (sipv_via_next(&it, &via) == SIPV_OK)
 *             ...;
 *     }
 *
 * Two depths: sipv_message_index() finds the start line, the headers and the body; a router needs
 * no more.  sipv_message_parse() also reads every known header into its typed form and checks the
 * rules of whole messages.  Typed access after an index reads on demand and gives the same answers.
 *
 * Input is `const`, any bytes, any length; results are slices of it.  Nothing allocates, recurses
 * or keeps global state, all is linear in the input.  Messages may be parsed in any number of
 * threads, each with its own storage. */
#ifndef SIPVET_PARSER_H
#define SIPVET_PARSER_H

#include <sipvet/grammar.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The grammar of SIP: RFC 3261 and the extensions listed in parser/abnf. */
SIPV_API const sipv_grammar *sipv_sip_grammar(void);

/* ---- Options ------------------------------------------------------------------------------------
 */

typedef struct sipv_options {
    sipv_profile profile;
    bool stream; /* one message of a stream: Content-Length is required, nothing may follow */
    const sipv_limits *limits; /* NULL: the defaults */
    /* sipv_explainer_size() bytes, or NULL.  With it a diagnostic of syntax names the construct
     * that is broken; without it only the byte.  The interop profile needs it. */
    void *explainer;
} sipv_options;

/* ---- Diagnostics --------------------------------------------------------------------------------
 */

/* The entry of a code, or NULL. */
SIPV_API const sipv_diag_info *sipv_diag_find(unsigned code);
/* The entry number `i` in order of code, or NULL behind the last. */
SIPV_API const sipv_diag_info *sipv_diag_at(size_t i);

/* ---- Headers and methods ------------------------------------------------------------------------
 */

typedef struct sipv_iter sipv_iter;
typedef struct sipv_message sipv_message;

/* Made from parser/views: SIPV_H_VIA and so on (header ids), sipv_uri, the structs of typed headers
 * such as sipv_via, and for each `int sipv_via_next(sipv_iter *it, sipv_via *out)`.
 * Slices point into the message; an absent field is an absent slice, SIPV_NUMBER_ABSENT or false.
 */
#include <sipvet/headers.gen.h>

/* What is known of a header field name. */
typedef enum sipv_nature {
    SIPV_SINGLE, /* at most once */
    SIPV_LIST,   /* repeated or comma-joined, which means the same (RFC 3261 7.3.1) */
    SIPV_REPEAT  /* may be repeated, a comma does not separate (credentials, challenges) */
} sipv_nature;

typedef struct sipv_header_info {
    const char *name;      /* canonical long name */
    char compact;          /* compact form, or 0 */
    uint8_t n_name;        /* octets of the name */
    uint8_t nature;        /* sipv_nature */
    bool core;             /* defined by RFC 3261 itself */
    int16_t view;          /* its typed form, or -1 */
    int16_t rule;          /* its ABNF rule, or -1 */
    uint32_t in_requests;  /* bit 1 << sipv_method: may appear in requests of that method */
    uint8_t in_responses;  /* bit 1 << class: may appear in all of that class; 1: in some codes */
    const char *rfc;       /* "RFC 3261" */
    const char *requests;  /* methods it may appear in: "*", "-" or "INVITE,ACK" */
    const char *responses; /* classes or codes: "*", "-" or "2xx,401" */
} sipv_header_info;

/* The id of a header field name, long or compact, letters without case; SIPV_H_OTHER if unknown. */
SIPV_API unsigned sipv_header_find(sipv_slice name);
/* What is known of a header; NULL for SIPV_H_OTHER and numbers that are no id. */
SIPV_API const sipv_header_info *sipv_header_info_of(unsigned id);

/* Known methods.  Method names are compared with case (RFC 3261 7.1). */
typedef enum sipv_method {
    SIPV_M_OTHER,
    SIPV_M_ACK,
    SIPV_M_BYE,
    SIPV_M_CANCEL,
    SIPV_M_INFO,
    SIPV_M_INVITE,
    SIPV_M_MESSAGE,
    SIPV_M_NOTIFY,
    SIPV_M_OPTIONS,
    SIPV_M_PRACK,
    SIPV_M_PUBLISH,
    SIPV_M_REFER,
    SIPV_M_REGISTER,
    SIPV_M_SUBSCRIBE,
    SIPV_M_UPDATE
} sipv_method;
SIPV_API sipv_method sipv_method_find(sipv_slice name);

/* ---- Messages -------------------------------------------------------------------------------- */

/* How far a header has been read. */
enum { SIPV_UNREAD, SIPV_READ, SIPV_MALFORMED, SIPV_UNTYPED };

typedef struct sipv_header {
    sipv_slice name;  /* as written */
    sipv_slice value; /* without white space around, folds kept */
    uint16_t id;      /* SIPV_H_... */
    uint8_t state;    /* SIPV_UNREAD ... */
    uint32_t lead;    /* octets of white space between colon and value */
    uint32_t off;     /* offset of the name */
    uint32_t end;     /* offset behind the final line end */
    uint32_t first_event, n_events;
    uint16_t next; /* index of the next header of this id, or SIPV_NO_HEADER */
} sipv_header;

typedef enum sipv_kind { SIPV_NO_MESSAGE, SIPV_REQUEST, SIPV_RESPONSE } sipv_kind;

struct sipv_message {
    /* Where things are. */
    sipv_slice data; /* what was handed in */
    size_t start;    /* offset of the start line (interop skips empty lines before it) */
    size_t octets;   /* from 0 to the end of the body */
    size_t trailing; /* octets behind the body */
    sipv_kind kind;
    sipv_slice start_line;                                        /* without the line end */
    sipv_slice method, request_uri, version, status_text, reason; /* absent if not there */
    sipv_method method_id;
    int status;      /* 100..699, or -1 */
    sipv_slice body; /* absent if there is none */

    /* The fields every element needs; absent, -1 or 0 if missing or malformed. */
    sipv_slice call_id;
    int64_t cseq;           /* -1 if missing or out of range */
    sipv_slice cseq_method; /* absent if missing or malformed */
    int64_t content_length; /* the header's number, -1 if absent, -2 if refused */
    int64_t max_forwards;   /* -1 if absent, -2 if refused */

    /* What was found. */
    bool accepted;             /* no diagnostic of severity error outside the body */
    unsigned suggested_status; /* of the first error, else the first warning that has one */
    uint64_t relaxations;      /* of the grammar, that this message needed */

    /* Storage of the caller and how much of it is used; what lies behind that may be written to. */
    sipv_header *headers;
    size_t n_headers, cap_headers;
    sipv_event *events;
    size_t n_events, cap_events;
    sipv_diag *diags;
    size_t n_diags, cap_diags;
    size_t lost_diags; /* findings for which there was no room; never an error's first one */

    sipv_options options;
    uint16_t first[SIPV_H_COUNT]; /* first header of each id, or SIPV_NO_HEADER */
};

/* Binds the caller's storage.  Storage for at least one diagnostic is needed.  Enough for every
 * message within the default limits: 1,024 headers, 65,536 events.  A header is read while there is
 * room for 16 events more than it may need next; where there is not, the diagnostic of that limit
 * says so and nothing is half read. */
SIPV_API void sipv_message_init(sipv_message *m, sipv_header *headers, size_t cap_headers,
                                sipv_event *events, size_t cap_events, sipv_diag *diags,
                                size_t cap_diags);

/* Index parse of one datagram, or of one frame of a stream: start line, header boundaries and
 * names, Content-Length and body, and of Via, From, To, Call-ID, CSeq nothing yet. `options` NULL:
 * strict, datagram.  The data must outlive the message. SIPV_OK: m->accepted; SIPV_REJECT: not,
 * m->diags say why; all that could be found is still there. SIPV_BAD_ARGUMENT: no diagnostics
 * storage, or interop without explainer. */
SIPV_API int sipv_message_index(sipv_message *m, const void *data, size_t n,
                                const sipv_options *options);

/* Full parse: the index, every known header into its typed form, the rules of whole messages
 * (mandatory headers, cardinality, CSeq against the method, ranges, ...).  Returns as above. */
SIPV_API int sipv_message_parse(sipv_message *m, const void *data, size_t n,
                                const sipv_options *options);

/* Explains a syntax diagnostic of the message: what was expected at the first impossible byte.
 * `work` as sipv_options.explainer.  SIPV_OK, or SIPV_ABSENT if the finding is not one of syntax.
 */
SIPV_API int sipv_diag_explain(const sipv_message *m, const sipv_diag *d, void *work,
                               sipv_match *match);

/* Offset of a slice of the message from the start of its data. */
static inline size_t sipv_offset(const sipv_message *m, sipv_slice s)
{
    return (size_t)(s.p - m->data.p);
}

/* ---- Typed headers -----------------------------------------------------------------------------
 */

/* An iteration over the elements of all headers of one name, in order. */
struct sipv_iter {
    sipv_message *m;           /* NULL for a value by itself */
    const unsigned char *base; /* offsets of the events count from here */
    const sipv_event *ev;      /* events of the current header */
    size_t n, at;
    uint16_t id;
    uint16_t header; /* index of the current header, SIPV_NO_HEADER behind the last */
    bool begun;
    bool empty; /* a value without captures, such as a Server that is one comment */
};

/* An iteration over the headers `id` of a parsed or indexed message. */
SIPV_API sipv_iter sipv_each(sipv_message *m, unsigned id);

/* Parses a header value by itself, in the strict grammar, and begins an iteration over its
 * elements. The events are the caller's storage and must outlive the structs taken from it.
 * SIPV_OK; SIPV_REJECT (then *error_offset, if not NULL, is the first impossible byte, or
 * within the value of a parameter whose name chose its rule perhaps a later one);
 * SIPV_NO_SPACE; SIPV_LIMIT if the value has more than 2^32 - 1 octets; SIPV_BAD_ARGUMENT if the
 * header has no typed form.  *it is written with SIPV_OK only. */
SIPV_API int sipv_value_parse(unsigned id, sipv_slice value, sipv_event *events, size_t cap,
                              sipv_iter *it, size_t *error_offset);

/* What all typed `..._next` functions do: the next element into the struct of view `view`.
 * SIPV_OK; SIPV_END; SIPV_REJECT: a malformed header, which the next call steps over;
 * SIPV_NO_SPACE: event storage exhausted; SIPV_BAD_ARGUMENT: not this header's view.  *out is
 * written with SIPV_OK only. */
SIPV_API int sipv_next(sipv_iter *it, int view, void *out);

/* ---- URIs ------------------------------------------------------------------------------------ */

/* Parses a URI as it stands inside angle brackets: sip, sips, tel, or any other absolute URI.
 * `bare` true takes the form without brackets (no "," ";" "?").  `events` is storage for the
 * parts and parameters; 1,024 are enough within the default limits, some 30 for most.
 * SIPV_OK; SIPV_REJECT (*error_offset, if not NULL, is the first impossible byte, or where a
 * parameter is repeated, or the number of a tel URI that lacks phone-context); SIPV_NO_SPACE;
 * SIPV_LIMIT: port above 65535, ttl above 255, more parameters than SIPV_LIMITS_DEFAULT allows, or
 * more than 2^32 - 1 octets.  *out is written with SIPV_OK only. */
SIPV_API int sipv_uri_parse(sipv_slice text, bool bare, sipv_event *events, size_t cap,
                            sipv_uri *out, size_t *error_offset);

/* Resolves %HH once (RFC 3261 19.1.2).  Writes at most `cap` bytes, returns the bytes needed.
 * A '%' that begins no escape is copied. */
SIPV_API size_t sipv_unescape(sipv_slice s, unsigned char *out, size_t cap);

/* The component in which two URIs differ. */
typedef enum sipv_uri_part {
    SIPV_URI_EQUAL,
    SIPV_URI_SCHEME,
    SIPV_URI_USER,
    SIPV_URI_PASSWORD,
    SIPV_URI_HOST,
    SIPV_URI_PORT,
    SIPV_URI_PARAMETER,
    SIPV_URI_HEADER,
    SIPV_URI_NUMBER, /* of a tel URI */
    SIPV_URI_OPAQUE
} sipv_uri_part;

/* Compares after RFC 3261 19.1.4 (sip, sips), RFC 3966 section 4 (tel); other schemes by octets,
 * the scheme without case.  Symmetric.  `which`, if not NULL, gets the parameter or header that
 * differs. */
SIPV_API sipv_uri_part sipv_uri_compare(const sipv_uri *a, const sipv_uri *b, sipv_slice *which);

/* "scheme", "user" ... */
SIPV_API const char *sipv_uri_part_name(sipv_uri_part part);

/* ---- Streams --------------------------------------------------------------------------------- */

/* Cuts a byte stream (TCP, TLS) into messages, RFC 3261 18.3, RFC 5626 4.4.1.  The caller keeps the
 * octets that are not consumed in one buffer and calls sipv_framer_feed() whenever some came in;
 * the framer remembers how far it has looked, so every octet is looked at once.  It copies nothing.
 */
typedef struct sipv_framer {
    sipv_limits limits;
    sipv_profile profile;
    size_t head_end;   /* octets of start line and headers, 0 if not yet known */
    size_t line_start; /* offset of the line being read */
    size_t scanned;    /* up to here that line has no line end */
    size_t skipped;    /* octets of keep-alive at the front of the buffer */
    size_t headers;    /* header fields so far */
    unsigned lines;    /* 0 until the start line has been read */
    int64_t length;    /* Content-Length, -1 if not seen */
    bool bad_line_end;
} sipv_framer;

typedef struct sipv_frame {
    size_t skip;    /* octets of CRLF keep-alive before the message */
    size_t n;       /* octets of the message, behind `skip` */
    unsigned pings; /* double CRLFs among them: each wants a CRLF in answer (RFC 5626 4.4.1) */
    sipv_diag diag; /* of SIPV_REJECT; offsets count from the start of the buffer */
} sipv_frame;

SIPV_API void sipv_framer_init(sipv_framer *f, sipv_profile profile, const sipv_limits *limits);

/* Looks for the end of the message at the start of `data`, which holds all octets not consumed.
 * SIPV_OK: the message is data[frame->skip .. +n]; consume skip + n octets.
 * SIPV_MORE: not decided; frame->skip octets of keep-alive may be consumed now (sipv_framer_skip).
 * SIPV_REJECT: the end of the message cannot be decided, close the connection; frame->diag. */
SIPV_API int sipv_framer_feed(sipv_framer *f, const void *data, size_t n, sipv_frame *frame);

/* Tells the framer that `n` octets were taken off the front of the buffer after SIPV_MORE (at most
 * frame->skip). */
SIPV_API void sipv_framer_skip(sipv_framer *f, size_t n);

/* ---- Bodies ---------------------------------------------------------------------------------- */

/* One part of a multipart body (RFC 2046 5.1). */
typedef struct sipv_part {
    sipv_slice head;         /* its header fields, with their line ends; may be empty */
    sipv_slice content_type; /* value, absent if not given (then text/plain) */
    sipv_slice content_id, content_disposition, content_encoding; /* values, absent if not given */
    sipv_slice body;
} sipv_part;

typedef struct sipv_multipart {
    sipv_slice body, boundary;
    sipv_slice preamble, epilogue; /* epilogue is known behind the last part */
    size_t at;                     /* offset of the next part */
    size_t parts, max_parts;
    bool closed; /* the close delimiter was found */
} sipv_multipart;

/* Begins to split `body` of type `content_type` (a whole Content-Type value, with its boundary).
 * SIPV_OK; else *it is empty: SIPV_ABSENT if it is not multipart; SIPV_REJECT if the type is
 * malformed, or its boundary missing or not allowed (RFC 2046 5.1.1); SIPV_LIMIT if it has more
 * parameters than SIPV_LIMITS_DEFAULT allows. */
SIPV_API int sipv_multipart_begin(sipv_multipart *it, sipv_slice content_type, sipv_slice body,
                                  const sipv_limits *limits);

/* The next part.  SIPV_OK; else *part is empty: SIPV_END (all parts were seen and the close
 * delimiter too), SIPV_REJECT (no close delimiter, or no part at all), SIPV_LIMIT. */
SIPV_API int sipv_multipart_next(sipv_multipart *it, sipv_part *part);

/* Parses a message/sipfrag body (RFC 3420): a start line and headers, either of which may be
 * missing; nothing is mandatory.  Returns as sipv_message_index. */
SIPV_API int sipv_sipfrag_parse(sipv_message *m, const void *data, size_t n,
                                const sipv_options *options);

/* ---- Writing --------------------------------------------------------------------------------- */

/* Builds a message in the caller's buffer.  CR, LF and NUL in an argument, and what the grammar of
 * a name, method or URI does not allow, are refused: the writer cannot be made to emit a line
 * nobody asked for. */
typedef struct sipv_writer {
    unsigned char *out;
    size_t cap;
    size_t n;   /* octets needed so far; more than `cap` if the buffer is too small */
    int result; /* SIPV_OK until something was refused */
    uint8_t stage;
} sipv_writer;

SIPV_API void sipv_writer_init(sipv_writer *w, void *out, size_t cap);
/* Request line.  SIPV_OK, SIPV_BAD_ARGUMENT. */
SIPV_API int sipv_write_request(sipv_writer *w, sipv_slice method, sipv_slice uri);
/* Status line; status 100..699. */
SIPV_API int sipv_write_status(sipv_writer *w, int status, sipv_slice reason);
/* One header.  The value is written as it is; folds are refused, and what the header's own grammar
 * refuses is refused too. */
SIPV_API int sipv_write_header(sipv_writer *w, sipv_slice name, sipv_slice value);
/* A header whose value is a number. */
SIPV_API int sipv_write_number(sipv_writer *w, sipv_slice name, uint64_t value);
/* Content-Length, the empty line and the body; ends the message.  `body` may be absent. */
SIPV_API int sipv_write_body(sipv_writer *w, sipv_slice body);
/* SIPV_OK: the message is w->out[0 .. *n].  SIPV_NO_SPACE: *n octets are needed.
 * SIPV_BAD_ARGUMENT: something was refused; nothing may be sent. */
SIPV_API int sipv_writer_finish(sipv_writer *w, size_t *n);

/* Writes a parsed message anew: long names, one space, elements as written.  Returns as
 * sipv_writer_finish. */
SIPV_API int sipv_message_write(const sipv_message *m, void *out, size_t cap, size_t *n);

/* Edits a message without writing it anew: the result is a list of pieces, most of them slices of
 * the original, for writev(). */
typedef struct sipv_piece {
    const void *p;
    size_t n;
} sipv_piece;

#define SIPV_EDIT_PIECES 16

typedef struct sipv_edit {
    sipv_message *m;
    sipv_slice top_via;      /* whole value to be added on top, or absent */
    bool strip_via;          /* take the topmost Via element away */
    sipv_slice record_route; /* whole value to be added on top, or absent */
    int64_t max_forwards;    /* new value, or -1 */
    unsigned char number[24];
    sipv_piece pieces[SIPV_EDIT_PIECES];
    size_t n_pieces;
} sipv_edit;

SIPV_API void sipv_edit_init(sipv_edit *e, sipv_message *m);
/* Each: SIPV_OK or SIPV_BAD_ARGUMENT (the value does not parse as that header).  The slices must
 * outlive the edit. */
SIPV_API int sipv_edit_add_via(sipv_edit *e, sipv_slice value);
SIPV_API int sipv_edit_strip_via(sipv_edit *e);
SIPV_API int sipv_edit_set_max_forwards(sipv_edit *e, unsigned value);
SIPV_API int sipv_edit_add_record_route(sipv_edit *e, sipv_slice value);
/* Makes the pieces.  SIPV_OK; SIPV_ABSENT: there is no Via to strip; SIPV_REJECT: the message was
 * not accepted. */
SIPV_API int sipv_edit_finish(sipv_edit *e);

#ifdef __cplusplus
}
#endif
#endif
