/*
 * loop/core.c - sources, queues and turns of the event loop.
 *
 * Queues are rings of indices through the slots; the first slots are their heads: one of ready
 * sources per priority, and one of those that said loop_again().  Being in a queue is all that
 * "ready" means, so removing a source removes what was to be told to it, wherever it stands.
 *
 * Not modelled: nothing is inherited over fork(); a child makes a loop of its own.
 */
#include "loop/core.h"

#include "drivers/errno.h"
#include "loop/heap.h"

enum {
    QUEUE_READY = 1, /* + priority */
    QUEUE_AGAIN = QUEUE_READY + LOOP_PRIORITIES,
    FIRST_SOURCE = LOOP_HEADS,
    EVENTS_ASKED = LOOP_IN | LOOP_PRI | LOOP_OUT | LOOP_RDHUP,
    GENERATIONS = 128, /* 7 bits: an id stays positive */
};

_Static_assert(LOOP_SAID_AGAIN == 1 << (QUEUE_AGAIN - QUEUE_READY), "a queue, a bit");
_Static_assert(QUEUE_AGAIN + 1 == LOOP_HEADS, "every head has a slot");
_Static_assert(sizeof(struct loop_slot) == 32, "no padding");
_Static_assert(sizeof(struct loop_fd) == 20, "no padding");

/* ---- queues ---- */

static void link_before(struct loop_slot *slots, uint32_t index, uint32_t next)
{
    uint32_t prev = slots[next].prev;

    slots[index].next = next;
    slots[index].prev = prev;
    slots[prev].next = index;
    slots[next].prev = index;
}

static void unqueue(struct loop_core *core, uint32_t index)
{
    struct loop_slot *slots = core->at.slots, *slot = &slots[index];
    unsigned queue = slot->queue;

    slots[slot->prev].next = slot->next;
    slots[slot->next].prev = slot->prev;
    slot->next = slot->prev = 0;
    slot->queue = 0;
    if (slots[queue].next == queue)
        core->special &= ~(1u << (queue - QUEUE_READY));
}

static inline void leave_queue(struct loop_core *core, uint32_t index)
{
    if (core->at.slots[index].queue != 0)
        unqueue(core, index);
}

static void make_ready(struct loop_core *core, uint32_t index, unsigned events)
{
    struct loop_slot *slots = core->at.slots, *slot = &slots[index];

    slot->got = (uint16_t)(slot->got | events);
    if (slot->queue == QUEUE_AGAIN)
        leave_queue(core, index);
    if (slot->queue != 0)
        return;
    slot->queue = (uint8_t)(QUEUE_READY + slot->priority);
    link_before(slots, index, slot->kind == LOOP_CHECK ? slots[slot->queue].next : slot->queue);
    core->special |= 1u << slot->priority;
}

/* ---- arrays and slots ---- */

static void free_slots(struct loop_core *core, uint32_t from)
{
    for (uint32_t i = core->at.sources; i > from; i--) {
        core->at.slots[i - 1].next = core->free;
        core->free = i - 1;
    }
}

void loop_core_init(struct loop_core *core, const struct loop_arrays *at, uint64_t now_ns)
{
    *core = (struct loop_core){.at = *at, .now_ns = now_ns, .clock_ns = now_ns};
    for (uint32_t head = 0; head < LOOP_HEADS; head++)
        core->at.slots[head].next = core->at.slots[head].prev = head;
    free_slots(core, FIRST_SOURCE);
}

void loop_core_adopt(struct loop_core *core, const struct loop_arrays *at)
{
    uint32_t before = core->at.sources;

    core->at = *at;
    free_slots(core, before);
}

static bool has_descriptor(const struct loop_slot *slot)
{
    return slot->kind == LOOP_IO || slot->kind == LOOP_CHILD;
}

/* What a turn must look after while there is one of this kind. */
static unsigned special_of(unsigned kind)
{
    switch (kind) {
    case LOOP_IDLE:
        return LOOP_HAS_IDLE;
    case LOOP_PREPARE:
        return LOOP_HAS_PREPARE;
    case LOOP_CHECK:
        return LOOP_HAS_CHECK;
    default:
        return 0;
    }
}

/* Is it a reason for the loop to go on? */
static bool holds_open(unsigned kind)
{
    return kind != LOOP_PREPARE && kind != LOOP_CHECK;
}

static uint32_t take_slot(struct loop_core *core, enum loop_kind kind, int of)
{
    uint32_t index = core->free;
    struct loop_slot *slot = &core->at.slots[index];

    if (index == 0)
        return 0;
    core->free = slot->next;
    *slot = (struct loop_slot){
        .of = of,
        .kind = (uint8_t)kind,
        .priority = kind == LOOP_CHECK ? 0 : LOOP_PRIORITY_USUAL,
        .budget = LOOP_BUDGET_USUAL,
        .generation = slot->generation,
    };
    return index;
}

static void give_slot(struct loop_core *core, uint32_t index)
{
    struct loop_slot *slot = &core->at.slots[index];
    unsigned generation = (slot->generation + 1u) % GENERATIONS;

    *slot = (struct loop_slot){.next = core->free, .generation = (uint8_t)generation};
    core->free = index;
}

/* Takes @index off the list that starts at *@first. */
static void unlist(struct loop_slot *slots, uint32_t *first, uint32_t index)
{
    while (*first != index)
        first = &slots[*first].peer;
    *first = slots[index].peer;
}

/* ---- descriptors ---- */

static void note_change(struct loop_core *core, int fd)
{
    struct loop_fd *entry = &core->at.fds[fd];

    if (entry->listed)
        return;
    entry->listed = 1;
    entry->change = core->change;
    core->change = (uint32_t)fd + 1;
}

/* What loop_direct() needs to know, after a source of @fd or its events have changed. */
static void note_solo(struct loop_core *core, int fd)
{
    struct loop_fd *entry = &core->at.fds[fd];
    const struct loop_slot *slot = &core->at.slots[entry->first];
    bool solo = entry->first != 0 && slot->peer == 0 && slot->kind == LOOP_IO;

    entry->solo = solo ? loop_core_id(core, entry->first) : 0;
    entry->mask = solo && slot->want ? (uint16_t)(slot->want | LOOP_UNASKED) : 0;
}

static unsigned wanted(const struct loop_core *core, const struct loop_fd *entry)
{
    unsigned events = 0;

    for (uint32_t i = entry->first; i; i = core->at.slots[i].peer)
        events |= core->at.slots[i].want;
    return events;
}

bool loop_change_of(struct loop_core *core, int fd, struct loop_change *ret_change)
{
    struct loop_fd *entry = &core->at.fds[fd];
    unsigned events = wanted(core, entry);
    enum loop_change_op op = LOOP_MOD;

    if (events == entry->told && !(events && entry->disarmed))
        return false;
    if (events == 0)
        op = LOOP_DEL;
    else if (entry->told == 0)
        op = LOOP_ADD;
    if (op == LOOP_ADD)
        entry->tag++;
    entry->told = (uint16_t)events;
    entry->disarmed = 0;
    *ret_change = (struct loop_change){fd, (uint16_t)events, entry->tag, (uint8_t)op};
    return true;
}

bool loop_change(struct loop_core *core, struct loop_change *ret_change)
{
    while (core->change) {
        int fd = (int)(core->change - 1);
        struct loop_fd *entry = &core->at.fds[fd];

        core->change = entry->change;
        entry->change = 0;
        entry->listed = 0;
        if (loop_change_of(core, fd, ret_change))
            return true;
    }
    return false;
}

void loop_change_failed(struct loop_core *core, int fd)
{
    core->at.fds[fd].told = 0;
    core->at.fds[fd].disarmed = 0;
}

loop_id loop_core_add_io(struct loop_core *core, enum loop_kind kind, int fd, unsigned events)
{
    uint32_t index;

    if (fd < 0)
        return -DRV_EBADF;
    if (events & ~(unsigned)EVENTS_ASKED)
        return -DRV_EINVAL;
    if ((uint32_t)fd >= core->at.descriptors)
        return -DRV_EMFILE;
    index = take_slot(core, kind, fd);
    if (index == 0)
        return -DRV_ENOSPC;

    core->at.slots[index].want = (uint16_t)events;
    core->at.slots[index].peer = core->at.fds[fd].first;
    core->at.fds[fd].first = index;
    core->active += events != 0;
    note_solo(core, fd);
    if (events)
        note_change(core, fd);
    return loop_core_id(core, index);
}

int loop_core_set_events(struct loop_core *core, loop_id id, unsigned events)
{
    uint32_t index = loop_index(core, id);
    struct loop_slot *slot = &core->at.slots[index];

    if (index == 0)
        return -DRV_ENOENT;
    if (!has_descriptor(slot) || events & ~(unsigned)EVENTS_ASKED)
        return -DRV_EINVAL;
    if (events == slot->want)
        return 0;
    core->active += (uint32_t)(events != 0) - (uint32_t)(slot->want != 0);
    /* What it does not wait for now may come meanwhile: an edge back end must look again. */
    if (slot->want & ~events)
        core->at.fds[slot->of].disarmed = 1;
    slot->want = (uint16_t)events;
    note_solo(core, slot->of);
    slot->got &= (uint16_t)(events ? events | LOOP_UNASKED : 0);
    if (slot->got == 0)
        leave_queue(core, index);
    note_change(core, slot->of);
    return 0;
}

/* ---- timers ---- */

/* In the future, if only just: a timer set by a timer comes in a turn of its own. */
static uint64_t deadline(const struct loop_core *core, uint64_t delay_ns)
{
    if (delay_ns == 0)
        delay_ns = 1;
    return delay_ns > UINT64_MAX - core->now_ns ? UINT64_MAX : core->now_ns + delay_ns;
}

loop_id loop_core_add_timer(struct loop_core *core, uint64_t delay_ns, uint64_t repeat_ns)
{
    uint32_t index = take_slot(core, LOOP_TIMER, -1);

    if (index == 0)
        return -DRV_ENOSPC;
    core->at.slots[index].repeat_ns = repeat_ns;
    heap_insert(core, index, deadline(core, delay_ns));
    core->active++;
    return loop_core_id(core, index);
}

int loop_core_set_timer(struct loop_core *core, loop_id id, uint64_t delay_ns,
                        uint64_t repeat_ns)
{
    uint32_t index = loop_index(core, id);

    if (index == 0)
        return -DRV_ENOENT;
    if (core->at.slots[index].kind != LOOP_TIMER)
        return -DRV_EINVAL;
    core->at.slots[index].repeat_ns = repeat_ns;
    core->at.slots[index].got = 0;
    leave_queue(core, index);
    if (core->at.place[index]) {
        heap_set(core, index, deadline(core, delay_ns));
        return 0;
    }
    heap_insert(core, index, deadline(core, delay_ns));
    core->active++;
    return 0;
}

static bool has_due(const struct loop_core *core)
{
    return core->timers && core->at.heap[0].at_ns <= core->now_ns;
}

/* Takes the first timer out, or sets it to its first period after now: what was missed is one.
 */
static inline uint32_t expire(struct loop_core *core)
{
    uint32_t index = core->at.heap[0].index;
    uint64_t due = core->at.heap[0].at_ns, period = core->at.slots[index].repeat_ns;

    if (period) {
        heap_set(core, index, due + ((core->now_ns - due) / period + 1) * period);
        return index;
    }
    core->at.place[index] = 0;
    heap_take_first(core);
    core->active--;
    return index;
}

/* A timer without period whose callback has returned is no more, unless it was set again. */
static void end_timer(struct loop_core *core)
{
    uint32_t index = core->ending;

    core->ending = 0;
    if (core->at.slots[index].kind == LOOP_TIMER && core->at.place[index] == 0 &&
        core->at.slots[index].queue == 0)
        give_slot(core, index);
}

/* ---- sources of all kinds ---- */

loop_id loop_core_add(struct loop_core *core, enum loop_kind kind, int of)
{
    uint32_t index = take_slot(core, kind, of);

    if (index == 0)
        return -DRV_ENOSPC;
    core->at.slots[index].peer = core->kinds[kind];
    core->kinds[kind] = index;
    core->special |= special_of(kind);
    core->active += holds_open(kind);
    return loop_core_id(core, index);
}

int loop_core_remove(struct loop_core *core, loop_id id)
{
    uint32_t index = loop_index(core, id);
    struct loop_slot *slot = &core->at.slots[index];

    if (index == 0)
        return -DRV_ENOENT;
    leave_queue(core, index);
    if (slot->kind == LOOP_TIMER) {
        core->active -= core->at.place[index] != 0;
        heap_remove(core, index);
        if (core->ending == index)
            core->ending = 0;
    } else if (has_descriptor(slot)) {
        core->active -= slot->want != 0;
        unlist(core->at.slots, &core->at.fds[slot->of].first, index);
        note_solo(core, slot->of);
        note_change(core, slot->of);
    } else {
        core->active -= holds_open(slot->kind);
        unlist(core->at.slots, &core->kinds[slot->kind], index);
        if (core->kinds[slot->kind] == 0)
            core->special &= ~special_of(slot->kind);
    }
    give_slot(core, index);
    return 0;
}

int loop_core_set_priority(struct loop_core *core, loop_id id, unsigned priority)
{
    uint32_t index = loop_index(core, id);
    unsigned queue = core->at.slots[index].queue;

    if (index == 0)
        return -DRV_ENOENT;
    if (priority >= LOOP_PRIORITIES)
        return -DRV_EINVAL;
    if (queue != 0 && queue != QUEUE_AGAIN)
        leave_queue(core, index);
    core->at.slots[index].priority = (uint8_t)priority;
    if (priority != LOOP_PRIORITY_USUAL)
        core->special |= LOOP_HAS_PRIORITIES;
    if (queue != 0 && queue != QUEUE_AGAIN)
        make_ready(core, index, 0);
    return 0;
}

int loop_core_set_budget(struct loop_core *core, loop_id id, unsigned budget)
{
    uint32_t index = loop_index(core, id);

    if (index == 0)
        return -DRV_ENOENT;
    if (budget > UINT8_MAX)
        return -DRV_EINVAL;
    core->at.slots[index].budget = (uint8_t)budget;
    return 0;
}

int loop_core_tell(struct loop_core *core, loop_id id, unsigned events)
{
    uint32_t index = loop_index(core, id);

    if (index == 0)
        return -DRV_ENOENT;
    make_ready(core, index, events);
    return 0;
}

int loop_again(struct loop_core *core, loop_id id)
{
    uint32_t index = loop_index(core, id);
    struct loop_slot *slot = &core->at.slots[index];
    unsigned events;

    if (index == 0)
        return -DRV_ENOENT;
    events = has_descriptor(slot) ? slot->told & (slot->want | LOOP_UNASKED) : slot->told;
    if (slot->queue != 0 || events == 0 || (has_descriptor(slot) && slot->want == 0))
        return 0;
    slot->got = (uint16_t)events;
    slot->queue = QUEUE_AGAIN;
    core->special |= LOOP_SAID_AGAIN;
    link_before(core->at.slots, index, QUEUE_AGAIN);
    return 0;
}

bool loop_take(struct loop_core *core, loop_id id)
{
    uint32_t index = loop_index(core, id);
    struct loop_slot *slot = &core->at.slots[index];

    if (index == 0)
        return false;
    if (slot->budget == 0)
        return true;
    if (slot->left == 0) {
        loop_again(core, id);
        return false;
    }
    slot->left--;
    return true;
}

/* ---- turns ---- */

static void queue_kind(struct loop_core *core, enum loop_kind kind)
{
    for (uint32_t i = core->kinds[kind]; i; i = core->at.slots[i].peer)
        make_ready(core, i, LOOP_DUE);
}

/* A clock that went back stood still for once, and goes on from there. */
void loop_core_advance(struct loop_core *core, uint64_t clock_ns)
{
    if (clock_ns < core->clock_ns)
        core->skew_ns += core->clock_ns - clock_ns;
    core->clock_ns = clock_ns;
    core->now_ns = clock_ns + core->skew_ns;
}

bool loop_core_pending(const struct loop_core *core)
{
    return core->special & (LOOP_READY_ANY | LOOP_SAID_AGAIN);
}

void loop_core_rebase(struct loop_core *core)
{
    for (uint32_t i = 0; i < core->timers; i++) {
        struct loop_due *due = &core->at.heap[i];
        due->at_ns = due->at_ns > core->now_ns ? due->at_ns - core->now_ns : 0;
    }
    core->now_ns = core->skew_ns = core->clock_ns = 0;
}

int64_t loop_prepare(struct loop_core *core, uint64_t now_ns)
{
    uint64_t due;

    loop_core_advance(core, now_ns);
    if (core->special & (LOOP_READY_ANY | LOOP_SAID_AGAIN | LOOP_HAS_IDLE))
        return 0;
    if (core->timers == 0)
        return -1;
    due = core->at.heap[0].at_ns;
    if (due <= core->now_ns)
        return 0;
    return due - core->now_ns > INT64_MAX ? -1 : (int64_t)(due - core->now_ns);
}

void loop_core_lose(struct loop_core *core, int fd)
{
    for (uint32_t i = core->at.fds[fd].first; i; i = core->at.slots[i].peer) {
        if (core->at.slots[i].want == 0)
            continue;
        make_ready(core, i, LOOP_GONE);
        core->at.slots[i].want = 0;
        core->active--;
    }
    note_solo(core, fd);
    loop_change_failed(core, fd);
}

static void feed_one(struct loop_core *core, const struct loop_result *result)
{
    struct loop_fd *entry;

    if ((uint32_t)result->fd >= core->at.descriptors) {
        core->stale++;
        return;
    }
    entry = &core->at.fds[result->fd];
    if (entry->tag != result->tag || entry->told == 0) {
        core->stale++;
        return;
    }
    if (result->events & (LOOP_GONE | LOOP_DISARMED)) {
        if (result->events & LOOP_GONE) {
            loop_core_lose(core, result->fd);
            return;
        }
        entry->disarmed = 1;
        note_change(core, result->fd);
    }
    for (uint32_t i = entry->first; i; i = core->at.slots[i].peer) {
        const struct loop_slot *slot = &core->at.slots[i];
        unsigned hit = result->events & (slot->want | LOOP_UNASKED);

        if (hit && slot->want)
            make_ready(core, i, hit);
    }
}

/* Those who left something behind come after those who have just become ready. */
static void queue_again(struct loop_core *core)
{
    struct loop_slot *slots = core->at.slots;

    while (core->special & LOOP_SAID_AGAIN)
        make_ready(core, slots[QUEUE_AGAIN].next, 0);
}

void loop_feed(struct loop_core *core, uint64_t now_ns, const struct loop_result *results,
               unsigned count)
{
    loop_core_advance(core, now_ns);
    for (unsigned i = 0; i < count; i++)
        feed_one(core, &results[i]);
    /* Timers stand in queues only if somebody may come before them. */
    while (core->special & LOOP_HAS_PRIORITIES && has_due(core))
        make_ready(core, expire(core), LOOP_DUE);
    queue_again(core);
    if (!(core->special & LOOP_READY_ANY) && !has_due(core))
        queue_kind(core, LOOP_IDLE);
    queue_kind(core, LOOP_CHECK);
    core->special &= ~(unsigned)LOOP_SUSPECTS;
    core->turn_over = 0;
}

static inline void tell(struct loop_core *core, uint32_t index, unsigned events,
                        struct loop_ready *ret_ready)
{
    struct loop_slot *slot = &core->at.slots[index];

    ret_ready->id = loop_core_id(core, index);
    ret_ready->events = (uint16_t)events;
    ret_ready->kind = slot->kind;
    ret_ready->value = slot->kind == LOOP_TIMER ? -1 : slot->of;
    slot->told = (uint16_t)events;
    slot->got = 0;
    slot->left = slot->budget;
    if (slot->kind == LOOP_TIMER && slot->repeat_ns == 0)
        core->ending = index;
}

bool loop_next(struct loop_core *core, struct loop_ready *ret_ready)
{
    uint32_t index;

    if (core->ending)
        end_timer(core);
    if (!(core->special & LOOP_READY_ANY)) {
        if (has_due(core)) {
            tell(core, expire(core), LOOP_DUE, ret_ready);
            return true;
        }
        if (core->turn_over)
            return false;
        core->turn_over = 1;
        queue_kind(core, LOOP_PREPARE);
        if (!(core->special & LOOP_READY_ANY))
            return false;
    }
    index = core->at.slots[QUEUE_READY + __builtin_ctz(core->special)].next;
    leave_queue(core, index);
    tell(core, index, core->at.slots[index].got, ret_ready);
    return true;
}
