/* example.h: the example of a diagnostic as a whole message. */
#ifndef SIPVET_TOOLS_EXAMPLE_H
#define SIPVET_TOOLS_EXAMPLE_H

#include "bytes.h"

#include <sipvet/parser.h>

/* The message that the example of `info` stands for into `out`; empty if there is none. */
void example_message(const sipv_diag_info *info, struct bytes *out);

#endif
