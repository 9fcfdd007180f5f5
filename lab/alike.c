/*
 * lab/alike.c - see alike.h.
 *
 * All that a task has in a state is listed in spans_of(), wait queues and the locks of epoll
 * instances apart, which name tasks.  Where the state has more of a task - signals, families,
 * requests in flight, C code under way in a call, counted repeats - no task is sorted.
 */
#include "lab/alike.h"

#include <string.h>

enum { SPANS_MAX = 12 };

/* ---- which tasks are alike ---- */

/* Has a state nothing of a task but what is exchanged here? */
static bool can_exchange(const struct lab *lab)
{
    const struct drv_config *config = &lab->program->drv;

    return !lab->program->loops && !config->families && !config->signals && !config->aios &&
           !config->urings && !config->jobs && !config->helpers && !lab->repeat_count &&
           lab->children == config->tasks && !lab->hand[lab->context_of_task];
}

static bool counts_tasks(const struct lab_counter *counter)
{
    return counter->kind == LAB_COUNT_WAKES || counter->kind == LAB_COUNT_REPEATS ||
           counter->kind == LAB_COUNT_EMPTY || counter->kind == LAB_COUNT_STRAYS;
}

/* Would an outcome tell this task from another? */
static bool is_named(const struct lab_program *program, unsigned task)
{
    for (unsigned i = 0; i < program->counters; i++)
        if (counts_tasks(&program->counter[i]) && program->counter[i].who == task)
            return true;
    for (unsigned i = 0; i < program->watched; i++)
        if (!program->watch[i].shared && program->watch[i].task == task)
            return true;
    return false;
}

static bool is_alone(const struct lab *lab, unsigned task)
{
    for (unsigned t = 0; t < lab->program->drv.tasks; t++)
        if (t != task && lab->task_code[t].process == lab->task_code[task].process)
            return false;
    return true;
}

static bool same_caps(const struct lab_caps *a, const struct lab_caps *b)
{
    if (a->n != b->n)
        return false;
    for (unsigned i = 0; i < a->n; i++)
        if (a->cap[i].most != b->cap[i].most || a->cap[i].slot != b->cap[i].slot)
            return false;
    return true;
}

static bool same_part(const struct lab_split *split, const struct lab *lab, unsigned a,
                      unsigned b)
{
    return !split || split->part[lab->actor_of_task[a]] == split->part[lab->actor_of_task[b]];
}

static bool are_alike(const struct lab_alike *alike, const struct lab_live *live,
                      const struct lab *lab, unsigned a, unsigned b)
{
    const struct lab_task_code *x = &lab->task_code[a], *y = &lab->task_code[b];

    return x->cpu == y->cpu && x->events_max == y->events_max &&
           x->foreach_depth == y->foreach_depth && x->buf_max == y->buf_max &&
           (x->process == y->process || (alike->own[a] && alike->own[b])) &&
           same_caps(&live->task[a], &live->task[b]) &&
           lab_live_same(lab->program, alike->body[a], alike->body[b]);
}

/* The tasks that are like @task, with it, become a group if there are any. */
static void add_group(struct lab_alike *alike, const struct lab_live *live,
                      const struct lab_split *split, const struct lab *lab, unsigned task,
                      bool taken[DRV_TASKS_MAX])
{
    unsigned n = alike->first[alike->groups], from = n;

    alike->member[n++] = (uint8_t)task;
    for (unsigned t = task + 1; t < lab->program->drv.tasks; t++) {
        if (taken[t] || !same_part(split, lab, task, t) ||
            !are_alike(alike, live, lab, task, t))
            continue;
        taken[t] = true;
        alike->member[n++] = (uint8_t)t;
    }
    if (n - from > 1)
        alike->first[++alike->groups] = (uint8_t)n;
}

void lab_alike_open(struct lab_alike *alike, const struct lab_live *live,
                    const struct lab_split *split, const struct lab *lab)
{
    bool taken[DRV_TASKS_MAX] = {false};
    unsigned tasks = lab->program->drv.tasks;

    memset(alike, 0, sizeof(*alike));
    if (!tasks || !can_exchange(lab))
        return;
    for (unsigned t = 0; t < tasks; t++) {
        taken[t] = is_named(lab->program, t);
        alike->own[t] = is_alone(lab, t);
        alike->body[t] = lab_live_body(lab->program, &lab->task_code[t].routine);
    }
    for (unsigned t = 0; t < tasks; t++)
        if (!taken[t])
            add_group(alike, live, split, lab, t, taken);
}

/* ---- exchanging ---- */

struct span {
    uint8_t *at;
    size_t size;
};

static unsigned add_span(struct span *span, unsigned n, void *at, size_t size)
{
    span[n] = (struct span){at, size};
    return size ? n + 1 : n;
}

/* Frames are as large as the smallest in the group: what is larger was for `start`. */
static unsigned add_frame(struct span *span, unsigned n, const struct lab *lab, unsigned f,
                          unsigned slots)
{
    n = add_span(span, n, lab->frame[f],
                 sizeof(struct lab_frame) + slots * sizeof(*lab->slots[f]));
    return add_span(span, n, lab->tags[f], slots);
}

static unsigned spans_of(const struct lab_alike *alike, const struct lab *lab, unsigned task,
                         unsigned slots, struct span span[SPANS_MAX])
{
    const struct lab_task_code *code = &lab->task_code[task];
    const struct drv *drv = &lab->drv;
    unsigned kernel = lab->kernel_frame[task], n = 0;

    n = add_frame(span, n, lab, lab->task_frame[task], slots);
    n = add_span(span, n, &lab->task[task], sizeof(*lab->task));
    n = add_span(span, n, &drv->task[task], sizeof(*drv->task));
    n = add_span(span, n, &drv->state[task], sizeof(*drv->state));
    if (kernel != LAB_NO_FRAME)
        n = add_frame(span, n, lab, kernel, lab->frame_slots[kernel]);
    n = add_span(span, n, lab->events[task],
                 (size_t)code->events_max * code->foreach_depth * sizeof(struct drv_event));
    n = add_span(span, n, lab->buf[task], code->buf_max * sizeof(*lab->buf[task]));
    n = add_span(span, n, drv->look + task * drv->poll_files,
                 drv->poll_files * sizeof(*drv->look));
    return alike->own[task] ? add_span(span, n, drv_fd_table(drv, (drv_task_id)task),
                                       drv->config->fds * sizeof(struct drv_fd))
                            : n;
}

static bool is_waiter(const struct drv_wait_entry *entry)
{
    return !(entry->flags & (DRV_WAIT_ITEM | DRV_WAIT_JOB));
}

/* Who comes first in a wait queue, or holds the first instance; 0: neither does. */
static int order_in_queues(const struct drv *drv, unsigned a, unsigned b)
{
    for (unsigned i = 0; i < drv->waits->n; i++) {
        const struct drv_wait_entry *entry = &drv->waits->entry[i];
        if (is_waiter(entry) && (entry->who == a || entry->who == b))
            return entry->who == a ? -1 : 1;
    }
    for (unsigned f = drv->slot[DRV_FILE_EPOLL]; f < drv->slot_end[DRV_FILE_EPOLL]; f++) {
        unsigned holder = drv_epoll(drv, (drv_file_id)f)->holder;
        if (holder == a + 1 || holder == b + 1)
            return holder == a + 1 ? -1 : 1;
    }
    return 0;
}

static unsigned other_of(unsigned who, unsigned a, unsigned b)
{
    return who == a ? b : who == b ? a : who;
}

static void exchange_in_queues(const struct drv *drv, unsigned a, unsigned b)
{
    for (unsigned i = 0; i < drv->waits->n; i++) {
        struct drv_wait_entry *entry = &drv->waits->entry[i];
        if (is_waiter(entry))
            entry->who = (uint8_t)other_of(entry->who, a, b);
    }
    for (unsigned f = drv->slot[DRV_FILE_EPOLL]; f < drv->slot_end[DRV_FILE_EPOLL]; f++) {
        struct drv_epoll *epoll = drv_epoll(drv, (drv_file_id)f);
        epoll->holder = (uint8_t)other_of(epoll->holder, a + 1, b + 1);
    }
}

static void exchange_bytes(uint8_t *a, uint8_t *b, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = a[i];
        a[i] = b[i];
        b[i] = byte;
    }
}

/* Puts two tasks in order; true: they were not. */
static bool put_in_order(const struct lab_alike *alike, struct lab *lab, unsigned a, unsigned b,
                         unsigned slots)
{
    struct span x[SPANS_MAX], y[SPANS_MAX];
    unsigned n = spans_of(alike, lab, a, slots, x);
    int order = 0;

    (void)spans_of(alike, lab, b, slots, y);
    for (unsigned i = 0; i < n && order == 0; i++)
        order = memcmp(x[i].at, y[i].at, x[i].size);
    if (order == 0)
        order = order_in_queues(&lab->drv, a, b);
    if (order <= 0)
        return false;
    for (unsigned i = 0; i < n; i++)
        exchange_bytes(x[i].at, y[i].at, x[i].size);
    exchange_in_queues(&lab->drv, a, b);
    return true;
}

/* Does one of them still run its process's `start`?  Then they differ. */
static bool is_starting(const struct lab_alike *alike, const struct lab *lab,
                        const uint8_t *member, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        const struct lab_frame *frame = lab->frame[lab->task_frame[member[i]]];
        if (frame->routine == LAB_MAIN && frame->pc < alike->body[member[i]])
            return true;
    }
    return false;
}

/* Takes @n variables out of the frame, or puts them in again; they are dead. */
static void shift_slots(struct lab *lab, unsigned f, unsigned at, unsigned n, bool back)
{
    unsigned rest = lab->frame_slots[f] - at - n;
    unsigned from = back ? at : at + n, to = back ? at + n : at, gap = back ? at : at + rest;

    memmove(lab->slots[f] + to, lab->slots[f] + from, rest * sizeof(*lab->slots[f]));
    memset(lab->slots[f] + gap, 0, n * sizeof(*lab->slots[f]));
    memmove(lab->tags[f] + to, lab->tags[f] + from, rest);
    memset(lab->tags[f] + gap, 0, n);
}

/*
 * Makes frames comparable: places in the code count from where the task's own begins, and what
 * only `start` had variables for is taken out.  Then back again.
 */
static void shift(const struct lab_alike *alike, struct lab *lab, const uint8_t *member,
                  unsigned n, bool back)
{
    unsigned vars = LAB_FRAME_SLOTS_MAX;

    for (unsigned i = 0; i < n; i++)
        if (lab->task_code[member[i]].routine.vars < vars)
            vars = lab->task_code[member[i]].routine.vars;
    for (unsigned i = 0; i < n; i++) {
        unsigned f = lab->task_frame[member[i]];
        struct lab_frame *frame = lab->frame[f];
        unsigned extra = lab->task_code[member[i]].routine.vars - vars;
        uint32_t body = alike->body[member[i]];
        if (frame->routine != LAB_MAIN)
            continue;
        frame->pc = (uint16_t)(back ? frame->pc + body : frame->pc - body);
        frame->sp = (uint8_t)(back ? frame->sp + extra : frame->sp - extra);
        if (extra)
            shift_slots(lab, f, vars, extra, back);
    }
}

static void sort_group(const struct lab_alike *alike, struct lab *lab, const uint8_t *member,
                       unsigned n, uint8_t *who)
{
    unsigned slots = LAB_FRAME_SLOTS_MAX;

    for (unsigned i = 0; i < n; i++)
        if (lab->frame_slots[lab->task_frame[member[i]]] < slots)
            slots = lab->frame_slots[lab->task_frame[member[i]]];
    for (unsigned i = 1; i < n; i++)
        for (unsigned k = i; k > 0 && put_in_order(alike, lab, member[k - 1], member[k], slots);
             k--)
            if (who)
                exchange_bytes(&who[member[k - 1]], &who[member[k]], 1);
}

void lab_alike_sort(const struct lab_alike *alike, struct lab *lab, uint8_t who[DRV_TASKS_MAX])
{
    for (unsigned g = 0; g < alike->groups; g++) {
        const uint8_t *member = alike->member + alike->first[g];
        unsigned n = alike->first[g + 1] - alike->first[g];
        if (is_starting(alike, lab, member, n))
            continue;
        shift(alike, lab, member, n, false);
        sort_group(alike, lab, member, n, who);
        shift(alike, lab, member, n, true);
    }
}

unsigned lab_alike_actor(const struct lab *lab, const uint8_t who[DRV_TASKS_MAX],
                         unsigned actor)
{
    const struct lab_actor *a = &lab->actor[actor];

    if (a->who == LAB_WHO_TASK)
        return lab->actor_of_task[who[a->index]];
    return a->who == LAB_WHO_TIMEOUT ? lab->first[LAB_WHO_TIMEOUT] + who[a->index] : actor;
}

void lab_alike_spread(const struct lab_alike *alike, const struct lab *lab, uint8_t *reached)
{
    for (unsigned g = 0; g < alike->groups; g++) {
        const uint8_t *member = alike->member + alike->first[g];
        unsigned n = alike->first[g + 1] - alike->first[g];
        uint32_t length = lab_live_length(lab->program, alike->body[member[0]]);
        for (uint32_t pc = 0; pc < length; pc++) {
            uint8_t any = 0;
            for (unsigned i = 0; i < n; i++)
                any |= reached[alike->body[member[i]] + pc];
            for (unsigned i = 0; i < n && any; i++)
                reached[alike->body[member[i]] + pc] = 1;
        }
    }
}
