/* lab/qemu_process.c - an emulator as a child. */
#define _GNU_SOURCE /* memfd_create */
#include "lab/qemu_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab/core/board.h"

enum {
    CHILD_FD = 10, /* of its first channel; the others follow */
    PROGRAM_FD = CHILD_FD + LAB_QEMU_CHANNELS,
    ABOVE_FD = PROGRAM_FD + 1, /* ours are moved above, so that dup2() hits none of them */
    NAP_MS = 2,
    EXEC_FAILED = 127,
};

/* What QEMU says whatever one does. */
static bool is_noise(const char *line)
{
    static const char *const known[] = {
        "icount sleep disabled and no active timers",
        "has no peer",
        "Timer with period zero",
        "ALSA lib",
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strstr(line, known[i]))
            return true;
    return line[0] == 0;
}

/* Leaves out whole lines of noise; the last, unfinished line stays. */
static void filter(struct lab_qemu_process *process)
{
    char *from = process->text, *to = process->text, *end;

    while ((end = memchr(from, '\n', (size_t)(process->text + process->used - from)))) {
        *end = 0;
        if (!is_noise(from)) {
            size_t length = (size_t)(end - from);
            memmove(to, from, length);
            to[length] = '\n';
            to += length + 1;
        }
        from = end + 1;
    }
    memmove(to, from, (size_t)(process->text + process->used - from));
    process->used -= (size_t)(from - to);
}

void lab_qemu_listen(struct lab_qemu_process *process)
{
    char rest[256];

    for (;;) {
        size_t room = sizeof(process->text) - 1 - process->used;
        ssize_t got = room ? read(process->complaints, process->text + process->used, room)
                           : read(process->complaints, rest, sizeof(rest));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        if (!room)
            continue;
        process->used += (size_t)got;
        filter(process);
    }
    process->text[process->used] = 0;
}

static void be_the_emulator(const int *fds, int program, int complaints, const char *image,
                            pid_t parent)
{
    char address[80];
    const char *const arguments[] = {
        "qemu-system-arm",
        "-M",
        "virt,gic-version=2",
        "-cpu",
        "cortex-a15",
        "-m",
        "64",
        "-nodefaults",
        "-nic",
        "none",
        "-display",
        "none",
        "-monitor",
        "none",
        "-icount",
        "shift=4,sleep=off",
        "-S",
        "-chardev",
        "socket,id=gdb,fd=10",
        "-gdb",
        "chardev:gdb",
        "-chardev",
        "socket,id=qtest,fd=11",
        "-qtest",
        "chardev:qtest",
        "-qtest-log",
        "none",
        "-chardev",
        "socket,id=qmp,fd=12",
        "-mon",
        "chardev=qmp,mode=control",
        "-chardev",
        "socket,id=uart0,fd=13",
        "-serial",
        "chardev:uart0",
        "-semihosting-config",
        "enable=on,target=gdb",
        "-kernel",
        image,
        "-device",
        address,
        0,
    };
    int nowhere = open("/dev/null", O_RDWR);

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EXEC_FAILED);
    snprintf(address, sizeof(address), "loader,file=/dev/fd/%d,addr=0x%x,force-raw=on",
             PROGRAM_FD, LAB_BOARD_PROGRAM);
    for (int i = 0; i < LAB_QEMU_CHANNELS; i++)
        dup2(fds[i], CHILD_FD + i);
    dup2(program, PROGRAM_FD);
    dup2(nowhere, STDIN_FILENO);
    dup2(complaints, STDOUT_FILENO);
    dup2(complaints, STDERR_FILENO);
    setenv("QEMU_AUDIO_DRV", "none", 1);
    execvp(arguments[0], (char *const *)(void *)arguments);
    _exit(EXEC_FAILED);
}

/* The same descriptor above those that the child gets, closed on exec. */
static int lift(int fd)
{
    int lifted = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, ABOVE_FD);

    if (fd >= 0)
        close(fd);
    return lifted;
}

static int program_file(const void *program, size_t size)
{
    int fd = lift(memfd_create("irqlab-program", MFD_CLOEXEC));

    if (fd >= 0 && write(fd, program, size) != (ssize_t)size) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static void close_all(const int *fds, int count)
{
    for (int i = 0; i < count; i++)
        if (fds[i] >= 0)
            close(fds[i]);
}

/* Ours in [0], the child's in [1]; false if there are no more descriptors. */
static bool open_channels(int ours[], int theirs[], int channels)
{
    for (int i = 0; i < channels; i++) {
        int pair[2] = {-1, -1};
        bool is_pipe = i == LAB_QEMU_CHANNELS;
        if (is_pipe ? pipe(pair) : socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
            return false;
        ours[i] = lift(pair[0]);
        theirs[i] = lift(pair[1]);
        if (ours[i] < 0 || theirs[i] < 0)
            return false;
    }
    return true;
}

int lab_qemu_start(struct lab_qemu_process *process, const char *image, const void *program,
                   size_t size, int silence_ms)
{
    enum { COMPLAINTS = LAB_QEMU_CHANNELS, ENDS };

    int ours[ENDS], theirs[ENDS], file = -1, error = 0;
    pid_t parent = getpid(), child = -1;

    for (int i = 0; i < ENDS; i++)
        ours[i] = theirs[i] = -1;
    *process = (struct lab_qemu_process){.pid = 0};
    if (open_channels(ours, theirs, ENDS))
        file = program_file(program, size);
    if (file >= 0)
        child = fork();
    error = errno;
    if (child == 0)
        be_the_emulator(theirs, file, theirs[COMPLAINTS], image, parent);
    close_all(theirs, ENDS);
    close_all(&file, 1);
    if (child < 0) {
        close_all(ours, ENDS);
        return error ? error : EIO;
    }
    for (int i = 0; i < LAB_QEMU_CHANNELS; i++) {
        process->link[i].fd = ours[i];
        process->link[i].timeout_ms = silence_ms;
    }
    process->complaints = ours[COMPLAINTS];
    fcntl(process->complaints, F_SETFL, O_NONBLOCK);
    fcntl(process->link[LAB_QEMU_UART].fd, F_SETFL, O_NONBLOCK);
    process->pid = child;
    return 0;
}

/* True once the child is gone. */
static bool reap(pid_t pid, int options, int *ret_status)
{
    pid_t gone;

    do
        gone = waitpid(pid, ret_status, options);
    while (gone < 0 && errno == EINTR);
    return gone != 0;
}

int lab_qemu_end(struct lab_qemu_process *process, int patience_ms)
{
    int status = 0;
    bool gone = false;

    if (!process->pid)
        return -1;
    for (int ms = 0; ms < patience_ms && !gone; ms += NAP_MS) {
        gone = reap(process->pid, WNOHANG, &status);
        if (!gone)
            poll(0, 0, NAP_MS);
    }
    if (!gone) { /* a livelocked emulator ignores everything else */
        kill(process->pid, SIGKILL);
        reap(process->pid, 0, &status);
    }
    process->pid = 0;
    lab_qemu_listen(process);
    for (int i = 0; i < LAB_QEMU_CHANNELS; i++)
        close(process->link[i].fd);
    close(process->complaints);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
