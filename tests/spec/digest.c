/* The digest grammar, and what the views of the digest library make of a value. */
#include <stdlib.h>
#include <string.h>

#include <sipvet/auth.h>

#include "spec.h"

static void show_fault(const sipv_fault *f)
{
    if (f->reason == SIPV_FINE)
        spec_add(&spec.got, "view fine\n");
    else
        spec_add(&spec.got, "view %s %s %zu+%zu\n", sipv_auth_reason_name(f->reason),
                 f->param ? f->param : "-", f->off, f->len);
}

/* A field that does not stand in the value as it is. */
static void show_plain(sipv_slice value, const char *name, sipv_slice s)
{
    static char text[4096];
    if (s.n && (s.p < value.p || s.p >= value.p + value.n))
        spec_add(&spec.got, "plain %s %s\n", name, escape_bytes(s.p, s.n, text, sizeof text));
}

static void show_challenges(sipv_slice value, sipv_room *room)
{
    sipv_challenges list;
    sipv_challenge c;
    if (sipv_challenges_parse(value, room, &list, NULL) != SIPV_OK)
        return;
    while (sipv_challenges_next(&list, &c) == SIPV_OK) {
        show_fault(&c.fault);
        show_plain(value, "realm", c.realm);
        show_plain(value, "nonce", c.nonce);
        show_plain(value, "opaque", c.opaque);
    }
}

static void show_credentials(sipv_slice value, sipv_room *room)
{
    sipv_credentials c;
    if (sipv_credentials_parse(value, room, &c) != SIPV_OK || c.fault.reason == SIPV_SYNTAX)
        return;
    show_fault(&c.fault);
    show_plain(value, "username", c.username);
    show_plain(value, "realm", c.realm);
    show_plain(value, "uri", c.uri);
}

static void show_info(sipv_slice value, sipv_room *room)
{
    sipv_auth_info i;
    if (sipv_auth_info_parse(value, room, &i) != SIPV_OK || i.fault.reason == SIPV_SYNTAX)
        return;
    show_fault(&i.fault);
    show_plain(value, "nextnonce", i.nextnonce);
}

/* What the view of a header value says; nothing of another rule. */
static void show_view(const char *rule, sipv_slice value)
{
    const size_t events = value.n + 64;
    sipv_event *ev = malloc(events * sizeof *ev);
    unsigned char *text = malloc(value.n + 1);
    sipv_room room = sipv_room_of(ev, events, text, value.n);
    if (ev && text && strcmp(rule, "challenges") == 0)
        show_challenges(value, &room);
    if (ev && text && strcmp(rule, "credentials") == 0)
        show_credentials(value, &room);
    if (ev && text && strcmp(rule, "authentication-info") == 0)
        show_info(value, &room);
    free(ev);
    free(text);
}

const char *spec_run_digest(const char *name)
{
    spec.engines.language = ENGINES_DIGEST;
    const int rule = sipv_rule_find(engines_grammar(ENGINES_DIGEST), sipv_slice_text(name));
    if (rule < 0)
        return NULL;
    const char *kind = spec_run_value(rule, false, SIPV_H_OTHER);
    show_view(name, sipv_slice_of(fence_end(&spec.fence, spec.input, spec.n_input), spec.n_input));
    return kind;
}
