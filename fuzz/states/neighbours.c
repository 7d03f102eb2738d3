#include "neighbours.h"

#include "peers.h"

enum { LONGEST = 32768 };

static unsigned char room[LONGEST];

void neighbours_open(struct neighbours *n, struct witness *w, uint64_t *seed)
{
    n->witness = w;
    n->seed = seed;
    n->n = 0;
    n->numbers = 0;
}

static uint64_t drawn(struct neighbours *n, uint64_t below)
{
    return (fuzz_draw(n->seed) >> 16) % below;
}

/* ---- Plans -------------------------------------------------------------------------------------
 */

static void put(struct neighbours *n, struct errand e, uint64_t within_ms)
{
    e.at = n->witness->now + drawn(n, within_ms);
    if (n->n < NEIGHBOUR_ERRANDS)
        n->errands[n->n++] = e;
}

static void answer_later(struct neighbours *n, size_t branch, int status, const char *tag)
{
    put(n, (struct errand){.what = ERRAND_ANSWER, .branch = branch, .status = status, .tag = tag},
        2000);
}

/* Who is asked does one of these, or nothing. */
static void plan_for_request(struct neighbours *n, size_t branch)
{
    static const int finals[] = {200, 302, 401, 404, 407, 420, 430, 484, 486, 500, 503, 603};
    if (n->witness->branches[branch].said.method == SIPV_M_ACK)
        return;
    switch (drawn(n, 12)) {
    case 0: break;
    case 1: answer_later(n, branch, 100, ""); break;
    case 2: answer_later(n, branch, 180, "a"); break;
    case 3:
        answer_later(n, branch, 180, "a");
        answer_later(n, branch, 200, "a");
        answer_later(n, branch, 200, "b");
        break;
    case 4: put(n, (struct errand){.what = ERRAND_SEND_ON, .branch = branch}, 100); break;
    case 5: put(n, (struct errand){.what = ERRAND_BREAK, .branch = branch}, 1000); break;
    case 6: answer_later(n, branch, 183, "c"); /* fall through */
    default: answer_later(n, branch, finals[drawn(n, 12)], "c"); break;
    }
}

/* A CANCEL mostly works. */
static void plan_for_own(struct neighbours *n, size_t branch)
{
    const struct witness_branch *b = &n->witness->branches[branch];
    if (b->said.method != SIPV_M_CANCEL || drawn(n, 4) == 0)
        return;
    answer_later(n, branch, 200, "a");
    answer_later(n, b->invite, 487, "a");
}

void neighbours_asked(struct neighbours *n, size_t branch)
{
    if (n->witness->branches[branch].request != WITNESS_NONE)
        plan_for_request(n, branch);
    else
        plan_for_own(n, branch);
}

void neighbours_answered(struct neighbours *n, size_t reply, sipv_slice octets)
{
    struct witness *w = n->witness;
    const struct witness_reply *r = &w->replies[reply];
    if ((r->status != 401 && r->status != 407) || r->request == WITNESS_NONE ||
        w->requests[r->request].said.credentials)
        return;
    const sipv_slice kept = witness_keep(w, octets);
    if (kept.p)
        put(n,
            (struct errand){.what = ERRAND_AUTHENTICATE,
                            .request = r->request,
                            .response = kept,
                            .own = r->own},
            1000);
}

/* ---- Acts --------------------------------------------------------------------------------------
 */

/* The errand that comes first; 0 if there is none. */
static size_t first_of(const struct neighbours *n)
{
    size_t first = 0;
    for (size_t i = 1; i < n->n; i++)
        if (n->errands[i].at < n->errands[first].at)
            first = i;
    return first;
}

uint64_t neighbours_next(const struct neighbours *n)
{
    return n->n > 0 ? n->errands[first_of(n)].at : UINT64_MAX;
}

/* The password is wrong one time in four, which the witness is told. */
static bool authenticate(struct neighbours *n, const struct errand *e, struct fuzz_out *out)
{
    struct witness *w = n->witness;
    const bool wrong = drawn(n, 4) == 0;
    w->wrong_password = wrong && e->own;
    return peers_authenticate(out, w->requests[e->request].octets, e->response,
                              wrong ? "catfish" : "swordfish", ++n->numbers);
}

static bool compose(struct neighbours *n, const struct errand *e, struct fuzz_out *out)
{
    static const char contacts[] =
        "Contact: <sip:una@birch.example>;q=0.5, <sip:una@cedar.example;transport=tcp>\r\n";
    static const char challenge[] = "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n";
    const sipv_slice request = n->witness->branches[e->branch].octets;
    if (e->what == ERRAND_AUTHENTICATE)
        return authenticate(n, e, out);
    if (e->what == ERRAND_SEND_ON)
        return peers_send_on(out, request, ++n->numbers,
                             drawn(n, 3) ? NULL : "sip:spiral@ash.example");
    return peers_answer(out, request, e->status, e->tag,
                        e->status == 302   ? contacts
                        : e->status == 401 ? challenge
                                           : NULL);
}

bool neighbours_act(struct neighbours *n, struct neighbour_act *act)
{
    struct fuzz_out out = FUZZ_OUT(room);
    const size_t i = first_of(n);
    const struct errand e = n->errands[i];
    struct witness *w = n->witness;
    n->errands[i] = n->errands[--n->n];
    act->flow =
        e.what == ERRAND_AUTHENTICATE ? w->requests[e.request].flow : w->branches[e.branch].flow;
    act->octets = (sipv_slice){NULL, 0};
    if (e.what == ERRAND_BREAK)
        return true;
    w->wrong_password = false;
    if (!compose(n, &e, &out))
        return false;
    act->octets = witness_keep(w, fuzz_out_slice(&out));
    return act->octets.p != NULL;
}
