/* gen_torture.c: `sipvet gen torture`: broken messages with the verdict each must get. */
#include "gen.h"

#include "command.h"
#include "progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <suite.h>

/* What of the suite is wanted: all of it, a group, or one case of a group. */
struct wanted {
    const char *group; /* NULL: all */
    size_t name;       /* octets of `group` */
    uint64_t only;     /* a case, or UINT64_MAX */
    uint64_t most, written;
    const char *format;
    char *octets;
};

/* NULL where there is nothing to say. */
static const char *verdict(enum suite_verdict v)
{
    return v == SUITE_ACCEPT ? "accept" : v == SUITE_REJECT ? "reject" : NULL;
}

static const char *end_name(const struct suite_case *c)
{
    static const char *const names[] = {"complete", "incomplete", "error"};

    return c->kind == SUITE_STREAM ? names[c->end] : NULL;
}

static void write_json(const struct wanted *w, const struct suite_case *c, size_t i, size_t n)
{
    struct json j = json_begin_record(strcmp(w->format, "json") == 0);

    json_object(&j, NULL);
    json_text(&j, "schema", "sipvet.torture-case/1");
    json_text(&j, "group", c->group);
    json_size(&j, "case", i);
    json_text(&j, "what", c->what);
    json_text(&j, "kind", c->kind == SUITE_STREAM ? "stream" : "message");
    json_text(&j, "strict", verdict(c->strict));
    json_text(&j, "interop", verdict(c->interop));
    json_text(&j, "body", verdict(c->body));
    json_text(&j, "end", end_name(c));
    json_size(&j, "octets", n);
    json_string(&j, "value", sipv_slice_of(w->octets, n));
    json_end_object(&j);
    json_end_record(&j);
}

static const char *or_none(const char *text)
{
    return text ? text : "-";
}

static void write_case(const struct wanted *w, const struct suite_case *c, size_t i, size_t n)
{
    if (strcmp(w->format, "raw") == 0)
        out_slice(sipv_slice_of(w->octets, n));
    else if (strcmp(w->format, "text") == 0)
        out_format("%s/%zu\t%s\t%s\t%s\t%zu\t%s\n", c->group, i,
                   c->kind == SUITE_STREAM ? end_name(c) : or_none(verdict(c->strict)),
                   or_none(verdict(c->interop)), or_none(verdict(c->body)), n, c->what);
    else
        write_json(w, c, i, n);
}

static void write_group(struct wanted *w, size_t group)
{
    for (size_t i = 0; i < suite_count(group) && w->written < w->most; i++) {
        struct suite_case c;
        size_t n;

        if (w->only != UINT64_MAX && w->only != i)
            continue;
        n = suite_make(group, i, &c, w->octets);
        write_case(w, &c, i, n);
        w->written++;
        progress_tick(w->written, 0);
    }
}

static bool is_wanted(const struct wanted *w, const char *group)
{
    return !w->group || (strlen(group) == w->name && memcmp(group, w->group, w->name) == 0);
}

/* "torture", "torture/GROUP", "torture/GROUP/CASE". */
static int read_wanted(struct wanted *w, const struct arguments *args)
{
    const char *name = args->operands[0] + strlen("torture"), *slash;

    w->only = UINT64_MAX;
    w->format = arguments_value(args, "format", "text");
    if (sipv_number(sipv_slice_text(arguments_value(args, "count", "4294967295")), UINT32_MAX,
                    &w->most) != SIPV_OK)
        return usage_error(args->command, "option '--count' takes a number up to 4294967295");
    if (arguments_have(args, "near-miss") || arguments_have(args, "coverage") ||
        arguments_have(args, "seed"))
        return usage_error(args->command,
                           "'torture' goes with the options '--count' and '--format' only");
    if (*name) {
        w->group = name + 1;
        slash = strchr(w->group, '/');
        w->name = slash ? (size_t)(slash - w->group) : strlen(w->group);
        if (slash && sipv_number(sipv_slice_text(slash + 1), UINT32_MAX, &w->only) != SIPV_OK)
            return usage_error(args->command, "'%s' is no case of the suite", args->operands[0]);
    }
    if (strcmp(w->format, "raw") == 0 && w->only == UINT64_MAX)
        return usage_error(args->command, "format 'raw' takes one case, as 'torture/via-host/3'");
    return EXIT_FINE;
}

int gen_torture(const struct arguments *args)
{
    struct wanted w;
    int result;

    memset(&w, 0, sizeof w);
    if ((result = read_wanted(&w, args)) != EXIT_FINE)
        return result;
    w.octets = need(SUITE_OCTETS, 1);
    for (size_t g = 0; g < suite_groups(); g++)
        if (is_wanted(&w, suite_group(g)))
            write_group(&w, g);
    free(w.octets);
    if (w.written > 0 || w.most == 0)
        return EXIT_FINE;
    return usage_error(args->command, "there is nothing '%s' in the suite", args->operands[0]);
}
