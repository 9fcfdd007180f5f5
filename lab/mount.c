/*
 * lab/mount.c - see mount.h.
 *
 * One thread: requests of the kernel, the hardware's next moment, the end of the command and
 * SIGINT are sources of our own loop.  A read that finds nothing is put off until a driver
 * wakes its file; whoever polls is told then, too.  Blocks of drivers run one at a time,
 * operation by operation between the steps of the hardware.
 */
#define _GNU_SOURCE
#define FUSE_USE_VERSION 34
#include "lab/mount.h"

#include <errno.h>
#include <fuse_lowlevel.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drivers/file.h"
#include "drivers/state.h"
#include "lab/real_time.h"
#include "loop/loop.h"

enum { PUT_OFF_MAX = 64, READ_MAX = 4096, NAME_MODE = S_IFREG | 0444, FIRST_INODE = 2 };

/* A read or write that is under way. */
struct pending {
    fuse_req_t request; /* 0: free */
    unsigned file;
    size_t size, done; /* done: bytes that the driver has written */
    uint8_t *bytes;    /* of a write */
    bool write, nonblock;
    bool asks;   /* its block, or the next of them, has to run first */
    bool runs;   /* and does */
    bool broken; /* its caller was interrupted meanwhile */
    bool own;    /* the wake of its file that is to be passed on is its own block's */
};

/* Where blocks run: tasks that do nothing, of a name that nobody gives by chance. */
enum { PLACES = 4, NOBODY = -1 };

static const char places_text[] = "\ntask mounted_here * 4 { }\n";
static const char places_name[] = "mounted_here";

struct place {
    unsigned task;
    int pending; /* for whom, or NOBODY */
};

struct mount {
    struct lab_real real; /* first: it hands this on */
    struct lab *lab;
    struct fuse_session *session;
    struct loop loop;
    loop_id tick;
    bool begun;                                    /* a file was opened: time runs */
    struct fuse_pollhandle *poller[DRV_FILES_MAX]; /* to be told of the next wake */
    struct pending pending[PUT_OFF_MAX];
    struct place place[PLACES];
    uint32_t woken[(DRV_FILES_MAX + 31) / 32]; /* files that a driver has woken */
    pid_t command;
    int command_status;
};

static struct mount *mount_of(fuse_req_t request)
{
    return fuse_req_userdata(request);
}

/* ---- files ---- */

static const char *name_of(const struct mount *mount, unsigned file)
{
    return lab_program_name(mount->lab->program, mount->lab->program->file_name[file]);
}

/* The file of an inode, -1: none. */
static int file_of(const struct mount *mount, fuse_ino_t inode)
{
    const struct drv_config *drv = &mount->lab->program->drv;
    fuse_ino_t file = inode - FIRST_INODE;

    if (inode < FIRST_INODE || file >= drv->fixed_files ||
        drv->file[file].kind != DRV_FILE_DEVICE)
        return -1;
    return (int)file;
}

/* Nobody will ever queue anything again. */
static bool is_over(struct mount *mount)
{
    const struct lab *lab = mount->lab;

    if (!mount->begun || !lab_real_worlds_are_done(&mount->real))
        return false;
    for (unsigned a = lab->first[LAB_WHO_TIMER]; a < lab->actors; a++) {
        unsigned who = lab->actor[a].who;

        if (who != LAB_WHO_TASK && who != LAB_WHO_TIMEOUT && who != LAB_WHO_ALARM &&
            lab_enabled(mount->lab, a))
            return false;
    }
    return true;
}

/* Takes up to @size bytes out of the driver's queue, as a task's read() would. */
static size_t take(struct mount *mount, unsigned file, char *bytes, size_t size)
{
    struct lab *lab = mount->lab;
    uint16_t cells[READ_MAX];
    struct drv_call call = {.nr = DRV_NR_READ, .buf = cells, .buf_max = READ_MAX};
    struct drv_io io = {.file = (drv_file_id)file, .call = &call};
    unsigned n = drv_count(&lab->drv, (drv_file_id)file);

    io.count = size < READ_MAX ? (int64_t)size : READ_MAX;
    if (n == 0)
        return 0;
    if (io.count < (int64_t)n)
        n = (unsigned)io.count;
    lab_real_record(&mount->real, lab->first[LAB_WHO_TASK]);
    drv_file_ops(&lab->drv, (drv_file_id)file)->read(&lab->drv, &io);
    lab_ledger_fold(lab);
    for (unsigned i = 0; i < n; i++)
        bytes[i] = (char)cells[i];
    return n;
}

/* Does the driver of @file have this block? */
static bool has_block(const struct mount *mount, unsigned file, enum drv_block block)
{
    const struct drv_config *drv = &mount->lab->program->drv;

    return drv->driver[drv->file[file].driver].has[block];
}

static struct place *free_place(struct mount *mount)
{
    for (unsigned i = 0; i < PLACES; i++)
        if (mount->place[i].pending == NOBODY)
            return &mount->place[i];
    return NULL;
}

static bool lend(struct mount *mount, const struct place *place, unsigned file,
                 enum drv_block block, uint8_t value)
{
    struct drv_need need = {.block = (uint8_t)block,
                            .driver = mount->lab->program->drv.file[file].driver,
                            .file = (uint8_t)file,
                            .value = value};

    return lab_lend(mount->lab, place->task, &need);
}

static enum lab_lent step_block(struct mount *mount, const struct place *place,
                                int64_t *ret_value)
{
    enum lab_lent how;

    lab_real_record(&mount->real, mount->lab->actor_of_task[place->task]);
    how = lab_lent_step(mount->lab, place->task, ret_value);
    lab_ledger_fold(mount->lab);
    mount->real.put_out(&mount->real);
    return how;
}

/* What is true now; the driver's own opinion if it has one, and there is room to hear it. */
static unsigned level(struct mount *mount, unsigned file)
{
    unsigned events = drv_count(&mount->lab->drv, (drv_file_id)file) ? POLLIN | POLLRDNORM : 0u;
    const struct place *place = free_place(mount);
    int64_t said = 0;

    if (has_block(mount, file, DRV_BLOCK_WRITE))
        events |= POLLOUT | POLLWRNORM;
    if (place && has_block(mount, file, DRV_BLOCK_POLL) &&
        lend(mount, place, file, DRV_BLOCK_POLL, 0)) {
        while (step_block(mount, place, &said) == LAB_LENT_GOES_ON)
            ;
        events = (unsigned)said;
    }
    return is_over(mount) ? events | POLLHUP : events;
}

/* The read can be answered, or gives up, or waits for the next wake. */
static void finish_read(struct mount *mount, struct pending *read)
{
    char bytes[READ_MAX];
    size_t n = take(mount, read->file, bytes, read->size);

    if (n > 0 || is_over(mount))
        fuse_reply_buf(read->request, bytes, n);
    else if (read->nonblock)
        fuse_reply_err(read->request, EAGAIN);
    else
        return;
    read->request = NULL;
}

static void finish_write(struct pending *write)
{
    fuse_reply_write(write->request, write->size);
    free(write->bytes);
    *write = (struct pending){.request = NULL};
}

/* Its caller was interrupted, and nothing runs for it. */
static void cancel(struct pending *call)
{
    if (call->done)
        fuse_reply_write(call->request, call->done);
    else
        fuse_reply_err(call->request, EINTR);
    free(call->bytes);
    *call = (struct pending){.request = NULL};
}

/* The block that ran at @place has ended. */
static void block_ended(struct mount *mount, struct place *place)
{
    struct pending *call = &mount->pending[place->pending];

    place->pending = NOBODY;
    call->runs = false;
    if (!call->write) {
        call->asks = false;
        finish_read(mount, call);
    } else if (++call->done == call->size) {
        finish_write(call);
    }
    if (call->request && call->broken)
        cancel(call);
}

/* The block at @place sleeps for a caller who has gone. */
static bool drop_block(struct mount *mount, struct place *place)
{
    struct pending *call = &mount->pending[place->pending];

    if (!call->broken || !lab_lent_drop(mount->lab, place->task))
        return false;
    place->pending = NOBODY;
    call->runs = false;
    cancel(call);
    return true;
}

/* The next block of @call starts if there is a place. */
static void start_block(struct mount *mount, int call)
{
    struct pending *next = &mount->pending[call];
    struct place *place = free_place(mount);

    if (!place || !next->request || !next->asks || next->runs)
        return;
    place->pending = call;
    next->runs = true;
    if (!lend(mount, place, next->file, next->write ? DRV_BLOCK_WRITE : DRV_BLOCK_READ,
              next->write ? next->bytes[next->done] : 0))
        block_ended(mount, place);
}

static bool is_woken(const struct mount *mount, unsigned file)
{
    return mount->woken[file / 32] >> file % 32 & 1;
}

/* One operation of each block.  False: there is none, or all wait. */
static bool run_blocks(struct mount *mount)
{
    bool any = false;

    for (int i = 0; i < PUT_OFF_MAX; i++)
        start_block(mount, i);
    for (unsigned i = 0; i < PLACES; i++) {
        int64_t value;
        enum lab_lent how;

        struct pending *call;
        bool before;

        if (mount->place[i].pending == NOBODY)
            continue;
        call = &mount->pending[mount->place[i].pending];
        before = is_woken(mount, call->file);
        how = step_block(mount, &mount->place[i], &value);
        call->own = !before && is_woken(mount, call->file);
        if (how == LAB_LENT_OVER)
            block_ended(mount, &mount->place[i]);
        any |= how != LAB_LENT_WAITS || drop_block(mount, &mount->place[i]);
    }
    return any;
}

/* Answers the reads that can be, tells who polls. */
static void answer(struct mount *mount, unsigned file)
{
    for (unsigned i = 0; i < PUT_OFF_MAX; i++) {
        struct pending *read = &mount->pending[i];

        bool own = read->own;

        read->own = false;
        if (!read->request || read->file != file || read->write || read->runs || own)
            continue;
        if (has_block(mount, file, DRV_BLOCK_READ) && !is_over(mount))
            read->asks = true; /* again after each wake */
        else
            finish_read(mount, read);
    }
    if (!mount->poller[file])
        return;
    fuse_lowlevel_notify_poll(mount->poller[file]);
    fuse_pollhandle_destroy(mount->poller[file]);
    mount->poller[file] = NULL;
}

/* ---- the hardware ---- */

/* A step of the hardware: its drivers' wakes are passed on once the step is over. */
static void put_out(struct lab_real *real)
{
    struct mount *mount = (struct mount *)(void *)real;
    const struct sim_trace *trace = &real->lab->trace;

    for (unsigned i = 0; i < trace->count; i++) {
        if (trace->records[i].kind == SIM_EV_WAKE)
            mount->woken[trace->records[i].object / 32] |= 1u << trace->records[i].object % 32;
    }
}

/*
 * Everything whose time has come; *ret_next as lab_real_turn() says.  Two reads may wake each
 * other for ever: after so many rounds the programs are asked again.
 */
static void turn(struct mount *mount, uint64_t *ret_next)
{
    enum { ROUNDS = 1000 };

    bool any;
    unsigned rounds = 0;

    do {
        *ret_next = UINT64_MAX;
        any = lab_real_turn(&mount->real, ret_next);
        any |= run_blocks(mount);
        for (unsigned f = 0; f < mount->lab->program->drv.fixed_files; f++)
            if (is_woken(mount, f)) {
                mount->woken[f / 32] &= ~(1u << f % 32);
                answer(mount, f);
            }
    } while (any && ++rounds < ROUNDS);
    if (any)
        *ret_next = 0;
}

static void due(struct loop *loop, const struct loop_ready *ready, void *arg)
{
    struct mount *mount = arg;
    uint64_t next, now;

    (void)ready;
    mount->tick = 0;
    turn(mount, &next);
    for (unsigned f = 0; f < mount->lab->program->drv.fixed_files && is_over(mount); f++)
        answer(mount, f);
    now = lab_real_now(&mount->real);
    if (next != UINT64_MAX)
        mount->tick = loop_add_timer(loop, next > now ? next - now : 1, 0, due, mount);
}

/* Something may be due before what was planned. */
static void look_again(struct mount *mount)
{
    if (mount->tick)
        loop_remove(&mount->loop, mount->tick);
    mount->tick = loop_add_timer(&mount->loop, 0, 0, due, mount);
}

/* ---- what the kernel asks ---- */

static void fill_stat(const struct mount *mount, fuse_ino_t inode, struct stat *ret_stat)
{
    int file = file_of(mount, inode);
    mode_t written = file >= 0 && has_block(mount, (unsigned)file, DRV_BLOCK_WRITE) ? 0222 : 0;

    memset(ret_stat, 0, sizeof(*ret_stat));
    ret_stat->st_ino = inode;
    ret_stat->st_mode = inode == FUSE_ROOT_ID ? S_IFDIR | 0555 : NAME_MODE | written;
    ret_stat->st_nlink = inode == FUSE_ROOT_ID ? 2 : 1;
    ret_stat->st_uid = getuid();
    ret_stat->st_gid = getgid();
}

static void do_lookup(fuse_req_t request, fuse_ino_t parent, const char *name)
{
    const struct mount *mount = mount_of(request);
    struct fuse_entry_param entry = {.attr_timeout = 1, .entry_timeout = 1};

    for (unsigned f = 0; f < mount->lab->program->drv.fixed_files; f++) {
        if (parent != FUSE_ROOT_ID || file_of(mount, f + FIRST_INODE) < 0 ||
            strcmp(name_of(mount, f), name) != 0)
            continue;
        entry.ino = f + FIRST_INODE;
        fill_stat(mount, entry.ino, &entry.attr);
        fuse_reply_entry(request, &entry);
        return;
    }
    fuse_reply_err(request, ENOENT);
}

static void do_getattr(fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *info)
{
    struct stat status;

    (void)info;
    fill_stat(mount_of(request), inode, &status);
    fuse_reply_attr(request, &status, 1);
}

static void do_readdir(fuse_req_t request, fuse_ino_t inode, size_t size, off_t offset,
                       struct fuse_file_info *info)
{
    const struct mount *mount = mount_of(request);
    char bytes[READ_MAX];
    size_t used = 0;

    (void)info;
    if (inode != FUSE_ROOT_ID) {
        fuse_reply_err(request, ENOTDIR);
        return;
    }
    size = size < sizeof(bytes) ? size : sizeof(bytes);
    for (unsigned f = (unsigned)offset; f < mount->lab->program->drv.fixed_files; f++) {
        struct stat status;
        size_t needed;

        if (file_of(mount, f + FIRST_INODE) < 0)
            continue;
        fill_stat(mount, f + FIRST_INODE, &status);
        needed = fuse_add_direntry(request, bytes + used, size - used, name_of(mount, f),
                                   &status, f + 1);
        if (needed > size - used)
            break;
        used += needed;
    }
    fuse_reply_buf(request, bytes, used);
}

static void do_open(fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *info)
{
    struct mount *mount = mount_of(request);

    if (file_of(mount, inode) < 0) {
        fuse_reply_err(request, EISDIR);
        return;
    }
    if ((info->flags & O_ACCMODE) != O_RDONLY &&
        !has_block(mount, (unsigned)file_of(mount, inode), DRV_BLOCK_WRITE)) {
        fuse_reply_err(request, EACCES);
        return;
    }
    info->direct_io = 1; /* each read() is one of ours, with its own count */
    info->nonseekable = 1;
    fuse_reply_open(request, info);
    if (mount->begun)
        return;
    mount->begun = true;
    lab_real_begin(&mount->real);
    look_again(mount);
}

/* The caller was interrupted by a signal; a block that runs for it goes on until it sleeps. */
static void give_up(fuse_req_t request, void *arg)
{
    struct pending *call = arg;

    if (call->request != request)
        return;
    if (!call->runs) {
        cancel(call);
        return;
    }
    call->broken = true;
    look_again(mount_of(request));
}

/* Puts a call on the list, and lets everything run that can.  False: no room. */
static bool enter(struct mount *mount, const struct pending *call)
{
    uint64_t next;

    for (unsigned i = 0; i < PUT_OFF_MAX; i++) {
        if (mount->pending[i].request)
            continue;
        mount->pending[i] = *call;
        turn(mount, &next);
        if (mount->pending[i].request == call->request)
            fuse_req_interrupt_func(call->request, give_up, &mount->pending[i]);
        look_again(mount);
        return true;
    }
    return false;
}

static void do_read(fuse_req_t request, fuse_ino_t inode, size_t size, off_t offset,
                    struct fuse_file_info *info)
{
    struct mount *mount = mount_of(request);
    struct pending call = {.request = request,
                           .file = (unsigned)file_of(mount, inode),
                           .size = size,
                           .nonblock = info->flags & O_NONBLOCK};

    (void)offset;
    call.asks = has_block(mount, call.file, DRV_BLOCK_READ);
    if (!call.asks)
        finish_read(mount, &call);
    if (call.request && !enter(mount, &call))
        fuse_reply_err(request, EBUSY);
}

static void do_write(fuse_req_t request, fuse_ino_t inode, const char *bytes, size_t size,
                     off_t offset, struct fuse_file_info *info)
{
    struct mount *mount = mount_of(request);
    struct pending call = {.request = request,
                           .file = (unsigned)file_of(mount, inode),
                           .size = size,
                           .write = true,
                           .asks = true};

    (void)offset;
    (void)info;
    if (size == 0) {
        fuse_reply_write(request, 0);
        return;
    }
    call.bytes = malloc(size);
    if (!call.bytes) {
        fuse_reply_err(request, ENOMEM);
        return;
    }
    memcpy(call.bytes, bytes, size);
    if (enter(mount, &call))
        return;
    free(call.bytes);
    fuse_reply_err(request, EBUSY);
}

static void do_poll(fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *info,
                    struct fuse_pollhandle *handle)
{
    struct mount *mount = mount_of(request);
    unsigned file = (unsigned)file_of(mount, inode);

    (void)info;
    if (handle) {
        if (mount->poller[file])
            fuse_pollhandle_destroy(mount->poller[file]);
        mount->poller[file] = handle;
    }
    fuse_reply_poll(request, level(mount, file));
}

static const struct fuse_lowlevel_ops operations = {
    .lookup = do_lookup,
    .getattr = do_getattr,
    .readdir = do_readdir,
    .open = do_open,
    .read = do_read,
    .write = do_write,
    .poll = do_poll,
};

static void asked(struct loop *loop, const struct loop_ready *ready, void *arg)
{
    struct mount *mount = arg;
    struct fuse_buf request = {.mem = NULL};
    int n = fuse_session_receive_buf(mount->session, &request);

    (void)ready;
    if (n > 0)
        fuse_session_process_buf(mount->session, &request);
    else if (n != -EINTR && n != -EAGAIN)
        loop_stop(loop); /* unmounted by somebody */
    free(request.mem);
}

/* ---- begin and end ---- */

static void interrupted(struct loop *loop, const struct loop_ready *ready, void *arg)
{
    (void)ready;
    (void)arg;
    loop_stop(loop);
}

static void command_ended(struct loop *loop, const struct loop_ready *ready, void *arg)
{
    struct mount *mount = arg;

    mount->command_status = WIFEXITED(ready->value) ? WEXITSTATUS(ready->value) : 1;
    loop_stop(loop);
}

static bool start_command(struct mount *mount, const struct lab_mount_options *options)
{
    mount->command = fork();
    if (mount->command == 0) {
        if (chdir(options->directory) == 0)
            execvp(options->command[0], options->command);
        perror(options->command[0]);
        _exit(127);
    }
    return mount->command > 0 &&
           loop_add_child(&mount->loop, mount->command, command_ended, mount) > 0;
}

static int serve(struct mount *mount, const struct lab_mount_options *options)
{
    int code = LAB_EXIT_INTERNAL;

    if (loop_open(&mount->loop, &(struct loop_options){.backend = "epoll"}) < 0)
        return code;
    if (loop_add_io(&mount->loop, fuse_session_fd(mount->session), LOOP_IN, asked, mount) > 0 &&
        loop_add_signal(&mount->loop, SIGINT, interrupted, mount) > 0 &&
        loop_add_signal(&mount->loop, SIGTERM, interrupted, mount) > 0 &&
        (!options->command || start_command(mount, options)))
        code = loop_run(&mount->loop) < 0 ? LAB_EXIT_INTERNAL : mount->command_status;
    loop_close(&mount->loop);
    return code;
}

static int mount_there(struct mount *mount, const struct lab_mount_options *options)
{
    char *words[] = {"irqlab", "-o", "fsname=irqlab,default_permissions"};
    struct fuse_args arguments = FUSE_ARGS_INIT(3, words);
    int code;

    mount->session = fuse_session_new(&arguments, &operations, sizeof(operations), mount);
    if (!mount->session || fuse_session_mount(mount->session, options->directory) != 0) {
        fprintf(stderr, "irqlab: cannot mount on %s\n", options->directory);
        if (mount->session)
            fuse_session_destroy(mount->session);
        fuse_opt_free_args(&arguments);
        return LAB_EXIT_CANNOT;
    }
    code = serve(mount, options);
    for (unsigned file = 0; file < DRV_FILES_MAX; file++)
        if (mount->poller[file])
            fuse_pollhandle_destroy(mount->poller[file]);
    fuse_session_unmount(mount->session);
    fuse_session_destroy(mount->session);
    fuse_opt_free_args(&arguments);
    return code;
}

static void find_places(struct mount *mount)
{
    const struct lab_program *program = mount->lab->program;
    unsigned found = 0;

    for (unsigned t = 0; t < program->drv.tasks && found < PLACES; t++)
        if (strncmp(lab_program_name(program, lab_program_tasks(program)[t].name), places_name,
                    sizeof(places_name) - 1) == 0)
            mount->place[found++] = (struct place){t, NOBODY};
}

static int run(struct mount *mount, const struct lab_program *program,
               const struct lab_mount_options *options)
{
    struct lab *lab = calloc(1, sizeof(*lab));
    uint8_t *bytes;
    int code = LAB_EXIT_INTERNAL;

    if (!lab)
        return code;
    lab_layout(lab, program, 0, lab_bench_sim_context_bytes());
    bytes = malloc(lab->arena.size + 1);
    if (bytes) {
        sim_arena_place(&lab->arena, bytes);
        lab_start(lab, &lab_bench_sim);
        mount->lab = lab;
        find_places(mount);
        mount->real = (struct lab_real){.lab = lab, .put_out = put_out};
        code = mount_there(mount, options);
    }
    free(bytes);
    free(lab);
    return code;
}

int lab_mount_scenario(const char *name, const struct lab_mount_options *options)
{
    struct lab_loaded *loaded = calloc(1, sizeof(*loaded));
    struct mount *mount = calloc(1, sizeof(*mount));
    struct lab_load_options load = options->load;
    struct lab_program *program = NULL;
    int code = LAB_EXIT_INTERNAL;

    load.also = places_text;
    if (loaded && mount) {
        code = access("/dev/fuse", R_OK | W_OK) == 0 ? LAB_EXIT_OK : LAB_EXIT_CANNOT;
        if (code == LAB_EXIT_CANNOT)
            fprintf(stderr, "irqlab: mount: /dev/fuse: %s\n", strerror(errno));
        if (code == LAB_EXIT_OK)
            code = lab_load(loaded, name, &load);
        if (code == LAB_EXIT_OK && loaded->points > 1) {
            fprintf(stderr, "irqlab: mount is for one point; pin the knobs with -D\n");
            code = LAB_EXIT_USAGE;
        }
        if (code == LAB_EXIT_OK)
            code = lab_load_point(loaded, 0, &program);
        if (code == LAB_EXIT_OK)
            code = run(mount, program, options);
        lab_unload(loaded);
    }
    free(program);
    free(mount);
    free(loaded);
    return code;
}
