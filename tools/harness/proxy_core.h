/* What the files of the proxy share. */
#ifndef HARNESS_PROXY_CORE_H
#define HARNESS_PROXY_CORE_H

#include "key.h"
#include "proxy_contexts.h"
#include "topmost.h"

enum {
    PROXY_EVENTS = 65536,
    PROXY_DIAGS = 64,
    PROXY_URI_EVENTS = 1024,
    PROXY_OUT = (1 << 20) + (256 << 10), /* octets of the largest message, and what is added */
    PROXY_LINES = 192 << 10,             /* header lines that are added to a message */
    PROXY_TRANSPORTS = 3,
    PROXY_BRANCH = 64
};

/* Storage for one parsed message. */
struct proxy_reading {
    sipv_header *headers;
    sipv_event *events;
    sipv_diag *diags;
    sipv_message m;
};

/* One value of a Route header. */
struct proxy_route {
    sipv_slice text; /* with its parameters, as written */
    uint16_t header;
    bool own;       /* its URI is this proxy */
    bool loose;     /* it has lr */
    sipv_slice uri; /* without the angle brackets */
};

/* A request as far as it has been understood: section 16.3 to 16.5. */
struct proxy_request {
    sipv_message *m;
    transaction_id server; /* 0: it is handled statelessly */
    uint64_t flow;         /* by which it came; 0: it is not known any more */
    struct proxy_route routes[PROXY_ROUTES];
    size_t n_routes;
    size_t first_route, end_routes; /* what of them is left */
    sipv_slice uri_text;            /* the Request-URI after preprocessing */
    sipv_uri uri;                   /* and its parts */
    bool popped;                    /* a Route value of ours was there */
    bool own;                       /* this proxy is responsible for the URI */
    bool elsewhere;                 /* a maddr that is not ours decides */
    sipv_event uri_events[PROXY_URI_EVENTS];
    unsigned char uri_room[HOP_HOST + 1024]; /* behind uri_text if it was changed */
};

/* Changes of a message: stretches that go, and texts that come in their places. */
enum { PROXY_CUTS = 24 };

struct proxy_cut {
    size_t from, to;
    size_t text, n; /* in `lines` */
};

struct proxy_cuts {
    const sipv_message *m;
    struct proxy_cut at[PROXY_CUTS];
    size_t n;
    struct compose lines; /* texts, one behind the other */
    bool failed;
};

struct proxy_core {
    struct proxy_settings settings;
    struct network network;
    struct transactions t;
    struct proxy_tables tables;
    sipv_limits limits; /* of messages */
    uint64_t now;
    bool stopped;
    uint64_t counter; /* of branches */
    char (*domains)[PROXY_NAME + 1];
    char next[PROXY_NAME + 1];
    struct hop self[PROXY_TRANSPORTS]; /* where it listens, as far as `listens` says so */
    bool listens[PROXY_TRANSPORTS];
    void *explainer;
    struct topmost *topmost;
    struct proxy_reading in, original,
        made;                            /* what came in, a request kept earlier, what is made */
    struct proxy_request request, again; /* of `in`, of `original` */
    unsigned char *out, *lines;          /* where messages are made, and lines for them */
};

/* ---- proxy.c: carrying out ------------------------------------------------------------------ */

/* Does what the table of transactions wants. */
void proxy_carry_out(struct proxy_core *p);
/* Parses octets in the profile of the proxy.  False if they are not accepted. */
bool proxy_parse(struct proxy_core *p, struct proxy_reading *r, sipv_slice octets);
/* The request of a context, read anew.  NULL if its server transaction is gone. */
struct proxy_request *proxy_original(struct proxy_core *p, const struct proxy_context *c);
/* Forgets a server transaction that will not be answered. */
void proxy_abandon_server(struct proxy_core *p, transaction_id server);
/* Forgets the client transaction of a branch. */
void proxy_abandon_client(struct proxy_core *p, struct proxy_branch *b);

/* ---- proxy_cuts.c --------------------------------------------------------------------------- */

void proxy_cuts_begin(struct proxy_cuts *c, const sipv_message *m, unsigned char *lines);
/* Takes [from, to) of the message away; what is composed into c->lines from now on until the next
 * call takes its place. */
void proxy_cut(struct proxy_cuts *c, size_t from, size_t to);
/* A new header line before the first of its name, else before all headers. */
void proxy_cut_line(struct proxy_cuts *c, unsigned id);
/* In place of the header of that number, whole lines. */
void proxy_cut_header(struct proxy_cuts *c, uint16_t header);
/* Behind all headers. */
void proxy_cut_end(struct proxy_cuts *c);
/* Takes the topmost Via value away. */
void proxy_cut_top_via(struct proxy_cuts *c);
/* Content-Length, where there is none: streams need it (section 16.6 item 9). */
void proxy_cut_length(struct proxy_cuts *c);
/* The message with all changes, in `out`; absent if it does not fit or there were too many. */
sipv_slice proxy_cuts_finish(struct proxy_cuts *c, unsigned char *out, size_t cap);

/* The next value of a list: up to a comma that stands neither in quotes nor in angle brackets.
 * Empty behind the last one.  `*at` is 0 at first. */
sipv_slice proxy_next_value(sipv_slice list, size_t *at);
/* Does everybody who reads a stream see the end of this message where we do?  What the interop
 * profile takes over UDP need not be so, and would end a connection that others use too. */
bool proxy_is_framed(sipv_slice octets);

/* ---- proxy_route.c: section 16.4 ------------------------------------------------------------ */

/* Where this proxy listens. */
void proxy_learn_self(struct proxy_core *p);
/* Is that this proxy, or one of its domains? */
bool proxy_is_own(const struct proxy_core *p, const sipv_uri *uri);
/* Reads the Route headers and the Request-URI of an accepted request and preprocesses them.  0, or
 * the status that it gets. */
int proxy_preprocess(struct proxy_core *p, struct proxy_request *r, sipv_message *m,
                     transaction_id server, uint64_t flow);

/* ---- proxy_validate.c: section 16.3 --------------------------------------------------------- */

/* 0, or the status to answer, with header lines for that. */
int proxy_validate(struct proxy_core *p, const struct proxy_request *r, struct compose *lines);
/* Max-Breadth of a request, as this proxy takes it (RFC 5393 section 5.3.3). */
unsigned proxy_breadth(const struct proxy_core *p, sipv_message *m);

/* ---- proxy_via.c: section 16.6 item 8 ------------------------------------------------------- */

/* Is the sent-by this proxy? */
bool proxy_is_sent_by(const struct proxy_core *p, const sipv_via *via);
/* Has the request come this way before? */
bool proxy_looped(const struct proxy_core *p, const struct proxy_request *r);
/* A branch for a forwarded request. */
void proxy_branch_text(struct proxy_core *p, const struct proxy_request *r, char out[PROXY_BRANCH]);

/* ---- proxy_targets.c: section 16.5 ---------------------------------------------------------- */

/* Target number `i` of a request, best first.  SIPV_OK, or SIPV_END behind the last.  Slices are
 * valid until the registrar changes. */
int proxy_target(struct proxy_core *p, const struct proxy_request *r, size_t i,
                 struct proxy_target *out);
/* What is answered if there is none. */
int proxy_no_target(const struct proxy_core *p, const struct proxy_request *r);

/* ---- proxy_forward.c: section 16.6 ---------------------------------------------------------- */

/* A forwarded request, ready to be sent. */
struct proxy_forwarded {
    sipv_slice octets; /* in p->out, and parsed in p->made */
    uint64_t flow;
    bool reliable, upgraded;
};

/* Steps 1 to 9.  `udp`: over UDP whatever its size.  0, or the status as if that were the answer:
 * 503 if there is no way. */
int proxy_compose_request(struct proxy_core *p, const struct proxy_request *r,
                          const struct proxy_target *target, unsigned breadth, bool udp,
                          struct proxy_forwarded *out);

/* ---- proxy_requests.c ----------------------------------------------------------------------- */

/* A request that began server transaction `server`, or is to be handled statelessly (0). */
void proxy_asked(struct proxy_core *p, sipv_message *m, transaction_id server, uint64_t flow);
/* A CANCEL for the INVITE of server transaction `invite`, or for none (0). */
void proxy_asked_to_cancel(struct proxy_core *p, sipv_message *m, transaction_id server,
                           transaction_id invite, uint64_t flow);
/* Does this element answer it itself? */
bool proxy_is_for_us(const struct proxy_core *p, const struct proxy_request *r);
/* A request that was not accepted. */
void proxy_refuse(struct proxy_core *p, sipv_message *m, uint64_t flow);
/* Answers a request, but for an ACK; `lines` are whole header lines. */
void proxy_answer(struct proxy_core *p, sipv_message *m, transaction_id server, uint64_t flow,
                  int status, sipv_slice lines);
/* The To tag of our own answers to a request: the same each time.  False if it cannot be read. */
bool proxy_tag(const struct proxy_core *p, sipv_message *m, char tag[KEY_TAG]);
const char *proxy_reason(int status);

/* ---- proxy_fork.c: contexts ----------------------------------------------------------------- */

/* Begins branches as far as q, Max-Breadth and what has happened allow; answers if nothing is left
 * to wait for.  `r` is its request; NULL: it is read anew if it is needed. */
void proxy_go_on(struct proxy_core *p, struct proxy_context *c, const struct proxy_request *r);
/* A pending branch has ended with `status`: with a response, or as if there were one (NULL). */
void proxy_branch_ended(struct proxy_core *p, struct proxy_branch *b, int status,
                        sipv_message *response);
/* Answers 503 and cancels everything. */
void proxy_give_up(struct proxy_core *p, struct proxy_context *c);
/* Cancels a pending branch, now or with its first provisional response. */
void proxy_cancel(struct proxy_core *p, struct proxy_branch *b);
void proxy_cancel_all(struct proxy_core *p, struct proxy_context *c);
/* Its timer C has fired: section 16.8. */
void proxy_timer_c(struct proxy_core *p, struct proxy_branch *b);
/* The transport could not send it: section 16.9. */
void proxy_branch_failed(struct proxy_core *p, struct proxy_branch *b);

/* ---- proxy_recurse.c: section 16.7 item 4 --------------------------------------------------- */

/* Makes the contacts of a 3xx targets of the context.  False: they stay in the response, which then
 * is one as all others. */
bool proxy_recurse(struct proxy_core *p, struct proxy_context *c, sipv_message *response);

/* ---- proxy_responses.c: section 16.7 -------------------------------------------------------- */

void proxy_answered(struct proxy_core *p, struct proxy_branch *b, sipv_message *m);
/* Remembers a final response, or the lack of one (`response` NULL), if it is better than what was
 * there. */
void proxy_consider(struct proxy_core *p, struct proxy_context *c, int status,
                    sipv_message *response);
/* Sends the best response upstream. */
void proxy_send_best(struct proxy_core *p, struct proxy_context *c);
/* A response that matches no transaction, in stateless mode: section 16.11. */
void proxy_pass_statelessly(struct proxy_core *p, sipv_message *m);

#endif
