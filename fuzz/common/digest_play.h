/* What the parts of the scene of many answers share: see digest_play.c. */
#ifndef FUZZ_DIGEST_PLAY_H
#define FUZZ_DIGEST_PLAY_H

#include "digest.h"
#include "digest_model.h"
#include "oracle.h"

enum { FUZZ_PLAY_VALUE = 1 << 13, FUZZ_PLAY_EVENTS = 512 };

struct fuzz_play {
    struct fuzz_server *server;
    const struct fuzz_scenario *s;
    struct fuzz_digest_model *model;
    sipv_algorithm algorithm; /* of nonces that are taken for answers by hand */
    sipv_qop qop;             /* of answers by hand; NONE: a nonce is for one response */
    unsigned at;              /* the current nonce, if there is one of this number */
    sipv_client client;
    bool challenged; /* it has something to answer ... */
    bool out;        /* ... and has answered, and nothing good came of it */
    bool accepted;   /* its last answer */
    bool wrong_password;
    unsigned stale_rows; /* challenges with stale=true since something good came of an answer */
    uint32_t count;      /* of its last answer to this nonce, 0 before the first */
    char cnonce[SIPV_CLIENT_CNONCE];
    sipv_slice sent; /* its last answer */
};

/* ---- digest_play_server.c: what the server is asked ------------------------------------------
 */

/* The one room for what is parsed, empty: what was in it is gone. */
sipv_room fuzz_play_room(void);

/* The server's challenges, of the algorithm of answers by hand alone or of all; how many.  The
 * server has the strongest first; another one, which is not stale, the weakest.  They live until
 * the next call. */
size_t fuzz_play_challenges(struct fuzz_play *p, bool stale, bool all, sipv_challenge *list,
                            sipv_room *room);

/* What it makes of a right answer with this count, which must be right.  RESPONSE_WRONG: it was
 * not asked, for the model has no room. */
sipv_auth_reason fuzz_play_judge(struct fuzz_play *p, sipv_slice digits, uint32_t count,
                                 sipv_slice header);

/* An answer whose response is wrong. */
void fuzz_play_judge_wrong(struct fuzz_play *p, sipv_slice header);

/* ---- digest_play_hand.c: answers by hand -------------------------------------------------------
 */

/* A nonce is taken from the server, and is the current one. */
void fuzz_play_nonce(struct fuzz_play *p);
/* An answer with this count on the current nonce, its response right or wrong. */
void fuzz_play_answer(struct fuzz_play *p, uint32_t count, bool wrong);

/* ---- digest_play_client.c, digest_play_info.c: the client --------------------------------------
 */

/* It gets the server's challenges. */
void fuzz_play_challenge(struct fuzz_play *p, bool stale);
/* It answers, and is told what the server made of that.  False: nothing can come any more. */
bool fuzz_play_request(struct fuzz_play *p);
/* It gets Authentication-Info for its last answer, perhaps with another nonce. */
void fuzz_play_info(struct fuzz_play *p, bool next);
/* What it is asked to send, perhaps with another password than that of the server. */
sipv_client_request fuzz_play_request_of(struct fuzz_play *p, bool wrong);

#endif
