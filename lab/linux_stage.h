/*
 * lab/linux_stage.h - a script on the running Linux, with real threads.
 *
 * A stage is a process of its own with one thread per task.  The thread that directs them has a
 * descriptor table of its own, so that it leaves the numbers of the script alone.  It gives a
 * task its line, then waits until every task is idle or asleep in its call: that is read from
 * the kernel (lab/linux_watch.h), twice and the same.  Nothing
 * sleeps for a while to be sure, and no outcome depends on the time.
 *
 * Time-outs above 0 are made longer until the script's lines come before they run out
 * (`expire()` waits for them); a run in which one came early is made again.
 *
 * Calling context: a process with one thread.
 */
#ifndef LAB_LINUX_STAGE_H
#define LAB_LINUX_STAGE_H

#include "lab/script_group.h"

struct lab_linux_run {
    unsigned groups; /* that were run */
    bool failed;     /* the stage could not be set up, hung or died: `why` */
    char why[120];
    char outcome[LAB_SCRIPT_OPS][LAB_SEEN_TEXT]; /* by the line that begins the group */
};

/* Runs the script; at most @fds descriptors from 3 on can be open, as in the model. */
void lab_linux_run(const struct lab_script *script, unsigned fds,
                   struct lab_linux_run *ret_run);

/*
 * Makes this process fit for calls by its own thread: nothing open but 0, 1, 2 (and, above
 * LAB_LINUX_FD_HIGH, what it needs), and as many descriptors as the script may have.  False:
 * it cannot be done.  Used by the stage and by the differential test.
 */
bool lab_linux_clear(unsigned fds);

#endif
