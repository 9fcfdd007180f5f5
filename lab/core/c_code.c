/*
 * lab/core/c_code.c - C drivers under way: their requests as steps.
 *
 * C carries no tokens.  What a read brings is kept in the activation's hand until C code hands
 * a byte of the same value on; what it still holds when it ends is lost with it.
 */
#include "lab/core/internal.h"
#include "sim/regs/virtio_mmio.h"

static void take_in_hand(struct lab_hand *hand, unsigned token)
{
    if (!token)
        return;
    if (hand->n == LAB_HAND_MAX) { /* the oldest is forgotten first */
        for (unsigned i = 1; i < hand->n; i++)
            hand->token[i - 1] = hand->token[i];
        hand->n--;
    }
    hand->token[hand->n++] = (uint8_t)token;
}

/* The oldest token in hand with this byte, taken out; 0: a stray. */
static unsigned out_of_hand(struct lab *lab, struct lab_hand *hand, uint32_t byte)
{
    for (unsigned i = 0; i < hand->n; i++) {
        unsigned token = hand->token[i];
        if (lab->program->token_byte[token] != (byte & 0xff))
            continue;
        for (unsigned k = i + 1; k < hand->n; k++)
            hand->token[k - 1] = hand->token[k];
        hand->token[--hand->n] = 0;
        return token;
    }
    return 0;
}

/* Which device and register an address is, for the trace. */
static inline unsigned register_of(const struct lab *lab, uint32_t address)
{
    const struct sim_config *config = &lab->program->sim;

    for (unsigned d = 0; d < config->devices; d++) {
        const struct sim_register *regs = lab->registers[d];
        unsigned count = lab->register_count[d];
        uint32_t offset = address - config->device[d].base;
        if (!config->device[d].base ||
            offset >= (config->device[d].model == SIM_MODEL_VIRTIO ? VIRTIO_BYTES : 0x1000u))
            continue;
        if (offset / 4 < count && regs[offset / 4].offset == offset) /* most tables are dense */
            return d << 8 | offset / 4;
        for (unsigned r = 0; r < count; r++)
            if (regs[r].offset == offset)
                return d << 8 | r;
        return d << 8 | 0xff;
    }
    return LAB_CHIP_DEVICE << 8 | 0xff;
}

static uint32_t do_read(struct lab *lab, unsigned context, unsigned cpu,
                        const struct drv_request *request)
{
    unsigned reg = register_of(lab, request->address);
    uint32_t value =
        lab_register_read(lab, cpu, reg >> 8, reg & 0xff, request->address, request->file);

    take_in_hand(lab->hand[context], lab->sim.token);
    return value;
}

/* Only a file's write {} sends bytes out; a handler's writes are to other registers. */
static uint32_t do_write(struct lab *lab, unsigned context, unsigned cpu,
                         const struct drv_request *request)
{
    unsigned reg = register_of(lab, request->address);
    unsigned token = context < lab->context_of_task
                         ? 0
                         : out_of_hand(lab, lab->hand[context], request->value);

    lab_register_write(lab, cpu, reg >> 8, reg & 0xff, request->address, request->file,
                       request->value, token);
    return 0;
}

static uint32_t do_queue(struct lab *lab, unsigned context, const struct drv_request *request)
{
    lab_push(lab, request->file, (uint8_t)request->value,
             out_of_hand(lab, lab->hand[context], request->value),
             request->op == DRV_PORT_PUSH);
    return 0;
}

static uint32_t do_arrival(struct lab *lab, const struct drv_request *request)
{
    unsigned token = sim_arrival(&lab->sim, request->device, request->value);

    if (!token && lab->program->sim.device[request->device].model == SIM_MODEL_VIRTIO)
        return 0; /* the used ring is empty */
    lab_push(lab, request->file, token ? lab->program->token_byte[token] : 0, token, true);
    return token != 0;
}

uint32_t lab_c_do(struct lab *lab, unsigned context, unsigned cpu,
                  const struct drv_request *request)
{
    switch (request->op) {
    case DRV_PORT_READ:
        return do_read(lab, context, cpu, request);
    case DRV_PORT_WRITE:
        return do_write(lab, context, cpu, request);
    case DRV_PORT_PUSH:
    case DRV_PORT_QUEUE:
        return do_queue(lab, context, request);
    case DRV_PORT_WAKE:
        drv_wake(&lab->drv, request->file, DRV_POLLIN | DRV_POLLRDNORM);
        return 0;
    case DRV_PORT_ROOM:
        return drv_room(&lab->drv, request->file);
    case DRV_PORT_ARRIVAL:
        return do_arrival(lab, request);
    default:
        return 0;
    }
}

void lab_c_begin(struct lab *lab, unsigned context, unsigned driver, drv_c_routine routine,
                 unsigned value, unsigned token)
{
    const struct drv_driver_config *config = &lab->program->drv.driver[driver];
    struct drv_c_args args = {.file = config->file_first, .value = (uint8_t)value};

    for (unsigned d = 0; d < lab->program->sim.devices; d++)
        if (config->devices[d / 32] >> d % 32 & 1) {
            args.device = (uint8_t)d;
            args.base = lab->program->sim.device[d].base;
            break;
        }
    if (lab->hand[context])
        take_in_hand(lab->hand[context], token);
    lab->bench->c_start(lab, context, routine, &args);
    if (lab->hand[context] && !lab_c_busy(lab, context))
        *lab->hand[context] = (struct lab_hand){0};
}

unsigned lab_c_request(const struct lab *lab, unsigned context)
{
    return lab_request_of(lab, context)->op;
}

/* The request is done: C goes on to its next one; at its end the hand is emptied. */
static void go_on(struct lab *lab, unsigned context, uint32_t answer)
{
    lab_request_of(lab, context)->value = answer;
    lab->bench->c_continue(lab, context);
    if (!lab_c_busy(lab, context))
        *lab->hand[context] = (struct lab_hand){0};
}

void lab_c_step(struct lab *lab, unsigned context, unsigned cpu)
{
    go_on(lab, context, lab_c_do(lab, context, cpu, lab_request_of(lab, context)));
}
