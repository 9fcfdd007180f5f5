/*
 * drivers/drv.h - the model kernel: descriptors, open file descriptions, files, waiting,
 * readiness.
 *
 * Same source on the host, on the metal and in the page; freestanding.  All state lies in the
 * arena; `struct drv` is a view.  What sleeps is a *waiter*: a task, or a driver's threaded
 * half.
 *
 * Who is who (ids):
 *   task     0 .. config->tasks-1
 *   waiter   a task by its id, then threaded halves: tasks + driver
 *   file     0 .. files-1: device files and regular files of the scenario (fixed), then slots
 * for pipes, eventfds and epoll instances made by calls ofd      open file descriptions, a pool
 */
#ifndef DRIVERS_DRV_H
#define DRIVERS_DRV_H

#include <stdbool.h>
#include <stdint.h>

#include "drivers/call.h"
#include "drivers/errno.h"
#include "sim/arena.h"
#include "sim/trace_event.h"

typedef uint8_t drv_task_id;
typedef uint8_t drv_file_id; /* DRV_NONE: none */
typedef uint8_t drv_ofd_id;

enum {
    DRV_NONE = 0xff,
    DRV_TASKS_MAX = 64,
    DRV_PROCESSES_MAX = 64,
    DRV_DRIVERS_MAX = 32,
    DRV_FILES_MAX = 250, /* with a queue for each process's signals, ids fit a byte */
    DRV_FD_FIRST = 3,    /* 0, 1, 2 are taken, as in any process */
    DRV_PID_FIRST = 100, /* the number of process 0 */
    DRV_QUEUE_DEFAULT = 64,
    DRV_DISKS_MAX = 8,
    DRV_DISK_REQUESTS = 16, /* of one disk in all: as many as its completions have tokens */
};

/* The blocks a driver may have; also the reasons for which a call runs one. */
enum drv_block {
    DRV_BLOCK_INIT,
    DRV_BLOCK_IRQ,
    DRV_BLOCK_THREAD,
    DRV_BLOCK_OPEN,
    DRV_BLOCK_RELEASE,
    DRV_BLOCK_READ,
    DRV_BLOCK_WRITE,
    DRV_BLOCK_POLL,
    DRV_BLOCKS
};

enum drv_flow { DRV_FLOW_LEVEL, DRV_FLOW_EDGE, DRV_FLOW_FASTEOI, DRV_FLOW_MANUAL };

enum drv_builtin {
    DRV_BUILTIN_NONE,
    DRV_BUILTIN_SOURCE,
    DRV_BUILTIN_LINE,
    DRV_BUILTIN_PL011,
    DRV_BUILTIN_NS16550,
    DRV_BUILTIN_I8254,
    DRV_BUILTIN_PL031,
    DRV_BUILTIN_PL061,
    DRV_BUILTIN_SP804,
    DRV_BUILTIN_CMSDK_UART,
    DRV_BUILTIN_CMSDK_TIMER,
    DRV_BUILTIN_VIRTIO,
    DRV_BUILTIN_NATIVE /* + n: of the n-th shared object */
};

struct drv_driver_config {
    uint32_t devices[2];       /* bit per device it serves */
    uint8_t builtin;           /* enum drv_builtin; NONE: written in the scenario */
    uint8_t flow;              /* enum drv_flow, resolved */
    uint8_t oneshot;           /* keep the line masked until the threaded half ends */
    uint8_t cpu;               /* where its interrupts and thread go */
    uint8_t has[DRV_BLOCKS];   /* 1: the block exists */
    uint8_t file_first, files; /* its device files */
    uint16_t queue;            /* bytes each of its files can queue */
    uint16_t zero;
};

enum drv_file_kind {
    DRV_FILE_FREE,
    DRV_FILE_DEVICE,  /* a driver's queue of bytes */
    DRV_FILE_REGULAR, /* scenario's `file` */
    DRV_FILE_PIPE,
    DRV_FILE_EVENTFD,
    DRV_FILE_EPOLL,
    DRV_FILE_SOCKET,
    DRV_FILE_NAME, /* a name that sockets connect to, and the socket that listens there */
    DRV_FILE_TIMERFD,
    DRV_FILE_SIGNALFD,
    DRV_FILE_PIDFD,
    DRV_FILE_FIFO, /* a pipe with a name */
    DRV_FILE_PTY,
    DRV_FILE_AIO, /* a context of Linux AIO: no descriptor has it */
    DRV_FILE_URING,
    DRV_FILE_KINDS
};

struct drv_file_config { /* the scenario's fixed files */
    uint8_t kind;
    uint8_t driver;        /* device files */
    uint16_t content_size; /* regular files: bytes at content_at of the program's text */
    uint32_t content_at;
    uint16_t content_room; /* bytes it can grow to, 0: it cannot grow */
    uint8_t disk;          /* regular files: 1 + the disk it lies on, 0: memory */
    uint8_t buffered;      /* ... through the page cache */
};

struct drv_disk_config {
    uint8_t device; /* whom a request is told of */
    uint8_t file;   /* its driver's: completions are pushed there */
    uint8_t token;  /* of the first request's completion */
    uint8_t zero;
};

/* Capacities and constants, computed from the text by the compiler.  Part of the program. */
struct drv_config {
    uint8_t tasks, processes, drivers, fixed_files;
    uint8_t helpers; /* the last of the tasks: helper threads of a process (loop/aio.c) */
    uint8_t pipes, eventfds, epolls; /* slots for objects that calls can make */
    uint8_t sockets, timerfds, signalfds, pidfds, ptys;
    uint8_t aios, urings;    /* contexts of Linux AIO, rings */
    uint8_t jobs, cqes;      /* requests that wait, altogether; completions that one can hold */
    uint8_t ofds;            /* open file descriptions altogether */
    uint8_t fds;             /* entries of each descriptor table, from DRV_FD_FIRST on */
    uint8_t items;           /* epoll entries altogether */
    uint8_t poll_max;        /* most descriptors of one poll or select */
    uint8_t narrow_queues;   /* 1: only tokens and zero bytes are ever queued: a byte a cell */
    uint8_t early_numbers;   /* 1: a call that fails takes its number first, a step before */
    uint16_t pipe_bytes;     /* bytes with a token or a value in one pipe; filling is free */
    uint16_t socket_packets; /* runs of equal packets that one socket can hold */
    uint16_t limit_ticks;    /* how often a periodic timerfd expires, 0: no limit */
    uint16_t linux_version;  /* major << 8 | minor whose rules hold, 0: the newest known */
    uint8_t disks;
    uint8_t zero_disks[3];
    struct drv_disk_config disk[DRV_DISKS_MAX];
    uint8_t families; /* 1: processes have records: a call can tell parents, ends, limits */
    uint8_t signals;  /* 1: signals are sent or blocked */
    uint8_t task_process[DRV_TASKS_MAX];
    /* A place for a child: 1 + whose, and which of its children; 0: there from the start. */
    uint8_t task_parent[DRV_TASKS_MAX], task_nth[DRV_TASKS_MAX];
    uint8_t task_family[DRV_TASKS_MAX];     /* the process it all began with */
    uint8_t family_most[DRV_PROCESSES_MAX]; /* children that a family can have in all */
    struct drv_driver_config driver[DRV_DRIVERS_MAX];
    struct drv_file_config file[DRV_DRIVERS_MAX * 2];
};

struct drv; /* view, drivers/state.h: refs and bound addresses of every table */

/* What a call needs run before it can go on: a driver's block, in the caller's context. */
struct drv_need {
    uint8_t block; /* enum drv_block */
    uint8_t driver;
    uint8_t file;
    uint8_t value; /* WRITE: the byte */
    uint8_t token; /* and its token */
};

/* ---- laying out, start ---- */
void drv_layout(struct drv *drv, const struct drv_config *config, struct sim_arena *arena,
                const char *const *file_names, const char *const *task_names);
void drv_bind(struct drv *drv, struct sim_trace *trace, const uint8_t *token_byte);
void drv_reset(struct drv *drv);

/* ---- system calls ---- */

/*
 * Does the call's next step have to be preceded by a driver's block (read {} at each call and
 * after each wake-up, write {} per byte, poll {} per look, open {}, release {})?  Fills
 * *ret_need and returns true.  Looks only; the stepper runs the block (one step per operation
 * of it), then calls drv_call_block_done(), then asks again.
 */
bool drv_call_need(const struct drv *drv, drv_task_id task, const struct drv_call *call,
                   struct drv_need *ret_need);
/*
 * The block that @need asked for begins: the call is recorded if this is its first step, and
 * takes what the kernel takes before it enters a driver (a reference to the file; the place on
 * the wait queue, before the level is looked at; the lock of the epoll instance; the token
 * that is written arrives).  To be called before the block's first operation.
 */
void drv_call_block_begin(struct drv *drv, drv_task_id task, const struct drv_call *call,
                          const struct drv_need *need);
/* The block ended with @value (`return MASK` of poll {}, else 0). */
void drv_call_block_done(struct drv *drv, drv_task_id task, const struct drv_call *call,
                         int64_t value);

/* One visible operation of the call.  Precondition: no block is needed.  Result if DRV_DONE. */
enum drv_step drv_call_step(struct drv *drv, drv_task_id task, const struct drv_call *call,
                            struct drv_result *ret_result);

/* Would drv_call_step() answer DRV_WAIT_LOCK?  Pure. */
bool drv_call_locked_out(const struct drv *drv, drv_task_id task, const struct drv_call *call);

/*
 * Nanoseconds of the time-out the parked task armed when it went to sleep, -1: none.  A task
 * that is woken, finds nothing and sleeps again keeps the deadline of its first sleep in this
 * call.
 */
int64_t drv_task_timeout_ns(const struct drv *drv, drv_task_id task);
/* The time-out fires: the task is awake. */
void drv_task_timeout(struct drv *drv, drv_task_id task);
/* The task ended: its process's descriptors are closed with its last task. */
void drv_task_exit(struct drv *drv, drv_task_id task);
/*
 * A signal with a handler came for the task: the call it sleeps in returns EINTR, or what it
 * has done so far.  The language has no handlers; foreign programs do (tests/foreign).
 */
void drv_task_interrupt(struct drv *drv, drv_task_id task);
/* A call that is not the kernel's, but sleeps as its calls do, begins: recorded. */
void drv_call_begin(struct drv *drv, drv_task_id task, const struct drv_call *call);
/* Wakes a task that sleeps in such a call, on no queue. */
void drv_task_rouse(struct drv *drv, drv_task_id task);
/* The process's helpers give back what their calls hold, and sleep until there is work. */
void drv_helpers_rest(struct drv *drv, unsigned process);
/* exit(@status): the other tasks of its process end, too, each at its next step. */
void drv_task_leave(struct drv *drv, drv_task_id task, int64_t status);

/* ---- timers of timerfds, by number ---- */
/* The duration a timer was armed with, 0: not armed. */
uint64_t drv_alarm_ns(const struct drv *drv, unsigned alarm);
void drv_alarm_fire(struct drv *drv, unsigned alarm);

/* ---- driver side ---- */
/* Queues @value for @file; full: dropped and recorded.  push = queue + wake. */
void drv_queue(struct drv *drv, drv_file_id file, uint8_t value, unsigned token);
void drv_wake(struct drv *drv, drv_file_id file, uint32_t key);
unsigned drv_room(const struct drv *drv, drv_file_id file);
unsigned drv_count(const struct drv *drv, drv_file_id file);
/* sleep()/prepare() of driver code: waiter = task (inside its call) or tasks + driver (thread).
 */
void drv_prepare(struct drv *drv, unsigned waiter, drv_file_id file);
/* True: parked until the next wake of @file; false: one came since prepare, go on. */
bool drv_sleep(struct drv *drv, unsigned waiter, drv_file_id file);
/* The block of the waiter ended: a prepare() without sleep() is taken back. */
void drv_finish(struct drv *drv, unsigned waiter);

/* ---- looking, for ends and pictures ---- */
/* Per token the file whose queue, pipe or content holds it, DRV_NONE if none. */
enum { DRV_TOKENS = 256 };

void drv_holders(const struct drv *drv, drv_file_id ret_holder[DRV_TOKENS]);
/* The same of one. */
drv_file_id drv_holds(const struct drv *drv, unsigned token);
/* Has a descriptor of the task's process the file open (directly), or one on its disk? */
bool drv_task_has_open(const struct drv *drv, drv_task_id task, drv_file_id file);

/*
 * Tasks and threads that became ready in this step, in order: the stepper empties it (n = 0).
 * An out-box, not state.
 */
struct drv_readied {
    uint8_t n;
    uint8_t waiter[DRV_TASKS_MAX + DRV_DRIVERS_MAX];
};

#endif
