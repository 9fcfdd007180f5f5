/*
 * tests/differential/qemu_riscv.c - the state that QEMU 7.2 does not clear: what the sources of
 * an APLIC start with is what the memory held before.
 */
#include <string.h>

#include "sim/regs/aplic.h"
#include "sim/regs/board_riscv.h"
#include "tests/differential/qemu_cpu.h"

/*
 * Every source, first in the supervisor domain, then in the machine domain: its wire is low, it
 * is neither pending nor enabled, and it is inactive.
 */
static bool start_aplic(struct test_qemu *qemu)
{
    static const uint32_t delegated[] = {APLIC_SOURCECFG_D, 0};
    bool fine = true;

    for (unsigned source = 1; source < RISCV_APLIC_SOURCES; source++)
        for (unsigned i = 0; i < 2; i++)
            fine &= test_qemu_say(qemu, 0, "writel 0x%x 0x%x\n", RISCV_APLICM_BASE + 4 * source,
                                  delegated[i]) &&
                    test_qemu_say(qemu, 0, "set_irq_in %s unnamed-gpio-in %u 0\n",
                                  "/machine/unattached/device[2]", source) &&
                    test_qemu_say(qemu, 0, "writel 0x%x 0\n", RISCV_APLICS_BASE + 4 * source);
    return fine;
}

const struct test_qemu_cpu *test_qemu_cpu_riscv(const struct lab_probe_machine *machine)
{
    static const struct test_qemu_cpu aplic = {"aplic", start_aplic, 0};

    return strcmp(machine->name, aplic.machine) == 0 ? &aplic : 0;
}
