/* sim/policy.c - the policy tables of the machines. */
#include "sim/policy.h"

#define POLICY_ROW(row, name, architecture, qemu, what) {name, what, architecture, qemu},

static const struct sim_policy device_policies[] = {SIM_DEVICE_POLICIES(POLICY_ROW)};

static const struct sim_policy gicv2_policies[] = {SIM_DEVICE_POLICIES(POLICY_ROW)
                                                       SIM_GICV2_POLICIES(POLICY_ROW)};

static const struct sim_policy gicv3_policies[] = {SIM_DEVICE_POLICIES(POLICY_ROW)
                                                       SIM_GICV3_POLICIES(POLICY_ROW)};

static const struct sim_policy nvic_policies[] = {SIM_DEVICE_POLICIES(POLICY_ROW)
                                                      SIM_NVIC_POLICIES(POLICY_ROW)};

static const struct sim_policy pl190_policies[] = {SIM_DEVICE_POLICIES(POLICY_ROW)
                                                       SIM_PL190_POLICIES(POLICY_ROW)};
static const struct sim_policy pc_policies[] = {SIM_DEVICE_POLICIES(POLICY_ROW)
                                                    SIM_I8259_POLICIES(POLICY_ROW)};

static const struct sim_policy pc_apic_policies[] = {SIM_DEVICE_POLICIES(
    POLICY_ROW) SIM_I8259_POLICIES(POLICY_ROW) SIM_APIC_POLICIES(POLICY_ROW)};

static const struct sim_policy plic_policies[] = {SIM_DEVICE_POLICIES(POLICY_ROW)
                                                      SIM_PLIC_POLICIES(POLICY_ROW)};

static const struct sim_policy aplic_policies[] = {SIM_DEVICE_POLICIES(POLICY_ROW)
                                                       SIM_APLIC_POLICIES(POLICY_ROW)};

#define TABLE(rows)                                                                            \
    {                                                                                          \
        rows, sizeof(rows) / sizeof((rows)[0])                                                 \
    }

/* A machine whose controller has no rows of its own has those of the devices. */
static const struct policy_table {
    const struct sim_policy *rows;
    unsigned count;
} tables[SIM_MACHINES] = {
    [SIM_MACHINE_VIRT] = TABLE(gicv2_policies),
    [SIM_MACHINE_VIRT_GICV3] = TABLE(gicv3_policies),
    [SIM_MACHINE_MPS2_AN385] = TABLE(nvic_policies),
    [SIM_MACHINE_VERSATILEPB] = TABLE(pl190_policies),
    [SIM_MACHINE_VEXPRESS_A9] = TABLE(gicv2_policies),
    [SIM_MACHINE_VEXPRESS_A15] = TABLE(gicv2_policies),
    [SIM_MACHINE_PC] = TABLE(pc_policies),
    [SIM_MACHINE_PC_IOAPIC] = TABLE(pc_apic_policies),
    [SIM_MACHINE_PC_MSI] = TABLE(pc_apic_policies),
    [SIM_MACHINE_RISCV_VIRT] = TABLE(plic_policies),
    [SIM_MACHINE_RISCV_AIA] = TABLE(aplic_policies),
    [SIM_MACHINE_RISCV_APLIC] = TABLE(aplic_policies),
};

const struct sim_policy *sim_policies(enum sim_machine machine, unsigned *ret_count)
{
    static const struct policy_table devices = TABLE(device_policies);
    const struct policy_table *table = tables[machine].rows ? &tables[machine] : &devices;

    *ret_count = table->count;
    return table->rows;
}

uint64_t sim_policy_mask(const struct sim_config *config)
{
    unsigned count;
    const struct sim_policy *row = sim_policies((enum sim_machine)config->machine, &count);
    uint64_t mask = 0;

    for (unsigned i = 0; i < count; i++)
        mask |= (uint64_t)(config->as_qemu ? row[i].qemu : row[i].architecture) << i;
    return (mask & ~config->policy_set) | (config->policy_value & config->policy_set);
}
