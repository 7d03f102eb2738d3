#include "subject.h"

#include <sipvet/auth.h>
#include <sipvet/parser.h>
#include <sipvet/sdp.h>

#include <string.h>

#include "text.h"

extern const sipv_automata sipv_sip_automata, sipv_sdp_automata, sipv_auth_automata;

static bool begins(sipv_slice *s, const char *word)
{
    const size_t n = strlen(word);
    if (s->n < n || memcmp(s->p, word, n) != 0)
        return false;
    *s = sipv_slice_of(s->p + n, s->n - n);
    return true;
}

static void skip_space(sipv_slice *s)
{
    for (; s->n && (s->p[0] == ' ' || s->p[0] == '\t'); s->n--)
        s->p++;
}

struct fuzz_subject fuzz_take_subject(sipv_slice *text, unsigned number)
{
    struct fuzz_subject s = {sipv_sip_grammar(), &sipv_sip_automata, -1, false};
    sipv_slice rest = *text, name = fuzz_take(&rest, ':');
    if (begins(&name, "sdp "))
        s = (struct fuzz_subject){sipv_sdp_grammar(), &sipv_sdp_automata, -1, false};
    else if (begins(&name, "digest "))
        s = (struct fuzz_subject){sipv_auth_grammar(), &sipv_auth_automata, -1, false};
    const bool whole = begins(&name, "rule ");
    const unsigned id = s.g == sipv_sip_grammar() && !whole ? sipv_header_find(name) : SIPV_H_OTHER;
    if (id != SIPV_H_OTHER && sipv_header_info_of(id)->rule >= 0) {
        s.rule = sipv_header_info_of(id)->rule;
        s.value = true;
        skip_space(&rest);
    } else {
        s.rule = sipv_rule_find(s.g, name);
    }
    if (s.rule >= 0)
        *text = rest;
    else
        s.rule = (int)(number % (unsigned)sipv_rule_count(s.g));
    s.value |= !whole && s.g->rules[s.rule].flags & SIPV_RULE_HEADER;
    return s;
}
