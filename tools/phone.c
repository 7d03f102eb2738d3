/* phone.c: see phone.h. */
#include "phone.h"

#include "json.h"
#include "output.h"
#include "sdp_vet.h"

#include <stdlib.h>
#include <string.h>

const char *const phone_qops[] = {"auth", "auth-int", NULL};

/* ---- What is said ---------------------------------------------------------------------------- */

/* The reason phrase of a response. */
static sipv_slice reason_of(sipv_slice message)
{
    const unsigned char *end = message.n > 0 ? memchr(message.p, '\r', message.n) : NULL;
    const sipv_slice none = {NULL, 0};
    const size_t before = strlen("SIP/2.0 200 ");

    if (!end || (size_t)(end - message.p) < before ||
        !sipv_slice_is(sipv_slice_of(message.p, 4), "SIP/"))
        return none;
    return sipv_slice_of(message.p + before, (size_t)(end - message.p) - before);
}

static void say_record(const struct phone *p, const char *event, ua_call_id call, int status,
                       sipv_slice message)
{
    struct json j = json_begin_record(online_pretty(&p->online));

    json_object(&j, NULL);
    json_text(&j, "schema", "sipvet.ua/1");
    json_text(&j, "event", event);
    json_number(&j, "call", call ? (int64_t)(call & UINT32_MAX) : -1);
    json_number(&j, "status", status ? status : -1);
    json_string(&j, "reason", reason_of(message));
    json_string(&j, "message", message);
    json_end_object(&j);
    json_end_record(&j);
}

void phone_say(const struct phone *p, const char *event, ua_call_id call, int status,
               sipv_slice message)
{
    if (online_records(&p->online)) {
        say_record(p, event, call, status, message);
    } else {
        out_text(event);
        if (status)
            out_format(" %d ", status);
        if (status && message.p)
            out_visible(reason_of(message));
        else if (status)
            out_text("(no answer)");
        out_char('\n');
    }
    out_flush();
}

int phone_status(int status, sipv_slice message)
{
    if (status >= 200 && status < 300)
        return EXIT_FINE;
    return message.p ? EXIT_FINDINGS : EXIT_NETWORK;
}

/* ---- Session descriptions -------------------------------------------------------------------- */

/* One line of audio. */
static sipv_slice offer(struct phone *p, const struct hop *self)
{
    char text[1024];

    snprintf(text, sizeof text,
             "v=0\r\no=- 1 1 IN %s %s\r\ns=-\r\nc=IN %s %s\r\nt=0 0\r\n"
             "m=audio 49170 RTP/AVP 0 8\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n",
             strchr(self->host, ':') ? "IP6" : "IP4", self->host,
             strchr(self->host, ':') ? "IP6" : "IP4", self->host);
    bytes_set(&p->told, sipv_slice_text(text));
    return bytes_slice(&p->told);
}

/* Absent if the offer cannot be answered. */
static sipv_slice answer(struct phone *p, const struct hop *self, sipv_slice text)
{
    const sipv_sdp_capabilities local = {
        .address = sipv_slice_text(self->host), .sess_id = 1, .sess_version = 1};
    struct sdp_vet v = {.cap_lines = 0};
    sipv_slice made = {NULL, 0};
    size_t n = 0;

    sdp_vet_parse(&v, text, SIPV_INTEROP);
    if (sipv_sdp_answer(&v.s, &local, NULL, 0, &n) == SIPV_NO_SPACE) {
        unsigned char *out = need(n, 1);

        if (sipv_sdp_answer(&v.s, &local, out, n, &n) == SIPV_OK) {
            bytes_set(&p->told, sipv_slice_of(out, n));
            made = bytes_slice(&p->told);
        }
        free(out);
    }
    sdp_vet_free(&v);
    return made;
}

sipv_slice phone_sdp(struct phone *p, sipv_slice offered)
{
    struct hop self = {HOP_UDP, "127.0.0.1", 0};

    if (p->has_sdp)
        return sipv_slice_of(p->sdp.data, p->sdp.n);
    net_listening(p->online.net, 0, &self);
    return offered.p ? answer(p, &self, offered) : offer(p, &self);
}

/* ---- Calls ----------------------------------------------------------------------------------- */

struct phone_call *phone_call_of(struct phone *p, ua_call_id id)
{
    for (size_t i = 0; i < PHONE_CALLS; i++) {
        if (p->calls[i].id != id)
            continue;
        if (id == 0)
            p->calls[i].answer_at = p->calls[i].hang_up_at = UINT64_MAX;
        return &p->calls[i];
    }
    return NULL;
}

void phone_forget(struct phone_call *call)
{
    bytes_free(&call->sdp);
    memset(call, 0, sizeof *call);
}

/* ---- Options --------------------------------------------------------------------------------- */

bool phone_ms(const struct arguments *args, const char *name, const char *otherwise, uint64_t *ms)
{
    const char *text = arguments_value(args, name, otherwise);
    const size_t whole = strcspn(text, "."), n = strlen(text);
    uint64_t seconds, part = 0, scale = 100;

    if (sipv_number(sipv_slice_of(text, whole), 1000000, &seconds) != SIPV_OK) {
        usage_error(args->command, "option '--%s' takes seconds, not '%s'", name, text);
        return false;
    }
    for (size_t i = whole + 1; i < n; i++, scale /= 10) {
        if (text[i] < '0' || text[i] > '9') {
            usage_error(args->command, "option '--%s' takes seconds, not '%s'", name, text);
            return false;
        }
        part += (uint64_t)(text[i] - '0') * scale;
    }
    *ms = seconds * 1000 + part;
    return true;
}

static int read_headers(struct phone *p)
{
    const struct arguments *args = p->online.args;

    for (size_t i = 0; i < args->given_count; i++) {
        const struct given_option *given = &args->given[i];

        if (!given->spec->name || strcmp(given->spec->name, "header") != 0)
            continue;
        if (strpbrk(given->value, "\r\n") || !strchr(given->value, ':'))
            return usage_error(args->command, "'%s' is no header field such as 'Subject: x'",
                               given->value);
        bytes_text(&p->lines, given->value);
        bytes_text(&p->lines, "\r\n");
    }
    bytes_add(&p->lines, "", 1);
    return EXIT_FINE;
}

static int read_files(struct phone *p)
{
    static const char *const secrets[] = {"password-file", "password-env", "password", "ha1"};
    const struct arguments *args = p->online.args;
    const char *sdp = arguments_value(args, "sdp", NULL);
    int result = EXIT_FINE;

    if (sdp)
        result = input_read(sdp, &p->sdp);
    p->has_sdp = sdp && result == EXIT_FINE;
    for (size_t i = 0; result == EXIT_FINE && i < 4 && !p->has_secret; i++) {
        if (!arguments_have(args, secrets[i]))
            continue;
        result = digest_secret_read(args, &p->secret);
        p->has_secret = result == EXIT_FINE;
    }
    return result == EXIT_FINE ? read_headers(p) : result;
}

/* Where to listen, if nothing is said: as the target wants it. */
static const char *listen_at(const struct arguments *args, const char *target)
{
    const char *next = arguments_value(args, "next", target);
    struct hop hop = {HOP_UDP, "", 0};
    const bool known = next && hop_of_uri(sipv_slice_text(next), &hop) == SIPV_OK;
    const bool ipv6 = strchr(hop.host, ':') != NULL;

    if (known && hop.transport == HOP_TLS)
        return ipv6 ? "udp:[::1]:0,tls:[::1]:0" : "udp:127.0.0.1:0,tls:127.0.0.1:0";
    return ipv6 ? "udp:[::1]:0" : "udp:127.0.0.1:0";
}

/* ---- The user agent -------------------------------------------------------------------------- */

void phone_take(struct phone *p)
{
    struct ua_event event;

    while (ua_next(&p->ua, &event))
        p->event(p, online_now(&p->online), &event);
}

static void on_told(void *with, uint64_t now)
{
    (void)now;
    phone_take(with);
}

static void on_tick(uv_timer_t *timer)
{
    struct phone *p = timer->data;

    if (p->time)
        p->time(p, uv_now(&p->online.loop));
    phone_take(p);
}

static void make_aor(struct phone *p)
{
    const char *as = arguments_value(p->online.args, "as", NULL);
    struct hop self = {HOP_UDP, "127.0.0.1", 0};
    char hostport[HOP_TEXT];

    net_listening(p->online.net, 0, &self);
    hop_hostport(&self, hostport);
    if (as)
        snprintf(p->aor, sizeof p->aor, "%.*s", UA_NAME, as);
    else
        snprintf(p->aor, sizeof p->aor, "sip:sipvet@%.*s", UA_NAME - 16, hostport);
}

static int open_ua(struct phone *p)
{
    const struct arguments *args = p->online.args;
    struct ua_settings settings = ua_settings_default();
    struct element element;
    int result;

    make_aor(p);
    settings.aor = p->aor;
    settings.username = arguments_value(args, "username", NULL);
    settings.password = p->has_secret ? (const char *)p->secret.password : NULL;
    settings.ha1 = p->has_secret ? p->secret.ha1 : NULL;
    settings.route = arguments_value(args, "route", NULL);
    settings.next = arguments_value(args, "next", NULL);
    settings.digest.prefer_integrity =
        strcmp(arguments_value(args, "qop", "auth"), "auth-int") == 0;
    settings.profile = SIPV_INTEROP;
    settings.told = on_told;
    settings.with = p;
    online_random(settings.seed, sizeof settings.seed);
    online_random(settings.transactions.seed, sizeof settings.transactions.seed);
    result = ua_open(&p->ua, &settings, &p->online.network);
    if (result == SIPV_BAD_ARGUMENT)
        return usage_error(args->command, "--as, --next, --route, --username or a password is not "
                                          "what it should be");
    if (result != SIPV_OK)
        return EXIT_INTERNAL;
    p->has_ua = true;
    element = ua_element(&p->ua);
    net_attach(p->online.net, &element);
    return EXIT_FINE;
}

/* A password of the terminal or a file has no NUL at its end. */
static int terminate_password(struct phone *p)
{
    struct digest_secret *s = &p->secret;
    unsigned char *text;

    if (!p->has_secret || !s->password)
        return EXIT_FINE;
    if (memchr(s->password, 0, s->n))
        return usage_error(p->online.args->command, "the password has a NUL in it");
    text = need(s->n + 1, 1);
    memcpy(text, s->password, s->n);
    text[s->n] = '\0';
    sipv_wipe(s->password, s->n);
    free(s->password);
    s->password = text;
    return EXIT_FINE;
}

int phone_open(struct phone *p, const struct arguments *args, const char *target)
{
    int result = online_open(&p->online, args, listen_at(args, target));

    if (result == EXIT_FINE)
        result = read_files(p);
    if (result == EXIT_FINE)
        result = terminate_password(p);
    if (result == EXIT_FINE)
        result = open_ua(p);
    if (result != EXIT_FINE)
        return result;
    p->online.timed = true;
    p->online.grace_ms = 3000;
    p->online.with = p;
    uv_timer_init(&p->online.loop, &p->tick);
    p->tick.data = p;
    p->has_tick = true;
    uv_timer_start(&p->tick, on_tick, PHONE_TICK_MS, PHONE_TICK_MS);
    online_announce(&p->online);
    return EXIT_FINE;
}

int phone_run(struct phone *p)
{
    phone_take(p);
    return online_run(&p->online);
}

int phone_close(struct phone *p, int status)
{
    if (p->has_tick)
        uv_close((uv_handle_t *)&p->tick, NULL);
    status = online_close(&p->online, status);
    if (p->has_ua)
        ua_close(&p->ua);
    if (p->has_secret)
        digest_secret_free(&p->secret);
    if (p->has_sdp)
        input_free(&p->sdp);
    for (size_t i = 0; i < PHONE_CALLS; i++)
        phone_forget(&p->calls[i]);
    bytes_free(&p->lines);
    bytes_free(&p->told);
    return status;
}
