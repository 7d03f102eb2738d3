/* What the parts of the scene of refusals share: see digest_refusals.c. */
#ifndef FUZZ_DIGEST_REFUSED_H
#define FUZZ_DIGEST_REFUSED_H

#include "digest.h"
#include "oracle.h"

#define NONE sipv_slice_of(NULL, 0)
#define REFUSED(call) FUZZ_CHECK(digest, (call) == SIPV_BAD_ARGUMENT, "taken: " #call)
#define GIVES(result, call) FUZZ_CHECK(digest, (call) == (result), "not " #result ": " #call)

enum { FUZZ_BOTH_QOPS = SIPV_BIT(SIPV_QOP_AUTH) | SIPV_BIT(SIPV_QOP_AUTH_INT) };
enum { FUZZ_REFUSED_VALUE = 1 << 13, FUZZ_REFUSED_EVENTS = 512 };

/* An exchange so far: nothing has been judged by this server. */
struct fuzz_exchange {
    struct fuzz_server *server;
    sipv_verifier_config config; /* of the server */
    const struct fuzz_scenario *s;
    sipv_client client; /* which has sent its first answer */
    sipv_client_request request;
    sipv_credentials sent; /* that answer */
};

/* What a response is made of. */
sipv_digest fuzz_digest_of(const struct fuzz_scenario *s);
/* A challenge from elsewhere, for all that a client may keep of one. */
sipv_challenge fuzz_foreign_challenge(const struct fuzz_scenario *s);
/* What another verifier with the same key says, which remembers nothing. */
sipv_auth_reason fuzz_judge_by(const struct fuzz_exchange *x, const sipv_verifier_config *config,
                               sipv_hasher *h, const sipv_credentials *c);

/* digest_refused_values.c: hashes, responses, values, what is written. */
void fuzz_refuse_values(sipv_hasher *h, const struct fuzz_scenario *s);
/* digest_refused_server.c */
void fuzz_refuse_configurations(struct fuzz_server *server);
void fuzz_refuse_credentials(const struct fuzz_exchange *x);
/* digest_refused_client.c */
void fuzz_refuse_challenges(sipv_hasher *h, const struct fuzz_scenario *s);
void fuzz_refuse_client(struct fuzz_exchange *x);
void fuzz_refuse_info(struct fuzz_exchange *x);
/* digest_refused_openssl.c */
void fuzz_refuse_without_openssl(struct fuzz_exchange *x);

#endif
