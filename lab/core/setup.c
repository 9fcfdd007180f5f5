/*
 * lab/core/setup.c - what stands before the first step: every device ready to receive with its
 * interrupt on, the controller told trigger and target, the lines unmasked, the actors before
 * their first operation.
 */
#include "lab/core/internal.h"

unsigned lab_builtin_of(unsigned model)
{
    static const uint8_t builtins[SIM_MODELS] = {
        [SIM_MODEL_SOURCE] = DRV_BUILTIN_SOURCE,
        [SIM_MODEL_LINE] = DRV_BUILTIN_LINE,
        [SIM_MODEL_PL011] = DRV_BUILTIN_PL011,
        [SIM_MODEL_PL031] = DRV_BUILTIN_PL031,
        [SIM_MODEL_PL061] = DRV_BUILTIN_PL061,
        [SIM_MODEL_SP804] = DRV_BUILTIN_SP804,
        [SIM_MODEL_NS16550] = DRV_BUILTIN_NS16550,
        [SIM_MODEL_I8254] = DRV_BUILTIN_I8254,
        [SIM_MODEL_CMSDK_UART] = DRV_BUILTIN_CMSDK_UART,
        [SIM_MODEL_CMSDK_TIMER] = DRV_BUILTIN_CMSDK_TIMER,
        [SIM_MODEL_VIRTIO] = DRV_BUILTIN_VIRTIO,
    };

    return model < SIM_MODELS ? builtins[model] : (unsigned)DRV_BUILTIN_NONE;
}

bool lab_device_has_timer(const struct lab_program *program, unsigned device)
{
    const struct sim_device_config *config = &program->sim.device[device];

    if (device == program->sim.devices)
        return program->sim.sample_ns != 0;
    if (config->posted_ns)
        return true;
    switch (config->model) {
    case SIM_MODEL_LINE:
        return true;
    case SIM_MODEL_SOURCE:
        return config->request == SIM_REQUEST_PULSE;
    case SIM_MODEL_PL011:
        return !program->sim.as_qemu; /* the receive time-out */
    case SIM_MODEL_VIRTIO:            /* unless the world finishes its requests */
        return config->pulse_ns != 0;
    case SIM_MODEL_NS16550:
    case SIM_MODEL_I8254:
    case SIM_MODEL_PL031:
    case SIM_MODEL_SP804:
    case SIM_MODEL_CMSDK_TIMER:
        return true;
    default:
        return false;
    }
}

unsigned lab_starts(const struct lab_program *program)
{
    unsigned last = 0;

    for (unsigned p = 0; p < program->drv.processes; p++)
        if (program->process_starts[p])
            last = p + 1;
    return last;
}

static bool handles(const struct lab *lab, unsigned driver)
{
    const struct drv_c_driver *c = lab->c_driver[driver];

    return (c && c->irq) || lab->program->block[driver][DRV_BLOCK_IRQ].entry != LAB_NO_CODE;
}

static bool serves(const struct lab_program *program, unsigned driver, unsigned device)
{
    return program->drv.driver[driver].devices[device / 32] >> device % 32 & 1;
}

static enum drv_sense sense_of(unsigned trigger)
{
    return trigger == SIM_TRIGGER_MSI ? DRV_SENSE_EDGE : (enum drv_sense)trigger;
}

static void request(struct drv_irqs *irqs, const struct lab_program *program, unsigned device,
                    unsigned driver)
{
    const struct sim_device_config *config = &program->sim.device[device];
    const struct drv_driver_config *d = &program->drv.driver[driver];
    unsigned i = drv_irq_find(irqs, config->irq);
    struct drv_irq *irq;

    if (i == DRV_IRQ_NONE) {
        i = irqs->count++;
        irqs->irq[i] = (struct drv_irq){
            .irq = config->irq,
            .sense = (uint8_t)sense_of(config->trigger),
            .cpu = config->cpu,
            .flow = d->flow,
        };
    }
    irq = &irqs->irq[i];
    for (unsigned k = 0; k < irq->actions; k++)
        if (irq->driver[k] == driver)
            return;
    if (irq->actions < DRV_ACTIONS_MAX)
        irq->driver[irq->actions++] = (uint8_t)driver;
    irq->oneshot |= d->oneshot;
}

static const struct drv_chip *chip_of(enum sim_machine machine)
{
    static const struct drv_chip *const chips[SIM_MACHINES] = {
        [SIM_MACHINE_TEXTBOOK] = &drv_chip_textbook,
        [SIM_MACHINE_VIRT] = &drv_chip_gicv2,
        [SIM_MACHINE_VIRT_GICV3] = &drv_chip_gicv3,
        [SIM_MACHINE_PC] = &drv_chip_i8259,
        [SIM_MACHINE_PC_IOAPIC] = &drv_chip_ioapic,
        [SIM_MACHINE_RISCV_VIRT] = &drv_chip_plic,
        [SIM_MACHINE_RISCV_AIA] = &drv_chip_aplic,
        [SIM_MACHINE_VEXPRESS_A9] = &drv_chip_gicv1,
        [SIM_MACHINE_VERSATILEPB] = &drv_chip_pl190,
        [SIM_MACHINE_MPS2_AN385] = &drv_chip_nvic,
    };

    return chips[machine];
}

void lab_request_irqs(struct lab *lab)
{
    const struct lab_program *program = lab->program;

    lab->irqs.chip = chip_of((enum sim_machine)program->sim.machine);
    lab->irqs.cpus = program->sim.cpus;
    lab->irqs.nest = program->nest;
    for (unsigned driver = 0; driver < program->drv.drivers; driver++)
        for (unsigned device = 0; device < program->sim.devices && handles(lab, driver);
             device++)
            if (serves(program, driver, device))
                request(&lab->irqs, program, device, driver);
}

static void set_up_input(struct lab *lab, unsigned cpu, const struct drv_input *input)
{
    const struct drv_chip *chip = lab->irqs.chip;
    bool message = input->irq >= 0 && input->message;
    struct drv_access access;

    for (unsigned k = 0;
         (access = message ? chip->message(input, k) : chip->setup(input, k)).size; k++)
        lab_chip_access(lab, cpu, access);
}

static void set_up_controller(struct lab *lab)
{
    struct drv_input all = {.irq = -1, .message = lab->sim.messages != 0};

    for (all.cpu = 0; all.cpu < lab->irqs.cpus; all.cpu++)
        set_up_input(lab, all.cpu, &all);
    for (unsigned d = 0; d < lab->program->sim.devices; d++) {
        const struct sim_device_config *device = &lab->program->sim.device[d];
        struct drv_input input = {device->irq, sense_of(device->trigger), device->cpu, d,
                                  device->trigger == SIM_TRIGGER_MSI};
        set_up_input(lab, 0, &input);
    }
}

/* The C driver of a model makes its device ready, also for drivers of the scenario. */
static void set_up_device(struct lab *lab, unsigned device)
{
    const struct sim_device_config *config = &lab->program->sim.device[device];
    const struct drv_c_driver *c = drv_c_driver_of(lab_builtin_of(config->model));
    struct drv_c_args args = {.base = config->base, .device = (uint8_t)device};
    struct lab_hand hand = {0};
    uint8_t *context = lab->context[0];
    struct lab_hand *kept = lab->hand[0];

    if (!c || !c->setup)
        return;
    lab->hand[0] = &hand;
    if (!context && lab->context_size)
        lab->context[0] = (uint8_t *)lab->setup_context;
    lab->bench->c_start(lab, 0, c->setup, &args);
    while (lab_c_busy(lab, 0))
        lab_c_step(lab, 0, 0);
    lab->context[0] = context;
    lab->hand[0] = kept;
}

void lab_set_up(struct lab *lab)
{
    const struct lab_program *program = lab->program;
    uint64_t devices_with_init = 0;

    set_up_controller(lab);
    for (unsigned i = 0; lab->irqs.target && i < lab->irqs.count; i++)
        lab->irqs.target[i] = lab->irqs.irq[i].cpu;
    for (unsigned d = 0; d < program->drv.drivers; d++)
        if (program->block[d][DRV_BLOCK_INIT].entry != LAB_NO_CODE) {
            lab->thread[d] = LAB_THREAD_INIT;
            devices_with_init |= program->drv.driver[d].devices[0] |
                                 (uint64_t)program->drv.driver[d].devices[1] << 32;
        }
    for (unsigned device = 0; device < program->sim.devices; device++)
        if (!(devices_with_init >> device & 1))
            set_up_device(lab, device);
    for (unsigned i = 0; i < lab->irqs.count; i++) {
        bool later = false;
        for (unsigned k = 0; k < lab->irqs.irq[i].actions; k++)
            later |= (lab->thread_frame[lab->irqs.irq[i].driver[k]] != LAB_NO_FRAME &&
                      lab->thread[lab->irqs.irq[i].driver[k]] & LAB_THREAD_INIT);
        if (!later)
            lab_mask(lab, 0, lab->irqs.irq[i].irq, false);
    }
    for (unsigned p = 0; p < program->drv.processes; p++)
        for (unsigned t = program->drv.tasks; t-- > 0 && program->process_starts[p];)
            if (lab->task_code[t].process == p)
                lab->started[p] = (uint8_t)(t + 1);
}

/* A bit for each of the scenario's tokens from 64 * @word on. */
static uint64_t tokens_of_word(const struct lab_program *program, unsigned word)
{
    unsigned end = program->tokens + 1u; /* they count from 1 */

    if (end >= word * 64 + 64)
        return UINT64_MAX;
    return end > word * 64 ? (UINT64_C(1) << end % 64) - 1 : 0;
}

void lab_refresh(struct lab *lab)
{
    sim_refresh(&lab->sim);
    lab->horizon = 0;
    for (unsigned i = 0; 64 * i <= lab->program->tokens; i++)
        lab->arrived[i] = tokens_of_word(lab->program, i);
    lab->inits = 0;
    for (unsigned d = 0; d < lab->program->drv.drivers; d++)
        if (lab->program->block[d][DRV_BLOCK_INIT].entry != LAB_NO_CODE &&
            lab->thread[d] & LAB_THREAD_INIT)
            lab->inits++;
}

void lab_start(struct lab *lab, const struct lab_bench *bench)
{
    uint64_t want = lab->trace.want;

    lab->bench = bench;
    lab_bind(lab);
    lab->trace.want = 0;
    lab->drv.content = (const uint8_t *)lab->program + lab->program->content_at;
    sim_reset(&lab->sim);
    drv_reset(&lab->drv);
    loop_aio_reset(&lab->aio);
    lab_set_up(lab);
    lab->sim.armed = 0;
    for (unsigned t = 0; t < lab->program->drv.tasks; t++) {
        unsigned process = lab->task_code[t].process;
        if (lab->program->drv.task_parent[t]) {
            lab->task[t] = LAB_TASK_GONE; /* until its parent forks */
            continue;
        }
        if (!lab->program->process_starts[process] || lab->started[process] == t + 1)
            lab_task_begin(lab, t);
    }
    lab_refresh(lab);
    lab->trace.want = want;
    lab->trace.count = 0;
}

void lab_resume(struct lab *lab, const struct lab_bench *bench)
{
    lab->bench = bench;
    lab_bind(lab);
    lab_refresh(lab);
}
