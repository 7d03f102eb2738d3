/* torture.c: `sipvet fuzz torture`: plays messages at a live server and asks it OPTIONS in between.
 */
#include "../command.h"
#include "../json.h"
#include "../output.h"
#include "../progress.h"
#include "cases.h"
#include "kit.h"
#include "probe.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* NEVER_MS: 24 days, the longest that poll() waits. */
enum { DATAGRAM_MAX = 65507, SILENCE_S = 5, SEND_MS = 2000, NEVER_MS = INT_MAX };

static const char *const choices_format[] = {"text", "json", "ndjson", NULL};

static const struct option_spec fuzz_torture_options[] = {
    {"target", 0, "SERVER", NULL, "udp:HOST:PORT or tcp:HOST:PORT", false},
    {"count", 'n', "N", NULL, "how many messages are generated (default: 1000)", false},
    {"suite", 0, NULL, NULL, "play the suite of 'sipvet gen torture' too, behind the files", false},
    {"seed", 0, "S", NULL, "a number that decides what is generated (default: 1)", false},
    {"first", 0, "N", NULL, "begin with case N (default: 0)", false},
    {"only", 0, NULL, NULL, "play this first case alone", false},
    {"resume", 0, "FILE", NULL, "remember there how far it came; begin there if FILE exists",
     false},
    {"save", 0, "FILE", NULL, "write the message it stopped at to FILE", false},
    {"dry-run", 0, NULL, NULL, "list the cases, send nothing", false},
    {"format", 'f', NULL, choices_format, "how the result is written (default: text)", false},
    {"i-may-test-this-host", 0, NULL, NULL, "needed for any host but loopback", false},
    {NULL, 0, NULL, NULL, NULL, false},
};

struct work {
    const struct arguments *args;
    const char *target, *resume, *save, *format;
    struct peer peer;
    struct cases cases;
    uint64_t first, end, next; /* the run is [first, end); `next` is to be played */
    uint64_t played, unsendable, probes;
    unsigned silence_ms;
    int fd; /* over UDP, for the whole run; else -1 */
    struct bytes octets;
    char name[CASE_NAME];
    const char *reason; /* why it is held for dead; NULL: it lives */
};

/* ---- The file that remembers ------------------------------------------------------------------
 */

/* A line "sipvet fuzz torture SEED FILES GENERATED NEXT": the numbers of cases mean the same only
 * if the first three agree. */
static int read_state(struct work *w)
{
    FILE *f = w->resume ? fopen(w->resume, "r") : NULL;
    uint64_t seed, files, generated, next;
    int n;

    if (!w->resume || (!f && errno == ENOENT))
        return EXIT_FINE;
    if (!f)
        return fault_of_path(EXIT_INPUT, "read", w->resume);
    n = fscanf(f, "sipvet fuzz torture %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64, &seed, &files,
               &generated, &next);
    fclose(f);
    if (n != 4 || seed != w->cases.seed || files != w->cases.file_count ||
        generated != cases_count(&w->cases) - w->cases.file_count ||
        next > cases_count(&w->cases)) {
        return fault(w->args, EXIT_INPUT, "%s is of a run with other cases", w->resume);
    }
    w->first = next;
    return EXIT_FINE;
}

/* Written beside and renamed, so that it is always whole. */
static int write_state(const struct work *w)
{
    char beside[4200];
    FILE *f;
    bool fine;

    if (!w->resume)
        return EXIT_FINE;
    snprintf(beside, sizeof beside, "%s.new", w->resume);
    f = fopen(beside, "w");
    fine = f && fprintf(f, "sipvet fuzz torture %" PRIu64 " %zu %" PRIu64 " %" PRIu64 "\n",
                        w->cases.seed, w->cases.file_count,
                        cases_count(&w->cases) - w->cases.file_count, w->next) > 0;
    if (f && fclose(f) != 0)
        fine = false;
    if (fine && rename(beside, w->resume) == 0)
        return EXIT_FINE;
    return fault_of_path(EXIT_INTERNAL, "write", w->resume);
}

/* ---- Playing ----------------------------------------------------------------------------------
 */

/* Sends the case.  A server may close a connection or refuse one; only the probe judges. */
static int play(struct work *w)
{
    sipv_slice octets = bytes_slice(&w->octets);
    int fd = w->fd;

    if (!w->peer.tcp) {
        if (octets.n > DATAGRAM_MAX) {
            w->unsendable++;
            return -1;
        }
        /* Once more if the first try only reports what became of an earlier datagram. */
        if (!peer_send(fd, octets, SEND_MS))
            peer_send(fd, octets, SEND_MS);
        return -1;
    }
    fd = peer_open(&w->peer, w->silence_ms);
    if (fd >= 0 && octets.n > 0)
        peer_send(fd, octets, SEND_MS);
    if (fd >= 0)
        shutdown(fd, SHUT_WR);
    return fd;
}

/* A number that no probe of this or another run has had. */
static uint64_t probe_number(struct work *w)
{
    return ((uint64_t)getpid() << 32) + ++w->probes;
}

static bool answers(struct work *w)
{
    return probe(&w->peer, w->fd, probe_number(w), w->silence_ms, &w->reason) != 0;
}

/* The case `w->next`; false if the server does not answer any more behind it. */
static bool play_and_ask(struct work *w)
{
    int fd = play(w);
    bool alive = answers(w);

    if (fd >= 0)
        close(fd);
    w->played++;
    if (alive)
        w->reason = NULL;
    return alive;
}

static int run_cases(struct work *w)
{
    int result = EXIT_FINE;

    for (w->next = w->first; w->next < w->end; w->next++) {
        bool alive;

        if ((result = cases_get(&w->cases, w->next, &w->octets, w->name)) != EXIT_FINE ||
            (result = write_state(w)) != EXIT_FINE)
            return result;
        alive = play_and_ask(w);
        progress_tick(w->next + 1 - w->first, w->end - w->first);
        if (!alive)
            return EXIT_FINDINGS;
    }
    return write_state(w);
}

/* A run that is resumed goes on behind the case that stopped it. */
static int after_finding(struct work *w)
{
    FILE *f;
    bool fine;

    w->next++;
    if (write_state(w) != EXIT_FINE)
        return EXIT_INTERNAL;
    w->next--;
    if (!w->save)
        return EXIT_FINDINGS;
    f = fopen(w->save, "wb");
    fine = f && (w->octets.n == 0 || fwrite(w->octets.p, 1, w->octets.n, f) == w->octets.n);
    if (f && fclose(f) != 0)
        fine = false;
    if (fine)
        return EXIT_FINDINGS;
    return fault_of_path(EXIT_INTERNAL, "write", w->save);
}

/* ---- What is said -----------------------------------------------------------------------------
 */

static void say_json(const struct work *w, bool pretty)
{
    struct json j = json_begin_record(pretty);

    json_object(&j, NULL);
    json_text(&j, "schema", "sipvet.torture/1");
    json_text(&j, "target", w->target);
    json_size(&j, "seed", (size_t)w->cases.seed);
    json_size(&j, "first", (size_t)w->first);
    json_size(&j, "played", (size_t)w->played);
    json_size(&j, "too_long_for_a_datagram", (size_t)w->unsendable);
    json_bool(&j, "alive", w->reason == NULL);
    json_text(&j, "reason", w->reason);
    if (w->reason) {
        json_object(&j, "stopped_after");
        json_size(&j, "case", (size_t)w->next);
        json_text(&j, "name", w->name);
        json_size(&j, "octets", w->octets.n);
        json_base64(&j, "message_b64", bytes_slice(&w->octets));
        json_end_object(&j);
    } else {
        json_null(&j, "stopped_after");
    }
    json_end_object(&j);
    json_end_record(&j);
}

static void say_text(const struct work *w)
{
    out_format("%s: %llu cases from %llu", w->target, (unsigned long long)w->played,
               (unsigned long long)w->first);
    if (w->unsendable > 0)
        out_format(", %llu too long for a datagram", (unsigned long long)w->unsendable);
    if (!w->reason) {
        out_text(", still answering\n");
        return;
    }
    out_format("\nstopped answering after case %llu: ", (unsigned long long)w->next);
    out_visible(sipv_slice_text(w->name));
    out_format(", %zu octets (%s)\n", w->octets.n, w->reason);
}

static void say(const struct work *w)
{
    if (strcmp(w->format, "text") == 0)
        say_text(w);
    else
        say_json(w, strcmp(w->format, "json") == 0);
}

static int list(struct work *w)
{
    for (uint64_t i = w->first; i < w->end; i++) {
        int result = cases_get(&w->cases, i, &w->octets, w->name);

        if (result != EXIT_FINE)
            return result;
        out_format("%llu\t%zu\t", (unsigned long long)i, w->octets.n);
        out_visible(sipv_slice_text(w->name));
        out_char('\n');
        progress_tick(i + 1 - w->first, w->end - w->first);
    }
    return EXIT_FINE;
}

/* ---- The command ------------------------------------------------------------------------------
 */

static int read_number(const struct arguments *args, const char *name, const char *otherwise,
                       uint64_t max, uint64_t *value)
{
    const char *text = arguments_value(args, name, otherwise);

    if (sipv_number(sipv_slice_text(text), max, value) == SIPV_OK)
        return EXIT_FINE;
    return usage_error(args->command, "option '--%s' takes a number up to %llu, not '%s'", name,
                       (unsigned long long)max, text);
}

static int read_target(struct work *w)
{
    const char *wrong;

    w->target = arguments_value(w->args, "target", NULL);
    if (!w->target)
        return usage_error(w->args->command, "option '--target' says which server");
    wrong = peer_read(w->target, &w->peer);
    if (wrong)
        return usage_error(w->args->command, "'%s' is no server: %s", w->target, wrong);
    if (w->peer.loopback || arguments_have(w->args, "i-may-test-this-host"))
        return EXIT_FINE;
    return usage_error(w->args->command,
                       "'%s' is another host: this may harm it, '--i-may-test-this-host' is needed",
                       w->target);
}

static int read_cases(struct work *w)
{
    int result;

    for (size_t i = 0; i < w->args->operand_count; i++)
        if ((result = cases_add(&w->cases, w->args->operands[i])) != EXIT_FINE)
            return result;
    cases_sort(&w->cases);
    w->cases.suite = arguments_have(w->args, "suite");
    if ((result = read_state(w)) != EXIT_FINE)
        return result;
    w->end = cases_count(&w->cases);
    if (arguments_have(w->args, "only") && w->first < w->end)
        w->end = w->first + 1;
    if (w->first > w->end)
        return usage_error(w->args->command, "there are %llu cases only",
                           (unsigned long long)w->end);
    return EXIT_FINE;
}

static int read_settings(struct work *w)
{
    uint64_t silence_s;
    char otherwise[16];
    int result;

    snprintf(otherwise, sizeof otherwise, "%d", SILENCE_S);
    w->resume = arguments_value(w->args, "resume", NULL);
    w->save = arguments_value(w->args, "save", NULL);
    w->format = arguments_value(w->args, "format", "text");
    if ((result = read_number(w->args, "count", "1000", UINT32_MAX, &w->cases.generated)) !=
            EXIT_FINE ||
        (result = read_number(w->args, "seed", "1", UINT64_MAX, &w->cases.seed)) != EXIT_FINE ||
        (result = read_number(w->args, "first", "0", UINT64_MAX, &w->first)) != EXIT_FINE ||
        (result = read_number(w->args, "timeout", otherwise, 1000000, &silence_s)) != EXIT_FINE)
        return result;
    w->silence_ms = silence_s > 0 ? (unsigned)silence_s * 1000 : NEVER_MS;
    if ((result = read_target(w)) != EXIT_FINE)
        return result;
    return read_cases(w);
}

static int torture(struct work *w)
{
    int result;

    if (!w->peer.tcp && (w->fd = peer_open(&w->peer, w->silence_ms)) < 0)
        return fault_of_path(EXIT_NETWORK, "reach", w->target);
    if (!answers(w)) {
        return fault(w->args, EXIT_NETWORK, "%s does not answer OPTIONS: %s", w->target, w->reason);
    }
    w->reason = NULL;
    result = run_cases(w);
    if (result == EXIT_FINDINGS)
        result = after_finding(w);
    if (result == EXIT_FINE || result == EXIT_FINDINGS)
        say(w);
    return result;
}

static int run_fuzz_torture(const struct arguments *args)
{
    struct work w = {.args = args, .fd = -1};
    int result = read_settings(&w);

    if (result == EXIT_FINE)
        result = arguments_have(args, "dry-run") ? list(&w) : torture(&w);
    if (w.fd >= 0)
        close(w.fd);
    bytes_free(&w.octets);
    cases_free(&w.cases);
    return result;
}

static const char fuzz_torture_description[] =
    "Every file below PATH is a case, in the order of their names. Behind them come messages\n"
    "that are generated, valid ones and near misses in turn, the same ones for the same seed.\n"
    "Over udp each case is one datagram, over tcp one connection. Between cases the server is\n"
    "asked OPTIONS. Any final answer will do, and what it answers to the cases is its own\n"
    "business; but a server that says nothing for --timeout seconds (here 5 by default; 0: it\n"
    "is waited for) or refuses has stopped, and the case before is named.\n"
    "\n"
    "To see a case again: --first N --only, with the same PATHs, -n and --seed. --resume FILE\n"
    "lets a run that was stopped go on, behind the case that was a finding if there was one.\n"
    "--dry-run lists the cases: number, octets, name, with tabs between them.\n"
    "\n"
    "Hosts that are not loopback are only played at with --i-may-test-this-host. Ask first.\n"
    "\n"
    "json and ndjson write a record \"sipvet.torture/1\".\n"
    "\n"
    "The exit status is 0 if the server still answers, 1 if it stopped, 3 if a file cannot be\n"
    "read, 4 if it did not answer in the first place.\n";

const struct command command_fuzz_torture = {
    .name = "fuzz torture",
    .operands = "[PATH]...",
    .summary = "Plays messages at a live server until it stops answering",
    .run = run_fuzz_torture,
    .options = fuzz_torture_options,
    .max_operands = SIZE_MAX,
    .kind = OPERAND_FILE,
    .description = fuzz_torture_description,
    .examples =
        "sipvet fuzz torture --target udp:127.0.0.1:5060 corpus/torture\n"
        "sipvet fuzz torture --target tcp:[::1]:5060 -n 100000 --resume state --save it.sip\n",
};
