#include "peers.h"

#include <string.h>

#include "said.h"

static struct fuzz_message about, other;

/* Its lines; what is wrong with it does not matter here. */
static bool look_at(struct fuzz_message *x, sipv_slice octets, sipv_kind kind)
{
    fuzz_message_index(x, octets, NULL);
    return x->m.kind == kind && x->m.n_headers > 0;
}

static sipv_slice stretch(const sipv_message *m, size_t from, size_t to)
{
    return sipv_slice_of(m->data.p + from, to - from);
}

static sipv_slice line_of(const sipv_message *m, size_t i)
{
    return stretch(m, m->headers[i].off, m->headers[i].end);
}

static bool is_of_transaction(unsigned id)
{
    return id == SIPV_H_VIA || id == SIPV_H_FROM || id == SIPV_H_CALL_ID || id == SIPV_H_CSEQ;
}

/* ---- Responses ---------------------------------------------------------------------------------
 */

/* What a response takes over (RFC 3261 section 8.2.6.2); `tag` where To has none. */
static void put_head(struct fuzz_out *out, const sipv_message *request, sipv_slice tag)
{
    for (size_t i = 0; i < request->n_headers; i++) {
        const sipv_header *h = &request->headers[i];
        if (is_of_transaction(h->id) || h->id == SIPV_H_RECORD_ROUTE)
            fuzz_put(out, line_of(request, i));
        if (h->id != SIPV_H_TO)
            continue;
        fuzz_puts(out, "To: ");
        fuzz_put(out, h->value);
        if (tag.n > 0 && !said_parameter(h->value, "tag").p) {
            fuzz_puts(out, ";tag=");
            fuzz_put(out, tag);
        }
        fuzz_puts(out, "\r\n");
    }
}

bool peers_answer(struct fuzz_out *out, sipv_slice request, int status, const char *tag,
                  const char *lines)
{
    if (!look_at(&about, request, SIPV_REQUEST))
        return false;
    fuzz_puts(out, "SIP/2.0 ");
    fuzz_put_number(out, (uint64_t)status);
    fuzz_puts(out, " Words\r\n");
    put_head(out, &about.m, sipv_slice_text(status > 100 ? tag : ""));
    fuzz_puts(out, lines ? lines : "");
    fuzz_puts(out, "Content-Length: 0\r\n\r\n");
    return !out->full;
}

static sipv_slice tag_of(const sipv_message *m)
{
    const sipv_slice none = {NULL, 0};
    const uint16_t to = m->first[SIPV_H_TO];
    return to == SIPV_NO_HEADER ? none : said_parameter(m->headers[to].value, "tag");
}

static bool graft(struct fuzz_out *out, sipv_slice request, const sipv_message *response,
                  bool routed)
{
    if (response->n_headers == 0 || !look_at(&about, request, SIPV_REQUEST))
        return false;
    fuzz_put(out, stretch(response, response->start, response->headers[0].off));
    put_head(out, &about.m, tag_of(response));
    for (size_t i = 0; i < response->n_headers; i++) {
        const unsigned id = response->headers[i].id;
        if (!is_of_transaction(id) && id != SIPV_H_TO && (routed || id != SIPV_H_RECORD_ROUTE))
            fuzz_put(out, line_of(response, i));
    }
    fuzz_put(out,
             stretch(response, response->headers[response->n_headers - 1].end, response->octets));
    return !out->full;
}

bool peers_graft(struct fuzz_out *out, sipv_slice request, const sipv_message *response)
{
    return graft(out, request, response, false);
}

bool peers_graft_routed(struct fuzz_out *out, sipv_slice request, const sipv_message *response)
{
    return graft(out, request, response, true);
}

/* ---- Requests ----------------------------------------------------------------------------------
 */

static void put_via(struct fuzz_out *out, const char *host, unsigned number)
{
    fuzz_puts(out, "Via: SIP/2.0/UDP ");
    fuzz_puts(out, host);
    fuzz_puts(out, ";branch=z9hG4bK");
    fuzz_put_number(out, number);
    fuzz_puts(out, "\r\n");
}

static void put_line(struct fuzz_out *out, const char *name, const sipv_message *m, unsigned id)
{
    const uint16_t i = m->first[id];
    if (i == SIPV_NO_HEADER)
        return;
    fuzz_puts(out, name);
    fuzz_put(out, m->headers[i].value);
    fuzz_puts(out, "\r\n");
}

bool peers_move(struct fuzz_out *out, const sipv_message *request, sipv_slice response, bool turned)
{
    if (request->n_headers == 0 || !look_at(&other, response, SIPV_RESPONSE))
        return false;
    fuzz_put(out, stretch(request, request->start, request->headers[0].off));
    put_line(out, "From: ", &other.m, turned ? SIPV_H_TO : SIPV_H_FROM);
    put_line(out, "To: ", &other.m, turned ? SIPV_H_FROM : SIPV_H_TO);
    put_line(out, "Call-ID: ", &other.m, SIPV_H_CALL_ID);
    for (size_t i = 0; i < request->n_headers; i++) {
        const unsigned id = request->headers[i].id;
        if (id != SIPV_H_FROM && id != SIPV_H_TO && id != SIPV_H_CALL_ID)
            fuzz_put(out, line_of(request, i));
    }
    fuzz_put(out, stretch(request, request->headers[request->n_headers - 1].end, request->octets));
    return !out->full;
}

bool peers_send_on(struct fuzz_out *out, sipv_slice request, unsigned number, const char *uri)
{
    const sipv_message *m = &about.m;
    if (!look_at(&about, request, SIPV_REQUEST))
        return false;
    if (uri) {
        fuzz_put(out, m->method);
        fuzz_puts(out, " ");
        fuzz_puts(out, uri);
        fuzz_puts(out, " SIP/2.0\r\n");
    } else {
        fuzz_put(out, stretch(m, m->start, m->headers[0].off));
    }
    put_via(out, "ash.example", number);
    fuzz_put(out, stretch(m, m->headers[0].off, m->data.n));
    return !out->full;
}

/* ---- Credentials -------------------------------------------------------------------------------
 */

enum { CHALLENGES = 4, VALUE_EVENTS = 256, TEXT = 2048 };

static bool fixed(void *with, unsigned char *out, size_t n)
{
    (void)with;
    memset(out, 0x35, n);
    return true;
}

/* The first value of `id` as challenges of which the client takes one. */
static bool take_challenges(sipv_client *client, const sipv_hasher *hasher, const sipv_message *m)
{
    static sipv_event events[CHALLENGES][VALUE_EVENTS];
    static unsigned char text[CHALLENGES][TEXT];
    static sipv_room rooms[CHALLENGES];
    sipv_challenges list;
    sipv_challenge found[CHALLENGES];
    size_t n = 0;
    for (size_t i = 0; i < m->n_headers && n < CHALLENGES; i++) {
        const unsigned id = m->headers[i].id;
        if (id != SIPV_H_WWW_AUTHENTICATE && id != SIPV_H_PROXY_AUTHENTICATE)
            continue;
        rooms[n] = sipv_room_of(events[n], VALUE_EVENTS, text[n], TEXT);
        if (sipv_challenges_parse(m->headers[i].value, &rooms[n], &list, NULL) == SIPV_OK &&
            sipv_challenges_next(&list, &found[n]) == SIPV_OK)
            n++;
    }
    return sipv_client_challenged(client, hasher, found, n) == SIPV_OK;
}

static sipv_hasher *hasher;

bool peers_ready(void)
{
    const sipv_slice text = sipv_slice_text("");
    sipv_digits out;
    if (hasher)
        return true;
    hasher = sipv_hasher_new();
    for (int a = 0; hasher && a < SIPV_ALGORITHM_COUNT; a++)
        sipv_digest_ha1(hasher, (sipv_algorithm)a, text, text, text, &out);
    return hasher != NULL;
}

bool peers_authenticate(struct fuzz_out *out, sipv_slice request, sipv_slice response,
                        const char *password, unsigned number)
{
    const sipv_client_config config = {.random = fixed};
    unsigned char memory[TEXT], credentials[TEXT];
    sipv_client client;
    size_t n = 0;
    if (!peers_ready() || !look_at(&about, request, SIPV_REQUEST) ||
        !look_at(&other, response, SIPV_RESPONSE))
        return false;
    const sipv_message *m = &about.m;
    const sipv_client_request asked = {.username = sipv_slice_text("una"),
                                       .password = sipv_slice_text(password),
                                       .method = m->method,
                                       .uri = m->request_uri,
                                       .body = m->body};
    sipv_client_init(&client, memory, sizeof memory, &config);
    if (!take_challenges(&client, hasher, &other.m) ||
        sipv_client_answer(&client, hasher, &asked, credentials, sizeof credentials, &n) != SIPV_OK)
        return false;
    fuzz_put(out, stretch(m, m->start, m->headers[0].off));
    put_via(out, "oak.example", number);
    fuzz_puts(out, other.m.status == 401 ? "Authorization: " : "Proxy-Authorization: ");
    fuzz_put(out, sipv_slice_of(credentials, n));
    fuzz_puts(out, "\r\n");
    fuzz_put(out, stretch(m, m->headers[0].off, m->data.n));
    return !out->full;
}
