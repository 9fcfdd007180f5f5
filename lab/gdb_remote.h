/*
 * lab/gdb_remote.h - the debugger's side of the GDB remote serial protocol, as far as a runner
 * needs it: packets, reading memory, and File-I/O requests of the machine.
 *
 * Source: "Debugging with GDB", appendix E; gdbstub.c of QEMU 7.2.
 */
#ifndef LAB_GDB_REMOTE_H
#define LAB_GDB_REMOTE_H

#include <stdint.h>

#include "lab/link.h"

enum { LAB_GDB_PACKET_MAX = 4200 };

/* Sends $@text#checksum. */
bool lab_gdb_send(struct lab_link *link, const char *text);

/* The next packet's text, acknowledged; its length, or -1. */
long lab_gdb_receive(struct lab_link *link, char ret_text[LAB_GDB_PACKET_MAX]);

/* Copies @size bytes of the stopped machine's memory; false if it cannot. */
bool lab_gdb_read(struct lab_link *link, uint64_t address, void *ret_bytes, size_t size);

/* What the machine asks for: "Fwrite,3,42000,10" has the name "write" and three numbers. */
struct lab_gdb_call {
    char name[16];
    uint64_t argument[4];
    uint64_t length; /* of a "pointer/length" argument: the name of a file */
};

/* Parses a File-I/O packet; false if it is none. */
bool lab_gdb_parse_call(const char *text, struct lab_gdb_call *ret_call);

/* Answers it, which lets the machine go on.  A negative result is an error. */
bool lab_gdb_answer(struct lab_link *link, long result);

#endif
