/* Streams: the framer, and that nothing depends on where octets are cut. */
#include <string.h>

#include "spec.h"

/* What a connection delivers if octets come in as `first`, then `step` at a time. */
static void read_stream(struct spec_text *out, sipv_profile profile, size_t first, size_t step)
{
    sipv_framer framer;
    sipv_frame frame;
    size_t begin = 0, end = first;
    unsigned pings = 0;
    int result = SIPV_MORE;
    sipv_framer_init(&framer, profile, NULL);
    out->n = 0;
    for (;;) {
        const unsigned char *p = fence_end(&spec.fence, spec.input + begin, end - begin);
        result = sipv_framer_feed(&framer, p, end - begin, &frame);
        if (result == SIPV_OK) {
            spec_add(out, "message %zu+%zu\n", begin + frame.skip, frame.n);
            pings += frame.pings;
            begin += frame.skip + frame.n;
        } else if (result != SIPV_MORE) {
            break;
        } else if (end == spec.n_input) {
            break;
        } else {
            end = end + step < spec.n_input ? end + step : spec.n_input;
        }
    }
    pings += frame.pings;
    if (pings)
        spec_add(out, "pings %u\n", pings);
    if (result == SIPV_MORE)
        spec_add(out, "%s\n", begin + frame.skip == spec.n_input ? "complete" : "more");
    else
        spec_add(out, "error %s %zu\n", sipv_diag_find(frame.diag.code)->name,
                 begin + frame.diag.off);
}

const char *spec_run_stream(sipv_profile profile)
{
    static char other[SPEC_LINES];
    struct spec_text cut = {other, 0, sizeof other};
    read_stream(&spec.got, profile, spec.n_input, spec.n_input);
    for (size_t split = 0; split <= spec.n_input && spec.n_input < 4096; split++) {
        read_stream(&cut, profile, split < spec.n_input ? split : 1,
                    split < spec.n_input ? spec.n_input : 1);
        if (cut.n != spec.got.n || memcmp(cut.p, spec.got.p, spec.got.n) != 0) {
            spec_problem("cut at %zu: %s", split, cut.p);
            break;
        }
    }
    return "frames";
}
