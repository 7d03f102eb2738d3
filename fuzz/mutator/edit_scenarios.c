/* edit_scenarios.c: what a message of a stream leads to: the CANCEL, ACK or BYE of a request, the
 * same request in a transaction of its own, a way through a proxy, a registration of who is called.
 * The fields that matching and routing look at are kept or changed as one, which edits of single
 * fields hardly ever do. */
#include "edit.h"

#include <string.h>

/* The host that proxy and user agent under test are. */
#define HOST "elm.example"

static bool pick_request(struct text *t, struct span *message)
{
    struct span all[MESSAGES_MAX];
    size_t n = messages_of(t->p, t->n, all);

    if (n == 0)
        return false;
    *message = all[draw_below(&t->random, n)];
    return memcmp(t->p + message->off, "SIP/", 4) != 0 && message->n <= COPY_MAX &&
           t->max - t->n > message->n + 64;
}

/* The value of a header of the message; false if it has none. */
static bool value_of(const struct text *t, struct span message, const char *name,
                     struct span *value)
{
    struct lines lines;
    struct span line, part;

    lines_of(t->p + message.off, message.n, &lines);
    if (!line_find(t->p + message.off, &lines, name, &line) ||
        !line_parts(t->p + message.off, line, &part, value))
        return false;
    value->off += message.off;
    return true;
}

/* The method in start line and CSeq; false if one of them is not there. */
static bool replace_method(struct text *t, struct span message, const char *method)
{
    struct span cseq, word = {message.off, 0};

    if (!value_of(t, message, "CSeq", &cseq))
        return false;
    while (cseq.n > 0 && is_digit(t->p[cseq.off]))
        cseq = (struct span){cseq.off + 1, cseq.n - 1};
    while (cseq.n > 0 && is_of(t->p[cseq.off], " \t\r\n"))
        cseq = (struct span){cseq.off + 1, cseq.n - 1};
    while (is_token(t->p[word.off + word.n]))
        word.n++;
    return word.n > 0 && text_replace_string(t, cseq, method) &&
           text_replace_string(t, word, method);
}

/* The branch of the topmost Via has another digit in the end. */
static bool renew_branch(struct text *t, struct span message)
{
    struct span via;
    size_t at;

    if (!value_of(t, message, "Via", &via))
        return false;
    for (at = via.off; at + 7 < via.off + via.n; at++)
        if (is_same(t->p + at, 7, "branch="))
            break;
    at += 7;
    if (at >= via.off + via.n)
        return false;
    while (at < via.off + via.n && is_token(t->p[at]))
        at++;
    t->p[at - 1] = (unsigned char)"0123456789"[draw_below(&t->random, 10)];
    return true;
}

/* Behind itself, or later. */
static bool copy_request(struct text *t, struct span *copy)
{
    struct span all[MESSAGES_MAX], from, place;
    size_t n;

    if (!pick_request(t, &from))
        return false;
    n = messages_of(t->p, t->n, all);
    place = all[draw_below(&t->random, n)];
    if (place.off < from.off)
        place = from;
    if (!text_copy(t, from, place.off + place.n))
        return false;
    *copy = (struct span){place.off + place.n, from.n};
    return true;
}

/* Gone again, where the rest does not fit. */
static bool unless(struct text *t, bool done, struct span copy)
{
    if (!done)
        text_remove(t, copy);
    return done;
}

/* CANCEL and ACK have the branch of their request; of an ACK for a 2xx, and of all others, it is
 * another one. */
bool message_follow(struct text *t)
{
    static const char *const methods[] = {"CANCEL", "ACK", "BYE", "INVITE", "UPDATE", "PRACK"};
    size_t which = draw_below(&t->random, sizeof methods / sizeof *methods);
    struct span copy;

    if (!copy_request(t, &copy))
        return false;
    if (which > 0 && (which > 1 || draw_once_in(&t->random, 2)) && !renew_branch(t, copy))
        return unless(t, false, copy);
    return unless(t, replace_method(t, copy, methods[which]), copy);
}

bool message_renew(struct text *t)
{
    struct span copy;

    return copy_request(t, &copy) && unless(t, renew_branch(t, copy), copy);
}

/* A line that a proxy looks at, behind the start line. */
bool message_route(struct text *t)
{
    static const char *const lines[] = {
        "Route: <sip:" HOST ";lr>\r\n",
        "Route: <sip:" HOST ";lr>, <sip:ash.example;lr>\r\n",
        "Route: <sip:ash.example>\r\n",
        "Route: <sips:yew.example;lr>\r\n",
        "Route: <sip:" HOST ":5061;transport=tls;lr>, <sip:" HOST ";lr>\r\n",
        "Record-Route: <sip:yew.example;lr>\r\n",
        "Path: <sip:ash.example;lr>\r\n",
        "Via: SIP/2.0/TCP ash.example;branch=z9hG4bKash\r\n",
        "Via: SIP/2.0/UDP " HOST ":5060;branch=z9hG4bK0\r\n",
        "Max-Breadth: 1\r\n",
        "Max-Forwards: 0\r\n",
        "Proxy-Require: foo\r\n",
    };
    const char *line = lines[draw_below(&t->random, sizeof lines / sizeof *lines)];
    struct span all[MESSAGES_MAX];
    size_t n = messages_of(t->p, t->n, all), off;

    if (n == 0)
        return false;
    off = all[draw_below(&t->random, n)].off;
    while (off < t->n && t->p[off] != '\n')
        off++;
    return off < t->n && text_insert(t, off + 1, line, strlen(line));
}

/* Whom a request is for registers one place or several before it. */
bool message_register(struct text *t)
{
    static const char *const contacts[] = {
        "<sip:una@birch.example>\r\n",
        "<sip:una@birch.example>, <sip:una@cedar.example;transport=tcp>\r\n",
        "<sip:una@birch.example>;q=0.5, <sip:una@cedar.example>;q=0.5, <sip:una@ebony.example>\r\n",
        "<sips:una@birch.example>;expires=20\r\n",
    };
    const char *contact = contacts[draw_below(&t->random, sizeof contacts / sizeof *contacts)];
    struct span request, to;
    static const char head[] =
        "REGISTER sip:" HOST " SIP/2.0\r\nVia: SIP/2.0/UDP oak.example;branch=z9hG4bKr0\r\n"
        "Max-Forwards: 70\r\nFrom: <sip:una@" HOST ">;tag=r\r\nTo: ";
    static const char middle[] = "\r\nCall-ID: r\r\nCSeq: 1 REGISTER\r\nContact: ";
    static const char end[] = "Content-Length: 0\r\n\r\n";
    unsigned char made[1024];
    struct text out = {made, 0, sizeof made, NULL, 0, 0};

    if (!pick_request(t, &request) || !value_of(t, request, "To", &to))
        return false;
    if (!text_insert(&out, out.n, head, sizeof head - 1) ||
        !text_insert(&out, out.n, t->p + to.off, to.n) ||
        !text_insert(&out, out.n, middle, sizeof middle - 1) ||
        !text_insert(&out, out.n, contact, strlen(contact)) ||
        !text_insert(&out, out.n, end, sizeof end - 1))
        return false;
    return text_insert(t, request.off, made, out.n);
}
