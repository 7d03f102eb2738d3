/* writer.h: traces that are written while messages come and go: pcap, or our ndjson.
 *
 * A pcap of raw IP packets: UDP as it is; TCP and TLS as segments of connections that begin with
 * their handshake and do not end, TLS in clear text.  tshark and `sipvet trace` read both. */
#ifndef SIPVET_TOOLS_TRACE_WRITER_H
#define SIPVET_TOOLS_TRACE_WRITER_H

#include "trace.h"

struct trace_writer;

/* A new file: pcap if its name ends in ".pcap", else ndjson.  NULL after a message. */
struct trace_writer *trace_writer_open(const char *name);

/* One message: time, source, destination (addresses with ports), transport, data.  Its frame is
 * counted here.  Written out at once. */
void trace_writer_add(struct trace_writer *w, const struct trace_message *m);

/* EXIT_FINE, or EXIT_INTERNAL after a message: not all could be written. */
int trace_writer_close(struct trace_writer *w);

#endif
