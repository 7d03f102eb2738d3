#include "spec.h"

#include <stdarg.h>
#include <stdio.h>

struct spec spec;

void spec_add(struct spec_text *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const int n = vsnprintf(t->p + t->n, t->cap - t->n, format, args);
    va_end(args);
    if (n > 0 && (size_t)n < t->cap - t->n)
        t->n += (size_t)n;
}

void spec_problem(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(spec.problem, sizeof spec.problem, format, args);
    va_end(args);
}
