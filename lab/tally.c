/* lab/tally.c - one line for each point: what became of every token.  See picture.h. */
#include "lab/picture.h"

#include <stdlib.h>
#include <string.h>

#include "lab/story.h"
#include "lab/words.h"

enum {
    TOKENS_NAMED_MAX = 6, /* more tokens are only counted, and the lost ones named */
    FIELD_BYTES = 192,
    INDENT = 2,
    GAP = 3,
    GAP_MIN = 2,
};

/* The fields of a line; each is as wide as the widest of its kind at any point. */
enum field { FIELD_POINT, FIELD_TOKENS, FIELD_COUNT, FIELD_REMARK, FIELD_EXPECTED, FIELDS };

struct tally_line {
    struct lab_story story;
    char field[FIELDS][FIELD_BYTES];
};

struct tally {
    const struct lab_style *style;
    FILE *file;
    const struct lab_trial *trials;
    struct tally_line *lines;
    size_t count;
    bool named; /* every token has a column of its own */
    size_t token_columns[LAB_TOKENS];
    size_t field_columns[FIELDS];
    size_t gap; /* blanks between fields */
};

/* "a1 read 15us", "b1 LOST" */
static unsigned token_text(const struct lab_trial *trial, const struct lab_story *story,
                           unsigned token, char *ret_text, size_t size)
{
    const struct lab_token_story *told = &story->token[token];
    const char *name = lab_token_name(trial, token);
    char time[32];

    lab_style_time(time, sizeof(time),
                   told->read_ns > told->arrived_ns ? told->read_ns - told->arrived_ns : 0);
    if (!told->arrived) {
        lab_words_set(ret_text, size, "%s not sent", name);
        return LAB_INK_SOFT;
    }
    if (!(told->fate & (LAB_FATE_ARRIVED | LAB_FATE_READ))) { /* it still may be */
        lab_words_set(ret_text, size, "%s not read", name);
        return LAB_INK_LATE;
    }
    if (lab_fate_lost(told->fate)) {
        lab_words_set(ret_text, size, "%s LOST", name);
        return LAB_INK_LOST;
    }
    if (told->fate & LAB_FATE_TWICE) {
        lab_words_set(ret_text, size, "%s read twice", name);
        return LAB_INK_LATE;
    }
    if (told->fate & LAB_FATE_WAITED) {
        lab_words_set(ret_text, size, "%s late, %s", name, time);
        return LAB_INK_LATE;
    }
    lab_words_set(ret_text, size, "%s read %s", name, time);
    return LAB_INK_PLAIN;
}

static void remark_text(const struct tally_line *line, const struct lab_trial *trial,
                        char *ret_text, size_t size)
{
    const char *end = lab_story_end(trial);

    lab_story_reason(&line->story, trial, ret_text, size);
    if (end[0])
        lab_words_add(ret_text, size, "%s%s", ret_text[0] ? ", " : "", end);
}

/* Without a column for each token: those that were not simply read. */
static void exceptions_text(const struct tally_line *line, const struct lab_trial *trial,
                            char *ret_text, size_t size)
{
    unsigned named = 0;

    for (unsigned i = 1; i <= trial->program->tokens; i++) {
        unsigned fate = line->story.token[i].fate;

        if (!lab_fate_lost(fate))
            continue;
        if (named++ == TOKENS_NAMED_MAX) {
            lab_words_add(ret_text, size, ", ...");
            return;
        }
        lab_words_add(ret_text, size, "%s%s", named > 1 ? ", " : "LOST ",
                      lab_token_name(trial, i));
    }
}

static void fill_line(struct tally *tally, size_t t)
{
    const struct lab_trial *trial = &tally->trials[t];
    struct tally_line *line = &tally->lines[t];
    char text[FIELD_BYTES];

    lab_story_tell(&line->story, trial);
    lab_words_set(line->field[FIELD_POINT], FIELD_BYTES, "%s", trial->point);
    for (unsigned i = 1; i <= trial->program->tokens && tally->named; i++) {
        token_text(trial, &line->story, i, text, sizeof(text));
        if (strlen(text) + 2 > tally->token_columns[i])
            tally->token_columns[i] = strlen(text) + 2;
    }
    if (!tally->named)
        exceptions_text(line, trial, line->field[FIELD_TOKENS], FIELD_BYTES);
    if (line->story.arrived)
        lab_words_set(line->field[FIELD_COUNT], FIELD_BYTES, "%u of %u", line->story.read,
                      line->story.arrived);
    remark_text(line, trial, line->field[FIELD_REMARK], FIELD_BYTES);
    if (trial->judged)
        lab_words_set(line->field[FIELD_EXPECTED], FIELD_BYTES, "%s",
                      trial->expected ? "as expected" : "NOT AS EXPECTED");
    for (unsigned i = 0; i < FIELDS; i++) {
        size_t columns = lab_style_columns(line->field[i]);

        if (columns > tally->field_columns[i])
            tally->field_columns[i] = columns;
    }
}

static size_t tally_columns(const struct tally *tally)
{
    size_t columns = INDENT;

    for (unsigned i = 0; i < FIELDS; i++)
        columns += tally->field_columns[i] ? tally->field_columns[i] + tally->gap : 0;
    for (unsigned i = 0; i < LAB_TOKENS; i++)
        columns += tally->token_columns[i] ? tally->token_columns[i] + tally->gap : 0;
    return columns - tally->gap;
}

static void print_tokens(const struct tally *tally, size_t t)
{
    const struct lab_trial *trial = &tally->trials[t];
    const struct lab_story *story = &tally->lines[t].story;
    char text[FIELD_BYTES];

    for (unsigned i = 1; i <= trial->program->tokens; i++) {
        unsigned device = story->token[i].device;
        unsigned ink = token_text(trial, story, i, text, sizeof(text));

        if (device == LAB_NO_DEVICE)
            device = 0;
        lab_style_put(tally->style, tally->file, LAB_INK_DEVICE + device % LAB_DEVICE_INKS,
                      lab_style_shape(tally->style, device));
        fputc(' ', tally->file);
        lab_style_put(tally->style, tally->file, ink, text);
        lab_style_blanks(tally->file, tally->token_columns[i] - 2 - strlen(text) + tally->gap);
    }
}

static unsigned field_ink(const struct tally *tally, size_t t, unsigned field)
{
    const struct lab_trial *trial = &tally->trials[t];
    bool bad = tally->lines[t].story.lost || lab_story_end(trial)[0];

    switch (field) {
    case FIELD_POINT:
        return LAB_INK_STRONG;
    case FIELD_EXPECTED:
        return trial->expected ? LAB_INK_GOOD : LAB_INK_LOST;
    default:
        return bad ? LAB_INK_LOST : LAB_INK_PLAIN;
    }
}

static void print_line(const struct tally *tally, size_t t)
{
    const struct tally_line *line = &tally->lines[t];
    size_t owed = INDENT; /* blanks, written only before something */

    for (unsigned i = 0; i < FIELDS; i++) {
        size_t columns = lab_style_columns(line->field[i]);

        if (i == FIELD_TOKENS && tally->named) {
            lab_style_blanks(tally->file, owed);
            print_tokens(tally, t);
            owed = 0;
            continue;
        }
        if (tally->field_columns[i] == 0)
            continue;
        if (columns) {
            lab_style_blanks(tally->file, owed);
            lab_style_put(tally->style, tally->file, field_ink(tally, t, i), line->field[i]);
            owed = 0;
        }
        owed += tally->field_columns[i] - columns + tally->gap;
    }
    fputc('\n', tally->file);
}

bool lab_verdict_lines(const struct lab_style *style, FILE *file,
                       const struct lab_trial *trials, size_t count)
{
    struct tally tally = {
        .style = style, .file = file, .trials = trials, .count = count, .gap = GAP};

    tally.lines = calloc(count, sizeof(*tally.lines));
    if (!tally.lines)
        return false;
    tally.named =
        trials[0].program->tokens > 0 && trials[0].program->tokens <= TOKENS_NAMED_MAX;
    for (size_t t = 0; t < count; t++)
        tally.named = tally.named && trials[t].program->tokens == trials[0].program->tokens;
    for (size_t t = 0; t < count; t++)
        fill_line(&tally, t);
    if (tally_columns(&tally) > style->width)
        tally.gap = GAP_MIN;
    if (tally.named && tally_columns(&tally) > style->width) {
        tally.named = false;
        memset(tally.token_columns, 0, sizeof(tally.token_columns));
        for (size_t t = 0; t < count; t++)
            fill_line(&tally, t);
    }
    for (size_t t = 0; t < count; t++)
        print_line(&tally, t);
    free(tally.lines);
    return true;
}
