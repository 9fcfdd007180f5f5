/*
 * sim/intc_i8259.c - two Intel 8259A programmable interrupt controllers, master and slave, with
 * the edge and level control registers of a PC.
 *
 *   input --> edge detector or level --> IRR --(not IMR, better than ISR)--> INT
 *                                         \---- acknowledge ----> ISR ---- EOI ---->
 *
 * IRR is set by a rising edge or follows a level.  The acknowledge takes the best request: an
 * edge leaves IRR, a level stays there as long as its wire is high; either goes to ISR, which
 * holds back what is not better until an end of interrupt.  A request that has gone by then is
 * handed out as input 7, without a bit in ISR.
 *
 * Source: Intel 8259A data sheet (231468); 82371AB (PIIX4) 4.2 for ELCR; registers in
 * sim/regs/i8259.h.  Where QEMU 7.2.22 knowingly differs there is a row in sim/policy.h.
 * Not modelled: 8080 mode, buffered mode, a slave address other than 2.
 */
#include "sim/intc_i8259.h"

#include "sim/bus.h"
#include "sim/controller.h"
#include "sim/line.h"
#include "sim/output.h"
#include "sim/policy.h"
#include "sim/regs/board_pc.h"
#include "sim/regs/i8259.h"

enum { MASTER, SLAVE, CHIPS, INPUTS = 8, SPURIOUS_INPUT = 7, NORMAL = 0 };

/* Bits of control; INT only where the output lags behind (SIM_POLICY_I8259_INT_LAGS). */
enum { READ_ISR = 1, POLL = 2, SPECIAL_MASK = 4, ROTATE_ON_AEOI = 8, INT = 16 };

_Static_assert(sizeof(struct sim_i8259_hot) * CHIPS == SIM_I8259_HOT_BYTES, "no padding");
_Static_assert(sizeof(struct sim_i8259_cold) * CHIPS == SIM_I8259_COLD_BYTES, "no padding");

/* ------------------------------------------------------------------ which one is the best */

/* How many inputs come before the best one of @set; INPUTS if it is empty. */
static unsigned rank(const struct sim_i8259_hot *chip, unsigned set)
{
    for (unsigned i = 0; i < INPUTS; i++)
        if (set >> ((chip->lowest + 1u + i) % INPUTS) & 1)
            return i;
    return INPUTS;
}

static unsigned input_at(const struct sim_i8259_hot *chip, unsigned rank)
{
    return (chip->lowest + 1u + rank) % INPUTS;
}

/* The input that @chip asks for, or -1. */
static int requested(const struct sim_i8259 *pics, unsigned chip)
{
    const struct sim_i8259_hot *hot = &pics->hot[chip];
    unsigned serving = hot->isr;
    unsigned best = rank(hot, hot->irr & ~(unsigned)hot->imr);

    if (hot->control & SPECIAL_MASK)
        serving &= ~(unsigned)hot->imr;
    if (chip == MASTER && pics->cold[chip].icw4 & I8259_ICW4_SFNM)
        serving &= ~(1u << PC_CASCADE_IRQ);
    return best < rank(hot, serving) ? (int)input_at(hot, best) : -1;
}

bool sim_i8259_asks(const struct sim_i8259 *pics)
{
    return requested(pics, MASTER) >= 0;
}

bool sim_i8259_output(const struct sim *sim, const struct sim_i8259 *pics)
{
    if (sim_policy(sim, SIM_POLICY_I8259_INT_LAGS))
        return (pics->hot[MASTER].control & INT) != 0;
    return requested(pics, MASTER) >= 0;
}

int sim_i8259_best(const struct sim_i8259 *pics)
{
    int input = requested(pics, MASTER);

    if (input != PC_CASCADE_IRQ)
        return input;
    input = requested(pics, SLAVE);
    return input < 0 ? -1 : INPUTS + input;
}

/* --------------------------------------------------------------------------- requests */

/* The inputs of @chip that are levels. */
static unsigned levels(const struct sim *sim, const struct sim_i8259 *pics, unsigned chip)
{
    const struct sim_i8259_cold *cold = &pics->cold[chip];

    if (cold->icw1 & I8259_ICW1_LTIM && !sim_policy(sim, SIM_POLICY_I8259_NO_LTIM))
        return 0xff;
    return cold->elcr;
}

/* Stores IRR and ISR and records what changed. */
static void store(struct sim *sim, const struct sim_i8259 *pics, unsigned chip, unsigned irr,
                  unsigned isr)
{
    struct sim_i8259_hot *hot = &pics->hot[chip];
    unsigned requests = hot->irr ^ irr;
    unsigned services = hot->isr ^ isr;

    hot->irr = (uint8_t)irr;
    hot->isr = (uint8_t)isr;
    if (!(requests | services) || !pics->traced || !sim_input_traced(sim))
        return;
    for (unsigned i = 0; i < INPUTS; i++) {
        if (requests >> i & 1)
            sim_trace(sim->trace, SIM_EV_LATCH, chip * INPUTS + i, irr >> i & 1, 0);
        if (services >> i & 1)
            sim_trace(sim->trace, SIM_EV_ACTIVE, chip * INPUTS + i, isr >> i & 1, 0);
    }
}

static void set_input(struct sim *sim, const struct sim_i8259 *pics, unsigned chip,
                      unsigned input, bool level)
{
    struct sim_i8259_hot *hot = &pics->hot[chip];
    unsigned bit = 1u << input;
    bool is_level = (levels(sim, pics, chip) & bit) != 0;
    bool rises = level && !(hot->seen & bit);
    unsigned irr = hot->irr;

    hot->seen = (uint8_t)(level ? hot->seen | bit : hot->seen & ~bit);
    if (is_level ? level : rises)
        irr |= bit;
    else if (!level && (is_level || !sim_policy(sim, SIM_POLICY_I8259_EDGE_STAYS)))
        irr &= ~bit;
    store(sim, pics, chip, irr, hot->isr);
}

/* The output of @chip is worked out again; the slave's is a wire to the master. */
static void update(struct sim *sim, const struct sim_i8259 *pics, unsigned chip)
{
    struct sim_i8259_hot *master = &pics->hot[MASTER];

    if (chip == SLAVE)
        set_input(sim, pics, MASTER, PC_CASCADE_IRQ, requested(pics, SLAVE) >= 0);
    if (sim_policy(sim, SIM_POLICY_I8259_INT_LAGS)) {
        master->control &= (uint8_t)~INT;
        if (requested(pics, MASTER) >= 0)
            master->control |= INT;
    }
    if (pics->output)
        pics->output(sim, sim_i8259_output(sim, pics));
}

/* As update(), after a write that an output that lags does not notice. */
static void update_at_once(struct sim *sim, const struct sim_i8259 *pics, unsigned chip)
{
    if (!sim_policy(sim, SIM_POLICY_I8259_INT_LAGS))
        update(sim, pics, chip);
}

void sim_i8259_input(struct sim *sim, const struct sim_i8259 *pics, unsigned irq, bool level)
{
    set_input(sim, pics, irq / INPUTS, irq % INPUTS, level);
    update(sim, pics, irq / INPUTS);
}

/* --------------------------------------------------------- acknowledge and end of interrupt */

/* @input goes into service; with AEOI it has already ended. */
static void acknowledge(struct sim *sim, const struct sim_i8259 *pics, unsigned chip,
                        unsigned input)
{
    struct sim_i8259_hot *hot = &pics->hot[chip];
    unsigned bit = 1u << input;
    unsigned irr = levels(sim, pics, chip) & bit ? hot->irr : hot->irr & ~bit;
    bool automatic = (pics->cold[chip].icw4 & I8259_ICW4_AEOI) != 0;

    if (automatic && hot->control & ROTATE_ON_AEOI)
        hot->lowest = (uint8_t)input;
    store(sim, pics, chip, irr, automatic ? hot->isr : hot->isr | bit);
    update(sim, pics, chip);
}

uint8_t sim_i8259_acknowledge(struct sim *sim, const struct sim_i8259 *pics)
{
    int input = requested(pics, MASTER);
    unsigned chip = MASTER;

    if (input == PC_CASCADE_IRQ) {
        chip = SLAVE;
        input = requested(pics, SLAVE);
        if (input >= 0)
            acknowledge(sim, pics, SLAVE, (unsigned)input);
        acknowledge(sim, pics, MASTER, PC_CASCADE_IRQ);
    } else if (input >= 0) {
        acknowledge(sim, pics, MASTER, (unsigned)input);
    }
    if (input < 0)
        input = SPURIOUS_INPUT;
    return (uint8_t)(pics->cold[chip].base + (unsigned)input);
}

/* The commands of OCW2. */
static void command(struct sim *sim, const struct sim_i8259 *pics, unsigned chip,
                    unsigned value)
{
    struct sim_i8259_hot *hot = &pics->hot[chip];
    unsigned input = value & I8259_OCW2_LEVEL;
    unsigned serving = rank(hot, hot->isr);
    unsigned what = value >> I8259_OCW2_SHIFT;

    switch (what) {
    case I8259_CMD_ROTATE_AEOI_ON:
        hot->control |= ROTATE_ON_AEOI;
        return;
    case I8259_CMD_ROTATE_AEOI_OFF:
        hot->control &= (uint8_t)~ROTATE_ON_AEOI;
        return;
    case I8259_CMD_EOI:
    case I8259_CMD_ROTATE_EOI:
        if (serving == INPUTS)
            return;
        input = input_at(hot, serving);
        break;
    case I8259_CMD_SPECIFIC_EOI:
    case I8259_CMD_ROTATE_SPECIFIC:
        break;
    case I8259_CMD_SET_PRIORITY:
        hot->lowest = (uint8_t)input;
        update(sim, pics, chip);
        return;
    default:
        return;
    }
    if (what == I8259_CMD_ROTATE_EOI || what == I8259_CMD_ROTATE_SPECIFIC)
        hot->lowest = (uint8_t)input;
    store(sim, pics, chip, hot->irr, hot->isr & ~(1u << input));
    update(sim, pics, chip);
}

/* -------------------------------------------------------------------------- registers */

/* A request that goes without having been served: its device hears that nobody remembers it. */
static void tell_forgotten(struct sim *sim, const struct sim_i8259 *pics, unsigned chip,
                           unsigned before)
{
    unsigned gone = before & ~(unsigned)pics->hot[chip].irr;

    for (unsigned i = 0; i < INPUTS && pics->traced; i++) {
        unsigned line = gone >> i & 1 ? sim->line_of_irq[chip * INPUTS + i] : 0;
        if (line)
            sim_line_forgotten(sim, line - 1);
    }
}

/* ICW1: back to the beginning.  Edges that were latched are gone, levels are not. */
static void initialize(struct sim *sim, const struct sim_i8259 *pics, unsigned chip,
                       unsigned icw1)
{
    struct sim_i8259_hot *hot = &pics->hot[chip];
    struct sim_i8259_cold *cold = &pics->cold[chip];
    unsigned before = hot->irr;
    unsigned irr;

    cold->icw1 = (uint8_t)icw1;
    cold->icw4 = 0;
    cold->base = 0;
    cold->step = 2;
    irr = sim_policy(sim, SIM_POLICY_I8259_ELCR_BLIND) ? hot->irr : hot->seen;
    if (sim_policy(sim, SIM_POLICY_I8259_ICW1_FORGETS))
        hot->seen = 0;
    hot->imr = 0;
    hot->lowest = INPUTS - 1;
    hot->control = 0;
    store(sim, pics, chip, irr & levels(sim, pics, chip), 0);
    update(sim, pics, chip);
    tell_forgotten(sim, pics, chip, before);
}

/* OCW3; what it does not name stays. */
static void select(struct sim *sim, const struct sim_i8259 *pics, unsigned chip, unsigned value)
{
    unsigned control = pics->hot[chip].control;

    if (value & I8259_OCW3_POLL)
        control |= POLL;
    if (value & I8259_OCW3_RR)
        control = value & I8259_OCW3_RIS ? control | READ_ISR : control & ~(unsigned)READ_ISR;
    if (value & I8259_OCW3_ESMM)
        control =
            value & I8259_OCW3_SMM ? control | SPECIAL_MASK : control & ~(unsigned)SPECIAL_MASK;
    pics->hot[chip].control = (uint8_t)control;
    update_at_once(sim, pics, chip);
}

/* A0 = 1: the next word of an initialization, or the mask. */
static void write_data(struct sim *sim, const struct sim_i8259 *pics, unsigned chip,
                       uint8_t value)
{
    struct sim_i8259_cold *cold = &pics->cold[chip];
    unsigned last = cold->icw1 & I8259_ICW1_IC4 ? 4 : NORMAL;

    switch (cold->step) {
    case NORMAL:
        pics->hot[chip].imr = value;
        update(sim, pics, chip);
        break;
    case 2:
        cold->base = value & I8259_ICW2_BASE;
        cold->step = (uint8_t)(cold->icw1 & I8259_ICW1_SNGL ? last : 3);
        break;
    case 3:
        cold->step = (uint8_t)last;
        break;
    default:
        cold->icw4 = value & (I8259_ICW4_AEOI | I8259_ICW4_SFNM);
        cold->step = NORMAL;
        update_at_once(sim, pics, chip);
        break;
    }
}

static void write_port(struct sim *sim, const struct sim_i8259 *pics, unsigned chip,
                       uint32_t offset, uint8_t value)
{
    if (offset & 1)
        write_data(sim, pics, chip, value);
    else if (value & I8259_ICW1_INIT)
        initialize(sim, pics, chip, value);
    else if (value & I8259_OCW3_SELECT)
        select(sim, pics, chip, value);
    else
        command(sim, pics, chip, value);
}

static uint8_t read_port(struct sim *sim, const struct sim_i8259 *pics, unsigned chip,
                         uint32_t offset)
{
    struct sim_i8259_hot *hot = &pics->hot[chip];
    int input;

    if (!(hot->control & POLL)) {
        if (offset & 1)
            return hot->imr;
        return hot->control & READ_ISR ? hot->isr : hot->irr;
    }
    hot->control &= (uint8_t)~POLL;
    input = requested(pics, chip);
    if (input < 0)
        return 0;
    acknowledge(sim, pics, chip, (unsigned)input);
    return (uint8_t)(I8259_POLL_FOUND | (unsigned)input);
}

static void write_elcr(struct sim *sim, const struct sim_i8259 *pics, unsigned chip,
                       uint8_t value)
{
    struct sim_i8259_hot *hot = &pics->hot[chip];
    unsigned before = hot->irr;
    unsigned level;

    pics->cold[chip].elcr = value & (chip == MASTER ? ELCR_MASTER_MASK : ELCR_SLAVE_MASK);
    if (sim_policy(sim, SIM_POLICY_I8259_ELCR_BLIND))
        return;
    level = levels(sim, pics, chip);
    store(sim, pics, chip, (hot->irr & ~level) | (hot->seen & level), hot->isr);
    update(sim, pics, chip);
    tell_forgotten(sim, pics, chip, before);
}

/* ------------------------------------------------------------------------------ ports */

enum { PART_ELCR = CHIPS };

/* The bytes of a wide access that reach the block: what lies behind it is nobody's port. */
static unsigned ports_reached(const struct sim *sim, uint32_t offset, unsigned size)
{
    if (sim_policy(sim, SIM_POLICY_I8259_WIDE_REPEATS))
        return offset ? 1 : size;
    return offset + size > 2 ? 2 - offset : size;
}

/* The port that byte @i of an access reaches, in its block. */
static unsigned port_of(const struct sim *sim, unsigned part, uint32_t offset, unsigned i)
{
    if (part == PART_ELCR && sim_policy(sim, SIM_POLICY_I8259_WIDE_REPEATS))
        return offset;
    return offset + i ? 1 : 0;
}

uint32_t sim_i8259_read_ports(struct sim *sim, const struct sim_i8259 *pics, unsigned part,
                              uint32_t offset, unsigned size)
{
    uint32_t value = ~0u;
    unsigned reached;

    if (offset > 1) {
        sim_bus_bad(sim, PC_PIC0_BASE + offset);
        return value;
    }
    reached = ports_reached(sim, offset, size);
    for (unsigned i = 0; i < reached; i++) {
        unsigned port = port_of(sim, part, offset, i);
        uint8_t byte =
            part == PART_ELCR ? pics->cold[port].elcr : read_port(sim, pics, part, port);
        value = (value & ~(UINT32_C(0xff) << i * 8)) | (uint32_t)byte << i * 8;
        sim_output_note(sim);
    }
    return value;
}

void sim_i8259_write_ports(struct sim *sim, const struct sim_i8259 *pics, unsigned part,
                           uint32_t offset, unsigned size, uint32_t value)
{
    unsigned reached;

    if (offset > 1) {
        sim_bus_bad(sim, PC_PIC0_BASE + offset);
        return;
    }
    reached = ports_reached(sim, offset, size);
    for (unsigned i = 0; i < reached; i++) {
        unsigned port = port_of(sim, part, offset, i);
        if (part == PART_ELCR)
            write_elcr(sim, pics, port, (uint8_t)(value >> i * 8));
        else
            write_port(sim, pics, part, port, (uint8_t)(value >> i * 8));
        sim_output_note(sim);
    }
}

void sim_i8259_reset(const struct sim_i8259 *pics)
{
    for (unsigned chip = 0; chip < CHIPS; chip++)
        pics->hot[chip].lowest = INPUTS - 1;
}
