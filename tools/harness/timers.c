/* How long timers run: RFC 3261 table 4, RFC 6026 section 8.11. */
#include "machine.h"

struct timer_values timer_values_default(void)
{
    const struct timer_values v = {
        .t1_ms = 500, .t2_ms = 4000, .t4_ms = 5000, .d_ms = 32000, .trying_ms = 200};
    return v;
}

static uint64_t doubled(uint64_t last_ms, uint64_t first_ms, uint64_t most_ms)
{
    const uint64_t ms = last_ms > 0 ? 2 * last_ms : first_ms;
    return ms < most_ms ? ms : most_ms;
}

uint64_t timer_ms(const struct timer_values *v, enum transaction_timer timer,
                  enum transaction_state state, uint64_t last_ms, bool reliable)
{
    const uint64_t t1 = v->t1_ms, t2 = v->t2_ms, t4 = v->t4_ms;
    switch (timer) {
    case TIMER_A: return reliable ? TIMER_NEVER : doubled(last_ms, t1, 64 * t1);
    case TIMER_E:
        if (reliable)
            return TIMER_NEVER;
        return state == STATE_PROCEEDING ? t2 : doubled(last_ms, t1, t2);
    case TIMER_G: return reliable ? TIMER_NEVER : doubled(last_ms, t1, t2);
    case TIMER_D: return reliable ? 0 : v->d_ms;
    case TIMER_I: return reliable ? 0 : t4;
    case TIMER_J: return reliable ? 0 : 64 * t1;
    case TIMER_K: return reliable ? 0 : t4;
    case TIMER_100: return v->trying_ms;
    default: return 64 * t1; /* B, F, H, L, M, and a cancelled INVITE */
    }
}
