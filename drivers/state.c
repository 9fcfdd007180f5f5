/* drivers/state.c - laying out the kernel's state, and looking into it. */
#include "drivers/state.h"

static uint32_t file_bytes(const struct drv *drv, drv_file_id file)
{
    const struct drv_config *config = drv->config;
    const struct drv_driver_config *driver = drv_driver_of(drv, file);

    switch (drv_file_kind(drv, file)) {
    case DRV_FILE_DEVICE:
        return (uint32_t)sizeof(struct drv_device_file) +
               (driver ? driver->queue : 0u) * (config->narrow_queues ? 1u : 2u);
    case DRV_FILE_REGULAR:
        return config->file[file].content_size;
    case DRV_FILE_PIPE:
        return (uint32_t)(sizeof(struct drv_pipe) +
                          config->pipe_bytes * sizeof(struct drv_pipe_cell));
    case DRV_FILE_EVENTFD:
        return sizeof(struct drv_eventfd);
    case DRV_FILE_EPOLL:
        return sizeof(struct drv_epoll);
    default:
        return 0;
    }
}

static void layout_files(struct drv *drv, struct sim_arena *arena,
                         const char *const *file_names)
{
    static const char *const slot_names[] = {
        [DRV_FILE_PIPE] = "pipe", [DRV_FILE_EVENTFD] = "eventfd", [DRV_FILE_EPOLL] = "epoll"};

    for (unsigned i = 0; i < drv->files; i++) {
        drv_file_id file = (drv_file_id)i;
        enum drv_file_kind kind = drv_file_kind(drv, file);
        bool fixed = i < drv->config->fixed_files;
        /* content rarely changes; an eventfd's counter is 64 bits wide */
        drv->file_ref[i] = sim_arena_add(
            arena, kind == DRV_FILE_REGULAR ? SIM_COLD : SIM_HOT, file_bytes(drv, file),
            kind == DRV_FILE_EVENTFD ? 8 : 2,
            fixed ? (file_names ? file_names[i] : 0) : "files",
            fixed ? (kind == DRV_FILE_REGULAR ? "content" : "queue") : slot_names[kind]);
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
    unsigned places = config->poll_max ? config->poll_max : 1u;

    return (uint16_t)(config->items + config->tasks * places + config->drivers);
}

void drv_layout(struct drv *drv, const struct drv_config *config, struct sim_arena *arena,
                const char *const *file_names, const char *const *task_names)
{
    (void)task_names; /* records of tasks lie side by side: small ones share a component */
    drv->config = config;
    drv->arena = arena;
    drv->first_pipe = config->fixed_files;
    drv->first_eventfd = (uint8_t)(drv->first_pipe + config->pipes);
    drv->first_epoll = (uint8_t)(drv->first_eventfd + config->eventfds);
    drv->files = (uint8_t)(drv->first_epoll + config->epolls);
    drv->waits_max = count_waits(config);
    number_poll_files(drv);
    layout_files(drv, arena, file_names);
    drv->item_ref =
        sim_arena_add(arena, SIM_HOT, config->items * (uint32_t)sizeof(struct drv_item), 4,
                      "epoll", "entries");
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
    drv->task = sim_arena_at(arena, drv->task_ref);
    drv->look = sim_arena_at(arena, drv->look_ref);
    drv->ofd = sim_arena_at(arena, drv->ofd_ref);
    drv->fd = sim_arena_at(arena, drv->fd_ref);
    drv->offset = has_regular_file(drv->config) ? sim_arena_at(arena, drv->offset_ref) : 0;
    drv->waits = sim_arena_at(arena, drv->waits_ref);
    drv->state = sim_arena_at(arena, drv->state_ref);
    drv->timeout_ns = sim_arena_at(arena, drv->timeout_ref);
}

static void clear(void *at, uint32_t bytes)
{
    uint8_t *byte = at;

    for (uint32_t i = 0; i < bytes; i++)
        byte[i] = 0;
}

void drv_reset(struct drv *drv)
{
    const struct drv_config *config = drv->config;

    for (unsigned i = 0; i < drv->files; i++) {
        const struct drv_file_config *file = &config->file[i];
        uint8_t *content = drv->file[i];
        clear(content, file_bytes(drv, (drv_file_id)i));
        if (i >= config->fixed_files || file->kind != DRV_FILE_REGULAR || !drv->content)
            continue;
        for (unsigned k = 0; k < file->content_size; k++)
            content[k] = drv->content[file->content_at + k];
    }
    clear(drv->item, config->items * (uint32_t)sizeof(struct drv_item));
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
    drv->readied.n = 0;
}

/* ---- looking ---- */

drv_file_id drv_holds(const struct drv *drv, unsigned token)
{
    unsigned width = drv->config->narrow_queues ? 1 : 2;

    for (unsigned i = 0; i < drv->config->fixed_files; i++) {
        const struct drv_device_file *queue = drv_device_file(drv, (drv_file_id)i);
        if (drv->config->file[i].kind != DRV_FILE_DEVICE)
            continue;
        for (unsigned k = 0; k < queue->n; k++)
            if (queue->cell[width * k] == token)
                return (drv_file_id)i;
    }
    for (unsigned i = drv->first_pipe; i < drv->first_eventfd; i++) {
        const struct drv_pipe *pipe = drv_pipe(drv, (drv_file_id)i);
        for (unsigned k = 0; k < pipe->cells; k++)
            if (pipe->cell[k].token == token)
                return (drv_file_id)i;
    }
    return DRV_NONE;
}

bool drv_task_has_open(const struct drv *drv, drv_task_id task, drv_file_id file)
{
    const struct drv_fd *table = drv_fd_table(drv, task);

    for (unsigned i = 0; i < drv->config->fds; i++)
        if (table[i].ofd && drv->ofd[table[i].ofd - 1].file == file)
            return true;
    return false;
}
