/* What a run of the standalone runner found. */
#include "runner.h"

#include <stdio.h>
#include <string.h>

#include "oracle.h"

bool runner_has_oracle(const char *name)
{
    const size_t n = strlen(name);
    for (const char *at = fuzz_target_oracles; (at = strstr(at, name)) != NULL; at += n)
        if ((at == fuzz_target_oracles || at[-1] == ',') && (at[n] == ',' || at[n] == 0))
            return true;
    return false;
}

static void write_string(FILE *f, const char *text)
{
    fputc('"', f);
    for (const unsigned char *p = (const unsigned char *)text; *p; p++)
        if (*p == '"' || *p == '\\')
            fprintf(f, "\\%c", *p);
        else if (*p < 32)
            fprintf(f, "\\u%04x", *p);
        else
            fputc(*p, f);
    fputc('"', f);
}

static void write_checks(FILE *f)
{
    const char *separator = "";
    for (unsigned i = 0; fuzz_oracle_name(i); i++)
        if (fuzz_checks[i] || runner_has_oracle(fuzz_oracle_name(i))) {
            fprintf(f, "%s\"%s\":%llu", separator, fuzz_oracle_name(i),
                    (unsigned long long)fuzz_checks[i]);
            separator = ",";
        }
}

bool runner_write_json(const struct runner_result *r, const char *path)
{
    FILE *f = strcmp(path, "-") == 0 ? stdout : fopen(path, "w");
    if (!f)
        return false;
    fprintf(f, "{\"schema\":\"sipvet.fuzz-replay/1\",\"target\":\"%s\",\"inputs\":%zu,",
            fuzz_target_name, r->inputs);
    fprintf(f, "\"octets\":%zu,\"executions\":%llu,\"seconds\":%.6f,\"slowest_s\":%.6f,", r->octets,
            (unsigned long long)r->executions, r->seconds, r->slowest_s);
    fputs("\"slowest\":", f);
    write_string(f, r->slowest ? r->slowest : "");
    fputs(",\"checks\":{", f);
    write_checks(f);
    fprintf(f, "},\"missing\":%s}\n", r->missing ? "true" : "false");
    bool fine = !ferror(f);
    fine &= f == stdout ? fflush(f) == 0 : fclose(f) == 0;
    return fine;
}

void runner_write_text(const struct runner_result *r)
{
    printf("%s: %zu inputs, %llu executions, %.2f s of CPU time, %.0f/s", fuzz_target_name,
           r->inputs, (unsigned long long)r->executions, r->seconds,
           r->seconds > 0 ? (double)r->executions / r->seconds : 0.0);
    if (r->slowest)
        printf("; slowest %.1f ms, %s", 1000 * r->slowest_s, r->slowest);
    printf("\n");
    for (unsigned i = 0; fuzz_oracle_name(i); i++)
        if (fuzz_checks[i])
            printf("  %-18s %12llu checks\n", fuzz_oracle_name(i),
                   (unsigned long long)fuzz_checks[i]);
        else if (runner_has_oracle(fuzz_oracle_name(i)))
            printf("  %-18s never ran\n", fuzz_oracle_name(i));
}
