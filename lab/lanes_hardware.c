/*
 * lab/lanes_hardware.c - the lanes of wires and of the controller: what the mechanism looks at
 * is drawn bold.
 */
#include <string.h>

#include "lab/lane_cells.h"
#include "lab/words.h"

/* ---- the wire ---- */

/* Box characters of a line: [0] ASCII, [1] what the controller looks at is the change, [2] the
 * high level, [3] the low one. The bold stroke is what the mechanism looks at. */
struct wire_glyphs {
    const char *high, *low, *rise_top, *rise_bottom, *fall_top, *fall_bottom, *spike_top,
        *spike_bottom, *notch_top, *notch_bottom;
};

static const struct wire_glyphs *wire_glyphs(const struct lab_style *style, unsigned trigger)
{
    static const struct wire_glyphs ascii = {"-", "-", "+", "+", "+", "+", "^", "+", "+", "v"};
    static const struct wire_glyphs rising = {"─", "─", "┎", "┚", "┐", "└", "╻", "┸", "┬", "╵"};
    static const struct wire_glyphs falling = {"─", "─", "┌", "┘", "┒",
                                               "┖", "╷", "┴", "┰", "╹"};
    static const struct wire_glyphs both = {"─", "─", "┎", "┚", "┒", "┖", "╻", "┸", "┰", "╹"};
    static const struct wire_glyphs high = {"━", "─", "┍", "┘", "┑", "└", "╻", "┴", "┯", "╵"};
    static const struct wire_glyphs low = {"─", "━", "┌", "┙", "┐", "┕", "╷", "┷", "┬", "╹"};

    if (!style->utf8)
        return &ascii;
    switch (trigger) {
    case SIM_TRIGGER_LEVEL:
        return &high;
    case SIM_TRIGGER_LOW:
        return &low;
    case SIM_TRIGGER_FALLING:
        return &falling;
    case SIM_TRIGGER_BOTH:
        return &both;
    default:
        return &rising;
    }
}

/* Draws one column of a line that had @before at its start and changed @changes times in it. */
static void wire_column(struct lab_lanes *lanes, struct lab_lane *top, unsigned column,
                        const struct wire_glyphs *glyph, bool before, unsigned changes,
                        unsigned ink)
{
    struct lab_lane *bottom = top + 1;
    const char *above = before ? glyph->high : " ";
    const char *below = before ? " " : glyph->low;

    if (changes % 2 && !before) {
        above = glyph->rise_top;
        below = glyph->rise_bottom;
    } else if (changes % 2) {
        above = glyph->fall_top;
        below = glyph->fall_bottom;
    } else if (changes) {
        above = before ? glyph->notch_top : glyph->spike_top;
        below = before ? glyph->notch_bottom : glyph->spike_bottom;
    }
    lab_cell_put(lanes, top, column, above, ink, LAB_RANK_STEP);
    lab_cell_put(lanes, bottom, column, below, ink, LAB_RANK_STEP);
}

/* The level a line has before its first record. */
static bool wire_first_level(const struct lab_trial *trial, unsigned line)
{
    for (size_t i = 0; i < trial->count; i++) {
        if (trial->records[i].kind == SIM_EV_LINE && trial->records[i].object == line)
            return !trial->records[i].value;
    }
    return !lab_line_active(trial, line, 1);
}

/* Crosses: an arrival that was no edge, an edge that was forgotten, a token that was dropped.
 */
static void wire_losses(struct lab_lanes *lanes, struct lab_lane *top, unsigned line)
{
    const struct lab_trial *trial = lanes->trial;
    const struct sim *sim = &trial->lab->sim;
    bool level = wire_first_level(trial, line);

    for (size_t i = 0; i < trial->count; i++) {
        const struct sim_record *record = &trial->records[i];
        unsigned column = lab_axis_column(lanes->axis, lab_record_ns(record));
        bool here = record->object < trial->program->sim.devices &&
                    sim->line_of[record->object] == line;
        bool lost = false;

        if (record->kind == SIM_EV_LINE && record->object == line)
            level = record->value;
        else if (record->kind == SIM_EV_ARRIVE)
            lost = here && record->token && lanes->story->token[record->token].unseen;
        else if (record->kind == SIM_EV_DROP)
            lost =
                here && record->token && lab_fate_lost(lanes->story->token[record->token].fate);
        else if (record->kind == SIM_EV_IGNORED)
            lost = record->object == sim->line_irq[line];
        if (lost)
            lab_cell_lost(lanes, level ? top : top + 1, column);
    }
}

bool lab_draw_wire(struct lab_lanes *lanes, unsigned line)
{
    const struct lab_trial *trial = lanes->trial;
    const struct wire_glyphs *glyph =
        wire_glyphs(lanes->style, trial->lab->sim.line_trigger[line]);
    bool stuck = lanes->story->stuck && lanes->story->stuck_line == line;
    unsigned stuck_from = lab_axis_column(lanes->axis, lanes->story->stuck_ns);
    bool level = wire_first_level(trial, line);
    struct lab_lane *top = lab_lane_add(lanes, "", " ");
    char label[LAB_LANE_LABEL];
    char name[16];
    size_t i = 0;

    lab_words_set(name, sizeof(name), "irq%u", (unsigned)trial->lab->sim.line_irq[line]);
    lab_lane_label(lanes, LAB_LANE_WIRE, "wire", name, label);
    if (!top || !lab_lane_add(lanes, label, " "))
        return false;
    for (unsigned column = 0; column < lanes->axis->columns; column++) {
        unsigned changes = 0;
        bool before = level;

        for (; i < trial->count; i++) {
            const struct sim_record *record = &trial->records[i];

            if (lab_axis_column(lanes->axis, lab_record_ns(record)) > column)
                break;
            if (record->kind == SIM_EV_LINE && record->object == line) {
                changes += (record->value != 0) != level;
                level = record->value != 0;
            }
        }
        wire_column(lanes, top, column, glyph, before, changes,
                    stuck && column >= stuck_from ? LAB_INK_LOST : LAB_INK_PLAIN);
    }
    wire_losses(lanes, top, line);
    return true;
}

/* ---- controller, ready list ---- */

/* A lane for something that is on or off. */
bool lab_draw_state(struct lab_lanes *lanes, const char *label, enum sim_trace_kind kind,
                    unsigned object, enum lab_mark mark)
{
    const struct lab_trial *trial = lanes->trial;
    struct lab_lane *lane = lab_lane_add_idle(lanes, label);
    bool on = false;
    uint64_t from = 0;

    if (!lane)
        return false;
    for (size_t i = 0; i < trial->count; i++) {
        const struct sim_record *record = &trial->records[i];

        if (record->kind != kind || record->object != object || on == (record->value != 0))
            continue;
        if (on)
            lab_cells_mark(lanes, lane, from, lab_record_ns(record), mark, LAB_RANK_SPAN);
        on = record->value != 0;
        from = lab_record_ns(record);
    }
    if (on)
        lab_cells_mark(lanes, lane, from, UINT64_MAX >> 16, mark, LAB_RANK_SPAN);
    return true;
}
