/* input.h: what is measured: messages, alone or as a set taken in turn. */
#ifndef BENCH_INPUT_H
#define BENCH_INPUT_H

#include "bench.h"

#include <stddef.h>
#include <stdio.h>

/* Followed by 64 zero octets in memory, so that libraries which want a C string get one. */
struct bench_message {
    char *data;
    size_t size;
};

struct bench_input {
    char name[128];
    enum bench_kind kind;
    struct bench_message *messages;
    size_t count;
};

/* The messages of bench/messages, written into the program by embed.cmake. */
struct bench_file {
    const char *name;
    const unsigned char *data;
    size_t size;
};
extern const struct bench_file bench_files[];
extern const size_t bench_file_count;

/* All three append to *inputs (grown with realloc) and return 0, or -1 with a sentence on stderr.
 */
int bench_input_default(struct bench_input **inputs, size_t *count);
int bench_input_digest(struct bench_input **inputs, size_t *count);
/* FILE.pack is one input of many messages, each "#LENGTH" LF message LF; FILE.sdp is a session
 * description; any other file is one SIP message. */
int bench_input_file(const char *path, struct bench_input **inputs, size_t *count);

void bench_input_release(struct bench_input *inputs, size_t count);

/* Writes a set in the format of a FILE.pack. */
int bench_input_write(const struct bench_input *input, FILE *out);

#endif
