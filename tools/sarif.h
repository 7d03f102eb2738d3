/* sarif.h: findings as SARIF 2.1.0, the exchange format of static analysers. */
#ifndef SIPVET_TOOLS_SARIF_H
#define SIPVET_TOOLS_SARIF_H

#include "vet.h"

/* One log with one run: the catalogue as rules, then results. */
struct json sarif_begin(void);
void sarif_result(struct json *j, const struct finding *f, const struct fix *fix,
                  const char *source, struct lines *lines);
void sarif_end(struct json *j);

#endif
