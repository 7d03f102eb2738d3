/* Usual forms of SIP headers, as abnfc writes them. */
#include "tables.h"

#include "express.h"

#include "sip_express.gen.c"
