/* lab/picture.c - see picture.h. */
#include "lab/picture.h"

#include <stdlib.h>
#include <string.h>

#include "lab/lanes.h"
#include "lab/words.h"

enum {
    LABEL_MARGIN = 1, /* blanks before a label and behind the longest one */
    VERDICT_GAP = 3,  /* blanks between the last lane and the words behind it */
    PLOT_MIN = 20,
};

/* ---- a line of a block ---- */

static unsigned label_columns(const struct lab_lane_plan *plan, const struct lab_trial *trials,
                              size_t count)
{
    const struct lab_program *program = trials[0].program;
    size_t longest = strlen("arrivals");

    for (unsigned i = 0; i < plan->set[LAB_LANE_TASK].count; i++) {
        unsigned task = plan->set[LAB_LANE_TASK].id[i];
        size_t length =
            strlen(lab_program_name(program, lab_program_tasks(program)[task].name));

        longest = length > longest ? length : longest;
    }
    for (unsigned kind = 0; kind < LAB_LANE_KINDS; kind++) {
        if (plan->set[kind].count > 1 || (kind == LAB_LANE_READY && plan->set[kind].count > 0))
            longest = LAB_LANE_LABEL - 1;
    }
    for (size_t t = 0; t < count; t++)
        longest = strlen(trials[t].point) > longest && strlen(trials[t].point) < LAB_LANE_LABEL
                      ? strlen(trials[t].point)
                      : longest;
    if (longest > LAB_LANE_LABEL - 1)
        longest = LAB_LANE_LABEL - 1;
    return (unsigned)longest + 2 * LABEL_MARGIN;
}

static void print_label(const struct lab_style *style, FILE *file, const char *label,
                        unsigned ink, unsigned columns)
{
    size_t length = lab_style_columns(label);

    lab_style_blanks(file, LABEL_MARGIN);
    lab_style_put(style, file, ink, label);
    if (length + LABEL_MARGIN < columns)
        lab_style_blanks(file, columns - LABEL_MARGIN - length);
}

/* Cells up to @end, switching colours only where they change. */
static void print_cells(const struct lab_style *style, FILE *file, const struct lab_lane *lane,
                        unsigned end)
{
    unsigned ink = LAB_INK_PLAIN;

    for (unsigned column = 0; column < end; column++) {
        const struct lab_cell *cell = &lane->cell[column];

        if (cell->ink != ink) {
            if (ink != LAB_INK_PLAIN)
                lab_style_set(style, file, LAB_INK_PLAIN);
            if (cell->ink != LAB_INK_PLAIN)
                lab_style_set(style, file, cell->ink);
            ink = cell->ink;
        }
        fputs(cell->glyph, file);
    }
    if (ink != LAB_INK_PLAIN)
        lab_style_set(style, file, LAB_INK_PLAIN);
}

/* Where the last cell stands that is no blank. */
static unsigned lane_end(const struct lab_lane *lane, unsigned columns)
{
    while (columns > 0 && strcmp(lane->cell[columns - 1].glyph, " ") == 0)
        columns--;
    return columns;
}

/* ---- words ---- */

/* "1 of 3: lost b1, a2 (line never fell), storm" */
static void verdict_text(const struct lab_story *story, const struct lab_trial *trial,
                         char *ret_text, size_t size)
{
    const char *end = lab_story_end(trial);
    char reason[128];
    unsigned named = 0;

    if (story->arrived == 0) {
        lab_words_set(ret_text, size, "%s", end);
        return;
    }
    lab_words_set(ret_text, size, "%u of %u%s", story->read, story->arrived,
                  story->lost ? ": lost" : " read");
    for (unsigned i = 1; i <= trial->program->tokens; i++) {
        if (!lab_fate_lost(story->token[i].fate))
            continue;
        if (named++ == 6) {
            lab_words_add(ret_text, size, ", ...");
            break;
        }
        lab_words_add(ret_text, size, "%s %s", named > 1 ? "," : "", lab_token_name(trial, i));
    }
    lab_story_reason(story, trial, reason, sizeof(reason));
    if (reason[0])
        lab_words_add(ret_text, size, " (%s)", reason);
    if (story->late)
        lab_words_add(ret_text, size, ", %u late", story->late);
    if (end[0])
        lab_words_add(ret_text, size, ", %s", end);
}

/* ---- the parts of a picture ---- */

static void print_legend(const struct lab_style *style, FILE *file,
                         const struct lab_trial *trial)
{
    unsigned devices = trial->program->sim.devices;

    for (unsigned i = 0; i < devices && i < LAB_DEVICE_INKS; i++) {
        fputs(i ? "   " : "", file);
        lab_style_put(style, file, LAB_INK_DEVICE + i, lab_style_shape(style, i));
        fprintf(file, " %s", lab_device_name(trial, i));
    }
}

static size_t legend_columns(const struct lab_trial *trial)
{
    unsigned devices = trial->program->sim.devices;
    size_t columns = 0;

    for (unsigned i = 0; i < devices && i < LAB_DEVICE_INKS; i++)
        columns += strlen(lab_device_name(trial, i)) + (i ? 5 : 2);
    return columns;
}

static void print_axis(const struct lab_style *style, FILE *file, const struct lab_axis *axis,
                       unsigned labels)
{
    char *line = malloc(axis->columns + 1);
    const char *unit;
    size_t length;

    if (!line)
        return;
    unit = lab_axis_numbers(axis, line);
    length = strlen(line);
    while (length > 0 && line[length - 1] == ' ')
        line[--length] = '\0';
    print_label(style, file, unit, LAB_INK_SOFT, labels);
    lab_style_put(style, file, LAB_INK_SOFT, line);
    fputc('\n', file);
    free(line);
}

static bool print_arrivals(struct lab_lanes *lanes, FILE *file, unsigned labels)
{
    const struct lab_style *style = lanes->style;
    unsigned end;

    if (!lab_lanes_arrivals(lanes))
        return false;
    end = lane_end(&lanes->lane[0], lanes->axis->columns);
    print_label(style, file, "arrivals", LAB_INK_PLAIN, labels);
    print_cells(style, file, &lanes->lane[0], end);
    if (labels + lanes->axis->columns + VERDICT_GAP + legend_columns(lanes->trial) <=
        style->width) {
        lab_style_blanks(file, lanes->axis->columns - end + VERDICT_GAP);
        print_legend(style, file, lanes->trial);
    }
    fputc('\n', file);
    lab_lanes_free(lanes);
    return true;
}

/* The words behind the last lane, or below it when they do not fit. */
static void print_verdict(const struct lab_lanes *lanes, FILE *file, unsigned labels,
                          bool below)
{
    unsigned ink =
        lanes->story->lost || lab_story_end(lanes->trial)[0] ? LAB_INK_LOST : LAB_INK_GOOD;
    char text[256];

    verdict_text(lanes->story, lanes->trial, text, sizeof(text));
    if (!text[0]) {
        fputc('\n', file);
        return;
    }
    if (below)
        lab_style_blanks(file, labels);
    else
        lab_style_blanks(file, VERDICT_GAP);
    lab_style_put(lanes->style, file, ink, text);
    fputc('\n', file);
}

/* Do the words of every point fit beside its last lane? */
static bool verdicts_fit(const struct lab_style *style, const struct lab_trial *trials,
                         size_t count, struct lab_story *story, unsigned columns)
{
    char text[256];

    for (size_t t = 0; t < count; t++) {
        lab_story_tell(story, &trials[t]);
        verdict_text(story, &trials[t], text, sizeof(text));
        if (columns + VERDICT_GAP + strlen(text) > style->width)
            return false;
    }
    return true;
}

/* Lanes that show nothing but their ground at this point say so by being there. */
static bool print_block(struct lab_lanes *lanes, FILE *file, unsigned labels, bool beside)
{
    const struct lab_style *style = lanes->style;
    const char *point = lanes->trial->point;
    bool short_point = strlen(point) + 2 * LABEL_MARGIN <= labels;
    unsigned first = 0;

    if (!lanes->plan->same_arrivals && !print_arrivals(lanes, file, labels))
        return false;
    if (!lab_lanes_draw(lanes))
        return false;
    /* The point stands where the upper row of the first wire has no label of its own. */
    if (point[0] && (!short_point || lanes->plan->set[LAB_LANE_WIRE].count == 0)) {
        lab_style_blanks(file, LABEL_MARGIN);
        lab_style_put(style, file, LAB_INK_STRONG, point);
        fputc('\n', file);
    } else if (point[0]) {
        lab_words_set(lanes->lane[0].label, sizeof(lanes->lane[0].label), "%s", point);
        first = 1;
    }
    for (unsigned i = 0; i < lanes->count; i++) {
        const struct lab_lane *lane = &lanes->lane[i];
        bool last = i + 1 == lanes->count;
        unsigned end =
            last && beside ? lanes->axis->columns : lane_end(lane, lanes->axis->columns);

        print_label(style, file, lane->label, i < first ? LAB_INK_STRONG : LAB_INK_PLAIN,
                    labels);
        print_cells(style, file, lane, end);
        if (last && beside)
            print_verdict(lanes, file, labels, false);
        else
            fputc('\n', file);
    }
    if (!beside || lanes->count == 0)
        print_verdict(lanes, file, labels, true);
    lab_lanes_free(lanes);
    return true;
}

/* ---- the key ---- */

struct key_pen {
    const struct lab_style *style;
    FILE *file;
    unsigned indent, used;
};

static void key_word(struct key_pen *pen, const char *glyph, const char *meaning)
{
    unsigned length = (unsigned)(lab_style_columns(glyph) + 1 + strlen(meaning));

    if (pen->used && pen->used + 3 + length > pen->style->width) {
        fputc('\n', pen->file);
        pen->used = 0;
    }
    lab_style_blanks(pen->file, pen->used ? 3 : pen->indent);
    pen->used += (pen->used ? 3 : pen->indent) + length;
    fprintf(pen->file, "%s ", glyph);
    lab_style_put(pen->style, pen->file, LAB_INK_SOFT, meaning);
}

static void print_key(const struct lab_style *style, FILE *file,
                      const struct lab_lane_plan *plan, unsigned labels)
{
    static const char *const meaning[LAB_MARKS] = {
        [LAB_MARK_ENTER] = "enter, leave",
        [LAB_MARK_ACCESS] = "register",
        [LAB_MARK_SPEND] = "busy",
        [LAB_MARK_PENDING] = "pending",
        [LAB_MARK_QUEUE] = "bytes queued",
        [LAB_MARK_ASLEEP] = "asleep",
        [LAB_MARK_WAITS] = "waits for its CPU",
        [LAB_MARK_REPEAT] = "reported again",
        [LAB_MARK_LOST] = "lost here",
        [LAB_MARK_BREAK] = "idle time left out",
    };
    static const char *const call[] = {
#define CALL_NAME(nr, name) name,
        DRV_CALLS(CALL_NAME)
#undef CALL_NAME
    };
    struct key_pen pen = {style, file, labels, 0};
    bool set_up = false;

    for (unsigned mark = 0; mark < LAB_MARKS; mark++) {
        if (plan->marks >> mark & 1)
            key_word(&pen,
                     mark == LAB_MARK_QUEUE ? "1-9"
                                            : lab_mark_glyph(style, (enum lab_mark)mark),
                     meaning[mark]);
    }
    for (unsigned nr = 0; nr < DRV_NR_COUNT; nr++) {
        char letter[2] = {lab_call_letter(nr), '\0'};

        if (!(plan->calls >> nr & 1))
            continue;
        if (letter[0] != 'o')
            key_word(&pen, letter, call[nr]);
        else if (!set_up)
            key_word(&pen, letter, "other call");
        set_up = set_up || letter[0] == 'o';
    }
    if (pen.used)
        fputc('\n', file);
    if (plan->hidden) {
        lab_style_blanks(file, labels);
        fprintf(file, "%u more %s without a lane\n", plan->hidden,
                plan->hidden == 1 ? "thing" : "things");
    }
}

bool lab_picture_print(const struct lab_style *style, FILE *file,
                       const struct lab_trial *trials, size_t count)
{
    struct lab_story *story = malloc(sizeof(*story));
    struct lab_lane_plan plan;
    struct lab_lanes lanes;
    struct lab_axis axis;
    unsigned labels;
    bool done = story != 0;
    bool beside;

    lab_lanes_plan(&plan, trials, count);
    labels = label_columns(&plan, trials, count);
    lab_axis_fit(&axis, trials, count,
                 style->width > labels + PLOT_MIN ? style->width - labels : PLOT_MIN);
    beside = done && verdicts_fit(style, trials, count, story, labels + axis.columns);
    if (done)
        print_axis(style, file, &axis, labels);
    for (size_t t = 0; t < count && done; t++) {
        lanes = (struct lab_lanes){&trials[t], story, &axis, style, &plan, {{{0}, 0}}, 0};
        lab_story_tell(story, &trials[t]);
        if (t == 0 && plan.arrivals && plan.same_arrivals)
            done = print_arrivals(&lanes, file, labels);
        fputs(t ? "\n" : "", file);
        done = done && print_block(&lanes, file, labels, beside);
        lab_lanes_free(&lanes);
    }
    if (done) {
        fputc('\n', file);
        print_key(style, file, &plan, labels);
    }
    free(story);
    return done;
}
