/* field.h: one thing that a message says, as text, named as people name it:
 *
 *     Request-URI  body
 *     Call-ID  Subject           the values of a header, folds as one space, joined by ", "
 *     Via.count  Contact.count   elements of all headers of that name
 *     To.tag  Contact.expires    a parameter of the first element, without quotes
 *     Contact.uri  To.uri        its URI
 *     Via.sent-by  CSeq.number
 *     WWW-Authenticate.nonce     a parameter of a challenge, of credentials */
#ifndef SIPVET_TOOLS_FLOW_FIELD_H
#define SIPVET_TOOLS_FLOW_FIELD_H

#include "../bytes.h"

#include <sipvet/parser.h>

/* False, and nothing in *out, if it is not there or cannot be read.  A count is always there. */
bool field_read(sipv_message *m, const char *field, struct bytes *out);

#endif
