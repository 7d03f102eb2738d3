/* Path (RFC 3327) and what a registrar does of outbound (RFC 5626 section 6). */
#include "registrar_work.h"

static bool has_word(sipv_message *m, unsigned header, const char *word)
{
    sipv_words words;
    sipv_iter it = sipv_each(m, header);
    while (sipv_words_next(&it, &words) == SIPV_OK)
        if (sipv_slice_is(words.value, word))
            return true;
    return false;
}

static bool is_first_hop(sipv_message *m)
{
    sipv_via via;
    size_t n = 0;
    sipv_iter it = sipv_each(m, SIPV_H_VIA);
    while (sipv_via_next(&it, &via) == SIPV_OK)
        n++;
    return n == 1;
}

/* Some proxy on the way, which the client could have reached by a flow, knows outbound. */
static bool path_has_ob(sipv_message *m)
{
    sipv_path path;
    sipv_iter it = sipv_each(m, SIPV_H_PATH);
    while (sipv_path_next(&it, &path) == SIPV_OK)
        if (sipv_param_find(&path.uri.params, "ob", NULL) == SIPV_OK)
            return true;
    return false;
}

bool registrar_origin(struct origin *o, sipv_message *m, uint64_t flow)
{
    struct compose c = {o->room, sizeof o->room, 0};
    for (uint16_t i = m->first[SIPV_H_PATH]; i != SIPV_NO_HEADER; i = m->headers[i].next) {
        compose_text(&c, c.n ? ", " : "");
        compose_slice(&c, m->headers[i].value);
    }
    o->flow = flow;
    o->direct = is_first_hop(m);
    o->supported = has_word(m, SIPV_H_SUPPORTED, "outbound");
    o->applies = o->supported && (o->direct || path_has_ob(m));
    o->used = false;
    o->path = c.n ? sipv_slice_of(o->room, c.n) : sipv_slice_of(NULL, 0);
    return c.n <= c.cap;
}

sipv_slice registrar_instance(const sipv_contact *contact, unsigned char out[REGISTRAR_PARAMS])
{
    struct compose c = {out, REGISTRAR_PARAMS, 0};
    sipv_param instance, reg_id;
    if (sipv_param_find(&contact->params, "+sip.instance", &instance) != SIPV_OK ||
        sipv_param_find(&contact->params, "reg-id", &reg_id) != SIPV_OK || !instance.value.p ||
        !reg_id.value.p)
        return sipv_slice_of("", 0);
    compose_slice(&c, instance.value);
    compose_text(&c, " ");
    compose_slice(&c, reg_id.value);
    return c.n <= c.cap ? sipv_slice_of(out, c.n) : sipv_slice_of("", 0);
}

sipv_slice registrar_params(const sipv_contact *contact, unsigned char out[REGISTRAR_PARAMS])
{
    struct compose c = {out, REGISTRAR_PARAMS, 0};
    sipv_param param;
    size_t at = 0;
    while (sipv_param_next(&contact->params, &at, &param) == SIPV_OK) {
        if (sipv_slice_is(param.name, "expires") || sipv_slice_is(param.name, "q"))
            continue;
        compose_text(&c, ";");
        compose_slice(&c, param.name);
        compose_text(&c, param.value.p ? "=" : "");
        compose_slice(&c, param.value);
    }
    return sipv_slice_of(out, c.n <= c.cap ? c.n : 0);
}

static bool is_known(sipv_slice option)
{
    return sipv_slice_is(option, "path") || sipv_slice_is(option, "outbound");
}

bool registrar_unsupported(sipv_message *m, struct compose *c)
{
    sipv_words words;
    size_t n = 0;
    sipv_iter it = sipv_each(m, SIPV_H_REQUIRE);
    while (sipv_words_next(&it, &words) == SIPV_OK) {
        if (is_known(words.value))
            continue;
        if (c)
            compose_text(c, n ? ", " : "Unsupported: ");
        if (c)
            compose_slice(c, words.value);
        n++;
    }
    if (c)
        compose_text(c, n ? "\r\n" : "");
    return n > 0;
}
