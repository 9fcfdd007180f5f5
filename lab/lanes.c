/* lab/lanes.c - see lanes.h. */
#include "lab/lanes.h"
#include "lab/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Ranks: what covers what in a crowded cell. */
enum {
    RANK_IDLE,
    RANK_WAIT,
    RANK_SPAN,
    RANK_SPEND,
    RANK_STEP,
    RANK_EDGE,
    RANK_TOKEN,
    RANK_LOST
};

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

/* ---- cells ---- */

static void mark_cell(struct lab_lanes *lanes, struct lab_lane *lane, unsigned column,
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
static void fill(struct lab_lanes *lanes, struct lab_lane *lane, uint64_t from, uint64_t to,
                 const char *glyph, unsigned ink, unsigned rank)
{
    unsigned first = lab_axis_column(lanes->axis, from);
    unsigned last = lab_axis_column_before(lanes->axis, to);

    for (unsigned column = first; column <= last || column == first; column++)
        mark_cell(lanes, lane, column, glyph, ink, rank);
}

static void fill_mark(struct lab_lanes *lanes, struct lab_lane *lane, uint64_t from,
                      uint64_t to, enum lab_mark mark, unsigned rank)
{
    unsigned ink = rank == RANK_IDLE || rank == RANK_WAIT ? LAB_INK_SOFT : LAB_INK_PLAIN;

    lanes->plan->marks |= 1u << mark;
    fill(lanes, lane, from, to, lab_mark_glyph(lanes->style, mark), ink, rank);
}

static void mark_lost(struct lab_lanes *lanes, struct lab_lane *lane, unsigned column)
{
    lanes->plan->marks |= 1u << LAB_MARK_LOST;
    mark_cell(lanes, lane, column, lab_mark_glyph(lanes->style, LAB_MARK_LOST), LAB_INK_LOST,
              RANK_LOST);
}

static unsigned token_ink(const struct lab_lanes *lanes, unsigned token)
{
    unsigned device = lanes->story->token[token].device;

    if (token == 0)
        return LAB_INK_SOFT;
    return LAB_INK_DEVICE + (device == LAB_NO_DEVICE ? 0 : device % LAB_DEVICE_INKS);
}

static const char *token_shape(const struct lab_lanes *lanes, unsigned token)
{
    unsigned device = lanes->story->token[token].device;

    return lab_style_shape(lanes->style, device == LAB_NO_DEVICE ? 0 : device);
}

/* Several tokens in one cell become their number. */
static void mark_token(struct lab_lanes *lanes, struct lab_lane *lane, unsigned column,
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
    mark_cell(lanes, lane, column, cell->tokens > 1 ? number : glyph, token_ink(lanes, token),
              RANK_TOKEN);
}

/* A new lane, empty, or 0 if there is no room. */
static struct lab_lane *add_lane(struct lab_lanes *lanes, const char *label, const char *ground)
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
        mark_cell(lanes, lane, column, ground, LAB_INK_SOFT, RANK_IDLE);
    return lane;
}

static struct lab_lane *add_idle_lane(struct lab_lanes *lanes, const char *label)
{
    return add_lane(lanes, label, lab_mark_glyph(lanes->style, LAB_MARK_ASLEEP));
}

/* "kind", or "kind name" if there are several of the kind. */
static void label_of(const struct lab_lanes *lanes, enum lab_lane_kind kind, const char *what,
                     const char *name, char *ret_label)
{
    if (lanes->plan->set[kind].count < 2)
        lab_words_set(ret_label, LAB_LANE_LABEL, "%s", what);
    else
        lab_words_set(ret_label, LAB_LANE_LABEL, "%s %s", what, name);
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

            mark_cell(lanes, lane, column + 1 + (unsigned)i, letter, lane->cell[column].ink,
                      RANK_STEP);
        }
    }
}

bool lab_lanes_arrivals(struct lab_lanes *lanes)
{
    const struct lab_trial *trial = lanes->trial;
    struct lab_lane *lane = add_lane(lanes, "arrivals", " ");

    if (!lane)
        return false;
    for (size_t i = 0; i < trial->count; i++) {
        const struct sim_record *record = &trial->records[i];
        unsigned column = lab_axis_column(lanes->axis, lab_record_ns(record));

        if (record->kind == SIM_EV_ARRIVE && record->token)
            mark_token(lanes, lane, column, record->token, token_shape(lanes, record->token));
        else if (record->kind == SIM_EV_ARRIVE)
            mark_cell(lanes, lane, column, lanes->style->utf8 ? "▾" : "v",
                      LAB_INK_DEVICE + record->object % LAB_DEVICE_INKS, RANK_STEP);
    }
    name_arrivals(lanes, lane);
    return true;
}

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
    mark_cell(lanes, top, column, above, ink, RANK_STEP);
    mark_cell(lanes, bottom, column, below, ink, RANK_STEP);
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
            mark_lost(lanes, level ? top : top + 1, column);
    }
}

static bool draw_wire(struct lab_lanes *lanes, unsigned line)
{
    const struct lab_trial *trial = lanes->trial;
    const struct wire_glyphs *glyph =
        wire_glyphs(lanes->style, trial->lab->sim.line_trigger[line]);
    bool stuck = lanes->story->stuck && lanes->story->stuck_line == line;
    unsigned stuck_from = lab_axis_column(lanes->axis, lanes->story->stuck_ns);
    bool level = wire_first_level(trial, line);
    struct lab_lane *top = add_lane(lanes, "", " ");
    char label[LAB_LANE_LABEL];
    char name[16];
    size_t i = 0;

    lab_words_set(name, sizeof(name), "irq%u", (unsigned)trial->lab->sim.line_irq[line]);
    label_of(lanes, LAB_LANE_WIRE, "wire", name, label);
    if (!top || !add_lane(lanes, label, " "))
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
static bool draw_state(struct lab_lanes *lanes, const char *label, enum sim_trace_kind kind,
                       unsigned object, enum lab_mark mark)
{
    const struct lab_trial *trial = lanes->trial;
    struct lab_lane *lane = add_idle_lane(lanes, label);
    bool on = false;
    uint64_t from = 0;

    if (!lane)
        return false;
    for (size_t i = 0; i < trial->count; i++) {
        const struct sim_record *record = &trial->records[i];

        if (record->kind != kind || record->object != object || on == (record->value != 0))
            continue;
        if (on)
            fill_mark(lanes, lane, from, lab_record_ns(record), mark, RANK_SPAN);
        on = record->value != 0;
        from = lab_record_ns(record);
    }
    if (on)
        fill_mark(lanes, lane, from, UINT64_MAX >> 16, mark, RANK_SPAN);
    return true;
}

/* How many files an epoll instance has on its ready list. */
static bool draw_ready(struct lab_lanes *lanes, const char *label, unsigned instance)
{
    const struct lab_trial *trial = lanes->trial;
    struct lab_lane *lane = add_idle_lane(lanes, label);
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
            fill_mark(lanes, lane, from, lab_record_ns(record), LAB_MARK_SPEND, RANK_SPAN);
    }
    if (on)
        fill_mark(lanes, lane, from, UINT64_MAX >> 16, LAB_MARK_SPEND, RANK_SPAN);
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
        fill_mark(lanes, lane, before, start, LAB_MARK_SPEND, RANK_SPEND);
    if (ns > start)
        fill_mark(lanes, lane, start, ns, mark, mark == LAB_MARK_ENTER ? RANK_EDGE : RANK_STEP);
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
            mark_lost(lanes, lane, lab_axis_column_before(lanes->axis, ns));
        else
            mark_token(lanes, lane, lab_axis_column_before(lanes->axis, ns), record->token,
                       letter);
        return true;
    default:
        return false;
    }
}

static bool draw_handler(struct lab_lanes *lanes, const char *label, unsigned cpu)
{
    const struct lab_trial *trial = lanes->trial;
    struct lab_lane *lane = add_idle_lane(lanes, label);
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

static bool draw_thread(struct lab_lanes *lanes, const char *label, unsigned driver)
{
    const struct lab_trial *trial = lanes->trial;
    struct lab_lane *lane = add_idle_lane(lanes, label);
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
                fill_mark(lanes, lane, woken, ns, LAB_MARK_WAITS, RANK_WAIT);
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
    fill(lanes, lane, from, to, digit, ink, RANK_SPAN);
}

/* How many bytes lie in a file. */
static bool draw_queue(struct lab_lanes *lanes, const char *label, unsigned file)
{
    const struct lab_trial *trial = lanes->trial;
    struct lab_lane *lane = add_idle_lane(lanes, label);
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
            mark_lost(lanes, lane, lab_axis_column(lanes->axis, ns));
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
        fill_mark(lanes, lane, pen->before, start, LAB_MARK_ASLEEP, RANK_IDLE);
    else if (start > pen->before)
        fill_mark(lanes, lane, pen->before, start, LAB_MARK_WAITS, RANK_WAIT);
    if (ns > start)
        fill(lanes, lane, start, ns, letter, LAB_INK_PLAIN, RANK_STEP);
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
            mark_token(lanes, lane, column, record->token, token_shape(lanes, record->token));
        break;
    case SIM_EV_REPORT:
        draw_call(lanes, lane, pen, ns);
        pen->asleep = false;
        if (report_repeats(lanes->trial, i)) {
            lanes->plan->marks |= 1u << LAB_MARK_REPEAT;
            mark_cell(lanes, lane, column, lab_mark_glyph(lanes->style, LAB_MARK_REPEAT),
                      LAB_INK_LATE, RANK_EDGE);
        }
        break;
    case SIM_EV_EXIT:
        pen->gone = true;
        break;
    default:
        /* a driver's read {} or write {} block inside the call */
        if (!draw_kernel_record(lanes, lane, record, pen->before))
            return;
        pen->asleep = false;
        break;
    }
    pen->before = ns;
}

static bool draw_task(struct lab_lanes *lanes, const char *label, unsigned task)
{
    const struct lab_trial *trial = lanes->trial;
    struct lab_lane *lane = add_idle_lane(lanes, label);
    struct task_pen pen = {0};

    if (!lane)
        return false;
    for (size_t i = 0; i < trial->count; i++) {
        const struct lab_actor *actor = lab_record_actor(trial, &trial->records[i]);

        if (actor && actor->who == LAB_WHO_TASK && actor->index == task)
            draw_task_record(lanes, lane, &pen, i);
    }
    if (pen.gone)
        fill(lanes, lane, pen.before, UINT64_MAX >> 16, " ", LAB_INK_PLAIN, RANK_WAIT);
    else if (pen.asleep)
        fill_mark(lanes, lane, pen.before, UINT64_MAX >> 16, LAB_MARK_ASLEEP, RANK_IDLE);
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
        return draw_wire(lanes, id);
    case LAB_LANE_PENDING:
        label_of(lanes, kind, "pending", number, label);
        return draw_state(lanes, label, SIM_EV_PENDING, id, LAB_MARK_PENDING);
    case LAB_LANE_ACTIVE:
        label_of(lanes, kind, "active", number, label);
        return draw_state(lanes, label, SIM_EV_ACTIVE, id, LAB_MARK_SPEND);
    case LAB_LANE_HANDLER:
        label_of(lanes, kind, "handler", number, label);
        return draw_handler(lanes, label, id);
    case LAB_LANE_THREAD:
        label_of(lanes, kind, "thread", lab_program_name(program, program->driver_name[id]),
                 label);
        return draw_thread(lanes, label, id);
    case LAB_LANE_QUEUE:
        if (id < program->drv.fixed_files)
            lab_words_set(label, sizeof(label), "%s",
                          lab_program_name(program, program->file_name[id]));
        else
            label_of(lanes, kind, "pipe", number, label);
        return draw_queue(lanes, label, id);
    case LAB_LANE_READY:
        label_of(lanes, kind, "ready list", number, label);
        return draw_ready(lanes, label, id);
    default:
        return draw_task(lanes, lab_program_name(program, lab_program_tasks(program)[id].name),
                         id);
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
            mark_cell(lanes, &lanes->lane[i], column,
                      lab_mark_glyph(lanes->style, LAB_MARK_BREAK), LAB_INK_SOFT, RANK_LOST);
    }
    return true;
}

void lab_lanes_free(struct lab_lanes *lanes)
{
    for (unsigned i = 0; i < lanes->count; i++)
        free(lanes->lane[i].cell);
    lanes->count = 0;
}
