/* finals.c: see finals.h. */
#include "finals.h"

#include "../output.h"
#include "field.h"

#include <stdlib.h>
#include <string.h>

/* The branches of the topmost Via of all messages, by which elements tell transactions apart. */
static struct bytes *read_branches(const struct recording *r)
{
    struct bytes *branches = need(r->count, sizeof *branches);

    for (size_t i = 0; i < r->count; i++)
        field_read(reader_parse(r->reader, bytes_slice(&r->messages[i].octets)), "Via.branch",
                   &branches[i]);
    return branches;
}

static void free_branches(struct bytes *branches, size_t count)
{
    for (size_t i = 0; i < count; i++)
        bytes_free(&branches[i]);
    free(branches);
}

/* Is it switched off some time? */
static bool leaves(const struct callflow *flow, unsigned element)
{
    for (size_t i = 0; flow->steps[i].who; i++)
        if (flow->steps[i].action == CALLFLOW_LEAVE &&
            strcmp(flow->steps[i].who, flow->elements[element].name) == 0)
            return true;
    return false;
}

static bool must_be_answered(const struct callflow *flow, const struct recorded *m)
{
    if (!m->request || m->arrived_at == 0 || m->to == FLOW_OUTSIDE || !m->method.p ||
        sipv_slice_is(m->method, "ACK") || flow->elements[m->to].role == CALLFLOW_SILENT ||
        leaves(flow, m->to))
        return false;
    return flow->elements[m->to].role != CALLFLOW_PROXY || sipv_slice_is(m->method, "INVITE") ||
           sipv_slice_is(m->method, "REGISTER");
}

static bool is_final(const struct recorded *request, const struct recorded *m)
{
    return m->status >= 200 && m->from == request->to && m->method.p &&
           sipv_slice_equal(m->method, request->method);
}

/* The final status of request `i`; 0: it has none; -1: it has two. */
static int final_of(const struct recording *r, const struct bytes *branches, size_t i)
{
    int status = 0;

    for (size_t k = 0; k < r->count; k++) {
        if (!is_final(&r->messages[i], &r->messages[k]) ||
            !sipv_slice_equal(bytes_slice(&branches[i]), bytes_slice(&branches[k])))
            continue;
        if (status > 0 && status != r->messages[k].status)
            return -1;
        status = r->messages[k].status;
    }
    return status;
}

void expect_finals(const struct callflow *flow, const struct recording *r, struct outcome *out)
{
    struct bytes *branches = read_branches(r);

    out->met = true;
    out->expected.n = out->seen.n = 0;
    bytes_text(&out->expected, "one final response");
    for (size_t i = 0; i < r->count && out->met; i++) {
        int status = must_be_answered(flow, &r->messages[i]) ? final_of(r, branches, i) : 200;

        out->met = status > 0;
        if (!out->met) {
            bytes_text(&out->seen, status < 0 ? "two that differ for " : "none for ");
            recorded_name(flow, &r->messages[i], &out->seen);
        }
    }
    free_branches(branches, r->count);
}
