/*
 * lab/mount.h - `irqlab mount DIR FILE [COMMAND...]`: the scenario's devices as files that any
 * program can open, read, poll and epoll, through FUSE.
 *
 * Worlds, devices, controller and handlers run in real time from the first open on; tasks of
 * the scenario do not run: the programs are in their place.  When the worlds are done and a
 * file is empty, its readers are told the end of it.
 *
 * It is a bridge, not an oracle: FUSE wakes whoever polls when it is told of any event
 * (docs/divergences.md).  A driver's read, write and poll blocks run in places of their own, so
 * many at a time.  Not modelled: its open and release blocks, what spend() takes there.
 */
#ifndef LAB_MOUNT_H
#define LAB_MOUNT_H

#include "lab/load.h"
#include "lab/style.h"

struct lab_mount_options {
    struct lab_load_options load;
    struct lab_style style;
    const char *directory;
    char **command; /* run in the directory, then unmount; ends with 0; or 0: until SIGINT */
};

/*
 * Mounts the only point of scenario @name.  Returns an enum lab_exit; with a command, its exit
 * code if that is not 0.  CANNOT: built without libfuse3, or no /dev/fuse.
 */
int lab_mount_scenario(const char *name, const struct lab_mount_options *options);

#endif
