/* lab/story.c - see story.h. */
#include "lab/story.h"

#include <stdio.h>
#include <string.h>

#include "lab/style.h"
#include "lab/words.h"

const char *lab_token_name(const struct lab_trial *trial, unsigned token)
{
    return lab_program_name(trial->program, trial->program->token_name[token]);
}

const char *lab_device_name(const struct lab_trial *trial, unsigned device)
{
    return lab_program_name(trial->program, trial->program->device_name[device]);
}

bool lab_line_active(const struct lab_trial *trial, unsigned line, unsigned level)
{
    unsigned trigger = trial->lab->sim.line_trigger[line];

    return trigger == SIM_TRIGGER_LOW || trigger == SIM_TRIGGER_FALLING ? !level : level;
}

bool lab_line_is_edge(const struct lab_trial *trial, unsigned line)
{
    unsigned trigger = trial->lab->sim.line_trigger[line];

    return trigger != SIM_TRIGGER_LEVEL && trigger != SIM_TRIGGER_LOW;
}

/* Did the step that begins at record @i make the controller remember something of @device? */
static bool step_was_seen(const struct lab_trial *trial, size_t i, unsigned device)
{
    const struct sim_record *first = &trial->records[i];
    const struct sim *sim = &trial->lab->sim;
    unsigned line = sim->line_of[device];
    bool seen = false;

    for (; i < trial->count; i++) {
        const struct sim_record *record = &trial->records[i];

        if (record->actor != first->actor || lab_record_ns(record) != lab_record_ns(first))
            break;
        if (record != first && record->kind == SIM_EV_ARRIVE)
            break;
        if (record->kind == SIM_EV_IGNORED)
            return false;
        if (record->kind == SIM_EV_LINE && record->object == line)
            seen = true;
        if ((record->kind == SIM_EV_LATCH || record->kind == SIM_EV_PENDING) && record->value)
            seen = true;
        if (record->kind == SIM_EV_REQUEST && record->object == device && line >= sim->lines)
            seen = true;
    }
    return seen;
}

static void tell_arrival(struct lab_token_story *token, const struct lab_trial *trial, size_t i)
{
    const struct sim_record *record = &trial->records[i];
    unsigned line;

    if (token->arrived)
        return;
    token->arrived = true;
    token->arrived_ns = lab_record_ns(record);
    token->device = LAB_NO_DEVICE;
    if (record->kind != SIM_EV_ARRIVE || record->object >= trial->program->sim.devices)
        return;
    token->device = (uint8_t)record->object;
    line = trial->lab->sim.line_of[record->object];
    if (!lab_fate_lost(token->fate) ||
        (line < trial->lab->sim.lines && !lab_line_is_edge(trial, line)))
        return;
    token->unseen = !step_was_seen(trial, i, record->object);
}

static void tell_record(struct lab_story *story, const struct lab_trial *trial, size_t i)
{
    const struct sim_record *record = &trial->records[i];
    struct lab_token_story *token = &story->token[record->token];

    if (record->token == 0)
        return;
    switch (record->kind) {
    case SIM_EV_ARRIVE:
    case SIM_EV_PUT:
        tell_arrival(token, trial, i);
        break;
    case SIM_EV_GOT:
    case SIM_EV_TX:
        if (!token->read_ns)
            token->read_ns = lab_record_ns(record);
        break;
    case SIM_EV_DROP:
    case SIM_EV_LOSE:
        token->drop = (uint8_t)record->value;
        break;
    case SIM_EV_FULL:
        token->drop = SIM_DROP_OVERRUN;
        break;
    case SIM_EV_LEFT:
        token->place = (uint8_t)record->object;
        token->place_id = (uint8_t)record->value;
        break;
    default:
        break;
    }
}

static void count_tokens(struct lab_story *story, const struct lab_trial *trial)
{
    for (unsigned i = 1; i <= trial->program->tokens; i++) {
        unsigned fate = story->token[i].fate;

        story->arrived += story->token[i].arrived;
        story->read += (fate & LAB_FATE_READ) != 0;
        story->late += (fate & LAB_FATE_READ) != 0 && (fate & LAB_FATE_WAITED) != 0;
        story->lost += lab_fate_lost(fate) != 0;
    }
}

/* Is a lost token left in a device on this line? */
static bool line_holds_lost(const struct lab_story *story, const struct lab_trial *trial,
                            unsigned line)
{
    for (unsigned i = 1; i <= trial->program->tokens; i++) {
        const struct lab_token_story *token = &story->token[i];

        if (lab_fate_lost(token->fate) && token->device != LAB_NO_DEVICE &&
            trial->lab->sim.line_of[token->device] == line &&
            (token->place == SIM_PLACE_DEVICE || (token->fate & LAB_FATE_LEFT)))
            return true;
    }
    return false;
}

static void tell_stuck(struct lab_story *story, const struct lab_trial *trial)
{
    for (unsigned line = 0; line < trial->lab->sim.lines && !story->stuck; line++) {
        unsigned changes = 0;
        unsigned level = lab_line_active(trial, line, 0) ? 1 : 0;
        uint64_t since = 0;

        for (size_t i = 0; i < trial->count; i++) {
            const struct sim_record *record = &trial->records[i];

            if (record->kind == SIM_EV_LINE && record->object == line) {
                changes++;
                level = record->value;
                since = lab_record_ns(record);
            } else if (record->kind == SIM_EV_LEAVE) {
                since = lab_record_ns(record);
            }
        }
        if (!changes || !lab_line_active(trial, line, level) ||
            !line_holds_lost(story, trial, line))
            continue;
        story->stuck = true;
        story->never_fell = changes == 1;
        story->stuck_line = (uint8_t)line;
        story->stuck_ns = since;
    }
}

void lab_story_tell(struct lab_story *ret_story, const struct lab_trial *trial)
{
    memset(ret_story, 0, sizeof(*ret_story));
    for (unsigned i = 0; i < LAB_TOKENS; i++) {
        ret_story->token[i].device = trial->program->token_device[i];
        ret_story->token[i].fate = trial->outcome->fate[i];
    }
    for (size_t i = 0; i < trial->count; i++)
        tell_record(ret_story, trial, i);
    count_tokens(ret_story, trial);
    tell_stuck(ret_story, trial);
}

static const char *drop_text(unsigned drop)
{
    switch (drop) {
    case SIM_DROP_OVERRUN:
        return "overrun";
    case SIM_DROP_MERGED:
        return "merged into another";
    case SIM_DROP_CLEARED:
        return "cleared unread";
    case SIM_DROP_UNSEEN:
        return "its pulse passed unseen";
    case SIM_DROP_CLOSED:
        return "closed with its file";
    case SIM_DROP_FORGOTTEN:
        return "dropped by the driver";
    default:
        return "dropped";
    }
}

/* Files that calls make have no name in the program. */
static void place_text(const struct lab_trial *trial, const struct lab_token_story *token,
                       char *ret_text, size_t size)
{
    const struct lab_program *program = trial->program;

    if (token->place == SIM_PLACE_DEVICE && token->place_id < program->sim.devices)
        lab_words_set(ret_text, size, "left in %s", lab_device_name(trial, token->place_id));
    else if (token->place == SIM_PLACE_DRIVER && token->place_id < program->drv.drivers)
        lab_words_set(ret_text, size, "left in driver %s",
                      lab_program_name(program, program->driver_name[token->place_id]));
    else if (token->place == SIM_PLACE_FILE && token->place_id < program->drv.fixed_files)
        lab_words_set(ret_text, size, "left in %s",
                      lab_program_name(program, program->file_name[token->place_id]));
    else if (token->place == SIM_PLACE_FILE)
        lab_words_set(ret_text, size, "left in the pipe");
    else
        lab_words_set(ret_text, size, "left");
}

/* Adds a reason unless it is there already. */
static void add_reason(char *text, size_t size, const char *reason)
{
    if (!strstr(text, reason))
        lab_words_add(text, size, "%s%s", text[0] ? ", " : "", reason);
}

void lab_story_reason(const struct lab_story *story, const struct lab_trial *trial,
                      char *ret_text, size_t size)
{
    char place[64];
    char since[32];

    ret_text[0] = '\0';
    for (unsigned i = 1; i <= trial->program->tokens; i++) {
        const struct lab_token_story *token = &story->token[i];

        if (!lab_fate_lost(token->fate))
            continue;
        if (token->drop) {
            add_reason(ret_text, size, drop_text(token->drop));
        } else if (story->stuck && token->device != LAB_NO_DEVICE &&
                   token->place != SIM_PLACE_FILE &&
                   trial->lab->sim.line_of[token->device] == story->stuck_line) {
            lab_style_time(since, sizeof(since), story->stuck_ns);
            lab_words_set(place, sizeof(place), "line stuck since %s", since);
            add_reason(ret_text, size, story->never_fell ? "line never fell" : place);
        } else {
            place_text(trial, token, place, sizeof(place));
            add_reason(ret_text, size, place);
        }
    }
}

const char *lab_story_end(const struct lab_trial *trial)
{
    switch (trial->outcome->end) {
    case SIM_END_SPIN:
        return "spin";
    case SIM_END_STORM:
        return "storm";
    case SIM_END_STARVE:
        return "starve";
    case SIM_END_LIMIT:
        return "step limit";
    default:
        return trial->outcome->hang ? "hang" : "";
    }
}
