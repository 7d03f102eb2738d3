/* weak-server CHECK: a server of Digest on loopback that lets one sort of misuse pass, that of a
 * check of `sipvet digest audit`, or "none"; "silent" gives no answer to any.  Says where it
 * listens, as sipvet does, and runs until it is killed. */
#include <net.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <uv.h>

#include "weak.h"

/* The number of a check by its name; AUDIT_CHECKS for others. */
static enum audit_number number_of(const char *name)
{
    static const char *const names[AUDIT_CHECKS] = {
        "no-credentials",    "right-credentials", "wrong-password", "replayed-nc",
        "lower-nc",          "foreign-nonce",     "altered-nonce",  "no-qop",
        "auth-for-auth-int", "altered-body",      "md5-for-sha"};
    unsigned i = 0;
    while (i < AUDIT_CHECKS && strcmp(names[i], name) != 0)
        i++;
    return (enum audit_number)i;
}

static int open_network(struct net **net, uv_loop_t *loop)
{
    struct net_settings settings = net_settings_default();
    char problem[NET_PROBLEM];
    settings.listen[0] = (struct hop){HOP_UDP, "127.0.0.1", 0};
    settings.n_listen = 1;
    return net_open(net, loop, &settings, problem);
}

static void announce(const struct net *net)
{
    struct hop hop;
    char hostport[HOP_TEXT];
    net_listening(net, 0, &hop);
    hop_hostport(&hop, hostport);
    printf("listening udp:%s tcp:%s\n", hostport, hostport);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    static struct weak weak;
    uv_loop_t loop;
    struct net *net;
    struct network network;
    struct element element;
    if (argc != 2)
        return 2;
    signal(SIGPIPE, SIG_IGN);
    uv_loop_init(&loop);
    if (open_network(&net, &loop) != SIPV_OK)
        return 1;
    network = net_network(net);
    if (!weak_open(&weak, &network))
        return 1;
    weak.lets = number_of(argv[1]);
    weak.silent = strcmp(argv[1], "silent") == 0;
    weak.qops = SIPV_BIT(SIPV_QOP_AUTH_INT);
    if (weak.lets != AUDIT_AUTH_FOR_AUTH_INT)
        weak.qops |= SIPV_BIT(SIPV_QOP_AUTH);
    weak.algorithms[0] = SIPV_SHA_256;
    element = weak_element(&weak);
    net_attach(net, &element);
    announce(net);
    return uv_run(&loop, UV_RUN_DEFAULT);
}
