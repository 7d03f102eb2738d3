/* The simulator as a network: addresses, flows, received and rport, where responses go, who moves.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <simulated.h>

enum { TEXT = 1024 };

/* An element that keeps what comes. */
struct ear {
    struct network *network;
    unsigned place, heard;
    char text[TEXT];
    uint64_t flow, now;
    bool reliable;
};

static struct simulated *s;
static struct ear alice, bob;
static unsigned sent, arrived;
static char last_from[HOP_TEXT], last_to[HOP_TEXT];

static void receive(void *self, uint64_t now, uint64_t flow, bool reliable, sipv_slice octets)
{
    struct ear *ear = self;
    ear->heard++;
    ear->flow = flow;
    ear->now = now;
    ear->reliable = reliable;
    snprintf(ear->text, sizeof ear->text, "%.*s", (int)octets.n, (const char *)octets.p);
}

static void failed(void *self, uint64_t now, uint64_t flow)
{
    (void)self;
    (void)now;
    (void)flow;
}

static uint64_t wake(void *self)
{
    (void)self;
    return UINT64_MAX;
}

static void advance(void *self, uint64_t now)
{
    (void)self;
    (void)now;
}

static void trace(void *with, const struct simulated_message *message)
{
    (void)with;
    sent += !message->arrived;
    arrived += message->arrived;
    hop_hostport(message->from, last_from);
    hop_hostport(message->to, last_to);
}

static void add(struct ear *ear, const char *host, bool attach)
{
    const struct element element = {ear, receive, failed, wake, advance};
    memset(ear, 0, sizeof *ear);
    ear->place = simulated_add(s, host, 5060);
    cr_assert_neq(ear->place, SIMULATOR_ELEMENTS);
    ear->network = simulated_network(s, ear->place);
    if (attach)
        simulated_attach(s, ear->place, &element);
}

static void open_all(void)
{
    const struct simulated_settings settings = {.simulator = simulator_settings_default(),
                                                .trace = trace};
    sent = arrived = 0;
    s = simulated_new(&settings);
    cr_assert(s);
    add(&alice, "192.0.2.1", true);
    add(&bob, "192.0.2.2", true);
}

static void close_all(void)
{
    simulated_free(s);
}

TestSuite(simulated, .init = open_all, .fini = close_all);

static uint64_t flow_to(const struct ear *ear, enum hop_transport transport, const char *host,
                        uint16_t port)
{
    struct hop hop = {transport, "", port};
    snprintf(hop.host, sizeof hop.host, "%s", host);
    return ear->network->flow(ear->network->with, &hop);
}

static void say(const struct ear *ear, uint64_t flow, const char *text)
{
    ear->network->send(ear->network->with, flow, sipv_slice_text(text));
}

static void settle(void)
{
    while (simulated_step(s))
        ;
}

#define ASK(via) "OPTIONS sip:x@y SIP/2.0\r\nVia: SIP/2.0/UDP " via "\r\n\r\n"
#define TELL(via) "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP " via "\r\n\r\n"

Test(simulated, there_and_back)
{
    struct hop self;
    cr_expect_eq(alice.network->self(alice.network->with, HOP_UDP, &self), SIPV_OK);
    cr_expect(strcmp(self.host, "192.0.2.1") == 0 && self.port == 5060);
    const uint64_t flow = flow_to(&alice, HOP_UDP, "192.0.2.2", 5060);
    cr_assert_neq(flow, 0);
    cr_expect_eq(alice.network->transport(alice.network->with, flow), HOP_UDP);
    say(&alice, flow, ASK("192.0.2.1"));
    settle();
    cr_expect_str_eq(bob.text, ASK("192.0.2.1"));
    cr_expect(!bob.reliable);
    say(&bob, bob.flow, "to where it came from");
    settle();
    cr_expect_str_eq(alice.text, "to where it came from");
    cr_expect(sent == 2 && arrived == 2);
    cr_expect_str_eq(last_from, "192.0.2.2:5060");
    cr_expect_str_eq(last_to, "192.0.2.1:5060");
}

Test(simulated, received_and_rport)
{
    say(&alice, flow_to(&alice, HOP_UDP, "192.0.2.2", 5060), ASK("a.example;rport"));
    settle();
    cr_expect_str_eq(bob.text, ASK("a.example;received=192.0.2.1;rport=5060"));
    say(&alice, flow_to(&alice, HOP_TCP, "192.0.2.2", 5060), TELL("a.example;rport"));
    settle();
    cr_expect_str_eq(bob.text, TELL("a.example;rport"), "not in responses");
}

/* Over UDP to where the topmost Via says, whatever the flow; over TCP to the flow. */
Test(simulated, where_responses_go)
{
    const uint64_t to_bob = flow_to(&alice, HOP_UDP, "192.0.2.2", 5060);
    say(&alice, to_bob, TELL("192.0.2.1"));
    settle();
    cr_expect(alice.heard == 1 && bob.heard == 0);
    say(&alice, flow_to(&alice, HOP_TCP, "192.0.2.2", 5060), TELL("192.0.2.1"));
    settle();
    cr_expect(alice.heard == 1 && bob.heard == 1);
    cr_expect(bob.reliable);
    cr_expect_eq(bob.network->transport(bob.network->with, bob.flow), HOP_TCP);
}

Test(simulated, tls_has_the_next_port)
{
    struct hop self;
    cr_expect_eq(bob.network->self(bob.network->with, HOP_TLS, &self), SIPV_OK);
    cr_expect_eq(self.port, 5061);
    say(&alice, flow_to(&alice, HOP_TLS, "192.0.2.2", 5061), "hello");
    settle();
    cr_expect_str_eq(bob.text, "hello");
    cr_expect_str_eq(last_to, "192.0.2.2:5061");
}

Test(simulated, names)
{
    cr_expect_eq(simulated_name(s, bob.place, "bob.example", 5060), SIPV_OK);
    cr_expect_eq(simulated_name(s, alice.place, "bob.example", 5060), SIPV_BAD_ARGUMENT);
    cr_expect_eq(simulated_add(s, "192.0.2.1", 5060), SIMULATOR_ELEMENTS);
    say(&alice, flow_to(&alice, HOP_UDP, "bob.example", 5060), "hello");
    settle();
    cr_expect_str_eq(bob.text, "hello");
}

/* Sent, and heard by nobody. */
Test(simulated, nobody_there)
{
    struct ear deaf;
    add(&deaf, "192.0.2.3", false);
    say(&alice, flow_to(&alice, HOP_UDP, "192.0.2.9", 5060), "hello");
    say(&alice, flow_to(&alice, HOP_UDP, "192.0.2.2", 5070), "hello");
    say(&alice, flow_to(&alice, HOP_UDP, "192.0.2.3", 5060), "hello");
    settle();
    cr_expect(sent == 3 && arrived == 0);
}

Test(simulated, who_moves)
{
    say(&alice, flow_to(&alice, HOP_UDP, "192.0.2.2", 5060), "too late");
    cr_expect_eq(simulated_move(s, bob.place, "192.0.2.1", 5060), SIPV_BAD_ARGUMENT);
    cr_expect_eq(simulated_move(s, bob.place, "192.0.2.20", 5060), SIPV_OK);
    settle();
    cr_expect_eq(bob.heard, 0);
    say(&bob, flow_to(&bob, HOP_UDP, "192.0.2.1", 5060), ASK("192.0.2.2"));
    settle();
    cr_expect_str_eq(alice.text, ASK("192.0.2.2;received=192.0.2.20"));
    say(&alice, alice.flow, "hello");
    settle();
    cr_expect_str_eq(bob.text, "hello");
}

Test(simulated, limits)
{
    unsigned place = 0;
    char host[32];
    for (unsigned i = 2; i < SIMULATOR_ELEMENTS; i++) {
        snprintf(host, sizeof host, "192.0.2.%u", i + 1);
        place = simulated_add(s, host, 5060);
        cr_expect_eq(place, i);
    }
    cr_expect_eq(simulated_add(s, "192.0.2.100", 5060), SIMULATOR_ELEMENTS);
    for (uint16_t port = 1; port <= SIMULATED_ADDRESSES; port++)
        flow_to(&alice, HOP_UDP, "192.0.2.200", port);
    cr_expect_eq(flow_to(&alice, HOP_UDP, "192.0.2.201", 5060), 0);
    cr_expect_eq(simulated_name(s, place, "full.example", 5060), SIPV_LIMIT);
    say(&alice, flow_to(&alice, HOP_UDP, "192.0.2.2", 5060), TELL("192.0.2.201"));
    settle();
    cr_expect_eq(bob.heard, 0, "there is no room for that address");
}
