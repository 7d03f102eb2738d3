/* The catalogue of known mistakes.
 *
 * A mistake is a function that changes the right recipe and asks whether the received value comes
 * out.  They are tried in the order of the table, what is met most often first. */
#include "mistake.h"

bool sipv_attempt_gives(struct sipv_attempt *a, const struct sipv_recipe *r)
{
    sipv_digits out;
    a->tried++;
    return sipv_recipe_run(a->h, r, NULL, &out) == SIPV_OK && sipv_digits_equal(&out, a->received);
}

/* ---- The catalogue ------------------------------------------------------------------------------
 */

static const struct {
    const char *name, *text;
    bool (*fits)(struct sipv_attempt *a);
} catalogue[] = {
    {"qop-list", "the whole list of qop options was hashed, not the one that was chosen",
     sipv_mistake_qop_list},
    {"qop-dropped", "qop was left out: computed as RFC 2069 has it, without nc and cnonce",
     sipv_mistake_qop_dropped},
    {"auth-for-auth-int", "computed as auth though the credentials say auth-int: A2 has no body",
     sipv_mistake_auth_for_integrity},
    {"auth-int-for-auth", "computed as auth-int though the credentials say auth: A2 has the body",
     sipv_mistake_integrity_for_auth},
    {"body-lf", "the body was hashed with LF where CRLF was sent", sipv_mistake_body_lf},
    {"body-empty", "an empty body was hashed", sipv_mistake_body_empty},
    {"body-trailing", "octets that do not belong to the body were hashed with it",
     sipv_mistake_body_trailing},
    {"body-without-end", "the body was hashed without its last CRLF", sipv_mistake_body_short},
    {"nc-unpadded", "nc was hashed with another number of digits than it has in the header",
     sipv_mistake_nc_unpadded},
    {"nc-case", "nc was hashed with its letters in the other case", sipv_mistake_nc_case},
    {"nc-missing", "nc was left out of the final string", sipv_mistake_nc_missing},
    {"cnonce-missing", "cnonce was left out", sipv_mistake_cnonce_missing},
    {"realm-other", "the realm of another header was hashed", sipv_mistake_realm_other},
    {"nonce-other", "another nonce was hashed than the credentials have", sipv_mistake_nonce_other},
    {"realm-quoted", "the realm was hashed with its quotes", sipv_mistake_realm_quoted},
    {"nonce-quoted", "the nonce was hashed with its quotes", sipv_mistake_nonce_quoted},
    {"username-quoted", "the username was hashed with its quotes", sipv_mistake_username_quoted},
    {"backslash-kept", "a quoted string was hashed with its backslashes",
     sipv_mistake_backslash_kept},
    {"username-without-domain", "the username was hashed without its domain",
     sipv_mistake_username_short},
    {"username-with-domain", "the username was hashed with a domain behind it",
     sipv_mistake_username_long},
    {"ha1b", "HA1 is an HA1b: of username@realm, as some servers keep it", sipv_mistake_ha1b},
    {"method-other", "the method of another request was hashed", sipv_mistake_method_other},
    {"method-in-rspauth", "rspauth was computed with the method, as a response",
     sipv_mistake_method_in_rspauth},
    {"uri-other", "another URI was hashed than the credentials have", sipv_mistake_uri_other},
    {"session-raw", "-sess over the raw octets of HA1, not its hex digits (RFC 2617, erratum 1649)",
     sipv_mistake_session_raw},
    {"algorithm-other", "another algorithm was used than the credentials say",
     sipv_mistake_algorithm_other},
    {"response-upper", "the response is written with capital hex digits",
     sipv_mistake_response_upper},
    {"hashes-upper", "hashes were written with capital hex digits before they were hashed again",
     sipv_mistake_hashes_upper},
};

size_t sipv_mistake_count(void)
{
    return sizeof catalogue / sizeof *catalogue;
}

const char *sipv_mistake_name(size_t i)
{
    return i < sipv_mistake_count() ? catalogue[i].name : NULL;
}

const char *sipv_mistake_text(size_t i)
{
    return i < sipv_mistake_count() ? catalogue[i].text : NULL;
}

int sipv_mistake_find(sipv_hasher *h, const sipv_suspects *s, sipv_slice received,
                      sipv_mistake *out, size_t *tried)
{
    struct sipv_attempt a = {.h = h, .s = s, .received = received};
    size_t i = 0;
    if (!h || !s || !received.p || !out ||
        sipv_recipe_of(&s->right, s->rspauth, &a.right) != SIPV_OK)
        return SIPV_BAD_ARGUMENT;
    bool found = false;
    if (!sipv_attempt_gives(&a, &a.right))
        for (; i < sipv_mistake_count() && !found; i++) {
            a.detail = NULL;
            found = catalogue[i].fits(&a);
        }
    if (tried)
        *tried = a.tried;
    sipv_wipe(&a.right, sizeof a.right);
    if (!found)
        return SIPV_ABSENT;
    out->name = catalogue[i - 1].name;
    out->text = catalogue[i - 1].text;
    out->detail = a.detail;
    return SIPV_OK;
}
