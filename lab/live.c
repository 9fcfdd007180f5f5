/* lab/live.c - see live.h. */
#include "lab/live.h"

#include <stdlib.h>
#include <string.h>

static const uint8_t operand_bytes[] = {
#define OPERANDS(op, bytes) bytes,
    LAB_OPS(OPERANDS)
#undef OPERANDS
};

/* One routine under analysis. */
struct routine {
    const struct lab_program *program;
    const uint8_t *code;
    uint32_t size;
    uint8_t vars;
    uint64_t kept[4];     /* slots that an expectation looks at: always live */
    uint8_t *seen;        /* per place: 1 an instruction of this routine, 2 a jump leads here */
    uint64_t (*slots)[4]; /* struct lab_live */
};

static uint32_t next_of(const struct routine *r, uint32_t pc)
{
    return pc + 1 + operand_bytes[r->code[pc]];
}

static uint32_t target_of(const struct routine *r, uint32_t pc)
{
    const uint8_t *at = r->code + pc + (r->code[pc] == LAB_DO_EACH ? 4 : 1);

    return at[0] | (uint32_t)at[1] << 8;
}

static bool jumps(unsigned op)
{
    return op == LAB_DO_JUMP || op == LAB_DO_JUMP_ZERO || op == LAB_DO_JUMP_SET ||
           op == LAB_DO_EACH;
}

static bool falls_through(unsigned op)
{
    return op != LAB_DO_JUMP && op != LAB_DO_END && op != LAB_DO_RETURN;
}

/* Finds the routine's instructions. */
static void walk(struct routine *r, uint32_t pc)
{
    while (pc < r->size && !(r->seen[pc] & 1)) {
        unsigned op = r->code[pc];
        r->seen[pc] |= 1;
        if (jumps(op)) {
            r->seen[target_of(r, pc)] |= 2;
            walk(r, target_of(r, pc));
        }
        if (!falls_through(op))
            return;
        pc = next_of(r, pc);
    }
}

static void set_bit(uint64_t set[4], unsigned bit, bool on)
{
    if (on)
        set[bit / 64] |= UINT64_C(1) << bit % 64;
    else
        set[bit / 64] &= ~(UINT64_C(1) << bit % 64);
}

static bool has_bit(const uint64_t set[4], unsigned bit)
{
    return set[bit / 64] >> bit % 64 & 1;
}

/* What is live before the instruction, from what is live behind it. */
static void before(const struct routine *r, uint32_t pc, uint64_t set[4])
{
    const uint8_t *at = r->code + pc;

    switch (at[0]) {
    case LAB_DO_LOAD:
        set_bit(set, at[1], true);
        break;
    case LAB_DO_STORE:
        set_bit(set, at[1], false);
        break;
    case LAB_DO_TOKEN_NEXT:
        set_bit(set, at[3], true);
        break;
    case LAB_DO_EACH:
        set_bit(set, at[2], true);
        set_bit(set, at[3], true);
        break;
    default:
        break;
    }
    for (unsigned i = 0; i < 4; i++)
        set[i] |= r->kept[i];
}

static void find_live(struct routine *r)
{
    bool more = true;

    while (more) {
        more = false;
        for (uint32_t pc = r->size; pc-- > 0;) {
            uint64_t set[4] = {0};
            if (!(r->seen[pc] & 1))
                continue;
            if (jumps(r->code[pc]))
                memcpy(set, r->slots[target_of(r, pc)], sizeof(set));
            for (unsigned i = 0; i < 4 && falls_through(r->code[pc]); i++)
                set[i] |= r->slots[next_of(r, pc)][i];
            before(r, pc, set);
            if (!memcmp(set, r->slots[pc], sizeof(set)))
                continue;
            memcpy(r->slots[pc], set, sizeof(set));
            more = true;
        }
    }
}

/* ---- caps ---- */

static bool compares(unsigned op)
{
    return op >= LAB_DO_LT && op <= LAB_DO_NE;
}

/* The constant that the instruction pushes.  False: it is none. */
static bool constant_at(const struct routine *r, uint32_t pc, int64_t *ret_value)
{
    const uint8_t *at = r->code + pc + 1;
    uint64_t value = 0;
    unsigned bytes;

    switch (r->code[pc]) {
    case LAB_DO_INT8:
        *ret_value = (int8_t)at[0];
        return true;
    case LAB_DO_INT32:
    case LAB_DO_INT64:
        bytes = r->code[pc] == LAB_DO_INT32 ? 4 : 8;
        for (unsigned i = 0; i < bytes; i++)
            value |= (uint64_t)at[i] << 8 * i;
        *ret_value = bytes == 4 ? (int32_t)value : (int64_t)value;
        return true;
    default:
        return false;
    }
}

/* The load at @pc, behind the instruction at @previous: what is its value compared with? */
static bool use_is_cap(const struct routine *r, uint32_t previous, uint32_t pc, int64_t *most)
{
    uint32_t next = next_of(r, pc), then;
    unsigned op = r->code[next];
    int64_t value = 0;

    if (op == LAB_DO_JUMP_ZERO || op == LAB_DO_JUMP_SET || op == LAB_DO_NOT)
        return true; /* compared with 0 */
    if (compares(op))
        return previous < pc && !(r->seen[pc] & 2) && constant_at(r, previous, &value) &&
               (*most = value > *most ? value : *most, true);
    if (!constant_at(r, next, &value))
        return false;
    then = next_of(r, next);
    if (compares(r->code[then])) {
        *most = value > *most ? value : *most;
        return true;
    }
    then = r->code[then] == LAB_DO_ADD && value > 0 ? then + 1 : 0;
    return then && r->code[then] == LAB_DO_STORE && r->code[then + 1] == r->code[pc + 1];
}

static bool is_used(const struct routine *r, unsigned slot, uint32_t pc)
{
    const uint8_t *at = r->code + pc;

    return (at[0] == LAB_DO_TOKEN_NEXT && at[3] == slot) ||
           (at[0] == LAB_DO_EACH && (at[2] == slot || at[3] == slot));
}

static bool find_cap(const struct routine *r, unsigned slot, int64_t *ret_most)
{
    uint32_t previous = r->size;

    *ret_most = 0;
    if (has_bit(r->kept, slot))
        return false;
    for (uint32_t pc = 0; pc < r->size; pc++) {
        if (!(r->seen[pc] & 1))
            continue;
        if (is_used(r, slot, pc))
            return false;
        if (r->code[pc] == LAB_DO_LOAD && r->code[pc + 1] == slot &&
            !use_is_cap(r, previous, pc, ret_most))
            return false;
        previous = pc;
    }
    return true;
}

static void analyse(struct routine *r, const struct lab_routine *routine, struct lab_caps *caps)
{
    int64_t most;

    if (routine->entry == LAB_NO_CODE)
        return;
    memset(r->seen, 0, r->size + 1);
    walk(r, routine->entry);
    find_live(r);
    for (unsigned slot = 0; slot < routine->vars && caps->n < LAB_CAPS_MAX; slot++)
        if (find_cap(r, slot, &most))
            caps->cap[caps->n++] = (struct lab_cap){most, (uint8_t)slot};
}

bool lab_live_open(struct lab_live *live, const struct lab_program *program)
{
    struct routine r = {
        .program = program,
        .code = lab_program_code(program),
        .size = program->code_size,
    };

    memset(live, 0, sizeof(*live));
    live->slots = calloc(program->code_size + 1u, sizeof(*live->slots));
    r.seen = calloc(program->code_size + 1u, 1);
    r.slots = live->slots;
    if (!live->slots || !r.seen) {
        free(r.seen);
        return false;
    }
    for (unsigned t = 0; t < program->drv.tasks; t++) {
        memset(r.kept, 0, sizeof(r.kept));
        /* a child runs its parent's code: what is kept for one is kept for all */
        for (unsigned i = 0; i < program->watched; i++)
            if (!program->watch[i].shared &&
                lab_program_tasks(program)[program->watch[i].task].routine.entry ==
                    lab_program_tasks(program)[t].routine.entry)
                set_bit(r.kept, program->watch[i].slot, true);
        analyse(&r, &lab_program_tasks(program)[t].routine, &live->task[t]);
    }
    memset(r.kept, 0, sizeof(r.kept));
    for (unsigned d = 0; d < program->drv.drivers; d++)
        for (unsigned b = 0; b < DRV_BLOCKS; b++) {
            analyse(&r, &program->block[d][b], &live->block[d][b]);
            for (uint32_t pc = 0; pc < r.size && program->block[d][b].entry != LAB_NO_CODE;
                 pc++)
                live->arrivals |= r.seen[pc] & 1 && r.code[pc] == LAB_DO_ARRIVAL;
        }
    free(r.seen);
    return true;
}

void lab_live_close(struct lab_live *live)
{
    free(live->slots);
    live->slots = 0;
}

/* ---- in a state ---- */

/* A token in a dead variable of a driver still lies there: it is left, not dropped. */
static void tidy(const struct lab_live *live, struct lab *lab, unsigned f,
                 const struct lab_routine *routine, const struct lab_caps *caps, bool driver)
{
    const uint64_t *set = live->slots[lab->frame[f]->pc];

    for (unsigned slot = 0; slot < routine->vars; slot++) {
        if (has_bit(set, slot) || (driver && lab->tags[f][slot]))
            continue;
        lab->slots[f][slot] = 0;
        lab->tags[f][slot] = 0;
    }
    for (unsigned i = 0; i < caps->n; i++)
        if (lab->slots[f][caps->cap[i].slot] > caps->cap[i].most)
            lab->slots[f][caps->cap[i].slot] = caps->cap[i].most + 1;
}

void lab_live_tidy(const struct lab_live *live, struct lab *lab)
{
    for (unsigned f = 0; f < lab->frames; f++) {
        const struct lab_frame *frame = lab->frame[f];
        unsigned task = lab->frame_task[f];
        if (frame->routine == LAB_IDLE)
            continue;
        if (frame->routine == LAB_MAIN)
            tidy(live, lab, f, &lab->task_code[task].routine, &live->task[task], false);
        else
            tidy(live, lab, f,
                 &lab->program->block[frame->driver][frame->routine - LAB_BLOCK_BASE],
                 &live->block[frame->driver][frame->routine - LAB_BLOCK_BASE], true);
    }
}

bool lab_live_asks_zero(const struct lab_program *program, uint32_t pc)
{
    struct routine r = {.code = lab_program_code(program)};
    unsigned op = r.code[pc];
    int64_t value;

    if (op == LAB_DO_JUMP_ZERO || op == LAB_DO_JUMP_SET || op == LAB_DO_NOT)
        return true;
    if (!constant_at(&r, pc, &value))
        return false;
    op = r.code[next_of(&r, pc)];
    return (value == 0 && (op == LAB_DO_GT || op == LAB_DO_NE || op == LAB_DO_EQ)) ||
           (value == 1 && (op == LAB_DO_GE || op == LAB_DO_LT));
}

void lab_live_walk(const struct lab_program *program, const struct lab_routine *routine,
                   uint8_t *seen)
{
    struct routine r = {
        .code = lab_program_code(program), .size = program->code_size, .seen = seen};

    if (routine->entry != LAB_NO_CODE)
        walk(&r, routine->entry);
    for (uint32_t pc = 0; pc < r.size; pc++)
        seen[pc] &= 1;
}

/* ---- the code of tasks ---- */

uint32_t lab_live_body(const struct lab_program *program, const struct lab_routine *routine)
{
    struct routine r = {.code = lab_program_code(program)};
    uint32_t pc = routine->entry;

    while (r.code[pc] != LAB_DO_END) {
        uint32_t next = next_of(&r, pc);
        if (r.code[pc] == LAB_DO_STARTED)
            return next;
        pc = next;
    }
    return routine->entry;
}

uint32_t lab_live_length(const struct lab_program *program, uint32_t body)
{
    struct routine r = {.code = lab_program_code(program)};
    uint32_t pc = body, last = body; /* where a jump leads to */

    while (r.code[pc] != LAB_DO_END || pc < last) {
        if (jumps(r.code[pc]) && target_of(&r, pc) > last)
            last = target_of(&r, pc);
        pc = next_of(&r, pc);
    }
    return pc + 1 - body;
}

bool lab_live_same(const struct lab_program *program, uint32_t a, uint32_t b)
{
    struct routine r = {.code = lab_program_code(program)};
    uint32_t length = lab_live_length(program, a);

    if (length != lab_live_length(program, b))
        return false;
    for (uint32_t at = 0, next; at < length; at = next) {
        uint32_t end = next = next_of(&r, a + at) - a;
        if (jumps(r.code[a + at])) {
            end -= 2; /* where it leads comes last */
            if (target_of(&r, a + at) - a != target_of(&r, b + at) - b)
                return false;
        }
        if (memcmp(r.code + a + at, r.code + b + at, end - at) != 0)
            return false;
    }
    return true;
}
