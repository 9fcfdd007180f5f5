/*
 * lab/linux_watch.h - is a thread asleep?  Asked of the kernel, never guessed from the time.
 *
 * /proc/.../status says S (proc(5)) also of a thread that is on its way into sleep or looks
 * once more before it, and still runs: waitpid(2) releases a whole child that way.  So it is
 * asked first whether the thread is off its CPU (/proc/.../syscall says "running" if not); then
 * its state and the count of its switches are read.  Two looks with the same count: it slept
 * all the time between them.
 *
 * Calling context: any process that may look at the thread; one that may not see its system
 * call (a kernel without HAVE_ARCH_TRACEHOOK) makes do with its state.
 */
#ifndef LAB_LINUX_WATCH_H
#define LAB_LINUX_WATCH_H

#include <stdbool.h>
#include <stdint.h>

/* Descriptors, -1: none. */
struct lab_linux_watch {
    int status;
    int place;
};

/* Nothing is open; may be closed, and looks at nobody. */
#define LAB_LINUX_WATCH_NONE ((struct lab_linux_watch){-1, -1})

/*
 * Watches @thread of @process, numbers of the kernel; descriptors are @lowest or above.  False:
 * it is not there, with errno.
 */
bool lab_linux_watch_open(struct lab_linux_watch *watch, int process, int thread, int lowest);
void lab_linux_watch_close(struct lab_linux_watch *watch);

/* Is it asleep now?  *ret_switches: how often it has gone to sleep so far, if so. */
bool lab_linux_watch_asleep(const struct lab_linux_watch *watch, uint64_t *ret_switches);

#endif
