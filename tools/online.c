/* online.c: see online.h. */
#include "online.h"

#include "input.h"
#include "json.h"
#include "output.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

const char *const online_formats[] = {"text", "json", "ndjson", NULL};

enum { TICK_MS = 250 };

bool online_records(const struct online *l)
{
    return strcmp(arguments_value(l->args, "format", "text"), "text") != 0;
}

bool online_pretty(const struct online *l)
{
    return strcmp(arguments_value(l->args, "format", "text"), "json") == 0;
}

uint64_t online_now(const struct online *l)
{
    return uv_now(&l->loop);
}

void online_random(void *out, size_t n)
{
    if (uv_random(NULL, NULL, out, n, 0, NULL) == 0)
        return;
    fputs("sipvet: the system has no random numbers\n", stderr);
    exit(EXIT_INTERNAL);
}

/* ---- What happens ---------------------------------------------------------------------------- */

static void end_text(const struct hop *hop, char text[TRACE_NAME])
{
    char hostport[HOP_TEXT];

    hop_hostport(hop, hostport);
    snprintf(text, TRACE_NAME, "%s", hostport);
}

static void on_message(void *with, const struct net_event *event)
{
    struct online *l = with;
    const bool sent = event->what == NET_SENT;
    struct trace_message m = {.time_ns = event->time_ns, .data = event->octets};

    if (!sent)
        l->heard = uv_now(&l->loop);
    if (!l->trace)
        return;
    end_text(sent ? &event->local : &event->peer, m.source);
    end_text(sent ? &event->peer : &event->local, m.destination);
    snprintf(m.transport, sizeof m.transport, "%s", hop_transport_name(event->peer.transport));
    trace_writer_add(l->trace, &m);
}

static void on_note(void *with, const struct hop *peer, const char *text)
{
    char hostport[HOP_TEXT];

    (void)with;
    hop_hostport(peer, hostport);
    fprintf(stderr, "sipvet: %s: %s\n", hostport, text);
}

/* ---- Options --------------------------------------------------------------------------------- */

/* "udp:...,tcp:..." */
static int add_addresses(const struct arguments *args, const char *text, struct net_settings *s)
{
    while (*text) {
        const size_t n = strcspn(text, ",");

        if (s->n_listen == NET_LISTENERS)
            return usage_error(args->command, "there are more than %d addresses to listen at",
                               NET_LISTENERS);
        if (hop_of_text(sipv_slice_of(text, n), &s->listen[s->n_listen++]) != SIPV_OK)
            return usage_error(args->command, "'%.*s' is no address such as udp:127.0.0.1:5060",
                               (int)n, text);
        text += n + (text[n] == ',');
    }
    return EXIT_FINE;
}

static int read_addresses(const struct arguments *args, const char *otherwise,
                          struct net_settings *s)
{
    for (size_t i = 0; i < args->given_count; i++) {
        const struct given_option *given = &args->given[i];
        int result = EXIT_FINE;

        if (given->spec->name && strcmp(given->spec->name, "listen") == 0)
            result = add_addresses(args, given->value, s);
        if (result != EXIT_FINE)
            return result;
    }
    return s->n_listen > 0 ? EXIT_FINE : add_addresses(args, otherwise, s);
}

static int read_options(const struct arguments *args, const char *otherwise, struct net_settings *s)
{
    const char *keep_alive = arguments_value(args, "keep-alive", "0");
    uint64_t seconds;

    s->name = arguments_value(args, "name", NULL);
    s->anywhere = arguments_have(args, "anywhere") || arguments_have(args, "i-may-test-this-host");
    s->tls.certificate = arguments_value(args, "certificate", NULL);
    s->tls.key = arguments_value(args, "key", NULL);
    s->tls.self_signed = arguments_have(args, "self-signed");
    s->tls.authorities = arguments_value(args, "authorities", NULL);
    s->tls.unverified = arguments_have(args, "insecure");
    s->tls.mutual = arguments_have(args, "mutual");
    if (sipv_number(sipv_slice_text(keep_alive), 86400, &seconds) != SIPV_OK)
        return usage_error(args->command, "option '--keep-alive' takes seconds, not '%s'",
                           keep_alive);
    s->keep_alive_ms = (uint32_t)seconds * 1000;
    return read_addresses(args, otherwise, s);
}

/* ---- Signals and time ------------------------------------------------------------------------ */

void online_end(struct online *l, int status)
{
    l->ended = true;
    l->status = status;
    uv_stop(&l->loop);
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct online *l = handle->data;

    (void)number;
    l->asked_at = uv_now(&l->loop);
    if (++l->asked > 1 || !l->stop)
        online_end(l, EXIT_FINE);
    else
        l->stop(l->with, uv_now(&l->loop));
}

static void on_tick(uv_timer_t *timer)
{
    struct online *l = timer->data;
    const uint64_t now = uv_now(&l->loop);

    if (l->asked > 0 && now - l->asked_at >= l->grace_ms)
        online_end(l, EXIT_FINE);
    if (l->timed && input_timeout_s > 0 && now - l->heard >= (uint64_t)input_timeout_s * 1000) {
        fprintf(stderr, "sipvet: nothing has come in for %u s\n", input_timeout_s);
        online_end(l, EXIT_NETWORK);
    }
}

static void watch(struct online *l)
{
    static const int numbers[] = {SIGINT, SIGTERM};

    for (size_t i = 0; i < 2; i++) {
        uv_signal_init(&l->loop, &l->signals[i]);
        l->signals[i].data = l;
        uv_signal_start(&l->signals[i], on_signal, numbers[i]);
    }
    uv_timer_init(&l->loop, &l->timer);
    l->timer.data = l;
    uv_timer_start(&l->timer, on_tick, TICK_MS, TICK_MS);
    l->heard = uv_now(&l->loop);
}

/* ---- Beginning and end ----------------------------------------------------------------------- */

int online_open(struct online *l, const struct arguments *args, const char *otherwise)
{
    struct net_settings settings = net_settings_default();
    const char *trace = arguments_value(args, "trace", NULL);
    char problem[NET_PROBLEM];
    int result;

    memset(l, 0, sizeof *l);
    l->args = args;
    uv_loop_init(&l->loop);
    watch(l);
    settings.tap = on_message;
    settings.note = on_note;
    settings.with = l;
    result = read_options(args, otherwise, &settings);
    if (result != EXIT_FINE)
        return result;
    if (trace && !(l->trace = trace_writer_open(trace)))
        return EXIT_INTERNAL;
    if (net_open(&l->net, &l->loop, &settings, problem) != SIPV_OK) {
        fprintf(stderr, "sipvet: %s\n", *problem ? problem : "the network cannot be opened");
        return EXIT_NETWORK;
    }
    l->network = net_network(l->net);
    return EXIT_FINE;
}

static void listener_text(const struct hop *hop, char text[HOP_TEXT + 8])
{
    static const char *const names[] = {"udp", "tcp", "tls"};
    char hostport[HOP_TEXT];

    hop_hostport(hop, hostport);
    snprintf(text, HOP_TEXT + 8, "%s:%s", names[hop->transport], hostport);
}

static void announce_record(const struct online *l)
{
    struct json j = json_begin_record(online_pretty(l));
    char text[HOP_TEXT + 8];
    struct hop hop;

    json_object(&j, NULL);
    json_text(&j, "schema", "sipvet.listening/1");
    json_array(&j, "addresses");
    for (size_t i = 0; net_listening(l->net, i, &hop) == SIPV_OK; i++) {
        listener_text(&hop, text);
        json_text(&j, NULL, text);
    }
    json_end_array(&j);
    json_end_object(&j);
    json_end_record(&j);
}

void online_announce(const struct online *l)
{
    char text[HOP_TEXT + 8];
    struct hop hop;

    if (online_records(l)) {
        announce_record(l);
    } else {
        out_text("listening");
        for (size_t i = 0; net_listening(l->net, i, &hop) == SIPV_OK; i++) {
            listener_text(&hop, text);
            out_format(" %s", text);
        }
        out_char('\n');
    }
    out_flush();
}

int online_run(struct online *l)
{
    if (!l->ended)
        uv_run(&l->loop, UV_RUN_DEFAULT);
    return l->status;
}

int online_close(struct online *l, int status)
{
    net_close(l->net);
    for (size_t i = 0; i < 2; i++)
        uv_close((uv_handle_t *)&l->signals[i], NULL);
    uv_close((uv_handle_t *)&l->timer, NULL);
    while (uv_run(&l->loop, UV_RUN_DEFAULT) != 0) /* online_end() may have stopped it before */
        ;
    uv_loop_close(&l->loop);
    if (trace_writer_close(l->trace) != EXIT_FINE)
        return EXIT_INTERNAL;
    return status;
}
