/* online.h: what the commands share that talk to a network: addresses, TLS, traces, signals, and
 * the loop. */
#ifndef SIPVET_TOOLS_ONLINE_H
#define SIPVET_TOOLS_ONLINE_H

#include "command.h"
#include "trace/writer.h"

#include "harness/net.h"

#include <uv.h>

/* Options of all of them. */
#define ONLINE_OPTIONS                                                                               \
    {"listen",                                                                                       \
     0,                                                                                              \
     "ADDRESS,...",                                                                                  \
     NULL,                                                                                           \
     "where to listen: udp:127.0.0.1:5060, tcp:..., tls:[::1]:0; port 0: any free one",              \
     false},                                                                                         \
        {"name", 0, "HOST", NULL, "how others are told to reach it (default: by address)", false},   \
        {"certificate", 0, "FILE", NULL, "certificate for TLS, PEM", false},                         \
        {"key", 0, "FILE", NULL, "its key, if that is not in the same file", false},                 \
        {"self-signed", 0, NULL, NULL, "for tests: make a certificate now", false},                  \
        {"authorities", 0, "FILE", NULL, "whom to trust, PEM (default: as the system does)", false}, \
        {"insecure", 0, NULL, NULL, "take any certificate of a server", false},                      \
        {"mutual", 0, NULL, NULL, "clients must have a trusted certificate too", false},             \
        {"keep-alive", 0, "SECONDS", NULL, "between pings on own connections (default: none)",       \
         false},                                                                                     \
        {"anywhere", 0, NULL, NULL, "other hosts than this one may be reached and listened for",     \
         false},                                                                                     \
        {"trace", 0, "FILE", NULL, "write all messages to FILE, .pcap or ndjson", false},            \
    {                                                                                                \
        "format", 'f', NULL, online_formats, "how to say what happens (default: text)", false        \
    }

extern const char *const online_formats[];

struct online {
    const struct arguments *args;
    uv_loop_t loop;
    struct net *net;
    struct network network;
    struct trace_writer *trace;
    uv_signal_t signals[2];
    uv_timer_t timer;
    uint64_t heard; /* when something came in last */
    bool timed;     /* ends when nothing has come in for --timeout */
    unsigned asked; /* how often it was asked to end */
    bool ended;
    int status; /* how it has ended */
    /* Asked to end, by a signal: ends with online_end(), now or later, but no later than after
     * `grace_ms`.  NULL: at once. */
    void (*stop)(void *with, uint64_t now);
    void *with;
    uint32_t grace_ms;
    uint64_t asked_at;
};

/* Reads the options and opens the network, by default at `otherwise`.  EXIT_FINE, or another status
 * after a message; online_close() in either case. */
int online_open(struct online *l, const struct arguments *args, const char *otherwise);

/* "listening udp:127.0.0.1:37311 tcp:127.0.0.1:37311" on standard output, or a record
 * "sipvet.listening/1". */
void online_announce(const struct online *l);

/* Runs until online_end(), a second signal, or --timeout.  The status of online_end(); EXIT_FINE
 * after a signal; EXIT_NETWORK after --timeout. */
int online_run(struct online *l);
void online_end(struct online *l, int status);
uint64_t online_now(const struct online *l);

/* Ends everything; `status`, or EXIT_INTERNAL if the trace could not be written. */
int online_close(struct online *l, int status);

/* -f json: records over several lines; anything but text. */
bool online_pretty(const struct online *l);
bool online_records(const struct online *l);

/* Seeds of secrets: `n` random octets. */
void online_random(void *out, size_t n);

#endif
