/* trace.h: captures read as SIP messages: what `sipvet trace ls`, `show` and the others share.
 *
 *     file.c       a FILE is pcap, pcapng (capture.c) or our ndjson (records.c)
 *     link.c       link layers, down to an IP packet
 *     ip.c         IPv4, IPv6, extension headers, UDP
 *     fragments.c  fragments to datagrams
 *     tcp.c        segments to octets in order
 *     stream.c     octets to messages, by the framer of the parser
 *     sniff.c      is this SIP?  By its start line, never by a port
 *     note.c       what was not as it should be
 *
 * A message goes to the sink as soon as it is complete; nothing is kept of it here.  Everything is
 * bounded by `struct trace_limits`; beyond a limit there is a note, and the exit status is 1. */
#ifndef SIPVET_TOOLS_TRACE_H
#define SIPVET_TOOLS_TRACE_H

#include "../bytes.h"
#include "../output.h"

#include <sipvet/parser.h>

#include <stdio.h>

/* ---- Messages -------------------------------------------------------------------------------- */

enum { TRACE_NAME = 264, TRACE_TRANSPORT = 16, TRACE_DAMAGE = 96 };
/* The damage of a message that was sent and did not arrive. */
#define TRACE_LOST "lost"

struct trace_message {
    const char *file;
    uint64_t frame;  /* the packet that completed it, from 1, in its file */
    int64_t time_ns; /* since 1970, of that packet */
    char source[TRACE_NAME], destination[TRACE_NAME]; /* "192.0.2.1:5060", "[2001:db8::1]:5060" */
    char transport[TRACE_TRANSPORT];                  /* "UDP", "TCP" */
    char damage[TRACE_DAMAGE];                        /* why it is not whole, "" if it is */
    sipv_slice data;
};

/* Was it cut out of a stream, where Content-Length is needed? */
bool trace_is_stream(const struct trace_message *m);

typedef void trace_sink(void *user, const struct trace_message *m);

/* ---- Limits ---------------------------------------------------------------------------------- */

struct trace_limits {
    size_t datagrams;       /* that wait for fragments */
    size_t fragment_octets; /* of all of them */
    size_t connections;     /* TCP */
    size_t segments;        /* of one direction that wait for one before them */
    size_t stream_octets;   /* held of all connections */
};

extern const struct trace_limits trace_limits_default;

/* ---- Addresses ------------------------------------------------------------------------------- */

struct address {
    uint8_t octets[16];
    uint8_t n; /* 4 or 16 */
    uint16_t port;
};

struct address_pair {
    struct address source, destination;
};

bool address_equal(const struct address *a, const struct address *b);
uint64_t address_hash(uint64_t seed, const struct address *a);
void address_text(const struct address *a, char text[TRACE_NAME]);

/* ---- Notes ----------------------------------------------------------------------------------- */

enum trace_note {
    NOTE_FILE,
    NOTE_LINE,
    NOTE_LENGTH,
    NOTE_CUT,
    NOTE_FRAGMENT,
    NOTE_FRAGMENT_LIMIT,
    NOTE_GAP,
    NOTE_FRAMING,
    NOTE_CONNECTIONS,
    NOTE_OCTETS,
    NOTE_DIALOGS,
    NOTE_MESSAGES,
    NOTE_COLUMNS,
    NOTES
};

/* ---- Streams --------------------------------------------------------------------------------- */

/* One direction of a connection as messages. */
struct stream {
    enum { STREAM_START, STREAM_SCAN, STREAM_SIP, STREAM_OTHER } state;
    bool mid_line; /* STREAM_SCAN: the buffer does not begin with a line */
    struct bytes buffer;
    size_t at; /* while octets are taken in: what stands before is done */
    sipv_framer framer;
};

struct segment {
    struct segment *next;
    uint32_t seq;
    size_t n;
    unsigned char data[];
};

/* One direction of a connection as octets in order. */
struct flow {
    bool known; /* `next` is */
    bool begun; /* a SYN was seen, with number `first` */
    uint32_t first, next;
    struct segment *held; /* behind a gap, by number */
    size_t held_count;
    struct stream stream;
};

struct connection {
    struct address_pair ends;
    struct flow flows[2]; /* of ends.source, of ends.destination */
    struct connection *chain, *older, *newer;
};

enum { CONNECTION_BUCKETS = 4096 };

struct connections {
    struct connection *buckets[CONNECTION_BUCKETS];
    struct connection *oldest, *newest;
    size_t count, octets;
};

/* ---- Fragments ------------------------------------------------------------------------------- */

struct fragment_key {
    struct address_pair ends; /* ports 0 */
    uint32_t id;
    uint8_t protocol; /* IPv4 */
};

struct datagram {
    struct fragment_key key;
    struct datagram *older, *newer;
    int64_t since_ns;
    bool has_first, has_last;
    uint8_t next_header; /* of the first fragment */
    unsigned char *data;
    size_t cap, n;           /* `n` is known with the last fragment */
    size_t end;              /* of the fragment that reaches furthest */
    size_t have;             /* units of eight octets */
    uint8_t got[65536 / 64]; /* a bit for each */
};

struct datagrams {
    struct datagram *oldest, *newest;
    size_t count, octets;
    unsigned char *whole; /* the last that was complete */
};

/* ---- The reader ------------------------------------------------------------------------------ */

struct trace {
    trace_sink *sink;
    void *user;
    struct trace_limits limits;
    const char *file;
    uint64_t frame;
    int64_t time_ns;
    uint64_t messages;
    uint64_t notes[NOTES];
    bool incomplete; /* something could not be read or kept */
    struct datagrams datagrams;
    struct connections connections;
};

void trace_begin(struct trace *t, trace_sink *sink, void *user);
/* Reads FILEs, one behind the other, as one capture; then what is still held.  EXIT_FINE; or
 * EXIT_INPUT after a message for each that cannot be read at all. */
int trace_read(struct trace *t, const char *const *names, size_t count);
/* Tells of notes that came more than once; frees.  EXIT_FINE, or EXIT_FINDINGS if incomplete. */
int trace_end(struct trace *t);

/* note.c: the first of a kind is told at once. `detail` says more, or NULL. */
void trace_note(struct trace *t, enum trace_note note, const char *detail);
void trace_notes_end(const struct trace *t);

/* A message of the packet at hand, on its way to the sink. `damage` may be NULL. */
void trace_emit(struct trace *t, const struct address_pair *ends, const char *transport,
                sipv_slice data, const char *damage);

/* file.c: "cannot read NAME: REASON".  Returns EXIT_INPUT. */
int trace_complain(const char *name, const char *reason);
/* Waits for the file, as --timeout says; false if nothing came. */
bool trace_wait(FILE *file);
/* capture.c and records.c read an open file; both close it. */
int capture_read(struct trace *t, FILE *file, const char *name);
int records_read(struct trace *t, FILE *file, const char *name);
/* A message as the record "sipvet.trace/1". */
struct json;
void record_write(struct json *j, const struct trace_message *m);

/* link.c: is the link type (LINKTYPE_...) known?  A packet of it. */
bool link_known(int link);
void link_packet(struct trace *t, int link, const unsigned char *p, size_t n);
/* ip.c: an IPv4 or IPv6 packet; what is behind its own length is no part of it. */
void ip_packet(struct trace *t, const unsigned char *p, size_t n);

/* fragments.c: adds one.  True: `*whole` is complete; it lasts until the next call. */
bool fragments_add(struct trace *t, const struct fragment_key *key, uint8_t next_header, size_t off,
                   bool more, sipv_slice data, sipv_slice *whole, uint8_t *first_next);
void fragments_free(struct trace *t);

/* tcp.c: a TCP segment with its header. */
void tcp_packet(struct trace *t, struct address_pair *ends, const unsigned char *p, size_t n);
/* Nothing more will come: hands out what is held, frees. */
void tcp_end(struct trace *t);

/* stream.c: octets in order; octets are missing here; no more will come. */
void stream_feed(struct trace *t, struct stream *s, const struct address_pair *ends,
                 const unsigned char *p, size_t n);
void stream_gap(struct trace *t, struct stream *s, const struct address_pair *ends);
void stream_end(struct trace *t, struct stream *s, const struct address_pair *ends);

/* sniff.c: does SIP begin here?  MAYBE while the first line is not whole. */
enum sniffed { NOT_SIP, MAYBE_SIP, IS_SIP };
enum sniffed sniff(const unsigned char *p, size_t n, bool whole);
/* Looks for the line where a message begins, from `*at`, which is the beginning of a line.  `*at`
 * moves there, or to the beginning of the last line, which is not whole, and MAYBE is returned. */
enum sniffed sniff_find(const unsigned char *p, size_t n, size_t *at);

/* time.c: "2026-01-02T03:04:05.000000006Z", both ways. */
enum { TIME_TEXT = 40 };
void time_text(int64_t ns, char text[TIME_TEXT]);
bool time_read(const char *text, int64_t *ns);

/* Numbers in network order. */
static inline unsigned be16(const unsigned char *p)
{
    return (unsigned)p[0] << 8 | p[1];
}
static inline uint32_t be32(const unsigned char *p)
{
    return (uint32_t)be16(p) << 16 | be16(p + 2);
}

#endif
