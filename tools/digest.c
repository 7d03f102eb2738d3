/* digest.c: `sipvet digest calc`, `verify` and `explain`. */
#include "digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const choices_format[] = {"text", "json", "ndjson", NULL};
static const char *const choices_qop[] = {"auth", "auth-int", NULL};

#define INPUTS                                                                                     \
    {"algorithm",                                                                                  \
     0,                                                                                            \
     "NAME",                                                                                       \
     NULL,                                                                                         \
     "MD5, SHA-256, SHA-512-256, or one of these with -sess (default: MD5)",                       \
     false},                                                                                       \
        {"username", 0, "TEXT", NULL, "the user's name, in clear", false},                         \
        {"realm", 0, "TEXT", NULL, "the realm, without quotes", false},                            \
        {"method", 0, "NAME", NULL, "the method of the request", false},                           \
        {"uri", 0, "TEXT", NULL, "the uri parameter of the credentials", false},                   \
        {"nonce", 0, "TEXT", NULL, "the nonce, without quotes", false},                            \
        {"qop", 0, NULL, choices_qop, "quality of protection (default: none, RFC 2069)", false},   \
        {"nc", 0, "DIGITS", NULL, "the nonce count, eight hex digits", false},                     \
        {"cnonce", 0, "TEXT", NULL, "the client's nonce, without quotes", false},                  \
        {"body", 0, "FILE", NULL, "the body, for auth-int (default: empty)", false},               \
        {"userhash", 0, NULL, NULL, "the credentials have the hash of the name", false},           \
    {                                                                                              \
        "rspauth", 0, NULL, NULL, "the server's rspauth in place of the response", false           \
    }

#define SECRETS                                                                                    \
    DIGEST_PASSWORDS,                                                                              \
    {                                                                                              \
        "show-secrets", 0, NULL, NULL, "show passwords and HA1 too", false                         \
    }

#define MESSAGE                                                                                    \
    {"msg", 0, "FILE", NULL, "a SIP request; what is not given here is read there", false},        \
        {"challenge",                                                                              \
         0,                                                                                        \
         "FILE",                                                                                   \
         NULL,                                                                                     \
         "the 401 or 407 that was answered, or the value of its header",                           \
         false},                                                                                   \
    {                                                                                              \
        "response", 0, "DIGITS", NULL, "the response, or rspauth, that was received", false        \
    }

#define FORMAT                                                                                     \
    {"format", 'f', NULL, choices_format, "how the answer is written (default: text)", false},     \
    {                                                                                              \
        NULL, 0, NULL, NULL, NULL, false                                                           \
    }

static const struct option_spec digest_calc_options[] = {INPUTS, SECRETS, FORMAT};
const struct option_spec trace_digest_options[] = {
    {"call-id", 0, "TEXT", NULL, "only credentials of messages with this Call-ID", false},
    {"username", 0, "TEXT", NULL, "the clear name, where the credentials have its hash", false},
    {"realm", 0, "TEXT", NULL, "only credentials for this realm", false},
    SECRETS,
    FORMAT};
static const struct option_spec digest_verify_options[] = {INPUTS, MESSAGE, SECRETS, FORMAT};

static const char *format_of(const struct arguments *args)
{
    return arguments_value(args, "format", "text");
}

static bool is_text(const struct arguments *args)
{
    return strcmp(format_of(args), "text") == 0;
}

static struct json begin_json(const struct arguments *args)
{
    return json_begin_record(strcmp(format_of(args), "json") == 0);
}

/* ---- calc --------------------------------------------------------------------------------------
 */

/* The value of an Authorization header with this response; NULL where that cannot be written. */
static unsigned char *credentials_of(struct digest_input *in, const struct digest_case *c,
                                     const sipv_digits *response, size_t *n)
{
    sipv_credentials_parts parts;
    sipv_digits name;
    unsigned char *text;

    memset(&parts, 0, sizeof parts);
    parts.username = c->d.username;
    if (c->userhash && sipv_digest_userhash(in->hasher, c->d.algorithm, c->d.username, c->d.realm,
                                            &name) == SIPV_OK) {
        parts.username = sipv_digits_slice(&name);
        parts.userhash = true;
    }
    parts.realm = c->d.realm;
    parts.nonce = c->d.nonce;
    parts.uri = c->d.uri;
    parts.response = sipv_digits_slice(response);
    parts.algorithm = c->d.algorithm;
    parts.algorithm_shown = true;
    parts.qop = c->d.qop;
    parts.nc = c->d.nc;
    parts.cnonce = c->d.cnonce;
    if (c->d.qop == SIPV_QOP_NONE && !sipv_algorithm_is_session(c->d.algorithm))
        parts.cnonce = sipv_slice_of(NULL, 0);
    if (sipv_credentials_write(&parts, NULL, 0, n) != SIPV_NO_SPACE)
        return NULL;
    text = need(*n, 1);
    sipv_credentials_write(&parts, text, *n, n);
    return text;
}

static void calc_json(struct digest_input *in, const struct digest_case *c)
{
    struct json j = begin_json(in->args);
    bool secrets = arguments_have(in->args, "show-secrets");
    sipv_digits response = c->value, name = {0, ""};
    unsigned char *credentials = NULL;
    size_t n = 0;

    if (c->rspauth && (!c->piece[DIGEST_METHOD].text.p ||
                       sipv_digest_response(in->hasher, &c->d, NULL, &response) != SIPV_OK))
        response.n = 0;
    if (response.n && c->piece[DIGEST_USERNAME].text.p && c->piece[DIGEST_REALM].text.p)
        credentials = credentials_of(in, c, &response, &n);
    if (c->userhash)
        sipv_digest_userhash(in->hasher, c->d.algorithm, c->d.username, c->d.realm, &name);
    json_object(&j, NULL);
    json_text(&j, "schema", "sipvet.digest/1");
    json_text(&j, "value", c->value.text);
    json_string(&j, "response", sipv_digits_slice(&response));
    json_text(&j, "rspauth", c->rspauth ? c->value.text : NULL);
    digest_inputs_json(c, &j);
    json_string(&j, "userhash", sipv_digits_slice(&name));
    json_text(&j, "ha1", secrets ? c->steps.ha1.text : NULL);
    json_string(&j, "body_hash", sipv_digits_slice(&c->steps.body));
    json_text(&j, "ha2", c->steps.ha2.text);
    json_string(&j, "credentials", sipv_slice_of(credentials, n));
    json_end_object(&j);
    json_end_record(&j);
    free(credentials);
}

static int run_digest_calc(const struct arguments *args)
{
    struct digest_input in;
    int result = digest_input_read(args, &in);

    if (result == EXIT_FINE)
        result = digest_compute(&in, &in.cases[0]);
    if (result == EXIT_FINE && !in.cases[0].computed) {
        fputs("sipvet: the htdigest file has no line for this username, realm and algorithm\n",
              stderr);
        result = EXIT_INPUT;
    }
    if (result == EXIT_FINE && is_text(args))
        out_format("%s\n", in.cases[0].value.text);
    else if (result == EXIT_FINE)
        calc_json(&in, &in.cases[0]);
    digest_input_free(&in);
    return result;
}

static const char digest_calc_description[] =
    "Prints the response of RFC 7616 (RFC 2617, 3261, 8760), or with --rspauth the server's: hex\n"
    "digits and a line end, nothing else. Without --qop it is that of RFC 2069. Options take\n"
    "octets as they enter the hash: without quotes, without backslashes.\n"
    "\n"
    "Without a password option the password is asked for on the terminal. An htdigest file has\n"
    "lines of username:realm:HA1, HA1 of 32 digits for MD5, of 64 for the others.\n"
    "\n"
    "json and ndjson write a record \"sipvet.digest/1\", with the value of an Authorization "
    "header\n"
    "in its member \"credentials\". With --userhash that has H(username:realm) for the name.\n"
    "\n"
    "The exit status is 0, 2 for a wrong command line, 3 for a file that cannot be used.\n";

const struct command command_digest_calc = {
    .name = "digest calc",
    .operands = "",
    .summary = "Computes a digest response",
    .run = run_digest_calc,
    .options = digest_calc_options,
    .description = digest_calc_description,
    .examples =
        "sipvet digest calc --username alice --realm example.com --method REGISTER \\\n"
        "    --uri sip:example.com --nonce 84a4cc6f --qop auth --nc 00000001 --cnonce 0a4f113b \\\n"
        "    --password-file secret\n",
};

/* ---- verify and explain ------------------------------------------------------------------------
 */

/* All that was compared is right. */
static bool all_right(const struct digest_input *in)
{
    for (size_t i = 0; i < in->count; i++)
        if (in->cases[i].piece[DIGEST_RESPONSE].text.p || in->cases[i].header ||
            !in->cases[i].computed)
            if (!digest_verified(&in->cases[i]))
                return false;
    return true;
}

static void verify_json(struct digest_input *in)
{
    struct json j = begin_json(in->args);

    json_object(&j, NULL);
    json_text(&j, "schema", "sipvet.digest-verify/1");
    json_text(&j, "source", arguments_value(in->args, "msg", NULL));
    json_text(&j, "verdict", all_right(in) ? "verified" : "refused");
    json_array(&j, "results");
    for (size_t i = 0; i < in->count; i++) {
        json_object(&j, NULL);
        digest_verdict_json(&in->cases[i], &j);
        digest_inputs_json(&in->cases[i], &j);
        json_end_object(&j);
    }
    json_end_array(&j);
    json_end_object(&j);
    json_end_record(&j);
}

static void explain_json(struct digest_input *in)
{
    struct json j = begin_json(in->args);

    json_object(&j, NULL);
    json_text(&j, "schema", "sipvet.digest-explain/1");
    json_text(&j, "source", arguments_value(in->args, "msg", NULL));
    json_text(&j, "verdict", all_right(in) ? "verified" : "refused");
    json_array(&j, "results");
    for (size_t i = 0; i < in->count; i++)
        digest_explain_json(in, &in->cases[i], &j);
    json_end_array(&j);
    json_end_object(&j);
    json_end_record(&j);
}

static int compute_all(struct digest_input *in)
{
    int result = EXIT_FINE;

    for (size_t i = 0; result == EXIT_FINE && i < in->count; i++)
        result = digest_compute(in, &in->cases[i]);
    return result;
}

static int run_digest_verify(const struct arguments *args)
{
    struct digest_input in;
    int result = digest_input_read(args, &in);

    if (result == EXIT_FINE)
        result = compute_all(&in);
    if (result == EXIT_FINE) {
        for (size_t i = 0; is_text(args) && i < in.count; i++)
            digest_verdict_text(&in, &in.cases[i]);
        if (!is_text(args))
            verify_json(&in);
        result = all_right(&in) ? EXIT_FINE : EXIT_FINDINGS;
    }
    digest_input_free(&in);
    return result;
}

static const char digest_verify_description[] =
    "Checks --response against what is computed of the other options; or with --msg all\n"
    "credentials of a SIP request, Authorization and Proxy-Authorization. --realm chooses among\n"
    "them, and --challenge takes those for its realm if there are any.\n"
    "\n"
    "Credentials are refused too when a parameter is repeated, missing or has not its form,\n"
    "and with --challenge when they do not answer it: other realm, nonce, algorithm, opaque, no\n"
    "qop where it was offered. That uri is not the Request-URI is told, but no failure: a proxy\n"
    "may have changed it (RFC 3261 22.4).\n"
    "An ACK is also taken with the response of its INVITE, which it repeats.\n"
    "\n"
    "If the name in the message is hashed, --username tells the clear one, unless --ha1 or\n"
    "--htdigest is used.\n"
    "\n"
    "The exit status is 0 if all are verified, 1 if not, 2 for a wrong command line, 3 for a\n"
    "file that cannot be used: no SIP request, no credentials.\n";

const struct command command_digest_verify = {
    .name = "digest verify",
    .operands = "",
    .summary = "Checks a digest response",
    .run = run_digest_verify,
    .options = digest_verify_options,
    .description = digest_verify_description,
    .examples = "sipvet digest verify --msg register.sip --challenge 401.sip --password-env PW\n"
                "sipvet digest verify --msg register.sip --htdigest users\n",
};

static int run_digest_explain(const struct arguments *args)
{
    struct digest_input in;
    int result = digest_input_read(args, &in);

    if (result == EXIT_FINE)
        result = compute_all(&in);
    if (result == EXIT_FINE) {
        for (size_t i = 0; is_text(args) && i < in.count; i++) {
            if (i > 0)
                out_char('\n');
            digest_explain_text(&in, &in.cases[i]);
        }
        if (!is_text(args))
            explain_json(&in);
        result = all_right(&in) ? EXIT_FINE : EXIT_FINDINGS;
    }
    digest_input_free(&in);
    return result;
}

static const char digest_explain_description[] =
    "Shows every input with its octets and where it stands, A1, A2, the final string and their\n"
    "hashes; passwords and HA1 only with --show-secrets. Inputs come as with 'digest verify'.\n"
    "\n"
    "If the response does not verify, known mistakes are tried, and the one that gives it is\n"
    "named: the list of qop options hashed, auth for auth-int, LF for CRLF in the body, nc with\n"
    "other digits, the realm with its quotes, another method or URI, and the like. --challenge\n"
    "gives more to try with.\n"
    "\n"
    "The exit status is as that of 'digest verify'.\n";

const struct command command_digest_explain = {
    .name = "digest explain",
    .operands = "",
    .summary = "Shows how a response comes about, and what its sender did wrong",
    .run = run_digest_explain,
    .options = digest_verify_options,
    .description = digest_explain_description,
    .examples = "sipvet digest explain --msg invite.sip --challenge 407.sip --password-env PW\n",
};
