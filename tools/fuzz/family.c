/* family.c: see family.h.  The engines begin processes of their own, AFL++ in a session of its own,
 * so that only parents tell what belongs together. */
#include "family.h"

#include "../output.h"

#include <ctype.h>
#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/prctl.h>
#endif

struct process {
    long pid, parent, session;
    unsigned long long ticks; /* its own, and those of children it has waited for */
    bool mine;
};

/* "17 (a name) S 1 ..."; the name may hold anything, also ')'. */
static bool read_process(const char *pid, struct process *p)
{
    char path[64], text[1024];
    unsigned long long own[2], children[2];
    const char *at = NULL;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
    if (!(f = fopen(path, "r")))
        return false;
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    at = strrchr(text, ')');
    if (!at || sscanf(at + 1, " %*c %ld %*d %ld %*d %*d %*u %*u %*u %*u %*u %llu %llu %llu %llu",
                      &p->parent, &p->session, &own[0], &own[1], &children[0], &children[1]) != 6)
        return false;
    p->pid = strtol(pid, NULL, 10);
    p->ticks = own[0] + own[1] + children[0] + children[1];
    p->mine = false;
    return true;
}

/* All processes there are; *n is how many. */
static struct process *read_processes(size_t *n)
{
    struct process *all = NULL, p;
    size_t cap = 0;
    struct dirent *entry;
    DIR *open = opendir("/proc");

    *n = 0;
    while (open && (entry = readdir(open)) != NULL) {
        if (!isdigit((unsigned char)entry->d_name[0]) || !read_process(entry->d_name, &p))
            continue;
        if (*n == cap) {
            cap = cap ? 2 * cap : 256;
            all = need_more(all, cap, sizeof *all);
        }
        all[(*n)++] = p;
    }
    if (open)
        closedir(open);
    return all;
}

/* Marks those whose parent is marked, until there are no more. */
static void mark_descendants(struct process *all, size_t n)
{
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < n; i++)
            for (size_t k = 0; !all[i].mine && k < n; k++)
                if (all[k].mine && all[k].pid == all[i].parent)
                    more = all[i].mine = true;
    }
}

double family_cpu_s(pid_t root)
{
    const long ticks_of_second = sysconf(_SC_CLK_TCK);
    unsigned long long ticks = 0;
    size_t n;
    struct process *all = read_processes(&n);

    for (size_t i = 0; i < n; i++)
        all[i].mine = all[i].pid == (long)root;
    mark_descendants(all, n);
    for (size_t i = 0; i < n; i++)
        ticks += all[i].mine ? all[i].ticks : 0;
    free(all);
    return ticks_of_second > 0 ? (double)ticks / (double)ticks_of_second : 0;
}

void family_adopt(void)
{
#if defined(__linux__)
    prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L);
#endif
}

/* Of what was adopted, how many were ended: what they had begun is adopted by that. */
static size_t end_adopted(void)
{
    const long me = (long)getpid(), session = (long)getsid(0);
    size_t n, ended = 0;
    struct process *all = read_processes(&n);

    for (size_t i = 0; i < n; i++)
        if (all[i].parent == me && all[i].session != session) {
            kill((pid_t)all[i].pid, SIGKILL);
            ended += waitpid((pid_t)all[i].pid, NULL, 0) > 0;
        }
    free(all);
    return ended;
}

void family_end_adopted(void)
{
    while (end_adopted() > 0)
        ;
}
