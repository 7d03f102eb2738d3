/* run.c: `sipvet flow run`. */
#include "../command.h"
#include "../progress.h"
#include "finals.h"
#include "foreign.h"
#include "live.h"
#include "mischief.h"
#include "picture.h"
#include "report.h"
#include "simulation.h"

#include <stdio.h>
#include <string.h>

static const char *const choices_format[] = {"text", "json", "ndjson", NULL};

static const char *const choices_style[] = {"rfc3261", "rfc2543", NULL};

static const struct option_spec flow_run_options[] = {
    {"format", 'f', NULL, choices_format, "how results are written (default: text)", false},
    {"seed", 0, "S", NULL, "a number above 0 that decides what is random (default: 1)", false},
    {"seeds", 0, "N", NULL, "so many seeds, one after the other, and only a summary", false},
    {"loss", 0, "PERCENT", NULL, "so many messages are lost (default: 0)", false},
    {"duplication", 0, "PERCENT", NULL, "so many arrive twice (default: 0)", false},
    {"delay", 0, "MS", NULL, "messages take up to so long (default: 1)", false},
    {"out", 0, "DIR", NULL, "writes ladder.html, ladder.svg, trace.pcap, trace.ndjson there",
     false},
    {"style", 0, NULL, choices_style,
     "clients as of RFC 3261 or as printed in the flow document (default: rfc3261)", false},
    {"live", 0, NULL, NULL, "over sockets on loopback, not in the simulator", false},
    {"via", 0, "HOST:PORT", NULL,
     "plays the users alone, through somebody else's proxy at this address", false},
    {"domain", 0, "NAME", NULL, "with --via, the domain of all users", false},
    {"at", 0, "ADDRESS", NULL, "with --via, where the users are (default: 127.0.0.1)", false},
    {"i-may-test-this-host", 0, NULL, NULL, "--via may be another host than this one", false},
    {"break", 0, NULL, mischief_names, "what elements do wrong, to see expectations fail", true},
    {NULL, 0, NULL, NULL, NULL, false},
};

enum { LIVE_MS = 60000 }; /* for one flow */

struct run {
    const struct arguments *args;
    struct report report;
    struct simulation_settings settings;
    uint64_t seeds; /* 0: one, in full */
    const char *folder;
    struct live_settings sockets;
    const char *domain; /* of --via */
    struct foreign foreign;
    size_t shown;   /* flows so far */
    bool live, old; /* sockets; clients of RFC 2543 */
};

/* The flow of that name in the style that is wanted, or NULL. */
static const struct callflow *find(const struct run *run, const char *name)
{
    char styled[128];

    if (!run->old)
        return callflow_find(name);
    snprintf(styled, sizeof styled, "%s-rfc2543", name);
    return callflow_find(styled);
}

/* What cannot be taken for granted with such a network: messages lost, doubled or overtaken. */
static bool is_lossy(const struct run *run)
{
    return run->settings.loss > 0 || run->settings.duplication > 0 ||
           run->settings.delay_max_ms > 1;
}

/* ---- Command lines --------------------------------------------------------------------------- */

static int number(const struct arguments *args, const char *name, const char *otherwise,
                  uint64_t max, uint64_t *out)
{
    const char *text = arguments_value(args, name, otherwise);

    if (sipv_number(sipv_slice_text(text), max, out) == SIPV_OK)
        return EXIT_FINE;
    return usage_error(args->command, "--%s takes a number up to %llu, not '%s'", name,
                       (unsigned long long)max, text);
}

static int read_numbers(struct run *run)
{
    const struct arguments *args = run->args;
    uint64_t loss, duplication, delay;
    int result;

    if ((result = number(args, "seed", "1", INT64_MAX, &run->report.seed)) != EXIT_FINE ||
        (result = number(args, "seeds", "0", INT32_MAX, &run->seeds)) != EXIT_FINE ||
        (result = number(args, "loss", "0", 100, &loss)) != EXIT_FINE ||
        (result = number(args, "duplication", "0", 100, &duplication)) != EXIT_FINE ||
        (result = number(args, "delay", "1", 60000, &delay)) != EXIT_FINE)
        return result;
    if (run->report.seed == 0)
        return usage_error(args->command, "--seed takes a number above 0");
    run->settings.loss = (unsigned)loss * 10;
    run->settings.duplication = (unsigned)duplication * 10;
    run->settings.delay_max_ms = (uint32_t)delay;
    return EXIT_FINE;
}

/* 127.0.0.0/8, ::1, localhost. */
static bool is_loopback(const struct hop *hop)
{
    return strncmp(hop->host, "127.", 4) == 0 || strcmp(hop->host, "::1") == 0 ||
           strcmp(hop->host, "localhost") == 0;
}

static int read_via(struct run *run)
{
    const struct arguments *args = run->args;
    const char *via = arguments_value(args, "via", NULL);
    char text[HOP_TEXT + 8];

    run->domain = arguments_value(args, "domain", NULL);
    run->sockets.at = arguments_value(args, "at", NULL);
    run->sockets.anywhere = arguments_have(args, "i-may-test-this-host");
    if (!via)
        return EXIT_FINE;
    run->live = run->sockets.stage.foreign = true;
    if ((size_t)snprintf(text, sizeof text, "udp:%s", via) >= sizeof text ||
        hop_of_text(sipv_slice_text(text), &run->sockets.via) != SIPV_OK)
        return usage_error(args->command, "--via takes an address and a port, not '%s'", via);
    if (!is_loopback(&run->sockets.via) && !run->sockets.anywhere)
        return usage_error(args->command,
                           "%s is another host; --i-may-test-this-host says that you "
                           "may test it",
                           via);
    return EXIT_FINE;
}

static int read_options(struct run *run)
{
    const char *format = arguments_value(run->args, "format", "text");
    int result;

    run->report.format = strcmp(format, "text") == 0   ? REPORT_TEXT
                         : strcmp(format, "json") == 0 ? REPORT_JSON
                                                       : REPORT_NDJSON;
    run->report.palette = palette_of(arguments_value(run->args, "color", "auto"));
    run->live = arguments_have(run->args, "live");
    if ((result = read_via(run)) != EXIT_FINE)
        return result;
    run->report.network = run->sockets.stage.foreign ? arguments_value(run->args, "via", "")
                          : run->live                ? "loopback"
                                                     : "the simulator";
    run->folder = arguments_value(run->args, "out", NULL);
    run->settings.stage.mischief = mischief_find(arguments_value(run->args, "break", "none"));
    run->old = strcmp(arguments_value(run->args, "style", "rfc3261"), "rfc2543") == 0;
    for (size_t i = 0; i < run->args->operand_count; i++)
        if (!find(run, run->args->operands[i]))
            return usage_error(run->args->command, "there is no flow '%s'%s",
                               run->args->operands[i], run->old ? " in that style" : "");
    if ((result = read_numbers(run)) != EXIT_FINE)
        return result;
    if (run->live && (run->seeds > 0 || is_lossy(run)))
        return usage_error(run->args->command, "loss, duplication, delay and seeds are those of "
                                               "the simulator, not of --live");
    if (run->live && run->old)
        return usage_error(run->args->command, "clients that say what is printed are at the "
                                               "printed addresses, so not --live");
    if (run->live && !live_is_possible())
        return usage_error(run->args->command, "sipvet was built without libuv, so --live is not "
                                               "possible");
    if (run->live)
        run->report.seed = 0;
    return EXIT_FINE;
}

/* ---- Playing --------------------------------------------------------------------------------- */

static void outcome_of(const struct run *run, const struct callflow *flow, struct stage *stage,
                       const char *fault, struct report_play *out)
{
    memset(out, 0, sizeof *out);
    out->flow = flow;
    out->fault = fault;
    out->stopped_at = out->refused = SIZE_MAX;
    out->left = out->odd = FLOW_OUTSIDE;
    out->lossy = is_lossy(run);
    if (!stage)
        return;
    out->recording = stage_recording(stage);
    out->refused = stage_refused(stage);
    out->odd = stage_odd(stage);
    if (!stage_done(stage))
        out->stopped_at = stage_step(stage);
}

/* Results and files; without a recording nothing was played. */
static int show(const struct run *run, struct report_play *play, size_t *failed)
{
    static const struct recording nothing;
    struct picture picture;

    if (!play->recording)
        play->recording = &nothing;
    *failed += report_play(&run->report, play);
    picture = (struct picture){play->flow, play->recording};
    return run->folder ? picture_files(&picture, 1, run->folder) : EXIT_FINE;
}

static int play_once(struct run *run, const struct callflow *flow, size_t *failed)
{
    struct simulation s;
    struct report_play play;
    const char *fault;
    int result;

    run->settings.stage.seed = run->report.seed;
    run->settings.stage.record = true;
    fault = simulation_run(&s, flow, &run->settings);
    outcome_of(run, flow, s.stage, fault, &play);
    play.left = s.stage ? simulation_left(&s, flow) : FLOW_OUTSIDE;
    play.quiet = true;
    result = show(run, &play, failed);
    simulation_free(&s);
    return result;
}

/* Has the proxy of somebody else said anything? */
static bool has_answered(const struct callflow *flow, const struct recording *r)
{
    for (size_t i = 0; i < r->count; i++)
        if (r->messages[i].from != FLOW_OUTSIDE &&
            flow->elements[r->messages[i].from].role == CALLFLOW_PROXY)
            return true;
    return false;
}

static int play_live(struct run *run, const struct callflow *flow, size_t *failed)
{
    struct report_play play;
    struct live *live;
    const char *fault;
    int result;

    if (run->sockets.stage.foreign) {
        if (!foreign_flow(&run->foreign, flow, run->domain))
            return usage_error(run->args->command, "'%s' is no flow of users and proxies alone",
                               flow->name);
        flow = &run->foreign.flow;
    }
    run->sockets.stage.seed = live_seed();
    run->sockets.stage.mischief = run->settings.stage.mischief;
    run->sockets.timeout_ms = LIVE_MS;
    fault = live_run(&live, flow, &run->sockets);
    if (!live_stage(live))
        fprintf(stderr, "sipvet flow run: %s\n", fault);
    outcome_of(run, flow, live_stage(live), fault, &play);
    result = show(run, &play, failed);
    if (fault && !play.recording->count)
        result = EXIT_NETWORK;
    else if (run->sockets.stage.foreign && !has_answered(flow, play.recording))
        result = EXIT_NETWORK;
    live_free(live);
    return result;
}

/* ---- Many seeds ------------------------------------------------------------------------------ */

/* False: *what says what is wrong. */
static bool is_right(const struct report_play *play, struct bytes *what)
{
    struct outcome outcome = {0};
    bool right = true;

    what->n = 0;
    if (play->fault)
        bytes_text(what, play->fault);
    else if (play->left != FLOW_OUTSIDE)
        bytes_text(what, "something is left at an element");
    else if (play->stopped_at != SIZE_MAX)
        bytes_text(what, "it did not come to its end");
    else if (play->refused != SIZE_MAX && !play->lossy)
        bytes_text(what, "a step could not be done");
    else if (play->odd != FLOW_OUTSIDE)
        bytes_text(what, "a transaction has ended with a strange status");
    for (const struct expectation *e = play->flow->expectations;
         e->says && right && what->n == 0 && !play->lossy; e++) {
        expectation_check(play->flow, play->recording, e, &outcome);
        if (!outcome.met)
            bytes_text(what, e->says);
    }
    if (what->n == 0 && play->lossy) {
        expect_finals(play->flow, play->recording, &outcome);
        if (!outcome.met)
            bytes_set(what, bytes_slice(&outcome.seen));
    }
    outcome_free(&outcome);
    return what->n == 0;
}

static void play_seed(struct run *run, const struct callflow *flow, uint64_t seed,
                      struct report_seeds *seeds)
{
    struct simulation s;
    struct report_play play;
    struct bytes what = {0};
    const char *fault;

    run->settings.stage.seed = seed;
    run->settings.stage.record = true;
    fault = simulation_run(&s, flow, &run->settings);
    outcome_of(run, flow, s.stage, fault, &play);
    play.left = s.stage ? simulation_left(&s, flow) : FLOW_OUTSIDE;
    seeds->played++;
    seeds->messages += s.messages;
    seeds->done += play.refused == SIZE_MAX && play.stopped_at == SIZE_MAX && !fault;
    if (!is_right(&play, &what) && seeds->failed++ == 0) {
        seeds->first_failed = seed;
        bytes_set(&seeds->what, bytes_slice(&what));
    }
    bytes_free(&what);
    simulation_free(&s);
}

static void play_seeds(struct run *run, const struct callflow *flow, size_t *failed)
{
    struct report_seeds seeds = {0};

    for (uint64_t i = 0; i < run->seeds; i++) {
        play_seed(run, flow, run->report.seed + i, &seeds);
        progress_tick(i + 1, run->seeds);
    }
    report_seeds(&run->report, flow, &seeds);
    *failed += seeds.failed > 0;
    bytes_free(&seeds.what);
}

/* ---- All of it ------------------------------------------------------------------------------- */

static int play(struct run *run, const struct callflow *flow, size_t *failed)
{
    if (run->shown++ > 0 && run->seeds == 0 && run->report.format == REPORT_TEXT)
        out_char('\n');
    if (run->live)
        return play_live(run, flow, failed);
    if (run->seeds == 0)
        return play_once(run, flow, failed);
    play_seeds(run, flow, failed);
    return EXIT_FINE;
}

static bool is_old(const struct callflow *flow)
{
    return strstr(flow->name, "-rfc2543") != NULL;
}

/* Without names: those of the style, or where both are possible all. */
static bool is_wanted(const struct run *run, const struct callflow *flow)
{
    if (run->sockets.stage.foreign) /* those that one server can be expected to carry */
        return strcmp(flow->name, "registration") == 0 || strcmp(flow->name, "session") == 0;
    return is_old(flow) ? run->old || (!run->live && !is_lossy(run)) : !run->old;
}

static int run_flow_run(const struct arguments *args)
{
    struct run run = {.args = args};
    size_t failed = 0;
    int result = read_options(&run);

    if (result != EXIT_FINE)
        return result;
    progress_begin("flow run", arguments_value(args, "progress", "auto"));
    for (size_t i = 0; i < args->operand_count && result == EXIT_FINE; i++)
        result = play(&run, find(&run, args->operands[i]), &failed);
    for (size_t i = 0; args->operand_count == 0 && callflows[i] && result == EXIT_FINE; i++)
        if (is_wanted(&run, callflows[i]))
            result = play(&run, callflows[i], &failed);
    progress_end();
    out_flush();
    return result != EXIT_FINE ? result : failed > 0 ? EXIT_FINDINGS : EXIT_FINE;
}

static const char flow_run_description[] =
    "Without FLOW all are played. User agents, proxies, registrars are those of sipvet, in a\n"
    "simulator with a clock of its own: the same seed gives the same messages. Shown are the\n"
    "ladder and a line for each expectation; json and ndjson write a record \"sipvet.flow/1\".\n"
    "\n"
    "With --loss, --duplication or --delay messages are lost, come twice, overtake each other.\n"
    "Then it is expected only that every flow comes to an end, if need be by timers, and that\n"
    "no timer and no table entry is left. --seeds plays so many seeds, from --seed on, and says\n"
    "how many did as they should.\n"
    "\n"
    "--live plays over UDP sockets on loopback, each element at a port that the kernel chooses.\n"
    "Without loss all expectations are the same as in the simulator, but for what is left: at\n"
    "the end timers still run.\n"
    "\n"
    "--via plays the users alone, through a server at that address, and each expectation that is\n"
    "not met is a difference; those about what goes from proxy to proxy are left out. Without\n"
    "FLOW it plays registration and session. The server needs the domain of the users, or that\n"
    "of --domain; in docs/flows.md are their names and passwords.\n"
    "\n"
    "--style rfc2543 has clients that say what the flow document prints.\n"
    "\n"
    "The exit status is 1 if something expected was not seen, 4 if there are no sockets or\n"
    "nothing came from the server of --via.\n";

const struct command command_flow_run = {
    .name = "flow run",
    .operands = "[FLOW]...",
    .summary = "Plays call flows and checks what is expected of them",
    .run = run_flow_run,
    .options = flow_run_options,
    .max_operands = SIZE_MAX,
    .kind = OPERAND_FLOW,
    .description = flow_run_description,
    .examples = "sipvet flow run session\n"
                "sipvet flow run --out ladders rfc3665-3.2\n"
                "sipvet flow run --seeds 10000 --loss 40 --delay 300\n"
                "sipvet flow run --via 127.0.0.1:5060 --domain example.com session\n",
};
