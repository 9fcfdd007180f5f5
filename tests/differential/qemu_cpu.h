/*
 * tests/differential/qemu_cpu.h - `cpu VERB` on QEMU: what only a processor can do, done by
 * single-stepping the machine's own processor through the gdb stub.
 */
#ifndef TEST_DIFFERENTIAL_QEMU_CPU_H
#define TEST_DIFFERENTIAL_QEMU_CPU_H

#include "lab/link.h"
#include "lab/probe.h"

/* Prepares the processor of a machine that has verbs; true at once for the others. */
bool test_qemu_cpu_start(const struct lab_probe_machine *machine, struct lab_link *gdb);

/* Does @verb with register @reg; *value goes in and comes out. */
bool test_qemu_cpu(const struct lab_probe_machine *machine, struct lab_link *gdb,
                   struct lab_link *qtest, unsigned reg, const struct lab_probe_verb *verb,
                   uint32_t *value);

#endif
