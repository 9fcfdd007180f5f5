/* sim/names.c - names of models, chips and registers, out of the register contracts. */
#include "sim/regs/access.h"
#include "sim/regs/board_versatile.h"
#include "sim/regs/board_vexpress.h"
#include "sim/regs/board_virt.h"
#include "sim/regs/gicv2.h"
#include "sim/regs/pl011.h"
#include "sim/regs/pl031.h"
#include "sim/regs/pl061.h"
#include "sim/regs/pl190.h"
#include "sim/regs/sic.h"
#include "sim/regs/source.h"
#include "sim/regs/sp804.h"
#include "sim/regs/textbook.h"
#include "sim/regs/v2m.h"
#include "sim/sim.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A row; its name is that of the #define without the block's prefix of @skip characters. */
#define ROW(text, skip, at, rule, mask, value, many)                                           \
    {.name = &(text)[skip],                                                                    \
     .offset = (at),                                                                           \
     .access = SIM_ACCESS_##rule,                                                              \
     .size = 4,                                                                                \
     .writable = (mask),                                                                       \
     .reset = (value),                                                                         \
     .count = (many)},
#define ROW4(reg, rule, mask, value, many) ROW(#reg, 4, reg, rule, mask, value, many)
#define ROW5(reg, rule, mask, value, many) ROW(#reg, 5, reg, rule, mask, value, many)
#define ROW6(reg, rule, mask, value, many) ROW(#reg, 6, reg, rule, mask, value, many)
#define ROW7(reg, rule, mask, value, many) ROW(#reg, 7, reg, rule, mask, value, many)
#define ROW9(reg, rule, mask, value, many) ROW(#reg, 9, reg, rule, mask, value, many)

static const struct sim_register source_registers[] = {SOURCE_REGISTERS(ROW7)};
static const struct sim_register pl011_registers[] = {PL011_REGISTERS(ROW6)};
static const struct sim_register pl031_registers[] = {PL031_REGISTERS(ROW6)};
static const struct sim_register pl061_registers[] = {PL061_REGISTERS(ROW6)};
static const struct sim_register sp804_registers[] = {SP804_REGISTERS(ROW6)};
static const struct sim_register textbook_registers[] = {TEXTBOOK_REGISTERS(ROW9)};
static const struct sim_register gicd_registers[] = {GICD_REGISTERS(ROW5)};
static const struct sim_register gicc_registers[] = {GICC_REGISTERS(ROW5)};
static const struct sim_register vic_registers[] = {VIC_REGISTERS(ROW4)};
static const struct sim_register sic_registers[] = {SIC_REGISTERS(ROW4)};
static const struct sim_register v2m_registers[] = {V2M_REGISTERS(ROW4)};

static const struct sim_chip textbook_chips[] = {
    {"intc", TEXTBOOK_BASE, COUNT(textbook_registers), textbook_registers},
};

static const struct sim_chip virt_chips[] = {
    {"gicd", VIRT_GICD_BASE, COUNT(gicd_registers), gicd_registers},
    {"gicc", VIRT_GICC_BASE, COUNT(gicc_registers), gicc_registers},
    {"v2m", VIRT_V2M_BASE, COUNT(v2m_registers), v2m_registers},
};

#define TABLE(rows)                                                                            \
    {                                                                                          \
        rows, COUNT(rows)                                                                      \
    }

static const struct register_table {
    const struct sim_register *rows;
    unsigned count;
} tables[SIM_MODELS] = {
    [SIM_MODEL_SOURCE] = TABLE(source_registers), [SIM_MODEL_PL011] = TABLE(pl011_registers),
    [SIM_MODEL_PL031] = TABLE(pl031_registers),   [SIM_MODEL_PL061] = TABLE(pl061_registers),
    [SIM_MODEL_SP804] = TABLE(sp804_registers),
};

const struct sim_register *sim_registers(enum sim_model model, unsigned *ret_count)
{
    *ret_count = (unsigned)model < SIM_MODELS ? tables[model].count : 0;
    return *ret_count ? tables[model].rows : 0;
}

static const struct sim_chip vexpress_a15_chips[] = {
    {"gicd", VEXPRESS_A15_GICD_BASE, COUNT(gicd_registers), gicd_registers},
    {"gicc", VEXPRESS_A15_GICC_BASE, COUNT(gicc_registers), gicc_registers},
};

static const struct sim_chip versatile_chips[] = {
    {"vic", VERSATILE_VIC_BASE, COUNT(vic_registers), vic_registers},
    {"sic", VERSATILE_SIC_BASE, COUNT(sic_registers), sic_registers},
};

const struct sim_chip *sim_chip(enum sim_machine machine, unsigned index)
{
    if (machine == SIM_MACHINE_VERSATILEPB && index < COUNT(versatile_chips))
        return &versatile_chips[index];
    if (machine == SIM_MACHINE_VEXPRESS_A15 && index < COUNT(vexpress_a15_chips))
        return &vexpress_a15_chips[index];
    if (machine == SIM_MACHINE_TEXTBOOK && index < COUNT(textbook_chips))
        return &textbook_chips[index];
    if (machine == SIM_MACHINE_VIRT && index < COUNT(virt_chips))
        return &virt_chips[index];
    return 0;
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
