/* user.c: see user.h. */
#include "user.h"

#include <stdio.h>
#include <string.h>

enum { EXPIRES_S = 3600, TEXT = 1024, REDIRECTIONS = 5 };

static const sipv_slice none = {NULL, 0};

/* ---- Texts ----------------------------------------------------------------------------------- */

/* A session description with the host of this user for %h; absent if there is none. */
static sipv_slice description(struct user *u, const char *text, char out[USER_SDP])
{
    struct bytes b = {0};
    struct hop self;
    size_t n;

    if (!text || u->network.self(u->network.with, HOP_UDP, &self) != SIPV_OK)
        return none;
    for (const char *at = text; *at; at += n) {
        n = strcspn(at, "%");
        bytes_add(&b, at, n);
        if (strncmp(at + n, "%h", 2) == 0) {
            bytes_text(&b, self.host);
            n += 2;
        }
    }
    n = b.n < USER_SDP ? b.n : USER_SDP;
    memcpy(out, b.p, n);
    bytes_free(&b);
    return sipv_slice_of(out, n);
}

/* ---- Calls ----------------------------------------------------------------------------------- */

static struct user_call *call_of(struct user *u, ua_call_id id)
{
    for (size_t i = 0; i < USER_CALLS; i++)
        if (u->calls[i].id == id)
            return &u->calls[i];
    return NULL;
}

static void begin(struct user *u, ua_call_id id)
{
    struct user_call *call = call_of(u, 0);

    u->latest = id;
    u->rings = false;
    if (call)
        call->id = id;
}

size_t user_calls(const struct user *u)
{
    size_t n = 0;

    for (size_t i = 0; i < USER_CALLS; i++)
        n += u->calls[i].id != 0;
    return n;
}

bool user_unsettled(const struct user *u)
{
    for (size_t i = 0; i < USER_CALLS; i++)
        if (u->calls[i].id != 0 && !u->calls[i].stands)
            return true;
    return u->modifying;
}

static void later(struct user *u, uint64_t at, enum user_what what, ua_call_id call)
{
    for (size_t i = 0; i < USER_TODO; i++)
        if (u->todo[i].what == USER_NOTHING) {
            u->todo[i] = (struct user_todo){what, at, call};
            return;
        }
}

/* ---- Events ---------------------------------------------------------------------------------- */

static void incoming(struct user *u, uint64_t now, ua_call_id id)
{
    begin(u, id);
    if (u->is->ring_ms > 0)
        later(u, now + u->is->ring_ms, USER_RING, id);
    if (u->is->status >= 0)
        later(u, now + u->is->answer_ms, USER_ANSWER, id);
    later(u, now + USER_RINGS_MS, USER_GIVE_UP, id);
}

static void ended(struct user *u, const struct ua_event *event)
{
    struct user_call *call = call_of(u, event->call);

    if (call)
        *call = (struct user_call){0, false};
    if (event->call == u->latest)
        u->modifying = false;
    u->ended = event->status;
}

static void established(struct user *u, uint64_t now, ua_call_id id)
{
    struct user_call *call = call_of(u, id);

    if (call && !call->stands)
        later(u, now + USER_TALKS_MS, USER_FALL_ASLEEP, id);
    if (call)
        call->stands = true;
}

static void take_event(struct user *u, uint64_t now, const struct ua_event *event)
{
    char sdp[USER_SDP];

    switch (event->what) {
    case UA_INCOMING: incoming(u, now, event->call); break;
    case UA_PROGRESS: u->rings = u->rings || event->status == 180; break;
    case UA_ESTABLISHED: established(u, now, event->call); break;
    case UA_ENDED: ended(u, event); break;
    case UA_OFFER:
        ua_answer_offer(&u->ua, now, event->call, 200, description(u, u->is->sdp, sdp));
        break;
    case UA_MODIFIED: u->modifying = false; break;
    case UA_RESPONSE: u->registered = event->status; break;
    default: break;
    }
}

static void take_events(struct user *u, uint64_t now)
{
    struct ua_event event;

    while (ua_next(&u->ua, &event))
        take_event(u, now, &event);
}

/* ---- As an element --------------------------------------------------------------------------- */

static void receive(void *self, uint64_t now, uint64_t flow, bool reliable, sipv_slice octets)
{
    struct user *u = self;

    u->element.receive(u->element.self, now, flow, reliable, octets);
    take_events(u, now);
}

static void failed(void *self, uint64_t now, uint64_t flow)
{
    struct user *u = self;

    u->element.failed(u->element.self, now, flow);
    take_events(u, now);
}

static uint64_t wake(void *self)
{
    const struct user *u = self;
    uint64_t at = u->element.wake(u->element.self);

    for (size_t i = 0; i < USER_TODO; i++)
        if (u->todo[i].what != USER_NOTHING && u->todo[i].at < at)
            at = u->todo[i].at;
    return at;
}

/* The call may be gone by now; then it is not found. */
static void do_now(struct user *u, uint64_t now, const struct user_todo *todo)
{
    const struct user_call *call = call_of(u, todo->call);
    int status = todo->what == USER_RING ? 180 : u->is->status > 0 ? u->is->status : 200;
    char sdp[USER_SDP];

    if (!call)
        return;
    if (todo->what == USER_RING || todo->what == USER_ANSWER)
        ua_answer(&u->ua, now, todo->call, status,
                  status >= 200 && status < 300 ? description(u, u->is->sdp, sdp) : none, NULL);
    else if (!call->stands || todo->what == USER_FALL_ASLEEP)
        ua_hang_up(&u->ua, now, todo->call);
}

static void advance(void *self, uint64_t now)
{
    struct user *u = self;

    if (u->element.wake(u->element.self) <= now)
        u->element.advance(u->element.self, now);
    for (size_t i = 0; i < USER_TODO; i++) {
        const struct user_todo todo = u->todo[i];

        if (todo.what == USER_NOTHING || todo.at > now)
            continue;
        u->todo[i].what = USER_NOTHING;
        do_now(u, now, &todo);
    }
    take_events(u, now);
}

struct element user_element(struct user *u)
{
    return (struct element){u, receive, failed, wake, advance};
}

int user_open(struct user *u, const struct callflow_element *is, const struct network *network,
              const char *password, const char *route, uint64_t seed)
{
    struct ua_settings settings = ua_settings_default();
    int result;

    memset(u, 0, sizeof *u);
    u->is = is;
    u->network = *network;
    u->ended = -1;
    settings.calls = USER_CALLS;
    settings.transactions.limits.transactions = 64;
    settings.transactions.seed[0] = seed;
    settings.dialogs.dialogs = 16;
    settings.dialogs.seed[0] = seed;
    settings.aor = is->uri;
    settings.display_name = is->display;
    settings.username = is->login;
    settings.password = password;
    settings.digest.prefer_integrity = is->auth_int;
    settings.provisional = UA_1XX_UNRELIABLE;
    settings.redirections = REDIRECTIONS;
    settings.route = route;
    settings.next = route || !is->outbound ? NULL : "sip:" USER_OUTBOUND;
    settings.seed[0] = seed;
    settings.seed[1] = 1;
    result = ua_open(&u->ua, &settings, network);
    if (result == SIPV_OK)
        u->element = ua_element(&u->ua);
    return result;
}

void user_close(struct user *u)
{
    ua_close(&u->ua);
}

size_t user_left(const struct user *u)
{
    return user_calls(u) + ua_calls(&u->ua) + ua_dialogs(&u->ua) + ua_transactions(&u->ua);
}

/* ---- What it does ---------------------------------------------------------------------------- */

bool user_register(struct user *u, uint64_t now, enum callflow_action action, const char *contacts)
{
    const char *at = strchr(u->is->uri, '@');
    char registrar[TEXT], more[TEXT] = "";
    bool own = action == CALLFLOW_REGISTER && !contacts;

    snprintf(registrar, sizeof registrar, "sip:%s", at ? at + 1 : "");
    if (action == CALLFLOW_REGISTER && contacts)
        snprintf(more, sizeof more, "Contact: %s\r\nExpires: %d\r\n", contacts, EXPIRES_S);
    else if (action == CALLFLOW_REGISTER)
        snprintf(more, sizeof more, "Expires: %d\r\n", EXPIRES_S);
    else if (action == CALLFLOW_UNREGISTER)
        snprintf(more, sizeof more, "Contact: *\r\nExpires: 0\r\n");

    struct ua_outgoing what = {
        .method = "REGISTER", .uri = registrar, .to = u->is->uri, .more = more, .no_contact = !own};

    u->registered = 0;
    return ua_request(&u->ua, now, &what, 1) == SIPV_OK;
}

bool user_call(struct user *u, uint64_t now, const char *uri)
{
    char sdp[USER_SDP];
    struct ua_outgoing what = {.uri = uri,
                               .more = u->is->headers,
                               .body = u->is->late_offer ? none : description(u, u->is->sdp, sdp)};
    ua_call_id call;

    if (ua_invite(&u->ua, now, &what, &call) != SIPV_OK)
        return false;
    begin(u, call);
    later(u, now + USER_CALLS_MS, USER_GIVE_UP, call);
    take_events(u, now);
    return true;
}

bool user_hang_up(struct user *u, uint64_t now)
{
    bool done = ua_hang_up(&u->ua, now, u->latest) == SIPV_OK;

    take_events(u, now);
    return done;
}

bool user_modify(struct user *u, uint64_t now, const char *text)
{
    char sdp[USER_SDP];

    u->modifying =
        ua_modify(&u->ua, now, u->latest, UA_REINVITE, description(u, text, sdp)) == SIPV_OK;
    return u->modifying;
}
