/* expect_messages.c: all messages of a flow, in their order, and no others.
 *
 * The order is that which each element sees: what it sends counts when it is sent, what it gets
 * when that arrives.  Nobody sees more than that, and two elements far from each other may be
 * faster or slower. */
#include "../output.h"
#include "expect.h"
#include "selector.h"

#include <stdlib.h>
#include <string.h>

/* A line of the flow's list, or a message, as one element sees it. */
struct sight {
    size_t line; /* or number of the message */
    size_t at;   /* group of lines that come together, or when */
};

struct sights {
    struct sight *all;
    size_t count;
};

static int by_time(const void *a, const void *b)
{
    const struct sight *x = a, *y = b;

    return x->at < y->at ? -1 : x->at > y->at;
}

/* ---- What should be seen --------------------------------------------------------------------- */

static size_t line_count(const struct callflow *flow)
{
    size_t n = 0;

    while (flow->messages[n])
        n++;
    return n;
}

static struct selector *read_lines(const struct callflow *flow, size_t n)
{
    struct selector *lines = need(n, sizeof *lines);

    for (size_t i = 0; i < n; i++)
        if (!selector_read(flow, flow->messages[i], &lines[i]))
            lines[i].from = lines[i].to = FLOW_OUTSIDE;
    return lines;
}

static struct sights wanted_by(const struct selector *lines, size_t n, unsigned element)
{
    struct sights s = {need(n, sizeof *s.all), 0};
    size_t group = 0;

    for (size_t i = 0; i < n; i++) {
        group += !lines[i].together;
        if (lines[i].from == element || lines[i].to == element)
            s.all[s.count++] = (struct sight){i, group};
    }
    return s;
}

static struct sights seen_by(const struct recording *r, unsigned element)
{
    struct sights s = {need(r->count, sizeof *s.all), 0};

    for (size_t i = 0; i < r->count; i++) {
        if (r->messages[i].from == element)
            s.all[s.count++] = (struct sight){i, r->messages[i].sent_at};
        else if (r->messages[i].to == element && r->messages[i].arrived_at > 0)
            s.all[s.count++] = (struct sight){i, r->messages[i].arrived_at};
    }
    if (s.count > 0)
        qsort(s.all, s.count, sizeof *s.all, by_time);
    return s;
}

/* ---- Comparing ------------------------------------------------------------------------------- */

static void say(const struct callflow *flow, unsigned element, const char *wanted,
                const struct recorded *seen, struct outcome *out)
{
    bytes_text(&out->expected, "at ");
    bytes_text(&out->expected, flow->elements[element].name);
    bytes_text(&out->expected, ": ");
    bytes_text(&out->expected, wanted ? wanted + strspn(wanted, "+?") : "nothing more");
    if (seen)
        recorded_name(flow, seen, &out->seen);
    else
        bytes_text(&out->seen, "nothing more");
}

/* Is the message one of the lines first .. end that has not been seen yet?  Then it moves in front
 * of them. */
static bool take(struct sights *wanted, size_t first, size_t end, const struct selector *lines,
                 const struct recorded *message)
{
    for (size_t i = first; i < end; i++) {
        struct sight found = wanted->all[i];

        if (!selector_is(&lines[found.line], message))
            continue;
        wanted->all[i] = wanted->all[first];
        wanted->all[first] = found;
        return true;
    }
    return false;
}

static bool agrees(const struct callflow *flow, const struct recording *r,
                   const struct selector *lines, unsigned element, struct sights *wanted,
                   const struct sights *seen, struct outcome *out)
{
    size_t k = 0;

    for (size_t i = 0; i < wanted->count || k < seen->count; i++) {
        const struct recorded *message = k < seen->count ? &r->messages[seen->all[k].line] : NULL;
        size_t end = i;

        while (end < wanted->count && wanted->all[end].at == wanted->all[i].at)
            end++;
        if (message && take(wanted, i, end, lines, message)) {
            k++;
            continue;
        }
        if (i < wanted->count && lines[wanted->all[i].line].optional)
            continue;
        say(flow, element, i < wanted->count ? flow->messages[wanted->all[i].line] : NULL, message,
            out);
        return false;
    }
    return true;
}

static bool check(const struct callflow *flow, const struct recording *r,
                  const struct selector *lines, size_t n, unsigned element, struct outcome *out)
{
    struct sights wanted = wanted_by(lines, n, element), seen = seen_by(r, element);
    bool met = agrees(flow, r, lines, element, &wanted, &seen, out);

    free(wanted.all);
    free(seen.all);
    return met;
}

void expect_messages(const struct callflow *flow, const struct recording *r, struct outcome *out)
{
    size_t n = line_count(flow);
    struct selector *lines = read_lines(flow, n);

    out->met = true;
    for (unsigned i = 0; i < callflow_element_count(flow) && out->met; i++)
        if (flow->elements[i].role != CALLFLOW_SILENT &&
            !(r->partial && flow->elements[i].role == CALLFLOW_PROXY))
            out->met = check(flow, r, lines, n, i, out);
    if (out->met)
        bytes_text(&out->seen, "all of them");
    free(lines);
}
