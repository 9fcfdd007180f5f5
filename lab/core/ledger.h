/*
 * lab/core/ledger.h - the fold that turns trace records into fates and counts.
 *
 * One fold for all worlds: run, --on qemu and --on linux feed it the trace; explore keeps its
 * token fates (and only the counters that an expectation names) as part of the state and feeds
 * it each step's records.
 */
#ifndef LAB_CORE_LEDGER_H
#define LAB_CORE_LEDGER_H

#include "lab/core/program.h"

/* A token's fate so far: one byte in the arena. */
enum lab_fate {
    LAB_FATE_ARRIVED = 1,
    LAB_FATE_READ = 2,
    LAB_FATE_TWICE = 4,
    LAB_FATE_WAITED =
        8,              /* before it was read only the world could step: late once it is read */
    LAB_FATE_GONE = 16, /* destroyed: overrun, merged, ... */
    LAB_FATE_LEFT = 32, /* at the end: it lies somewhere */
};

/* The kinds of records the fold looks at: a search records no others. */
#define LAB_LEDGER_EVENTS                                                                      \
    (1ull << SIM_EV_ARRIVE | 1ull << SIM_EV_PUT | 1ull << SIM_EV_TX | 1ull << SIM_EV_GOT |     \
     1ull << SIM_EV_DROP | 1ull << SIM_EV_FULL | 1ull << SIM_EV_LOSE | 1ull << SIM_EV_RUN |    \
     1ull << SIM_EV_SPURIOUS | 1ull << SIM_EV_RETURN | 1ull << SIM_EV_WOKEN |                  \
     1ull << SIM_EV_REPORT | 1ull << SIM_EV_WAKE)

/* In the object of a VALUE record: the upper half of a value that 32 bits do not hold. */
enum { LAB_VALUE_HIGH = 0x8000 };

/* Everything a run counted.  Indexed by driver, task or device. */
struct lab_counts {
    uint32_t runs[DRV_DRIVERS_MAX], spurious[DRV_DRIVERS_MAX];
    uint32_t wakes[DRV_TASKS_MAX], repeats[DRV_TASKS_MAX], empty[DRV_TASKS_MAX];
    uint32_t strays[DRV_TASKS_MAX];
    uint32_t overruns[SIM_DEVICES_MAX];
};

/* The end of one run, or one end found by a search. */
struct lab_outcome {
    uint8_t end; /* enum sim_end: QUIET, or what kind of cycle, or LIMIT */
    uint8_t hang;
    uint8_t fair; /* a strongly fair schedule can end so; else nothing counts as lost */
    uint8_t fate[LAB_TOKENS]; /* enum lab_fate bits, by token id */
    struct lab_counts counts; /* a search fills only those the program names */
    int64_t watched[LAB_VALUES_MAX];
    uint64_t steps;  /* of the run, or of the shortest way there */
    uint64_t end_ns; /* virtual time of the end */
};

/* Per registration: what was reported and which wakes came since; for repeats(). */
struct lab_repeat {
    uint8_t file; /* 1 + file, 0: never reported */
    uint8_t zero;
    uint16_t reported, woken;
};

static inline int lab_fate_lost(unsigned fate)
{
    return (fate & (LAB_FATE_ARRIVED | LAB_FATE_READ)) == LAB_FATE_ARRIVED;
}

#endif
