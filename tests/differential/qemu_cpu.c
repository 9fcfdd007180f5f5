/* tests/differential/qemu_cpu.c - see qemu_cpu.h: one row per machine whose verbs are known. */
#include "tests/differential/qemu_cpu.h"

#include <string.h>

struct steps {
    const char *machine;
    bool (*start)(struct lab_link *gdb);
    bool (*run)(struct lab_link *gdb, struct lab_link *qtest, unsigned reg,
                const struct lab_probe_verb *verb, uint32_t *value);
};

static const struct steps steps[] = {
    {0, 0, 0},
};

static const struct steps *find(const struct lab_probe_machine *machine)
{
    const struct steps *row = steps;

    while (row->machine && strcmp(row->machine, machine->name) != 0)
        row++;
    return row->machine ? row : 0;
}

bool test_qemu_cpu_start(const struct lab_probe_machine *machine, struct lab_link *gdb)
{
    const struct steps *row = find(machine);

    return !row || row->start(gdb);
}

bool test_qemu_cpu(const struct lab_probe_machine *machine, struct lab_link *gdb,
                   struct lab_link *qtest, unsigned reg, const struct lab_probe_verb *verb,
                   uint32_t *value)
{
    const struct steps *row = find(machine);

    return row && row->run(gdb, qtest, reg, verb, value);
}
