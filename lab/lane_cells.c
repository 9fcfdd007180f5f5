/* lab/lane_cells.c - see lane_cells.h. */
#include "lab/lane_cells.h"

#include <stdlib.h>

#include "lab/words.h"

const char *lab_mark_glyph(const struct lab_style *style, enum lab_mark mark)
{
    static const char *const utf8[LAB_MARKS] = {
        [LAB_MARK_ENTER] = "▌",   [LAB_MARK_ACCESS] = "▐", [LAB_MARK_SPEND] = "█",
        [LAB_MARK_PENDING] = "▒", [LAB_MARK_QUEUE] = "1",  [LAB_MARK_ASLEEP] = "·",
        [LAB_MARK_WAITS] = "╌",   [LAB_MARK_REPEAT] = "↻", [LAB_MARK_LOST] = "✕",
        [LAB_MARK_BREAK] = "/",
    };
    static const char *const ascii[LAB_MARKS] = {
        [LAB_MARK_ENTER] = "|",   [LAB_MARK_ACCESS] = ":", [LAB_MARK_SPEND] = "#",
        [LAB_MARK_PENDING] = "=", [LAB_MARK_QUEUE] = "1",  [LAB_MARK_ASLEEP] = ".",
        [LAB_MARK_WAITS] = "-",   [LAB_MARK_REPEAT] = "@", [LAB_MARK_LOST] = "X",
        [LAB_MARK_BREAK] = "/",
    };

    return style->utf8 ? utf8[mark] : ascii[mark];
}

char lab_call_letter(unsigned nr)
{
    switch (nr) {
    case DRV_NR_EPOLL_WAIT:
        return 'w';
    case DRV_NR_POLL:
        return 'p';
    case DRV_NR_SELECT:
        return 's';
    case DRV_NR_READ:
        return 'r';
    case DRV_NR_WRITE:
    case DRV_NR_FILL:
        return 'W';
    case DRV_NR_CLOSE:
        return 'x';
    case DRV_NR_EPOLL_CTL:
        return 'c';
    case DRV_NR_NANOSLEEP:
        return 'z';
    case DRV_NR_SCHED_YIELD:
        return 'y';
    default:
        return 'o'; /* set-up: open, pipe, epoll_create ... */
    }
}

void lab_cell_put(struct lab_lanes *lanes, struct lab_lane *lane, unsigned column,
                  const char *glyph, unsigned ink, unsigned rank)
{
    struct lab_cell *cell;

    if (column >= lanes->axis->columns)
        return;
    cell = &lane->cell[column];
    if (rank < cell->rank)
        return;
    lab_words_set(cell->glyph, sizeof(cell->glyph), "%s", glyph);
    cell->ink = (uint8_t)ink;
    cell->rank = (uint8_t)rank;
}

/* From the instant @from to the instant @to: one cell at least. */
void lab_cells_fill(struct lab_lanes *lanes, struct lab_lane *lane, uint64_t from, uint64_t to,
                    const char *glyph, unsigned ink, unsigned rank)
{
    unsigned first = lab_axis_column(lanes->axis, from);
    unsigned last = lab_axis_column_before(lanes->axis, to);

    for (unsigned column = first; column <= last || column == first; column++)
        lab_cell_put(lanes, lane, column, glyph, ink, rank);
}

void lab_cells_mark(struct lab_lanes *lanes, struct lab_lane *lane, uint64_t from, uint64_t to,
                    enum lab_mark mark, unsigned rank)
{
    unsigned ink =
        rank == LAB_RANK_IDLE || rank == LAB_RANK_WAIT ? LAB_INK_SOFT : LAB_INK_PLAIN;

    lanes->plan->marks |= 1u << mark;
    lab_cells_fill(lanes, lane, from, to, lab_mark_glyph(lanes->style, mark), ink, rank);
}

void lab_cell_lost(struct lab_lanes *lanes, struct lab_lane *lane, unsigned column)
{
    lanes->plan->marks |= 1u << LAB_MARK_LOST;
    lab_cell_put(lanes, lane, column, lab_mark_glyph(lanes->style, LAB_MARK_LOST), LAB_INK_LOST,
                 LAB_RANK_LOST);
}

unsigned lab_token_ink(const struct lab_lanes *lanes, unsigned token)
{
    unsigned device = lanes->story->token[token].device;

    if (token == 0)
        return LAB_INK_SOFT;
    return LAB_INK_DEVICE + (device == LAB_NO_DEVICE ? 0 : device % LAB_DEVICE_INKS);
}

const char *lab_token_shape(const struct lab_lanes *lanes, unsigned token)
{
    unsigned device = lanes->story->token[token].device;

    return lab_style_shape(lanes->style, device == LAB_NO_DEVICE ? 0 : device);
}

/* Several tokens in one cell become their number. */
void lab_cell_token(struct lab_lanes *lanes, struct lab_lane *lane, unsigned column,
                    unsigned token, const char *glyph)
{
    char number[2] = {0};
    struct lab_cell *cell;

    if (column >= lanes->axis->columns)
        return;
    cell = &lane->cell[column];
    if (cell->tokens < 255)
        cell->tokens++;
    number[0] = cell->tokens > 9 ? '+' : (char)('0' + cell->tokens);
    lab_cell_put(lanes, lane, column, cell->tokens > 1 ? number : glyph,
                 lab_token_ink(lanes, token), LAB_RANK_TOKEN);
}

/* A new lane, empty, or 0 if there is no room. */
struct lab_lane *lab_lane_add(struct lab_lanes *lanes, const char *label, const char *ground)
{
    unsigned columns = lanes->axis->columns;
    struct lab_lane *lane;

    if (lanes->count == LAB_LANES_MAX)
        return 0;
    lane = &lanes->lane[lanes->count];
    lane->cell = calloc(columns, sizeof(*lane->cell));
    if (!lane->cell)
        return 0;
    lanes->count++;
    lab_words_set(lane->label, sizeof(lane->label), "%s", label);
    for (unsigned column = 0; column < columns; column++)
        lab_cell_put(lanes, lane, column, ground, LAB_INK_SOFT, LAB_RANK_IDLE);
    return lane;
}

struct lab_lane *lab_lane_add_idle(struct lab_lanes *lanes, const char *label)
{
    return lab_lane_add(lanes, label, lab_mark_glyph(lanes->style, LAB_MARK_ASLEEP));
}

/* "kind", or "kind name" if there are several of the kind. */
void lab_lane_label(const struct lab_lanes *lanes, enum lab_lane_kind kind, const char *what,
                    const char *name, char *ret_label)
{
    if (lanes->plan->set[kind].count < 2)
        lab_words_set(ret_label, LAB_LANE_LABEL, "%s", what);
    else
        lab_words_set(ret_label, LAB_LANE_LABEL, "%s %s", what, name);
}
