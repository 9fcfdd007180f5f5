/* lab/linux_stage.c - see linux_stage.h. */
#define _GNU_SOURCE
#include "lab/linux_stage.h"
#include "lab/linux_watch.h"

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

#include "lab/linux_rings.h"

/* What a worker is told and what it tells. */
enum turn { IDLE, TOLD, CALLING, RETURNED };

enum { SCALES = 3, HANG_SECONDS = 20, STATUS_BYTES = 2048, STACK_BYTES = 1 << 17 };

/* For a timer's interrupt that is due, before its timer is taken for disarmed. */
enum { PATIENCE_NS = 200000000 };

struct worker {
    struct stage *stage;
    unsigned task;
    _Atomic uint32_t turn; /* enum turn; a futex while IDLE */
    pid_t thread;
    struct lab_linux_watch watch;
    uint64_t switches;
    bool asleep;
    unsigned op; /* line under way */
    int64_t args[LAB_OP_ARGS];
    uint64_t begun_ns, returned_ns;
    int64_t timeout_ns; /* -1 none */
    struct lab_linux host;
    struct lab_group_task group;
};

struct stage {
    const struct lab_script *script;
    struct worker worker[LAB_SCRIPT_TASKS];
    int32_t var[LAB_SCRIPT_VARS];
    struct lab_linux_rings rings;
    uint64_t due_ns; /* a timer was set and runs out then, 0: none, or its line came */
    bool early;      /* a time-out or timer ran out before its line */
    struct lab_linux_run *run;
};

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void futex(_Atomic uint32_t *word, int what, uint32_t value)
{
    syscall(SYS_futex, word, what, value, 0, 0, 0);
}

/* ---- a worker: one task ---- */

/* One call; true: the line asks for it once more. */
static bool carry_out(struct worker *worker)
{
    static const uint8_t no_token[LAB_OP_ARGS];
    const struct lab_script_op *op = &worker->stage->script->op[worker->op];
    uint16_t buf[LAB_SEEN_BYTES] = {0};
    struct lab_seen seen = {0};
    struct drv_result result;
    struct drv_call call = {
        .nr = op->nr,
        .argc = op->argc,
        .args = worker->args,
        .tokens = no_token,
        .events = op->blind ? 0 : seen.event,
        .events_max = LAB_SEEN_EVENTS,
        .buf = buf,
        .buf_max = LAB_SEEN_BYTES,
    };

    if (op->nr == LAB_OP_FORK) {
        call.nr = DRV_NR_SCHED_YIELD;
        result = (struct drv_result){.value = unshare(CLONE_FILES) ? -errno : 0};
    } else {
        lab_linux_call(&worker->host, &call, &result);
    }
    lab_seen_of_call(&call, &result, &seen);
    return lab_group_again(op, &worker->group, &seen);
}

static void *work(void *of)
{
    struct worker *worker = of;

    worker->thread = (pid_t)syscall(SYS_gettid);
    atomic_store(&worker->turn, IDLE);
    for (;;) {
        while (atomic_load(&worker->turn) != TOLD)
            futex(&worker->turn, FUTEX_WAIT_PRIVATE,
                  atomic_load(&worker->turn) == RETURNED ? RETURNED : IDLE);
        atomic_store(&worker->turn, CALLING);
        while (carry_out(worker))
            ;
        worker->returned_ns = now_ns();
        atomic_store(&worker->turn, RETURNED);
    }
    return 0;
}

/* ---- looking at workers ---- */

/* The number behind a label of a status file. */
static uint64_t field(const char *text, const char *label)
{
    const char *at = strstr(text, label);

    return at ? strtoull(at + strlen(label), 0, 10) : 0;
}

/* Has everybody come to rest?  *ret_print changes whenever somebody ran in between. */
static bool at_rest(struct stage *stage, uint64_t *ret_print)
{
    *ret_print = 0;
    for (unsigned t = 0; t < stage->script->tasks; t++) {
        struct worker *worker = &stage->worker[t];
        uint32_t turn = atomic_load(&worker->turn);

        worker->asleep = false;
        *ret_print = *ret_print * 31 + turn;
        if (turn == IDLE || turn == RETURNED)
            continue;
        if (turn == TOLD || !lab_linux_watch_asleep(&worker->watch, &worker->switches))
            return false;
        /* it may have returned, and slept for its next line, between the two looks */
        if (atomic_load(&worker->turn) != CALLING)
            return false;
        worker->asleep = true;
        *ret_print = *ret_print * 31 + worker->switches;
    }
    return true;
}

/* Waits until everybody has come to rest: two looks, the same. */
static void settle(struct stage *stage)
{
    uint64_t before, print;
    bool rested = false;

    before = print = 0;
    while (!rested) {
        if (at_rest(stage, &before) && at_rest(stage, &print))
            rested = before == print;
        else
            sched_yield();
    }
}

/* ---- directing ---- */

static void issue(struct stage *stage, unsigned line, struct lab_group *group)
{
    const struct lab_script_op *op = &stage->script->op[line];
    struct worker *worker = &stage->worker[op->task];

    group->task[op->task].issued = 1;
    if (worker->asleep) {
        group->task[op->task].busy = 1;
        return;
    }
    worker->op = line;
    worker->group = (struct lab_group_task){.op = (uint16_t)line};
    lab_op_resolve(op, stage->var, worker->args);
    worker->timeout_ns = lab_op_timeout_ns(op, worker->args);
    if (worker->timeout_ns >= 0)
        worker->timeout_ns *= worker->host.scale;
    worker->begun_ns = now_ns();
    atomic_store(&worker->turn, TOLD);
    futex(&worker->turn, FUTEX_WAKE_PRIVATE, 1);
}

/* The script says that now the time-out runs out: it is waited for. */
static void expire(struct stage *stage, unsigned task)
{
    struct worker *worker = &stage->worker[task];

    if (!worker->asleep || worker->timeout_ns < 0)
        return;
    worker->timeout_ns = -1;
    while (atomic_load(&worker->turn) == CALLING)
        sched_yield();
}

/* What came back, in the order in which it did not matter. */
static void collect(struct stage *stage, struct lab_group *group)
{
    for (unsigned t = 0; t < stage->script->tasks; t++) {
        struct worker *worker = &stage->worker[t];
        if (atomic_load(&worker->turn) != RETURNED)
            continue;
        atomic_store(&worker->turn, IDLE);
        worker->group.issued = group->task[t].issued;
        worker->group.busy = group->task[t].busy;
        group->task[t] = worker->group;
        lab_op_assign(&stage->script->op[worker->op], &worker->group.seen, stage->var);
        if (stage->script->op[worker->op].nr == DRV_NR_TIMERFD_SETTIME)
            stage->due_ns = worker->args[1] > 0 ? worker->begun_ns + (uint64_t)worker->args[1] *
                                                                         worker->host.scale
                                                : 0;
        if (worker->timeout_ns >= 0 &&
            worker->returned_ns - worker->begun_ns >= (uint64_t)worker->timeout_ns)
            stage->early = true;
    }
    if (stage->due_ns && now_ns() >= stage->due_ns)
        stage->early = true;
}

/* Did the timer's end reach somebody who slept? */
static bool somebody_woke(const struct stage *stage)
{
    for (unsigned t = 0; t < stage->script->tasks; t++)
        if (stage->worker[t].asleep && atomic_load(&stage->worker[t].turn) == RETURNED)
            return true;
    return false;
}

/*
 * The script says that now the timer runs out: its ticks are waited for.  No time left and no
 * ticks is the moment before they are counted, or after a sleeper has read them - or a timer
 * that is not armed, which nobody has set since.
 */
static void fire(struct stage *stage, const struct lab_script_op *op)
{
    int64_t args[LAB_OP_ARGS];
    char path[80], text[STATUS_BYTES];
    uint64_t due_ns = stage->due_ns;

    stage->due_ns = 0;
    lab_op_resolve(op, stage->var, args);
    snprintf(path, sizeof(path), "/proc/self/task/%d/fdinfo/%d",
             (int)stage->worker[op->task].thread, (int)args[0]);
    for (text[0] = '\0';; sched_yield()) {
        int info = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t n = info < 0 ? -1 : read(info, text, sizeof(text) - 1);
        close(info);
        text[n < 0 ? 0 : n] = '\0';
        if (!strstr(text, "ticks:") || field(text, "ticks:") > 0)
            return;
        if (strstr(text, "it_value: (0, 0)") &&
            (!due_ns || somebody_woke(stage) || now_ns() > due_ns + PATIENCE_NS))
            return;
    }
}

static void begin_line(struct stage *stage, unsigned line, struct lab_group *group)
{
    const struct lab_script_op *op = &stage->script->op[line];

    if (op->nr == LAB_OP_EXPIRE)
        expire(stage, op->task);
    else if (op->nr == LAB_OP_FIRE)
        fire(stage, op);
    else
        issue(stage, line, group);
}

static void direct(struct stage *stage)
{
    const struct lab_script *script = stage->script;
    unsigned lines;

    for (unsigned first = 0; first < script->ops && !stage->early; first += lines) {
        struct lab_group group = {0};
        lines = lab_group_lines(script, first);
        for (unsigned i = first; i < first + lines; i++)
            begin_line(stage, i, &group);
        settle(stage);
        collect(stage, &group);
        lab_group_text(script, stage->var, lines, &group, stage->run->outcome[first],
                       LAB_SEEN_TEXT);
        stage->run->groups++;
    }
}

/* ---- setting up ---- */

bool lab_linux_clear(unsigned fds)
{
    struct rlimit limit;

    if (syscall(SYS_close_range, 3u, LAB_LINUX_FD_HIGH - 1u, 0u) != 0 ||
        getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return false;
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
            return false;
    limit.rlim_cur = 3 + fds;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

static bool raise_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return false;
    if (limit.rlim_cur < LAB_LINUX_FD_HIGH + 64)
        limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= LAB_LINUX_FD_HIGH + 64;
}

static bool fail(struct stage *stage, const char *what)
{
    stage->run->failed = true;
    snprintf(stage->run->why, sizeof(stage->run->why), "%s: %s", what, strerror(errno));
    return false;
}

static bool start_worker(struct stage *stage, unsigned task, const int *file, unsigned scale)
{
    struct worker *worker = &stage->worker[task];
    pthread_attr_t attributes;
    pthread_t thread;

    *worker = (struct worker){.stage = stage, .task = task, .host.scale = scale};
    memcpy(worker->host.file, file, sizeof(worker->host.file));
    worker->host.names = (unsigned)getpid();
    worker->host.rings = &stage->rings;
    worker->host.scratch = malloc(LAB_LINUX_BYTES);
    atomic_store(&worker->turn, TOLD);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    if (!worker->host.scratch || pthread_create(&thread, &attributes, work, worker) != 0)
        return fail(stage, "a thread");
    while (atomic_load(&worker->turn) != IDLE)
        sched_yield();
    return true;
}

static bool watch(struct stage *stage, unsigned task)
{
    struct worker *worker = &stage->worker[task];

    return lab_linux_watch_open(&worker->watch, (int)getpid(), (int)worker->thread, 0) ||
           fail(stage, "the state of a thread");
}

static bool set_up(struct stage *stage, unsigned fds, unsigned scale)
{
    const struct lab_script *script = stage->script;
    int file[LAB_LINUX_FILES];
    sigset_t signals;

    for (unsigned i = 0; i < LAB_LINUX_FILES; i++)
        file[i] = -1;
    for (unsigned i = 0; i < LAB_SCRIPT_VARS; i++)
        stage->var[i] = -1;
    if (!raise_limit())
        return fail(stage, "the limit of descriptors");
    for (unsigned i = 0; i < script->files; i++)
        if (script->file[i].kind == DRV_FILE_REGULAR &&
            (file[i] = lab_linux_file(script->file[i].content, script->file[i].size)) < 0)
            return fail(stage, "a regular file");
    if (!lab_linux_clear(fds))
        return fail(stage, "close_range or setrlimit");
    for (unsigned t = 0; t < script->tasks; t++)
        if (!start_worker(stage, t, file, scale))
            return false;
    /* signals are for the tasks, but for the one that ends a stage that hangs */
    sigfillset(&signals);
    sigdelset(&signals, SIGALRM);
    sigprocmask(SIG_SETMASK, &signals, 0);
    /* from here on the director's descriptors are its own */
    if (unshare(CLONE_FILES) != 0)
        return fail(stage, "unshare");
    for (unsigned t = 0; t < script->tasks; t++)
        if (!watch(stage, t))
            return false;
    return true;
}

/* The stage's process. */
_Noreturn static void play(const struct lab_script *script, unsigned fds, unsigned scale,
                           struct lab_linux_run *run, bool *early)
{
    static struct stage stage;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGALRM, SIG_DFL);
    alarm(HANG_SECONDS);
    lab_linux_clean((unsigned)getpid()); /* of another with this number, which was killed */
    stage.script = script;
    stage.run = run;
    if (set_up(&stage, fds, scale))
        direct(&stage);
    *early = stage.early;
    _exit(0);
}

struct shared {
    struct lab_linux_run run;
    bool early;
};

static void once(const struct lab_script *script, unsigned fds, unsigned scale,
                 struct shared *shared)
{
    pid_t stage;
    int status;

    memset(shared, 0, sizeof(*shared));
    fflush(0);
    stage = fork();
    if (stage == 0)
        play(script, fds, scale, &shared->run, &shared->early);
    if (stage < 0 || waitpid(stage, &status, 0) != stage) {
        shared->run.failed = true;
        snprintf(shared->run.why, sizeof(shared->run.why), "a process: %s", strerror(errno));
    } else if (WIFSIGNALED(status)) {
        shared->run.failed = true;
        snprintf(shared->run.why, sizeof(shared->run.why),
                 WTERMSIG(status) == SIGALRM ? "it does not come to rest" : "it died of %s",
                 strsignal(WTERMSIG(status)));
    }
    if (stage > 0)
        lab_linux_clean((unsigned)stage);
}

void lab_linux_run(const struct lab_script *script, unsigned fds, struct lab_linux_run *ret_run)
{
    struct shared *shared =
        mmap(0, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    unsigned scale = 1;

    memset(ret_run, 0, sizeof(*ret_run));
    if (shared == MAP_FAILED) {
        ret_run->failed = true;
        snprintf(ret_run->why, sizeof(ret_run->why), "no memory");
        return;
    }
    for (unsigned i = 0; i < SCALES; i++, scale *= 8) {
        once(script, fds, scale, shared);
        if (!shared->early || shared->run.failed)
            break;
    }
    if (shared->early && !shared->run.failed) {
        shared->run.failed = true;
        snprintf(shared->run.why, sizeof(shared->run.why),
                 "time-outs ran out before their lines, however long");
    }
    *ret_run = shared->run;
    munmap(shared, sizeof(*shared));
}
