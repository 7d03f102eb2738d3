/* Codes of the diagnostics as constants: SIPV_D_HOST is 111. */
#ifndef SIPV_DIAGNOSTICS_H
#define SIPV_DIAGNOSTICS_H

#define X(code, id, severity, status, name, rfc, message, help, fix, place, example)               \
    SIPV_D_##id = code,
enum sipv_code {
    SIPV_D_NONE = 0,
#include "diagnostics.def"
};
#undef X

#endif
