/* fuzz-digest-dict GRAMMAR.dict OUT.dict: the dictionary of the grammar of Digest, and the words
 * that it leaves open: names of parameters, algorithms and qops, as the library itself knows them.
 */
#include <stdio.h>

#include "internal.h"

static void write_names(FILE *out, const struct sipv_field_spec *fields)
{
    for (; fields->name; fields++)
        fprintf(out, "\"%s=\"\n", fields->name);
}

static void write_words(FILE *out)
{
    fprintf(out, "# Words of Digest, made by fuzz-digest-dict.\n");
    write_names(out, sipv_challenge_fields);
    write_names(out, sipv_credentials_fields);
    write_names(out, sipv_info_fields);
    for (int a = 0; a < SIPV_ALGORITHM_COUNT; a++)
        fprintf(out, "\"%s\"\n", sipv_algorithm_name((sipv_algorithm)a));
    fprintf(out, "\"%s\"\n\"%s\"\n", sipv_qop_name(SIPV_QOP_AUTH),
            sipv_qop_name(SIPV_QOP_AUTH_INT));
    fprintf(out, "\"00000001\"\n\"UTF-8''\"\n");
}

int main(int argc, char **argv)
{
    FILE *in = argc == 3 ? fopen(argv[1], "r") : NULL, *out = in ? fopen(argv[2], "w") : NULL;
    if (!out)
        return 2;
    for (int c; (c = fgetc(in)) != EOF;)
        fputc(c, out);
    write_words(out);
    const int bad = ferror(in) || ferror(out);
    fclose(in);
    return fclose(out) != 0 || bad;
}
