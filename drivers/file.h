/*
 * drivers/file.h - the table of file kinds, and what the system calls share.
 *
 * Every kind of file has two independent functions: when it calls its wait queue, with which
 * key (each file's .c says so at the place where it does), and level(), what is true now.  All
 * that poll, select and epoll do follows from these two; docs/files.md has the table.
 *
 * Calling context: a task's step; drv_file_wake() also a handler's.
 */
#ifndef DRIVERS_FILE_H
#define DRIVERS_FILE_H

#include "drivers/wait.h"

/* A read or write under way. */
struct drv_io {
    drv_task_id task;
    drv_ofd_id ofd;
    drv_file_id file;
    const struct drv_call *call;
    uint64_t *counter; /* a read of a counter puts it here: any 64 bits, so no return value */
    int64_t count;     /* bytes asked for */
    int64_t offset;    /* regular files: where; < 0: at the description's offset */
    /* Where it sleeps if there is nothing to do yet; preset from the kind's row. */
    uint8_t sleep_flags; /* enum drv_wait_flag */
    uint8_t sleep_place; /* enum drv_wait_place */
    uint8_t sleep_keys;  /* which keys wake it, as drv_wait_pack(); 0: any */
    uint8_t passed;      /* sendfd: 1 + description to pass; recvfd: 1 + the one that came */
    bool disk;           /* it sleeps for a disk, whatever O_NONBLOCK says */
    uint8_t queue;       /* whose queue it sleeps on: the file, or a process's signals */
};

/* What read() and write() answer if there is nothing to do yet: not an error number. */
#define DRV_WOULD_SLEEP INT64_MIN

struct drv_file_ops {
    const char *name;
    bool epoll;          /* epoll_ctl accepts it */
    uint8_t sleep_flags; /* enum drv_wait_flag of blocked readers and writers */
    uint8_t sleep_place; /* enum drv_wait_place */
    uint8_t unit;        /* bytes of a read that names no number; 0: 8 */
    /* One look: >= 0 result, negative errno, or DRV_WOULD_SLEEP. */
    int64_t (*read)(struct drv *drv, struct drv_io *io);
    int64_t (*write)(struct drv *drv, struct drv_io *io);
    /* What is true now.  Counts as a poll: pipes remember it, instances drop stale entries. */
    uint32_t (*level)(struct drv *drv, drv_task_id task, drv_ofd_id ofd);
    /* The description was closed for good. */
    void (*release)(struct drv *drv, drv_ofd_id ofd);
    int64_t (*lseek)(struct drv *drv, drv_ofd_id ofd, int64_t offset, int64_t whence);
};

extern const struct drv_file_ops drv_device_file_ops, drv_regular_file_ops, drv_pipe_ops,
    drv_eventfd_ops, drv_epoll_ops, drv_socket_ops, drv_timerfd_ops, drv_signalfd_ops,
    drv_pidfd_ops, drv_pty_ops, drv_uring_ops;

/* The operations of a file. */
const struct drv_file_ops *drv_file_ops(const struct drv *drv, drv_file_id file);

/* The file calls its wait queue: recorded, then woken. @all: as in drv_wait_wake(). */
void drv_file_wake(struct drv *drv, drv_file_id file, enum drv_queue_id queue, uint32_t key,
                   bool all);

/* lseek() of a file that has no offset and does not say so: it stays at 0 (noop_llseek). */
int64_t drv_lseek_nowhere(struct drv *drv, drv_ofd_id ofd, int64_t offset, int64_t whence);

/* What is true of the open file now, poll {} included. */
uint32_t drv_level(struct drv *drv, drv_task_id task, drv_ofd_id ofd);

/* Does @ofd poll both queues: a named pipe open for reading and writing? */
bool drv_polls_both(const struct drv *drv, drv_ofd_id ofd);

/* The queue of the file on which those listen who poll @ofd. */
enum drv_queue_id drv_poll_queue(const struct drv *drv, drv_ofd_id ofd);
/* The file that is: the description's own, but for a signalfd the caller's signals. */
drv_file_id drv_poll_file(const struct drv *drv, drv_task_id task, drv_ofd_id ofd);

/* The file says POLLIN, POLLOUT or POLLHUP to those who asked for signals (O_ASYNC). */
void drv_file_signal(struct drv *drv, drv_file_id file, uint32_t band);

/* ---- descriptors and descriptions: fd.c ---- */

/* The table's entry of a descriptor number, 0 if the number is out of range. */
static inline struct drv_fd *drv_fd_entry(const struct drv *drv, drv_task_id task, int64_t fd)
{
    if (fd < DRV_FD_FIRST || fd >= DRV_FD_FIRST + drv->config->fds)
        return 0;
    return drv_fd_table(drv, task) + (fd - DRV_FD_FIRST);
}

/* The description behind a descriptor of the task's process, DRV_NONE if there is none. */
static inline drv_ofd_id drv_fd_ofd(const struct drv *drv, drv_task_id task, int64_t fd)
{
    const struct drv_fd *entry = drv_fd_entry(drv, task, fd);

    return entry && entry->ofd ? (drv_ofd_id)(entry->ofd - 1) : DRV_NONE;
}

/* A free descriptor not below @from (a number), -1 if the table is full. */
int drv_fd_free(const struct drv *drv, drv_task_id task, int64_t from);
/* The empty table of @to's process becomes that of @from's. */
void drv_fd_copy_table(struct drv *drv, drv_task_id from, drv_task_id to);
/* The number that what the call makes will have: taken before, or the first free one; or -1. */
int drv_fd_next(const struct drv *drv, drv_task_id task);
/* The call takes @count numbers (at most 2) before it knows what it will make; gives back. */
void drv_fd_take(struct drv *drv, drv_task_id task, unsigned count);
void drv_fd_give_back(struct drv *drv, drv_task_id task, const struct drv_task *call);
void drv_fd_install(struct drv *drv, drv_task_id task, int fd, drv_ofd_id ofd, bool cloexec);
/* Closes a descriptor known to be open. */
void drv_fd_close(struct drv *drv, drv_task_id task, int64_t fd);
/* A new description with no reference yet, DRV_NONE if there are no more. */
drv_ofd_id drv_ofd_new(struct drv *drv, drv_file_id file, uint32_t flags);
void drv_ofd_get(struct drv *drv, drv_ofd_id ofd);
/* Gives a reference back; with the last one epoll entries go and the file is released. */
void drv_ofd_put(struct drv *drv, drv_ofd_id ofd);
bool drv_ofd_readable(const struct drv *drv, drv_ofd_id ofd);
bool drv_ofd_writable(const struct drv *drv, drv_ofd_id ofd);
/* Makes one descriptor of a new description of @file; or -EMFILE, -ENFILE. */
int drv_file_publish(struct drv *drv, drv_task_id task, drv_file_id file, uint32_t flags);
/* Takes a free slot of a kind whose record begins with its flags, and publishes it. */
int drv_file_make(struct drv *drv, drv_task_id task, enum drv_file_kind kind, uint32_t flags);
/* How many more descriptions there can be: 0, 1 or 2 (at least). */
unsigned drv_ofd_left(const struct drv *drv);

/* ---- the course of a call: call.c ---- */

/* Shall the call not block?  It is asked once: who has slept does not see O_NONBLOCK set. */
static inline bool drv_call_nonblock(const struct drv *drv, drv_task_id task, drv_ofd_id ofd)
{
    return drv->ofd[ofd].flags & DRV_O_NONBLOCK && !(drv->task[task].flags & DRV_TASK_SLEPT);
}

/* The model's own room ran out: recorded (LIMIT); returns -@error. */
int drv_exhausted(struct drv *drv, unsigned nr, int error);

static inline int64_t drv_arg(const struct drv_call *call, unsigned i)
{
    return i < call->argc ? call->args[i] : 0;
}

/* Parks the task; @entry (0: none) says where it queues.  Time-out as in the calls, < 0 none.
 */
enum drv_step drv_call_park(struct drv *drv, drv_task_id task, const struct drv_call *call,
                            const struct drv_wait_entry *entry, enum drv_wait_place place,
                            int64_t timeout_ns);
/* The call is over: recorded, everything it held given back. */
enum drv_step drv_call_return(struct drv *drv, drv_task_id task, const struct drv_call *call,
                              struct drv_result *ret_result, int64_t value);

/*
 * The same for a call that may have closed nothing yet: where its return closes a file that
 * others have closed meanwhile, that is a step of its own, and whom the call itself has woken
 * may come before it.
 */
enum drv_step drv_call_leave_last(struct drv *drv, drv_task_id task,
                                  const struct drv_call *call, struct drv_result *ret_result,
                                  int64_t value);

static inline enum drv_step drv_call_leave(struct drv *drv, drv_task_id task,
                                           const struct drv_call *call,
                                           struct drv_result *ret_result, int64_t value)
{
    const struct drv_task *record = &drv->task[task];

    if ((!record->ofd || drv->ofd[record->ofd - 1].refs > 1) &&
        !(record->flags & DRV_TASK_QUEUED))
        return drv_call_return(drv, task, call, ret_result, value);
    return drv_call_leave_last(drv, task, call, ret_result, value);
}

/* Does the call give bytes away? */
static inline bool drv_call_writes(const struct drv_call *call)
{
    return call->nr == DRV_NR_WRITE || call->nr == DRV_NR_FILL || call->nr == DRV_NR_SENDFD;
}

/* A wait reports: the @index-th entry. @id is the registration. */
void drv_call_report(struct drv *drv, const struct drv_call *call, uint32_t index, int64_t data,
                     uint32_t events, drv_file_id file, unsigned id);
/* A byte was read: the @index-th of the call. */
void drv_got(struct drv *drv, const struct drv_io *io, uint32_t index, uint8_t byte,
             unsigned token);
/* Forgets what poll {} blocks said: the look is over. */
void drv_look_forget(struct drv *drv, drv_task_id task);
/* The poll {} that has to run before @file's level is known, as its file; DRV_NONE: none. */
drv_file_id drv_look_need(const struct drv *drv, drv_task_id task, drv_file_id file);

/* Steps of the calls, one visible operation each. */
enum drv_step drv_fd_step(struct drv *drv, drv_task_id task, const struct drv_call *call,
                          struct drv_result *ret_result);
enum drv_step drv_other_step(struct drv *drv, drv_task_id task, const struct drv_call *call,
                             struct drv_result *ret_result);
int64_t drv_pipe_create(struct drv *drv, drv_task_id task, int64_t flags,
                        struct drv_result *ret_result);
int64_t drv_eventfd_create(struct drv *drv, drv_task_id task, int64_t initial, int64_t flags);
int64_t drv_epoll_create(struct drv *drv, drv_task_id task, int64_t flags);
/* O_TRUNC: its content is gone. */
void drv_regular_truncate(struct drv *drv, drv_file_id file);
int64_t drv_mkfifo(struct drv *drv, int64_t file);
int64_t drv_openpty(struct drv *drv, drv_task_id task, struct drv_result *ret_result);
/* Is it a named pipe of the scenario?  It is opened in steps of its own. */
bool drv_is_fifo(const struct drv *drv, int64_t file);
enum drv_step drv_fifo_open_step(struct drv *drv, drv_task_id task, const struct drv_call *call,
                                 struct drv_result *ret_result);
int64_t drv_timerfd_create(struct drv *drv, drv_task_id task, int64_t flags);
int64_t drv_timerfd_settime(struct drv *drv, drv_ofd_id ofd, int64_t first, int64_t interval);
int64_t drv_kill(struct drv *drv, int64_t pid, int64_t signal);
int64_t drv_sigprocmask(struct drv *drv, drv_task_id task, int64_t how, uint64_t set);
int64_t drv_signalfd(struct drv *drv, drv_task_id task, int64_t fd, uint64_t mask,
                     int64_t flags);
int64_t drv_pidfd_open(struct drv *drv, drv_task_id task, int64_t pid, int64_t flags);
int64_t drv_setrlimit(struct drv *drv, drv_task_id task, int64_t what, int64_t limit);
int64_t drv_fork(struct drv *drv, drv_task_id task, struct drv_result *ret_result);
int64_t drv_exec(struct drv *drv, drv_task_id task);
enum drv_step drv_wait_step(struct drv *drv, drv_task_id task, const struct drv_call *call,
                            struct drv_result *ret_result);
/* 0 if @ofd is a socket's, else the error. */
int64_t drv_socket_check(const struct drv *drv, drv_ofd_id ofd);
int64_t drv_socket_pair(struct drv *drv, drv_task_id task, int64_t type,
                        struct drv_result *ret_result);
int64_t drv_socket_listen(struct drv *drv, drv_task_id task, int64_t name, int64_t backlog);
int64_t drv_socket_shutdown(struct drv *drv, drv_ofd_id ofd, int64_t how);
int64_t drv_socket_getopt(struct drv *drv, drv_ofd_id ofd, int64_t option);
int64_t drv_socket_setopt(struct drv *drv, drv_ofd_id ofd, int64_t option, int64_t value);
enum drv_step drv_connect_step(struct drv *drv, drv_task_id task, const struct drv_call *call,
                               struct drv_result *ret_result);
enum drv_step drv_accept_step(struct drv *drv, drv_task_id task, const struct drv_call *call,
                              struct drv_result *ret_result);
enum drv_step drv_poll_step(struct drv *drv, drv_task_id task, const struct drv_call *call,
                            struct drv_result *ret_result);
enum drv_step drv_epoll_ctl_step(struct drv *drv, drv_task_id task, const struct drv_call *call,
                                 struct drv_result *ret_result);
enum drv_step drv_epoll_wait_step(struct drv *drv, drv_task_id task,
                                  const struct drv_call *call, struct drv_result *ret_result);

/* The file whose poll {} the call's next step needs, DRV_NONE: none. */
drv_file_id drv_poll_need(const struct drv *drv, drv_task_id task, const struct drv_call *call);
drv_file_id drv_epoll_ctl_need(const struct drv *drv, drv_task_id task,
                               const struct drv_call *call);
drv_file_id drv_epoll_wait_need(const struct drv *drv, drv_task_id task,
                                const struct drv_call *call);
/* What the call does before it enters a poll {}. */
void drv_poll_begin(struct drv *drv, drv_task_id task, const struct drv_call *call);
void drv_epoll_ctl_begin(struct drv *drv, drv_task_id task, const struct drv_call *call);
void drv_epoll_wait_begin(struct drv *drv, drv_task_id task);
/* Does another task hold an instance that the call's next step needs? */
bool drv_poll_locked_out(const struct drv *drv, drv_task_id task, const struct drv_call *call);
bool drv_epoll_ctl_locked_out(const struct drv *drv, drv_task_id task,
                              const struct drv_call *call);
bool drv_epoll_wait_locked_out(const struct drv *drv, drv_task_id task,
                               const struct drv_call *call);

int64_t drv_io_setup(struct drv *drv, drv_task_id task, int64_t requests);
int64_t drv_io_cancel(struct drv *drv, drv_task_id task, int64_t number, int64_t request);
int64_t drv_io_destroy(struct drv *drv, drv_task_id task, int64_t number);
int64_t drv_uring_setup(struct drv *drv, drv_task_id task, int64_t entries);
enum drv_step drv_io_submit_step(struct drv *drv, drv_task_id task, const struct drv_call *call,
                                 struct drv_result *ret_result);
enum drv_step drv_io_getevents_step(struct drv *drv, drv_task_id task,
                                    const struct drv_call *call, struct drv_result *ret_result);
enum drv_step drv_uring_enter_step(struct drv *drv, drv_task_id task,
                                   const struct drv_call *call, struct drv_result *ret_result);
/* The task ends: what it submitted to rings is cancelled, which may belong to others, too. */
void drv_uring_end(struct drv *drv, drv_task_id task);
/* The process ended: its contexts of Linux AIO go. */
void drv_aio_end(struct drv *drv, unsigned process);
/* Adds 1 to an eventfd on behalf of the kernel: the only way to its very top. */
void drv_eventfd_signal(struct drv *drv, drv_file_id file);
/* A file calls a request that listens on it.  True: an exclusive wake may stop here. */
bool drv_job_woken(struct drv *drv, unsigned job, uint32_t key);
/* Does what the wakes of this step are for.  At the end of every step that can wake a file. */
void drv_jobs_run(struct drv *drv);

/* ---- epoll entries ---- */

/* A file calls an entry registered with it.  True: an exclusive wake may stop here. */
bool drv_epoll_item_woken(struct drv *drv, unsigned item, uint32_t key);
/* The description is gone: its entries go, too. */
void drv_epoll_forget(struct drv *drv, drv_ofd_id ofd);
/* Is @file an instance that a task other than @task holds, or has it such on its ready list? */
bool drv_epoll_busy(const struct drv *drv, drv_task_id task, drv_file_id file);

#endif
