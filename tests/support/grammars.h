/* The grammars of the components that this build has, with their matchers. */
#ifndef TESTS_GRAMMARS_H
#define TESTS_GRAMMARS_H

#include <sipvet/grammar.h>

#include "match.h"

struct test_grammar {
    const char *name; /* as pages and programs say it: "sip", "digest" */
    const sipv_grammar *grammar;
    const sipv_automata *automata;
};

/* The grammar of a name, or NULL. */
const struct test_grammar *test_grammar_find(const char *name);
/* All of them, the first is SIP; NULL behind the last. */
const struct test_grammar *test_grammar_at(size_t i);

#endif
