/*
 * lab/core/ledger.c - the fold: trace records become fates and counts.
 *
 * Everything said about a run is computed here, from records alone, so that simulator, board
 * and search cannot disagree about what "lost" means.
 */
#include "lab/core/internal.h"

/* Where one run's results gather: the arena in a search, the caller's outcome elsewhere. */
struct book {
    const struct lab *lab;
    uint8_t *fate;
    uint64_t *arrived; /* bit per token that arrived since all that waited were marked; or 0 */
    struct lab_counts *counts; /* 0: the named counters below */
    uint16_t *named;
    struct lab_repeat *repeat;
};

static void count_named(struct book *book, enum lab_counter_kind kind, unsigned who)
{
    const struct lab_program *program = book->lab->program;

    for (unsigned i = 0; i < program->counters; i++)
        if (program->counter[i].kind == kind && program->counter[i].who == who &&
            book->named[i] < program->counter[i].most) /* NOLINT: named if without counts */
            book->named[i]++;
}

static void count(struct book *book, enum lab_counter_kind kind, unsigned who)
{
    struct lab_counts *counts = book->counts;

    if (!counts) {
        count_named(book, kind, who);
        return;
    }
    switch (kind) {
    case LAB_COUNT_RUNS:
        counts->runs[who]++;
        break;
    case LAB_COUNT_SPURIOUS:
        counts->spurious[who]++;
        break;
    case LAB_COUNT_WAKES:
        counts->wakes[who]++;
        break;
    case LAB_COUNT_REPEATS:
        counts->repeats[who]++;
        break;
    case LAB_COUNT_EMPTY:
        counts->empty[who]++;
        break;
    case LAB_COUNT_OVERRUNS:
        counts->overruns[who]++;
        break;
    default:
        counts->strays[who]++;
        break;
    }
}

static unsigned task_of(const struct book *book, const struct sim_record *record)
{
    return book->lab->actor[record->actor].index;
}

static void fold_read(struct book *book, const struct sim_record *record)
{
    uint8_t *fate = &book->fate[record->token];

    if (!record->token)
        count(book, LAB_COUNT_STRAYS, task_of(book, record));
    else
        *fate |= *fate & LAB_FATE_READ ? LAB_FATE_TWICE : LAB_FATE_READ;
}

static bool is_wait(unsigned nr)
{
    return nr == DRV_NR_EPOLL_WAIT || nr == DRV_NR_POLL || nr == DRV_NR_SELECT ||
           nr == DRV_NR_IO_GETEVENTS || nr == DRV_NR_IO_URING_ENTER;
}

static void fold_return(struct book *book, const struct sim_record *record, bool slept)
{
    int32_t value = (int32_t)record->value;
    unsigned nr = record->object;

    if (value == -DRV_EAGAIN)
        count(book, LAB_COUNT_EMPTY, task_of(book, record));
    if (nr == DRV_NR_READ ? slept : value > 0 && is_wait(nr))
        count(book, LAB_COUNT_WAKES, task_of(book, record));
}

/* Registrations: epoll entries first, then task and descriptor of poll and select. */
static struct lab_repeat *registration(const struct book *book, unsigned id)
{
    const struct drv_config *config = &book->lab->program->drv;
    unsigned i = id;

    if (id & 0x8000)
        i = config->items + (id >> 8 & 0x7f) * config->fds + (id & 0xff) - DRV_FD_FIRST;
    return i < book->lab->repeat_count ? &book->repeat[i] : 0;
}

static void fold_report(struct book *book, const struct sim_record *record)
{
    struct lab_repeat *r = registration(book, record->value >> 16);
    uint16_t events = (uint16_t)record->value;

    if (!r)
        return;
    if (r->file != record->object + 1) {
        r->file = (uint8_t)(record->object + 1);
        r->reported = 0;
    }
    if (events & r->reported & ~r->woken)
        count(book, LAB_COUNT_REPEATS, task_of(book, record));
    r->reported |= events;
    r->woken &= (uint16_t)~events;
}

static void fold_wake(struct book *book, const struct sim_record *record)
{
    for (unsigned i = 0; i < book->lab->repeat_count; i++)
        if (book->repeat[i].file == record->object + 1)
            book->repeat[i].woken |= (uint16_t)record->value;
}

static void fold_fate(struct book *book, const struct sim_record *record, uint8_t bit)
{
    if (record->token)
        book->fate[record->token] |= bit;
}

static inline __attribute__((always_inline)) void fold(struct book *book,
                                                       const struct sim_record *record)
{
    switch (record->kind) {
    case SIM_EV_ARRIVE:
    case SIM_EV_PUT:
        fold_fate(book, record, LAB_FATE_ARRIVED);
        if (book->arrived)
            book->arrived[record->token / 64] |= UINT64_C(1) << record->token % 64;
        break;
    case SIM_EV_TX: /* what leaves through a device is read by the world */
    case SIM_EV_GOT:
        if (record->kind == SIM_EV_GOT)
            fold_read(book, record);
        else
            fold_fate(book, record, LAB_FATE_READ);
        break;
    case SIM_EV_DROP:
        if (record->value == SIM_DROP_OVERRUN)
            count(book, LAB_COUNT_OVERRUNS, record->object);
        fold_fate(book, record, LAB_FATE_GONE);
        break;
    case SIM_EV_FULL:
    case SIM_EV_LOSE:
        fold_fate(book, record, LAB_FATE_GONE);
        break;
    case SIM_EV_RUN:
        count(book, LAB_COUNT_RUNS, record->object);
        break;
    case SIM_EV_SPURIOUS:
        count(book, LAB_COUNT_SPURIOUS, record->object);
        break;
    case SIM_EV_RETURN:
    case SIM_EV_WOKEN:
        fold_return(book, record, record->kind == SIM_EV_WOKEN);
        break;
    case SIM_EV_REPORT:
        fold_report(book, record);
        break;
    case SIM_EV_WAKE:
        fold_wake(book, record);
        break;
    default:
        break;
    }
}

static struct book book_of(struct lab *lab)
{
    return (struct book){lab, lab->fate, lab->arrived, lab->counts, lab->counter, lab->repeat};
}

void lab_ledger_fold(struct lab *lab)
{
    struct book book;

    if (!(lab->trace.kinds & LAB_LEDGER_EVENTS))
        return;
    book = book_of(lab);
    for (const struct sim_record *record = lab->trace.records, *end = record + lab->trace.count;
         record < end; record++)
        if (LAB_LEDGER_EVENTS >> record->kind & 1)
            fold(&book, record);
}

static bool waits(uint8_t fate)
{
    return (fate & (LAB_FATE_ARRIVED | LAB_FATE_READ | LAB_FATE_WAITED)) == LAB_FATE_ARRIVED;
}

void lab_ledger_quiet(struct lab *lab)
{
    bool any = false;

    if (!lab->counts && !lab->program->late)
        return;
    for (unsigned i = 0; i < LAB_TOKENS / 64; i++) {
        for (uint64_t rest = lab->arrived[i]; rest; rest &= rest - 1) {
            unsigned token = i * 64 + (unsigned)__builtin_ctzll(rest);
            if (waits(lab->fate[token])) {
                lab->fate[token] |= LAB_FATE_WAITED;
                any = true;
            }
        }
        lab->arrived[i] = 0;
    }
    if (any)
        sim_trace(&lab->trace, SIM_EV_QUIET, 0, 0, 0);
}

static void fold_value(int64_t *watched, const struct sim_record *record)
{
    unsigned i = record->object & ~(unsigned)LAB_VALUE_HIGH;

    if (i >= LAB_VALUES_MAX)
        return;
    if (record->object & LAB_VALUE_HIGH)
        watched[i] = (int64_t)((uint64_t)record->value << 32 | (uint32_t)watched[i]);
    else
        watched[i] = (int32_t)record->value;
}

static void fold_end(struct lab_outcome *outcome, const struct lab_program *program,
                     const struct sim_record *record)
{
    switch (record->kind) {
    case SIM_EV_QUIET:
        for (unsigned token = 1; token <= program->tokens; token++)
            if (waits(outcome->fate[token]))
                outcome->fate[token] |= LAB_FATE_WAITED;
        break;
    case SIM_EV_LEFT:
        outcome->fate[record->token] |= LAB_FATE_LEFT;
        break;
    case SIM_EV_VALUE:
        fold_value(outcome->watched, record);
        break;
    case SIM_EV_END:
        outcome->end = (uint8_t)record->value;
        outcome->hang = record->value >> 8 & 1;
        outcome->fair = record->value >> 9 & 1;
        for (unsigned token = 1; token <= program->tokens && !outcome->fair; token++)
            if (lab_fate_lost(outcome->fate[token]))
                outcome->fate[token] &= (uint8_t)~LAB_FATE_ARRIVED;
        break;
    default:
        break;
    }
}

void lab_ledger_fold_records(const struct lab *lab, struct lab_outcome *outcome,
                             const struct sim_record *records, size_t n)
{
    struct book book = {lab, outcome->fate, 0, &outcome->counts, 0, lab->repeat};

    for (size_t i = 0; i < n; i++) {
        fold(&book, &records[i]);
        fold_end(outcome, lab->program, &records[i]);
    }
}
