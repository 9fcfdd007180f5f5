/*
 * tests/differential/qemu_cpu.h - what a probe needs of QEMU beside single commands: its
 * processor, which alone takes interrupts and reaches some registers, made to step through the
 * gdb stub; and a place for messages where a PC has no local APIC.
 *
 * Source: "Debugging with GDB", appendix E; QEMU 7.2 docs/system/gdb.rst (Qqemu.sstep).
 */
#ifndef TEST_DIFFERENTIAL_QEMU_CPU_H
#define TEST_DIFFERENTIAL_QEMU_CPU_H

#include "lab/gdb_remote.h"
#include "tests/differential/qemu.h"

struct test_qemu_cpu {
    const char *machine;

    /* After the start, before the first operation. */
    bool (*start)(struct test_qemu *qemu);

    /* A verb, or an access to a region that only the processor reaches; *value goes in and
     * comes out. */
    bool (*operate)(struct test_qemu *qemu, const struct lab_probe_operation *op,
                    uint32_t *value);
};

/* The row of a machine, or 0: it needs nothing. */
const struct test_qemu_cpu *test_qemu_cpu(const struct lab_probe_machine *machine);

/* The same of one family. */
const struct test_qemu_cpu *test_qemu_cpu_arm(const struct lab_probe_machine *machine);
const struct test_qemu_cpu *test_qemu_cpu_pc(const struct lab_probe_machine *machine);
const struct test_qemu_cpu *test_qemu_cpu_riscv(const struct lab_probe_machine *machine);

/* ---- the debugger ---- */

/* How a step is made: flags of Qqemu.sstep. */
enum { TEST_STEP = 5, TEST_STEP_MASKED = 7 }; /* no virtual timers; nor interrupts */

/* A packet of the debugger and its answer. */
bool test_qemu_ask(struct test_qemu *qemu, const char *text, char ret_text[LAB_GDB_PACKET_MAX]);

/* Registers by number, little-endian, of @bytes 4 or 8; the description must have been read. */
bool test_qemu_get_register(struct test_qemu *qemu, unsigned number, uint64_t *ret_value);
bool test_qemu_set_register(struct test_qemu *qemu, unsigned number, unsigned bytes,
                            uint64_t value);
bool test_qemu_step(struct test_qemu *qemu, unsigned flags);

#endif
