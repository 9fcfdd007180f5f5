/*
 * lab/qtest.h - QEMU's two line protocols: qtest moves wires and looks at memory beside the
 * running program, QMP tells what the machine is made of.
 *
 * Source: docs/devel/qtest.rst and softmmu/qtest.c of QEMU 7.2; docs/interop/qmp-spec.txt.
 */
#ifndef LAB_QTEST_H
#define LAB_QTEST_H

#include <stdint.h>

#include "lab/link.h"

enum { LAB_QOM_PATH = 128 };

/* Puts input @input of the device at QOM @path to @level. */
bool lab_qtest_set_irq_in(struct lab_link *link, const char *path, unsigned input, bool level);

/* Reads a word of memory or of a device. */
bool lab_qtest_read32(struct lab_link *link, uint32_t address, uint32_t *ret_value);

/* Leaves QMP's negotiation mode. */
bool lab_qmp_start(struct lab_link *link);

/* The path of the device of @type below /machine/unattached. */
bool lab_qmp_find(struct lab_link *link, const char *type, char ret_path[LAB_QOM_PATH]);

#endif
