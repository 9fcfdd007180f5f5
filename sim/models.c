/*
 * sim/models.c - which controller a machine has and which code a device: one line each.
 *
 * A board that is hardware has a table of its own instead (qemu/models_virt.c).
 */
#include "sim/controller.h"
#include "sim/device.h"

static const struct sim_controller_ops *const controllers[SIM_MACHINES] = {
    [SIM_MACHINE_TEXTBOOK] = &sim_intc_textbook,  [SIM_MACHINE_VIRT] = &sim_intc_gicv2,
    [SIM_MACHINE_VIRT_GICV3] = &sim_intc_gicv3,   [SIM_MACHINE_VERSATILEPB] = &sim_intc_pl190,
    [SIM_MACHINE_VEXPRESS_A15] = &sim_intc_gicv2, [SIM_MACHINE_PC] = &sim_intc_pc,
    [SIM_MACHINE_PC_IOAPIC] = &sim_intc_pc_apic,  [SIM_MACHINE_PC_MSI] = &sim_intc_pc_apic,
    [SIM_MACHINE_RISCV_VIRT] = &sim_intc_plic,    [SIM_MACHINE_MPS2_AN385] = &sim_intc_nvic,
    [SIM_MACHINE_VEXPRESS_A9] = &sim_intc_gicv2,  [SIM_MACHINE_RISCV_AIA] = &sim_intc_aplic,
    [SIM_MACHINE_RISCV_APLIC] = &sim_intc_aplic,
};

static const struct sim_device_ops *const models[SIM_MODELS] = {
    [SIM_MODEL_SOURCE] = &sim_dev_source,
    [SIM_MODEL_LINE] = &sim_dev_line,
    [SIM_MODEL_PL011] = &sim_dev_pl011,
    [SIM_MODEL_PL031] = &sim_dev_pl031,
    [SIM_MODEL_VIRTIO] = &sim_dev_virtio,
    [SIM_MODEL_PL061] = &sim_dev_pl061,
    [SIM_MODEL_SP804] = &sim_dev_sp804,
    [SIM_MODEL_NS16550] = &sim_dev_ns16550,
    [SIM_MODEL_I8254] = &sim_dev_i8254,
    [SIM_MODEL_CMSDK_UART] = &sim_dev_cmsdk_uart,
    [SIM_MODEL_CMSDK_TIMER] = &sim_dev_cmsdk_timer,
};

const struct sim_controller_ops *sim_controller_of(enum sim_machine machine)
{
    return (unsigned)machine < SIM_MACHINES ? controllers[machine] : 0;
}

const struct sim_device_ops *sim_device_of(enum sim_model model)
{
    return (unsigned)model < SIM_MODELS ? models[model] : 0;
}

bool sim_machine_exists(enum sim_machine machine)
{
    return sim_controller_of(machine) != 0;
}

bool sim_model_exists(enum sim_model model)
{
    return sim_device_of(model) != 0;
}
