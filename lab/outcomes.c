/* lab/outcomes.c - see outcomes.h. */
#include "lab/outcomes.h"

#include <stdlib.h>
#include <string.h>

bool lab_outcome_same(const struct lab_outcome *a, const struct lab_outcome *b)
{
    return a->end == b->end && a->hang == b->hang &&
           !memcmp(a->fate, b->fate, sizeof(a->fate)) &&
           !memcmp(&a->counts, &b->counts, sizeof(a->counts)) &&
           !memcmp(a->watched, b->watched, sizeof(a->watched));
}

static uint64_t mixed(uint64_t hash, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;

    for (size_t i = 0; i < size; i++)
        hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static uint64_t hash_of(const struct lab_outcome *outcome)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ outcome->end;

    hash = mixed(hash, outcome->fate, sizeof(outcome->fate));
    hash = mixed(hash, &outcome->counts, sizeof(outcome->counts));
    return mixed(hash, outcome->watched, sizeof(outcome->watched));
}

static bool make_room(struct lab_outcomes *outcomes)
{
    size_t room = outcomes->room ? 2 * outcomes->room : 4;
    struct lab_outcome *item = realloc(outcomes->item, room * sizeof(*item));
    uint32_t *count = realloc(outcomes->count, room * sizeof(*count));
    uint32_t *state = realloc(outcomes->state, room * sizeof(*state));
    uint32_t *id = realloc(outcomes->id, room * sizeof(*id));
    uint64_t *hash = realloc(outcomes->hash, room * sizeof(*hash));

    outcomes->item = item ? item : outcomes->item;
    outcomes->count = count ? count : outcomes->count;
    outcomes->state = state ? state : outcomes->state;
    outcomes->id = id ? id : outcomes->id;
    outcomes->hash = hash ? hash : outcomes->hash;
    if (!item || !count || !state || !id || !hash)
        return false;
    outcomes->room = room;
    return true;
}

uint32_t lab_outcomes_add(struct lab_outcomes *outcomes, const struct lab_outcome *outcome,
                          uint32_t state)
{
    uint64_t hash = hash_of(outcome);
    size_t n = outcomes->n;

    for (size_t i = 0; i < n; i++) {
        if (outcomes->hash[i] != hash || !lab_outcome_same(&outcomes->item[i], outcome))
            continue;
        outcomes->count[i]++;
        if (state < outcomes->state[i]) {
            outcomes->state[i] = state;
            outcomes->item[i].steps = outcome->steps;
            outcomes->item[i].fair = outcome->fair;
        }
        return outcomes->id[i];
    }
    if (n == outcomes->room && !make_room(outcomes))
        return LAB_OUTCOME_NONE;
    outcomes->item[n] = *outcome;
    outcomes->count[n] = 1;
    outcomes->state[n] = state;
    outcomes->hash[n] = hash;
    outcomes->id[n] = (uint32_t)n;
    outcomes->n++;
    return (uint32_t)n;
}

void lab_outcomes_free(struct lab_outcomes *outcomes)
{
    free(outcomes->item);
    free(outcomes->count);
    free(outcomes->state);
    free(outcomes->id);
    free(outcomes->hash);
    memset(outcomes, 0, sizeof(*outcomes));
}

/* An outcome on its way through qsort(). */
struct place {
    const struct lab_outcome *outcome;
    size_t from;
};

static int compare(const void *a, const void *b)
{
    const struct lab_outcome *x = ((const struct place *)a)->outcome;
    const struct lab_outcome *y = ((const struct place *)b)->outcome;
    int order;

    if (x->steps != y->steps)
        return x->steps < y->steps ? -1 : 1;
    order = memcmp(x->fate, y->fate, sizeof(x->fate));
    if (order == 0)
        order = memcmp(&x->counts, &y->counts, sizeof(x->counts));
    return order ? order : memcmp(x->watched, y->watched, sizeof(x->watched));
}

bool lab_outcomes_sort(struct lab_outcomes *outcomes)
{
    struct lab_outcomes sorted = {.n = outcomes->n};
    struct place *place = calloc(outcomes->n + 1, sizeof(*place));
    bool fits = place != 0;

    while (fits && sorted.room < outcomes->n)
        fits = make_room(&sorted);
    for (size_t i = 0; i < outcomes->n && fits; i++)
        place[i] = (struct place){&outcomes->item[i], i};
    if (fits)
        qsort(place, outcomes->n, sizeof(*place), compare);
    for (size_t i = 0; i < outcomes->n && fits; i++) {
        size_t from = place[i].from;
        sorted.item[i] = outcomes->item[from];
        sorted.count[i] = outcomes->count[from];
        sorted.state[i] = outcomes->state[from];
        sorted.id[i] = outcomes->id[from];
        sorted.hash[i] = outcomes->hash[from];
    }
    if (fits) {
        lab_outcomes_free(outcomes);
        *outcomes = sorted;
    } else {
        lab_outcomes_free(&sorted);
    }
    free(place);
    return fits;
}
