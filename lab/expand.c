/* lab/expand.c - see expand.h. */
#define _POSIX_C_SOURCE 200809L
#include "lab/expand.h"

#include <stdlib.h>

#include "drivers/side_stack.h"

enum {
    FETCH_AHEAD = 4, /* states */
    CHAIN_MAX = 64,  /* steps made in one; a handler that never ends must not hang us */
};

/* ---- the expander ---- */

static uint8_t *line_of(uint8_t *bytes, struct lab_switches *switches,
                        const struct lab_expander *expander, unsigned i)
{
    if (expander->counts && i + 1 == expander->lines)
        return (uint8_t *)switches;
    return bytes + (size_t)i * LAB_LINE_BYTES;
}

static uint8_t *arena_line(const struct lab_expander *expander, unsigned i)
{
    return line_of(expander->arena, expander->switches, expander, i);
}

static uint8_t *base_line(const struct lab_expander *expander, unsigned i)
{
    return line_of(expander->base, expander->switches_base, expander, i);
}

/* If only the world can step, what waits for it is late. */
static void mark_late(struct lab *lab)
{
    if (!lab_only_world(lab))
        return;
    lab->trace.count = 0;
    lab_ledger_quiet(lab);
}

size_t lab_expander_bytes(const struct lab_expander *expander)
{
    return (size_t)expander->lines * LAB_LINE_BYTES;
}

bool lab_expander_open(struct lab_expander *expander, const struct lab_program *program,
                       struct lab_reduce *reduce)
{
    struct lab *lab = &expander->lab;
    size_t size;

    memset(expander, 0, sizeof(*expander));
    lab_layout(lab, program, 0, lab_bench_sim_context_bytes());
    size = (lab->arena.size + 2u * LAB_LINE_BYTES) & ~(size_t)(LAB_LINE_BYTES - 1);
    expander->lines =
        (unsigned)((lab->arena.base[SIM_CLOCK] + LAB_LINE_BYTES - 1) / LAB_LINE_BYTES);
    expander->arena = aligned_alloc(LAB_LINE_BYTES, size);
    expander->base = aligned_alloc(LAB_LINE_BYTES, size);
    expander->line_hash = calloc(expander->lines + 1, sizeof(*expander->line_hash));
    expander->start = aligned_alloc(LAB_LINE_BYTES, size);
    if (!expander->arena || !expander->base || !expander->line_hash || !expander->start ||
        !drv_stack_init(LAB_CONTEXTS_MAX))
        return false;
    memset(expander->base, 0, size);
    memset(expander->arena, 0, size);
    sim_arena_place(&lab->arena, expander->arena);
    expander->reached = calloc(program->code_size + 1u, 1);
    if (!expander->reached)
        return false;
    lab->reached = expander->reached;
    lab->trace.want = LAB_LEDGER_EVENTS;
    lab_start(lab, &lab_bench_sim);
    lab->drv.readied.n = 0;
    for (unsigned a = 0; a < lab->actors; a++)
        expander->agent[a] = (uint8_t)(lab->actor[a].who == LAB_WHO_TAKE
                                           ? lab->first[LAB_WHO_CPU] + lab->actor[a].index
                                           : a);
    mark_late(lab);
    if (reduce && !lab_reduce_open(reduce, lab))
        return false;
    expander->reduce = reduce;
    if (reduce)
        lab_reduce_tidy(reduce, lab);
    memcpy(expander->start, expander->arena, size);
    return true;
}

bool lab_expander_advance(struct lab_expander *expander, const uint8_t *actors, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!lab_enabled(&expander->lab, actors[i]))
            return false;
        lab_expander_step(expander, actors[i]);
    }
    if (expander->reduce)
        lab_reduce_tidy(expander->reduce, &expander->lab);
    memcpy(expander->start, expander->arena, expander->lab.arena.size);
    return true;
}

bool lab_expander_count(struct lab_expander *expander, uint32_t most)
{
    expander->switches = aligned_alloc(LAB_LINE_BYTES, 2 * sizeof(*expander->switches));
    if (!expander->switches)
        return false;
    memset(expander->switches, 0, 2 * sizeof(*expander->switches));
    expander->switches_base = expander->switches + 1;
    expander->counts = true;
    expander->preempt = most;
    expander->lines++;
    return true;
}

bool lab_expander_use(struct lab_expander *expander, const struct lab_store *store)
{
    unsigned n = lab_store_numbers_count(store);

    expander->store = store;
    free(expander->numbers_room);
    expander->numbers_room = calloc(2u * n, sizeof(*expander->numbers_room));
    expander->numbers = expander->numbers_room;
    expander->numbers_next = expander->numbers_room + n;
    expander->loaded = false;
    return expander->numbers_room != 0;
}

void lab_expander_close(struct lab_expander *expander)
{
    free(expander->arena);
    free(expander->base);
    free(expander->start);
    free(expander->reached);
    free(expander->switches);
    free(expander->line_hash);
    free(expander->numbers_room);
    if (expander->reduce)
        lab_reduce_close(expander->reduce);
    memset(expander, 0, sizeof(*expander));
}

static void load_line(struct lab_expander *expander, unsigned i)
{
    uint8_t *base = base_line(expander, i);
    struct lab_hash hash;

    memcpy(base, lab_intern_get(&expander->store->line, expander->numbers_next[i]),
           LAB_LINE_BYTES);
    memcpy(arena_line(expander, i), base, LAB_LINE_BYTES);
    hash = lab_hash_line(base, i);
    expander->hash = lab_hash_add(lab_hash_take(expander->hash, expander->line_hash[i]), hash);
    expander->line_hash[i] = hash;
}

/* Lines of a state that will be loaded soon. */
static void fetch_lines(const struct lab_expander *expander, uint32_t state)
{
    const struct lab_store *store = expander->store;
    const uint32_t *row = lab_store_row(store, state);

    if (store->groups)
        return;
    for (unsigned i = 0; i < expander->lines; i++)
        if (row[i] != expander->numbers[i])
            __builtin_prefetch(lab_intern_get(&store->line, row[i]));
}

void lab_expander_load(struct lab_expander *expander, uint32_t state)
{
    uint32_t *now = expander->numbers, *next = expander->numbers_next;

    lab_store_numbers(expander->store, state, next);
    for (unsigned i = 0; i < expander->lines; i++)
        if (!expander->loaded || now[i] != next[i])
            load_line(expander, i);
    expander->numbers = next;
    expander->numbers_next = now;
    expander->loaded = true;
    lab_refresh(&expander->lab);
}

/* ---- stepping ---- */

void lab_expander_step(struct lab_expander *expander, unsigned actor)
{
    struct lab *lab = &expander->lab;

    lab_step(lab, actor);
    lab->drv.readied.n = 0;
    lab->sim.armed = 0;
    mark_late(lab);
}

void lab_expander_restart(struct lab_expander *expander)
{
    memcpy(expander->arena, expander->start, expander->lab.arena.base[SIM_CLOCK]);
    if (expander->counts)
        memset(expander->switches, 0, sizeof(*expander->switches));
    lab_refresh(&expander->lab);
    expander->loaded = false;
}

/* How far its code has come; the code of others may be anywhere. */
static unsigned place_of(const struct lab *lab, unsigned actor)
{
    const struct lab_actor *a = &lab->actor[actor];
    unsigned f = LAB_NO_FRAME;

    if (a->who == LAB_WHO_TASK)
        f = lab->task_frame[a->index];
    else if (a->who == LAB_WHO_THREAD || a->who == LAB_WHO_INIT)
        f = lab->thread_frame[a->index];
    else if (a->who == LAB_WHO_CPU && lab->cpu_frame[a->index] != LAB_NO_FRAME)
        f = lab->cpu_frame[a->index];
    return f == LAB_NO_FRAME ? 0 : lab->frame[f]->pc;
}

/* One step of a chain; false: its code went back. */
static bool link(struct lab_expander *expander, unsigned actor, struct lab_chain *chain)
{
    unsigned place = place_of(&expander->lab, actor);

    lab_expander_step(expander, actor);
    if (chain->actors && chain->length < chain->room)
        chain->actors[chain->length] =
            (uint8_t)(chain->who ? lab_alike_actor(&expander->lab, chain->who, actor) : actor);
    chain->length++;
    chain->moved[actor / 64] |= UINT64_C(1) << actor % 64;
    if (!expander->reduce)
        return false;
    lab_reduce_tidy(expander->reduce, &expander->lab);
    return place_of(&expander->lab, actor) > place || place == 0;
}

void lab_expander_chain(struct lab_expander *expander, unsigned actor, struct lab_chain *chain)
{
    uint32_t end = chain->length + CHAIN_MAX;
    bool consumes = false;

    while (link(expander, actor, chain) && chain->length < end) {
        actor = lab_reduce_alone(expander->reduce, &expander->lab, &consumes);
        if (actor == LAB_NO_ACTOR)
            break;
        chain->consumed |= consumes;
    }
    if (expander->reduce)
        lab_alike_sort(&expander->reduce->alike, &expander->lab, chain->who);
}

/* ---- batches ---- */

bool lab_batch_open(struct lab_batch *batch, const struct lab_store *store)
{
    memset(batch, 0, sizeof(*batch));
    batch->numbers =
        calloc((size_t)LAB_BATCH_STATES * lab_store_numbers_count(store), sizeof(uint32_t));
    return batch->numbers != 0;
}

void lab_batch_close(struct lab_batch *batch)
{
    free(batch->numbers);
    free(batch->bytes);
    memset(batch, 0, sizeof(*batch));
}

/* Room for one more successor with all its lines. */
static uint8_t *batch_room(struct lab_batch *batch, unsigned lines)
{
    size_t need = sizeof(struct lab_successor) + lines * sizeof(struct lab_change);

    if (batch->room - batch->used < need) {
        size_t room = 2 * batch->room + need + 4096;
        uint8_t *bytes = realloc(batch->bytes, room);
        if (!bytes) {
            batch->failed = true;
            return 0;
        }
        batch->bytes = bytes;
        batch->room = room;
    }
    return batch->bytes + batch->used;
}

/* Sixteen bytes at once, where the machine can. */
typedef uint64_t pair __attribute__((vector_size(16)));

static bool differ(const uint8_t *a, const uint8_t *b)
{
    const pair *x = (const pair *)(const void *)a, *y = (const pair *)(const void *)b;
    pair rest = (x[0] ^ y[0]) | (x[1] ^ y[1]) | (x[2] ^ y[2]) | (x[3] ^ y[3]);

    return (rest[0] | rest[1]) != 0;
}

/* Notes what the arena differs in from the base - without a chain, all - and takes it back. */
static void note(struct lab_expander *expander, struct lab_batch *batch, unsigned actor,
                 const struct lab_chain *chain)
{
    struct lab_successor *successor = (void *)batch_room(batch, expander->lines);
    struct lab_change *change;

    if (!successor)
        return;
    *successor = (struct lab_successor){
        .hash = expander->hash, .actor = (uint8_t)actor, .chain = chain && chain->length > 1};
    if (chain)
        memcpy(successor->moved, chain->moved, sizeof(successor->moved));
    change = (struct lab_change *)(void *)(successor + 1);
    for (unsigned i = 0; i < expander->lines; i++) {
        uint8_t *base = base_line(expander, i), *here = arena_line(expander, i);
        if (chain && !differ(base, here))
            continue;
        change->position = i;
        change->zero = 0;
        memcpy(change->bytes, here, LAB_LINE_BYTES);
        memcpy(here, base, LAB_LINE_BYTES);
        change->hash = lab_hash_line(change->bytes, i);
        successor->hash =
            lab_hash_add(lab_hash_take(successor->hash, expander->line_hash[i]), change->hash);
        successor->lines++;
        if (!expander->beside)
            lab_slots_prefetch(&expander->store->line.slots, change->hash);
        change++;
    }
    if (!expander->beside)
        lab_slots_prefetch(&expander->store->slots, successor->hash);
    batch->used = (size_t)((uint8_t *)change - batch->bytes);
    batch->state[batch->count - 1].successors++;
}

static void add_state(struct lab_batch *batch, const struct lab_expander *expander,
                      uint32_t state)
{
    unsigned n = lab_store_numbers_count(expander->store);

    memcpy(batch->numbers + (size_t)batch->count * n, expander->numbers, n * sizeof(uint32_t));
    batch->state[batch->count++] = (struct lab_batch_state){.state = state};
}

void lab_expand_first(struct lab_expander *expander, struct lab_batch *batch)
{
    add_state(batch, expander, 0);
    note(expander, batch, LAB_NO_ACTOR, 0);
}

/* Is the step of @actor within the bound?  Notes the switch to it. */
static bool switch_to(struct lab_expander *expander, unsigned actor, const uint8_t *choices,
                      unsigned n)
{
    struct lab_switches *now = expander->switches;
    uint8_t agent = (uint8_t)(expander->agent[actor] + 1);
    bool could_go_on = false;

    for (unsigned i = 0; i < n; i++)
        could_go_on |= expander->agent[choices[i]] + 1 == now->agent;
    if (agent != now->agent && could_go_on) {
        if (now->preemptions == expander->preempt) {
            expander->cut = true;
            return false;
        }
        now->preemptions++;
    }
    now->agent = agent;
    return true;
}

static void expand_choice(struct lab_expander *expander, unsigned actor,
                          struct lab_batch *batch, struct lab_chain *chain)
{
    lab_expander_chain(expander, actor, chain);
    note(expander, batch, actor, chain);
    lab_refresh(&expander->lab);
}

/*
 * If somebody's next step is local, it alone will do, provided that it gets somewhere: a cycle
 * of local steps must not make us forget the others.
 */
void lab_expand(struct lab_expander *expander, uint32_t state, struct lab_batch *batch)
{
    uint8_t choices[LAB_ACTORS_MAX];
    unsigned n, alone = LAB_NO_ACTOR;

    lab_expander_load(expander, state);
    if (!expander->beside && state + FETCH_AHEAD < expander->store->count)
        fetch_lines(expander, state + FETCH_AHEAD);
    add_state(batch, expander, state);
    if (expander->reduce) {
        struct lab_chain chain = {0};
        alone = lab_reduce_local(expander->reduce, &expander->lab, &chain.consumed);
        if (alone != LAB_NO_ACTOR) {
            expand_choice(expander, alone, batch, &chain);
            if (chain.consumed)
                return;
        }
    }
    n = expander->reduce ? lab_reduce_choices(expander->reduce, &expander->lab, choices)
                         : lab_choices(&expander->lab, choices);
    batch->state[batch->count - 1].end = n == 0;
    for (unsigned i = 0; i < n; i++) {
        struct lab_chain chain = {0};
        if (choices[i] == alone)
            continue;
        if (!expander->counts || switch_to(expander, choices[i], choices, n))
            expand_choice(expander, choices[i], batch, &chain);
    }
}
