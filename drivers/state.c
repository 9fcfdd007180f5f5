/* drivers/state.c - laying out the kernel's state, and looking into it. */
#include "drivers/state.h"

#include "drivers/disk.h"

static uint32_t file_bytes(const struct drv *drv, drv_file_id file)
{
    const struct drv_config *config = drv->config;
    const struct drv_driver_config *driver = drv_driver_of(drv, file);

    switch (drv_file_kind(drv, file)) {
    case DRV_FILE_DEVICE:
        return (uint32_t)sizeof(struct drv_device_file) +
               (driver ? driver->queue : 0u) * (config->narrow_queues ? 1u : 2u);
    case DRV_FILE_REGULAR:
        return (uint32_t)sizeof(struct drv_regular) + drv_content_room(&config->file[file]);
    case DRV_FILE_PIPE:
        return (uint32_t)(sizeof(struct drv_pipe) +
                          config->pipe_bytes * sizeof(struct drv_cell));
    case DRV_FILE_FIFO:
        return (uint32_t)(sizeof(struct drv_pipe) +
                          config->pipe_bytes * sizeof(struct drv_cell));
    case DRV_FILE_SOCKET:
    case DRV_FILE_NAME:
        return (uint32_t)(sizeof(struct drv_socket) +
                          config->socket_packets * sizeof(struct drv_packet) +
                          config->pipe_bytes * sizeof(struct drv_cell));
    case DRV_FILE_AIO:
    case DRV_FILE_URING:
        return (uint32_t)(sizeof(struct drv_ring) + config->cqes * sizeof(struct drv_cqe));
    case DRV_FILE_PTY:
        return (uint32_t)(sizeof(struct drv_pty) +
                          config->pipe_bytes * sizeof(struct drv_cell));
    case DRV_FILE_TIMERFD:
        return sizeof(struct drv_timerfd);
    case DRV_FILE_SIGNALFD:
        return sizeof(struct drv_signalfd);
    case DRV_FILE_PIDFD:
        return sizeof(struct drv_pidfd);
    case DRV_FILE_EVENTFD:
        return sizeof(struct drv_eventfd);
    case DRV_FILE_EPOLL:
        return sizeof(struct drv_epoll);
    default:
        return 0;
    }
}

/* 64-bit counters; lengths of packets; all others are made of halves. */
static uint32_t alignment(enum drv_file_kind kind)
{
    switch (kind) {
    case DRV_FILE_EVENTFD:
    case DRV_FILE_TIMERFD:
    case DRV_FILE_SIGNALFD:
        return 8;
    case DRV_FILE_SOCKET:
    case DRV_FILE_NAME:
    case DRV_FILE_AIO:
    case DRV_FILE_URING:
    case DRV_FILE_REGULAR:
        return 4;
    default:
        return 2;
    }
}

static void layout_files(struct drv *drv, struct sim_arena *arena,
                         const char *const *file_names)
{
    static const char *const slot_names[] = {
        [DRV_FILE_PIPE] = "pipe",       [DRV_FILE_EVENTFD] = "eventfd",
        [DRV_FILE_EPOLL] = "epoll",     [DRV_FILE_SOCKET] = "socket",
        [DRV_FILE_TIMERFD] = "timerfd", [DRV_FILE_SIGNALFD] = "signalfd",
        [DRV_FILE_PIDFD] = "pidfd",     [DRV_FILE_PTY] = "pty",
        [DRV_FILE_AIO] = "aio",         [DRV_FILE_URING] = "io_uring",
    };

    for (unsigned i = 0; i < drv->files; i++) {
        drv_file_id file = (drv_file_id)i;
        enum drv_file_kind kind = drv_file_kind(drv, file);
        bool fixed = i < drv->config->fixed_files;
        /* content rarely changes; an eventfd's counter is 64 bits wide */
        drv->file_ref[i] = sim_arena_add(
            arena, kind == DRV_FILE_REGULAR ? SIM_COLD : SIM_HOT, file_bytes(drv, file),
            alignment(kind), fixed ? (file_names ? file_names[i] : 0) : "files",
            fixed ? (kind == DRV_FILE_REGULAR ? "content" : "queue") : slot_names[kind]);
    }
}

/* Numbers the files: those of the scenario, then what calls can make, kind by kind. */
static void number_files(struct drv *drv)
{
    const struct drv_config *config = drv->config;

    const struct {
        uint8_t kind, slots;
    } made[] = {
        {DRV_FILE_PIPE, config->pipes},       {DRV_FILE_EVENTFD, config->eventfds},
        {DRV_FILE_EPOLL, config->epolls},     {DRV_FILE_SOCKET, config->sockets},
        {DRV_FILE_TIMERFD, config->timerfds}, {DRV_FILE_SIGNALFD, config->signalfds},
        {DRV_FILE_PIDFD, config->pidfds},     {DRV_FILE_PTY, config->ptys},
        {DRV_FILE_AIO, config->aios},         {DRV_FILE_URING, config->urings},
    };

    drv->files = 0;
    while (drv->files < config->fixed_files) {
        drv->kind[drv->files] = config->file[drv->files].kind;
        drv->files++;
    }
    for (unsigned k = 0; k < sizeof(made) / sizeof(made[0]); k++) {
        drv->slot[made[k].kind] = drv->files;
        for (unsigned i = 0; i < made[k].slots && drv->files < DRV_FILES_MAX; i++)
            drv->kind[drv->files++] = made[k].kind;
        drv->slot_end[made[k].kind] = drv->files;
    }
}

/* Numbers the device files whose driver has a poll {}: their level takes a block to know. */
static void number_poll_files(struct drv *drv)
{
    drv->poll_files = 0;
    for (unsigned i = 0; i < DRV_FILES_MAX; i++)
        drv->poll_slot[i] = DRV_NONE;
    for (unsigned i = 0; i < drv->config->fixed_files; i++) {
        const struct drv_driver_config *driver = drv_driver_of(drv, (drv_file_id)i);
        if (driver && driver->has[DRV_BLOCK_POLL])
            drv->poll_slot[i] = drv->poll_files++;
    }
}

/* Has a driver blocks that run in the calls of tasks? */
static bool has_blocks(const struct drv_config *config)
{
    for (unsigned d = 0; d < config->drivers; d++)
        for (unsigned block = DRV_BLOCK_OPEN; block < DRV_BLOCKS; block++)
            if (config->driver[d].has[block])
                return true;
    return false;
}

static bool has_regular_file(const struct drv_config *config)
{
    for (unsigned i = 0; i < config->fixed_files; i++)
        if (config->file[i].kind == DRV_FILE_REGULAR)
            return true;
    return false;
}

/* One entry per registration and per place a waiter can sleep at. */
static uint16_t count_waits(const struct drv_config *config)
{
    unsigned places = config->poll_max ? config->poll_max : 1u, queues = 1;

    for (unsigned i = 0; i < config->fixed_files; i++)
        if (config->file[i].kind == DRV_FILE_FIFO)
            queues = 2;
    return (uint16_t)(queues * (config->items + config->tasks * places) + config->drivers +
                      config->jobs);
}

static uint32_t disk_bytes(const struct drv_config *config)
{
    return config->disks * (uint32_t)sizeof(struct drv_disk);
}

static void layout_processes(struct drv *drv, struct sim_arena *arena)
{
    const struct drv_config *config = drv->config;
    bool families = config->families || config->signals;

    drv->process_ref = sim_arena_add(
        arena, SIM_HOT, families ? config->processes * (uint32_t)sizeof(struct drv_process) : 0,
        4, "processes", "records");
    drv->blocked_ref = sim_arena_add(arena, SIM_HOT, config->signals ? config->tasks * 8u : 0,
                                     8, "tasks", "blocked");
    drv->owner_ref = sim_arena_add(
        arena, SIM_HOT, config->signals ? config->ofds * (uint32_t)sizeof(struct drv_owner) : 0,
        1, "files", "owners");
    drv->disk_ref = sim_arena_add(arena, SIM_HOT, disk_bytes(config), 8, "disks", "requests");
}

static void bind_processes(struct drv *drv)
{
    const struct sim_arena *arena = drv->arena;
    const struct drv_config *config = drv->config;

    drv->process =
        config->families || config->signals ? sim_arena_at(arena, drv->process_ref) : 0;
    drv->blocked = config->signals ? sim_arena_at(arena, drv->blocked_ref) : 0;
    drv->owner = config->signals ? sim_arena_at(arena, drv->owner_ref) : 0;
    drv->disk = config->disks ? sim_arena_at(arena, drv->disk_ref) : 0;
    drv->notifications = 0;
    drv->served = false;
}

void drv_layout(struct drv *drv, const struct drv_config *config, struct sim_arena *arena,
                const char *const *file_names, const char *const *task_names)
{
    (void)task_names; /* records of tasks lie side by side: small ones share a component */
    drv->config = config;
    drv->arena = arena;
    number_files(drv);
    drv->waits_max = count_waits(config);
    number_poll_files(drv);
    drv->blocks = has_blocks(config);
    layout_files(drv, arena, file_names);
    drv->item_ref =
        sim_arena_add(arena, SIM_HOT, config->items * (uint32_t)sizeof(struct drv_item), 4,
                      "epoll", "entries");
    drv->job_ref = sim_arena_add(
        arena, SIM_HOT, config->jobs * (uint32_t)sizeof(struct drv_job), 4, "aio", "jobs");
    drv->task_ref = sim_arena_add(
        arena, SIM_HOT, config->tasks * (uint32_t)sizeof(struct drv_task), 4, "tasks", "calls");
    drv->look_ref = sim_arena_add(arena, SIM_HOT, config->tasks * drv->poll_files * 2u, 2,
                                  "tasks", "levels");
    drv->ofd_ref =
        sim_arena_add(arena, SIM_HOT, config->ofds * (uint32_t)sizeof(struct drv_ofd), 2,
                      "files", "descriptions");
    drv->fd_ref = sim_arena_add(
        arena, SIM_HOT, config->processes * config->fds * (uint32_t)sizeof(struct drv_fd), 1,
        "files", "descriptors");
    drv->offset_ref =
        sim_arena_add(arena, SIM_HOT, has_regular_file(config) ? config->ofds * 4u : 0, 4,
                      "files", "offsets");
    layout_processes(drv, arena);
    drv->waits_ref = sim_arena_add(
        arena, SIM_HOT,
        (uint32_t)(sizeof(struct drv_waits) + drv->waits_max * sizeof(struct drv_wait_entry)),
        2, "files", "waiters");
    drv->state_ref =
        sim_arena_add(arena, SIM_HOT, config->tasks + config->drivers, 1, "tasks", "states");
    drv->timeout_ref =
        sim_arena_add(arena, SIM_CLOCK, config->tasks * 8u, 8, "tasks", "timeouts");
}

void drv_bind(struct drv *drv, struct sim_trace *trace, const uint8_t *token_byte)
{
    const struct sim_arena *arena = drv->arena;

    drv->trace = trace;
    drv->token_byte = token_byte;
    drv->readied.n = 0;
    drv->waking = false;
    for (unsigned i = 0; i < drv->files; i++)
        drv->file[i] = sim_arena_at(arena, drv->file_ref[i]);
    drv->item = sim_arena_at(arena, drv->item_ref);
    drv->job = sim_arena_at(arena, drv->job_ref);
    drv->dues = 0;
    drv->task = sim_arena_at(arena, drv->task_ref);
    drv->look = sim_arena_at(arena, drv->look_ref);
    drv->ofd = sim_arena_at(arena, drv->ofd_ref);
    drv->fd = sim_arena_at(arena, drv->fd_ref);
    drv->offset = has_regular_file(drv->config) ? sim_arena_at(arena, drv->offset_ref) : 0;
    bind_processes(drv);
    drv->waits = sim_arena_at(arena, drv->waits_ref);
    drv->state = sim_arena_at(arena, drv->state_ref);
    drv->timeout_ns = sim_arena_at(arena, drv->timeout_ref);
}

static void clear(void *at, uint32_t bytes)
{
    __builtin_memset(at, 0, bytes);
}

/* Every task that is no place for a child lives, in a process that lives. */
static void reset_processes(struct drv *drv)
{
    const struct drv_config *config = drv->config;

    if (drv->process)
        clear(drv->process, config->processes * (uint32_t)sizeof(struct drv_process));
    if (drv->blocked)
        clear(drv->blocked, config->tasks * 8u);
    if (drv->owner)
        clear(drv->owner, config->ofds * (uint32_t)sizeof(struct drv_owner));
    if (drv->disk)
        clear(drv->disk, disk_bytes(config));
    for (unsigned t = 0; t < config->tasks; t++)
        if (drv_is_helper(drv, t))
            drv->state[t] = DRV_ASLEEP;
        else if (config->task_parent[t])
            drv->task[t].flags = DRV_TASK_UNBORN;
        else if (drv->process)
            drv->process[config->task_process[t]].life = DRV_PROCESS_ALIVE;
}

void drv_reset(struct drv *drv)
{
    const struct drv_config *config = drv->config;

    for (unsigned i = 0; i < drv->files; i++) {
        const struct drv_file_config *file = &config->file[i];
        struct drv_regular *regular = drv->file[i];
        clear(drv->file[i], file_bytes(drv, (drv_file_id)i));
        if (i >= config->fixed_files || file->kind != DRV_FILE_REGULAR)
            continue;
        regular->size = file->content_size;
        for (unsigned k = 0; k < file->content_size && drv->content; k++)
            regular->content[k] = drv->content[file->content_at + k];
    }
    clear(drv->item, config->items * (uint32_t)sizeof(struct drv_item));
    clear(drv->job, config->jobs * (uint32_t)sizeof(struct drv_job));
    clear(drv->task, config->tasks * (uint32_t)sizeof(struct drv_task));
    clear(drv->look, config->tasks * drv->poll_files * 2u);
    clear(drv->ofd, config->ofds * (uint32_t)sizeof(struct drv_ofd));
    clear(drv->fd, config->processes * config->fds * (uint32_t)sizeof(struct drv_fd));
    if (drv->offset)
        clear(drv->offset, config->ofds * 4u);
    clear(drv->waits, (uint32_t)(sizeof(struct drv_waits) +
                                 drv->waits_max * sizeof(struct drv_wait_entry)));
    clear(drv->state, config->tasks + config->drivers);
    clear(drv->timeout_ns, config->tasks * 8u);
    reset_processes(drv);
    drv->alarmed = 0;
    drv->readied.n = 0;
}

/* ---- looking ---- */

/* @file holds @token, unless one before it does. */
static void hold(drv_file_id *holder, unsigned token, unsigned file)
{
    if (token && holder[token] == DRV_NONE)
        holder[token] = (drv_file_id)file;
}

static void hold_cells(drv_file_id *holder, const struct drv_cell *cell, unsigned cells,
                       unsigned file)
{
    for (unsigned k = 0; k < cells; k++)
        hold(holder, cell[k].token, file);
}

/* Its bytes, and connections that nobody has accepted. */
static void hold_socket(const struct drv *drv, drv_file_id *holder, unsigned file)
{
    const struct drv_socket *socket = drv_socket(drv, (drv_file_id)file);

    for (unsigned k = 0; k < socket->packets; k++)
        hold(holder, socket->packet[k].token, file);
    hold_cells(
        holder,
        (const struct drv_cell *)(const void *)(socket->packet + drv->config->socket_packets),
        socket->cells, file);
}

void drv_holders(const struct drv *drv, drv_file_id ret_holder[DRV_TOKENS])
{
    unsigned width = drv->config->narrow_queues ? 1 : 2;

    for (unsigned token = 0; token < DRV_TOKENS; token++)
        ret_holder[token] = DRV_NONE;
    for (unsigned i = 0; i < drv->config->fixed_files; i++) {
        const struct drv_device_file *queue = drv_device_file(drv, (drv_file_id)i);
        if (drv->config->file[i].kind != DRV_FILE_DEVICE)
            continue;
        for (unsigned k = 0; k < queue->n; k++)
            hold(ret_holder, queue->cell[width * k], i);
    }
    for (unsigned i = 0; i < drv->files; i++) {
        drv_file_id file = (drv_file_id)i;
        if (drv->kind[i] == DRV_FILE_PIPE || drv->kind[i] == DRV_FILE_FIFO)
            hold_cells(ret_holder, drv_pipe(drv, file)->cell, drv_pipe(drv, file)->cells, i);
        if (drv->kind[i] == DRV_FILE_PTY)
            hold_cells(ret_holder, drv_pty(drv, file)->cell, drv_pty(drv, file)->cells, i);
        if (drv_is_socket(drv, file))
            hold_socket(drv, ret_holder, i);
        if (drv->kind[i] == DRV_FILE_AIO || drv->kind[i] == DRV_FILE_URING)
            for (unsigned k = 0; k < drv_ring(drv, file)->cqes; k++)
                hold(ret_holder, drv_ring(drv, file)->cqe[k].token, i);
    }
    for (unsigned token = 1; drv->disk && token < DRV_TOKENS; token++)
        if (drv_disk_holds(drv, token) != DRV_NONE)
            hold(ret_holder, token, drv_disk_holds(drv, token));
}

drv_file_id drv_holds(const struct drv *drv, unsigned token)
{
    drv_file_id holder[DRV_TOKENS];

    drv_holders(drv, holder);
    return holder[token];
}

bool drv_task_has_open(const struct drv *drv, drv_task_id task, drv_file_id file)
{
    const struct drv_fd *table = drv_fd_table(drv, task);

    for (unsigned i = 0; i < drv->config->fds; i++)
        if (table[i].ofd && (drv->ofd[table[i].ofd - 1].file == file ||
                             drv_disk_feeds(drv, file, drv->ofd[table[i].ofd - 1].file)))
            return true;
    return false;
}
