/* serve.c: `sipvet registrar` and `sipvet proxy`: the proxy core on sockets, with users, guards and
 * a registrar as the options say. */
#include "input.h"
#include "online.h"
#include "output.h"
#include "users.h"

#include "harness/proxy.h"

#include <stdlib.h>
#include <string.h>

#define SERVE_OPTIONS                                                                              \
    ONLINE_OPTIONS, {"domain", 0, "HOST", NULL, "the domain whose users register here", false},    \
        {"users", 0, "FILE", NULL, "ask for credentials; lines NAME:REALM:HA1 or NAME:PASSWORD",   \
         false},                                                                                   \
        {"realm", 0, "TEXT", NULL, "realm of the challenges (default: the domain)", false},        \
        {"qop", 0, "QOP,...", NULL, "auth, auth-int, or none (default: auth)", false},             \
    {                                                                                              \
        "algorithm", 0, "NAME,...", NULL,                                                          \
            "MD5, SHA-256 ... (default: SHA-256 and MD5, as far as FILE has them)", false          \
    }

static const struct option_spec registrar_options[] = {
    SERVE_OPTIONS,
    {NULL, 0, NULL, NULL, NULL, false},
};

static const struct option_spec proxy_options[] = {
    SERVE_OPTIONS,
    {"next", 0, "URI", NULL, "send what is not for the domain there", false},
    {"record-route", 0, NULL, NULL, "stay on the way of later requests", false},
    {"stateless", 0, NULL, NULL, "keep no state (RFC 3261 section 16.11)", false},
    {NULL, 0, NULL, NULL, NULL, false},
};

/* Time for a CANCEL to be answered. */
enum { GRACE_MS = 500 };

struct server {
    struct online online;
    struct proxy proxy;
    struct registrar registrar;
    struct guard guards[2]; /* of REGISTER, of other requests */
    struct users users;
    char domain[REGISTRAR_DOMAIN + 1];
    const char *domains[1];
    unsigned algorithms, qops;
    bool has_proxy, has_registrar, has_guards, has_users;
};

/* ---- Options --------------------------------------------------------------------------------- */

/* "auth,auth-int" */
static bool read_qops(const char *text, unsigned *set)
{
    for (*set = 0; *text;) {
        const size_t n = strcspn(text, ",");
        const sipv_slice word = sipv_slice_of(text, n);
        const sipv_qop qop = sipv_slice_is(word, "none") ? SIPV_QOP_NONE : sipv_qop_find(word);

        if (n == 0 || qop == SIPV_QOP_OTHER)
            return false;
        *set |= SIPV_BIT(qop);
        text += n + (text[n] == ',');
    }
    return *set == SIPV_BIT(SIPV_QOP_NONE) || (*set & SIPV_BIT(SIPV_QOP_NONE)) == 0;
}

static bool read_algorithms(const char *text, unsigned *set)
{
    for (*set = 0; *text;) {
        const size_t n = strcspn(text, ",");
        const sipv_algorithm algorithm = sipv_algorithm_find(sipv_slice_of(text, n));

        if (n == 0 || algorithm >= SIPV_ALGORITHM_COUNT)
            return false;
        *set |= SIPV_BIT(algorithm);
        text += n + (text[n] == ',');
    }
    return *set != 0;
}

/* The host of what we listen at, if no domain is given. */
static int read_domain(struct server *s)
{
    const struct arguments *args = s->online.args;
    const char *domain = arguments_value(args, "domain", NULL);
    struct hop hop = {HOP_UDP, "", 0};

    net_listening(s->online.net, 0, &hop);
    if (!domain)
        domain = hop.host;
    if (strlen(domain) > REGISTRAR_DOMAIN || !*domain)
        return usage_error(args->command, "'%s' is no domain", domain);
    snprintf(s->domain, sizeof s->domain, strchr(domain, ':') ? "[%s]" : "%s", domain);
    s->domains[0] = s->domain;
    return EXIT_FINE;
}

static int read_users(struct server *s)
{
    const struct arguments *args = s->online.args;
    const char *file = arguments_value(args, "users", NULL);
    const char *realm = arguments_value(args, "realm", s->domain);
    const char *qop = arguments_value(args, "qop", "auth");
    const char *algorithm = arguments_value(args, "algorithm", NULL);
    int result;

    if (!read_qops(qop, &s->qops))
        return usage_error(args->command,
                           "option '--qop' takes auth, auth-int, both, or none, not '%s'", qop);
    if (algorithm && !read_algorithms(algorithm, &s->algorithms))
        return usage_error(args->command, "option '--algorithm' takes MD5, SHA-256 ..., not '%s'",
                           algorithm);
    if (!file)
        return EXIT_FINE;
    result = users_read(file, realm, &s->users);
    s->has_users = result == EXIT_FINE;
    if (s->has_users && !algorithm)
        s->algorithms = users_algorithms(&s->users);
    return result;
}

static int no_memory(void)
{
    fputs("sipvet: no memory\n", stderr);
    return EXIT_INTERNAL;
}

/* ---- The element ----------------------------------------------------------------------------- */

static bool open_registrar(struct server *s)
{
    struct registrar_settings settings = registrar_settings_default();

    settings.domain = s->domain;
    online_random(settings.seed, sizeof settings.seed);
    s->has_registrar = registrar_open(&s->registrar, &settings) == SIPV_OK;
    return s->has_registrar;
}

static bool open_guard(struct server *s, size_t i)
{
    struct guard_settings settings = guard_settings_default();

    settings.place = i == 0 ? GUARD_SERVER : GUARD_PROXY;
    settings.realm = arguments_value(s->online.args, "realm", s->domain);
    settings.algorithms = s->algorithms;
    settings.qops = s->qops;
    settings.lookup = users_find;
    settings.permits = i == 0 ? guard_permits_own : NULL;
    settings.with = &s->users;
    online_random(settings.seed, sizeof settings.seed);
    return guard_open(&s->guards[i], &settings) == SIPV_OK;
}

static bool open_guards(struct server *s)
{
    if (!s->has_users)
        return true;
    s->has_guards = open_guard(s, 0);
    if (s->has_guards && !open_guard(s, 1)) {
        guard_close(&s->guards[0]);
        s->has_guards = false;
    }
    return s->has_guards;
}

static int open_proxy(struct server *s, bool forwards)
{
    struct proxy_settings settings = proxy_settings_default();
    const struct arguments *args = s->online.args;
    const char *next = forwards ? arguments_value(args, "next", NULL) : NULL;
    struct hop hop;

    settings.domains = s->domains;
    settings.n_domains = 1;
    settings.registrar = &s->registrar;
    if (s->has_users) {
        settings.exists = users_exists;
        settings.with = &s->users;
        settings.register_guard = &s->guards[0];
        settings.request_guard = forwards ? &s->guards[1] : NULL;
    }
    if (next && hop_of_uri(sipv_slice_text(next), &hop) != SIPV_OK)
        return usage_error(args->command, "'%s' is no SIP URI", next);
    settings.next = next;
    settings.record_route = forwards && arguments_have(args, "record-route");
    settings.stateless = forwards && arguments_have(args, "stateless");
    online_random(settings.seed, sizeof settings.seed);
    online_random(settings.transactions.seed, sizeof settings.transactions.seed);
    s->has_proxy = proxy_open(&s->proxy, &settings, &s->online.network) == SIPV_OK;
    return s->has_proxy ? EXIT_FINE : no_memory();
}

static int server_open(struct server *s, const struct arguments *args, bool forwards)
{
    int result = online_open(&s->online, args, "udp:127.0.0.1:5060");

    if (result == EXIT_FINE)
        result = read_domain(s);
    if (result == EXIT_FINE)
        result = read_users(s);
    if (result == EXIT_FINE && (!open_registrar(s) || !open_guards(s)))
        result = no_memory();
    return result == EXIT_FINE ? open_proxy(s, forwards) : result;
}

static void server_close(struct server *s)
{
    if (s->has_proxy)
        proxy_close(&s->proxy);
    if (s->has_guards) {
        guard_close(&s->guards[0]);
        guard_close(&s->guards[1]);
    }
    if (s->has_registrar)
        registrar_close(&s->registrar);
    if (s->has_users)
        users_free(&s->users);
}

/* What is open gets an answer, and those who are asked for it a CANCEL. */
static void on_stop(void *with, uint64_t now)
{
    struct server *s = with;
    const bool open = proxy_unanswered(&s->proxy) > 0;

    proxy_stop(&s->proxy, now);
    if (!open)
        online_end(&s->online, EXIT_FINE);
}

static int serve(const struct arguments *args, bool forwards)
{
    struct server *s = need(1, sizeof *s);
    struct element element;
    int result;

    memset(s, 0, sizeof *s);
    result = server_open(s, args, forwards);
    if (result == EXIT_FINE) {
        element = proxy_element(&s->proxy);
        net_attach(s->online.net, &element);
        s->online.timed = true;
        s->online.stop = on_stop;
        s->online.with = s;
        s->online.grace_ms = GRACE_MS;
        online_announce(&s->online);
        result = online_run(&s->online);
    }
    result = online_close(&s->online, result);
    server_close(s);
    sipv_wipe(s, sizeof *s);
    free(s);
    return result;
}

static int run_registrar(const struct arguments *args)
{
    return serve(args, false);
}

static const char registrar_description[] =
    "A registrar for one domain, over UDP, TCP and TLS: it takes REGISTER requests, with --users\n"
    "from users who know their password, and sends other requests for its users to where they\n"
    "are registered. Nothing is kept when it ends.\n"
    "\n"
    "The first line on standard output names the addresses: \"listening udp:127.0.0.1:5060\n"
    "tcp:127.0.0.1:5060\", or with -f json a record \"sipvet.listening/1\". Who listens on UDP\n"
    "does so on TCP at the same port. The default is udp:127.0.0.1:5060; the domain is by\n"
    "default the host of the first address. Only loopback addresses are bound and sent to,\n"
    "unless --anywhere is given.\n"
    "\n"
    "A line of FILE is NAME:REALM:HA1, as htdigest writes them (of MD5 or SHA-256), or\n"
    "NAME:PASSWORD. A user may register the own address only.\n"
    "\n"
    "It runs until SIGINT or SIGTERM, and the exit status is 0 then. It is 4 if an address\n"
    "cannot be opened, or if nothing has come in for --timeout.\n";

const struct command command_registrar = {
    .name = "registrar",
    .operands = "",
    .summary = "Registers users and sends their calls to them",
    .run = run_registrar,
    .options = registrar_options,
    .description = registrar_description,
    .examples =
        "sipvet registrar --domain example.com --users users.txt --qop auth,auth-int\n"
        "sipvet registrar --listen udp:127.0.0.1:0,tls:127.0.0.1:0 --self-signed --trace r.pcap\n",
};

static int run_proxy(const struct arguments *args)
{
    return serve(args, true);
}

static const char proxy_description[] =
    "A proxy as RFC 3261 section 16 has it, over UDP, TCP and TLS: stateful, or with\n"
    "--stateless without state. It is the registrar of its domain too, as 'sipvet registrar'.\n"
    "Other requests go to where their Route or Request-URI says, with --next to that URI.\n"
    "\n"
    "With --users it asks for credentials (407) of requests from users of its domain, or to\n"
    "elsewhere, as far as they are not within a dialog.\n"
    "\n"
    "Addresses, FILE, exit status: as with 'sipvet registrar'.\n";

const struct command command_proxy = {
    .name = "proxy",
    .operands = "",
    .summary = "Forwards SIP requests",
    .run = run_proxy,
    .options = proxy_options,
    .description = proxy_description,
    .examples = "sipvet proxy --record-route --trace proxy.ndjson\n"
                "sipvet proxy --listen udp:127.0.0.1:5070 --next 'sip:127.0.0.1:5060;lr'\n",
};
