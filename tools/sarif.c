/* sarif.c: see sarif.h. */
#include "sarif.h"

#include "fix.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *level(unsigned severity)
{
    return severity_name(severity); /* the words are the same: error, warning, note */
}

static void text_object(struct json *j, const char *key, const char *text)
{
    json_object(j, key);
    json_text(j, "text", text);
    json_end_object(j);
}

static void rule(struct json *j, const sipv_diag_info *info)
{
    char code[16];

    snprintf(code, sizeof code, "SV%04u", (unsigned)info->code);
    json_object(j, NULL);
    json_text(j, "id", code);
    json_text(j, "name", info->name);
    text_object(j, "shortDescription", info->message);
    text_object(j, "fullDescription", info->help);
    text_object(j, "help", info->fix);
    json_object(j, "defaultConfiguration");
    json_text(j, "level", level(info->severity));
    json_end_object(j);
    json_object(j, "properties");
    json_text(j, "rfc", info->rfc);
    if (info->status)
        json_size(j, "status", info->status);
    json_end_object(j);
    json_end_object(j);
}

struct json sarif_begin(void)
{
    struct json j = json_begin_record(true);
    const sipv_diag_info *info;

    json_object(&j, NULL);
    json_text(&j, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    json_text(&j, "version", "2.1.0");
    json_array(&j, "runs");
    json_object(&j, NULL);
    json_object(&j, "tool");
    json_object(&j, "driver");
    json_text(&j, "name", "sipvet");
    json_text(&j, "version", sipv_version());
    json_array(&j, "rules");
    for (size_t i = 0; (info = catalogue_at(i)) != NULL; i++)
        rule(&j, info);
    json_end_array(&j);
    json_end_object(&j);
    json_end_object(&j);
    json_text(&j, "columnKind", "unicodeCodePoints");
    json_array(&j, "results");
    return j;
}

static size_t rule_index(unsigned code)
{
    const sipv_diag_info *info;
    size_t i = 0;

    while ((info = catalogue_at(i)) != NULL && info->code != code)
        i++;
    return i;
}

/* A path as a URI reference (RFC 3986): what is not unreserved or "/" is escaped. */
static void put_uri(struct json *j, const char *path)
{
    static const char digits[] = "0123456789ABCDEF";
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
    size_t n = strlen(path), at = 0;
    char *uri = need(n * 3 + 8, 1);

    if (path[0] == '/') {
        memcpy(uri, "file://", 7);
        at = 7;
    }
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)path[i];

        if (strchr(plain, c)) {
            uri[at++] = (char)c;
        } else {
            uri[at++] = '%';
            uri[at++] = digits[c >> 4];
            uri[at++] = digits[c & 15];
        }
    }
    json_string(j, "uri", sipv_slice_of(uri, at));
    free(uri);
}

/* Columns of SARIF count characters here, from 1.  A byte that belongs to none counts as one.
 * Counting goes on from the last place asked for, if that lies before on the same line: lines may
 * be long and have many findings. */
static size_t character_column(struct lines *lines, size_t off)
{
    size_t line, column, at, count = 1, bad;

    lines_place(lines, off, &line, &column);
    at = off - (column - 1);
    if (lines->counted_at >= at && lines->counted_at <= off) {
        at = lines->counted_at;
        count = lines->counted;
    }
    for (size_t n; at < off; at += n, count++) {
        n = utf8_length(lines->text.p + at, off - at, &bad);
        if (n == 0)
            n = bad;
    }
    if (off == lines->text.n || (lines->text.p[off] & 0xc0) != 0x80) {
        lines->counted_at = off;
        lines->counted = count;
    }
    return count;
}

static void region(struct json *j, const struct finding *f, struct lines *lines)
{
    size_t end_line, end_column, end = f->d->off + f->d->len;
    size_t start_character = character_column(lines, f->d->off);

    lines_place(lines, end, &end_line, &end_column);
    json_object(j, "region");
    json_size(j, "startLine", f->line);
    json_size(j, "startColumn", start_character);
    json_size(j, "endLine", end_line);
    json_size(j, "endColumn", character_column(lines, end));
    json_size(j, "byteOffset", f->d->off);
    json_size(j, "byteLength", f->d->len);
    json_end_object(j);
}

static void message(struct json *j, const struct finding *f)
{
    char text[1024];
    int n = snprintf(text, sizeof text, "%s", f->info ? f->info->message : "");

    for (unsigned i = 0; i < f->match.n_expected && n > 0 && (size_t)n < sizeof text; i++)
        n += snprintf(text + n, sizeof text - (size_t)n, "%s%s", i == 0 ? "; expected: " : ", ",
                      f->match.expected[i]);
    text_object(j, "message", text);
}

static void artifact(struct json *j, const char *source)
{
    json_object(j, "artifactLocation");
    put_uri(j, source);
    json_end_object(j);
}

/* SARIF calls a fix what a program can put in by itself. */
static void fixes(struct json *j, const struct fix *fix, const char *source)
{
    if (!fix->known)
        return;
    json_array(j, "fixes");
    json_object(j, NULL);
    json_object(j, "description");
    json_string(j, "text", bytes_slice(&fix->advice));
    json_end_object(j);
    json_array(j, "artifactChanges");
    json_object(j, NULL);
    artifact(j, source);
    json_array(j, "replacements");
    json_object(j, NULL);
    json_object(j, "deletedRegion");
    json_size(j, "byteOffset", fix->off);
    json_size(j, "byteLength", fix->len);
    json_end_object(j);
    json_object(j, "insertedContent");
    if (utf8_valid(bytes_slice(&fix->text)))
        json_string(j, "text", bytes_slice(&fix->text));
    else
        json_base64(j, "binary", bytes_slice(&fix->text));
    json_end_object(j);
    json_end_object(j);
    json_end_array(j); /* replacements */
    json_end_object(j);
    json_end_array(j); /* artifactChanges */
    json_end_object(j);
    json_end_array(j); /* fixes */
}

void sarif_result(struct json *j, const struct finding *f, const struct fix *fix,
                  const char *source, struct lines *lines)
{
    char code[16];

    snprintf(code, sizeof code, "SV%04u", (unsigned)f->d->code);
    json_object(j, NULL);
    json_text(j, "ruleId", code);
    json_size(j, "ruleIndex", rule_index(f->d->code));
    json_text(j, "level", level(f->severity));
    message(j, f);
    json_array(j, "locations");
    json_object(j, NULL);
    json_object(j, "physicalLocation");
    artifact(j, source);
    region(j, f, lines);
    json_end_object(j);
    json_end_object(j);
    json_end_array(j);
    fixes(j, fix, source);
    json_end_object(j);
}

void sarif_end(struct json *j)
{
    json_end_array(j); /* results */
    json_end_object(j);
    json_end_array(j); /* runs */
    json_end_object(j);
    json_end_record(j);
}
