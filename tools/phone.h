/* phone.h: what the commands `sipvet ua ...` share: a user agent on sockets and somebody who uses
 * it. */
#ifndef SIPVET_TOOLS_PHONE_H
#define SIPVET_TOOLS_PHONE_H

#include "digest.h"
#include "online.h"

#include "harness/ua.h"

/* Options of all of them. */
#define PHONE_OPTIONS                                                                              \
    ONLINE_OPTIONS,                                                                                \
        {"as", 0, "URI", NULL, "the own address-of-record (default: sip:sipvet@ the own host)",    \
         false},                                                                                   \
        {"username", 0, "TEXT", NULL, "name for challenges (default: that of --as)", false},       \
        {"password-file",                                                                          \
         0,                                                                                        \
         "FILE",                                                                                   \
         NULL,                                                                                     \
         "the password is in FILE, less one final line end",                                       \
         false},                                                                                   \
        {"password-env", 0, "VAR", NULL, "the password is in this environment variable", false},   \
        {"password", 0, "TEXT", NULL, "the password; others can see it while this runs", false},   \
        {"ha1", 0, "DIGITS", NULL, "H(username:realm:password) in place of a password", false},    \
        {"qop", 0, NULL, phone_qops, "which one to use where several are offered (default: auth)", \
         false},                                                                                   \
        {"next", 0, "URI", NULL, "send requests there, as they are", false},                       \
        {"route", 0, "VALUE", NULL, "a Route for requests: <sip:proxy.example;lr>", false},        \
    {                                                                                              \
        "header", 0, "LINE", NULL, "one more header field, 'Subject: x'; any number", false        \
    }

extern const char *const phone_qops[];

enum { PHONE_CALLS = 64 };

/* A call, and what is to be done with it. */
struct phone_call {
    ua_call_id id;
    bool established;
    struct bytes sdp;               /* what it will be answered with */
    uint64_t answer_at, hang_up_at; /* UINT64_MAX: not */
};

struct phone {
    struct online online;
    struct ua ua;
    struct digest_secret secret;
    struct input sdp;   /* of --sdp */
    struct bytes lines; /* of --header */
    struct bytes told;  /* the session description made last */
    char aor[UA_NAME + 1];
    struct phone_call calls[PHONE_CALLS];
    uv_timer_t tick;
    bool has_ua, has_secret, has_sdp, has_tick;
    /* What the command makes of events and of time. */
    void (*event)(struct phone *p, uint64_t now, const struct ua_event *event);
    void (*time)(struct phone *p, uint64_t now); /* every PHONE_TICK_MS; NULL */
    void *command;
};

enum { PHONE_TICK_MS = 20 };

/* Opens all of it; `target` is where requests will go, NULL: not known.  EXIT_FINE, or another
 * status after a message; phone_close() in either case. */
int phone_open(struct phone *p, const struct arguments *args, const char *target);
int phone_close(struct phone *p, int status);
/* Until online_end(). */
int phone_run(struct phone *p);

/* Takes the events that a call of the user agent may have left. */
void phone_take(struct phone *p);

/* The session description for a call: of --sdp, or one made now: the answer to `offer`, or if that
 * is absent an offer.  Absent if the offer cannot be answered; valid until the next call. */
sipv_slice phone_sdp(struct phone *p, sipv_slice offer);

/* What happens, as a line or as a record "sipvet.ua/1". `call` 0: none; `status` 0: none;
 * `message` may be absent. */
void phone_say(const struct phone *p, const char *event, ua_call_id call, int status,
               sipv_slice message);

/* The status of the program for the final status of a request: EXIT_FINDINGS for a refusal,
 * EXIT_NETWORK for none, or none that came from a peer. */
int phone_status(int status, sipv_slice message);

/* An option in seconds, as milliseconds.  False after a complaint. */
bool phone_ms(const struct arguments *args, const char *name, const char *otherwise, uint64_t *ms);

/* Its entry; a new one for id 0.  NULL: none. */
struct phone_call *phone_call_of(struct phone *p, ua_call_id id);
void phone_forget(struct phone_call *call);

#endif
