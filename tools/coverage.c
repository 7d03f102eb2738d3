/* coverage.c: what of the grammar the sentences of a run have visited. */
#include "gen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void coverage_init(struct coverage *c)
{
    c->n = sipv_cover_size(sipv_sip_grammar());
    c->last = need(c->n, 1);
    c->kept = need(c->n, 1);
    c->reach = need(c->n, 1);
}

void coverage_free(struct coverage *c)
{
    free(c->last);
    free(c->kept);
    free(c->reach);
}

/* Each rule into an empty cover, so that a header rule counts as a value although another calls it
 * whole; then all are joined. */
void coverage_reach(struct coverage *c, int rule, bool value)
{
    memset(c->last, 0, c->n);
    sipv_cover_reach(sipv_sip_grammar(), rule, value, c->last);
    for (size_t i = 0; i < c->n; i++)
        c->reach[i] |= c->last[i];
}

void coverage_keep(struct coverage *c)
{
    for (size_t i = 0; i < c->n; i++)
        c->kept[i] |= c->last[i];
}

static bool is_kept(const struct coverage *c, const sipv_cover_item *item)
{
    return c->kept[item->bit / 8] >> item->bit % 8 & 1;
}

struct counts {
    size_t kept[3], all[3]; /* by sipv_cover_what */
};

static struct counts count(const struct coverage *c)
{
    struct counts counts = {{0}, {0}};
    sipv_cover_item item;
    size_t at = 0;

    while (sipv_cover_next(sipv_sip_grammar(), c->reach, &at, &item) == SIPV_OK) {
        counts.all[item.what]++;
        counts.kept[item.what] += is_kept(c, &item);
    }
    return counts;
}

static void item_json(struct json *j, const sipv_cover_item *item)
{
    static const char *const whats[] = {"rule", "alternative", "name"};
    char byte[2] = {(char)item->byte, '\0'};

    json_object(j, NULL);
    json_text(j, "what", whats[item->what]);
    json_text(j, "rule", sipv_rule_name(sipv_sip_grammar(), item->rule));
    if (item->what == SIPV_COVER_NAME)
        json_text(j, "name", item->begins_with);
    if (item->what == SIPV_COVER_BRANCH) {
        json_size(j, "choice", item->choice);
        json_size(j, "alternative", item->branch);
        if (item->begins_with)
            json_text(j, "begins_with", item->begins_with);
        else
            json_string(j, "begins_with", sipv_slice_of(item->byte >= 0 ? byte : NULL, 1));
        json_bool(j, "ends", item->ends);
    }
    json_end_object(j);
}

static void items_json(struct json *j, const char *key, const struct coverage *c, bool kept)
{
    sipv_cover_item item;
    size_t at = 0;

    json_array(j, key);
    while (sipv_cover_next(sipv_sip_grammar(), c->reach, &at, &item) == SIPV_OK)
        if (is_kept(c, &item) == kept)
            item_json(j, &item);
    json_end_array(j);
}

void coverage_json(const struct coverage *c, const char *rule, uint64_t sentences, bool pretty)
{
    static const char *const keys[] = {"rules", "alternatives", "names"};
    struct json j = json_begin_record(pretty);
    struct counts counts = count(c);

    json_object(&j, NULL);
    json_text(&j, "schema", "sipvet.coverage/1");
    json_text(&j, "rule", rule);
    json_size(&j, "sentences", (size_t)sentences);
    for (size_t i = 0; i < 3; i++) {
        json_object(&j, keys[i]);
        json_size(&j, "covered", counts.kept[i]);
        json_size(&j, "total", counts.all[i]);
        json_end_object(&j);
    }
    items_json(&j, "covered", c, true);
    items_json(&j, "missing", c, false);
    json_end_object(&j);
    json_end_record(&j);
}

static void item_text(const sipv_cover_item *item, bool kept)
{
    unsigned char byte = (unsigned char)item->byte;

    fprintf(stderr, "  %c ", kept ? '+' : '-');
    switch (item->what) {
    case SIPV_COVER_RULE: fprintf(stderr, "rule "); break;
    case SIPV_COVER_NAME: fprintf(stderr, "name %s in ", item->begins_with); break;
    case SIPV_COVER_BRANCH: fprintf(stderr, "alternative %u.%u of ", item->choice, item->branch);
    }
    fputs(sipv_rule_name(sipv_sip_grammar(), item->rule), stderr);
    if (item->what == SIPV_COVER_BRANCH && item->begins_with) {
        fprintf(stderr, ": %s", item->begins_with);
    } else if (item->what == SIPV_COVER_BRANCH && item->byte >= 0) {
        fputs(": '", stderr);
        err_visible(sipv_slice_of(&byte, 1));
        fputs("'", stderr);
    } else if (item->ends) {
        fputs(": the end", stderr);
    }
    putc('\n', stderr);
}

void coverage_text(const struct coverage *c, const char *rule, uint64_t sentences)
{
    struct counts counts = count(c);
    sipv_cover_item item;
    size_t at = 0;

    out_flush(); /* keeps the order where both go to one terminal */
    fprintf(stderr,
            "sipvet gen: %llu of %s: %zu of %zu rules, %zu of %zu alternatives, %zu of %zu names\n",
            (unsigned long long)sentences, rule, counts.kept[0], counts.all[0], counts.kept[1],
            counts.all[1], counts.kept[2], counts.all[2]);
    while (sipv_cover_next(sipv_sip_grammar(), c->reach, &at, &item) == SIPV_OK)
        item_text(&item, is_kept(c, &item));
}
