/* catalogue.c: the diagnostics of all components as one catalogue. */
#include "catalogue.h"

#include <sipvet/parser.h>
#include <sipvet/sdp.h>

#include <string.h>

/* A component is a line here; codes of one that stands later are higher. */
static const struct {
    const sipv_diag_info *(*find)(unsigned code);
    const sipv_diag_info *(*at)(size_t i);
} components[] = {
    {sipv_diag_find, sipv_diag_at},
    {sipv_sdp_diag_find, sipv_sdp_diag_at},
};

enum { COMPONENTS = sizeof components / sizeof *components };

const sipv_diag_info *catalogue_code(unsigned code)
{
    const sipv_diag_info *info = NULL;

    for (size_t i = 0; !info && i < COMPONENTS; i++)
        info = components[i].find(code);
    return info;
}

const sipv_diag_info *catalogue_at(size_t i)
{
    for (size_t k = 0; k < COMPONENTS; k++) {
        size_t n = 0;

        while (components[k].at(n))
            n++;
        if (i < n)
            return components[k].at(i);
        i -= n;
    }
    return NULL;
}

const sipv_diag_info *catalogue_find(const char *text, size_t n)
{
    const sipv_diag_info *info;
    sipv_slice digits = sipv_slice_of(text, n);
    uint64_t code;

    if (n > 2 && (text[0] == 'S' || text[0] == 's') && (text[1] == 'V' || text[1] == 'v'))
        digits = sipv_slice_of(text + 2, n - 2);
    if (n > 0 && sipv_number(digits, 9999, &code) == SIPV_OK)
        return catalogue_code((unsigned)code);
    for (size_t i = 0; (info = catalogue_at(i)) != NULL; i++)
        if (strlen(info->name) == n && memcmp(info->name, text, n) == 0)
            return info;
    return NULL;
}
