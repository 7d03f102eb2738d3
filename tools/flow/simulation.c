/* simulation.c: see simulation.h. */
#include "simulation.h"

#include <string.h>

/* Simulated time begins with the year 2026. */
#define BEGIN_NS (INT64_C(1767225600) * 1000000000)

static int64_t time_ns(uint64_t now_ms)
{
    return BEGIN_NS + (int64_t)now_ms * 1000000;
}

/* Serial numbers count what is sent, as the recording does. */
static void trace(void *with, const struct simulated_message *message)
{
    struct simulation *s = with;
    struct recording *recording = stage_recording(s->stage);

    s->messages += !message->arrived;
    if (!s->record)
        return;
    if (message->arrived)
        recording_arrived(recording, message->serial, time_ns(message->now));
    else
        recording_sent(recording, time_ns(message->now), stage_who(s->stage, message->from),
                       stage_who(s->stage, message->to), message->from, message->to,
                       message->octets);
}

/* ---- The ground ------------------------------------------------------------------------------ */

static struct network network(void *with, unsigned element)
{
    const struct simulation *s = with;

    return *simulated_network(s->network, s->places[element]);
}

static void attach(void *with, unsigned element, const struct element *core)
{
    static const struct element nobody;
    const struct simulation *s = with;

    simulated_attach(s->network, s->places[element], core ? core : &nobody);
}

static int move(void *with, unsigned element, const char *address)
{
    const struct simulation *s = with;

    return simulated_move(s->network, s->places[element], address, 5060);
}

/* ---- Playing --------------------------------------------------------------------------------- */

static struct simulated_settings network_settings(struct simulation *s,
                                                  const struct simulation_settings *settings)
{
    struct simulated_settings out = {.simulator = simulator_settings_default(), .with = s};

    out.simulator.seed = settings->stage.seed;
    out.simulator.loss = settings->loss;
    out.simulator.duplication = settings->duplication;
    out.simulator.delay_min_ms = settings->delay_min_ms > 0 ? settings->delay_min_ms : 1;
    out.simulator.delay_max_ms = settings->delay_max_ms > out.simulator.delay_min_ms
                                     ? settings->delay_max_ms
                                     : out.simulator.delay_min_ms;
    out.trace = trace;
    return out;
}

static bool open_network(struct simulation *s, const struct callflow *flow,
                         const struct simulation_settings *settings)
{
    struct simulated_settings wanted = network_settings(s, settings);

    s->network = simulated_new(&wanted);
    for (unsigned i = 0; s->network && i < callflow_element_count(flow); i++) {
        s->places[i] = simulated_add(s->network, flow->elements[i].address, 5060);
        if (s->places[i] == SIMULATOR_ELEMENTS)
            return false;
    }
    return s->network != NULL;
}

const char *simulation_run(struct simulation *s, const struct callflow *flow,
                           const struct simulation_settings *settings)
{
    struct ground ground = {NULL, network, attach, move};
    const char *why = "no memory, or two elements have one address";

    memset(s, 0, sizeof *s);
    ground.with = s;
    s->record = settings->stage.record;
    if (!open_network(s, flow, settings))
        return why;
    s->stage = stage_new(flow, &settings->stage, &ground, &why);
    if (!s->stage)
        return why;
    for (size_t i = 0; i < SIMULATION_STEPS; i++)
        if (!simulated_step(s->network))
            return NULL;
    return "there was no end to it";
}

void simulation_free(struct simulation *s)
{
    stage_free(s->stage);
    simulated_free(s->network);
    memset(s, 0, sizeof *s);
}

/* All is quiet, so nobody wants to be woken; what is left is left for ever. */
unsigned simulation_left(const struct simulation *s, const struct callflow *flow)
{
    for (unsigned i = 0; i < callflow_element_count(flow); i++)
        if (stage_left(s->stage, i) > 0)
            return i;
    return FLOW_OUTSIDE;
}
