/*
 * drivers/state.h - where the model kernel's state lies, and what it is.
 *
 * `struct drv` is a view: configuration, ids, and the addresses of the tables in the arena. The
 * tables hold ids and counts, no pointers.  They are canonical: a free slot is zero, a list is
 * in the order that matters and in no other, so equal situations are equal bytes.
 */
#ifndef DRIVERS_STATE_H
#define DRIVERS_STATE_H

#include "drivers/drv.h"

enum {
    DRV_PIPE_PAGES = 16, /* default size of a pipe: fs/pipe.c, PIPE_DEF_BUFFERS */
    DRV_PAGE_BYTES = 4096,
    DRV_NESTS_MAX = 4, /* epoll instances above or below one another: EP_MAX_NESTS */
    DRV_ITEMS_MAX = 255,
    DRV_WAITERS_MAX = DRV_TASKS_MAX + DRV_DRIVERS_MAX,
    DRV_SIGNALS_QUEUED = 8, /* real-time signals pending for one process: more get EAGAIN */
    DRV_LIMIT_MAX = 250,    /* RLIMIT_NOFILE: above it there is no limit */
    DRV_SLOT_USED = 1,      /* first byte of a slot's record */
};

/* What a waiter - a task or a driver's threaded half - does just now. */
enum drv_waiter_state {
    DRV_AWAKE,
    DRV_ASLEEP,   /* parked in a call */
    DRV_WOKEN,    /* parked, and a wake came: off the queue */
    DRV_TIMED,    /* parked, the time-out came and no wake did: still on the queue */
    DRV_PREPARED, /* in a block: on the queue, goes on running */
    DRV_ALERTED,  /* in a block: prepared, and a wake came since */
    DRV_SLEEPING, /* in a block: sleep() */
};

enum drv_task_flag {
    DRV_TASK_BEGUN = 1,          /* the call was recorded and holds its descriptor */
    DRV_TASK_SLEPT = 2,          /* it slept: it will return as WOKEN */
    DRV_TASK_EXPIRED = 4,        /* its time-out ran out */
    DRV_TASK_ARMED = 8,          /* it sleeps with a time-out */
    DRV_TASK_LOOKED = 16,        /* open, release or read {} of this look has run */
    DRV_TASK_BLOCK = 32,         /* a driver's block is under way */
    DRV_TASK_QUEUED = 64,        /* poll, select: on the wait queues of the files found first */
    DRV_TASK_TRIGGERED = 128,    /* poll, select: a wake came while it was looking */
    DRV_TASK_LOCKED = 256,       /* epoll_ctl: holds the instance while poll {} runs */
    DRV_TASK_GONE = 512,         /* ended */
    DRV_TASK_UNBORN = 1024,      /* a place for a child */
    DRV_TASK_KILLED = 2048,      /* ends before its next step */
    DRV_TASK_WAITS = 4096,       /* sleeps until a child ends */
    DRV_TASK_INTERRUPTED = 8192, /* a signal broke its sleep off */
    DRV_TASK_LEAVING = 16384,    /* what it returns is in `done`; it still holds its files */
};

/* A task's call under way; all zero (but GONE) between two calls. */
struct drv_task {
    uint32_t done;     /* write: bytes taken; epoll_wait: reported; then the result */
    uint16_t flags;    /* enum drv_task_flag */
    uint8_t ofd;       /* 1 + description it holds through its first argument, 0 none */
    uint8_t target;    /* epoll_ctl in a block: 1 + description it holds of the target */
    uint8_t file;      /* in a block: 1 + file it runs for */
    uint8_t number[2]; /* 1 + entries of the table that it has taken for what it will make */
    uint8_t zero;
};

/* An entry of a descriptor table. */
struct drv_fd {
    uint8_t ofd;   /* 1 + open file description, 0 free */
    uint8_t flags; /* DRV_FD_CLOEXEC, DRV_FD_TAKEN */
};

/* By a call under way: nobody else gets the number, and nothing is open there. */
enum { DRV_FD_TAKEN = 0x80 };

/* An open file description; refs 0: free, and all zero. */
struct drv_ofd {
    uint16_t refs;  /* descriptors, calls under way and poll sleepers that hold it */
    uint16_t flags; /* access mode, O_APPEND, O_NONBLOCK, O_DIRECT, O_ASYNC, DRV_OFD_YOUNG */
    uint8_t file;
    uint8_t zero;
};

/* Our bit of its flags: a reader of a named pipe that has not met a writer yet. */
enum { DRV_OFD_YOUNG = 0x8000 };

/* Whom O_ASYNC tells; beside the description. */
struct drv_owner {
    uint8_t process; /* 1 + process, 0 nobody */
    uint8_t signal;  /* F_SETSIG, 0: SIGIO */
    uint8_t fd;      /* the descriptor O_ASYNC was set through */
    uint8_t zero;
};

/* ---- processes ---- */

enum drv_process_life {
    DRV_PROCESS_UNBORN,
    DRV_PROCESS_ALIVE,
    DRV_PROCESS_ZOMBIE, /* ended, nobody has waited for it */
    DRV_PROCESS_REAPED,
};

struct drv_queued_signal {
    uint8_t signal;
    uint8_t fd; /* of signal-driven I/O */
    uint8_t band;
    uint8_t zero;
};

struct drv_process {
    uint32_t pending; /* standard signals, a bit each */
    uint8_t life;     /* enum drv_process_life */
    uint8_t parent;   /* 1 + process, 0: none of the scenario's */
    uint8_t status;   /* the signal that ended it, or exit()'s number */
    uint8_t limit;    /* 1 + RLIMIT_NOFILE, 0: none was set */
    uint8_t stopped;
    uint8_t queued;
    uint8_t zero[2];
    struct drv_queued_signal queue[DRV_SIGNALS_QUEUED]; /* real-time ones, as taken */
};

/* ---- waiting ---- */

enum drv_queue_id {
    DRV_QUEUE_MAIN =
        0, /* a pipe's readers, an instance's epoll_wait callers, all others' all */
    DRV_QUEUE_OTHER = 1, /* a pipe's writers; who polls an epoll instance */
};

enum drv_wait_flag {
    DRV_WAIT_OTHER = 1,     /* on the file's second queue */
    DRV_WAIT_EXCLUSIVE = 2, /* a wake stops behind it */
    DRV_WAIT_ITEM = 4,      /* who is an epoll entry, else a waiter */
    DRV_WAIT_POLLER = 8,    /* of poll or select: stays until the call returns, holds `ofd` */
    DRV_WAIT_DEAD = 16,     /* only inside a step */
    DRV_WAIT_JOB = 32,      /* who is a request of Linux AIO or io_uring */
};

/* One waiter on one queue. */
struct drv_wait_entry {
    uint8_t file;
    uint8_t flags;
    uint8_t who;    /* epoll entry or waiter */
    uint8_t filter; /* the keys it listens to, packed by drv_wait_pack(); 0: any */
    uint8_t ofd;    /* POLLER */
};

/* All wait queues: grouped by file and queue, each group in the order a wake walks it. */
struct drv_waits {
    uint16_t n;
    struct drv_wait_entry entry[];
};

/* ---- files ---- */

/* A device file's queue: cells of one byte (the token) or two (token, byte). */
struct drv_device_file {
    uint16_t n;
    uint8_t cell[];
};

/* A regular file: behind its end all is zero. */
struct drv_regular {
    uint32_t size;
    uint8_t content[];
};

enum drv_pipe_flag {
    DRV_PIPE_OPEN = 1,
    DRV_PIPE_NAMED = 2,  /* mkfifo() made it */
    DRV_PIPE_POLLED = 4, /* poll, select or epoll looked once: every write wakes from then on */
};

/* A byte in a pipe or socket that is more than filling: it bears a token or is not zero. */
struct drv_cell {
    uint16_t gap; /* filling bytes between the cell before (or the front) and this one */
    uint8_t token;
    uint8_t byte;
};

struct drv_pipe {
    uint8_t flags;            /* enum drv_pipe_flag */
    uint8_t pages;            /* slots in use */
    uint8_t readers, writers; /* descriptions that read or write; of a pipe one each */
    uint16_t end; /* where data ends in the last page: what is behind it can be merged into */
    uint16_t packets; /* bit per slot: an O_DIRECT packet */
    uint16_t cells;
    uint16_t length[DRV_PIPE_PAGES]; /* unread bytes per slot, the oldest first */
    struct drv_cell cell[];
};

enum drv_socket_flag {
    DRV_SOCKET_OPEN = 1,
    DRV_SOCKET_LISTENS = 2,
    DRV_SOCKET_EMBRYO = 4, /* connected, but not accepted yet */
    DRV_SOCKET_ORPHAN = 8, /* its peer is closed */
};

/* A run of equal packets in a socket's queue, or one connection in a listener's. */
struct drv_packet {
    uint32_t length;
    uint16_t count;
    uint8_t carries; /* 1 + a description on its way; listener: 1 + the socket to accept */
    uint8_t token;   /* listener: the connection's */
};

struct drv_socket {
    uint8_t flags; /* enum drv_socket_flag */
    uint8_t type;
    uint8_t shut;  /* DRV_SHUT_* */
    uint8_t peer;  /* 1 + file of the other end, 0 none */
    uint8_t error; /* waits for the next call, or SO_ERROR */
    uint8_t zero;
    uint16_t backlog;
    uint32_t charged; /* memory of what it sent and nobody has read yet */
    uint32_t sndbuf;
    int32_t lowat;
    uint32_t taken; /* bytes already read of the first packet */
    uint16_t packets, cells;
    struct drv_packet packet[]; /* config->socket_packets, then struct drv_cell */
};

enum drv_pty_flag { DRV_PTY_MASTER = 2 }; /* and DRV_SLOT_USED */

/* One end of a terminal: what it has to read. */
struct drv_pty {
    uint8_t flags;
    uint8_t peer; /* 1 + file of the other end, 0: closed */
    uint16_t bytes;
    uint16_t cells;
    struct drv_cell cell[];
};

struct drv_timerfd {
    uint8_t flags; /* DRV_SLOT_USED */
    uint8_t zero;
    uint16_t fired;   /* while the scenario limits periodic timers */
    uint32_t ticks;   /* expirations nobody has read */
    uint64_t next_ns; /* what it is armed with, 0: disarmed */
    uint64_t interval_ns;
};

struct drv_signalfd {
    uint8_t flags;
    uint8_t zero[7];
    uint64_t mask;
};

struct drv_pidfd {
    uint8_t flags;
    uint8_t process; /* 1 + process */
};

enum drv_eventfd_state_flag { DRV_EVENTFD_OPEN = 1, DRV_EVENTFD_SEMAPHORE = 2 };

struct drv_eventfd {
    uint64_t count;
    uint8_t flags; /* enum drv_eventfd_state_flag */
    uint8_t zero[7];
};

/* ---- asynchronous requests ---- */

enum drv_cqe_flag { DRV_CQE_MORE = 1 };

enum { DRV_RING_OVERFLOWN = 2 };

struct drv_cqe {
    int32_t value;
    uint8_t number; /* of the request */
    uint8_t flags;
    uint8_t token; /* of a disk's completion */
    uint8_t zero;
};

/* A context of Linux AIO or an io_uring: completions, the oldest first. */
struct drv_ring {
    uint8_t flags;   /* DRV_SLOT_USED, DRV_RING_OVERFLOWN */
    uint8_t process; /* AIO: 1 + whose it is */
    uint16_t cqes;
    uint16_t limit; /* io_uring: of the completion queue; what ends a request may go beyond */
    uint8_t zero[2];
    struct drv_cqe cqe[];
};

enum drv_job_op { DRV_JOB_AIO_POLL = 1, DRV_JOB_POLL, DRV_JOB_READ, DRV_JOB_WRITE };

enum drv_job_flag { DRV_JOB_MULTISHOT = 1 };

/* A request that waits for its file. */
struct drv_job {
    uint8_t ring; /* 1 + file of its context or ring, 0: free */
    uint8_t number;
    uint8_t op;
    uint8_t flags;
    uint8_t ofd;   /* 1 + description it holds */
    uint8_t resfd; /* 1 + description of an eventfd that is told, 0 none */
    uint8_t task;  /* who submitted it */
    uint8_t wakes; /* in this step; 0 between steps, and so is `key` */
    uint32_t key;
    uint32_t events;
    uint32_t count;
    int32_t offset;
};

enum drv_disk_state {
    DRV_DISK_ASKED = 1, /* a task sleeps */
    DRV_DISK_ANSWERED,  /* and may go on */
    DRV_DISK_JOB,       /* a request of Linux AIO or io_uring */
    DRV_DISK_ORPHAN,    /* who asked is gone */
    DRV_DISK_OVER,
};

struct drv_disk_request {
    uint8_t state; /* enum drv_disk_state */
    uint8_t owner; /* task or job */
    uint8_t fills; /* 1 + buffered file whose content it brings into the page cache */
    uint8_t zero;
};

struct drv_disk {
    uint64_t cached; /* bit per file whose content is in the page cache */
    uint8_t requests;
    uint8_t zero[7];
    struct drv_disk_request request[DRV_DISK_REQUESTS];
};

struct drv_list {
    uint8_t first, last; /* 1 + epoll entry, 0 empty */
};

enum drv_epoll_flag {
    DRV_EPOLL_OPEN = 1,
    DRV_EPOLL_SCANNING = 2, /* a wait walks `scan`; wakes go to `again` */
};

struct drv_epoll {
    uint8_t flags;
    uint8_t holder; /* 1 + task whose call holds the instance between steps */
    struct drv_list ready;
    struct drv_list scan;  /* what is left of the list the scan took */
    struct drv_list again; /* woken during the scan, in order */
};

enum drv_item_flag {
    DRV_ITEM_LINKED = 1, /* on `ready` or `scan` */
    DRV_ITEM_AGAIN = 2,  /* on `again` */
};

enum drv_link { DRV_LINK_READY, DRV_LINK_AGAIN, DRV_LINKS };

/* An epoll entry. */
struct drv_item {
    uint32_t events; /* mask and mode, as registered; ERR and HUP added */
    uint32_t data_lo, data_hi;
    uint8_t epoll; /* 1 + file of the instance, 0 free */
    uint8_t ofd;
    uint8_t fd; /* counted from DRV_FD_FIRST */
    uint8_t flags;
    uint8_t next[DRV_LINKS]; /* 1 + entry, 0 the last */
    uint8_t zero[2];
};

_Static_assert(sizeof(struct drv_task) == 12, "no padding");
_Static_assert(sizeof(struct drv_ofd) == 6, "no padding");
_Static_assert(sizeof(struct drv_wait_entry) == 5, "no padding");
_Static_assert(sizeof(struct drv_pipe) == 10 + 2 * DRV_PIPE_PAGES, "no padding");
_Static_assert(sizeof(struct drv_eventfd) == 16, "no padding");
_Static_assert(sizeof(struct drv_job) == 24 && sizeof(struct drv_cqe) == 8, "no padding");
_Static_assert(sizeof(struct drv_process) == 12 + 4 * DRV_SIGNALS_QUEUED, "no padding");
_Static_assert(sizeof(struct drv_socket) == 28, "no padding");
_Static_assert(sizeof(struct drv_packet) == 8, "no padding");
_Static_assert(sizeof(struct drv_timerfd) == 24, "no padding");
_Static_assert(sizeof(struct drv_epoll) == 8, "no padding");
_Static_assert(sizeof(struct drv_item) == 20, "no padding");

/* The view.  Only what drv_bind() sets points anywhere. */
struct drv {
    const struct drv_config *config;
    const struct sim_arena *arena;
    struct sim_trace *trace;
    const uint8_t *token_byte;

    /*
     * Contents of the regular files, config->file[].content_at counting from here.  The owner
     * sets it before drv_reset(); 0: all contents are zero bytes.
     */
    const uint8_t *content;

    struct drv_readied readied; /* out-box */
    bool waking;                /* inside drv_wait_wake(), never between steps */
    uint32_t dues;              /* jobs woken in this step, in order; 0 between steps */
    uint8_t due[256];           /* each at most once: more than there can be */
    uint32_t alarmed; /* out: bit per timer that was armed anew, or disarmed, in this step */

    uint8_t notified[DRV_DISKS_MAX]; /* out: requests that each disk is to be told of ... */
    uint8_t notifications;           /* ... and how many that are */
    bool served; /* inside the transfer of a request that its disk has answered */

    uint8_t files;                    /* fixed files and slots */
    uint8_t kind[DRV_FILES_MAX];      /* enum drv_file_kind of each */
    uint8_t slot[DRV_FILE_KINDS];     /* the first file that calls can make of a kind ... */
    uint8_t slot_end[DRV_FILE_KINDS]; /* ... and the one behind the last */
    bool blocks;                      /* a driver has blocks that run in calls */
    uint8_t poll_files;               /* device files whose driver has a poll {} */
    uint16_t waits_max;
    uint8_t poll_slot[DRV_FILES_MAX]; /* which of them, DRV_NONE: none */

    sim_ref task_ref, state_ref, look_ref, timeout_ref, fd_ref, ofd_ref, offset_ref, waits_ref;
    sim_ref item_ref, job_ref, process_ref, blocked_ref, owner_ref, disk_ref;
    sim_ref file_ref[DRV_FILES_MAX];

    struct drv_task *task;
    uint8_t *state; /* per waiter, enum drv_waiter_state */
    uint16_t *look; /* per task and poll file: what poll {} said in this look | DRV_LOOKED */
    int64_t *timeout_ns; /* per task, clock class */
    struct drv_fd *fd;   /* per process, config->fds each */
    struct drv_ofd *ofd;
    uint32_t *offset; /* per description; laid out only if there are regular files */
    struct drv_waits *waits;
    struct drv_item *item;
    struct drv_job *job;
    struct drv_process *process; /* 0: no call of the scenario can tell */
    uint64_t *blocked;           /* per task, signals; 0: likewise */
    struct drv_owner *owner;     /* per description; 0: likewise */
    struct drv_disk *disk;       /* 0: there are none */
    void *file[DRV_FILES_MAX];
};

enum { DRV_LOOKED = 0x8000 }; /* no event has this bit */

/* ---- short ways ---- */

static inline enum drv_file_kind drv_file_kind(const struct drv *drv, drv_file_id file)
{
    return (enum drv_file_kind)drv->kind[file];
}

static inline bool drv_is_epoll(const struct drv *drv, drv_file_id file)
{
    return drv->kind[file] == DRV_FILE_EPOLL;
}

static inline struct drv_device_file *drv_device_file(const struct drv *drv, drv_file_id file)
{
    return (struct drv_device_file *)drv->file[file];
}

static inline struct drv_pipe *drv_pipe(const struct drv *drv, drv_file_id file)
{
    return (struct drv_pipe *)drv->file[file];
}

static inline bool drv_is_socket(const struct drv *drv, drv_file_id file)
{
    return drv->kind[file] == DRV_FILE_SOCKET || drv->kind[file] == DRV_FILE_NAME;
}

static inline struct drv_socket *drv_socket(const struct drv *drv, drv_file_id file)
{
    return (struct drv_socket *)drv->file[file];
}

static inline struct drv_pty *drv_pty(const struct drv *drv, drv_file_id file)
{
    return (struct drv_pty *)drv->file[file];
}

static inline struct drv_ring *drv_ring(const struct drv *drv, drv_file_id file)
{
    return (struct drv_ring *)drv->file[file];
}

static inline struct drv_timerfd *drv_timerfd_of(const struct drv *drv, drv_file_id file)
{
    return (struct drv_timerfd *)drv->file[file];
}

static inline struct drv_signalfd *drv_signalfd_of(const struct drv *drv, drv_file_id file)
{
    return (struct drv_signalfd *)drv->file[file];
}

static inline struct drv_pidfd *drv_pidfd_of(const struct drv *drv, drv_file_id file)
{
    return (struct drv_pidfd *)drv->file[file];
}

static inline struct drv_eventfd *drv_eventfd(const struct drv *drv, drv_file_id file)
{
    return (struct drv_eventfd *)drv->file[file];
}

static inline struct drv_epoll *drv_epoll(const struct drv *drv, drv_file_id file)
{
    return (struct drv_epoll *)drv->file[file];
}

/* Bytes that a regular file can hold. */
static inline uint32_t drv_content_room(const struct drv_file_config *file)
{
    return file->content_room > file->content_size ? file->content_room : file->content_size;
}

/* The driver of a device file, 0 for all other kinds. */
static inline const struct drv_driver_config *drv_driver_of(const struct drv *drv,
                                                            drv_file_id file)
{
    if (file >= drv->config->fixed_files || drv->config->file[file].kind != DRV_FILE_DEVICE ||
        drv->config->file[file].driver >= drv->config->drivers)
        return 0;
    return &drv->config->driver[drv->config->file[file].driver];
}

/* Is it a helper thread, of which no code of the scenario knows? */
static inline bool drv_is_helper(const struct drv *drv, unsigned task)
{
    return task >= (unsigned)(drv->config->tasks - drv->config->helpers) &&
           task < drv->config->tasks;
}

/* Sleeps the task, or the driver's threaded half, in sleep()? */
static inline bool drv_sleeping(const struct drv *drv, unsigned waiter)
{
    return drv->state[waiter] == DRV_SLEEPING;
}

/* Is the task parked in a call, and awake again (a wake or its time-out came)? */
static inline bool drv_task_parked(const struct drv *drv, drv_task_id task)
{
    uint8_t state = drv->state[task];

    return state == DRV_ASLEEP || state == DRV_WOKEN || state == DRV_TIMED;
}

static inline bool drv_task_ready(const struct drv *drv, drv_task_id task)
{
    uint8_t state = drv->state[task];

    return state == DRV_WOKEN || state == DRV_TIMED || drv->task[task].flags & DRV_TASK_KILLED;
}

/* Must the task end before it takes another step? */
static inline bool drv_task_killed(const struct drv *drv, drv_task_id task)
{
    const struct drv_task *record = &drv->task[task];

    if (!(record->flags & DRV_TASK_KILLED))
        return false;
    /* a call under way that does not sleep comes to its end first */
    return !(record->flags & DRV_TASK_BEGUN) || drv_task_parked(drv, task) ||
           record->flags & DRV_TASK_INTERRUPTED;
}

/* Is its process stopped (SIGSTOP)? */
static inline bool drv_task_stopped(const struct drv *drv, drv_task_id task)
{
    return drv->process && drv->process[drv->config->task_process[task]].stopped;
}

static inline struct drv_fd *drv_fd_table(const struct drv *drv, drv_task_id task)
{
    return drv->fd + drv->config->task_process[task] * drv->config->fds;
}

#endif
