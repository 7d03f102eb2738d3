/* RFC 3261 section 18.4: unreachable errors and parameter problems are told, others are not.
 *
 * Linux keeps what ICMP said about datagrams of a socket in its error queue, with the address each
 * was sent to; elsewhere nothing is known of it. */
#if defined(__linux__)
#define _GNU_SOURCE /* struct ip6_..., sock_extended_err */
#endif
#include "net_core.h"

#if defined(__linux__)
#include <linux/errqueue.h>
#include <string.h>
#include <sys/socket.h>

/* Destination Unreachable and Parameter Problem of RFC 792 and RFC 4443. */
static bool counts(const struct sock_extended_err *e)
{
    if (e->ee_origin == SO_EE_ORIGIN_ICMP)
        return e->ee_type == 3 || e->ee_type == 12;
    if (e->ee_origin == SO_EE_ORIGIN_ICMP6)
        return e->ee_type == 1 || e->ee_type == 4;
    return true;
}

static bool is_error(const struct msghdr *message)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c;
         c = CMSG_NXTHDR((struct msghdr *)(uintptr_t)message, c)) {
        struct sock_extended_err e;
        const bool ipv4 = c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR;
        const bool ipv6 = c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR;
        if (!ipv4 && !ipv6)
            continue;
        memcpy(&e, CMSG_DATA(c), sizeof e);
        return counts(&e);
    }
    return false;
}

/* All peers at that address: they may have been asked for by name. */
static void tell(struct listener *l, const union socket_address *to)
{
    struct hop hop, its;
    hop_of_address(HOP_UDP, to, &hop);
    for (const struct peer *peer = l->net->oldest; peer; peer = peer->newer) {
        if (!peer->known || peer->listener != l)
            continue;
        hop_of_address(HOP_UDP, &peer->address, &its);
        if (hop_equal(&its, &hop))
            net_fail(l->net, peer->route.id);
    }
}

void udp_errors(struct listener *l)
{
    uv_os_fd_t fd;
    if (uv_fileno(&l->handle.any, &fd) != 0)
        return;
    for (;;) {
        union {
            struct cmsghdr head;
            char octets[512];
        } control;
        union socket_address to;
        struct msghdr message = {.msg_name = &to,
                                 .msg_namelen = sizeof to,
                                 .msg_control = &control,
                                 .msg_controllen = sizeof control};
        memset(&to, 0, sizeof to);
        if (recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
            return;
        if (is_error(&message))
            tell(l, &to);
    }
}
#else
void udp_errors(struct listener *l)
{
    (void)l;
}
#endif
