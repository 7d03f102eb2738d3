/* Codes of the diagnostics as constants: SIPV_SDP_D_ORDER is 1101. */
#ifndef SIPV_SDP_DIAGNOSTICS_H
#define SIPV_SDP_DIAGNOSTICS_H

#define X(code, id, severity, status, name, rfc, message, help, fix, place, example)               \
    SIPV_SDP_D_##id = code,
enum sipv_sdp_code {
    SIPV_SDP_D_NONE = 0,
#include "diagnostics.def"
};
#undef X

#endif
