/* The memory of a proxy: response contexts (RFC 3261 section 16.2) and their branches, in tables of
 * fixed size.
 *
 * A context lives until its server transaction and all client transactions of its branches are
 * gone, its branches as long as it.  What has ended is taken away by proxy_reap(), so that pointers
 * stay good until the element returns. */
#ifndef HARNESS_PROXY_CONTEXTS_H
#define HARNESS_PROXY_CONTEXTS_H

#include "proxy.h"

#define PROXY_NONE UINT32_MAX

/* Octets of its own. */
struct proxy_text {
    unsigned char *p;
    size_t n;
};

/* Where a request may go. */
struct proxy_target {
    sipv_slice uri;    /* absent: the Request-URI as it is */
    sipv_slice path;   /* Route values to be pushed (RFC 3327), absent: none */
    int q;             /* thousandths */
    uint64_t flow;     /* over which it is reached (RFC 5626), 0: by its URI or path */
    uint64_t instance; /* the same for all flows to one user agent; 0: it has none */
    bool tried;
    struct proxy_text text; /* behind the slices, in a context */
};

/* One forwarded request. */
struct proxy_branch {
    uint64_t id; /* what its client transaction keeps as `user`; 0: free */
    transaction_id client;
    uint64_t flow;
    uint64_t timer_c;                /* when it fires; UINT64_MAX: it does not run */
    uint32_t context, sibling;       /* sibling: the next branch of the context */
    uint32_t sooner, later;          /* neighbours by timer C */
    uint32_t flow_before, flow_next; /* neighbours among the pending ones of a flow */
    uint32_t generation;
    unsigned breadth; /* Max-Breadth it was given */
    uint16_t target;
    bool pending;   /* neither final response nor failure yet */
    bool cancel;    /* to be cancelled as soon as that is possible */
    bool cancelled; /* it was */
    bool upgraded;  /* over TCP only because of its size */
};

/* One request that is being forwarded. */
struct proxy_context {
    uint64_t id; /* what its server transaction keeps as `user`; 0: free */
    transaction_id server;
    uint64_t flow;     /* by which the request came */
    uint32_t branches; /* the first */
    uint32_t generation, next;
    uint32_t live;    /* transactions that are alive */
    uint32_t pending; /* branches */
    struct proxy_target *targets;
    size_t n_targets, room_for_targets, next_target;
    int group_q;                    /* of the targets that are being tried */
    unsigned breadth, breadth_used; /* RFC 5393 section 5.3.2: incoming and outgoing */
    int best;                       /* status of the best response; 0: none yet */
    struct proxy_text response;     /* it, without our Via; none: we must make it */
    struct proxy_text challenges;   /* lines of further 401 and 407 */
    bool invite;
    bool own;        /* we are responsible for its Request-URI */
    bool final_sent; /* upstream has a final response */
    bool stop;       /* no new branches: cancelled, or a 6xx was received */
};

struct proxy_tables {
    struct proxy_limits limits;
    struct proxy_context *contexts;
    struct proxy_branch *branches;
    uint32_t *flows; /* buckets of pending branches by flow */
    uint32_t n_flows;
    uint32_t free_context, free_branch, ended;
    uint32_t soonest, latest; /* by timer C */
    uint32_t used_contexts;   /* entries that were ever used */
    size_t n_contexts, n_branches, n_unanswered, octets;
};

bool proxy_tables_open(struct proxy_tables *t, const struct proxy_limits *limits);
void proxy_tables_close(struct proxy_tables *t);

/* NULL if the table is full. */
struct proxy_context *proxy_context_new(struct proxy_tables *t);
/* Of an id, or NULL. */
struct proxy_context *proxy_context_of(const struct proxy_tables *t, uint64_t id);
/* Upstream has its final response. */
void proxy_context_final(struct proxy_tables *t, struct proxy_context *c);
/* One transaction less; with the last one the context has ended. */
void proxy_context_release(struct proxy_tables *t, struct proxy_context *c);
/* Takes away what has ended. */
void proxy_reap(struct proxy_tables *t);

/* A new pending branch of a context.  NULL if the table is full. */
struct proxy_branch *proxy_branch_new(struct proxy_tables *t, struct proxy_context *c);
struct proxy_branch *proxy_branch_of(const struct proxy_tables *t, uint64_t id);
struct proxy_context *proxy_branch_context(const struct proxy_tables *t,
                                           const struct proxy_branch *b);
/* The branch of a number, NULL for PROXY_NONE. */
struct proxy_branch *proxy_branch_at(const struct proxy_tables *t, uint32_t number);
/* It has a flow, by which proxy_branches_of_flow() finds it as long as it is pending. */
void proxy_branch_set_flow(struct proxy_tables *t, struct proxy_branch *b, uint64_t flow);
/* It is no longer pending. */
void proxy_branch_done(struct proxy_tables *t, struct proxy_branch *b);
/* The pending branches of a flow: the first; its `flow_next` leads on, over branches of other flows
 * as well. */
uint32_t proxy_branches_of_flow(const struct proxy_tables *t, uint64_t flow);

/* Timer C: runs until `at`, which must not be before that of any other; UINT64_MAX stops it. */
void proxy_branch_set_timer(struct proxy_tables *t, struct proxy_branch *b, uint64_t at);
/* The branch whose timer C fires first, or NULL. */
struct proxy_branch *proxy_branch_soonest(const struct proxy_tables *t);

/* Makes `text` a copy of `s`.  False, and no change, without room. */
bool proxy_keep(struct proxy_tables *t, struct proxy_text *text, sipv_slice s);
void proxy_forget(struct proxy_tables *t, struct proxy_text *text);
/* Adds to it. */
bool proxy_keep_more(struct proxy_tables *t, struct proxy_text *text, sipv_slice s);
/* Adds a target, with copies of its slices.  False without room. */
bool proxy_add_target(struct proxy_tables *t, struct proxy_context *c,
                      const struct proxy_target *target);

#endif
