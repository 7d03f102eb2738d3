/* What the files of SDP share. */
#ifndef SIPV_SDP_INTERNAL_H
#define SIPV_SDP_INTERNAL_H

#include <sipvet/sdp.h>

#include "diagnostics.h"
#include "sdp_ids.gen.h"
#include "tables.h"

/* ---- report.c: findings -------------------------------------------------------------------------
 */

/* Adds a finding with the catalogue's severity; NULL if there is no room. */
sipv_diag *sipv_sdp_report(sipv_sdp *s, unsigned code, size_t off, size_t len);
/* The same about a line (NULL: about none), and perhaps with a rule (-1: none). */
void sipv_sdp_report_at(sipv_sdp *s, unsigned code, const sipv_sdp_line *line, sipv_slice where,
                        int rule);
/* Brings the findings into order. */
void sipv_sdp_conclude(sipv_sdp *s);
/* `strict` in the strict profile, `interop` in the other. */
static inline unsigned sipv_sdp_choose(const sipv_sdp *s, unsigned strict, unsigned interop)
{
    return s->options.profile == SIPV_STRICT ? strict : interop;
}

/* ---- parse.c ------------------------------------------------------------------------------------
 */

/* What is known of the m= line that attributes belong to. */
struct sipv_sdp_formats {
    const sipv_sdp_line *line; /* NULL: there is none, or it is malformed */
    uint64_t payload[2];       /* over RTP: its payload types, by bit, else none ... */
    uint64_t mapped[2];        /* ... and those that have an rtpmap */
    sipv_slice proto;
    bool rtp, dtls;
    bool rejected; /* port 0 */
};

/* A parse on its way. */
struct sipv_sdp_parse {
    sipv_sdp *s;
    const sipv_limits *limits;
    struct sipv_run run;
    sipv_sdp_section *section; /* the current one, NULL before the first m= ... */
    uint16_t number;           /* ... and its index, or SIPV_SDP_SESSION */
    size_t attributes;         /* so far */
    /* At which levels an attribute has come: SIPV_SDP_AT_SESSION, and SIPV_SDP_AT_MEDIA of the
     * current section; besides SIPV_SDP_ALWAYS. */
    uint8_t had[(SIPV_SDP_A_COUNT + 31) / 32 * 32];
    size_t unkeyed;     /* first section of a group that lacks what DTLS needs, or SIZE_MAX */
    uint32_t seen[2];   /* types of lines, by bit: of the session, of the section */
    int rank;           /* of the last line in order, see order.c */
    char before;        /* type of the line before */
    bool no_space;      /* storage was too small */
    bool stopped;       /* at a limit */
    bool other_charset; /* a=charset names another one than UTF-8 */
    bool session_directed, directed; /* there is a direction */
    bool unconnected;                /* a section has no c= */
    bool lf_reported;
    size_t not_utf8; /* offset of the first octet that is not UTF-8, or SIZE_MAX */
    struct sipv_sdp_formats formats;
};

/* A new line, or NULL: at a limit, or there is no room. */
sipv_sdp_line *sipv_sdp_add_line(struct sipv_sdp_parse *x, char type, const unsigned char *from,
                                 sipv_slice value);
/* The section that ends: what must agree in it. */
void sipv_sdp_end_section(struct sipv_sdp_parse *x);
/* A section begins with `line`; false at a limit, or if there is no room. */
bool sipv_sdp_begin_section(struct sipv_sdp_parse *x, const sipv_sdp_line *line);
/* What a known attribute means for the description. */
void sipv_sdp_see_attribute(struct sipv_sdp_parse *x, const sipv_sdp_line *line);

/* plain.c: lines of the usual form from `p` on.  Returns where the first one begins that has to be
 * looked at more closely. */
const unsigned char *sipv_sdp_plain(struct sipv_sdp_parse *x, const unsigned char *p,
                                    const unsigned char *end);

/* Types that may stand once, by bit. */
enum {
    SIPV_SDP_ONCE_IN_SESSION = 1 << ('v' - 'a') | 1 << ('o' - 'a') | 1 << ('s' - 'a') |
                               1 << ('i' - 'a') | 1 << ('u' - 'a') | 1 << ('c' - 'a') |
                               1 << ('k' - 'a'),
    SIPV_SDP_ONCE_IN_MEDIA = 1 << ('i' - 'a') | 1 << ('k' - 'a')
};
static inline uint32_t sipv_sdp_type_bit(char type)
{
    return (uint32_t)1 << (type - 'a');
}

/* order.c: may this line stand here?  Says to which section it belongs, NULL for the session. */
sipv_sdp_section *sipv_sdp_order(struct sipv_sdp_parse *x, const sipv_sdp_line *line);
/* Lines that are missing. */
void sipv_sdp_check_presence(struct sipv_sdp_parse *x);

/* types.c: what is known of each type. */
struct sipv_sdp_form {
    struct sipv_sdp_line_kind kind; /* type 0: there is no such type */
    int16_t rule;                   /* of its value; 0: there is none */
    uint16_t root;                  /* the matcher of that */
    int8_t rank[2]; /* its place in the order, in the session and in sections, -1 for none */
    bool usual;     /* it may stand wherever its place lets it, and plain.c takes it */
    bool plain;     /* there is nothing to say of a value that its grammar has not said */
};
#pragma GCC visibility push(hidden)
extern const struct sipv_sdp_form sipv_sdp_forms[26];
#pragma GCC visibility pop

/* value.c */
/* Reads the value of a line into its typed form. */
void sipv_sdp_read_line(struct sipv_sdp_parse *x, sipv_sdp_line *line);
/* The rule of a line's value, or -1. */
int sipv_sdp_rule_of(const sipv_sdp_line *line);
/* Does the strict grammar allow this value? */
bool sipv_sdp_value_fits(int rule, sipv_slice value);
/* Matches a part of a line; events are added, a refusal is reported with `code`, or as what interop
 * makes of it.  SIPV_OK, SIPV_REJECT, SIPV_NO_SPACE. */
int sipv_sdp_match(struct sipv_sdp_parse *x, sipv_sdp_line *line, int rule, sipv_slice text,
                   unsigned code);
/* The line is refused at `where` for what the grammar cannot say; interop may step over it. */
void sipv_sdp_spoil(struct sipv_sdp_parse *x, sipv_sdp_line *line, unsigned code, sipv_slice where);

/* address.c: digits, dots and slashes alone, as IPv4 addresses have them? */
bool sipv_sdp_is_dotted(sipv_slice s);
/* The rule of an address of the net IN (RFC 8866 5.7), or -1 where any will do;
 * `connection`: with ttl and count, and multicast. */
int sipv_sdp_address_rule(sipv_slice nettype, sipv_slice addrtype, sipv_slice address,
                          bool connection);
/* Is the last of `n` addresses from a multicast IP4-address on one too: 239.255.255.255 at most? */
bool sipv_sdp_addresses_fit(sipv_slice address, uint64_t n);
/* The same of those of c=. */
void sipv_sdp_check_count(struct sipv_sdp_parse *x, sipv_sdp_line *line);
/* The addresses of a=candidate and of a=remote-candidates. */
void sipv_sdp_check_candidate(struct sipv_sdp_parse *x, sipv_sdp_line *line);
void sipv_sdp_check_candidates(struct sipv_sdp_parse *x, sipv_sdp_line *line);
/* Looks at the address of a line more closely. */
void sipv_sdp_check_address(struct sipv_sdp_parse *x, sipv_sdp_line *line);

/* range.c: what the grammar cannot say about one line. */
void sipv_sdp_check_numbers(struct sipv_sdp_parse *x, sipv_sdp_line *line);
void sipv_sdp_check_line(struct sipv_sdp_parse *x, sipv_sdp_line *line);

/* media.c: the formats of an m= line, and attributes about formats. */
void sipv_sdp_check_media(struct sipv_sdp_parse *x, sipv_sdp_line *line);
void sipv_sdp_check_format(struct sipv_sdp_parse *x, const sipv_sdp_line *line);
void sipv_sdp_check_unmapped(struct sipv_sdp_parse *x);
/* Is the last of `n` ports from `first` on one too? */
static inline bool sipv_sdp_ports_fit(uint64_t first, uint64_t n)
{
    return n == 0 || first + n - 1 <= 65535;
}

/* rules.c: the mids of sections, each with its number; sorted.  Of more than SIPV_SDP_TEXTS
 * sections those behind are left out. */
struct sipv_sdp_texts;
void sipv_sdp_mids(const sipv_sdp *s, struct sipv_sdp_texts *out);
/* What must agree across the lines of the section that ends, and of all of them. */
void sipv_sdp_check_section(struct sipv_sdp_parse *x);
void sipv_sdp_check_session(struct sipv_sdp_parse *x);

/* writer.c: a line of values that were parsed; they are as strict, or the profile, let them be. */
void sipv_sdp_put_line(sipv_sdp_writer *w, char type, sipv_slice value);

/* ---- find.c -------------------------------------------------------------------------------------
 */

/* The capture of a kind, absent if there is none. */
sipv_slice sipv_sdp_part(const sipv_sdp *s, const sipv_sdp_line *line, unsigned kind);
/* "RTP/AVP", "UDP/TLS/RTP/SAVPF": are formats payload types? */
bool sipv_sdp_is_rtp(sipv_slice proto);
/* Does DTLS run over it (RFC 5764, 8841, 7850)? */
bool sipv_sdp_is_dtls(sipv_slice proto);
static inline bool sipv_sdp_is_space(unsigned char c)
{
    return c == ' ' || c == '\t';
}

#endif
