/* json_read.h: the members of one JSON object (RFC 8259), read in place. */
#ifndef SIPVET_TOOLS_JSON_READ_H
#define SIPVET_TOOLS_JSON_READ_H

#include <sipvet/grammar.h>

struct json_reader {
    unsigned char *p; /* escapes are resolved in here */
    size_t n, at;
    bool begun;
};

/* A number, true, false and null are as written; an object or array is stepped over, with its
 * brackets. */
enum json_kind { JSON_STRING, JSON_BARE, JSON_NESTED };

struct json_member {
    sipv_slice key, value;
    enum json_kind kind;
};

/* The next member.  SIPV_OK; SIPV_END behind the last, when nothing follows the object;
 * SIPV_REJECT: it is no JSON.  (What stands in nested values is not looked at but for strings and
 * brackets.) */
int json_read_member(struct json_reader *r, struct json_member *out);

#endif
