/* sim/policy.c - the policy tables of the machines. */
#include "sim/policy.h"

#define POLICY_ROW(row, name, architecture, qemu, what) {name, what, architecture, qemu},

static const struct sim_policy textbook_policies[] = {SIM_PL011_POLICIES(POLICY_ROW)};

static const struct sim_policy virt_policies[] = {SIM_PL011_POLICIES(POLICY_ROW)
                                                      SIM_GICV2_POLICIES(POLICY_ROW)};

const struct sim_policy *sim_policies(enum sim_machine machine, unsigned *ret_count)
{
    if (machine == SIM_MACHINE_VIRT) {
        *ret_count = sizeof(virt_policies) / sizeof(virt_policies[0]);
        return virt_policies;
    }
    *ret_count = sizeof(textbook_policies) / sizeof(textbook_policies[0]);
    return textbook_policies;
}

uint32_t sim_policy_mask(const struct sim_config *config)
{
    unsigned count;
    const struct sim_policy *row = sim_policies((enum sim_machine)config->machine, &count);
    uint32_t mask = 0;

    for (unsigned i = 0; i < count; i++)
        mask |= (uint32_t)(config->as_qemu ? row[i].qemu : row[i].architecture) << i;
    return (mask & ~config->policy_set) | (config->policy_value & config->policy_set);
}
