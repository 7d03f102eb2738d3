/* digest.h: what `sipvet digest calc`, `verify` and `explain` share. */
#ifndef SIPVET_TOOLS_DIGEST_H
#define SIPVET_TOOLS_DIGEST_H

#include "bytes.h"
#include "command.h"
#include "input.h"
#include "vet.h"

#include <sipvet/auth.h>

/* digest.c: the options of `sipvet trace digest`, which reads secrets alike. */
extern const struct option_spec trace_digest_options[];

/* ---- digest_secret.c: passwords and what stands for them ---------------------------------------
 */

/* The options it reads. */
#define DIGEST_PASSWORDS                                                                           \
    {"password-file", 0, "FILE", NULL, "the password is in FILE, less one final line end", false}, \
        {"password-env", 0, "VAR", NULL, "the password is in this environment variable", false},   \
        {"password", 0, "TEXT", NULL, "the password; others can see it while this runs", false},   \
        {"ha1", 0, "DIGITS", NULL, "H(username:realm:password) in place of a password", false},    \
    {                                                                                              \
        "htdigest", 0, "FILE", NULL, "lines of username:realm:HA1", false                          \
    }

struct digest_secret {
    const char *source;      /* "--password-file" */
    unsigned char *password; /* NULL: an HA1 */
    size_t n;                /* octets of the password */
    const char *ha1;         /* of --ha1, or NULL */
    struct input htdigest;   /* of --htdigest */
    sipv_digits found;       /* what the htdigest file has */
    unsigned char name[512]; /* and for whom, where the name was hashed */
    bool has_htdigest;
};

/* Reads what the options say, or asks on a terminal.  EXIT_FINE, or another status after a
 * message. */
int digest_secret_read(const struct arguments *args, struct digest_secret *s);
/* Puts the secret of `d->username` and `d->realm` into `d`.  `hashed`: the name as it was sent is a
 * hash, `d->username` is set to the clear one if that is known.  False: no such user. */
bool digest_secret_give(struct digest_secret *s, sipv_hasher *h, sipv_slice hashed, sipv_digest *d);
/* Wipes and frees. */
void digest_secret_free(struct digest_secret *s);

/* ---- digest_case.c: one computation and where its parts come from ------------------------------
 */

enum digest_part {
    DIGEST_ALGORITHM,
    DIGEST_QOP,
    DIGEST_USERNAME,
    DIGEST_REALM,
    DIGEST_METHOD,
    DIGEST_URI,
    DIGEST_NONCE,
    DIGEST_NC,
    DIGEST_CNONCE,
    DIGEST_BODY,
    DIGEST_RESPONSE,
    DIGEST_PARTS
};

struct digest_piece {
    sipv_slice text;    /* octets as they enter the hash; absent if there is none */
    const char *source; /* "Authorization", "start line", "--realm"; "" for none */
    size_t off;         /* in the message, if `in_message` */
    bool in_message;
};

enum { DIGEST_CANDIDATES = 64 };

/* Candidates of one sort for the catalogue of mistakes. */
struct digest_candidates {
    sipv_auth_candidate all[DIGEST_CANDIDATES];
    size_t n;
};

struct digest_case {
    struct digest_piece piece[DIGEST_PARTS];
    sipv_digest d;
    sipv_credentials credentials; /* of a message */
    const char *header;           /* "Authorization"; NULL: from options */
    size_t header_off;            /* of its value */
    bool rspauth;
    sipv_slice hashed; /* the name as sent, if it is a hash */
    sipv_slice opaque;
    bool userhash;           /* --userhash */
    bool uri_differs;        /* from the Request-URI, which is no failure in SIP */
    sipv_auth_reason reason; /* against the credentials, before the response is looked at */
    char why[256];           /* more about it */
    /* What came out. */
    bool computed, right;
    sipv_digest_steps steps;
    sipv_digits value;
};

/* All that was read. */
struct digest_input {
    const struct arguments *args;
    sipv_hasher *hasher;
    struct digest_secret secret;
    struct input body, message, challenge;
    struct vet vet, challenge_vet; /* of the messages */
    sipv_challenge challenges[DIGEST_CANDIDATES];
    size_t challenge_count;
    struct digest_case *cases;
    size_t count;
    sipv_event *events;
    unsigned char *text;
    sipv_room room;
};

/* Reads options and files.  EXIT_FINE, or another status after a message; digest_input_free in
 * either case. */
int digest_input_read(const struct arguments *args, struct digest_input *in);
void digest_input_free(struct digest_input *in);
/* Computes the response of a case and compares; EXIT_FINE, or EXIT_INPUT after a message where
 * OpenSSL refuses the hash. */
int digest_compute(struct digest_input *in, struct digest_case *c);

/* ---- digest_message.c: cases of a message ------------------------------------------------------
 */

/* A case for each Authorization and Proxy-Authorization; reads --challenge too. */
int digest_message_read(struct digest_input *in);
/* The steps of it, for messages that come from elsewhere.  First, room for the parts of `n` octets
 * of values; `in->vet` has the request. */
void digest_make_room(struct digest_input *in, size_t n);
/* The challenges of a header value.  As sipv_challenges_parse. */
int digest_add_challenges(struct digest_input *in, sipv_slice value);
/* Does the header have credentials?  Their case, judged by the challenges; none if --realm asks for
 * others. */
bool digest_is_credentials(const sipv_header *h);
void digest_credentials_add(struct digest_input *in, const sipv_header *h);

/* ---- digest_suspects.c -------------------------------------------------------------------------
 */

/* The mistake that gives what was received.  As sipv_mistake_find. */
int digest_mistake(struct digest_input *in, const struct digest_case *c, sipv_mistake *out,
                   size_t *tried);

/* ---- digest_show.c -----------------------------------------------------------------------------
 */

/* Everything about a case: text, or an element of a JSON array. */
void digest_explain_text(struct digest_input *in, struct digest_case *c);
void digest_explain_json(struct digest_input *in, struct digest_case *c, struct json *j);
/* What was decided, as one line; and as members of an open JSON object. */
void digest_verdict_text(struct digest_input *in, const struct digest_case *c);
void digest_verdict_json(const struct digest_case *c, struct json *j);
/* The inputs that are no secret, as members of an open JSON object. */
void digest_inputs_json(const struct digest_case *c, struct json *j);
bool digest_verified(const struct digest_case *c);

#endif
