/*
 * lab/probe_machine.c - the machines that a probe knows: one row each.
 *
 * Boards, paths and options are those of QEMU 7.2.22 with -nodefaults -nic none; the paths are
 * what its monitor's `info qom-tree` shows.  docs/probe.md tells how to add a row.
 */
#include <string.h>

#include "lab/core/text.h"
#include "lab/probe.h"
#include "sim/regs/board_mps2.h"
#include "sim/regs/board_pc.h"
#include "sim/regs/board_riscv.h"
#include "sim/regs/board_versatile.h"
#include "sim/regs/board_vexpress.h"
#include "sim/regs/board_virt.h"
#include "sim/regs/gicv3.h"
#include "sim/regs/its.h"
#include "sim/regs/nvic.h"

#define UNATTACHED "/machine/unattached/device"
#define PAGE       0x1000

/* SPIs of a GIC, then the private inputs of CPU 0, of which the first 16 are no wires. */
#define GIC_PINS(qom_path, spis)                                                               \
    {                                                                                          \
        .name = "gic", .qom = (qom_path), .pins = (spis) + 32, .hole_first = (spis),           \
        .hole_pins = 16                                                                        \
    }

/* Two rows: one watches what the controller tells the CPU, the other what it is told. */
#define VERSATILE_REGIONS                                                                      \
    {                                                                                          \
        {"vic", VERSATILE_VIC_BASE, PAGE, LAB_PROBE_MEMORY},                                   \
            {"sic", VERSATILE_SIC_BASE, PAGE, LAB_PROBE_MEMORY},                               \
            {"timer", VERSATILE_TIMER_BASE, PAGE, LAB_PROBE_MEMORY},                           \
            {"timer2", VERSATILE_TIMER2_BASE, PAGE, LAB_PROBE_MEMORY},                         \
            {"uart", VERSATILE_UART_BASE, PAGE, LAB_PROBE_MEMORY},                             \
            {"gpio", VERSATILE_GPIO_BASE, PAGE, LAB_PROBE_MEMORY},                             \
            {"rtc", VERSATILE_RTC_BASE, PAGE, LAB_PROBE_MEMORY},                               \
    }
#define VERSATILE_CHIPS                                                                        \
    {                                                                                          \
        {.name = "vic", .qom = UNATTACHED "[2]", .pins = VERSATILE_VIC_INPUTS},                \
            {.name = "sic", .qom = UNATTACHED "[3]", .irq = VERSATILE_VIC_INPUTS, .pins = 32}, \
            {.name = "gpio", .qom = UNATTACHED "[15]", .pins = 8, .device = 3},                \
    }
#define VERSATILE_DEVICES                                                                      \
    {                                                                                          \
        {SIM_MODEL_SP804, 0, VERSATILE_TIMER_IRQ, VERSATILE_TIMER_BASE},                       \
            {SIM_MODEL_SP804, 1, VERSATILE_TIMER2_IRQ, VERSATILE_TIMER2_BASE},                 \
            {SIM_MODEL_PL061, 0, VERSATILE_GPIO_IRQ, VERSATILE_GPIO_BASE},                     \
            {SIM_MODEL_PL011, 0, VERSATILE_UART_IRQ, VERSATILE_UART_BASE},                     \
            {SIM_MODEL_PL031, 0, VERSATILE_RTC_IRQ, VERSATILE_RTC_BASE},                       \
    }

#define PC_PORT_REGIONS                                                                        \
    {"pic0", PC_PIC0_BASE, 2, LAB_PROBE_PORTS}, {"pic1", PC_PIC1_BASE, 2, LAB_PROBE_PORTS},    \
    {                                                                                          \
        "elcr", PC_ELCR_BASE, 2, LAB_PROBE_PORTS                                               \
    }

/* The pins of the I/O APIC are the first inputs of the board, behind them come the IRQs. */
#define PC_PINS(master, slave, io_pins)                                                        \
    {.name = "pic0", .qom = (master), .irq = PC_IOAPIC_PINS, .pins = 8},                       \
        {.name = "pic1", .qom = (slave), .irq = PC_IOAPIC_PINS + 8, .pins = 8},                \
    {                                                                                          \
        .name = "ioapic", .qom = "/machine/i440fx/ioapic", .pins = (io_pins)                   \
    }

static const struct lab_probe_machine machines[] = {
    {
        .name = "gicv2",
        .machine = SIM_MACHINE_VIRT,
        .region = {{"gicd", VIRT_GICD_BASE, PAGE, LAB_PROBE_MEMORY},
                   {"gicc", VIRT_GICC_BASE, 2 * PAGE, LAB_PROBE_MEMORY},
                   {"v2m", VIRT_V2M_BASE, PAGE, LAB_PROBE_MEMORY},
                   {"uart", VIRT_UART_BASE, PAGE, LAB_PROBE_MEMORY},
                   {"rtc", VIRT_RTC_BASE, PAGE, LAB_PROBE_MEMORY},
                   {"gpio", VIRT_GPIO_BASE, PAGE, LAB_PROBE_MEMORY}},
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
    {
        .name = "gicv2-sp804",
        .machine = SIM_MACHINE_VEXPRESS_A15,
        .region = {{"gicd", VEXPRESS_A15_GICD_BASE, PAGE, LAB_PROBE_MEMORY},
                   {"gicc", VEXPRESS_A15_GICC_BASE, 2 * PAGE, LAB_PROBE_MEMORY},
                   {"timer", VEXPRESS_A15_TIMER_BASE, PAGE, LAB_PROBE_MEMORY},
                   {"timer2", VEXPRESS_A15_TIMER2_BASE, PAGE, LAB_PROBE_MEMORY},
                   {"uart", VEXPRESS_A15_UART_BASE, PAGE, LAB_PROBE_MEMORY}},
        .chip = {GIC_PINS(UNATTACHED "[1]/gic", VEXPRESS_A15_SPIS)},
        .watched = {"irq", "fiq"},
        .device = {{SIM_MODEL_SP804, 0, VEXPRESS_TIMER_SPI, VEXPRESS_A15_TIMER_BASE},
                   {SIM_MODEL_SP804, 1, VEXPRESS_TIMER2_SPI, VEXPRESS_A15_TIMER2_BASE},
                   {SIM_MODEL_PL011, 0, VEXPRESS_UART_SPI, VEXPRESS_A15_UART_BASE}},
        .qemu = {"qemu-system-arm", "-M", "vexpress-a15,secure=off"},
        .watch_qom = UNATTACHED "[0]",
        .watch_pin = {0, 1},
    },
    {
        .name = "gicv3",
        .machine = SIM_MACHINE_VIRT_GICV3,
        .region = {{"gicd", VIRT_GICD_BASE, 16 * PAGE, LAB_PROBE_MEMORY},
                   {"gicr", VIRT_GICR_BASE, 16 * PAGE, LAB_PROBE_MEMORY},
                   {"sgi", VIRT_GICR_BASE + 16 * PAGE, 16 * PAGE, LAB_PROBE_MEMORY},
                   {"its", VIRT_GITS_BASE, GITS_FRAMES, LAB_PROBE_MEMORY},
                   {"ram", VIRT_RAM_KEPT, VIRT_KEPT_BYTES, LAB_PROBE_MEMORY},
                   {"uart", VIRT_UART_BASE, PAGE, LAB_PROBE_MEMORY}},
        .chip = {GIC_PINS(UNATTACHED "[1]", VIRT_SPIS)},
        .watched = {"irq", "fiq"},
        .watched_backwards = true,
        .device = {{SIM_MODEL_PL011, 0, VIRT_UART_SPI, VIRT_UART_BASE}},
        .verb = {{"rd", SIM_CPU_READ, .reg = true},
                 {"wr", SIM_CPU_WRITE, .reg = true, .value = true}},
        .registers = 4, /* icc */
        .qemu = {"qemu-system-aarch64", "-M", "virt,gic-version=3", "-cpu", "cortex-a57", "-m",
                 "128"},
        .watch_qom = UNATTACHED "[0]",
        .watch_pin = {0, 1},
    },
    {
        .name = "gicv1",
        .machine = SIM_MACHINE_VEXPRESS_A9,
        .region = {{"gicd", VEXPRESS_A9_GICD_BASE, PAGE, LAB_PROBE_MEMORY},
                   {"gicc", VEXPRESS_A9_GICC_BASE, 0x100, LAB_PROBE_MEMORY},
                   {"timer", VEXPRESS_A9_TIMER_BASE, PAGE, LAB_PROBE_MEMORY},
                   {"timer2", VEXPRESS_A9_TIMER2_BASE, PAGE, LAB_PROBE_MEMORY},
                   {"uart", VEXPRESS_A9_UART_BASE, PAGE, LAB_PROBE_MEMORY}},
        .chip = {GIC_PINS(UNATTACHED "[1]/gic", VEXPRESS_A9_SPIS)},
        .watched = {"irq", "fiq"},
        .device = {{SIM_MODEL_SP804, 0, VEXPRESS_TIMER_SPI, VEXPRESS_A9_TIMER_BASE},
                   {SIM_MODEL_SP804, 1, VEXPRESS_TIMER2_SPI, VEXPRESS_A9_TIMER2_BASE},
                   {SIM_MODEL_PL011, 0, VEXPRESS_UART_SPI, VEXPRESS_A9_UART_BASE}},
        .qemu = {"qemu-system-arm", "-M", "vexpress-a9,secure=off"},
        .watch_qom = UNATTACHED "[0]",
        .watch_pin = {0, 1},
    },
    {
        .name = "pl190",
        .machine = SIM_MACHINE_VERSATILEPB,
        .region = VERSATILE_REGIONS,
        .chip = VERSATILE_CHIPS,
        .watched = {"irq", "fiq"},
        .device = VERSATILE_DEVICES,
        .qemu = {"qemu-system-arm", "-M", "versatilepb"},
        .watch_qom = UNATTACHED "[0]",
        .watch_pin = {0, 1},
    },
    {
        .name = "pl190-devs",
        .machine = SIM_MACHINE_VERSATILEPB,
        .region = VERSATILE_REGIONS,
        .chip = VERSATILE_CHIPS,
        .watch_inputs = true,
        .device = VERSATILE_DEVICES,
        .qemu = {"qemu-system-arm", "-M", "versatilepb"},
        .watch_qom = UNATTACHED "[2]",
    },
    {
        .name = "pc",
        .machine = SIM_MACHINE_PC_IOAPIC,
        .region = {PC_PORT_REGIONS,
                   {"ioapic", PC_IOAPIC_BASE, PAGE, LAB_PROBE_MEMORY},
                   {"lapic", PC_LAPIC_BASE, PAGE, LAB_PROBE_BY_CPU}},
        .chip = {PC_PINS(UNATTACHED "[6]", UNATTACHED "[7]", PC_IOAPIC_PINS)},
        .watched = {"int"},
        .verb = {{"take", SIM_CPU_TAKE}},
        .qemu = {"qemu-system-x86_64", "-M", "pc,pit=off,hpet=off"},
        .watch_qom = UNATTACHED "[6]",
        .watch_outputs = true,
    },
    {
        .name = "pc-msi",
        .machine = SIM_MACHINE_PC_MSI,
        .region = {PC_PORT_REGIONS,
                   {"ioapic", PC_IOAPIC_BASE, PAGE, LAB_PROBE_MEMORY},
                   {"msi", PC_LAPIC_BASE, 0x100000, LAB_PROBE_ERASED}},
        .chip = {PC_PINS(UNATTACHED "[5]", UNATTACHED "[6]", PC_IOAPIC_PINS - 1)},
        .watched = {"int"},
        .verb = {{"inta", SIM_CPU_INTA}},
        .qemu = {"qemu-system-x86_64", "-M", "pc,pit=off,hpet=off", "-cpu", "qemu64,-apic",
                 "-object", "memory-backend-ram,size=1M,id=msi", "-device",
                 "ivshmem-plain,memdev=msi,addr=5"},
        .watch_qom = UNATTACHED "[5]",
        .watch_outputs = true,
    },
    {
        .name = "plic",
        .machine = SIM_MACHINE_RISCV_VIRT,
        .region = {{"plic", RISCV_PLIC_BASE, 0x600000, LAB_PROBE_MEMORY},
                   {"uart", RISCV_UART_BASE, 0x100, LAB_PROBE_MEMORY}},
        .chip = {{.name = "plic", .qom = UNATTACHED "[2]", .pins = RISCV_SOURCES}},
        .watched = {"mei", "sei"},
        .device = {{SIM_MODEL_NS16550, 0, RISCV_UART_SOURCE, RISCV_UART_BASE}},
        .qemu = {"qemu-system-riscv64", "-M", "virt", "-bios", "none"},
        .watch_qom = "/machine/soc0/harts[0]",
        .watch_pin = {11, 9},
    },
    {
        .name = "nvic",
        .machine = SIM_MACHINE_MPS2_AN385,
        .region = {{"scs", MPS2_SCS_BASE, PAGE, LAB_PROBE_MEMORY}},
        .chip = {{.name = "nvic", .qom = "/machine/armv7m", .pins = NVIC_INPUTS}},
        .watched = {"int"},
        .verb = {{"take", SIM_CPU_TAKE}, {"ret", SIM_CPU_RETURN}},
        .qemu = {"qemu-system-arm", "-M", "mps2-an385", "-m", "16M"},
        .watch_qom = "/machine/armv7m/cpu",
        .watch_pin = {0},
    },
    {
        .name = "nvic-devs",
        .machine = SIM_MACHINE_MPS2_AN385,
        .region = {{"scs", MPS2_SCS_BASE, PAGE, LAB_PROBE_MEMORY},
                   {"timer", MPS2_TIMER_BASE, PAGE, LAB_PROBE_MEMORY},
                   {"timer2", MPS2_TIMER_BASE + PAGE, PAGE, LAB_PROBE_MEMORY},
                   {"uart", MPS2_UART_BASE, PAGE, LAB_PROBE_MEMORY}},
        .chip = {{.name = "nvic",
                  .qom = "/machine/armv7m",
                  .pins = MPS2_UART_OVERRUN_IRQ,
                  .hole_first = MPS2_UART_RX_IRQ + 1,
                  .hole_pins = 1}},
        .watched = {"int"},
        .device = {{SIM_MODEL_CMSDK_TIMER, 0, MPS2_TIMER_IRQ, MPS2_TIMER_BASE},
                   {SIM_MODEL_CMSDK_TIMER, 1, MPS2_TIMER_IRQ + 1, MPS2_TIMER_BASE + PAGE},
                   {SIM_MODEL_CMSDK_UART, 0, MPS2_UART_RX_IRQ, MPS2_UART_BASE}},
        .qemu = {"qemu-system-arm", "-M", "mps2-an385", "-m", "16M"},
        .watch_qom = "/machine/armv7m/cpu",
        .watch_pin = {0},
    },
    {
        .name = "aplic",
        .machine = SIM_MACHINE_RISCV_APLIC,
        .region = {{"aplicm", RISCV_APLICM_BASE, 5 * PAGE, LAB_PROBE_MEMORY},
                   {"aplics", RISCV_APLICS_BASE, 5 * PAGE, LAB_PROBE_MEMORY}},
        .chip = {{.name = "aplic",
                  .qom = UNATTACHED "[2]",
                  .pins = RISCV_APLIC_SOURCES,
                  .hole_pins = 1}},
        .watched = {"mei", "sei"},
        .qemu = {"qemu-system-riscv64", "-M", "virt,aia=aplic", "-bios", "none"},
        .watch_qom = "/machine/soc0/harts[0]",
        .watch_pin = {11, 9},
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
