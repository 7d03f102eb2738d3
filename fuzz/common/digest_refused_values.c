/* Refused: hashes and responses, header values, what is written. */
#include <string.h>

#include "digest_refused.h"

enum { VALUE = FUZZ_REFUSED_VALUE, EVENTS = FUZZ_REFUSED_EVENTS };

static unsigned char value[VALUE], text[VALUE], memory[1];
static sipv_event events[EVENTS];

/* ---- Computing ---------------------------------------------------------------------------------
 */

sipv_digest fuzz_digest_of(const struct fuzz_scenario *s)
{
    const sipv_digest d = {.algorithm = s->algorithm,
                           .qop = s->qop,
                           .username = s->username,
                           .realm = s->realm,
                           .password = s->password,
                           .method = s->method,
                           .uri = s->uri,
                           .nonce = sipv_slice_text("n"),
                           .nc = sipv_slice_text("00000001"),
                           .cnonce = sipv_slice_text("c"),
                           .body = s->body};
    return d;
}

/* One thing of a digest is missing, or of a wrong form (see sipv_digest_response). */
static void refuse_digests(sipv_hasher *h, const struct fuzz_scenario *s)
{
    const sipv_digest right = fuzz_digest_of(s);
    sipv_digits out;
    sipv_digest d = right;
#define WITHOUT(field, nothing)                                                                    \
    d = right;                                                                                     \
    d.field = nothing;                                                                             \
    REFUSED(sipv_digest_response(h, &d, NULL, &out));                                              \
    REFUSED(sipv_digest_rspauth(h, &d, NULL, &out))
    WITHOUT(algorithm, SIPV_ALGORITHM_OTHER);
    WITHOUT(qop, SIPV_QOP_OTHER);
    WITHOUT(nonce, NONE);
    WITHOUT(method, NONE);
    WITHOUT(uri, NONE);
    WITHOUT(password, NONE);
    WITHOUT(ha1, sipv_slice_text("0a"));
    WITHOUT(body_hash, sipv_slice_text("0a"));
    d = right;
    d.ha1 = sipv_slice_of("ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ",
                          sipv_algorithm_digits(s->algorithm));
    REFUSED(sipv_digest_response(h, &d, NULL, &out));
    if (s->qop != SIPV_QOP_NONE) {
        WITHOUT(nc, NONE);
        WITHOUT(cnonce, NONE);
    } else if (sipv_algorithm_is_session(s->algorithm)) {
        WITHOUT(cnonce, NONE);
    }
#undef WITHOUT
    REFUSED(sipv_digest_response(NULL, &right, NULL, &out));
    REFUSED(sipv_digest_response(h, NULL, NULL, &out));
    REFUSED(sipv_digest_response(h, &right, NULL, NULL));
}

static void refuse_hashes(sipv_hasher *h, const struct fuzz_scenario *s)
{
    sipv_digits out = {.n = 0};
    uint32_t count;
    const sipv_algorithm a = s->algorithm, other = SIPV_ALGORITHM_OTHER;
    const sipv_slice t = s->username;
    REFUSED(sipv_digest_ha1(NULL, a, t, t, t, &out));
    REFUSED(sipv_digest_ha1(h, a, t, t, t, NULL));
    REFUSED(sipv_digest_ha1(h, other, t, t, t, &out));
    REFUSED(sipv_digest_userhash(NULL, a, t, t, &out));
    REFUSED(sipv_digest_userhash(h, a, t, t, NULL));
    REFUSED(sipv_digest_userhash(h, other, t, t, &out));
    REFUSED(sipv_body_begin(NULL, a));
    REFUSED(sipv_body_begin(h, other)); /* and no body has begun from now on */
    REFUSED(sipv_body_add(NULL, "", 1));
    REFUSED(sipv_body_add(h, "", 1));
    REFUSED(sipv_body_end(NULL, &out));
    REFUSED(sipv_body_end(h, &out));
    GIVES(SIPV_OK, sipv_body_begin(h, a));
    REFUSED(sipv_body_add(h, NULL, 1));
    REFUSED(sipv_body_end(h, NULL));
    GIVES(SIPV_OK, sipv_body_add(h, NULL, 0));
    GIVES(SIPV_OK, sipv_body_end(h, &out));
    GIVES(SIPV_REJECT, sipv_nc_read(sipv_slice_text("0000000A"), &count));
    GIVES(SIPV_REJECT, sipv_nc_read(sipv_slice_text("a000000 "), &count));
    GIVES(SIPV_REJECT, sipv_nc_read(sipv_slice_text("000000010"), &count));
    FUZZ_CHECK(digest, !sipv_digits_equal(&out, NONE) && !sipv_digits_equal(&out, t),
               "no digits are digits");
    out.n = 0;
    FUZZ_CHECK(digest, !sipv_digits_equal(&out, sipv_slice_of("", 0)), "no digits are the same");
    FUZZ_CHECK(digest, !sipv_hasher_has(NULL, a) && !sipv_hasher_has(h, other), "a hash of nobody");
    FUZZ_CHECK(digest,
               !sipv_algorithm_name(other) && !sipv_algorithm_digits(other) &&
                   !sipv_algorithm_is_session(other),
               "an algorithm that is none");
    sipv_wipe(NULL, 1);
    sipv_wipe(memory, 0);
    sipv_hasher_free(NULL);
}

/* The steps are those of the response, and no step is left over from another one. */
static void check_steps(sipv_hasher *h, const struct fuzz_scenario *s)
{
    sipv_digest d = fuzz_digest_of(s);
    sipv_digest_steps steps;
    sipv_digits out, again;
    GIVES(SIPV_OK, sipv_digest_response(h, &d, &steps, &out));
    const bool session = sipv_algorithm_is_session(s->algorithm);
    FUZZ_CHECK(digest,
               steps.ha1.n == out.n && steps.ha2.n == out.n &&
                   steps.ha1_session.n == (session ? out.n : 0) &&
                   steps.body.n == (s->qop == SIPV_QOP_AUTH_INT ? out.n : 0),
               "a step is missing");
    d.ha1 = sipv_digits_slice(&steps.ha1);
    d.password = NONE;
    if (steps.body.n) {
        d.body_hash = sipv_digits_slice(&steps.body);
        d.body = sipv_slice_text("not looked at");
    }
    GIVES(SIPV_OK, sipv_digest_response(h, &d, NULL, &again));
    FUZZ_CHECK(digest, sipv_digits_equal(&out, sipv_digits_slice(&again)),
               "HA1 and the hash of the body give another response");
}

/* ---- Writing -----------------------------------------------------------------------------------
 */

static void refuse_line_ends(void)
{
    static const char *const names[] = {"a\rb", "a\nb", "\xc3\xa9\rb", "\xc3\xa9\nb"};
    size_t n;
    sipv_credentials_parts p;
    memset(&p, 0, sizeof p);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        p.username = sipv_slice_text(names[i]);
        REFUSED(sipv_credentials_write(&p, value, VALUE, &n));
    }
    p.username = sipv_slice_of("\xc3\xa9\0", 3);
    REFUSED(sipv_credentials_write(&p, value, VALUE, &n));
    p.username = sipv_slice_of("\0", 1);
    REFUSED(sipv_credentials_write(&p, value, VALUE, &n));
}

static void refuse_parts(void)
{
    size_t n = 0, again = 0;
    sipv_credentials_parts p;
    memset(&p, 0, sizeof p);
    REFUSED(sipv_credentials_write(NULL, value, VALUE, &n));
    REFUSED(sipv_credentials_write(&p, value, VALUE, NULL));
    REFUSED(sipv_credentials_write(&p, NULL, 1, &n));
    p.algorithm = SIPV_ALGORITHM_OTHER;
    p.algorithm_shown = true;
    REFUSED(sipv_credentials_write(&p, value, VALUE, &n));
    p.algorithm = SIPV_MD5;
    p.realm = sipv_slice_text("a longer text");
    p.qop = SIPV_QOP_AUTH;
    p.nc = sipv_slice_of("", 0);
    GIVES(SIPV_NO_SPACE, sipv_credentials_write(&p, NULL, 0, &n));
    GIVES(SIPV_NO_SPACE, sipv_credentials_write(&p, value, n - 1, &again));
    GIVES(SIPV_OK, sipv_credentials_write(&p, value, n, &again));
    FUZZ_CHECK(digest, n == again, "another size is asked for");
}

/* ---- Values -------------------------------------------------------------------------------------
 */

static void refuse_values(const struct fuzz_scenario *s)
{
    sipv_room room = sipv_room_of(events, EVENTS, text, sizeof text);
    sipv_challenges list;
    sipv_challenge ch;
    sipv_credentials c;
    sipv_auth_info info;
    REFUSED(sipv_challenges_parse(NONE, &room, &list, NULL));
    REFUSED(sipv_challenges_parse(s->uri, NULL, &list, NULL));
    REFUSED(sipv_challenges_parse(s->uri, &room, NULL, NULL));
    REFUSED(sipv_challenges_next(NULL, &ch));
    REFUSED(sipv_challenges_next(&list, NULL));
    REFUSED(sipv_credentials_parse(NONE, &room, &c));
    REFUSED(sipv_credentials_parse(s->uri, NULL, &c));
    REFUSED(sipv_credentials_parse(s->uri, &room, NULL));
    REFUSED(sipv_auth_info_parse(NONE, &room, &info));
    REFUSED(sipv_auth_info_parse(s->uri, NULL, &info));
    REFUSED(sipv_auth_info_parse(s->uri, &room, NULL));
    GIVES(SIPV_REJECT, sipv_challenges_parse(sipv_slice_text(","), &room, &list, NULL));
}

/* No room for parts, or for text without backslashes; and more text than a header may have. */
static void refuse_sizes(void)
{
    static const unsigned char longer[(64 << 10) + 1];
    const sipv_slice digest = sipv_slice_text("Digest realm=\"a\\b\""),
                     info = sipv_slice_text("a=b");
    const sipv_slice all = sipv_slice_of(longer, sizeof longer);
    sipv_room none = sipv_room_of(NULL, 0, NULL, 0), bare = sipv_room_of(events, EVENTS, NULL, 0);
    sipv_challenges list;
    sipv_credentials c;
    sipv_auth_info i;
    GIVES(SIPV_NO_SPACE, sipv_challenges_parse(digest, &none, &list, NULL));
    GIVES(SIPV_NO_SPACE, sipv_credentials_parse(digest, &none, &c));
    GIVES(SIPV_NO_SPACE, sipv_auth_info_parse(info, &none, &i));
    GIVES(SIPV_NO_SPACE, sipv_credentials_parse(digest, &bare, &c));
    GIVES(SIPV_OK, sipv_credentials_parse(sipv_slice_text("Digest username*=UTF-8''"), &bare, &c));
    FUZZ_CHECK(digest, c.username_ext.p && c.username_ext.n == 0, "an empty name is absent");
    GIVES(SIPV_LIMIT, sipv_challenges_parse(all, &bare, &list, NULL));
    GIVES(SIPV_LIMIT, sipv_credentials_parse(all, &bare, &c));
    GIVES(SIPV_LIMIT, sipv_auth_info_parse(all, &bare, &i));
}

void fuzz_refuse_values(sipv_hasher *h, const struct fuzz_scenario *s)
{
    refuse_values(s);
    refuse_sizes();
    refuse_digests(h, s);
    refuse_hashes(h, s);
    check_steps(h, s);
    refuse_line_ends();
    refuse_parts();
}
