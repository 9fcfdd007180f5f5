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
#include "sim/bus.h"

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
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
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
    else if (op >= LAB_DO_LOOP_NEW)
        lab_loop_operate(lab, frame, op, at[0]);
    else if (op >= LAB_DO_MUL && op <= LAB_DO_OR)
        do_binary(m, op);
    else if (op >= LAB_DO_NEG && op <= LAB_DO_COMPL)
        do_unary(m, op);
    else if (op <= LAB_DO_TOKEN_NEXT)
        do_constant(lab, m, op, at);
    else
        do_move(lab, frame, m, op, at);
}

/* A slot that was popped. */
static inline void clear(int64_t *slot, uint8_t *tag, unsigned at)
{
    slot[at] = 0;
    tag[at] = 0;
}

/* Stands the frame at @pc with @sp slots in use. */
static inline void stand(struct lab_frame *frame, unsigned pc, unsigned sp)
{
    frame->pc = (uint16_t)pc;
    frame->sp = (uint8_t)sp;
}

/* Any computation, and looks; the frame stands behind it already. */
static __attribute__((noinline)) void compute(struct lab *lab, unsigned frame,
                                              const uint8_t *at)
{
    struct machine m = machine_of(lab, frame);

    do_other(lab, frame, &m, (enum lab_opcode)at[0], at + 1);
}

/*
 * Computes as far as values are moved and jumps made, which is most of a program; returns the
 * operation it then stands before.  @budget: jumps it may still make.
 */
static inline __attribute__((always_inline)) enum lab_opcode move(const uint8_t *code,
                                                                  struct lab_frame *frame,
                                                                  int64_t *slot, uint8_t *tag,
                                                                  unsigned *budget)
{
    unsigned pc = frame->pc, sp = frame->sp;
    enum lab_opcode op;

    for (;;) {
        const uint8_t *at = code + pc;
        op = at[0];
        if (op > LAB_DO_JUMP_SET) {
            break;
        } else if (op == LAB_DO_INT8) {
            slot[sp] = (int8_t)at[1];
            tag[sp++] = 0;
            pc += 2;
        } else if (op == LAB_DO_LOAD) {
            slot[sp] = slot[at[1]];
            tag[sp++] = tag[at[1]];
            pc += 2;
        } else if (op == LAB_DO_STORE) {
            slot[at[1]] = slot[--sp];
            tag[at[1]] = tag[sp];
            clear(slot, tag, sp);
            pc += 2;
        } else if (op == LAB_DO_POP) {
            clear(slot, tag, --sp);
            pc++;
        } else if (op >= LAB_DO_JUMP && *budget) {
            bool taken = op == LAB_DO_JUMP;
            if (op != LAB_DO_JUMP) {
                taken = (slot[--sp] != 0) == (op == LAB_DO_JUMP_SET);
                clear(slot, tag, sp);
            }
            pc = taken ? word(at + 1) : pc + 3;
            --*budget;
        } else {
            break;
        }
    }
    stand(frame, pc, sp);
    return op;
}

/* lab_vm_run() from @op on, before which the frame stands. */
static __attribute__((noinline)) enum lab_stop
run_on(struct lab *lab, unsigned frame, bool lazy, enum lab_opcode op, unsigned budget)
{
    struct lab_frame *f = lab->frame[frame];

    for (;;) {
        const uint8_t *at = lab->code + f->pc;
        enum lab_stop stop = lab_stop_of(op);
        if (stop != LAB_STOP_BUDGET &&
            !(stop == LAB_STOP_LAZY && lazy && (!lab->spent_ns || lab->untimed)))
            return stop;
        if (op >= LAB_DO_JUMP && op <= LAB_DO_JUMP_SET)
            return LAB_STOP_BUDGET;
        f->pc = (uint16_t)(f->pc + 1 + operand_bytes[op]);
        compute(lab, frame, at);
        op = move(lab->code, f, lab->slots[frame], lab->tags[frame], &budget);
    }
}

enum lab_stop lab_vm_run(struct lab *lab, unsigned frame, bool lazy)
{
    unsigned budget = BUDGET;
    enum lab_opcode op =
        move(lab->code, lab->frame[frame], lab->slots[frame], lab->tags[frame], &budget);

    return op >= LAB_DO_RREG ? LAB_STOP_VISIBLE : run_on(lab, frame, lazy, op, budget);
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
const uint8_t lab_vm_costs[LAB_DO_COUNT_] = {
    [LAB_DO_ROOM] = LAB_CLASS_LOOK,      [LAB_DO_QUEUED] = LAB_CLASS_LOOK,
    [LAB_DO_ARRIVAL] = LAB_CLASS_LOOK,   [LAB_DO_RREG] = LAB_CLASS_ACCESS,
    [LAB_DO_RREG_AT] = LAB_CLASS_ACCESS, [LAB_DO_WREG] = LAB_CLASS_ACCESS,
    [LAB_DO_WREG_AT] = LAB_CLASS_ACCESS, [LAB_DO_MASK] = LAB_CLASS_ACCESS,
    [LAB_DO_UNMASK] = LAB_CLASS_ACCESS,  [LAB_DO_CPU_MASK] = LAB_CLASS_ACCESS,
    [LAB_DO_ACK] = LAB_CLASS_ACCESS,     [LAB_DO_EOI] = LAB_CLASS_ACCESS,
    [LAB_DO_AIM] = LAB_CLASS_ACCESS,     [LAB_DO_CALL] = LAB_CLASS_CALL,
};

/* A register access: device, register, size, offset and, for REG[i], the stride. */
static uint32_t address_of(const struct lab *lab, const uint8_t *at)
{
    uint32_t offset = word32(at + 3);

    return at[0] == LAB_CHIP_DEVICE ? offset : offset + lab->program->sim.device[at[0]].base;
}

/* REG[i]: the index lies on top, or below the value. */
static uint32_t index_of(struct machine *m, const uint8_t *at)
{
    uint8_t unused;

    return (uint32_t)pop(m, &unused) * at[7];
}

static void write_register(struct lab *lab, struct machine *m, unsigned cpu, const uint8_t *at,
                           bool indexed)
{
    uint8_t token;
    uint32_t value = (uint32_t)pop(m, &token);
    uint32_t further = indexed ? index_of(m, at) : 0;

    lab_register_write(lab, cpu, at[0], at[1], address_of(lab, at) + further, at[2], value,
                       token);
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

/* What else is visible (not CALL, not SLEEP's waking). */
static __attribute__((noinline)) void do_visible(struct lab *lab, unsigned frame, unsigned cpu,
                                                 unsigned waiter, const uint8_t *at)
{
    struct machine m = machine_of(lab, frame);
    enum lab_opcode op = at[0];
    uint8_t token = 0;
    int64_t value;

    switch (op) {
    case LAB_DO_RREG_AT:
        value = lab_register_read(lab, cpu, at[1], at[2],
                                  address_of(lab, at + 1) + index_of(&m, at + 1), at[3]);
        push(&m, value, lab->sim.token);
        break;
    case LAB_DO_WREG:
    case LAB_DO_WREG_AT:
        write_register(lab, &m, cpu, at + 1, op == LAB_DO_WREG_AT);
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
    case LAB_DO_AIM:
        lab_aim(lab, cpu, word(at + 1), pop(&m, &token));
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

/* RREG: what most visible operations of a driver are. */
static inline void do_read(struct lab *lab, unsigned frame, unsigned cpu, const uint8_t *at)
{
    struct lab_frame *f = lab->frame[frame];
    uint32_t offset = word32(at + 4), value;

    value = at[1] == LAB_CHIP_DEVICE ? sim_read(&lab->sim, cpu, offset, at[3])
                                     : sim_bus_read(&lab->sim, cpu, at[1], offset, at[3]);
    sim_trace(&lab->trace, SIM_EV_READ, (unsigned)at[1] << 8 | at[2], value, lab->sim.token);
    lab->slots[frame][f->sp] = value;
    lab->tags[frame][f->sp++] = lab->sim.token;
}

enum lab_stop lab_vm_step(struct lab *lab, unsigned frame, unsigned cpu, unsigned waiter)
{
    struct lab_frame *f = lab->frame[frame];
    const uint8_t *at = lab->code + f->pc;
    enum lab_opcode op = at[0];

    if (op >= LAB_DO_RREG) {
        if (lab->reached)
            lab->reached[f->pc] = 1;
        f->pc = (uint16_t)(f->pc + 1 + operand_bytes[op]);
        if (op == LAB_DO_RREG)
            do_read(lab, frame, cpu, at);
        else
            do_visible(lab, frame, cpu, waiter, at);
    }
    return lab_vm_run(lab, frame, false);
}
