#include "figures.h"

#include <string.h>

enum {
    REQUEST = FIGURE_SENDS_REQUEST,
    RESPONSE = FIGURE_SENDS_RESPONSE,
    ACK = FIGURE_SENDS_ACK,
    TU = FIGURE_TO_TU,
    TIMEOUT = FIGURE_TIMEOUT,
    TROUBLE = FIGURE_TROUBLE
};

/* ---- Arrows ------------------------------------------------------------------------------------
 */

/* Its event is a figure_event or the name of a timer, which is none of these numbers. */
struct arrow {
    enum transaction_state from;
    int event;
    enum transaction_state to;
    unsigned does;
};

/* Figure 5, RFC 6026 section 8.4; CANCEL: RFC 3261 section 9.1. */
static const struct arrow figure_5[] = {
    {STATE_CALLING, 'A', STATE_CALLING, REQUEST},
    {STATE_CALLING, 'B', STATE_TERMINATED, TIMEOUT},
    {STATE_CALLING, FIGURE_ERROR, STATE_TERMINATED, TROUBLE},
    {STATE_CALLING, FIGURE_1XX, STATE_PROCEEDING, TU},
    {STATE_CALLING, FIGURE_2XX, STATE_ACCEPTED, TU},
    {STATE_CALLING, FIGURE_300_699, STATE_COMPLETED, ACK | TU},
    {STATE_PROCEEDING, FIGURE_1XX, STATE_PROCEEDING, TU},
    {STATE_PROCEEDING, FIGURE_2XX, STATE_ACCEPTED, TU},
    {STATE_PROCEEDING, FIGURE_300_699, STATE_COMPLETED, ACK | TU},
    {STATE_PROCEEDING, FIGURE_CANCEL, STATE_PROCEEDING, 0},
    {STATE_PROCEEDING, 'X', STATE_TERMINATED, TIMEOUT},
    {STATE_COMPLETED, FIGURE_300_699, STATE_COMPLETED, ACK},
    {STATE_COMPLETED, FIGURE_ERROR, STATE_TERMINATED, TROUBLE},
    {STATE_COMPLETED, 'D', STATE_TERMINATED, 0},
    {STATE_ACCEPTED, FIGURE_2XX, STATE_ACCEPTED, TU},
    {STATE_ACCEPTED, 'M', STATE_TERMINATED, 0},
};

/* Figure 6, RFC 3261 section 17.1.2.2. */
static const struct arrow figure_6[] = {
    {STATE_TRYING, 'E', STATE_TRYING, REQUEST},
    {STATE_TRYING, 'F', STATE_TERMINATED, TIMEOUT},
    {STATE_TRYING, FIGURE_ERROR, STATE_TERMINATED, TROUBLE},
    {STATE_TRYING, FIGURE_1XX, STATE_PROCEEDING, TU},
    {STATE_TRYING, FIGURE_2XX, STATE_COMPLETED, TU},
    {STATE_TRYING, FIGURE_300_699, STATE_COMPLETED, TU},
    {STATE_PROCEEDING, 'E', STATE_PROCEEDING, REQUEST},
    {STATE_PROCEEDING, 'F', STATE_TERMINATED, TIMEOUT},
    {STATE_PROCEEDING, FIGURE_ERROR, STATE_TERMINATED, TROUBLE},
    {STATE_PROCEEDING, FIGURE_1XX, STATE_PROCEEDING, TU},
    {STATE_PROCEEDING, FIGURE_2XX, STATE_COMPLETED, TU},
    {STATE_PROCEEDING, FIGURE_300_699, STATE_COMPLETED, TU},
    {STATE_COMPLETED, 'K', STATE_TERMINATED, 0},
};

/* Figure 7, RFC 6026 section 8.6; that H informs the TU says the text of section 17.2.1. */
static const struct arrow figure_7[] = {
    {STATE_PROCEEDING, '1', STATE_PROCEEDING, RESPONSE},
    {STATE_PROCEEDING, FIGURE_REQUEST, STATE_PROCEEDING, RESPONSE},
    {STATE_PROCEEDING, FIGURE_1XX, STATE_PROCEEDING, RESPONSE},
    {STATE_PROCEEDING, FIGURE_2XX, STATE_ACCEPTED, RESPONSE},
    {STATE_PROCEEDING, FIGURE_300_699, STATE_COMPLETED, RESPONSE},
    {STATE_PROCEEDING, FIGURE_ERROR, STATE_PROCEEDING, TROUBLE},
    {STATE_COMPLETED, FIGURE_REQUEST, STATE_COMPLETED, RESPONSE},
    {STATE_COMPLETED, 'G', STATE_COMPLETED, RESPONSE},
    {STATE_COMPLETED, 'H', STATE_TERMINATED, TIMEOUT},
    {STATE_COMPLETED, FIGURE_ACK, STATE_CONFIRMED, 0},
    {STATE_COMPLETED, FIGURE_ERROR, STATE_COMPLETED, TROUBLE},
    {STATE_CONFIRMED, 'I', STATE_TERMINATED, 0},
    {STATE_ACCEPTED, FIGURE_REQUEST, STATE_ACCEPTED, 0},
    {STATE_ACCEPTED, FIGURE_ACK, STATE_ACCEPTED, TU},
    {STATE_ACCEPTED, FIGURE_2XX, STATE_ACCEPTED, RESPONSE},
    {STATE_ACCEPTED, FIGURE_ERROR, STATE_ACCEPTED, TROUBLE},
    {STATE_ACCEPTED, 'L', STATE_TERMINATED, 0},
};

/* Figure 8, RFC 3261 section 17.2.2; a transport error leaves the state as it is since RFC 6026
 * section 8.8. */
static const struct arrow figure_8[] = {
    {STATE_TRYING, FIGURE_1XX, STATE_PROCEEDING, RESPONSE},
    {STATE_TRYING, FIGURE_2XX, STATE_COMPLETED, RESPONSE},
    {STATE_TRYING, FIGURE_300_699, STATE_COMPLETED, RESPONSE},
    {STATE_PROCEEDING, FIGURE_REQUEST, STATE_PROCEEDING, RESPONSE},
    {STATE_PROCEEDING, FIGURE_1XX, STATE_PROCEEDING, RESPONSE},
    {STATE_PROCEEDING, FIGURE_2XX, STATE_COMPLETED, RESPONSE},
    {STATE_PROCEEDING, FIGURE_300_699, STATE_COMPLETED, RESPONSE},
    {STATE_PROCEEDING, FIGURE_ERROR, STATE_PROCEEDING, TROUBLE},
    {STATE_COMPLETED, FIGURE_REQUEST, STATE_COMPLETED, RESPONSE},
    {STATE_COMPLETED, FIGURE_ERROR, STATE_COMPLETED, TROUBLE},
    {STATE_COMPLETED, 'J', STATE_TERMINATED, 0},
};

/* What starts where it begins, and in which states which timers run. */
static const struct drawing {
    const struct arrow *arrows;
    size_t n;
    enum transaction_state first;
    unsigned does;
    const char *begins; /* timers of the first arrow */
    const char *timers[TRANSACTION_STATES];
} drawings[TRANSACTION_KINDS] = {
    [INVITE_CLIENT] = {figure_5,
                       sizeof figure_5 / sizeof *figure_5,
                       STATE_CALLING,
                       REQUEST,
                       "AB",
                       {[STATE_CALLING] = "AB",
                        [STATE_PROCEEDING] = "X",
                        [STATE_COMPLETED] = "D",
                        [STATE_ACCEPTED] = "M"}},
    [NON_INVITE_CLIENT] =
        {figure_6,
         sizeof figure_6 / sizeof *figure_6,
         STATE_TRYING,
         REQUEST,
         "EF",
         {[STATE_TRYING] = "EF", [STATE_PROCEEDING] = "EF", [STATE_COMPLETED] = "K"}},
    [INVITE_SERVER] = {figure_7,
                       sizeof figure_7 / sizeof *figure_7,
                       STATE_PROCEEDING,
                       TU,
                       "1",
                       {[STATE_PROCEEDING] = "1",
                        [STATE_COMPLETED] = "GH",
                        [STATE_CONFIRMED] = "I",
                        [STATE_ACCEPTED] = "L"}},
    [NON_INVITE_SERVER] = {figure_8,
                           sizeof figure_8 / sizeof *figure_8,
                           STATE_TRYING,
                           TU,
                           "",
                           {[STATE_COMPLETED] = "J"}},
};

static const struct arrow *arrow_of(const struct figure *f, int event)
{
    const struct drawing *d = &drawings[f->kind];
    for (size_t i = 0; i < d->n; i++)
        if (d->arrows[i].from == f->state && d->arrows[i].event == event)
            return &d->arrows[i];
    return NULL;
}

/* ---- Timers ------------------------------------------------------------------------------------
 */

/* '1' and the letters; N and Y are nobody's. */
static unsigned place(char timer)
{
    return timer == '1' ? (unsigned)('Y' - 'A') : (unsigned)(timer - 'A');
}

static char name(unsigned i)
{
    return i == (unsigned)('Y' - 'A') ? '1' : (char)('A' + (int)i);
}

static uint64_t doubled(unsigned times, uint64_t most)
{
    const uint64_t ms = times < 16 ? (uint64_t)FIGURES_T1 << times : most;
    return ms < most ? ms : most;
}

/* RFC 3261 table 4, RFC 6026 section 8.11; D is the 32 seconds that it has at least.  UINT64_MAX:
 * it does not start. */
static uint64_t length(const struct figure *f, char timer)
{
    switch (timer) {
    case 'A': return f->reliable ? UINT64_MAX : doubled(f->fired, UINT64_MAX);
    case 'E':
        if (f->reliable)
            return UINT64_MAX;
        return f->state == STATE_PROCEEDING ? FIGURES_T2 : doubled(f->fired, FIGURES_T2);
    case 'G': return f->reliable ? UINT64_MAX : doubled(f->fired, FIGURES_T2);
    case 'B':
    case 'F':
    case 'H':
    case 'L':
    case 'M':
    case 'X': return FIGURES_64_T1;
    case 'D': return f->reliable ? 0 : 32000;
    case 'I':
    case 'K': return f->reliable ? 0 : FIGURES_T4;
    case 'J': return f->reliable ? 0 : FIGURES_64_T1;
    default: return 200; /* '1' */
    }
}

static void start(struct figure *f, uint64_t now, char timer)
{
    const uint64_t ms = length(f, timer);
    f->due[place(timer)] = ms == UINT64_MAX ? UINT64_MAX : now + ms;
}

/* In another state: timers that do not belong there stop, those of an end or a wait start. */
static void enter(struct figure *f, uint64_t now)
{
    const char *timers = drawings[f->kind].timers[f->state];
    timers = timers ? timers : "";
    for (unsigned i = 0; i < FIGURE_TIMERS; i++)
        if (!strchr(timers, name(i)))
            f->due[i] = UINT64_MAX;
    for (; *timers; timers++)
        if (strchr("DGHIJKLM", *timers))
            start(f, now, *timers);
}

bool figure_runs(const struct figure *f, char timer)
{
    return f->due[place(timer)] != UINT64_MAX;
}

uint64_t figure_wake(const struct figure *f)
{
    uint64_t first = UINT64_MAX;
    for (unsigned i = 0; i < FIGURE_TIMERS; i++)
        first = f->due[i] < first ? f->due[i] : first;
    return first;
}

char figure_due(const struct figure *f, uint64_t now)
{
    const uint64_t first = figure_wake(f);
    for (unsigned i = 0; i < FIGURE_TIMERS && first <= now; i++)
        if (f->due[i] == first)
            return name(i);
    return 0;
}

/* ---- Events ------------------------------------------------------------------------------------
 */

unsigned figure_begin(struct figure *f, enum transaction_kind kind, bool reliable, uint64_t now)
{
    const struct drawing *d = &drawings[kind];
    memset(f, 0, sizeof *f);
    memset(f->due, 0xff, sizeof f->due);
    f->kind = kind;
    f->reliable = reliable;
    f->state = d->first;
    for (const char *timer = d->begins; *timer; timer++)
        start(f, now, *timer);
    return d->does;
}

/* Along an arrow. */
static bool go(struct figure *f, uint64_t now, int event, unsigned *done)
{
    const struct arrow *arrow = arrow_of(f, event);
    if (!arrow)
        return false;
    const bool moves = arrow->to != f->state;
    f->state = arrow->to;
    if (moves) {
        f->fired = f->kind == NON_INVITE_CLIENT ? f->fired : 0;
        enter(f, now);
    }
    *done |= arrow->does | (f->state == STATE_TERMINATED ? (unsigned)FIGURE_DESTROYED : 0);
    return true;
}

bool figure_fires(struct figure *f, uint64_t now, char timer, unsigned *done)
{
    *done = 0;
    f->due[place(timer)] = UINT64_MAX;
    if (!go(f, now, timer, done))
        return false;
    if (strchr("AEG", timer) && f->state != STATE_TERMINATED) {
        f->fired++;
        start(f, now, timer);
    }
    return true;
}

bool figure_happens(struct figure *f, uint64_t now, enum figure_event event, unsigned *done)
{
    *done = 0;
    if (!go(f, now, (int)event, done))
        return false;
    if (event == FIGURE_CANCEL)
        start(f, now, 'X');
    if (event == FIGURE_1XX && f->kind == INVITE_SERVER)
        f->due[place('1')] = UINT64_MAX;
    /* one of zero seconds fires at once */
    unsigned more = 0;
    const char timer = figure_due(f, now);
    if (timer && figure_fires(f, now, timer, &more))
        *done |= more;
    return true;
}
