/* live_none.c: live.h where there are no sockets: no libuv, or no OpenSSL. */
#include "live.h"

bool live_is_possible(void)
{
    return false;
}

uint64_t live_seed(void)
{
    return 1;
}

const char *live_run(struct live **out, const struct callflow *flow,
                     const struct live_settings *settings)
{
    (void)flow;
    (void)settings;
    *out = NULL;
    return "this program was built without libuv, so it has no sockets";
}

void live_free(struct live *live)
{
    (void)live;
}

struct stage *live_stage(struct live *live)
{
    (void)live;
    return NULL;
}
