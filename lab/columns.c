/* lab/columns.c - see columns.h. */
#include "lab/columns.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lab/words.h"

enum {
    CELL_BYTES = 48,
    CELL_COLUMNS = 30, /* wider ones are cut */
    REMARK_BYTES = 96,
    COLUMNS_MAX = 24,
    LINES_MAX = 4, /* further ones are not drawn */
    WAVE_COLUMNS = 5,
};

struct row {
    char cell[CELL_BYTES];
    char remark[REMARK_BYTES];
    uint8_t column;
    bool wire[LINES_MAX], latch[LINES_MAX];
};

struct table {
    const struct lab_replayed *r;
    const struct lab_style *style;
    FILE *file;
    struct row *row;
    unsigned columns, lines;
    uint8_t agent[COLUMNS_MAX];
    char title[COLUMNS_MAX][CELL_BYTES];
    size_t width[COLUMNS_MAX];
};

/* ---- words ---- */

/* The words of a record's line in a trace: event, object, value and perhaps a token. */
struct words {
    char event[24], object[40], value[40], token[40];
};

static struct words words_of(const struct lab *lab, const struct sim_record *record)
{
    struct words words = {"", "", "", ""};
    char line[256], time[24], actor[40];

    lab_trace_line(lab, record, line, sizeof(line));
    if (sscanf(line, "%23s %39s %23s %39s %39s %39s", time, actor, words.event, words.object,
               words.value, words.token) < 4)
        words.event[0] = '\0';
    return words;
}

static const char *what(const struct words *words)
{
    return words->token[0] ? words->token : words->value;
}

void lab_columns_actor(const struct lab *lab, unsigned actor, char *ret_text, size_t size)
{
    struct sim_record record = {.kind = SIM_EV_NONE, .actor = (uint8_t)actor};
    char line[256], time[24], name[40] = "";

    lab_trace_line(lab, &record, line, sizeof(line));
    if (sscanf(line, "%23s %39s", time, name) == 2)
        lab_words_set(ret_text, size, "%s", name);
}

/* What tasks do; less telling records say nothing. */
static void tell_task(const struct lab *lab, const struct sim_record *record, char *text,
                      size_t size)
{
    struct words words = words_of(lab, record);
    const char *comma = text[0] ? ", " : "";

    switch (record->kind) {
    case SIM_EV_BLOCK:
        lab_words_add(text, size, "%s%s sleeps", comma, words.object);
        break;
    case SIM_EV_RETURN:
    case SIM_EV_WOKEN:
        lab_words_add(text, size, "%s%s = %s", comma, words.object, words.value);
        break;
    case SIM_EV_GOT:
        lab_words_add(text, size, "%sgot %s", comma, what(&words));
        break;
    case SIM_EV_TIMER:
    case SIM_EV_TIMEOUT:
    case SIM_EV_SETTLE:
    case SIM_EV_EXIT:
        lab_words_add(text, size, "%s%s", comma, words.event);
        break;
    case SIM_EV_REPORT:
        lab_words_add(text, size, "%s%s ready", comma, words.object);
        break;
    default:
        break;
    }
}

/* Adds what a record says. */
static void tell(const struct lab *lab, const struct sim_record *record, char *text,
                 size_t size)
{
    struct words words = words_of(lab, record);
    const char *comma = text[0] ? ", " : "";

    switch (record->kind) {
    case SIM_EV_ARRIVE:
        lab_words_add(text, size, "%s%s to %s", comma, record->token ? words.token : "an edge",
                      words.object);
        break;
    case SIM_EV_TAKE:
        lab_words_add(text, size, "%stake irq %" PRIu32, comma, record->value);
        break;
    case SIM_EV_ACK:
    case SIM_EV_EOI:
    case SIM_EV_MASK:
    case SIM_EV_UNMASK:
        lab_words_add(text, size, "%s%s %s", comma, words.event, words.object);
        break;
    case SIM_EV_AIM:
        lab_words_add(text, size, "%s%s to cpu %" PRIu32, comma, words.object, record->value);
        break;
    case SIM_EV_LEAVE:
        lab_words_add(text, size, "%sleave", comma);
        break;
    case SIM_EV_CPU_MASK:
        lab_words_add(text, size, "%sinterrupts %s", comma, record->value ? "off" : "on");
        break;
    case SIM_EV_READ:
    case SIM_EV_STATE_GET:
        lab_words_add(text, size, "%s%s is %s", comma, words.object, what(&words));
        break;
    case SIM_EV_WRITE:
    case SIM_EV_STATE_SET:
        lab_words_add(text, size, "%s%s = %s", comma, words.object, what(&words));
        break;
    case SIM_EV_QUEUE:
    case SIM_EV_PUT:
        lab_words_add(text, size, "%s%s into %s", comma, what(&words), words.object);
        break;
    case SIM_EV_FULL:
        lab_words_add(text, size, "%s%s full, %s dropped", comma, words.object, what(&words));
        break;
    case SIM_EV_WAKE:
        lab_words_add(text, size, "%s", text[0] ? ", wake" : "wake ");
        if (!comma[0])
            lab_words_add(text, size, "%s", words.object);
        break;
    case SIM_EV_THREAD:
        lab_words_add(text, size, "%sthread %s", comma,
                      record->value == 2   ? "woken"
                      : record->value == 1 ? "starts"
                                           : "ends");
        break;
    default:
        tell_task(lab, record, text, size);
        break;
    }
}

void lab_columns_step(const struct lab_replayed *r, size_t step, char *ret_text, size_t size)
{
    ret_text[0] = '\0';
    for (size_t i = r->step[step].first; i < r->step[step + 1].first; i++)
        tell(&r->lab, &r->records[i], ret_text, size);
    for (size_t i = r->step[step].first; i < r->step[step + 1].first && !ret_text[0]; i++) {
        struct words words = words_of(&r->lab, &r->records[i]);
        lab_words_set(ret_text, size, "%s %s", words.event, words.object);
    }
    if (!ret_text[0])
        lab_words_set(ret_text, size, "goes on");
}

/* ---- the table ---- */

static unsigned column_of(struct table *t, unsigned actor)
{
    unsigned agent = lab_replayed_agent(&t->r->lab, actor);

    for (unsigned i = 0; i < t->columns; i++)
        if (t->agent[i] == agent)
            return i;
    if (t->columns == COLUMNS_MAX)
        return COLUMNS_MAX - 1;
    t->agent[t->columns] = (uint8_t)agent;
    return t->columns++;
}

/* Columns in the order of the actors, whoever steps first. */
static void find_columns(struct table *t)
{
    uint8_t used[LAB_ACTORS_MAX] = {0};

    for (size_t i = 0; i < t->r->steps; i++)
        used[lab_replayed_agent(&t->r->lab, t->r->step[i].actor)] = 1;
    for (unsigned a = 0; a < t->r->lab.actors; a++)
        if (used[a]) {
            unsigned column = column_of(t, a);
            lab_columns_actor(&t->r->lab, a, t->title[column], CELL_BYTES);
            t->width[column] = lab_style_columns(t->title[column]);
        }
}

static void note_level(struct table *t, const struct sim_record *record, struct row *row)
{
    const struct sim *sim = &t->r->lab.sim;

    for (unsigned line = 0; line < t->lines; line++) {
        bool edge = sim->line_trigger[line] != SIM_TRIGGER_LEVEL &&
                    sim->line_trigger[line] != SIM_TRIGGER_LOW;
        if (record->kind == SIM_EV_LINE && record->object == line)
            row->wire[line] = record->value;
        if (record->kind == (edge ? SIM_EV_LATCH : SIM_EV_PENDING) &&
            record->object == sim->line_irq[line])
            row->latch[line] = record->value;
    }
}

static void fill_remark(const struct table *t, size_t step, size_t no_return, struct row *row)
{
    static const char *const why[] = {
        [LAB_SWITCH_PREEMPTED] = "preempted",
        [LAB_SWITCH_WAITS] = "waits",
        [LAB_SWITCH_ENDED] = "is done",
    };
    const struct lab_replayed_step *s = &t->r->step[step];
    char before[CELL_BYTES];

    for (size_t i = s->first; i < s[1].first; i++)
        if (t->r->records[i].kind == SIM_EV_IGNORED)
            lab_words_add(row->remark, REMARK_BYTES, "EDGE FORGOTTEN  ");
    if (s->why != LAB_SWITCH_NONE) {
        lab_columns_actor(&t->r->lab, s->before, before, sizeof(before));
        lab_words_add(row->remark, REMARK_BYTES, "switch: %s %s  ", before, why[s->why]);
    }
    if (step + 1 == no_return)
        lab_words_add(row->remark, REMARK_BYTES, "%s point of no return",
                      t->style->utf8 ? "◄" : "<-");
    for (size_t n = strlen(row->remark); n && row->remark[n - 1] == ' '; n--)
        row->remark[n - 1] = '\0';
}

/* Cuts a cell to the most columns there may be, between two characters. */
static void cut(char *text)
{
    size_t columns = 0;

    for (char *c = text; *c; c++) {
        if (((unsigned char)*c & 0xc0) != 0x80 && columns++ == CELL_COLUMNS) {
            *c = '\0';
            return;
        }
    }
}

static void fill(struct table *t, size_t no_return)
{
    for (size_t i = 0; i < t->r->steps; i++) {
        struct row *row = &t->row[i];
        if (i)
            memcpy(row->wire, row[-1].wire, sizeof(row->wire) + sizeof(row->latch));
        for (size_t k = t->r->step[i].first; k < t->r->step[i + 1].first; k++)
            note_level(t, &t->r->records[k], row);
        row->column = (uint8_t)column_of(t, t->r->step[i].actor);
        lab_columns_step(t->r, i, row->cell, sizeof(row->cell));
        cut(row->cell);
        if (lab_style_columns(row->cell) > t->width[row->column])
            t->width[row->column] = lab_style_columns(row->cell);
        fill_remark(t, i, no_return, row);
    }
}

/* A signal that runs downwards: low on the left, active on the right. */
static const char *wave(const struct lab_style *style, bool before, bool now)
{
    static const char *const glyph[2][2][2] = {
        {{"|  ", ".-'"}, {"`-.", "  |"}},
        {{"│  ", "╭─╯"}, {"╰─╮", "  │"}},
    };

    return glyph[style->utf8][now][before];
}

static void print_padded(const struct table *t, unsigned ink, const char *text, size_t width)
{
    size_t columns = lab_style_columns(text);

    lab_style_put(t->style, t->file, ink, text);
    if (columns < width)
        lab_style_blanks(t->file, width - columns);
}

static void print_head(const struct table *t)
{
    char text[CELL_BYTES];

    fputs("     #", t->file);
    for (unsigned line = 0; line < t->lines; line++) {
        lab_words_set(text, sizeof(text), "  irq%-3u", t->r->lab.sim.line_irq[line]);
        print_padded(t, LAB_INK_SOFT, text, 2 * WAVE_COLUMNS);
    }
    for (unsigned i = 0; i < t->columns; i++) {
        fputs("  ", t->file);
        print_padded(t, LAB_INK_STRONG, t->title[i], i + 1 < t->columns ? t->width[i] : 0);
    }
    fputc('\n', t->file);
    if (!t->lines)
        return;
    fputs("      ", t->file);
    for (unsigned line = 0; line < t->lines; line++)
        print_padded(t, LAB_INK_SOFT, "  wire ltch", 2 * WAVE_COLUMNS + 1);
    fputc('\n', t->file);
}

static void print_row(const struct table *t, size_t i, size_t no_return)
{
    static const struct row none;
    const struct row *row = &t->row[i], *before = i ? row - 1 : &none;
    bool marked = i + 1 == no_return;

    fprintf(t->file, "  %4zu", i + 1);
    for (unsigned line = 0; line < t->lines; line++) {
        fputs("  ", t->file);
        lab_style_put(t->style, t->file, LAB_INK_PLAIN,
                      wave(t->style, before->wire[line], row->wire[line]));
        fputs("  ", t->file);
        lab_style_put(t->style, t->file, LAB_INK_LATE,
                      wave(t->style, before->latch[line], row->latch[line]));
    }
    for (unsigned c = 0; c < row->column; c++)
        lab_style_blanks(t->file, t->width[c] + 2);
    fputs("  ", t->file);
    if (!row->remark[0]) {
        lab_style_put(t->style, t->file, LAB_INK_PLAIN, row->cell);
        fputc('\n', t->file);
        return;
    }
    print_padded(t, LAB_INK_PLAIN, row->cell, t->width[row->column]);
    for (unsigned c = row->column + 1u; c < t->columns; c++)
        lab_style_blanks(t->file, t->width[c] + 2);
    fputs("  ", t->file);
    lab_style_put(t->style, t->file, marked ? LAB_INK_LOST : LAB_INK_SOFT, row->remark);
    fputc('\n', t->file);
}

bool lab_columns_print(const struct lab_style *style, FILE *file,
                       const struct lab_replayed *replayed, size_t no_return)
{
    struct table t = {.r = replayed, .style = style, .file = file};

    t.row = calloc(replayed->steps + 1, sizeof(*t.row));
    if (!t.row)
        return false;
    t.lines = replayed->lab.sim.lines < LINES_MAX ? replayed->lab.sim.lines : LINES_MAX;
    find_columns(&t);
    fill(&t, no_return);
    print_head(&t);
    for (size_t i = 0; i < replayed->steps; i++)
        print_row(&t, i, no_return);
    free(t.row);
    return true;
}
