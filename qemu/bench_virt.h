/* qemu/bench_virt.h - the board as the stepper's hardware. */
#ifndef QEMU_BENCH_VIRT_H
#define QEMU_BENCH_VIRT_H

#include "lab/core/lab.h"

extern const struct lab_bench metal_bench;

/* ---- port_arm.c ---- */
uint32_t metal_context_bytes(void);
void metal_c_start(struct lab *lab, unsigned context, drv_c_routine routine,
                   const struct drv_c_args *args);
void metal_c_continue(struct lab *lab, unsigned context);

#endif
