/* lab/core/compile_kcall.c - calls of drivers' blocks. */
#include "drivers/port.h"
#include "lab/core/compile_internal.h"

static lab_node_id argument(const struct lab_compiler *c, lab_node_id call, unsigned k)
{
    return lab_child(c->s, call, k + 1);
}

static unsigned file_of(const struct lab_compiler *c, lab_node_id node)
{
    const struct lab_driver *driver = &c->s->drivers[c->unit.driver];

    if (node && lab_at(c, node)->role == LAB_ROLE_FILE)
        return lab_at(c, node)->ref;
    return driver->file_count > 1 ? LAB_THIS_FILE : driver->first_file;
}

/* The pin of arrival(DEV, PIN): a number; without it any pin. */
static unsigned pin_of(struct lab_compiler *c, lab_node_id node)
{
    const struct lab_node *n = lab_at(c, node);

    if (!node)
        return DRV_ANY_PIN;
    if (n->kind != LAB_N_INT && n->role != LAB_ROLE_CONSTANT && n->role != LAB_ROLE_KNOB)
        lab_too_much(c, node, "a pin that is no number");
    return n->value >= 0 && n->value < DRV_ANY_PIN ? (unsigned)n->value : DRV_ANY_PIN - 1;
}

/* Can the value be anything but a token's byte or 0? */
static bool is_narrow(const struct lab_compiler *c, lab_node_id node)
{
    const struct lab_node *n = lab_at(c, node);

    if (n->kind == LAB_N_CALL)
        return n->role == LAB_ROLE_KCALL && n->ref == LAB_K_ARRIVAL;
    return n->role == LAB_ROLE_REGISTER && !(n->aux & LAB_AUX_CHIP) &&
           c->s->devices[n->aux].model == LAB_MODEL_SOURCE && n->value == 0x08;
}

static void call_push(struct lab_compiler *c, lab_node_id call, bool wake)
{
    lab_node_id first = argument(c, call, 0), second = argument(c, call, 1);
    lab_node_id value = second ? second : first;

    if (!value) { /* push() is push(arrival(DEV)) */
        unsigned device = 0;
        while (device < c->s->device_count && c->s->devices[device].driver != c->unit.driver)
            device++;
        lab_emit(c, LAB_DO_ARRIVAL);
        lab_emit_byte(c, device);
        lab_emit_byte(c, DRV_ANY_PIN);
    } else {
        lab_compile_value(c, value);
        c->wide |= !is_narrow(c, value);
    }
    lab_emit(c, wake ? LAB_DO_PUSH : LAB_DO_QUEUE);
    lab_emit_byte(c, file_of(c, second ? first : 0));
}

/* Is device @d the first of the driver's on its controller input? */
static bool is_first_of_input(const struct lab_compiler *c, unsigned d)
{
    const struct lab_device *device = c->s->devices;

    if (device[d].driver != c->unit.driver)
        return false;
    for (unsigned e = 0; e < d; e++)
        if (device[e].driver == c->unit.driver && device[e].irq == device[d].irq)
            return false;
    return true;
}

/* One mask or unmask for each controller input of the driver, or of one device. */
static void call_mask(struct lab_compiler *c, lab_node_id call, enum lab_opcode op)
{
    unsigned only = lab_at(c, call)->aux;

    for (unsigned d = 0; d < c->s->device_count; d++) {
        if (only ? d + 1 != only : !is_first_of_input(c, d))
            continue;
        lab_emit(c, op);
        lab_emit_word(c, c->s->devices[d].irq, 2);
    }
}

/* Each controller input of the driver goes to the same CPU. */
static void call_set_affinity(struct lab_compiler *c, lab_node_id call)
{
    lab_compile_value(c, argument(c, call, 0));
    for (unsigned d = 0; d < c->s->device_count; d++) {
        if (!is_first_of_input(c, d))
            continue;
        lab_emit(c, LAB_DO_DUP);
        lab_emit(c, LAB_DO_AIM);
        lab_emit_word(c, c->s->devices[d].irq, 2);
    }
    lab_emit(c, LAB_DO_POP);
    c->aims = true;
}

static void emit_with(struct lab_compiler *c, enum lab_opcode op, unsigned operand)
{
    lab_emit(c, op);
    lab_emit_byte(c, operand);
}

/* Calls that do something and have no value. */
static void call_plain(struct lab_compiler *c, lab_node_id call)
{
    const struct lab_node *node = lab_at(c, call);
    unsigned file = file_of(c, argument(c, call, 0));

    switch (node->ref) {
    case LAB_K_PUSH:
    case LAB_K_QUEUE:
        call_push(c, call, node->ref == LAB_K_PUSH);
        break;
    case LAB_K_WAKE:
        emit_with(c, LAB_DO_WAKE, file);
        break;
    case LAB_K_SLEEP:
        emit_with(c, LAB_DO_SLEEP, file);
        break;
    case LAB_K_PREPARE:
        emit_with(c, LAB_DO_PREPARE, file);
        break;
    case LAB_K_DISABLE_IRQ:
        call_mask(c, call, LAB_DO_MASK);
        break;
    case LAB_K_ENABLE_IRQ:
        call_mask(c, call, LAB_DO_UNMASK);
        break;
    case LAB_K_SET_AFFINITY:
        call_set_affinity(c, call);
        break;
    case LAB_K_LOCAL_IRQ_DISABLE:
        emit_with(c, LAB_DO_CPU_MASK, 1);
        break;
    case LAB_K_LOCAL_IRQ_ENABLE:
        emit_with(c, LAB_DO_CPU_MASK, 0);
        c->unmasks_cpu |= c->unit.block == LAB_BLOCK_IRQ;
        break;
    case LAB_K_EOI:
        emit_with(c, LAB_DO_EOI, c->unit.driver);
        break;
    case LAB_K_WAKE_THREAD:
        emit_with(c, LAB_DO_WAKE_THREAD, c->unit.driver);
        break;
    case LAB_K_LINE_ASSERT:
    case LAB_K_LINE_DEASSERT:
        emit_with(c, LAB_DO_ASSERT, node->aux - 1);
        lab_emit_byte(c, node->ref == LAB_K_LINE_ASSERT);
        break;
    default: /* spend */
        lab_compile_value(c, argument(c, call, 0));
        lab_emit(c, LAB_DO_SPEND);
        break;
    }
}

void lab_compile_kcall(struct lab_compiler *c, lab_node_id id)
{
    const struct lab_node *node = lab_at(c, id);
    lab_node_id first = argument(c, id, 0);

    switch (node->ref) {
    case LAB_K_ROOM:
        emit_with(c, LAB_DO_ROOM, file_of(c, first));
        break;
    case LAB_K_COUNT:
        emit_with(c, LAB_DO_QUEUED, file_of(c, first));
        break;
    case LAB_K_ARRIVAL:
        emit_with(c, LAB_DO_ARRIVAL, lab_at(c, first)->ref);
        lab_emit_byte(c, pin_of(c, argument(c, id, 1)));
        break;
    case LAB_K_ACK:
        emit_with(c, LAB_DO_ACK, c->unit.driver);
        break;
    default:
        call_plain(c, id);
        lab_emit_int(c, 0);
        break;
    }
}
