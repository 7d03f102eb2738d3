#include "texts.h"

#include <string.h>

bool sipv_sdp_texts_add(struct sipv_sdp_texts *t, sipv_slice text, size_t number)
{
    if (t->n == SIPV_SDP_TEXTS)
        return false;
    t->at[t->n].text = text;
    t->at[t->n++].number = number;
    return true;
}

/* The shorter one is before the longer one. */
static int compare(sipv_slice a, sipv_slice b)
{
    return a.n != b.n ? (a.n < b.n ? -1 : 1) : memcmp(a.p, b.p, a.n);
}

static bool before(const struct sipv_sdp_numbered *a, const struct sipv_sdp_numbered *b)
{
    const int order = compare(a->text, b->text);
    return order != 0 ? order < 0 : a->number < b->number;
}

static void sift_down(struct sipv_sdp_numbered *at, size_t i, size_t n)
{
    for (size_t child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && before(&at[child], &at[child + 1]))
            child++;
        if (!before(&at[i], &at[child]))
            return;
        const struct sipv_sdp_numbered moved = at[i];
        at[i] = at[child];
        at[child] = moved;
    }
}

/* Heapsort: in place, and no input makes it slow. */
void sipv_sdp_texts_sort(struct sipv_sdp_texts *t)
{
    for (size_t i = t->n / 2; i > 0; i--)
        sift_down(t->at, i - 1, t->n);
    for (size_t n = t->n; n > 1; n--) {
        const struct sipv_sdp_numbered last = t->at[n - 1];
        t->at[n - 1] = t->at[0];
        t->at[0] = last;
        sift_down(t->at, 0, n - 1);
    }
}

size_t sipv_sdp_texts_find(const struct sipv_sdp_texts *t, sipv_slice text)
{
    size_t low = 0, high = t->n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (compare(t->at[middle].text, text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < t->n && sipv_slice_equal(t->at[low].text, text) ? low : t->n;
}
