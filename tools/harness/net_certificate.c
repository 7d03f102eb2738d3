/* A self-signed certificate for tests: an elliptic curve key, names and addresses as
 * subjectAltName (RFC 5280 section 4.2.1.6), good for a day. */
#include "net_core.h"

#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <string.h>

enum { DAY_S = 24 * 60 * 60, NAMES = 4096 };

static bool names_text(const char *const *names, size_t n, char text[NAMES])
{
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        const bool address =
            strchr(names[i], ':') || strspn(names[i], "0123456789.") == strlen(names[i]);
        const int added = snprintf(text + at, NAMES - at, "%s%s:%s", i > 0 ? "," : "",
                                   address ? "IP" : "DNS", names[i]);
        if (added < 0 || (size_t)added >= NAMES - at)
            return false;
        at += (size_t)added;
    }
    return n > 0;
}

static bool add_extension(X509 *certificate, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    const bool added = extension && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

/* A serial number that no other of our certificates has. */
static bool set_serial(X509 *certificate)
{
    uint64_t serial;
    return RAND_bytes((unsigned char *)&serial, sizeof serial) == 1 &&
           ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1) == 1;
}

static bool fill_in(X509 *certificate, EVP_PKEY *key, const char *names)
{
    X509_NAME *name = X509_get_subject_name(certificate);
    static const unsigned char common_name[] = "sipvet test";
    return X509_set_version(certificate, 2) == 1 && set_serial(certificate) &&
           X509_gmtime_adj(X509_getm_notBefore(certificate), -60) &&
           X509_gmtime_adj(X509_getm_notAfter(certificate), DAY_S) &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name, -1, -1, 0) == 1 &&
           X509_set_issuer_name(certificate, name) == 1 && X509_set_pubkey(certificate, key) == 1 &&
           add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE") &&
           add_extension(certificate, NID_subject_alt_name, names) &&
           X509_sign(certificate, key, EVP_sha256()) > 0;
}

bool certificate_make(const char *const *names, size_t n, X509 **certificate, EVP_PKEY **key)
{
    char text[NAMES];
    if (!names_text(names, n, text))
        return false;
    *key = EVP_EC_gen("P-256");
    *certificate = X509_new();
    return *key && *certificate && fill_in(*certificate, *key, text);
}
