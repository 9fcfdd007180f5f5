/*
 * lab/lane_cells.h - drawing into the cells of a lane; and what lab/lanes.c puts together from
 * the files that draw one kind of lane each.
 */
#ifndef LAB_LANE_CELLS_H
#define LAB_LANE_CELLS_H

#include "lab/lanes.h"

/* Ranks: what covers what in a crowded cell. */
enum lab_rank {
    LAB_RANK_IDLE,
    LAB_RANK_WAIT,
    LAB_RANK_SPAN,
    LAB_RANK_SPEND,
    LAB_RANK_STEP,
    LAB_RANK_EDGE,
    LAB_RANK_TOKEN,
    LAB_RANK_LOST
};

/* Puts a glyph into one cell unless something of a higher rank stands there. */
void lab_cell_put(struct lab_lanes *lanes, struct lab_lane *lane, unsigned column,
                  const char *glyph, unsigned ink, unsigned rank);
/* From the instant @from to the instant @to: one cell at least. */
void lab_cells_fill(struct lab_lanes *lanes, struct lab_lane *lane, uint64_t from, uint64_t to,
                    const char *glyph, unsigned ink, unsigned rank);
/* The same with a mark, which then needs a line in the key. */
void lab_cells_mark(struct lab_lanes *lanes, struct lab_lane *lane, uint64_t from, uint64_t to,
                    enum lab_mark mark, unsigned rank);
/* A loss. */
void lab_cell_lost(struct lab_lanes *lanes, struct lab_lane *lane, unsigned column);
/* A token; several in one cell become their number. */
void lab_cell_token(struct lab_lanes *lanes, struct lab_lane *lane, unsigned column,
                    unsigned token, const char *glyph);
/* The ink of the device a token belongs to. */
unsigned lab_token_ink(const struct lab_lanes *lanes, unsigned token);
const char *lab_token_shape(const struct lab_lanes *lanes, unsigned token);

/* A new lane full of @ground, or of the mark for sleep; 0 if there is no room. */
struct lab_lane *lab_lane_add(struct lab_lanes *lanes, const char *label, const char *ground);
struct lab_lane *lab_lane_add_idle(struct lab_lanes *lanes, const char *label);
/* Writes "kind", or "kind name" if there are several of the kind (LAB_LANE_LABEL bytes). */
void lab_lane_label(const struct lab_lanes *lanes, enum lab_lane_kind kind, const char *what,
                    const char *name, char *ret_label);

/* ---- lanes_hardware.c; false: no room ---- */
bool lab_draw_wire(struct lab_lanes *lanes, unsigned line);
bool lab_draw_state(struct lab_lanes *lanes, const char *label, enum sim_trace_kind kind,
                    unsigned irq, enum lab_mark mark);

/* ---- lanes_software.c; false: no room ---- */
bool lab_draw_ready(struct lab_lanes *lanes, const char *label, unsigned instance);
bool lab_draw_handler(struct lab_lanes *lanes, const char *label, unsigned cpu);
bool lab_draw_thread(struct lab_lanes *lanes, const char *label, unsigned driver);
bool lab_draw_queue(struct lab_lanes *lanes, const char *label, unsigned file);
bool lab_draw_task(struct lab_lanes *lanes, const char *label, unsigned task);

#endif
