/* A server for tests of `sipvet fuzz torture`: answers every OPTIONS, until it dies.
 *
 *     mortal-server udp|tcp exit|hang TEXT
 *
 * Prints the port the kernel gave it.  When a message holds TEXT it exits, or says nothing any
 * more. It goes after five minutes at the latest. */
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROOM = 70000, CONNECTIONS = 16, LIFE_S = 300, PATIENCE_MS = 20000 };

static const char *deadly;
static bool hangs, silent;

/* Finds a text among octets that may hold NUL. */
static const char *find(const char *in, size_t n, const char *text)
{
    const size_t m = strlen(text);
    for (size_t i = 0; i + m <= n; i++)
        if (memcmp(in + i, text, m) == 0)
            return in + i;
    return NULL;
}

/* Copies the lines of the request that a response repeats. */
static size_t write_answer(const char *in, size_t n, char *out, size_t cap)
{
    static const char *const names[] = {"Via:", "From:", "To:", "Call-ID:", "CSeq:"};
    size_t have = (size_t)snprintf(out, cap, "SIP/2.0 200 OK\r\n");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *line = find(in, n, names[i]);
        const char *end = line ? memchr(line, '\n', n - (size_t)(line - in)) : NULL;
        if (!end || (size_t)(end - line) + 1 > cap - have)
            continue;
        memcpy(out + have, line, (size_t)(end - line) + 1);
        have += (size_t)(end - line) + 1;
    }
    return have + (size_t)snprintf(out + have, cap - have, "Content-Length: 0\r\n\r\n");
}

/* What one message does; the length of the answer, 0 for none. */
static size_t meet(const char *in, size_t n, char *out, size_t cap)
{
    if (find(in, n, deadly)) {
        if (!hangs)
            exit(0);
        silent = true;
    }
    if (silent || n < 8 || memcmp(in, "OPTIONS ", 8) != 0 || !find(in, n, "Call-ID: probe-"))
        return 0;
    return write_answer(in, n, out, cap);
}

static void serve_datagrams(int fd)
{
    static char in[ROOM], out[ROOM];
    for (;;) {
        struct sockaddr_in from;
        socklen_t n_from = sizeof from;
        const ssize_t n = recvfrom(fd, in, sizeof in, 0, (struct sockaddr *)&from, &n_from);
        const size_t answer = n >= 0 ? meet(in, (size_t)n, out, sizeof out) : 0;
        if (answer > 0)
            sendto(fd, out, answer, 0, (struct sockaddr *)&from, n_from);
    }
}

/* One connection after the other; what comes on it is read to its end of request, or to its end. */
static void serve_connection(int fd)
{
    static char in[ROOM], out[ROOM];
    size_t have = 0;
    while (have < sizeof in) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        const ssize_t n =
            poll(&p, 1, PATIENCE_MS) == 1 ? recv(fd, in + have, sizeof in - have, 0) : 0;
        if (n <= 0)
            break;
        have += (size_t)n;
        const size_t answer = find(in, have, "\r\n\r\n") ? meet(in, have, out, sizeof out) : 0;
        if (answer > 0 && send(fd, out, answer, 0) >= 0)
            break;
    }
    close(fd);
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    const bool tcp = strcmp(argv[1], "tcp") == 0;
    struct sockaddr_in own = {.sin_family = AF_INET};
    socklen_t n_own = sizeof own;
    const int fd = socket(AF_INET, tcp ? SOCK_STREAM : SOCK_DGRAM, 0);
    hangs = strcmp(argv[2], "hang") == 0;
    deadly = argv[3];
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || bind(fd, (struct sockaddr *)&own, sizeof own) != 0 ||
        (tcp && listen(fd, CONNECTIONS) != 0) ||
        getsockname(fd, (struct sockaddr *)&own, &n_own) != 0)
        return 1;
    printf("%u\n", (unsigned)ntohs(own.sin_port));
    fflush(stdout);
    alarm(LIFE_S);
    if (!tcp)
        serve_datagrams(fd);
    for (;;) {
        const int connection = accept(fd, NULL, NULL);
        if (connection >= 0)
            serve_connection(connection);
    }
}
