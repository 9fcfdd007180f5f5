/*
 * lab/linux_call.h - the host's kernel behind the interface of the model's: one call.
 *
 * A struct drv_call is carried out as the real system call, on real descriptors of this thread,
 * and its answer is given as the model gives it: a count or a negative error number; the value
 * of a counter that was read; events in the order in which the kernel reported them.
 *
 * Not modelled: fork() and wait(), see linux_crew.h; exec() only closes descriptors.
 *
 * Calling context: any thread; blocks as the call does.
 */
#ifndef LAB_LINUX_CALL_H
#define LAB_LINUX_CALL_H

#include <stdbool.h>

#include "drivers/drv.h"

enum {
    LAB_LINUX_FILES = 64,      /* as many as a scenario can name */
    LAB_LINUX_BYTES = 1 << 20, /* most bytes of one read or write */
    LAB_LINUX_FD_HIGH = 900,   /* our own descriptors lie above, out of the script's way */
};

struct lab_linux_rings; /* lab/linux_rings.h */

/* What calls need of their thread. */
struct lab_linux {
    int file[LAB_LINUX_FILES]; /* descriptors to be opened anew, by the number of the file */
    unsigned scale;            /* time-outs above 0 are that much longer */
    unsigned names;            /* tells names of sockets and pipes of runs apart */
    struct lab_linux_rings *rings; /* of the process; 0: it has no AIO and no io_uring */
    uint8_t *scratch;              /* LAB_LINUX_BYTES */
};

/* Is there a real call behind the number? */
bool lab_linux_has(unsigned nr);

/* Carries the call out.  A call without a row gives -ENOSYS. */
void lab_linux_call(const struct lab_linux *host, const struct drv_call *call,
                    struct drv_result *ret_result);

/* Removes the named pipes that calls made. */
void lab_linux_clean(unsigned id);

/* Makes a regular file with this content; its descriptor, or -1. */
int lab_linux_file(const uint8_t *content, unsigned size);

#endif
