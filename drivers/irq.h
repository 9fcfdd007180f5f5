/*
 * drivers/irq.h - interrupt descriptors, flows and chips: what happens between the take and the
 * return.
 *
 * After Linux's generic interrupt layer (kernel/irq/chip.c): a *chip* has primitives that do
 * exactly one bus access each, a *flow* is a const list of primitives, an *action* is a
 * driver's handler.  This file says what comes next and which access it is; the stepper does
 * it.
 *
 * Not modelled: lazy disabling, the spurious-interrupt guard, a threaded half that follows the
 * affinity of its interrupt.
 */
#ifndef DRIVERS_IRQ_H
#define DRIVERS_IRQ_H

#include "drivers/drv.h"

enum {
    DRV_CPUS_MAX = 4,
    DRV_IRQS_MAX = 64,
    DRV_ACTIONS_MAX = 8, /* drivers that share one line */
    DRV_NEST_MAX =
        4, /* handlers active on one CPU: one, unless code unmasks the CPU in irq {} */
    DRV_IRQ_NONE = 0xff,
};

/* One primitive of a flow. */
enum drv_primitive {
    DRV_P_LEAVE, /* the list ends: the CPU goes back */
    DRV_P_ACK,
    DRV_P_EOI,
    DRV_P_MASK,
    DRV_P_UNMASK, /* unless a threaded half keeps the line masked (oneshot) */
    DRV_P_RUN,    /* the actions, one after the other */
    DRV_P_AGAIN,  /* back to RUN if a new event was noted meanwhile */
};

/* A bus access; size 0: none. */
struct drv_access {
    uint32_t address;
    uint32_t value;
    uint8_t size;
    uint8_t write; /* 0 read, 1 write, or DRV_ACCESS_MODIFY */
    uint8_t shift; /* MODIFY, in set-up only: replace the field of mask << shift by value */
    uint8_t mask;
};

enum { DRV_ACCESS_MODIFY = 2 };

/* One input as the set-up knows it; irq < 0: the controller itself, for one CPU. */
struct drv_input {
    int irq;
    unsigned sense; /* enum drv_sense */
    unsigned cpu;
    unsigned nth; /* so many were set up before */
    bool message; /* no wire: a message; of the controller: some inputs are */
};

/*
 * The primitives of one kind of controller.  @irq is the board's input, @number what it said.
 * Where one access is not enough, the k-th is asked for until its size is 0; all of them are
 * one step, as under the kernel's lock.
 */
struct drv_chip {
    const char *name;
    uint8_t
        acks_first;    /* hands out only what is not masked: `level` acknowledges, then masks */
    uint8_t own_gates; /* each CPU has a gate of its own for an input, a bit that is 1 if it is
                        * open: then that CPU is the target, and an end there counts */
    struct drv_access (*ack)(unsigned cpu);
    int (*irq_of)(uint32_t number); /* -1: none, or not a wired input */

    /* Accesses that follow the acknowledge and may find out that it was of nothing: @value is
     * what the one before read.  0: a number is believed. */
    struct drv_access (*verify)(uint32_t *number, unsigned k, uint32_t value);

    /* The end; instead of eoi where it takes several accesses or depends on the sense. */
    struct drv_access (*eoi)(unsigned cpu, uint32_t number);
    struct drv_access (*finish)(unsigned cpu, uint32_t number, unsigned sense, unsigned k);

    /* Masking; `gate` instead where it takes several accesses or depends on the target. */
    struct drv_access (*mask)(unsigned irq);
    struct drv_access (*unmask)(unsigned irq);
    struct drv_access (*gate)(unsigned irq, unsigned cpu, bool masked, unsigned k);

    /* The target becomes @cpu; 0: own_gates, or there is but one CPU. */
    struct drv_access (*aim)(unsigned irq, unsigned cpu, unsigned k);
    /* The k-th access of the set-up of @input; size 0: done. */
    struct drv_access (*setup)(const struct drv_input *input, unsigned k);

    /*
     * The same for an input that is a message, and the accesses that give it to @cpu (0: those
     * of `aim`).  Its mask is that of its entry: drv_msix_gate().  0: the board has none.
     */
    struct drv_access (*message)(const struct drv_input *input, unsigned k);
    struct drv_access (*aim_message)(unsigned irq, unsigned cpu, unsigned k);
};

/* The entry of a message: masks it or lets it through; fills it in, its k-th access. */
struct drv_access drv_msix_gate(unsigned irq, bool masked);
struct drv_access drv_msix_entry(unsigned irq, uint32_t address, uint32_t data, unsigned k);

enum drv_sense {
    DRV_SENSE_EDGE,
    DRV_SENSE_LEVEL,
    DRV_SENSE_FALLING,
    DRV_SENSE_LOW,
    DRV_SENSE_BOTH
};

extern const struct drv_chip drv_chip_textbook;
extern const struct drv_chip drv_chip_gicv1;
extern const struct drv_chip drv_chip_gicv2;
extern const struct drv_chip drv_chip_gicv3;
extern const struct drv_chip drv_chip_i8259;
extern const struct drv_chip drv_chip_ioapic;
extern const struct drv_chip drv_chip_plic;
extern const struct drv_chip drv_chip_aplic;
extern const struct drv_chip drv_chip_nvic;
extern const struct drv_chip drv_chip_pl190;

/* One requested input: constant, outside the arena. */
struct drv_irq {
    uint16_t irq;
    uint8_t sense; /* enum drv_sense */
    uint8_t cpu;
    uint8_t flow; /* enum drv_flow */
    uint8_t oneshot;
    uint8_t actions;
    uint8_t driver[DRV_ACTIONS_MAX];
    const uint8_t *list; /* its flow's primitives, by drv_irqs_layout() */
};

/* Per input, in the arena. */
enum drv_irq_flag {
    DRV_IRQ_BUSY = 1,   /* a handler of it is under way */
    DRV_IRQ_NOTED = 2,  /* it came again meanwhile */
    DRV_IRQ_THREAD = 4, /* a oneshot threaded half was woken and has not ended */
};

/* A handler under way, in the arena. */
struct drv_handler {
    uint16_t number; /* what the acknowledge gave */
    uint8_t irq;     /* index of the descriptor, DRV_IRQ_NONE */
    uint8_t at;      /* next primitive of its flow */
    uint8_t action;  /* in RUN: which driver */
    uint8_t flags;   /* enum drv_handler_flag */
};

enum drv_handler_flag {
    DRV_HANDLER_RUNNING = 1, /* an action's code is under way */
    DRV_HANDLER_BLAMED = 2,  /* spurious() was counted at the take */
    DRV_HANDLER_MASKED = 4,  /* the CPU was masked before the take */
    DRV_HANDLER_EMPTY = 8,   /* nothing to run: causeless, or its action runs elsewhere */
};

/* Per CPU, in the arena. */
struct drv_cpu {
    uint8_t depth;                /* handlers active */
    uint8_t masked;               /* takes no interrupt */
    struct drv_handler handler[]; /* nest of them */
};

/* View: descriptors and where the state lies. */
struct drv_irqs {
    const struct drv_chip *chip;
    uint8_t count, cpus, nest;
    bool aims; /* inputs change their CPU */
    struct drv_irq irq[DRV_IRQS_MAX];
    sim_ref flags_ref, cpu_ref[DRV_CPUS_MAX], number_ref, target_ref;
    uint8_t *flags;  /* per descriptor */
    uint8_t *target; /* per descriptor, if one is ever given to another CPU: which has it */
    struct drv_cpu *cpu[DRV_CPUS_MAX];
    uint16_t *number; /* per acking driver: last number its ack() gave (manual flow) */
};

/*
 * @acking: drivers whose ack() is remembered for their eoi(), 0 if no flow is manual.  @aims:
 * inputs change their CPU.
 */
void drv_irqs_layout(struct drv_irqs *irqs, unsigned acking, bool aims,
                     struct sim_arena *arena);
void drv_irqs_bind(struct drv_irqs *irqs, const struct sim_arena *arena);

/* The descriptor of controller input @irq, DRV_IRQ_NONE if nobody requested it. */
unsigned drv_irq_find(const struct drv_irqs *irqs, int irq);

/* The CPU that descriptor @found is for. */
static inline unsigned drv_irq_target(const struct drv_irqs *irqs, unsigned found)
{
    return irqs->target ? irqs->target[found] : irqs->irq[found].cpu;
}

/* The list of primitives of a flow, ended by DRV_P_LEAVE. */
const uint8_t *drv_flow_list(enum drv_flow flow, bool oneshot);
/* The same as @chip needs it. */
const uint8_t *drv_flow_of_chip(const struct drv_chip *chip, enum drv_flow flow, bool oneshot);
/* Does it run the actions again if the interrupt came meanwhile? */
bool drv_flow_again(const uint8_t *list);
/* The same for people: "ack, irq, eoi". */
const char *drv_flow_text(enum drv_flow flow);

static inline struct drv_handler *drv_irqs_handler(const struct drv_irqs *irqs, unsigned cpu)
{
    return &irqs->cpu[cpu]->handler[irqs->cpu[cpu]->depth - 1];
}

#endif
