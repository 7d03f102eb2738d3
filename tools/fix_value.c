/* fix_value.c: fixes of any value, found with its grammar.  Where the grammar stops a few changes
 * are tried, and the one goes on with which it gets furthest. */
#include <stdio.h>
#include <string.h>

#include "fix_job.h"

enum { STEPS = 12 };

static bool is_alphanum(unsigned char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* The byte that "expected" stands for if it is one that divides, or 0. */
static char divider(const char *expected)
{
    static const struct {
        const char *name;
        char c;
    } names[] = {{"DQUOTE", '"'}, {"LAQUOT", '<'}, {"RAQUOT", '>'}, {"SEMI", ';'},
                 {"COMMA", ','},  {"EQUAL", '='},  {"SLASH", '/'},  {"COLON", ':'},
                 {"HCOLON", ':'}, {"LPAREN", '('}, {"RPAREN", ')'}, {"white space", ' '},
                 {"SP", ' '}};

    if (expected[0] == '\'' && expected[1] && expected[2] == '\'' && expected[3] == '\0')
        return is_alphanum((unsigned char)expected[1]) ? '\0' : expected[1];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i].name, expected) == 0)
            return names[i].c;
    return '\0';
}

/* Where the strict grammar of the header stops in `text`; past the end if it accepts. */
static size_t progress(struct job *j, int rule, sipv_slice text, sipv_match *match)
{
    sipv_explain(sipv_sip_grammar(), rule, true, text, 0, j->x->work, 0, NULL, 0, match);
    return match->accepted ? text.n + 1 : match->error_offset;
}

static void spliced(struct bytes *out, sipv_slice s, size_t from, size_t to, const char *text)
{
    out->n = 0;
    bytes_add(out, s.p, from);
    bytes_text(out, text);
    bytes_add(out, s.p + to, s.n - to);
}

/* May the byte be escaped as %HH?  In the rules of a URI, and in front of its "@", which the
 * grammar takes for a host before it has seen the "@". */
static bool takes_escapes(int rule, sipv_slice rest)
{
    static const char *const rules[] = {"uri-parameter", "uri-parameters", "headers", "hname",
                                        "hvalue"};
    const char *name = sipv_rule_name(sipv_sip_grammar(), rule);

    for (size_t i = 0; name && i < sizeof rules / sizeof *rules; i++)
        if (strcmp(name, rules[i]) == 0)
            return true;
    for (size_t i = 0; i < rest.n && rest.p[i] != '<'; i++)
        if (rest.p[i] == '@')
            return i > 0;
    return false;
}

/* A change of a text at its first impossible byte: bytes from..to go, `put` comes. */
struct change {
    size_t from, to;
    char put[4];
};

/* Is a ";" missing here: does a name with a value follow? */
static bool begins_parameter(sipv_slice rest)
{
    size_t n = 0;

    while (n < rest.n && !strchr(";,>= \t", rest.p[n]))
        n++;
    return n > 0 && n < rest.n && rest.p[n] == '=';
}

/* The changes that may help at `error`; returns how many. */
static size_t changes_at(const struct job *j, sipv_slice s, size_t error, const sipv_match *at,
                         struct change *out)
{
    sipv_slice rest = sipv_slice_of(s.p + error, s.n - error);
    size_t n = 0;

    for (size_t back = 1; back <= 2 && back <= error; back++)
        if (s.p[error - back] == '%') /* it begins no escape: it is escaped itself */
            out[n++] = (struct change){error - back + 1, error - back + 1, "25"};
    if (rest.n > 0 && !is_alphanum(rest.p[0]) && rest.p[0] < 0x80) {
        if (takes_escapes(at->rule, rest)) {
            out[n] = (struct change){error, error + 1, ""};
            snprintf(out[n++].put, sizeof out->put, "%%%02X", rest.p[0]);
        }
        if (j->d->code != SIPV_D_HOST) /* another host is no repair */
            out[n++] = (struct change){error, error + 1, ""};
    }
    for (unsigned i = 0; i < at->n_expected; i++) {
        char c = divider(at->expected[i]);
        bool tight = c && strchr(";,/=:", c);

        if (!c || (c == ';' && !begins_parameter(rest)))
            continue;
        out[n] = (struct change){tight ? trimmed_end(s, error) : error, error, ""};
        out[n++].put[0] = c;
    }
    return n;
}

/* One step: the change after which the grammar gets furthest, counted from the end. */
static bool step(struct job *j, int rule, struct bytes *text)
{
    enum { CHANGES_MAX = SIPV_EXPECTED_MAX + 4 };
    struct change changes[CHANGES_MAX];
    const sipv_slice s = bytes_slice(text);
    struct bytes draft = {0}, found = {0};
    sipv_match at, then;
    size_t error = progress(j, rule, s, &at), best = s.n - error + 1, count;

    if (at.accepted)
        return false;
    count = changes_at(j, s, error, &at, changes);
    for (size_t i = 0; i < count && best > 0; i++) {
        size_t left;

        spliced(&draft, s, changes[i].from, changes[i].to, changes[i].put);
        left = draft.n + 1 - progress(j, rule, bytes_slice(&draft), &then);
        if (left >= best)
            continue;
        best = left;
        bytes_set(&found, bytes_slice(&draft));
    }
    if (found.n > 0)
        bytes_set(text, bytes_slice(&found));
    count = found.n;
    bytes_free(&draft);
    bytes_free(&found);
    return count > 0;
}

void repair_value(struct job *j, int rule)
{
    struct bytes text = {0};

    bytes_set(&text, j->old);
    for (int i = 0; i < STEPS && step(j, rule, &text); i++)
        ;
    job_helps(j, bytes_slice(&text));
    bytes_free(&text);
}
