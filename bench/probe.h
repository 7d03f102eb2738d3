/* probe.h: how fast the machine is at this moment. */
#ifndef BENCH_PROBE_H
#define BENCH_PROBE_H

/* A fixed piece of work of some 20 us, the same for all that is measured, which takes up to twice
 * as long where something else uses the same core or the clock is low.  It calls no library. */
void bench_probe(void);

#endif
