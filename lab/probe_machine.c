/*
 * lab/probe_machine.c - the machines that a probe knows: one row each.
 *
 * Boards, paths and options are those of QEMU 7.2.22 with -nodefaults -nic none; the paths are
 * what its monitor's `info qom-tree` shows.  docs/probe.md tells how to add a row.
 */
#include <string.h>

#include "lab/core/text.h"
#include "lab/probe.h"
#include "sim/regs/board_vexpress.h"
#include "sim/regs/board_virt.h"

#define UNATTACHED "/machine/unattached/device"
#define PAGE       0x1000

/* SPIs of a GIC, then the private inputs of CPU 0, of which the first 16 are no wires. */
#define GIC_PINS(qom_path, spis)                                                               \
    {                                                                                          \
        .name = "gic", .qom = (qom_path), .pins = (spis) + 32, .hole_first = (spis),           \
        .hole_pins = 16                                                                        \
    }

static const struct lab_probe_machine machines[] = {
    {
        .name = "gicv2",
        .machine = SIM_MACHINE_VIRT,
        .region = {{"gicd", VIRT_GICD_BASE, PAGE},
                   {"gicc", VIRT_GICC_BASE, 2 * PAGE},
                   {"v2m", VIRT_V2M_BASE, PAGE},
                   {"uart", VIRT_UART_BASE, PAGE},
                   {"rtc", VIRT_RTC_BASE, PAGE},
                   {"gpio", VIRT_GPIO_BASE, PAGE}},
        .chip = {GIC_PINS(UNATTACHED "[1]", VIRT_SPIS),
                 {.name = "gpio", .qom = UNATTACHED "[6]", .pins = 8, .device = 3}},
        .watched = {"irq", "fiq"},
        .device = {{SIM_MODEL_PL011, 0, VIRT_UART_SPI, VIRT_UART_BASE},
                   {SIM_MODEL_PL031, 0, VIRT_RTC_SPI, VIRT_RTC_BASE},
                   {SIM_MODEL_PL061, 0, VIRT_GPIO_SPI, VIRT_GPIO_BASE}},
        .qemu = {"qemu-system-arm", "-M", "virt,gic-version=2", "-cpu", "cortex-a15"},
        .watch_qom = UNATTACHED "[0]",
        .watch_pin = {0, 1},
    },
};

enum { MACHINES = sizeof(machines) / sizeof(machines[0]) };

const struct lab_probe_machine *lab_probe_machine(unsigned index)
{
    return index < MACHINES ? &machines[index] : 0;
}

const struct lab_probe_machine *lab_probe_find(const char *name, size_t length)
{
    for (unsigned i = 0; i < MACHINES; i++)
        if (lab_text_is(machines[i].name, name, length))
            return &machines[i];
    return 0;
}
