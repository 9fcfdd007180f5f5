/*
 * lab/core/names.c - machines, models, calls, verbs and words by name and by number.
 *
 * Sources: docs/language.md; boards as in QEMU 7.2.22 (hw/arm, hw/riscv, hw/i386).
 */
#include "lab/core/names.h"
#include "lab/core/ast.h"
#include "lab/core/text.h"

enum {
    DEVICE_STEP = 0x1000, /* devices of one model lie a page apart */
    VIRTIO_STEP = 0x200,  /* but these */
};

#define NAME_ONLY(id, name) name,
static const char *const machines[] = {LAB_MACHINES(NAME_ONLY)};
static const char *const models[] = {LAB_MODELS(NAME_ONLY) LAB_CHIPS(NAME_ONLY)};
static const char *const triggers[] = {LAB_TRIGGERS(NAME_ONLY)};
static const char *const flows[] = {LAB_FLOWS(NAME_ONLY)};
static const char *const backends[] = {LAB_BACKENDS(NAME_ONLY)};
static const char *const costs[] = {LAB_COSTS(NAME_ONLY)};
static const char *const measures[] = {LAB_MEASURES(NAME_ONLY)};
static const char *const endings[] = {LAB_ENDINGS(NAME_ONLY)};
static const char *const blocks[] = {"init",    "irq",  "thread", "open",
                                     "release", "read", "write",  "poll"};

#define SYSCALL_ROW(id, name, min, max, sig) {name, min, max, sig, NULL},
static const struct lab_call syscalls[] = {LAB_SYSCALLS(SYSCALL_ROW)};
#define KCALL_ROW(id, name, min, max, sig, where) {name, min, max, sig, where},
static const struct lab_call kcalls[] = {LAB_KCALLS(KCALL_ROW)};
#define VERB_ROW(id, name, min, max) {name, min, max, NULL, NULL},
static const struct lab_call verbs[] = {LAB_VERBS(VERB_ROW)};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static int find(const char *const *table, size_t count, const char *name, size_t length)
{
    for (size_t i = 0; i < count; i++) {
        if (lab_text_is(table[i], name, length)) {
            return (int)i;
        }
    }
    return -1;
}

static int find_call(const struct lab_call *table, size_t count, const char *name,
                     size_t length)
{
    for (size_t i = 0; i < count; i++) {
        if (lab_text_is(table[i].name, name, length)) {
            return (int)i;
        }
    }
    return -1;
}

/* The two accessors that every plain table has. */
#define TABLE(noun, table)                                                                     \
    const char *lab_##noun##_name(unsigned id)                                                 \
    {                                                                                          \
        return id < COUNT(table) ? (table)[id] : NULL;                                         \
    }                                                                                          \
    int lab_find_##noun(const char *name, size_t length)                                       \
    {                                                                                          \
        return find(table, COUNT(table), name, length);                                        \
    }

TABLE(machine, machines)
TABLE(trigger, triggers)
TABLE(flow, flows)
TABLE(backend, backends)
TABLE(cost, costs)
TABLE(measure, measures)
TABLE(ending, endings)
TABLE(block, blocks)

const char *lab_model_name(unsigned model)
{
    return model < COUNT(models) ? models[model] : NULL;
}

int lab_find_model(const char *name, size_t length)
{
    return find(models, LAB_MODEL_COUNT, name, length);
}

const char *lab_verb_name(unsigned verb)
{
    return verb < COUNT(verbs) ? verbs[verb].name : NULL;
}

int lab_find_verb(const char *name, size_t length)
{
    return find_call(verbs, COUNT(verbs), name, length);
}

int lab_find_syscall(const char *name, size_t length)
{
    /* The signal masks of these two add nothing that a scenario can observe. */
    if (lab_text_is("ppoll", name, length)) {
        return LAB_SYS_POLL;
    }
    if (lab_text_is("pselect", name, length)) {
        return LAB_SYS_SELECT;
    }
    return find_call(syscalls, COUNT(syscalls), name, length);
}

int lab_find_kcall(const char *name, size_t length)
{
    return find_call(kcalls, COUNT(kcalls), name, length);
}

const struct lab_call *lab_syscall_row(unsigned syscall)
{
    return syscall < COUNT(syscalls) ? &syscalls[syscall] : NULL;
}

const struct lab_call *lab_kcall_row(unsigned kcall)
{
    return kcall < COUNT(kcalls) ? &kcalls[kcall] : NULL;
}

const struct lab_call *lab_verb_row(unsigned verb)
{
    return verb < COUNT(verbs) ? &verbs[verb] : NULL;
}

/* ---- boards ---- */

static const struct lab_board_device no_devices[] = {{0, 0, {0}}};
static const struct lab_board_device virt_devices[] = {
    {LAB_MODEL_PL011, 1, {1}, 0x09000000},
    {LAB_MODEL_PL031, 1, {2}, 0x09010000},
    {LAB_MODEL_PL061, 1, {7}, 0x09030000},
    {LAB_MODEL_VIRTIO, 32, {16}, 0x0a000000},
    {0, 0, {0}, 0},
};
static const struct lab_board_device vexpress_devices[] = {
    {LAB_MODEL_SP804, 2, {2, 3}, 0x10011000},
    {LAB_MODEL_PL011, 4, {5, 6, 7, 8}, 0x10009000},
    {0, 0, {0}, 0},
};
static const struct lab_board_device versatile_devices[] = {
    {LAB_MODEL_SP804, 2, {4, 5}, 0x101e2000},
    {LAB_MODEL_PL061, 4, {6, 7, 8, 9}, 0x101e4000},
    {LAB_MODEL_PL011, 3, {12, 13, 14}, 0x101f1000},
    {0, 0, {0}, 0},
};
/* The input of the receiver; each UART's transmitter has the one after it. */
static const struct lab_board_device mps2_devices[] = {
    {LAB_MODEL_CMSDK_UART, 3, {0, 2, 4}, 0x40004000},
    {LAB_MODEL_CMSDK_TIMER, 2, {8, 9}, 0x40000000},
    {0, 0, {0}, 0},
};
static const struct lab_board_device pc_devices[] = {
    {LAB_MODEL_NS16550, 2, {4, 3}},
    {LAB_MODEL_I8254, 1, {0}},
    {0, 0, {0}},
};
static const struct lab_board_device q35_devices[] = {
    {LAB_MODEL_NS16550, 2, {4, 3}},
    {LAB_MODEL_I8254, 1, {2}},
    {0, 0, {0}},
};
static const struct lab_board_device riscv_devices[] = {
    {LAB_MODEL_NS16550, 1, {10}},
    {0, 0, {0}},
};

static const uint8_t no_chips[] = {0};
static const uint8_t gicv2m_chips[] = {LAB_MODEL_GICD, LAB_MODEL_GICC, LAB_MODEL_V2M, 0};
static const uint8_t gicv1_chips[] = {LAB_MODEL_GICD, LAB_MODEL_GICC, 0};
static const uint8_t gicv3_chips[] = {LAB_MODEL_GICD, LAB_MODEL_GICR, LAB_MODEL_SGI,
                                      LAB_MODEL_ITS, 0};
static const uint8_t pl190_chips[] = {LAB_MODEL_VIC, LAB_MODEL_SIC, 0};
static const uint8_t nvic_chips[] = {LAB_MODEL_SCS, 0};
static const uint8_t pc_chips[] = {LAB_MODEL_PIC0, LAB_MODEL_PIC1, LAB_MODEL_ELCR, 0};
static const uint8_t q35_chips[] = {LAB_MODEL_IOAPIC, LAB_MODEL_LAPIC, LAB_MODEL_PIC0,
                                    LAB_MODEL_PIC1,   LAB_MODEL_ELCR,  0};
static const uint8_t plic_chips[] = {LAB_MODEL_PLIC, 0};
static const uint8_t aia_chips[] = {LAB_MODEL_APLICM, LAB_MODEL_APLICS, 0};

static const struct lab_board boards[LAB_MACHINE_COUNT] = {
    {"the textbook controller", 0, 32, "input", false, true, no_devices, no_chips},
    {"the GICv2", 0, 256, "SPI", true, false, virt_devices, gicv2m_chips},
    {"the GICv3", 0, 256, "SPI", true, false, virt_devices, gicv3_chips},
    {"the GICv1", 0, 64, "SPI", false, false, vexpress_devices, gicv1_chips},
    {"the PL190", 0, 32, "input", false, false, versatile_devices, pl190_chips},
    {"the NVIC", 0, 32, "input", false, false, mps2_devices, nvic_chips},
    {"the 8259A", 0, 16, "IRQ", false, false, pc_devices, pc_chips},
    {"the IO-APIC", 0, 24, "pin", true, false, q35_devices, q35_chips},
    {"the PLIC", 1, 96, "source", false, false, riscv_devices, plic_chips},
    {"the APLIC", 1, 96, "source", true, false, riscv_devices, aia_chips},
};

const struct lab_board *lab_board(unsigned machine)
{
    return machine < LAB_MACHINE_COUNT ? &boards[machine] : NULL;
}

int lab_board_irq(unsigned machine, unsigned model, unsigned instance)
{
    const struct lab_board *board = lab_board(machine);

    for (const struct lab_board_device *row = board->devices; row->count > 0; row++) {
        if (row->model == model && instance < row->count) {
            return row->count <= COUNT(row->irq) ? row->irq[instance]
                                                 : (int)(row->irq[0] + instance);
        }
    }
    return -1;
}

uint32_t lab_board_base(unsigned machine, unsigned model, unsigned instance)
{
    const struct lab_board_device *row = lab_board(machine)->devices;

    while (row->count > 0 && row->model != model)
        row++;
    return row->base
               ? row->base + instance * (model == LAB_MODEL_VIRTIO ? VIRTIO_STEP : DEVICE_STEP)
               : 0;
}

int lab_find_chip(unsigned machine, const char *name, size_t length)
{
    const struct lab_board *board = lab_board(machine);

    for (const uint8_t *chip = board->chips; *chip != 0; chip++) {
        if (lab_text_is(models[*chip], name, length)) {
            return *chip;
        }
    }
    return -1;
}

static const char *gic_refuses(unsigned trigger)
{
    static const char reason[] = "an SPI of the GIC is a rising edge or a high level";

    return trigger == LAB_TRIGGER_EDGE || trigger == LAB_TRIGGER_LEVEL ? NULL : reason;
}

static const char *pc_refuses(unsigned machine, unsigned trigger)
{
    if (trigger == LAB_TRIGGER_BOTH) {
        return machine == LAB_MACHINE_PC ? "the 8259A has no detector for falling edges"
                                         : "a pin of the IO-APIC has one polarity";
    }
    if (machine == LAB_MACHINE_PC &&
        (trigger == LAB_TRIGGER_FALLING || trigger == LAB_TRIGGER_LOW)) {
        return "the 8259A has no polarity: inputs are rising edges or high levels";
    }
    return NULL;
}

const char *lab_trigger_refused(unsigned machine, unsigned trigger)
{
    if (trigger == LAB_TRIGGER_MSI) {
        return boards[machine].msi ? NULL : "the board has no message-signalled interrupts";
    }
    switch (machine) {
    case LAB_MACHINE_VIRT:
    case LAB_MACHINE_VIRT_GICV3:
    case LAB_MACHINE_VEXPRESS_A9:
        return gic_refuses(trigger);
    case LAB_MACHINE_VERSATILEPB:
        if (trigger == LAB_TRIGGER_LEVEL) {
            return NULL;
        }
        return trigger == LAB_TRIGGER_LOW ? "inputs of the PL190 are active high"
                                          : "the PL190 has no edge latch";
    case LAB_MACHINE_MPS2_AN385:
        return trigger == LAB_TRIGGER_EDGE || trigger == LAB_TRIGGER_LEVEL
                   ? NULL
                   : "inputs of the NVIC are active high";
    case LAB_MACHINE_PC:
    case LAB_MACHINE_PC_IOAPIC:
        return pc_refuses(machine, trigger);
    case LAB_MACHINE_RISCV_VIRT:
        return trigger == LAB_TRIGGER_LEVEL ? NULL
                                            : "the gateways of this PLIC are for high levels";
    case LAB_MACHINE_RISCV_AIA:
        return trigger == LAB_TRIGGER_BOTH ? "a source of the APLIC has one polarity" : NULL;
    default:
        return NULL;
    }
}

enum lab_flow lab_default_flow(unsigned machine, unsigned trigger)
{
    if (machine == LAB_MACHINE_TEXTBOOK) {
        return LAB_FLOW_FASTEOI;
    }
    if (trigger == LAB_TRIGGER_LEVEL || trigger == LAB_TRIGGER_LOW) {
        return machine == LAB_MACHINE_PC || machine == LAB_MACHINE_VERSATILEPB
                   ? LAB_FLOW_LEVEL
                   : LAB_FLOW_FASTEOI;
    }
    /* irq-riscv-imsic-platform.c */
    if (machine == LAB_MACHINE_RISCV_AIA && trigger == LAB_TRIGGER_MSI) {
        return LAB_FLOW_EDGE;
    }
    return machine == LAB_MACHINE_PC || machine == LAB_MACHINE_PC_IOAPIC ? LAB_FLOW_EDGE
                                                                         : LAB_FLOW_FASTEOI;
}

uint32_t lab_model_verbs(unsigned model)
{
    switch (model) {
    case LAB_MODEL_SOURCE:
        return 1u << LAB_VERB_SEND;
    case LAB_MODEL_LINE:
        return 1u << LAB_VERB_SEND | 1u << LAB_VERB_ASSERT | 1u << LAB_VERB_DEASSERT |
               1u << LAB_VERB_PULSE;
    case LAB_MODEL_PL011:
    case LAB_MODEL_CMSDK_UART:
    case LAB_MODEL_NS16550:
        return 1u << LAB_VERB_RECEIVE;
    case LAB_MODEL_PL061:
        return 1u << LAB_VERB_DRIVE;
    case LAB_MODEL_VIRTIO:
        return 1u << LAB_VERB_FINISH;
    default:
        return 0;
    }
}

bool lab_model_is_timer(unsigned model)
{
    return model == LAB_MODEL_SP804 || model == LAB_MODEL_CMSDK_TIMER ||
           model == LAB_MODEL_I8254 || model == LAB_MODEL_PL031;
}

bool lab_model_is_disk(unsigned model)
{
    return model == LAB_MODEL_VIRTIO;
}
