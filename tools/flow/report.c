/* report.c: see report.h. */
#include "report.h"

#include "../json.h"
#include "finals.h"
#include "picture.h"

#include <inttypes.h>
#include <string.h>

enum { SHOWN = 200 };

/* ---- Steps ----------------------------------------------------------------------------------- */

void report_step(const struct callflow_step *step, struct bytes *out)
{
    static const char *const words[] = {[CALLFLOW_REGISTER] = "registers",
                                        [CALLFLOW_QUERY] = "asks for its contacts",
                                        [CALLFLOW_UNREGISTER] = "removes them",
                                        [CALLFLOW_CALL] = "calls",
                                        [CALLFLOW_HANG_UP] = "hangs up",
                                        [CALLFLOW_REINVITE] = "changes the session",
                                        [CALLFLOW_MOVE] = "moves to",
                                        [CALLFLOW_LEAVE] = "is switched off",
                                        [CALLFLOW_OUTBOUND] = "sends by way of",
                                        [CALLFLOW_WAIT] = "waits"};
    static const char *const untils[] = {[CALLFLOW_AT_ONCE] = "",
                                         [CALLFLOW_RESPONSE] = ", and waits for the answer",
                                         [CALLFLOW_RINGING] = ", until it rings",
                                         [CALLFLOW_ESTABLISHED] = ", until the call stands",
                                         [CALLFLOW_ENDED] = ", until it has ended"};

    bytes_text(out, step->who);
    bytes_text(out, " ");
    bytes_text(out, words[step->action]);
    if (step->text && step->action != CALLFLOW_REINVITE) {
        bytes_text(out, " ");
        bytes_text(out, step->text);
    }
    bytes_text(out, untils[step->until]);
}

/* ---- Lines and records ----------------------------------------------------------------------- */

/* One expectation on its way out. */
struct line {
    const char *says;
    bool met;
    sipv_slice expected, seen;
};

static void put_part(const char *before, sipv_slice s)
{
    out_text(before);
    out_visible(sipv_slice_of(s.p, s.n < SHOWN ? s.n : SHOWN));
    if (s.n > SHOWN)
        out_text("...");
}

static void put_text(const struct report *report, const struct line *line)
{
    out_color(report->palette, line->met ? COLOR_GREEN : COLOR_RED);
    out_text(line->met ? "ok      " : "FAILED  ");
    out_color(report->palette, COLOR_NONE);
    out_text(line->says);
    if (!line->met) {
        put_part(": expected ", line->expected);
        put_part("; seen: ", line->seen);
    }
    out_char('\n');
}

static void put_json(struct json *j, const struct line *line)
{
    json_object(j, NULL);
    json_text(j, "says", line->says);
    json_bool(j, "met", line->met);
    json_string(j, "expected", line->met ? sipv_slice_of(NULL, 0) : line->expected);
    json_string(j, "seen", line->met ? sipv_slice_of(NULL, 0) : line->seen);
    json_end_object(j);
}

static size_t put_line(const struct report *report, struct json *j, const struct line *line)
{
    if (report->format == REPORT_TEXT)
        put_text(report, line);
    else
        put_json(j, line);
    return !line->met;
}

/* ---- What every flow expects ----------------------------------------------------------------- */

static size_t to_its_end(const struct report *report, struct json *j,
                         const struct report_play *play)
{
    const struct callflow_step *steps = play->flow->steps;
    struct bytes seen = {0};
    struct line line = {"the flow comes to its end", true, sipv_slice_text("all steps"), {0}};

    if (play->refused != SIZE_MAX && !play->lossy) {
        line.met = false;
        bytes_text(&seen, "this could not be done: ");
        report_step(&steps[play->refused], &seen);
    } else if (play->fault) {
        line.met = false;
        bytes_text(&seen, play->fault);
    } else if (play->stopped_at != SIZE_MAX) {
        line.met = false;
        bytes_text(&seen, "nothing came of this: ");
        report_step(&steps[play->stopped_at], &seen);
    }
    line.seen = bytes_slice(&seen);
    size_t failed = put_line(report, j, &line);

    bytes_free(&seen);
    return failed;
}

static size_t nothing_left(const struct report *report, struct json *j,
                           const struct report_play *play)
{
    struct line line = {"no timer and no table entry is left",
                        play->left == FLOW_OUTSIDE && !play->fault, sipv_slice_text("none"),
                        sipv_slice_text("the flow was not played to its end")};

    if (play->left != FLOW_OUTSIDE)
        line.seen = sipv_slice_text(play->flow->elements[play->left].name);
    return put_line(report, j, &line);
}

/* Where messages were lost, this is what there is to expect of transactions. */
static size_t nothing_odd(const struct report *report, struct json *j,
                          const struct report_play *play)
{
    struct line line = {"every transaction ends as it should, or by its timer",
                        play->odd == FLOW_OUTSIDE, sipv_slice_text("that"), sipv_slice_text("")};

    if (play->odd != FLOW_OUTSIDE)
        line.seen = sipv_slice_text(play->flow->elements[play->odd].name);
    return put_line(report, j, &line);
}

static size_t all_answered(const struct report *report, struct json *j,
                           const struct report_play *play)
{
    struct outcome outcome = {0};
    struct line line = {"who gets a request answers it once and for all", false, {0}, {0}};
    size_t failed;

    expect_finals(play->flow, play->recording, &outcome);
    line.met = outcome.met;
    line.expected = bytes_slice(&outcome.expected);
    line.seen = bytes_slice(&outcome.seen);
    failed = put_line(report, j, &line);
    outcome_free(&outcome);
    return failed;
}

static size_t expected_lines(const struct report *report, struct json *j,
                             const struct callflow *flow, const struct recording *recording,
                             size_t *count)
{
    struct outcome outcome = {0};
    size_t failed = 0;

    for (const struct expectation *e = flow->expectations; e->says; e++) {
        struct line line;

        expectation_check(flow, recording, e, &outcome);
        if (outcome.skipped)
            continue;
        line = (struct line){e->says, outcome.met, bytes_slice(&outcome.expected),
                             bytes_slice(&outcome.seen)};
        failed += put_line(report, j, &line);
        ++*count;
    }
    outcome_free(&outcome);
    return failed;
}

size_t report_expectations(const struct report *report, const struct callflow *flow,
                           const struct recording *recording)
{
    size_t count = 0;

    return expected_lines(report, NULL, flow, recording, &count);
}

static size_t all_lines(const struct report *report, struct json *j, const struct report_play *play,
                        size_t *count)
{
    size_t failed = to_its_end(report, j, play);

    *count = 1;
    if (play->quiet) {
        failed += nothing_left(report, j, play);
        ++*count;
    }
    if (!play->lossy)
        return failed + expected_lines(report, j, play->flow, play->recording, count);
    *count += 2;
    failed += nothing_odd(report, j, play) + all_answered(report, j, play);
    return failed;
}

/* ---- One play -------------------------------------------------------------------------------- */

void report_headline(const struct report *report, const struct callflow *flow)
{
    out_color(report->palette, COLOR_BOLD);
    out_format("%s: %s", flow->name, flow->summary);
    out_color(report->palette, COLOR_NONE);
    out_format("\n(%s; %s", flow->source, report->network);
    if (report->seed > 0)
        out_format(", seed %" PRIu64, report->seed);
    out_text(")\n\n");
}

static size_t as_text(const struct report *report, const struct report_play *play)
{
    size_t count, failed;

    report_headline(report, play->flow);
    picture_ladder(play->flow, play->recording, report->palette);
    out_char('\n');
    failed = all_lines(report, NULL, play, &count);
    out_format("%s: %zu expectations met, %zu not\n", play->flow->name, count - failed, failed);
    return failed;
}

static size_t as_record(const struct report *report, const struct report_play *play)
{
    struct json j = json_begin_record(report->format == REPORT_JSON);
    size_t count, failed;

    json_object(&j, NULL);
    json_text(&j, "schema", "sipvet.flow/1");
    json_text(&j, "flow", play->flow->name);
    json_text(&j, "network", report->network);
    json_size(&j, "seed", (size_t)report->seed);
    json_size(&j, "messages", play->recording->count);
    json_array(&j, "expectations");
    failed = all_lines(report, &j, play, &count);
    json_end_array(&j);
    json_size(&j, "met", count - failed);
    json_size(&j, "failed", failed);
    json_end_object(&j);
    json_end_record(&j);
    return failed;
}

size_t report_play(const struct report *report, const struct report_play *play)
{
    return report->format == REPORT_TEXT ? as_text(report, play) : as_record(report, play);
}

/* ---- Many plays ------------------------------------------------------------------------------ */

static void seeds_text(const struct report *report, const struct callflow *flow,
                       const struct report_seeds *seeds)
{
    out_color(report->palette, seeds->failed > 0 ? COLOR_RED : COLOR_GREEN);
    out_text(seeds->failed > 0 ? "FAILED  " : "ok      ");
    out_color(report->palette, COLOR_NONE);
    out_format("%s: %" PRIu64 " seeds, %" PRIu64 " with every step done, %" PRIu64 " messages",
               flow->name, seeds->played, seeds->done, seeds->messages);
    if (seeds->failed > 0) {
        out_format(", %" PRIu64 " failed, the first with seed %" PRIu64 ": ", seeds->failed,
                   seeds->first_failed);
        out_visible(bytes_slice(&seeds->what));
    }
    out_char('\n');
}

void report_seeds(const struct report *report, const struct callflow *flow,
                  const struct report_seeds *seeds)
{
    struct json j;

    if (report->format == REPORT_TEXT) {
        seeds_text(report, flow, seeds);
        return;
    }
    j = json_begin_record(report->format == REPORT_JSON);
    json_object(&j, NULL);
    json_text(&j, "schema", "sipvet.flow-seeds/1");
    json_text(&j, "flow", flow->name);
    json_size(&j, "first_seed", (size_t)report->seed);
    json_size(&j, "seeds", (size_t)seeds->played);
    json_size(&j, "done", (size_t)seeds->done);
    json_size(&j, "messages", (size_t)seeds->messages);
    json_size(&j, "failed", (size_t)seeds->failed);
    json_number(&j, "first_failed", seeds->failed > 0 ? (int64_t)seeds->first_failed : -1);
    json_string(&j, "what", seeds->failed > 0 ? bytes_slice(&seeds->what) : sipv_slice_of(NULL, 0));
    json_end_object(&j);
    json_end_record(&j);
}
