/* lab/axis.c - see axis.h. */
#include "lab/axis.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    GAP_CELLS = 16, /* an idle stretch longer than this may be taken out ... */
    GAP_TAIL = 4,   /* ... but for so many cells behind the last thing that happened */
    GAP_LEAD_MIN = 2,
    MARGIN = 3, /* cells behind the last thing that happens */
};

/* The instants at which something happens at any point, sorted, each once. */
struct instants {
    uint64_t *ns;
    size_t count;
    uint64_t closest_ns; /* smallest distance within one point */
    uint64_t lead_ns;    /* longest cost: an activity is drawn before its record */
};

static int compare_ns(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;

    return a < b ? -1 : a > b;
}

static uint64_t longest_cost(const struct lab_program *program)
{
    uint64_t longest = program->cost_take;

    if (program->cost_call > longest)
        longest = program->cost_call;
    if (program->cost_access > longest)
        longest = program->cost_access;
    return program->cost_leave > longest ? program->cost_leave : longest;
}

static bool instants_collect(struct instants *ret, const struct lab_trial *trials, size_t count)
{
    size_t total = 1;
    size_t used = 1;
    size_t kept = 1;

    for (size_t t = 0; t < count; t++)
        total += trials[t].count;
    ret->ns = calloc(total, sizeof(*ret->ns));
    ret->closest_ns = 0;
    ret->lead_ns = 0;
    if (!ret->ns)
        return false;
    for (size_t t = 0; t < count; t++) {
        uint64_t before = 0;

        if (longest_cost(trials[t].program) > ret->lead_ns)
            ret->lead_ns = longest_cost(trials[t].program);
        for (size_t i = 0; i < trials[t].count; i++) {
            uint64_t ns = lab_record_ns(&trials[t].records[i]);

            if (ns > before && (!ret->closest_ns || ns - before < ret->closest_ns))
                ret->closest_ns = ns - before;
            before = ns;
            ret->ns[used++] = ns;
        }
    }
    qsort(ret->ns, used, sizeof(*ret->ns), compare_ns);
    for (size_t i = 1; i < used; i++) {
        if (ret->ns[i] != ret->ns[kept - 1])
            ret->ns[kept++] = ret->ns[i];
    }
    ret->count = kept;
    return true;
}

/* The next of 1, 2, 5, 10, 20, ... */
static uint64_t next_cell(uint64_t cell)
{
    uint64_t power = 1;

    while (cell / power >= 10)
        power *= 10;
    return cell / power == 2 ? 5 * power : 2 * cell;
}

static uint64_t column_at(const struct lab_axis *axis, uint64_t ns)
{
    uint64_t removed = 0;
    uint64_t extra = 0;

    for (unsigned i = 0; i < axis->breaks; i++) {
        const struct lab_axis_break *gap = &axis->gap[i];

        if (ns < gap->from_ns)
            break;
        if (ns < gap->to_ns)
            return (gap->from_ns - removed) / axis->cell_ns + extra;
        removed += gap->to_ns - gap->from_ns;
        extra += LAB_AXIS_BREAK_COLUMNS;
    }
    return (ns - removed) / axis->cell_ns + extra;
}

unsigned lab_axis_column(const struct lab_axis *axis, uint64_t ns)
{
    uint64_t column = column_at(axis, ns);

    return column < axis->columns ? (unsigned)column : axis->columns;
}

/* Takes out the idle stretches for this cell size. */
static void find_breaks(struct lab_axis *axis, const struct instants *instants)
{
    uint64_t cell = axis->cell_ns;
    uint64_t lead = (instants->lead_ns / cell + GAP_LEAD_MIN) * cell;

    axis->breaks = 0;
    for (size_t i = 1; i < instants->count && axis->breaks < LAB_AXIS_BREAKS_MAX; i++) {
        uint64_t from = (instants->ns[i - 1] / cell + GAP_TAIL) * cell;
        uint64_t to = instants->ns[i] / cell * cell;

        if (to < lead || to - lead < from || to - lead - from < GAP_CELLS * cell)
            continue;
        axis->gap[axis->breaks++] = (struct lab_axis_break){from, to - lead, 0};
        axis->gap[axis->breaks - 1].column = (unsigned)column_at(axis, from);
    }
}

unsigned lab_axis_column_before(const struct lab_axis *axis, uint64_t ns)
{
    unsigned column = lab_axis_column(axis, ns ? ns - 1 : 0);

    return column < axis->columns ? column : axis->columns - 1;
}

bool lab_axis_is_break(const struct lab_axis *axis, unsigned column)
{
    for (unsigned i = 0; i < axis->breaks; i++) {
        if (column - axis->gap[i].column < LAB_AXIS_BREAK_COLUMNS)
            return true;
    }
    return false;
}

void lab_axis_fit(struct lab_axis *ret_axis, const struct lab_trial *trials, size_t count,
                  unsigned columns_max)
{
    struct instants instants;
    uint64_t columns;

    assert(columns_max > 2 * MARGIN);
    *ret_axis = (struct lab_axis){.cell_ns = 1, .columns = 2 * MARGIN};
    if (!instants_collect(&instants, trials, count))
        return;
    ret_axis->end_ns = instants.ns[instants.count - 1];
    while (next_cell(ret_axis->cell_ns) <= instants.closest_ns)
        ret_axis->cell_ns = next_cell(ret_axis->cell_ns);
    for (;;) {
        ret_axis->breaks = 0;
        columns = ret_axis->end_ns / ret_axis->cell_ns + 1 + MARGIN;
        if (columns <= columns_max)
            break;
        find_breaks(ret_axis, &instants);
        columns = column_at(ret_axis, ret_axis->end_ns) + 1 + MARGIN;
        if (columns <= columns_max)
            break;
        ret_axis->cell_ns = next_cell(ret_axis->cell_ns);
    }
    ret_axis->columns = (unsigned)columns;
    free(instants.ns);
}

/* A tick: as many cells as its number needs, and round. */
static uint64_t tick_ns(const struct lab_axis *axis, const char **ret_unit,
                        uint64_t *ret_unit_ns)
{
    static const struct {
        uint64_t ns;
        const char *name;
    } unit[] = {{1000000000, "s"}, {1000000, "ms"}, {1000, "us"}, {1, "ns"}};

    uint64_t tick = next_cell(next_cell(axis->cell_ns));
    char number[24];

    for (;; tick = next_cell(tick)) {
        size_t i = 0;

        while (tick % unit[i].ns != 0)
            i++;
        *ret_unit = unit[i].name;
        *ret_unit_ns = unit[i].ns;
        snprintf(number, sizeof(number), "%llu",
                 (unsigned long long)(axis->end_ns / unit[i].ns));
        if (strlen(number) + 2 <= tick / axis->cell_ns)
            return tick;
    }
}

const char *lab_axis_numbers(const struct lab_axis *axis, char *ret_line)
{
    const char *unit;
    uint64_t unit_ns;
    uint64_t tick = tick_ns(axis, &unit, &unit_ns);
    size_t free_from = 0;

    memset(ret_line, ' ', axis->columns);
    ret_line[axis->columns] = '\0';
    for (uint64_t ns = 0;; ns += tick) {
        unsigned column = lab_axis_column(axis, ns);
        char number[24];
        size_t length;

        if (column >= axis->columns)
            return unit;
        snprintf(number, sizeof(number), "%llu", (unsigned long long)(ns / unit_ns));
        length = strlen(number);
        if (lab_axis_is_break(axis, column) || column < free_from ||
            column + length > axis->columns)
            continue;
        memcpy(ret_line + column, number, length);
        free_from = column + length + 1;
    }
}
