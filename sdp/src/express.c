/* Usual forms of SDP values, as abnfc writes them. */
#include "tables.h"

#include "express.h"

#include "sdp_express.gen.c"
