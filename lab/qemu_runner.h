/*
 * lab/qemu_runner.h - `--on qemu`: runs a compiled scenario on a board that QEMU emulates.
 *
 * The image (qemu/) steps the scenario on the emulated CPU, against the emulated controller and
 * devices; this side plays the world for it and takes its records.  See docs/metal.md.
 */
#ifndef LAB_QEMU_RUNNER_H
#define LAB_QEMU_RUNNER_H

#include "lab/core/lab.h"

enum { LAB_QEMU_OK = 0, LAB_QEMU_BROKEN = 3, LAB_QEMU_CANNOT = 77 };

struct lab_qemu_options {
    const char *board; /* 0: virt */
    const char *image; /* file; 0: BOARD.elf in $IRQLAB_IMAGES, or where the build put it */
    int silence_ms;    /* the board may be silent for so long; 0: 20 seconds */
    bool drop_lines;   /* a saboteur of the test suite: line changes get lost on the way */
};

/* What a run did, for tests and measurements. */
struct lab_qemu_stats {
    uint64_t lines, bytes, records, packets;
    uint32_t takes; /* of the CPU, through its interrupt vector */
    int pid;        /* of the emulator, which is gone by now */
};

/*
 * Runs @program on @board (0: virt).  Records go to @sink (may be 0) as they come, the outcome
 * is folded from them.  Returns LAB_QEMU_OK; LAB_QEMU_CANNOT, if it cannot run here, with what
 * is missing and how to get it in @error; or LAB_QEMU_BROKEN with what went wrong.
 */
int lab_qemu_run(const struct lab_program *program, const char *board, struct lab_sink *sink,
                 struct lab_outcome *ret, char *error, size_t error_size);

/* The same with options; @stats may be 0, its error text is @ret_error of LAB_QEMU_ERROR bytes.
 */
enum { LAB_QEMU_ERROR = 1024 };

int lab_qemu_run_with(const struct lab_program *program, const struct lab_qemu_options *options,
                      struct lab_sink *sink, struct lab_outcome *ret,
                      struct lab_qemu_stats *stats, char ret_error[LAB_QEMU_ERROR]);

/* "7.2.22", asked once; 0 if there is no qemu-system-arm. */
const char *lab_qemu_version(void);

#endif
