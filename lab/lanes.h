/*
 * lab/lanes.h - the lanes of a picture: who did what in which cell of the time axis.
 *
 * A lane is a label and a row of cells. Lanes are made from the records of a trial alone; a
 * plan says which ones there are, so that all points of a scenario show the same lanes.
 */
#ifndef LAB_LANES_H
#define LAB_LANES_H

#include "lab/axis.h"
#include "lab/story.h"
#include "lab/style.h"

enum {
    LAB_LANE_LABEL = 14,     /* bytes of a label with its 0; longer names are cut */
    LAB_LANES_MAX = 48,      /* rows of one block */
    LAB_LANES_OF_A_KIND = 4, /* lines, interrupts, files ...: further ones are only counted */
    LAB_LANES_OF_TASKS = 8,
    LAB_GLYPH_BYTES = 4, /* one UTF-8 character below U+10000 and a 0 */
};

/* A cell: what stands there. A higher rank wins when two things fall into one cell. */
struct lab_cell {
    char glyph[LAB_GLYPH_BYTES];
    uint8_t ink;
    uint8_t rank;
    uint8_t tokens; /* how many token marks fell into it */
};

struct lab_lane {
    char label[LAB_LANE_LABEL];
    struct lab_cell *cell; /* axis->columns of them */
};

/* Things of one kind that have lanes, in the order in which they first show up. */
struct lab_lane_set {
    uint16_t id[LAB_LANES_OF_TASKS];
    uint8_t count;
    uint8_t most;
    uint64_t seen[4]; /* bit per id below 256, shown or not */
};

enum lab_lane_kind {
    LAB_LANE_WIRE,
    LAB_LANE_PENDING,
    LAB_LANE_ACTIVE,
    LAB_LANE_HANDLER,
    LAB_LANE_THREAD,
    LAB_LANE_QUEUE,
    LAB_LANE_READY,
    LAB_LANE_TASK,
    LAB_LANE_KINDS
};

/* Marks that need a line in the key. */
enum lab_mark {
    LAB_MARK_ENTER,
    LAB_MARK_ACCESS,
    LAB_MARK_SPEND,
    LAB_MARK_PENDING,
    LAB_MARK_QUEUE,
    LAB_MARK_ASLEEP,
    LAB_MARK_WAITS, /* ready to run, but the CPU does something else */
    LAB_MARK_REPEAT,
    LAB_MARK_LOST,
    LAB_MARK_BREAK,
    LAB_MARKS
};

struct lab_lane_plan {
    struct lab_lane_set set[LAB_LANE_KINDS];
    bool arrivals;      /* the world acts at all */
    bool same_arrivals; /* at every point alike */
    unsigned hidden;    /* things left without a lane */
    uint64_t calls;     /* bit per enum drv_nr that has a letter in the pictures */
    uint32_t marks;     /* bit per enum lab_mark */
};

struct lab_lanes {
    const struct lab_trial *trial;
    const struct lab_story *story;
    const struct lab_axis *axis;
    const struct lab_style *style;
    struct lab_lane_plan *plan; /* calls and marks are noted here */
    struct lab_lane lane[LAB_LANES_MAX];
    unsigned count;
};

void lab_lanes_plan(struct lab_lane_plan *ret_plan, const struct lab_trial *trials,
                    size_t count);

/* Adds the lane of arrivals. False: no memory. */
bool lab_lanes_arrivals(struct lab_lanes *lanes);

/* Adds all other lanes of the plan. False: no memory. */
bool lab_lanes_draw(struct lab_lanes *lanes);

void lab_lanes_free(struct lab_lanes *lanes);

const char *lab_mark_glyph(const struct lab_style *style, enum lab_mark mark);

/* The letter a system call is drawn with. */
char lab_call_letter(unsigned nr);

#endif
