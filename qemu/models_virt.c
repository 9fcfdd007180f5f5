/*
 * qemu/models_virt.c - what an image for `virt` has: the board's own controller and UART, and
 * the two devices that are ours.  Stands in for sim/models.c.
 */
#include "sim/controller.h"
#include "sim/device.h"

const struct sim_controller_ops *sim_controller_of(enum sim_machine machine)
{
    return machine == SIM_MACHINE_VIRT ? &sim_intc_gicv2 : 0;
}

const struct sim_device_ops *sim_device_of(enum sim_model model)
{
    switch (model) {
    case SIM_MODEL_SOURCE:
        return &sim_dev_source;
    case SIM_MODEL_LINE:
        return &sim_dev_line;
    case SIM_MODEL_PL011:
        return &sim_dev_pl011;
    default:
        return 0;
    }
}

bool sim_machine_exists(enum sim_machine machine)
{
    return sim_controller_of(machine) != 0;
}

bool sim_model_exists(enum sim_model model)
{
    return sim_device_of(model) != 0;
}
