/* digest_audit.c: `sipvet digest audit`: the audit of harness/audit.h over sockets. */
#include "digest.h"
#include "online.h"
#include "output.h"

#include "harness/audit.h"

#include <stdio.h>
#include <string.h>

enum { URI = AUDIT_NAME + 1, NOTE = 200 };

static const struct option_spec digest_audit_options[] = {
    {"target", 0, "ADDRESS", NULL, "whom to ask: udp:127.0.0.1:5060, tcp:..., tls:...", false},
    {"username", 0, "TEXT", NULL, "the user's name", false},
    DIGEST_PASSWORDS,
    {"uri", 0, "URI", NULL, "Request-URI (default: sip: and the host of the target)", false},
    {"aor", 0, "URI", NULL, "From and To (default: the user at the host of --uri)", false},
    {"method", 0, "NAME", NULL, "method of the requests (default: REGISTER)", false},
    {"i-may-test-this-host", 0, NULL, NULL, "the target may be another host than this one", false},
    {"listen", 0, "ADDRESS", NULL, "own address (default: udp:127.0.0.1:0 or udp:[::1]:0)", false},
    {"authorities", 0, "FILE", NULL, "whom to trust, PEM (default: as the system does)", false},
    {"insecure", 0, NULL, NULL, "take any certificate of a server", false},
    {"trace", 0, "FILE", NULL, "write all messages to FILE, .pcap or ndjson", false},
    {"format", 'f', NULL, online_formats, "how the answer is written (default: text)", false},
    {NULL, 0, NULL, NULL, NULL, false},
};

struct digest_audit {
    const struct arguments *args;
    struct online online;
    struct digest_secret secret;
    sipv_hasher *hasher;
    struct audit audit;
    struct audit_settings settings;
    char uri[URI], aor[URI];
};

/* ---- Options --------------------------------------------------------------------------------- */

/* The host of a URI as written, "" if it has none. */
static sipv_slice host_of(const char *uri, sipv_event events[64])
{
    sipv_uri parts;

    if (sipv_uri_parse(sipv_slice_text(uri), false, events, 64, &parts, NULL) != SIPV_OK)
        return sipv_slice_of("", 0);
    return parts.host;
}

static int read_uris(struct digest_audit *a)
{
    const struct arguments *args = a->args;
    const bool ipv6 = strchr(a->settings.target.host, ':') != NULL;
    const char *uri = arguments_value(args, "uri", NULL);
    const char *aor = arguments_value(args, "aor", NULL);
    sipv_event events[64];
    sipv_slice host;
    int n;

    n = uri ? snprintf(a->uri, URI, "%s", uri)
            : snprintf(a->uri, URI, ipv6 ? "sip:[%s]" : "sip:%s", a->settings.target.host);
    host = host_of(a->uri, events);
    if (n >= URI || host.n == 0)
        return usage_error(args->command, "'%s' is no SIP URI", uri ? uri : a->uri);
    n = aor ? snprintf(a->aor, URI, "%s", aor)
            : snprintf(a->aor, URI, "sip:%s@%.*s", a->settings.username, (int)host.n,
                       (const char *)host.p);
    if (n >= URI || host_of(a->aor, events).n == 0)
        return usage_error(args->command,
                           aor ? "'%s' is no SIP URI" : "'%s' is no SIP URI: --aor is needed",
                           a->aor);
    a->settings.uri = a->uri;
    a->settings.aor = a->aor;
    return EXIT_FINE;
}

static int read_target(struct digest_audit *a)
{
    const struct arguments *args = a->args;
    const char *target = arguments_value(args, "target", NULL);

    a->settings.username = arguments_value(args, "username", NULL);
    a->settings.method = arguments_value(args, "method", "REGISTER");
    if (!target || !a->settings.username)
        return usage_error(args->command, "option '%s' is needed",
                           target ? "--username" : "--target");
    if (hop_of_text(sipv_slice_text(target), &a->settings.target) != SIPV_OK)
        return usage_error(args->command, "'%s' is no address as udp:127.0.0.1:5060", target);
    if (arguments_have(args, "i-may-test-this-host") && !arguments_value(args, "listen", NULL))
        return usage_error(args->command,
                           "--i-may-test-this-host wants --listen with an own address");
    return read_uris(a);
}

/* ---- Running --------------------------------------------------------------------------------- */

static bool give(void *with, sipv_digest *d)
{
    struct digest_audit *a = with;

    return digest_secret_give(&a->secret, a->hasher, sipv_slice_of(NULL, 0), d);
}

static void done(void *with, uint64_t now)
{
    struct digest_audit *a = with;

    (void)now;
    online_end(&a->online, EXIT_FINE);
}

static int begin(struct digest_audit *a)
{
    const struct hop *target = &a->settings.target;
    struct element element;
    int result;

    a->settings.secret = give;
    a->settings.done = done;
    a->settings.with = a;
    online_random(a->settings.seed, sizeof a->settings.seed);
    result = audit_open(&a->audit, &a->settings, &a->online.network);
    if (result == SIPV_BAD_ARGUMENT)
        return usage_error(a->args->command, "requests of method '%s' cannot be sent",
                           a->settings.method);
    if (result != SIPV_OK)
        return EXIT_INTERNAL;
    element = audit_element(&a->audit);
    net_attach(a->online.net, &element);
    result = audit_begin(&a->audit, online_now(&a->online));
    if (result == SIPV_BAD_ARGUMENT)
        return usage_error(a->args->command, "no request can be made of '%s' and '%s'",
                           a->settings.uri, a->settings.aor);
    if (result == SIPV_OK)
        return EXIT_FINE;
    fprintf(stderr, "sipvet: %s: there is no way to get there%s\n", target->host,
            arguments_have(a->args, "i-may-test-this-host")
                ? ""
                : "; another host than this one needs --i-may-test-this-host");
    return EXIT_NETWORK;
}

/* ---- Showing --------------------------------------------------------------------------------- */

static const char *verdict_of(enum audit_number number, const struct audit_check *check)
{
    switch (check->verdict) {
    case AUDIT_REFUSED: return "refused";
    case AUDIT_ACCEPTED: return number == AUDIT_RIGHT_CREDENTIALS ? "accepted" : "ACCEPTED";
    case AUDIT_SKIPPED: return "skipped";
    case AUDIT_SILENT: return "no answer";
    default: return "not asked";
    }
}

static void show_check(enum audit_number number, const struct audit_check *check)
{
    const bool finding = check->verdict == AUDIT_ACCEPTED && number != AUDIT_RIGHT_CREDENTIALS;
    char status[16] = "-";

    if (check->status > 0)
        snprintf(status, sizeof status, "%d", check->status);
    out_format("%-17s  %-9s  %-3s  %s", check->name, verdict_of(number, check), status,
               check->text);
    if (check->why)
        out_format(": %s", check->why);
    if (finding)
        out_format(" [%s]", check->rfc);
    out_text("\n");
}

static const char *qops_of(unsigned qops)
{
    static const char *const names[] = {"no qop", "auth", "auth-int", "auth, auth-int"};

    return names[(qops >> SIPV_QOP_AUTH & 1) + 2 * (qops >> SIPV_QOP_AUTH_INT & 1)];
}

static void show_offers(const struct digest_audit *a)
{
    const sipv_slice realm = audit_realm(&a->audit);
    struct audit_offer offer;

    if (!realm.p)
        return;
    out_text("realm \"");
    out_visible(realm);
    out_text("\"");
    for (size_t i = 0; audit_offer(&a->audit, i, &offer) == SIPV_OK; i++)
        out_format("%s %s (%s)", i ? "," : ":", sipv_algorithm_name(offer.algorithm),
                   qops_of(offer.qops));
    out_text("\n");
}

static void show_text(const struct digest_audit *a)
{
    const size_t findings = audit_findings(&a->audit);

    show_offers(a);
    for (unsigned i = 0; i < AUDIT_CHECKS; i++)
        show_check(i, audit_check(&a->audit, i));
    out_format("%u finding%s\n", (unsigned)findings, findings == 1 ? "" : "s");
}

static void offers_json(const struct digest_audit *a, struct json *j)
{
    struct audit_offer offer;

    json_array(j, "challenges");
    for (size_t i = 0; audit_offer(&a->audit, i, &offer) == SIPV_OK; i++) {
        json_object(j, NULL);
        json_text(j, "algorithm", sipv_algorithm_name(offer.algorithm));
        json_array(j, "qop");
        for (unsigned qop = SIPV_QOP_AUTH; qop <= SIPV_QOP_AUTH_INT; qop++)
            if (offer.qops >> qop & 1)
                json_text(j, NULL, sipv_qop_name((sipv_qop)qop));
        json_end_array(j);
        json_end_object(j);
    }
    json_end_array(j);
}

static void check_json(enum audit_number number, const struct audit_check *check, struct json *j)
{
    static const char *const words[] = {"not-asked", "refused", "accepted", "skipped", "no-answer"};

    json_object(j, NULL);
    json_text(j, "name", check->name);
    json_text(j, "verdict", words[check->verdict]);
    json_bool(j, "finding", check->verdict == AUDIT_ACCEPTED && number != AUDIT_RIGHT_CREDENTIALS);
    json_number(j, "status", check->status > 0 ? check->status : -1);
    json_text(j, "text", check->text);
    json_text(j, "reason", check->why);
    json_text(j, "rfc", check->rfc);
    json_end_object(j);
}

static void show_json(const struct digest_audit *a)
{
    struct json j = json_begin_record(online_pretty(&a->online));

    json_object(&j, NULL);
    json_text(&j, "schema", "sipvet.digest-audit/1");
    json_text(&j, "target", arguments_value(a->args, "target", NULL));
    json_text(&j, "method", a->settings.method);
    json_text(&j, "uri", a->settings.uri);
    json_string(&j, "realm", audit_realm(&a->audit));
    offers_json(a, &j);
    json_array(&j, "checks");
    for (unsigned i = 0; i < AUDIT_CHECKS; i++)
        check_json(i, audit_check(&a->audit, i), &j);
    json_end_array(&j);
    json_size(&j, "findings", audit_findings(&a->audit));
    json_end_object(&j);
    json_end_record(&j);
}

/* What the audit says as an exit status. */
static int judge(const struct digest_audit *a)
{
    const struct audit_check *right = audit_check(&a->audit, AUDIT_RIGHT_CREDENTIALS);

    if (audit_findings(&a->audit) > 0)
        return EXIT_FINDINGS;
    for (unsigned i = 0; i < AUDIT_CHECKS; i++)
        if (audit_check(&a->audit, i)->verdict == AUDIT_SILENT) {
            fputs("sipvet: the server does not answer\n", stderr);
            return EXIT_NETWORK;
        }
    if (right->verdict == AUDIT_ACCEPTED)
        return EXIT_FINE;
    fputs(right->verdict == AUDIT_REFUSED
              ? "sipvet: the right credentials are refused: nothing else can be told\n"
              : "sipvet: there is no challenge that can be met: nothing else can be told\n",
          stderr);
    return EXIT_FINDINGS;
}

static int run(struct digest_audit *a)
{
    const bool ipv6 = strchr(a->settings.target.host, ':') != NULL;
    int result = online_open(&a->online, a->args, ipv6 ? "udp:[::1]:0" : "udp:127.0.0.1:0");

    if (result == EXIT_FINE)
        result = begin(a);
    if (result == EXIT_FINE)
        result = online_run(&a->online);
    if (result == EXIT_FINE) {
        if (online_records(&a->online))
            show_json(a);
        else
            show_text(a);
        result = judge(a);
    }
    result = online_close(&a->online, result);
    audit_close(&a->audit);
    return result;
}

static int run_digest_audit(const struct arguments *args)
{
    struct digest_audit a;
    int result;

    memset(&a, 0, sizeof a);
    a.args = args;
    result = read_target(&a);
    if (result == EXIT_FINE)
        result = digest_secret_read(args, &a.secret);
    a.hasher = sipv_hasher_new();
    if (result == EXIT_FINE)
        result = a.hasher ? run(&a) : EXIT_INTERNAL;
    sipv_hasher_free(a.hasher);
    digest_secret_free(&a.secret);
    return result;
}

static const char digest_audit_description[] =
    "Sends requests to --target, which must be a server that you may test: with credentials that\n"
    "are right, and with some that are wrong in one way each: a replayed or a lower nc, a nonce\n"
    "of somebody else, no qop, auth for auth-int, MD5 for SHA-256. Each gets one line: the "
    "check,\n"
    "what became of it, the status, what was asked. 'refused' is as it should be; 'ACCEPTED' is "
    "a\n"
    "finding; 'skipped' does not arise with what the server offers.\n"
    "\n"
    "The requests are REGISTER without Contact, which asks for bindings and changes none, or\n"
    "another method by --method that begins no dialog. Only this host is asked, unless\n"
    "--i-may-test-this-host is given, which also wants --listen with an own address.\n"
    "A server may take some thirty requests with wrong credentials for an attack.\n"
    "\n"
    "json and ndjson write one record \"sipvet.digest-audit/1\".\n"
    "\n"
    "The exit status is 0 if all was refused as it should be, 1 if something was not or the "
    "right\n"
    "credentials were refused too, 2 for a wrong command line, 3 for a file that cannot be used,\n"
    "4 if there was no answer.\n";

const struct command command_digest_audit = {
    .name = "digest audit",
    .operands = "",
    .summary = "Asks a server what misuse of Digest it lets pass",
    .run = run_digest_audit,
    .options = digest_audit_options,
    .description = digest_audit_description,
    .examples =
        "sipvet digest audit --target udp:127.0.0.1:5060 --username alice --password-env PW\n"
        "sipvet digest audit --target tcp:127.0.0.1:5060 --uri sip:example.com --username alice "
        "\\\n"
        "    --htdigest users -f json\n",
};
