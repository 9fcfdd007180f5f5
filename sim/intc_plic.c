/*
 * sim/intc_plic.c - the RISC-V platform-level interrupt controller, as on QEMU's `virt`.
 *
 *   wire --> gateway --> IP --(enabled here, priority above the threshold)--> context
 *               ^                       \---- claim ---->  handler  ---- complete ---\
 *               \-----------------------------------------------------------------------/
 *
 * The gateway of a source forwards one request: IP is set when its wire is high, and nothing
 * more reaches IP until the handler has completed.  Then a wire that is still high is a new
 * request.  A request is not taken back when the wire falls.
 *
 * Source: RISC-V PLIC Specification 1.0.0; registers in sim/regs/plic.h.  Where QEMU 7.2.22 or
 * Renode knowingly differ there is a row in sim/policy.h.
 * Not modelled: gateways for edges, which the specification allows and the board does not have.
 */
#include "sim/bus.h"
#include "sim/controller.h"
#include "sim/line.h"
#include "sim/policy.h"
#include "sim/regs/board_riscv.h"
#include "sim/regs/plic.h"

enum { PART_PRIORITY, PART_PENDING, PART_ENABLE, PART_CONTEXT };

enum {
    MODES = 2, /* contexts of a hart: machine, supervisor */
    CONTEXTS_MAX = MODES * SIM_CPUS_MAX,
    PRIORITY_WORDS = RISCV_SOURCES,
    BIT_WORDS = RISCV_SOURCES / 32
};

/* Hot, per input. */
enum {
    LEVEL = 1,
    PENDING = 2, /* IP */
    CLAIMED = 4  /* taken, not yet completed */
};

struct input_hot {
    uint8_t state;
    uint8_t enabled; /* a bit per context */
};

/* In front of the inputs. */
struct plic_hot {
    uint8_t output; /* a bit per context, only where it lags (SIM_POLICY_PLIC_ENABLE_LAGS) */
    uint8_t zero;
};

/* In front of the priorities, a byte per input. */
struct plic_cold {
    uint8_t threshold[CONTEXTS_MAX];
    uint8_t beyond; /* the word behind the last priority (SIM_POLICY_PLIC_PRIORITY_BEYOND) */
};

static struct plic_hot *hot_of(const struct sim *sim)
{
    return (struct plic_hot *)(void *)sim->ctl_hot;
}

static struct input_hot *input_of(const struct sim *sim, unsigned line)
{
    return (struct input_hot *)(void *)(sim->ctl_hot + sizeof(struct plic_hot)) + line;
}

static struct plic_cold *cold_of(const struct sim *sim)
{
    return (struct plic_cold *)(void *)sim->ctl_cold;
}

static uint8_t *priority_of(const struct sim *sim, unsigned line)
{
    return sim->ctl_cold + sizeof(struct plic_cold) + line;
}

static unsigned contexts(const struct sim *sim)
{
    return MODES * sim->cpus;
}

/* ------------------------------------------------------------------ which one is the best */

/* The best enabled request whose priority is above @least, or -1; ties go to the lowest ID. */
static int best_above(const struct sim *sim, unsigned context, unsigned least)
{
    int best = -1;

    for (unsigned line = 0; line < sim->lines; line++) {
        const struct input_hot *input = input_of(sim, line);
        if ((input->state & (PENDING | CLAIMED)) != PENDING || !(input->enabled >> context & 1))
            continue;
        if (*priority_of(sim, line) > least) {
            best = (int)line;
            least = *priority_of(sim, line);
        }
    }
    return best;
}

/* What @context asks its hart for, or -1. */
static int requested(const struct sim *sim, unsigned context)
{
    return best_above(sim, context, cold_of(sim)->threshold[context]);
}

/* What a claim by @context would take, or -1. */
static int claimable(const struct sim *sim, unsigned context)
{
    if (sim_policy(sim, SIM_POLICY_PLIC_CLAIM_THRESHOLD))
        return requested(sim, context);
    return best_above(sim, context, 0);
}

/* The contexts that ask: bit 0 machine mode, bit 1 supervisor mode of @cpu. */
static unsigned output(const struct sim *sim, unsigned cpu)
{
    unsigned asks = 0;

    if (sim_policy(sim, SIM_POLICY_PLIC_ENABLE_LAGS))
        return (unsigned)hot_of(sim)->output >> cpu * MODES & ((1u << MODES) - 1);
    for (unsigned mode = 0; mode < MODES; mode++)
        if (requested(sim, cpu * MODES + mode) >= 0)
            asks |= 1u << mode;
    return asks;
}

static int best(const struct sim *sim, unsigned cpu)
{
    return claimable(sim, cpu * MODES);
}

/* The outputs are worked out again, where they are not a function of the state. */
static void update(struct sim *sim)
{
    unsigned asks = 0;

    if (!sim_policy(sim, SIM_POLICY_PLIC_ENABLE_LAGS))
        return;
    for (unsigned context = 0; context < contexts(sim); context++)
        if (requested(sim, context) >= 0)
            asks |= 1u << context;
    hot_of(sim)->output = (uint8_t)asks;
}

/* ------------------------------------------------------------------- gateway and claims */

/* Stores the new state of an input and records what changed. */
static void store(struct sim *sim, unsigned line, unsigned state)
{
    struct input_hot *input = input_of(sim, line);
    unsigned changed = input->state ^ state;
    unsigned irq = sim->line_irq[line];

    input->state = (uint8_t)state;
    if (!sim_input_traced(sim))
        return;
    if (changed & PENDING)
        sim_trace(sim->trace, SIM_EV_PENDING, irq, (state & PENDING) != 0, 0);
    if (changed & CLAIMED)
        sim_trace(sim->trace, SIM_EV_ACTIVE, irq, (state & CLAIMED) != 0, 0);
}

/* The gateway sees a high wire: does it forward a request? */
static bool forwards(const struct sim *sim, unsigned line)
{
    const struct input_hot *input = input_of(sim, line);

    if (sim_policy(sim, SIM_POLICY_PLIC_FORGETS_DISABLED) && !input->enabled)
        return false;
    return sim_policy(sim, SIM_POLICY_PLIC_NO_GATEWAY) || !(input->state & (PENDING | CLAIMED));
}

static void input(struct sim *sim, unsigned line, bool level)
{
    unsigned state = input_of(sim, line)->state & ~(unsigned)LEVEL;

    if (!sim->line_irq[line] && !sim_policy(sim, SIM_POLICY_PLIC_SOURCE_0))
        return;
    if (level)
        state |= LEVEL;
    if (level && forwards(sim, line))
        state |= PENDING;
    else if (level && !(input_of(sim, line)->state & LEVEL) && !input_of(sim, line)->enabled)
        sim_trace(sim->trace, SIM_EV_IGNORED, sim->line_irq[line], 2, 0);
    store(sim, line, state);
    if (level)
        update(sim);
}

static uint32_t claim(struct sim *sim, unsigned context)
{
    int line = claimable(sim, context);

    if (line >= 0)
        store(sim, (unsigned)line,
              (input_of(sim, (unsigned)line)->state & ~(unsigned)PENDING) | CLAIMED);
    update(sim);
    return line < 0 ? 0 : sim->line_irq[line];
}

static void complete(struct sim *sim, unsigned context, uint32_t id)
{
    unsigned line = id < RISCV_SOURCES ? sim->line_of_irq[id] : 0;

    if (line--) {
        struct input_hot *input = input_of(sim, line);
        unsigned state = input->state & ~(unsigned)CLAIMED;
        if (!(input->enabled >> context & 1) && !sim_policy(sim, SIM_POLICY_PLIC_COMPLETE_ANY))
            return;
        if (state & LEVEL && !sim_policy(sim, SIM_POLICY_PLIC_NO_GATEWAY))
            state |= PENDING;
        store(sim, line, state);
    }
    if (id < RISCV_SOURCES)
        update(sim);
}

/* -------------------------------------------------------------------------- registers */

/* A word of bits, one per input: bit @mask of state or, for an enable, of enabled. */
static uint32_t read_bits(const struct sim *sim, unsigned word, bool enables, unsigned mask)
{
    uint32_t value = 0;

    for (unsigned line = 0; line < sim->lines; line++) {
        const struct input_hot *input = input_of(sim, line);
        unsigned irq = sim->line_irq[line];
        if (irq / 32 == word && (enables ? input->enabled : input->state) & mask)
            value |= UINT32_C(1) << irq % 32;
    }
    return value;
}

static void write_enables(struct sim *sim, unsigned context, unsigned word, uint32_t value)
{
    for (unsigned line = 0; line < sim->lines; line++) {
        struct input_hot *input = input_of(sim, line);
        unsigned irq = sim->line_irq[line];
        if (irq / 32 != word || (!irq && !sim_policy(sim, SIM_POLICY_PLIC_SOURCE_0)))
            continue;
        input->enabled &= (uint8_t) ~(1u << context);
        input->enabled |= (uint8_t)((value >> irq % 32 & 1) << context);
    }
}

/* The byte behind a priority register, or 0. */
static uint8_t *priority_at(const struct sim *sim, uint32_t offset)
{
    unsigned irq = offset / 4;

    if (irq == PRIORITY_WORDS && sim_policy(sim, SIM_POLICY_PLIC_PRIORITY_BEYOND))
        return &cold_of(sim)->beyond;
    if (!irq || irq >= PRIORITY_WORDS || !sim->line_of_irq[irq])
        return 0;
    return priority_of(sim, sim->line_of_irq[irq] - 1u);
}

static uint32_t bad(struct sim *sim, unsigned part, uint32_t offset)
{
    if (part >= PART_CONTEXT)
        offset += PLIC_THRESHOLD + (part - PART_CONTEXT) * PLIC_CONTEXT_STRIDE;
    else
        offset += part * 0x1000;
    return sim_bus_bad(sim, RISCV_PLIC_BASE + offset);
}

static uint32_t read(struct sim *sim, unsigned cpu, unsigned part, uint32_t offset,
                     unsigned size)
{
    unsigned word = offset / 4;
    unsigned context = part >= PART_CONTEXT ? part - PART_CONTEXT : offset / PLIC_ENABLE_STRIDE;

    (void)cpu;
    if (size != 4)
        return bad(sim, part, offset);
    switch (part) {
    case PART_PRIORITY:
        if (priority_at(sim, offset))
            return *priority_at(sim, offset);
        return word < PRIORITY_WORDS ? 0 : bad(sim, part, offset);
    case PART_PENDING:
        return word < BIT_WORDS ? read_bits(sim, word, false, PENDING) : bad(sim, part, offset);
    case PART_ENABLE:
        word = offset % PLIC_ENABLE_STRIDE / 4;
        if (context < contexts(sim) && word < BIT_WORDS)
            return read_bits(sim, word, true, 1u << context);
        return bad(sim, part, offset);
    default:
        if (!word)
            return cold_of(sim)->threshold[context];
        return word == 1 ? claim(sim, context) : bad(sim, part, offset);
    }
}

static void write(struct sim *sim, unsigned cpu, unsigned part, uint32_t offset, unsigned size,
                  uint32_t value)
{
    unsigned word = offset / 4;
    unsigned context = part >= PART_CONTEXT ? part - PART_CONTEXT : offset / PLIC_ENABLE_STRIDE;

    (void)cpu;
    if (size == 4 && part == PART_PRIORITY && priority_at(sim, offset)) {
        *priority_at(sim, offset) = value & PLIC_PRIORITY_MASK;
        update(sim);
    } else if (size == 4 && part == PART_ENABLE && context < contexts(sim) &&
               offset % PLIC_ENABLE_STRIDE / 4 < BIT_WORDS) {
        write_enables(sim, context, offset % PLIC_ENABLE_STRIDE / 4, value);
    } else if (size == 4 && part >= PART_CONTEXT && word == 0) {
        cold_of(sim)->threshold[context] = value & PLIC_PRIORITY_MASK;
        update(sim);
    } else if (size == 4 && part >= PART_CONTEXT && word == 1) {
        complete(sim, context, value);
    } else if (size != 4 || part != PART_PRIORITY || word >= PRIORITY_WORDS) {
        bad(sim, part, offset);
    }
}

/* ------------------------------------------------------------------------ the controller */

static unsigned inputs(const struct sim *sim)
{
    (void)sim;
    return RISCV_SOURCES;
}

static bool remembers(const struct sim *sim, unsigned line)
{
    return (input_of(sim, line)->state & PENDING) != 0;
}

static void reset(struct sim *sim)
{
    (void)sim;
}

static uint32_t hot_bytes(const struct sim *sim)
{
    return (uint32_t)(sizeof(struct plic_hot) + sim->lines * sizeof(struct input_hot));
}

static uint32_t cold_bytes(const struct sim *sim)
{
    return (uint32_t)sizeof(struct plic_cold) + sim->lines;
}

static void map(struct sim *sim)
{
    sim_bus_map(sim, RISCV_PLIC_BASE + PLIC_PRIORITY, SIM_PAGE_CONTROLLER, PART_PRIORITY);
    sim_bus_map(sim, RISCV_PLIC_BASE + PLIC_PENDING, SIM_PAGE_CONTROLLER, PART_PENDING);
    sim_bus_map(sim, RISCV_PLIC_BASE + PLIC_ENABLE, SIM_PAGE_CONTROLLER, PART_ENABLE);
    for (unsigned context = 0; context < contexts(sim); context++)
        sim_bus_map(sim, RISCV_PLIC_BASE + PLIC_THRESHOLD + context * PLIC_CONTEXT_STRIDE,
                    SIM_PAGE_CONTROLLER, PART_CONTEXT + context);
}

const struct sim_controller_ops sim_intc_plic = {
    .name = "plic",
    .hot_bytes = hot_bytes,
    .cold_bytes = cold_bytes,
    .map = map,
    .reset = reset,
    .input = input,
    .read = read,
    .write = write,
    .inputs = inputs,
    .best = best,
    .output = output,
    .remembers = remembers,
};
