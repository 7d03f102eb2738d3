/* list.c: `sipvet flow list` and `sipvet flow show`. */
#include "../command.h"
#include "../json.h"
#include "../output.h"
#include "report.h"

#include <string.h>

static const char *const choices_format[] = {"text", "json", "ndjson", NULL};

static const struct option_spec flow_list_options[] = {
    {"format", 'f', NULL, choices_format, "how flows are shown (default: text)", false},
    {NULL, 0, NULL, NULL, NULL, false},
};

static bool is_text(const struct arguments *args)
{
    return strcmp(arguments_value(args, "format", "text"), "text") == 0;
}

static struct json record(const struct arguments *args)
{
    return json_begin_record(strcmp(arguments_value(args, "format", "text"), "json") == 0);
}

/* ---- list ------------------------------------------------------------------------------------ */

static size_t expectation_count(const struct callflow *flow)
{
    size_t n = 0;

    while (flow->expectations[n].says)
        n++;
    return n;
}

static void head_json(struct json *j, const struct callflow *flow)
{
    json_text(j, "schema", "sipvet.flow-definition/1");
    json_text(j, "flow", flow->name);
    json_text(j, "summary", flow->summary);
    json_text(j, "source", flow->source);
}

static int run_flow_list(const struct arguments *args)
{
    for (size_t i = 0; callflows[i]; i++) {
        const struct callflow *flow = callflows[i];
        struct json j;

        if (is_text(args)) {
            out_format("%-14s  %s\n", flow->name, flow->summary);
            continue;
        }
        j = record(args);
        json_object(&j, NULL);
        head_json(&j, flow);
        json_size(&j, "elements", callflow_element_count(flow));
        json_size(&j, "expectations", expectation_count(flow));
        json_end_object(&j);
        json_end_record(&j);
    }
    out_flush();
    return EXIT_FINE;
}

const struct command command_flow_list = {
    .name = "flow list",
    .operands = "",
    .summary = "Lists the call flows that sipvet knows",
    .run = run_flow_list,
    .options = flow_list_options,
    .description = "They are the two flows of the SIP flow document and those of RFC 3665, "
                   "sections 2 and 3.\n",
    .examples = "sipvet flow list\n",
};

/* ---- show ------------------------------------------------------------------------------------ */

static const char *role_of(const struct callflow_element *is)
{
    switch (is->role) {
    case CALLFLOW_USER: return "user agent";
    case CALLFLOW_PROXY: return is->domain ? "proxy and registrar" : "proxy";
    case CALLFLOW_REDIRECT: return "redirect server";
    default: return "silent";
    }
}

static void element_text(const struct callflow_element *is)
{
    out_format("  %-10s %-15s %s", is->name, is->address, role_of(is));
    if (is->uri)
        out_format(", %s", is->uri);
    if (is->domain)
        out_format(" of %s", is->domain);
    if (is->outbound)
        out_format(", sends by way of %s", is->outbound);
    if (is->realm)
        out_format(", asks for credentials of \"%s\"", is->realm);
    if (is->record_route)
        out_text(", stays in dialogs");
    out_char('\n');
}

static void show_text(const struct callflow *flow)
{
    struct bytes step = {0};

    out_format("%s: %s\n(%s)\n\nElements, where they are in the simulator:\n", flow->name,
               flow->summary, flow->source);
    for (unsigned i = 0; i < callflow_element_count(flow); i++)
        element_text(&flow->elements[i]);
    out_text("\nWhat they do:\n");
    for (size_t i = 0; flow->steps[i].who; i++) {
        step.n = 0;
        report_step(&flow->steps[i], &step);
        out_text("  ");
        out_visible(bytes_slice(&step));
        out_char('\n');
    }
    out_text("\nMessages (+: in any order with the one before, ?: may be missing):\n");
    for (size_t i = 0; flow->messages[i]; i++)
        out_format("  %3zu %s%s\n", i + 1, strchr("+?", *flow->messages[i]) ? "" : " ",
                   flow->messages[i]);
    out_text("\nExpectations:\n");
    for (size_t i = 0; flow->expectations[i].says; i++)
        out_format("  %s\n", flow->expectations[i].says);
    bytes_free(&step);
}

static void elements_json(struct json *j, const struct callflow *flow)
{
    json_array(j, "elements");
    for (unsigned i = 0; i < callflow_element_count(flow); i++) {
        const struct callflow_element *is = &flow->elements[i];

        json_object(j, NULL);
        json_text(j, "name", is->name);
        json_text(j, "role", role_of(is));
        json_text(j, "address", is->address);
        json_text(j, "uri", is->uri);
        json_text(j, "domain", is->domain);
        json_text(j, "outbound", is->outbound);
        json_text(j, "realm", is->realm);
        json_text(j, "login", is->login);
        json_end_object(j);
    }
    json_end_array(j);
}

static void steps_json(struct json *j, const struct callflow *flow)
{
    struct bytes step = {0};

    json_array(j, "steps");
    for (size_t i = 0; flow->steps[i].who; i++) {
        step.n = 0;
        report_step(&flow->steps[i], &step);
        json_string(j, NULL, bytes_slice(&step));
    }
    json_end_array(j);
    bytes_free(&step);
}

static void show_json(const struct arguments *args, const struct callflow *flow)
{
    struct json j = record(args);

    json_object(&j, NULL);
    head_json(&j, flow);
    elements_json(&j, flow);
    steps_json(&j, flow);
    json_array(&j, "messages");
    for (size_t i = 0; flow->messages[i]; i++)
        json_text(&j, NULL, flow->messages[i]);
    json_end_array(&j);
    json_array(&j, "expectations");
    for (size_t i = 0; flow->expectations[i].says; i++)
        json_text(&j, NULL, flow->expectations[i].says);
    json_end_array(&j);
    json_end_object(&j);
    json_end_record(&j);
}

static int run_flow_show(const struct arguments *args)
{
    const struct callflow *flow = callflow_find(args->operands[0]);

    if (!flow)
        return usage_error(args->command, "there is no flow '%s'", args->operands[0]);
    if (is_text(args))
        show_text(flow);
    else
        show_json(args, flow);
    out_flush();
    return EXIT_FINE;
}

const struct command command_flow_show = {
    .name = "flow show",
    .operands = "FLOW",
    .summary = "Shows a call flow: elements, steps, messages, expectations",
    .run = run_flow_show,
    .options = flow_list_options,
    .min_operands = 1,
    .max_operands = 1,
    .kind = OPERAND_FLOW,
    .description = "json and ndjson write a record \"sipvet.flow-definition/1\".\n",
    .examples = "sipvet flow show session\n",
};
