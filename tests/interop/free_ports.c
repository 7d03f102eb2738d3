/* Prints numbers of ports that are free for UDP and TCP on loopback, and the one above for TCP, for
 * programs that cannot take one which the kernel chooses: free_ports N.
 *
 * They lie below those that the kernel gives away, so that nobody gets one by chance before it is
 * used. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 64, FIRST = 10000, PAIRS = 10000, STEP = 101 };

/* The socket stays open until the end, so that each port comes once. */
static int is_free(int type, unsigned port)
{
    struct sockaddr_in address;
    const int fd = socket(AF_INET, type, 0);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((uint16_t)port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof address) == 0;
}

int main(int argc, char **argv)
{
    const int wanted = argc > 1 ? atoi(argv[1]) : 1;
    unsigned pair = (unsigned)getpid();
    int found = 0;
    if (wanted < 1 || wanted > MOST)
        return 2;
    for (int i = 0; found < wanted && i < PAIRS; i++, pair += STEP) {
        const unsigned port = FIRST + 2 * (pair % PAIRS);
        if (!is_free(SOCK_DGRAM, port) || !is_free(SOCK_STREAM, port) ||
            !is_free(SOCK_STREAM, port + 1))
            continue;
        printf("%u\n", port);
        found++;
    }
    return found == wanted ? 0 : 1;
}
