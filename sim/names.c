/* sim/names.c - names of models, chips and registers, out of the register contracts. */
#include "sim/regs/access.h"
#include "sim/regs/aplic.h"
#include "sim/regs/board_mps2.h"
#include "sim/regs/board_pc.h"
#include "sim/regs/board_riscv.h"
#include "sim/regs/board_versatile.h"
#include "sim/regs/board_vexpress.h"
#include "sim/regs/board_virt.h"
#include "sim/regs/cmsdk_timer.h"
#include "sim/regs/cmsdk_uart.h"
#include "sim/regs/gicv2.h"
#include "sim/regs/gicv3.h"
#include "sim/regs/i8254.h"
#include "sim/regs/i8259.h"
#include "sim/regs/ioapic.h"
#include "sim/regs/its.h"
#include "sim/regs/lapic.h"
#include "sim/regs/ns16550.h"
#include "sim/regs/nvic.h"
#include "sim/regs/pl011.h"
#include "sim/regs/pl031.h"
#include "sim/regs/pl061.h"
#include "sim/regs/pl190.h"
#include "sim/regs/plic.h"
#include "sim/regs/sic.h"
#include "sim/regs/source.h"
#include "sim/regs/sp804.h"
#include "sim/regs/textbook.h"
#include "sim/regs/v2m.h"
#include "sim/regs/virtio_mmio.h"
#include "sim/sim.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/*
 * A row of registers of @bytes, @step apart; its name is that of the #define without the
 * block's prefix of @skip characters.
 */
#define ROW(text, skip, bytes, step, at, rule, mask, value, many)                              \
    {.name = &(text)[skip],                                                                    \
     .offset = (at),                                                                           \
     .access = SIM_ACCESS_##rule,                                                              \
     .size = (bytes),                                                                          \
     .stride = (step),                                                                         \
     .writable = (mask),                                                                       \
     .reset = (value),                                                                         \
     .count = (many)},
#define ROW4(reg, rule, mask, value, many)   ROW(#reg, 4, 4, 4, reg, rule, mask, value, many)
#define ROW5(reg, rule, mask, value, many)   ROW(#reg, 5, 4, 4, reg, rule, mask, value, many)
#define ROW6(reg, rule, mask, value, many)   ROW(#reg, 6, 4, 4, reg, rule, mask, value, many)
#define ROW7(reg, rule, mask, value, many)   ROW(#reg, 7, 4, 4, reg, rule, mask, value, many)
#define ROW9(reg, rule, mask, value, many)   ROW(#reg, 9, 4, 4, reg, rule, mask, value, many)
#define ROW11(reg, rule, mask, value, many)  ROW(#reg, 11, 4, 4, reg, rule, mask, value, many)
#define ROW12(reg, rule, mask, value, many)  ROW(#reg, 12, 4, 4, reg, rule, mask, value, many)
#define BYTES5(reg, rule, mask, value, many) ROW(#reg, 5, 1, 1, reg, rule, mask, value, many)
#define BYTES6(reg, rule, mask, value, many) ROW(#reg, 6, 1, 1, reg, rule, mask, value, many)
#define BYTES8(reg, rule, mask, value, many) ROW(#reg, 8, 1, 1, reg, rule, mask, value, many)
#define PAIR6(reg, rule, mask, value, many)  ROW(#reg, 6, 4, 8, reg, rule, mask, value, many)
#define LAPIC_ROW(reg, rule, mask, value, many)                                                \
    ROW(#reg, 6, 4, LAPIC_STRIDE, reg, rule, mask, value, many)
#define IDC_ROW(reg, rule, mask, value, many)                                                  \
    ROW(#reg, 6, 4, APLIC_IDC_STRIDE, APLIC_IDC + (reg), rule, mask, value, many)
#define PLIC_ROW(reg, rule, mask, value, many)                                                 \
    ROW(#reg, 5, 4, PLIC_CONTEXT_STRIDE, reg, rule, mask, value, many)

static const struct sim_register source_registers[] = {SOURCE_REGISTERS(ROW7)};
static const struct sim_register pl011_registers[] = {PL011_REGISTERS(ROW6)};
static const struct sim_register pl031_registers[] = {PL031_REGISTERS(ROW6)};
static const struct sim_register pl061_registers[] = {PL061_REGISTERS(ROW6)};
static const struct sim_register sp804_registers[] = {SP804_REGISTERS(ROW6)};
static const struct sim_register cmsdk_uart_registers[] = {CMSDK_UART_REGISTERS(ROW11)};
static const struct sim_register cmsdk_timer_registers[] = {CMSDK_TIMER_REGISTERS(ROW12)};
static const struct sim_register ns16550_registers[] = {NS16550_REGISTERS(BYTES8)};
static const struct sim_register virtio_registers[] = {VIRTIO_REGISTERS(ROW7)};
static const struct sim_register i8254_registers[] = {I8254_REGISTERS(BYTES6)};
static const struct sim_register textbook_registers[] = {TEXTBOOK_REGISTERS(ROW9)};
static const struct sim_register gicd_registers[] = {GICD_REGISTERS(ROW5)};
static const struct sim_register gicc_registers[] = {GICC_REGISTERS(ROW5)};
static const struct sim_register gicd3_registers[] = {GICD3_REGISTERS(ROW6)
                                                          GICD3_ROUTERS(PAIR6)};
static const struct sim_register gicr_registers[] = {GICR_REGISTERS(ROW5)};
static const struct sim_register sgi_registers[] = {SGI_REGISTERS(ROW4)};
static const struct sim_register gits_registers[] = {GITS_REGISTERS(ROW5)};
static const struct sim_register icc_registers[] = {ICC_REGISTERS(ROW4)};
static const struct sim_register scs_registers[] = {SCS_REGISTERS(ROW4)};
static const struct sim_register vic_registers[] = {VIC_REGISTERS(ROW4)};
static const struct sim_register sic_registers[] = {SIC_REGISTERS(ROW4)};
static const struct sim_register v2m_registers[] = {V2M_REGISTERS(ROW4)};
static const struct sim_register i8259_registers[] = {I8259_REGISTERS(BYTES6)};
static const struct sim_register elcr_registers[] = {ELCR_REGISTERS(BYTES5)};
static const struct sim_register ioapic_registers[] = {IOAPIC_REGISTERS(ROW7)};
static const struct sim_register lapic_registers[] = {LAPIC_REGISTERS(LAPIC_ROW)};
static const struct sim_register plic_registers[] = {PLIC_REGISTERS(ROW5)
                                                         PLIC_CONTEXT_REGISTERS(PLIC_ROW)};

static const struct sim_register aplic_registers[] = {APLIC_REGISTERS(ROW6)
                                                          APLIC_IDC_REGISTERS(IDC_ROW)};
static const struct sim_register imsic_registers[] = {IMSIC_REGISTERS(ROW6)};

static const struct sim_chip textbook_chips[] = {
    {"intc", TEXTBOOK_BASE, COUNT(textbook_registers), textbook_registers},
};

static const struct sim_chip virt_chips[] = {
    {"gicd", VIRT_GICD_BASE, COUNT(gicd_registers), gicd_registers},
    {"gicc", VIRT_GICC_BASE, COUNT(gicc_registers), gicc_registers},
    {"v2m", VIRT_V2M_BASE, COUNT(v2m_registers), v2m_registers},
};

static const struct sim_chip virt_gicv3_chips[] = {
    {"gicd", VIRT_GICD_BASE, COUNT(gicd3_registers), gicd3_registers},
    {"gicr", VIRT_GICR_BASE, COUNT(gicr_registers), gicr_registers},
    {"sgi", VIRT_GICR_BASE + GICV3_REDIST_STEP / 2, COUNT(sgi_registers), sgi_registers},
    {"icc", GICV3_CPU_BASE, COUNT(icc_registers), icc_registers},
    {"its", VIRT_GITS_BASE, COUNT(gits_registers), gits_registers},
};

static const struct sim_chip vexpress_a15_chips[] = {
    {"gicd", VEXPRESS_A15_GICD_BASE, COUNT(gicd_registers), gicd_registers},
    {"gicc", VEXPRESS_A15_GICC_BASE, COUNT(gicc_registers), gicc_registers},
};

static const struct sim_chip mps2_chips[] = {
    {"scs", MPS2_SCS_BASE, COUNT(scs_registers), scs_registers},
};

static const struct sim_chip versatile_chips[] = {
    {"vic", VERSATILE_VIC_BASE, COUNT(vic_registers), vic_registers},
    {"sic", VERSATILE_SIC_BASE, COUNT(sic_registers), sic_registers},
};

static const struct sim_chip pc_chips[] = {
    {"pic0", PC_PIC0_BASE, COUNT(i8259_registers), i8259_registers},
    {"pic1", PC_PIC1_BASE, COUNT(i8259_registers), i8259_registers},
    {"elcr", PC_ELCR_BASE, COUNT(elcr_registers), elcr_registers},
    {"ioapic", PC_IOAPIC_BASE, COUNT(ioapic_registers), ioapic_registers},
    {"lapic", PC_LAPIC_BASE, COUNT(lapic_registers), lapic_registers},
};

enum { PC_CHIPS_WITHOUT_APIC = 3, PC_CHIPS_WITHOUT_LAPIC = 4 };

static const struct sim_chip riscv_virt_chips[] = {
    {"plic", RISCV_PLIC_BASE, COUNT(plic_registers), plic_registers},
};

static const struct sim_chip vexpress_a9_chips[] = {
    {"gicd", VEXPRESS_A9_GICD_BASE, COUNT(gicd_registers), gicd_registers},
    {"gicc", VEXPRESS_A9_GICC_BASE, COUNT(gicc_registers), gicc_registers},
};

static const struct sim_chip riscv_aia_chips[] = {
    {"aplicm", RISCV_APLICM_BASE, COUNT(aplic_registers), aplic_registers},
    {"aplics", RISCV_APLICS_BASE, COUNT(aplic_registers), aplic_registers},
    {"imsic", RISCV_CSR_BASE, COUNT(imsic_registers), imsic_registers},
};

enum { AIA_CHIPS_WITHOUT_IMSIC = 2 };

#define TABLE(rows)                                                                            \
    {                                                                                          \
        rows, COUNT(rows)                                                                      \
    }

static const struct register_table {
    const struct sim_register *rows;
    unsigned count;
} tables[SIM_MODELS] = {
    [SIM_MODEL_SOURCE] = TABLE(source_registers),
    [SIM_MODEL_PL011] = TABLE(pl011_registers),
    [SIM_MODEL_PL031] = TABLE(pl031_registers),
    [SIM_MODEL_PL061] = TABLE(pl061_registers),
    [SIM_MODEL_SP804] = TABLE(sp804_registers),
    [SIM_MODEL_NS16550] = TABLE(ns16550_registers),
    [SIM_MODEL_I8254] = TABLE(i8254_registers),
    [SIM_MODEL_VIRTIO] = TABLE(virtio_registers),
    [SIM_MODEL_CMSDK_UART] = TABLE(cmsdk_uart_registers),
    [SIM_MODEL_CMSDK_TIMER] = TABLE(cmsdk_timer_registers),
};

static const struct chip_table {
    const struct sim_chip *chips;
    unsigned count;
} chips[SIM_MACHINES] = {
    [SIM_MACHINE_TEXTBOOK] = TABLE(textbook_chips),
    [SIM_MACHINE_VIRT] = TABLE(virt_chips),
    [SIM_MACHINE_VIRT_GICV3] = TABLE(virt_gicv3_chips),
    [SIM_MACHINE_VEXPRESS_A9] = TABLE(vexpress_a9_chips),
    [SIM_MACHINE_VERSATILEPB] = TABLE(versatile_chips),
    [SIM_MACHINE_MPS2_AN385] = TABLE(mps2_chips),
    [SIM_MACHINE_VEXPRESS_A15] = TABLE(vexpress_a15_chips),
    [SIM_MACHINE_PC] = {pc_chips, PC_CHIPS_WITHOUT_APIC},
    [SIM_MACHINE_PC_IOAPIC] = TABLE(pc_chips),
    [SIM_MACHINE_PC_MSI] = {pc_chips, PC_CHIPS_WITHOUT_LAPIC},
    [SIM_MACHINE_RISCV_VIRT] = TABLE(riscv_virt_chips),
    [SIM_MACHINE_RISCV_AIA] = TABLE(riscv_aia_chips),
    [SIM_MACHINE_RISCV_APLIC] = {riscv_aia_chips, AIA_CHIPS_WITHOUT_IMSIC},
};

const struct sim_register *sim_registers(enum sim_model model, unsigned *ret_count)
{
    *ret_count = (unsigned)model < SIM_MODELS ? tables[model].count : 0;
    return *ret_count ? tables[model].rows : 0;
}

const struct sim_chip *sim_chip(enum sim_machine machine, unsigned index)
{
    return index < chips[machine].count ? &chips[machine].chips[index] : 0;
}

const char *sim_model_name(enum sim_model model)
{
    static const char *const names[SIM_MODELS] = {
        [SIM_MODEL_SOURCE] = "source",         [SIM_MODEL_LINE] = "line",
        [SIM_MODEL_PL011] = "pl011",           [SIM_MODEL_PL031] = "pl031",
        [SIM_MODEL_PL061] = "pl061",           [SIM_MODEL_SP804] = "sp804",
        [SIM_MODEL_CMSDK_UART] = "cmsdk-uart", [SIM_MODEL_CMSDK_TIMER] = "cmsdk-timer",
        [SIM_MODEL_NS16550] = "ns16550",       [SIM_MODEL_I8254] = "i8254",
        [SIM_MODEL_VIRTIO] = "virtio",
    };

    return (unsigned)model < SIM_MODELS ? names[model] : "unknown";
}
