/* lab/linux_watch.c - see linux_watch.h. */
#define _GNU_SOURCE
#include "lab/linux_watch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_BYTES = 2048 };

static int open_one(int process, int thread, const char *name, int lowest)
{
    char path[80];
    int fd, high;

    snprintf(path, sizeof(path), "/proc/%d/task/%d/%s", process, thread, name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fd >= lowest)
        return fd;
    high = fcntl(fd, F_DUPFD_CLOEXEC, lowest);
    close(fd);
    return high;
}

bool lab_linux_watch_open(struct lab_linux_watch *watch, int process, int thread, int lowest)
{
    watch->place = open_one(process, thread, "syscall", lowest);
    watch->status = open_one(process, thread, "status", lowest);
    return watch->status >= 0;
}

void lab_linux_watch_close(struct lab_linux_watch *watch)
{
    if (watch->status >= 0)
        close(watch->status);
    if (watch->place >= 0)
        close(watch->place);
    *watch = LAB_LINUX_WATCH_NONE;
}

/* The file's text, "" if it cannot be read. */
static const char *text_of(int fd, char text[TEXT_BYTES])
{
    ssize_t n = fd < 0 ? 0 : pread(fd, text, TEXT_BYTES - 1, 0);

    text[n < 0 ? 0 : n] = '\0';
    return text;
}

bool lab_linux_watch_asleep(const struct lab_linux_watch *watch, uint64_t *ret_switches)
{
    static const char count[] = "\nvoluntary_ctxt_switches:\t", state[] = "\nState:\t";
    char text[TEXT_BYTES];
    const char *at;

    if (strncmp(text_of(watch->place, text), "running", 7) == 0)
        return false;
    at = strstr(text_of(watch->status, text), state);
    if (!at || at[sizeof(state) - 1] != 'S')
        return false;
    at = strstr(text, count);
    *ret_switches = at ? strtoull(at + sizeof(count) - 1, NULL, 10) : 0;
    return at != NULL;
}
