/* lab/script_group.c - see script_group.h. */
#include "lab/script_group.h"

#include <stdio.h>
#include <string.h>

unsigned lab_group_lines(const struct lab_script *script, unsigned first)
{
    unsigned n = 1;

    while (first + n < script->ops && script->op[first + n - 1].beside)
        n++;
    return n;
}

bool lab_group_again(const struct lab_script_op *op, struct lab_group_task *task,
                     const struct lab_seen *seen)
{
    task->seen = *seen;
    if (!task->same)
        task->first = *seen;
    if (!lab_seen_equal(&task->first, seen)) {
        task->returned = 1;
        return false;
    }
    task->same++;
    task->returned = task->same >= op->times;
    return !task->returned;
}

static void append(char *text, size_t size, const char *more)
{
    size_t at = strlen(text);

    snprintf(text + at, size - at, "%s", more);
}

static void append_seen(const struct lab_script *script, const int32_t *var,
                        const struct lab_group_task *task, const struct lab_seen *seen,
                        char *ret_text, size_t size)
{
    char text[LAB_SEEN_TEXT];

    lab_seen_text(script, var, &script->op[task->op], seen, text, sizeof(text));
    append(ret_text, size, text);
}

static void append_times(const struct lab_script *script, const int32_t *var,
                         const struct lab_group_task *task, char *ret_text, size_t size)
{
    char times[16];

    snprintf(times, sizeof(times), "%u x ", task->same);
    append(ret_text, size, times);
    append_seen(script, var, task, &task->first, ret_text, size);
    if (lab_seen_equal(&task->first, &task->seen))
        return;
    append(ret_text, size, ", then ");
    append_seen(script, var, task, &task->seen, ret_text, size);
}

static void append_task(const struct lab_script *script, const int32_t *var, unsigned t,
                        const struct lab_group_task *task, bool named, bool busy,
                        char *ret_text, size_t size)
{
    char name[8];

    if (*ret_text)
        append(ret_text, size, ", ");
    snprintf(name, sizeof(name), "%c: ", (char)('a' + t));
    if (named)
        append(ret_text, size, name);
    if (busy)
        append(ret_text, size, "busy");
    else if (!task->returned)
        append(ret_text, size, "asleep");
    else if (!script->op[task->op].times)
        append_seen(script, var, task, &task->seen, ret_text, size);
    else
        append_times(script, var, task, ret_text, size);
}

void lab_group_text(const struct lab_script *script, const int32_t *var, unsigned lines,
                    const struct lab_group *group, char *ret_text, size_t size)
{
    ret_text[0] = '\0';
    for (unsigned t = 0; t < LAB_SCRIPT_TASKS; t++)
        if (group->task[t].issued)
            append_task(script, var, t, &group->task[t], lines > 1, group->task[t].busy,
                        ret_text, size);
    for (unsigned t = 0; t < LAB_SCRIPT_TASKS; t++)
        if (group->task[t].returned && (!group->task[t].issued || group->task[t].busy))
            append_task(script, var, t, &group->task[t], true, false, ret_text, size);
    /* nothing was issued but to wait for time */
    if (!*ret_text)
        append(ret_text, size, "nothing");
}
