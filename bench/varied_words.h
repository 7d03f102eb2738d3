/* varied_words.h: the words of a message that a variant has in another form. */
#ifndef BENCH_VARIED_WORDS_H
#define BENCH_VARIED_WORDS_H

#include "varied_text.h"

enum { VARIED_MEMO_COUNT = 128, VARIED_WORD_ROOM = 96 };

/* What stood in the original and what stands for it, so that a host or a tag that occurs twice
 * stays the same host or tag. */
struct varied_memo {
    struct text from;
    char to[VARIED_WORD_ROOM];
};

struct varied_rewriter {
    struct varied_random *random;
    struct buffer out;
    struct varied_memo memo[VARIED_MEMO_COUNT];
    size_t memo_count;
};

/* Writes what stands for the word at p: a branch, tag, user, domain, address, port, nonce, response
 * or display name of the messages in bench/messages.  before is the octet in front of it.  Returns
 * the word's length in the original, or 0 if no such word begins there (then nothing is written).
 */
size_t varied_rewrite_word(struct varied_rewriter *r, const char *p, const char *end, char before);

#endif
