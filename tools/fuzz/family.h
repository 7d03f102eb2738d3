/* family.h: the processes that a process has begun, and those that they have begun. */
#ifndef SIPVET_TOOLS_FUZZ_FAMILY_H
#define SIPVET_TOOLS_FUZZ_FAMILY_H

#include <sys/types.h>

/* Seconds of CPU time, of user and system, that a process has had so far, with its descendants:
 * those that live, and those that ended and were waited for.  0 where the system has no /proc as
 * Linux has it, or if there is no such process. */
double family_cpu_s(pid_t root);

/* From now on a descendant of this process becomes its child when its own parent ends.  Nothing
 * happens where the system is not Linux. */
void family_adopt(void);

/* Ends what was adopted from another session, and what that has begun in its turn. */
void family_end_adopted(void);

#endif
