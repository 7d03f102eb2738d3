/* ua.c: `sipvet ua register`, `call`, `answer` and `options`. */
#include "ua_job.h"

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

static int read_job(const struct arguments *args, struct ua_job *job)
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

/* ---- The commands ---------------------------------------------------------------------------- */

static int run_ua_register(const struct arguments *args)
{
    struct ua_job job = {.task = UA_TASK_REGISTER};
    const int result = read_job(args, &job);

    job.registrar = args->operands[0];
    job.target = NULL;
    return result == EXIT_FINE ? ua_job_run(&job, args) : result;
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
    struct ua_job job = {.task = UA_TASK_CALL, .hang_up_ms = 1000};
    const int result = read_job(args, &job);

    return result == EXIT_FINE ? ua_job_run(&job, args) : result;
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
    struct ua_job job = {.task = UA_TASK_ANSWER, .hang_up_ms = UINT64_MAX};
    const int result = read_job(args, &job);

    return result == EXIT_FINE ? ua_job_run(&job, args) : result;
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
    struct ua_job job = {.task = UA_TASK_ASK};
    const int result = read_job(args, &job);

    return result == EXIT_FINE ? ua_job_run(&job, args) : result;
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
