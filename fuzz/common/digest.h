/* Scenarios of Digest: what fuzz_digest_verify and the makers of its seeds share.
 *
 * The text has lines: username, realm, password, method, uri; what is behind them is the body.
 * Bits: 0-2 algorithm; 3-4 qop; 5 userhash; 6 the server keeps HA1; 7 the client keeps HA1; 8-9 the
 * scene; 10-15 what the scene asks for; from 16 on a number. */
#ifndef FUZZ_DIGEST_H
#define FUZZ_DIGEST_H

#include <sipvet/auth.h>

#include "input.h"
#include "server.h"

/* What is played. */
enum fuzz_scene {
    FUZZ_SCENE_CHANGES,  /* one exchange, and credentials that were changed */
    FUZZ_SCENE_MISTAKES, /* digest_mistakes.c: a response that was computed in a known wrong way */
    FUZZ_SCENE_PLAY, /* digest_play.c: many answers, several nonces, time; the body is a script */
    FUZZ_SCENE_REFUSALS /* digest_refusals.c: what OpenSSL refuses, what a caller may not do */
};
enum { FUZZ_SCENE_AT = 8, FUZZ_ASKED_AT = 10, FUZZ_NUMBER_AT = 16 };

struct fuzz_scenario {
    sipv_slice username, realm, password, method, uri, body;
    sipv_algorithm algorithm;
    sipv_qop qop;
    bool userhash, by_ha1, client_by_ha1;
    enum fuzz_scene scene;
    unsigned asked;  /* six bits */
    unsigned number; /* sixteen bits */
};

struct fuzz_scenario fuzz_scenario_read(const struct fuzz_input *in);

/* The server's judgement of a header value; SIPV_SYNTAX if there is no room for its parts.  Its
 * user is that of the scenario.  Judging allocates nothing, and no branch depends on what is
 * secret. */
sipv_auth_reason fuzz_scenario_judge(struct fuzz_server *server, const struct fuzz_scenario *s,
                                     sipv_slice value);

/* What was asked for: `digest` is checked. */
void fuzz_digest_mistakes(sipv_hasher *h, const struct fuzz_scenario *s);
void fuzz_digest_play(struct fuzz_server *server, const struct fuzz_scenario *s);
void fuzz_digest_refusals(struct fuzz_server *server, const struct fuzz_scenario *s);

#endif
