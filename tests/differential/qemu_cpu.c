/* tests/differential/qemu_cpu.c - see qemu_cpu.h: the families, and words with the debugger. */
#include "tests/differential/qemu_cpu.h"

#include <stdlib.h>
#include <string.h>

const struct test_qemu_cpu *test_qemu_cpu(const struct lab_probe_machine *machine)
{
    const struct test_qemu_cpu *arm = test_qemu_cpu_arm(machine);

    const struct test_qemu_cpu *pc = test_qemu_cpu_pc(machine);

    return arm ? arm : pc ? pc : test_qemu_cpu_riscv(machine);
}

bool test_qemu_ask(struct test_qemu *qemu, const char *text, char ret_text[LAB_GDB_PACKET_MAX])
{
    struct lab_link *gdb = test_qemu_gdb(qemu);

    return lab_gdb_send(gdb, text) && lab_gdb_receive(gdb, ret_text) >= 0;
}

bool test_qemu_set_register(struct test_qemu *qemu, unsigned number, unsigned bytes,
                            uint64_t value)
{
    char text[64], answer[LAB_GDB_PACKET_MAX];
    size_t used = (size_t)snprintf(text, sizeof(text), "P%x=", number);

    for (unsigned i = 0; i < bytes; i++)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%02x",
                                 (unsigned)(value >> i * 8 & 0xff));
    return test_qemu_ask(qemu, text, answer) && strcmp(answer, "OK") == 0;
}

bool test_qemu_get_register(struct test_qemu *qemu, unsigned number, uint64_t *ret_value)
{
    char text[64], answer[LAB_GDB_PACKET_MAX];
    uint64_t value = 0;

    snprintf(text, sizeof(text), "p%x", number);
    if (!test_qemu_ask(qemu, text, answer) || strlen(answer) % 2 || strlen(answer) > 16)
        return false;
    for (size_t i = strlen(answer); i >= 2; i -= 2) {
        char digits[3] = {answer[i - 2], answer[i - 1], 0};
        value = value << 8 | strtoul(digits, 0, 16);
    }
    *ret_value = value;
    return true;
}

bool test_qemu_step(struct test_qemu *qemu, unsigned flags)
{
    char text[64], answer[LAB_GDB_PACKET_MAX];

    snprintf(text, sizeof(text), "Qqemu.sstep=%x", flags);
    return test_qemu_ask(qemu, text, answer) && test_qemu_ask(qemu, "s", answer) &&
           answer[0] == 'T';
}
