/* Header fields -> C: ids, typed forms, the tables of names. */
#include "abnfc.h"

#include <inttypes.h>
#include <string.h>

#include "../src/field_name.h"

void emit_public(struct grammar *g, const char *dir)
{
    FILE *f = create_output(dir, "headers.gen.h", "Ids and typed forms of SIP headers.");
    fprintf(f, "#ifndef SIPVET_HEADERS_GEN_H\n#define SIPVET_HEADERS_GEN_H\n\n");
    fprintf(f, "/* Every header field registered for SIP. */\nenum sipv_header_id {\n"
               "    SIPV_H_OTHER,\n");
    for (int i = 0; i < g->headers.n; i++)
        fprintf(f, "    SIPV_H_%s, /* %s, %s */\n", identifier(g->headers.at[i].name, true),
                g->headers.at[i].name, g->headers.at[i].rfc);
    fprintf(f, "    SIPV_H_COUNT\n};\n\n");
    emit_view_ids(g, f);
    for (int i = 0; i < g->views.n; i++)
        if (is_uri_view(&g->views.at[i]))
            emit_struct(g, f, &g->views.at[i]);
    fprintf(f, "\nSIPV_API int sipv_next(sipv_iter *it, int view, void *out);\n\n");
    for (int i = 0; i < g->views.n; i++) {
        const struct view *v = &g->views.at[i];
        if (is_uri_view(v) || !has_struct(g, v))
            continue;
        emit_struct(g, f, v);
        fprintf(f,
                "static inline int sipv_%s_next(sipv_iter *it, sipv_%s *out)\n{\n    return "
                "sipv_next(it, SIPV_VIEW_%s, out);\n}\n\n",
                v->name, v->name, identifier(v->name, true));
    }
    fprintf(f, "#endif\n");
    finish_output(f);
}

/* ---- Header fields ------------------------------------------------------------------------------
 */

/* The methods of a comma-separated list as bits, in the order of enum sipv_method. */
static unsigned method_bits(const char *list)
{
    static const char *const methods[] = {"ACK",     "BYE",      "CANCEL",    "INFO",  "INVITE",
                                          "MESSAGE", "NOTIFY",   "OPTIONS",   "PRACK", "PUBLISH",
                                          "REFER",   "REGISTER", "SUBSCRIBE", "UPDATE"};
    unsigned bits = 1; /* unknown methods may do what they like */
    if (strcmp(list, "*") == 0)
        return ~0u;
    for (const char *p = list; *p;) {
        size_t n = strcspn(p, ",");
        for (unsigned i = 0; i < sizeof methods / sizeof *methods; i++)
            if (strlen(methods[i]) == n && strncmp(methods[i], p, n) == 0)
                bits |= 2u << i;
        p += n + (p[n] == ',');
    }
    return bits;
}

/* Whole classes of a response list as bits 1 to 6; bit 0: single codes are listed too. */
static unsigned class_bits(const char *list)
{
    unsigned bits = 0;
    if (strcmp(list, "*") == 0)
        return 0x7f;
    for (const char *p = list; *p;) {
        size_t n = strcspn(p, ",");
        if (n == 3 && strncmp(p + 1, "xx", 2) == 0)
            bits |= 1u << (*p - '0');
        else if (n == 3)
            bits |= 1;
        p += n + (p[n] == ',');
    }
    return bits;
}

static uint32_t field_hash_of(const char *name, uint64_t seed)
{
    return sipv_field_hash((const unsigned char *)name, strlen(name), seed);
}

/* A seed for which no two names of header fields share a slot. */
static uint64_t find_field_seed(char *const *names, int n)
{
    const size_t size = (size_t)1 << (64 - SIPV_FIELD_SHIFT);
    unsigned char *used = zalloc(size);
    uint64_t seed = 0x9e3779b97f4a7c15u;
    for (int tries = 0; tries < 1000000; tries++) {
        int i = 0;
        memset(used, 0, size);
        while (i < n && !used[field_hash_of(names[i], seed)]++)
            i++;
        if (i == n)
            return seed;
        seed = (seed * 0xd1342543de82ef95u + 0x2545f4914f6cdd1du) | 1;
    }
    fail("too many header fields for their hash: see SIPV_FIELD_SHIFT");
}

/* See struct sipv_header_key. */
static void emit_header_key(const struct grammar *g, FILE *f, int i, const char *name)
{
    const struct header *h = &g->headers.at[i];
    const int view = h->rule < 0 ? -1 : g->rules.at[h->rule].view;
    const int n = (int)strlen(name);
    if (n + 2 > SIPV_FOLDED)
        fail("the name %s is too long", name);
    if (strchr(name, '_')) /* which differs from DEL by bit 0x20 alone */
        fail("the name %s has an underscore", name);
    fprintf(f, "    {{");
    emit_folded(f, format("%s: ", name));
    fprintf(f, "}, %d, %s, 1, 0x%xu, %d, %s},\n", i + 1, view < 0 ? "SIPV_UNTYPED" : "SIPV_UNREAD",
            (unsigned)(((uint64_t)4 << n) - 1), n,
            strcmp(h->nature, "single") == 0 ? "true" : "false");
}

/* Keys by id, those of compact names behind them, and the slots in which they are found. */
static void emit_header_keys(const struct grammar *g, FILE *f)
{
    VEC(char *) names = {0};
    for (int i = 0; i < g->headers.n; i++)
        *PUSH(&names) = g->headers.at[i].name;
    fprintf(f, "const struct sipv_header_key sipv_header_keys[] = {\n"
               "    {{0}, 0, SIPV_UNTYPED, 1, ~0u, 0, false},\n");
    for (int i = 0; i < g->headers.n; i++)
        emit_header_key(g, f, i, g->headers.at[i].name);
    for (int i = 0; i < g->headers.n; i++)
        if (strcmp(g->headers.at[i].compact, "-") != 0) {
            *PUSH(&names) = g->headers.at[i].compact;
            emit_header_key(g, f, i, g->headers.at[i].compact);
        }
    if (names.n > 255)
        fail("too many header fields for their slots");
    const uint64_t seed = find_field_seed(names.at, names.n);
    const int slots = 1 << (64 - SIPV_FIELD_SHIFT);
    int *slot = zalloc(sizeof *slot * (size_t)slots);
    for (int i = 0; i < names.n; i++)
        slot[field_hash_of(names.at[i], seed)] = i + 1;
    fprintf(f, "};\nconst uint64_t sipv_header_seed = 0x%" PRIx64 "u;\n", seed);
    fprintf(f, "const uint8_t sipv_header_slots[] = {\n    ");
    for (int h = 0; h < slots; h++)
        fprintf(f, "%d,%s", slot[h], h % 24 == 23 ? "\n    " : "");
    fprintf(f, "};\n");
}

unsigned header_places(const struct header *h)
{
    return (method_bits(h->requests) & 0x1ffffff) | (class_bits(h->responses) & 0x7e) << 24;
}

void emit_headers(struct grammar *g, FILE *f)
{
    fprintf(f, "const sipv_header_info sipv_header_table[SIPV_H_COUNT] = {\n"
               "    {NULL, 0, 0, SIPV_LIST, false, -1, -1, ~0u, 0x7f, \"\", \"\", \"\"},\n");
    for (int i = 0; i < g->headers.n; i++) {
        const struct header *h = &g->headers.at[i];
        int view = h->rule < 0 ? -1 : g->rules.at[h->rule].view;
        fprintf(
            f, "    {\"%s\", %s, %d, SIPV_%s, %s, %d, %d, 0x%xu, 0x%x, \"%s\", \"%s\", \"%s\"},\n",
            h->name, strcmp(h->compact, "-") == 0 ? "0" : format("'%s'", h->compact),
            (int)strlen(h->name),
            strcmp(h->nature, "single") == 0   ? "SINGLE"
            : strcmp(h->nature, "repeat") == 0 ? "REPEAT"
                                               : "LIST",
            strcmp(h->rfc, "RFC 3261") == 0 ? "true" : "false", view, h->rule,
            method_bits(h->requests), class_bits(h->responses), h->rfc, h->requests, h->responses);
    }
    fprintf(f, "};\n");
    emit_header_keys(g, f);
}
