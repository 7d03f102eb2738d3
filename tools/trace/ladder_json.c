/* ladder_json.c: a ladder as the record "sipvet.ladder/1". */
#include "ladder.h"

void ladder_json(const struct ladder *l)
{
    struct json j = work_record(&l->w);

    json_object(&j, NULL);
    json_text(&j, "schema", "sipvet.ladder/1");
    json_text(&j, "profile", profile_name(l->w.profile));
    json_array(&j, "columns");
    for (size_t i = 0; i < l->column_count; i++)
        json_text(&j, NULL, l->columns[i]);
    json_end_array(&j);
    json_array(&j, "messages");
    for (size_t i = 0; i < l->count; i++) {
        const struct arrow *a = &l->arrows[i];

        json_object(&j, NULL);
        work_place_json(&j, &a->m);
        json_size(&j, "from_column", a->from);
        json_size(&j, "to_column", a->to);
        json_text(&j, "kind", a->request ? "request" : "response");
        json_string(&j, "label", bytes_slice(&a->label));
        json_size(&j, "octets", a->m.data.n);
        json_text(&j, "verdict", verdict_name(a->accepted));
        json_size(&j, "errors", a->errors);
        json_size(&j, "warnings", a->warnings);
        json_end_object(&j);
    }
    json_end_array(&j);
    json_end_object(&j);
    json_end_record(&j);
}
