/* What the mistakes share: see mistakes.c. */
#ifndef SIPV_AUTH_MISTAKE_H
#define SIPV_AUTH_MISTAKE_H

#include "internal.h"

/* One search. */
struct sipv_attempt {
    sipv_hasher *h;
    const sipv_suspects *s;
    struct sipv_recipe right;
    sipv_slice received;
    const char *detail;
    size_t tried;
};

/* Does this recipe give the received value? */
bool sipv_attempt_gives(struct sipv_attempt *a, const struct sipv_recipe *r);

static inline bool sipv_attempt_has_qop(const struct sipv_attempt *a)
{
    return a->right.n_middle == SIPV_MIDDLE_MAX;
}

/* mistake_final.c: qop, body, nc and cnonce. */
bool sipv_mistake_qop_list(struct sipv_attempt *a);
bool sipv_mistake_qop_dropped(struct sipv_attempt *a);
bool sipv_mistake_auth_for_integrity(struct sipv_attempt *a);
bool sipv_mistake_integrity_for_auth(struct sipv_attempt *a);
bool sipv_mistake_body_lf(struct sipv_attempt *a);
bool sipv_mistake_body_empty(struct sipv_attempt *a);
bool sipv_mistake_body_trailing(struct sipv_attempt *a);
bool sipv_mistake_body_short(struct sipv_attempt *a);
bool sipv_mistake_nc_unpadded(struct sipv_attempt *a);
bool sipv_mistake_nc_case(struct sipv_attempt *a);
bool sipv_mistake_nc_missing(struct sipv_attempt *a);
bool sipv_mistake_cnonce_missing(struct sipv_attempt *a);

/* mistake_names.c: names, method, URI, algorithm, the form of digits. */
bool sipv_mistake_realm_other(struct sipv_attempt *a);
bool sipv_mistake_nonce_other(struct sipv_attempt *a);
bool sipv_mistake_realm_quoted(struct sipv_attempt *a);
bool sipv_mistake_nonce_quoted(struct sipv_attempt *a);
bool sipv_mistake_username_quoted(struct sipv_attempt *a);
bool sipv_mistake_backslash_kept(struct sipv_attempt *a);
bool sipv_mistake_username_short(struct sipv_attempt *a);
bool sipv_mistake_username_long(struct sipv_attempt *a);
bool sipv_mistake_ha1b(struct sipv_attempt *a);
bool sipv_mistake_method_other(struct sipv_attempt *a);
bool sipv_mistake_method_in_rspauth(struct sipv_attempt *a);
bool sipv_mistake_uri_other(struct sipv_attempt *a);
bool sipv_mistake_session_raw(struct sipv_attempt *a);
bool sipv_mistake_algorithm_other(struct sipv_attempt *a);
bool sipv_mistake_response_upper(struct sipv_attempt *a);
bool sipv_mistake_hashes_upper(struct sipv_attempt *a);

#endif
