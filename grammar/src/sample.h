/* What the sampler tells the cover. */
#ifndef SIPV_SAMPLE_H
#define SIPV_SAMPLE_H

#include <sipvet/grammar.h>

/* Does some way lead from the op at `pc` to the end of its rule, so that the sampler may go there?
 */
bool sipv_sample_leads_on(const sipv_grammar *g, unsigned pc);

#endif
