/* The digest grammar.  Its values are short and come once in a message: the tables do. */
#include "tables.h"

#include "express.h"

#include "auth_express.gen.c"

const sipv_grammar *sipv_auth_grammar(void)
{
    return &sipv_auth_tables;
}
