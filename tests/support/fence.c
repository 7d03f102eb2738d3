#define _DEFAULT_SOURCE
#include "fence.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

bool fence_open(struct fence *f, size_t room)
{
    *f = (struct fence){.map = NULL};
    f->page = (size_t)sysconf(_SC_PAGESIZE);
    f->room = (room / f->page + 1) * f->page;
    void *map = mmap(NULL, f->room + 2 * f->page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED)
        return false;
    f->map = map;
    if (mprotect(f->map + f->page, f->room, PROT_READ | PROT_WRITE) == 0)
        return true;
    fence_close(f);
    return false;
}

static const unsigned char *copy(unsigned char *to, const void *bytes, size_t n)
{
    if (n > 0)
        memcpy(to, bytes, n);
    return to;
}

const unsigned char *fence_end(struct fence *f, const void *bytes, size_t n)
{
    if (n > f->room)
        return NULL;
    return copy(f->map + f->page + f->room - n, bytes, n);
}

const unsigned char *fence_start(struct fence *f, const void *bytes, size_t n)
{
    if (n > f->room)
        return NULL;
    return copy(f->map + f->page, bytes, n);
}

void fence_close(struct fence *f)
{
    if (f->map)
        munmap(f->map, f->room + 2 * f->page);
    *f = (struct fence){.map = NULL};
}
