/* Addresses (RFC 8866 5.2, 5.7): which rule they have follows from their net and type. */
#include <string.h>

#include "internal.h"

bool sipv_sdp_is_dotted(sipv_slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((s.p[i] < '0' || s.p[i] > '9') && s.p[i] != '.' && s.p[i] != '/')
            return false;
    return true;
}

int sipv_sdp_address_rule(sipv_slice nettype, sipv_slice addrtype, sipv_slice address,
                          bool connection)
{
    if (!sipv_slice_is(nettype, "IN"))
        return -1;
    if (sipv_slice_is(addrtype, "IP4")) {
        if (sipv_sdp_is_dotted(address))
            return connection ? SIPV_R_IP4_LITERAL : SIPV_R_IP4_ADDRESS;
        return SIPV_R_FQDN;
    }
    if (sipv_slice_is(addrtype, "IP6")) {
        if (memchr(address.p, ':', address.n))
            return connection ? SIPV_R_IP6_LITERAL : SIPV_R_IP6_ADDRESS;
        return SIPV_R_FQDN;
    }
    return -1;
}

/* The last octets of an IPv4 address as a number. */
static uint64_t number_of(sipv_slice address)
{
    uint64_t all = 0, part = 0;
    for (size_t i = 0; i < address.n; i++)
        if (address.p[i] == '.') {
            all = all * 256 + part;
            part = 0;
        } else {
            part = part * 10 + (uint64_t)(address.p[i] - '0');
        }
    return all * 256 + part;
}

bool sipv_sdp_addresses_fit(sipv_slice address, uint64_t n)
{
    const uint64_t first = number_of(address);
    return first < 0xe0000000u || first + n - 1 <= 0xefffffffu;
}

void sipv_sdp_check_count(struct sipv_sdp_parse *x, sipv_sdp_line *line)
{
    sipv_sdp *const s = x->s;
    const sipv_slice count = sipv_sdp_part(s, line, SIPV_K_ADDRESSES);
    uint64_t n;
    if (!count.p || sipv_number(count, UINT32_MAX, &n) != SIPV_OK)
        return;
    const sipv_slice address = sipv_sdp_part(s, line, SIPV_K_ADDRESS);
    if (!sipv_sdp_addresses_fit(address, n))
        sipv_sdp_spoil(x, line, SIPV_SDP_D_RANGE, count);
}

/* The rule of an address by its bytes alone. */
static int rule_by_bytes(sipv_slice address)
{
    if (sipv_sdp_is_dotted(address))
        return SIPV_R_IP4_ADDRESS;
    return memchr(address.p, ':', address.n) ? SIPV_R_IP6_ADDRESS : SIPV_R_FQDN;
}

/* One that stands by itself; it has been captured, its parts are of no interest. */
static void check_text(struct sipv_sdp_parse *x, sipv_sdp_line *line, sipv_slice address)
{
    const size_t before = x->s->n_events;
    if (line->state == SIPV_SDP_READ && address.p)
        sipv_sdp_match(x, line, rule_by_bytes(address), address, SIPV_SDP_D_ATTRIBUTE);
    x->s->n_events = before;
}

void sipv_sdp_check_candidate(struct sipv_sdp_parse *x, sipv_sdp_line *line)
{
    check_text(x, line, sipv_sdp_part(x->s, line, SIPV_K_ADDRESS));
    check_text(x, line, sipv_sdp_part(x->s, line, SIPV_K_RELATED_ADDRESS));
}

void sipv_sdp_check_candidates(struct sipv_sdp_parse *x, sipv_sdp_line *line)
{
    sipv_sdp_remote_candidates list;
    sipv_slice candidate;
    sipv_param part;
    sipv_sdp_remote_candidates_of(x->s, line, &list);
    for (size_t at = 0; sipv_list_next(&list.candidates, &at, &candidate) == SIPV_OK;) {
        size_t i = 0;
        sipv_sdp_pair_next(candidate, &i, &part);
        check_text(x, line, part.value);
    }
}

void sipv_sdp_check_address(struct sipv_sdp_parse *x, sipv_sdp_line *line)
{
    sipv_sdp *const s = x->s;
    const bool connection = line->type == 'c';
    const sipv_slice address = sipv_sdp_part(s, line, SIPV_K_ADDRESS);
    const int rule = address.p ? sipv_sdp_address_rule(sipv_sdp_part(s, line, SIPV_K_NETTYPE),
                                                       sipv_sdp_part(s, line, SIPV_K_ADDRTYPE),
                                                       address, connection)
                               : -1;
    if (rule < 0)
        return;
    const size_t before = s->n_events;
    x->run.suspects = 0;
    if (sipv_sdp_match(x, line, rule, address,
                       line->type == 'a' ? SIPV_SDP_D_ATTRIBUTE : SIPV_SDP_D_ADDRESS) != SIPV_OK)
        return;
    if (!connection) { /* it has been looked at, its parts are of no interest */
        s->n_events = before;
        return;
    }
    line->n_events = (uint32_t)(s->n_events - line->first_event);
    if (x->run.suspects)
        sipv_sdp_check_numbers(x, line);
    if (line->state == SIPV_SDP_READ && rule == SIPV_R_IP4_LITERAL)
        sipv_sdp_check_count(x, line);
}
