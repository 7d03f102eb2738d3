/* ladder.c: `sipvet trace ladder`: keeps the messages and hands them to one of the writers. */
#include "ladder.h"

#include <stdlib.h>
#include <string.h>

static const char *const choices_format[] = {"text", "svg", "html", "mermaid", "json", NULL};

static const struct option_spec trace_ladder_options[] = {
    {"format", 'f', NULL, choices_format, "how the ladder is drawn (default: text)", false},
    {"profile", 0, NULL, choices_profile, "what counts as an error (default: strict)", false},
    {"call-id", 0, "TEXT", NULL, "only messages with this Call-ID", false},
    {NULL, 0, NULL, NULL, NULL, false},
};

double ladder_seconds(const struct ladder *l, const struct arrow *a)
{
    return (double)(a->m.time_ns - l->arrows[0].m.time_ns) / 1e9;
}

/* The column of a name; a new one if there is room, else LADDER_COLUMNS. */
static size_t column_of(struct ladder *l, const char *name)
{
    for (size_t i = 0; i < l->column_count; i++)
        if (strcmp(l->columns[i], name) == 0)
            return i;
    if (l->column_count == LADDER_COLUMNS)
        return LADDER_COLUMNS;
    memcpy(l->columns[l->column_count], name, strlen(name) + 1);
    return l->column_count++;
}

static void count_findings(struct ladder *l, struct arrow *a)
{
    struct vet *v = &l->w.vet;

    vet_check_body(v);
    for (size_t i = 0; i < v->all_count; i++) {
        a->errors += v->all[i]->severity == SIPV_ERROR;
        a->warnings += v->all[i]->severity == SIPV_WARNING;
    }
    a->accepted = v->m.accepted;
    a->request = v->m.kind == SIPV_REQUEST;
    work_label(&v->m, &a->label);
}

void ladder_column(struct ladder *l, const char *name)
{
    column_of(l, name);
}

void ladder_add(void *ladder, const struct trace_message *m)
{
    struct ladder *l = ladder;
    struct arrow *a;
    size_t from, to;
    unsigned char *copy;

    if (!work_take(&l->w, m))
        return;
    if (l->count == LADDER_MESSAGES || l->octets + m->data.n > LADDER_OCTETS) {
        trace_note(&l->w.trace, NOTE_MESSAGES, NULL);
        return;
    }
    from = column_of(l, m->source);
    to = column_of(l, m->destination);
    if (from == LADDER_COLUMNS || to == LADDER_COLUMNS) {
        trace_note(&l->w.trace, NOTE_COLUMNS, NULL);
        return;
    }
    if (l->count == l->cap)
        l->arrows = need_more(l->arrows, l->cap = l->cap * 2 + 64, sizeof *l->arrows);
    a = &l->arrows[l->count++];
    memset(a, 0, sizeof *a);
    a->m = *m;
    copy = need(m->data.n, 1);
    if (m->data.n > 0)
        memcpy(copy, m->data.p, m->data.n);
    a->m.data = sipv_slice_of(copy, m->data.n);
    a->from = from;
    a->to = to;
    l->octets += m->data.n;
    count_findings(l, a);
}

static void draw(struct ladder *l)
{
    if (work_is_format(&l->w, "svg"))
        ladder_svg(l, false);
    else if (work_is_format(&l->w, "html"))
        ladder_html(l);
    else if (work_is_format(&l->w, "mermaid"))
        ladder_mermaid(l);
    else if (work_is_format(&l->w, "json"))
        ladder_json(l);
    else
        ladder_text(l);
}

void ladder_open(struct ladder *l)
{
    l->columns = need(LADDER_COLUMNS, sizeof *l->columns);
}

void ladder_close(struct ladder *l)
{
    for (size_t i = 0; i < l->count; i++) {
        union {
            const unsigned char *given;
            void *ours;
        } copy = {l->arrows[i].m.data.p};

        free(copy.ours);
        bytes_free(&l->arrows[i].label);
    }
    free(l->arrows);
    free(l->columns);
}

static int run_trace_ladder(const struct arguments *args)
{
    struct ladder l;
    int result;

    memset(&l, 0, sizeof l);
    ladder_open(&l);
    work_begin(&l.w, args, ladder_add, &l);
    result = work_read(&l.w);
    if (l.count > 0 || result == EXIT_FINE)
        draw(&l);
    result = work_end(&l.w, result, false);
    ladder_close(&l);
    return result;
}

static const char trace_ladder_description[] =
    "FILEs are as with 'trace ls'. Columns are addresses with ports, in the order in which they\n"
    "come up. html is a page that needs nothing else: a click on an arrow shows the message\n"
    "with what is wrong marked in it; it has no script. svg is the drawing alone, mermaid a\n"
    "sequence diagram of Mermaid, json a record \"sipvet.ladder/1\".\n"
    "\n"
    "A ladder has at most 10000 messages of 64 MiB in all, and 64 columns; --call-id chooses.\n"
    "\n"
    "The exit status is as that of 'trace ls', whatever is wrong in the messages.\n";

const struct command command_trace_ladder = {
    .name = "trace ladder",
    .operands = "[FILE]...",
    .summary = "Draws the messages of a capture between their addresses",
    .run = run_trace_ladder,
    .options = trace_ladder_options,
    .max_operands = SIZE_MAX,
    .kind = OPERAND_FILE,
    .description = trace_ladder_description,
    .examples = "sipvet trace ladder --call-id a84b@pc33 call.pcap\n"
                "sipvet trace ladder -f html call.pcap > ladder.html\n",
};
