#include "grammars.h"

#include <string.h>

extern const sipv_grammar sipv_sip_tables;
extern const sipv_automata sipv_sip_automata;
#ifdef TESTS_WITH_AUTH
extern const sipv_grammar sipv_auth_tables;
extern const sipv_automata sipv_auth_automata;
#endif

static const struct test_grammar all[] = {
    {"sip", &sipv_sip_tables, &sipv_sip_automata},
#ifdef TESTS_WITH_AUTH
    {"digest", &sipv_auth_tables, &sipv_auth_automata},
#endif
};

const struct test_grammar *test_grammar_at(size_t i)
{
    return i < sizeof all / sizeof *all ? &all[i] : NULL;
}

const struct test_grammar *test_grammar_find(const char *name)
{
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i].name, name) == 0)
            return &all[i];
    return NULL;
}
