/* A program of somebody else's that uses session descriptions alone; C11 and C++17. */
#include <sipvet/sdp.h>

#include <stdio.h>
#include <string.h>

static const char offer[] = "v=0\r\n"
                            "o=- 1 1 IN IP4 192.0.2.1\r\n"
                            "s=-\r\n"
                            "c=IN IP4 192.0.2.1\r\n"
                            "t=0 0\r\n"
                            "m=audio 9 RTP/AVP 96\r\n"
                            "a=rtpmap:96 opus/48000/2\r\n";

int main(void)
{
    static sipv_sdp_line lines[32];
    static sipv_sdp_section sections[4];
    static sipv_event events[512];
    static sipv_diag diags[8];
    static unsigned char answer[1024];
    sipv_sdp s;
    sipv_sdp_init(&s, lines, 32, sections, 4, events, 512, diags, 8);
    int result = sipv_sdp_parse(&s, offer, sizeof offer - 1, NULL);
    sipv_sdp_rtpmap map;
    const sipv_sdp_line *line = sipv_sdp_find(&s, 0, SIPV_SDP_A_RTPMAP, NULL);
    if (result != SIPV_OK || !line || sipv_sdp_rtpmap_of(&s, line, &map) != SIPV_OK ||
        map.clock_rate != 48000) {
        printf("parse: %d\n", result);
        return 1;
    }
    sipv_sdp_capabilities local;
    size_t n;
    memset(&local, 0, sizeof local);
    local.address = sipv_slice_text("192.0.2.2");
    result = sipv_sdp_answer(&s, &local, answer, sizeof answer, &n);
    if (result != SIPV_OK || n == 0) {
        printf("answer: %d\n", result);
        return 1;
    }
    return 0;
}
