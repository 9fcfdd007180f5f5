/*
 * tests/differential/qemu_arm.c - taking and leaving exceptions on QEMU's Cortex-M3, and the
 * system registers of its Cortex-A57.
 *
 * The Cortex-M3 stands at an endless loop, as thread and in every handler.  To take, it makes
 * one step: if the NVIC asks, the step is the exception entry.  To return, it is put onto a `bx
 * lr` and makes one step with interrupts held back; the entry left EXC_RETURN in lr, and the
 * return itself takes what comes next (tail-chaining).  The vector table is ours only during a
 * step, so that VTOR is what the script wrote.
 *
 * The Cortex-A57 stands in a table of MRS and MSR instructions, one of each per register, and
 * makes one step with interrupts held back.
 */
#include <inttypes.h>
#include <string.h>

#include "sim/regs/board_mps2.h"
#include "sim/regs/board_virt.h"
#include "sim/regs/gicv3.h"
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

#define A64_MRS_X0 0xd5380000u /* of S3_0_C0_C0_0 */
#define A64_READ   0x00200000u

enum {
    A64_TABLE = 0x47fff000, /* the end of the memory: 8 bytes for each word of the ICC page */
    A64_PC = 32             /* register numbers; x0 is 0 */
};

/* Where S3_0_Cn_Cm_op2 stands in an instruction: the inverse of ICC_AT(). */
static uint32_t system_register(uint32_t at)
{
    return (at & 0x200 ? 12u : 4u) << 12 | (at >> 5 & 0xf) << 8 | (at >> 2 & 7) << 5;
}

static bool gicv3_start(struct test_qemu *qemu)
{
    const struct lab_probe_machine *machine = lab_probe_find("gicv3", 5);
    const struct sim_chip *chip =
        sim_chip((enum sim_machine)machine->machine, machine->registers - 1u);
    char answer[LAB_GDB_PACKET_MAX];

    /* the device tree, which a pending table of the script could lie on */
    if (!test_qemu_say(qemu, 0, "memset 0x%x 0x%x 0\n", VIRT_RAM_BASE,
                       VIRT_RAM_KEPT - VIRT_RAM_BASE))
        return false;
    for (unsigned i = 0; i < chip->count; i++) {
        uint32_t at = chip->registers[i].offset;
        uint32_t instruction = A64_MRS_X0 | system_register(at);
        if (!write_word(qemu, A64_TABLE + at * 2, instruction) ||
            !write_word(qemu, A64_TABLE + at * 2 + 4, instruction & ~A64_READ))
            return false;
    }
    return test_qemu_ask(qemu, "qSupported:xmlRegisters=aarch64", answer) &&
           test_qemu_ask(qemu, "qXfer:features:read:target.xml:0,ffb", answer);
}

static bool gicv3_operate(struct test_qemu *qemu, const struct lab_probe_operation *op,
                          uint32_t *value)
{
    const struct lab_probe_machine *machine = lab_probe_find("gicv3", 5);
    bool write = machine->verb[op->chip].verb == SIM_CPU_WRITE;
    uint64_t got;

    if (!test_qemu_set_register(qemu, 0, 8, *value) ||
        !test_qemu_set_register(qemu, A64_PC, 8, A64_TABLE + op->pin * 2u + (write ? 4 : 0)) ||
        !test_qemu_step(qemu, TEST_STEP_MASKED) || !test_qemu_get_register(qemu, 0, &got))
        return false;
    *value = (uint32_t)got;
    return true;
}

static const struct test_qemu_cpu rows[] = {
    {"gicv3", gicv3_start, gicv3_operate},
    {"nvic", nvic_start, nvic_operate},
};

const struct test_qemu_cpu *test_qemu_cpu_arm(const struct lab_probe_machine *machine)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strcmp(rows[i].machine, machine->name) == 0)
            return &rows[i];
    return 0;
}
