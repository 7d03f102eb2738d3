/* mischief.h: what an element does wrong, so that tests can see expectations fail. */
#ifndef SIPVET_TOOLS_FLOW_MISCHIEF_H
#define SIPVET_TOOLS_FLOW_MISCHIEF_H

#include "callflow.h"

enum mischief {
    MISCHIEF_NONE,
    MISCHIEF_PASSWORD, /* users have forgotten theirs */
    MISCHIEF_VIA,      /* proxies leave their Via in responses that they forward */
    MISCHIEF_SUBJECT,  /* proxies lose Subject */
    MISCHIEF_TRYING    /* proxies send no 100 */
};

/* "password", "via" and so on, up to NULL. */
extern const char *const mischief_names[];
enum mischief mischief_find(const char *name);

/* What `is` sends in place of `octets`; absent: nothing.  Valid until the next call. */
sipv_slice mischief_send(enum mischief mischief, const struct callflow_element *is,
                         struct reader *reader, sipv_slice octets, struct bytes *room);

#endif
