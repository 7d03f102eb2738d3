/* fuzz-linear [-v]: is work linear in the input?  Families of texts that made parsers slow, doubled
 * from 8 to 64 KiB, go through whatever reads them; the blocks that the libraries execute are
 * counted, and must not grow by more than a factor of 2.2 with each doubling.  And is each text
 * still accepted, or refused for the reason that its family names?  If not, it measures something
 * else than was meant.  A build that counts no blocks judges this alone, and lets sanitizers look
 * at texts of that size.
 *
 * Exit: 0 all are; 1 one is not. */
#include <stdio.h>
#include <string.h>

#include "families.h"
#include "subjects.h"
#include "work.h"

/* With what is put round a value a message of 64 KiB is within the limits. */
enum { SMALLEST = 8 << 10, DOUBLINGS = 3, LARGEST = SMALLEST << DOUBLINGS, AROUND = 300 };
#define RATIO 2.2
/* What a text costs that is refused at once may vary by so many blocks. */
#define SLACK 4000.0

static bool verbose;

/* The name of a family is what it repeats, without control characters. */
static void print_family(const struct family *f)
{
    printf("%s \"", f->name);
    for (const char *p = f->piece; *p && p < f->piece + 24; p++)
        if (*p == '\r' || *p == '\n')
            printf("\\%c", *p == '\r' ? 'r' : 'n');
        else
            putchar(*p);
    printf("\"");
}

/* Has it grown with the text, over so many doublings? */
static bool grows_slowly(const uint64_t *work, unsigned doublings)
{
    bool slowly = true;
    for (unsigned i = 1; i <= doublings; i++)
        slowly &= (double)work[i] <= RATIO * (double)work[i - 1] + SLACK;
    return slowly;
}

static void print_work(const struct subject *s, const struct family *f, const uint64_t *work,
                       bool linear)
{
    printf("%-22s", s->name);
    for (unsigned i = 0; i <= DOUBLINGS; i++)
        printf(" %10llu", (unsigned long long)work[i]);
    printf(" blocks, %s", linear ? "" : "NOT LINEAR, ");
    print_family(f);
    printf("\n");
}

/* The work of each subject that takes these texts, for each size.  0 behind a size at which one has
 * grown too fast: the next might take very long, and the verdict is there. */
static void count_work(const struct family *f, uint64_t work[SUBJECTS][DOUBLINGS + 1])
{
    bool slowly = true;
    memset(work, 0, SUBJECTS * sizeof *work);
    for (unsigned i = 0; i <= DOUBLINGS && slowly; i++) {
        const sipv_slice text = family_text(f, ((size_t)SMALLEST << i) - AROUND);
        for (size_t k = 0; k < SUBJECTS; k++) {
            const uint64_t before = fuzz_work;
            if (subjects[k].kinds & f->kind)
                subjects[k].run(f, text);
            work[k][i] = fuzz_work - before;
            slowly &= grows_slowly(work[k], i);
        }
    }
}

/* Counts in `*all` how many subjects were judged; returns how many of them are not linear. */
static unsigned judge(const struct family *f, unsigned *all)
{
    static uint64_t work[SUBJECTS][DOUBLINGS + 1];
    unsigned bad = 0;
    count_work(f, work);
    for (size_t k = 0; k < SUBJECTS; k++) {
        if (!(subjects[k].kinds & f->kind))
            continue;
        const bool linear = grows_slowly(work[k], DOUBLINGS);
        if (verbose || !linear)
            print_work(&subjects[k], f, work[k], linear);
        bad += !linear;
        ++*all;
    }
    return bad;
}

static bool is_as_meant(const struct family *f)
{
    const char *const refusal = refusal_of(f, family_text(f, LARGEST - AROUND));
    const bool same = !refusal == !f->refusal && (!refusal || strcmp(refusal, f->refusal) == 0);
    if (!same) {
        print_family(f);
        printf(" is to be %s, and is %s\n", f->refusal ? f->refusal : "accepted",
               refusal ? refusal : "accepted");
    }
    return same;
}

int main(int argc, char **argv)
{
    unsigned bad = 0, all = 0, other = 0;
    verbose = argc == 2 && strcmp(argv[1], "-v") == 0;
    for (size_t i = 0; i < n_families; i++) {
        other += !is_as_meant(&families[i]);
        bad += judge(&families[i], &all);
    }
    if (fuzz_counts_work())
        printf("%u of %u are not linear\n", bad, all);
    else
        printf("this build counts no blocks\n");
    printf("%u of %zu families are not what they are meant to be\n", other, n_families);
    return bad || other;
}
