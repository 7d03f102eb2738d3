/* foreign.c: see foreign.h. */
#include "foreign.h"

#include <stdio.h>
#include <string.h>

/* `uri` with another host.  False if it is too long. */
static bool at_domain(const char *uri, const char *domain, char out[FOREIGN_TEXT])
{
    size_t user = strcspn(uri, "@");

    return (size_t)snprintf(out, FOREIGN_TEXT, "%.*s@%s", (int)user, uri, domain) < FOREIGN_TEXT;
}

static bool copy_elements(struct foreign *out, const char *domain)
{
    unsigned count = callflow_element_count(&out->flow), proxies = 0;

    memcpy(out->elements, out->flow.elements, count * sizeof *out->elements);
    for (unsigned i = 0; i < count; i++) {
        struct callflow_element *e = &out->elements[i];

        proxies += e->role == CALLFLOW_PROXY;
        if (e->role == CALLFLOW_PROXY)
            continue;
        if (e->role != CALLFLOW_USER)
            return false;
        if (domain && !at_domain(e->uri, domain, out->uris[i]))
            return false;
        if (domain)
            e->uri = out->uris[i];
    }
    out->flow.elements = out->elements;
    return proxies > 0;
}

static bool copy_steps(struct foreign *out, const char *domain)
{
    size_t i = 0;

    for (; out->flow.steps[i].who; i++) {
        if (i == FOREIGN_STEPS)
            return false;
        out->steps[i] = out->flow.steps[i];
        if (!domain || out->steps[i].action != CALLFLOW_CALL)
            continue;
        if (!at_domain(out->steps[i].text, domain, out->texts[i]))
            return false;
        out->steps[i].text = out->texts[i];
    }
    out->flow.steps = out->steps;
    return true;
}

bool foreign_flow(struct foreign *out, const struct callflow *flow, const char *domain)
{
    memset(out, 0, sizeof *out);
    out->flow = *flow;
    return copy_elements(out, domain) && copy_steps(out, domain);
}
