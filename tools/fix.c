/* fix.c: see fix.h.
 *
 * Every idea of a fix is tried: it is put into the message, which is parsed again.  So an idea may
 * be a guess, and nothing is proposed that does not help. */
#include "fix.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fix_job.h"

#include "../sdp/src/diagnostics.h"

enum { HEAD_MAX = 16384, FINDINGS_MAX = 32 };

/* How much is wrong: errors weigh more than any warnings, and these more than notes. */
static size_t weight(const sipv_message *m)
{
    size_t sum = 0;

    for (size_t i = 0; i < m->n_diags; i++)
        sum += m->diags[i].severity == SIPV_ERROR     ? 10000
               : m->diags[i].severity == SIPV_WARNING ? 100
                                                      : 1;
    return sum;
}

static size_t count_code(const sipv_message *m, unsigned code)
{
    size_t count = 0;

    for (size_t i = 0; i < m->n_diags; i++)
        count += m->diags[i].code == code;
    return count;
}

bool job_helps(struct job *j, sipv_slice text)
{
    const sipv_message *m = &j->v->m;
    struct fixer *x = j->x;
    size_t off = sipv_offset(m, j->old), end = off + j->old.n;

    if (j->fix->known || sipv_slice_equal(text, j->old))
        return j->fix->known;
    bytes_set(&x->message, sipv_slice_of(m->data.p, off));
    bytes_add(&x->message, text.p, text.n);
    bytes_add(&x->message, m->data.p + end, m->data.n - end);
    vet_parse(&x->probe, bytes_slice(&x->message), m->options.profile,
              m->options.stream ? VET_FRAME : VET_DATAGRAM);
    if (weight(&x->probe.m) >= weight(m) ||
        count_code(&x->probe.m, j->d->code) >= count_code(m, j->d->code))
        return false;
    j->fix->known = true;
    j->fix->off = off;
    j->fix->len = j->old.n;
    bytes_set(&j->fix->text, text);
    return true;
}

bool job_helps_within(struct job *j, size_t from, size_t to, sipv_slice text)
{
    struct bytes *draft = &j->x->draft;

    bytes_set(draft, sipv_slice_of(j->old.p, from));
    bytes_add(draft, text.p, text.n);
    bytes_add(draft, j->old.p + to, j->old.n - to);
    return job_helps(j, bytes_slice(draft));
}

static void try_ideas(struct job *j)
{
    const sipv_message *m = &j->v->m;
    unsigned i = j->d->header;

    switch (j->d->code) {
    case SIPV_D_REQUEST_LINE:
    case SIPV_D_STATUS_LINE:
    case SIPV_D_REQUEST_URI:
    case SIPV_D_REASON_PHRASE:
    case SIPV_D_VERSION:
    case SIPV_D_RELAX_START_SPACE:
    case SIPV_D_RELAX_STATUS_SPACE:
    case SIPV_D_RELAX_REASON_PHRASE:
    case SIPV_D_RELAX_REQUEST_URI_BRACKETS:
    case SIPV_D_RELAX_REQUEST_URI_HEADERS: repair_start_line(j); return;
    case SIPV_D_HEADER_LINE:
    case SIPV_D_HEADER_NAME:
    case SIPV_D_RELAX_LINE_SKIPPED: repair_name(j); return;
    case SIPV_D_MAX_FORWARDS_MISSING: add_header(j, "Max-Forwards: 70\r\n"); return;
    case SIPV_D_CONTENT_LENGTH_ABSENT: repair_length(j, "Content-Length: ", "\r\n"); return;
    case SIPV_D_TRAILING_OCTETS:
        i = m->first[SIPV_H_CONTENT_LENGTH];
        if (i != SIPV_NO_HEADER) {
            j->old = m->headers[i].value;
            repair_length(j, "", "");
        }
        return;
    case SIPV_D_TRAILING_SPACE:
        j->old = sipv_slice_of(m->data.p + j->d->off, j->d->len);
        job_helps(j, sipv_slice_text(""));
        return;
    case SIPV_D_RELAX_EMPTY_LINES:
    case SIPV_D_EMPTY_LINES:
        j->old = sipv_slice_of(m->data.p, m->start);
        job_helps(j, sipv_slice_text(""));
        return;
    default: break;
    }
    if (i != SIPV_NO_HEADER && i < m->n_headers)
        repair_header(j, &m->headers[i]);
}

/* "Write DIGIT or '.' at byte 12." where the grammar can tell. */
static bool advise_expected(const struct finding *f, struct bytes *out)
{
    const char *words[SIPV_EXPECTED_MAX];
    size_t n = 0;
    char where[40];

    for (unsigned i = 0; i < f->match.n_expected; i++)
        if (strncmp(f->match.expected[i], "end of ", 7) != 0 &&
            strncmp(f->match.expected[i], "more of ", 8) != 0 &&
            strncmp(f->match.expected[i], "one of ", 7) != 0)
            words[n++] = f->match.expected[i];
    if (n == 0 || (f->d->code != SIPV_D_SYNTAX && f->d->code != SIPV_D_PARAMETER_VALUE &&
                   f->d->code != SIPV_D_EXTENSION_SYNTAX && f->d->code != SIPV_SDP_D_VALUE &&
                   f->d->code != SIPV_SDP_D_ADDRESS && f->d->code != SIPV_SDP_D_ATTRIBUTE))
        return false;
    for (size_t i = 0; i < n; i++) {
        bytes_text(out, i == 0 ? "Write " : i + 1 < n ? ", " : " or ");
        bytes_text(out, words[i]);
    }
    snprintf(where, sizeof where, " at byte %zu.", f->d->off + f->d->len);
    bytes_text(out, where);
    return true;
}

void fix_advise(const struct finding *f, struct fix *fix)
{
    fix->known = false;
    fix->text.n = 0;
    fix->advice.n = 0;
    if (f->d->code == SIPV_D_HEADER_MISSING && f->rule) {
        bytes_text(&fix->advice, "Add the header ");
        bytes_text(&fix->advice, f->rule);
        bytes_text(&fix->advice, ".");
    } else if (!advise_expected(f, &fix->advice) && f->info) {
        bytes_text(&fix->advice, f->info->fix);
    }
}

void fixer_begin(struct fixer *x)
{
    x->left = FINDINGS_MAX;
}

void fix_find(struct fixer *x, const struct vet *v, const struct finding *f, struct fix *fix)
{
    struct job j = {x, v, f->d, {NULL, 0}, fix};

    if (!x->work)
        x->work = need(1, sipv_explainer_size());
    fix_advise(f, fix);
    if (f->d->in_body || x->left == 0 || v->m.data.n - v->m.body.n > HEAD_MAX)
        return;
    x->left--;
    try_ideas(&j);
}

bool fix_is_telling(const struct fix *fix)
{
    enum { SHOWN_MAX = 160 };

    return fix->known && fix->text.n > 0 && fix->text.n <= SHOWN_MAX && !is_space(fix->text.p[0]);
}

void fix_free(struct fix *fix)
{
    bytes_free(&fix->text);
    bytes_free(&fix->advice);
}

void fixer_free(struct fixer *x)
{
    vet_free(&x->probe);
    bytes_free(&x->message);
    bytes_free(&x->text);
    bytes_free(&x->draft);
    free(x->work);
}
