/* lab/mount_none.c - see mount.h: built without libfuse3. */
#include "lab/mount.h"

int lab_mount_scenario(const char *name, const struct lab_mount_options *options)
{
    (void)name;
    (void)options;
    fprintf(stderr, "irqlab: mount: built without libfuse3\n");
    return LAB_EXIT_CANNOT;
}
