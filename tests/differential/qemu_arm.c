/*
 * tests/differential/qemu_arm.c - taking and leaving exceptions on QEMU's Cortex-M3.
 *
 * The core stands at an endless loop, as thread and in every handler.  To take, it makes one
 * step: if the NVIC asks, the step is the exception entry.  To return, it is put onto a `bx lr`
 * and makes one step with interrupts held back; the entry left EXC_RETURN in lr, and the
 * return itself takes what comes next (tail-chaining).  The vector table is ours only during a
 * step, so that VTOR is what the script wrote.
 */
#include <inttypes.h>
#include <string.h>

#include "sim/regs/board_mps2.h"
#include "sim/regs/nvic.h"
#include "tests/differential/qemu_cpu.h"

enum {
    TABLE = 0x1000,  /* in the board's memory: 48 vectors, all to the loop */
    CODE = 0x2000,   /* b . ; bx lr */
    STACK = 0x80000, /* grows down; a frame is 32 bytes */
    LOOP_AND_RETURN = 0x4770e7fe,
    REGISTER_SP = 13,
    REGISTER_PC = 15,
    REGISTER_XPSR = 25,
    XPSR_THUMB = 1 << 24,
    IPSR = 0x1ff
};

static bool write_word(struct test_qemu *qemu, uint32_t address, uint32_t value)
{
    return test_qemu_say(qemu, 0, "writel 0x%" PRIx32 " 0x%" PRIx32 "\n", address, value);
}

static bool read_word(struct test_qemu *qemu, uint32_t address, uint32_t *ret_value)
{
    return test_qemu_say(qemu, ret_value, "readl 0x%" PRIx32 "\n", address);
}

static bool nvic_start(struct test_qemu *qemu)
{
    char answer[LAB_GDB_PACKET_MAX];

    for (uint32_t i = 1; i < NVIC_EXCEPTIONS + NVIC_INPUTS; i++)
        if (!write_word(qemu, TABLE + 4 * i, CODE | 1))
            return false;
    /* registers can be written by number once the description was read */
    return write_word(qemu, CODE, LOOP_AND_RETURN) &&
           test_qemu_ask(qemu, "qSupported:xmlRegisters=arm", answer) &&
           test_qemu_ask(qemu, "qXfer:features:read:target.xml:0,ffb", answer) &&
           test_qemu_set_register(qemu, REGISTER_SP, 4, STACK) &&
           test_qemu_set_register(qemu, REGISTER_PC, 4, CODE) &&
           test_qemu_set_register(qemu, REGISTER_XPSR, 4, XPSR_THUMB);
}

static bool nvic_operate(struct test_qemu *qemu, const struct lab_probe_operation *op,
                         uint32_t *value)
{
    const struct lab_probe_machine *machine = lab_probe_find("nvic", 4);
    const uint32_t vtor = MPS2_SCS_BASE + SCS_VTOR, icsr = MPS2_SCS_BASE + SCS_ICSR;
    uint32_t table;
    bool done;

    if (!read_word(qemu, vtor, &table) || !write_word(qemu, vtor, TABLE) ||
        !read_word(qemu, icsr, value))
        return false;
    if (machine->verb[op->chip].verb == SIM_CPU_TAKE)
        done = test_qemu_step(qemu, TEST_STEP);
    else
        done = !(*value & IPSR) || (test_qemu_set_register(qemu, REGISTER_PC, 4, CODE + 2) &&
                                    test_qemu_step(qemu, TEST_STEP_MASKED));
    if (!done || !write_word(qemu, vtor, table) || !read_word(qemu, icsr, value))
        return false;
    *value &= IPSR;
    return true;
}

static const struct test_qemu_cpu rows[] = {
    {"nvic", nvic_start, nvic_operate},
};

const struct test_qemu_cpu *test_qemu_cpu_arm(const struct lab_probe_machine *machine)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strcmp(rows[i].machine, machine->name) == 0)
            return &rows[i];
    return 0;
}
