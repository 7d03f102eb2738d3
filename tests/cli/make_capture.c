/* make_capture.c: writes the captures that tests/cli/trace.sh reads: `make-capture NAME >FILE`. */
#include "packets.h"

#include <stdlib.h>
#include <string.h>

enum { UDP = 17, TCP = 6 };

static struct capture c = {.link = 1, .time_ns = INT64_C(1767322860123456000)};
static struct packet k;
static const struct route out = {1, 2, 5070, 5090, false}, back = {2, 1, 5090, 5070, false},
                          far = {2, 3, 5090, 5060, false}, far_back = {3, 2, 5060, 5090, false},
                          out6 = {1, 2, 5070, 5090, true};

static void udp(const struct route *r, const void *data, size_t n)
{
    packet_begin(&k, data, n);
    packet_udp(&k, r);
    packet_ip(&k, r, UDP);
    packet_ethernet(&k, r);
    capture_packet(&c, &k);
}

static void tcp(const struct route *r, uint32_t seq, unsigned flags, const char *text, size_t n)
{
    packet_begin(&k, text, n);
    packet_tcp(&k, r, seq, 1, flags);
    packet_ip(&k, r, TCP);
    packet_ethernet(&k, r);
    capture_packet(&c, &k);
}

/* A message of a dialog.  `start` has its start line and its further headers, a line each. */
static const char *message(const char *start, const char *call_id, const char *cseq,
                           const char *more, const char *body)
{
    static char text[8192];

    snprintf(text, sizeof text,
             "%s\r\nVia: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK%s\r\n"
             "From: <sip:ida@elm.example>;tag=f1\r\nTo: <sip:ivo@oak.example>%s\r\n"
             "Call-ID: %s\r\nCSeq: %s\r\n%s%sContent-Length: %zu\r\n\r\n%s",
             start, call_id, strncmp(start, "SIP/", 4) == 0 ? ";tag=t1" : "", call_id, cseq,
             strncmp(start, "SIP/", 4) == 0 ? "" : "Max-Forwards: 70\r\n", more, strlen(body),
             body);
    return text;
}

static void send(const struct route *r, const char *start, const char *cseq, const char *more)
{
    const char *text = message(start, "call-1", cseq, more, "");

    udp(r, text, strlen(text));
}

/* A call over a proxy, and another request between its messages. */
static void call(void)
{
    const char *contact = "Contact: <sip:ida@192.0.2.1:5070>\r\n", *text;

    send(&out, "INVITE sip:ivo@oak.example SIP/2.0", "1 INVITE", contact);
    send(&back, "SIP/2.0 100 Trying", "1 INVITE", "");
    send(&far, "INVITE sip:ivo@192.0.2.3 SIP/2.0", "1 INVITE", contact);
    text = message("OPTIONS sip:oak.example SIP/2.0", "ping-1", "7 OPTIONS", "", "");
    udp(&out, text, strlen(text));
    send(&far_back, "SIP/2.0 180 Ringing", "1 INVITE", "");
    send(&back, "SIP/2.0 180 Ringing", "1 INVITE", "");
    text = message("SIP/2.0 200 OK", "ping-1", "7 OPTIONS", "", "");
    udp(&back, text, strlen(text));
    send(&far_back, "SIP/2.0 200 OK", "1 INVITE", contact);
    send(&back, "SIP/2.0 200 OK", "1 INVITE", contact);
    send(&out, "ACK sip:ivo@192.0.2.3 SIP/2.0", "1 ACK", "");
    send(&out, "BYE sip:ivo@192.0.2.3 SIP/2.0", "2 BYE", "");
    send(&back, "SIP/2.0 200 OK", "2 BYE", "");
}

/* All that breaks out of quotes, tags, lines and terminals. */
static void hostile(void)
{
    static const char *const texts[] = {
        "INVITE sip:a@b SIP/2.0\r\nCall-ID: </script><script>alert(1)</script>\r\n"
        "From: \"<img src=x onerror=alert(2)>\" <sip:&amp;\"'>\r\nSubject: ]]><!-- \x1b[2J\r\n\r\n"
        "</pre></section><script>alert(3)</script>",
        "SIP/2.0 200 </title></text></svg><script>alert(4)</script>\r\nCall-ID: x;y#z\r\n\r\n",
        "END;<b>%% sip:a@b SIP/2.0\r\n\r\n",
        "end sip:a SIP/2.0\r\nCall-ID: \xe2\x80\xae\xff\xfe\x01\r\n\r\n",
        "SIP/2.0 180 p1->>p0: fake\nparticipant x\r\n\r\n",
        "SIP/2.0 200 \xff\xfe\xe2\x80\xae\"'&\x80\r\n\r\n",
        "INVITE\x1b[31m sip:a@b SIP/2.0\r\n\r\n",
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        udp(i % 2 ? &back : &out, texts[i], strlen(texts[i]));
    udp(&out, "INVITE sip:a@b SIP/2.0\r\nCall-ID: n\0l\r\n\r\n\0\0", 43);
}

/* One UDP message over any link layer. */
static void linked(unsigned link, const char *head, size_t n, const struct route *r)
{
    const char *text = message("OPTIONS sip:oak.example SIP/2.0", "link", "1 OPTIONS", "", "");

    c.link = link;
    capture_begin(&c);
    packet_begin(&k, text, strlen(text));
    packet_udp(&k, r);
    packet_ip(&k, r, UDP);
    packet_front(&k, head, n);
    capture_packet(&c, &k);
}

static void vlan(void)
{
    linked(1, "\2\0\0\0\0\2\2\0\0\0\0\1\x88\xa8\0\1\x81\0\0\2\x08\0", 22, &out);
}

static void cooked(void)
{
    linked(113, "\0\0\0\1\0\6\2\0\0\0\0\1\0\0\x08\0", 16, &out);
}

static void cooked2(void)
{
    linked(276, "\x86\xdd\0\0\0\0\0\1\0\1\0\6\2\0\0\0\0\1\0\0", 20, &out6);
}

static void null(void)
{
    linked(0, "\2\0\0\0", 4, &out);
}

static void raw(void)
{
    linked(101, "", 0, &out);
}

static void raw6(void)
{
    linked(101, "", 0, &out6);
}

static void unknown(void)
{
    linked(127, "", 0, &out);
}

/* Two requests and an answer over TCP, cut at odd places. */
static void stream_with(const char *between)
{
    char all[8192];
    size_t n;

    snprintf(all, sizeof all, "%s",
             message("OPTIONS sip:oak.example SIP/2.0", "tcp-1", "1 OPTIONS", "", "some body"));
    n = strlen(all);
    snprintf(all + n, sizeof all - n, "%s%s", between,
             message("OPTIONS sip:oak.example SIP/2.0", "tcp-2", "2 OPTIONS", "", ""));
    n = strlen(all);
    tcp(&out, 999, TCP_SYN, "", 0);
    tcp(&back, 1999, TCP_SYN | TCP_ACK, "", 0);
    tcp(&out, 1000, TCP_ACK, all, 100);
    tcp(&out, 1200, TCP_ACK, all + 200, n - 200);
    tcp(&out, 1000, TCP_ACK, all, 100);
    tcp(&out, 1100, TCP_ACK, all + 100, 100);
    strcpy(all, message("SIP/2.0 200 OK", "tcp-1", "1 OPTIONS", "", ""));
    tcp(&back, 2000, TCP_ACK, all, strlen(all));
    tcp(&out, 1000 + (uint32_t)n, TCP_ACK | TCP_FIN, "", 0);
}

static void stream(void)
{
    stream_with("\r\n\r\n"); /* a keep-alive */
}

static void plain_stream(void)
{
    stream_with("");
}

static void fragments(void)
{
    char body[3001];
    const char *text;
    const struct route *routes[] = {&out, &out6};

    memset(body, 'b', 3000);
    body[3000] = '\0';
    for (unsigned v = 0; v < 2; v++) {
        unsigned char whole[4096];
        size_t n;

        text = message("MESSAGE sip:oak.example SIP/2.0", v ? "frag-6" : "frag-4", "1 MESSAGE",
                       "Content-Type: text/plain\r\n", body);
        packet_begin(&k, text, strlen(text));
        packet_udp(&k, routes[v]);
        n = k.n;
        memcpy(whole, packet_bytes(&k), n);
        for (size_t at = 0; at < n; at += 1400) {
            bool more = at + 1400 < n;
            unsigned char h[8] = {
                UDP, 0, (unsigned char)(at >> 8), (unsigned char)((at & 0xf8) | more), 0, 0, 0, 9};

            packet_begin(&k, whole + at, more ? 1400 : n - at);
            if (v) {
                packet_front(&k, h, sizeof h);
                packet_ip6(&k, routes[v], 44);
            } else {
                packet_ip4(&k, routes[v], UDP, 9, (more ? 0x2000 : 0) | (unsigned)(at / 8));
            }
            packet_ethernet(&k, routes[v]);
            capture_packet(&c, &k);
        }
    }
}

/* The snapshot length cuts the second message. */
static void cut(void)
{
    send(&out, "INVITE sip:ivo@oak.example SIP/2.0", "1 INVITE", "");
    packet_begin(&k, message("BYE sip:ivo@oak.example SIP/2.0", "call-1", "2 BYE", "", ""), 200);
    packet_udp(&k, &out);
    packet_ip(&k, &out, UDP);
    packet_ethernet(&k, &out);
    capture_packet_cut(&c, &k, 180);
}

/* Files of messages, as arguments, there and back. */
static void files(int count, char **names)
{
    static char text[60000];

    for (int i = 0; i < count; i++) {
        FILE *file = fopen(names[i], "rb");
        size_t n = file ? fread(text, 1, sizeof text, file) : 0;

        if (!file)
            exit(1);
        fclose(file);
        udp(n > 4 && memcmp(text, "SIP/", 4) == 0 ? &back : &out, text, n);
    }
}

static const struct {
    const char *name;
    void (*write)(void);
    bool begins; /* it writes the head of the file itself */
} kinds[] = {
    {"call", call, false},
    {"hostile", hostile, false},
    {"vlan", vlan, true},
    {"cooked", cooked, true},
    {"cooked2", cooked2, true},
    {"null", null, true},
    {"raw", raw, true},
    {"raw6", raw6, true},
    {"unknown", unknown, true},
    {"stream", stream, false},
    {"plain-stream", plain_stream, false},
    {"fragments", fragments, false},
    {"cut", cut, false},
};

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";

    c.out = stdout;
    if (strchr(name, ':')) { /* "n" nanoseconds, "g" pcapng, "s" the other byte order: "ns:call" */
        c.nanos = memchr(name, 'n', strcspn(name, ":")) != NULL;
        c.ng = memchr(name, 'g', strcspn(name, ":")) != NULL;
        c.swap = memchr(name, 's', strcspn(name, ":")) != NULL;
        name = strchr(name, ':') + 1;
    }
    if (strcmp(name, "files") == 0) {
        capture_begin(&c);
        files(argc - 2, argv + 2);
        return 0;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i].name, name) != 0)
            continue;
        if (!kinds[i].begins)
            capture_begin(&c);
        kinds[i].write();
        return 0;
    }
    fprintf(stderr, "make-capture: there is no '%s'\n", name);
    return 2;
}
