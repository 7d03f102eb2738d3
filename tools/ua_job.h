/* ua_job.h: what a command `sipvet ua ...` has its user do: register, call, answer calls, ask. */
#ifndef SIPVET_TOOLS_UA_JOB_H
#define SIPVET_TOOLS_UA_JOB_H

#include "phone.h"

enum ua_task { UA_TASK_REGISTER, UA_TASK_CALL, UA_TASK_ANSWER, UA_TASK_ASK };

struct ua_job {
    enum ua_task task;     /* once it is registered, if there is a registrar */
    const char *target;    /* URI */
    const char *registrar; /* URI, NULL: none */
    uint64_t expires_s;
    uint64_t ring_ms, hang_up_ms; /* UINT64_MAX: never */
    uint64_t status, calls;       /* how it answers; how many calls until it ends, 0: never */
    bool takes_back;              /* the registration, in the end */

    /* Its own. */
    uint64_t done;            /* calls that have ended */
    ua_call_id call;          /* that was made */
    bool registered, leaving; /* the registration */
    int result;
};

/* Does it, with the options of PHONE_OPTIONS; the exit status. */
int ua_job_run(struct ua_job *job, const struct arguments *args);

#endif
