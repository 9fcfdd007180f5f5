/*
 * sim/sim.h - the hardware of a scenario: lines, a controller, devices, CPUs' inputs.
 *
 * Knows no driver, no libc, no heap.  The state lies in the arena (sim/arena.h); `struct sim`
 * is a view: configuration, bound addresses and the trace, none of which is state.  Virtual
 * time is kept by the stepper: a device that needs time says so (sim_timer_ns) and is told when
 * it has passed (sim_timer_fire).
 *
 * Order inside one entry point: change state, then update() recomputes outputs, then lines are
 * driven; a line stores its level before it tells the controller.  No recursion.
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include "sim/arena.h"
#include "sim/trace_event.h"

typedef uint8_t sim_dev_id; /* index into the configuration's devices */

enum {
    SIM_DEVICES_MAX = 64, /* 63 with a sampling clock: it is one more bit of sim.armed */
    SIM_CPUS_MAX = 4,
    SIM_POLICIES_MAX = 64,
    SIM_IRQS_MAX = 1023, /* inputs a controller may have: 10 bits, all ones is "none" */
    SIM_LINES_MAX = 320, /* inputs with state: all of a GIC's, when a probe looks at it */
    SIM_BUS_SLOTS = 256, /* hash of register pages; a power of two, over twice what is mapped */
    SIM_POSTED_MAX = 4   /* writes under way to a device with posted writes */
};

enum sim_machine {
    SIM_MACHINE_TEXTBOOK,
    SIM_MACHINE_VIRT,
    SIM_MACHINE_VIRT_GICV3,
    SIM_MACHINE_VEXPRESS_A9,
    SIM_MACHINE_VERSATILEPB,
    SIM_MACHINE_MPS2_AN385,
    SIM_MACHINE_PC,
    SIM_MACHINE_PC_IOAPIC,
    SIM_MACHINE_RISCV_VIRT,
    SIM_MACHINE_RISCV_AIA,
    SIM_MACHINE_VEXPRESS_A15, /* only probed */
    SIM_MACHINE_PC_MSI,       /* only probed */
    SIM_MACHINE_RISCV_APLIC,  /* only probed: direct delivery */
    SIM_MACHINES
};

enum sim_model {
    SIM_MODEL_SOURCE,
    SIM_MODEL_LINE,
    SIM_MODEL_PL011,
    SIM_MODEL_PL031,
    SIM_MODEL_PL061,
    SIM_MODEL_SP804,
    SIM_MODEL_CMSDK_UART,
    SIM_MODEL_CMSDK_TIMER,
    SIM_MODEL_NS16550,
    SIM_MODEL_I8254,
    SIM_MODEL_VIRTIO,
    SIM_MODELS
};

enum sim_trigger {
    SIM_TRIGGER_EDGE,
    SIM_TRIGGER_LEVEL,
    SIM_TRIGGER_FALLING,
    SIM_TRIGGER_LOW,
    SIM_TRIGGER_BOTH,
    SIM_TRIGGER_MSI
};

enum sim_request { SIM_REQUEST_HELD, SIM_REQUEST_LATCHED, SIM_REQUEST_PULSE };

/* What the world can do to a device. */
enum sim_verb {
    SIM_VERB_SEND,     /* source, line: a token arrives */
    SIM_VERB_RECEIVE,  /* UARTs: a byte on the wire */
    SIM_VERB_ASSERT,   /* line */
    SIM_VERB_DEASSERT, /* line */
    SIM_VERB_PULSE,    /* line: without a token; arg = duration ns, 0 the device's own */
    SIM_VERB_DRIVE,    /* gpio: arg = pin << 8 | level */
    SIM_VERB_FINISH    /* disk: arg = 1 + request, 0 the oldest */
};

/* One device of the scenario; part of the compiled program, no pointers. */
struct sim_device_config {
    uint8_t model;     /* enum sim_model */
    uint8_t trigger;   /* enum sim_trigger, as the controller is told at set-up */
    uint8_t cpu;       /* target CPU */
    uint8_t instance;  /* 0 for the first of its model on this board, 1, ... */
    uint16_t irq;      /* controller input: irq on textbook, SPI number on GICs */
    uint8_t request;   /* enum sim_request (source) */
    uint8_t full_wait; /* 1: the world waits while the FIFO is full */
    uint16_t fifo;     /* tokens it can hold (source) */
    uint16_t tokens;   /* the most tokens the scenario ever sends it: bounds its storage */
    uint8_t tick;      /* timers, disks: token of the first event, 0: none ... */
    uint8_t ticks;     /* ... and how often it may expire; 0: without end */
    uint8_t zero[2];
    uint32_t base;     /* address of its registers; 0: none */
    uint32_t pulse_ns; /* length of a pulse (source request pulse, line), of a disk's service */
    uint32_t posted_ns;
};

struct sim_config {
    uint8_t machine; /* enum sim_machine */
    uint8_t cpus;
    uint8_t as_qemu;
    uint8_t devices;
    uint8_t forgets_active; /* textbook: an edge while active does not set the latch */
    uint8_t forgets_masked;
    uint8_t sample_levels; /* textbook: levels only seen at multiples of sample_ns */
    uint8_t sample_edges;
    uint32_t sample_ns;
    uint8_t probe; /* every input of the controller has state and may be driven from outside */
    uint8_t zero[3];
    uint64_t policy_set; /* bit per policy row overridden by the scenario */
    uint64_t policy_value;
    struct sim_device_config device[SIM_DEVICES_MAX];
};

struct sim_controller_ops; /* sim/controller.h: one const table per controller */
struct sim_device_ops;     /* sim/device.h: one const table per model */

/* One page of registers on the bus. */
struct sim_page {
    uint32_t number; /* address / 4096 */
    uint8_t owner;   /* enum sim_page_owner or device */
    uint8_t part;    /* which page of its owner */
    uint8_t used;
    uint8_t zero;
};

/* The view.  Everything that is state lies in the arena; helpers find it through the refs. */
struct sim {
    const struct sim_config *config;
    struct sim_arena *arena;
    struct sim_trace *trace;
    const struct sim_controller_ops *controller;
    const struct sim_device_ops *device[SIM_DEVICES_MAX];
    uint16_t lines;                      /* distinct wired inputs */
    uint16_t line_of[SIM_DEVICES_MAX];   /* device -> line */
    uint16_t line_irq[SIM_LINES_MAX];    /* line -> controller input */
    uint8_t line_trigger[SIM_LINES_MAX]; /* line -> enum sim_trigger of the first device */
    uint8_t line_cpu[SIM_LINES_MAX];
    uint16_t line_at[SIM_LINES_MAX];      /* line -> first byte of its drivers in line_state */
    uint8_t line_bytes[SIM_LINES_MAX];    /* line -> how many: a bit per driver */
    uint64_t line_devices[SIM_LINES_MAX]; /* line -> its devices, a bit each */
    uint16_t drive_at[SIM_DEVICES_MAX];   /* device -> its byte in line_state ... */
    uint8_t drive_bit[SIM_DEVICES_MAX];   /* ... and its bit there, as a mask */
    uint16_t line_of_irq[SIM_IRQS_MAX];   /* controller input -> line + 1, 0: not wired */
    uint8_t messages;                     /* lines that send messages: sim/msi.h */
    uint8_t message_of[SIM_LINES_MAX];    /* line -> its entry + 1, 0: it has a wire */
    uint8_t cpus;
    uint8_t prompt[SIM_DEVICES_MAX]; /* 1: it has a page of registers, its writes do not wait */
    uint32_t outputs;           /* of the controller, as somebody saw them last: sim/output.h */
    bool outputs_stale;         /* something that feeds them was touched since */
    int16_t best[SIM_CPUS_MAX]; /* controller->best(), as far as known since then */
    bool outputs_live;          /* they change by themselves: never anything but stale */
    uint64_t policy;            /* the controller's and devices' rows in force */
    sim_ref line_ref, controller_hot, controller_cold;
    sim_ref device_hot[SIM_DEVICES_MAX], device_cold[SIM_DEVICES_MAX];
    sim_ref device_clock[SIM_DEVICES_MAX], device_posted[SIM_DEVICES_MAX];
    sim_ref message_hot_ref, message_cold_ref;
    uint8_t *line_state;                 /* bound by sim_bind() */
    uint8_t *message_hot, *message_cold; /* 0 unless there are messages */
    uint8_t *hot[SIM_DEVICES_MAX], *cold[SIM_DEVICES_MAX], *clock[SIM_DEVICES_MAX];
    uint8_t *posted[SIM_DEVICES_MAX]; /* 0 for a device whose writes are not posted */
    uint8_t *ctl_hot, *ctl_cold;
    struct sim_page page[SIM_BUS_SLOTS];
    struct sim_page block; /* the first of block_pages */
    uint32_t block_pages;
    const uint8_t *token_byte; /* token -> byte, the stepper's; 0: a byte is its token */
    uint32_t (*choose)(void *context, uint32_t n); /* the stepper's; 0: always 0 */
    void *choose_context;
    uint8_t token;  /* token that came with the last sim_read(), 0: none */
    uint64_t armed; /* out: bit per device whose timer was armed (again) in
                     * this step; the stepper reads and clears it */
};

/* Is there a model of this machine's controller, and of this device? */
bool sim_machine_exists(enum sim_machine machine);
bool sim_model_exists(enum sim_model model);

/*
 * The rows of a machine in which data sheet and QEMU 7.2.22 differ, or in which a scenario may
 * choose: bit n of sim_config.policy_set and policy_value is row n.
 */
struct sim_policy {
    const char *name;
    const char *what; /* what 1 means */
    uint8_t architecture;
    uint8_t qemu;
};
const struct sim_policy *sim_policies(enum sim_machine machine, unsigned *ret_count);

/*
 * Lays out lines, controller and devices of @config; then, once the arena is placed, bind.
 * @sim is all zeroes before.  Precondition: every machine and model named exists.
 */
void sim_layout(struct sim *sim, const struct sim_config *config, struct sim_arena *arena,
                const char *const *device_names);
void sim_bind(struct sim *sim, struct sim_trace *trace);

/* Another state was copied into the bound arena: forgets what the view knew of the old one. */
void sim_refresh(struct sim *sim);

/* Hardware reset: register reset values of the data sheets.  Set-up is the driver's work. */
void sim_reset(struct sim *sim);

/*
 * One bus access of @size 1, 2 or 4 bytes by @cpu.  Nothing there: reads 0, BUS_BAD recorded.
 * A read leaves the token that came with the data in sim->token; a write carries @token.
 */
uint32_t sim_read(struct sim *sim, unsigned cpu, uint32_t address, unsigned size);
void sim_write(struct sim *sim, unsigned cpu, uint32_t address, unsigned size, uint32_t value,
               unsigned token);

/* Does the controller ask @cpu for an interrupt now?  Changes no state. */
bool sim_irq_output(struct sim *sim, unsigned cpu);

/* The input the controller would hand @cpu at an acknowledge now, or -1.  Pure. */
int sim_irq_best(struct sim *sim, unsigned cpu);

/* Can the world do this now?  False only for a full device that makes the world wait. */
bool sim_can_act(const struct sim *sim, sim_dev_id dev, enum sim_verb verb, uint32_t arg);

/*
 * Of a probe: drives controller input @irq from outside.  False if there is no such input.
 */
bool sim_outside(struct sim *sim, unsigned irq, bool level);

/* What only a processor can do to its controller, and what a probe asks of it. */
enum sim_cpu_verb {
    SIM_CPU_READ,   /* system register @reg */
    SIM_CPU_WRITE,  /* the same, @value */
    SIM_CPU_TAKE,   /* takes the interrupt that is asked for */
    SIM_CPU_RETURN, /* returns from it */
    SIM_CPU_INTA,   /* an acknowledge cycle on the bus */
    SIM_CPU_MSI     /* the last message sent, and forgets it */
};

/* Precondition: the machine's controller knows the verb. */
uint32_t sim_cpu(struct sim *sim, unsigned cpu, enum sim_cpu_verb verb, unsigned reg,
                 uint32_t value);

/* The world acts: one token (0: none), see enum sim_verb for @arg.  Precondition: sim_can_act.
 */
void sim_act(struct sim *sim, sim_dev_id dev, enum sim_verb verb, uint32_t arg, unsigned token);

/*
 * Device timers (pulses that end; the textbook's sampling clock is "device" config->devices).
 * sim_timer_ns: 0 = not armed, else the duration it was armed with.  A device has at most one
 * armed timer; arming (again) sets its bit in sim->armed, and the stepper, which keeps time,
 * makes it due that long from now.  Untimed, an armed timer may fire at any moment.
 */
uint64_t sim_timer_ns(const struct sim *sim, unsigned dev);
void sim_timer_fire(struct sim *sim, unsigned dev);

/* For spurious(): does the device ask, hold a token or have an arrival not yet handed over? */
bool sim_dev_has_cause(const struct sim *sim, sim_dev_id dev);

/* Would a read do the same, before and after further arrivals at this device and others? */
enum sim_settled {
    SIM_UNSETTLED,     /* no, or not known */
    SIM_SETTLED,       /* the same value, and the same is left behind */
    SIM_SETTLED_COUNT, /* the value counts what has come, but is not 0 in any order */
    SIM_SETTLED_TAKES, /* the same, and a token is gone from the device */
};
/* The answer for the register at @offset, whenever arrivals come.  Pure. */
enum sim_settled sim_read_settled(const struct sim *sim, sim_dev_id dev, uint32_t offset);
/* Does the device hold @token (FIFO, latch, arrival list)? */
bool sim_dev_holds(const struct sim *sim, sim_dev_id dev, unsigned token);

/*
 * arrival(DEV) of the language, for devices without data: takes the oldest acknowledged arrival
 * of @dev (for `line`: those that had come when its interrupt was acknowledged); the other
 * acknowledged ones merge into it (DROP merged).  Of a device with several status bits @pin
 * says which; past 31: any.  Returns the token, 0 if there is none.
 */
unsigned sim_arrival(struct sim *sim, sim_dev_id dev, unsigned pin);
/* Tells the devices on controller input @irq that its interrupt was acknowledged. */
void sim_acknowledged(struct sim *sim, unsigned irq);

/* The only source of nondeterminism inside a step: 0 .. n-1.  sim->choose decides; default 0.
 */
uint32_t sim_choose(struct sim *sim, uint32_t n);

/* Registers of a device or chip by offset, for names in traces: a const table per model. */
struct sim_register {
    const char *name;
    uint32_t offset;
    uint8_t access; /* enum in sim/regs/access.h */
    uint8_t size;
    uint16_t stride; /* bytes from one register of this name to the next */
    uint32_t writable;
    uint32_t reset;
    uint32_t count; /* registers of this name */
};
const struct sim_register *sim_registers(enum sim_model model, unsigned *ret_count);

/* The controller's chips: name and address of each, and their registers.  0 after the last. */
struct sim_chip {
    const char *name;
    uint32_t base;
    uint32_t count;
    const struct sim_register *registers;
};
const struct sim_chip *sim_chip(enum sim_machine machine, unsigned index);
const char *sim_model_name(enum sim_model model);

#endif
