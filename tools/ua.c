/* ua.c: `sipvet ua register`, `call`, `answer` and `options`. */
#include "phone.h"

#include "output.h"

#include <stdlib.h>
#include <string.h>

#define REGISTER_OPTION                                                                            \
    {                                                                                              \
        "register", 0, "URI", NULL, "register at this registrar first", false                      \
    }

#define EXPIRES_OPTION                                                                             \
    {                                                                                              \
        "expires", 0, "SECONDS", NULL, "for how long to register (default: 3600)", false           \
    }

#define SDP_OPTION                                                                                 \
    {                                                                                              \
        "sdp", 0, "FILE", NULL, "the session description (default: one of audio)", false           \
    }

static const struct option_spec ua_register_options[] = {
    PHONE_OPTIONS,
    EXPIRES_OPTION,
    {"unregister", 0, NULL, NULL, "take the registration back before it ends", false},
    {NULL, 0, NULL, NULL, NULL, false},
};

static const struct option_spec ua_call_options[] = {
    PHONE_OPTIONS,
    REGISTER_OPTION,
    EXPIRES_OPTION,
    SDP_OPTION,
    {"hang-up-after", 0, "SECONDS", NULL, "how long a call lasts (default: 1)", false},
    {NULL, 0, NULL, NULL, NULL, false},
};

static const struct option_spec ua_answer_options[] = {
    PHONE_OPTIONS,
    REGISTER_OPTION,
    EXPIRES_OPTION,
    SDP_OPTION,
    {"ring", 0, "SECONDS", NULL, "how long it rings before it answers (default: 0)", false},
    {"status", 0, "CODE", NULL, "what it answers (default: 200)", false},
    {"calls", 0, "N", NULL, "end after so many calls; 0: never (default: 1)", false},
    {"hang-up-after", 0, "SECONDS", NULL, "how long a call lasts (default: until the peer ends it)",
     false},
    {NULL, 0, NULL, NULL, NULL, false},
};

static const struct option_spec ua_options_options[] = {
    PHONE_OPTIONS,
    {NULL, 0, NULL, NULL, NULL, false},
};

/* What the commands need to know besides. */
struct job {
    const char *target;    /* URI */
    const char *registrar; /* URI, NULL: none */
    uint64_t expires_s;
    uint64_t ring_ms, hang_up_ms; /* UINT64_MAX: never */
    uint64_t status, calls;       /* how it answers; how many calls until it ends, 0: never */
    uint64_t done;                /* calls that have ended */
    ua_call_id call;              /* that was made */
    bool takes_back, registered, leaving; /* the registration */
    int result;
    void (*next)(struct phone *p, uint64_t now); /* when it is registered, or at once */
};

static const sipv_slice none = {NULL, 0};

static struct job *job_of(struct phone *p)
{
    return p->command;
}

/* ---- Options --------------------------------------------------------------------------------- */

static int read_number(const struct arguments *args, const char *name, const char *otherwise,
                       uint64_t least, uint64_t most, uint64_t *value)
{
    const char *text = arguments_value(args, name, otherwise);

    if (sipv_number(sipv_slice_text(text), most, value) == SIPV_OK && *value >= least)
        return EXIT_FINE;
    return usage_error(args->command, "option '--%s' takes a number from %u to %u, not '%s'", name,
                       (unsigned)least, (unsigned)most, text);
}

static int read_job(const struct arguments *args, struct job *job)
{
    int result;

    job->target = args->operand_count > 0 ? args->operands[0] : NULL;
    job->registrar = arguments_value(args, "register", NULL);
    job->takes_back = job->registrar || arguments_have(args, "unregister");
    if ((result = read_number(args, "expires", "3600", 1, UINT32_MAX, &job->expires_s)) !=
            EXIT_FINE ||
        (result = read_number(args, "status", "200", 200, 699, &job->status)) != EXIT_FINE ||
        (result = read_number(args, "calls", "1", 0, 1000000, &job->calls)) != EXIT_FINE)
        return result;
    if (!phone_ms(args, "ring", "0", &job->ring_ms) ||
        (arguments_have(args, "hang-up-after") &&
         !phone_ms(args, "hang-up-after", "", &job->hang_up_ms)))
        return EXIT_USAGE;
    return EXIT_FINE;
}

/* ---- Ends ------------------------------------------------------------------------------------ */

/* All is done; a registration is taken back first. */
static void leave(struct phone *p, uint64_t now, int result)
{
    struct job *job = job_of(p);

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
    struct job *job = job_of(p);
    bool any = false;

    job->calls = 1;
    for (size_t i = 0; i < PHONE_CALLS; i++)
        if (p->calls[i].id != 0)
            any = ua_hang_up(&p->ua, now, p->calls[i].id) == SIPV_OK || any;
    phone_take(p);
    if (!any)
        leave(p, now, EXIT_FINE);
}

/* ---- Registering ----------------------------------------------------------------------------- */

static void begin(struct phone *p, uint64_t now)
{
    struct job *job = job_of(p);
    int result;

    if (!job->registrar) {
        job->next(p, now);
        return;
    }
    result = ua_register(&p->ua, now, job->registrar, (uint32_t)job->expires_s);
    if (result != SIPV_OK)
        refused(p, now, result, job->registrar);
}

static void registration(struct phone *p, uint64_t now, const struct ua_event *event)
{
    struct job *job = job_of(p);
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
        job->next(p, now);
    }
}

/* ---- Calls ----------------------------------------------------------------------------------- */

static void established(struct phone *p, uint64_t now, const struct ua_event *event)
{
    const struct job *job = job_of(p);
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
    struct job *job = job_of(p);
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
    const struct job *job = job_of(p);
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

/* ---- The commands ---------------------------------------------------------------------------- */

static void call_now(struct phone *p, uint64_t now)
{
    struct job *job = job_of(p);
    struct phone_call *call = phone_call_of(p, 0);
    const struct ua_outgoing what = {
        .uri = job->target, .more = (const char *)p->lines.p, .body = phone_sdp(p, none)};
    const int result = ua_invite(&p->ua, now, &what, &job->call);

    if (result != SIPV_OK)
        refused(p, now, result, job->target);
    else
        call->id = job->call;
}

static void wait_now(struct phone *p, uint64_t now)
{
    (void)p;
    (void)now;
}

static void options_now(struct phone *p, uint64_t now)
{
    const struct ua_outgoing what = {
        .method = "OPTIONS", .uri = job_of(p)->target, .more = (const char *)p->lines.p};
    const int result = ua_request(&p->ua, now, &what, 1);

    if (result != SIPV_OK)
        refused(p, now, result, job_of(p)->target);
}

static void registered_now(struct phone *p, uint64_t now)
{
    leave(p, now, EXIT_FINE);
}

static int run(const struct arguments *args, struct job *job)
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

static int run_ua_register(const struct arguments *args)
{
    struct job job = {.next = registered_now};
    const int result = read_job(args, &job);

    job.registrar = args->operands[0];
    job.target = NULL;
    return result == EXIT_FINE ? run(args, &job) : result;
}

static const char ua_register_description[] =
    "REGISTRAR is a URI, sip:example.com; --as says which address is registered. A challenge is\n"
    "answered if there is a password. The first line on standard output names the own\n"
    "addresses, then there is a line for all that happens; json and ndjson write records\n"
    "\"sipvet.listening/1\" and \"sipvet.ua/1\".\n"
    "\n"
    "What is sent goes to where the URI says, or to --next. By default the user agent listens\n"
    "at 127.0.0.1 on UDP and TCP, and for a target that wants TLS on that too; then\n"
    "--certificate or --self-signed is needed.\n"
    "\n"
    "The exit status is 0 if it was registered, 1 if that was refused, 4 if there was no answer\n"
    "or no way to the registrar.\n";

const struct command command_ua_register = {
    .name = "ua register",
    .operands = "REGISTRAR",
    .summary = "Registers an address at a registrar",
    .run = run_ua_register,
    .options = ua_register_options,
    .min_operands = 1,
    .max_operands = 1,
    .description = ua_register_description,
    .examples = "sipvet ua register --as sip:alice@example.com --next sip:127.0.0.1:5060 \\\n"
                "    --password-env PW sip:example.com\n",
};

static int run_ua_call(const struct arguments *args)
{
    struct job job = {.next = call_now, .hang_up_ms = 1000};
    const int result = read_job(args, &job);

    return result == EXIT_FINE ? run(args, &job) : result;
}

static const char ua_call_description[] =
    "Makes a call, ends it after --hang-up-after, and says what happens on the way. The session\n"
    "description is --sdp or one stream of audio; nothing is heard or said.\n"
    "\n"
    "With --register it registers before and takes that back in the end. Addresses, challenges\n"
    "and output: as with 'sipvet ua register'.\n"
    "\n"
    "The exit status is 0 if the call was established, 1 if it was refused, 4 if there was no\n"
    "answer or no way to get there.\n";

const struct command command_ua_call = {
    .name = "ua call",
    .operands = "URI",
    .summary = "Calls somebody",
    .run = run_ua_call,
    .options = ua_call_options,
    .min_operands = 1,
    .max_operands = 1,
    .description = ua_call_description,
    .examples = "sipvet ua call --trace call.pcap sip:bob@127.0.0.1:5070\n"
                "sipvet ua call --as sip:alice@example.com --password-env PW --qop auth-int \\\n"
                "    --next 'sip:127.0.0.1:5060;transport=tcp' sip:bob@example.com\n",
};

static int run_ua_answer(const struct arguments *args)
{
    struct job job = {.next = wait_now, .hang_up_ms = UINT64_MAX};
    const int result = read_job(args, &job);

    return result == EXIT_FINE ? run(args, &job) : result;
}

static const char ua_answer_description[] =
    "Answers with --status after it has rung for --ring, and ends after --calls. An offer is\n"
    "answered with --sdp, or with what is in common with one stream of audio.\n"
    "\n"
    "With --register it registers before and takes that back in the end. Addresses, challenges\n"
    "and output: as with 'sipvet ua register'.\n"
    "\n"
    "The exit status is 0 after all calls, and after SIGINT or SIGTERM; 4 if nothing has come\n"
    "in for --timeout.\n";

const struct command command_ua_answer = {
    .name = "ua answer",
    .operands = "",
    .summary = "Waits for calls and answers them",
    .run = run_ua_answer,
    .options = ua_answer_options,
    .description = ua_answer_description,
    .examples = "sipvet ua answer --listen udp:127.0.0.1:5070 --ring 2\n"
                "sipvet ua answer --calls 0 --status 486 --register sip:example.com \\\n"
                "    --as sip:bob@example.com --next sip:127.0.0.1:5060\n",
};

static int run_ua_options(const struct arguments *args)
{
    struct job job = {.next = options_now};
    const int result = read_job(args, &job);

    return result == EXIT_FINE ? run(args, &job) : result;
}

static const char ua_options_description[] =
    "Sends OPTIONS and shows the final response. Addresses, challenges and output: as with\n"
    "'sipvet ua register'.\n"
    "\n"
    "The exit status is 0 for a 2xx, 1 for another response, 4 for none.\n";

const struct command command_ua_options = {
    .name = "ua options",
    .operands = "URI",
    .summary = "Asks what somebody is able to do",
    .run = run_ua_options,
    .options = ua_options_options,
    .min_operands = 1,
    .max_operands = 1,
    .description = ua_options_description,
    .examples = "sipvet ua options sip:127.0.0.1:5060\n"
                "sipvet ua options -f json sip:127.0.0.1 | jq -r .message\n",
};
