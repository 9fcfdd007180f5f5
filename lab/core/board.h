/*
 * lab/core/board.h - what an image on a board and its runner on the host say to each other.
 *
 * The image speaks semihosting; QEMU (-semihosting-config target=gdb) stops the machine at
 * every call and hands it to the runner as a File-I/O packet.  A file of the name
 * LAB_BOARD_CONTROL opens only there, so an image that cannot open it knows that nobody is
 * listening.
 *
 *   seek(control, LINE | input << 1 | level)   an input of the controller changes; 0, or -1
 *   seek(control, BYTE | uart << 8 | byte)     a byte reaches a UART; 0, or -1
 *   write(control, records)                    whole struct sim_record
 *   write(end, struct lab_board_end)           once, after the last record
 *
 * Constants and layouts only: docs/metal.md tells the story.
 */
#ifndef LAB_CORE_BOARD_H
#define LAB_CORE_BOARD_H

#include <stdint.h>

#define LAB_BOARD_CONTROL "irqlab-control"
#define LAB_BOARD_END     "irqlab-end"

/* Where things lie in the 64 MiB of the board's memory. */
#define LAB_BOARD_PROGRAM                                                                      \
    0x42000000u /* the runner's loader puts the compiled scenario here                         \
                 */
#define LAB_BOARD_PROGRAM_BYTES 0x00100000u
#define LAB_BOARD_ARENA         0x42100000u
#define LAB_BOARD_MEMORY_END    0x44000000u

/* Offsets of a seek: what is asked for in the upper byte. */
enum {
    LAB_BOARD_LINE = 1 << 24,
    LAB_BOARD_BYTE = 2 << 24,
    LAB_BOARD_WHAT = 127 << 24,
};

/* Exit codes of an image. */
enum lab_board_exit {
    LAB_BOARD_RAN = 0,
    LAB_BOARD_NO_PROGRAM = 80, /* no compiled scenario in memory, or a damaged one */
    LAB_BOARD_NO_ROOM,         /* its state does not fit into the board's memory */
    LAB_BOARD_WRONG_MACHINE,   /* for another board, or for more CPUs than it has */
    LAB_BOARD_NOT_TAKEN, /* the controller asked, and the CPU did not take the interrupt */
    LAB_BOARD_FAULT,     /* an exception that no code of ours means to cause */
    LAB_BOARD_REFUSED,   /* the runner did not do what it was asked for */
    LAB_BOARD_STACK,     /* C code of a driver overran its stack */
    LAB_BOARD_TRACE,     /* a step made more records than there is room for */
};

/* The last word of an image: the runner compares it with what it has received. */
struct lab_board_end {
    uint64_t steps;
    uint64_t end_ns;
    uint32_t records;
    uint32_t takes; /* times the CPU went through its interrupt vector */
};

_Static_assert(sizeof(struct lab_board_end) == 24, "the same on both sides");

#endif
