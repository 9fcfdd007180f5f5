/* drivers/irq.c - descriptors and flows, after kernel/irq/chip.c (Linux 6.1). */
#include "drivers/irq.h"

/*
 * The flows.  Only the acknowledge tells which input it is, so a flow that masks does it then;
 * a controller asked for a masked input would give nothing.  A oneshot threaded half needs its
 * line masked from before the handler can wake it until it ends, so its lists have a MASK where
 * Linux masks.
 */
static const uint8_t level_flow[] = {DRV_P_ACK, DRV_P_MASK,   DRV_P_RUN,
                                     DRV_P_EOI, DRV_P_UNMASK, DRV_P_LEAVE};
static const uint8_t edge_flow[] = {DRV_P_ACK, DRV_P_EOI, DRV_P_RUN, DRV_P_AGAIN, DRV_P_LEAVE};
static const uint8_t fasteoi_flow[] = {DRV_P_ACK, DRV_P_RUN, DRV_P_EOI, DRV_P_LEAVE};
static const uint8_t manual_flow[] = {DRV_P_RUN, DRV_P_LEAVE};
static const uint8_t edge_oneshot[] = {DRV_P_ACK,   DRV_P_EOI,    DRV_P_MASK, DRV_P_RUN,
                                       DRV_P_AGAIN, DRV_P_UNMASK, DRV_P_LEAVE};
static const uint8_t fasteoi_oneshot[] = {DRV_P_ACK, DRV_P_MASK,   DRV_P_RUN,
                                          DRV_P_EOI, DRV_P_UNMASK, DRV_P_LEAVE};

const uint8_t *drv_flow_list(enum drv_flow flow, bool oneshot)
{
    switch (flow) {
    case DRV_FLOW_LEVEL:
        return level_flow;
    case DRV_FLOW_EDGE:
        return oneshot ? edge_oneshot : edge_flow;
    case DRV_FLOW_FASTEOI:
        return oneshot ? fasteoi_oneshot : fasteoi_flow;
    case DRV_FLOW_MANUAL:
        break;
    }
    return manual_flow;
}

const uint8_t *drv_flow_of_chip(const struct drv_chip *chip, enum drv_flow flow, bool oneshot)
{
    static const uint8_t acknowledged_level[] = {DRV_P_ACK, DRV_P_MASK,   DRV_P_RUN,
                                                 DRV_P_EOI, DRV_P_UNMASK, DRV_P_LEAVE};

    return chip->acks_first && flow == DRV_FLOW_LEVEL ? acknowledged_level
                                                      : drv_flow_list(flow, oneshot);
}

bool drv_flow_again(const uint8_t *list)
{
    while (*list != DRV_P_LEAVE && *list != DRV_P_AGAIN)
        list++;
    return *list == DRV_P_AGAIN;
}

const char *drv_flow_text(enum drv_flow flow)
{
    static const char *const texts[] = {
        [DRV_FLOW_LEVEL] = "ack, mask, irq, eoi, unmask",
        [DRV_FLOW_EDGE] = "ack, eoi, irq, again if a new event was noted meanwhile",
        [DRV_FLOW_FASTEOI] = "ack, irq, eoi",
        [DRV_FLOW_MANUAL] = "irq",
    };

    return texts[flow];
}

void drv_irqs_layout(struct drv_irqs *irqs, unsigned acking, bool aims, struct sim_arena *arena)
{
    uint32_t cpu_size =
        sizeof(struct drv_cpu) + irqs->nest * (uint32_t)sizeof(struct drv_handler);

    for (unsigned i = 0; i < irqs->count; i++)
        irqs->irq[i].list = drv_flow_of_chip(irqs->chip, (enum drv_flow)irqs->irq[i].flow,
                                             irqs->irq[i].oneshot);
    for (unsigned cpu = 0; cpu < irqs->cpus; cpu++)
        irqs->cpu_ref[cpu] = sim_arena_add(arena, SIM_HOT, cpu_size, 2, "cpu", "handlers");
    irqs->flags_ref = sim_arena_add(arena, SIM_HOT, irqs->count, 1, "irq", "flags");
    irqs->number_ref = sim_arena_add(arena, SIM_HOT, acking * 2, 2, "irq", "acked");
    irqs->aims = aims;
    irqs->target_ref = sim_arena_add(arena, SIM_HOT, aims ? irqs->count : 0, 1, "irq", "cpus");
}

void drv_irqs_bind(struct drv_irqs *irqs, const struct sim_arena *arena)
{
    for (unsigned cpu = 0; cpu < irqs->cpus; cpu++)
        irqs->cpu[cpu] = sim_arena_at(arena, irqs->cpu_ref[cpu]);
    irqs->flags = sim_arena_at(arena, irqs->flags_ref);
    irqs->number = sim_arena_at(arena, irqs->number_ref);
    irqs->target = irqs->aims ? sim_arena_at(arena, irqs->target_ref) : 0;
}

unsigned drv_irq_find(const struct drv_irqs *irqs, int irq)
{
    for (unsigned i = 0; i < irqs->count; i++)
        if (irqs->irq[i].irq == irq)
            return i;
    return DRV_IRQ_NONE;
}
