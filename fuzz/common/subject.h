/* What an input of fuzz_grammar_diff is about: a rule, and a text that may be a sentence of it.
 *
 * "Name: value" of a SIP header; "rule:text", "sdp rule:text" or "digest rule:text"; "rule
 * Name:text" where the rule has the name of a header; without a known name, the rule of the SIP
 * grammar that the number of the input says. */
#ifndef FUZZ_SUBJECT_H
#define FUZZ_SUBJECT_H

#include "match.h"

/* A rule and the engines of its language. */
struct fuzz_subject {
    const sipv_grammar *g;
    const sipv_automata *automata;
    int rule;
    bool value; /* of a header: what follows the colon */
};

/* Takes the name off `text`. */
struct fuzz_subject fuzz_take_subject(sipv_slice *text, unsigned number);

#endif
