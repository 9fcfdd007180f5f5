/*
 * sim/intc_aplic.c - the RISC-V advanced platform-level interrupt controller: a machine domain
 * with the wires, and a supervisor domain to which it delegates.
 *
 *   wire --(source mode: rectified)--> pending --(enabled)--> direct: topi, claimi, the hart
 *                                                   \-------> by message: identity to a hart
 *
 * Direct delivery: the pending bit of an edge is a latch, that of a level **is** the rectified
 * input; there is no end of interrupt.  By message (`aia=aplic-imsic`) a level sets pending
 * when it rises, and sending clears it: while it stays high nothing is sent again unless
 * setipnum says so.
 *
 * Source: RISC-V Advanced Interrupt Architecture 1.0, chapter 4; registers in sim/regs/aplic.h.
 * Where QEMU 7.2.22 knowingly differs there is a row in sim/policy.h.
 * Not modelled: big-endian domains, message addresses (identities go to the machine-level files
 * of the harts), genmsi, delivery by message from the supervisor domain.
 */
#include "sim/bus.h"
#include "sim/controller.h"
#include "sim/intc_aia.h"
#include "sim/line.h"
#include "sim/policy.h"
#include "sim/regs/aplic.h"
#include "sim/regs/board_riscv.h"

enum { MACHINE, SUPERVISOR, DOMAINS };

/* Pages of a domain, then those of the interrupt files. */
enum { PAGE_CONFIG, PAGE_BITS, PAGE_NUMBERS, PAGE_TARGETS, PAGE_IDC, PAGES };

enum { PART_CSR = DOMAINS * PAGES, PART_FILE };

/* Hot, per input and domain. */
enum { INPUT = 1, PENDING = 2, ENABLED = 4 };

/* Per domain. */
struct domain_hot {
    uint8_t output; /* a bit per hart, only where it lags (SIM_POLICY_APLIC_IFORCE_STICKS) */
    uint8_t force;  /* iforce, a bit per hart */
};

struct domain_cold {
    uint32_t ie;
    uint8_t delivery[SIM_CPUS_MAX];
    uint8_t threshold[SIM_CPUS_MAX];
};

struct input_cold {
    uint32_t target[DOMAINS];
    uint16_t config[DOMAINS];
};

static bool sends(const struct sim *sim)
{
    return sim->config->machine == SIM_MACHINE_RISCV_AIA;
}

/* ---------------------------------------------------------------------- where things lie */

static struct domain_hot *domain_of(const struct sim *sim, unsigned domain)
{
    return (struct domain_hot *)(void *)sim->ctl_hot + domain;
}

static struct domain_cold *domain_setup(const struct sim *sim, unsigned domain)
{
    return (struct domain_cold *)(void *)sim->ctl_cold + domain;
}

static uint8_t *state_of(const struct sim *sim, unsigned domain, unsigned line)
{
    return (uint8_t *)domain_of(sim, DOMAINS) + DOMAINS * line + domain;
}

static struct input_cold *input_setup(const struct sim *sim, unsigned line)
{
    return (struct input_cold *)(void *)domain_setup(sim, DOMAINS) + line;
}

struct sim_imsic_input *sim_aia_file_input(const struct sim *sim, unsigned line)
{
    return (struct sim_imsic_input *)(void *)state_of(sim, MACHINE, sim->lines) + line;
}

struct sim_imsic *sim_aia_file(const struct sim *sim, unsigned cpu)
{
    return (struct sim_imsic *)(void *)input_setup(sim, sim->lines) + cpu;
}

/* The line of a source + 1, or 0. */
static unsigned wired(const struct sim *sim, uint32_t source)
{
    return source && source < RISCV_APLIC_SOURCES ? sim->line_of_irq[source] : 0;
}

/* ----------------------------------------------------------------------------- sources */

static unsigned mode_of(const struct sim *sim, unsigned domain, unsigned line)
{
    unsigned config = input_setup(sim, line)->config[domain];

    return config & APLIC_SOURCECFG_D ? APLIC_SM_INACTIVE : config & APLIC_SOURCECFG_SM;
}

static bool is_level(unsigned mode)
{
    return mode == APLIC_SM_HIGH || mode == APLIC_SM_LOW;
}

/* Whose source it is: machine domain, the child, or a child that is not there. */
static unsigned owner_of(const struct sim *sim, unsigned line)
{
    unsigned config = input_setup(sim, line)->config[MACHINE];

    if (!(config & APLIC_SOURCECFG_D))
        return MACHINE;
    return config & APLIC_SOURCECFG_CHILD ? DOMAINS : SUPERVISOR;
}

/* The input as the source mode looks at it. */
static bool rectified(const struct sim *sim, unsigned domain, unsigned line)
{
    unsigned mode = mode_of(sim, domain, line);
    bool level = (*state_of(sim, domain, line) & INPUT) != 0;

    if (mode == APLIC_SM_INACTIVE ||
        (mode == APLIC_SM_DETACHED && !sim_policy(sim, SIM_POLICY_APLIC_DETACHED_SEES)))
        return false;
    return level != (mode == APLIC_SM_FALLING || mode == APLIC_SM_LOW);
}

/* Direct delivery: is the pending bit of this source its input? */
static bool follows_input(const struct sim *sim, unsigned mode)
{
    return is_level(mode) && !sends(sim) && !sim_policy(sim, SIM_POLICY_APLIC_LEVEL_STICKS);
}

static void store(struct sim *sim, unsigned domain, unsigned line, unsigned state)
{
    uint8_t *at = state_of(sim, domain, line);
    unsigned changed = *at ^ state;

    *at = (uint8_t)state;
    if (changed & PENDING && sim_input_traced(sim))
        sim_trace(sim->trace, SIM_EV_PENDING, sim->line_irq[line], (state & PENDING) != 0, 0);
}

static void set_pending(struct sim *sim, unsigned domain, unsigned line, bool value)
{
    unsigned state = *state_of(sim, domain, line);

    store(sim, domain, line, value ? state | PENDING : state & ~(unsigned)PENDING);
}

/* ------------------------------------------------------------------ which one is the best */

static unsigned priority_of(const struct sim *sim, unsigned domain, unsigned line)
{
    return input_setup(sim, line)->target[domain] & APLIC_PRIORITY_MASK;
}

/* The best source that @domain has for @cpu, or -1; ties go to the lowest. */
static int top(const struct sim *sim, unsigned domain, unsigned cpu)
{
    unsigned threshold = domain_setup(sim, domain)->threshold[cpu];
    unsigned lowest = threshold ? threshold : APLIC_TARGET_PRIORITY;
    int best = -1;

    for (unsigned line = 0; line < sim->lines; line++) {
        unsigned state = *state_of(sim, domain, line);
        unsigned hart = input_setup(sim, line)->target[domain] >> APLIC_TARGET_HART_SHIFT;
        if ((state & (PENDING | ENABLED)) != (PENDING | ENABLED) || hart != cpu)
            continue;
        if (priority_of(sim, domain, line) < lowest) {
            best = (int)line;
            lowest = priority_of(sim, domain, line);
        }
    }
    return best;
}

static uint32_t read_top(const struct sim *sim, unsigned domain, unsigned cpu)
{
    int line = top(sim, domain, cpu);

    if (line < 0)
        return 0;
    return (uint32_t)sim->line_irq[line] << APLIC_TOPI_SHIFT |
           priority_of(sim, domain, (unsigned)line);
}

static bool asks(const struct sim *sim, unsigned domain, unsigned cpu)
{
    const struct domain_cold *setup = domain_setup(sim, domain);

    return setup->ie && setup->delivery[cpu] &&
           (domain_of(sim, domain)->force >> cpu & 1 || top(sim, domain, cpu) >= 0);
}

/* The outputs are worked out again, where they are not a function of the state. */
static void update(struct sim *sim, unsigned domain)
{
    unsigned output = 0;

    if (!sim_policy(sim, SIM_POLICY_APLIC_IFORCE_STICKS))
        return;
    for (unsigned cpu = 0; cpu < sim->cpus; cpu++)
        output |= (unsigned)asks(sim, domain, cpu) << cpu;
    domain_of(sim, domain)->output = (uint8_t)output;
}

/* Bit 0 machine mode, bit 1 supervisor mode. */
static unsigned output(const struct sim *sim, unsigned cpu)
{
    unsigned found = 0;

    if (sends(sim))
        return sim_imsic_output(sim, cpu);
    for (unsigned domain = 0; domain < DOMAINS; domain++) {
        bool on = sim_policy(sim, SIM_POLICY_APLIC_IFORCE_STICKS)
                      ? domain_of(sim, domain)->output >> cpu & 1
                      : asks(sim, domain, cpu);
        found |= (unsigned)on << domain;
    }
    return found;
}

static int best(const struct sim *sim, unsigned cpu)
{
    return sends(sim) ? sim_imsic_best(sim, cpu) : top(sim, MACHINE, cpu);
}

/* ------------------------------------------------------------- requests, claims, messages */

/* By message: what is pending and enabled goes, and is pending no more. */
static void send(struct sim *sim, unsigned line)
{
    uint32_t target = input_setup(sim, line)->target[MACHINE];

    if (!sends(sim) || !domain_setup(sim, MACHINE)->ie ||
        (*state_of(sim, MACHINE, line) & (PENDING | ENABLED)) != (PENDING | ENABLED))
        return;
    set_pending(sim, MACHINE, line, false);
    sim_imsic_message(sim, target >> APLIC_TARGET_HART_SHIFT, target & APLIC_TARGET_EIID);
}

static void send_all(struct sim *sim)
{
    for (unsigned line = 0; line < sim->lines; line++)
        send(sim, line);
}

/* The wire of a source of @domain has @level. */
static void request(struct sim *sim, unsigned domain, unsigned line, bool level)
{
    unsigned mode = mode_of(sim, domain, line);
    unsigned state = *state_of(sim, domain, line);
    bool before = rectified(sim, domain, line);
    bool told = is_level(mode) && sim_policy(sim, SIM_POLICY_APLIC_LEVEL_STICKS);
    bool after;

    *state_of(sim, domain, line) = (uint8_t)(level ? state | INPUT : state & ~(unsigned)INPUT);
    after = mode >= APLIC_SM_RISING && rectified(sim, domain, line);
    if (follows_input(sim, mode)) {
        set_pending(sim, domain, line, after);
    } else if (after && (!before || told) && !(state & PENDING)) {
        set_pending(sim, domain, line, true);
        if (domain == MACHINE)
            send(sim, line);
        update(sim, domain);
    }
}

static void input(struct sim *sim, unsigned line, bool level)
{
    unsigned owner = owner_of(sim, line);

    for (unsigned domain = 0; domain < DOMAINS; domain++) {
        uint8_t *state = state_of(sim, domain, line);
        if (domain == owner)
            request(sim, domain, line, level);
        else if (!sim_policy(sim, SIM_POLICY_APLIC_OWNER_SEES))
            *state = (uint8_t)(level ? *state | INPUT : *state & ~(unsigned)INPUT);
    }
}

static uint32_t claim(struct sim *sim, unsigned domain, unsigned cpu)
{
    struct domain_hot *hot = domain_of(sim, domain);
    uint32_t value = read_top(sim, domain, cpu);
    int line = top(sim, domain, cpu);

    if (line < 0) {
        hot->force &= (uint8_t) ~(1u << cpu);
        return 0;
    }
    set_pending(sim, domain, (unsigned)line,
                is_level(mode_of(sim, domain, (unsigned)line)) &&
                    rectified(sim, domain, (unsigned)line));
    update(sim, domain);
    return value;
}

/* ----------------------------------------------------------------------------- registers */

/* setip, setipnum and the like: software's hand on the pending bit. */
static void write_pending(struct sim *sim, unsigned domain, unsigned line, bool value)
{
    unsigned mode = mode_of(sim, domain, line);
    bool before = (*state_of(sim, domain, line) & PENDING) != 0;

    if (mode == APLIC_SM_INACTIVE)
        return;
    if (is_level(mode) && (!sends(sim) || (value && !rectified(sim, domain, line))))
        return;
    set_pending(sim, domain, line, value);
    if (before && !value)
        sim_line_forgotten(sim, line);
}

static void write_enabled(struct sim *sim, unsigned domain, unsigned line, bool value)
{
    uint8_t *state = state_of(sim, domain, line);

    if (mode_of(sim, domain, line) == APLIC_SM_INACTIVE)
        return;
    *state = (uint8_t)(value ? *state | ENABLED : *state & ~(unsigned)ENABLED);
}

/* What sourcecfg keeps of @value. */
static uint32_t legal_config(const struct sim *sim, unsigned domain, unsigned line,
                             uint32_t value)
{
    bool raw = sim_policy(sim, SIM_POLICY_APLIC_RAW);

    if (value & APLIC_SOURCECFG_D) {
        if (domain != MACHINE)
            return 0;
        return value & (APLIC_SOURCECFG_D | (raw ? APLIC_SOURCECFG_CHILD : 0));
    }
    if (domain == SUPERVISOR && owner_of(sim, line) != SUPERVISOR && !raw)
        return 0;
    value &= APLIC_SOURCECFG_SM;
    return !raw && (value == 2 || value == 3) ? 0 : value;
}

/* An inactive source is nothing; an active one may find its input on. */
static void configure(struct sim *sim, unsigned domain, unsigned line, uint32_t value)
{
    struct input_cold *setup = input_setup(sim, line);
    unsigned before = setup->config[domain];

    setup->config[domain] = (uint16_t)legal_config(sim, domain, line, value);
    if (mode_of(sim, domain, line) == APLIC_SM_INACTIVE &&
        (setup->config[domain] & APLIC_SOURCECFG_D || !setup->config[domain])) {
        *state_of(sim, domain, line) &= (uint8_t)~ENABLED;
        set_pending(sim, domain, line, false);
        if (!sim_policy(sim, SIM_POLICY_APLIC_RAW))
            setup->target[domain] = 0;
    } else if (follows_input(sim, mode_of(sim, domain, line))) {
        set_pending(sim, domain, line, rectified(sim, domain, line));
    } else if (rectified(sim, domain, line)) {
        set_pending(sim, domain, line, true);
    }
    if (!sim_policy(sim, SIM_POLICY_APLIC_RAW) && before & APLIC_SOURCECFG_D &&
        !(setup->config[domain] & APLIC_SOURCECFG_D))
        configure(sim, SUPERVISOR, line, 0);
}

static void write_target(struct sim *sim, unsigned domain, unsigned line, uint32_t value)
{
    uint32_t priority = value & APLIC_PRIORITY_MASK;
    uint32_t rest = value & ~APLIC_TARGET_PRIORITY;

    if (sends(sim)) {
        input_setup(sim, line)->target[domain] = value;
        return;
    }
    if (!sim_policy(sim, SIM_POLICY_APLIC_RAW)) {
        rest = rest >> APLIC_TARGET_HART_SHIFT < sim->cpus
                   ? rest >> APLIC_TARGET_HART_SHIFT << APLIC_TARGET_HART_SHIFT
                   : 0;
        if (mode_of(sim, domain, line) == APLIC_SM_INACTIVE)
            return;
    }
    input_setup(sim, line)->target[domain] = rest | (priority ? priority : 1);
}

/* What reads as a word of bits from source @first on. */
static uint32_t read_bits(const struct sim *sim, unsigned domain, unsigned first, uint32_t bank)
{
    uint32_t value = 0;

    for (unsigned line = 0; line < sim->lines; line++) {
        unsigned at = sim->line_irq[line] - first;
        unsigned state = *state_of(sim, domain, line);
        bool bit = bank == APLIC_SETIP      ? (state & PENDING) != 0
                   : bank == APLIC_IN_CLRIP ? rectified(sim, domain, line)
                                            : (state & ENABLED) != 0;
        if (at < 32 && sim->line_irq[line] && bit)
            value |= UINT32_C(1) << at;
    }
    return value;
}

static void write_bit(struct sim *sim, unsigned domain, unsigned line, uint32_t bank)
{
    if (bank == APLIC_SETIP || bank == APLIC_IN_CLRIP)
        write_pending(sim, domain, line, bank == APLIC_SETIP);
    else
        write_enabled(sim, domain, line, bank == APLIC_SETIE);
}

static void write_bits(struct sim *sim, unsigned domain, unsigned first, uint32_t bank,
                       uint32_t value)
{
    for (unsigned line = 0; line < sim->lines; line++) {
        unsigned at = sim->line_irq[line] - first;
        if (at < 32 && sim->line_irq[line] && value >> at & 1)
            write_bit(sim, domain, line, bank);
    }
}

/* The bank of an offset in the page of bits, and where in it; 0: none. */
static uint32_t bank_of(uint32_t offset, uint32_t *ret_at)
{
    *ret_at = offset % 0x100;
    return offset >= APLIC_SETIP - 0x1000 ? 0x1000 + offset / 0x100 * 0x100 : 0;
}

enum { BITS_BYTES = APLIC_BIT_WORDS * 4, BY_NUMBER = 0xdc };

static uint32_t bad(struct sim *sim, unsigned part, uint32_t offset)
{
    return sim_bus_bad(sim, (part < PAGES ? RISCV_APLICM_BASE : RISCV_APLICS_BASE) +
                                part % PAGES * 0x1000 + offset);
}

static uint32_t read_idc(struct sim *sim, unsigned domain, uint32_t offset, bool *ret_bad)
{
    const struct domain_cold *setup = domain_setup(sim, domain);
    unsigned cpu = offset / APLIC_IDC_STRIDE;

    if (cpu < sim->cpus && !sends(sim)) {
        switch (offset % APLIC_IDC_STRIDE) {
        case APLIC_IDELIVERY:
            return setup->delivery[cpu];
        case APLIC_IFORCE:
            return domain_of(sim, domain)->force >> cpu & 1;
        case APLIC_ITHRESHOLD:
            return setup->threshold[cpu];
        case APLIC_TOPI:
            return read_top(sim, domain, cpu);
        case APLIC_CLAIMI:
            return claim(sim, domain, cpu);
        default:
            break;
        }
    }
    *ret_bad = true;
    return 0;
}

static uint32_t read_domain(struct sim *sim, unsigned part, uint32_t offset)
{
    unsigned domain = part / PAGES;
    unsigned line = wired(sim, offset / 4);
    bool is_bad = false;
    uint32_t at, bank, value = 0;

    switch (part % PAGES) {
    case PAGE_CONFIG:
        if (!offset)
            return APLIC_DOMAINCFG_RO | domain_setup(sim, domain)->ie |
                   (sends(sim) ? APLIC_DOMAINCFG_DM : 0);
        is_bad = offset / 4 >= RISCV_APLIC_SOURCES;
        return is_bad ? bad(sim, part, offset)
                      : (line ? input_setup(sim, line - 1)->config[domain] : 0);
    case PAGE_BITS:
        bank = bank_of(offset, &at);
        if (bank && bank != APLIC_CLRIE && at < BITS_BYTES)
            return read_bits(sim, domain, at * 8, bank);
        return bank && (at < BITS_BYTES || at == BY_NUMBER) ? 0 : bad(sim, part, offset);
    case PAGE_NUMBERS:
        return offset > 4 ? bad(sim, part, offset) : 0;
    case PAGE_TARGETS:
        is_bad = offset / 4 >= RISCV_APLIC_SOURCES;
        return is_bad ? bad(sim, part, offset)
                      : (line ? input_setup(sim, line - 1)->target[domain] : 0);
    default:
        value = read_idc(sim, domain, offset, &is_bad);
        return is_bad ? bad(sim, part, offset) : value;
    }
}

static bool write_idc(struct sim *sim, unsigned domain, uint32_t offset, uint32_t value)
{
    struct domain_cold *setup = domain_setup(sim, domain);
    struct domain_hot *hot = domain_of(sim, domain);
    unsigned cpu = offset / APLIC_IDC_STRIDE;

    if (cpu >= sim->cpus || sends(sim))
        return false;
    switch (offset % APLIC_IDC_STRIDE) {
    case APLIC_IDELIVERY:
        setup->delivery[cpu] = value & 1;
        return true;
    case APLIC_IFORCE:
        hot->force = (uint8_t)((hot->force & ~(1u << cpu)) | (value & 1) << cpu);
        return true;
    case APLIC_ITHRESHOLD:
        setup->threshold[cpu] = value & APLIC_PRIORITY_MASK;
        return true;
    default:
        return false;
    }
}

/* A register that names the source it is about. */
static void write_number(struct sim *sim, unsigned domain, uint32_t bank, uint32_t source)
{
    unsigned line = wired(sim, source);

    if (line)
        write_bit(sim, domain, line - 1, bank);
}

/* False: there is no such register. */
static bool write_domain(struct sim *sim, unsigned part, uint32_t offset, uint32_t value)
{
    unsigned domain = part / PAGES;
    unsigned line = wired(sim, offset / 4);
    uint32_t at, bank;

    switch (part % PAGES) {
    case PAGE_CONFIG:
        if (!offset)
            domain_setup(sim, domain)->ie = value & APLIC_DOMAINCFG_IE;
        else if (line)
            configure(sim, domain, line - 1, value);
        return offset / 4 < RISCV_APLIC_SOURCES;
    case PAGE_BITS:
        bank = bank_of(offset, &at);
        if (bank && at == BY_NUMBER)
            write_number(sim, domain, bank, value);
        else if (bank && at < BITS_BYTES)
            write_bits(sim, domain, at * 8, bank, value);
        return bank && (at == BY_NUMBER || at < BITS_BYTES);
    case PAGE_NUMBERS:
        if (offset <= 4)
            write_number(sim, domain, APLIC_SETIP, offset ? __builtin_bswap32(value) : value);
        return offset <= 4;
    case PAGE_TARGETS:
        if (line)
            write_target(sim, domain, line - 1, value);
        return offset / 4 < RISCV_APLIC_SOURCES;
    default:
        return write_idc(sim, domain, offset, value);
    }
}

static uint32_t read(struct sim *sim, unsigned cpu, unsigned part, uint32_t offset,
                     unsigned size)
{
    if (part == PART_CSR)
        return sim_imsic_read(sim, cpu, offset, size);
    if (part >= PART_FILE)
        return offset == IMSIC_SETEIPNUM_LE ? 0 : sim_bus_bad(sim, RISCV_IMSICM_BASE + offset);
    return size == 4 ? read_domain(sim, part, offset) : bad(sim, part, offset);
}

static void write(struct sim *sim, unsigned cpu, unsigned part, uint32_t offset, unsigned size,
                  uint32_t value)
{
    if (part == PART_CSR) {
        sim_imsic_write(sim, cpu, offset, size, value);
    } else if (part >= PART_FILE) {
        if (size == 4 && offset == IMSIC_SETEIPNUM_LE)
            sim_imsic_message(sim, part - PART_FILE, value);
        else
            sim_bus_bad(sim, RISCV_IMSICM_BASE + offset);
    } else if (size == 4 && write_domain(sim, part, offset, value)) {
        send_all(sim);
        update(sim, part / PAGES);
    } else {
        bad(sim, part, offset);
    }
}

/* ------------------------------------------------------------------------ the controller */

static unsigned inputs(const struct sim *sim)
{
    (void)sim;
    return RISCV_APLIC_SOURCES;
}

/* A hart's file has a page, and its first word is the doorbell. */
static void message(struct sim *sim, uint32_t address, uint32_t data)
{
    uint32_t offset = address - RISCV_IMSICM_BASE;

    if (sends(sim) && offset % 0x1000 == IMSIC_SETEIPNUM_LE)
        sim_imsic_message(sim, offset / 0x1000, data);
}

static bool remembers(const struct sim *sim, unsigned line)
{
    unsigned owner = owner_of(sim, line);

    return (owner < DOMAINS && *state_of(sim, owner, line) & PENDING) ||
           (sends(sim) && sim_imsic_holds(sim, line));
}

static void reset(struct sim *sim)
{
    for (unsigned line = 0; line < sim->lines; line++)
        for (unsigned domain = 0; domain < DOMAINS; domain++)
            if (sim_policy(sim, SIM_POLICY_APLIC_RAW))
                input_setup(sim, line)->target[domain] = 1;
}

static uint32_t hot_bytes(const struct sim *sim)
{
    uint32_t files = sends(sim) ? sim->lines * (uint32_t)sizeof(struct sim_imsic_input) : 0;

    return (uint32_t)(DOMAINS * sizeof(struct domain_hot)) + DOMAINS * sim->lines + files;
}

static uint32_t cold_bytes(const struct sim *sim)
{
    uint32_t files = sends(sim) ? sim->cpus * (uint32_t)sizeof(struct sim_imsic) : 0;

    return (uint32_t)(DOMAINS * sizeof(struct domain_cold) +
                      sim->lines * sizeof(struct input_cold)) +
           files;
}

static void map(struct sim *sim)
{
    for (unsigned page = 0; page < PAGES; page++) {
        sim_bus_map(sim, RISCV_APLICM_BASE + page * 0x1000, SIM_PAGE_CONTROLLER, page);
        sim_bus_map(sim, RISCV_APLICS_BASE + page * 0x1000, SIM_PAGE_CONTROLLER, PAGES + page);
    }
    if (!sends(sim))
        return;
    sim_bus_map(sim, RISCV_CSR_BASE, SIM_PAGE_CONTROLLER, PART_CSR);
    for (unsigned cpu = 0; cpu < sim->cpus; cpu++)
        sim_bus_map(sim, RISCV_IMSICM_BASE + cpu * 0x1000, SIM_PAGE_CONTROLLER,
                    PART_FILE + cpu);
}

const struct sim_controller_ops sim_intc_aplic = {
    .name = "aplic",
    .hot_bytes = hot_bytes,
    .cold_bytes = cold_bytes,
    .map = map,
    .reset = reset,
    .input = input,
    .message = message,
    .read = read,
    .write = write,
    .inputs = inputs,
    .best = best,
    .output = output,
    .remembers = remembers,
};
