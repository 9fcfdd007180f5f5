/*
 * tests/differential/qemu_pc.c - a PC's probe on QEMU.
 *
 * `pc`: QEMU's local APIC answers only its own processor, so each access to it is one
 * instruction of that processor, in real mode, stepped through the gdb stub; `take` steps a NOP
 * with interrupts on and sees where the processor is afterwards: vector v leads to HANDLERS +
 * 4v.  A step may be used up by a look at the local APIC, so there are two.  An SMI leads to no
 * vector: the take sees nothing.
 *
 * `pc-msi`: a memory of an ivshmem device lies where the messages of the I/O APIC go.  `inta`
 * raises pin 23, an ExtINT, whose message bears the vector that the 8259A gave.
 *
 * Source: gdbstub.c, target/i386/gdbstub.c and hw/misc/ivshmem.c of QEMU 7.2.
 */
#include "tests/differential/qemu_cpu.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/gdb_remote.h"
#include "sim/regs/board_pc.h"
#include "sim/regs/ioapic.h"

enum {
    HANDLERS = 0x1000,    /* a NOP for each vector */
    CODE = 0x7c00,        /* NOPs */
    MANAGEMENT = 0x38000, /* where an SMI leads: NOPs */
    LOADS = 0x7d00,       /* by size: mov [ebx] to the accumulator ... */
    STORES = 0x7d10,      /* ... and back, 4 bytes each */
    STACK = 0x7000,
    INTERRUPTS_ON = 0x202,
    INTERRUPTS_OFF = 0x002,
    ACCUMULATOR = 0, /* numbers of registers in the protocol */
    BASE = 1,
    STACK_POINTER = 7,
    PROGRAM_COUNTER = 16,
    FLAGS = 17,
    CODE_SEGMENT = 18,
    CONFIG_ADDRESS = 0xcf8, /* of PCI */
    CONFIG_DATA = 0xcfc,
    IVSHMEM = 5, /* its slot */
};

/* ---- the processor ---- */

/* One packet and its answer. */
static bool ask(struct test_qemu *qemu, const char *text, char ret_answer[LAB_GDB_PACKET_MAX])
{
    struct lab_link *gdb = test_qemu_gdb(qemu);

    return lab_gdb_send(gdb, text) && lab_gdb_receive(gdb, ret_answer) >= 0;
}

static bool set(struct test_qemu *qemu, unsigned reg, uint32_t value)
{
    bool is_short = reg >= FLAGS;
    char text[64], answer[LAB_GDB_PACKET_MAX];

    snprintf(text, sizeof(text), "P%x=%02x%02x%02x%02x%s", reg, value & 0xff, value >> 8 & 0xff,
             value >> 16 & 0xff, value >> 24, is_short ? "" : "00000000");
    return ask(qemu, text, answer) && strcmp(answer, "OK") == 0;
}

static bool get(struct test_qemu *qemu, unsigned reg, uint32_t *ret_value)
{
    char text[16], answer[LAB_GDB_PACKET_MAX], *end;
    uint32_t value;

    snprintf(text, sizeof(text), "p%x", reg);
    if (!ask(qemu, text, answer) || strlen(answer) < 8)
        return false;
    answer[8] = 0;
    value = (uint32_t)strtoul(answer, &end, 16);
    *ret_value = __builtin_bswap32(value);
    return *end == 0;
}

static bool step(struct test_qemu *qemu, uint32_t *ret_at)
{
    char answer[LAB_GDB_PACKET_MAX];

    return ask(qemu, "s", answer) && answer[0] == 'T' && get(qemu, PROGRAM_COUNTER, ret_at);
}

static bool start_cpu(struct test_qemu *qemu)
{
    static const uint32_t load[] = {0x00038a67u, 0x00038b67u, 0x038b6667u};
    static const uint32_t store[] = {0x00038867u, 0x00038967u, 0x03896667u};
    char answer[LAB_GDB_PACKET_MAX];
    bool fine = true;

    for (uint32_t vector = 0; vector < 256; vector++) {
        fine &= test_qemu_say(qemu, 0, "writel 0x%" PRIx32 " 0x%" PRIx32 "\n", vector * 4,
                              HANDLERS + vector * 4);
        fine &=
            test_qemu_say(qemu, 0, "writel 0x%" PRIx32 " 0x90909090\n", HANDLERS + vector * 4);
    }
    fine &= test_qemu_say(qemu, 0, "writel 0x%x 0x90909090\n", CODE);
    fine &= test_qemu_say(qemu, 0, "writel 0x%x 0x90909090\n", MANAGEMENT);
    for (uint32_t i = 0; i < 3; i++) {
        fine &= test_qemu_say(qemu, 0, "writel 0x%" PRIx32 " 0x%" PRIx32 "\n", LOADS + 4 * i,
                              load[i]);
        fine &= test_qemu_say(qemu, 0, "writel 0x%" PRIx32 " 0x%" PRIx32 "\n", STORES + 4 * i,
                              store[i]);
    }
    /* single registers are for those who have asked for their names; steps with interrupts */
    return fine && ask(qemu, "qXfer:features:read:target.xml:0,100", answer) &&
           ask(qemu, "Qqemu.sstep=1", answer) && strcmp(answer, "OK") == 0 &&
           set(qemu, CODE_SEGMENT, 0);
}

static bool take(struct test_qemu *qemu, uint32_t *ret_vector)
{
    uint32_t at = CODE;

    if (!set(qemu, CODE_SEGMENT, 0) || !set(qemu, PROGRAM_COUNTER, CODE) ||
        !set(qemu, STACK_POINTER, STACK) || !set(qemu, FLAGS, INTERRUPTS_ON))
        return false;
    for (unsigned i = 0; i < 2 && at >= CODE; i++)
        if (!step(qemu, &at))
            return false;
    *ret_vector = at < CODE ? (at - HANDLERS) / 4 : UINT32_MAX;
    return true;
}

/*
 * One instruction at @routine.  An NMI or SMI is not held back and comes first: then once more.
 */
static bool execute(struct test_qemu *qemu, uint32_t routine)
{
    uint32_t at = routine;

    for (unsigned i = 0; i < 6 && at - routine - 1 >= 4; i++) {
        if (at != routine &&
            (!set(qemu, CODE_SEGMENT, 0) || !set(qemu, PROGRAM_COUNTER, routine)))
            return false;
        if (!set(qemu, FLAGS, INTERRUPTS_OFF) || !step(qemu, &at))
            return false;
    }
    return true;
}

static bool access_by_cpu(struct test_qemu *qemu, const struct lab_probe_operation *op,
                          uint32_t *value)
{
    uint32_t routine = op->kind == LAB_PROBE_READ ? LOADS : STORES;
    uint32_t mask = op->size == 4 ? UINT32_MAX : (1u << op->size * 8) - 1;

    routine += op->size / 2u * 4;
    if (!set(qemu, CODE_SEGMENT, 0) || !set(qemu, PROGRAM_COUNTER, routine) ||
        !set(qemu, STACK_POINTER, STACK) || !set(qemu, BASE, op->address) ||
        !set(qemu, ACCUMULATOR, op->kind == LAB_PROBE_READ ? 0 : *value) ||
        !execute(qemu, routine))
        return false;
    if (op->kind != LAB_PROBE_READ)
        return true;
    if (!get(qemu, ACCUMULATOR, value))
        return false;
    *value &= mask;
    return true;
}

static bool operate_pc(struct test_qemu *qemu, const struct lab_probe_operation *op,
                       uint32_t *value)
{
    return op->kind == LAB_PROBE_CPU ? take(qemu, value) : access_by_cpu(qemu, op, value);
}

/* ---- messages in memory ---- */

static bool configure(struct test_qemu *qemu, unsigned offset, uint32_t value)
{
    return test_qemu_say(qemu, 0, "outl 0x%x 0x%x\n", CONFIG_ADDRESS,
                         0x80000000u | IVSHMEM << 11 | offset) &&
           test_qemu_say(qemu, 0, "outl 0x%x 0x%" PRIx32 "\n", CONFIG_DATA, value);
}

/* Pin 23 is an ExtINT from now on: a rise of it makes the acknowledge cycle. */
static bool start_memory(struct test_qemu *qemu)
{
    return configure(qemu, 0x18, PC_LAPIC_BASE) && configure(qemu, 0x1c, 0) &&
           configure(qemu, 0x04, 2) &&
           test_qemu_say(qemu, 0, "writel 0x%x 0x%x\n", PC_IOAPIC_BASE + IOAPIC_IOREGSEL,
                         IOAPIC_TABLE + 2 * PC_MSI_PIN) &&
           test_qemu_say(qemu, 0, "writel 0x%x 0x%x\n", PC_IOAPIC_BASE + IOAPIC_IOWIN,
                         APIC_MODE_EXTINT << IOAPIC_RTE_MODE_SHIFT) &&
           test_qemu_say(qemu, 0, "writel 0x%x 0\n", PC_IOAPIC_BASE + IOAPIC_IOREGSEL);
}

static bool move_pin(struct test_qemu *qemu, int level)
{
    return test_qemu_say(qemu, 0, "set_irq_in %s unnamed-gpio-in %d %d\n",
                         "/machine/i440fx/ioapic", PC_MSI_PIN, level);
}

static bool acknowledge(struct test_qemu *qemu, uint32_t *ret_vector)
{
    uint32_t message;
    bool fine =
        test_qemu_say(qemu, &message, "readl 0x%x\n", PC_LAPIC_BASE) && move_pin(qemu, 1) &&
        test_qemu_say(qemu, ret_vector, "readl 0x%x\n", PC_LAPIC_BASE) && move_pin(qemu, 0) &&
        test_qemu_say(qemu, 0, "writel 0x%x 0x%" PRIx32 "\n", PC_LAPIC_BASE, message);

    *ret_vector &= 0xff;
    return fine;
}

/* A read of the messages erases what it saw. */
static bool operate_msi(struct test_qemu *qemu, const struct lab_probe_operation *op,
                        uint32_t *value)
{
    int letter = op->size == 1 ? 'b' : op->size == 2 ? 'w' : 'l';

    if (op->kind == LAB_PROBE_CPU)
        return acknowledge(qemu, value);
    if (op->kind == LAB_PROBE_WRITE)
        return test_qemu_say(qemu, 0, "write%c 0x%" PRIx32 " 0x%" PRIx32 "\n", letter,
                             op->address, *value);
    return test_qemu_say(qemu, value, "read%c 0x%" PRIx32 "\n", letter, op->address) &&
           test_qemu_say(qemu, 0, "write%c 0x%" PRIx32 " 0\n", letter, op->address);
}

static const struct test_qemu_cpu rows[] = {
    {"pc", start_cpu, operate_pc},
    {"pc-msi", start_memory, operate_msi},
    {0, 0, 0},
};

const struct test_qemu_cpu *test_qemu_cpu_pc(const struct lab_probe_machine *machine)
{
    for (const struct test_qemu_cpu *row = rows; row->machine; row++)
        if (strcmp(row->machine, machine->name) == 0)
            return row;
    return 0;
}
