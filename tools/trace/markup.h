/* markup.h: any bytes as text in HTML and XML. */
#ifndef SIPVET_TOOLS_TRACE_MARKUP_H
#define SIPVET_TOOLS_TRACE_MARKUP_H

#include <sipvet/grammar.h>

/* On stdout, as text or as the value of an attribute in double quotes.  < > & " ' are escaped; what
 * is not UTF-8 becomes U+FFFD, as do marks that turn the direction of writing; control characters
 * become their pictures.  LF stays, and the CR before it is left out. */
void markup(sipv_slice s);
void markup_text(const char *text);

#endif
