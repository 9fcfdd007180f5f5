/* drivers/wait.c - wait queues, after kernel/sched/wait.c and fs/select.c (pollwake). */
#include "drivers/wait.h"

#include "drivers/file.h"

static bool in_group(const struct drv_wait_entry *entry, drv_file_id file,
                     enum drv_queue_id queue)
{
    return entry->file == file && (entry->flags & DRV_WAIT_OTHER) == (unsigned)queue;
}

/* Groups are sorted by file, then queue. */
static unsigned order(const struct drv_wait_entry *entry)
{
    return (unsigned)entry->file << 1 | (entry->flags & DRV_WAIT_OTHER);
}

void drv_wait_add(struct drv *drv, struct drv_wait_entry entry, enum drv_wait_place place)
{
    struct drv_waits *waits = drv->waits;
    unsigned at = waits->n;

    if (waits->n == drv->waits_max)
        return;
    while (at > 0 &&
           (order(&waits->entry[at - 1]) > order(&entry) ||
            (place == DRV_WAIT_HEAD && order(&waits->entry[at - 1]) == order(&entry)))) {
        waits->entry[at] = waits->entry[at - 1];
        at--;
    }
    waits->entry[at] = entry;
    waits->n++;
}

/* Closes the gaps that dead entries leave. */
static void compact(struct drv *drv)
{
    struct drv_waits *waits = drv->waits;
    unsigned kept = 0;

    for (unsigned i = 0; i < waits->n; i++)
        if (!(waits->entry[i].flags & DRV_WAIT_DEAD))
            waits->entry[kept++] = waits->entry[i];
    for (unsigned i = kept; i < waits->n; i++)
        waits->entry[i] = (struct drv_wait_entry){0};
    waits->n = (uint16_t)kept;
}

void drv_wait_leave(struct drv *drv, unsigned waiter)
{
    struct drv_waits *waits = drv->waits;
    uint8_t held[256];
    unsigned holds = 0;
    bool any = false;

    for (unsigned i = 0; i < waits->n; i++) {
        struct drv_wait_entry *entry = &waits->entry[i];
        if (entry->flags & (DRV_WAIT_ITEM | DRV_WAIT_JOB) || entry->who != waiter)
            continue;
        if (entry->flags & DRV_WAIT_POLLER && holds < sizeof(held))
            held[holds++] = entry->ofd;
        entry->flags |= DRV_WAIT_DEAD;
        any = true;
    }
    if (any)
        compact(drv);
    /* only now: the last hold on a description may close a file, and that wakes others */
    for (unsigned i = 0; i < holds; i++)
        drv_ofd_put(drv, held[i]);
}

/* How often @waiter holds description @ofd as a sleeper of poll. */
static unsigned holds_of(const struct drv_waits *waits, unsigned waiter, unsigned ofd)
{
    unsigned count = 0;

    for (unsigned i = 0; i < waits->n; i++)
        count += waits->entry[i].flags & DRV_WAIT_POLLER && waits->entry[i].who == waiter &&
                 waits->entry[i].ofd == ofd;
    return count;
}

bool drv_wait_holds_last(const struct drv *drv, unsigned waiter)
{
    const struct drv_waits *waits = drv->waits;

    for (unsigned i = 0; i < waits->n; i++)
        if (waits->entry[i].flags & DRV_WAIT_POLLER && waits->entry[i].who == waiter &&
            drv->ofd[waits->entry[i].ofd].refs == holds_of(waits, waiter, waits->entry[i].ofd))
            return true;
    return false;
}

/* Takes who is on a queue as @kind off it. */
static void leave_as(struct drv *drv, enum drv_wait_flag kind, unsigned who)
{
    struct drv_waits *waits = drv->waits;
    bool any = false;

    for (unsigned i = 0; i < waits->n; i++)
        if (waits->entry[i].flags & kind && waits->entry[i].who == who) {
            waits->entry[i].flags |= DRV_WAIT_DEAD;
            any = true;
        }
    if (any)
        compact(drv);
}

void drv_wait_leave_item(struct drv *drv, unsigned item)
{
    leave_as(drv, DRV_WAIT_ITEM, item);
}

void drv_wait_leave_job(struct drv *drv, unsigned job)
{
    leave_as(drv, DRV_WAIT_JOB, job);
}

void drv_wait_leave_queue(struct drv *drv, drv_file_id file)
{
    struct drv_waits *waits = drv->waits;

    for (unsigned i = 0; i < waits->n; i++)
        if (waits->entry[i].file == file && waits->entry[i].flags & DRV_WAIT_ITEM)
            waits->entry[i].flags |= DRV_WAIT_DEAD;
    if (!drv->waking)
        compact(drv);
}

bool drv_wait_any(const struct drv *drv, drv_file_id file, enum drv_queue_id queue)
{
    for (unsigned i = 0; i < drv->waits->n; i++)
        if (in_group(&drv->waits->entry[i], file, queue) &&
            !(drv->waits->entry[i].flags & DRV_WAIT_DEAD))
            return true;
    return false;
}

uint8_t drv_wait_pack(uint32_t events)
{
    return (uint8_t)((events & (DRV_POLLIN | DRV_POLLPRI | DRV_POLLOUT | DRV_POLLERR |
                                DRV_POLLHUP | DRV_POLLRDNORM)) |
                     (events & DRV_POLLWRNORM ? 0x20 : 0) |
                     (events & DRV_POLLRDHUP ? 0x80 : 0));
}

static void ready(struct drv *drv, unsigned waiter)
{
    if (drv->readied.n < sizeof(drv->readied.waiter))
        drv->readied.waiter[drv->readied.n++] = (uint8_t)waiter;
}

/* A task in poll or select: it stays on the queue and remembers that it was called. */
static bool wake_poller(struct drv *drv, const struct drv_wait_entry *entry, uint32_t key)
{
    uint8_t *state = &drv->state[entry->who];

    if (key && !(drv_wait_pack(key) & entry->filter))
        return false;
    if (*state == DRV_AWAKE) {
        drv->task[entry->who].flags |= DRV_TASK_TRIGGERED;
    } else if (*state == DRV_ASLEEP) {
        *state = DRV_WOKEN;
        ready(drv, entry->who);
    }
    return true;
}

/* Everybody else leaves the queue.  False: it was awake already, another one shall be woken. */
static bool wake_sleeper(struct drv *drv, struct drv_wait_entry *entry, uint32_t key)
{
    uint8_t *state = &drv->state[entry->who];

    if (key && entry->filter && !(drv_wait_pack(key) & entry->filter))
        return false;
    entry->flags |= DRV_WAIT_DEAD;
    switch (*state) {
    case DRV_ASLEEP:
        *state = DRV_WOKEN;
        ready(drv, entry->who);
        return true;
    case DRV_TIMED:
        *state = DRV_WOKEN;
        return false;
    case DRV_PREPARED:
        *state = DRV_ALERTED;
        return true;
    case DRV_SLEEPING:
        *state = DRV_AWAKE;
        ready(drv, entry->who);
        return true;
    default:
        return false;
    }
}

static bool walk(struct drv *drv, drv_file_id file, enum drv_queue_id queue, uint32_t key,
                 bool all)
{
    struct drv_waits *waits = drv->waits;
    unsigned group = (unsigned)file << 1 | (unsigned)queue;
    bool any = false;

    for (unsigned i = 0; i < waits->n; i++) {
        struct drv_wait_entry *entry = &waits->entry[i];
        bool woke;
        if (order(entry) > group)
            break;
        if (order(entry) < group || entry->flags & DRV_WAIT_DEAD)
            continue;
        if (entry->flags & DRV_WAIT_ITEM)
            woke = drv_epoll_item_woken(drv, entry->who, key);
        else if (entry->flags & DRV_WAIT_JOB)
            woke = drv_job_woken(drv, entry->who, key);
        else if (entry->flags & DRV_WAIT_POLLER)
            woke = wake_poller(drv, entry, key);
        else
            woke = wake_sleeper(drv, entry, key);
        any = true;
        if (woke && entry->flags & DRV_WAIT_EXCLUSIVE && !all)
            break;
    }
    return any;
}

void drv_wait_wake(struct drv *drv, drv_file_id file, enum drv_queue_id queue, uint32_t key,
                   bool all)
{
    bool outermost = !drv->waking;

    /* a wake may wake an epoll instance's queues in turn: entries keep their places meanwhile
     */
    drv->waking = true;
    if (walk(drv, file, queue, key, all) && outermost)
        compact(drv);
    if (outermost)
        drv->waking = false;
}

void drv_prepare(struct drv *drv, unsigned waiter, drv_file_id file)
{
    struct drv_wait_entry entry = {.file = file, .who = (uint8_t)waiter};

    drv_finish(drv, waiter);
    drv_wait_add(drv, entry, DRV_WAIT_HEAD);
    drv->state[waiter] = DRV_PREPARED;
    sim_trace(drv->trace, SIM_EV_SLEEP, file, 0, 0);
}

bool drv_sleep(struct drv *drv, unsigned waiter, drv_file_id file)
{
    struct drv_wait_entry entry = {.file = file, .who = (uint8_t)waiter};

    if (drv->state[waiter] == DRV_ALERTED) {
        drv->state[waiter] = DRV_AWAKE;
        sim_trace(drv->trace, SIM_EV_SLEEP, file, 2, 0);
        return false;
    }
    drv_finish(drv, waiter);
    drv_wait_add(drv, entry, DRV_WAIT_HEAD);
    drv->state[waiter] = DRV_SLEEPING;
    sim_trace(drv->trace, SIM_EV_SLEEP, file, 1, 0);
    return true;
}

void drv_finish(struct drv *drv, unsigned waiter)
{
    struct drv_waits *waits = drv->waits;
    uint8_t state = drv->state[waiter];

    if (state == DRV_ALERTED)
        drv->state[waiter] = DRV_AWAKE;
    if (state != DRV_PREPARED)
        return;
    drv->state[waiter] = DRV_AWAKE;
    for (unsigned i = 0; i < waits->n; i++) {
        struct drv_wait_entry *entry = &waits->entry[i];
        if (!(entry->flags & (DRV_WAIT_ITEM | DRV_WAIT_POLLER | DRV_WAIT_JOB)) &&
            entry->who == waiter)
            entry->flags |= DRV_WAIT_DEAD;
    }
    compact(drv);
}
