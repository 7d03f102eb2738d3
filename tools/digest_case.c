/* digest_case.c: what is computed, from options; and the computation. */
#include "digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Options -----------------------------------------------------------------------------------
 */

static const struct {
    enum digest_part part;
    const char *option;
} texts[] = {
    {DIGEST_USERNAME, "--username"},
    {DIGEST_REALM, "--realm"},
    {DIGEST_METHOD, "--method"},
    {DIGEST_URI, "--uri"},
    {DIGEST_NONCE, "--nonce"},
    {DIGEST_QOP, "--qop"},
    {DIGEST_NC, "--nc"},
    {DIGEST_CNONCE, "--cnonce"},
    {DIGEST_ALGORITHM, "--algorithm"},
    {DIGEST_RESPONSE, "--response"},
};

static void set(struct digest_case *c, enum digest_part part, sipv_slice text, const char *source)
{
    c->piece[part].text = text;
    c->piece[part].source = source;
}

static int read_texts(const struct arguments *args, struct digest_case *c)
{
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *value = arguments_value(args, texts[i].option + 2, NULL);

        c->piece[texts[i].part].source = "";
        if (value)
            set(c, texts[i].part, sipv_slice_text(value), texts[i].option);
    }
    return EXIT_FINE;
}

/* Which of the options that cannot be left out is missing; NULL for none. */
static const char *missing(const struct arguments *args, const struct digest_case *c)
{
    bool ha1 = arguments_have(args, "ha1");

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        enum digest_part part = texts[i].part;
        bool named = part == DIGEST_USERNAME || part == DIGEST_REALM;
        bool always = part == DIGEST_METHOD || part == DIGEST_URI || part == DIGEST_NONCE;
        bool counted = part == DIGEST_NC || part == DIGEST_CNONCE;

        if (part == DIGEST_METHOD && c->rspauth)
            always = false;
        if (c->piece[part].text.p)
            continue;
        if (always || (named && (!ha1 || c->userhash)) || (counted && c->d.qop != SIPV_QOP_NONE) ||
            (part == DIGEST_CNONCE && sipv_algorithm_is_session(c->d.algorithm)) ||
            (part == DIGEST_RESPONSE && strcmp(args->command->name, "digest verify") == 0))
            return texts[i].option;
    }
    return NULL;
}

static bool is_hex_digits(sipv_slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!memchr("0123456789abcdefABCDEF", s.p[i], 22))
            return false;
    return s.n > 0;
}

static int check_options(const struct arguments *args, const struct digest_case *c)
{
    const char *name = missing(args, c);
    uint32_t nc;

    if (c->d.algorithm == SIPV_ALGORITHM_OTHER)
        return usage_error(args->command,
                           "option '--algorithm' takes MD5, SHA-256, SHA-512-256, or one of these "
                           "with '-sess', not '%s'",
                           arguments_value(args, "algorithm", ""));
    if (name)
        return usage_error(args->command, "option '%s' is needed%s", name,
                           strcmp(name, "--nc") == 0 || strcmp(name, "--cnonce") == 0
                               ? c->d.qop != SIPV_QOP_NONE ? " with '--qop'" : " with -sess"
                               : "");
    if (c->d.qop != SIPV_QOP_NONE && sipv_nc_read(c->piece[DIGEST_NC].text, &nc) != SIPV_OK)
        return usage_error(args->command, "option '--nc' takes eight digits 0-9, a-f, not '%s'",
                           arguments_value(args, "nc", ""));
    if (c->piece[DIGEST_RESPONSE].text.p && !is_hex_digits(c->piece[DIGEST_RESPONSE].text))
        return usage_error(args->command, "option '--response' takes hex digits, not '%s'",
                           arguments_value(args, "response", ""));
    return EXIT_FINE;
}

/* The parts into what is computed. */
static void fill(struct digest_case *c)
{
    const struct digest_piece *p = c->piece;

    memset(&c->d, 0, sizeof c->d);
    c->d.algorithm = sipv_algorithm_find(p[DIGEST_ALGORITHM].text);
    c->d.qop = sipv_qop_find(p[DIGEST_QOP].text);
    c->d.username = p[DIGEST_USERNAME].text;
    c->d.realm = p[DIGEST_REALM].text;
    c->d.method = p[DIGEST_METHOD].text;
    c->d.uri = p[DIGEST_URI].text;
    c->d.nonce = p[DIGEST_NONCE].text;
    c->d.nc = p[DIGEST_NC].text;
    c->d.cnonce = p[DIGEST_CNONCE].text;
    c->d.body = p[DIGEST_BODY].text;
    if (c->rspauth && !c->d.method.p)
        c->d.method = sipv_slice_text("");
}

static int read_options(struct digest_input *in)
{
    const char *body = arguments_value(in->args, "body", NULL);
    struct digest_case *c;
    int result;

    in->cases = need(1, sizeof *in->cases);
    in->count = 1;
    c = &in->cases[0];
    memset(c, 0, sizeof *c);
    c->rspauth = arguments_have(in->args, "rspauth");
    c->userhash = arguments_have(in->args, "userhash");
    read_texts(in->args, c);
    fill(c);
    result = check_options(in->args, c);
    if (result == EXIT_FINE && body)
        result = input_read(body, &in->body);
    if (result == EXIT_FINE && body)
        set(c, DIGEST_BODY, sipv_slice_of(in->body.data, in->body.n), "--body");
    else
        set(c, DIGEST_BODY, sipv_slice_text(""), "");
    c->d.body = c->piece[DIGEST_BODY].text;
    return result;
}

/* With --msg the message says what else is said by options. */
static int check_message_options(const struct arguments *args)
{
    static const char *const read_there[] = {"method",   "uri",      "nonce",  "qop",
                                             "nc",       "cnonce",   "body",   "algorithm",
                                             "response", "userhash", "rspauth"};

    for (size_t i = 0; i < sizeof read_there / sizeof *read_there; i++)
        if (arguments_have(args, read_there[i]))
            return usage_error(args->command, "'--%s' and '--msg' exclude each other",
                               read_there[i]);
    return EXIT_FINE;
}

int digest_input_read(const struct arguments *args, struct digest_input *in)
{
    int result = EXIT_FINE;

    memset(in, 0, sizeof *in);
    in->args = args;
    in->hasher = sipv_hasher_new();
    if (!in->hasher) {
        fputs("sipvet: OpenSSL gives no memory\n", stderr);
        return EXIT_INTERNAL;
    }
    if (arguments_have(args, "msg"))
        result = check_message_options(args);
    else if (arguments_have(args, "challenge"))
        return usage_error(args->command, "'--challenge' is for '--msg'");
    else
        result = read_options(in);
    if (result == EXIT_FINE)
        result = digest_secret_read(args, &in->secret);
    if (result == EXIT_FINE && arguments_have(args, "msg"))
        result = digest_message_read(in);
    return result;
}

void digest_input_free(struct digest_input *in)
{
    for (size_t i = 0; i < in->count; i++)
        sipv_wipe(&in->cases[i], sizeof in->cases[i]);
    free(in->cases);
    digest_secret_free(&in->secret);
    sipv_hasher_free(in->hasher);
    vet_free(&in->vet);
    vet_free(&in->challenge_vet);
    input_free(&in->body);
    input_free(&in->message);
    input_free(&in->challenge);
    free(in->events);
    free(in->text);
}

/* ---- Computing ---------------------------------------------------------------------------------
 */

/* As it was received, or "" if nothing can be compared. */
static sipv_slice received(const struct digest_case *c)
{
    return c->piece[DIGEST_RESPONSE].text;
}

/* An ACK repeats the credentials of its INVITE (RFC 3261 22.1), and with them its response. */
static void compute_as_invite(struct digest_input *in, struct digest_case *c)
{
    sipv_digest d = c->d;
    sipv_digest_steps steps;
    sipv_digits value;

    d.method = sipv_slice_text("INVITE");
    if (sipv_digest_response(in->hasher, &d, &steps, &value) == SIPV_OK &&
        sipv_digits_equal(&value, received(c))) {
        c->d = d;
        c->steps = steps;
        c->value = value;
        c->right = true;
        c->piece[DIGEST_METHOD].text = d.method;
        c->piece[DIGEST_METHOD].source = "the INVITE that this ACK belongs to";
        c->piece[DIGEST_METHOD].in_message = false;
    }
    sipv_wipe(&steps, sizeof steps);
}

int digest_compute(struct digest_input *in, struct digest_case *c)
{
    const struct arguments *args = in->args;
    bool known = digest_secret_give(&in->secret, in->hasher, c->hashed, &c->d);
    int result;

    if (!known) {
        if (c->reason == SIPV_FINE)
            c->reason = SIPV_USER_UNKNOWN;
        if (c->hashed.p && !in->secret.has_htdigest && !c->d.username.p)
            snprintf(c->why, sizeof c->why, "the name is hashed: --username tells the clear one");
        else if (c->hashed.p && !in->secret.has_htdigest)
            snprintf(c->why, sizeof c->why, "the hashed name is not that of --username");
        return EXIT_FINE;
    }
    if (c->d.ha1.p && c->d.ha1.n != sipv_algorithm_digits(c->d.algorithm))
        return usage_error(args->command, "option '--ha1' takes %u digits with %s",
                           sipv_algorithm_digits(c->d.algorithm),
                           sipv_algorithm_name(c->d.algorithm));
    result = c->rspauth ? sipv_digest_rspauth(in->hasher, &c->d, &c->steps, &c->value)
                        : sipv_digest_response(in->hasher, &c->d, &c->steps, &c->value);
    if (result == SIPV_ABSENT) {
        fprintf(stderr, "sipvet: OpenSSL has not got the hash of %s (MD5 in FIPS mode?)\n",
                sipv_algorithm_name(c->d.algorithm));
        return EXIT_INPUT;
    }
    c->computed = result == SIPV_OK;
    c->right = c->computed && sipv_digits_equal(&c->value, received(c));
    if (c->computed && !c->right && c->header && sipv_slice_is(c->d.method, "ACK"))
        compute_as_invite(in, c);
    if (c->reason != SIPV_FINE || !c->computed || c->right || !received(c).p)
        return EXIT_FINE;
    c->reason = received(c).n != c->value.n ? SIPV_RESPONSE_LENGTH : SIPV_RESPONSE_WRONG;
    return EXIT_FINE;
}
