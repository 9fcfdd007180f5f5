/* lab/core/access.c - what code does to the machine: registers, controller primitives, queues.
 */
#include "lab/core/internal.h"
#include "sim/bus.h"
#include "sim/msi.h"
#include "sim/regs/virtio_mmio.h"

uint32_t lab_register_read(struct lab *lab, unsigned cpu, unsigned device, unsigned reg,
                           uint32_t address, unsigned size)
{
    uint32_t value;

    if (device == LAB_CHIP_DEVICE)
        value = sim_read(&lab->sim, cpu, address, size);
    else
        value = sim_bus_read(&lab->sim, cpu, (sim_dev_id)device,
                             address - lab->program->sim.device[device].base, size);
    sim_trace(&lab->trace, SIM_EV_READ, device << 8 | reg, value, lab->sim.token);
    return value;
}

void lab_register_write(struct lab *lab, unsigned cpu, unsigned device, unsigned reg,
                        uint32_t address, unsigned size, uint32_t value, unsigned token)
{
    sim_trace(&lab->trace, SIM_EV_WRITE, device << 8 | reg, value, token);
    if (device == LAB_CHIP_DEVICE)
        sim_write(&lab->sim, cpu, address, size, value, token);
    else
        sim_bus_write(&lab->sim, cpu, (sim_dev_id)device,
                      address - lab->program->sim.device[device].base, size, value, token);
}

/* Most primitives are one read or one write. */
static inline uint32_t chip_access(struct lab *lab, unsigned cpu, struct drv_access access)
{
    if (access.size && access.write == 0)
        return sim_read(&lab->sim, cpu, access.address, access.size);
    return lab_chip_access(lab, cpu, access);
}

uint32_t lab_chip_access(struct lab *lab, unsigned cpu, struct drv_access access)
{
    uint32_t value = access.value;

    if (access.size == 0)
        return 0;
    if (access.write == 1) {
        sim_write(&lab->sim, cpu, access.address, access.size, value, 0);
        return 0;
    }
    if (access.write == 0)
        return sim_read(&lab->sim, cpu, access.address, access.size);
    value = sim_read(&lab->sim, cpu, access.address, access.size);
    value &= ~((uint32_t)access.mask << access.shift);
    value |= access.value << access.shift;
    sim_write(&lab->sim, cpu, access.address, access.size, value, 0);
    return 0;
}

static bool is_message(const struct lab *lab, unsigned irq)
{
    unsigned line = irq < SIM_IRQS_MAX ? lab->sim.line_of_irq[irq] : 0;

    return line && sim_msi_is(&lab->sim, line - 1);
}

void lab_mask(struct lab *lab, unsigned cpu, unsigned irq, bool masked)
{
    const struct drv_chip *chip = lab->irqs.chip;
    unsigned found = drv_irq_find(&lab->irqs, (int)irq);
    unsigned target = found == DRV_IRQ_NONE ? 0 : drv_irq_target(&lab->irqs, found);
    struct drv_access access;

    sim_trace(&lab->trace, masked ? SIM_EV_MASK : SIM_EV_UNMASK, irq, 0, 0);
    if (is_message(lab, irq)) {
        lab_chip_access(lab, cpu, drv_msix_gate(irq, masked));
        return;
    }
    if (chip->gate) {
        for (unsigned k = 0; (access = chip->gate(irq, target, masked, k)).size; k++)
            lab_chip_access(lab, cpu, access);
        return;
    }
    lab_chip_access(lab, cpu, masked ? chip->mask(irq) : chip->unmask(irq));
}

/* Of a chip with own_gates: is the one of @target open? */
static bool gate_is_open(struct lab *lab, unsigned cpu, unsigned irq, unsigned target)
{
    struct drv_access gate = lab->irqs.chip->gate(irq, target, true, 0);

    return sim_read(&lab->sim, cpu, gate.address, gate.size) >> gate.shift & gate.mask;
}

void lab_aim(struct lab *lab, unsigned cpu, unsigned irq, int64_t target)
{
    const struct drv_chip *chip = lab->irqs.chip;
    unsigned found = drv_irq_find(&lab->irqs, (int)irq), to = (unsigned)target;
    struct drv_access (*aim)(unsigned irq, unsigned cpu, unsigned k);
    struct drv_access access;

    sim_trace(&lab->trace, SIM_EV_AIM, irq, to, 0);
    if (found == DRV_IRQ_NONE || target < 0 || target >= lab->irqs.cpus ||
        lab->irqs.target[found] == to)
        return;
    aim = is_message(lab, irq) && chip->aim_message ? chip->aim_message : chip->aim;
    for (unsigned k = 0; aim && (access = aim(irq, to, k)).size; k++)
        lab_chip_access(lab, cpu, access);
    if (chip->own_gates && gate_is_open(lab, cpu, irq, lab->irqs.target[found])) {
        lab_chip_access(lab, cpu, chip->gate(irq, lab->irqs.target[found], true, 0));
        lab_chip_access(lab, cpu, chip->gate(irq, to, false, 0));
    }
    lab->irqs.target[found] = (uint8_t)to;
}

/* What follows an acknowledge: was it one? */
static uint32_t verify(struct lab *lab, unsigned cpu, uint32_t number)
{
    const struct drv_chip *chip = lab->irqs.chip;
    struct drv_access access;
    uint32_t value = 0;

    for (unsigned k = 0; chip->verify && (access = chip->verify(&number, k, value)).size; k++)
        value = lab_chip_access(lab, cpu, access);
    return number;
}

uint32_t lab_ack(struct lab *lab, unsigned cpu, int *ret_irq)
{
    const struct drv_chip *chip = lab->irqs.chip;
    uint32_t number = verify(lab, cpu, chip_access(lab, cpu, chip->ack(cpu)));
    int irq = chip->irq_of(number);

    sim_trace(&lab->trace, SIM_EV_ACK, irq < 0 ? 0xffff : (unsigned)irq, number, 0);
    if (irq >= 0)
        sim_acknowledged(&lab->sim, (unsigned)irq);
    *ret_irq = irq;
    return number;
}

/* The accesses of an end of interrupt. */
static void finish(struct lab *lab, unsigned cpu, int irq, uint32_t number)
{
    const struct drv_chip *chip = lab->irqs.chip;
    struct drv_access access;

    if (chip->finish) {
        unsigned found = drv_irq_find(&lab->irqs, irq);
        unsigned sense = found == DRV_IRQ_NONE ? DRV_SENSE_EDGE : lab->irqs.irq[found].sense;
        for (unsigned k = 0; (access = chip->finish(cpu, number, sense, k)).size; k++)
            lab_chip_access(lab, cpu, access);
        return;
    }
    lab_chip_access(lab, cpu, chip->eoi(cpu, number));
}

static void trace_eoi(struct lab *lab, int irq, uint32_t number)
{
    sim_trace(&lab->trace, SIM_EV_EOI, irq < 0 ? 0xffff : (unsigned)irq, number, 0);
}

void lab_eoi(struct lab *lab, unsigned cpu, uint32_t number)
{
    int irq = lab->irqs.chip->irq_of(number);

    trace_eoi(lab, irq, number);
    finish(lab, cpu, irq, number);
}

void lab_flow_eoi(struct lab *lab, unsigned cpu, uint32_t number)
{
    const struct drv_chip *chip = lab->irqs.chip;
    int irq = chip->irq_of(number);
    bool shut = chip->own_gates && irq >= 0 && !gate_is_open(lab, cpu, (unsigned)irq, cpu);

    trace_eoi(lab, irq, number);
    if (shut)
        lab_chip_access(lab, cpu, chip->gate((unsigned)irq, cpu, false, 0));
    finish(lab, cpu, irq, number);
    if (shut)
        lab_chip_access(lab, cpu, chip->gate((unsigned)irq, cpu, true, 0));
}

void lab_notify_disks(struct lab *lab, unsigned cpu)
{
    for (unsigned d = 0; d < lab->program->drv.disks; d++) {
        unsigned device = lab->program->drv.disk[d].device, reg = 0;
        while (lab->registers[device][reg].offset != VIRTIO_QueueNotify)
            reg++;
        for (; lab->drv.notified[d]; lab->drv.notified[d]--)
            lab_register_write(lab, cpu, device, reg,
                               lab->program->sim.device[device].base + VIRTIO_QueueNotify, 4, 0,
                               0);
    }
    lab->drv.notifications = 0;
}

void lab_push(struct lab *lab, unsigned file, uint8_t value, unsigned token, bool wake)
{
    drv_queue(&lab->drv, (drv_file_id)file, value, token);
    if (wake)
        drv_wake(&lab->drv, (drv_file_id)file, DRV_POLLIN | DRV_POLLRDNORM);
}
