/* The value of a header of Digest: as challenges, as credentials and as Authentication-Info.
 *
 * Oracles: slices (fields inside the value, or in the room for text that was unescaped), refusal,
 * allocation, linear; round_trip (credentials without a fault are written, parsed and written the
 * same).
 *
 * Bits: STORAGE: as much room as the number says. */
#include <sipvet/auth.h>

#include <string.h>

#include "allocations.h"
#include "input.h"
#include "oracle.h"
#include "typed_slices.h"
#include "work.h"

enum { EVENTS = 16384, TEXT = 1 << 17 };

static sipv_event events[EVENTS], events_again[EVENTS];
static unsigned char text[TEXT], text_again[TEXT], first[TEXT], second[TEXT];

static sipv_room room_for(const struct fuzz_input *in)
{
    if (in->bits & FUZZ_BIT_STORAGE)
        return sipv_room_of(events, fuzz_number(in) % 128, text, (fuzz_number(in) >> 7) % 64);
    return sipv_room_of(events, EVENTS, text, TEXT);
}

/* ---- What all values have in common ------------------------------------------------------------
 */

static void check_result(int result, uint64_t before)
{
    FUZZ_CHECK(allocation, fuzz_allocations == before, "a parse allocates");
    FUZZ_CHECK(refusal,
               result == SIPV_OK || result == SIPV_REJECT || result == SIPV_NO_SPACE ||
                   result == SIPV_LIMIT,
               "no such result");
}

static void check_fault(const sipv_fault *f, sipv_slice value)
{
    FUZZ_CHECK(refusal, (unsigned)f->reason < SIPV_AUTH_REASON_COUNT, "a fault without reason");
    FUZZ_CHECK(refusal, *sipv_auth_reason_name(f->reason), "a reason without name");
    FUZZ_CHECK(refusal, f->off <= value.n && f->len <= value.n - f->off, "a fault outside");
}

/* In the value, or in the room for text. */
static void check_fields(const sipv_slice *const *fields, size_t n, sipv_slice value)
{
    for (size_t i = 0; i < n; i++)
        FUZZ_CHECK(slices,
                   fuzz_inside(*fields[i], value) ||
                       fuzz_inside(*fields[i], sipv_slice_of(text, TEXT)),
                   "a field outside");
}

/* ---- Challenges --------------------------------------------------------------------------------
 */

static void check_challenge(const sipv_challenge *c, sipv_slice value, const unsigned char *behind)
{
    const sipv_slice *const fields[] = {&c->realm,          &c->domain,   &c->nonce,
                                        &c->opaque,         &c->qop_text, &c->stale_text,
                                        &c->algorithm_text, &c->charset,  &c->userhash_text};
    FUZZ_CHECK(slices, c->text.p >= behind && fuzz_inside(c->text, value), "challenges overlap");
    FUZZ_CHECK(slices, fuzz_inside(c->scheme, c->text) && fuzz_inside(c->token68, c->text),
               "a scheme outside its challenge");
    fuzz_check_params(&c->params, c->text);
    check_fields(fields, sizeof fields / sizeof *fields, value);
    check_fault(&c->fault, value);
}

static void check_challenges(sipv_slice value, sipv_room room)
{
    const uint64_t before = fuzz_allocations;
    sipv_challenges list;
    sipv_challenge c;
    size_t error = SIZE_MAX, count = 0;
    memset(&list, FUZZ_UNTOUCHED, sizeof list);
    const int result = sipv_challenges_parse(value, &room, &list, &error);
    check_result(result, before);
    FUZZ_CHECK(refusal, result == SIPV_REJECT ? error <= value.n : error == SIZE_MAX,
               "an error outside the value, or of nothing");
    if (result != SIPV_OK) {
        FUZZ_CHECK(refusal, fuzz_is_filled(&list, sizeof list, 0), "refused challenges are there");
        return;
    }
    const unsigned char *behind = value.p;
    for (int next; (next = sipv_challenges_next(&list, &c)) != SIPV_END; count++) {
        if (next == SIPV_NO_SPACE) {
            FUZZ_CHECK(refusal, fuzz_is_filled(&c, sizeof c, 0), "half a challenge");
            continue;
        }
        FUZZ_CHECK(refusal, next == SIPV_OK && count <= value.n, "challenges without end");
        check_challenge(&c, value, behind);
        behind = c.text.p + c.text.n;
    }
}

/* ---- Credentials -------------------------------------------------------------------------------
 */

static sipv_credentials_parts parts_of(const sipv_credentials *c)
{
    sipv_credentials_parts p;
    memset(&p, 0, sizeof p);
    p.username = c->username;
    p.realm = c->realm;
    p.nonce = c->nonce;
    p.uri = c->uri;
    p.response = c->response;
    p.cnonce = c->cnonce;
    p.opaque = c->opaque;
    p.nc = c->nc;
    p.algorithm = c->algorithm;
    p.algorithm_shown = c->algorithm_text.p != NULL;
    p.qop = c->qop;
    p.userhash = c->userhash;
    return p;
}

static bool same(const sipv_credentials *a, const sipv_credentials *b)
{
    return sipv_slice_equal(a->username, b->username) && sipv_slice_equal(a->realm, b->realm) &&
           sipv_slice_equal(a->nonce, b->nonce) && sipv_slice_equal(a->uri, b->uri) &&
           sipv_slice_equal(a->response, b->response) && sipv_slice_equal(a->cnonce, b->cnonce) &&
           sipv_slice_equal(a->opaque, b->opaque) && a->algorithm == b->algorithm &&
           a->qop == b->qop && a->userhash == b->userhash &&
           (a->qop == SIPV_QOP_NONE || sipv_slice_equal(a->nc, b->nc));
}

/* A quoted-pair may stand for NUL (RFC 3261 25.1), escapes in username* for CR and LF too: they are
 * read and never written. */
static bool is_unwritable(const sipv_credentials *c)
{
    const sipv_slice fields[] = {c->username, c->realm,  c->nonce, c->uri,
                                 c->response, c->cnonce, c->opaque};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        for (size_t k = 0; k < fields[i].n; k++)
            if (!fields[i].p[k] || fields[i].p[k] == '\r' || fields[i].p[k] == '\n')
                return true;
    return false;
}

static void check_round_trip(const sipv_credentials *c)
{
    sipv_room room = sipv_room_of(events_again, EVENTS, text_again, TEXT);
    sipv_credentials again;
    size_t n = 0, n_again = 0;
    const sipv_credentials_parts parts = parts_of(c);
    if (c->fault.reason != SIPV_FINE || c->algorithm == SIPV_ALGORITHM_OTHER ||
        c->qop == SIPV_QOP_OTHER)
        return;
    const int result = sipv_credentials_write(&parts, first, TEXT, &n);
    FUZZ_CHECK(round_trip,
               result == SIPV_OK || result == SIPV_NO_SPACE ||
                   (result == SIPV_BAD_ARGUMENT && is_unwritable(c)),
               "cannot be written");
    if (result != SIPV_OK)
        return;
    FUZZ_CHECK(round_trip,
               sipv_credentials_write(&parts, second, n / 2, &n_again) == SIPV_NO_SPACE &&
                   n == n_again,
               "another size is asked for");
    FUZZ_CHECK(round_trip,
               sipv_credentials_parse(sipv_slice_of(first, n), &room, &again) == SIPV_OK &&
                   again.fault.reason == SIPV_FINE,
               "what was written has a fault");
    FUZZ_CHECK(round_trip, same(c, &again), "what was written are other credentials");
    const sipv_credentials_parts more = parts_of(&again);
    FUZZ_CHECK(round_trip,
               sipv_credentials_write(&more, second, TEXT, &n_again) == SIPV_OK && n == n_again &&
                   memcmp(first, second, n) == 0,
               "written again it is another text");
}

static void check_credentials(sipv_slice value, sipv_room room)
{
    const uint64_t before = fuzz_allocations;
    sipv_credentials c;
    memset(&c, FUZZ_UNTOUCHED, sizeof c);
    const int result = sipv_credentials_parse(value, &room, &c);
    check_result(result, before);
    if (result != SIPV_OK) {
        FUZZ_CHECK(refusal, fuzz_is_filled(&c, sizeof c, 0), "half of the credentials");
        return;
    }
    const sipv_slice *const fields[] = {
        &c.username, &c.username_ext, &c.realm,          &c.nonce, &c.uri,          &c.response,
        &c.cnonce,   &c.opaque,       &c.algorithm_text, &c.nc,    &c.userhash_text};
    FUZZ_CHECK(slices, fuzz_inside(c.text, value), "credentials outside");
    FUZZ_CHECK(slices, fuzz_inside(c.scheme, value) && fuzz_inside(c.token68, value),
               "a scheme outside");
    fuzz_check_params(&c.params, value);
    check_fields(fields, sizeof fields / sizeof *fields, value);
    check_fault(&c.fault, value);
    check_round_trip(&c);
}

static void check_info(sipv_slice value, sipv_room room)
{
    const uint64_t before = fuzz_allocations;
    sipv_auth_info info;
    memset(&info, FUZZ_UNTOUCHED, sizeof info);
    const int result = sipv_auth_info_parse(value, &room, &info);
    check_result(result, before);
    if (result != SIPV_OK) {
        FUZZ_CHECK(refusal, fuzz_is_filled(&info, sizeof info, 0), "half an info");
        return;
    }
    const sipv_slice *const fields[] = {&info.nextnonce, &info.rspauth, &info.cnonce,
                                        &info.qop_text, &info.nc};
    fuzz_check_params(&info.params, value);
    check_fields(fields, sizeof fields / sizeof *fields, value);
    check_fault(&info.fault, value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in;
    if (!fuzz_open(&in, data, size))
        return 0;
    const uint64_t work = fuzz_work;
    check_challenges(fuzz_text(&in), room_for(&in));
    check_credentials(fuzz_text(&in), room_for(&in));
    check_info(fuzz_text(&in), room_for(&in));
    fuzz_check_work(work, in.n, false);
    fuzz_close(&in);
    return 0;
}
