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
    DRV_TASK_BEGUN = 1,       /* the call was recorded and holds its descriptor */
    DRV_TASK_SLEPT = 2,       /* it slept: it will return as WOKEN */
    DRV_TASK_EXPIRED = 4,     /* its time-out ran out */
    DRV_TASK_ARMED = 8,       /* it sleeps with a time-out */
    DRV_TASK_LOOKED = 16,     /* open, release or read {} of this look has run */
    DRV_TASK_BLOCK = 32,      /* a driver's block is under way */
    DRV_TASK_QUEUED = 64,     /* poll, select: on the wait queues of the files found first */
    DRV_TASK_TRIGGERED = 128, /* poll, select: a wake came while it was looking */
    DRV_TASK_LOCKED = 256,    /* epoll_ctl: holds the instance while poll {} runs */
    DRV_TASK_GONE = 512,      /* ended */
};

/* A task's call under way; all zero (but GONE) between two calls. */
struct drv_task {
    uint32_t done;  /* write: bytes taken; epoll_wait: entries reported; poll: unused */
    uint16_t flags; /* enum drv_task_flag */
    uint8_t ofd;    /* 1 + description it holds through its first argument, 0 none */
    uint8_t target; /* epoll_ctl in a block: 1 + description it holds of the target */
    uint8_t file;   /* in a block: 1 + file it runs for */
    uint8_t zero[3];
};

/* An entry of a descriptor table. */
struct drv_fd {
    uint8_t ofd;   /* 1 + open file description, 0 free */
    uint8_t flags; /* DRV_FD_CLOEXEC */
};

/* An open file description; refs 0: free, and all zero. */
struct drv_ofd {
    uint16_t refs;  /* descriptors, calls under way and poll sleepers that hold it */
    uint16_t flags; /* access mode, O_APPEND, O_NONBLOCK, O_DIRECT */
    uint8_t file;
    uint8_t zero;
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
};

/* One waiter on one queue. */
struct drv_wait_entry {
    uint8_t file;
    uint8_t flags;
    uint8_t who;    /* epoll entry or waiter */
    uint8_t filter; /* POLLER: the keys it listens to, packed by drv_wait_pack() */
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

enum drv_pipe_flag {
    DRV_PIPE_READER = 1, /* the reading description is open */
    DRV_PIPE_WRITER = 2,
    DRV_PIPE_POLLED = 4, /* poll, select or epoll looked once: every write wakes from then on */
};

/* A byte in a pipe that is more than filling: it bears a token or is not zero. */
struct drv_pipe_cell {
    uint16_t gap; /* filling bytes between the cell before (or the front) and this one */
    uint8_t token;
    uint8_t byte;
};

struct drv_pipe {
    uint8_t flags; /* enum drv_pipe_flag */
    uint8_t pages; /* slots in use */
    uint16_t end;  /* where data ends in the last page: what is behind it can be merged into */
    uint16_t packets; /* bit per slot: an O_DIRECT packet */
    uint16_t cells;
    uint16_t length[DRV_PIPE_PAGES]; /* unread bytes per slot, the oldest first */
    struct drv_pipe_cell cell[];
};

enum drv_eventfd_state_flag { DRV_EVENTFD_OPEN = 1, DRV_EVENTFD_SEMAPHORE = 2 };

struct drv_eventfd {
    uint64_t count;
    uint8_t flags; /* enum drv_eventfd_state_flag */
    uint8_t zero[7];
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
_Static_assert(sizeof(struct drv_pipe) == 8 + 2 * DRV_PIPE_PAGES, "no padding");
_Static_assert(sizeof(struct drv_eventfd) == 16, "no padding");
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

    uint8_t files; /* fixed files and slots */
    uint8_t first_pipe, first_eventfd, first_epoll;
    uint8_t poll_files; /* device files whose driver has a poll {} */
    uint16_t waits_max;
    uint8_t poll_slot[DRV_FILES_MAX]; /* which of them, DRV_NONE: none */

    sim_ref task_ref, state_ref, look_ref, timeout_ref, fd_ref, ofd_ref, offset_ref, waits_ref;
    sim_ref item_ref;
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
    void *file[DRV_FILES_MAX];
};

enum { DRV_LOOKED = 0x8000 }; /* no event has this bit */

/* ---- short ways ---- */

static inline enum drv_file_kind drv_file_kind(const struct drv *drv, drv_file_id file)
{
    if (file < drv->config->fixed_files)
        return (enum drv_file_kind)drv->config->file[file].kind;
    if (file < drv->first_eventfd)
        return DRV_FILE_PIPE;
    return file < drv->first_epoll ? DRV_FILE_EVENTFD : DRV_FILE_EPOLL;
}

static inline bool drv_is_epoll(const struct drv *drv, drv_file_id file)
{
    return file >= drv->first_epoll;
}

static inline struct drv_device_file *drv_device_file(const struct drv *drv, drv_file_id file)
{
    return (struct drv_device_file *)drv->file[file];
}

static inline struct drv_pipe *drv_pipe(const struct drv *drv, drv_file_id file)
{
    return (struct drv_pipe *)drv->file[file];
}

static inline struct drv_eventfd *drv_eventfd(const struct drv *drv, drv_file_id file)
{
    return (struct drv_eventfd *)drv->file[file];
}

static inline struct drv_epoll *drv_epoll(const struct drv *drv, drv_file_id file)
{
    return (struct drv_epoll *)drv->file[file];
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

static inline struct drv_fd *drv_fd_table(const struct drv *drv, drv_task_id task)
{
    return drv->fd + drv->config->task_process[task] * drv->config->fds;
}

#endif
