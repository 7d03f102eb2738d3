#include "machine.h"

const struct machine *machine_of(enum transaction_kind kind)
{
    switch (kind) {
    case INVITE_CLIENT: return &invite_client;
    case NON_INVITE_CLIENT: return &non_invite_client;
    case INVITE_SERVER: return &invite_server;
    default: return &non_invite_server;
    }
}

const struct arc *machine_arc(const struct machine *m, enum transaction_state state,
                              enum transaction_event event)
{
    for (size_t i = 0; i < m->n; i++)
        if (m->arcs[i].state == state && m->arcs[i].event == event)
            return &m->arcs[i];
    return NULL;
}

enum transaction_event event_of_status(int status)
{
    if (status < 200)
        return EVENT_1XX;
    return status < 300 ? EVENT_2XX : EVENT_300_699;
}

const char *state_name(enum transaction_state state)
{
    static const char *const names[TRANSACTION_STATES] = {"Initial",    "Calling",   "Trying",
                                                          "Proceeding", "Accepted",  "Completed",
                                                          "Confirmed",  "Terminated"};
    return (size_t)state < TRANSACTION_STATES ? names[state] : "";
}

const char *timer_name(enum transaction_timer timer)
{
    static const char *const names[TRANSACTION_TIMERS] = {
        "Timer A", "Timer B", "Timer D", "Timer E", "Timer F", "Timer G",   "Timer H",
        "Timer I", "Timer J", "Timer K", "Timer L", "Timer M", "Timer 100", "Timer CANCEL"};
    return (size_t)timer < TRANSACTION_TIMERS ? names[timer] : "";
}
