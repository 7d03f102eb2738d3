/* json.h: a small JSON writer that streams to stdout.
 *
 * Pretty (`-f json`): two blanks a level, one member a line.  Else one line a record (`-f ndjson`).
 * Text is the exact bytes; bytes that are not UTF-8 become U+FFFD and a member `<key>_b64` with the
 * exact bytes follows.  Control characters, and the line separators U+2028 and U+2029, are escaped:
 * a record of ndjson is one line for every reader. */
#ifndef SIPVET_TOOLS_JSON_H
#define SIPVET_TOOLS_JSON_H

#include <sipvet/grammar.h>

#define JSON_DEPTH 16

struct json {
    bool pretty;
    unsigned depth;
    bool any[JSON_DEPTH]; /* is there something in the open object or array? */
};

/* A new record begins; json_end_record ends it with a line end. */
struct json json_begin_record(bool pretty);
void json_end_record(struct json *j);

/* In all of these `key` is NULL in an array. */
void json_object(struct json *j, const char *key);
void json_array(struct json *j, const char *key);
void json_end_object(struct json *j);
void json_end_array(struct json *j);
void json_string(struct json *j, const char *key, sipv_slice s); /* absent is null */
void json_base64(struct json *j, const char *key, sipv_slice s);
void json_text(struct json *j, const char *key, const char *text); /* NULL is null */
void json_size(struct json *j, const char *key, size_t n);
void json_number(struct json *j, const char *key, int64_t n); /* below 0 is null */
void json_bool(struct json *j, const char *key, bool b);
void json_null(struct json *j, const char *key);

#endif
