/* input.c: see input.h. */
#include "input.h"
#include "varied.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { PADDING = 64, VARIANTS = 20, VARIANT_ROOM = 65536, FILE_ROOM = 64 << 20 };

/* The lengths below are those of A1, A2 and the string hashed last, all of what is hashed. */
const struct bench_digest bench_digest = {
    .username = "ida",
    .realm = "harbor.example",
    .password = "kelp and tar",
    .method = "INVITE",
    .uri = "sip:tomas@meadow.example",
    .nonce = "MTc3MjQ0ODkxMjplYTkwYjQ3",
    .nc = "00000001",
    .cnonce = "4f1e2d907c",
    .response = "3acc794f758dfb40f9d3105ca670f6d3",
};

static int no_memory(void)
{
    fputs("sipvet-bench: out of memory\n", stderr);
    return -1;
}

static struct bench_input *add(struct bench_input **inputs, size_t *count, const char *name,
                               enum bench_kind kind)
{
    struct bench_input *grown = realloc(*inputs, (*count + 1) * sizeof **inputs);
    struct bench_input *input;

    if (!grown)
        return NULL;
    *inputs = grown;
    input = &grown[(*count)++];
    memset(input, 0, sizeof *input);
    snprintf(input->name, sizeof input->name, "%s", name);
    input->kind = kind;
    return input;
}

void bench_input_release(struct bench_input *inputs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < inputs[i].count; k++)
            free(inputs[i].messages[k].data);
        free(inputs[i].messages);
    }
    free(inputs);
}

static int add_message(struct bench_input *input, const char *data, size_t size)
{
    struct bench_message *grown =
        realloc(input->messages, (input->count + 1) * sizeof *input->messages);
    /* Every message begins on a cache line: alignment is no part of what is compared. */
    char *copy = aligned_alloc(64, (size + PADDING + 63) / 64 * 64);

    if (grown)
        input->messages = grown;
    if (!grown || !copy) {
        free(copy);
        return no_memory();
    }
    memcpy(copy, data, size);
    memset(copy + size, 0, PADDING);
    input->messages[input->count++] = (struct bench_message){copy, size};
    return 0;
}

static enum bench_kind kind_of(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot && strcmp(dot, ".sdp") == 0 ? BENCH_SDP : BENCH_SIP;
}

/* The headline input: 20 variants of every built-in message, shuffled. */
static int add_varied(struct bench_input **inputs, size_t *count)
{
    static char out[VARIANT_ROOM];
    struct varied_random random = {20260302};
    struct bench_input *input = add(inputs, count, "varied", BENCH_SIP);

    if (!input)
        return no_memory();
    for (size_t i = 0; i < bench_file_count; i++) {
        const struct bench_file *file = &bench_files[i];
        if (kind_of(file->name) != BENCH_SIP)
            continue;
        for (int k = 0; k < VARIANTS; k++) {
            size_t n = varied_make(&random, (const char *)file->data, file->size, out, sizeof out);
            if (n == 0) {
                fprintf(stderr, "sipvet-bench: no variant of %s\n", file->name);
                return -1;
            }
            if (add_message(input, out, n) != 0)
                return -1;
        }
    }
    for (size_t i = input->count; i > 1; i--) {
        size_t j = varied_below(&random, i);
        struct bench_message swap = input->messages[i - 1];
        input->messages[i - 1] = input->messages[j];
        input->messages[j] = swap;
    }
    return 0;
}

int bench_input_default(struct bench_input **inputs, size_t *count)
{
    if (add_varied(inputs, count) != 0)
        return -1;
    for (size_t i = 0; i < bench_file_count; i++) {
        const struct bench_file *file = &bench_files[i];
        struct bench_input *input = add(inputs, count, file->name, kind_of(file->name));
        if (!input)
            return no_memory();
        if (add_message(input, (const char *)file->data, file->size) != 0)
            return -1;
    }
    return 0;
}

int bench_input_digest(struct bench_input **inputs, size_t *count)
{
    const struct bench_digest *d = &bench_digest;
    struct bench_input *input = add(inputs, count, "auth", BENCH_DIGEST);
    char text[512];
    int n = snprintf(text, sizeof text, "%s:%s:%s%s:%s%032d:%s:%s:%s:auth:%032d", d->username,
                     d->realm, d->password, d->method, d->uri, 0, d->nonce, d->nc, d->cnonce, 0);

    if (!input)
        return no_memory();
    return add_message(input, text, (size_t)n);
}

static char *read_all(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    char *data = NULL;
    size_t used = 0, room = 0;

    if (!file) {
        fprintf(stderr, "sipvet-bench: %s: %s\n", path, strerror(errno));
        return NULL;
    }
    do {
        char *grown = used == room ? realloc(data, room = room ? 2 * room : 65536) : data;
        if (!grown || room > FILE_ROOM) {
            fprintf(stderr, "sipvet-bench: %s: too large\n", path);
            free(grown ? grown : data);
            fclose(file);
            return NULL;
        }
        data = grown;
        *size = fread(data + used, 1, room - used, file);
        used += *size;
    } while (*size > 0);
    *size = used;
    if (ferror(file)) {
        fprintf(stderr, "sipvet-bench: %s: %s\n", path, strerror(errno));
        free(data);
        data = NULL;
    }
    fclose(file);
    return data;
}

static int add_pack(struct bench_input *input, const char *path, const char *data, size_t size)
{
    size_t at = 0;

    while (at < size) {
        size_t length = 0, digits = 0;
        bool marked = data[at++] == '#';
        for (; at < size && data[at] >= '0' && data[at] <= '9' && length < FILE_ROOM; digits++)
            length = length * 10 + (size_t)(data[at++] - '0');
        if (!marked || digits == 0 || at == size || data[at++] != '\n' || length > size - at) {
            fprintf(stderr, "sipvet-bench: %s: not a pack of messages (octet %zu)\n", path, at);
            return -1;
        }
        if (add_message(input, data + at, length) != 0)
            return -1;
        at += length;
        at += at < size && data[at] == '\n';
    }
    if (input->count == 0) {
        fprintf(stderr, "sipvet-bench: %s: no message\n", path);
        return -1;
    }
    return 0;
}

int bench_input_file(const char *path, struct bench_input **inputs, size_t *count)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    size_t length = strlen(base), size = 0;
    bool pack = length > 5 && strcmp(base + length - 5, ".pack") == 0;
    char *data = read_all(path, &size);
    struct bench_input *input;
    int rc = -1;

    if (!data)
        return -1;
    input = add(inputs, count, base, kind_of(base));
    if (!input) {
        rc = no_memory();
    } else if (pack) {
        if (length - 5 < sizeof input->name)
            input->name[length - 5] = '\0';
        rc = add_pack(input, path, data, size);
    } else {
        rc = add_message(input, data, size);
    }
    free(data);
    return rc;
}

int bench_input_write(const struct bench_input *input, FILE *out)
{
    for (size_t i = 0; i < input->count; i++) {
        fprintf(out, "#%zu\n", input->messages[i].size);
        fwrite(input->messages[i].data, 1, input->messages[i].size, out);
        putc('\n', out);
    }
    return fflush(out) == 0 && !ferror(out) ? 0 : -1;
}
