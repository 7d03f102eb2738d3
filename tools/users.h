/* users.h: who may do what, for the commands that ask: a file of users. */
#ifndef SIPVET_TOOLS_USERS_H
#define SIPVET_TOOLS_USERS_H

#include "input.h"

#include <sipvet/auth.h>

/* Each line is NAME:REALM:HA1, as htdigest writes it, or NAME:PASSWORD.  Empty lines are skipped.
 */
struct users {
    struct input file;
    sipv_slice realm;
};

/* EXIT_FINE, or EXIT_INPUT after a message; then there is nothing to free.  `realm` must outlive
 * it. */
int users_read(const char *name, const char *realm, struct users *users);
/* Wipes and frees. */
void users_free(struct users *users);

/* The set of algorithms with which some user can be asked. */
unsigned users_algorithms(const struct users *users);

/* A sipv_lookup; `with` is the struct users. */
int users_find(void *with, const sipv_claim *claim, sipv_secret *secret);
/* Is there a user of this name?  For proxy_settings. */
bool users_exists(void *with, sipv_slice name);

#endif
