/* ls.c: `sipvet trace ls`: what belongs together by its Call-ID, one line each.
 *
 * Of a dialog a fixed amount is kept, however many messages it has. */
#include "work.h"

#include <stdlib.h>
#include <string.h>

enum {
    DIALOGS_MAX = 100000,
    BUCKETS = 16384,
    CALL_ID_KEPT = 512,
    URI_KEPT = 256,
    METHOD_KEPT = 32
};

static const char *const choices_format[] = {"text", "json", "ndjson", NULL};

static const struct option_spec trace_ls_options[] = {
    {"format", 'f', NULL, choices_format, "how dialogs are written (default: text)", false},
    {"call-id", 0, "TEXT", NULL, "only messages with this Call-ID", false},
    {NULL, 0, NULL, NULL, NULL, false},
};

/* A text that was cut to what is kept of it; absent if `p` is NULL. */
struct kept {
    unsigned char *p;
    size_t n;
};

struct dialog {
    struct dialog *chain, *next;
    uint64_t hash;
    size_t call_id_octets; /* before it was cut */
    struct kept call_id, from, to, method, source, destination;
    int64_t first_ns, last_ns;
    uint64_t messages, damaged;
    int status, provisional; /* the last final and provisional one, or -1 */
    uint32_t methods;        /* SIPV_BIT of sipv_method */
};

struct list {
    struct trace_work w;
    struct dialog *buckets[BUCKETS], *first, **end;
    size_t count;
};

static struct kept keep(sipv_slice s, size_t most)
{
    struct kept k = {NULL, s.n < most ? s.n : most};

    if (!s.p)
        return k;
    k.p = need(k.n, 1);
    if (k.n > 0)
        memcpy(k.p, s.p, k.n);
    return k;
}

static sipv_slice slice(struct kept k)
{
    return sipv_slice_of(k.p, k.n);
}

static uint64_t hash_of(sipv_slice s)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < s.n; i++)
        h = (h ^ s.p[i]) * UINT64_C(0x100000001b3);
    return h ^ h >> 29;
}

static bool is_of(const struct dialog *d, sipv_slice call_id, uint64_t hash)
{
    return d->hash == hash && d->call_id_octets == call_id.n && !d->call_id.p == !call_id.p &&
           (d->call_id.n == 0 || memcmp(d->call_id.p, call_id.p, d->call_id.n) == 0);
}

static sipv_slice party(sipv_message *m, unsigned id)
{
    sipv_iter it = sipv_each(m, id);
    sipv_address a;

    return sipv_address_next(&it, &a) == SIPV_OK ? a.uri.text : sipv_slice_of(NULL, 0);
}

/* A new one, as its first message shows it; the sides are those of the request. */
static struct dialog *new_dialog(struct list *l, const struct trace_message *tm, uint64_t hash)
{
    sipv_message *m = &l->w.vet.m;
    struct dialog *d = need(1, sizeof *d), **bucket = &l->buckets[hash % BUCKETS];
    bool response = m->kind == SIPV_RESPONSE;
    sipv_slice method = response ? m->cseq_method : m->method;

    d->hash = hash;
    d->call_id_octets = m->call_id.n;
    d->call_id = keep(m->call_id, CALL_ID_KEPT);
    d->from = keep(party(m, SIPV_H_FROM), URI_KEPT);
    d->to = keep(party(m, SIPV_H_TO), URI_KEPT);
    d->method = keep(method, METHOD_KEPT);
    d->source = keep(sipv_slice_text(response ? tm->destination : tm->source), TRACE_NAME);
    d->destination = keep(sipv_slice_text(response ? tm->source : tm->destination), TRACE_NAME);
    d->first_ns = tm->time_ns;
    d->status = d->provisional = -1;
    d->chain = *bucket;
    *bucket = d;
    *l->end = d;
    l->end = &d->next;
    l->count++;
    return d;
}

static void count(struct dialog *d, const sipv_message *m, const struct trace_message *tm)
{
    d->messages++;
    d->damaged += *tm->damage != '\0';
    if (tm->time_ns > d->last_ns)
        d->last_ns = tm->time_ns;
    if (m->kind == SIPV_REQUEST)
        d->methods |= (uint32_t)1 << m->method_id;
    if (m->kind != SIPV_RESPONSE || m->status < 0 || !d->method.p || !m->cseq_method.p ||
        !sipv_slice_equal(m->cseq_method, slice(d->method)))
        return;
    if (m->status >= 200)
        d->status = m->status;
    else
        d->provisional = m->status;
}

static void add(void *user, const struct trace_message *tm)
{
    struct list *l = user;
    sipv_slice call_id;
    struct dialog *d;
    uint64_t hash;

    if (!work_take(&l->w, tm))
        return;
    call_id = l->w.vet.m.call_id;
    hash = hash_of(call_id);
    for (d = l->buckets[hash % BUCKETS]; d && !is_of(d, call_id, hash);)
        d = d->chain;
    if (!d && l->count == DIALOGS_MAX) {
        trace_note(&l->w.trace, NOTE_DIALOGS, NULL);
        return;
    }
    count(d ? d : new_dialog(l, tm, hash), &l->w.vet.m, tm);
}

/* ---- Writing --------------------------------------------------------------------------------- */

static void put(struct kept k)
{
    if (k.p)
        out_visible(slice(k));
    else
        out_char('?');
}

static void dialog_text(const struct dialog *d)
{
    char time[TIME_TEXT];
    int64_t ms = (d->last_ns - d->first_ns) / 1000000;

    time_text(d->first_ns, time);
    out_format("%.23sZ %6lld.%03llds %5llu  ", time, (long long)(ms / 1000), (long long)(ms % 1000),
               (unsigned long long)d->messages);
    put(d->method);
    if (d->status >= 0)
        out_format(" %d  ", d->status);
    else if (d->provisional >= 0)
        out_format(" %d...  ", d->provisional);
    else
        out_text(" -  ");
    put(d->from);
    out_text(" -> ");
    put(d->to);
    out_text("  ");
    put(d->source);
    out_text(" -> ");
    put(d->destination);
    out_text("  ");
    put(d->call_id);
    if (d->call_id_octets > d->call_id.n)
        out_text("...");
    out_char('\n');
}

static void methods_json(struct json *j, uint32_t methods)
{
    static const char *const names[] = {
        [SIPV_M_ACK] = "ACK",
        [SIPV_M_BYE] = "BYE",
        [SIPV_M_CANCEL] = "CANCEL",
        [SIPV_M_INFO] = "INFO",
        [SIPV_M_INVITE] = "INVITE",
        [SIPV_M_MESSAGE] = "MESSAGE",
        [SIPV_M_NOTIFY] = "NOTIFY",
        [SIPV_M_OPTIONS] = "OPTIONS",
        [SIPV_M_PRACK] = "PRACK",
        [SIPV_M_PUBLISH] = "PUBLISH",
        [SIPV_M_REFER] = "REFER",
        [SIPV_M_REGISTER] = "REGISTER",
        [SIPV_M_SUBSCRIBE] = "SUBSCRIBE",
        [SIPV_M_UPDATE] = "UPDATE",
    };

    json_array(j, "methods");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i] && (methods & (uint32_t)1 << i))
            json_text(j, NULL, names[i]);
    json_end_array(j);
}

static void dialog_json(const struct trace_work *w, const struct dialog *d)
{
    struct json j = work_record(w);
    char time[TIME_TEXT];

    json_object(&j, NULL);
    json_text(&j, "schema", "sipvet.trace-dialog/1");
    json_string(&j, "call_id", slice(d->call_id));
    json_size(&j, "call_id_octets", d->call_id_octets);
    time_text(d->first_ns, time);
    json_text(&j, "first", time);
    time_text(d->last_ns, time);
    json_text(&j, "last", time);
    json_size(&j, "messages", (size_t)d->messages);
    json_size(&j, "damaged", (size_t)d->damaged);
    json_string(&j, "method", slice(d->method));
    methods_json(&j, d->methods);
    json_number(&j, "final_status", d->status);
    json_number(&j, "provisional_status", d->provisional);
    json_string(&j, "from", slice(d->from));
    json_string(&j, "to", slice(d->to));
    json_string(&j, "source", slice(d->source));
    json_string(&j, "destination", slice(d->destination));
    json_end_object(&j);
    json_end_record(&j);
}

static void free_dialog(struct dialog *d)
{
    free(d->call_id.p);
    free(d->from.p);
    free(d->to.p);
    free(d->method.p);
    free(d->source.p);
    free(d->destination.p);
    free(d);
}

static int run_trace_ls(const struct arguments *args)
{
    struct list *l = need(1, sizeof *l);
    int result;

    l->end = &l->first;
    work_begin(&l->w, args, add, l);
    l->w.profile = SIPV_INTEROP; /* what is wrong with them is for `trace lint` */
    result = work_read(&l->w);
    while (l->first) {
        struct dialog *d = l->first;

        l->first = d->next;
        if (work_is_format(&l->w, "text"))
            dialog_text(d);
        else
            dialog_json(&l->w, d);
        free_dialog(d);
    }
    result = work_end(&l->w, result, false);
    free(l);
    return result;
}

static const char trace_ls_description[] =
    "Every FILE is a capture, pcap or pcapng, or records \"sipvet.trace/1\" as 'trace show -f\n"
    "ndjson' writes them; '-' or no FILE is standard input. Several FILEs are read one behind\n"
    "the other as one capture.\n"
    "\n"
    "What is SIP is decided by the start line, not by the port. Packets may be Ethernet with "
    "VLAN\n"
    "tags, Linux cooked (v1, v2), BSD loopback or raw IP, all of one file alike; IPv4 and IPv6\n"
    "with fragments; UDP, and TCP put in order. TLS and WebSocket are not looked into.\n"
    "\n"
    "A line has the first time, how long it lasts, the number of messages, the method of the\n"
    "first request, its last final status (or the provisional one and dots), From and To, the\n"
    "addresses between which it began, the Call-ID. json and ndjson write a record\n"
    "\"sipvet.trace-dialog/1\" for each. At most 100000 dialogs are listed.\n"
    "\n"
    "What is broken or missing in a capture is told on standard error, once for each kind, with\n"
    "the number of the frame. The exit status is 1 if a file could not be read to its end or a\n"
    "limit was exceeded, 3 if it cannot be read at all.\n";

const struct command command_trace_ls = {
    .name = "trace ls",
    .operands = "[FILE]...",
    .summary = "Lists the dialogs of a capture",
    .run = run_trace_ls,
    .options = trace_ls_options,
    .max_operands = SIZE_MAX,
    .kind = OPERAND_FILE,
    .description = trace_ls_description,
    .examples = "sipvet trace ls call.pcap\n"
                "tcpdump -i any -w - port 5060 | sipvet trace ls -f ndjson\n",
};
