/* lab/store.c - see store.h. */
#include "lab/store.h"

#include <stdlib.h>

/* Positions of groups for their hashes, behind all lines. */
enum { GROUP_POSITION = LAB_STORE_LINES_MAX };

bool lab_store_open(struct lab_store *store, size_t bytes, bool exact, size_t memory)
{
    size_t states = memory / 16; /* no state takes less */
    unsigned lines = (unsigned)((bytes + LAB_LINE_BYTES - 1) / LAB_LINE_BYTES);

    memset(store, 0, sizeof(*store));
    if (lines > LAB_STORE_LINES_MAX)
        return false;
    store->exact = exact;
    store->lines = lines;
    store->groups =
        lines > LAB_GROUP_LINES ? (lines + LAB_GROUP_LINES - 1) / LAB_GROUP_LINES : 0;
    store->width = store->groups ? store->groups : lines;
    store->scratch = calloc(lab_store_numbers_count(store), sizeof(uint32_t));
    return store->scratch && lab_intern_open(&store->line, memory) &&
           lab_intern_open(&store->group, memory) && lab_slots_open(&store->slots) &&
           lab_region_open(&store->rows, memory + (size_t)store->width * 4, false) &&
           (exact ||
            lab_region_open(&store->prints, states * sizeof(struct lab_hash), false)) &&
           lab_region_open(&store->parents, states * 4, false) &&
           lab_region_open(&store->actors, states, false);
}

void lab_store_close(struct lab_store *store)
{
    lab_intern_close(&store->line);
    lab_intern_close(&store->group);
    lab_slots_close(&store->slots);
    lab_region_close(&store->rows);
    lab_region_close(&store->prints);
    lab_region_close(&store->parents);
    lab_region_close(&store->actors);
    free(store->scratch);
    memset(store, 0, sizeof(*store));
}

void lab_store_numbers(const struct lab_store *store, uint32_t state, uint32_t *ret_numbers)
{
    const uint32_t *row = lab_store_row(store, state);

    if (!store->groups) {
        memcpy(ret_numbers, row, store->lines * sizeof(*row));
        return;
    }
    for (unsigned g = 0; g < store->groups; g++) {
        unsigned first = g * LAB_GROUP_LINES, n = store->lines - first;
        memcpy(ret_numbers + first, lab_intern_get(&store->group, row[g]),
               (n < LAB_GROUP_LINES ? n : LAB_GROUP_LINES) * sizeof(*row));
    }
    memcpy(ret_numbers + store->lines, row, store->groups * sizeof(*row));
}

/* The group's number, after some of its lines got others. */
static uint32_t regroup(struct lab_store *store, const uint32_t *numbers, unsigned group)
{
    uint32_t member[LAB_GROUP_LINES] = {0};
    unsigned first = group * LAB_GROUP_LINES, n = store->lines - first;
    const uint8_t *line = (const uint8_t *)member;

    memcpy(member, numbers + first,
           (n < LAB_GROUP_LINES ? n : LAB_GROUP_LINES) * sizeof(*member));
    return lab_intern_put(&store->group, line, lab_hash_line(line, GROUP_POSITION + group));
}

/* The row of the changed state, in scratch; 0: no memory. */
static const uint32_t *make_row(struct lab_store *store, const uint32_t *numbers,
                                const struct lab_change *changes, unsigned count)
{
    uint32_t *row = store->scratch;

    memcpy(row, numbers, lab_store_numbers_count(store) * sizeof(*row));
    for (unsigned i = 0; i < count; i++) {
        const struct lab_change *change = &changes[i];
        row[change->position] = lab_intern_put(&store->line, change->bytes, change->hash);
        if (row[change->position] == LAB_NUMBER_NONE)
            return 0;
    }
    if (!store->groups)
        return row;
    for (unsigned i = 0; i < count; i++) {
        unsigned group = changes[i].position / LAB_GROUP_LINES;
        if (i && changes[i - 1].position / LAB_GROUP_LINES == group)
            continue; /* changes come in order: the group was done with the first of them */
        row[store->lines + group] = regroup(store, row, group);
        if (row[store->lines + group] == LAB_NUMBER_NONE)
            return 0;
    }
    return row + store->lines;
}

static bool same_print(const struct lab_store *store, uint64_t state, struct lab_hash hash)
{
    const struct lab_hash *print = (const struct lab_hash *)(void *)store->prints.bytes + state;

    return print->lo == hash.lo && print->hi == hash.hi;
}

static bool append(struct lab_store *store, const uint32_t *row, struct lab_hash hash,
                   uint32_t parent, unsigned actor)
{
    uint32_t *to = lab_region_add(&store->rows, store->width * sizeof(*row));
    uint32_t *from = lab_region_add(&store->parents, sizeof(*from));
    uint8_t *by = lab_region_add(&store->actors, 1);
    struct lab_hash *print =
        store->exact ? 0 : lab_region_add(&store->prints, sizeof(struct lab_hash));

    if (!to || !from || !by || (!store->exact && !print))
        return false;
    memcpy(to, row, store->width * sizeof(*row));
    *from = parent;
    *by = (uint8_t)actor;
    if (print)
        *print = hash;
    return true;
}

void lab_store_prefetch(const struct lab_store *store, const struct lab_change *changes,
                        unsigned count, struct lab_hash hash)
{
    const struct lab_slots *slots = &store->slots;
    uint64_t tag = lab_slot_tag(hash), slot = slots->slot[tag & slots->mask];

    for (unsigned i = 0; i < count; i++)
        lab_intern_prefetch(&store->line, changes[i].hash);
    if (slot >> LAB_SLOT_NUMBER_BITS != tag)
        return;
    if (store->exact)
        __builtin_prefetch(lab_store_row(store, (uint32_t)lab_slot_number(slot)));
    else
        __builtin_prefetch(store->prints.bytes +
                           lab_slot_number(slot) * sizeof(struct lab_hash));
}

uint32_t lab_store_put(struct lab_store *store, const uint32_t *numbers,
                       const struct lab_change *changes, unsigned count, struct lab_hash hash,
                       uint32_t parent, unsigned actor)
{
    struct lab_slots *slots = &store->slots;
    const uint32_t *row = store->exact ? make_row(store, numbers, changes, count) : 0;
    uint64_t tag = lab_slot_tag(hash), at;

    if (store->exact && !row)
        return LAB_NUMBER_NONE;
    for (at = tag & slots->mask; slots->slot[at]; at = (at + 1) & slots->mask) {
        uint64_t state = lab_slot_number(slots->slot[at]);
        if (slots->slot[at] >> LAB_SLOT_NUMBER_BITS != tag)
            continue;
        if (store->exact ? !memcmp(lab_store_row(store, (uint32_t)state), row, store->width * 4)
                         : same_print(store, state, hash))
            return (uint32_t)state;
    }
    if (!store->exact)
        row = make_row(store, numbers, changes, count);
    if (!row || !append(store, row, hash, parent, actor))
        return LAB_NUMBER_NONE;
    slots->slot[at] = tag << LAB_SLOT_NUMBER_BITS | (slots->count + 1);
    slots->count++;
    if (!lab_slots_grow(slots, 1))
        return LAB_NUMBER_NONE;
    return store->count++;
}

void lab_store_forget(struct lab_store *store, uint32_t state)
{
    if (!store->exact)
        lab_region_forget(&store->rows, (size_t)state * store->width * 4);
}

size_t lab_store_held(const struct lab_store *store)
{
    return lab_intern_held(&store->line) + lab_intern_held(&store->group) +
           store->slots.region.used + lab_region_held(&store->rows) +
           lab_region_held(&store->prints) + lab_region_held(&store->parents) +
           lab_region_held(&store->actors);
}
