/* ua_job.c: what the user of a phone does, and makes of what happens. */
#include "ua_job.h"

#include <stdlib.h>
#include <string.h>

static const sipv_slice none = {NULL, 0};

static struct ua_job *job_of(struct phone *p)
{
    return p->command;
}

/* ---- Ends ------------------------------------------------------------------------------------ */

/* All is done; a registration is taken back first. */
static void leave(struct phone *p, uint64_t now, int result)
{
    struct ua_job *job = job_of(p);

    if (job->leaving)
        return;
    job->leaving = true;
    job->result = result;
    if (job->registered && job->takes_back && ua_unregister(&p->ua, now) == SIPV_OK)
        return;
    online_end(&p->online, result);
}

/* The user agent would not do it. */
static void refused(struct phone *p, uint64_t now, int why, const char *uri)
{
    if (why == SIPV_BAD_ARGUMENT) {
        fprintf(stderr, "sipvet: '%s' is no URI that a request can have\n", uri);
        leave(p, now, EXIT_USAGE);
        return;
    }
    fprintf(stderr, "sipvet: %s: there is no way to get there\n", uri);
    leave(p, now, EXIT_NETWORK);
}

/* A signal: calls are ended as their state wants it. */
static void on_stop(void *with, uint64_t now)
{
    struct phone *p = with;
    struct ua_job *job = job_of(p);
    bool any = false;

    job->calls = 1;
    for (size_t i = 0; i < PHONE_CALLS; i++)
        if (p->calls[i].id != 0)
            any = ua_hang_up(&p->ua, now, p->calls[i].id) == SIPV_OK || any;
    phone_take(p);
    if (!any)
        leave(p, now, EXIT_FINE);
}

/* ---- Tasks ----------------------------------------------------------------------------------- */

static void make_call(struct phone *p, uint64_t now)
{
    struct ua_job *job = job_of(p);
    struct phone_call *call = phone_call_of(p, 0);
    const struct ua_outgoing what = {
        .uri = job->target, .more = (const char *)p->lines.p, .body = phone_sdp(p, none)};
    const int result = ua_invite(&p->ua, now, &what, &job->call);

    if (result != SIPV_OK)
        refused(p, now, result, job->target);
    else
        call->id = job->call;
}

static void ask(struct phone *p, uint64_t now)
{
    const struct ua_outgoing what = {
        .method = "OPTIONS", .uri = job_of(p)->target, .more = (const char *)p->lines.p};
    const int result = ua_request(&p->ua, now, &what, 1);

    if (result != SIPV_OK)
        refused(p, now, result, job_of(p)->target);
}

static void begin_task(struct phone *p, uint64_t now)
{
    switch (job_of(p)->task) {
    case UA_TASK_REGISTER: leave(p, now, EXIT_FINE); break;
    case UA_TASK_CALL: make_call(p, now); break;
    case UA_TASK_ANSWER: break; /* calls will come */
    case UA_TASK_ASK: ask(p, now); break;
    }
}

/* ---- Registering ----------------------------------------------------------------------------- */

static void begin(struct phone *p, uint64_t now)
{
    struct ua_job *job = job_of(p);
    int result;

    if (!job->registrar) {
        begin_task(p, now);
        return;
    }
    result = ua_register(&p->ua, now, job->registrar, (uint32_t)job->expires_s);
    if (result != SIPV_OK)
        refused(p, now, result, job->registrar);
}

static void registration(struct phone *p, uint64_t now, const struct ua_event *event)
{
    struct ua_job *job = job_of(p);
    const bool fine = event->status >= 200 && event->status < 300;

    if (job->leaving) {
        phone_say(p, "unregistered", 0, event->status, event->octets);
        online_end(&p->online, job->result != EXIT_FINE || fine
                                   ? job->result
                                   : phone_status(event->status, event->octets));
        return;
    }
    phone_say(p, fine ? "registered" : "not registered", 0, event->status, event->octets);
    if (!fine) {
        leave(p, now, phone_status(event->status, event->octets));
    } else if (!job->registered) {
        job->registered = true;
        begin_task(p, now);
    }
}

/* ---- Calls ----------------------------------------------------------------------------------- */

static void established(struct phone *p, uint64_t now, const struct ua_event *event)
{
    const struct ua_job *job = job_of(p);
    struct phone_call *call = phone_call_of(p, event->call);

    if (!call || call->established)
        return;
    call->established = true;
    phone_say(p, "established", event->call, 0, event->octets);
    if (job->hang_up_ms != UINT64_MAX)
        call->hang_up_at = now + job->hang_up_ms;
}

static void ended(struct phone *p, uint64_t now, const struct ua_event *event)
{
    struct ua_job *job = job_of(p);
    struct phone_call *call = phone_call_of(p, event->call);

    phone_say(p, "ended", event->call, event->status, event->octets);
    if (call)
        phone_forget(call);
    job->done++;
    if (event->call == job->call)
        leave(p, now, event->status == 0 ? EXIT_FINE : phone_status(event->status, event->octets));
    else if (job->calls > 0 && job->done >= job->calls)
        leave(p, now, EXIT_FINE);
}

static void incoming(struct phone *p, uint64_t now, const struct ua_event *event)
{
    const struct ua_job *job = job_of(p);
    const bool wanted = !job->leaving && (job->calls == 0 || job->done < job->calls);
    struct phone_call *call = wanted ? phone_call_of(p, 0) : NULL;
    const sipv_slice sdp = phone_sdp(p, event->body);

    phone_say(p, "incoming", event->call, 0, event->octets);
    if (!call || !sdp.p) {
        ua_answer(&p->ua, now, event->call, sdp.p ? 486 : 488, none, NULL);
        return;
    }
    call->id = event->call;
    call->answer_at = now + job->ring_ms;
    bytes_set(&call->sdp, sdp);
    if (job->ring_ms > 0)
        ua_answer(&p->ua, now, event->call, 180, none, NULL);
}

static void on_event(struct phone *p, uint64_t now, const struct ua_event *event)
{
    switch (event->what) {
    case UA_REGISTRATION: registration(p, now, event); break;
    case UA_INCOMING: incoming(p, now, event); break;
    case UA_PROGRESS: phone_say(p, "progress", event->call, event->status, event->octets); break;
    case UA_ESTABLISHED: established(p, now, event); break;
    case UA_ENDED: ended(p, now, event); break;
    case UA_OFFER: ua_answer_offer(&p->ua, now, event->call, 200, phone_sdp(p, event->body)); break;
    case UA_RESPONSE:
        phone_say(p, "response", 0, event->status, event->octets);
        leave(p, now, phone_status(event->status, event->octets));
        break;
    case UA_REQUEST: phone_say(p, "message", 0, 0, event->octets); break;
    case UA_ANSWER:
    case UA_MODIFIED: break;
    }
}

static void answer(struct phone *p, uint64_t now, struct phone_call *call)
{
    const int status = (int)job_of(p)->status;

    call->answer_at = UINT64_MAX;
    ua_answer(&p->ua, now, call->id, status, status < 300 ? bytes_slice(&call->sdp) : none,
              (const char *)p->lines.p);
}

static void on_time(struct phone *p, uint64_t now)
{
    for (size_t i = 0; i < PHONE_CALLS; i++) {
        struct phone_call *call = &p->calls[i];

        if (call->id != 0 && now >= call->answer_at)
            answer(p, now, call);
        if (call->id != 0 && now >= call->hang_up_at) {
            call->hang_up_at = UINT64_MAX;
            ua_hang_up(&p->ua, now, call->id);
        }
    }
}

int ua_job_run(struct ua_job *job, const struct arguments *args)
{
    struct phone *p = need(1, sizeof *p);
    int result;

    memset(p, 0, sizeof *p);
    p->command = job;
    p->event = on_event;
    p->time = on_time;
    result = phone_open(p, args, job->target ? job->target : job->registrar);
    if (result == EXIT_FINE) {
        p->online.stop = on_stop;
        begin(p, online_now(&p->online));
        result = phone_run(p);
    }
    result = phone_close(p, result);
    free(p);
    return result;
}
