/* Attributes of session descriptions -> C: ids, typed forms, the table of names. */
#include "express.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../src/field_name.h"

void emit_public_attributes(struct grammar *g, const char *dir)
{
    FILE *f = create_output(dir, "attributes.gen.h", "Ids and typed forms of SDP attributes.");
    fprintf(f, "#ifndef SIPVET_ATTRIBUTES_GEN_H\n#define SIPVET_ATTRIBUTES_GEN_H\n\n");
    fprintf(f,
            "/* Every attribute with a grammar of its own. */\nenum sipv_%sattribute_id {\n"
            "    SIPV_SDP_A_OTHER,\n",
            g->prefix);
    for (int i = 0; i < g->attributes.n; i++)
        fprintf(f, "    SIPV_SDP_A_%s, /* %s, %s */\n", identifier(g->attributes.at[i].name, true),
                g->attributes.at[i].name, g->attributes.at[i].rfc);
    fprintf(f, "    SIPV_SDP_A_COUNT\n};\n\n");
    emit_view_ids(g, f);
    for (int i = 0; i < g->views.n; i++) {
        const struct view *v = &g->views.at[i];
        emit_struct(g, f, v);
        fprintf(f,
                "static inline int sipv_%s%s_of(const sipv_sdp *s, const sipv_sdp_line *line,\n"
                "                               sipv_%s%s *out)\n{\n    return "
                "sipv_sdp_typed(s, line, SIPV_SDP_VIEW_%s, out);\n}\n\n",
                g->prefix, v->name, g->prefix, v->name, identifier(v->name, true));
    }
    fprintf(f, "#endif\n");
    finish_output(f);
}

static uint32_t hash_of(const char *name, uint64_t seed)
{
    return sipv_attribute_hash((const unsigned char *)name, strlen(name), seed);
}

enum { SLOTS = 1 << (64 - SIPV_FIELD_SHIFT) };

/* A seed for which no two names share a slot. */
static uint64_t find_seed(const struct grammar *g)
{
    unsigned char used[SLOTS];
    uint64_t seed = 0x9e3779b97f4a7c15u;
    for (int tries = 0; tries < 1000000; tries++) {
        int i = 0;
        memset(used, 0, sizeof used);
        while (i < g->attributes.n && !used[hash_of(g->attributes.at[i].name, seed)]++)
            i++;
        if (i == g->attributes.n)
            return seed;
        seed = (seed * 0xd1342543de82ef95u + 0x2545f4914f6cdd1du) | 1;
    }
    fail("too many attributes for their hash: see SIPV_FIELD_SHIFT");
}

/* "session,media" as bits 1 and 2, "source" as 4. */
static unsigned level_bits(const char *levels)
{
    return (strstr(levels, "session") ? 1u : 0) | (strstr(levels, "media") ? 2u : 0) |
           (strstr(levels, "source") ? 4u : 0);
}

void emit_attribute_keys(const struct grammar *g, const struct graph *graphs, const bool *done,
                         FILE *f)
{
    fprintf(f,
            "const struct sipv_%sattribute_key sipv_%sattribute_keys[SIPV_SDP_A_COUNT] = {\n"
            "    {{0}, sipv_express_none, ~0u, 0, {0}, {0}},\n",
            g->prefix, g->prefix);
    for (int i = 0; i < g->attributes.n; i++) {
        const struct attribute *a = &g->attributes.at[i];
        const struct rule *r = a->rule < 0 ? NULL : &g->rules.at[a->rule];
        const int n = (int)strlen(a->name);
        const unsigned levels = level_bits(a->levels);
        const bool single = strcmp(a->nature, "single") == 0;
        if (n > 28)
            fail("the name %s is too long", a->name);
        fprintf(f, "    {\"a=%s%s\", %s, 0x%xu, %d, {%s, %s}, {'a', %s, %d, 0, %d}},\n", a->name,
                r ? ":" : "\\r",
                !r                         ? "NULL"
                : done[graphs[r->root].id] ? format("express_%d", graphs[r->root].id)
                                           : "sipv_express_none",
                (1u << (n + 3)) - 1, n,
                !(levels & 1) ? "SIPV_SDP_ALWAYS"
                : single      ? "SIPV_SDP_AT_SESSION"
                              : "0",
                !(levels & 2) ? "SIPV_SDP_ALWAYS"
                : single      ? "SIPV_SDP_AT_MEDIA"
                              : "0",
                r ? "SIPV_SDP_READ" : "SIPV_SDP_UNTYPED", i + 1, r ? r->view : -1);
    }
    fprintf(f, "};\n");
}

void emit_attributes(struct grammar *g, FILE *f)
{
    const uint64_t seed = find_seed(g);
    int slot[SLOTS] = {0};
    fprintf(f,
            "const sipv_%sattribute_info sipv_%sattribute_table[SIPV_SDP_A_COUNT] = {\n"
            "    {NULL, 0, 3, false, -1, -1, \"\"},\n",
            g->prefix, g->prefix);
    for (int i = 0; i < g->attributes.n; i++) {
        const struct attribute *a = &g->attributes.at[i];
        const int view = a->rule < 0 ? -1 : g->rules.at[a->rule].view;
        if (a->rule >= 0 && view < 0)
            fail("the attribute %s has no view", a->name);
        if (strcmp(a->nature, "single") != 0 && strcmp(a->nature, "repeat") != 0)
            fail("the attribute %s is neither single nor repeat", a->name);
        slot[hash_of(a->name, seed)] = 64 * (i + 1);
        fprintf(f, "    {\"%s\", %d, %u, %s, %d, %d, \"%s\"},\n", a->name, (int)strlen(a->name),
                level_bits(a->levels), strcmp(a->nature, "single") == 0 ? "true" : "false", view,
                a->rule, a->rfc);
    }
    fprintf(f, "};\nconst uint64_t sipv_%sattribute_seed = 0x%" PRIx64 "u;\n", g->prefix, seed);
    fprintf(f, "const uint16_t sipv_%sattribute_slots[%d] = {\n    ", g->prefix, SLOTS);
    if (64 * g->attributes.n > UINT16_MAX)
        fail("more attributes than fit in a slot");
    for (int i = 0; i < SLOTS; i++)
        fprintf(f, "%d,%s", slot[i], i % 24 == 23 ? "\n    " : "");
    fprintf(f, "};\n");
}
