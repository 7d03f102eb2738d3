/* What each reason means. */
#include <sipvet/auth.h>

static const struct {
    const char *name, *rfc, *text;
} reasons[SIPV_AUTH_REASON_COUNT] = {
    [SIPV_FINE] = {"fine", "", "nothing is wrong"},
    [SIPV_SYNTAX] = {"syntax", "RFC 7235 section 2.1", "the value does not follow the grammar"},
    [SIPV_NOT_DIGEST] = {"not-digest", "RFC 7616 section 3.3", "the scheme is not Digest"},
    [SIPV_TOO_MANY] = {"limit-parameters", "", "there are more parameters than the limit allows"},
    [SIPV_REPEATED] = {"parameter-repeated", "RFC 7235 section 2.1",
                       "a parameter stands there twice"},
    [SIPV_MISSING] = {"parameter-missing", "RFC 7616 section 3.3, 3.4",
                      "a parameter that must be there is missing"},
    [SIPV_FORM] = {"parameter-form", "RFC 7616 section 3.3, 3.4, RFC 3261 section 25.1",
                   "a parameter has not the form that its name asks for"},
    [SIPV_USERNAME_TWICE] = {"username-twice", "RFC 7616 section 3.4",
                             "the name is there as username and as username*, or as username* "
                             "with userhash"},
    [SIPV_REALM_OTHER] = {"realm-other", "RFC 7616 section 3.3",
                          "the realm is not the one that was challenged for"},
    [SIPV_ALGORITHM_OTHER_THAN_OFFERED] = {"algorithm-other", "RFC 7616 section 3.4",
                                           "the algorithm is not the one of the challenge"},
    [SIPV_QOP_MISSING] = {"qop-missing", "RFC 7616 section 3.4",
                          "qop was offered, and the credentials have none"},
    [SIPV_QOP_OTHER_THAN_OFFERED] = {"qop-other", "RFC 7616 section 3.4",
                                     "the qop is none of those that were offered"},
    [SIPV_USERHASH_NOT_OFFERED] = {"userhash-not-offered", "RFC 7616 section 3.4.4",
                                   "the name is hashed though that was not offered"},
    [SIPV_OPAQUE_OTHER] = {"opaque-other", "RFC 7616 section 3.4",
                           "opaque has not been returned unchanged"},
    [SIPV_URI_OTHER] = {"uri-other", "RFC 7616 section 3.4.6, RFC 3261 section 22.4",
                        "the uri parameter is not the Request-URI"},
    [SIPV_NONCE_FOREIGN] = {"nonce-foreign", "RFC 7616 section 3.3",
                            "the nonce was not made here for this realm"},
    [SIPV_USER_UNKNOWN] = {"user-unknown", "RFC 7616 section 3.4", "there is no such user"},
    [SIPV_HASH_UNAVAILABLE] = {"hash-unavailable", "RFC 7616 section 3.2",
                               "OpenSSL refuses the hash function (MD5 in FIPS mode)"},
    [SIPV_RESPONSE_LENGTH] = {"response-length", "RFC 7616 section 3.4.1",
                              "the response has not as many digits as the algorithm makes"},
    [SIPV_RESPONSE_WRONG] = {"response-wrong", "RFC 7616 section 3.4.1", "the response is wrong"},
    [SIPV_NONCE_EXPIRED] = {"nonce-expired", "RFC 7616 section 3.3",
                            "the response is right, but its nonce is too old"},
    [SIPV_NONCE_USED] = {"nonce-used", "RFC 7616 section 3.3",
                         "the response is right, but its nonce is no longer good"},
    [SIPV_NC_REPLAYED] = {"nc-replayed", "RFC 7616 section 3.4, 5.5",
                          "this nonce count has been there before"},
    [SIPV_NC_LOW] = {"nc-low", "RFC 7616 section 3.4, 5.5",
                     "the nonce count is below those that may still come"},
};

static bool exists(sipv_auth_reason r)
{
    return (unsigned)r < SIPV_AUTH_REASON_COUNT;
}

const char *sipv_auth_reason_name(sipv_auth_reason r)
{
    return exists(r) ? reasons[r].name : "";
}

const char *sipv_auth_reason_rfc(sipv_auth_reason r)
{
    return exists(r) ? reasons[r].rfc : "";
}

const char *sipv_auth_reason_text(sipv_auth_reason r)
{
    return exists(r) ? reasons[r].text : "";
}

bool sipv_auth_reason_is_stale(sipv_auth_reason r)
{
    return r == SIPV_NONCE_EXPIRED || r == SIPV_NONCE_USED;
}
