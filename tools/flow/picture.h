/* picture.h: a recording for people and programs: ladders, a capture, records. */
#ifndef SIPVET_TOOLS_FLOW_PICTURE_H
#define SIPVET_TOOLS_FLOW_PICTURE_H

#include "../output.h"
#include "callflow.h"

/* The ladder as text on standard output. */
void picture_ladder(const struct callflow *flow, const struct recording *r, struct palette palette);

/* ladder.html, ladder.svg, trace.pcap and trace.ndjson of one or several recordings, one behind the
 * other, in `folder`, which is made if it is not there.  EXIT_FINE, or EXIT_INTERNAL after a
 * complaint. */
struct picture {
    const struct callflow *flow;
    const struct recording *recording;
};
int picture_files(const struct picture *pictures, size_t count, const char *folder);

#endif
