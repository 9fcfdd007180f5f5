/* tests/differential/kernel/generate.c - see generate.h. */
#include "tests/differential/kernel/generate.h"

#include <stdio.h>
#include <string.h>

#include "drivers/file.h"
#include "tests/differential/kernel/sequence.h"

uint64_t generate_random(struct generator *g, uint64_t below)
{
    uint64_t z = g->state += 0x9e3779b97f4a7c15u;

    /* splitmix64 */
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return below ? (z ^ z >> 31) % below : 0;
}

static bool one_in(struct generator *g, unsigned n)
{
    return generate_random(g, n) == 0;
}

#define PICK(g, list) ((list)[generate_random((g), sizeof(list) / sizeof((list)[0]))])

/* ---- what is drawn from ---- */

static const int64_t sizes[] = {0,    1,    1,    2,    3,     5,     100,
                                4095, 4096, 4097, 8192, 65535, 65536, 70000};
static const int64_t addends[] = {0, 1, 1, 2, 3, 1000, INT64_MAX, -2, -1, -3};
static const int64_t offsets[] = {0, 1, 5, 16, 100, -1, -5};
static const int64_t small_masks[] = {DRV_POLLIN,
                                      DRV_POLLIN,
                                      DRV_POLLOUT,
                                      DRV_POLLOUT,
                                      DRV_POLLIN | DRV_POLLOUT,
                                      0,
                                      DRV_POLLPRI,
                                      DRV_POLLRDHUP | DRV_POLLIN,
                                      DRV_POLLRDNORM,
                                      DRV_POLLWRNORM,
                                      DRV_POLLERR};
static const int64_t modes[] = {0,
                                0,
                                0,
                                DRV_EPOLLET,
                                DRV_EPOLLET,
                                DRV_EPOLLONESHOT,
                                DRV_EPOLLET | DRV_EPOLLONESHOT,
                                DRV_EPOLLEXCLUSIVE,
                                DRV_EPOLLEXCLUSIVE | DRV_EPOLLET,
                                DRV_EPOLLEXCLUSIVE | DRV_EPOLLONESHOT,
                                DRV_EPOLLWAKEUP};

/* ---- putting a line together ---- */

static void put(struct lab_script_op *op, int64_t number)
{
    op->arg[op->argc++] = number;
}

static void put_var(struct lab_script_op *op, unsigned var)
{
    op->var[op->argc++] = (uint8_t)var;
}

/* A new variable, 1 + its number; 0: no more. */
static uint8_t new_variable(struct generator *g)
{
    struct lab_script *script = g->script;

    if (script->vars == LAB_SCRIPT_VARS)
        return 0;
    snprintf(script->var_name[script->vars], LAB_SCRIPT_NAME_BYTES, "v%u", script->vars);
    return ++script->vars;
}

/* What a descriptor shall be of: a kind of file, an end of a pipe, or anything. */
enum want {
    ANY,
    PIPE_READ,
    PIPE_WRITE,
    EVENTFD,
    EPOLL,
    REGULAR,
    SOCKET,
    LISTENER,
    TIMERFD,
    SIGNALFD,
    WANTS
};

/* What calls about bytes are about, and how often. */
static const uint8_t readable[] = {PIPE_READ, PIPE_READ, PIPE_READ, EVENTFD,    EVENTFD, SOCKET,
                                   SOCKET,    TIMERFD,   SIGNALFD,  PIPE_WRITE, ANY,     ANY};
static const uint8_t writable[] = {PIPE_WRITE, PIPE_WRITE, PIPE_WRITE, PIPE_WRITE,
                                   SOCKET,     SOCKET,     PIPE_READ,  ANY};
static const uint8_t watched[] = {EPOLL,    EPOLL,   PIPE_READ, PIPE_READ, PIPE_WRITE, SOCKET,
                                  LISTENER, TIMERFD, SIGNALFD,  ANY,       ANY};

static bool is_wanted(const struct drv *drv, drv_ofd_id ofd, enum want want)
{
    static const uint8_t kinds[WANTS] = {
        [PIPE_READ] = DRV_FILE_PIPE,    [PIPE_WRITE] = DRV_FILE_PIPE,
        [EVENTFD] = DRV_FILE_EVENTFD,   [EPOLL] = DRV_FILE_EPOLL,
        [REGULAR] = DRV_FILE_REGULAR,   [SOCKET] = DRV_FILE_SOCKET,
        [LISTENER] = DRV_FILE_NAME,     [TIMERFD] = DRV_FILE_TIMERFD,
        [SIGNALFD] = DRV_FILE_SIGNALFD,
    };
    enum drv_file_kind kind = drv_file_kind(drv, drv->ofd[ofd].file);

    if (want == ANY)
        return true;
    if (kind == DRV_FILE_FIFO)
        kind = DRV_FILE_PIPE;
    return kind == (enum drv_file_kind)kinds[want] &&
           (want != PIPE_READ || drv_ofd_readable(drv, ofd)) &&
           (want != PIPE_WRITE || drv_ofd_writable(drv, ofd));
}

/* A variable whose number is open and what is wanted; 0: there is none. */
static unsigned open_variable(struct generator *g, const struct lab_model *model,
                              const int32_t *var, enum want want)
{
    unsigned from = (unsigned)generate_random(g, g->script->vars);

    for (unsigned i = 0; i < g->script->vars; i++) {
        unsigned v = (from + i) % g->script->vars;
        drv_ofd_id ofd = var[v] < 0 ? DRV_NONE : drv_fd_ofd(&model->drv, 0, var[v]);
        if (ofd != DRV_NONE && is_wanted(&model->drv, ofd, want))
            return v + 1;
    }
    return 0;
}

/* A descriptor: mostly open and what is wanted; now and then any, closed or none. */
static void put_fd(struct generator *g, const struct lab_model *model, const int32_t *var,
                   struct lab_script_op *op, enum want want)
{
    unsigned v = 0;

    if (!one_in(g, 12))
        v = open_variable(g, model, var, want);
    if (!v && !one_in(g, 12))
        v = open_variable(g, model, var, ANY);
    if (!v && g->script->vars && !one_in(g, 3))
        v = 1 + (unsigned)generate_random(g, g->script->vars);
    if (v)
        put_var(op, v);
    else
        put(op, one_in(g, 2) ? -1 : 60);
}

static int64_t timeout(struct generator *g)
{
    return g->may_block && !one_in(g, 8) ? -1 : 0;
}

/* The files of every sequence, and the signals that are blocked: SIGUSR1, SIGRTMIN. */
#define SIGNALS (1ll << 9 | 1ll << 33)

enum { REGULAR_FILES = 2, THE_FIFO = 2, THE_NAME = 3 };

/* ---- one function per call ---- */

struct draw {
    struct generator *g;
    const struct lab_model *model;
    const int32_t *var;
    struct lab_script_op *op;
};

static void fd_of(struct draw *d, enum want want)
{
    put_fd(d->g, d->model, d->var, d->op, want);
}

static int64_t file_flags(struct generator *g)
{
    static const int64_t odd[] = {DRV_O_CLOEXEC, DRV_O_DIRECT, DRV_O_NONBLOCK, 0, 1, 0x100};
    int64_t flags = g->may_block && !one_in(g, 4) ? 0 : DRV_O_NONBLOCK;

    return one_in(g, 6) ? flags | PICK(g, odd) : flags;
}

static void draw_pipe(struct draw *d)
{
    d->op->out[0] = new_variable(d->g);
    d->op->out[1] = new_variable(d->g);
    put(d->op, file_flags(d->g));
}

static void draw_eventfd(struct draw *d)
{
    static const int64_t initial[] = {0, 0, 1, 3, 0xffffffff};

    d->op->result = new_variable(d->g);
    put(d->op, PICK(d->g, initial));
    put(d->op, (file_flags(d->g) & ~(int64_t)DRV_O_DIRECT) |
                   (one_in(d->g, 4) ? DRV_EFD_SEMAPHORE : 0));
}

static void draw_epoll_create(struct draw *d)
{
    d->op->result = new_variable(d->g);
    put(d->op, one_in(d->g, 10) ? DRV_O_CLOEXEC : one_in(d->g, 20) ? 1 : 0);
}

static void draw_open(struct draw *d)
{
    static const int64_t how[] = {DRV_O_RDWR, DRV_O_RDWR, DRV_O_WRONLY, DRV_O_RDONLY_SAID,
                                  DRV_O_RDWR | DRV_O_NONBLOCK};
    static const int64_t how_fifo[] = {DRV_O_RDONLY_SAID, DRV_O_RDONLY_SAID, DRV_O_WRONLY,
                                       DRV_O_WRONLY, DRV_O_RDWR};

    d->op->result = new_variable(d->g);
    if (one_in(d->g, 3)) {
        put(d->op, (int64_t)generate_random(d->g, REGULAR_FILES));
        put(d->op, PICK(d->g, how));
        return;
    }
    put(d->op, THE_FIFO);
    put(d->op, PICK(d->g, how_fifo) | DRV_O_NONBLOCK);
}

static void draw_close(struct draw *d)
{
    fd_of(d, ANY);
}

static void draw_dup(struct draw *d)
{
    d->op->result = new_variable(d->g);
    fd_of(d, ANY);
}

static void draw_dup2(struct draw *d)
{
    fd_of(d, ANY);
    if (one_in(d->g, 6))
        put(d->op, 3 + (int64_t)generate_random(d->g, 12));
    else
        fd_of(d, ANY);
}

static void draw_read(struct draw *d)
{
    fd_of(d, (enum want)PICK(d->g, readable));
    put(d->op, PICK(d->g, sizes));
}

static void draw_write(struct draw *d)
{
    unsigned n = 1 + (unsigned)generate_random(d->g, 4);

    if (one_in(d->g, 3)) {
        fd_of(d, EVENTFD);
        put(d->op, 1);
        put(d->op, PICK(d->g, addends));
        return;
    }
    fd_of(d, (enum want)PICK(d->g, writable));
    put(d->op, n);
    for (unsigned i = 0; i < n; i++)
        put(d->op, 'a' + (int64_t)generate_random(d->g, 26));
}

static void draw_fill(struct draw *d)
{
    fd_of(d, (enum want)PICK(d->g, writable));
    put(d->op, PICK(d->g, sizes));
}

static void draw_lseek(struct draw *d)
{
    fd_of(d, one_in(d->g, 4) ? PIPE_READ : one_in(d->g, 3) ? ANY : REGULAR);
    put(d->op, PICK(d->g, offsets));
    put(d->op, one_in(d->g, 10) ? 7 : (int64_t)generate_random(d->g, 3));
}

static void draw_fcntl(struct draw *d)
{
    static const int64_t commands[] = {DRV_F_DUPFD, DRV_F_DUPFD_CLOEXEC, DRV_F_GETFD,
                                       DRV_F_SETFD, DRV_F_GETFL,         DRV_F_SETFL};
    int64_t command = PICK(d->g, commands);

    fd_of(d, ANY);
    put(d->op, command);
    if (command == DRV_F_SETFL)
        put(d->op, file_flags(d->g) & (DRV_O_NONBLOCK | DRV_O_DIRECT));
    else if (command == DRV_F_SETFD)
        put(d->op, (int64_t)generate_random(d->g, 2));
    else
        put(d->op, (int64_t)generate_random(d->g, 12));
    if (command == DRV_F_DUPFD || command == DRV_F_DUPFD_CLOEXEC)
        d->op->result = new_variable(d->g);
}

static void draw_poll(struct draw *d)
{
    unsigned n = (unsigned)generate_random(d->g, 5);

    put(d->op, n);
    for (unsigned i = 0; i < n; i++) {
        fd_of(d, ANY);
        put(d->op, PICK(d->g, small_masks));
    }
    put(d->op, n ? timeout(d->g) : 0);
}

static void draw_select(struct draw *d)
{
    for (unsigned set = 0; set < 2; set++) {
        unsigned n = (unsigned)generate_random(d->g, 3);
        put(d->op, n);
        for (unsigned i = 0; i < n; i++) {
            unsigned v = open_variable(d->g, d->model, d->var, ANY);
            /* one wrong descriptor spoils the whole call */
            if (v && !one_in(d->g, 20))
                put_var(d->op, v);
            else
                fd_of(d, ANY);
        }
    }
    put(d->op, d->op->argc > 2 ? timeout(d->g) : 0);
}

static void draw_epoll_ctl(struct draw *d)
{
    static const int64_t ops[] = {DRV_EPOLL_CTL_ADD, DRV_EPOLL_CTL_ADD, DRV_EPOLL_CTL_ADD,
                                  DRV_EPOLL_CTL_MOD, DRV_EPOLL_CTL_MOD, DRV_EPOLL_CTL_DEL};

    fd_of(d, EPOLL);
    put(d->op, one_in(d->g, 40) ? 7 : PICK(d->g, ops));
    fd_of(d, (enum want)PICK(d->g, watched));
    put(d->op, (int64_t)(uint32_t)(PICK(d->g, small_masks) | PICK(d->g, modes)));
    put(d->op, (int64_t)generate_random(d->g, 1000) + 1000);
}

static void draw_epoll_wait(struct draw *d)
{
    static const int64_t most[] = {1, 1, 2, 3, 16, 16, 16, 0, -1};

    fd_of(d, EPOLL);
    put(d->op, one_in(d->g, 8) ? PICK(d->g, most) : 1 + (int64_t)generate_random(d->g, 16));
    put(d->op, timeout(d->g));
}

static int64_t socket_flags(struct generator *g)
{
    return file_flags(g) & ~(int64_t)(DRV_O_DIRECT | 0x101);
}

static void draw_socketpair(struct draw *d)
{
    static const int64_t types[] = {1, 1, 1, 2, 5, 9};

    d->op->out[0] = new_variable(d->g);
    d->op->out[1] = new_variable(d->g);
    put(d->op, PICK(d->g, types) | socket_flags(d->g));
}

static void draw_shutdown(struct draw *d)
{
    fd_of(d, SOCKET);
    put(d->op, (int64_t)generate_random(d->g, one_in(d->g, 10) ? 5 : 3));
}

static void draw_listen(struct draw *d)
{
    d->op->result = new_variable(d->g);
    put(d->op, THE_NAME);
    put(d->op, (int64_t)generate_random(d->g, 3));
}

/* A connect that would wait has its descriptor already on Linux: only such as do not wait. */
static void draw_connect(struct draw *d)
{
    d->op->result = new_variable(d->g);
    put(d->op, THE_NAME);
    put(d->op, 0);
    put(d->op, DRV_O_NONBLOCK);
}

static void draw_accept(struct draw *d)
{
    d->op->result = new_variable(d->g);
    fd_of(d, LISTENER);
    put(d->op, one_in(d->g, 20) ? 1 : DRV_O_NONBLOCK);
}

static void draw_getsockopt(struct draw *d)
{
    static const int64_t options[] = {DRV_SO_ERROR, 3, 30};

    fd_of(d, one_in(d->g, 4) ? LISTENER : SOCKET);
    put(d->op, PICK(d->g, options));
}

static void draw_timerfd_create(struct draw *d)
{
    d->op->result = new_variable(d->g);
    put(d->op, file_flags(d->g) & ~(int64_t)(DRV_O_DIRECT | 0x101));
}

/* Due at once (the next line waits for it), in an hour, or never. */
static void draw_timerfd_settime(struct draw *d)
{
    static const int64_t times[] = {1, 1, 0, 3600000000000, -1};
    static const int64_t intervals[] = {0, 3600000000000};

    fd_of(d, TIMERFD);
    put(d->op, PICK(d->g, times));
    if (d->g->sleepers && d->op->arg[1] == 1)
        d->op->arg[1] = times[3]; /* whom it wakes, and when, is not the script's to say */
    put(d->op, PICK(d->g, intervals));
}

static void draw_signalfd(struct draw *d)
{
    static const int64_t masks[] = {SIGNALS, SIGNALS, 1 << 9, 0};

    if (one_in(d->g, 5))
        fd_of(d, SIGNALFD);
    else
        put(d->op, -1);
    d->op->result = new_variable(d->g);
    put(d->op, PICK(d->g, masks));
    put(d->op, file_flags(d->g) & ~(int64_t)(DRV_O_DIRECT | 0x101));
}

static void draw_kill(struct draw *d)
{
    static const int64_t signals[] = {10, 10, 34, 0, 65};

    put(d->op, DRV_PID_FIRST);
    put(d->op, PICK(d->g, signals));
}

static void draw_mkfifo(struct draw *d)
{
    put(d->op, THE_FIFO);
}

/* clang-format off */
static const struct {
    uint8_t nr;
    uint8_t weight, sleepers; /* of a task that may block, if others are to wake it */
    void (*draw)(struct draw *);
} calls[] = {
    {DRV_NR_PIPE,          7,  2, draw_pipe},
    {DRV_NR_EVENTFD,       6,  2, draw_eventfd},
    {DRV_NR_EPOLL_CREATE,  7,  2, draw_epoll_create},
    {DRV_NR_OPEN,         12,  0, draw_open},
    {DRV_NR_CLOSE,        10,  1, draw_close},
    {DRV_NR_DUP,           5,  1, draw_dup},
    {DRV_NR_DUP2,          3,  1, draw_dup2},
    {DRV_NR_READ,         22, 34, draw_read},
    {DRV_NR_WRITE,        22,  5, draw_write},
    {DRV_NR_FILL,         14, 14, draw_fill},
    {DRV_NR_LSEEK,         6,  0, draw_lseek},
    {DRV_NR_FCNTL,         8,  1, draw_fcntl},
    {DRV_NR_POLL,         14, 24, draw_poll},
    {DRV_NR_SELECT,        8, 14, draw_select},
    {DRV_NR_EPOLL_CTL,    34,  4, draw_epoll_ctl},
    {DRV_NR_EPOLL_WAIT,   28, 40, draw_epoll_wait},
    {DRV_NR_SOCKETPAIR,    8,  3, draw_socketpair},
    {DRV_NR_SHUTDOWN,      3,  1, draw_shutdown},
    {DRV_NR_LISTEN,        4,  2, draw_listen},
    {DRV_NR_CONNECT,       7,  1, draw_connect},
    {DRV_NR_ACCEPT,        6,  6, draw_accept},
    {DRV_NR_GETSOCKOPT,    3,  0, draw_getsockopt},
    {DRV_NR_TIMERFD_CREATE, 4, 2, draw_timerfd_create},
    {DRV_NR_TIMERFD_SETTIME, 7, 0, draw_timerfd_settime},
    {DRV_NR_SIGNALFD,      4,  0, draw_signalfd},
    {DRV_NR_KILL,          4,  0, draw_kill},
    {DRV_NR_MKFIFO,        3,  1, draw_mkfifo},
};

/* clang-format on */

enum { CALLS = sizeof(calls) / sizeof(calls[0]) };

static unsigned weight_of(const struct generator *g, unsigned i)
{
    /* signals are blocked only where there is one task */
    if (g->sleepers && calls[i].nr == DRV_NR_KILL)
        return 0;
    return g->may_block ? calls[i].sleepers : calls[i].weight;
}

void generate_begin(struct generator *g, struct lab_script *script, uint64_t seed)
{
    static const struct {
        const char *name;
        uint8_t kind, size;
    } files[] = {{"f0", DRV_FILE_REGULAR, 7},
                 {"f1", DRV_FILE_REGULAR, 40},
                 {"fifo", DRV_FILE_FIFO, 0},
                 {"srv", DRV_FILE_NAME, 0}};

    memset(script, 0, sizeof(*script));
    g->state = seed * 0x2545f4914f6cdd1du + 1;
    g->script = script;
    for (unsigned i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        struct lab_script_file *file = &script->file[script->files++];
        snprintf(file->name, sizeof(file->name), "%s", files[i].name);
        file->kind = files[i].kind;
        file->size = files[i].size;
        for (unsigned k = 0; k < file->size; k++)
            file->content[k] = (uint8_t)('A' + k % 26);
    }
}

/*
 * What belongs right behind the line before: a timer that is due at once runs out before
 * anything else is done; a listener does not block (docs/divergences.md).
 */
static bool add_after(struct generator *g)
{
    struct lab_script *script = g->script;
    const struct lab_script_op *last = script->ops ? &script->op[script->ops - 1] : 0;
    struct lab_script_op op = {0};

    if (last && last->nr == DRV_NR_TIMERFD_SETTIME && last->arg[1] == 1) {
        op.nr = LAB_OP_FIRE;
        op.var[0] = last->var[0];
        op.arg[0] = last->arg[0];
        op.argc = 1;
    } else if (last && last->nr == DRV_NR_LISTEN) {
        op.nr = DRV_NR_FCNTL;
        put_var(&op, last->result);
        put(&op, DRV_F_SETFL);
        put(&op, DRV_O_NONBLOCK);
    } else {
        return false;
    }
    op.task = last->task;
    script->op[script->ops++] = op;
    return true;
}

/* The call of the next line. */
static unsigned draw_call(struct generator *g)
{
    static const uint8_t first[] = {DRV_NR_PIPE,         DRV_NR_EVENTFD,   DRV_NR_EPOLL_CREATE,
                                    DRV_NR_EPOLL_CREATE, DRV_NR_EPOLL_CTL, DRV_NR_EPOLL_CTL,
                                    DRV_NR_EPOLL_CTL};
    unsigned sum = 0, at = 0;
    uint64_t drawn;

    if (g->sleepers && g->script->ops < sizeof(first)) {
        while (calls[at].nr != first[g->script->ops])
            at++;
        return at;
    }
    for (unsigned i = 0; i < CALLS; i++)
        sum += weight_of(g, i);
    drawn = generate_random(g, sum);
    while (drawn >= weight_of(g, at))
        drawn -= weight_of(g, at++);
    return at;
}

bool generate_line(struct generator *g, const struct lab_model *model, const int32_t *var,
                   unsigned task)
{
    struct lab_script *script = g->script;
    int64_t args[LAB_OP_ARGS];
    unsigned at;

    if (script->ops == LAB_SCRIPT_OPS || script->vars + 2 > LAB_SCRIPT_VARS)
        return false;
    if (!script->ops && !g->sleepers) {
        /* signals are for signalfds */
        script->op[script->ops++] =
            (struct lab_script_op){.nr = DRV_NR_SIGPROCMASK, .argc = 2, .arg = {0, SIGNALS}};
        script->tasks = 1;
        return true;
    }
    if (add_after(g))
        return true;
    /* a third of all sequences have more to do with the named pipe */
    if (script->ops == 1 && one_in(g, 3)) {
        script->op[script->ops++] = (struct lab_script_op){
            .task = (uint8_t)task, .nr = DRV_NR_MKFIFO, .argc = 1, .arg = {THE_FIFO}};
        return true;
    }
    at = draw_call(g);
    for (;;) {
        struct lab_script_op op = {.task = (uint8_t)task, .nr = calls[at].nr};
        struct draw d = {.g = g, .model = model, .var = var, .op = &op};
        calls[at].draw(&d);
        lab_op_resolve(&op, var, args);
        if (!sequence_is_defined(model, &op, args))
            continue;
        script->op[script->ops++] = op;
        break;
    }
    if (task >= script->tasks)
        script->tasks = (uint8_t)(task + 1);
    return true;
}
