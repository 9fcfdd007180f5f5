/* lab/facts.c - reading facts. */
#include "lab/facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool wrong(struct lab_script_error *error, unsigned line, const char *text,
                  const char *word)
{
    error->line = line;
    error->column = 1;
    snprintf(error->text, sizeof(error->text), "%s: '%.60s'", text, word);
    return false;
}

/* What follows @word and a blank at the start of @text, 0: something else stands there. */
static const char *after(const char *text, const char *word)
{
    size_t n = strlen(word);

    if (strncmp(text, word, n) != 0 || (text[n] && text[n] != ' '))
        return 0;
    text += n;
    return text + strspn(text, " ");
}

static bool is_blank(const char *text)
{
    text += strspn(text, " ");
    return !*text || *text == '#';
}

static void copy(char *to, size_t size, const char *from, size_t length)
{
    if (length >= size)
        length = size - 1;
    memcpy(to, from, length);
    to[length] = '\0';
}

/* ID TITLE */
static bool read_heading(struct lab_fact *fact, const struct lab_fact_line *line,
                         const char *text, struct lab_script_error *error)
{
    size_t n = strcspn(text, " ");

    if (!n || n >= sizeof(fact->id) || strlen(text + n) >= sizeof(fact->title) || !text[n])
        return wrong(error, line->number, "a fact has a short name and a title", text);
    copy(fact->id, sizeof(fact->id), text, n);
    copy(fact->title, sizeof(fact->title), text + n + 1, strlen(text + n + 1));
    fact->file = line->file;
    fact->line = line->number;
    return true;
}

/* CASE ; CASE ... */
static bool read_cases(struct lab_fact *fact, const struct lab_fact_line *line,
                       const char *text, struct lab_script_error *error)
{
    while (*text) {
        size_t n = strcspn(text, ";"), kept = n;
        while (kept && text[kept - 1] == ' ')
            kept--;
        if (fact->cases == LAB_FACT_CASES || !kept || kept >= LAB_CASE_BYTES)
            return wrong(error, line->number, "too many or too long cases", text);
        copy(fact->name[fact->cases++], LAB_CASE_BYTES, text, kept);
        text += n + (text[n] == ';');
        text += strspn(text, " ");
    }
    return true;
}

/* SINCE.. | ..UNTIL | SINCE..UNTIL */
static bool read_versions(struct lab_fact *fact, const struct lab_fact_line *line,
                          const char *text, struct lab_script_error *error)
{
    const char *dots = strstr(text, "..");

    if (!dots || (size_t)(dots - text) >= sizeof(fact->since) ||
        strlen(dots + 2) >= sizeof(fact->until))
        return wrong(error, line->number, "versions are written A..B, A.. or ..B", text);
    copy(fact->since, sizeof(fact->since), text, (size_t)(dots - text));
    copy(fact->until, sizeof(fact->until), dots + 2, strlen(dots + 2));
    return true;
}

static bool read_line(struct lab_fact *fact, const struct lab_fact_line *line,
                      struct lab_script_error *error)
{
    const char *rest;

    if (line->text[0] == ' ') {
        if (fact->lines == LAB_FACT_LINES)
            return wrong(error, line->number, "too many lines", line->text);
        fact->text[fact->lines] = line->text;
        fact->number[fact->lines++] = line->number;
        return true;
    }
    if ((rest = after(line->text, "cases")))
        return read_cases(fact, line, rest, error);
    if ((rest = after(line->text, "linux")))
        return read_versions(fact, line, rest, error);
    if ((rest = after(line->text, "needs"))) {
        copy(fact->needs, sizeof(fact->needs), rest, strlen(rest));
        return true;
    }
    if (after(line->text, "odd")) {
        fact->odd = true;
        return true;
    }
    return wrong(error, line->number, "expected fact, cases, linux, needs, odd or a call",
                 line->text);
}

bool lab_fact_next(const struct lab_fact_line **cursor, struct lab_fact *ret_fact,
                   struct lab_script_error *error)
{
    const struct lab_fact_line *line = *cursor;
    const char *rest;

    memset(ret_fact, 0, sizeof(*ret_fact));
    error->text[0] = '\0';
    while (line->file && is_blank(line->text))
        line++;
    if (!line->file)
        return false;
    ret_fact->file = line->file;
    rest = after(line->text, "fact");
    if (!rest)
        return wrong(error, line->number, "expected fact", line->text);
    if (!read_heading(ret_fact, line, rest, error))
        return false;
    for (line++; line->file == ret_fact->file && !after(line->text, "fact"); line++)
        if (!is_blank(line->text) && !read_line(ret_fact, line, error))
            return false;
    if (!ret_fact->cases)
        ret_fact->cases = 1;
    *cursor = line;
    return true;
}

/* ---- scripts ---- */

/* OUTCOME | OUTCOME ... */
static bool read_allowed(struct lab_allowed *allowed, const char *text)
{
    while (*text) {
        const char *bar = strstr(text, " | ");
        size_t n = bar ? (size_t)(bar - text) : strlen(text);
        while (n && text[n - 1] == ' ')
            n--;
        if (allowed->count == LAB_ALLOWED_MAX)
            return false;
        copy(allowed->text[allowed->count++], LAB_SEEN_TEXT, text, n);
        text = bar ? bar + 3 : "";
        text += strspn(text, " ");
    }
    return allowed->count > 0;
}

bool lab_fact_script_line(struct lab_fact_script *to, const char *text, unsigned line,
                          struct lab_script_error *error)
{
    struct lab_script *script = &to->script;
    bool joined = script->ops && script->op[script->ops - 1].beside;
    unsigned before = script->ops;
    const char *rest;

    if (!lab_script_line(script, text, line, &rest, error))
        return false;
    if (!*rest)
        return true;
    if (strncmp(rest, "->", 2) != 0 || before == script->ops)
        return wrong(error, line, "expected -> and what may come of it", rest);
    /* the outcome of a group stands behind its last line */
    for (; joined && before && script->op[before - 1].beside; before--)
        ;
    rest += 2 + strspn(rest + 2, " ");
    if (!read_allowed(&to->allowed[before], rest))
        return wrong(error, line, "no outcome, or too many", rest);
    return true;
}

bool lab_fact_script(const struct lab_fact *fact, unsigned number,
                     struct lab_fact_script *ret_script, struct lab_script_error *error)
{
    memset(ret_script, 0, sizeof(*ret_script));
    for (unsigned i = 0; i < fact->lines; i++) {
        const char *text = fact->text[i], *hole = strstr(text, "{case}");
        char line[300];
        if (hole)
            snprintf(line, sizeof(line), "%.*s%s%s", (int)(hole - text), text,
                     fact->name[number], hole + strlen("{case}"));
        else
            snprintf(line, sizeof(line), "%s", text);
        if (!lab_fact_script_line(ret_script, line, fact->number[i], error))
            return false;
    }
    return true;
}

/* ---- versions ---- */

static long version_of(const char *text)
{
    char *end;
    long major = strtol(text, &end, 10), minor = *end == '.' ? strtol(end + 1, 0, 10) : 0;

    return major * 1000 + minor;
}

bool lab_fact_is_for(const struct lab_fact *fact, const char *release)
{
    long version = version_of(release);

    return (!fact->since[0] || version >= version_of(fact->since)) &&
           (!fact->until[0] || version <= version_of(fact->until));
}
