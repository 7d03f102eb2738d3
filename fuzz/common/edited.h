/* What an edit may change of a message, and what not. */
#ifndef FUZZ_EDITED_H
#define FUZZ_EDITED_H

#include <sipvet/parser.h>

/* Edits, as bits, and what they put there. */
enum {
    FUZZ_STRIP_VIA = 1 << 0,
    FUZZ_ADD_VIA = 1 << 1,
    FUZZ_SET_HOPS = 1 << 2,
    FUZZ_ADD_ROUTE = 1 << 3, /* Record-Route */
    FUZZ_NEW_HOPS = 69
};
#define FUZZ_NEW_VIA "SIP/2.0/TCP new.example;branch=z9hG4bKn"
#define FUZZ_NEW_ROUTE "<sip:new.example;lr>"

/* Checks the oracle `round_trip`: `e` was read of what the edits `what` have made of `m`, and is
 * the same but for what they are about. */
void fuzz_check_edited(sipv_message *m, sipv_message *e, unsigned what);

#endif
