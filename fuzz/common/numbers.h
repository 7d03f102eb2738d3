/* Numbers read a second time, digit by digit in decimal: what wraps round in every reader of the
 * library alike does not here. */
#ifndef FUZZ_NUMBERS_H
#define FUZZ_NUMBERS_H

#include <sipvet/parser.h>

/* Does the text, which is digits, say this number?  A text of no digits says none. */
bool fuzz_says(sipv_slice digits, uint64_t number);
/* Does it say a number above this one? */
bool fuzz_says_more(sipv_slice digits, uint64_t number);

/* sipv_number of this text, whatever it is, for every maximum there is: `refusal`. */
void fuzz_check_number(sipv_slice text);

/* The numbers of a typed form are those of the captures `ev` of its element: `slices`. */
struct sipv_typed;
void fuzz_check_typed_numbers(const struct sipv_typed *form, const void *typed,
                              const unsigned char *base, const sipv_event *ev, size_t n);

/* What a message says of its status, CSeq, Content-Length and Max-Forwards: `slices`. */
void fuzz_check_message_numbers(const sipv_message *m);

#endif
