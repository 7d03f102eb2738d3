#include "digest.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sipvet/auth.h>

#include "engines.h"

struct lines {
    char *p;
    size_t n, cap;
    sipv_slice value;
};

static void add(struct lines *l, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct lines *l, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const int n = vsnprintf(l->p + l->n, l->cap - l->n, format, args);
    va_end(args);
    if (n > 0 && (size_t)n < l->cap - l->n)
        l->n += (size_t)n;
}

static void show_fault(struct lines *l, const sipv_fault *f)
{
    if (f->reason == SIPV_FINE)
        add(l, "view fine\n");
    else
        add(l, "view %s %s %zu+%zu\n", sipv_auth_reason_name(f->reason), f->param ? f->param : "-",
            f->off, f->len);
}

/* A field that does not stand in the value as it is. */
static void show_plain(struct lines *l, const char *name, sipv_slice s)
{
    static char text[4096];
    if (s.n && (s.p < l->value.p || s.p >= l->value.p + l->value.n))
        add(l, "plain %s %s\n", name, escape_bytes(s.p, s.n, text, sizeof text));
}

static void show_challenges(struct lines *l, sipv_room *room)
{
    sipv_challenges list;
    sipv_challenge c;
    if (sipv_challenges_parse(l->value, room, &list, NULL) != SIPV_OK)
        return;
    while (sipv_challenges_next(&list, &c) == SIPV_OK) {
        show_fault(l, &c.fault);
        show_plain(l, "realm", c.realm);
        show_plain(l, "nonce", c.nonce);
        show_plain(l, "opaque", c.opaque);
    }
}

static void show_credentials(struct lines *l, sipv_room *room)
{
    sipv_credentials c;
    if (sipv_credentials_parse(l->value, room, &c) != SIPV_OK || c.fault.reason == SIPV_SYNTAX)
        return;
    show_fault(l, &c.fault);
    show_plain(l, "username", c.username);
    show_plain(l, "realm", c.realm);
    show_plain(l, "uri", c.uri);
}

static void show_info(struct lines *l, sipv_room *room)
{
    sipv_auth_info i;
    if (sipv_auth_info_parse(l->value, room, &i) != SIPV_OK || i.fault.reason == SIPV_SYNTAX)
        return;
    show_fault(l, &i.fault);
    show_plain(l, "nextnonce", i.nextnonce);
}

size_t spec_digest(const char *rule, const unsigned char *value, size_t n, char *out, size_t cap)
{
    struct lines l = {out, 0, cap, {value, n}};
    const size_t events = n + 64;
    sipv_event *ev = malloc(events * sizeof *ev);
    unsigned char *text = malloc(n + 1);
    sipv_room room = sipv_room_of(ev, events, text, n);
    if (ev && text && strcmp(rule, "challenges") == 0)
        show_challenges(&l, &room);
    if (ev && text && strcmp(rule, "credentials") == 0)
        show_credentials(&l, &room);
    if (ev && text && strcmp(rule, "authentication-info") == 0)
        show_info(&l, &room);
    free(ev);
    free(text);
    return l.n;
}
