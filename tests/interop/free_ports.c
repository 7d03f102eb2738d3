/* Prints numbers of ports that are free for UDP and TCP on loopback, for programs that cannot take
 * one which the kernel chooses: free_ports N. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { MOST = 64, ATTEMPTS = 1000 };

static struct sockaddr_in loopback(unsigned port)
{
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((uint16_t)port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/* 0, or the port.  The sockets stay open until the end, so that each port comes once. */
static unsigned take(void)
{
    struct sockaddr_in address = loopback(0);
    socklen_t n = sizeof address;
    const int tcp = socket(AF_INET, SOCK_STREAM, 0), udp = socket(AF_INET, SOCK_DGRAM, 0);
    if (tcp < 0 || udp < 0 || bind(tcp, (const struct sockaddr *)&address, n) != 0 ||
        getsockname(tcp, (struct sockaddr *)&address, &n) != 0 ||
        bind(udp, (const struct sockaddr *)&address, n) != 0)
        return 0;
    return ntohs(address.sin_port);
}

int main(int argc, char **argv)
{
    const int wanted = argc > 1 ? atoi(argv[1]) : 1;
    int found = 0;
    if (wanted < 1 || wanted > MOST)
        return 2;
    for (int i = 0; found < wanted && i < ATTEMPTS; i++) {
        const unsigned port = take();
        if (port != 0 && ++found)
            printf("%u\n", port);
    }
    return found == wanted ? 0 : 1;
}
