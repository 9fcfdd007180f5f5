/*
 * loop/core.h - the event loop as an iterator: who waits for what, who is ready, who is next.
 *
 * The core makes no system call, keeps no pointer in its state and takes no memory: arrays and
 * ids that the caller owns.  A turn of the loop is
 *
 *     while (loop_next(core, &ready))           hand it to whom it concerns
 *         ...
 *     while (loop_change(core, &change))        tell the kernel what is watched
 *         ...
 *     timeout = loop_prepare(core, now)         sleep no longer than this
 *     loop_feed(core, now, results, count)      what the kernel reported
 *
 * and the same turn is made by a program that links the loop (loop/loop.h), by another loop
 * that this one is nested in, and by whoever steps it one call at a time.
 *
 * Contract of a callback, the same on every back end: it takes all that is there (to -EAGAIN or
 * a short count), or says loop_again().  A level back end forgives one that does not.
 *
 * Calling context: one thread.  Errors are negative errno.
 */
#ifndef LOOP_CORE_H
#define LOOP_CORE_H

#include <stdbool.h>
#include <stdint.h>

/* A source by index and generation; 0: none.  An id that was removed is never taken for
 * another.
 */
typedef int32_t loop_id;

enum loop_kind {
    LOOP_FREE,
    LOOP_IO,
    LOOP_CHILD, /* IO on a descriptor of a process */
    LOOP_TIMER,
    LOOP_SIGNAL,
    LOOP_WAKE,
    LOOP_IDLE,    /* when nothing else was ready in a turn */
    LOOP_PREPARE, /* last in a turn, before the wait */
    LOOP_CHECK,   /* first in a turn, after the wait */
    LOOP_KINDS,
};

/* Events, by poll(2)'s numbers. */
enum loop_event_bit {
    LOOP_IN = 0x001,
    LOOP_PRI = 0x002,
    LOOP_OUT = 0x004,
    LOOP_ERR = 0x008,
    LOOP_HUP = 0x010,
    LOOP_GONE = 0x020, /* the descriptor was closed while watched; the source is paused */
    LOOP_DUE = 0x100,  /* timers, signals and all that has no descriptor */
    LOOP_RDHUP = 0x2000,
    LOOP_UNASKED = LOOP_ERR | LOOP_HUP | LOOP_GONE,
    LOOP_DISARMED = 0x8000, /* of a result: the kernel will not report again until re-armed */
};

enum {
    LOOP_PRIORITIES = 4, /* 0 first */
    LOOP_PRIORITY_USUAL = 1,
    LOOP_BUDGET_USUAL = 64, /* takes per call, see loop_take() */
    LOOP_INDEX_BITS = 24,
    LOOP_SOURCES_MAX = (1 << LOOP_INDEX_BITS) - 1,
    LOOP_HEADS = LOOP_PRIORITIES + 2, /* slots at the start that head queues; 0 is nobody */
};

/* One source, or the head of a queue.  A free slot is zero but for `next` and `generation`. */
struct loop_slot {
    union {
        uint64_t repeat_ns; /* timer: period, 0 once */

        struct {
            int32_t of;    /* others: descriptor, signal; -1 none */
            uint32_t peer; /* next source of the same descriptor, or of the same kind */
        };
    };

    uint32_t next, prev; /* in its queue; a free slot's next free one */
    uint16_t want;       /* events it waits for; 0 paused */
    uint16_t got;        /* events to be told */
    uint16_t told;       /* events of the last call, for loop_again() */
    uint8_t budget, left;
    uint8_t kind, priority;
    uint8_t queue; /* head it stands behind, 0 none */
    uint8_t generation;
    uint8_t zero[4];
};

/* One descriptor, at its number. */
struct loop_fd {
    uint32_t first;   /* its sources */
    uint32_t change;  /* 1 + next descriptor whose interest changed */
    loop_id solo;     /* its only source, if that is one of IO; else 0 */
    uint16_t mask;    /* what that one can be told; 0 paused */
    uint16_t told;    /* what the kernel was told to watch; 0 nothing */
    uint16_t tag;     /* which registration: a report of an earlier one is stale */
    uint8_t listed;   /* on the list of changes */
    uint8_t disarmed; /* registered, but will not report */
};

struct loop_due {
    uint64_t at_ns;
    uint32_t index; /* of its source */
    uint32_t zero;
};

/* The caller's arrays.  Zeroed at first; may be moved and enlarged by loop_core_adopt(). */
struct loop_arrays {
    struct loop_slot *slots;
    struct loop_due *heap;
    uint32_t *place; /* per source: 1 + where in the heap, 0 not there */
    uint32_t
        sources; /* entries of the three above, LOOP_HEADS + 1 more than there are sources */
    struct loop_fd *fds;
    uint32_t descriptors; /* entries of fds */
};

/*
 * What a turn has to look after besides descriptors.  While it is none of this and no change is
 * to be told, a report can be told straight away: loop_direct().
 */
enum loop_special {
    LOOP_READY_ANY = 0xf, /* bit p: somebody of priority p is ready */
    LOOP_SAID_AGAIN = 0x10,
    LOOP_HAS_IDLE = 0x20,
    LOOP_HAS_PREPARE = 0x40,
    LOOP_HAS_CHECK = 0x80,
    LOOP_HAS_PRIORITIES = 0x100, /* somebody's is not the usual one */
    LOOP_SUSPECTS = 0x200,       /* a report of nobody: has it just been removed, or never? */
};

struct loop_core {
    struct loop_arrays at;
    uint64_t now_ns;
    uint64_t skew_ns;           /* what is added to a clock that went back */
    uint64_t clock_ns;          /* what the clock said last */
    uint32_t free;              /* first free slot */
    uint32_t timers;            /* entries of the heap */
    uint32_t dead;              /* of them those of sources that were taken out: loop/heap.h */
    uint32_t active;            /* sources that are not paused */
    uint32_t change;            /* 1 + first descriptor whose interest changed */
    uint32_t kinds[LOOP_KINDS]; /* first source of a kind, timers and IO apart */
    uint32_t ending;            /* a timer that is over once its callback has returned */
    uint32_t special;           /* enum loop_special */
    uint32_t stale;             /* results that belonged to nobody */
    uint8_t turn_over;          /* prepare sources of this turn have been queued */
};

struct loop_ready {
    loop_id id;
    uint16_t events;
    uint16_t kind;
    int32_t value; /* descriptor, signal; -1 none */
};

/* What the kernel is to be told about a descriptor. */
enum loop_change_op { LOOP_ADD = 1, LOOP_DEL = 2, LOOP_MOD = 3 };

struct loop_change {
    int32_t fd;
    uint16_t events;
    uint16_t tag;
    uint8_t op;
};

/* What the kernel reported of a descriptor; epoll_event's layout where that has no gap. */
struct loop_result {
    uint32_t events;
    int32_t fd;
    uint32_t tag; /* of the change that registered it */
};

/* An empty loop over zeroed arrays, at time @now_ns of the caller's clock. */
void loop_core_init(struct loop_core *core, const struct loop_arrays *at, uint64_t now_ns);

/* The arrays lie elsewhere now, with the same contents and zeroed entries behind them. */
void loop_core_adopt(struct loop_core *core, const struct loop_arrays *at);

/*
 * A source of descriptor @fd, waiting for @events; 0 adds it paused.  Several sources may watch
 * one descriptor: the kernel is told of their union.  @kind: LOOP_IO or LOOP_CHILD.
 * -EBADF negative descriptor, -EMFILE beyond the array, -ENOSPC no slot, -EINVAL bad events.
 */
loop_id loop_core_add_io(struct loop_core *core, enum loop_kind kind, int fd, unsigned events);

/* A source without descriptor: signal, wake, idle, prepare or check.  -ENOSPC: no slot. */
loop_id loop_core_add(struct loop_core *core, enum loop_kind kind, int of);

/*
 * A timer, due @delay_ns after the loop's time and then every @repeat_ns; without a period it
 * is removed once it was told and not set again meanwhile.  Missed periods are told as one.
 */
loop_id loop_core_add_timer(struct loop_core *core, uint64_t delay_ns, uint64_t repeat_ns);

/* Other events, 0 pauses.  -ENOENT: no such source, -EINVAL: not one with a descriptor. */
int loop_core_set_events(struct loop_core *core, loop_id id, unsigned events);

/* Due again @delay_ns from now.  -ENOENT, -EINVAL: no such timer. */
int loop_core_set_timer(struct loop_core *core, loop_id id, uint64_t delay_ns,
                        uint64_t repeat_ns);

/* 0 (first) to LOOP_PRIORITIES - 1. */
int loop_core_set_priority(struct loop_core *core, loop_id id, unsigned priority);

/* Takes per call, 1 to 255; 0: no bound. */
int loop_core_set_budget(struct loop_core *core, loop_id id, unsigned budget);

/* The source is no more, and what was to be told to it is forgotten.  -ENOENT. */
int loop_core_remove(struct loop_core *core, loop_id id);

/* Makes a source ready by itself: signals, wakes.  -ENOENT. */
int loop_core_tell(struct loop_core *core, loop_id id, unsigned events);

/* The source's callback left something behind: tell it again next turn, behind the others. */
int loop_again(struct loop_core *core, loop_id id);

/*
 * May the callback take one more?  False once its budget for this call is spent; then
 * loop_again() has been said for it.  So a client that never pauses cannot starve the others.
 */
bool loop_take(struct loop_core *core, loop_id id);

/* The next thing the kernel must be told; false: nothing any more. */
bool loop_change(struct loop_core *core, struct loop_change *ret_change);

/* The same of one descriptor, at once. */
bool loop_change_of(struct loop_core *core, int fd, struct loop_change *ret_change);

/* The kernel refused the change, or forgot the descriptor: it watches nothing there. */
void loop_change_failed(struct loop_core *core, int fd);

/* The descriptor was closed: its sources are told LOOP_GONE once, and paused. */
void loop_core_lose(struct loop_core *core, int fd);

/* Brings the loop's time up to what the caller's clock says; loop_prepare and loop_feed do too.
 */
void loop_core_advance(struct loop_core *core, uint64_t clock_ns);

/*
 * From now on the loop's time counts from this moment: it is 0, and so is that of timers that
 * are overdue.  For a caller that looks whether the loop has come back to where it was.
 */
void loop_core_rebase(struct loop_core *core);

/* How long to sleep from @now_ns on: 0 not at all, negative for ever, else nanoseconds. */
int64_t loop_prepare(struct loop_core *core, uint64_t now_ns);

/* What the wait brought; timers that are due at @now_ns are made ready too. */
void loop_feed(struct loop_core *core, uint64_t now_ns, const struct loop_result *results,
               unsigned count);

/* Is somebody ready, or did somebody say loop_again()? */
bool loop_core_pending(const struct loop_core *core);

/*
 * The next that is ready, best priority first, else in the order of becoming ready.  False:
 * the turn is over.
 */
bool loop_next(struct loop_core *core, struct loop_ready *ret_ready);

/*
 * The short way of a report, while core->special and core->change are 0: if it concerns just
 * one source, @ret_ready is told without standing in a queue.  False: feed it.
 */
static inline bool loop_direct(struct loop_core *core, const struct loop_result *result,
                               struct loop_ready *ret_ready)
{
    const struct loop_fd *entry = &core->at.fds[result->fd];
    uint32_t events = result->events & entry->mask;
    struct loop_slot *slot;

    if (entry->tag != result->tag || events == 0 ||
        result->events & (LOOP_GONE | LOOP_DISARMED))
        return false;
    slot = &core->at.slots[entry->first];
    slot->told = (uint16_t)events;
    slot->left = slot->budget;
    ret_ready->id = entry->solo;
    ret_ready->events = (uint16_t)events;
    ret_ready->kind = LOOP_IO;
    ret_ready->value = result->fd;
    return true;
}

/* The id of the source at @index. */
static inline loop_id loop_core_id(const struct loop_core *core, uint32_t index)
{
    return (loop_id)(index | (uint32_t)core->at.slots[index].generation << LOOP_INDEX_BITS);
}

/* Index of a live id, 0 if there is none such: for arrays beside the core's. */
static inline uint32_t loop_index(const struct loop_core *core, loop_id id)
{
    uint32_t index = (uint32_t)id & LOOP_SOURCES_MAX;

    if (id <= 0 || index >= core->at.sources || core->at.slots[index].kind == LOOP_FREE)
        return 0;
    return core->at.slots[index].generation == (uint32_t)id >> LOOP_INDEX_BITS ? index : 0;
}

#endif
