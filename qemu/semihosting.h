/*
 * qemu/semihosting.h - what an image asks of the host.
 *
 * Source: Arm IHI 2022 (semihosting for AArch32).  Each call stops the machine until QEMU, or
 * the runner behind it, has answered.  Any context.
 */
#ifndef QEMU_SEMIHOSTING_H
#define QEMU_SEMIHOSTING_H

#include <stdint.h>

enum metal_open_mode { METAL_OPEN_READ = 0, METAL_OPEN_WRITE = 4 };

/* A descriptor, or -1. */
int metal_open(const char *name, enum metal_open_mode mode);
/* 0, or -1. */
int metal_seek(int fd, uint32_t offset);
/* 0 if all was written. */
int metal_write(int fd, const void *bytes, uint32_t size);
/* Text for people on the emulator's standard error. */
void metal_complain(const char *text);
/* Ends the emulator with this exit code. */
_Noreturn void metal_exit(unsigned code);

#endif
