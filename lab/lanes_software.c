/*
 * lab/lanes_software.c - the lanes of ready lists, handlers, threads, queues and tasks.
 */
#include <string.h>

#include "lab/lane_cells.h"
#include "lab/words.h"

/* ---- ready lists ---- */

bool lab_draw_ready(struct lab_lanes *lanes, const char *label, unsigned instance)
{
    const struct lab_trial *trial = lanes->trial;
    struct lab_lane *lane = lab_lane_add_idle(lanes, label);
    unsigned on = 0;
    uint64_t from = 0;

    if (!lane)
        return false;
    for (size_t i = 0; i < trial->count; i++) {
        const struct sim_record *record = &trial->records[i];
        unsigned before = on;

        if (record->kind != SIM_EV_READY || record->value >> 8 != instance)
            continue;
        on += record->value & 1 ? 1 : on ? (unsigned)-1 : 0;
        if (!before && on)
            from = lab_record_ns(record);
        else if (before && !on)
            lab_cells_mark(lanes, lane, from, lab_record_ns(record), LAB_MARK_SPEND,
                           LAB_RANK_SPAN);
    }
    if (on)
        lab_cells_mark(lanes, lane, from, UINT64_MAX >> 16, LAB_MARK_SPEND, LAB_RANK_SPAN);
    return true;
}

/* ---- handlers and threads ---- */

/* Draws a step that ended at @ns and cost @cost; what lies between it and @before is spend().
 */
static void draw_step(struct lab_lanes *lanes, struct lab_lane *lane, uint64_t before,
                      uint64_t ns, uint64_t cost, enum lab_mark mark)
{
    uint64_t start = ns > cost && ns - cost > before ? ns - cost : before;

    if (start > before)
        lab_cells_mark(lanes, lane, before, start, LAB_MARK_SPEND, LAB_RANK_SPEND);
    if (ns > start)
        lab_cells_mark(lanes, lane, start, ns, mark,
                       mark == LAB_MARK_ENTER ? LAB_RANK_EDGE : LAB_RANK_STEP);
}

/* One record of kernel code: true if it belongs to a step that is drawn. */
static bool draw_kernel_record(struct lab_lanes *lanes, struct lab_lane *lane,
                               const struct sim_record *record, uint64_t before)
{
    const struct lab_program *program = lanes->trial->program;
    uint64_t ns = lab_record_ns(record);
    char letter[2] = "+";

    switch (record->kind) {
    case SIM_EV_TAKE:
        draw_step(lanes, lane, ns > program->cost_take ? ns - program->cost_take : 0, ns,
                  program->cost_take, LAB_MARK_ENTER);
        return true;
    case SIM_EV_LEAVE:
        draw_step(lanes, lane, before, ns, program->cost_leave, LAB_MARK_ENTER);
        /* an EOI of the flow itself has no time of its own: leaving covers it */
        draw_step(lanes, lane, ns > program->cost_leave ? ns - program->cost_leave : 0, ns,
                  program->cost_leave, LAB_MARK_ENTER);
        return true;
    case SIM_EV_READ:
    case SIM_EV_WRITE:
    case SIM_EV_MASK:
    case SIM_EV_UNMASK:
    case SIM_EV_CPU_MASK:
    case SIM_EV_AIM:
    case SIM_EV_STATE_GET:
    case SIM_EV_STATE_SET:
    case SIM_EV_EOI:
        draw_step(lanes, lane, before, ns, program->cost_access, LAB_MARK_ACCESS);
        return true;
    case SIM_EV_QUEUE:
    case SIM_EV_FULL:
        draw_step(lanes, lane, before, ns, 0, LAB_MARK_ACCESS);
        if (record->token)
            letter[0] = lab_token_name(lanes->trial, record->token)[0];
        if (record->kind == SIM_EV_FULL)
            lab_cell_lost(lanes, lane, lab_axis_column_before(lanes->axis, ns));
        else
            lab_cell_token(lanes, lane, lab_axis_column_before(lanes->axis, ns), record->token,
                           letter);
        return true;
    default:
        return false;
    }
}

bool lab_draw_handler(struct lab_lanes *lanes, const char *label, unsigned cpu)
{
    const struct lab_trial *trial = lanes->trial;
    struct lab_lane *lane = lab_lane_add_idle(lanes, label);
    uint64_t before = 0;
    bool inside = false;

    if (!lane)
        return false;
    for (size_t i = 0; i < trial->count; i++) {
        const struct sim_record *record = &trial->records[i];
        const struct lab_actor *actor = lab_record_actor(trial, record);

        if (!actor || (actor->who != LAB_WHO_CPU && actor->who != LAB_WHO_TAKE) ||
            actor->index != cpu)
            continue;
        inside = inside || record->kind == SIM_EV_TAKE;
        if (inside && draw_kernel_record(lanes, lane, record, before))
            before = lab_record_ns(record);
        if (record->kind == SIM_EV_LEAVE)
            inside = false;
    }
    return true;
}

bool lab_draw_thread(struct lab_lanes *lanes, const char *label, unsigned driver)
{
    const struct lab_trial *trial = lanes->trial;
    struct lab_lane *lane = lab_lane_add_idle(lanes, label);
    uint64_t before = 0;
    uint64_t woken = 0;

    if (!lane)
        return false;
    for (size_t i = 0; i < trial->count; i++) {
        const struct sim_record *record = &trial->records[i];
        const struct lab_actor *actor = lab_record_actor(trial, record);
        uint64_t ns = lab_record_ns(record);

        if (record->kind == SIM_EV_THREAD && record->object == driver) {
            if (record->value == 2)
                woken = ns;
            else if (record->value == 1 && woken < ns)
                lab_cells_mark(lanes, lane, woken, ns, LAB_MARK_WAITS, LAB_RANK_WAIT);
            else if (record->value == 0)
                draw_step(lanes, lane, before, ns, 0, LAB_MARK_ACCESS);
            before = ns;
        } else if (actor && actor->who == LAB_WHO_THREAD && actor->index == driver &&
                   draw_kernel_record(lanes, lane, record, before)) {
            before = ns;
        }
    }
    return true;
}

/* ---- queues ---- */

static void draw_fill_level(struct lab_lanes *lanes, struct lab_lane *lane, uint64_t from,
                            uint64_t to, unsigned level, unsigned ink)
{
    char digit[2] = {level > 9 ? '+' : (char)('0' + level), '\0'};

    if (level == 0)
        return;
    lanes->plan->marks |= 1u << LAB_MARK_QUEUE;
    lab_cells_fill(lanes, lane, from, to, digit, ink, LAB_RANK_SPAN);
}

/* How many bytes lie in a file. */
bool lab_draw_queue(struct lab_lanes *lanes, const char *label, unsigned file)
{
    const struct lab_trial *trial = lanes->trial;
    struct lab_lane *lane = lab_lane_add_idle(lanes, label);
    unsigned level = 0;
    uint64_t from = 0;

    if (!lane)
        return false;
    for (size_t i = 0; i < trial->count; i++) {
        const struct sim_record *record = &trial->records[i];
        uint64_t ns = lab_record_ns(record);
        unsigned after = level;

        if (record->object != file)
            continue;
        if (record->kind == SIM_EV_QUEUE || record->kind == SIM_EV_PUT)
            after = level + 1;
        else if ((record->kind == SIM_EV_GOT || record->kind == SIM_EV_LOSE) && level)
            after = level - 1;
        else if (record->kind == SIM_EV_FULL)
            lab_cell_lost(lanes, lane, lab_axis_column(lanes->axis, ns));
        if (after == level)
            continue;
        if (ns > from)
            draw_fill_level(lanes, lane, from, ns, level, LAB_INK_PLAIN);
        level = after;
        from = ns;
    }
    draw_fill_level(lanes, lane, from, UINT64_MAX >> 16, level, LAB_INK_LOST);
    return true;
}

/* ---- tasks ---- */

/* A task between two of its records. */
struct task_pen {
    uint64_t before; /* its last record */
    unsigned nr;     /* call under way or last done */
    bool asleep;
    bool gone;
};

static void draw_call(struct lab_lanes *lanes, struct lab_lane *lane, struct task_pen *pen,
                      uint64_t ns)
{
    uint64_t cost = lanes->trial->program->cost_call;
    uint64_t start = ns > cost && ns - cost > pen->before ? ns - cost : pen->before;
    char letter[2] = {lab_call_letter(pen->nr), '\0'};

    if (start > pen->before && pen->asleep)
        lab_cells_mark(lanes, lane, pen->before, start, LAB_MARK_ASLEEP, LAB_RANK_IDLE);
    else if (start > pen->before)
        lab_cells_mark(lanes, lane, pen->before, start, LAB_MARK_WAITS, LAB_RANK_WAIT);
    if (ns > start)
        lab_cells_fill(lanes, lane, start, ns, letter, LAB_INK_PLAIN, LAB_RANK_STEP);
    lanes->plan->calls |= (uint64_t)1 << pen->nr;
}

/* A bit reported again although no wake of the file carried it since the last report. */
static bool report_repeats(const struct lab_trial *trial, size_t i)
{
    const struct sim_record *report = &trial->records[i];
    unsigned bits = report->value & 0xffff;

    while (i-- > 0 && bits) {
        const struct sim_record *record = &trial->records[i];

        if (record->object != report->object)
            continue;
        if (record->kind == SIM_EV_WAKE)
            bits &= ~record->value;
        else if (record->kind == SIM_EV_REPORT && record->actor == report->actor &&
                 record->value >> 16 == report->value >> 16)
            return (bits & record->value) != 0;
    }
    return false;
}

static void draw_task_record(struct lab_lanes *lanes, struct lab_lane *lane,
                             struct task_pen *pen, size_t i)
{
    const struct sim_record *record = &lanes->trial->records[i];
    uint64_t ns = lab_record_ns(record);
    unsigned column = lab_axis_column_before(lanes->axis, ns);

    switch (record->kind) {
    case SIM_EV_CALL:
    case SIM_EV_RETURN:
    case SIM_EV_WOKEN:
    case SIM_EV_BLOCK:
        pen->nr = record->object;
        draw_call(lanes, lane, pen, ns);
        pen->asleep = record->kind == SIM_EV_BLOCK;
        break;
    case SIM_EV_GOT:
    case SIM_EV_PUT:
        draw_call(lanes, lane, pen, ns);
        pen->asleep = false;
        if (record->token)
            lab_cell_token(lanes, lane, column, record->token,
                           lab_token_shape(lanes, record->token));
        break;
    case SIM_EV_REPORT:
        draw_call(lanes, lane, pen, ns);
        pen->asleep = false;
        if (report_repeats(lanes->trial, i)) {
            lanes->plan->marks |= 1u << LAB_MARK_REPEAT;
            lab_cell_put(lanes, lane, column, lab_mark_glyph(lanes->style, LAB_MARK_REPEAT),
                         LAB_INK_LATE, LAB_RANK_EDGE);
        }
        break;
    case SIM_EV_EXIT:
        pen->gone = true;
        break;
    case SIM_EV_WRITE: /* of a sleeper: its disk is told */
        if (pen->asleep)
            return;
        /* fall through */
    default:
        /* a driver's read {} or write {} block inside the call */
        if (!draw_kernel_record(lanes, lane, record, pen->before))
            return;
        pen->asleep = false;
        break;
    }
    pen->before = ns;
}

bool lab_draw_task(struct lab_lanes *lanes, const char *label, unsigned task)
{
    const struct lab_trial *trial = lanes->trial;
    struct lab_lane *lane = lab_lane_add_idle(lanes, label);
    struct task_pen pen = {0};

    if (!lane)
        return false;
    for (size_t i = 0; i < trial->count; i++) {
        const struct lab_actor *actor = lab_record_actor(trial, &trial->records[i]);

        if (actor && actor->who == LAB_WHO_TASK && actor->index == task)
            draw_task_record(lanes, lane, &pen, i);
    }
    if (pen.gone)
        lab_cells_fill(lanes, lane, pen.before, UINT64_MAX >> 16, " ", LAB_INK_PLAIN,
                       LAB_RANK_WAIT);
    else if (pen.asleep)
        lab_cells_mark(lanes, lane, pen.before, UINT64_MAX >> 16, LAB_MARK_ASLEEP,
                       LAB_RANK_IDLE);
    return true;
}
