#include "digest.h"

#include <string.h>

#include "allocations.h"
#include "oracle.h"
#include "secrets.h"
#include "text.h"

struct fuzz_scenario fuzz_scenario_read(const struct fuzz_input *in)
{
    static const sipv_qop qops[] = {SIPV_QOP_AUTH, SIPV_QOP_AUTH_INT, SIPV_QOP_NONE, SIPV_QOP_AUTH};
    struct fuzz_scenario s;
    sipv_slice rest = fuzz_text(in);
    memset(&s, 0, sizeof s);
    s.username = fuzz_take(&rest, '\n');
    s.realm = fuzz_take(&rest, '\n');
    s.password = fuzz_take(&rest, '\n');
    s.method = fuzz_take(&rest, '\n');
    s.uri = fuzz_take(&rest, '\n');
    s.body = rest;
    s.algorithm = (sipv_algorithm)((in->bits & 7) % SIPV_ALGORITHM_COUNT);
    s.qop = qops[in->bits >> 3 & 3];
    s.userhash = in->bits >> 5 & 1;
    s.by_ha1 = in->bits >> 6 & 1;
    s.client_by_ha1 = in->bits >> 7 & 1;
    s.scene = (enum fuzz_scene)(in->bits >> FUZZ_SCENE_AT & 3);
    s.asked = in->bits >> FUZZ_ASKED_AT & 0x3f;
    s.number = in->bits >> FUZZ_NUMBER_AT;
    return s;
}

/* What the server keeps is secret meanwhile: under MemorySanitizer a branch on it is reported. */
sipv_auth_reason fuzz_scenario_judge(struct fuzz_server *server, const struct fuzz_scenario *s,
                                     sipv_slice value)
{
    enum { EVENTS = 1024, TEXT = 1 << 15 };
    static sipv_event events[EVENTS];
    static unsigned char text[TEXT];
    const uint64_t before = fuzz_allocations;
    sipv_room room = sipv_room_of(events, EVENTS, text, sizeof text);
    sipv_credentials c;
    const sipv_verifier_request request = {s->method, s->uri, s->body, {NULL, 0}};
    if (sipv_credentials_parse(value, &room, &c) != SIPV_OK)
        return SIPV_SYNTAX;
    server->guarded = fuzz_guards_secrets();
    const sipv_auth_reason reason = sipv_verify(server->verifier, server->hasher, &request, &c);
    if (server->guarded)
        FUZZ_CHECK(constant_time, !fuzz_is_secret(&reason, sizeof reason), "a reason is secret");
    server->guarded = false;
    FUZZ_CHECK(allocation, fuzz_allocations == before, "judging allocates");
    return reason;
}
