/* Typed forms: captured parts of a text into the fields of a struct. */
#ifndef SIPV_TYPED_H
#define SIPV_TYPED_H

#include <sipvet/grammar.h>

enum sipv_field_type {
    SIPV_FIELD_SLICE,
    SIPV_FIELD_NUMBER,
    SIPV_FIELD_FLAG,
    SIPV_FIELD_URI,
    SIPV_FIELD_PARAMS,
    SIPV_FIELD_LIST
};

/* One field of a typed form: which captures fill it and where it stands in the struct. */
struct sipv_field {
    uint16_t kind;
    uint8_t type;
    size_t offset;
    uint64_t max; /* of a number */
};

struct sipv_typed {
    const struct sipv_field *fields;
    uint16_t n, checks;
    size_t size;
};

/* A struct on its way: `uri` is the typed form of fields that are URIs, the first field of which is
 * the text of the whole; NULL if there are none. */
struct sipv_filling {
    const unsigned char *base; /* offsets of captures count from here */
    const struct sipv_typed *typed, *uri;
    unsigned char *out;
};

/* Makes all fields absent. */
SIPV_API void sipv_typed_clear(const struct sipv_filling *f);
/* One captured part; false if no field wants it. */
SIPV_API bool sipv_typed_fill(const struct sipv_filling *f, const sipv_event *ev);

#endif
