/* users.c: see users.h. */
#include "users.h"

#include "command.h"

#include <stdio.h>
#include <string.h>

struct user {
    sipv_slice name;
    sipv_slice ha1, password; /* one of them */
};

static bool is_hex(sipv_slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!memchr("0123456789abcdef", s.p[i], 16))
            return false;
    return s.n == 32 || s.n == 64;
}

/* The line at `*at`, without its end. */
static bool next_line(const struct users *users, size_t *at, sipv_slice *line)
{
    const unsigned char *from = users->file.data + *at, *end;

    if (*at >= users->file.n)
        return false;
    end = memchr(from, '\n', users->file.n - *at);
    *line = sipv_slice_of(from, end ? (size_t)(end - from) : users->file.n - *at);
    *at += line->n + 1;
    if (line->n > 0 && line->p[line->n - 1] == '\r')
        line->n--;
    return true;
}

/* ":REALM:HA1" of the realm. */
static bool split_htdigest(const struct users *users, sipv_slice rest, struct user *user)
{
    const sipv_slice realm = users->realm;

    if (rest.n < realm.n + 2 || rest.p[realm.n + 1] != ':' ||
        memcmp(rest.p + 1, realm.p, realm.n) != 0)
        return false;
    user->ha1 = sipv_slice_of(rest.p + realm.n + 2, rest.n - realm.n - 2);
    return is_hex(user->ha1);
}

/* Is it an entry of another realm, whose HA1 is no password? */
static bool is_foreign(sipv_slice rest)
{
    size_t at = rest.n;

    while (at > 1 && rest.p[at - 1] != ':')
        at--;
    return at > 1 && is_hex(sipv_slice_of(rest.p + at, rest.n - at));
}

static bool split(const struct users *users, sipv_slice line, struct user *user)
{
    const unsigned char *colon = line.n > 0 ? memchr(line.p, ':', line.n) : NULL;
    sipv_slice rest;

    memset(user, 0, sizeof *user);
    if (!colon)
        return false;
    user->name = sipv_slice_of(line.p, (size_t)(colon - line.p));
    rest = sipv_slice_of(colon, line.n - user->name.n);
    if (split_htdigest(users, rest, user))
        return true;
    user->ha1 = (sipv_slice){NULL, 0};
    user->password = sipv_slice_of(colon + 1, rest.n - 1);
    return !is_foreign(rest);
}

/* The next user, passing over what is none. */
static bool next_user(const struct users *users, size_t *at, struct user *user)
{
    sipv_slice line;

    while (next_line(users, at, &line))
        if (split(users, line, user))
            return true;
    return false;
}

int users_read(const char *name, const char *realm, struct users *users)
{
    struct user user;
    size_t at = 0;
    int result = input_read(name, &users->file);

    users->realm = sipv_slice_text(realm);
    if (result != EXIT_FINE)
        return result;
    if (next_user(users, &at, &user))
        return EXIT_FINE;
    fprintf(stderr, "sipvet: '%s' has no user of the realm '%s'\n", name, realm);
    users_free(users);
    return EXIT_INPUT;
}

void users_free(struct users *users)
{
    sipv_wipe(users->file.data, users->file.n);
    input_free(&users->file);
    memset(users, 0, sizeof *users);
}

/* An HA1 serves one hash only. */
unsigned users_algorithms(const struct users *users)
{
    unsigned set = 0;
    struct user user;

    for (size_t at = 0; next_user(users, &at, &user);) {
        if (!user.ha1.p || user.ha1.n == 32)
            set |= SIPV_BIT(SIPV_MD5);
        if (!user.ha1.p || user.ha1.n == 64)
            set |= SIPV_BIT(SIPV_SHA_256);
    }
    return set;
}

int users_find(void *with, const sipv_claim *claim, sipv_secret *secret)
{
    const struct users *users = with;
    struct user user;

    if (claim->userhash)
        return SIPV_ABSENT;
    for (size_t at = 0; next_user(users, &at, &user);) {
        if (!sipv_slice_equal(user.name, claim->username) ||
            (user.ha1.p && user.ha1.n != sipv_algorithm_digits(claim->algorithm)))
            continue;
        secret->ha1 = user.ha1;
        secret->password = user.password;
        return SIPV_OK;
    }
    return SIPV_ABSENT;
}

bool users_exists(void *with, sipv_slice name)
{
    const struct users *users = with;
    struct user user;

    for (size_t at = 0; next_user(users, &at, &user);)
        if (sipv_slice_equal(user.name, name))
            return true;
    return false;
}
