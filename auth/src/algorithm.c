/* Names of algorithms (RFC 7616 section 3.2, RFC 8760) and of qop values. */
#include <sipvet/auth.h>

static const struct {
    const char *name;
    unsigned digits;
} algorithms[SIPV_ALGORITHM_COUNT] = {
    [SIPV_MD5] = {"MD5", 32},
    [SIPV_MD5_SESS] = {"MD5-sess", 32},
    [SIPV_SHA_256] = {"SHA-256", 64},
    [SIPV_SHA_256_SESS] = {"SHA-256-sess", 64},
    [SIPV_SHA_512_256] = {"SHA-512-256", 64},
    [SIPV_SHA_512_256_SESS] = {"SHA-512-256-sess", 64},
};

static bool exists(sipv_algorithm a)
{
    return (unsigned)a < SIPV_ALGORITHM_COUNT;
}

sipv_algorithm sipv_algorithm_find(sipv_slice token)
{
    if (!token.p)
        return SIPV_MD5;
    for (unsigned a = 0; a < SIPV_ALGORITHM_COUNT; a++)
        if (sipv_slice_is(token, algorithms[a].name))
            return (sipv_algorithm)a;
    return SIPV_ALGORITHM_OTHER;
}

const char *sipv_algorithm_name(sipv_algorithm a)
{
    return exists(a) ? algorithms[a].name : NULL;
}

unsigned sipv_algorithm_digits(sipv_algorithm a)
{
    return exists(a) ? algorithms[a].digits : 0;
}

bool sipv_algorithm_is_session(sipv_algorithm a)
{
    return exists(a) && (unsigned)a % 2 == 1;
}

sipv_qop sipv_qop_find(sipv_slice token)
{
    if (!token.p)
        return SIPV_QOP_NONE;
    return sipv_slice_is(token, "auth")       ? SIPV_QOP_AUTH
           : sipv_slice_is(token, "auth-int") ? SIPV_QOP_AUTH_INT
                                              : SIPV_QOP_OTHER;
}

const char *sipv_qop_name(sipv_qop qop)
{
    return qop == SIPV_QOP_AUTH ? "auth" : qop == SIPV_QOP_AUTH_INT ? "auth-int" : NULL;
}
