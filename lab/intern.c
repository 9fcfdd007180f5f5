/* lab/intern.c - see intern.h. */
#include "lab/intern.h"

enum { SLOTS_FIRST = 1 << 10 };

static bool make(struct lab_slots *slots, uint64_t size)
{
    struct lab_slots new = {.mask = size - 1, .count = slots->count};

    if (!lab_region_open(&new.region, size * sizeof(uint64_t), true))
        return false;
    new.slot = lab_region_add(&new.region, size * sizeof(uint64_t));
    for (uint64_t i = 0; slots->slot && i <= slots->mask; i++) {
        uint64_t slot = slots->slot[i];
        uint64_t at = slot >> LAB_SLOT_NUMBER_BITS & new.mask;
        if (!slot)
            continue;
        while (new.slot[at])
            at = (at + 1) & new.mask;
        new.slot[at] = slot;
    }
    lab_region_close(&slots->region);
    *slots = new;
    return true;
}

bool lab_slots_open(struct lab_slots *slots)
{
    *slots = (struct lab_slots){0};
    return make(slots, SLOTS_FIRST);
}

void lab_slots_close(struct lab_slots *slots)
{
    lab_region_close(&slots->region);
}

/* At most three slots of four are taken. */
bool lab_slots_grow(struct lab_slots *slots, unsigned more)
{
    while ((slots->count + more) * 4 > (slots->mask + 1) * 3)
        if (!make(slots, (slots->mask + 1) * 2))
            return false;
    return slots->count + more < LAB_NUMBERS_MAX;
}

bool lab_intern_open(struct lab_intern *intern, size_t reserve)
{
    return lab_slots_open(&intern->slots) && lab_region_open(&intern->lines, reserve, false);
}

void lab_intern_close(struct lab_intern *intern)
{
    lab_slots_close(&intern->slots);
    lab_region_close(&intern->lines);
}

uint32_t lab_intern_put(struct lab_intern *intern, const uint8_t *line, struct lab_hash hash)
{
    struct lab_slots *slots = &intern->slots;
    uint64_t tag = lab_slot_tag(hash), at;
    uint8_t *new;

    for (at = tag & slots->mask; slots->slot[at]; at = (at + 1) & slots->mask) {
        uint64_t number = lab_slot_number(slots->slot[at]);
        if (slots->slot[at] >> LAB_SLOT_NUMBER_BITS == tag &&
            !memcmp(lab_intern_get(intern, (uint32_t)number), line, LAB_LINE_BYTES))
            return (uint32_t)number;
    }
    new = lab_region_add(&intern->lines, LAB_LINE_BYTES);
    if (!new)
        return LAB_NUMBER_NONE;
    memcpy(new, line, LAB_LINE_BYTES);
    slots->slot[at] = tag << LAB_SLOT_NUMBER_BITS | (slots->count + 1);
    slots->count++;
    if (!lab_slots_grow(slots, 1))
        return LAB_NUMBER_NONE;
    return (uint32_t)(slots->count - 1);
}
