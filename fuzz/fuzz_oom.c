/* What allocates, with memory that runs out: a table of transactions and a registrar that are sent
 * the messages of a stream, and the hasher of Digest.
 *
 * Oracles: allocation (for every k the k-th allocation fails once: what asked for it returns an
 * error, what is kept stays usable, and in the end every block is free again).
 *
 * Bits: INTEROP; the number: which k first, if there are more than are tried. */
#include <sipvet/auth.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include <registrar.h>
#include <transactions.h>

#include "allocations.h"
#include "message.h"

enum { MESSAGES = 8, TRIES = 48, LONGEST = 16384 };

static struct fuzz_message message, response;
static unsigned char room[LONGEST];

/* ---- Transactions and a registrar --------------------------------------------------------------
 */

struct world {
    struct transactions t;
    struct registrar r;
    bool open, registers;
};

static void open_world(struct world *w)
{
    struct transactions_settings settings = transactions_settings_default();
    struct registrar_settings domain = registrar_settings_default();
    settings.limits.transactions = 8;
    settings.limits.octets = 1 << 16;
    domain.domain = "elm.example";
    domain.bindings = 8;
    memset(w, 0, sizeof *w);
    int result = transactions_open(&w->t, &settings);
    w->open = result == SIPV_OK;
    FUZZ_CHECK(allocation, w->open || result == SIPV_NO_SPACE, "no memory is another error");
    result = registrar_open(&w->r, &domain);
    w->registers = result == SIPV_OK;
    FUZZ_CHECK(allocation, w->registers || result == SIPV_NO_SPACE, "no memory is another error");
}

static void close_world(struct world *w)
{
    if (w->open)
        transactions_close(&w->t);
    if (w->registers)
        registrar_close(&w->r);
}

/* The registrar's answer, or 200 for everything else. */
static sipv_slice compose_answer(struct world *w, sipv_message *request)
{
    struct compose c = {room, sizeof room, 0};
    const sipv_slice tag = sipv_slice_text("t");
    if (w->registers && request->method_id == SIPV_M_REGISTER)
        registrar_answer(&w->r, 0, request, tag, &c);
    else
        compose_response(&c, request, 200, "OK", tag);
    return sipv_slice_of(room, c.n <= sizeof room ? c.n : 0);
}

static void answer(struct world *w, const struct action *a)
{
    static const sipv_options options = {.profile = SIPV_STRICT};
    const transaction_id id = a->id;
    if (a->what != ACTION_PASS_UP || !a->begins)
        return;
    const sipv_slice text = compose_answer(w, a->message);
    if (fuzz_message_parse(&response, text, &options) == SIPV_OK)
        transactions_respond(&w->t, 0, id, &response.m);
}

static int receive(struct world *w, sipv_slice text, const sipv_options *options)
{
    if (fuzz_message_parse(&message, text, options) != SIPV_OK)
        return SIPV_REJECT;
    const int result = transactions_receive(&w->t, 0, &message.m, 1, true);
    if (result == SIPV_OK && w->t.n_actions)
        answer(w, &w->t.actions[0]);
    return result;
}

/* Whatever has failed before, there is room for one request more. */
static void check_usable(struct world *w)
{
    static const char text[] =
        "OPTIONS sip:una@elm.example SIP/2.0\r\nVia: SIP/2.0/TCP oak.example;branch=z9hG4bKoom\r\n"
        "From: <sip:ivo@oak.example>;tag=1\r\nTo: <sip:una@elm.example>\r\nCall-ID: 7@oom\r\n"
        "CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n";
    static const sipv_options options = {.profile = SIPV_STRICT};
    if (!w->open || transactions_count(&w->t) > 4)
        return;
    FUZZ_CHECK(allocation, receive(w, sipv_slice_of(text, sizeof text - 1), &options) >= SIPV_OK,
               "behind a failure nothing is taken any more");
}

/* All messages of the stream. */
static void play(const struct fuzz_input *in)
{
    struct world w;
    sipv_limits limits;
    sipv_framer framer;
    sipv_frame frame;
    const sipv_options options = fuzz_options(in, &limits);
    size_t at = 0;
    open_world(&w);
    sipv_framer_init(&framer, options.profile, NULL);
    for (unsigned i = 0; w.open && i < MESSAGES; i++) {
        if (sipv_framer_feed(&framer, in->p + at, in->n - at, &frame) != SIPV_OK)
            break;
        receive(&w, sipv_slice_of(in->p + at + frame.skip, frame.n), &options);
        at += frame.skip + frame.n;
    }
    fuzz_break_allocation(0);
    check_usable(&w);
    close_world(&w);
}

/* ---- The hasher --------------------------------------------------------------------------------
 */

/* OpenSSL is made to ask here, so that its allocations count. */
static void *ssl_malloc(size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return malloc(n);
}

static void *ssl_realloc(void *p, size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    if (n == 0) {
        free(p);
        return NULL;
    }
    return realloc(p, n);
}

static void ssl_free(void *p, const char *file, int line)
{
    (void)file;
    (void)line;
    free(p);
}

static void hash(const struct fuzz_input *in)
{
    static unsigned algorithms; /* that there are at all */
    const sipv_slice text = sipv_slice_of(in->p, in->n < 64 ? in->n : 64);
    sipv_digits out;
    sipv_hasher *h = sipv_hasher_new();
    fuzz_break_allocation(0);
    for (int a = 0; h && a < SIPV_ALGORITHM_COUNT; a++) {
        const sipv_algorithm algorithm = (sipv_algorithm)a;
        if (sipv_hasher_has(h, algorithm))
            algorithms |= SIPV_BIT(a);
        if (!(algorithms & SIPV_BIT(a)))
            continue;
        FUZZ_CHECK(allocation, sipv_digest_ha1(h, algorithm, text, text, text, &out) == SIPV_OK,
                   "a hasher that was made has not got all hashes");
        FUZZ_CHECK(allocation,
                   sipv_body_begin(h, algorithm) == SIPV_OK &&
                       sipv_body_add(h, text.p, text.n) == SIPV_OK &&
                       sipv_body_end(h, &out) == SIPV_OK,
                   "a hasher that was made has not got all hashes of bodies");
    }
    sipv_hasher_free(h);
    ERR_clear_error(); /* it keeps blocks */
}

/* ---- Every k -----------------------------------------------------------------------------------
 */

static void fail_each(void scenario(const struct fuzz_input *), const struct fuzz_input *in)
{
    const int64_t blocks = fuzz_blocks;
    const uint64_t before = fuzz_allocations;
    scenario(in);
    const uint64_t count = fuzz_allocations - before;
    FUZZ_CHECK(allocation, fuzz_blocks == blocks, "something leaks");
    const uint64_t first = count > TRIES ? fuzz_number(in) % (count - TRIES) : 0;
    for (uint64_t k = first + 1; k <= count && k <= first + TRIES; k++) {
        fuzz_break_allocation(k);
        scenario(in);
        fuzz_break_allocation(0);
        FUZZ_CHECK(allocation, fuzz_blocks == blocks, "something leaks where memory ran out");
    }
}

/* What OpenSSL keeps for itself is there before the first count. */
static bool prepare(const struct fuzz_input *in)
{
    static bool ready;
    if (!ready) {
        ready = CRYPTO_set_mem_functions(ssl_malloc, ssl_realloc, ssl_free) == 1;
        hash(in);
        hash(in);
        fuzz_explainer();
    }
    return ready;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in;
    if (!fuzz_open(&in, data, size))
        return 0;
    in.bits &= ~(uint32_t)FUZZ_BIT_LIMITS;
    if (prepare(&in)) {
        fail_each(play, &in);
        if (in.n < 64)
            fail_each(hash, &in);
    }
    fuzz_close(&in);
    return 0;
}
