/* expect_answers.c: does a session description answer another (RFC 3264 section 6)? */
#include "../output.h"
#include "expect.h"

#include <sipvet/sdp.h>
#include <stdio.h>
#include <stdlib.h>

enum { LINES = 256, SECTIONS = 16, EVENTS = 4096, DIAGS = 16 };

struct description {
    sipv_sdp sdp;
    sipv_sdp_line lines[LINES];
    sipv_sdp_section sections[SECTIONS];
    sipv_event events[EVENTS];
    sipv_diag diags[DIAGS];
};

/* NULL: no description, or one that is not accepted. */
static struct description *describe(const struct recording *r, const struct recorded *message)
{
    const sipv_message *m = reader_parse(r->reader, bytes_slice(&message->octets));
    struct description *d;

    if (!m->body.p)
        return NULL;
    d = need(1, sizeof *d);
    sipv_sdp_init(&d->sdp, d->lines, LINES, d->sections, SECTIONS, d->events, EVENTS, d->diags,
                  DIAGS);
    if (sipv_sdp_parse(&d->sdp, m->body.p, m->body.n, NULL) == SIPV_OK)
        return d;
    free(d);
    return NULL;
}

static void compare(const struct description *offer, const struct description *answer,
                    struct outcome *out)
{
    sipv_diag diags[DIAGS];
    char code[16];
    size_t n = 0;

    out->met = sipv_sdp_check_answer(&offer->sdp, &answer->sdp, diags, DIAGS, &n) == SIPV_OK;
    for (size_t i = 0; i < n; i++) {
        snprintf(code, sizeof code, "SV%04u ", (unsigned)diags[i].code);
        bytes_text(&out->seen, code);
    }
}

void expect_answers(const struct recording *r, const struct recorded *offer,
                    const struct recorded *answer, struct outcome *out)
{
    struct description *a = describe(r, offer), *b = describe(r, answer);

    bytes_text(&out->expected, "an answer that fits its offer");
    if (a && b)
        compare(a, b, out);
    else
        bytes_text(&out->seen, a ? "no answer" : "no offer");
    free(a);
    free(b);
}
