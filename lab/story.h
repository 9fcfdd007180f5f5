/*
 * lab/story.h - what became of each token of a trial, told from its records.
 *
 * The outcome says whether a token was read; the records say when, and where it was lost.
 */
#ifndef LAB_STORY_H
#define LAB_STORY_H

#include "lab/trial.h"

enum { LAB_NO_DEVICE = 0xff };

struct lab_token_story {
    uint64_t arrived_ns;
    uint64_t read_ns;
    uint8_t fate;   /* enum lab_fate bits, as in the outcome */
    uint8_t device; /* it goes to, LAB_NO_DEVICE: a task's token */
    uint8_t drop;   /* enum sim_drop, 0: not destroyed */
    uint8_t place;  /* enum sim_place, 0: not left */
    uint8_t place_id;
    bool arrived;
    bool unseen; /* lost, and its arrival was no edge for the controller */
};

struct lab_story {
    struct lab_token_story token[LAB_TOKENS];
    unsigned arrived, read, late, lost;
    bool stuck;      /* at the end a line is active and a token is left in one of its devices */
    bool never_fell; /* that line changed only once */
    uint8_t stuck_line;
    uint64_t stuck_ns; /* since when nobody looks at it */
};

void lab_story_tell(struct lab_story *ret_story, const struct lab_trial *trial);

/*
 * Why tokens were lost, as a few words: "line never fell", "left in keys", "overrun". Empty if
 * none were.
 */
void lab_story_reason(const struct lab_story *story, const struct lab_trial *trial,
                      char *ret_text, size_t size);

/* How a run ended if it is no plain end: "storm", "hang", ... or "". */
const char *lab_story_end(const struct lab_trial *trial);

const char *lab_token_name(const struct lab_trial *trial, unsigned token);
const char *lab_device_name(const struct lab_trial *trial, unsigned device);

/* Is the level active that line @line's trigger asks for? */
bool lab_line_active(const struct lab_trial *trial, unsigned line, unsigned level);

/* Does line @line interrupt by changes rather than by its level? */
bool lab_line_is_edge(const struct lab_trial *trial, unsigned line);

#endif
