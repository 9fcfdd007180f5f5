/*
 * tests/differential/qemu_pc.h - what a PC's probe needs of QEMU beside single commands: its
 * processor, whose loads and stores alone reach the local APIC, and a place for messages where
 * there is none.
 */
#ifndef TEST_DIFFERENTIAL_QEMU_PC_H
#define TEST_DIFFERENTIAL_QEMU_PC_H

#include "tests/differential/qemu.h"

struct test_qemu_pc {
    const char *machine;

    /* After the start, before the first operation. */
    bool (*start)(struct test_qemu *qemu);

    /* A verb, or an access to a region that is `alone`; *value goes in and comes out. */
    bool (*operate)(struct test_qemu *qemu, const struct lab_probe_operation *op,
                    uint32_t *value);
};

/* The row of a machine, or 0: it needs nothing. */
const struct test_qemu_pc *test_qemu_pc(const struct lab_probe_machine *machine);

#endif
