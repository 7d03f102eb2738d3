/* Datagrams in both profiles. */
#include "spec.h"

const char *spec_run_message(void)
{
    struct framed framed;
    const char *fault;
    for (int profile = SIPV_STRICT; profile <= SIPV_INTEROP; profile++) {
        room_parse(&spec.room, fence_end(&spec.fence, spec.input, spec.n_input), spec.n_input,
                   (sipv_profile)profile);
        const sipv_message *m = &spec.room.m;
        spec_add(&spec.got, "%s %s", profile == SIPV_STRICT ? "strict" : "interop",
                 m->accepted ? "accept" : "reject");
        spec_add(&spec.got, m->suggested_status ? " %u\n" : "\n", m->suggested_status);
        for (size_t i = 0; i < m->n_diags; i++)
            spec_add(&spec.got, "  %s %zu+%zu\n", sipv_diag_find(m->diags[i].code)->name,
                     m->diags[i].off, m->diags[i].len);
        if ((fault = message_fault(m)))
            spec_problem("%s", fault);
        if (spec.n_input < 4096 && (fault = framer_fault(&spec.fence, spec.input, spec.n_input,
                                                         (sipv_profile)profile, &framed)))
            spec_problem("framer: %s", fault);
    }
    return "verdict";
}
