/* lab/qemu_process.h - an emulator as a child: its sockets, its complaints, its certain end. */
#ifndef LAB_QEMU_PROCESS_H
#define LAB_QEMU_PROCESS_H

#include <sys/types.h>

#include "lab/link.h"

enum lab_qemu_channel {
    LAB_QEMU_GDB,
    LAB_QEMU_QTEST,
    LAB_QEMU_QMP,
    LAB_QEMU_UART,
    LAB_QEMU_CHANNELS
};

struct lab_qemu_process {
    pid_t pid; /* 0: none */
    struct lab_link link[LAB_QEMU_CHANNELS];
    int complaints;  /* its standard error */
    char text[2048]; /* what it said there, known noise left out */
    size_t used;
};

/*
 * Starts @image, stopped, with @size bytes of @program at LAB_BOARD_PROGRAM.  Returns 0, or an
 * errno.  The child dies with this process.
 */
int lab_qemu_start(struct lab_qemu_process *process, const char *image, const void *program,
                   size_t size, int silence_ms);

/* Takes in what the child has said on its standard error. */
void lab_qemu_listen(struct lab_qemu_process *process);

/* The child's end: waits @patience_ms for it, then kills.  Its exit code, -1 if it was killed.
 */
int lab_qemu_end(struct lab_qemu_process *process, int patience_ms);

#endif
