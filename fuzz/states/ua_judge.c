#include "ua_judge.h"

#include <string.h>

enum { T4 = 5000, T1_64 = 32000 };

static struct said now_said; /* of the message that goes in or comes out */

void ua_judge_open(struct ua_judge *j, bool reliable)
{
    memset(j, 0, offsetof(struct ua_judge, sent));
    j->reliable = reliable;
    j->n_sent = j->n_asked = j->n_dialogs = j->n_accepted = 0;
}

void ua_judge_cause(struct ua_judge *j, uint64_t now, enum ua_judge_why cause)
{
    j->now = now;
    j->cause = cause;
    j->skips = false;
}

static uint64_t mixed(uint64_t h, uint64_t value)
{
    h = (h ^ value) * 0x9e3779b97f4a7c15u;
    return h ^ h >> 32;
}

/* ---- Addresses ---------------------------------------------------------------------------------
 */

/* Where requests of a dialog may go, as one message says. */
struct way {
    uint64_t targets[UA_JUDGED_PLACES];
    size_t n;
    uint64_t routes;
    bool doubt; /* a strict router, or what may not stand in a Request-URI (section 19.1.1) */
};

/* The URIs of Route or Record-Route as one number, `backwards` or not. */
static uint64_t hash_of_routes(sipv_message *m, unsigned id, bool backwards, bool *strict)
{
    uint64_t uris[SAID_VALUES], h = 5;
    size_t n = 0;
    sipv_route route;
    sipv_iter it = sipv_each(m, id);
    *strict = false;
    for (int result; (result = sipv_route_next(&it, &route)) != SIPV_END; n++) {
        if (result != SIPV_OK || n == SAID_VALUES) {
            *strict = true;
            return 0;
        }
        uris[n] = said_hash(route.uri.text);
        *strict |= sipv_param_find(&route.uri.params, "lr", NULL) != SIPV_OK;
    }
    for (size_t i = 0; i < n; i++)
        h = mixed(h, uris[backwards ? n - 1 - i : i]);
    return h;
}

/* What a message that came in says of it; routes are `backwards` to who has asked. */
static void read_way(struct way *way, sipv_message *m, bool backwards)
{
    sipv_contact contact;
    sipv_iter it = sipv_each(m, SIPV_H_CONTACT);
    way->n = 0;
    way->routes = hash_of_routes(m, SIPV_H_RECORD_ROUTE, backwards, &way->doubt);
    for (int result; (result = sipv_contact_next(&it, &contact)) != SIPV_END;) {
        if (result != SIPV_OK || contact.star || contact.uri.headers.n > 0 ||
            sipv_param_find(&contact.uri.params, "method", NULL) == SIPV_OK ||
            way->n == UA_JUDGED_PLACES) {
            way->doubt = true;
            return;
        }
        way->targets[way->n++] = said_hash(contact.uri.text);
    }
}

static bool has(const uint64_t *list, size_t n, uint64_t value)
{
    for (size_t i = 0; i < n; i++)
        if (list[i] == value)
            return true;
    return false;
}

static void add(struct ua_judged_dialog *d, uint64_t *list, size_t *n, uint64_t value)
{
    if (has(list, *n, value))
        return;
    if (*n == UA_JUDGED_PLACES)
        d->elsewhere = true;
    else
        list[(*n)++] = value;
}

/* ---- Dialogs -----------------------------------------------------------------------------------
 */

static struct ua_judged_dialog *find_dialog(struct ua_judge *j, uint64_t call_id, uint64_t local,
                                            uint64_t remote)
{
    for (size_t i = 0; i < j->n_dialogs; i++) {
        struct ua_judged_dialog *d = &j->dialogs[i];
        if (d->call_id == call_id && d->local == local && d->remote == remote)
            return d;
    }
    return NULL;
}

/* The one there is, or a new one whose last request had this number; NULL: no room. */
static struct ua_judged_dialog *have_dialog(struct ua_judge *j, uint64_t call_id, uint64_t local,
                                            uint64_t remote, int64_t cseq)
{
    struct ua_judged_dialog *d = find_dialog(j, call_id, local, remote);
    if (d)
        return d;
    if (j->n_dialogs == UA_JUDGED_DIALOGS) {
        j->blind = true;
        return NULL;
    }
    d = &j->dialogs[j->n_dialogs++];
    *d = (struct ua_judged_dialog){
        .call_id = call_id, .local = local, .remote = remote, .cseq = cseq};
    return d;
}

static void add_targets(struct ua_judged_dialog *d, const struct way *way)
{
    for (size_t i = 0; d && i < way->n; i++)
        add(d, d->targets, &d->n_targets, way->targets[i]);
    if (d)
        d->elsewhere |= way->doubt;
}

static void add_way(struct ua_judged_dialog *d, const struct way *way)
{
    add_targets(d, way);
    if (d)
        add(d, d->routes, &d->n_routes, way->routes);
}

/* Early dialogs end with the refusal of their INVITE (section 12.3). */
static void forget_early(struct ua_judge *j, const struct said *invite)
{
    for (size_t i = 0; i < j->n_dialogs; i++) {
        struct ua_judged_dialog *d = &j->dialogs[i];
        if (d->call_id == invite->call_id && d->local == invite->from_tag && d->remote)
            d->over = true;
    }
}

/* ---- Server transactions -----------------------------------------------------------------------
 */

/* Section 17.2.3; without a cookie those that are the same in all there is are one. */
static uint64_t key_of(const struct said *s, uint64_t method)
{
    if (s->cookie)
        return mixed(mixed(mixed(6, s->branch), s->sent_by), method);
    return mixed(
        mixed(mixed(mixed(mixed(mixed(mixed(7, s->request_uri), s->to), s->from), s->call_id),
                    (uint64_t)s->cseq),
              method),
        s->vias.n ? s->vias.value[0] : 0);
}

/* Timers H, I, J and L. */
static bool has_ended(const struct ua_judge *j, const struct ua_judged_asked *a)
{
    if (!a->final)
        return false;
    if (j->now - a->final_at >= T1_64)
        return true;
    if (a->said.method != SIPV_M_INVITE)
        return j->reliable;
    return a->final >= 300 && a->acked_at != UINT64_MAX &&
           (j->reliable || !a->said.cookie || j->now - a->acked_at >= T4);
}

/* The one whose transaction lives; NULL: none. */
static struct ua_judged_asked *alive(struct ua_judge *j, uint64_t key)
{
    for (size_t i = j->n_asked; i-- > 0;) {
        struct ua_judged_asked *a = &j->asked[i];
        if (a->first == i && a->key == key)
            return has_ended(j, a) ? NULL : a;
    }
    return NULL;
}

/* ---- What goes in ------------------------------------------------------------------------------
 */

/* An ACK of a transaction goes to that one, any other to the 2xx of its dialog. */
static void ack_in(struct ua_judge *j, const struct said *s)
{
    const uint64_t key = key_of(s, said_hash(sipv_slice_text("INVITE")));
    const struct ua_judged_asked *of = alive(j, key);
    for (size_t i = 0; i < j->n_asked; i++) {
        struct ua_judged_asked *a = &j->asked[i];
        if (a->first != i || a->said.method != SIPV_M_INVITE || !a->final)
            continue;
        if (a->acked_at == UINT64_MAX && (a == of || !s->cookie))
            a->acked_at = j->now;
        if (s->cookie && (!of || a == of) && a->final < 300 && a->said.call_id == s->call_id &&
            a->said.cseq == s->cseq && a->said.from_tag == s->from_tag && a->tag == s->to_tag)
            a->confirmed = true;
    }
}

static void request_in(struct ua_judge *j, const struct said *s, sipv_message *m)
{
    struct way way;
    j->key = key_of(s, s->name);
    if (s->method == SIPV_M_ACK) {
        ack_in(j, s);
        return;
    }
    if (j->n_asked == UA_JUDGED_ASKED) {
        j->blind = true;
        return;
    }
    read_way(&way, m, false);
    const struct ua_judged_asked *first = alive(j, j->key);
    struct ua_judged_asked *a = &j->asked[j->n_asked];
    *a = (struct ua_judged_asked){.said = *s,
                                  .key = j->key,
                                  .first = first ? (size_t)(first - j->asked) : j->n_asked,
                                  .acked_at = UINT64_MAX,
                                  .routes = way.routes,
                                  .doubt = way.doubt || way.n != 1,
                                  .target = way.n ? way.targets[0] : 0};
    j->n_asked++;
    struct ua_judged_dialog *d = find_dialog(j, s->call_id, s->to_tag, s->from_tag);
    add_targets(d, &way);
    if (d && s->method == SIPV_M_BYE)
        d->over = true;
}

/* A response to an INVITE of ours. */
static void invite_answered(struct ua_judge *j, struct ua_judged_sent *sent, const struct said *s,
                            const struct way *way)
{
    const struct said *invite = &sent->said;
    if (s->status < 200)
        sent->provisional = true;
    else if (!sent->final && s->status >= 300)
        sent->refusal = s->to;
    if (s->status >= 300 && invite->to_tag == 0)
        forget_early(j, invite);
    if (s->status >= 200 && !sent->final)
        sent->final = s->status;
    if (s->status > 100 && s->status < 300 && invite->to_tag == 0 && s->to_tag)
        add_way(have_dialog(j, invite->call_id, invite->from_tag, s->to_tag, invite->cseq), way);
    if (s->status < 200 || s->status >= 300)
        return;
    if (j->n_accepted == UA_JUDGED_SENT)
        j->blind = true;
    else
        j->accepted[j->n_accepted++] =
            (struct ua_judged_accepted){(size_t)(sent - j->sent), s->to_tag};
}

static void response_in(struct ua_judge *j, const struct said *s, sipv_message *m)
{
    struct way way;
    for (size_t i = 0; i < j->n_sent; i++) {
        struct ua_judged_sent *sent = &j->sent[i];
        if (sent->said.branch != s->branch || sent->said.name != s->name)
            continue;
        read_way(&way, m, true);
        if (sent->said.to_tag)
            add_targets(find_dialog(j, sent->said.call_id, sent->said.from_tag, sent->said.to_tag),
                        &way);
        if (s->method == SIPV_M_INVITE)
            invite_answered(j, sent, s, &way);
        return;
    }
}

void ua_judge_in(struct ua_judge *j, uint64_t now, sipv_message *m, bool accepted)
{
    const bool request = m->kind == SIPV_REQUEST;
    ua_judge_cause(j, now, request ? UA_JUDGE_REQUEST : UA_JUDGE_RESPONSE);
    j->skips = !accepted;
    if (j->blind || !accepted)
        return;
    said_read(&now_said, m);
    if (now_said.too_long)
        j->blind = true;
    else if (request)
        request_in(j, &now_said, m);
    else
        response_in(j, &now_said, m);
}

/* ---- Requests that come out --------------------------------------------------------------------
 */

/* CANCEL, and the ACK of a refusal, say what their INVITE has said. */
static void check_copy(const struct ua_judged_sent *invite, const struct said *s, uint64_t via)
{
    const struct said *of = &invite->said;
    FUZZ_CHECK(states, s->cseq == of->cseq, "a CANCEL or ACK has not the number of its INVITE");
    FUZZ_CHECK(states,
               s->call_id == of->call_id && s->from == of->from &&
                   s->request_uri == of->request_uri && via == invite->via &&
                   said_same_list(&s->routes, 0, &of->routes, 0),
               "a CANCEL or ACK is not about the INVITE of its branch");
}

static void check_of_branch(const struct ua_judged_sent *invite, const struct said *s, uint64_t via)
{
    check_copy(invite, s, via);
    if (s->method == SIPV_M_CANCEL) {
        FUZZ_CHECK(states, s->to == invite->said.to, "a CANCEL has another To than its INVITE");
        FUZZ_CHECK(states, invite->provisional, "a CANCEL before a provisional response");
        FUZZ_CHECK(states, !invite->final, "a CANCEL behind a final response");
    } else {
        FUZZ_CHECK(states, invite->final >= 300, "an ACK of no refusal in the branch of an INVITE");
        FUZZ_CHECK(states, s->to == invite->refusal, "an ACK has another To than the refusal");
    }
}

/* A 2xx to an INVITE inside of a dialog may have any To tag: it is known by its branch.  The dialog
 * may have no remote tag. */
static void check_ack(const struct ua_judge *j, const struct said *s)
{
    bool about = false, number = false;
    for (size_t i = 0; i < j->n_accepted; i++) {
        const struct said *invite = &j->sent[j->accepted[i].sent].said;
        if (invite->call_id != s->call_id || invite->from_tag != s->from_tag ||
            (invite->to_tag != s->to_tag && j->accepted[i].to_tag != s->to_tag))
            continue;
        about = true;
        number |= invite->cseq == s->cseq;
    }
    FUZZ_CHECK(states, about, "an ACK of no answer to an INVITE");
    FUZZ_CHECK(states, number, "an ACK has not the number of its INVITE");
}

/* Of which dialog it is, and that it goes where that says. */
static struct ua_judged_dialog *check_inside(struct ua_judge *j, const struct said *s,
                                             sipv_message *m)
{
    bool strict;
    struct ua_judged_dialog *d = find_dialog(j, s->call_id, s->from_tag, s->to_tag);
    FUZZ_CHECK(states, d, "a request with tags of no dialog");
    const uint64_t routes = hash_of_routes(m, SIPV_H_ROUTE, false, &strict);
    if (d->elsewhere)
        return d;
    FUZZ_CHECK(states, has(d->targets, d->n_targets, s->request_uri),
               "a request to where no Contact of the dialog is");
    FUZZ_CHECK(states, has(d->routes, d->n_routes, routes),
               "a request along another route than that of its dialog");
    return d;
}

static void check_number(struct ua_judged_dialog *d, const struct said *s)
{
    if (!d || s->method == SIPV_M_ACK)
        return;
    FUZZ_CHECK(states, d->over || s->cseq > d->cseq, "CSeq does not rise");
    d->cseq = s->cseq;
    d->over |= s->method == SIPV_M_BYE;
}

/* One with a branch that no other has had. */
static void check_new(struct ua_judge *j, const struct said *s, sipv_message *m)
{
    struct ua_judged_dialog *d =
        s->to_tag ? check_inside(j, s, m) : have_dialog(j, s->call_id, s->from_tag, 0, -1);
    FUZZ_CHECK(states, s->method != SIPV_M_CANCEL, "a CANCEL of no INVITE");
    FUZZ_CHECK(states, s->method != SIPV_M_INVITE || m->first[SIPV_H_CONTACT] != SIPV_NO_HEADER,
               "an INVITE without Contact");
    if (s->method == SIPV_M_ACK)
        check_ack(j, s);
    check_number(d, s);
}

static bool goes_by(sipv_slice via, const char *transport)
{
    return via.n > 12 && sipv_slice_is(sipv_slice_of(via.p, 12), transport);
}

static void check_head(const struct ua_judge *j, const struct said *s)
{
    FUZZ_CHECK(states, s->vias.n == 1 && s->cookie, "a request has not one Via of ours");
    FUZZ_CHECK(states, goes_by(s->top_via, j->reliable ? "SIP/2.0/TCP " : "SIP/2.0/UDP "),
               "a Via names another transport than that of the request");
    FUZZ_CHECK(states, j->n_sent == 0 || s->sent_by == j->sent[0].said.sent_by,
               "a Via of somebody else");
    FUZZ_CHECK(states, s->max_forwards >= 0, "a request without Max-Forwards");
}

static void check_again(const struct ua_judge *j, const struct ua_judged_sent *sent)
{
    if (sent->said.method == SIPV_M_ACK)
        FUZZ_CHECK(states, j->cause == UA_JUDGE_RESPONSE, "an ACK is sent again by itself");
    else
        FUZZ_CHECK(states, !j->reliable, "a request is sent again over a reliable transport");
}

static void request_out(struct ua_judge *j, const struct said *s, sipv_message *m)
{
    const uint64_t octets = said_hash(m->data), via = said_hash_of_value(s->top_via);
    const struct ua_judged_sent *invite = NULL;
    bool used = false;
    for (size_t i = 0; i < j->n_sent; i++) {
        const struct ua_judged_sent *sent = &j->sent[i];
        if (sent->said.branch != s->branch)
            continue;
        used = true;
        if (sent->said.method == SIPV_M_INVITE)
            invite = sent;
    }
    check_head(j, s);
    if (used)
        FUZZ_CHECK(states, invite && (s->method == SIPV_M_CANCEL || s->method == SIPV_M_ACK),
                   "two requests with one branch");
    if (invite)
        check_of_branch(invite, s, via);
    else
        check_new(j, s, m);
    if (j->n_sent == UA_JUDGED_SENT) {
        j->blind = true;
        return;
    }
    j->sent[j->n_sent++] = (struct ua_judged_sent){.said = *s, .octets = octets, .via = via};
}

/* ---- Responses that come out -------------------------------------------------------------------
 */

static bool is_to(const struct said *s, const struct said *request)
{
    return s->call_id == request->call_id && s->cseq == request->cseq && s->name == request->name &&
           s->from == request->from && said_same_list(&s->vias, 0, &request->vias, 0) &&
           (request->to_tag ? s->to == request->to : s->to_address == request->to_address);
}

/* The final response that was sent before. */
static void check_final_again(const struct ua_judge *j, const struct ua_judged_asked *a)
{
    if (j->cause == UA_JUDGE_REQUEST)
        FUZZ_CHECK(states, j->key == a->key, "a response is sent again for another request");
    if (j->cause != UA_JUDGE_TIME)
        return;
    FUZZ_CHECK(states, a->said.method == SIPV_M_INVITE,
               "a response to no INVITE is sent again by time");
    FUZZ_CHECK(states, a->final >= 300 || !a->confirmed, "a 2xx is sent again behind its ACK");
    FUZZ_CHECK(states, a->final < 300 || !j->reliable,
               "a refusal is sent again over a reliable transport");
}

/* What may begin a dialog: by each of the requests that it may be to, for some that a peer sends
 * again differ in what a response does not repeat. */
static void begins(struct ua_judge *j, const struct said *s, sipv_message *m)
{
    bool recorded = false;
    for (size_t i = 0; i < j->n_asked; i++) {
        const struct ua_judged_asked *a = &j->asked[i];
        const struct way way = {{a->target}, 1, a->routes, a->doubt};
        if (!is_to(s, &a->said))
            continue;
        recorded |=
            a->said.to_tag || said_same_list(&s->record_routes, 0, &a->said.record_routes, 0);
        if (!a->said.to_tag)
            add_way(have_dialog(j, s->call_id, s->to_tag, s->from_tag, -1), &way);
    }
    FUZZ_CHECK(states, recorded, "what may begin a dialog has another Record-Route");
    FUZZ_CHECK(states, m->first[SIPV_H_CONTACT] != SIPV_NO_HEADER,
               "what may begin a dialog has no Contact");
}

/* Of the transaction that `a` has begun. */
static void check_response(struct ua_judge *j, struct ua_judged_asked *a, const struct said *s,
                           sipv_message *m)
{
    const uint64_t octets = said_hash(m->data);
    FUZZ_CHECK(states, s->status == 100 || !a->tag || a->tag == s->to_tag,
               "responses to one request differ in tag");
    FUZZ_CHECK(states, !a->final || s->status >= 200, "a provisional response behind a final one");
    FUZZ_CHECK(states, !a->final || octets == a->final_octets, "a second final response");
    a->tag = s->status > 100 ? s->to_tag : a->tag;
    if (!a->final && s->status >= 200) {
        a->final = s->status;
        a->final_octets = octets;
        a->final_at = j->now;
    }
}

static bool may_be_stateless(const struct said *s, const sipv_message *m)
{
    return s->status == 503 && m->first[SIPV_H_RETRY_AFTER] != SIPV_NO_HEADER;
}

/* Without a cookie it is not sure which requests are of one transaction. */
static void response_out(struct ua_judge *j, const struct said *s, sipv_message *m)
{
    const struct ua_judged_asked *to = NULL;
    for (size_t i = j->n_asked; !to && i-- > 0;)
        if (is_to(s, &j->asked[i].said))
            to = &j->asked[i];
    FUZZ_CHECK(states, to, "a response to nothing that was asked");
    FUZZ_CHECK(states, s->to_tag || s->status == 100, "a response without To tag");
    if (s->status > 100 && s->status < 300 && s->method == SIPV_M_INVITE)
        begins(j, s, m);
    if (to->said.cookie && !may_be_stateless(s, m))
        check_response(j, &j->asked[to->first], s, m);
}

bool ua_judge_again(struct ua_judge *j, uint64_t octets)
{
    if (j->blind || j->skips)
        return false;
    for (size_t i = 0; i < j->n_sent; i++)
        if (j->sent[i].octets == octets) {
            check_again(j, &j->sent[i]);
            return true;
        }
    for (size_t i = j->n_asked; i-- > 0;)
        if (j->asked[i].final && j->asked[i].final_octets == octets) {
            check_final_again(j, &j->asked[i]);
            return true;
        }
    return false;
}

void ua_judge_out(struct ua_judge *j, sipv_message *m)
{
    if (j->blind || j->skips)
        return;
    said_read(&now_said, m);
    if (now_said.too_long)
        j->blind = true;
    else if (m->kind == SIPV_REQUEST)
        request_out(j, &now_said, m);
    else
        response_out(j, &now_said, m);
}
