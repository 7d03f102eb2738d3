/* callflow.c: see callflow.h. */
#include "callflow.h"

#include <string.h>

extern const struct callflow flow_registration, flow_session, flow_old_registration,
    flow_old_session, flow_2_1, flow_2_2, flow_2_3, flow_2_4, flow_2_5, flow_3_1, flow_3_2,
    flow_3_3, flow_3_4, flow_3_5, flow_3_6, flow_3_7, flow_3_8, flow_3_9, flow_3_10, flow_3_11;

const struct callflow *const callflows[] = {
    &flow_registration, &flow_session, &flow_old_registration,
    &flow_old_session,  &flow_2_1,     &flow_2_2,
    &flow_2_3,          &flow_2_4,     &flow_2_5,
    &flow_3_1,          &flow_3_2,     &flow_3_3,
    &flow_3_4,          &flow_3_5,     &flow_3_6,
    &flow_3_7,          &flow_3_8,     &flow_3_9,
    &flow_3_10,         &flow_3_11,    NULL};

const struct callflow *callflow_find(const char *name)
{
    for (size_t i = 0; callflows[i]; i++)
        if (strcmp(callflows[i]->name, name) == 0)
            return callflows[i];
    return NULL;
}

unsigned callflow_element_count(const struct callflow *flow)
{
    unsigned n = 0;

    while (n < FLOW_ELEMENTS && flow->elements[n].name)
        n++;
    return n;
}

unsigned callflow_element(const struct callflow *flow, sipv_slice name)
{
    for (unsigned i = 0; i < callflow_element_count(flow); i++)
        if (sipv_slice_equal(name, sipv_slice_text(flow->elements[i].name)))
            return i;
    return FLOW_OUTSIDE;
}
