/* lab/json.c - see json.h. */
#include "lab/json.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lab/core/scenario.h"
#include "lab/predicate.h"
#include "lab/words.h"

enum { LINE_WORDS = 6, LINE_BYTES = 512 };

void lab_json_string(FILE *file, const char *text)
{
    fputc('"', file);
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if (c == '"' || c == '\\')
            fprintf(file, "\\%c", c);
        else if (c == '\n')
            fputs("\\n", file);
        else if (c == '\t')
            fputs("\\t", file);
        else if (c < 0x20)
            fprintf(file, "\\u%04x", c);
        else
            fputc(c, file);
    }
    fputc('"', file);
}

static void put_key(FILE *file, const char *key)
{
    fputc(',', file);
    lab_json_string(file, key);
    fputc(':', file);
}

static void put_text(FILE *file, const char *key, const char *text)
{
    put_key(file, key);
    lab_json_string(file, text);
}

static void put_bool(FILE *file, const char *key, bool value)
{
    put_key(file, key);
    fputs(value ? "true" : "false", file);
}

static void put_unsigned(FILE *file, const char *key, uint64_t value)
{
    put_key(file, key);
    fprintf(file, "%" PRIu64, value);
}

static void begin(const struct lab_json *json, const char *kind)
{
    fprintf(json->file, "{\"irqlab\":1,\"kind\":\"%s\"", kind);
    if (json->scenario)
        put_text(json->file, "scenario", json->scenario);
}

static void end(const struct lab_json *json)
{
    fputs("}\n", json->file);
}

/* Numbers stay numbers (times in nanoseconds), words become strings. */
static void put_point(const struct lab_json *json)
{
    put_key(json->file, "point");
    fputc('{', json->file);
    for (uint32_t i = 0; json->point && i < json->point->knobs; i++) {
        const struct lab_value *value = &json->point->value[i];
        char text[LAB_POINT_TEXT];

        if (i)
            fputc(',', json->file);
        lab_json_string(json->file, lab_name(json->text, json->text->knobs[i].name));
        fputc(':', json->file);
        if (value->kind == LAB_V_INT || value->kind == LAB_V_TIME) {
            fprintf(json->file, "%" PRId64, value->number);
            continue;
        }
        lab_value_text(json->text, value, text, sizeof(text));
        lab_json_string(json->file, text);
    }
    fputc('}', json->file);
}

/* ---- events ---- */

/* A word of a trace line: decimal and hexadecimal numbers become JSON numbers. */
static void put_word(FILE *file, const char *word)
{
    char *rest = 0;
    long long number = strtoll(word, &rest, 0);
    bool hex = word[0] == '0' && word[1] == 'x';

    if (*word && *rest == '\0' && (hex || word[0] == '-' || isdigit((unsigned char)word[0])))
        fprintf(file, "%lld", number);
    else
        lab_json_string(file, word);
}

static unsigned split(char *line, char *ret_word[LINE_WORDS])
{
    unsigned count = 0;
    char *rest = 0;

    for (char *word = strtok_r(line, " ", &rest); word && count < LINE_WORDS;
         word = strtok_r(0, " ", &rest))
        ret_word[count++] = word;
    return count;
}

/* An event line has the words of the text line, so that there is one vocabulary. */
void lab_json_events(const struct lab_json *json, const struct lab_trial *trial)
{
    for (size_t i = 0; i < trial->count; i++) {
        const struct sim_record *record = &trial->records[i];
        char line[LINE_BYTES];
        char *word[LINE_WORDS];
        unsigned words;

        lab_trace_line(trial->lab, record, line, sizeof(line));
        words = split(line, word);
        if (words < 5)
            continue;
        fputs("{\"kind\":\"event\"", json->file);
        if (json->point && json->point->knobs)
            put_point(json);
        put_unsigned(json->file, "t", lab_record_ns(record));
        put_text(json->file, "actor", word[1]);
        put_text(json->file, "event", word[2]);
        put_text(json->file, "object", word[3]);
        put_key(json->file, "value");
        put_word(json->file, word[4]);
        if (words > 5)
            put_text(json->file, "token", word[5]);
        end(json);
    }
}

/* ---- outcomes ---- */

static void put_set(FILE *file, const struct lab_program *program,
                    const struct lab_outcome *outcome, enum lab_set set)
{
    bool first = true;

    put_key(file, lab_set_name(set));
    fputc('[', file);
    for (unsigned i = 1; i <= program->tokens; i++) {
        if (!lab_set_has(outcome, set, i))
            continue;
        if (!first)
            fputc(',', file);
        lab_json_string(file, lab_program_name(program, program->token_name[i]));
        first = false;
    }
    fputc(']', file);
}

/* Does the program count this for an expectation? */
static bool is_named(const struct lab_program *program, enum lab_counter_kind kind,
                     unsigned who)
{
    for (unsigned i = 0; i < program->counters; i++) {
        if (program->counter[i].kind == kind && program->counter[i].who == who)
            return true;
    }
    return false;
}

struct count_row {
    const char *name;
    enum lab_counter_kind kind;
    const uint32_t *value;
    unsigned count;
    const uint16_t *names; /* 0: tasks */
};

static void put_counts(FILE *file, const struct lab_program *program,
                       const struct count_row *row, bool all)
{
    const struct lab_task_code *tasks = lab_program_tasks(program);
    bool first = true;

    put_key(file, row->name);
    fputc('{', file);
    for (unsigned i = 0; i < row->count; i++) {
        if (!all && !is_named(program, row->kind, i))
            continue;
        if (!first)
            fputc(',', file);
        lab_json_string(file,
                        lab_program_name(program, row->names ? row->names[i] : tasks[i].name));
        fprintf(file, ":%" PRIu32, row->value[i]);
        first = false;
    }
    fputc('}', file);
}

static void put_all_counts(FILE *file, const struct lab_program *program,
                           const struct lab_counts *counts, bool all)
{
    const unsigned drivers = program->drv.drivers;
    const unsigned devices = program->sim.devices;
    const unsigned tasks = program->drv.tasks;
    const struct count_row row[] = {
        {"runs", LAB_COUNT_RUNS, counts->runs, drivers, program->driver_name},
        {"spurious", LAB_COUNT_SPURIOUS, counts->spurious, drivers, program->driver_name},
        {"wakes", LAB_COUNT_WAKES, counts->wakes, tasks, 0},
        {"repeats", LAB_COUNT_REPEATS, counts->repeats, tasks, 0},
        {"empty", LAB_COUNT_EMPTY, counts->empty, tasks, 0},
        {"overruns", LAB_COUNT_OVERRUNS, counts->overruns, devices, program->device_name},
        {"strays", LAB_COUNT_STRAYS, counts->strays, tasks, 0},
    };

    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
        put_counts(file, program, &row[i], all);
}

/* "task.variable"; a variable that tasks share has no task before it. */
static void watch_name(const struct lab_program *program, unsigned i, char *ret_name,
                       size_t size)
{
    const struct lab_watched *watch = &program->watch[i];
    const char *name = lab_program_name(program, program->watch_name[i]);

    if (watch->shared || strchr(name, '.'))
        lab_words_set(ret_name, size, "%s", name);
    else
        lab_words_set(ret_name, size, "%s.%s",
                      lab_program_name(program, lab_program_tasks(program)[watch->task].name),
                      name);
}

static void put_values(FILE *file, const struct lab_program *program,
                       const struct lab_outcome *outcome)
{
    char name[128];

    if (program->watched == 0)
        return;
    put_key(file, "values");
    fputc('{', file);
    for (unsigned i = 0; i < program->watched; i++) {
        if (i)
            fputc(',', file);
        watch_name(program, i, name, sizeof(name));
        lab_json_string(file, name);
        fprintf(file, ":%" PRId64, outcome->watched[i]);
    }
    fputc('}', file);
}

void lab_json_outcome(const struct lab_json *json, const struct lab_program *program,
                      const struct lab_outcome *outcome, bool all_counts, uint32_t count,
                      const char *schedule)
{
    FILE *file = json->file;

    begin(json, "outcome");
    put_point(json);
    for (unsigned set = 0; set < LAB_SETS; set++)
        if (set != LAB_SET_LATE || all_counts || program->late)
            put_set(file, program, outcome, (enum lab_set)set);
    put_all_counts(file, program, &outcome->counts, all_counts);
    put_values(file, program, outcome);
    put_bool(file, "storm", outcome->end == SIM_END_STORM);
    put_bool(file, "starve", outcome->end == SIM_END_STARVE);
    put_bool(file, "spin", outcome->end == SIM_END_SPIN);
    put_bool(file, "hang", outcome->hang != 0);
    if (outcome->end == SIM_END_LIMIT)
        put_bool(file, "limit", true);
    put_unsigned(file, "count", count);
    if (schedule)
        put_text(file, "schedule", schedule);
    end(json);
}

/* ---- expectations, statistics ---- */

void lab_json_expects(const struct lab_json *json, const struct lab_verdicts *verdicts)
{
    static const char *const quantifier[] = {
        [LAB_QUANTIFIER_TIMED] = "timed",
        [LAB_ALWAYS] = "always",
        [LAB_SOMETIMES] = "sometimes",
        [LAB_NEVER] = "never",
    };
    char text[1024];

    for (unsigned i = 0; i < verdicts->count; i++) {
        const struct lab_verdict *verdict = &verdicts->item[i];
        enum lab_verdict_state state = lab_verdict_state(verdicts, i);

        lab_span_text(json->text, verdict->span, text, sizeof(text));
        begin(json, "expect");
        put_unsigned(json->file, "line", verdict->span.line);
        put_text(json->file, "text", text);
        put_text(json->file, "quantifier", quantifier[verdict->quantifier]);
        put_key(json->file, "holds");
        if (state == LAB_NOT_SEEN || state == LAB_NOT_JUDGED || state == LAB_NO_POINT ||
            state == LAB_UNDECIDED)
            fputs("null", json->file);
        else
            fputs(state == LAB_REFUTED ? "false" : "true", json->file);
        put_text(json->file, "verdict", lab_verdict_state_name(state));
        if (verdict->actual[0] && state == LAB_REFUTED)
            put_text(json->file, "actual", verdict->actual);
        end(json);
    }
}

void lab_json_proof(const struct lab_json *json, const struct lab_json_proof *proof)
{
    begin(json, "proof");
    put_text(json->file, "text", proof->text);
    put_unsigned(json->file, "steps", proof->steps);
    put_unsigned(json->file, "preemptions", proof->preemptions);
    put_text(json->file, "schedule", proof->schedule);
    if (proof->fewest) {
        put_unsigned(json->file, "fewest_preemptions", proof->fewest_preemptions);
        put_text(json->file, "fewest", proof->fewest);
    }
    put_unsigned(json->file, "no_return", proof->no_return);
    end(json);
}

void lab_json_stats(const struct lab_json *json, const struct lab_json_stats *stats)
{
    begin(json, "stats");
    put_point(json);
    put_unsigned(json->file, "states", stats->states);
    put_unsigned(json->file, "transitions", stats->transitions);
    put_unsigned(json->file, "depth", stats->depth);
    put_unsigned(json->file, "bytes", stats->bytes);
    put_key(json->file, "seconds");
    fprintf(json->file, "%.3f", stats->seconds);
    put_bool(json->file, "complete", stats->complete);
    if (!stats->complete && stats->bound)
        put_text(json->file, "bound", stats->bound);
    end(json);
}
