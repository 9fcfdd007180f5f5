/* qemu/semihosting.c - what an image asks of the host. */
#include "qemu/semihosting.h"

enum {
    SYS_OPEN = 0x01,
    SYS_WRITE0 = 0x04,
    SYS_WRITE = 0x05,
    SYS_SEEK = 0x0a,
    SYS_EXIT_EXTENDED = 0x20,
    APPLICATION_EXIT = 0x20026,
};

int metal_semihosting(unsigned operation, const void *argument);

static uint32_t address(const void *at)
{
    return (uint32_t)(uintptr_t)at;
}

static uint32_t length_of(const char *text)
{
    uint32_t length = 0;

    while (text[length])
        length++;
    return length;
}

int metal_open(const char *name, enum metal_open_mode mode)
{
    const uint32_t block[3] = {address(name), (uint32_t)mode, length_of(name)};

    return metal_semihosting(SYS_OPEN, block);
}

int metal_seek(int fd, uint32_t offset)
{
    const uint32_t block[2] = {(uint32_t)fd, offset};

    return metal_semihosting(SYS_SEEK, block);
}

int metal_write(int fd, const void *bytes, uint32_t size)
{
    const uint32_t block[3] = {(uint32_t)fd, address(bytes), size};

    return metal_semihosting(SYS_WRITE, block);
}

void metal_complain(const char *text)
{
    metal_semihosting(SYS_WRITE0, text);
}

_Noreturn void metal_exit(unsigned code)
{
    const uint32_t block[2] = {APPLICATION_EXIT, code};

    for (;;)
        metal_semihosting(SYS_EXIT_EXTENDED, block);
}
