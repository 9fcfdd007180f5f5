/* sim/arena.c - laying out the one block of bytes that is the state of a run. */
#include "sim/arena.h"

static void put_name(struct sim_component *component, const char *owner, const char *what,
                     uint32_t offset)
{
    const char *parts[] = {owner ? owner : "", owner && what ? "." : "", what ? what : ""};
    char digits[12];
    size_t used = 0;

    for (size_t i = 0; i < 3; i++)
        for (const char *c = parts[i]; *c && used + 6 < SIM_NAME_BYTES; c++)
            component->name[used++] = *c;
    if (offset) {
        size_t n = 0;
        for (uint32_t rest = offset; rest; rest /= 10)
            digits[n++] = (char)('0' + rest % 10);
        component->name[used++] = '+';
        while (n && used + 1 < SIM_NAME_BYTES)
            component->name[used++] = digits[--n];
    }
    component->name[used] = 0;
}

sim_ref sim_arena_add(struct sim_arena *arena, enum sim_arena_class class, uint32_t size,
                      uint32_t align, const char *owner, const char *what)
{
    uint32_t log2 = align == 8 ? 3 : align / 2;
    uint32_t start = (arena->laid[class][log2] + align - 1) & ~(align - 1);

    if (size)
        arena->laid[class][log2] = start + size;
    for (uint32_t done = 0; done < size && arena->list; done += SIM_COMPONENT_BYTES_MAX) {
        uint32_t rest = size - done;
        if (arena->count == SIM_COMPONENTS_MAX)
            break;
        struct sim_component *component = &arena->list[arena->count++];
        put_name(component, owner, what, done);
        component->offset = start + done;
        component->size = rest < SIM_COMPONENT_BYTES_MAX ? rest : SIM_COMPONENT_BYTES_MAX;
        component->class = (uint16_t) class;
        component->align = (uint16_t)log2;
    }
    return (uint32_t) class << 30 | log2 << 28 | start;
}

static bool is_used(const struct sim_arena *arena, unsigned class)
{
    for (unsigned log2 = 0; log2 < SIM_ALIGNS; log2++)
        if (arena->laid[class][log2])
            return true;
    return false;
}

void sim_arena_seal(struct sim_arena *arena)
{
    uint32_t at = 0;

    for (unsigned i = 0; i < SIM_ARENA_CLASSES; i++) {
        if (i == SIM_CLOCK && is_used(arena, i)) /* a search cuts what lies before into lines */
            at = (at + SIM_COMPONENT_BYTES_MAX - 1) & ~(SIM_COMPONENT_BYTES_MAX - 1u);
        arena->base[i] = at;
        for (unsigned log2 = SIM_ALIGNS; log2-- > 0;) {
            at = (at + (1u << log2) - 1) & ~((1u << log2) - 1);
            arena->start[i][log2] = at;
            at += arena->laid[i][log2];
        }
        arena->fill[i] = at - arena->base[i];
        at = (at + 7) & ~7u;
    }
    arena->size = at;
    for (uint32_t i = 0; i < arena->count; i++)
        arena->list[i].offset += arena->start[arena->list[i].class][arena->list[i].align];
}

void sim_arena_place(struct sim_arena *arena, uint8_t *bytes)
{
    arena->bytes = bytes;
    for (uint32_t i = 0; i < arena->size; i++)
        bytes[i] = 0;
}
