/*
 * lab/parts.c - see parts.h.
 *
 * In the search of a part nobody else steps, so in an outcome of it the others' tokens have not
 * arrived and their counters stand as at the start.  Steps of different parts commute, so a way
 * through one and then through the next is one through both, and a shortest one if both are.
 */
#define _POSIX_C_SOURCE 200809L
#include "lab/parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/exploration.h"
#include "lab/split.h"

enum {
    OUTCOMES_MAX = 10000, /* of the whole: to put more together costs more than to search */
    HEAD = 13,            /* "il1:xxxxxxxx:", before a schedule's letters */
};

/* One outcome of what was put together so far, and one of the next part. */
struct pair {
    uint64_t steps;
    uint32_t a, b;
};

static int compare(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;

    if (x->steps != y->steps)
        return x->steps < y->steps ? -1 : 1;
    return x->a != y->a ? (x->a < y->a ? -1 : 1) : x->b < y->b ? -1 : x->b > y->b;
}

/* Every choice of one of each, the shortest way first. */
static struct pair *pairs_of(const struct lab_outcomes *a, const struct lab_outcomes *b)
{
    struct pair *pairs = malloc((a->n * b->n + 1) * sizeof(*pairs));

    for (size_t i = 0; pairs && i < a->n; i++)
        for (size_t k = 0; k < b->n; k++)
            pairs[i * b->n + k] =
                (struct pair){a->item[i].steps + b->item[k].steps, (uint32_t)i, (uint32_t)k};
    if (pairs)
        qsort(pairs, a->n * b->n, sizeof(*pairs), compare);
    return pairs;
}

static void add_counts(uint32_t *to, const uint32_t *from, const uint32_t *start, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] += from[i] - start[i];
}

/* Both happen; what neither has touched is as in @start. */
static struct lab_outcome both(const struct lab_outcome *a, const struct lab_outcome *b,
                               const struct lab_outcome *start)
{
    struct lab_outcome all = *a;

    all.steps += b->steps;
    all.hang |= b->hang;
    for (unsigned t = 0; t < sizeof(all.fate); t++)
        all.fate[t] |= b->fate[t];
    add_counts((uint32_t *)(void *)&all.counts, (const uint32_t *)(const void *)&b->counts,
               (const uint32_t *)(const void *)&start->counts,
               sizeof(all.counts) / sizeof(uint32_t));
    for (unsigned i = 0; i < LAB_VALUES_MAX; i++)
        all.watched[i] += b->watched[i] - start->watched[i];
    return all;
}

static char *both_ways(const char *a, const char *b)
{
    size_t size = strlen(a) + strlen(b) + 1;
    char *all = malloc(size);

    if (all)
        snprintf(all, size, "%s%s", a, b + HEAD);
    return all;
}

static uint32_t capped_product(uint32_t a, uint32_t b)
{
    uint64_t all = (uint64_t)a * b;

    return all > UINT32_MAX ? UINT32_MAX : (uint32_t)all;
}

/* Adds one outcome of the whole and how many ends have it. */
static bool add_pair(struct lab_outcomes *all, const struct lab_outcome *outcome,
                     uint32_t number, uint32_t count)
{
    uint32_t id = lab_outcomes_add(all, outcome, number);

    if (id == LAB_OUTCOME_NONE)
        return false;
    all->count[id] =
        all->count[id] > UINT32_MAX - count ? UINT32_MAX : all->count[id] + count - 1;
    return true;
}

/* Puts the outcomes of @part to those of @all, in place. */
static bool put_together(struct lab_explored *all, const struct lab_explored *part,
                         const struct lab_outcome *start)
{
    const struct lab_outcomes *a = &all->outcomes, *b = &part->outcomes;
    struct pair *pairs = pairs_of(a, b);
    struct lab_outcomes sum = {0};
    char **schedules = 0;
    bool good = pairs != 0;

    for (size_t i = 0; i < a->n * b->n && good; i++) {
        struct lab_outcome outcome = both(&a->item[pairs[i].a], &b->item[pairs[i].b], start);
        good = add_pair(&sum, &outcome, (uint32_t)i,
                        capped_product(a->count[pairs[i].a], b->count[pairs[i].b]));
    }
    good = good && lab_outcomes_sort(&sum);
    schedules = calloc(sum.n + 1, sizeof(*schedules));
    for (size_t i = 0; i < sum.n && good && schedules; i++) {
        const struct pair *pair = &pairs[sum.state[i]];
        schedules[i] = both_ways(all->schedules[pair->a], part->schedules[pair->b]);
        good = schedules[i] != 0;
    }
    for (size_t i = 0; i < all->outcomes.n; i++)
        free(all->schedules[i]);
    free(all->schedules);
    free(pairs);
    lab_outcomes_free(&all->outcomes);
    all->outcomes = sum;
    all->schedules = schedules;
    return good && schedules;
}

/* Can outcomes of the whole be made of this part's? */
static bool is_fit(const struct lab_explored *part, const struct lab_explored *all)
{
    bool fit = part->complete && part->schedules &&
               part->outcomes.n * (all->outcomes.n + 1) <= OUTCOMES_MAX;

    for (size_t i = 0; i < part->outcomes.n && fit; i++)
        fit = part->outcomes.item[i].end == SIM_END_QUIET && part->schedules[i];
    return fit;
}

/* What was searched, and what its code came to, is part of the whole search. */
static void add_extent(struct lab_explored *all, const struct lab_explored *part,
                       uint8_t *reached)
{
    const struct lab_exploration *s = part->exploration;

    all->states += part->states;
    all->transitions += part->transitions;
    all->depth += part->depth;
    all->seconds += part->seconds;
    all->bytes = part->bytes > all->bytes ? part->bytes : all->bytes;
    all->sorted |= part->sorted;
    for (uint32_t i = 0; i < s->expander.lab.program->code_size; i++)
        reached[i] |= s->expander.reached[i];
}

/* One part; the first is the whole so far. */
static enum lab_parts_end add_part(struct lab_explored *all, const struct lab_program *program,
                                   const struct lab_explore_options *options, uint8_t *reached,
                                   const struct lab_outcome *start)
{
    enum lab_parts_end end = LAB_PARTS_WHOLE;
    struct lab_explored part;

    if (lab_explore(program, options, &part) < 0)
        return LAB_PARTS_NO_MEMORY;
    if (is_fit(&part, all)) {
        add_extent(all, &part, reached);
        if (options->part) {
            end = put_together(all, &part, start) ? LAB_PARTS_DONE : LAB_PARTS_NO_MEMORY;
        } else {
            all->outcomes = part.outcomes;
            all->schedules = part.schedules;
            part.outcomes = (struct lab_outcomes){0};
            part.schedules = 0;
            end = LAB_PARTS_DONE;
        }
    }
    lab_explored_free(&part);
    return end;
}

enum lab_parts_end lab_explore_parts(const struct lab_program *program,
                                     const struct lab_explore_options *options,
                                     struct lab_explored *ret_explored)
{
    struct lab_explore_options one = *options;
    struct lab_expander expander;
    struct lab_split split = {.parts = 1};
    struct lab_outcome start;
    enum lab_parts_end end = LAB_PARTS_WHOLE;

    memset(ret_explored, 0, sizeof(*ret_explored));
    if (!lab_expander_open(&expander, program, 0) || !lab_split_find(&expander.lab, &split))
        end = LAB_PARTS_NO_MEMORY;
    if (split.parts > 1) {
        lab_outcome(&expander.lab, SIM_END_QUIET, true, &start);
        one.split = &split;
        end = LAB_PARTS_DONE;
    }
    for (one.part = 0; one.part < split.parts && end == LAB_PARTS_DONE; one.part++)
        end = add_part(ret_explored, program, &one, expander.reached, &start);
    ret_explored->parts = split.parts;
    ret_explored->complete = true;
    ret_explored->reduced = true;
    ret_explored->hashed = options->prints;
    if (end == LAB_PARTS_DONE && !lab_unreached_find(&expander.lab, &ret_explored->unreached))
        end = LAB_PARTS_NO_MEMORY;
    lab_expander_close(&expander);
    if (end != LAB_PARTS_DONE)
        lab_explored_free(ret_explored);
    return end;
}
