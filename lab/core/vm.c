/*
 * lab/core/vm.c - the virtual machine: computing between steps, and the driver's visible
 * operations.
 *
 * A stack machine on slots of the arena; a slot is a 64-bit value and the token it bears.
 * Popped slots are cleared, so that a frame's bytes say only what it still knows.  Arithmetic
 * wraps, as on the machines the language is about; division by zero gives 0 (the front end
 * refuses the constant ones), shifts take their distance modulo 64.
 */
#include "lab/core/internal.h"

enum { BUDGET = 4096 }; /* jumps of one computation: for (;;) {} must come to an end */

static const uint8_t operand_bytes[] = {
#define OPERANDS(op, bytes) bytes,
    LAB_OPS(OPERANDS)
#undef OPERANDS
};

struct machine {
    const uint8_t *code;
    struct lab_frame *frame;
    int64_t *slot;
    uint8_t *tag;
};

static struct machine machine_of(const struct lab *lab, unsigned frame)
{
    return (struct machine){lab->code, lab->frame[frame], lab->slots[frame], lab->tags[frame]};
}

static drv_file_id file_at(const struct machine *m, uint8_t operand)
{
    return operand == LAB_THIS_FILE ? m->frame->file : operand;
}

unsigned lab_shared_at(const struct lab *lab, unsigned frame, unsigned variable)
{
    const struct lab_program *program = lab->program;
    unsigned task = lab->frame_task[frame], own = program->shared_of_process[variable];

    if (!own || task >= program->drv.tasks || !program->drv.task_parent[task])
        return variable;
    return program->shared + (task - lab->children) * program->process_shared + own - 1;
}

void lab_shared_fork(struct lab *lab, unsigned parent, unsigned child)
{
    for (unsigned v = 0; v < lab->program->shared; v++) {
        unsigned from = lab_shared_at(lab, lab->task_frame[parent], v);
        unsigned to = lab_shared_at(lab, lab->task_frame[child], v);
        lab->shared[to] = lab->shared[from];
        lab->shared_tag[to] = lab->shared_tag[from];
    }
}

static uint16_t word(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

static uint32_t word32(const uint8_t *at)
{
    return word(at) | (uint32_t)word(at + 2) << 16;
}

static void push(struct machine *m, int64_t value, uint8_t token)
{
    m->slot[m->frame->sp] = value;
    m->tag[m->frame->sp] = token;
    m->frame->sp++;
}

static int64_t pop(struct machine *m, uint8_t *ret_token)
{
    unsigned top = --m->frame->sp;
    int64_t value = m->slot[top];

    *ret_token = m->tag[top];
    m->slot[top] = 0;
    m->tag[top] = 0;
    return value;
}

static int64_t divide(int64_t a, int64_t b, bool rest)
{
    if (b == 0)
        return 0;
    if (b == -1)
        return rest ? 0 : (int64_t)(0 - (uint64_t)a);
    return rest ? a % b : a / b;
}

static int64_t binary(enum lab_opcode op, int64_t a, int64_t b)
{
    uint64_t x = (uint64_t)a, y = (uint64_t)b;

    switch (op) {
    case LAB_DO_MUL:
        return (int64_t)(x * y);
    case LAB_DO_DIV:
        return divide(a, b, false);
    case LAB_DO_MOD:
        return divide(a, b, true);
    case LAB_DO_ADD:
        return (int64_t)(x + y);
    case LAB_DO_SUB:
        return (int64_t)(x - y);
    case LAB_DO_SHL:
        return (int64_t)(x << (y & 63));
    case LAB_DO_SHR:
        return a < 0 ? (int64_t) ~(~x >> (y & 63)) : (int64_t)(x >> (y & 63));
    case LAB_DO_LT:
        return a < b;
    case LAB_DO_GT:
        return a > b;
    case LAB_DO_LE:
        return a <= b;
    case LAB_DO_GE:
        return a >= b;
    case LAB_DO_EQ:
        return a == b;
    case LAB_DO_NE:
        return a != b;
    case LAB_DO_AND:
        return (int64_t)(x & y);
    case LAB_DO_XOR:
        return (int64_t)(x ^ y);
    default:
        return (int64_t)(x | y);
    }
}

/* An operator keeps a token if exactly one operand bears one. */
static void do_binary(struct machine *m, enum lab_opcode op)
{
    uint8_t right_token, left_token;
    int64_t right = pop(m, &right_token);
    int64_t left = pop(m, &left_token);

    push(m, binary(op, left, right),
         right_token && left_token ? 0 : (uint8_t)(right_token | left_token));
}

static void do_unary(struct machine *m, enum lab_opcode op)
{
    unsigned top = m->frame->sp - 1u;
    int64_t value = m->slot[top];

    m->slot[top] = op == LAB_DO_NEG   ? (int64_t)(0 - (uint64_t)value)
                   : op == LAB_DO_NOT ? !value
                                      : ~value;
}

static void do_constant(struct lab *lab, struct machine *m, enum lab_opcode op,
                        const uint8_t *at)
{
    switch (op) {
    case LAB_DO_INT32:
        push(m, (int32_t)word32(at), 0);
        break;
    case LAB_DO_INT64:
        push(m, (int64_t)(word32(at) | (uint64_t)word32(at + 4) << 32), 0);
        break;
    case LAB_DO_TOKEN:
        push(m, lab->program->token_byte[at[0]], at[0]);
        break;
    default: { /* TOKEN_NEXT: the numbers of a name run out, then the byte bears none */
        int64_t n = m->slot[at[2]];
        uint8_t token = n < at[1] ? (uint8_t)(at[0] + n) : 0;
        push(m, lab->program->token_byte[token ? token : at[0]], token);
        m->slot[at[2]] = n < at[1] ? n + 1 : n;
        break;
    }
    }
}

static void do_buf(struct lab *lab, unsigned frame, struct machine *m)
{
    unsigned task = lab->frame_task[frame];
    uint8_t unused;
    int64_t i = pop(m, &unused);
    uint16_t cell = 0;

    if (task < lab->program->drv.tasks && i >= 0 && i < lab->task_code[task].buf_max)
        cell = lab->buf[task][i];
    push(m, cell & 0xff, (uint8_t)(cell >> 8));
}

/* The next entry of a foreach, or the jump behind it. */
static void do_each(struct lab *lab, unsigned frame, struct machine *m, const uint8_t *at)
{
    unsigned task = lab->frame_task[frame];
    const struct lab_task_code *code = &lab->task_code[task];
    struct drv_event *events = lab->events[task] + at[0] * code->events_max;
    int64_t i = m->slot[at[1]];

    if (i >= m->slot[at[2]] || i >= code->events_max) {
        m->slot[at[1]] = m->slot[at[2]] = 0;
        lab_zero(events, code->events_max * sizeof(*events));
        m->frame->pc = word(at + 3);
        return;
    }
    m->slot[at[1]] = i + 1;
    push(m, events[i].data, 0);
    push(m,
         events[i].flags & DRV_EVENT_RESULT ? (int64_t)(int32_t)events[i].events
                                            : (int64_t)events[i].events,
         0);
}

static void do_move(struct lab *lab, unsigned frame, struct machine *m, enum lab_opcode op,
                    const uint8_t *at)
{
    uint8_t token = 0;
    unsigned index;
    int64_t value;

    switch (op) {
    case LAB_DO_SHARED:
        index = lab_shared_at(lab, frame, at[0]);
        push(m, lab->shared[index], lab->shared_tag[index]);
        break;
    case LAB_DO_SHARED_SET:
        index = lab_shared_at(lab, frame, at[0]);
        lab->shared[index] = pop(m, &token);
        lab->shared_tag[index] = token;
        break;
    case LAB_DO_STARTED:
        lab_process_started(lab, at[0]);
        break;
    case LAB_DO_DUP:
        push(m, m->slot[m->frame->sp - 1], m->tag[m->frame->sp - 1]);
        break;
    case LAB_DO_OVER:
        push(m, m->slot[m->frame->sp - 2], m->tag[m->frame->sp - 2]);
        break;
    case LAB_DO_SPEND:
        value = pop(m, &token);
        lab->spent_ns += value > 0 ? (uint64_t)value : 0;
        break;
    case LAB_DO_BUF:
        do_buf(lab, frame, m);
        break;
    case LAB_DO_BYTE:
        push(m, m->frame->byte, m->frame->token);
        break;
    case LAB_DO_OUT:
        push(m, lab->result.out[at[0]], 0);
        break;
    default:
        do_each(lab, frame, m, at);
        break;
    }
}

static void do_look(struct lab *lab, struct machine *m, enum lab_opcode op, const uint8_t *at)
{
    unsigned token;

    switch (op) {
    case LAB_DO_ROOM:
        push(m, drv_room(&lab->drv, file_at(m, at[0])), 0);
        break;
    case LAB_DO_QUEUED:
        push(m, drv_count(&lab->drv, file_at(m, at[0])), 0);
        break;
    default:
        token = sim_arrival(&lab->sim, at[0], at[1]);
        push(m, token ? lab->program->token_byte[token] : 0, (uint8_t)token);
        break;
    }
}

/* Computation and looks that are not so common. */
static void do_other(struct lab *lab, unsigned frame, struct machine *m, enum lab_opcode op,
                     const uint8_t *at)
{
    if (op >= LAB_DO_ROOM)
        do_look(lab, m, op, at);
    else if (op >= LAB_DO_MUL && op <= LAB_DO_OR)
        do_binary(m, op);
    else if (op >= LAB_DO_NEG && op <= LAB_DO_COMPL)
        do_unary(m, op);
    else if (op <= LAB_DO_TOKEN_NEXT)
        do_constant(lab, m, op, at);
    else
        do_move(lab, frame, m, op, at);
}

static void advance(struct machine *m, unsigned bytes)
{
    m->frame->pc = (uint16_t)(m->frame->pc + bytes);
}

enum lab_stop lab_vm_run(struct lab *lab, unsigned frame, bool lazy)
{
    struct machine m = machine_of(lab, frame);
    unsigned budget = BUDGET;

    for (;;) {
        const uint8_t *at = m.code + m.frame->pc;
        enum lab_opcode op = at[0];
        enum lab_stop stop;
        uint8_t token;

        switch (op) { /* what most of a program consists of comes first */
        case LAB_DO_INT8:
            advance(&m, 2);
            push(&m, (int8_t)at[1], 0);
            break;
        case LAB_DO_LOAD:
            advance(&m, 2);
            push(&m, m.slot[at[1]], m.tag[at[1]]);
            break;
        case LAB_DO_STORE:
            advance(&m, 2);
            m.slot[at[1]] = pop(&m, &token);
            m.tag[at[1]] = token;
            break;
        case LAB_DO_POP:
            advance(&m, 1);
            pop(&m, &token);
            break;
        case LAB_DO_JUMP:
        case LAB_DO_JUMP_ZERO:
        case LAB_DO_JUMP_SET:
            if (budget-- == 0)
                return LAB_STOP_BUDGET;
            advance(&m, 3);
            if (op == LAB_DO_JUMP || (pop(&m, &token) != 0) == (op == LAB_DO_JUMP_SET))
                m.frame->pc = word(at + 1);
            break;
        default:
            stop = lab_stop_of(op);
            if (stop != LAB_STOP_BUDGET &&
                !(stop == LAB_STOP_LAZY && lazy && (!lab->spent_ns || lab->untimed)))
                return stop;
            advance(&m, 1u + operand_bytes[op]);
            do_other(lab, frame, &m, op, at + 1);
            break;
        }
    }
}

void lab_vm_begin(struct lab *lab, unsigned frame, const struct lab_routine *routine,
                  enum lab_routine_id id)
{
    struct lab_frame *f = lab->frame[frame];

    f->pc = routine->entry;
    f->sp = routine->vars;
    f->routine = (uint8_t)id;
}

void lab_vm_end(struct lab *lab, unsigned frame)
{
    lab_zero(lab->frame[frame], sizeof(struct lab_frame));
    lab_zero(lab->slots[frame], lab->frame_slots[frame] * sizeof(int64_t));
    lab_zero(lab->tags[frame], lab->frame_slots[frame]);
}

/* What is not named here costs nothing. */
static const uint8_t cost_of[LAB_DO_COUNT_] = {
    [LAB_DO_RREG] = LAB_CLASS_ACCESS,     [LAB_DO_RREG_AT] = LAB_CLASS_ACCESS,
    [LAB_DO_WREG] = LAB_CLASS_ACCESS,     [LAB_DO_WREG_AT] = LAB_CLASS_ACCESS,
    [LAB_DO_MASK] = LAB_CLASS_ACCESS,     [LAB_DO_UNMASK] = LAB_CLASS_ACCESS,
    [LAB_DO_CPU_MASK] = LAB_CLASS_ACCESS, [LAB_DO_ACK] = LAB_CLASS_ACCESS,
    [LAB_DO_EOI] = LAB_CLASS_ACCESS,      [LAB_DO_CALL] = LAB_CLASS_CALL,
};

enum lab_cost_class lab_vm_cost(const struct lab *lab, unsigned frame)
{
    return (enum lab_cost_class)cost_of[lab_vm_opcode(lab, frame)];
}

/* Register accesses: device, register, size, offset and, for REG[i], the stride. */
static void do_register(struct lab *lab, struct machine *m, enum lab_opcode op, unsigned cpu,
                        const uint8_t *at)
{
    bool indexed = op == LAB_DO_RREG_AT || op == LAB_DO_WREG_AT;
    uint32_t address = word32(at + 3);
    int64_t value = 0;
    uint8_t token = 0, unused;

    if (at[0] != LAB_CHIP_DEVICE)
        address += lab->program->sim.device[at[0]].base;
    if (op == LAB_DO_WREG || op == LAB_DO_WREG_AT)
        value = pop(m, &token);
    if (indexed)
        address += (uint32_t)pop(m, &unused) * at[7];
    if (op == LAB_DO_RREG || op == LAB_DO_RREG_AT) {
        value = lab_register_read(lab, cpu, at[0], at[1], address, at[2]);
        push(m, value, lab->sim.token);
    } else {
        lab_register_write(lab, cpu, at[0], at[1], address, at[2], (uint32_t)value, token);
    }
}

static void do_shared(struct lab *lab, struct machine *m, enum lab_opcode op, unsigned frame,
                      unsigned variable)
{
    unsigned at = lab_shared_at(lab, frame, variable);
    uint8_t token;

    if (op == LAB_DO_GET) {
        push(m, lab->shared[at], lab->shared_tag[at]);
        sim_trace(&lab->trace, SIM_EV_STATE_GET, variable, (uint32_t)lab->shared[at],
                  lab->shared_tag[at]);
        return;
    }
    lab->shared[at] = pop(m, &token);
    lab->shared_tag[at] = token;
    sim_trace(&lab->trace, SIM_EV_STATE_SET, variable, (uint32_t)lab->shared[at], token);
}

static void do_driver(struct lab *lab, struct machine *m, enum lab_opcode op, unsigned cpu,
                      unsigned driver)
{
    if (op == LAB_DO_ACK) {
        int irq;
        uint32_t number = lab_ack(lab, cpu, &irq);
        lab->irqs.number[driver] = (uint16_t)number;
        push(m, number, 0);
    } else if (op == LAB_DO_EOI) {
        lab_eoi(lab, cpu, lab->irqs.number[driver]);
        lab->irqs.number[driver] = 0;
    } else {
        lab->thread[driver] |= LAB_THREAD_WOKEN;
        sim_trace(&lab->trace, SIM_EV_THREAD, driver, 2, 0);
        for (unsigned i = 0; i < lab->irqs.count; i++)
            for (unsigned k = 0; k < lab->irqs.irq[i].actions && lab->irqs.irq[i].oneshot; k++)
                if (lab->irqs.irq[i].driver[k] == driver)
                    lab->irqs.flags[i] |= DRV_IRQ_THREAD;
    }
}

/* Does the visible operation the frame stands before (not CALL, not SLEEP's waking). */
static void do_visible(struct lab *lab, unsigned frame, unsigned cpu, unsigned waiter)
{
    struct machine m = machine_of(lab, frame);
    const uint8_t *at = m.code + m.frame->pc;
    enum lab_opcode op = at[0];
    uint8_t token = 0;
    int64_t value;

    m.frame->pc = (uint16_t)(m.frame->pc + 1 + operand_bytes[op]);
    switch (op) {
    case LAB_DO_RREG:
    case LAB_DO_RREG_AT:
    case LAB_DO_WREG:
    case LAB_DO_WREG_AT:
        do_register(lab, &m, op, cpu, at + 1);
        break;
    case LAB_DO_GET:
    case LAB_DO_SET:
        do_shared(lab, &m, op, frame, at[1]);
        break;
    case LAB_DO_PUSH:
    case LAB_DO_QUEUE:
        value = pop(&m, &token);
        lab_push(lab, file_at(&m, at[1]), (uint8_t)value, token, op == LAB_DO_PUSH);
        break;
    case LAB_DO_WAKE:
        drv_wake(&lab->drv, file_at(&m, at[1]), DRV_POLLIN | DRV_POLLRDNORM);
        break;
    case LAB_DO_PREPARE:
        drv_prepare(&lab->drv, waiter, file_at(&m, at[1]));
        break;
    case LAB_DO_SLEEP:
        drv_sleep(&lab->drv, waiter, file_at(&m, at[1]));
        break;
    case LAB_DO_MASK:
    case LAB_DO_UNMASK:
        lab_mask(lab, cpu, word(at + 1), op == LAB_DO_MASK);
        break;
    case LAB_DO_CPU_MASK:
        lab->irqs.cpu[cpu]->masked = at[1];
        sim_trace(&lab->trace, SIM_EV_CPU_MASK, cpu, at[1], 0);
        break;
    case LAB_DO_ASSERT:
        sim_act(&lab->sim, at[1], at[2] ? SIM_VERB_ASSERT : SIM_VERB_DEASSERT, 0, 0);
        break;
    default:
        do_driver(lab, &m, op, cpu, at[1]);
        break;
    }
}

enum lab_stop lab_vm_step(struct lab *lab, unsigned frame, unsigned cpu, unsigned waiter)
{
    if (lab_vm_opcode(lab, frame) >= LAB_DO_RREG) {
        if (lab->reached)
            lab->reached[lab->frame[frame]->pc] = 1;
        do_visible(lab, frame, cpu, waiter);
    }
    return lab_vm_run(lab, frame, false);
}
