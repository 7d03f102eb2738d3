/* Proxies in the simulator, among phones: hosts are elements by their names.
 *
 * A flow of a proxy is the number of an element and one, so that 0 is none. */
#ifndef TESTS_MESH_H
#define TESTS_MESH_H

#include <proxy.h>
#include <simulator.h>

enum { MESH_HOSTS = 16, MESH_SEEN = 4096 };

/* A final response that an element has sent upstream. */
struct mesh_final {
    uint64_t transaction, octets; /* sums; of the sender, Via and CSeq, and of all */
    int status;
};

struct mesh {
    struct simulator *sim;
    struct {
        const char *host;
        unsigned element;
    } hosts[MESH_HOSTS];
    size_t n_hosts;
    struct mesh_final seen[MESH_SEEN];
    size_t n_seen;
    unsigned twice; /* final responses that differ from an earlier one of the same transaction, and
                       are not 2xx to an INVITE both */
};

struct mesh_proxy {
    struct proxy proxy;
    struct element element;
    struct mesh *mesh;
    unsigned number;
    const char *host;
    bool reliable;
};

/* Opens the simulator; its settings' trace is the mesh's. */
bool mesh_open(struct mesh *mesh, const struct simulator_settings *settings);
void mesh_close(struct mesh *mesh);
/* The host of that name is this element. */
void mesh_name(struct mesh *mesh, const char *host, unsigned element);

bool mesh_proxy_open(struct mesh_proxy *p, struct mesh *mesh, const char *host,
                     const struct proxy_settings *settings, bool reliable);
void mesh_proxy_close(struct mesh_proxy *p);
/* Nothing is left in it. */
bool mesh_proxy_is_empty(const struct mesh_proxy *p);

#endif
