/* lab/lanes.c - see lanes.h. */
#include "lab/lanes.h"

#include <stdlib.h>
#include <string.h>

#include "lab/lane_cells.h"
#include "lab/words.h"

/* ---- the plan ---- */

static void note(struct lab_lane_set *set, unsigned id, unsigned *hidden)
{
    uint64_t *word = &set->seen[(id & 255) / 64];
    uint64_t bit = (uint64_t)1 << (id & 63);

    if (*word & bit)
        return;
    *word |= bit;
    if (set->count < set->most)
        set->id[set->count++] = (uint16_t)id;
    else
        (*hidden)++;
}

static void plan_record(struct lab_lane_plan *plan, const struct lab_trial *trial,
                        const struct sim_record *record)
{
    const struct lab_actor *actor = lab_record_actor(trial, record);
    struct lab_lane_set *set = plan->set;

    if (actor && actor->who == LAB_WHO_TASK)
        note(&set[LAB_LANE_TASK], actor->index, &plan->hidden);
    switch (record->kind) {
    case SIM_EV_ARRIVE:
        plan->arrivals = true;
        break;
    case SIM_EV_LINE:
        note(&set[LAB_LANE_WIRE], record->object, &plan->hidden);
        break;
    case SIM_EV_PENDING:
        note(&set[LAB_LANE_PENDING], record->object, &plan->hidden);
        break;
    case SIM_EV_ACTIVE:
        note(&set[LAB_LANE_ACTIVE], record->object, &plan->hidden);
        break;
    case SIM_EV_TAKE:
        note(&set[LAB_LANE_HANDLER], record->object, &plan->hidden);
        break;
    case SIM_EV_THREAD:
        note(&set[LAB_LANE_THREAD], record->object, &plan->hidden);
        break;
    case SIM_EV_QUEUE:
    case SIM_EV_FULL:
    case SIM_EV_PUT:
        note(&set[LAB_LANE_QUEUE], record->object, &plan->hidden);
        break;
    case SIM_EV_READY:
        note(&set[LAB_LANE_READY], record->value >> 8, &plan->hidden);
        break;
    default:
        break;
    }
}

/* The next arrival at or after record @i. */
static const struct sim_record *next_arrival(const struct lab_trial *trial, size_t *i)
{
    while (*i < trial->count && trial->records[*i].kind != SIM_EV_ARRIVE)
        (*i)++;
    return *i < trial->count ? &trial->records[(*i)++] : 0;
}

static bool arrivals_alike(const struct lab_trial *one, const struct lab_trial *two)
{
    size_t i = 0;
    size_t j = 0;

    for (;;) {
        const struct sim_record *a = next_arrival(one, &i);
        const struct sim_record *b = next_arrival(two, &j);

        if (!a || !b)
            return a == b;
        if (lab_record_ns(a) != lab_record_ns(b) || a->token != b->token ||
            a->object != b->object)
            return false;
    }
}

void lab_lanes_plan(struct lab_lane_plan *ret_plan, const struct lab_trial *trials,
                    size_t count)
{
    memset(ret_plan, 0, sizeof(*ret_plan));
    ret_plan->same_arrivals = true;
    for (unsigned kind = 0; kind < LAB_LANE_KINDS; kind++)
        ret_plan->set[kind].most =
            kind == LAB_LANE_TASK ? LAB_LANES_OF_TASKS : LAB_LANES_OF_A_KIND;
    for (size_t t = 0; t < count; t++) {
        for (size_t i = 0; i < trials[t].count; i++)
            plan_record(ret_plan, &trials[t], &trials[t].records[i]);
        if (!arrivals_alike(&trials[0], &trials[t]))
            ret_plan->same_arrivals = false;
    }
}

/* ---- arrivals ---- */

/* The names of the tokens that arrive in a column, "b1,b2", and whether one device gets all. */
static bool names_in_column(const struct lab_lanes *lanes, unsigned column, char *ret_names,
                            size_t size)
{
    const struct lab_trial *trial = lanes->trial;
    int device = -1;
    bool same = true;

    ret_names[0] = '\0';
    for (size_t i = 0; i < trial->count; i++) {
        const struct sim_record *record = &trial->records[i];
        size_t length = strlen(ret_names);

        if (record->kind != SIM_EV_ARRIVE || record->token == 0 ||
            lab_axis_column(lanes->axis, lab_record_ns(record)) != column)
            continue;
        same = same && (device < 0 || device == record->object);
        device = record->object;
        lab_words_set(ret_names + length, size - length, "%s%s", length ? "," : "",
                      lab_token_name(trial, record->token));
    }
    return same;
}

/* Writes names behind the shapes where there is room: they need no key then. */
static void name_arrivals(struct lab_lanes *lanes, struct lab_lane *lane)
{
    unsigned columns = lanes->axis->columns;

    for (unsigned column = 0; column < columns; column++) {
        char names[48];
        unsigned room = 0;
        size_t length;

        if (lane->cell[column].tokens == 0)
            continue;
        if (!names_in_column(lanes, column, names, sizeof(names)))
            continue;
        while (column + 1 + room < columns && lane->cell[column + 1 + room].tokens == 0 &&
               !lab_axis_is_break(lanes->axis, column + 1 + room))
            room++;
        length = strlen(names);
        if (length + 1 > room || length + 1 == sizeof(names))
            continue;
        if (lane->cell[column].tokens > 1)
            lab_words_set(
                lane->cell[column].glyph, LAB_GLYPH_BYTES, "%s",
                lab_style_shape(lanes->style, lane->cell[column].ink - LAB_INK_DEVICE));
        for (size_t i = 0; i < length; i++) {
            char letter[2] = {names[i], '\0'};

            lab_cell_put(lanes, lane, column + 1 + (unsigned)i, letter, lane->cell[column].ink,
                         LAB_RANK_STEP);
        }
    }
}

bool lab_lanes_arrivals(struct lab_lanes *lanes)
{
    const struct lab_trial *trial = lanes->trial;
    struct lab_lane *lane = lab_lane_add(lanes, "arrivals", " ");

    if (!lane)
        return false;
    for (size_t i = 0; i < trial->count; i++) {
        const struct sim_record *record = &trial->records[i];
        unsigned column = lab_axis_column(lanes->axis, lab_record_ns(record));

        if (record->kind == SIM_EV_ARRIVE && record->token)
            lab_cell_token(lanes, lane, column, record->token,
                           lab_token_shape(lanes, record->token));
        else if (record->kind == SIM_EV_ARRIVE)
            lab_cell_put(lanes, lane, column, lanes->style->utf8 ? "▾" : "v",
                         LAB_INK_DEVICE + record->object % LAB_DEVICE_INKS, LAB_RANK_STEP);
    }
    name_arrivals(lanes, lane);
    return true;
}

/* ---- all of them ---- */

static bool draw_one(struct lab_lanes *lanes, enum lab_lane_kind kind, unsigned id)
{
    const struct lab_program *program = lanes->trial->program;
    char label[LAB_LANE_LABEL];
    char number[16];

    lab_words_set(number, sizeof(number), "%u", id);
    switch (kind) {
    case LAB_LANE_WIRE:
        return lab_draw_wire(lanes, id);
    case LAB_LANE_PENDING:
        lab_lane_label(lanes, kind, "pending", number, label);
        return lab_draw_state(lanes, label, SIM_EV_PENDING, id, LAB_MARK_PENDING);
    case LAB_LANE_ACTIVE:
        lab_lane_label(lanes, kind, "active", number, label);
        return lab_draw_state(lanes, label, SIM_EV_ACTIVE, id, LAB_MARK_SPEND);
    case LAB_LANE_HANDLER:
        lab_lane_label(lanes, kind, "handler", number, label);
        return lab_draw_handler(lanes, label, id);
    case LAB_LANE_THREAD:
        lab_lane_label(lanes, kind, "thread",
                       lab_program_name(program, program->driver_name[id]), label);
        return lab_draw_thread(lanes, label, id);
    case LAB_LANE_QUEUE:
        if (id < program->drv.fixed_files)
            lab_words_set(label, sizeof(label), "%s",
                          lab_program_name(program, program->file_name[id]));
        else
            lab_lane_label(lanes, kind, "pipe", number, label);
        return lab_draw_queue(lanes, label, id);
    case LAB_LANE_READY:
        lab_lane_label(lanes, kind, "ready list", number, label);
        return lab_draw_ready(lanes, label, id);
    default:
        return lab_draw_task(
            lanes, lab_program_name(program, lab_program_tasks(program)[id].name), id);
    }
}

bool lab_lanes_draw(struct lab_lanes *lanes)
{
    for (unsigned kind = 0; kind < LAB_LANE_KINDS; kind++) {
        const struct lab_lane_set *set = &lanes->plan->set[kind];

        for (unsigned i = 0; i < set->count; i++) {
            if (!draw_one(lanes, (enum lab_lane_kind)kind, set->id[i]))
                return false;
        }
    }
    for (unsigned column = 0; column < lanes->axis->columns; column++) {
        if (!lab_axis_is_break(lanes->axis, column))
            continue;
        lanes->plan->marks |= 1u << LAB_MARK_BREAK;
        for (unsigned i = 0; i < lanes->count; i++)
            lab_cell_put(lanes, &lanes->lane[i], column,
                         lab_mark_glyph(lanes->style, LAB_MARK_BREAK), LAB_INK_SOFT,
                         LAB_RANK_LOST);
    }
    return true;
}

void lab_lanes_free(struct lab_lanes *lanes)
{
    for (unsigned i = 0; i < lanes->count; i++)
        free(lanes->lane[i].cell);
    lanes->count = 0;
}
