/*
 * tests/differential/qemu.c - a probe's script on QEMU.
 *
 * Source: docs/devel/qtest.rst and softmmu/qtest.c of QEMU 7.2.  Debian's build has no qtest
 * accelerator; `-accel tcg -S` leaves the machine stopped at virtual time 0, which is enough.
 * Commands are sent many at once: QEMU answers in order, and tells of a watched pin before it
 * answers the command that moved it.
 */
#define _GNU_SOURCE /* memfd_create, execvp, prctl */
#include "tests/differential/qemu.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab/link.h"
#include "sim/regs/board_pc.h"
#include "tests/differential/qemu_cpu.h"

enum {
    QTEST_FD = 10, /* in the child */
    GDB_FD,
    ABOVE_FD,           /* ours are above, so that dup2() hits none of them */
    SILENCE_MS = 30000, /* a loaded machine */
    BATCH = 64,         /* commands under way: their answers fit the socket's buffer */
    EXEC_FAILED = 127,
};

struct test_qemu {
    const struct lab_probe_machine *machine;
    const struct test_qemu_cpu *cpu; /* what needs its processor, or 0 */
    pid_t pid;
    int complaints; /* a file that holds what it said */
    struct lab_link qtest, gdb;
    uint32_t name[LAB_PROBE_NAMES + 1];
    char changes[LAB_PROBE_LINE / 2]; /* of the operation under way, by test_qemu_say() */
};

/* ---- the process ---- */

static const char *const shared_arguments[] = {
    "-m",         "64",
    "-accel",     "tcg",
    "-S",         "-nodefaults",
    "-nic",       "none",
    "-display",   "none",
    "-monitor",   "none",
    "-serial",    "null",
    "-rtc",       "base=1970-01-01T00:00:00,clock=vm",
    "-chardev",   "socket,id=qtest,fd=10",
    "-qtest",     "chardev:qtest",
    "-qtest-log", "none",
    "-chardev",   "socket,id=gdb,fd=11",
    "-gdb",       "chardev:gdb",
};

enum { SHARED = sizeof(shared_arguments) / sizeof(shared_arguments[0]) };

static void be_the_emulator(const struct lab_probe_machine *machine, int qtest, int gdb,
                            int complaints, pid_t parent)
{
    const char *argument[LAB_PROBE_ARGUMENTS + SHARED + 1] = {0};
    unsigned count = 0;
    bool has_size = false;

    for (; count < LAB_PROBE_ARGUMENTS && machine->qemu[count]; count++) {
        argument[count] = machine->qemu[count];
        has_size |= strcmp(argument[count], "-m") == 0;
    }
    for (unsigned i = has_size ? 2 : 0; i < SHARED; i++)
        argument[count++] = shared_arguments[i];
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EXEC_FAILED);
    dup2(qtest, QTEST_FD);
    dup2(gdb, GDB_FD);
    dup2(open("/dev/null", O_RDWR), STDIN_FILENO);
    dup2(complaints, STDOUT_FILENO);
    dup2(complaints, STDERR_FILENO);
    setenv("QEMU_AUDIO_DRV", "none", 1);
    execvp(argument[0], (char *const *)(void *)argument);
    _exit(EXEC_FAILED);
}

static int lift(int fd)
{
    int lifted = fcntl(fd, F_DUPFD_CLOEXEC, ABOVE_FD);

    close(fd);
    return lifted;
}

static bool channel(int *ret_ours, int *ret_theirs)
{
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
        return false;
    *ret_ours = lift(pair[0]);
    *ret_theirs = lift(pair[1]);
    return *ret_ours >= 0 && *ret_theirs >= 0;
}

static void print_complaints(const struct test_qemu *qemu)
{
    char text[2048];
    ssize_t got = pread(qemu->complaints, text, sizeof(text), 0);

    if (got > 0)
        fwrite(text, 1, (size_t)got, stderr);
}

/* Sends a command and waits for OK; lines about pins before it are nobody's business. */
static bool command(struct test_qemu *qemu, const char *text)
{
    char line[256];

    if (!lab_link_send(&qemu->qtest, text, strlen(text)))
        return false;
    do
        if (lab_link_line(&qemu->qtest, line, sizeof(line)) < 0)
            return false;
    while (strncmp(line, "IRQ ", 4) == 0);
    return strncmp(line, "OK", 2) == 0;
}

struct test_qemu *test_qemu_open(const struct lab_probe_machine *machine)
{
    struct test_qemu *qemu = calloc(1, sizeof(*qemu));
    char text[256];
    int theirs[2] = {-1, -1};
    pid_t parent = getpid();

    if (!qemu || !channel(&qemu->qtest.fd, &theirs[0]) || !channel(&qemu->gdb.fd, &theirs[1])) {
        free(qemu);
        return 0;
    }
    qemu->machine = machine;
    qemu->qtest.timeout_ms = qemu->gdb.timeout_ms = SILENCE_MS;
    qemu->complaints = lift(memfd_create("complaints", MFD_CLOEXEC));
    qemu->pid = fork();
    if (qemu->pid == 0)
        be_the_emulator(machine, theirs[0], theirs[1], qemu->complaints, parent);
    close(theirs[0]);
    close(theirs[1]);
    snprintf(text, sizeof(text), "irq_intercept_%s %s\n", machine->watch_outputs ? "out" : "in",
             machine->watch_qom);
    qemu->cpu = test_qemu_cpu(machine);
    if (qemu->pid < 0 || !command(qemu, text) || (qemu->cpu && !qemu->cpu->start(qemu))) {
        print_complaints(qemu);
        test_qemu_close(qemu);
        return 0;
    }
    return qemu;
}

void test_qemu_close(struct test_qemu *qemu)
{
    if (qemu->pid > 0) {
        kill(qemu->pid, SIGKILL);
        waitpid(qemu->pid, 0, 0);
    }
    close(qemu->qtest.fd);
    close(qemu->gdb.fd);
    close(qemu->complaints);
    free(qemu);
}

bool test_qemu_is_pinned(const struct lab_probe_machine *machine, char *ret_version,
                         size_t size)
{
    char text[128];
    FILE *stream;

    snprintf(ret_version, size, "none");
    snprintf(text, sizeof(text), "%s --version 2>/dev/null", machine->qemu[0]);
    stream = popen(text, "r");
    if (stream && fgets(text, sizeof(text), stream)) {
        char *version = strstr(text, "version ");
        if (version)
            snprintf(ret_version, size, "%.*s", (int)strcspn(version + 8, " \n"), version + 8);
    }
    if (stream)
        pclose(stream);
    return strcmp(ret_version, "7.2.22") == 0;
}

/* ---- operations ---- */

static int letter(unsigned size)
{
    return size == 1 ? 'b' : size == 2 ? 'w' : 'l';
}

static uint32_t value_of(const struct test_qemu *qemu, const struct lab_probe_operation *op)
{
    uint32_t value = op->from ? qemu->name[op->from] : op->value;

    return op->size == 1 ? value & 0xff : op->size == 2 ? value & 0xffff : value;
}

/* The qtest command of an operation; false if it is none of qtest's. */
static bool to_command(const struct test_qemu *qemu, const struct lab_probe_operation *op,
                       char *ret_text, size_t size)
{
    const struct lab_probe_chip *chip = &qemu->machine->chip[op->chip];
    uint32_t address = op->reach == LAB_PROBE_PORTS ? PC_PORT_OF(op->address) : op->address;

    switch (op->kind) {
    case LAB_PROBE_READ:
        snprintf(ret_text, size, "%s%c 0x%" PRIx32 "\n",
                 op->reach == LAB_PROBE_PORTS ? "in" : "read", letter(op->size), address);
        return true;
    case LAB_PROBE_WRITE:
        snprintf(ret_text, size, "%s%c 0x%" PRIx32 " 0x%" PRIx32 "\n",
                 op->reach == LAB_PROBE_PORTS ? "out" : "write", letter(op->size), address,
                 value_of(qemu, op));
        return true;
    case LAB_PROBE_LEVEL:
        snprintf(ret_text, size, "set_irq_in %s unnamed-gpio-in %u %u\n", chip->qom,
                 (unsigned)op->pin, (unsigned)op->level);
        return true;
    default:
        return false;
    }
}

/* "IRQ raise 1" as " +fiq", if anybody watches the pin. */
static void put_change(const struct test_qemu *qemu, const char *line, char *changes,
                       size_t size)
{
    const struct lab_probe_machine *machine = qemu->machine;
    char sign = strncmp(line + 4, "raise", 5) == 0 ? '+' : '-';
    unsigned pin = (unsigned)strtoul(strrchr(line, ' ') + 1, 0, 10);
    size_t used = strlen(changes);

    if (machine->watch_inputs)
        snprintf(changes + used, size - used, " %c%u", sign, pin);
    for (unsigned i = 0; i < LAB_PROBE_WATCHED && !machine->watch_inputs; i++)
        if (machine->watched[i] && machine->watch_pin[i] == pin)
            snprintf(changes + used, size - used, " %c%s", sign, machine->watched[i]);
}

bool test_qemu_say(struct test_qemu *qemu, uint32_t *ret_value, const char *format, ...)
{
    char text[256], answer[256];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (!lab_link_send(&qemu->qtest, text, strlen(text)))
        return false;
    while (lab_link_line(&qemu->qtest, answer, sizeof(answer)) >= 0) {
        if (strncmp(answer, "IRQ ", 4) == 0) {
            put_change(qemu, answer, qemu->changes, sizeof(qemu->changes));
            continue;
        }
        if (ret_value)
            *ret_value = (uint32_t)strtoull(strlen(answer) > 3 ? answer + 3 : "0", 0, 16);
        return strncmp(answer, "OK", 2) == 0;
    }
    return false;
}

struct lab_link *test_qemu_gdb(struct test_qemu *qemu)
{
    return &qemu->gdb;
}

/* The answer to @op, behind what is already in @line. */
static bool take_answer(struct test_qemu *qemu, const struct lab_probe_operation *op,
                        char line[LAB_PROBE_LINE])
{
    char answer[256], changes[LAB_PROBE_LINE / 2] = "", result[32];
    size_t used;

    while (lab_link_line(&qemu->qtest, answer, sizeof(answer)) >= 0) {
        if (strncmp(answer, "IRQ ", 4) == 0) {
            put_change(qemu, answer, changes, sizeof(changes));
            continue;
        }
        uint32_t value = (uint32_t)strtoull(strlen(answer) > 3 ? answer + 3 : "0", 0, 16);
        if (strncmp(answer, "OK", 2) != 0)
            return false;
        snprintf(result, sizeof(result), "0x%" PRIx32, value);
        if (op->to)
            qemu->name[op->to] = value;
        lab_probe_put_text(op, line);
        used = strlen(line);
        if (op->kind != LAB_PROBE_NOTE)
            snprintf(line + used, LAB_PROBE_LINE - used, "%s%s",
                     op->kind == LAB_PROBE_READ ? result : "ok", changes);
        return true;
    }
    return false;
}

/* An operation that is more than one command. */
static bool do_alone(struct test_qemu *qemu, const struct lab_probe_operation *op,
                     char line[LAB_PROBE_LINE])
{
    uint32_t value = value_of(qemu, op);
    bool answers = op->kind == LAB_PROBE_READ ||
                   (op->kind == LAB_PROBE_CPU && !qemu->machine->verb[op->chip].value);
    char result[32];
    size_t used;

    qemu->changes[0] = 0;
    if (!qemu->cpu || !qemu->cpu->operate(qemu, op, &value) ||
        !test_qemu_say(qemu, 0, "endianness\n"))
        return false;
    if (op->to)
        qemu->name[op->to] = value;
    snprintf(result, sizeof(result), "0x%" PRIx32, value);
    lab_probe_put_text(op, line);
    used = strlen(line);
    snprintf(line + used, LAB_PROBE_LINE - used, "%s%s", answers ? result : "ok",
             qemu->changes);
    return true;
}

bool test_qemu_replay(struct test_qemu *qemu, const struct lab_probe_script *script,
                      char (*ret_line)[LAB_PROBE_LINE], uint32_t *ret_done)
{
    char text[256];
    uint32_t sent = 0;

    for (*ret_done = 0; *ret_done < script->count;) {
        const struct lab_probe_operation *op = &script->operation[sent];
        bool full = sent == script->count || sent - *ret_done == BATCH;
        bool alone = !full && (op->kind == LAB_PROBE_CPU || op->reach >= LAB_PROBE_BY_CPU);
        bool waits = full || (sent > *ret_done && (op->from || alone));
        if (waits) { /* for the answers to what is under way, one of which may be a name's */
            if (!take_answer(qemu, &script->operation[*ret_done], ret_line[*ret_done]))
                return false;
            ++*ret_done;
            continue;
        }
        if (alone) {
            if (!do_alone(qemu, op, ret_line[sent]))
                return false;
        } else if (!to_command(qemu, op, text, sizeof(text))) {
            strcpy(text, "endianness\n"); /* a note: anything that answers */
        }
        if (!alone && !lab_link_send(&qemu->qtest, text, strlen(text)))
            return false;
        sent++;
        *ret_done += alone;
    }
    return true;
}
