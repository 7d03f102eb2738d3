/* What the grammar cannot say about one line: ranges of numbers, lengths of identifiers. */
#include <string.h>

#include "internal.h"

void sipv_sdp_check_numbers(struct sipv_sdp_parse *x, sipv_sdp_line *line)
{
    sipv_sdp *const s = x->s;
    const struct sipv_typed *typed = &sipv_sdp_typed_forms[line->view];
    for (size_t i = 0; i < line->n_events; i++) {
        const sipv_event *ev = &s->events[line->first_event + i];
        for (unsigned k = 0; k < typed->n; k++) {
            uint64_t n;
            const sipv_slice digits = sipv_slice_of(s->data.p + ev->off, ev->len);
            if (typed->fields[k].type != SIPV_FIELD_NUMBER || typed->fields[k].kind != ev->kind)
                continue;
            if (sipv_number(digits, typed->fields[k].max, &n) == SIPV_LIMIT)
                sipv_sdp_spoil(x, line, SIPV_SDP_D_RANGE, digits);
            break;
        }
    }
}

static void check_version(struct sipv_sdp_parse *x, sipv_sdp_line *line)
{
    for (size_t i = 0; i < line->value.n; i++)
        if (line->value.p[i] != '0') {
            sipv_sdp_spoil(x, line, SIPV_SDP_D_VERSION, line->value);
            return;
        }
}

/* ---- Identifiers --------------------------------------------------------------------------------
 */

static void check_length(struct sipv_sdp_parse *x, sipv_sdp_line *line, unsigned kind, size_t most)
{
    if (line->value.n <= 32) /* nothing in it is longer */
        return;
    const sipv_slice part = sipv_sdp_part(x->s, line, kind);
    if (line->state == SIPV_SDP_READ && part.n > most)
        sipv_sdp_spoil(x, line, SIPV_SDP_D_LENGTH, sipv_slice_of(part.p + most, part.n - most));
}

static void check_identifiers(struct sipv_sdp_parse *x, sipv_sdp_line *line)
{
    switch (line->id) {
    case SIPV_SDP_A_RTPMAP:
    case SIPV_SDP_A_FMTP:
    case SIPV_SDP_A_RTCP_FB: sipv_sdp_check_format(x, line); break;
    case SIPV_SDP_A_RTCP: sipv_sdp_check_address(x, line); break;
    case SIPV_SDP_A_CANDIDATE:
        check_length(x, line, SIPV_K_FOUNDATION, 32);
        sipv_sdp_check_candidate(x, line);
        break;
    case SIPV_SDP_A_REMOTE_CANDIDATES: sipv_sdp_check_candidates(x, line); break;
    case SIPV_SDP_A_MSID:
        check_length(x, line, SIPV_K_ID, 64);
        check_length(x, line, SIPV_K_APPDATA, 64);
        break;
    case SIPV_SDP_A_ICE_UFRAG:
    case SIPV_SDP_A_ICE_PWD: check_length(x, line, SIPV_K_VALUE, 256); break;
    case SIPV_SDP_A_TLS_ID: check_length(x, line, SIPV_K_VALUE, 255); break;
    default: break;
    }
}

void sipv_sdp_check_line(struct sipv_sdp_parse *x, sipv_sdp_line *line)
{
    switch (line->type) {
    case 'a': check_identifiers(x, line); break;
    case 'v': check_version(x, line); break;
    case 'o':
    case 'c': sipv_sdp_check_address(x, line); break;
    case 'm': sipv_sdp_check_media(x, line); break;
    case 'k':
        sipv_sdp_report_at(x->s, SIPV_SDP_D_KEY, line, sipv_slice_of(x->s->data.p + line->off, 1),
                           -1);
        break;
    default: break;
    }
}
