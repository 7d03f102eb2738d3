/* uri.c: `sipvet uri parse` and `sipvet uri compare`. */
#include "command.h"
#include "explaining.h"
#include "vet.h"

#include <stdlib.h>
#include <string.h>

static const char *const choices_format[] = {"text", "json", "ndjson", NULL};

static const struct option_spec uri_options[] = {
    {"format", 'f', NULL, choices_format, "how the answer is written (default: text)", false},
    {NULL, 0, NULL, NULL, NULL, false},
};

/* A URI and the storage of its parameters. */
struct uri {
    sipv_uri uri;
    sipv_event *events;
    size_t error_offset;
    int result; /* of sipv_uri_parse */
};

static void parse(struct uri *u, sipv_slice text)
{
    size_t cap = 512;

    memset(u, 0, sizeof *u);
    u->events = need(cap, sizeof *u->events);
    while ((u->result = sipv_uri_parse(text, false, u->events, cap, &u->uri, &u->error_offset)) ==
               SIPV_NO_SPACE &&
           cap < (1u << 20)) {
        cap *= 4;
        u->events = need_more(u->events, cap, sizeof *u->events);
    }
}

/* What else there is to say of a URI is known where messages are judged: the URI is put into the
 * Contact of a message that has no other fault, and the findings inside it are taken. */
struct judged {
    struct vet vet;
    unsigned char *message;
    size_t base;        /* offset of the URI */
    struct lines lines; /* of the URI alone */
};

/* Bytes that would end the URI in the message.  No URI can have them, nor the byte that is put in
 * their place: the finding is the same. */
static bool is_fence(unsigned char c)
{
    return c == '>' || c == '\r' || c == '\n';
}

static void judge(struct judged *j, sipv_slice text)
{
    static const char head[] = "OPTIONS sip:example.com SIP/2.0\r\n"
                               "Via: SIP/2.0/UDP example.com;branch=z9hG4bK1\r\n"
                               "From: <sip:a@example.com>;tag=1\r\n"
                               "To: <sip:b@example.com>\r\n"
                               "Call-ID: 1@example.com\r\n"
                               "CSeq: 1 OPTIONS\r\n"
                               "Max-Forwards: 70\r\n"
                               "Content-Length: 0\r\n"
                               "Contact: <";
    static const char tail[] = ">\r\n\r\n";

    memset(j, 0, sizeof *j);
    j->base = sizeof head - 1;
    j->message = need(j->base + text.n + sizeof tail, 1);
    memcpy(j->message, head, j->base);
    for (size_t i = 0; i < text.n; i++)
        j->message[j->base + i] = is_fence(text.p[i]) ? '\1' : text.p[i];
    memcpy(j->message + j->base + text.n, tail, sizeof tail - 1);
    vet_parse(&j->vet, sipv_slice_of(j->message, j->base + text.n + sizeof tail - 1), SIPV_STRICT,
              VET_DATAGRAM);
    lines_of(&j->lines, text);
}

static void judged_free(struct judged *j)
{
    vet_free(&j->vet);
    lines_free(&j->lines);
    free(j->message);
}

/* The next finding that lies in the URI; `*at` begins with 0.  Its place is told from the URI's
 * first byte on. */
static bool next_finding(struct judged *j, size_t *at, sipv_diag *d, struct finding *f)
{
    size_t n = j->lines.text.n;

    while (*at < j->vet.m.n_diags) {
        const sipv_diag *found = &j->vet.m.diags[(*at)++];
        size_t end = found->off + found->len;

        if (end < j->base || found->off > j->base + n)
            continue;
        /* A construct that opened before the URI is shown from the URI's first byte on. */
        *d = *found;
        d->off = found->off > j->base ? found->off - j->base : 0;
        d->len = end - j->base > n ? n - d->off : end - j->base - d->off;
        finding_of(&j->vet, &j->vet.lines, found, f);
        f->d = d;
        f->header = NULL;
        lines_place(&j->lines, d->off, &f->line, &f->column);
        return true;
    }
    return false;
}

static bool accepted(const struct uri *u, struct judged *j)
{
    struct finding f;
    sipv_diag d;
    size_t at = 0;

    if (u->result != SIPV_OK)
        return false;
    while (next_finding(j, &at, &d, &f))
        if (f.severity == SIPV_ERROR)
            return false;
    return true;
}

static void show_json(const struct uri *u, struct judged *judged, bool accept, bool pretty)
{
    static const sipv_uri none = {.port = SIPV_NUMBER_ABSENT};
    const sipv_uri *uri = u->result == SIPV_OK ? &u->uri : &none;
    struct json j = json_begin_record(pretty);
    struct finding f;
    sipv_diag d;
    size_t at = 0;

    json_object(&j, NULL);
    json_text(&j, "schema", "sipvet.uri/1");
    json_text(&j, "verdict", verdict_name(accept));
    json_string(&j, "scheme", uri->scheme);
    json_string(&j, "user", uri->user);
    json_string(&j, "password", uri->password);
    json_string(&j, "host", uri->host);
    json_number(&j, "port", uri->port);
    params_json(&j, "params", uri == &none ? NULL : &uri->params);
    params_json(&j, "headers", uri == &none ? NULL : &uri->headers);
    json_string(&j, "number", uri->number);
    json_string(&j, "authority", uri->authority);
    json_string(&j, "path", uri->path);
    json_string(&j, "query", uri->query);
    json_string(&j, "opaque", uri->opaque);
    json_array(&j, "diagnostics");
    while (next_finding(judged, &at, &d, &f))
        finding_json(&j, &f, NULL);
    json_end_array(&j);
    json_end_object(&j);
    json_end_record(&j);
}

static void line(const char *name, sipv_slice text)
{
    if (!text.p)
        return;
    out_format("  %-10s ", name);
    out_visible(text);
    out_char('\n');
}

static void params_text(const char *name, const sipv_params *params)
{
    sipv_param param;
    size_t at = 0;

    while (sipv_param_next(params, &at, &param) == SIPV_OK) {
        out_format("  %-10s ", name);
        out_visible(param.name);
        if (param.value.p) {
            out_text(" = ");
            out_visible(param.value);
        }
        out_char('\n');
    }
}

static void show_text(const struct uri *u, struct judged *judged, bool accept,
                      struct palette palette)
{
    struct finding f;
    sipv_diag d;
    size_t at = 0;

    out_format("%s\n", verdict_name(accept));
    if (u->result == SIPV_OK) {
        line("scheme", u->uri.scheme);
        line("user", u->uri.user);
        line("password", u->uri.password);
        line("host", u->uri.host);
        if (u->uri.port >= 0)
            out_format("  %-10s %lld\n", "port", (long long)u->uri.port);
        line("number", u->uri.number);
        line("authority", u->uri.authority);
        line("path", u->uri.path);
        line("query", u->uri.query);
        line("opaque", u->uri.opaque);
        params_text("param", &u->uri.params);
        params_text("header", &u->uri.headers);
    }
    while (next_finding(judged, &at, &d, &f))
        finding_text(&f, NULL, "URI", &judged->lines, palette);
}

static int run_uri_parse(const struct arguments *args)
{
    const char *format = arguments_value(args, "format", "text");
    sipv_slice text = sipv_slice_text(args->operands[0]);
    struct judged judged;
    struct uri u;
    bool accept;

    parse(&u, text);
    judge(&judged, text);
    accept = accepted(&u, &judged);
    if (strcmp(format, "text") == 0)
        show_text(&u, &judged, accept, palette_of(arguments_value(args, "color", "auto")));
    else
        show_json(&u, &judged, accept, strcmp(format, "json") == 0);
    judged_free(&judged);
    free(u.events);
    return accept ? EXIT_FINE : EXIT_FINDINGS;
}

static const char uri_parse_description[] =
    "The URI is taken as between angle brackets: sip, sips, tel, or any other scheme. Parts\n"
    "are shown as written, escapes are not resolved, an IPv6 host keeps its brackets.\n"
    "\n"
    "The exit status is 0 if the URI is accepted, 1 if not.\n";

const struct command command_uri_parse = {
    .name = "uri parse",
    .operands = "URI",
    .summary = "Shows the parts of a URI",
    .run = run_uri_parse,
    .options = uri_options,
    .min_operands = 1,
    .max_operands = 1,
    .description = uri_parse_description,
    .examples = "sipvet uri parse 'sip:alice@example.com:5060;transport=tcp?subject=x'\n"
                "sipvet uri parse -f json 'tel:+1-212-555-0101'\n",
};

/* ---- compare --------------------------------------------------------------------------------- */

static void show_difference(sipv_uri_part part, sipv_slice which, const char *format)
{
    const char *name = sipv_uri_part_name(part);
    struct json j = json_begin_record(strcmp(format, "json") == 0);

    if (strcmp(format, "text") == 0) {
        if (part == SIPV_URI_EQUAL) {
            out_text("equal\n");
            return;
        }
        out_format("differ in %s", name);
        if (which.n > 0) {
            out_char(' ');
            out_visible(which);
        }
        out_char('\n');
        return;
    }
    json_object(&j, NULL);
    json_text(&j, "schema", "sipvet.uri-compare/1");
    json_bool(&j, "equal", part == SIPV_URI_EQUAL);
    json_text(&j, "differs", part == SIPV_URI_EQUAL ? NULL : name);
    json_string(&j, "name", which.n > 0 ? which : sipv_slice_of(NULL, 0));
    json_end_object(&j);
    json_end_record(&j);
}

static int not_a_uri(const struct arguments *args, const char *text, const struct uri *u)
{
    if (u->result == SIPV_LIMIT)
        return usage_error(args->command, "'%s' is no URI: its port is above 65535", text);
    return usage_error(args->command, "'%s' is no URI: byte %zu has no place there", text,
                       u->error_offset);
}

static int run_uri_compare(const struct arguments *args)
{
    struct uri u[2];
    sipv_slice which = {NULL, 0};
    int result = EXIT_FINE;

    for (int i = 0; i < 2; i++) {
        parse(&u[i], sipv_slice_text(args->operands[i]));
        if (result == EXIT_FINE && u[i].result != SIPV_OK)
            result = not_a_uri(args, args->operands[i], &u[i]);
    }
    if (result == EXIT_FINE) {
        sipv_uri_part part = sipv_uri_compare(&u[0].uri, &u[1].uri, &which);

        show_difference(part, which, arguments_value(args, "format", "text"));
        result = part == SIPV_URI_EQUAL ? EXIT_FINE : EXIT_FINDINGS;
    }
    free(u[0].events);
    free(u[1].events);
    return result;
}

static const char uri_compare_description[] =
    "sip and sips URIs are compared by RFC 3261 section 19.1.4, tel URIs by RFC 3966 section 4,\n"
    "others byte by byte but for the letters of the scheme. What differs is named: scheme,\n"
    "user, password, host, port, a parameter, a header.\n"
    "\n"
    "The exit status is 0 if they are equal, 1 if not, 2 if one is no URI.\n";

const struct command command_uri_compare = {
    .name = "uri compare",
    .operands = "URI URI",
    .summary = "Says whether two URIs are equal, or where they differ",
    .run = run_uri_compare,
    .options = uri_options,
    .min_operands = 2,
    .max_operands = 2,
    .description = uri_compare_description,
    .examples = "sipvet uri compare 'sip:%61lice@example.com' 'sip:alice@EXAMPLE.com'\n",
};
