/* input.c: see input.h. */
#include "input.h"

#include "command.h"
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int complain(const char *name, const char *reason)
{
    out_flush(); /* keeps the order where both go to one terminal */
    fputs("sipvet: cannot read ", stderr);
    err_visible(sipv_slice_of(name, strlen(name)));
    fprintf(stderr, ": %s\n", reason);
    return EXIT_INPUT;
}

unsigned input_timeout_s;

/* Waits until there is something to read; false if nothing came in time. */
static bool wait_for_input(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int result, ms = input_timeout_s ? (int)input_timeout_s * 1000 : -1;

    do
        result = poll(&p, 1, ms);
    while (result < 0 && errno == EINTR);
    return result != 0;
}

/* Returns NULL, or why it failed. */
static const char *read_all(int fd, struct input *input)
{
    size_t cap = 64 << 10;

    input->data = need(cap, 1);
    for (;;) {
        ssize_t got;

        if (!wait_for_input(fd))
            return "nothing came in time (--timeout)";
        got = read(fd, input->data + input->n, cap - input->n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return strerror(errno);
        if (got == 0)
            return NULL;
        input->n += (size_t)got;
        if (input->n > INPUT_MAX)
            return "it is larger than 256 MiB";
        if (input->n == cap)
            input->data = need_more(input->data, cap *= 2, 1);
    }
}

int input_read(const char *name, struct input *input)
{
    bool standard = strcmp(name, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
    const char *reason;

    memset(input, 0, sizeof *input);
    input->name = name;
    if (fd < 0)
        return complain(name, strerror(errno));
    reason = read_all(fd, input);
    if (!standard)
        close(fd);
    if (!reason)
        return EXIT_FINE;
    input_free(input);
    return complain(name, reason);
}

void input_free(struct input *input)
{
    free(input->data);
    input->data = NULL;
    input->n = 0;
}
