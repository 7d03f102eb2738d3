/* Ends of connections over TCP, for tests that open as many as they like. */
#ifndef TESTS_TCP_ENDS_H
#define TESTS_TCP_ENDS_H

#include "ends.h"

#include <criterion/criterion.h>
#include <sys/socket.h>
#include <unistd.h>

static struct ends w;

static inline void open_it(void)
{
    ends_open(&w);
}

static inline void close_it(void)
{
    cr_expect(ends_close(&w), "the loop does not end");
}

static inline struct end *add(const struct net_settings *settings)
{
    struct end *e;
    cr_assert_eq(ends_add(&w, settings, &e), SIPV_OK, "%s", w.problem);
    return e;
}

static inline struct end *add_tcp(void)
{
    const struct net_settings settings = ends_settings(HOP_TCP, "127.0.0.1");
    return add(&settings);
}

static const char via[] = "TCP a.example;branch=z9hG4bK1";

/* A connection of ours to a socket by hand, and that socket. */
static inline int accepted(struct end *a, uint64_t *flow)
{
    struct hop to = {HOP_TCP, "127.0.0.1", 0};
    const int listener = ends_tcp_listener(&to.port);
    int fd = -1;
    *flow = ends_flow(a, to);
    ENDS_UNTIL(&w, (fd = accept(listener, NULL, NULL)) >= 0);
    close(listener);
    cr_assert_geq(fd, 0);
    return fd;
}

#endif
