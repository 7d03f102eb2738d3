/* Sends a SIP server what it should not have to bear: damaged messages, messages that are too
 * large, the same message again and again.
 *
 *     noise PORT PER_SECOND SECONDS FILE...
 *
 * PORT is of 127.0.0.1, over UDP and TCP; FILEs are messages that are sent as they are and damaged.
 * Of four messages one is a FILE, one is a FILE with some octets changed or its end cut off, one is
 * oversized - more headers than there may be, one header without end, a datagram of zeros - and one
 * is a request that was sent before.  The requests of its own are for a socket of its own, which
 * never answers.  Answers are read and dropped.  Every hundredth goes over TCP, in pieces.
 *
 * Prints how many messages were sent, and how many came back.  Exit status 1: something could not
 * be set up. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { LARGEST = 60000, REPLAYED = 64, FILES = 1024 };

struct text {
    char *p;
    size_t n;
};

static struct text files[FILES];
static size_t n_files;
static char replayed[REPLAYED][512];
static struct sockaddr_in server;
static int udp, silent;
static unsigned silent_port;
static uint64_t state = 1, counter, n_sent, n_back, n_streams;
static char message[LARGEST];

static uint32_t below(size_t n)
{
    state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)((state >> 33) % n);
}

/* ---- What is sent ---------------------------------------------------------------------------- */

static size_t any_file(void)
{
    const struct text *file = &files[below(n_files)];
    const size_t n = file->n < sizeof message ? file->n : sizeof message;
    memcpy(message, file->p, n);
    return n;
}

static size_t damaged(void)
{
    const size_t n = any_file();
    for (unsigned i = below(8); n > 0 && i > 0; i--)
        message[below(n)] = (char)below(256);
    return below(3) == 0 && n > 0 ? below(n) : n;
}

static size_t request(const char *method, uint64_t number)
{
    const int n = snprintf(message, sizeof message,
                           "%s sip:nobody@127.0.0.1:%u SIP/2.0\r\n"
                           "Via: SIP/2.0/UDP 127.0.0.1:%u;branch=z9hG4bKnoise%llu;rport\r\n"
                           "Max-Forwards: 70\r\nFrom: <sip:noise@127.0.0.1>;tag=%llu\r\n"
                           "To: <sip:nobody@127.0.0.1>\r\nCall-ID: noise-%llu\r\nCSeq: 1 %s\r\n",
                           method, silent_port, silent_port, (unsigned long long)number,
                           (unsigned long long)number, (unsigned long long)number, method);
    return (size_t)n;
}

static size_t add(size_t n, const char *text)
{
    const size_t more = strlen(text);
    if (n + more > sizeof message)
        return n;
    memcpy(message + n, text, more);
    return n + more;
}

static size_t oversized(void)
{
    static const char many[] = "X-Noise: 0123456789\r\n";
    size_t n = request("INVITE", ++counter);
    switch (below(4)) {
    case 0: memset(message, 0, sizeof message); return sizeof message;
    case 1:
        for (size_t before = 0; before != n;) {
            before = n;
            n = add(n, many);
        }
        return n;
    case 2:
        n = add(n, "Subject: ");
        memset(message + n, 'x', sizeof message - n);
        return sizeof message;
    default:
        n = add(n, "Content-Length: 4000000000\r\n\r\n");
        memset(message + n, 'y', sizeof message - n);
        return sizeof message;
    }
}

/* One of the last requests, or a new one in its place. */
static size_t again(void)
{
    static const char *const methods[] = {"INVITE", "OPTIONS", "BYE",    "ACK",
                                          "CANCEL", "INVITE",  "MESSAGE"};
    char *kept = replayed[below(REPLAYED)];
    if (!*kept || below(8) == 0) {
        const size_t n = add(request(methods[below(7)], ++counter), "Content-Length: 0\r\n\r\n");
        snprintf(kept, sizeof replayed[0], "%.*s", (int)n, message);
    }
    return add(0, kept);
}

static size_t make(void)
{
    switch (below(4)) {
    case 0: return any_file();
    case 1: return damaged();
    case 2: return oversized();
    default: return again();
    }
}

/* ---- Sending --------------------------------------------------------------------------------- */

/* A connection of its own, closed in the middle of something. */
static void over_tcp(size_t n)
{
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        return;
    if (connect(fd, (struct sockaddr *)&server, sizeof server) == 0) {
        const size_t half = n / 2;
        if (send(fd, message, half, MSG_NOSIGNAL) >= 0 && below(2) == 0)
            (void)!send(fd, message + half, n - half, MSG_NOSIGNAL);
        n_streams++;
    }
    close(fd);
}

static void drain(int fd)
{
    static char dropped[65536];
    while (recv(fd, dropped, sizeof dropped, MSG_DONTWAIT) >= 0)
        n_back++;
}

static void send_one(void)
{
    const size_t n = make();
    if (n_sent++ % 100 == 99)
        over_tcp(n);
    else
        (void)!sendto(udp, message, n, 0, (struct sockaddr *)&server, sizeof server);
    drain(udp);
    drain(silent);
}

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void run(double per_second, double seconds)
{
    const double begin = now_s();
    for (double t = 0; t < seconds; t = now_s() - begin) {
        while ((double)n_sent < t * per_second)
            send_one();
        poll(NULL, 0, 2);
    }
}

/* ---- Setting up ------------------------------------------------------------------------------ */

static bool read_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f || n_files == FILES)
        return false;
    struct text *text = &files[n_files++];
    text->p = malloc(LARGEST);
    if (text->p)
        text->n = fread(text->p, 1, LARGEST, f);
    fclose(f);
    return text->p != NULL;
}

static int open_udp(unsigned *port)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof any;
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof any) != 0 ||
        getsockname(fd, (struct sockaddr *)&any, &n) != 0)
        return -1;
    *port = ntohs(any.sin_port);
    return fd;
}

int main(int argc, char **argv)
{
    unsigned port;
    if (argc < 5) {
        fputs("usage: noise PORT PER_SECOND SECONDS FILE...\n", stderr);
        return 1;
    }
    server = (struct sockaddr_in){.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)atoi(argv[1])),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    for (int i = 4; i < argc; i++)
        if (!read_file(argv[i])) {
            fprintf(stderr, "noise: %s: %s\n", argv[i], strerror(errno));
            return 1;
        }
    udp = open_udp(&port);
    silent = open_udp(&silent_port);
    if (udp < 0 || silent < 0) {
        perror("noise");
        return 1;
    }
    run(atof(argv[2]), atof(argv[3]));
    printf("noise: %llu messages sent, %llu of them over connections of their own; %llu came "
           "back\n",
           (unsigned long long)n_sent, (unsigned long long)n_streams, (unsigned long long)n_back);
    return 0;
}
