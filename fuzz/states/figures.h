/* Lengths of timers as RFC 3261 table 4 gives them, in milliseconds, with the defaults. */
#ifndef FUZZ_FIGURES_H
#define FUZZ_FIGURES_H

enum { FIGURES_T1 = 500, FIGURES_T2 = 4000, FIGURES_T4 = 5000, FIGURES_64_T1 = 64 * FIGURES_T1 };

#endif
