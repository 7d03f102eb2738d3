/* Session descriptions, and lines of them. */
#include <stdio.h>
#include <string.h>

#include "spec.h"

extern int sipv_sdp_rule_of(const sipv_sdp_line *line);

/* ---- A line of a description that is right otherwise
 * ---------------------------------------------
 */

/* A description that is right but for the value of one line. */
static size_t describe(char type, const char *name, bool valued, unsigned char *out, size_t *at)
{
    static const char order[] = "vosiuepcbtrzkam";
    size_t n = 0;
    for (const char *p = order; *p; p++) {
        const bool here = *p == type;
        const char *usual = *p == 'v'   ? "0"
                            : *p == 'o' ? "- 1 1 IN IP4 192.0.2.1"
                            : *p == 's' ? "-"
                            : *p == 'c' ? "IN IP4 192.0.2.1"
                            : *p == 't' ? "0 0"
                            : *p == 'm' ? "audio 9 RTP/AVP 0"
                                        : NULL;
        if (*p == 'a' || (!here && !usual))
            continue;
        n += (size_t)sprintf((char *)out + n, "%c=", *p);
        if (here) {
            *at = n;
            memcpy(out + n, spec.input, spec.n_input);
            n += spec.n_input;
        } else {
            n += (size_t)sprintf((char *)out + n, "%s", usual);
        }
        n += (size_t)sprintf((char *)out + n, "\r\n");
    }
    if (type != 'a')
        return n;
    n += (size_t)sprintf((char *)out + n, "a=%s%s", name, valued ? ":" : "");
    *at = n;
    memcpy(out + n, spec.input, spec.n_input);
    n += spec.n_input;
    return n + (size_t)sprintf((char *)out + n, "\r\n");
}

/* The same value inside a description: read alike, and what is wrong with it there. */
static void in_description(char type, const char *name, const struct engines_outcome *alone)
{
    static unsigned char text[SPEC_LONGEST + 1024];
    size_t at = 0;
    const size_t n = describe(type, name, spec.n_input > 0, text, &at);
    const char *fault;
    described(&spec.description, fence_end(&spec.fence, text, n), n, SIPV_STRICT);
    const sipv_sdp *s = &spec.description.s;
    const sipv_sdp_line *line = NULL;
    for (size_t i = 0; i < s->n_lines; i++)
        if (s->lines[i].off + 2 <= at && s->lines[i].type == type)
            line = &s->lines[i];
    if ((fault = description_fault(s)) != NULL)
        spec_problem("%s", fault);
    else if (!line)
        spec_problem("the line is not there");
    else if (!alone->accepted && spec.n_input && line->state == SIPV_SDP_READ)
        spec_problem("the line is read, although its value is refused");
    for (size_t i = 0; i < s->n_diags; i++)
        if (s->diags[i].severity == SIPV_ERROR)
            spec_add(&spec.got, "finding %s %ld+%zu\n", sipv_sdp_diag_find(s->diags[i].code)->name,
                     (long)s->diags[i].off - (long)at, s->diags[i].len);
}

/* Can the value stand on a line? */
static bool fits_in_description(void)
{
    return spec.n_input == 0 ||
           (!memchr(spec.input, '\r', spec.n_input) && !memchr(spec.input, '\n', spec.n_input));
}

static const char *run_line(char type, const char *name)
{
    struct engines_outcome out;
    sipv_sdp_line line = {.type = type};
    line.id = (uint16_t)(type == 'a' ? sipv_sdp_attribute_find(sipv_slice_text(name)) : 0);
    if (type == 'a' && line.id == SIPV_SDP_A_OTHER)
        return NULL;
    const int rule = sipv_sdp_rule_of(&line);
    if (rule < 0) { /* without a value */
        memset(&out, 0, sizeof out);
        out.accepted = spec.n_input == 0;
        if (!out.accepted)
            spec_add(&spec.got, "byte 0\n");
    } else if (!spec_match(rule, false, &out)) {
        return "error";
    }
    if (fits_in_description())
        in_description(type, name, &out);
    return out.accepted ? "fields" : "error";
}

/* ---- Descriptions -------------------------------------------------------------------------------
 */

static const char *run_description(void)
{
    const char *fault;
    for (int profile = SIPV_STRICT; profile <= SIPV_INTEROP; profile++) {
        described(&spec.description, fence_end(&spec.fence, spec.input, spec.n_input), spec.n_input,
                  (sipv_profile)profile);
        const sipv_sdp *s = &spec.description.s;
        spec_add(&spec.got, "%s %s\n", profile == SIPV_STRICT ? "strict" : "interop",
                 s->accepted ? "accept" : "reject");
        for (size_t i = 0; i < s->n_diags; i++)
            spec_add(&spec.got, "  %s %zu+%zu\n", sipv_sdp_diag_find(s->diags[i].code)->name,
                     s->diags[i].off, s->diags[i].len);
        if ((fault = description_fault(s)))
            spec_problem("%s", fault);
    }
    return "verdict";
}

const char *spec_run_sdp(const char *subject)
{
    if (strcmp(subject, "sdp") == 0)
        return run_description();
    if (strncmp(subject, "sdp rule ", 9) == 0) {
        const int rule = sipv_rule_find(sipv_sdp_grammar(), sipv_slice_text(subject + 9));
        return rule < 0 ? NULL : spec_run_value(rule, false, SIPV_H_OTHER);
    }
    return run_line(subject[0], subject + 2);
}
