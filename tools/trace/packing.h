/* packing.h: messages as packets of a pcap file: what a network card would have seen. */
#ifndef SIPVET_TOOLS_TRACE_PACKING_H
#define SIPVET_TOOLS_TRACE_PACKING_H

#include "trace.h"

struct packing;

/* Writes the head of the file.  Errors stay with the file (ferror). */
struct packing *packing_begin(FILE *file);
void packing_add(struct packing *p, const struct trace_message *m);
void packing_end(struct packing *p);

#endif
