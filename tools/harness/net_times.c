/* When the element is woken and told of failures, and connections are looked after: before the loop
 * waits, after it has read, and by two timers. */
#include "net_core.h"

#include <string.h>

/* How many failures and wakings are handled before the network is looked at again. */
enum { AT_ONCE = 1000, WATCH_MS = 1000, HEARD_FIRST_MS = 200 };

/* The element may fail again while it is told. */
static void tell_failures(struct net *net)
{
    for (size_t i = 0; i < net->n_failed && i < AT_ONCE; i++)
        if (net->element.failed)
            net->element.failed(net->element.self, uv_now(net->loop), net->failed[i]);
    const size_t told = net->n_failed < AT_ONCE ? net->n_failed : AT_ONCE;
    memmove(net->failed, net->failed + told, (net->n_failed - told) * sizeof *net->failed);
    net->n_failed -= told;
}

static void on_wake(uv_timer_t *timer)
{
    ((struct net *)timer->data)->wake_at = UINT64_MAX;
}

/* Before the loop waits: whatever was called in between, the element is woken when it wants. */
static void on_prepare(uv_prepare_t *prepare)
{
    struct net *net = prepare->data;
    const uint64_t now = uv_now(net->loop);
    uint64_t wake = UINT64_MAX;
    tell_failures(net);
    if (net->element.wake)
        wake = net->element.wake(net->element.self);
    if (net->n_failed > 0)
        wake = now;
    if (wake == net->wake_at)
        return;
    net->wake_at = wake;
    if (wake == UINT64_MAX)
        uv_timer_stop(&net->wake);
    else
        uv_timer_start(&net->wake, on_wake, wake > now ? wake - now : 0, 0);
}

/* Whoever was held up hears what has come in meanwhile before his timers fire: nobody is asked once
 * more whose answer is here.  But not for ever. */
static bool waits_for_more(struct net *net, uint64_t now)
{
    if (!net->more) {
        net->held = 0;
        return false;
    }
    net->more = false;
    if (net->held == 0)
        net->held = now;
    return now - net->held < HEARD_FIRST_MS;
}

/* After what was there to be read was read. */
static void on_check(uv_check_t *check)
{
    struct net *net = check->data;
    const uint64_t now = uv_now(net->loop);
    if (!net->element.wake || waits_for_more(net, now))
        return;
    for (int i = 0; i < AT_ONCE && net->element.wake(net->element.self) <= now; i++)
        net->element.advance(net->element.self, now);
}

static void on_watch(uv_timer_t *timer)
{
    struct net *net = timer->data;
    for (size_t i = 0; i < net->connections.limit; i++)
        if (net->connections.slots[i])
            connection_watch((struct connection *)net->connections.slots[i], uv_now(net->loop));
}

/* Often enough for the shortest of its times. */
static uint64_t watch_ms(const struct net_settings *s)
{
    uint64_t least = WATCH_MS * 4;
    const uint64_t times[] = {s->limits.connect_ms, s->limits.message_ms, s->limits.idle_ms,
                              s->limits.pong_ms, s->keep_alive_ms ? s->keep_alive_ms : least};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        if (times[i] < least)
            least = times[i];
    return least / 4 + 1;
}

void net_begin_times(struct net *net)
{
    uv_prepare_init(net->loop, &net->prepare);
    uv_check_init(net->loop, &net->check);
    uv_timer_init(net->loop, &net->wake);
    uv_timer_init(net->loop, &net->watch);
    net->prepare.data = net->check.data = net->wake.data = net->watch.data = net;
    net->wake_at = UINT64_MAX;
    net->pending += 4;
    uv_update_time(net->loop);
    uv_prepare_start(&net->prepare, on_prepare);
    uv_check_start(&net->check, on_check);
    uv_timer_start(&net->watch, on_watch, watch_ms(&net->settings), watch_ms(&net->settings));
}

void net_end_times(struct net *net)
{
    uv_close((uv_handle_t *)&net->prepare, net_closed);
    uv_close((uv_handle_t *)&net->check, net_closed);
    uv_close((uv_handle_t *)&net->wake, net_closed);
    uv_close((uv_handle_t *)&net->watch, net_closed);
}
