/* demo.c: `sipvet demo`: both documented flows over real sockets. */
#include "../command.h"
#include "live.h"
#include "mischief.h"
#include "picture.h"
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct option_spec demo_options[] = {
    {"out", 0, "DIR", NULL, "where the files are written (default: the current folder)", false},
    {"break", 0, NULL, mischief_names, "what elements do wrong, to see expectations fail", true},
    {NULL, 0, NULL, NULL, NULL, false},
};

enum { DEMO_MS = 8000 };

/* The messages of one method, which stay those of `r`. */
static struct recording part_of(const struct recording *r, const char *method)
{
    struct recording part = {.reader = r->reader};

    part.messages = need(r->count, sizeof *part.messages);
    for (size_t i = 0; i < r->count; i++)
        if (r->messages[i].method.p && sipv_slice_is(r->messages[i].method, method))
            part.messages[part.count++] = r->messages[i];
    return part;
}

/* The flow *Registration* is the beginning of the flow *Session*, between the same elements. */
static size_t registration(const struct report *report, const struct callflow *session,
                           const struct recording *r)
{
    struct callflow flow = *callflow_find("registration");
    struct recording part = part_of(r, "REGISTER");
    size_t failed;

    flow.elements = session->elements;
    out_text("\n1. Registration\n");
    failed = report_expectations(report, &flow, &part);
    free(part.messages);
    return failed;
}

static size_t show(const struct report *report, const struct callflow *flow,
                   const struct recording *r, const char *fault)
{
    size_t failed = 0;

    report_headline(report, flow);
    picture_ladder(flow, r, report->palette);
    failed += registration(report, flow, r);
    out_text("\n2. Session\n");
    failed += report_expectations(report, flow, r);
    if (fault) {
        out_format("FAILED  the flows come to their end: %s\n", fault);
        failed++;
    }
    return failed;
}

static int conclude(const struct callflow *flow, const struct recording *r, const char *folder,
                    size_t failed)
{
    struct picture picture = {flow, r};
    int result = picture_files(&picture, 1, folder);

    if (result == EXIT_FINE)
        out_format("\nwritten: ladder.html, ladder.svg, trace.pcap, trace.ndjson in %s\n", folder);
    out_format("%zu expectation%s not met\n", failed, failed == 1 ? "" : "s");
    out_flush();
    return result != EXIT_FINE ? result : failed > 0 ? EXIT_FINDINGS : EXIT_FINE;
}

static int run_demo(const struct arguments *args)
{
    const struct callflow *flow = callflow_find("session");
    struct report report = {.palette = palette_of(arguments_value(args, "color", "auto")),
                            .network = "loopback"};
    struct live_settings settings = {.timeout_ms = DEMO_MS};
    struct live *live;
    const char *fault;
    int result = EXIT_NETWORK;

    if (!live_is_possible())
        return usage_error(args->command, "sipvet was built without libuv, so it has no sockets");
    settings.stage.seed = live_seed();
    settings.stage.mischief = mischief_find(arguments_value(args, "break", "none"));
    fault = live_run(&live, flow, &settings);
    if (live_stage(live)) {
        const struct recording *r = stage_recording(live_stage(live));
        size_t failed = show(&report, flow, r, fault);

        result = conclude(flow, r, arguments_value(args, "out", "."), failed);
    } else
        fprintf(stderr, "sipvet demo: %s\n", fault);
    live_free(live);
    return result;
}

static const char demo_description[] =
    "Client 1, a proxy, an application server and client 2 are started on loopback, at ports\n"
    "that the kernel chooses. Client 2 registers and is asked for credentials, then client 1\n"
    "calls it over both servers. Shown are the ladder and a line for each expectation.\n"
    "\n"
    "ladder.html, ladder.svg, trace.pcap and trace.ndjson are written to --out. A click on an\n"
    "arrow of ladder.html shows the message, with what is wrong marked in it.\n"
    "\n"
    "It takes about a second. The exit status is 1 if something expected was not seen, 4 if\n"
    "there are no sockets.\n";

const struct command command_demo = {
    .name = "demo",
    .operands = "",
    .summary = "Shows the documented call flows over real sockets",
    .run = run_demo,
    .options = demo_options,
    .description = demo_description,
    .examples = "sipvet demo --out demo\n"
                "tshark -r demo/trace.pcap\n",
};
