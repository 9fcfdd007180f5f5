/* lab/linux_crew.c - see linux_crew.h. */
#define _GNU_SOURCE
#include "lab/linux_crew.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lab/linux_async.h"
#include "lab/linux_call.h"
#include "lab/linux_engine.h"
#include "lab/linux_stage.h"
#include "lab/linux_watch.h"

/* What a member is told and what it tells; a futex. */
enum turn { IDLE, TOLD, CALLING, RETURNED, LEAVE, GONE };

enum { CREWS = 1 << 12, STATUS_BYTES = 2048, STACK_BYTES = 1 << 17, NS_PER_S = 1000000000 };

/* Shared with the member's process. */
struct member {
    _Atomic uint32_t turn;           /* enum turn */
    _Atomic int32_t process, thread; /* by the kernel's numbers, 0: not born yet */
    uint32_t child;                  /* task that a fork() makes */
    bool looks;                      /* the scenario looks at what the call reports */
    struct drv_call call;            /* its pointers are set by whoever looks at it */
    int64_t args[LAB_CREW_ARGS];
    struct lab_crew_answer answer;
};

struct shared {
    _Atomic uint32_t bell; /* counts answers; a futex */
    struct member member[DRV_TASKS_MAX];
};

struct lab_crew {
    const struct lab_program *program;
    struct shared *shared;
    unsigned names;                /* of this run's sockets */
    struct lab_linux_async *async; /* of this process */
    pid_t process[DRV_PROCESSES_MAX];
    struct lab_linux_watch watch[DRV_TASKS_MAX];
    int file[LAB_LINUX_FILES]; /* to be opened anew: read ends of devices' pipes, contents */
    int push[LAB_LINUX_FILES]; /* write ends */
};

/* What a thread of the crew begins with. */
struct start {
    struct lab_crew *crew;
    unsigned task;
};

static void futex(_Atomic uint32_t *word, int what, uint32_t value,
                  const struct timespec *limit)
{
    syscall(SYS_futex, word, what, value, limit, 0, 0);
}

/* ---- a member: one task, in its own process ---- */

static uint64_t sleeps_so_far(void)
{
    struct rusage usage;

    getrusage(RUSAGE_THREAD, &usage);
    return (uint64_t)usage.ru_nvcsw;
}

_Noreturn static void be_child(struct lab_crew *crew, unsigned task);

/* The scenario's number of a real process, and the other way round. */
static int64_t scenario_pid(const struct lab_crew *crew, pid_t process)
{
    for (unsigned t = 0; t < crew->program->drv.tasks; t++) {
        if (atomic_load(&crew->shared->member[t].process) == process)
            return DRV_PID_FIRST + (int64_t)crew->program->drv.task_process[t];
    }
    return process;
}

static pid_t real_pid(const struct lab_crew *crew, int64_t pid)
{
    for (unsigned t = 0; t < crew->program->drv.tasks; t++) {
        if (DRV_PID_FIRST + (int64_t)crew->program->drv.task_process[t] == pid)
            return atomic_load(&crew->shared->member[t].process);
    }
    return -1;
}

static int64_t make_child(struct lab_crew *crew, unsigned child)
{
    pid_t process = fork();

    if (process == 0)
        be_child(crew, child);
    if (process < 0)
        return -errno;
    atomic_store(&crew->shared->member[child].process, process);
    return process;
}

static int64_t wait_for_child(struct lab_crew *crew, const struct drv_call *call)
{
    pid_t which = call->argc && call->args[0] > 0 ? real_pid(crew, call->args[0]) : -1;
    pid_t process = waitpid(which, NULL, 0);

    return process < 0 ? -errno : scenario_pid(crew, process);
}

/* The loop's instance: what drives the loop stands behind it. */
static void begin_loop(struct lab_linux_engine *engine, struct drv_result *result)
{
    int error = lab_linux_engine_open(engine, (int)result->value);

    if (error)
        result->value = error;
}

static void carry_out(struct lab_crew *crew, const struct lab_linux *host,
                      struct lab_linux_engine *engine, struct member *member)
{
    static const uint8_t no_token[LAB_CREW_ARGS];
    struct lab_crew_answer *answer = &member->answer;
    uint16_t cells[LAB_CREW_BYTES] = {0};
    struct drv_call call = member->call;
    uint64_t before = sleeps_so_far();

    call.args = member->args;
    call.tokens = no_token;
    call.events = call.nr == DRV_NR_IO_URING_ENTER && !member->looks ? NULL : answer->event;
    call.events_max = LAB_CREW_EVENTS;
    call.buf = cells;
    call.buf_max = LAB_CREW_BYTES;
    if (call.nr == DRV_NR_FORK)
        answer->result.value = make_child(crew, member->child);
    else if (call.nr == DRV_NR_WAIT)
        answer->result.value = wait_for_child(crew, &call);
    else if (lab_linux_async_has(call.nr))
        answer->result.value = lab_linux_async_call(crew->async, &call);
    else if (!lab_linux_engine_call(engine, &call, &answer->result))
        lab_linux_call(host, &call, &answer->result);
    if (call.nr == DRV_NR_EPOLL_CREATE && engine->ops && engine->fd < 0 &&
        answer->result.value >= 0)
        begin_loop(engine, &answer->result);
    answer->slept = sleeps_so_far() != before;
    for (int64_t i = 0; i < answer->result.value && i < LAB_CREW_BYTES; i++)
        answer->byte[i] = (uint8_t)cells[i];
}

/* Makes the calls that the task is told to, until it is told to leave. */
static void serve(struct lab_crew *crew, unsigned task)
{
    struct member *member = &crew->shared->member[task];
    struct lab_linux host = {
        .scale = 1, .names = crew->names, .scratch = malloc(LAB_LINUX_BYTES)};
    struct lab_linux_engine engine = lab_linux_engine_of(crew->program, task);

    memcpy(host.file, crew->file, sizeof(host.file));
    atomic_store(&member->process, (int32_t)getpid());
    atomic_store(&member->thread, (int32_t)syscall(SYS_gettid));
    for (;;) {
        uint32_t turn = atomic_load(&member->turn);

        if (turn == LEAVE)
            break;
        if (turn != TOLD) {
            futex(&member->turn, FUTEX_WAIT, turn, NULL);
            continue;
        }
        atomic_store(&member->turn, CALLING);
        carry_out(crew, &host, &engine, member);
        atomic_store(&member->turn, RETURNED);
        atomic_fetch_add(&crew->shared->bell, 1);
        futex(&crew->shared->bell, FUTEX_WAKE, 1, NULL);
    }
    lab_linux_engine_close(&engine);
    free(host.scratch);
    atomic_store(&member->turn, GONE);
}

static void *serve_in_thread(void *arg)
{
    struct start start = *(struct start *)arg;

    free(arg);
    serve(start.crew, start.task);
    return NULL;
}

/* The process that a fork() has made: one thread, with its parent's descriptors. */
_Noreturn static void be_child(struct lab_crew *crew, unsigned task)
{
    serve(crew, task);
    _exit(0);
}

/* A process of the scenario: a thread for each of its tasks. */
_Noreturn static void be_process(struct lab_crew *crew, unsigned process)
{
    const struct lab_program *program = crew->program;
    pthread_t thread[DRV_TASKS_MAX];
    pthread_attr_t attributes;
    unsigned n = 0;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    crew->async = lab_linux_async_new();
    if (!crew->async || !lab_linux_clear(program->drv.fds))
        _exit(1);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    for (unsigned t = 0; t < program->drv.tasks; t++) {
        struct start *start;

        if (lab_program_tasks(program)[t].process != process)
            continue;
        start = malloc(sizeof(*start));
        if (!start)
            _exit(1);
        *start = (struct start){crew, t};
        if (pthread_create(&thread[n++], &attributes, serve_in_thread, start) != 0)
            _exit(1);
    }
    while (n > 0)
        pthread_join(thread[--n], NULL);
    _exit(0);
}

/* ---- setting up ---- */

/* The number moved out of the scenario's way; -1: no more descriptors. */
static int high(int low)
{
    int fd = low < 0 ? -1 : fcntl(low, F_DUPFD_CLOEXEC, LAB_LINUX_FD_HIGH);

    if (low >= 0)
        close(low);
    return fd;
}

static bool open_files(struct lab_crew *crew)
{
    const struct drv_config *drv = &crew->program->drv;
    const uint8_t *content = (const uint8_t *)crew->program + crew->program->content_at;
    int ends[2];

    for (unsigned f = 0; f < LAB_LINUX_FILES; f++)
        crew->file[f] = crew->push[f] = -1;
    for (unsigned f = 0; f < drv->fixed_files; f++) {
        if (drv->file[f].kind == DRV_FILE_REGULAR) {
            crew->file[f] =
                lab_linux_file(content + drv->file[f].content_at, drv->file[f].content_size);
        } else {
            if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
                return false;
            crew->file[f] = high(ends[0]);
            crew->push[f] = high(ends[1]);
        }
        if (crew->file[f] < 0)
            return false;
    }
    return true;
}

static bool raise_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return false;
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 &&
           limit.rlim_cur >= LAB_LINUX_FD_HIGH + 4 * LAB_LINUX_FILES;
}

/* Looks at the member's state from here on; false: it is not there. */
static bool watch(struct lab_crew *crew, unsigned task)
{
    const struct member *member = &crew->shared->member[task];

    return crew->watch[task].status >= 0 ||
           lab_linux_watch_open(&crew->watch[task], atomic_load(&member->process),
                                atomic_load(&member->thread), LAB_LINUX_FD_HIGH);
}

/* Each member that is there from the start has said which thread it is. */
static bool meet(struct lab_crew *crew)
{
    const struct lab_program *program = crew->program;

    for (unsigned t = 0; t < program->drv.tasks; t++) {
        if (program->drv.task_parent[t])
            continue;
        while (atomic_load(&crew->shared->member[t].thread) == 0) {
            if (waitpid(crew->process[lab_program_tasks(program)[t].process], NULL, WNOHANG) !=
                0)
                return false;
            sched_yield();
        }
        if (!watch(crew, t))
            return false;
    }
    return true;
}

/* Is it the process of a child that a fork() will make? */
static bool is_born_later(const struct lab_program *program, unsigned process)
{
    for (unsigned t = 0; t < program->drv.tasks; t++) {
        if (lab_program_tasks(program)[t].process == process && program->drv.task_parent[t])
            return true;
    }
    return false;
}

static struct lab_crew *give_up(struct lab_crew *crew, const char *what, char *error,
                                size_t size)
{
    snprintf(error, size, "%s: %s", what, strerror(errno));
    if (crew)
        lab_crew_end(crew);
    return NULL;
}

struct lab_crew *lab_crew_start(const struct lab_program *program, char *error, size_t size)
{
    static unsigned crews;
    struct lab_crew *crew = calloc(1, sizeof(*crew));

    if (!crew)
        return give_up(crew, "memory", error, size);
    crew->program = program;
    /* what the run before listened on may live on for a while, held by a ring */
    crew->names = (unsigned)getpid() * CREWS + crews++ % CREWS;
    crew->shared = mmap(NULL, sizeof(*crew->shared), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (crew->shared == MAP_FAILED) {
        free(crew);
        return give_up(NULL, "memory", error, size);
    }
    for (unsigned t = 0; t < DRV_TASKS_MAX; t++)
        crew->watch[t] = LAB_LINUX_WATCH_NONE;
    if (!raise_limit())
        return give_up(crew, "the limit of descriptors", error, size);
    if (!open_files(crew))
        return give_up(crew, "a file", error, size);
    fflush(NULL);
    for (unsigned p = 0; p < program->drv.processes; p++) {
        if (is_born_later(program, p))
            continue;
        crew->process[p] = fork();
        if (crew->process[p] == 0)
            be_process(crew, p);
        if (crew->process[p] < 0)
            return give_up(crew, "a process", error, size);
    }
    if (!meet(crew))
        return give_up(crew, "a process of the scenario", error, size);
    return crew;
}

void lab_crew_end(struct lab_crew *crew)
{
    for (unsigned p = 0; p < DRV_PROCESSES_MAX; p++) {
        if (crew->process[p] <= 0)
            continue;
        kill(crew->process[p], SIGKILL);
        waitpid(crew->process[p], NULL, 0);
    }
    for (unsigned t = 0; t < DRV_TASKS_MAX; t++) {
        int32_t process = atomic_load(&crew->shared->member[t].process);

        /* A child of a child is not ours to wait for. */
        if (crew->program->drv.task_parent[t] && process > 0 &&
            atomic_load(&crew->shared->member[t].turn) != GONE)
            kill(process, SIGKILL);
        lab_linux_watch_close(&crew->watch[t]);
    }
    for (unsigned f = 0; f < LAB_LINUX_FILES; f++) {
        if (crew->file[f] >= 0)
            close(crew->file[f]);
        if (crew->push[f] >= 0)
            close(crew->push[f]);
    }
    munmap(crew->shared, sizeof(*crew->shared));
    free(crew);
}

/* ---- directing ---- */

static void tell(struct member *member, enum turn turn)
{
    atomic_store(&member->turn, turn);
    futex(&member->turn, FUTEX_WAKE, 1, NULL);
}

void lab_crew_bears(struct lab_crew *crew, unsigned task, unsigned child)
{
    crew->shared->member[task].child = child;
}

void lab_crew_call(struct lab_crew *crew, unsigned task, const struct drv_call *call)
{
    struct member *member = &crew->shared->member[task];
    unsigned argc = call->argc < LAB_CREW_ARGS ? call->argc : LAB_CREW_ARGS;

    member->looks = call->events != NULL;
    member->call = (struct drv_call){.nr = call->nr, .argc = (uint8_t)argc};
    memcpy(member->args, call->args, argc * sizeof(*call->args));
    memset(&member->answer, 0, sizeof(member->answer));
    tell(member, TOLD);
}

bool lab_crew_answered(const struct lab_crew *crew, unsigned task,
                       const struct lab_crew_answer **ret_answer)
{
    if (atomic_load(&crew->shared->member[task].turn) != RETURNED)
        return false;
    *ret_answer = &crew->shared->member[task].answer;
    return true;
}

void lab_crew_taken(struct lab_crew *crew, unsigned task)
{
    atomic_store(&crew->shared->member[task].turn, IDLE);
}

/* A process that nobody but its parent can wait for: is it at its end? */
static bool has_ended(pid_t process)
{
    char path[40], text[STATUS_BYTES];
    const char *state;
    ssize_t n;
    int fd;

    snprintf(path, sizeof(path), "/proc/%d/status", (int)process);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return true;
    n = read(fd, text, sizeof(text) - 1);
    close(fd);
    text[n < 0 ? 0 : n] = '\0';
    state = strstr(text, "\nState:\t");
    return !state || state[8] == 'Z' || state[8] == 'X';
}

/*
 * A process is a zombie a little before its parent is woken, both under the lock of the
 * kernel's task list (kernel/exit.c, exit_notify()).  Whoever looks for children takes it, too:
 * when this returns, a parent that waits is awake.
 */
static void meet_the_bereaved(void)
{
    siginfo_t unused;

    waitid(P_ALL, 0, &unused, WEXITED | WNOHANG | WNOWAIT);
}

/* What the task has open is closed when this returns: others may be told of it. */
void lab_crew_exit(struct lab_crew *crew, unsigned task)
{
    const struct lab_task_code *tasks = lab_program_tasks(crew->program);
    unsigned process = tasks[task].process;
    bool last = true;

    tell(&crew->shared->member[task], LEAVE);
    while (atomic_load(&crew->shared->member[task].turn) != GONE)
        sched_yield();
    if (crew->program->drv.task_parent[task]) {
        while (!has_ended(atomic_load(&crew->shared->member[task].process)))
            sched_yield();
        meet_the_bereaved();
        return;
    }
    for (unsigned t = 0; t < crew->program->drv.tasks; t++)
        last = last && (tasks[t].process != process ||
                        atomic_load(&crew->shared->member[t].turn) == GONE);
    if (last && waitpid(crew->process[process], NULL, 0) > 0)
        crew->process[process] = 0;
}

bool lab_crew_asleep(struct lab_crew *crew, unsigned task, uint64_t *ret_print)
{
    const struct member *member = &crew->shared->member[task];

    /* It may have returned, and slept for its next call, while it was looked at. */
    return atomic_load(&member->turn) == CALLING && watch(crew, task) &&
           lab_linux_watch_asleep(&crew->watch[task], ret_print) &&
           atomic_load(&member->turn) == CALLING;
}

bool lab_crew_ring(struct lab_crew *crew, unsigned task, int fd)
{
    int process = (int)syscall(SYS_pidfd_open, crew->shared->member[task].process, 0);
    int here = process < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, process, fd, 0);
    uint64_t one = 1;
    bool good = here >= 0 && write(here, &one, sizeof(one)) == (ssize_t)sizeof(one);

    if (here >= 0)
        close(here);
    if (process >= 0)
        close(process);
    return good;
}

bool lab_crew_push(struct lab_crew *crew, unsigned file, uint8_t byte)
{
    return write(crew->push[file], &byte, 1) == 1;
}

void lab_crew_wait(struct lab_crew *crew, uint64_t ns)
{
    struct timespec limit = {(time_t)(ns / NS_PER_S), (long)(ns % NS_PER_S)};
    uint32_t bell = atomic_load(&crew->shared->bell);

    for (unsigned t = 0; t < crew->program->drv.tasks; t++) {
        if (atomic_load(&crew->shared->member[t].turn) == RETURNED)
            return;
    }
    futex(&crew->shared->bell, FUTEX_WAIT, bell, &limit);
}

bool lab_crew_can(unsigned nr)
{
    switch (nr) {
    case DRV_NR_FORK:
    case DRV_NR_WAIT:
        return true;
    /* the crew does not share these between its processes yet */
    case DRV_NR_MKFIFO:
    case DRV_NR_OPENPTY:
    case DRV_NR_SENDFD:
    case DRV_NR_RECVFD:
    case DRV_NR_GETSOCKOPT:
    case DRV_NR_SETSOCKOPT:
    case DRV_NR_SIGNALFD:
    case DRV_NR_KILL:
    case DRV_NR_SIGPROCMASK:
    case DRV_NR_PIDFD_OPEN:
    case DRV_NR_IO_CANCEL:
        return false;
    default:
        return lab_linux_has(nr) || lab_linux_async_has(nr);
    }
}
