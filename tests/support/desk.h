/* An element of the simulator that is a registrar and nothing else, with a guard before it if one
 * is given. */
#ifndef TESTS_DESK_H
#define TESTS_DESK_H

#include <guard.h>
#include <registrar.h>
#include <transactions.h>

#include "messages.h"
#include "cable.h"

struct desk {
    struct cable cable;
    struct transactions t;
    struct registrar r;
    struct guard *guard; /* NULL: everybody may */
    struct room in, out;
    unsigned answered, challenged, faults;
};

/* Adds itself to the simulator, as the registrar of `host`. */
bool desk_open(struct desk *d, struct simulator *sim, const char *host,
               const struct registrar_settings *settings);
void desk_close(struct desk *d);
/* Is this address-of-record bound now? */
bool desk_has(const struct desk *d, const char *aor);

#endif
