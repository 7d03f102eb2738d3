#define _POSIX_C_SOURCE 200809L
/* Time is linear in the input: families that made other parsers slow, doubled from 8 to 64 KiB, in
 * both engines, in the message parser of both profiles and in the framer.
 *
 * CPU time is measured, so the ratio of a doubling is generous (3.5 where a quadratic step gives
 * 4), the shortest of several runs counts, and a family has three tries. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "messages.h"

enum { SMALLEST = 8 << 10, LARGEST = 64 << 10, DOUBLINGS = 3, ROOM = LARGEST + 1024 };

static const struct family {
    const char *name, *header, *begin, *piece, *end;
} families[] = {{"commas", "Supported", "", ",", ""},
                {"elements", "Supported", "a", ",a", ""},
                {"routes", "Route", "<sip:a>", ",<sip:a>", ""},
                {"semicolons", "Via", "SIP/2.0/UDP a", ";", ""},
                {"parameters", "Via", "SIP/2.0/UDP a", ";a", ""},
                {"parameters of a name", "Via", "SIP/2.0/UDP a", ";ttl=1", ""},
                {"URI parameters", "To", "<sip:a", ";a", ">"},
                {"credentials", "Authorization", "Digest a=b", ",a=b", ""},
                {"open parentheses", "Server", "", "(", ""},
                {"comments", "Server", "a", " (a)", ""},
                {"nested comments", "Server", "a", " (((((((a)))))))", ""},
                {"folds", "Subject", "a", "\r\n a", ""},
                {"folds of white space", "CSeq", "1", "\r\n ", "INVITE"},
                {"white space", "To", "\"a\"", " ", "<sip:a>"},
                {"display words", "From", "a", " a", " <sip:a>"},
                {"quotes", "To", "", "\"", ""},
                {"quoted pairs", "To", "\"", "\\\"", "\" <sip:a>"},
                {"percent signs", "To", "<sip:", "%", "@a>"},
                {"escapes", "To", "<sip:", "%41", "@a>"},
                {"at signs", "To", "<sip:", "@", ">"},
                {"colons", "To", "<sip:a", ":", "@b>"},
                {"user parts", "Contact", "<sip:a@b>", ",sip:a@b", ""},
                {"open brackets", "To", "", "<", ""},
                {"brackets", "Contact", "<sip:a>", ",<", ""},
                {"labels", "To", "<sip:a", ".a", ">"},
                {"full stops", "To", "<sip:a", ".", ">"},
                {"digits", "CSeq", "", "1", " INVITE"},
                {"IPv6 groups", "Via", "SIP/2.0/UDP [", "1:", "]"},
                {"UTF-8", "Subject", "", "\xc3\xa9", ""}};

static struct room room;
static struct fence fence;
static sipv_event *events;
static unsigned char value[ROOM], message[ROOM + 1024];
static size_t n_value, n_message;

static void put(unsigned char *out, size_t *n, const char *text)
{
    memcpy(out + *n, text, strlen(text));
    *n += strlen(text);
}

static void make_value(const struct family *f, size_t size)
{
    n_value = 0;
    put(value, &n_value, f->begin);
    while (n_value + strlen(f->piece) + strlen(f->end) < size - 300)
        put(value, &n_value, f->piece);
    put(value, &n_value, f->end);
}

/* The value in a message; `lines`: a header line for each 16 bytes of it instead. */
static void make_message(const struct family *f)
{
    static const char *const rest =
        "\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK7\r\nFrom: <sip:a>;tag=1\r\n"
        "To: <sip:b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n"
        "Content-Length: 0\r\n\r\n";
    n_message = 0;
    put(message, &n_message, "OPTIONS sip:a SIP/2.0\r\n");
    put(message, &n_message, f->header);
    put(message, &n_message, ": ");
    memcpy(message + n_message, value, n_value);
    n_message += n_value;
    put(message, &n_message, rest);
}

static void fast_engine(const struct family *f)
{
    sipv_iter it;
    size_t error;
    sipv_value_parse(sipv_header_find(sipv_slice_text(f->header)), sipv_slice_of(value, n_value),
                     events, ROOM, &it, &error);
}

static void slow_engine(const struct family *f)
{
    sipv_match match;
    const unsigned id = sipv_header_find(sipv_slice_text(f->header));
    sipv_explain(sipv_sip_grammar(), sipv_header_info_of(id)->rule, true,
                 sipv_slice_of(value, n_value), 0, room.explainer, 0, events, ROOM, &match);
}

static void alternatives(const struct family *f)
{
    sipv_alternative all[SIPV_ALTERNATIVES_MAX];
    slow_engine(f);
    sipv_explain_alternatives(room.explainer, all, SIPV_ALTERNATIVES_MAX);
}

static void parse(const struct family *f)
{
    (void)f;
    room_parse(&room, message, n_message, SIPV_STRICT);
}

static void parse_interop(const struct family *f)
{
    (void)f;
    room_parse(&room, message, n_message, SIPV_INTEROP);
}

/* A kilobyte at a time. */
static void frame(const struct family *f)
{
    sipv_framer framer;
    sipv_frame out;
    (void)f;
    sipv_framer_init(&framer, SIPV_STRICT, NULL);
    for (size_t n = 1024; n <= n_message; n += 1024)
        if (sipv_framer_feed(&framer, message, n, &out) != SIPV_MORE)
            return;
    sipv_framer_feed(&framer, message, n_message, &out);
}

/* Nanoseconds of one run: the shortest of some. */
static double shortest(void (*run)(const struct family *), const struct family *f)
{
    double best = 0;
    for (unsigned i = 0; i < 4; i++) {
        unsigned runs = 0;
        struct timespec from, to;
        double spent;
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
        do {
            run(f);
            runs++;
            clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
            spent = (double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec);
        } while (spent < 1e6);
        if (i == 0 || spent / runs < best)
            best = spent / runs;
    }
    return best;
}

static bool is_linear(const char *what, void (*run)(const struct family *), const struct family *f)
{
    double times[DOUBLINGS + 1];
    bool linear = true;
    for (unsigned i = 0; i <= DOUBLINGS; i++) {
        make_value(f, (size_t)SMALLEST << i);
        make_message(f);
        times[i] = shortest(run, f);
        /* below 5 microseconds it is the clock that is measured */
        linear &= i == 0 || times[i] < 5000 || times[i] / times[i - 1] < 3.5;
    }
    printf("%-22s %-12s %9.0f %9.0f %9.0f %9.0f ns  %5.2f ns/octet\n", f->name, what, times[0],
           times[1], times[2], times[3], times[3] / (double)LARGEST);
    return linear;
}

Test(linear, families)
{
    static const struct {
        const char *name;
        void (*run)(const struct family *);
    } subjects[] = {{"fast", fast_engine},          {"explain", slow_engine},
                    {"alternatives", alternatives}, {"parse", parse},
                    {"interop", parse_interop},     {"frame", frame}};
    events = malloc(ROOM * sizeof *events);
    cr_assert(events && room_open(&room) && fence_open(&fence, ROOM));
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        for (size_t s = 0; s < sizeof subjects / sizeof *subjects; s++) {
            bool linear = false;
            for (unsigned tries = 0; tries < 3 && !linear; tries++)
                linear = is_linear(subjects[s].name, subjects[s].run, &families[i]);
            cr_assert(linear, "%s: %s", subjects[s].name, families[i].name);
        }
    room_close(&room);
    fence_close(&fence);
    free(events);
}

/* Header lines by the thousand, of one name and of many. */
Test(linear, header_lines)
{
    static const char *const lines[] = {"x: y\r\n", "Via: SIP/2.0/UDP a\r\n", "k: a\r\n",
                                        "no\r\n",   "x:\r\n y\r\n",           "l: 0\r\n"};
    cr_assert(room_open(&room));
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        for (int interop = 0; interop < 2; interop++) {
            bool linear = false;
            for (unsigned tries = 0; tries < 3 && !linear; tries++) {
                double times[DOUBLINGS + 1];
                linear = true;
                for (unsigned k = 0; k <= DOUBLINGS; k++) {
                    n_message = 0;
                    put(message, &n_message, "OPTIONS sip:a SIP/2.0\r\n");
                    while (n_message + 32 < (size_t)SMALLEST / 2 << k)
                        put(message, &n_message, lines[i]);
                    put(message, &n_message, "\r\n");
                    times[k] = shortest(interop ? parse_interop : parse, &families[0]);
                    linear &= k == 0 || times[k] < 5000 || times[k] / times[k - 1] < 3.5;
                }
                printf("%-22.*s %-12s %9.0f %9.0f %9.0f %9.0f ns\n", (int)strlen(lines[i]) - 2,
                       lines[i], interop ? "interop" : "parse", times[0], times[1], times[2],
                       times[3]);
            }
            cr_assert(linear, "%s", lines[i]);
        }
    room_close(&room);
}
