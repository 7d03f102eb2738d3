/* note.c: what was not as it should be in a capture, on standard error: the first of each kind with
 * its frame, at the end how many more there were. */
#include "../command.h"
#include "trace.h"

#include <inttypes.h>
#include <string.h>

static const struct {
    const char *text;
    bool incomplete; /* messages may be missing: the exit status says so */
} kinds[NOTES] = {
    [NOTE_FILE] = {"the capture cannot be read further", true},
    [NOTE_LINE] = {"the line is no record \"sipvet.trace/1\"", true},
    [NOTE_LENGTH] = {"a packet whose length fields cannot be right was left out", false},
    [NOTE_CUT] = {"a packet was captured in part only", false},
    [NOTE_FRAGMENT] = {"fragments of a datagram are missing or contradict each other", false},
    [NOTE_FRAGMENT_LIMIT] = {"too many fragments wait for others: the oldest were given up", true},
    [NOTE_GAP] = {"segments of a TCP connection are missing", false},
    [NOTE_FRAMING] = {"the end of a message in a TCP stream cannot be decided", false},
    [NOTE_CONNECTIONS] = {"too many TCP connections with open messages: the oldest were given up",
                          true},
    [NOTE_OCTETS] = {"too many octets of TCP connections are held: the oldest were given up", true},
    [NOTE_DIALOGS] = {"too many dialogs: the others are not listed", true},
    [NOTE_MESSAGES] = {"too many messages: the others are left out (--call-id chooses)", true},
    [NOTE_COLUMNS] = {"too many addresses: messages of the others are left out", true},
};

static void begin(const struct trace *t)
{
    out_flush(); /* keeps the order where both go to one terminal */
    fputs("sipvet: ", stderr);
    err_visible(sipv_slice_text(t->file ? t->file : "-"));
}

void trace_note(struct trace *t, enum trace_note note, const char *detail)
{
    t->incomplete = t->incomplete || kinds[note].incomplete;
    if (t->notes[note]++ > 0)
        return;
    begin(t);
    fprintf(stderr, ": %s %" PRIu64 ": %s", note == NOTE_LINE ? "line" : "frame", t->frame,
            kinds[note].text);
    if (detail) {
        fputs(": ", stderr);
        err_visible(sipv_slice_text(detail));
    }
    fputc('\n', stderr);
}

void trace_notes_end(const struct trace *t)
{
    for (size_t i = 0; i < NOTES; i++) {
        if (t->notes[i] < 2)
            continue;
        begin(t);
        fprintf(stderr, ": %" PRIu64 " more: %s\n", t->notes[i] - 1, kinds[i].text);
    }
}
