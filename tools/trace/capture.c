/* capture.c: pcap and pcapng, read by libpcap. */
#include "../command.h"
#include "../progress.h"
#include "trace.h"

#ifdef SIPVET_WITH_PCAP

/* libpcap's header wants the types of BSD. */
typedef unsigned char u_char;
typedef unsigned short u_short;
typedef unsigned int u_int;
#include <pcap/pcap.h>
#include <string.h>
#include <sys/stat.h>

/* The last second that 64 bits of nanoseconds have, in whole years. */
#define LAST_SECOND INT64_C(9214646399)

static int64_t time_of(const struct pcap_pkthdr *head)
{
    int64_t s = head->ts.tv_sec, ns = head->ts.tv_usec; /* nanoseconds, as was asked for */

    if (s < 0)
        s = 0;
    if (s > LAST_SECOND)
        s = LAST_SECOND;
    if (ns < 0 || ns > 999999999)
        ns = 0;
    return s * 1000000000 + ns;
}

/* How large the file is, 0 if nobody knows. */
static uint64_t size_of(FILE *file)
{
    struct stat st;

    return fstat(fileno(file), &st) == 0 && S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
}

static void read_packets(struct trace *t, pcap_t *pcap, FILE *file, int link)
{
    uint64_t size = size_of(file);
    struct pcap_pkthdr *head;
    const u_char *data;
    int result;

    for (;;) {
        if (size == 0 && !trace_wait(file)) {
            trace_note(t, NOTE_FILE, "nothing came in time (--timeout)");
            return;
        }
        result = pcap_next_ex(pcap, &head, &data);
        if (result != 1)
            break;
        t->frame++;
        t->time_ns = time_of(head);
        link_packet(t, link, data, head->caplen);
        if (t->frame % 256 == 0)
            progress_tick(size ? (uint64_t)ftell(file) : t->frame, size);
    }
    if (result == PCAP_ERROR)
        trace_note(t, NOTE_FILE, pcap_geterr(pcap));
}

int capture_read(struct trace *t, FILE *file, const char *name)
{
    char error[PCAP_ERRBUF_SIZE] = "";
    pcap_t *pcap =
        pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, error);
    int link, result = EXIT_FINE;

    if (!pcap) {
        fclose(file);
        return trace_complain(name, error);
    }
    link = pcap_datalink(pcap);
    if (link_known(link)) {
        read_packets(t, pcap, file, link);
    } else {
        snprintf(error, sizeof error, "its link type is %d (%s), which is none of those known",
                 link, pcap_datalink_val_to_name(link) ? pcap_datalink_val_to_name(link) : "?");
        result = trace_complain(name, error);
    }
    pcap_close(pcap);
    return result;
}

#else

int capture_read(struct trace *t, FILE *file, const char *name)
{
    (void)t;
    fclose(file);
    return trace_complain(name, "this sipvet was built without libpcap and reads only its own "
                                "records (sipvet.trace/1)");
}

#endif
