/* Digest vectors: digest FILE.tsv.  Every value that a line has is computed and compared: HA1, the
 * response, rspauth, the hashed name; from the password and from HA1, with the body at once and in
 * pieces.  Skipped (77) if the file is not there. */
#include <sipvet/auth.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"

enum { COLUMN = 4096 };

static struct tsv table;
static unsigned failures, checks;

/* Octets of a column; absent if it is "-", empty for "" in quotes. */
static sipv_slice column(const char *name, unsigned char room[COLUMN])
{
    const char *cell = tsv_get(&table, name);
    if (strcmp(cell, "-") == 0)
        return sipv_slice_of(NULL, 0);
    if (strcmp(cell, "\"\"") == 0)
        return sipv_slice_of(room, 0);
    return sipv_slice_of(room, tsv_bytes(cell, room, COLUMN));
}

static sipv_slice hex_column(const char *name, unsigned char room[COLUMN])
{
    const sipv_slice s = column(name, room);
    for (size_t i = 0; i + 1 < s.n; i += 2) {
        const char two[] = {(char)s.p[i], (char)s.p[i + 1], 0};
        room[i / 2] = (unsigned char)strtoul(two, NULL, 16);
    }
    return sipv_slice_of(s.p, s.n / 2);
}

static void same(const char *what, const sipv_digits *got, const char *name)
{
    const char *want = tsv_get(&table, name);
    if (strcmp(want, "-") == 0)
        return;
    checks++;
    if (strcmp(got->text, want) != 0 || strlen(want) != got->n) {
        failures++;
        printf("line %u: %s is %s, not %s\n", table.line, what, got->text, want);
    }
}

static void fine(const char *what, int result)
{
    checks++;
    if (result != SIPV_OK) {
        failures++;
        printf("line %u: %s returns %d\n", table.line, what, result);
    }
}

static void check(sipv_hasher *h)
{
    static unsigned char room[9][COLUMN], body[COLUMN];
    sipv_digest d;
    sipv_digest_steps steps;
    sipv_digits out, hash;
    memset(&d, 0, sizeof d);
    d.algorithm = sipv_algorithm_find(column("algorithm", room[0]));
    d.qop = sipv_qop_find(column("qop", room[1]));
    d.username = column("username", room[2]);
    d.realm = column("realm", room[3]);
    d.password = column("password", room[4]);
    d.method = column("method", room[5]);
    d.uri = column("uri", room[6]);
    d.nonce = column("nonce", room[7]);
    d.nc = sipv_slice_text(tsv_get(&table, "nc"));
    d.cnonce = column("cnonce", room[8]);
    d.body = hex_column("body-hex", body);
    fine("response", sipv_digest_response(h, &d, &steps, &out));
    same("response", &out, "expected response");
    same("HA1", &steps.ha1, "ha1");
    fine("rspauth", sipv_digest_rspauth(h, &d, NULL, &out));
    same("rspauth", &out, "rspauth");
    fine("userhash", sipv_digest_userhash(h, d.algorithm, d.username, d.realm, &out));
    same("hashed name", &out, "userhash");

    fine("body", sipv_body_begin(h, d.algorithm));
    for (size_t i = 0; i < d.body.n; i += 7)
        fine("piece", sipv_body_add(h, d.body.p + i, d.body.n - i < 7 ? d.body.n - i : 7));
    fine("body", sipv_body_end(h, &hash));
    d.body = sipv_slice_of(NULL, 0);
    d.body_hash = sipv_digits_slice(&hash);
    d.username = d.realm = d.password = sipv_slice_of(NULL, 0);
    d.ha1 = sipv_slice_text(tsv_get(&table, "ha1"));
    fine("response of HA1", sipv_digest_response(h, &d, NULL, &out));
    same("response of HA1 and pieces", &out, "expected response");
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    if (!tsv_open(&table, argv[1])) {
        printf("skipped: there is no %s\n", argv[1]);
        return 77;
    }
    sipv_hasher *h = sipv_hasher_new();
    if (!h)
        return 1;
    unsigned lines = 0;
    while (tsv_next(&table)) {
        check(h);
        lines++;
    }
    sipv_hasher_free(h);
    tsv_close(&table);
    printf("%u vectors, %u checks, %u failures\n", lines, checks, failures);
    return failures || lines == 0;
}
