#include "net_core.h"

#include <stdlib.h>
#include <string.h>

bool queue_add(struct net *net, struct queue *q, uint64_t flow, bool moved, sipv_slice octets)
{
    if (octets.n > net->settings.limits.queue - q->octets ||
        octets.n > net->settings.limits.octets - net->octets)
        return false;
    struct waiting *w = malloc(sizeof *w + octets.n);
    if (!w)
        return false;
    w->next = NULL;
    w->flow = flow;
    w->moved = moved;
    w->n = octets.n;
    memcpy(w->octets, octets.p, octets.n);
    if (q->last)
        q->last->next = w;
    else
        q->first = w;
    q->last = w;
    q->octets += w->n;
    net->octets += w->n;
    return true;
}

struct waiting *queue_take(struct net *net, struct queue *q)
{
    struct waiting *w = q->first;
    if (!w)
        return NULL;
    q->first = w->next;
    if (!q->first)
        q->last = NULL;
    q->octets -= w->n;
    net->octets -= w->n;
    return w;
}

void queue_fail(struct net *net, struct queue *q)
{
    struct waiting *w;
    while ((w = queue_take(net, q))) {
        net_fail(net, w->flow);
        free(w);
    }
}
