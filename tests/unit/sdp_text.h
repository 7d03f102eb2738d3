/* A session description in tests: storage, a fence page, and room to write a long one. */
#ifndef TESTS_SDP_TEXT_H
#define TESTS_SDP_TEXT_H

#include "descriptions.h"
#include "fence.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define HEAD "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
#define AUDIO "m=audio 9 RTP/AVP 0\r\n"

static struct description d;
static struct fence fence;
static char text[2 << 20];

static inline void open_all(void)
{
    cr_assert(description_open(&d));
    cr_assert(fence_open(&fence, sizeof text));
}

static inline void close_all(void)
{
    description_close(&d);
    fence_close(&fence);
}

/* The first error: its name, and where. */
static inline const sipv_diag *error_of(const sipv_sdp *s)
{
    for (size_t i = 0; i < s->n_diags; i++)
        if (s->diags[i].severity == SIPV_ERROR)
            return &s->diags[i];
    return NULL;
}

#endif
