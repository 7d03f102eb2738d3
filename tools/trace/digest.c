/* digest.c: `sipvet trace digest`: which credentials of a capture verify, with the challenges that
 * the capture has. */
#include "../digest.h"
#include "work.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Header values with challenges; the oldest gives way to a new one. */
enum { CHALLENGES = 1024, VALUE_MAX = 8192, USED_MAX = 8 };

struct challenge {
    struct bytes value;
    uint64_t frame;
};

struct checking {
    struct trace_work w;
    sipv_hasher *hasher;
    struct digest_secret secret;
    struct challenge *ring;
    size_t next;
    size_t verified, refused;
    int result; /* of the computations */
};

static void keep_challenges(struct checking *c, const struct trace_message *m)
{
    const sipv_message *sip = &c->w.vet.m;

    for (size_t i = 0; i < sip->n_headers; i++) {
        const sipv_header *h = &sip->headers[i];
        struct challenge *kept = &c->ring[c->next % CHALLENGES];

        if ((h->id != SIPV_H_WWW_AUTHENTICATE && h->id != SIPV_H_PROXY_AUTHENTICATE) ||
            h->value.n > VALUE_MAX)
            continue;
        bytes_set(&kept->value, h->value);
        kept->frame = m->frame;
        c->next++;
    }
}

static bool contains(sipv_slice all, sipv_slice part)
{
    for (size_t i = 0; part.n > 0 && i + part.n <= all.n; i++)
        if (all.p[i] == part.p[0] && memcmp(all.p + i, part.p, part.n) == 0)
            return true;
    return false;
}

/* Challenges that may have this nonce, the newest first.  The frame of that, 0 for none. */
static uint64_t give_challenges(struct checking *c, struct digest_input *in, sipv_slice nonce)
{
    size_t oldest = c->next > CHALLENGES ? c->next - CHALLENGES : 0, used = 0;
    uint64_t frame = 0;

    in->challenge_count = 0;
    for (size_t i = c->next; i-- > oldest && used < USED_MAX;) {
        const struct challenge *kept = &c->ring[i % CHALLENGES];

        if (!contains(bytes_slice(&kept->value), nonce))
            continue;
        used++;
        digest_add_challenges(in, bytes_slice(&kept->value));
        if (frame == 0)
            frame = kept->frame;
    }
    return frame;
}

static void show_text(struct checking *c, struct digest_input *in, const struct digest_case *dc,
                      const struct trace_message *m, uint64_t challenge)
{
    out_visible(sipv_slice_text(m->file));
    out_format("#%" PRIu64 ": ", m->frame);
    out_visible(c->w.vet.m.method);
    out_text(" of ");
    if (dc->piece[DIGEST_USERNAME].text.p)
        out_visible(dc->piece[DIGEST_USERNAME].text);
    else
        out_char('?');
    out_text(" at ");
    if (dc->piece[DIGEST_REALM].text.p)
        out_visible(dc->piece[DIGEST_REALM].text);
    else
        out_char('?');
    if (challenge > 0)
        out_format(", challenge #%" PRIu64 ": ", challenge);
    else
        out_text(", no challenge in the capture: ");
    digest_verdict_text(in, dc);
}

static void show_json(const struct checking *c, const struct digest_case *dc,
                      const struct trace_message *m, uint64_t challenge)
{
    struct json j = work_record(&c->w);

    json_object(&j, NULL);
    json_text(&j, "schema", "sipvet.trace-digest/1");
    work_place_json(&j, m);
    json_string(&j, "call_id", c->w.vet.m.call_id);
    json_number(&j, "challenge_frame", challenge > 0 ? (int64_t)challenge : -1);
    digest_verdict_json(dc, &j);
    digest_inputs_json(dc, &j);
    json_end_object(&j);
    json_end_record(&j);
}

/* An HA1 is one for some algorithms only. */
static bool ha1_fits(const struct checking *c, struct digest_case *dc)
{
    if (!c->secret.ha1 || strlen(c->secret.ha1) == sipv_algorithm_digits(dc->d.algorithm))
        return true;
    if (dc->reason == SIPV_FINE) {
        dc->reason = SIPV_USER_UNKNOWN;
        snprintf(dc->why, sizeof dc->why, "--ha1 is for another algorithm");
    }
    return false;
}

static void check_header(struct checking *c, struct digest_input *in, const sipv_header *h,
                         const struct trace_message *m)
{
    sipv_credentials credentials;
    struct digest_case *dc;
    uint64_t challenge = 0;
    size_t before = in->count;
    int result = EXIT_FINE;

    memset(&credentials, 0, sizeof credentials);
    digest_make_room(in, 2 * h->value.n + USED_MAX * VALUE_MAX);
    in->challenge_count = 0;
    if (sipv_credentials_parse(h->value, &in->room, &credentials) == SIPV_OK)
        challenge = give_challenges(c, in, credentials.nonce);
    digest_credentials_add(in, h);
    if (in->count > before) {
        dc = &in->cases[before];
        if (ha1_fits(c, dc))
            result = digest_compute(in, dc);
        if (result != EXIT_FINE)
            c->result = result;
        *(digest_verified(dc) ? &c->verified : &c->refused) += 1;
        if (work_is_format(&c->w, "text"))
            show_text(c, in, dc, m, challenge);
        else
            show_json(c, dc, m, challenge);
    }
    free(in->events);
    free(in->text);
}

static void check(void *user, const struct trace_message *m)
{
    struct checking *c = user;
    struct digest_input in;

    bool wanted = work_take(&c->w, m);
    if (c->w.vet.m.kind == SIPV_RESPONSE)
        keep_challenges(c, m);
    if (!wanted || c->w.vet.m.kind != SIPV_REQUEST || !c->w.vet.m.method.p)
        return;
    memset(&in, 0, sizeof in);
    in.args = c->w.args;
    in.hasher = c->hasher;
    in.secret = c->secret;
    in.vet = c->w.vet;
    for (size_t i = 0; i < in.vet.m.n_headers; i++)
        if (digest_is_credentials(&in.vet.m.headers[i]))
            check_header(c, &in, &in.vet.m.headers[i], m);
    for (size_t i = 0; i < in.count; i++)
        sipv_wipe(&in.cases[i], sizeof in.cases[i]);
    free(in.cases);
    sipv_wipe(&in.secret, sizeof in.secret);
}

static int run(struct checking *c)
{
    int result = work_read(&c->w);

    if (result == EXIT_FINE)
        result = c->result;
    if (result == EXIT_FINE && c->verified + c->refused == 0) {
        out_flush();
        fputs("sipvet: there are no credentials in the capture\n", stderr);
        c->refused = 1;
    }
    return result;
}

static int run_trace_digest(const struct arguments *args)
{
    struct checking c;
    int result;

    memset(&c, 0, sizeof c);
    work_begin(&c.w, args, check, &c);
    c.w.profile = SIPV_INTEROP; /* whether a message is well-formed is for `trace lint` */
    result = digest_secret_read(args, &c.secret);
    c.hasher = sipv_hasher_new();
    c.ring = need(CHALLENGES, sizeof *c.ring);
    if (result == EXIT_FINE && !c.hasher) {
        fputs("sipvet: OpenSSL gives no memory\n", stderr);
        result = EXIT_INTERNAL;
    }
    if (result == EXIT_FINE)
        result = run(&c);
    result = work_end(&c.w, result, c.refused > 0);
    for (size_t i = 0; i < CHALLENGES; i++)
        bytes_free(&c.ring[i].value);
    free(c.ring);
    digest_secret_free(&c.secret);
    sipv_hasher_free(c.hasher);
    return result;
}

static const char trace_digest_description[] =
    "FILEs are as with 'trace ls'. All Authorization and Proxy-Authorization of requests are\n"
    "checked as 'digest verify' does it, against the challenge of the capture that has their\n"
    "nonce; where there is none, they are checked by themselves. Of an htdigest file each user\n"
    "takes the own line; a password or HA1 is tried for all.\n"
    "\n"
    "json and ndjson write a record \"sipvet.trace-digest/1\" for each. The newest 1024 "
    "challenges\n"
    "are kept.\n"
    "\n"
    "The exit status is 0 if all are verified, 1 if one is not or there are none.\n";

const struct command command_trace_digest = {
    .name = "trace digest",
    .operands = "[FILE]...",
    .summary = "Checks the credentials in a capture",
    .run = run_trace_digest,
    .options = trace_digest_options,
    .max_operands = SIZE_MAX,
    .kind = OPERAND_FILE,
    .description = trace_digest_description,
    .examples = "sipvet trace digest --htdigest users call.pcap\n"
                "sipvet trace digest --realm example.com --password-env PW call.pcap\n",
};
