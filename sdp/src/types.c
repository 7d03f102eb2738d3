/* What is known of each type of line: how its value is read, and its place in the order of lines
 * (RFC 8866 section 5, section 9).  Lines of the same place follow in any number; -1: they have no
 * place there. */
#include "internal.h"

#define TYPE(letter, rule, view, in_session, in_media, usual, plain)                               \
    [(letter) - 'a'] = {{letter, SIPV_SDP_READ, SIPV_SDP_A_OTHER, 0, view},                        \
                        SIPV_R_##rule,                                                             \
                        SIPV_ROOT_##rule,                                                          \
                        {in_session, in_media},                                                    \
                        usual,                                                                     \
                        plain}

const struct sipv_sdp_form sipv_sdp_forms[26] = {
    TYPE('v', VERSION_VALUE, SIPV_SDP_VIEW_VERSION, 0, -1, true, false),
    TYPE('o', ORIGIN_VALUE, SIPV_SDP_VIEW_ORIGIN, 1, -1, true, false),
    TYPE('s', SESSION_NAME_VALUE, SIPV_SDP_VIEW_TEXT, 2, -1, true, true),
    TYPE('i', INFORMATION_VALUE, SIPV_SDP_VIEW_TEXT, 3, 1, true, true),
    TYPE('u', URI_VALUE, SIPV_SDP_VIEW_TEXT, 4, -1, true, true),
    TYPE('e', EMAIL_VALUE, SIPV_SDP_VIEW_TEXT, 5, -1, true, true),
    TYPE('p', PHONE_VALUE, SIPV_SDP_VIEW_TEXT, 6, -1, true, true),
    TYPE('c', CONNECTION_VALUE, SIPV_SDP_VIEW_CONNECTION, 7, 2, true, false),
    TYPE('b', BANDWIDTH_VALUE, SIPV_SDP_VIEW_BANDWIDTH, 8, 3, true, true),
    TYPE('t', TIME_VALUE, SIPV_SDP_VIEW_TIMING, 9, -1, true, true),
    TYPE('r', REPEAT_VALUE, SIPV_SDP_VIEW_REPEAT, 9, -1, false, false),
    TYPE('z', ZONE_VALUE, SIPV_SDP_VIEW_ZONE, 9, -1, false, false),
    TYPE('k', KEY_VALUE, SIPV_SDP_VIEW_KEY, 10, 4, true, false),
    TYPE('m', MEDIA_VALUE, SIPV_SDP_VIEW_MEDIA, -1, 0, false, false),
    ['a' -
        'a'] = {{'a', SIPV_SDP_READ, SIPV_SDP_A_OTHER, 0, -1}, 0, SIPV_NONE, {11, 5}, false, false},
};
