/* Which parameters have fields, and by which rule of auth/abnf their values go: RFC 7616 sections
 * 3.3 (challenge), 3.4 (credentials), 3.5 (info). */
#include "auth_ids.gen.h"
#include "internal.h"

#define CHALLENGE(field) offsetof(sipv_challenge, field)
#define CREDENTIALS(field) offsetof(sipv_credentials, field)
#define INFO(field) offsetof(sipv_auth_info, field)

const struct sipv_field_spec sipv_challenge_fields[] = {
    {"realm", SIPV_R_REALM_VALUE, true, false, CHALLENGE(realm)},
    {"nonce", SIPV_R_NONCE_VALUE, true, false, CHALLENGE(nonce)},
    {"qop", SIPV_R_QOP_OPTIONS, false, false, CHALLENGE(qop_text)},
    {"algorithm", SIPV_R_ALGORITHM_VALUE, false, false, CHALLENGE(algorithm_text)},
    {"opaque", SIPV_R_OPAQUE_VALUE, false, false, CHALLENGE(opaque)},
    {"stale", SIPV_R_STALE_VALUE, false, false, CHALLENGE(stale_text)},
    {"domain", SIPV_R_DOMAIN_VALUE, false, false, CHALLENGE(domain)},
    {"userhash", SIPV_R_USERHASH_VALUE, false, false, CHALLENGE(userhash_text)},
    {"charset", SIPV_R_CHARSET_VALUE, false, false, CHALLENGE(charset)},
    {NULL, 0, false, false, 0},
};

/* One of username and username* is required too. */
const struct sipv_field_spec sipv_credentials_fields[] = {
    {"username", SIPV_R_USERNAME_VALUE, false, false, CREDENTIALS(username)},
    {"username*", SIPV_R_USERNAME_EXT, false, true, CREDENTIALS(username_ext)},
    {"realm", SIPV_R_REALM_VALUE, true, false, CREDENTIALS(realm)},
    {"nonce", SIPV_R_NONCE_VALUE, true, false, CREDENTIALS(nonce)},
    {"uri", SIPV_R_DIGEST_URI_VALUE, true, false, CREDENTIALS(uri)},
    {"response", SIPV_R_REQUEST_DIGEST, true, false, CREDENTIALS(response)},
    {"algorithm", SIPV_R_ALGORITHM_VALUE, false, false, CREDENTIALS(algorithm_text)},
    {"qop", SIPV_R_MESSAGE_QOP, false, false, CREDENTIALS(qop_text)},
    {"nc", SIPV_R_NC_VALUE, false, false, CREDENTIALS(nc)},
    {"cnonce", SIPV_R_CNONCE_VALUE, false, false, CREDENTIALS(cnonce)},
    {"opaque", SIPV_R_OPAQUE_VALUE, false, false, CREDENTIALS(opaque)},
    {"userhash", SIPV_R_USERHASH_VALUE, false, false, CREDENTIALS(userhash_text)},
    {NULL, 0, false, false, 0},
};

const struct sipv_field_spec sipv_info_fields[] = {
    {"nextnonce", SIPV_R_NONCE_VALUE, false, false, INFO(nextnonce)},
    {"rspauth", SIPV_R_RESPONSE_DIGEST, false, false, INFO(rspauth)},
    {"qop", SIPV_R_MESSAGE_QOP, false, false, INFO(qop_text)},
    {"nc", SIPV_R_NC_VALUE, false, false, INFO(nc)},
    {"cnonce", SIPV_R_CNONCE_VALUE, false, false, INFO(cnonce)},
    {NULL, 0, false, false, 0},
};
