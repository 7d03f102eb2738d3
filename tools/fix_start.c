/* fix_start.c: fixes of a start line. */
#include <stdio.h>
#include <string.h>

#include "fix_job.h"

static sipv_slice trim(sipv_slice s)
{
    while (s.n > 0 && is_space(s.p[0])) {
        s.p++;
        s.n--;
    }
    s.n = trimmed_end(s, s.n);
    return s;
}

/* "METHOD uri SIP/2.0" with single spaces; the URI without what a Request-URI must not have. */
static void repair_request_line(struct job *j, sipv_slice line)
{
    struct bytes text = {0};
    sipv_slice method = word(line, false), version = word(line, true), uri;
    int headers;

    if (method.n + version.n >= line.n)
        return;
    uri = trim(sipv_slice_of(method.p + method.n, line.n - method.n - version.n));
    headers = memchr(uri.p, '?', uri.n) ? 1 : 0;
    for (int without = 0; without <= headers; without++) {
        text.n = 0;
        bytes_add(&text, method.p, method.n);
        bytes_text(&text, " ");
        for (size_t i = 0; i < uri.n && !(without && uri.p[i] == '?'); i++)
            if (!is_space(uri.p[i]) && uri.p[i] != '<' && uri.p[i] != '>')
                bytes_add(&text, uri.p + i, 1);
        bytes_text(&text, " SIP/2.0");
        job_helps(j, bytes_slice(&text));
    }
    bytes_free(&text);
}

static const char *usual_reason(int status)
{
    switch (status) {
    case 100: return "Trying";
    case 180: return "Ringing";
    case 183: return "Session Progress";
    case 200: return "OK";
    case 401: return "Unauthorized";
    case 404: return "Not Found";
    case 486: return "Busy Here";
    case 487: return "Request Terminated";
    default: return NULL;
    }
}

/* "SIP/2.0 200 reason"; what a reason cannot have is escaped. */
static void repair_status_line(struct job *j)
{
    const sipv_message *m = &j->v->m;
    struct bytes text = {0};
    char start[24], escape[4];
    sipv_slice reason = m->reason;
    size_t bad;

    if (m->status < 0)
        return;
    snprintf(start, sizeof start, "SIP/2.0 %d ", m->status);
    bytes_text(&text, start);
    if (reason.n == 0 && usual_reason(m->status))
        bytes_text(&text, usual_reason(m->status));
    for (size_t i = 0, n; i < reason.n; i += n) {
        n = utf8_length(reason.p + i, reason.n - i, &bad);
        if (n > 1 ||
            (n == 1 && reason.p[i] >= ' ' && !strchr("\"<>%^`{|}\\[]#\x7f", reason.p[i]))) {
            bytes_add(&text, reason.p + i, n);
            continue;
        }
        n = 1;
        snprintf(escape, sizeof escape, "%%%02X", reason.p[i]);
        bytes_text(&text, escape);
    }
    job_helps(j, bytes_slice(&text));
    bytes_free(&text);
}

void repair_start_line(struct job *j)
{
    j->old = j->v->m.start_line;
    if (j->v->m.kind == SIPV_REQUEST)
        repair_request_line(j, trim(j->old));
    else if (j->v->m.kind == SIPV_RESPONSE)
        repair_status_line(j);
}
