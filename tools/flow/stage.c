/* stage.c: see stage.h. */
#include "stage.h"

#include "../output.h"
#include "cast.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An element, and what stands between it and the ground. */
struct line {
    struct stage *stage;
    unsigned number;
    struct cast cast;
    struct element core; /* all zero: it is silent */
    struct network inner, outer;
    const char *outbound; /* the name of an element */
    bool off;
};

struct stage {
    const struct callflow *flow;
    struct stage_settings settings;
    struct ground ground;
    struct line lines[FLOW_ELEMENTS];
    unsigned count;
    struct recording recording;
    struct reader *reader;
    struct bytes room;
    /* Steps. */
    size_t step, refused;
    bool begun; /* the step was done and waits */
    uint64_t not_before;
};

/* ---- Names ----------------------------------------------------------------------------------- */

static bool is_called(const struct callflow_element *is, const char *host)
{
    return strcmp(is->name, host) == 0 || (is->domain && strcmp(is->domain, host) == 0);
}

/* Who is meant by a host name; FLOW_OUTSIDE: nobody, it is an address. */
static unsigned named(const struct line *line, const char *host)
{
    const struct callflow *flow = line->stage->flow;

    if (strcmp(host, USER_OUTBOUND) == 0 && line->outbound)
        return callflow_element(flow, sipv_slice_text(line->outbound));
    for (unsigned i = 0; i < line->stage->count; i++)
        if (is_called(&flow->elements[i], host))
            return i;
    return FLOW_OUTSIDE;
}

static int address_of(const struct stage *stage, unsigned element, enum hop_transport transport,
                      struct hop *out)
{
    const struct network *network = &stage->lines[element].inner;

    return network->self(network->with, transport, out);
}

unsigned stage_who(const struct stage *stage, const struct hop *address)
{
    struct hop self;

    for (unsigned i = 0; i < stage->count; i++)
        if (address_of(stage, i, address->transport, &self) == SIPV_OK && hop_equal(&self, address))
            return i;
    return FLOW_OUTSIDE;
}

/* ---- What cores call ------------------------------------------------------------------------- */

static uint64_t line_flow(void *with, const struct hop *to)
{
    const struct line *line = with;
    unsigned who = named(line, to->host);
    struct hop hop = *to;

    if (who != FLOW_OUTSIDE && address_of(line->stage, who, to->transport, &hop) != SIPV_OK)
        return 0;
    return line->inner.flow(line->inner.with, &hop);
}

static void line_send(void *with, uint64_t flow, sipv_slice octets)
{
    const struct line *line = with;
    struct stage *stage = line->stage;

    octets =
        mischief_send(stage->settings.mischief, line->cast.is, stage->reader, octets, &stage->room);
    if (octets.p && !line->off)
        line->inner.send(line->inner.with, flow, octets);
}

static enum hop_transport line_transport(void *with, uint64_t flow)
{
    const struct line *line = with;

    return line->inner.transport(line->inner.with, flow);
}

static int line_self(void *with, enum hop_transport transport, struct hop *out)
{
    const struct line *line = with;

    return line->inner.self(line->inner.with, transport, out);
}

static struct element element_of(struct line *line);

/* ---- Steps ----------------------------------------------------------------------------------- */

/* What it sends with may be another network then. */
static bool move(struct stage *stage, struct line *line, const char *address)
{
    const struct element element = element_of(line);

    if (stage->ground.move(stage->ground.with, line->number, address) != SIPV_OK)
        return false;
    line->inner = stage->ground.network(stage->ground.with, line->number);
    stage->ground.attach(stage->ground.with, line->number, &element);
    return true;
}

/* False: it cannot be done. */
static bool act(struct stage *stage, uint64_t now, const struct callflow_step *step)
{
    unsigned who = callflow_element(stage->flow, sipv_slice_text(step->who));
    struct line *line;

    if (who == FLOW_OUTSIDE)
        return false;
    line = &stage->lines[who];
    switch (step->action) {
    case CALLFLOW_MOVE: return move(stage, line, step->text);
    case CALLFLOW_LEAVE: return line->off = true;
    case CALLFLOW_OUTBOUND: line->outbound = step->text; return true;
    case CALLFLOW_WAIT: return true;
    default: return cast_act(&line->cast, now, step->action, step->text);
    }
}

static bool any(const struct stage *stage, bool (*is_so)(const struct cast *))
{
    for (unsigned i = 0; i < stage->count; i++)
        if (is_so(&stage->lines[i].cast))
            return true;
    return false;
}

static bool has_come(const struct stage *stage, const struct callflow_step *step)
{
    unsigned who = callflow_element(stage->flow, sipv_slice_text(step->who));
    const struct cast *cast = &stage->lines[who].cast;

    switch (step->until) {
    case CALLFLOW_RESPONSE: return cast_registered(cast) != 0;
    case CALLFLOW_RINGING: return cast_rings(cast) || !cast_unsettled(cast);
    case CALLFLOW_ESTABLISHED: return !any(stage, cast_unsettled);
    case CALLFLOW_ENDED: return !any(stage, cast_calls);
    default: return true;
    }
}

static void do_steps(struct stage *stage, uint64_t now)
{
    while (!stage_done(stage)) {
        const struct callflow_step *step = &stage->flow->steps[stage->step];

        if (!stage->begun && now < stage->not_before)
            return;
        if (!stage->begun && !act(stage, now, step) && stage->refused == SIZE_MAX)
            stage->refused = stage->step;
        stage->begun = true;
        if (stage->refused != stage->step && !has_come(stage, step))
            return;
        stage->begun = false;
        stage->not_before = now + step->pause_ms;
        stage->step++;
    }
}

/* When the next step begins; UINT64_MAX: when something has come. */
static uint64_t steps_wake(const struct stage *stage)
{
    return stage_done(stage) || stage->begun ? UINT64_MAX : stage->not_before;
}

bool stage_done(const struct stage *stage)
{
    return stage->flow->steps[stage->step].who == NULL;
}

size_t stage_step(const struct stage *stage)
{
    return stage->step;
}

/* What a transaction may end with where messages are lost: what was wanted, or a timeout, which is
 * a 408 or the doing of a user who gave up. */
static bool may_end(const struct cast *c)
{
    static const int registrations[] = {0, 200, 401, 408};
    static const int calls[] = {-1, 0, 408, 480, 486, 487, 603};
    bool registration = false, call = false;

    for (size_t i = 0; i < sizeof registrations / sizeof *registrations; i++)
        registration = registration || c->user.registered == registrations[i];
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        call = call || c->user.ended == calls[i];
    return registration && call;
}

unsigned stage_odd(const struct stage *stage)
{
    for (unsigned i = 0; i < stage->count; i++)
        if (stage->flow->elements[i].role == CALLFLOW_USER && !may_end(&stage->lines[i].cast))
            return i;
    return FLOW_OUTSIDE;
}

size_t stage_refused(const struct stage *stage)
{
    return stage->refused;
}

/* ---- What the ground calls ------------------------------------------------------------------- */

static void line_receive(void *self, uint64_t now, uint64_t flow, bool reliable, sipv_slice octets)
{
    const struct line *line = self;

    if (line->off || !line->core.receive)
        return;
    line->core.receive(line->core.self, now, flow, reliable, octets);
    do_steps(line->stage, now);
}

static void line_failed(void *self, uint64_t now, uint64_t flow)
{
    const struct line *line = self;

    if (line->off || !line->core.failed)
        return;
    line->core.failed(line->core.self, now, flow);
    do_steps(line->stage, now);
}

static uint64_t line_wake(void *self)
{
    const struct line *line = self;
    uint64_t core = line->core.wake ? line->core.wake(line->core.self) : UINT64_MAX;
    uint64_t steps = line->number == 0 ? steps_wake(line->stage) : UINT64_MAX;

    return core < steps ? core : steps;
}

static void line_advance(void *self, uint64_t now)
{
    const struct line *line = self;

    if (line->core.wake && line->core.wake(line->core.self) <= now)
        line->core.advance(line->core.self, now);
    do_steps(line->stage, now);
}

static struct element element_of(struct line *line)
{
    return (struct element){line, line_receive, line_failed, line_wake, line_advance};
}

/* ---- Opening --------------------------------------------------------------------------------- */

/* The value of a preloaded Route to the outbound element of a user; NULL if it wants none. */
static const char *route_of(const struct stage *stage, const struct callflow_element *is,
                            char out[HOP_TEXT + 16])
{
    unsigned who =
        is->outbound ? callflow_element(stage->flow, sipv_slice_text(is->outbound)) : FLOW_OUTSIDE;
    char hostport[HOP_TEXT];
    struct hop hop;

    if (!is->route || who == FLOW_OUTSIDE || address_of(stage, who, HOP_UDP, &hop) != SIPV_OK)
        return NULL;
    hop_hostport(&hop, hostport);
    snprintf(out, HOP_TEXT + 16, "<sip:%s;lr>", hostport);
    return out;
}

static bool open_line(struct stage *stage, unsigned i)
{
    const struct callflow_element *is = &stage->flow->elements[i];
    struct line *line = &stage->lines[i];
    struct element element = element_of(line);
    char route[HOP_TEXT + 16];

    line->cast.is = is;
    if (stage->settings.foreign && is->role == CALLFLOW_PROXY)
        return true;
    line->outer = (struct network){line, line_flow, line_send, line_transport, line_self};
    if (cast_open(&line->cast, stage->flow, is, &line->outer, route_of(stage, is, route),
                  stage->settings.mischief == MISCHIEF_PASSWORD,
                  stage->settings.seed * FLOW_ELEMENTS + i) != SIPV_OK)
        return false;
    line->core = cast_element(&line->cast);
    stage->ground.attach(stage->ground.with, i, &element);
    return true;
}

struct stage *stage_new(const struct callflow *flow, const struct stage_settings *settings,
                        const struct ground *ground, const char **why)
{
    struct stage *stage = need(1, sizeof *stage);

    stage->flow = flow;
    stage->settings = *settings;
    stage->ground = *ground;
    stage->count = callflow_element_count(flow);
    stage->refused = SIZE_MAX;
    stage->recording.partial = settings->foreign;
    stage->reader = settings->mischief != MISCHIEF_NONE ? reader_new() : NULL;
    for (unsigned i = 0; i < stage->count; i++) {
        stage->lines[i].stage = stage;
        stage->lines[i].number = i;
        stage->lines[i].inner = ground->network(ground->with, i);
        stage->lines[i].outbound = flow->elements[i].outbound;
    }
    for (unsigned i = 0; i < stage->count; i++)
        if (!open_line(stage, i)) {
            *why = flow->elements[i].name;
            stage_free(stage);
            return NULL;
        }
    return stage;
}

void stage_free(struct stage *stage)
{
    if (!stage)
        return;
    for (unsigned i = 0; i < stage->count; i++) {
        stage->ground.attach(stage->ground.with, i, NULL);
        if (stage->lines[i].cast.is)
            cast_close(&stage->lines[i].cast);
    }
    recording_free(&stage->recording);
    reader_free(stage->reader);
    bytes_free(&stage->room);
    free(stage);
}

/* ---- Looking --------------------------------------------------------------------------------- */

size_t stage_left(const struct stage *stage, unsigned element)
{
    return cast_left(&stage->lines[element].cast);
}

struct recording *stage_recording(struct stage *stage)
{
    return &stage->recording;
}
