/* cpu.h: how much time of a processor other processes have had. */
#ifndef SIPVET_TOOLS_FUZZ_CPU_H
#define SIPVET_TOOLS_FUZZ_CPU_H

#include <sys/types.h>

/* Seconds of CPU time, of user and system, that a process has had so far, with its descendants:
 * those that live, and those that ended and were waited for.  0 where the system has no /proc as
 * Linux has it, or if there is no such process. */
double cpu_of_tree(pid_t root);

#endif
