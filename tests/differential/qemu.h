/*
 * tests/differential/qemu.h - a probe's script on QEMU: the same lines as the models', from the
 * installed emulator over its qtest socket.
 */
#ifndef TEST_DIFFERENTIAL_QEMU_H
#define TEST_DIFFERENTIAL_QEMU_H

#include "lab/link.h"
#include "lab/probe.h"

struct test_qemu;

/*
 * Starts the machine, stopped (-accel tcg -S -qtest).  0: it cannot be started here; what it
 * said is on standard error.
 */
struct test_qemu *test_qemu_open(const struct lab_probe_machine *machine);

/*
 * Replays @script and writes one line for each operation to @ret_line.  False: QEMU ended or
 * was silent; ret_done says after how many operations.
 */
bool test_qemu_replay(struct test_qemu *qemu, const struct lab_probe_script *script,
                      char (*ret_line)[LAB_PROBE_LINE], uint32_t *ret_done);

void test_qemu_close(struct test_qemu *qemu);

/* ---- for operations that are more than one command ---- */

/* Sends a command of qtest; what it answers, and what pins did meanwhile, is kept. */
bool test_qemu_say(struct test_qemu *qemu, uint32_t *ret_value, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

struct lab_link *test_qemu_gdb(struct test_qemu *qemu);

/* Is the installed program the version that the models are made after? */
bool test_qemu_is_pinned(const struct lab_probe_machine *machine, char *ret_version,
                         size_t size);

#endif
